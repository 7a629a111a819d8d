"""Buffers of long rings, stretch by stretch.

Around a detailed coastline GEOS draws an arc at every vertex, and nearly all of them are hidden by their
neighbours'; finding that out takes it time that grows faster than the number of vertices. So the ring is cut
into stretches; each gives the band between itself and its offset curve, in which most of what is hidden goes,
and the union of the bands, without what lies within the polygon, is the buffer.

For the result to be the one that the whole ring gives, the curve over each stretch must be the same as over
the ring. GEOS (3.9 to 3.14, ``BufferInputLineSimplifier``) first leaves out vertices of shallow concavities,
in passes along the ring that depend on where they begin. Here the same is done to find vertices at which
every pass begins anew: there it is cut.
"""

from __future__ import annotations

from typing import Optional

import numpy as np
import shapely
from shapely.errors import ShapelyError

from ..geometry.arrays import Array

LEAST = 1000  # vertices of a ring that is worth cutting
DENSE = 8.0  # vertices within the distance, on average, from which it is worth it
LEAST_SEGMENTS = (
    4  # of a quarter circle: of coarser arcs GEOS makes holes in the whole that the bands do not have
)
STRETCH = 100  # vertices
_TOLERANCE = 0.01  # of the distance: how deep a concavity GEOS leaves out
_SAMPLES = 10  # about how many of the vertices left out it looks at again
_NEAREST = 0.9  # of the distance: the middles of arcs' chords are farther away
_POLYGONS = (3, 6)
_MIRROR = (-1.0, 1.0)

Places = Array  # of vertices


def long_ones(geometries: Array, distances: Array, segments: int) -> Array:
    """Which geometries are, or have among their parts, a polygon whose ring is worth cutting."""
    long = (shapely.get_num_coordinates(geometries) >= LEAST) & (distances > 0) & (segments >= LEAST_SEGMENTS)
    for i in np.flatnonzero(long):
        polygons = shapely.get_type_id(geometries[i]) in _POLYGONS
        long[i] = polygons and any(_fits(part, distances[i]) for part in shapely.get_parts(geometries[i]))
    return np.asarray(long)


def _fits(polygon: shapely.Geometry, distance: float) -> bool:
    """Whether a polygon has so many vertices within a (positive) distance of each other that cutting its ring
    is worth it, and the buffer of its ring is its own."""
    ring = shapely.get_exterior_ring(polygon)
    vertices = shapely.get_num_coordinates(ring)
    worth = vertices >= LEAST and vertices * distance >= DENSE * shapely.length(ring)
    return bool(worth and _holes_vanish(polygon, distance) and shapely.is_valid(polygon))


def _holes_vanish(polygon: shapely.Geometry, distance: float) -> bool:
    """Whether each of the holes is so narrow that GEOS fills it without a look at its shape."""
    holes = _holes(polygon)
    west, south, east, north = shapely.bounds(holes).reshape(-1, 4).T
    return bool((np.minimum(east - west, north - south) < 2 * distance).all())


def _holes(polygon: shapely.Geometry) -> Array:
    return np.array(shapely.get_rings(polygon)[1:], dtype=object)


def buffer(polygon: shapely.Geometry, distance: float, segments: int) -> Optional[shapely.Geometry]:
    """The buffer of a polygon, with round joins of ``segments`` to a quarter circle; None where it is not
    worth cutting its ring, or cannot be done."""
    if not _fits(polygon, distance):
        return None
    ring = shapely.get_coordinates(shapely.get_exterior_ring(polygon))
    ring = ring[np.append(True, (ring[1:] != ring[:-1]).any(axis=1))]
    # A line has one side that GEOS treats as it does a ring's, its left: the outside of a ring that runs
    # clockwise.
    mirrored = _doubled_area(ring) > 0
    if mirrored:
        ring = ring * _MIRROR
    try:
        whole = _buffer(ring, distance, segments)
    except ShapelyError:  # the whole ring may do
        return None
    return shapely.transform(whole, lambda xy: xy * _MIRROR) if mirrored and whole is not None else whole


def _buffer(ring: Array, distance: float, segments: int) -> Optional[shapely.Geometry]:
    stretches = _stretches(ring, distance)
    if not stretches:
        return None
    lines = np.array([shapely.linestrings(ring[stretch]) for stretch in stretches])
    bands = shapely.buffer(lines, distance, quad_segs=segments, cap_style="flat", single_sided=True)
    whole = _filled(shapely.union_all(bands), shapely.polygons(ring), distance)
    return whole if _is_far(whole, ring, distance) else None


def _is_far(whole: shapely.Geometry, ring: Array, distance: float) -> bool:
    """Whether every corner is about the distance away from the ring. It is not where GEOS has lost a part of
    a band: 3.13 does, at times. A few vertices of the ring tell, since what is missing reaches deep."""
    if shapely.is_empty(whole) or len(shapely.get_parts(whole)) > 1:
        return False
    run = np.hypot(*np.diff(ring, axis=0).T).cumsum() // (distance / 4)
    few = shapely.points(ring[1:][np.append(True, run[1:] != run[:-1])])
    corners = shapely.points(shapely.get_coordinates(whole))
    return len(shapely.STRtree(few).query(corners, predicate="dwithin", distance=distance * _NEAREST)[0]) == 0


def _filled(bands: shapely.Geometry, polygon: shapely.Geometry, distance: float) -> shapely.Geometry:
    """The bands with all that they enclose, but for the buffer's own holes: these are about the distance away
    from the polygon."""
    filled = []
    for band in shapely.get_parts(bands):
        holes = _holes(band)
        own = [hole for hole, away in zip(holes, shapely.distance(holes, polygon)) if away > distance / 2]
        filled.append(shapely.Polygon(shapely.get_exterior_ring(band), own))
    return filled[0] if len(filled) == 1 else shapely.union_all(np.array(filled, dtype=object))


def _stretches(ring: Array, distance: float) -> list[Array]:
    """The vertices of each stretch of a clockwise ring; none where it cannot be cut.

    Each begins with the edge that the last one ended with, so that every corner stands within one of them."""
    tolerance = distance * _TOLERANCE
    kept, fixed = _simplified(ring, tolerance)
    cuts = _cuts(ring, kept, fixed)
    if len(cuts) < 2:
        return []
    stretches = [_stretch(kept, start, end) for start, end in zip(cuts, cuts[1:])]
    to_begin, from_begin = _stretch(kept, cuts[-1], len(kept) - 1), np.arange(kept[cuts[0]] + 1)
    around = np.append(to_begin[:-1], from_begin)
    expected = np.append(kept[cuts[-1] - 1 : -1], kept[: cuts[0] + 1])
    if np.array_equal(around[_simplified(ring[around], tolerance)[0]], expected):
        return [*stretches, around]
    # Of a ring GEOS never leaves out the first two vertices; of this line it would. So they are its ends.
    return [*stretches, to_begin, _stretch(kept, 0, 1), from_begin]


def _stretch(kept: Array, start: int, end: int) -> Array:
    """The vertices from one place in ``kept`` to another, and the edge before."""
    before = kept[start - 1] if start else kept[-2]
    return np.append(before, np.arange(kept[start], kept[end] + 1))


def _cuts(ring: Array, kept: Array, fixed: Array) -> list[int]:
    """Places in ``kept`` to cut at. This vertex and the one before stand out, so that the straight ends of
    the bands are sides of arcs."""
    out = np.append(False, _turns(ring, kept[:-2], kept[1:-1], kept[2:]) < 0)
    cuts: list[int] = []
    for place in np.flatnonzero(fixed[1:-1] & out[1:] & out[:-1]) + 1:
        if not cuts or kept[place] - kept[cuts[-1]] >= STRETCH:
            cuts.append(int(place))
    return cuts


def _simplified(ring: Array, tolerance: float) -> tuple[Array, Array]:
    """The vertices of a clockwise ring that GEOS keeps, and which of these no pass could have left out."""
    kept = np.arange(len(ring))
    doubtful = np.zeros(len(ring), dtype=bool)
    while len(kept) > 3:
        before, middle, after = kept[1:-2], kept[2:-1], kept[3:]
        out = _turns(ring, before, middle, after) > 0
        out[out] = _shallow(ring, before[out], middle[out], after[out], tolerance)
        if not out.any():
            break
        doubtful[middle[out]] = True
        kept = np.delete(kept, 2 + np.flatnonzero(_every_other(out)))
    doubtful[[0, 1, -1]] = True  # never left out of a ring, but perhaps of a stretch
    return kept, ~doubtful[kept]


def _every_other(out: Array) -> Array:
    """The first, third, fifth ... of each run: a pass goes on behind the vertex after one that it has left
    out."""
    place = np.arange(len(out))
    begins = out & ~np.append(False, out[:-1])
    since = place - np.maximum.accumulate(np.where(begins, place, 0))
    return np.asarray(out & (since % 2 == 0))


def _turns(ring: Array, before: Places, middle: Places, after: Places) -> Array:
    """Above 0 for a turn to the left, into a clockwise ring; below for one to the right."""
    (ax, ay), (bx, by), (cx, cy) = ring[before].T, ring[middle].T, ring[after].T
    return np.asarray((ax - cx) * (by - cy) - (ay - cy) * (bx - cx))


def _shallow(ring: Array, before: Places, middle: Places, after: Places, tolerance: float) -> Array:
    a, b = ring[before], ring[middle]
    shallow = _distances(b, a, ring[after]) < tolerance
    step = np.maximum((after - before) // _SAMPLES, 1)
    sample = before.copy()
    while True:
        going = shallow & (sample < after)
        if not going.any():
            return shallow
        shallow[going] = _distances(b[going], a[going], ring[sample[going]]) < tolerance
        sample += step


def _distances(points: Array, starts: Array, ends: Array) -> Array:
    """From each point to its segment."""
    along, away = ends - starts, points - starts
    squared = (along**2).sum(axis=1)
    share = (away * along).sum(axis=1) / np.where(squared > 0.0, squared, 1.0)
    nearest = starts + along * np.clip(share, 0.0, 1.0)[:, None]
    return np.asarray(np.hypot(*(points - nearest).T))


def _doubled_area(ring: Array) -> float:
    """Twice the signed area, positive for a counter-clockwise ring."""
    xy = ring - ring[0]
    return float((xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]).sum())
