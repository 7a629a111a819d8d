"""Every search against brute force on the ellipsoid, on both servers."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
import redis
import shapely
from pyproj import Transformer

from redis_geo_plugin.core.geo import areas, cells, hits, measure, native, search, sets
from redis_geo_plugin.core.geo import replies as wire
from redis_geo_plugin.core.redis import server as core_server
from redis_geo_plugin.core.redis.calls import LIMITS, CallLimits
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError, classify
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.watch import Cancelled, Watch

POINTS = 2500
KEY = b"places"


def world(rng, n=POINTS):
    """Points over the globe, crowded along 180 degrees and at both latitude limits, some exactly there."""
    lon = rng.uniform(-180, 180, n)
    lat = np.clip(np.degrees(np.arcsin(rng.uniform(-0.9962, 0.9962, n))), -85.05, 85.05)
    part = n // 6
    lon[:part] = (rng.uniform(179, 181, part) + 180) % 360 - 180
    lat[part : 2 * part] = rng.uniform(80, 85.05, part)
    lat[2 * part : 3 * part] = -rng.uniform(80, 85.05, part)
    lon[3 * part : 4 * part], lat[3 * part : 4 * part] = (
        rng.normal(2.35, 0.5, part),
        rng.normal(48.85, 0.3, part),
    )
    lon[0], lat[1], lon[2], lat[3] = 180.0, 85.05112878, -180.0, -85.05112878
    return lon, lat


def fill(client, lon, lat, key=KEY):
    with client.pipeline(transaction=False) as pipe:
        for start in range(0, len(lon), 500):
            values = []
            for i in range(start, min(start + 500, len(lon))):
                values += [float(lon[i]), float(lat[i]), f"m{i}"]
            pipe.geoadd(key, values)
        pipe.execute()


def numbers(found):
    return np.array(sorted(int(m[1:]) for m in found.members), int)


@pytest.fixture(scope="module")
def globe(shared_server):
    """(server, longitudes, latitudes) as the server stores them; read by every test of this module, changed by none."""
    with shared_server.client() as client:
        client.flushall()
        lon, lat = world(np.random.default_rng(7))
        fill(client, lon, lat)
    return shared_server, *cells.decode(cells.encode(lon, lat))


def exact(lon0, lat0, lon, lat, ellipsoid=measure.WGS84):
    n = len(lon)
    return measure.distances(ellipsoid, np.full(n, float(lon0)), np.full(n, float(lat0)), lon, lat)[0]


def centre_and_radius(rng, kind, lon, lat):
    """One random search: anywhere, at 180 degrees, near a pole, middling, ending within a metre of a point, radius 0."""
    lon0, lat0, radius = rng.uniform(-180, 180), rng.uniform(-90, 90), 10 ** rng.uniform(2, 7.3)
    if kind == 1:
        lon0 = rng.choice([180.0, -180.0, 179.9999, -179.99])
    elif kind == 2:
        lat0 = rng.choice([1, -1]) * rng.uniform(70, 90)
        radius = 111_000 * abs(90 - abs(lat0)) * rng.uniform(0.9, 1.2)
    elif kind == 3:
        radius = rng.uniform(1e4, 3e6)
    elif kind == 4:
        one = rng.integers(len(lon))
        away = exact(lon0, lat0, lon[one : one + 1], lat[one : one + 1])[0]
        radius = away if rng.random() < 0.3 else max(0.0, away + rng.uniform(-1, 1))
    elif kind == 5:
        one = rng.integers(len(lon))
        lon0, lat0, radius = lon[one], lat[one], 0.0
    return float(lon0), float(lat0), float(radius)


def test_encoding_and_decoding_are_the_servers_own(globe):
    server, lon, lat = globe
    with server.client() as client:
        stored = dict(client.zrange(KEY, 0, -1, withscores=True))
        positions = np.array(client.geopos(KEY, *[f"m{i}" for i in range(len(lon))]), float)
    scores = np.array([stored[f"m{i}".encode()] for i in range(len(lon))])
    original = world(np.random.default_rng(7))
    assert (cells.encode(*original) == scores.astype(np.uint64)).all()
    assert np.abs(positions[:, 0] - lon).max() < 1e-12 and np.abs(positions[:, 1] - lat).max() < 1e-12


@cache
def random_searches():
    """5,000 random searches of the globe as both servers store it, each with the points it must find: worked out once."""
    lon, lat = cells.decode(cells.encode(*world(np.random.default_rng(7))))
    rng = np.random.default_rng(11)
    searches = [centre_and_radius(rng, count % 6, lon, lat) for count in range(5000)]
    return [(*one, np.flatnonzero(exact(one[0], one[1], lon, lat) <= one[2])) for one in searches]


@pytest.mark.slow
def test_5000_radius_searches_miss_nothing_and_add_nothing(globe):
    server, _lon, _lat = globe
    mine = open_server(server.settings())
    wrong, found_in_all = [], 0
    for lon0, lat0, radius, wanted in random_searches():
        found = search.radius(mine, search.Query(KEY), [lon0], [lat0], radius)
        found_in_all += len(found)
        if not np.array_equal(numbers(found), wanted):
            wrong.append((lon0, lat0, radius, len(wanted), len(found)))
        assert (np.diff(found.distance) >= 0).all()
    assert not wrong
    assert found_in_all > 200_000


def test_the_nearest_and_limited_searches_are_the_first_of_all(globe):
    server, lon, lat = globe
    mine, rng = open_server(server.settings()), np.random.default_rng(13)
    for count in range(250):
        lon0, lat0, radius = centre_and_radius(rng, count % 5, lon, lat)
        limit = int(rng.integers(1, 60))
        all_of_them = np.sort(exact(lon0, lat0, lon, lat))
        near = search.nearest(mine, search.Query(KEY), [lon0], [lat0], limit)
        assert np.abs(near.distance - all_of_them[:limit]).max() < 1e-6
        assert near.rank.tolist() == list(range(1, limit + 1))
        some = search.radius(mine, search.Query(KEY, limit=limit), [lon0], [lat0], radius)
        assert np.allclose(some.distance, all_of_them[all_of_them <= radius][:limit], rtol=0, atol=1e-6)


def test_many_centres_are_many_searches(globe):
    server, _lon, _lat = globe
    mine, rng = open_server(server.settings()), np.random.default_rng(17)
    lon0, lat0 = rng.uniform(-180, 180, 130), rng.uniform(-89, 89, 130)
    together = search.radius(mine, search.Query(KEY), lon0, lat0, 900_000)
    for index in range(len(lon0)):
        alone = search.radius(
            mine, search.Query(KEY), lon0[index : index + 1], lat0[index : index + 1], 900_000
        )
        mask = together.origin == index
        assert [together.members[i] for i in np.flatnonzero(mask)] == alone.members
        assert together.rank[mask].tolist() == alone.rank.tolist()


def test_on_the_sphere_it_agrees_with_redis_where_redis_is_right(globe):
    server, _lon, _lat = globe
    mine, rng = open_server(server.settings()), np.random.default_rng(19)
    compared = 0
    with server.client() as client:
        for _ in range(150):
            lon0, lat0, radius = rng.uniform(-179, 179), rng.uniform(-60, 60), 10 ** rng.uniform(3, 6)
            theirs = client.geosearch(
                KEY, longitude=lon0, latitude=lat0, radius=radius, unit="m", withdist=True
            )
            ours = search.radius(mine, search.Query(KEY, ellipsoid=None), [lon0], [lat0], radius)
            assert sorted(m for m, _ in theirs) == sorted(ours.members)
            known = dict(theirs)
            assert all(abs(known[m] - d) < 1e-3 for m, d in zip(ours.members, ours.distance))
            compared += len(theirs)
    assert compared > 300


def test_members_that_the_server_never_finds_are_found_and_told(globe):
    server, lon, lat = globe
    near = (179.0, float(lat[0]))
    found = search.radius(open_server(server.settings()), search.Query(KEY), [near[0]], [near[1]], 300_000)
    assert lon[0] == 180.0 and b"m0" in found.members and hits.EDGE_FOUND in found.notes
    with server.client() as client:
        theirs = client.geosearch(KEY, longitude=near[0], latitude=near[1], radius=300_000, unit="m")
    assert theirs and b"m0" not in theirs


def star(rng, lon0, lat0, size, corners):
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = size * rng.uniform(0.3, 1, corners)
    return shapely.make_valid(
        shapely.polygons(np.column_stack([lon0 + radius * np.cos(angle), lat0 + radius * np.sin(angle)]))
    )


def inside(polygon, crs, lon, lat):
    """Brute force: which points lie in a polygon or on its border, in the polygon's own CRS."""
    if crs == areas.LON_LAT:
        turns = [shapely.intersects_xy(polygon, lon + turn, lat) for turn in (-360, 0, 360)]
        return np.logical_or.reduce(turns)
    x, y = Transformer.from_crs(areas.LON_LAT, crs, always_xy=True).transform(lon, lat)
    fine = np.isfinite(x) & np.isfinite(y)
    return fine & shapely.intersects_xy(polygon, np.where(fine, x, 0), np.where(fine, y, 0))


def random_area(rng, kind):
    """A star with or without a hole, in degrees (also beyond 180), in Mercator or in Lambert 93."""
    corners = int(rng.integers(3, 150))
    if kind == 1:
        x, y = rng.uniform(-1.5e7, 1.5e7), rng.uniform(-1.5e7, 1.5e7)
        return areas.Area(star(rng, x, y, 10 ** rng.uniform(4, 6.5), corners), "EPSG:3857")
    if kind == 2:
        return areas.Area(star(rng, 6e5, 6.8e6, 10 ** rng.uniform(3, 5.7), corners), "EPSG:2154")
    lon0 = rng.uniform(175, 185) if kind == 3 else rng.uniform(-180, 180)
    polygon = star(rng, lon0, rng.uniform(-70, 70), 10 ** rng.uniform(-0.5, 1.8), corners)
    if kind == 4:
        polygon = shapely.union_all([polygon, star(rng, lon0 + 30, 20, 10, 12)])
        polygon = shapely.difference(polygon, shapely.buffer(shapely.centroid(polygon), 1.5))
    return areas.Area(polygon)


@pytest.mark.parametrize("way", ["along the border", "by bounding box", "by BYPOLYGON"])
def test_areas_hold_what_brute_force_finds(globe, way, monkeypatch):
    monkeypatch.setattr(areas, "FEW", 0 if way == "along the border" else areas.FEW)
    natively = count_native(monkeypatch, way == "by BYPOLYGON")
    server, lon, lat = globe
    mine, rng = open_server(server.settings()), np.random.default_rng(23)
    found_in_all = 0
    for count in range(250):
        area = random_area(rng, count % 5)
        if area.polygon.is_empty or area.polygon.area == 0:
            continue
        wanted = np.flatnonzero(inside(area.polygon, area.crs, lon, lat))
        found = areas.search(mine, search.Query(KEY), [area])
        assert np.array_equal(numbers(found), wanted), (count, area.crs, area.polygon.bounds)
        found_in_all += len(found)
    assert found_in_all > 8_000
    assert len(natively) > 25 if way == "by BYPOLYGON" and knows_polygons(server) else not natively


def count_native(monkeypatch, always):
    """A list that grows with each answer of BYPOLYGON; ``always``: asked whenever it is safe, else never."""
    monkeypatch.setattr(native, "FEWEST", 0 if always else 10**9)
    monkeypatch.setattr(native, "CORNERS", 1000)
    answers, ask = [], native.search

    def counted(*arguments):
        found = ask(*arguments)
        if found is not None:
            answers.append(len(found[0]))
        return found

    monkeypatch.setattr(native, "search", counted)
    return answers


def knows_polygons(server):
    with server.client() as client:
        try:
            client.execute_command("GEOSEARCH", KEY, "BYPOLYGON", 3, 0, 0, 0, 1, 1, 1)
        except redis.ResponseError:
            return False
    return True


def test_bypolygon_up_to_the_limits_of_its_rule(globe, monkeypatch):
    """Rings as wide and as far from the equator as the rule allows, thin ones, and ones with a hole."""
    server, lon, lat = globe
    mine, rng, natively = (
        open_server(server.settings()),
        np.random.default_rng(31),
        count_native(monkeypatch, True),
    )
    for count in range(300):
        east, north = 10 ** rng.uniform(-2, np.log10(30)), 10 ** rng.uniform(-2, np.log10(20))
        x, y = rng.uniform(-180 + east, 180 - east), rng.choice([-1, 1]) * rng.uniform(0, 80 - north)
        corners = int(rng.integers(3, 50))
        angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(0, 6)
        stretch = rng.uniform(0.2, 1, corners)
        polygon = shapely.polygons(
            np.column_stack([x + east * stretch * np.cos(angle), y + north * stretch * np.sin(angle)])
        )
        if count % 3 == 0:
            polygon = shapely.difference(
                polygon, shapely.buffer(shapely.point_on_surface(polygon), 0.1 * north)
            )
        found = areas.search(mine, search.Query(KEY), [areas.Area(polygon)])
        wanted = np.flatnonzero(inside(polygon, areas.LON_LAT, lon, lat))
        assert np.array_equal(numbers(found), wanted), polygon.bounds
    assert len(natively) > 200 if knows_polygons(server) else not natively


@pytest.mark.parametrize(
    ("polygon", "fits"),
    [
        (shapely.box(0, 0, 1, 1), True),
        (shapely.box(0, 0, 1, 1).difference(shapely.box(0.4, 0.4, 0.6, 0.6)), True),
        (shapely.Point(0, 0).buffer(1, quad_segs=50), False),
        (shapely.union(shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)), False),
        (shapely.box(0, 0, 61, 1), False),
        (shapely.box(170, 0, 190, 1), False),
        (shapely.box(0, 79, 1, 81), False),
        (shapely.box(0, -81, 1, -79), False),
    ],
)
def test_which_areas_bypolygon_is_asked_for(polygon, fits):
    assert (native.ring_around(polygon, areas.MARGIN) is not None) is fits


def test_bypolygon_is_asked_where_it_wins(one_server, monkeypatch):
    natively = count_native(monkeypatch, False)
    monkeypatch.setattr(native, "FEWEST", 50)
    with one_server.client() as client:
        rng = np.random.default_rng(5)
        fill(client, rng.uniform(0, 10, 9000), rng.uniform(40, 50, 9000))
    mine = open_server(one_server.settings())
    for size in (0.01, 2.0, 9.9):  # hardly any member, some hundreds, nearly all
        areas.search(mine, search.Query(KEY), [areas.rectangle(0, 40, size, 40 + size)])
    assert len(natively) == (1 if knows_polygons(one_server) else 0)
    assert mine.known == ({} if natively else {native.KNOWN: False})


@pytest.mark.parametrize(
    "box",
    [(-180, -90, 180, 90), (-200, -10, 200, 10), (170, -60, 195, 60), (-180, 80, 180, 90), (0, 0, 160, 60)],
)
@pytest.mark.parametrize("few", [0, 4000])
def test_wide_rectangles(globe, box, few, monkeypatch):
    monkeypatch.setattr(areas, "FEW", few)
    server, lon, lat = globe
    area = areas.rectangle(*box)
    found = areas.search(open_server(server.settings()), search.Query(KEY), [area])
    assert np.array_equal(numbers(found), np.flatnonzero(inside(area.polygon, area.crs, lon, lat)))


def test_a_corridor_is_all_within_the_distance_of_the_line(globe):
    server, lon, lat = globe
    line = shapely.linestrings([(1.0, 48.0), (2.5, 49.0), (3.5, 48.6)])
    found = areas.search(
        open_server(server.settings()), search.Query(KEY), [areas.corridor(line, 20_000, measure.WGS84)]
    )
    close = (np.abs(lon - 2.3) < 4) & (np.abs(lat - 48.5) < 3)
    dense = shapely.get_coordinates(shapely.segmentize(line, 0.002))
    nearest = np.full(len(lon), np.inf)
    for index in np.flatnonzero(close):
        n = len(dense)
        nearest[index] = exact(lon[index], lat[index], dense[:n, 0], dense[:n, 1]).min()
    clear = np.abs(nearest - 20_000) > 40
    got = np.zeros(len(lon), bool)
    got[numbers(found)] = True
    assert (got[clear] == (nearest <= 20_000)[clear]).all() and got.sum() > 50


def test_touching_borders_count_and_holes_do_not(server):
    with server.client() as client:
        lon, lat = cells.decode(
            np.array([cells.encode(np.array([x]), np.array([1.0]))[0] for x in (1.0, 2.0, 3.0)])
        )
        fill(client, lon, lat)
    ring = [(lon[0], 0), (lon[2], 0), (lon[2], 2), (lon[0], 2)]
    hole = [(lon[1] - 0.5, 0.5), (lon[1] + 0.5, 0.5), (lon[1] + 0.5, 1.5), (lon[1] - 0.5, 1.5)]
    found = areas.search(
        open_server(server.settings()), search.Query(KEY), [areas.Area(shapely.Polygon(ring, [hole]))]
    )
    assert numbers(found).tolist() == [0, 2]


def test_exact_coordinates_decide_until_the_member_moves(server):
    mine = open_server(server.settings())
    lon, lat = 2.3522219, 48.856614
    with server.client() as client:
        client.geoadd(KEY, (lon, lat, "exact"))
        client.hset(
            KEY + b":attributs", "exact", json.dumps({"longitude": lon, "latitude": lat, "name": "Paris"})
        )
        found = search.radius(mine, search.Query(KEY), [lon], [lat], 0.0)
        assert found.members == [b"exact"] and found.distance[0] == 0 and found.exact.all()
        assert found.attributes == [{"longitude": lon, "latitude": lat, "name": "Paris"}]
        client.geoadd(KEY, (3.0, 50.0, "exact"))
        assert len(search.radius(mine, search.Query(KEY), [lon], [lat], 1000.0)) == 0
        moved = search.radius(mine, search.Query(KEY), [3.0], [50.0], 10.0)
        assert (
            moved.members == [b"exact"] and not moved.exact.any() and moved.attributes[0]["name"] == "Paris"
        )


def test_members_of_any_bytes(server):
    members = [b"\xff\x00\xfe", b"", b"a b\r\nc", "Œuvre, #1 (é)".encode(), b"x" * 5000]
    with server.client() as client:
        for index, member in enumerate(members):
            client.execute_command("GEOADD", KEY, 1 + index * 1e-3, 1, member)
            client.hset(KEY + b":attributs", member, json.dumps({"n": index}))
    found = search.radius(open_server(server.settings()), search.Query(KEY), [1], [1], 10_000)
    assert found.members == members and [a["n"] for a in found.attributes] == list(range(len(members)))


def test_attributes_of_other_programs_do_no_harm(server):
    values = [
        b"not json",
        b"[1, 2]",
        b'{"longitude": "x", "latitude": null}',
        b"\xff",
        b'{"longitude": 1e400, "latitude": 1}',
    ]
    with server.client() as client:
        for index, value in enumerate(values):
            client.geoadd(KEY, (1 + index * 1e-4, 1, f"m{index}"))
            client.hset(KEY + b":attributs", f"m{index}", value)
    found = search.radius(open_server(server.settings()), search.Query(KEY), [1], [1], 10_000)
    assert len(found) == len(values) and not found.exact.any()
    with server.client() as client:
        client.delete(KEY + b":attributs")
        client.set(KEY + b":attributs", "another kind of value")
    found = search.radius(open_server(server.settings()), search.Query(KEY), [1], [1], 10_000)
    assert len(found) == len(values) and hits.NO_ATTRIBUTES_RIGHT in found.notes


def test_empty_missing_wrong_and_single(server):
    mine = open_server(server.settings())
    query = search.Query(KEY)
    assert len(search.radius(mine, query, [0], [0], 1e6)) == 0
    assert len(search.nearest(mine, query, [0], [0], 5)) == 0
    assert len(areas.search(mine, query, [areas.rectangle(-10, -10, 10, 10)])) == 0
    assert sets.describe(mine, KEY).kind == "none"
    assert search.radius(mine, query, [], [], 10).members == []
    with server.client() as client:
        client.geoadd(KEY, (2, 3, "alone"))
        client.set("text", "x")
        client.zadd("index_locations", {"Central Park": 1, "Times Square": 1})
    assert search.nearest(mine, query, [-170], [-80], 5).members == [b"alone"]
    assert search.nearest(mine, query, [2, 180], [3, 0], 1).members == [b"alone", b"alone"]
    assert (
        sets.describe(mine, b"text").kind == "string"
        and sets.describe(mine, b"index_locations").kind == "zset"
    )
    for work in (
        lambda: search.radius(mine, search.Query(b"text"), [0], [0], 10),
        lambda: search.nearest(mine, search.Query(b"text"), [0], [0], 1),
        lambda: areas.search(mine, search.Query(b"text"), [areas.rectangle(0, 0, 1, 1)]),
    ):
        with pytest.raises(Exception) as caught:
            work()
        assert classify(caught.value).kind is FailureKind.WRONG_TYPE


@pytest.mark.parametrize("radius", [float("nan"), float("inf"), -1.0])
def test_radii_that_mean_nothing_are_refused(one_server, radius):
    with pytest.raises(search.BadQuery) as caught:
        search.radius(open_server(one_server.settings()), search.Query(KEY), [0], [0], radius)
    assert caught.value.what == "radius"


def test_a_search_of_a_set_without_attributes_is_one_round_trip(server, monkeypatch):
    with server.client() as client:
        client.geoadd(KEY, (2, 3, "m"))
        client.execute_command(
            "ACL", "SETUSER", "some", "on", ">p", "~places", "+geosearch", "+auth", "+client"
        )
    sent = []
    replies = wire.replies

    def counted(client, commands):
        sent.append([command[0] for command in commands])
        found = replies(client, commands)
        assert found is not None  # not a second time by the ordinary way
        return found

    monkeypatch.setattr(wire, "replies", counted)
    for user in ({}, {"username": "some", "password": "p"}):  # a missing right costs none either
        found = search.radius(open_server(server.settings(**user)), search.Query(KEY), [2, 2], [3, 3], 1000)
        assert found.members == [b"m", b"m"]
        assert sent.pop() == ["ZRANGEBYSCORE", "EXISTS", "GEOSEARCH", "GEOSEARCH"] and not sent


def test_a_server_that_does_not_answer_is_not_asked_again_another_way(one_server, monkeypatch):
    with one_server.client() as client:
        client.geoadd(KEY, (2, 3, "m"))
        monkeypatch.setitem(LIMITS, "bulk", CallLimits(0.2, 0.4))
        monkeypatch.setattr(core_server, "BULK_RETRIES", 0)
        mine = core_server.Server(one_server.settings())
        assert search.radius(mine, search.Query(KEY), [2], [3], 1000).members == [b"m"]
        packed, sent = redis.Connection.send_packed_command, []
        monkeypatch.setattr(
            redis.Connection,
            "send_packed_command",
            lambda *given, **more: (sent.append(1), packed(*given, **more))[1],
        )
        client.client_pause(30_000)
        sent.clear()
        try:
            with pytest.raises(redis.exceptions.TimeoutError):
                search.radius(mine, search.Query(KEY), [2], [3], 1000)
        finally:
            asked = len(sent)
            client.client_unpause()
        mine.close()
    assert asked == 1


def test_without_rights(server):
    with server.client() as client:
        client.geoadd(KEY, (2, 3, "m"))
        client.hset(KEY + b":attributs", "m", "{}")
        client.execute_command(
            "ACL", "SETUSER", "some", "on", ">p", "~places", "+geosearch", "+auth", "+client", "+hello"
        )
        client.execute_command("ACL", "SETUSER", "none", "on", ">p", "+auth", "+client")
    some = open_server(server.settings(username="some", password="p"))
    found = search.radius(some, search.Query(KEY), [2], [3], 1000)
    assert found.members == [b"m"] and found.notes == {hits.NO_EDGE_RIGHT, hits.NO_ATTRIBUTES_RIGHT}
    with pytest.raises(Exception) as caught:
        search.radius(
            open_server(server.settings(username="none", password="p")), search.Query(KEY), [2], [3], 1000
        )
    assert classify(caught.value).kind is FailureKind.NO_RIGHTS


def test_only_sets_of_positions_are_recognised(server):
    mine = open_server(server.settings(key_prefix="team*:"))
    with server.client() as client:
        client.geoadd("team*:locations", (-73.98, 40.75, "Times Square"))
        client.geoadd("team*:edge", (180, 10, "lost"))
        client.zadd("team*:index_locations", {"Times Square": 1})
        client.zadd("team*:scores", {"a": 1.6e12, "b": 7})
        client.zadd("team*:ratios", {"a": 1.5, "b": 0.2})
        client.geoadd("teamX:locations", (0, 0, "of another tenant"))
        client.set("team*:text", "x")
    found = {s.key: s for s in sets.find(mine)}
    assert set(found) == {b"team*:locations", b"team*:edge"}
    assert found[b"team*:edge"].lost == 1 and found[b"team*:locations"].preview == (b"Times Square",)


class Counting(Watch):
    def __init__(self, stop_at=None):
        self.seen = []
        super().__init__(lambda: stop_at is not None and len(self.seen) >= stop_at, self.seen.append)


def test_100_000_hits_with_progress_and_cancel(one_server):
    rng = np.random.default_rng(29)
    lon, lat = rng.uniform(0, 5, 100_000), rng.uniform(45, 50, 100_000)
    with one_server.client() as client:
        fill(client, lon, lat)
        client.hset(KEY + b":attributs", "m0", "{}")
    mine = open_server(one_server.settings())
    watch = Counting()
    found = search.radius(mine, search.Query(KEY), [2.5], [47.5], 1e6, watch)
    assert len(found) == 100_000 and len(set(found.members)) == 100_000
    assert watch.seen == sorted(watch.seen) and len(watch.seen) >= 3
    with pytest.raises(Cancelled):
        search.radius(mine, search.Query(KEY), [2.5], [47.5], 1e6, Counting(stop_at=1))


def test_a_set_that_changes_during_a_search(one_server):
    import threading

    rng = np.random.default_rng(31)
    lon, lat = rng.uniform(0, 2, 4000), rng.uniform(46, 48, 4000)
    with one_server.client() as client:
        fill(client, lon, lat)
    mine, stop = open_server(one_server.settings()), threading.Event()

    def stir():
        with one_server.client() as other:
            count = 0
            while not stop.is_set():  # the last thousand members wander, the others stay
                index = 3000 + count % 1000
                other.geoadd(KEY, (float(rng.uniform(0, 2)), float(rng.uniform(46, 48)), f"m{index}"))
                count += 1

    thread = threading.Thread(target=stir)
    thread.start()
    try:
        everything = areas.rectangle(-1, 45, 3, 49)
        for _ in range(15):
            for found in (
                search.radius(mine, search.Query(KEY), [1], [47], 4e5),
                areas.search(mine, search.Query(KEY), [everything]),
            ):
                assert numbers(found).tolist() == list(range(4000))
    finally:
        stop.set()
        thread.join()


def test_a_server_that_has_gone_is_a_failure_and_no_hang(make_server):
    real = make_server()
    mine = open_server(real.settings())
    real.kill()
    with pytest.raises(Exception) as caught:
        search.radius(mine, search.Query(KEY), [0], [0], 10)
    assert classify(caught.value).passing
    with pytest.raises(StoreError):
        open_server(None)
