"""Searches of an index whose documents hold shapes: by radius, by area, in another CRS, around a pole."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.features import index_search, indexes
from redis_geo_plugin.core.features.index_search import IndexQuery
from redis_geo_plugin.core.geo import areas
from redis_geo_plugin.core.geometry import projections
from redis_geo_plugin.core.redis.server import Server
from tests.support.indexes import index, members


@pytest.fixture
def server(stack_server):
    made = Server(stack_server.settings())
    yield made
    made.close()


@pytest.fixture
def admin(stack_server):
    with stack_server.client() as client:
        yield client


def some_shapes(chance, count):
    """WKT of points and of convex polygons, small and large, at 180 degrees and elsewhere."""
    for _ in range(count):
        lon = chance.choice([chance.uniform(-180, 180), 180 + chance.gauss(0, 2), 2.35])
        lat = chance.choice([chance.uniform(-70, 70), 48.85, 60])
        if chance.random() < 0.3:
            yield [((lon + 180) % 360 - 180, lat)]
            continue
        size = chance.choice([0.01, 0.5, 5])
        turned = chance.uniform(0, 2)
        yield [
            ((lon + size * math.cos(a + turned) + 180) % 360 - 180, lat + size * math.sin(a + turned))
            for a in (0.0, 1.5, 2.5, 4.5)
        ]


def wkt(corners):
    if len(corners) == 1:
        return "POINT({!r} {!r})".format(*corners[0])
    return "POLYGON((" + ", ".join(f"{x!r} {y!r}" for x, y in [*corners, corners[0]]) + "))"


def brute_distance(corners, lon, lat):
    """Metres from a position to a spherical shape: to points on its geodesic edges, 0 within it."""
    geod = projections.geod_of()
    xs, ys = [], []
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]]):
        azimuth, _, length = geod.inv(x0, y0, x1, y1)
        along = np.linspace(0.0, length, 400)
        ones = np.ones(400)
        x, y, _ = geod.fwd(x0 * ones, y0 * ones, azimuth * ones, along)
        xs.append(x)
        ys.append(y)
    x, y = np.concatenate(xs), np.concatenate(ys)
    ones = np.ones(len(x))
    nearest = float(np.min(geod.inv(lon * ones, lat * ones, x, y)[2]))
    if len(corners) > 1:
        ring = np.column_stack([lon + (x - lon + 180) % 360 - 180, y])
        if np.ptp(ring[:, 0]) < 180 and shapely.Polygon(ring).contains(shapely.Point(lon, lat)):
            return 0.0, nearest
    return nearest, nearest


def test_a_radius_finds_the_spherical_shapes_that_brute_force_finds(server, admin):
    index(admin, "zones", "ON", "HASH", "PREFIX", 1, "z:", "SCHEMA", "shape", "GEOSHAPE", "SPHERICAL")
    chance = random.Random(7)
    placed = {f"z:{number}": corners for number, corners in enumerate(some_shapes(chance, 400))}
    for key, corners in placed.items():
        admin.hset(key, "shape", wkt(corners))
    assert indexes.describe(server, "zones").failures == 0
    hits = 0
    for _ in range(25):
        lon, lat = chance.choice([(2.35, 48.85), (180, 10.0), (-179.5, 48.0), (2.0, 60.0), (10.0, 89.0)])
        metres = chance.choice([10, 5000, 1e5, 8e5, 5e6]) * chance.uniform(0.5, 1)
        found = index_search.radius(server, IndexQuery("zones"), [lon], [lat], metres)
        got = dict(zip(members_in_order(found), found.hits.distance.tolist()))
        for key, corners in placed.items():
            distance, nearest = brute_distance(corners, lon, lat)
            if abs(distance - metres) > 1e-3 * nearest + 10.0:  # what brute force can tell
                assert (key in got) == (distance <= metres), (key, lon, lat, metres, distance)
            if key in got:
                hits += 1
                assert got[key] == pytest.approx(distance, rel=1e-3, abs=50.0)
    assert hits > 200


def members_in_order(found):
    return [member.decode() for member in found.hits.members]


@pytest.mark.parametrize("system", ["FLAT", "SPHERICAL"])
def test_an_area_finds_the_shapes_that_meet_it(server, admin, system):
    index(admin, "zones", "ON", "HASH", "PREFIX", 1, "z:", "SCHEMA", "shape", "GEOSHAPE", system)
    chance = random.Random(8)
    placed = {}
    for number in range(300):
        x, y = chance.uniform(-3, 8), chance.uniform(43, 51)
        corners = [(x, y), (x + 0.2, y), (x + 0.2, y + 0.1), (x, y + 0.1)]
        placed[f"z:{number}"] = shapely.Polygon(corners)
        admin.hset(f"z:{number}", "shape", wkt(corners))
    for _ in range(10):
        x, y = chance.uniform(-2, 6), chance.uniform(44, 50)
        polygon = shapely.Polygon([(x, y), (x + 2, y + 0.3), (x + 1, y + 2)])
        found = index_search.area(server, IndexQuery("zones"), [areas.Area(polygon)])
        sure = {key for key, one in placed.items() if polygon.buffer(-1e-3).intersects(one)}
        maybe = {key for key, one in placed.items() if polygon.buffer(1e-3).intersects(one)}
        assert sure <= set(members(found)) <= maybe
        assert all(shapely.from_wkb(one).geom_type == "Polygon" for one in found.hits.shapes)


def test_flat_shapes_of_another_crs(server, admin):
    index(admin, "lots", "ON", "HASH", "PREFIX", 1, "l:", "SCHEMA", "shape", "GEOSHAPE", "FLAT")
    admin.hset(
        "l:1",
        "shape",
        "POLYGON((652000 6862000, 652100 6862000, 652100 6862100, 652000 6862100, 652000 6862000))",
    )
    admin.hset("l:2", "shape", "POINT(660000 6862000)")
    lon, lat = (float(v) for v in projections.to_wgs84("EPSG:2154").to_degrees(651950.0, 6862050.0))
    found = index_search.radius(server, IndexQuery("lots", crs="EPSG:2154"), [lon], [lat], 100)
    assert members(found) == ["l:1"]
    assert found.hits.distance[0] == pytest.approx(50, rel=0.01)
    drawn = shapely.from_wkb(found.hits.shapes[0])
    back = shapely.transform(drawn, projections.to_wgs84("EPSG:2154").in_crs)
    assert back.bounds == pytest.approx((652000, 6862000, 652100, 6862100), abs=0.01)
    found = index_search.radius(server, IndexQuery("lots"), [lon], [lat], 100)
    assert members(found) == []


def test_a_shape_around_the_pole_and_one_across_180_degrees(server, admin):
    index(admin, "zones", "ON", "HASH", "PREFIX", 1, "z:", "SCHEMA", "shape", "GEOSHAPE", "SPHERICAL")
    admin.hset("z:cap", "shape", "POLYGON((0 85, 90 85, 180 85, -90 85, 0 85))")
    admin.hset("z:date", "shape", "POLYGON((170 0, -170 0, -170 10, 170 10, 170 0))")
    at = {}
    for name, (lon, lat) in {"pole": (10, 89.9), "date": (-179, 5), "else": (0, 5)}.items():
        at[name] = members(index_search.radius(server, IndexQuery("zones"), [lon], [lat], 100))
    assert at == {"pole": ["z:cap"], "date": ["z:date"], "else": []}
    found = index_search.radius(server, IndexQuery("zones"), [-179], [5], 100)
    drawn = shapely.from_wkb(found.hits.shapes[0])
    assert drawn.geom_type == "MultiPolygon" and drawn.area == pytest.approx(200)
