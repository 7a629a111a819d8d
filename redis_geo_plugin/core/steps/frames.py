"""What is stored of steps stands behind a header, as a cached geometry does (``core/cache/codec.py``).

Header, big-endian: magic ``RS``, format version (1 byte), flags (1 byte: 1 where an HMAC follows), the
SHA-256 that the value belongs to (32), the microseconds that computing it took (4), the length of the body
(4), the CRC-32 of all this and of the body (4): 48 bytes. With a secret of the organisation follow 32 bytes
of HMAC-SHA256 over header and body; then the body.

A value that fails a check is a miss and is never shown.
"""

from __future__ import annotations

import hmac
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from ..cache.codec import NO_RUN, SEAL_SIZE, Value

MAGIC = b"RS"
FORMAT = 1  # raised whenever a body is written in another way
_PLAIN, _SEALED = (MAGIC + bytes((FORMAT, sealed)) for sealed in (0, 1))
_REST = struct.Struct(">III")
_START = 4 + 32
HEADER_SIZE = _START + _REST.size
_CHECKED = HEADER_SIZE - 4
_MAX_COST = 0xFFFFFFFF


class Kept(NamedTuple):
    """A value that passed every check, and the microseconds that computing it took."""

    body: bytes
    cost_us: int

    def as_value(self) -> Value:
        """The same as claims know values."""
        return Value(self.body, self.cost_us, NO_RUN)


class Frames:
    """Writes and checks values. With a ``secret``, a value without the right HMAC is a miss."""

    def __init__(self, secret: bytes = b""):
        self._secret = secret

    def encode(self, digest: bytes, body: bytes, cost_us: float = 0.0) -> bytes:
        """The value to store for the key with this SHA-256 (32 bytes)."""
        start = (_SEALED if self._secret else _PLAIN) + digest
        start += _REST.pack(min(int(cost_us), _MAX_COST), len(body), 0)[:-4]
        header = start + zlib.crc32(body, zlib.crc32(start)).to_bytes(4, "big")
        return header + (self._seal(header, body) if self._secret else b"") + body

    def decode(self, digest: bytes, raw: Optional[bytes]) -> Optional[Kept]:
        """The value, or None where it is missing, foreign, of another key, cut short, damaged or without the
        right HMAC."""
        if raw is None or len(raw) < HEADER_SIZE or not raw.startswith(digest, 4):
            return None
        sealed = raw.startswith(_SEALED)
        if not sealed and (self._secret or not raw.startswith(_PLAIN)):
            return None
        cost, length, checksum = _REST.unpack_from(raw, _START)
        body = raw[HEADER_SIZE + SEAL_SIZE if sealed else HEADER_SIZE :]
        if length != len(body) or zlib.crc32(body, zlib.crc32(raw[:_CHECKED])) != checksum:
            return None
        if self._secret and not hmac.compare_digest(
            raw[HEADER_SIZE : HEADER_SIZE + SEAL_SIZE], self._seal(raw[:HEADER_SIZE], body)
        ):
            return None
        return Kept(body, cost)

    def decode_all(self, digests: Sequence[bytes], raws: Iterable[Optional[bytes]]) -> list[Optional[Kept]]:
        """``decode`` of each."""
        return [self.decode(digest, raw) for digest, raw in zip(digests, raws)]

    def _seal(self, header: bytes, body: bytes) -> bytes:
        return hmac.digest(self._secret, header + body, "sha256")


def is_written(digest: bytes, head: bytes, length: int) -> bool:
    """Whether ``Frames`` wrote this value for this key, whatever its secret, as far as its start tells.

    Args:
        digest: the SHA-256 that stands in the key, 32 bytes.
        head: the first ``HEADER_SIZE`` bytes of the value, or more.
        length: of the whole value, in bytes.
    """
    if len(head) < HEADER_SIZE or not head.startswith((_PLAIN, _SEALED)) or not head.startswith(digest, 4):
        return False
    start = HEADER_SIZE + (SEAL_SIZE if head.startswith(_SEALED) else 0)
    return length == start + int(_REST.unpack_from(head, _START)[1])
