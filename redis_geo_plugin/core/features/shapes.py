"""Shapes of the query engine (WKT of points and polygons), and which of them lie in a radius or an area.

A SPHERICAL field is what Boost.Geometry's geographic system makes of it: edges are geodesics of WGS 84, an
edge goes the shorter way round, across 180 degrees too, and a ring around a pole holds the pole. A FLAT one
is a plane of any CRS. Shapes are tested as their index has them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

import numpy as np

from ..geometry import projections
from ..geometry.arrays import Array

if TYPE_CHECKING:
    import shapely

LONGEST = 10_000.0  # metres of an edge that counts as straight in degrees: off by less than 4 m at 60 degrees
STRAIGHT = 0.05  # degrees of an edge that is never longer than that
MOST_TEXT = 5_000_000  # characters of a shape
MOST_CORNERS = 200_000
_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_POSITION = rf"\s*{_NUMBER}\s+{_NUMBER}\s*"
_RING = rf"\s*\({_POSITION}(?:,{_POSITION})*\)\s*"
_POINT = re.compile(rf"\s*POINT\s*\(({_POSITION})\)\s*\Z", re.IGNORECASE)
_POLYGON = re.compile(rf"\s*POLYGON\s*\(({_RING}(?:,{_RING})*)\)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Plane:
    """How the coordinates of an index are meant: geodesic edges in degrees, or straight ones in a CRS."""

    geodesic: bool = True
    crs: str = projections.WGS84

    @property
    def in_degrees(self) -> bool:
        """Whether coordinates are longitudes and latitudes of WGS 84."""
        return self.geodesic or self.crs == projections.WGS84


def parse_wkt(wkt: str) -> Optional[list[Array]]:
    """The one position, or the closed rings, of a shape: arrays of shape (n, 2). None for anything else.

    As the engine: POINT and POLYGON in two dimensions; a ring that is not closed is closed.
    """
    if len(wkt) > MOST_TEXT:
        return None
    point = _POINT.match(wkt)
    if point is not None:
        return _sound([np.array(point[1].split(), float)[None, :]])
    if not wkt.lstrip()[:7].upper().startswith("POLYGON") or _POLYGON.match(wkt) is None:
        return None
    rings = []
    for ring in re.findall(r"\(([^()]*)\)", wkt):
        xy = np.array(ring.replace(",", " ").split(), float).reshape(-1, 2)
        rings.append(xy if (xy[0] == xy[-1]).all() else np.vstack([xy, xy[:1]]))
    return _sound(rings) if all(len(ring) >= 4 for ring in rings) else None


def _sound(rings: list[Array]) -> Optional[list[Array]]:
    fine = all(np.isfinite(ring).all() for ring in rings) and sum(map(len, rings)) <= MOST_CORNERS
    return rings if fine else None


def on_globe(rings: Sequence[Array]) -> bool:
    """Whether these can be degrees: latitudes within the poles, longitudes within a turn and a half."""
    return all((np.abs(xy[:, 1]) <= 90.0).all() and (np.abs(xy[:, 0]) <= 540.0).all() for xy in rings)


def as_drawn(rings: Sequence[Array], plane: Plane) -> shapely.Geometry:
    """The shape in degrees as a map shows it, with the corners it was given: of a spherical one that crosses
    180 degrees the parts, closed along a pole that it holds."""
    import shapely

    if not plane.in_degrees:
        rings = [_transformed(ring, plane) for ring in rings]
    if len(rings[0]) == 1:
        x, y = (float(v) for v in rings[0][0])
        return shapely.Point(_turned(x) if plane.geodesic else x, y)
    if not plane.geodesic:
        return shapely.Polygon(rings[0], rings[1:])
    return cut_at_180(unwrapped(rings))


def unwrapped(rings: Sequence[Array]) -> shapely.Geometry:
    """A spherical polygon in degrees whose edges go the shorter way, and so may leave [-180, 180]."""
    import shapely

    outer = _ring(rings[0])
    middle = float(np.median(outer[:, 0]))
    holes = []
    for ring in rings[1:]:
        hole = _ring(ring)
        holes.append(hole - [360.0 * round((float(np.median(hole[:, 0])) - middle) / 360.0), 0.0])
    return shapely.Polygon(outer, holes)


def _ring(ring: Array) -> Array:
    xy = ring.copy()
    steps = np.diff(xy[:, 0])
    xy[1:, 0] = xy[0, 0] + np.cumsum((steps + 180.0) % 360.0 - 180.0)
    if abs(xy[-1, 0] - xy[0, 0]) > 180.0:  # once round the axis: it holds the nearer pole
        pole = math.copysign(90.0, float(xy[:, 1].sum()))
        return np.vstack([xy, [xy[-1, 0], pole], [xy[0, 0], pole], xy[0]])
    return xy - [360.0 * round((float(xy[:, 0].min() + xy[:, 0].max()) / 2) / 360.0), 0.0]


def _turned(lon: float) -> float:
    return lon if -180.0 <= lon <= 180.0 else (lon + 180.0) % 360.0 - 180.0


def cut_at_180(polygon: shapely.Geometry) -> shapely.Geometry:
    """A polygon that leaves [-180, 180], in the parts that lie in it."""
    from ..geo.measure import cut_at_180 as cut

    return cut(polygon)


def followed(rings: Sequence[Array], plane: Plane) -> shapely.Geometry:
    """The shape in degrees with as many corners as its edges need to be straight between them; it may leave
    [-180, 180]."""
    import shapely

    from ..geometry.guarded import densified

    if len(rings[0]) == 1:
        xy = rings[0] if plane.in_degrees else _transformed(rings[0], plane)
        return shapely.Point(xy[0])
    if plane.geodesic:
        return _areas(unwrapped([_along_geodesics(ring) for ring in rings]))
    polygon = _areas(shapely.Polygon(rings[0], rings[1:]))
    west, south, east, north = polygon.bounds
    step = STRAIGHT * 2 if plane.in_degrees else max(east - west, north - south) / 200.0
    dense = densified(polygon, step) if step > 0 else polygon
    if plane.in_degrees:
        return dense
    return shapely.transform(dense, projections.to_wgs84(plane.crs).in_degrees)


def _areas(polygon: shapely.Geometry) -> shapely.Geometry:
    """The polygon, of an invalid one the areas that it is made of."""
    import shapely

    if shapely.is_valid(polygon):
        return polygon
    parts = shapely.get_parts(shapely.make_valid(polygon))
    areas = parts[shapely.get_dimensions(parts) == 2]
    return shapely.union_all(areas) if len(areas) else polygon


def _transformed(xy: Array, plane: Plane) -> Array:
    return projections.to_wgs84(plane.crs).in_degrees(xy)


def _along_geodesics(ring: Array) -> Array:
    """The ring with further corners on its long edges, on the geodesic between their ends."""
    steps = np.abs((np.diff(ring[:, 0]) + 180.0) % 360.0 - 180.0)
    suspects = np.flatnonzero((steps > STRAIGHT) | (np.abs(np.diff(ring[:, 1])) > STRAIGHT))
    if not len(suspects):
        return ring
    geod = projections.geod_of()
    first, second = ring[suspects], ring[suspects + 1]
    azimuth, _, length = (
        np.asarray(v) for v in geod.inv(first[:, 0], first[:, 1], second[:, 0], second[:, 1])
    )
    inserted: dict[int, Array] = {}
    for at, (start, bearing, metres) in zip(suspects.tolist(), zip(first, azimuth, length)):
        pieces = math.ceil(metres / LONGEST)
        if pieces > 1:
            along = metres * np.arange(1, pieces) / pieces
            ones = np.ones(len(along))
            lon, lat, _ = geod.fwd(ones * start[0], ones * start[1], ones * bearing, along)
            inserted[at] = np.column_stack([lon, lat])
    parts = []
    for at in range(len(ring)):
        parts.append(ring[at : at + 1])
        if at in inserted:
            parts.append(inserted[at])
    return np.vstack(parts)


def holds_point(shape: shapely.Geometry, lon: float, lat: float) -> bool:
    """Whether a shape in degrees holds a position, in whichever turn of the globe it stands."""
    import shapely

    west, _, east, _ = shape.bounds
    turns = range(math.floor((west - lon) / 360.0), math.ceil((east - lon) / 360.0) + 1)
    return any(shapely.intersects(shape, shapely.Point(lon + 360.0 * turn, lat)) for turn in turns)


def mark_of(shape: shapely.Geometry) -> tuple[float, float]:
    """Where a mark for a shape in degrees stands: a position within it."""
    import shapely

    point = shapely.point_on_surface(shape)
    if shapely.is_empty(point):
        point = shapely.centroid(shape)
    return _turned(float(shapely.get_x(point))), float(shapely.get_y(point))


def distances(shapes: Array, lon: float, lat: float, a: float, b: float) -> tuple[Array, Array]:
    """Metres from a position to the nearest part of each ``followed`` shape on the ellipsoid, and the bearing
    there in degrees from north, [0, 360); both 0 within it.

    By the azimuthal equidistant projection around the position, in which what is measured from there is
    exact.
    """
    import shapely

    flat = projections.azimuthal(a, b, lon, lat)
    metres, bearing = np.zeros(len(shapes)), np.zeros(len(shapes))
    polygons = shapely.get_dimensions(shapes) == 2
    edges = np.where(polygons, shapely.boundary(shapes), shapes)
    placed = shapely.transform(edges, lambda xy: _finite(flat.in_crs(xy)))
    origin = shapely.Point(0.0, 0.0)
    nearest = shapely.get_coordinates(shapely.shortest_line(origin, placed)).reshape(-1, 2, 2)[:, 1]
    metres[:] = np.hypot(nearest[:, 0], nearest[:, 1])
    bearing[:] = np.degrees(np.arctan2(nearest[:, 0], nearest[:, 1])) % 360.0
    for at in np.flatnonzero(polygons).tolist():
        if holds_point(shapes[at], lon, lat):
            metres[at] = bearing[at] = 0.0
    return metres, bearing


def _finite(xy: Array) -> Array:
    """Positions in metres; those at the other end of the world, which have none, as far as there is."""
    found: Array = np.where(np.isfinite(xy), xy, 2.0e7)
    return found
