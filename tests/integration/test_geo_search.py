"""Every search against brute force on the ellipsoid, on both servers."""

from __future__ import annotations

import os
from functools import cache

import numpy as np
import pytest
import redis
import shapely
from pyproj import Transformer

from redis_geo_plugin.core.geo import areas, cells, hits, measure, native, search
from redis_geo_plugin.core.redis.server import open_server
from tests.support.globe import KEY, exact, fill, numbers

POINTS = 2500
SEARCHES = 5000 if os.environ.get("REDIS_GEO_FULL") else 1500


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


@pytest.fixture(scope="module")
def globe(shared_server):
    """(server, longitudes, latitudes) as the server stores them; read by every test of this module, changed by none."""
    with shared_server.client() as client:
        client.flushall()
        lon, lat = world(np.random.default_rng(7))
        fill(client, lon, lat)
    return shared_server, *cells.decode(cells.encode(lon, lat))


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
    """Random searches of the globe as both servers store it, each with the points it must find: worked out once."""
    lon, lat = cells.decode(cells.encode(*world(np.random.default_rng(7))))
    rng = np.random.default_rng(11)
    searches = [centre_and_radius(rng, count % 6, lon, lat) for count in range(SEARCHES)]
    return [(*one, np.flatnonzero(exact(one[0], one[1], lon, lat) <= one[2])) for one in searches]


@pytest.mark.slow
def test_random_radius_searches_miss_nothing_and_add_nothing(globe):
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
    assert found_in_all > 40 * SEARCHES


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
