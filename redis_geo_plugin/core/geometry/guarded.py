"""Functions of GEOS that end the whole process, or never end, at odd but legal input, made safe.

``GEOSTopologyPreserveSimplify`` (3.11) divides by the square of a distance: where that is too small to be a
number the process ends, where it is too large the function does not. ``GEOSDensify`` ends it at an empty part
of a multi-part geometry, and refuses lines and rings whose vertices are all in one place.
"""

from __future__ import annotations

import operator

import numpy as np
import shapely

from .arrays import Array

LARGEST = 1e150  # a coordinate whose square is still a number
SMALLEST = 1e-140  # of which differences still have a square; what is nearer to zero is zero


def simplified(geometries: Array, tolerances: Array | float) -> Array:
    """``shapely.simplify`` that keeps the topology of n geometries. Raises ValueError for coordinates beyond
    LARGEST."""
    size = np.abs(shapely.get_coordinates(geometries))
    if size.max(initial=0.0) > LARGEST:
        raise ValueError(f"a coordinate beyond {LARGEST:g}")
    if ((size < SMALLEST) & (size > 0.0)).any():
        geometries = shapely.transform(geometries, _without_tiny, include_z=True)
    return np.asarray(shapely.simplify(geometries, tolerances, preserve_topology=True), dtype=object)


def _without_tiny(coordinates: Array) -> Array:
    tiny = np.abs(coordinates) < SMALLEST
    tiny[:, 2:] = False  # heights
    return np.where(tiny, 0.0, coordinates)


def densified(geometry: shapely.Geometry, step: float) -> shapely.Geometry:
    """``shapely.segmentize`` of one geometry that was ``cleaned``."""
    return shapely.segmentize(cleaned(geometry), step)


def cleaned(geometry: shapely.Geometry) -> shapely.Geometry:
    """The geometry without its empty parts and without holes of no length; a line or an area of no length is
    the point where it is."""
    parts = _parts(geometry)
    whole = [_cleaned(part) for part in parts if not shapely.is_empty(part)]
    if len(parts) == len(whole) and all(map(operator.is_, parts, whole)):
        return geometry
    if len(whole) == 1:
        return whole[0]
    together = {
        frozenset(("Point",)): shapely.multipoints,
        frozenset(("LineString",)): shapely.multilinestrings,
        frozenset(("Polygon",)): shapely.multipolygons,
    }.get(frozenset(part.geom_type for part in whole), shapely.geometrycollections)
    return together(whole)


def _cleaned(part: shapely.Geometry) -> shapely.Geometry:
    if shapely.get_dimensions(part) == 0:
        return part
    if shapely.length(part) == 0.0:
        return shapely.Point(shapely.get_coordinates(part)[0])
    if shapely.get_num_interior_rings(part) == 0:
        return part
    holes = [ring for ring in part.interiors if shapely.length(ring) > 0.0]
    return part if len(holes) == len(part.interiors) else shapely.Polygon(part.exterior, holes)


def _parts(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """The points, lines and polygons that it is made of, and what is empty in it."""
    if shapely.is_empty(geometry) or shapely.get_type_id(geometry) <= shapely.GeometryType.POLYGON:
        return [geometry]
    return [part for whole in shapely.get_parts(geometry) for part in _parts(whole)]
