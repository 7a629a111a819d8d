"""Walking the geometries of pieces before QGIS parses them: every kind that QGIS writes, curves too.

``core/geometry/walk.py`` walks what GEOS writes. This walk also takes curves, triangles and surfaces, empty
parts, and coordinates that are not finite numbers (an empty point, an unset Z), and is quick. It sees to byte
order, kinds, counts that fit the bytes that are left, closed rings, depth, and nothing behind the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Optional

from ..geometry.walk import DEEPEST

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
_LEAST = 9  # bytes of the smallest part


def all_sound(wkbs: Sequence[Optional[bytes]]) -> bool:
    """Whether every geometry can be given to QGIS; None is no geometry."""
    return all(wkb is None or is_sound(wkb) for wkb in wkbs)


def is_sound(raw: bytes) -> bool:
    """Whether these bytes are one geometry from end to end."""
    return _end(raw, 0, _PARTS[7], 0) == len(raw)


def _end(raw: bytes, at: int, kinds: frozenset[int], depth: int) -> int:
    """Where the geometry ends that begins at ``at``; -1 for none of these kinds, or one that cannot be."""
    if at + 5 > len(raw) or raw[at] > 1 or depth > DEEPEST:
        return -1
    order = "little" if raw[at] else "big"
    kind, dimensions = _kind(int.from_bytes(raw[at + 1 : at + 5], order))  # type: ignore[arg-type]
    if kind not in kinds:
        return -1
    if kind == _POINT:
        end = at + 5 + 8 * dimensions
        return end if end <= len(raw) else -1
    if at + 9 > len(raw):
        return -1
    count = int.from_bytes(raw[at + 5 : at + 9], order)  # type: ignore[arg-type]
    at += 9
    if kind in _VERTICES:
        end = at + 8 * dimensions * count
        return end if end <= len(raw) else -1
    if kind in _RINGS:
        return _rings_end(raw, at, count, 8 * dimensions, order)
    if count * _LEAST > len(raw) - at:
        return -1
    for _ in range(count):
        at = _end(raw, at, _PARTS[kind], depth + 1)
        if at < 0:
            return -1
    return at


def _rings_end(raw: bytes, at: int, count: int, size: int, order: str) -> int:
    if count * 4 > len(raw) - at:
        return -1
    for _ in range(count):
        if at + 4 > len(raw):
            return -1
        start = at + 4
        at = start + size * int.from_bytes(raw[at : at + 4], order)  # type: ignore[arg-type]
        if at > len(raw):
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
