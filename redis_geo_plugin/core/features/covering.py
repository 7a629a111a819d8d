"""What the query engine is asked, so that nothing is missed: circles of positions, polygons around shapes,
each a little larger than what is searched.

The engine measures positions on a sphere, by the boxes of GEOSEARCH, which are wrong for large circles and
near the poles. There, no place is asked for, and all that the rest of the query finds is tested here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..geo import cells, measure
from ..geo.areas import PreparedArea
from ..geo.search import server_radius
from ..geometry import projections
from ..geometry.arrays import Array
from .indexes import IndexField, escaped
from .shapes import Plane

CORNERS = 36  # of the polygon around a circle
WIDEN = 1.01  # of its radius: its edges cut off 0.4 %
LARGEST = 1_000_000.0  # metres of a radius, and
HIGHEST = 84.0  # degrees of latitude, up to which the engine is asked for a polygon of geodesics
WIDEST = 20.0  # degrees of a cell that one of them covers
ROOM = 0.01  # degrees around an area: geodesic edges of half a degree bend by less


@dataclass(frozen=True)
class Cover:
    """The part of a query that covers a search, with its parameters; empty where everything is read."""

    query: str = ""
    params: tuple[str, ...] = ()

    def within(self, wanted: str) -> str:
        """The query of those documents that are covered and that the user wants."""
        wanted = "" if wanted.strip() in ("", "*") else f"({wanted})"
        return " ".join(filter(None, (wanted, f"({self.query})" if self.query else ""))) or "*"


EVERYTHING = Cover()


def circle_of_positions(
    field: IndexField, lon: float, lat: float, metres: float, ellipsoid: Optional[measure.Ellipsoid]
) -> Cover:
    """All positions within a radius (inclusive) of a centre in degrees."""
    asked = server_radius(lat, metres, ellipsoid)
    return EVERYTHING if asked is None else Cover(_circle(field, lon, lat, asked))


def _circle(field: IndexField, lon: float, lat: float, metres: float) -> str:
    return f"@{escaped(field.name)}:[{lon!r} {lat!r} {metres!r} m]"


def area_of_positions(field: IndexField, area: PreparedArea) -> Cover:
    """All positions in an area: some circles over its bounding box."""
    boxes = [] if area.torn() else _boxes(area)
    circles = []
    for west, south, east, north in boxes:
        lon, lat = (west + east) / 2, (south + north) / 2
        x, y = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
        here = np.full(x.size, lon), np.full(x.size, lat)
        far = float(measure.distances(measure.WGS84, *here, x.ravel(), y.ravel())[0].max())
        asked = server_radius(lat, far * WIDEN, measure.WGS84)
        if asked is None:
            return EVERYTHING
        circles.append(_circle(field, float(cells.wrap_longitude(np.array([lon]))[0]), lat, asked))
    return Cover(" | ".join(circles)) if circles else EVERYTHING


def _boxes(area: PreparedArea) -> list[tuple[float, float, float, float]]:
    """Boxes in degrees that cover the area; none for one that is too wide."""
    import shapely

    west, south, east, north = area.in_degrees.bounds
    west, east, south, north = west - ROOM, east + ROOM, max(south - ROOM, -90.0), min(north + ROOM, 90.0)
    if max(abs(south), abs(north)) > HIGHEST or east - west > 4 * WIDEST or north - south > 4 * WIDEST:
        return []
    columns = max(1, math.ceil((east - west) / WIDEST), min(4, round((east - west) / (north - south))))
    rows = max(1, math.ceil((north - south) / WIDEST), min(4, round((north - south) / (east - west))))
    x, y = np.linspace(west, east, columns + 1).tolist(), np.linspace(south, north, rows + 1).tolist()
    boxes = [(x[i], y[j], x[i + 1], y[j + 1]) for i in range(columns) for j in range(rows)]
    room = shapely.buffer(area.in_degrees, ROOM, quad_segs=2)
    met = shapely.intersects(room, [shapely.box(*box) for box in boxes])
    return [box for box, meets in zip(boxes, met.tolist()) if meets]


def circle_of_shapes(
    field: IndexField,
    plane: Plane,
    lon: float,
    lat: float,
    metres: float,
    ellipsoid: Optional[measure.Ellipsoid],
) -> Cover:
    """All shapes that may come within a radius of a centre in degrees."""
    wide = metres * WIDEN + 10.0
    top = abs(lat) + math.degrees(wide / 6_300_000.0)
    if wide > LARGEST or top > HIGHEST:
        return EVERYTHING
    figure = ellipsoid or measure.Ellipsoid(measure.SERVER_RADIUS, measure.SERVER_RADIUS)
    azimuths = np.linspace(360.0, 0.0, CORNERS + 1)
    ones = np.ones(CORNERS + 1)
    x, y, _ = measure.geod(figure).fwd(ones * lon, ones * lat, azimuths, ones * wide)
    x = lon + (np.asarray(x) - lon + 180.0) % 360.0 - 180.0
    return _around(field, plane, np.column_stack([x, np.asarray(y)]))


def area_of_shapes(field: IndexField, plane: Plane, area: PreparedArea) -> Cover:
    """All shapes that may meet an area."""
    import shapely

    from ..geometry.guarded import densified

    west, south, east, north = area.in_degrees.bounds
    if area.torn() or east - west > 90.0 or max(abs(south), abs(north)) > HIGHEST:
        return EVERYTHING
    hull = shapely.buffer(shapely.convex_hull(area.in_degrees), ROOM, quad_segs=2)
    return _around(field, plane, shapely.get_coordinates(densified(hull, 0.5)))


def _around(field: IndexField, plane: Plane, ring: Array) -> Cover:
    """What meets a closed ring in degrees: its geodesics, or the boxes around it in a plane."""
    if plane.geodesic:
        x = (ring[:, 0] + 180.0) % 360.0 - 180.0
        return _meets(field, [np.column_stack([x, ring[:, 1]])])
    if plane.in_degrees:
        box = _box(*ring.min(axis=0), *ring.max(axis=0))
        return _meets(field, [box + [turn, 0.0] for turn in (0.0, -360.0, 360.0)])
    placed = projections.to_wgs84(plane.crs).in_crs(ring)
    if not np.isfinite(placed).all():
        return EVERYTHING
    (west, south), (east, north) = placed.min(axis=0), placed.max(axis=0)
    room = 0.02 * max(east - west, north - south)
    return _meets(field, [_box(west - room, south - room, east + room, north + room)])


def _box(west: float, south: float, east: float, north: float) -> Array:
    return np.array([[west, south], [east, south], [east, north], [west, north], [west, south]])


def _meets(field: IndexField, rings: list[Array]) -> Cover:
    parts, params = [], []
    for number, ring in enumerate(rings):
        name = f"redis_geo_area_{number}"
        parts.append(f"@{escaped(field.name)}:[INTERSECTS ${name}]")
        corners = ", ".join(f"{x:.9f} {y:.9f}" for x, y in ring.tolist())
        params += [name, f"POLYGON(({corners}))"]
    return Cover(" | ".join(parts), tuple(params))
