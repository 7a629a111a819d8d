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
_START = struct.Struct(">2sBB32s")
_REST = struct.Struct(">8sIII")
_CRC = struct.Struct(">I")
HEADER_SIZE = _START.size + _REST.size
_CHECKED = HEADER_SIZE - _CRC.size  # the part of the header that the checksum covers
_PREFIX = MAGIC + bytes((FORMAT, 0))
NO_RUN = bytes(8)
_MAX_COST = 0xFFFFFFFF


class Value(NamedTuple):
    """A cached value that checked out."""

    wkb: bytes
    cost_us: int
    run: bytes


def encode(digest: bytes, wkb: bytes, cost_us: float = 0.0, run: bytes = NO_RUN) -> bytes:
    """The value to store for the key with this SHA-256 (32 bytes)."""
    header = _PREFIX + digest + _REST.pack(run, min(int(cost_us), _MAX_COST), len(wkb), 0)[: -_CRC.size]
    return header + _CRC.pack(zlib.crc32(wkb, zlib.crc32(header))) + wkb


def decode(digest: bytes, raw: Optional[bytes]) -> Optional[Value]:
    """The value, or None where it is missing, foreign, of another key, cut short or damaged."""
    if raw is None or len(raw) < HEADER_SIZE or not (raw.startswith(_PREFIX) and raw.startswith(digest, 4)):
        return None
    run, cost, length, checksum = _REST.unpack_from(raw, _START.size)
    wkb = raw[HEADER_SIZE:]
    if length != len(wkb) or zlib.crc32(wkb, zlib.crc32(raw[:_CHECKED])) != checksum:
        return None
    return Value(wkb, cost, run)
