"""Geometries of one key have one result: the order of vertices and parts is part of the key where a result depends on it."""

from __future__ import annotations

import random

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache.digests import item_digests
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations import OPERATIONS

ORDERS = 12
OTHER = {
    "nearest": "GEOMETRYCOLLECTION (POLYGON ((5 0, 9 0, 9 4, 5 4, 5 0)))",
    "intersection": "POLYGON ((1 0, 9 0, 9 4, 1 4, 1 0))",
}
GEOMETRIES = [
    "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
    "POLYGON ((0 0, 4 0, 4 4, 2 1, 0 4, 0 0), (1 0.2, 2 0.2, 2 0.4, 1 0.2))",
    "LINESTRING (0 0, 4 0, 4 4)",
    "MULTIPOINT ((0 0), (4 0), (4 4), (2 2))",
    "MULTIPOINT Z ((0 0 1), (4 0 2), (4 4 3), (0 0 9), (4 0 7))",
    "MULTIPOLYGON Z (((0 0 1, 4 0 2, 4 4 3, 0 0 1)), ((4 0 7, 8 0 7, 8 4 7, 4 4 9, 4 0 7)))",
    "GEOMETRYCOLLECTION Z (POLYGON Z ((0 0 1, 4 0 2, 4 4 3, 0 0 1)), POLYGON Z ((4 0 5, 8 0 6, 8 4 7, 4 4 8, 4 0 5)))",
    "GEOMETRYCOLLECTION (LINESTRING (0 0, 1 0), LINESTRING (1 0, 2 0), LINESTRING (2 0, 3 3))",
]


def in_another_order(geometry, draw):
    """The same geometry with another first vertex, way round and order of its parts."""
    if geometry.geom_type == "Polygon":
        rings = []
        for ring in (geometry.exterior, *geometry.interiors):
            vertices = list(ring.coords)[:-1]
            first = draw.randrange(len(vertices))
            rings.append((vertices[first:] + vertices[:first])[:: draw.choice((1, -1))])
        return shapely.Polygon(rings[0], rings[1:])
    if geometry.geom_type == "LineString":
        return shapely.LineString(list(geometry.coords)[:: draw.choice((1, -1))])
    if geometry.geom_type == "Point":
        return geometry
    parts = [in_another_order(part, draw) for part in geometry.geoms]
    draw.shuffle(parts)
    return type(geometry)(parts)


def equal(one, other):
    """But for where areas begin, and the last digits."""
    if not one.has_z and shapely.get_dimensions(one) == shapely.get_dimensions(other) == 2:
        return one.symmetric_difference(other).area < 1e-9
    return wkb.write_one(one.normalize()) == wkb.write_one(other.normalize())


@pytest.mark.parametrize("text", GEOMETRIES)
@pytest.mark.parametrize("name", sorted({kind.name for kind in OPERATIONS.values()}))
def test_equal_keys_mean_equal_results(name, text):
    operation, draw = OPERATIONS[name](), random.Random(text)
    geometry = shapely.from_wkt(text if operation.keeps_z else shapely.force_2d(shapely.from_wkt(text)).wkt)
    numbers = [0.5] if operation.number_name else None
    results = {}
    for order in range(ORDERS):
        given = [geometry if order == 0 else in_another_order(geometry, draw)]
        given += [shapely.from_wkt(OTHER[name])] if operation.arity == 2 else []
        columns = [[wkb.write_one(one)] for one in given]
        key = item_digests(operation, columns, numbers)[0]
        arrays = tuple(np.array([one], dtype=object) for one in given)
        (result,) = operation.compute(arrays, None if numbers is None else np.array(numbers))
        assert equal(result, results.setdefault(key, result)), (result, results[key])
    assert operation.keeps_order or geometry.has_z or len(results) == 1
