"""Well-known binary (WKB) made of nested lists of coordinates, as GeoJSON, Esri JSON, TopoJSON and WKT hold
them.

The result is little-endian ISO WKB (OGC 06-103r4, clause 8.2) with Z and M as they are. Whatever the lists
hold, nothing but ``Unsound`` is raised.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from ..json_types import Value
from .walk import (
    BAD_RING,
    COLLECTION,
    CUT_SHORT,
    EMPTY_PART,
    LINE,
    MULTILINE,
    MULTIPOINT,
    MULTIPOLYGON,
    NOT_FINITE,
    POINT,
    POLYGON,
    Unsound,
)

NAN = float("nan")
NO_NUMBER = "a coordinate that is no number"
SINGLE = {MULTIPOINT: POINT, MULTILINE: LINE, MULTIPOLYGON: POLYGON}
MULTI = {single: multi for multi, single in SINGLE.items()}
_NUMBERS = frozenset((int, float))
_LISTS = frozenset((list, tuple))
_MOST = 4  # numbers of a position: x, y, z, m


class Dimensions(NamedTuple):
    """Which coordinates a vertex has beside x and y."""

    z: bool = False
    m: bool = False

    @property
    def numbers(self) -> int:
        """How many numbers a vertex has."""
        return 2 + self.z + self.m

    def head(self, kind: int) -> bytes:
        """The five bytes that a geometry of this kind begins with."""
        return struct.pack("<BI", 1, kind + 1000 * self.z + 2000 * self.m)


FLAT = Dimensions()


class Mended:
    """Counts the rings that were closed because their last vertex was not the first."""

    def __init__(self) -> None:
        self.rings = 0


def geometry(kind: int, coordinates: Value, dimensions: Dimensions, mended: Mended) -> bytes:
    """WKB of a point, line, polygon or one of several such parts.

    Args:
        kind: 1 to 6, as WKB numbers them.
        coordinates: lists within lists as GeoJSON has them (RFC 7946, 3.1); positions of more numbers than
            ``dimensions`` lose the rest, of fewer they get NaN. None or [] is an empty geometry.
        dimensions: what a vertex has.
        mended: counts rings that had to be closed.

    Raises:
        Unsound: the lists are no such geometry; the message says why.
    """
    if coordinates is None:
        coordinates = []
    if type(coordinates) not in (list, tuple):
        raise Unsound(CUT_SHORT)
    if kind == POINT:
        return dimensions.head(POINT) + _point(coordinates, dimensions)
    if kind == LINE:
        return dimensions.head(LINE) + _line(coordinates, dimensions)
    if kind == POLYGON:
        return dimensions.head(POLYGON) + _rings(coordinates, dimensions, mended)
    single = SINGLE[kind]
    parts = [geometry(single, part, dimensions, mended) for part in coordinates]
    if kind == MULTIPOLYGON and any(part[5:9] == bytes(4) for part in parts):
        raise Unsound(EMPTY_PART)
    return several(kind, parts, dimensions)


def several(kind: int, parts: Sequence[bytes], dimensions: Dimensions = FLAT) -> bytes:
    """WKB of a multi-part geometry or a collection of these parts, each WKB of the same dimensions."""
    return dimensions.head(kind) + struct.pack("<I", len(parts)) + b"".join(parts)


def empty(kind: int, dimensions: Dimensions = FLAT) -> bytes:
    """WKB of an empty geometry of this kind, 1 to 7."""
    if kind == COLLECTION:
        return several(COLLECTION, [], dimensions)
    return geometry(kind, [], dimensions, Mended())


def numbers_of(coordinates: Value) -> int:
    """How many numbers the longest position in such lists has, 0 where there is none; 4 at most."""
    level = coordinates
    for _ in range(4):
        lists = [one for one in level if one and type(one) in _LISTS] if type(level) in _LISTS else []
        if not lists:
            return min(len(level), _MOST) if type(level) in _LISTS and not _is_of_lists(level) else 0
        if type(lists[0][0]) not in _LISTS:
            return min(max(map(len, lists)), _MOST)
        level = list(chain.from_iterable(lists))
    return 0


def _is_of_lists(level: Sequence[Value]) -> bool:
    return bool(level) and type(level[0]) in _LISTS


def _point(position: Sequence[Value], dimensions: Dimensions) -> bytes:
    count = dimensions.numbers
    if not position:
        return struct.pack(f"<{count}d", *[NAN] * count)
    packed = _packed([position], dimensions)
    if not all(map(math.isfinite, position[:2])):  # two of them would be an empty point
        raise Unsound(NOT_FINITE)
    return packed


def _line(positions: Sequence[Value], dimensions: Dimensions) -> bytes:
    if len(positions) == 1:
        raise Unsound(CUT_SHORT)
    return struct.pack("<I", len(positions)) + _packed(positions, dimensions)


def _rings(rings: Sequence[Value], dimensions: Dimensions, mended: Mended) -> bytes:
    done = [struct.pack("<I", len(rings))]
    for positions in rings:
        if type(positions) not in (list, tuple) or len(positions) < 3:
            raise Unsound(BAD_RING)
        packed, count = _packed(positions, dimensions), len(positions)
        if packed[:16] != packed[-8 * dimensions.numbers :][:16]:
            packed += packed[: 8 * dimensions.numbers]
            count += 1
            mended.rings += 1
        if count < 4:
            raise Unsound(BAD_RING)
        done += (struct.pack("<I", count), packed)
    return b"".join(done)


def _packed(positions: Sequence[Value], dimensions: Dimensions) -> bytes:
    """The numbers of positions as little-endian doubles."""
    count = dimensions.numbers
    try:
        if set(map(len, positions)) - {count}:
            positions = [_fitted(position, count) for position in positions]
        flat = list(chain.from_iterable(positions))
        if not set(map(type, flat)) <= _NUMBERS:
            raise Unsound(NO_NUMBER)
        return struct.pack(f"<{len(flat)}d", *flat)
    except (OverflowError, struct.error) as error:  # they are numbers, but one has too many digits
        raise Unsound(NOT_FINITE) from error
    except TypeError as error:
        raise Unsound(NO_NUMBER) from error


def _fitted(position: Sequence[Value], count: int) -> list[Value]:
    if len(position) < 2:
        raise Unsound(CUT_SHORT)
    return [*position[:count], *[NAN] * (count - len(position))]
