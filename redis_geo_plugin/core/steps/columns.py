"""Features as columns of bytes: lengths of their geometries, their attributes as one JSON, their geometries.

Little-endian: the number of features (4 bytes), the length of the JSON (4), the length of each geometry (4;
0xFFFFFFFF for none), the JSON ``[head, [row, ...]]`` in UTF-8, the WKB of each geometry as QGIS wrote it. The
WKB is not normalised: results are to be equal bit for bit.

JSON keeps integers of any size and every double exactly. Attributes for which it has no word are written by
the caller's ``tag``, an object with one member; see ``bridge/steps/values.py``.
"""

from __future__ import annotations

import array
import json
import re
import sys
from collections.abc import Sequence
from typing import Callable, NamedTuple, Optional

from ..json_types import JsonValue
from .shapes import all_sound

FEATURES = 5000  # in a piece, at most
NO_GEOMETRY = 0xFFFFFFFF
TAG = "\0t"  # the one member of an object that stands for what JSON has no word for
_LONG = re.compile(rb"[0-9]{19}")
_UTF8 = ("utf-8", "surrogatepass")  # a QString may hold half a surrogate pair

Tag = Callable[[object], object]


class Damaged(ValueError):
    """Bytes that are no columns."""


class Columns(NamedTuple):
    """n geometries (None for none), n rows of attributes, what the writer said of them all, and whether a row
    may hold an object (a ``TAG``, or what nobody has written) or an integer of more than 64 bits."""

    wkbs: list[Optional[bytes]]
    rows: list[list[JsonValue]]
    head: JsonValue
    tagged: bool


def pack(
    wkbs: Sequence[Optional[bytes]],
    rows: Sequence[Sequence[object]],
    head: object = None,
    tag: Optional[Tag] = None,
) -> bytes:
    """The bytes of n features. Raises TypeError or ValueError for an attribute that cannot be written."""
    lengths = array.array("I", [NO_GEOMETRY if wkb is None else len(wkb) for wkb in wkbs])
    if sys.byteorder == "big":
        lengths.byteswap()
    text = json.dumps([head, rows], separators=(",", ":"), default=tag, ensure_ascii=False).encode(*_UTF8)
    return b"".join(
        (
            len(wkbs).to_bytes(4, "little"),
            len(text).to_bytes(4, "little"),
            lengths.tobytes(),
            text,
            *(wkb for wkb in wkbs if wkb),
        )
    )


def unpack(body: bytes, most: Optional[int] = None) -> Columns:
    """The features of these bytes, at most so many, their geometries walked. Raises Damaged for anything
    else."""
    if len(body) < 8:
        raise Damaged("cut short")
    count, size = int.from_bytes(body[:4], "little"), int.from_bytes(body[4:8], "little")
    at = 8 + 4 * count
    if at + size > len(body) or (most is not None and count > most):
        raise Damaged("more features than there are bytes, or than there may be")
    lengths = array.array("I", body[8:at])
    if sys.byteorder == "big":
        lengths.byteswap()
    text = body[at : at + size]
    head, rows = _read_rows(text, count)
    wkbs: list[Optional[bytes]] = []
    at += size
    for length in lengths:
        if length == NO_GEOMETRY:
            wkbs.append(None)
            continue
        wkbs.append(body[at : at + length])
        at += length
        if at > len(body):
            raise Damaged("geometries are cut short")
    if at != len(body):
        raise Damaged("bytes behind the end")
    if not all_sound(wkbs):
        raise Damaged("a geometry that is none")
    return Columns(wkbs, rows, head, b"{" in text or _LONG.search(text) is not None)


def _read_rows(text: bytes, count: int) -> tuple[JsonValue, list[list[JsonValue]]]:
    try:
        found = json.loads(text.decode(*_UTF8))
    except (ValueError, RecursionError) as error:
        raise Damaged(str(error)) from error
    if not isinstance(found, list) or len(found) != 2 or not isinstance(found[1], list):
        raise Damaged("no rows")
    head, rows = found
    if len(rows) != count or not all(isinstance(row, list) for row in rows):
        raise Damaged("another number of rows than of geometries")
    return head, rows
