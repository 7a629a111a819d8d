"""Searches around points, held to plain arithmetic, on replies from memory."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.geo import attributes, cells, hits, measure, search
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.geo_memory import GeoMemory

KEY = b"places"
PLACES = st.tuples(st.floats(-179.99, 179.99), st.floats(-85.0, 85.0))
NEAR = st.tuples(st.floats(2.0, 2.1), st.floats(48.0, 48.1))
CENTERS = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def server_with(places, **options):
    server = GeoMemory(**options)
    server.add(KEY, {b"m%d" % i: place for i, place in enumerate(places)})
    return server


def stored(places):
    """Where the members stand: in the middle of their cells."""
    lon, lat = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    return cells.decode(cells.encode(lon, lat))


def metres_to(places, center, ellipsoid=measure.WGS84):
    lon, lat = stored(places)
    count = len(lon)
    return measure.distances(ellipsoid, np.full(count, center[0]), np.full(count, center[1]), lon, lat)[0]


def unsure(metres, reach):
    """Members so near the circle that rounding decides."""
    return np.abs(metres - reach) < 1e-6 * max(reach, 1.0)


@settings(deadline=None, max_examples=150)
@given(st.lists(PLACES | NEAR, min_size=1, max_size=25), CENTERS, st.floats(0, 2e7), st.booleans())
def test_a_radius_finds_what_the_ruler_calls_inside(places, center, reach, sphere):
    ellipsoid = None if sphere else measure.WGS84
    server = server_with(places)
    found = search.radius(server, search.Query(KEY, ellipsoid), [center[0]], [center[1]], reach)
    metres = metres_to(places, center, ellipsoid)
    sure = {b"m%d" % i for i in np.flatnonzero((metres <= reach) & ~unsure(metres, reach))}
    perhaps = {b"m%d" % i for i in np.flatnonzero(unsure(metres, reach))}
    assert sure <= set(found.members) <= sure | perhaps
    assert len(set(found.members)) == len(found.members)
    assert found.distance.tolist() == sorted(found.distance.tolist())
    assert found.rank.tolist() == list(range(1, len(found) + 1))


@settings(deadline=None, max_examples=150)
@given(st.lists(PLACES | NEAR, min_size=1, max_size=40), CENTERS, st.integers(1, 12))
def test_the_nearest_are_the_nearest(places, center, count):
    found = search.nearest(server_with(places), search.Query(KEY), [center[0]], [center[1]], count)
    metres = np.sort(metres_to(places, center))
    assert len(found) == min(count, len(places))
    np.testing.assert_allclose(found.distance, metres[: len(found)], rtol=1e-9, atol=1e-3)


@settings(deadline=None, max_examples=60)
@given(st.lists(PLACES | NEAR, min_size=1, max_size=40), CENTERS, st.floats(1, 1e7), st.integers(1, 5))
def test_a_limit_keeps_the_nearest_of_all_within(places, center, reach, limit):
    query = search.Query(KEY, limit=limit)
    some = search.radius(server_with(places), query, [center[0]], [center[1]], reach)
    every = search.radius(server_with(places), search.Query(KEY), [center[0]], [center[1]], reach)
    np.testing.assert_allclose(some.distance, every.distance[:limit], rtol=1e-9, atol=1e-6)


def test_several_centres_are_searches_of_their_own():
    server = server_with([(2.0, 48.0), (3.0, 48.0)])
    found = search.radius(server, search.Query(KEY), [2.0, 3.0, 50.0], [48.0, 48.0, 0.0], 1000)
    assert found.members == [b"m0", b"m1"] and found.origin.tolist() == [0, 1]
    assert found.rank.tolist() == [1, 1]


@pytest.mark.parametrize("place", [(-179.999, 10.0), (179.999, 10.0)])
def test_across_180_degrees(place):
    found = search.radius(server_with([place]), search.Query(KEY), [180.0], [10.0], 500)
    assert found.members == [b"m0"] and found.distance[0] < 500


def test_around_a_pole_every_longitude_is_near():
    places = [(lon, 84.9) for lon in (-170.0, -90.0, 0.0, 90.0, 170.0)]
    found = search.radius(server_with(places), search.Query(KEY), [0.0], [90.0], 600_000)
    assert len(found) == 5


def test_members_that_redis_loses_are_found_with_a_note():
    server = server_with([(180.0, 10.0)])
    assert next(iter(server.sets[KEY].values())) >= cells.SCORES
    found = search.radius(server, search.Query(KEY), [179.9999], [10.0], 1000)
    assert found.members == [b"m0"] and hits.EDGE_FOUND in found.notes


def test_one_in_the_far_south_west_is_searched_as_any_other():
    found = search.radius(server_with([(-179.9, -84.9)]), search.Query(KEY), [-179.9], [-84.9], 10)
    assert found.members == [b"m0"]


def test_exact_coordinates_decide_while_they_agree_with_the_set():
    server = server_with([(2.0, 48.0)])
    beside = attributes.attributes_key(KEY)
    exact = {"longitude": 2.0 + 1e-6, "latitude": 48.0, "kind": "park"}
    server.hashes[beside] = {b"m0": json.dumps(exact).encode()}
    found = search.radius(server, search.Query(KEY), [2.0 + 1e-6], [48.0], 0.0)
    assert found.members == [b"m0"] and found.exact.tolist() == [True] and found.lon[0] == 2.0 + 1e-6
    assert found.attributes[0]["kind"] == "park"
    server.hashes[beside] = {b"m0": json.dumps({**exact, "longitude": 2.5}).encode()}
    moved = search.radius(server, search.Query(KEY), [2.0], [48.0], 1.0)
    assert moved.exact.tolist() == [False] and abs(moved.lon[0] - 2.0) < 1e-5


RUBBISH = [
    b"",
    b"[1]",
    b"{",
    b"null",
    b"\xff",
    b"[" * 10_000,
    b'{"longitude": true, "latitude": 1e999}',
    b'"x"',
]


@pytest.mark.parametrize("value", RUBBISH)
def test_rubbish_beside_a_set_is_no_error(value):
    server = server_with([(2.0, 48.0)])
    server.hashes[attributes.attributes_key(KEY)] = {b"m0": value}
    found = search.radius(server, search.Query(KEY), [2.0], [48.0], 10.0)
    assert found.members == [b"m0"] and found.exact.tolist() == [False]


def test_attributes_too_large_to_be_looked_at_are_left_out_with_a_note():
    places = [(2.0, 48.0 + i / 1e5) for i in range(30)]
    server = server_with(places)
    values = {b"m%d" % i: json.dumps({"n": i, "x": "x" * 900_000}).encode() for i in range(29)}
    values[b"m29"] = b'{"x": "%s"}' % (b"x" * 5_000_000)
    server.hashes[attributes.attributes_key(KEY)] = values
    found = search.radius(server, search.Query(KEY), [2.0], [48.0], 100_000.0)
    got = dict(zip(found.members, found.attributes))
    assert len(found) == 30 and got[b"m29"] is None and hits.LARGE_ATTRIBUTES in found.notes
    assert {got[b"m%d" % i]["n"] for i in range(29)} == set(range(29))
    assert server.asked.count("HMGET") >= 2  # no more than 16 MB at once


def test_light_attributes_cost_no_question_of_each_size():
    server = server_with([(2.0, 48.0 + i / 1e5) for i in range(30)])
    server.hashes[attributes.attributes_key(KEY)] = {b"m%d" % i: b"{}" for i in range(30)}
    found = search.radius(server, search.Query(KEY), [2.0], [48.0], 100_000.0)
    assert len(found) == 30 and "HSTRLEN" not in server.asked and server.asked.count("HMGET") == 1


def test_where_a_hash_may_not_be_weighed_it_is_read():
    server = server_with([(2.0, 48.0)], denied=("MEMORY USAGE", "HLEN"))
    server.hashes[attributes.attributes_key(KEY)] = {b"m0": b'{"kind": "park"}'}
    found = search.radius(server, search.Query(KEY), [2.0], [48.0], 10.0)
    assert found.attributes == [{"kind": "park"}] and not found.notes


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_any_bytes_beside_a_set_are_no_error(value):
    parsed = attributes.parse(value)
    assert parsed is None or isinstance(parsed, dict)


def test_without_a_right_it_does_what_it_may_and_says_what_is_missing():
    server = server_with([(2.0, 48.0)], denied=("ZRANGEBYSCORE", "EXISTS"))
    found = search.radius(server, search.Query(KEY), [2.0], [48.0], 10.0)
    assert found.members == [b"m0"]
    assert found.notes == {hits.NO_EDGE_RIGHT, hits.NO_ATTRIBUTES_RIGHT}


def test_without_the_right_to_search_it_fails():
    with pytest.raises(exceptions.NoPermissionError):
        search.radius(server_with([(2, 48)], denied=("GEOSEARCH",)), search.Query(KEY), [2.0], [48.0], 1.0)


@pytest.mark.parametrize(
    "lon, lat, metres, what",
    [
        ([np.nan], [0.0], 1.0, "center"),
        ([0.0], [91.0], 1.0, "center"),
        ([0.0], [0.0, 1.0], 1.0, "center"),
        ([0.0], [0.0], -1.0, "radius"),
        ([0.0], [0.0], np.inf, "radius"),
        ([0.0], [0.0], np.nan, "radius"),
    ],
)
def test_what_means_nothing_is_refused_by_name(lon, lat, metres, what):
    server = server_with([(2.0, 48.0)])
    with pytest.raises(search.BadQuery) as caught:
        search.radius(server, search.Query(KEY), lon, lat, metres)
    assert caught.value.what == what and server.asked == []


def test_a_cancelled_search_asks_nothing_more():
    server = server_with([(2.0, 48.0)])
    with pytest.raises(Cancelled):
        search.radius(server, search.Query(KEY), [2.0], [48.0], 1.0, Watch(lambda: True))
    assert server.asked == []


def test_progress_only_grows():
    told = []
    centres = np.linspace(-170, 170, 400)
    watch = Watch(told=told.append)
    search.radius(server_with([(2.0, 48.0)]), search.Query(KEY), centres, np.zeros(400), 1000.0, watch)
    assert told and told == sorted(told) and told[-1] <= 1.0
