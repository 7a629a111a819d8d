"""Cached values: WKB behind a short header. A value that fails a check counts as a miss and is never shown.

Header, big-endian: magic ``RG``, format version (1 byte), flags (1 byte, 0), the SHA-256 that the value
belongs to (32), the run that wrote it (8), the time it took to compute in microseconds (4), the length of the
WKB (4) and the CRC-32 of all that stands before it and of the WKB (4): 56 bytes. In format 2 follow the 32
bytes of an HMAC-SHA256 (RFC 2104) over these 56 and the WKB, made with a secret that an organisation shares;
then the WKB.

The checksum finds damage. It is no proof of who wrote a value: whoever may write to the server can make one
that checks out. The HMAC is that proof, for those who have the secret; without it format 2 is read like
format 1.

The WKB is walked (``core/geometry/walk.py``) before anyone parses it: it is sound and of a kind that fits, or
a miss.
"""

from __future__ import annotations

import hmac
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple, Optional, Union

from ..geometry.walk import ALL, Kinds, are_sound

MAGIC = b"RG"
FORMAT, SEALED_FORMAT = 1, 2
_START = struct.Struct(">2sBB32s")
_REST = struct.Struct(">8sIII")
_CRC = struct.Struct(">I")
HEADER_SIZE = _START.size + _REST.size
SEAL_SIZE = 32
SEALED_HEADER_SIZE = HEADER_SIZE + SEAL_SIZE
_CHECKED = HEADER_SIZE - _CRC.size  # the part of the header that the checksum covers
_PREFIX, _SEALED_PREFIX = (MAGIC + bytes((version, 0)) for version in (FORMAT, SEALED_FORMAT))
NO_RUN = bytes(8)
HEAD = SEALED_HEADER_SIZE + 1  # bytes from which ``is_written`` tells; one of the WKB's among them
_MAX_COST = 0xFFFFFFFF


class Value(NamedTuple):
    """A cached value that passed every check."""

    wkb: bytes
    cost_us: int
    run: bytes


class Codec:
    """Writes and checks values. With a ``secret`` it writes format 2, and a value without the right HMAC is a
    miss."""

    def __init__(self, secret: bytes = b""):
        self._secret = secret

    def encode(self, digest: bytes, wkb: bytes, cost_us: float = 0.0, run: bytes = NO_RUN) -> bytes:
        """The value to store for the key with this SHA-256 (32 bytes)."""
        prefix = _SEALED_PREFIX if self._secret else _PREFIX
        header = prefix + digest + _REST.pack(run, min(int(cost_us), _MAX_COST), len(wkb), 0)[: -_CRC.size]
        header += _CRC.pack(zlib.crc32(wkb, zlib.crc32(header)))
        return header + (self._seal(header, wkb) if self._secret else b"") + wkb

    def decode(self, digest: bytes, raw: Optional[bytes], kinds: Kinds = ALL) -> Optional[Value]:
        """The value, or None where it is missing, foreign, of another key, cut short, damaged, without the
        right HMAC or no sound geometry of these kinds."""
        return self.decode_all((digest,), (raw,), kinds)[0]

    def decode_all(
        self,
        digests: Sequence[bytes],
        raws: Sequence[Optional[bytes]],
        kinds: Union[Kinds, Sequence[Kinds]] = ALL,
    ) -> list[Optional[Value]]:
        """``decode`` of n values at once, which is faster. ``kinds`` for all, or n of them."""
        values = [None if raw is None else self._open(digest, raw) for digest, raw in zip(digests, raws)]
        sound = are_sound([None if value is None else value.wkb for value in values], kinds)
        return [value if right else None for value, right in zip(values, sound)]

    def _open(self, digest: bytes, raw: bytes) -> Optional[Value]:
        """Check the header and return the value behind it."""
        if raw.startswith(_PREFIX) and not self._secret:
            start = HEADER_SIZE
        elif raw.startswith(_SEALED_PREFIX):
            start = SEALED_HEADER_SIZE
        else:
            return None
        if len(raw) < start or not raw.startswith(digest, 4):
            return None
        run, cost, length, checksum = _REST.unpack_from(raw, _START.size)
        wkb = raw[start:]
        if length != len(wkb) or zlib.crc32(wkb, zlib.crc32(raw[:_CHECKED])) != checksum:
            return None
        if self._secret and not hmac.compare_digest(
            raw[HEADER_SIZE:start], self._seal(raw[:HEADER_SIZE], wkb)
        ):
            return None
        return Value(wkb, cost, run)

    def _seal(self, header: bytes, wkb: bytes) -> bytes:
        return hmac.digest(self._secret, header + wkb, "sha256")


def is_written(digest: bytes, head: bytes, length: int) -> bool:
    """Whether a ``Codec`` wrote this value for this key, whatever its secret, as far as its start tells.

    Args:
        digest: the SHA-256 that stands in the key, 32 bytes.
        head: the first ``HEAD`` bytes of the value.
        length: of the whole value, in bytes.
    """
    start = HEADER_SIZE if head.startswith(_PREFIX) else SEALED_HEADER_SIZE
    if not head.startswith((_PREFIX, _SEALED_PREFIX)) or not head.startswith(digest, 4) or len(head) <= start:
        return False
    wkb_length = _REST.unpack_from(head, _START.size)[2]
    return length == start + wkb_length and head[start] in (0, 1)  # the byte order that WKB begins with


PLAIN = Codec()
encode = PLAIN.encode
decode = PLAIN.decode
