"""Cached values: WKB behind a short header. What does not check out is a miss, never a shape.

Header, big-endian: magic ``RG``, format version (1 byte), flags (1 byte, 0), the SHA-256 that the value belongs
to (32), the run that wrote it (8), the time it took to compute in microseconds (4), the length of the WKB (4) and the
CRC-32 of all that stands before it and of the WKB (4): 56 bytes.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple, Optional

MAGIC = b"RG"
FORMAT = 1
_HEADER = struct.Struct(">2sBB32s8sII")
_CRC = struct.Struct(">I")
HEADER_SIZE = _HEADER.size + _CRC.size
NO_RUN = bytes(8)
_MAX_COST = 0xFFFFFFFF


class Value(NamedTuple):
    """A cached value that checked out."""

    wkb: bytes
    cost_us: int
    run: bytes


def encode(digest: bytes, wkb: bytes, cost_us: float = 0.0, run: bytes = NO_RUN) -> bytes:
    """The value to store for the key with this SHA-256 (32 bytes)."""
    cost = min(int(cost_us), _MAX_COST)
    header = _HEADER.pack(MAGIC, FORMAT, 0, digest, run, cost, len(wkb))
    return header + _CRC.pack(_checksum(header, wkb)) + wkb


def decode(digest: bytes, raw: Optional[bytes]) -> Optional[Value]:
    """The value, or None where it is missing, foreign, of another key, cut short or damaged."""
    if raw is None or len(raw) < HEADER_SIZE:
        return None
    magic, version, _flags, belongs_to, run, cost, length = _HEADER.unpack_from(raw)
    if magic != MAGIC or version != FORMAT or belongs_to != digest or length != len(raw) - HEADER_SIZE:
        return None
    wkb = raw[HEADER_SIZE:]
    (expected,) = _CRC.unpack_from(raw, _HEADER.size)
    return Value(wkb, cost, run) if _checksum(raw[: _HEADER.size], wkb) == expected else None


def _checksum(header: bytes, wkb: bytes) -> int:
    return zlib.crc32(wkb, zlib.crc32(header))
