"""Searches in areas and along lines, held to Shapely and geodesics, on replies from memory."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.geo import areas, measure
from redis_geo_plugin.core.geo.search import BadQuery, Query
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.unit.geo.test_search import KEY, server_with, stored

PLACES = st.tuples(st.floats(-179.99, 179.99), st.floats(-85.0, 85.0))
CLOSE = st.tuples(st.floats(-10, 10), st.floats(-10, 10))
CORNERS = st.lists(CLOSE, min_size=3, max_size=8)


def members_in(server, *shapes, **options):
    return areas.search(server, Query(KEY, **options), list(shapes))


@settings(deadline=None, max_examples=80)
@given(st.lists(CLOSE, min_size=1, max_size=30), CORNERS)
def test_any_polygon_holds_what_shapely_says(places, corners):
    polygon = shapely.MultiPoint(corners).convex_hull
    assume(polygon.geom_type == "Polygon" and polygon.area > 1e-3)
    found = members_in(server_with(places), areas.Area(polygon))
    points = shapely.points(*stored(places))
    inside = {b"m%d" % i for i in np.flatnonzero(shapely.intersects(polygon, points))}
    assert set(found.members) == inside and len(set(found.members)) == len(found)


@settings(deadline=None, max_examples=40)
@given(st.lists(PLACES, min_size=1, max_size=30), PLACES, st.floats(1, 350), st.floats(1, 60))
def test_a_box_of_any_width_also_across_180_degrees(places, corner, width, height):
    west, south = corner[0], min(corner[1], 85 - height)
    found = members_in(server_with(places), areas.rectangle(west, south, west + width, south + height))
    lon, lat = stored(places)
    inside = ((lon - west) % 360.0 <= width) & (lat >= south) & (lat <= south + height)
    assert set(found.members) == {b"m%d" % i for i in np.flatnonzero(inside)}


def test_a_hole_is_left_out_and_borders_count():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    server = server_with([(5.0, 5.0), (1.0, 1.0), (20.0, 5.0)])
    assert members_in(server, areas.Area(ring)).members == [b"m1"]


def test_edges_are_straight_in_the_areas_own_crs():
    """A wide box in Lambert 93: its northern edge bends away from the parallel."""
    box = shapely.box(200_000, 6_500_000, 1_200_000, 6_600_000)
    found = members_in(server_with([(2.0, 46.0), (2.0, 40.0)]), areas.Area(box, "EPSG:2154"))
    assert found.members == [b"m0"]


def test_an_area_in_another_crs_is_drawn_in_degrees():
    box = areas.Area(shapely.box(600_000, 6_800_000, 700_000, 6_900_000), "EPSG:2154")
    drawn = shapely.from_wkb(box.wkb_in_degrees())
    west, south, east, north = drawn.bounds
    assert 1 < west < east < 4 and 47 < south < north < 50


@settings(deadline=None, max_examples=30)
@given(st.lists(CLOSE, min_size=1, max_size=20), st.tuples(CLOSE, CLOSE), st.floats(100, 50_000))
def test_a_corridor_holds_what_is_within_reach_of_its_line(places, ends, metres):
    assume(ends[0] != ends[1])
    line = shapely.LineString(ends)
    area = areas.corridor(line, metres, measure.WGS84)
    found = set(members_in(server_with(places), area).members)
    lon, lat = stored(places)
    steps = np.linspace(0, 1, 400)[:, None]
    dense = np.array(ends[0]) + (np.array(ends[1]) - np.array(ends[0])) * steps
    length = float(np.hypot(*(np.array(ends[1]) - np.array(ends[0])))) * 111_320
    for i, place in enumerate(zip(lon, lat)):
        far, _ = measure.distances(
            measure.WGS84, np.full(400, place[0]), np.full(400, place[1]), dense[:, 0], dense[:, 1]
        )
        nearest, between = far.min(), length / 400
        if nearest < metres * 0.995:
            assert b"m%d" % i in found
        if nearest - between > metres * 1.005:
            assert b"m%d" % i not in found


@pytest.mark.parametrize("metres", [0.0, -1.0, np.nan, np.inf])
def test_a_corridor_needs_a_radius(metres):
    with pytest.raises(BadQuery) as caught:
        areas.corridor(shapely.LineString([(0, 0), (1, 1)]), metres, measure.WGS84)
    assert caught.value.what == "radius"


@pytest.mark.parametrize(
    "polygon", [shapely.Polygon(), shapely.Polygon([(0, 0), (1, np.inf), (1, 1), (0, 0)])]
)
def test_an_area_that_is_none_is_refused(polygon):
    with pytest.raises(BadQuery) as caught:
        members_in(server_with([(0.0, 0.0)]), areas.Area(polygon))
    assert caught.value.what == "area"


def test_a_bow_tie_is_both_its_halves():
    tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)])
    found = members_in(server_with([(1.0, 5.0), (9.0, 5.0), (5.0, 9.0)]), areas.Area(tie))
    assert set(found.members) == {b"m0", b"m1"}


def test_members_at_180_degrees_are_found_in_an_area():
    found = members_in(server_with([(180.0, 0.0)]), areas.rectangle(170, -5, 190, 5))
    assert found.members == [b"m0"]


def test_each_area_has_its_own_hits_and_the_search_can_be_cancelled():
    server = server_with([(1.0, 1.0), (5.0, 5.0)])
    boxes = [areas.rectangle(0, 0, 2, 2), areas.rectangle(0, 0, 6, 6)]
    found = members_in(server, *boxes)
    assert sorted(zip(found.origin.tolist(), found.members)) == [(0, b"m0"), (1, b"m0"), (1, b"m1")]
    with pytest.raises(Cancelled):
        areas.search(server, Query(KEY), boxes, Watch(lambda: True))
