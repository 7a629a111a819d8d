"""The arithmetic of GEO sets' positions, without a server."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core import readable
from redis_geo_plugin.core.geo import cells, measure, search


def test_spread_and_squash_are_inverse():
    values = np.random.default_rng(1).integers(0, 1 << 32, 1000, dtype=np.uint64)
    assert (cells.squash(cells.spread(values)) == values).all()


def test_encoding_of_a_decoded_position_is_the_same_cell():
    scores = np.random.default_rng(2).integers(0, cells.SCORES, 5000, dtype=np.uint64)
    assert (cells.encode(*cells.decode(scores)) == scores).all()


@pytest.mark.parametrize(
    "lon, wrapped",
    [(180.0, -180.0), (-180.0, -180.0), (181.0, -179.0), (-190.0, 170.0), (540.0, -180.0), (0.0, 0.0)],
)
def test_longitudes_are_brought_into_the_half_open_interval(lon, wrapped):
    assert cells.wrap_longitude(np.array([lon]))[0] == wrapped


def test_what_is_storable_lies_on_the_grid():
    lon, lat = cells.storable(
        np.array([180.0, -180.0, 0.0]), np.array([cells.LAT_LIMIT, -cells.LAT_LIMIT, 90.0])
    )
    assert (cells.encode(lon, lat) < cells.SCORES).all()


@pytest.mark.parametrize("most", [1, 4, 64, 500])
def test_a_cover_holds_every_position_of_its_box(most):
    rng = np.random.default_rng(most)
    for _ in range(100):
        west, east = np.sort(rng.uniform(-180, 180, 2))
        south, north = np.sort(rng.uniform(-90, 90, 2))
        ranges = cells.cover_box(west, south, east, north, most)
        lon, lat = rng.uniform(west, east, 50), np.clip(rng.uniform(south, north, 50), -85.05, 85.05)
        inside = (lat >= south) & (lat <= north)
        scores = cells.encode(lon[inside], lat[inside]).tolist()
        assert all(any(a <= s <= b for a, b in ranges) for s in scores)
        assert all(a > last for (_, last), (a, _) in zip(ranges, ranges[1:]))


@pytest.mark.parametrize(
    "member", [b"Central Park", b"\xff\xfe", b"a\x00b", "Ünïcode".encode(), b"\\x41", b"\\", b"", b"\\\\x"]
)
def test_any_member_comes_back_from_its_text(member):
    shown = readable.text(member)
    assert readable.bytes_of(shown) == member
    assert "\x00" not in shown


def test_scores_that_are_no_places_are_not_recognised():
    def geo(*scores):
        return cells.looks_geographic(np.array(scores, float))

    assert not geo(1, 1, 1)
    assert not geo(1.6e9, 1.7e9)  # times in seconds
    assert not geo(1.6e12, 1.7e12)  # in milliseconds
    assert not geo(3.5, 1.8e15)
    assert not geo(-4, 1.8e15)
    assert not geo()
    assert not geo(float("inf"))
    assert geo(1791873974549446)
    assert geo(1791873974549446, 3)  # one member in the far south does not make it a list of numbers


def test_the_curvature_bounds_hold_every_distance():
    rng = np.random.default_rng(5)
    n = 20_000
    lon0, lon = rng.uniform(-180, 180, n), rng.uniform(-180, 180, n)
    lat0, lat = rng.uniform(-90, 90, n), rng.uniform(-90, 90, n)
    half = n // 2  # half of the pairs close together, where the bounds are reached
    lon[:half], lat[:half] = (
        lon0[:half] + rng.normal(0, 0.01, half),
        np.clip(lat0[:half] + rng.normal(0, 0.01, half), -90, 90),
    )
    for ellipsoid in (measure.WGS84, measure.Ellipsoid(6378249.145, 6356514.870, "Clarke 1880")):
        exact, _ = measure.distances(ellipsoid, lon0, lat0, lon, lat)
        sphere = measure.sphere_distances(lon0, lat0, lon, lat)
        assert (sphere <= exact * ellipsoid.widest + 1e-6).all()


@pytest.mark.parametrize(
    "lon, lat, metres", [(0, 0, 1e5), (179.9, 10, 5e5), (20, 89, 4e5), (-30, -80, 2e6), (0, 0, 9e6)]
)
def test_the_drawn_circle_is_the_circle(lon, lat, metres):
    figure = measure.circle(measure.WGS84, lon, lat, metres)
    west, south, east, north = figure.bounds
    assert west >= -180 and east <= 180 and south >= -90 and north <= 90
    rng = np.random.default_rng(3)
    n = 3000
    x, y = rng.uniform(-180, 180, n), rng.uniform(-90, 90, n)
    distance, _ = measure.distances(measure.WGS84, np.full(n, float(lon)), np.full(n, float(lat)), x, y)
    drawn = shapely.intersects_xy(figure, x, y)
    clear = (
        np.abs(distance - metres) > metres * 0.002 + 1
    )  # 180 corners: off by 0.02 %, more where the plane is torn
    clear &= np.abs(y) < 89.5
    assert (drawn[clear] == (distance < metres)[clear]).all()


@pytest.mark.parametrize("lon, lat, metres", [(2.35, 48.85, 1e5), (179.9, 10, 5e5), (20, 89, 4e5)])
def test_the_circle_is_drawn_without_shapely_too(monkeypatch, lon, lat, metres):
    drawn = shapely.from_wkb(measure.circle_wkb(measure.WGS84, lon, lat, metres))
    assert drawn.equals_exact(measure.circle(measure.WGS84, lon, lat, metres), 0)
    monkeypatch.setattr(measure, "shapely_problem", lambda: "shapely")
    whole = shapely.from_wkb(measure.circle_wkb(measure.WGS84, lon, lat, metres))
    assert shapely.area(whole) == pytest.approx(drawn.area)  # not cut at 180 degrees, and all of it there


def test_refusals():
    with pytest.raises(search.BadQuery):
        search._centres([float("nan")], [0])
    with pytest.raises(search.BadQuery):
        search._centres([0], [91])
