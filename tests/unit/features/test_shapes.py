"""Shapes of the query engine."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.features import shapes

SPHERE, PLANE = shapes.Plane(), shapes.Plane(geodesic=False)


@pytest.mark.parametrize(
    "wkt, lengths",
    [
        ("POINT(1 2)", [1]),
        (" point ( -1.5e1   .5 ) ", [1]),
        ("POLYGON((0 0, 1 0, 1 1, 0 0))", [4]),
        ("POLYGON ((0 0,1 0,1 1))", [4]),
        ("POLYGON((0 0,9 0,9 9,0 0),(1 1,2 1,2 2,1 1))", [4, 4]),
        ("POLYGON((0 0, 1 0))", None),
        ("POLYGON Z((0 0 1,1 0 1,1 1 1,0 0 1))", None),
        ("POLYGON EMPTY", None),
        ("LINESTRING(0 0,1 1)", None),
        ("POINT(1)", None),
        ("POINT(nan 1)", None),
        ("POINT(1e999 1)", None),
        ("", None),
    ],
)
def test_what_is_read(wkt, lengths):
    rings = shapes.parse_wkt(wkt)
    assert (rings and [len(ring) for ring in rings]) == lengths


@given(st.text(alphabet="POLYGNIT(), .-e0123456789", max_size=60))
def test_rubbish_is_refused(text):
    for wkt in (text, "POLYGON" + text, "POINT(" + text):
        rings = shapes.parse_wkt(wkt)
        assert rings is None or all(np.isfinite(ring).all() for ring in rings)


def test_a_long_rubbish_ends():
    assert shapes.parse_wkt("POLYGON((" + "0 0," * 200_000 + "x") is None
    assert shapes.parse_wkt("POLYGON((" + "1" * 300_000) is None
    assert shapes.parse_wkt("POLYGON((" + " " * 300_000) is None


def test_an_edge_of_a_spherical_shape_is_a_geodesic():
    rings = shapes.parse_wkt("POLYGON((-30 60,30 60,30 70,-30 70,-30 60))")
    followed = shapes.followed(rings, SPHERE)
    assert not shapes.holds_point(followed, 0, 61) and shapes.holds_point(followed, 0, 72)
    flat = shapes.followed(rings, PLANE)
    assert shapes.holds_point(flat, 0, 61) and not shapes.holds_point(flat, 0, 72)
    assert shapes.as_drawn(rings, SPHERE).equals(shapes.as_drawn(rings, PLANE))


def test_across_180_degrees_and_around_a_pole():
    date = shapes.followed(shapes.parse_wkt("POLYGON((170 0,-170 0,-170 10,170 10,170 0))"), SPHERE)
    assert (
        shapes.holds_point(date, 180, 5)
        and shapes.holds_point(date, -175, 5)
        and not shapes.holds_point(date, 0, 5)
    )
    for pole, lat in ((90, 80), (-90, -80)):
        cap = shapes.followed(
            shapes.parse_wkt(f"POLYGON((0 {lat},90 {lat},180 {lat},-90 {lat},0 {lat}))"), SPHERE
        )
        assert all(shapes.holds_point(cap, lon, pole * 0.99) for lon in range(-180, 181, 20))
        assert not shapes.holds_point(cap, 0, 0)
    drawn = shapes.as_drawn(shapes.parse_wkt("POLYGON((170 0,-170 0,-170 10,170 10,170 0))"), SPHERE)
    assert drawn.geom_type == "MultiPolygon" and drawn.bounds == (-180, 0, 180, 10)


def test_distances_are_those_to_the_nearest_part():
    made = [shapes.followed(shapes.parse_wkt(wkt), SPHERE) for wkt in (
        "POINT(2 49)", "POLYGON((2 48.9, 3 48.9, 3 50, 2 50, 2 48.9))", "POLYGON((1 48, 3 48, 3 50, 1 50, 1 48))",
        "POLYGON((1 48, 3 48, 3 50, 1 50, 1 48),(1.9 48.5, 2.1 48.5, 2.1 49, 1.9 49, 1.9 48.5))",
        "POINT(-178 -48.5)",
    )]  # fmt: skip
    metres, bearing = shapes.distances(np.array(made, dtype=object), 2.0, 48.5, 6378137.0, 6356752.314245179)
    assert metres == pytest.approx([55603.6, 44482.0, 0, 0, 20003931.46], rel=1e-4)
    assert bearing[0] == pytest.approx(0, abs=1e-6) and bearing[2] == 0
    assert shapely.get_num_geometries(made[0]) == 1
