"""Walking the geometries of pieces before QGIS parses them: every kind that QGIS writes, curves too.

``core/geometry/walk.py`` walks what GEOS writes. This walk also takes curves, triangles and surfaces, and is
quick. It sees to byte order, kinds, counts that fit the bytes that are left, closed rings, depth, nothing
behind the end, and to x and y that are numbers (an empty point has none, an unset Z may be none): over others
QGIS and GEOS end or never do, and QGIS ends where it writes an empty part, or goes through deep ones.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Optional

import numpy as np

from ..geometry.arrays import Array

_POINT, _LINE, _POLYGON, _CIRCULAR, _TRIANGLE = 1, 2, 3, 8, 17
_VERTICES = frozenset((_LINE, _CIRCULAR))
_RINGS = frozenset((_POLYGON, _TRIANGLE))
# What each kind that is made of geometries may hold: multi-points, -lines and -polygons, collections,
# compound curves, curve polygons, multi-curves and -surfaces, polyhedral surfaces, triangulated networks.
_PARTS = {
    4: frozenset((1,)),
    5: frozenset((2, 8, 9)),
    6: frozenset((3, 10)),
    7: frozenset((*range(1, 13), 15, 16, 17)),
    9: frozenset((2, 8)),
    10: frozenset((2, 8, 9)),
    11: frozenset((2, 8, 9)),
    12: frozenset((3, 10)),
    15: frozenset((3, 17)),
    16: frozenset((17, 3)),
}
LEVELS = 5  # from a geometry down to the line of a ring: a collection of surfaces of compound curves
_LEAST = 9  # bytes of the smallest part
_FARTHEST = 1e150  # of a coordinate; its square is a number, too
_PAIRS = {"little": "<dd", "big": ">dd"}
_DOUBLES = {"little": "<f8", "big": ">f8"}

Spans = tuple[list[bytes], list[Array]]  # x and y of vertices, little-endian or as they are: numbers all


def all_sound(wkbs: Sequence[Optional[bytes]]) -> bool:
    """Whether every geometry can be given to QGIS; None is no geometry."""
    plain: list[bytes] = []
    arrays: list[Array] = []
    for wkb in wkbs:
        if wkb is not None and _end(wkb, 0, _PARTS[7], 0, (plain, arrays)) != len(wkb):
            return False
    return all(map(_are_numbers, [np.frombuffer(b"".join(plain), "<f8"), *arrays]))


def _are_numbers(found: Array) -> bool:
    """Whether all are numbers, none of them huge."""
    return not len(found) or bool(found.min() > -_FARTHEST and found.max() < _FARTHEST)  # not for NaN


def is_sound(raw: bytes) -> bool:
    """Whether these bytes are one geometry from end to end."""
    return all_sound([raw])


def _end(raw: bytes, at: int, kinds: frozenset[int], depth: int, spans: Spans) -> int:
    """Where the geometry ends that begins at ``at``; -1 for none of these kinds, or one that cannot be."""
    if at + 5 > len(raw) or raw[at] > 1:
        return -1
    order = "little" if raw[at] else "big"
    kind, dimensions = _kind(int.from_bytes(raw[at + 1 : at + 5], order))  # type: ignore[arg-type]
    if kind not in kinds or depth + (kind in _RINGS) >= LEVELS:
        return -1
    if kind == _POINT:
        return _point_end(raw, at + 5, dimensions, order)
    if at + 9 > len(raw):
        return -1
    count = int.from_bytes(raw[at + 5 : at + 9], order)  # type: ignore[arg-type]
    at += 9
    if kind in _VERTICES:
        return _vertices_end(raw, at, count, dimensions, order, spans)
    if kind in _RINGS:
        return -1 if kind == _TRIANGLE and count > 1 else _rings_end(raw, at, count, dimensions, order, spans)
    if count * _LEAST > len(raw) - at:
        return -1
    for _ in range(count):
        start, at = at, _end(raw, at, _PARTS[kind], depth + 1, spans)
        if at - start <= _LEAST:  # none, or an empty one
            return -1
    return at


def _point_end(raw: bytes, at: int, dimensions: int, order: str) -> int:
    end = at + 8 * dimensions
    if end > len(raw):
        return -1
    x, y = struct.unpack_from(_PAIRS[order], raw, at)
    return end if (abs(x) < _FARTHEST and abs(y) < _FARTHEST) or (x != x and y != y) else -1


def _vertices_end(raw: bytes, at: int, count: int, dimensions: int, order: str, spans: Spans) -> int:
    end = at + 8 * dimensions * count
    if end > len(raw):
        return -1
    if dimensions == 2 and order == "little":
        spans[0].append(raw[at:end])
    elif count:
        numbers = np.frombuffer(raw, _DOUBLES[order], count * dimensions, at)
        spans[1].append(numbers.reshape(count, dimensions)[:, :2].ravel())
    return end


def _rings_end(raw: bytes, at: int, count: int, dimensions: int, order: str, spans: Spans) -> int:
    size = 8 * dimensions
    if count * 4 > len(raw) - at:
        return -1
    for _ in range(count):
        if at + 4 > len(raw):
            return -1
        start, number = at + 4, int.from_bytes(raw[at : at + 4], order)  # type: ignore[arg-type]
        at = _vertices_end(raw, start, number, dimensions, order, spans)
        if at < 0:
            return -1
        # QGIS ends where it writes a ring that is open as GeoJSON
        if at > start and raw[start : start + 16] != raw[at - size : at - size + 16]:
            return -1
    return at


@lru_cache(1000)
def _kind(code: int) -> tuple[int, int]:
    """Kind and coordinates per vertex, by the thousands of ISO WKB or the flags of QGIS's 2.5D kinds."""
    solid = bool(code & 0x80000000)
    thousands, kind = divmod(code & 0x7FFFFFFF, 1000)
    if thousands > 3:
        return 0, 0
    return kind, 2 + (solid or thousands in (1, 3)) + (thousands in (2, 3))
