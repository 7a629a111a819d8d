"""Groups of a dissolve are united together, each as it would be by itself."""

from __future__ import annotations

import numpy as np
import shapely

from redis_geo_plugin.core.operations import Dissolve


def group(*members):
    return shapely.GeometryCollection(list(members))


def test_groups_of_every_size_and_kind_are_united_each_by_itself():
    groups = np.empty(8, dtype=object)
    groups[:] = [
        group(shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)),
        None,
        group(),
        group(shapely.LineString([(0, 0), (1, 0)]), shapely.LineString([(1, 0), (2, 0)])),
        group(shapely.box(0, 0, 1, 1)),
        group(shapely.box(0, 0, 1, 1), shapely.box(5, 0, 6, 1), shapely.box(1, 0, 2, 1)),
        group(shapely.Point(0, 0), shapely.Point(0, 0)),
        group(shapely.box(0, 0, 1, 1), group()),
    ]
    results = Dissolve().compute((groups,), None)
    assert [None if one is None else one.geom_type for one in results] == [
        "Polygon",
        None,
        "GeometryCollection",
        "LineString",
        "Polygon",
        "MultiPolygon",
        "Point",
        "Polygon",
    ]
    assert [shapely.area(one) for one in results[[0, 4, 5, 7]]] == [6.0, 1.0, 3.0, 1.0]
    assert shapely.length(results[3]) == 2.0
