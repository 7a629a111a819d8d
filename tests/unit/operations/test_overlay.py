"""Intersections and unions as QGIS's own algorithms give them: parts of one dimension, merged lines, Z, grids."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache.digests import item_digests
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations import ConvexHull, Dissolve, Intersection, Simplify


def column(*wkts):
    return np.array([shapely.from_wkt(wkt) for wkt in wkts], dtype=object)


def test_what_is_shared_keeps_the_dimension_of_the_first():
    polygon = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"
    first = column(polygon, "LINESTRING (-1 1, 5 1)", "POINT (1 1)", polygon)
    second = column("POLYGON ((4 4, 9 4, 9 9, 4 9, 4 4))", polygon, polygon, "LINESTRING (0 0, 4 0)")
    shared = Intersection().compute((first, second), None)
    assert [one.is_empty for one in shared] == [True, False, False, True]
    assert shared[1].length == 4.0


def test_a_grid_snaps_and_is_part_of_the_key():
    first, second = (
        column("POLYGON ((0 0, 4.2 0, 4.2 4.2, 0 4.2, 0 0))"),
        column("POLYGON ((1 1, 9 1, 9 9, 1 9, 1 1))"),
    )
    assert Intersection(grid=1.0).compute((first, second), None)[0].bounds == (1, 1, 4, 4)
    assert Intersection(grid=1.0).fingerprint() != Intersection().fingerprint()
    assert Intersection.from_job(Intersection(grid=1.0).to_job()) == Intersection(grid=1.0)
    with pytest.raises(ValueError):
        Intersection.from_job({"grid": -1})


def test_lines_are_merged_where_two_of_them_meet():
    group = column("GEOMETRYCOLLECTION (LINESTRING (0 0, 1 0), LINESTRING (1 0, 2 0), LINESTRING (5 5, 6 6))")
    whole = Dissolve().compute((group,), None)[0]
    assert sorted(len(part.coords) for part in whole.geoms) == [2, 3]


@pytest.mark.parametrize(
    "operation, numbers",
    [
        (ConvexHull(), None),
        (Simplify(), np.array([0.1])),
        (Simplify(ring_ends=True, geos="3.13"), np.array([0.1])),
    ],
)
def test_z_is_kept_in_results_and_keys(operation, numbers):
    solid, other = (
        column("POLYGON Z ((0 0 1, 4 0 2, 4 4 3, 0 0 1))"),
        column("POLYGON Z ((0 0 1, 4 0 9, 4 4 3, 0 0 1))"),
    )
    flat = shapely.force_2d(solid)
    result = wkb.read(wkb.write(operation.compute((solid,), numbers)))[0]
    assert result.has_z and {z for _, _, z in result.exterior.coords} == {1.0, 2.0, 3.0}
    given = None if numbers is None else list(numbers)
    digests = {item_digests(operation, [wkb.write(one)], given)[0] for one in (solid, other, flat)}
    assert len(digests) == 3


def test_a_result_that_depends_on_the_order_of_vertices_has_it_in_its_key():
    ring = wkb.write(column("POLYGON ((0 0, 4 0, 4 4, 0 0))", "POLYGON ((4 0, 4 4, 0 0, 4 0))"))
    assert len(set(item_digests(Simplify(), [ring], [0.1, 0.1]))) == 2
    assert len(set(item_digests(ConvexHull(), [ring], None))) == 1


def test_negative_zeros_are_positive_in_keys_with_z_too():
    values = wkb.write(column("POINT Z (0 1 5)", "POINT Z (-0 1 5)", "POINT (0 1)", "POINT (-0 1)"))
    digests = item_digests(ConvexHull(), [values], None)
    assert digests[0] == digests[1] != digests[2] == digests[3]


def test_flat_geometries_are_written_as_ever_beside_solid_ones():
    mixed = column("POINT (1 2)", "POINT Z (1 2 3)", "POLYGON EMPTY", "MULTILINESTRING EMPTY")
    values = wkb.write(np.append(mixed, None))
    assert [value and value[1:5].hex() for value in values] == [
        "01000000",
        "e9030000",
        "03000000",
        "05000000",
        None,
    ]
    assert wkb.write_one(mixed[1]) == values[1] and wkb.write_one(mixed[0]) == values[0]
