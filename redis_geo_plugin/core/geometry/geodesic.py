"""Buffers in metres on the ellipsoid, right across 180 degrees and at the poles.

A point's buffer is the geodesic circle itself. A small geometry is projected to an azimuthal equidistant
projection of its own (Snyder, Map Projections, a Working Manual, USGS 1395, p. 191), buffered there and
projected back. Within 250 km of the centre that projection is true to 0.03 %. A larger geometry is handled by
its boundary: cut into pieces of that size, each buffered in its own projection, then added to the geometry
(or taken from it, for a negative distance). That needs round caps and joins; with other styles a larger
geometry is projected part by part, which is less exact the larger a part.

Results are in longitude and latitude from -180 to 180, cut at the 180 degree meridian, and closed along the
pole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import shapely

from . import projections
from .arrays import Array
from .buffer_style import CapStyle, JoinStyle, StyledBuffer
from .guarded import cleaned, densified

_Angle = TypeVar("_Angle", float, Array)
EARTH = 6_371_000.0  # metres, for sizes only, never for results
METRES_PER_DEGREE = math.pi * EARTH / 180.0
PIECE = 500_000.0  # metres: the largest extent of what is projected at once
LONGEST = 10_000_000.0  # metres: beyond a quarter of the earth's circumference the outside would be taken
MOST_VERTICES = 2_000_000  # of an outline with as many vertices as its distance wants: about a minute
_TURN = np.array([360.0, 0.0])
_CAP = 1.0 - 0.005 / 90.0  # an edge this near a pole, all the way round, stands for the pole (550 m)
_NOISE = 0.01  # of the distance
_REPAIRS = 8  # rounds of filling cracks; two are enough for the world's countries
_WIDEST = 10.0  # degrees of longitude between vertices near a pole
_NEAR_POLE = 75.0  # degrees of latitude from which parallels are short enough to matter
_SLICE = 1e-3  # of the distance: how far an edge may stray from its true course


def buffers(geometries: Array, distances: Array, buffer: StyledBuffer) -> Array:
    """The buffers of n geometries in ``buffer.crs``, distances in metres; results in the same CRS.

    Raises ValueError for a CRS without an ellipsoid, for coordinates that are not on it, for distances beyond
    LONGEST, and for lines that are too long for their distance (MOST_VERTICES).
    """
    check_distances(distances)
    system = projections.to_geographic(buffer.crs or projections.WGS84)
    if system is not None:
        geometries = shapely.transform(geometries, system.in_degrees)
    results = np.empty(len(geometries), dtype=object)
    points = _round_points(geometries, distances, buffer)
    results[points] = _circles(geometries[points], distances[points], buffer)
    for i in np.flatnonzero(~points):
        results[i] = None if geometries[i] is None else _one(geometries[i], float(distances[i]), buffer)
    if system is not None:
        results = shapely.transform(results, system.in_crs)
    return results


def check_distances(distances: Array) -> None:
    """Raise ValueError for a distance beyond LONGEST."""
    if (np.abs(distances) > LONGEST).any():
        raise ValueError(f"on the ellipsoid a buffer is of at most {LONGEST / 1000:,.0f} km")


def _round_points(geometries: Array, distances: Array, buffer: StyledBuffer) -> Array:
    single = (shapely.get_type_id(geometries) == shapely.GeometryType.POINT) & ~shapely.is_empty(geometries)
    return np.asarray(single & (distances > 0) & (buffer.cap == CapStyle.ROUND) & np.isfinite(distances))


def _circles(points: Array, radii: Array, buffer: StyledBuffer) -> Array:
    """Geodesic circles of 4 * segments corners around n points."""
    if not len(points):
        return np.empty(0, dtype=object)
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    _check_degrees(np.column_stack((lon, lat)))
    geod = projections.geod(buffer.crs)
    corners = 4 * buffer.segments
    azimuths = np.linspace(90.0, -270.0, corners, endpoint=False)
    n = len(points)
    x, y, _ = geod.fwd(
        np.repeat(lon, corners), np.repeat(lat, corners), np.tile(azimuths, n), np.repeat(radii, corners)
    )
    rings = np.stack((np.asarray(x).reshape(n, corners), np.asarray(y).reshape(n, corners)), axis=2)
    pole = np.where(lat < 0, -90.0, 90.0)
    to_pole = np.asarray(geod.inv(lon, lat, lon, pole)[2])
    rings[:, :, 0] = lon[:, None] + _wrapped(rings[:, :, 0] - lon[:, None])
    plain = (to_pole > radii) & (rings[:, :, 0].min(axis=1) >= -180.0) & (rings[:, :, 0].max(axis=1) <= 180.0)
    results = np.empty(n, dtype=object)
    if plain.any():
        results[plain] = shapely.polygons(rings[plain])
    for i in np.flatnonzero(~plain):
        results[i] = _cut_at_180([_closed_ring(rings[i])])
    return results


def _one(geometry: shapely.Geometry, distance: float, buffer: StyledBuffer) -> shapely.Geometry:
    if shapely.is_empty(geometry) or not math.isfinite(distance):
        return shapely.Polygon()
    _check_degrees(shapely.get_coordinates(geometry))
    geometry = cleaned(geometry)
    if shapely.length(geometry) > MOST_VERTICES * _step(distance) / METRES_PER_DEGREE:
        raise ValueError("too long for so small a distance: split it, or take a larger distance")
    if _extent(geometry.bounds) <= PIECE:
        return _cut_at_180(_local(geometry, distance, buffer))
    if not _is_round(geometry, buffer):
        parts = shapely.get_parts(geometry)
        return shapely.union_all([_cut_at_180(_local(part, distance, buffer)) for part in parts])
    return _by_boundary(geometry, distance, buffer)


def _by_boundary(geometry: shapely.Geometry, distance: float, buffer: StyledBuffer) -> shapely.Geometry:
    parts = shapely.get_parts(geometry)
    areas = _closed_at_poles(shapely.make_valid(shapely.union_all(parts[shapely.get_dimensions(parts) == 2])))
    others = parts[shapely.get_dimensions(parts) < 2]
    edges = _without_seam(shapely.boundary(areas)) if not areas.is_empty else None
    if distance < 0 or distance == 0:
        if edges is None:
            return shapely.Polygon()
        return shapely.difference(areas, _swept(edges, -distance, buffer)) if distance else areas
    grown = [] if edges is None else [areas, _swept(edges, distance, buffer)]
    grown.extend(_swept(other, distance, buffer) for other in others)
    return shapely.union_all(grown)


def _swept(lines: shapely.Geometry, distance: float, buffer: StyledBuffer) -> shapely.Geometry:
    """The area within ``distance`` metres of lines (or points) of any length."""
    style = buffer.rounded()
    swept = [_cut_at_180(_local(piece, distance, style)) for piece in _pieces(lines)]
    return shapely.union_all(swept) if swept else shapely.Polygon()


def _pieces(geometry: shapely.Geometry) -> Iterator[shapely.Geometry]:
    """The geometry in pieces of at most PIECE metres."""
    if shapely.is_empty(geometry):
        return
    west, south, east, north = geometry.bounds
    if _extent((west, south, east, north)) <= PIECE:
        # An overlay leaves a line in hundreds of single segments, whose buffers GEOS merges very slowly.
        yield shapely.line_merge(geometry) if shapely.get_dimensions(geometry) == 1 else geometry
        return
    tall = (north - south) > (east - west) * math.cos(math.radians(min(abs(south), abs(north), 89.0)))
    middle = (south + north) / 2.0 if tall else (west + east) / 2.0
    if tall:
        halves = ((west, south, east, middle), (west, middle, east, north))
    else:
        halves = ((west, south, middle, north), (middle, south, east, north))
    for half in halves:
        yield from _pieces(shapely.intersection(geometry, shapely.box(*half)))


def _local(geometry: shapely.Geometry, distance: float, buffer: StyledBuffer) -> list[shapely.Geometry]:
    """The buffer by a projection around the geometry's own middle: polygons whose longitudes run on past
    180."""
    west, south, east, north = geometry.bounds
    lon0, lat0 = (west + east) / 2.0, (south + north) / 2.0
    if _round_the_pole(west, south, east, north):
        lon0, lat0 = 0.0, 90.0 if north + south > 0 else -90.0
    geod = projections.geod(buffer.crs)
    projection = projections.azimuthal(geod.a, geod.b, lon0, lat0)
    step = _step(distance)
    dense = _dense(geometry, step / METRES_PER_DEGREE)
    flat = shapely.transform(dense, projection.in_crs)
    grown = buffer.planar(np.array([flat], dtype=object), np.array([distance]))[0]
    if distance > 0 and _is_round(geometry, buffer):
        grown = _without_cracks(grown, flat, distance, buffer.segments)
    parts = shapely.get_parts(densified(grown, step))
    return [
        _unproject(part, projection, lon0, (abs(distance) * _NOISE) ** 2)
        for part in parts
        if not part.is_empty
    ]


def _step(distance: float) -> float:
    """Metres from vertex to vertex, so that an edge strays little from its true course."""
    stray = max(abs(distance) * _SLICE, 0.01)
    return min(max(math.sqrt(8.0 * EARTH * stray), 500.0), 50_000.0)


def _dense(geometry: shapely.Geometry, step: float) -> shapely.Geometry:
    """The geometry with a vertex every ``step`` degrees; near a pole fewer along the parallels, which are
    short there: as many as their curve needs, whose radius is that of the earth over the tangent of the
    latitude."""
    _, south, _, north = geometry.bounds
    nearest = 0.0 if south < 0 < north else min(abs(south), abs(north), 90.0 - 1e-9)
    if nearest < _NEAR_POLE:
        return densified(geometry, step)
    lat = math.radians(nearest)
    most = min(-0.5 * math.log2(math.sin(lat) * math.cos(lat)), math.log2(max(1.0, _WIDEST / step)))
    stretch = 2.0 ** math.floor(most)  # exact to divide by
    narrow = shapely.transform(geometry, lambda xy: xy / [stretch, 1.0])
    return shapely.transform(densified(narrow, step), lambda xy: xy * [stretch, 1.0])


def _without_cracks(
    grown: shapely.Geometry, flat: shapely.Geometry, distance: float, segments: int
) -> shapely.Geometry:
    """The round buffer of a planar geometry, with what GEOS before 3.12 leaves out of it here and there,
    above all of long lines: a corner nearer to the geometry than the distance is one of a crack, and the edge
    it is nearest to fills that."""
    near = distance * math.cos(math.pi / 4.0 / segments) * (1.0 - 2.0 * _NOISE)
    edges = _edges(flat)
    tree = shapely.STRtree(edges)  # many times as fast as dwithin, which looks at all of a prepared geometry
    parts = shapely.get_parts(flat)
    areas = parts[shapely.get_dimensions(parts) == 2]
    for _ in range(_REPAIRS):
        corners = shapely.points(shapely.get_coordinates(grown))
        beside, chosen = tree.query_nearest(corners, max_distance=near)
        inside = np.setdiff1d(shapely.STRtree(corners).query(areas, predicate="contains")[1], beside)
        if len(inside):
            chosen = np.concatenate((chosen, tree.query_nearest(corners[inside])[1]))
        if not len(chosen):
            break
        cracks = edges[np.unique(chosen)]
        grown = shapely.union_all([grown, *shapely.buffer(cracks, distance, quad_segs=segments)])
    return grown


def _edges(geometry: shapely.Geometry) -> Array:
    """Each segment of a geometry's lines and rings, and each of its points, as a geometry of its own."""
    parts = shapely.get_parts(geometry)
    areas = shapely.get_dimensions(parts) == 2
    lines = np.concatenate((parts[~areas], shapely.get_parts(shapely.boundary(parts[areas]))))
    xy, line = shapely.get_coordinates(lines, return_index=True)
    together = line[1:] == line[:-1]
    segments = shapely.linestrings(np.stack((xy[:-1][together], xy[1:][together]), axis=1))
    return np.concatenate((segments, lines[shapely.get_dimensions(lines) == 0]))


def _is_round(geometry: shapely.Geometry, buffer: StyledBuffer) -> bool:
    return buffer.join == JoinStyle.ROUND and (buffer.cap == CapStyle.ROUND or _only_areas(geometry))


def _unproject(
    polygon: shapely.Geometry, projection: projections.Projection, lon0: float, smallest: float
) -> shapely.Geometry:
    """A polygon of the local projection in longitude and latitude, unwrapped around ``lon0``. Holes below
    ``smallest`` (square metres) are cracks that GEOS leaves, since it simplifies its input by a hundredth of
    the distance."""
    outline = _ring_to_degrees(polygon.exterior, projection, lon0)
    rings = [ring for ring in polygon.interiors if abs(shapely.area(shapely.Polygon(ring))) > smallest]
    holes = [_ring_to_degrees(ring, projection, lon0) for ring in rings]
    return shapely.difference(outline, shapely.union_all(holes)) if holes else outline


def _ring_to_degrees(
    ring: shapely.Geometry, projection: projections.Projection, lon0: float
) -> shapely.Geometry:
    xy = shapely.get_coordinates(ring)[:-1]
    lon, lat = projection.to_degrees(xy[:, 0], xy[:, 1])
    lon = np.asarray(lon)
    first = lon0 + _wrapped(lon[0] - lon0)
    lon = first + np.concatenate(([0.0], np.cumsum(_wrapped(np.diff(lon)))))
    return _closed_ring(np.column_stack((lon, lat)))


def _closed_ring(ring: Array) -> shapely.Geometry:
    """A polygon of an unwrapped, open ring (n, 2). A ring that goes once around the earth is closed along its
    pole."""
    lon = ring[0, 0] + np.concatenate(([0.0], np.cumsum(_wrapped(np.diff(ring[:, 0])))))
    turn = lon[-1] + _wrapped(lon[0] - lon[-1]) - lon[0]
    points = np.column_stack((lon, ring[:, 1]))
    if abs(turn) > 180.0:
        pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
        end = [[lon[0] + turn, ring[0, 1]], [lon[0] + turn, pole], [lon[0], pole]]
        points = np.vstack((points, end))
    return shapely.make_valid(shapely.Polygon(points))


def _cut_at_180(polygons: list[shapely.Geometry]) -> shapely.Geometry:
    """Unwrapped polygons as one geometry with longitudes from -180 to 180."""
    pieces = []
    for polygon in polygons:
        west, _, east, _ = polygon.bounds
        if west >= -180.0 and east <= 180.0:
            pieces.append(polygon)
            continue
        for turn in range(math.floor((west + 180.0) / 360.0), math.floor((east + 180.0) / 360.0) + 1):
            strip = shapely.box(-180.0 + 360.0 * turn, -90.0, 180.0 + 360.0 * turn, 90.0)
            piece = shapely.intersection(polygon, strip)
            shift = 360.0 * turn
            pieces.append(shapely.transform(piece, lambda xy, shift=shift: xy - [shift, 0.0]))
    if not pieces:
        return shapely.Polygon()
    return pieces[0] if len(pieces) == 1 else _areas(shapely.union_all(pieces))


def _areas(geometry: shapely.Geometry) -> shapely.Geometry:
    """Without the lines that a cut along its edge leaves behind."""
    parts = shapely.get_parts(geometry)
    areas = parts[shapely.get_dimensions(parts) == 2]
    return areas[0] if len(areas) == 1 else shapely.union_all(areas)


def _without_seam(edges: shapely.Geometry) -> shapely.Geometry:
    """Outlines without what is no outline on the earth: the pole's own line, and where both sides of the 180
    degree meridian belong to the geometry."""
    east, west = (shapely.LineString([(lon, -90.0), (lon, 90.0)]) for lon in (180.0, -180.0))
    on_east = shapely.intersection(edges, east)
    on_west = shapely.transform(shapely.intersection(edges, west), lambda xy: xy + _TURN)
    shared = shapely.intersection(on_east, on_west)
    poles = [shapely.LineString([(-180.0, lat), (180.0, lat)]) for lat in (-90.0, 90.0)]
    seam = shapely.union_all([shared, shapely.transform(shared, lambda xy: xy - _TURN), *poles])
    return shapely.difference(edges, seam)


def _closed_at_poles(areas: shapely.Geometry) -> shapely.Geometry:
    """Areas around a pole without the pinprick that maps leave there: Natural Earth's Antarctica ends 120 m
    before it."""
    for lat in (-90.0, 90.0):
        cap = shapely.box(-180.0, min(lat, lat * _CAP), 180.0, max(lat, lat * _CAP))
        if shapely.length(shapely.intersection(shapely.boundary(areas), cap)) > 359.0:
            areas = shapely.union(areas, cap)
    return areas


def _only_areas(geometry: shapely.Geometry) -> bool:
    return bool((shapely.get_dimensions(shapely.get_parts(geometry)) == 2).all())


def _extent(bounds: tuple[float, float, float, float]) -> float:
    """The larger side of a rectangle of degrees, in metres."""
    west, south, east, north = bounds
    nearest = 0.0 if south < 0 < north else min(abs(south), abs(north))
    if _round_the_pole(west, south, east, north):
        return 2.0 * (90.0 - nearest) * METRES_PER_DEGREE
    width = (east - west) * math.cos(math.radians(min(nearest, 90.0)))
    return max(width, north - south) * METRES_PER_DEGREE


def _round_the_pole(west: float, south: float, east: float, north: float) -> bool:
    """Whether the rectangle is so wide and near a pole that its middle is best taken to be the pole."""
    return east - west > 180.0 and (south > 85.0 or north < -85.0)


def _wrapped(degrees: _Angle) -> _Angle:
    """An angle as its equal from -180 to 180."""
    return (degrees + 180.0) % 360.0 - 180.0


def _check_degrees(xy: Array) -> None:
    if not np.isfinite(xy).all():
        raise ValueError("a coordinate is not a finite number")
    if np.abs(xy[:, 1]).max(initial=0.0) > 90.0 + 1e-9 or np.abs(xy[:, 0]).max(initial=0.0) > 540.0:
        raise ValueError("a coordinate is not a longitude and latitude in degrees")
