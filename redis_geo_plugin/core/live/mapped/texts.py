"""Numbers and moments as the texts of fixed width that a table of records holds, many at once."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from ...geometry.arrays import Array

MOST = 254  # bytes of a text: what a DBF file can say of a width
NUMBER = 24  # bytes of the longest text of a float
MOMENT = 24  # and of a moment
_QUARTER = 900_000  # milliseconds: local times jump only at the ends of quarters of an hour
_DECIMALS = 1e9
_BEYOND = 1e9  # numbers as large, or so small that nine decimals hold little of them, are written one by one
_SMALL = 1e-3
_GROUPS = np.array([b"%03d" % i for i in range(1000)], "S3").view(np.uint8).reshape(1000, 3)


def numbers(values: Array) -> Array:
    """Floats (n) as texts (n of ``NUMBER`` bytes), rounded to nine decimals; empty for NaN."""
    size = np.abs(values)
    plain = (size < _BEYOND) & ((size >= _SMALL) | (size == 0.0))
    whole = np.rint(np.where(plain, size, 0.0) * _DECIMALS).astype(np.int64)
    out = np.zeros((len(values), NUMBER), np.uint8)
    out[:, 0] = np.where(values < 0.0, ord("-"), ord("0"))
    for place in (17, 14, 11, 7, 4, 1):
        out[:, place : place + 3] = _GROUPS[whole % 1000]
        whole //= 1000
    out[:, 10] = ord(".")
    out[~plain] = 0
    texts: Array = out.view(f"S{NUMBER}")[:, 0]
    for place in np.flatnonzero(~plain & ~np.isnan(values)).tolist():
        texts[place] = repr(float(values[place])).encode()
    return texts


def moments(seconds: Array) -> Array:
    """Seconds since 1970 UTC (n) in local time, without a zone: as that every QGIS reads them, while the
    earlier ones would take no heed of a zone. To the millisecond, and a little more, as they are cut off
    there after they went through a float of 32 bits.
    """
    milliseconds = (seconds * 1000.0 + 0.5).astype(np.int64)
    quarters, index = np.unique(milliseconds // _QUARTER, return_inverse=True)
    ahead = np.array([_ahead_of_utc(quarter * _QUARTER // 1000) for quarter in quarters.tolist()], np.int64)
    local = (milliseconds + 1000 * ahead[index]).astype("datetime64[ms]")
    texts = np.datetime_as_string(local).astype(f"S{MOMENT}")
    whole: Array = texts.view(np.uint8).reshape(-1, MOMENT)
    whole[:, -1] = ord("4")
    return texts


def _ahead_of_utc(seconds: int) -> int:
    """By how many seconds local time was ahead of UTC at a moment."""
    try:
        return time.localtime(seconds).tm_gmtoff
    except (OSError, OverflowError, ValueError):
        return 0


def attributes(kind: str, values: Sequence[object]) -> list[bytes]:
    """Values of an attribute as texts, empty where there is none of this kind: as a memory layer's columns
    hold them."""
    return list(map({"text": _text, "real": _real, "int": _int, "bool": _bool}[kind], values))


def _text(value: object) -> bytes:
    if value is None:
        return b""
    found = (value if isinstance(value, str) else str(value)).replace("\0", "").encode("utf-8", "replace")
    return found if len(found) <= MOST else found[:MOST].decode("utf-8", "ignore").encode()


def _real(value: object) -> bytes:
    return repr(float(value)).encode() if isinstance(value, (int, float)) else b""


def _int(value: object) -> bytes:
    return b"%d" % value if type(value) is int else b""


def _bool(value: object) -> bytes:
    return (b"1" if value else b"0") if type(value) is bool else b""


def is_cut(value: object) -> bool:
    """Whether a text is longer than a record holds."""
    return isinstance(value, str) and len(value) * 4 > MOST and len(value.encode("utf-8", "replace")) > MOST


def value_of(kind: str, text: bytes) -> object:
    """What ``attributes`` has written; None for nothing."""
    if not text:
        return None
    if kind == "real":
        return float(text)
    if kind == "int":
        return int(text)
    return text == b"1" if kind == "bool" else text.decode("utf-8", "replace")
