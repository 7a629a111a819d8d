"""Searches in areas: rectangles, polygons and multi-polygons with holes, corridors along lines.

An area is covered with cells of the set's own grid, coarse inside and fine along the border, and each run of
cells is one range read of the sorted set: this works on every server, across 180 degrees and for rings of any
width, and reads hardly more than the hits. A ring of few corners with few members around it is left to the
server's own BYPOLYGON where it has one (see ``native``). Only what lies in a border cell, or comes from
BYPOLYGON, is tested against the polygon, in the polygon's own CRS, so that what the map shows inside is
inside. The border itself counts as inside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

import numpy as np

from ..geometry import projections
from ..geometry.arrays import Array
from ..redis.server import Server
from ..watch import Watch
from . import attributes, cells, native, raw
from .hits import EDGE_FOUND, NO_ATTRIBUTES_RIGHT, Hits, concatenate
from .measure import Ellipsoid, geod
from .search import BadQuery, Query, cover_wrapped, edge_columns, ranked

if TYPE_CHECKING:
    import shapely

LON_LAT = projections.WGS84
BORDER_CELLS = 400  # cells along a border before the refinement stops
TESTED = 500  # points made for one test: fewer objects than make Python's garbage collector start
BOX_CELLS = 16  # cells of the cover of a bounding box
FEW = 4000  # members in it up to which they are all read: a cover along the border takes longer
PIECES = 400  # straight pieces into which a border in another CRS is cut before it is put into degrees
MARGIN = 2e-5  # degrees (some 2 m): between a member's exact coordinates and the cell that holds it


@dataclass(frozen=True)
class Area:
    """A Shapely polygon or multi-polygon in the CRS ``crs`` (anything pyproj reads), x before y.

    In degrees, x may leave [-180, 180] (a map's extent across 180 degrees).
    """

    polygon: shapely.Geometry
    crs: str = LON_LAT

    def wkb_in_degrees(self) -> bytes:
        """The area for drawing: its border put into degrees."""
        import shapely

        if self.crs == LON_LAT:
            return bytes(shapely.to_wkb(self.polygon, output_dimension=2))
        return bytes(shapely.to_wkb(PreparedArea(self).in_degrees, output_dimension=2))


def rectangle(west: float, south: float, east: float, north: float, crs: str = LON_LAT) -> Area:
    """The area of a rectangle such as the map's extent."""
    import shapely

    return Area(shapely.box(west, south, east, north), crs)


def corridor(line: shapely.Geometry, metres: float, ellipsoid: Ellipsoid, crs: str = LON_LAT) -> Area:
    """All within ``metres`` of a line (Shapely, in ``crs``): circles along it and their tangents, on the
    ellipsoid.

    The line is cut into pieces no longer than half the radius, each buffered in an azimuthal equidistant
    projection of its own; off by less than 0.1 % of the radius. Raises BadQuery for a radius that is none.
    """
    import shapely

    if not (math.isfinite(metres) and metres > 0):
        raise BadQuery("radius")
    in_degrees = shapely.transform(line, projections.to_wgs84(crs).in_degrees)
    parts = []
    for part in shapely.get_parts(in_degrees):
        points = shapely.get_coordinates(part)
        for start, end in zip(points[:-1], points[1:]):
            parts.extend(_stroke(ellipsoid, start, end, metres))
    if not parts:
        raise BadQuery("area")
    return Area(shapely.union_all(parts), LON_LAT)


def _stroke(ellipsoid: Ellipsoid, start: Array, end: Array, metres: float) -> list[shapely.Geometry]:
    """Buffered pieces of one straight (in degrees) segment."""
    import shapely

    _, _, length = geod(ellipsoid).inv(start[0], start[1], end[0], end[1])
    pieces = max(1, min(500, math.ceil(length / max(metres * 20, 20_000.0))))
    steps = np.linspace(0.0, 1.0, pieces + 1)
    corners = start + (end - start) * steps[:, None]
    result = []
    for a, b in zip(corners[:-1], corners[1:]):
        middle = (a + b) / 2
        flat = projections.azimuthal(ellipsoid.a, ellipsoid.b, middle[0], middle[1])
        dense = a + (b - a) * np.linspace(0.0, 1.0, 9)[:, None]
        line = shapely.linestrings(flat.in_crs(dense))
        around = shapely.get_coordinates(shapely.buffer(line, metres, quad_segs=32))
        lon, lat = flat.to_degrees(around[:, 0], around[:, 1])
        lon = middle[0] + (np.asarray(lon) - middle[0] + 180.0) % 360.0 - 180.0  # unwrapped beside its middle
        result.append(shapely.make_valid(shapely.polygons(np.column_stack([lon, lat]))))
    return result


def search(server: Server, query: Query, areas: Sequence[Area], watch: Optional[Watch] = None) -> Hits:
    """The members in each area (on its border too), by member within an area. Distances and bearings are NaN.

    Raises BadQuery for an area that is empty or not finite, Cancelled, and what redis-py raises.
    """
    watch = watch or Watch()
    server = server.reading
    key = query.key
    shapes = [PreparedArea(area) for area in areas]
    edge_reply, there = raw.run(
        server.bulk, [raw.beyond_the_edge(key), ("EXISTS", attributes.attributes_key(key))]
    )
    edge, notes = edge_columns(edge_reply)
    has_attributes, readable = attributes.exists(there)
    if not readable:
        notes.add(NO_ATTRIBUTES_RIGHT)
    parts = []
    for index, shape in enumerate(shapes):
        watch.check()
        parts.append(_one(server, query, index, shape, edge, has_attributes, watch, notes))
        watch.reach((index + 1) / len(shapes))
    hits = ranked(concatenate(parts), query.limit, once=not len(edge[0]))
    if len(edge[0]) and set(edge[0]).intersection(hits.members):
        notes.add(EDGE_FOUND)
    hits.notes = frozenset(notes)
    return hits


def _one(
    server: Server,
    query: Query,
    index: int,
    shape: PreparedArea,
    edge: raw.Columns,
    has_attributes: bool,
    watch: Watch,
    notes: set[str],
) -> Hits:
    (sure_members, sure_scores), unsure = _candidates(server, query.key, shape)
    unsure_members, unsure_scores = raw.join([unsure, edge])
    watch.check()
    lon, lat = cells.decode(unsure_scores)
    maybe = shape.near(lon, lat) if has_attributes and query.ellipsoid else shape.holds(lon, lat)
    picked = np.flatnonzero(maybe)
    members = sure_members + [unsure_members[i] for i in picked.tolist()]
    scores = np.concatenate([sure_scores, unsure_scores[picked]])
    sure = np.zeros(len(members), bool)
    sure[: len(sure_members)] = True
    lon, lat = cells.decode(scores)
    hits = Hits.unmeasured(members, lon, lat, index)
    if has_attributes and query.with_attributes:
        hits.attributes, told = attributes.read_attributes(server, query.key, members, watch)
        notes |= told
        if query.ellipsoid:
            hits.lon, hits.lat, hits.exact = attributes.exact_positions(hits.attributes, scores, lon, lat)
    if has_attributes and query.ellipsoid:
        rest = np.flatnonzero(~sure)
        keep = sure.copy()
        keep[rest] = shape.holds(hits.lon[rest], hits.lat[rest])
        hits = hits.take(keep)
    return hits


def _candidates(server: Server, key: bytes, shape: PreparedArea) -> tuple[raw.Columns, raw.Columns]:
    """What surely lies in the area, and what may: by the cheapest of three ways.

    Of few members around its bounding box, by BYPOLYGON or all of them; else by a cover along its border.
    """
    coarse = shape.bounding_cover()
    around = _count(server, key, coarse) if coarse else math.inf
    ring = shape.ring() if native.FEWEST <= around <= native.MOST else None
    found = native.search(server, key, ring) if ring is not None else None
    if found is not None:
        return raw.NOTHING, found
    inner, border = ([], coarse) if around <= FEW else shape.cover()
    commands = [raw.by_scores(key, a, b) for a, b in inner + border]
    replies = raw.run(server.bulk, commands, atomic=True) if commands else []
    parts = [raw.columns_of_scores(raw.good(reply)) for reply in replies]
    return raw.join(parts[: len(inner)]), raw.join(parts[len(inner) :])


def _count(server: Server, key: bytes, ranges: list[tuple[int, int]]) -> int:
    """How many members stand in these cells."""
    counts = raw.run(server.bulk, [("ZCOUNT", key, a, b) for a, b in ranges])
    return sum(int(raw.good(count)) for count in counts)


class PreparedArea:
    """An area prepared: in its own CRS for the test, in degrees for the cover. Raises BadQuery for one that
    is empty or not finite."""

    def __init__(self, area: Area):
        import shapely

        from ..geometry.guarded import densified

        polygon = area.polygon
        if polygon.is_empty or not np.isfinite(shapely.get_coordinates(polygon)).all():
            raise BadQuery("area")
        if not polygon.is_valid:
            polygon = shapely.make_valid(polygon)
        self.polygon, self.crs = polygon, area.crs
        self.in_degrees = polygon
        self.projection: Optional[projections.Projection] = None
        if area.crs != LON_LAT:
            self.projection = projections.to_wgs84(area.crs)
            west, south, east, north = polygon.bounds
            piece = max(east - west, north - south) / PIECES
            dense = densified(polygon, piece) if piece > 0 else polygon
            # Between two corners a border in another CRS bends in degrees by less than a piece's own length
            # squared.
            self.in_degrees = shapely.transform(dense, self.projection.in_degrees)
        shapely.prepare(self.polygon)

    def ring(self) -> Optional[Array]:
        """The ring for BYPOLYGON, whose edges are straight in degrees: none for an area in another CRS."""
        return native.ring_around(self.polygon, MARGIN) if self.projection is None else None

    def holds(self, lon: Array, lat: Array) -> Array:
        """Which positions lie in the area or on its border: a mask of shape (n,)."""
        return self._test(self.polygon, lon, lat)

    def near(self, lon: Array, lat: Array) -> Array:
        """The same with a margin for the rounding of stored positions."""
        import shapely

        degrees = self.projection is None or projections.is_geographic(self.crs)
        wider = shapely.buffer(self.polygon, MARGIN if degrees else MARGIN * 111_000 * 2, quad_segs=2)
        shapely.prepare(wider)
        return self._test(wider, lon, lat)

    def meets(self, shapes: Array) -> Array:
        """Which shapes in degrees, that may leave [-180, 180], meet the area: a mask of shape (n,)."""
        import shapely

        met = np.zeros(len(shapes), bool)
        if not len(shapes):
            return met
        if self.projection is not None:
            placed = shapely.transform(shapes, self.projection.in_crs)
            fine = np.isfinite(shapely.bounds(placed)).all(axis=1)
            met[fine] = shapely.intersects(self.polygon, placed[fine])
            if fine.all() or self.torn():
                return met
        area = self.polygon if self.projection is None else self.in_degrees
        rest = np.ones(len(shapes), bool) if self.projection is None else ~fine
        for turn in (-360.0, 0.0, 360.0):
            moved = shapely.transform(shapes[rest], lambda xy, by=turn: xy + [by, 0.0])
            met[rest] |= shapely.intersects(area, moved)
        return met

    def _test(self, polygon: shapely.Geometry, lon: Array, lat: Array) -> Array:
        if not len(lon):
            return np.zeros(0, bool)
        if self.projection is not None:
            x, y = self.projection.from_degrees(lon, lat)
            x, y = np.asarray(x), np.asarray(y)
            fine = np.isfinite(x) & np.isfinite(y)
            met: Array = fine & _meets(polygon, np.where(fine, x, 0.0), np.where(fine, y, 0.0))
            return met
        west, _, east, _ = polygon.bounds
        inside = np.zeros(len(lon), bool)
        for turn in range(math.floor((west - 180.0) / 360.0), math.ceil((east + 180.0) / 360.0) + 1):
            inside |= _meets(polygon, lon + 360.0 * turn, lat)
        return inside

    def bounding_cover(self) -> list[tuple[int, int]]:
        """Ranges of a few cells around the whole area; none where its border is torn in degrees."""
        west, south, east, north = self.in_degrees.bounds
        if self.torn():
            return []
        margin = MARGIN + (_bend(self.in_degrees) if self.projection is not None else 0.0)
        return cover_wrapped(west - margin, south - margin, east + margin, north + margin, BOX_CELLS)

    def torn(self) -> bool:
        """Whether the border is torn at 180 degrees, at a pole or at the rim of its projection: no inside in
        degrees."""
        import shapely

        west, _, east, _ = self.in_degrees.bounds
        finite = bool(np.isfinite(shapely.get_coordinates(self.in_degrees)).all())
        return not finite or (self.projection is not None and east - west > 170.0)

    def cover(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Ranges of cells inside the area, and ranges of cells on its border."""
        import shapely

        polygon = self.in_degrees
        if self.torn():
            return [], cells.cover_box(-180.0, -90.0, 180.0, 90.0, 1)
        if self.projection is not None:
            polygon = shapely.buffer(polygon, MARGIN + _bend(polygon), quad_segs=2)
        else:
            polygon = shapely.buffer(polygon, MARGIN, quad_segs=2)
        inner_test = (
            self.in_degrees
            if self.projection is None
            else shapely.buffer(self.in_degrees, -(MARGIN + _bend(self.in_degrees)), quad_segs=2)
        )
        west, south, east, north = polygon.bounds
        inner: list[tuple[int, int]] = []
        border: list[tuple[int, int]] = []
        for turn in range(math.floor((west + 180.0) / 360.0), math.floor((east + 180.0) / 360.0) + 1):
            left, right = max(west - 360.0 * turn, -180.0), min(east - 360.0 * turn, 180.0)
            if left > right:
                continue
            found = _refine(polygon, inner_test, 360.0 * turn, (left, south, right, north))
            inner += found[0]
            border += found[1]
        if east - west > 360.0:  # the same cells may come from two turns
            return [], cells.cover_box(-180.0, south, 180.0, north)
        return inner, border


def _bend(polygon: shapely.Geometry) -> float:
    """Degrees by which a border cut into pieces may still bend between its corners: a hundredth of a
    piece."""
    west, south, east, north = polygon.bounds
    return float(max(east - west, north - south)) / PIECES / 100.0


def _refine(
    outer: shapely.Geometry,
    inner_test: shapely.Geometry,
    shift: float,
    box: tuple[float, float, float, float],
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Quarter the cells of one turn of the globe along the border until there are BORDER_CELLS of these."""
    import shapely

    shapely.prepare(outer)
    shapely.prepare(inner_test)
    step, columns, rows = cells.grid(*box, 64)
    inner: list[tuple[int, int]] = []
    while True:
        shapes = _boxes(step, columns, rows, shift)
        touching = shapely.intersects(outer, shapes)
        columns, rows, shapes = columns[touching], rows[touching], shapes[touching]
        within = shapely.contains(inner_test, shapes)
        inner += cells.ranges(step, columns[within], rows[within])
        columns, rows = columns[~within], rows[~within]
        if len(columns) * 2 > BORDER_CELLS or step >= cells.STEP - 4 or not len(columns):
            return inner, cells.ranges(step, columns, rows)
        step += 1
        columns = (columns[:, None] * np.uint64(2) + np.array([0, 1, 0, 1], np.uint64)).ravel()
        rows = (rows[:, None] * np.uint64(2) + np.array([0, 0, 1, 1], np.uint64)).ravel()


def _boxes(step: int, columns: Array, rows: Array, shift: float) -> Array:
    """The cells as Shapely boxes in degrees."""
    import shapely

    width, height = 360.0 / (1 << step), 2 * cells.LAT_LIMIT / (1 << step)
    west, south = (
        -180.0 + columns.astype(float) * width + shift,
        -cells.LAT_LIMIT + rows.astype(float) * height,
    )
    boxes: Array = shapely.box(west, south, west + width, south + height)
    return boxes


def _meets(polygon: shapely.Geometry, x: Array, y: Array) -> Array:
    """Which points lie in a prepared polygon or on its border.

    Not by ``shapely.intersects_xy``: its function is newer (GEOS 3.12) than the GEOS of many a QGIS. On
    Linux, a Shapely from PyPI then takes that one from its own library and all others from QGIS's, and the
    process ends with a signal.
    """
    import shapely

    found = np.zeros(len(x), bool)
    for start in range(0, len(x), TESTED):
        part = slice(start, start + TESTED)
        found[part] = shapely.intersects(polygon, shapely.points(x[part], y[part]))
    return found
