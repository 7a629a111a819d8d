"""Buffers on the ellipsoid against distances measured with pyproj.Geod, point by point."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from redis_geo_plugin.core.geometry import geodesic, wkb
from redis_geo_plugin.core.operations import Buffer
from redis_geo_plugin.core.operations.buffer import CapStyle, JoinStyle
from tests.support.world import country

GEOD = Geod(ellps="WGS84")


def buffer_of(geometry, distance, **more):
    buffer = Buffer(**{"segments": 16, "geodesic": True, "crs": "EPSG:4326", **more})
    return geodesic.buffers(np.array([geometry], dtype=object), np.array([float(distance)]), buffer)[0]


def corners_inside(result):
    """Corners of a result that are not on the 180 degree meridian or a pole, where it is merely cut."""
    xy = shapely.get_coordinates(result)
    return xy[(np.abs(np.abs(xy[:, 0]) - 180) > 1e-9) & (np.abs(np.abs(xy[:, 1]) - 90) > 1e-9)]


def distances_to(xy, geometry, step_m=1000.0):
    """The distance of each point (n, 2) to the outline of a geometry, by brute force on its dense vertices, in metres.
    The sampling makes it too long by at most step²/8d, so the outline is densified."""
    outline = geometry if shapely.get_dimensions(geometry) < 2 else shapely.boundary(geometry)
    vertices = shapely.get_coordinates(shapely.segmentize(outline, step_m / 111_000.0))
    found = []
    for lon, lat in xy:
        width = np.cos(np.radians(lat))
        rough = np.hypot(((vertices[:, 0] - lon + 180) % 360 - 180) * width, vertices[:, 1] - lat)
        near = vertices[np.argsort(rough)[:400]]
        found.append(
            GEOD.inv(np.full(len(near), lon), np.full(len(near), lat), near[:, 0], near[:, 1])[2].min()
        )
    return np.array(found)


def wrapped_inside(result, lon, lat):
    lon = (lon + 180.0) % 360.0 - 180.0
    return bool(shapely.intersects_xy(result, lon, lat))


# -- points: exactly --------------------------------------------------------------------------------------------------


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(1, 3_000_000))
@settings(max_examples=150, deadline=None)
def test_the_circle_around_any_point(lon, lat, radius):
    result = buffer_of(shapely.Point(lon, lat), radius, segments=8)
    assert shapely.is_valid(result) and not result.is_empty
    west, south, east, north = result.bounds
    assert west >= -180 and east <= 180 and south >= -90 and north <= 90
    xy = corners_inside(result)
    away = GEOD.inv(np.full(len(xy), lon), np.full(len(xy), lat), xy[:, 0], xy[:, 1])[2]
    on_circle = np.abs(away - radius) < max(0.01, radius * 1e-6)
    closing = np.abs(np.abs(xy[:, 0]) - 180) < 1e-6
    assert (on_circle | closing | (away < radius)).all()
    assert on_circle.sum() >= min(16, len(xy) // 2)
    assert wrapped_inside(result, lon, lat) or abs(lat) > 89.999


@pytest.mark.parametrize("lon, lat, radius", [(180, 0, 50_000), (-180, 10, 50_000), (179.9, 70, 200_000), (0, 90, 500_000),
                                               (30, -90, 500_000), (0, 89, 200_000), (17, -88, 300_000), (179.99, 89.9, 50_000)])  # fmt: skip
def test_points_on_both_sides_of_180_degrees_and_at_the_poles(lon, lat, radius):
    """Points just inside are in the result, points just outside are not, in every direction."""
    result = buffer_of(shapely.Point(lon, lat), radius, segments=64)
    assert shapely.is_valid(result)
    for azimuth in np.arange(0.3, 360, 7.7):
        for share, inside in ((0.02, True), (0.5, True), (0.99, True), (1.01, False), (1.5, False)):
            x, y, _ = GEOD.fwd(lon, lat, azimuth, radius * share)
            assert wrapped_inside(result, x, y) is inside, (azimuth, share)


# -- real countries: sampled ------------------------------------------------------------------------------------------

# Name, distance in metres, how far the sampled boundary may be off, as a share of the distance
COUNTRIES = [
    ("France", 10_000, 0.004),
    ("France", 100_000, 0.004),
    ("Fiji", 10_000, 0.004),
    ("Fiji", 200_000, 0.004),
    ("Russia", 50_000, 0.005),
    ("Antarctica", 100_000, 0.005),
]


@pytest.mark.parametrize("name, distance, tolerance", COUNTRIES)
def test_the_outline_around_a_country_is_as_far_as_asked(name, distance, tolerance):
    geometry = wkb.read([country(name)])[0]
    result = buffer_of(geometry, distance, segments=32)
    assert shapely.is_valid(result)
    west, south, east, north = result.bounds
    assert west >= -180 and east <= 180 and south >= -90 and north <= 90
    assert shapely.covers(shapely.buffer(result, 1e-6), geometry)
    xy = corners_inside(result)
    chosen = xy[np.random.default_rng(7).choice(len(xy), min(len(xy), 300), replace=False)]
    away = distances_to(chosen, geometry, min(distance / 20, 2000.0))
    assert np.abs(away / distance - 1).max() < tolerance


@pytest.mark.parametrize(
    "name, distance", [("France", -20_000), ("Russia", -50_000), ("Antarctica", -100_000)]
)
def test_a_negative_distance_takes_from_the_edge(name, distance):
    geometry = wkb.read([country(name)])[0]
    result = buffer_of(geometry, distance, segments=32)
    assert shapely.is_valid(result) and not result.is_empty
    assert shapely.covers(shapely.buffer(geometry, 1e-6), result)
    xy = corners_inside(result)
    chosen = xy[np.random.default_rng(7).choice(len(xy), min(len(xy), 200), replace=False)]
    away = distances_to(chosen, geometry, 2000.0)
    assert np.abs(away / -distance - 1).max() < 0.006


@pytest.mark.parametrize("end", [-90.0, -89.99892578125])
@pytest.mark.parametrize("distance", [100_000, -100_000])
def test_a_continent_around_the_pole_has_no_hole_there(distance, end):
    """Natural Earth's Antarctica ends 120 m before the pole: that is no shore."""
    coast = [(lon, -70.0 + 3 * np.sin(np.radians(3 * lon))) for lon in np.arange(180.0, -180.1, -1.0)]
    continent = shapely.Polygon(
        [*coast, (-180, end), *((lon, end) for lon in range(-170, 180, 10)), (180, end)]
    )
    result = buffer_of(continent, distance)
    assert shapely.is_valid(result)
    for lon in np.arange(-179.5, 180, 20.3):
        for lat in (-89.999, -89.5, -89.0, -85.0):
            assert shapely.intersects_xy(result, lon, lat), (lon, lat)
    xy = corners_inside(result)
    away = distances_to(xy[::20], shapely.LineString(coast), 2000.0)
    assert np.abs(away / abs(distance) - 1).max() < 0.006


def test_the_south_pole_stays_inside_antarctica():
    result = buffer_of(wkb.read([country("Antarctica")])[0], 100_000)
    assert all(
        shapely.intersects_xy(result, lon, lat)
        for lon in range(-179, 180, 20)
        for lat in (-89.999, -89.0, -85.0)
    )


def test_both_sides_of_180_degrees_grow_together():
    """Fiji lies on both sides: no seam is left along the meridian."""
    geometry = wkb.read([country("Fiji")])[0]
    result = buffer_of(geometry, 30_000)
    on_east = shapely.intersection(result, shapely.LineString([(180, -20), (180, -15)])).length
    on_west = shapely.intersection(result, shapely.LineString([(-180, -20), (-180, -15)])).length
    assert on_east > 0.5 and on_east == pytest.approx(on_west, rel=1e-3)


# -- near the poles, and of any length: bounded --------------------------------------------------------------------------


@pytest.mark.parametrize("lat", [80.0, 89.0, 89.9, 89.99, -89.999, 89.9999])
@pytest.mark.parametrize("is_line", [True, False])
def test_a_metre_round_a_pole_takes_few_vertices_and_is_a_metre(lat, is_line):
    """The parallels are short there: a vertex for every so many degrees of longitude would be one a millimetre."""
    line = shapely.LineString([(lon, lat) for lon in np.arange(-179.0, 180.0, 1.0)])
    area = shapely.box(-180.0, min(lat, np.copysign(90.0, lat)), 180.0, max(lat, np.copysign(90.0, lat)))
    result = buffer_of(line if is_line else area, 1.0)
    circumference = 2 * np.pi * 6_371_000 * np.cos(np.radians(lat))
    assert len(shapely.get_coordinates(result)) < 3_000 + circumference / 6
    xy = corners_inside(result)
    xy = xy[np.abs(xy[:, 0]) < 178.0]  # the line's ends are near each other
    xy = xy[:: max(1, len(xy) // 200)]
    width = np.abs(90.0 - np.abs(xy[:, 1]) - (90.0 - abs(lat))) * GEOD.inv(0, 89.0, 0, 90.0)[2]
    assert np.abs(width - 1.0).max() < 0.05


def test_cracks_are_found_beside_as_many_edges_as_there_are():
    """Corners that are nearer than they may be are looked up in a tree: the shape is that of looking at each."""
    rng = np.random.default_rng(5)
    line = shapely.LineString(np.cumsum(rng.normal(0, 0.002, (3000, 2)), axis=0))
    result = buffer_of(line, 400.0)
    xy = corners_inside(result)
    away = distances_to(xy[::10], line, 30.0)
    assert away.min() > 400.0 * 0.97 and shapely.is_valid(result)


@pytest.mark.parametrize("distance", [10_000_001.0, -2e7, 1e300])
def test_a_distance_that_would_reach_the_other_side_is_refused(distance):
    for geometry in (shapely.Point(3, 45), shapely.LineString([(0, 0), (1, 1)]), shapely.box(0, 0, 1, 1)):
        with pytest.raises(ValueError, match="10,000 km"):
            buffer_of(geometry, distance)
    with pytest.raises(ValueError, match="10,000 km"):
        Buffer(geodesic=True, crs="EPSG:4326").check_number(distance)
    Buffer().check_number(distance)


def test_what_would_take_hours_is_refused_in_words():
    zigzag = shapely.LineString([(-179.0 + 358.0 * (i % 2), 50.0 - i / 1000.0) for i in range(40_000)])
    with pytest.raises(ValueError, match="too long for so small a distance"):
        buffer_of(zigzag, 1.0)


# -- other shapes, styles and systems ---------------------------------------------------------------------------------


def test_a_line_right_across_180_degrees():
    line = shapely.LineString([(179.5, -17), (180.5, -17)])
    result = buffer_of(line, 10_000)
    for lon in (179.5, 179.9, 180.0, -179.9, -179.5):
        assert wrapped_inside(result, lon, -17 + 0.05) and not wrapped_inside(result, lon, -17 + 0.2)


def test_flat_and_square_ends_of_a_small_line():
    line = shapely.LineString([(2, 48), (2.1, 48)])
    flat = buffer_of(line, 1000, cap=CapStyle.FLAT)
    square = buffer_of(line, 1000, cap=CapStyle.SQUARE)
    rounded = buffer_of(line, 1000)
    assert flat.area < rounded.area < square.area
    length = GEOD.inv(2, 48, 2.1, 48)[2]
    assert abs(GEOD.geometry_area_perimeter(flat)[0]) == pytest.approx(2000 * length, rel=2e-3)


@pytest.mark.parametrize("join", [JoinStyle.MITRE, JoinStyle.BEVEL])
def test_joins_of_a_large_shape_that_are_not_round(join):
    result = buffer_of(shapely.box(0, 40, 9, 50), 20_000, join=join)
    assert shapely.is_valid(result) and result.covers(shapely.box(0, 40, 9, 50))


@pytest.mark.parametrize("crs", ["EPSG:2154", "EPSG:3857", "EPSG:32631"])
def test_a_projected_system_gives_true_metres(crs):
    there = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = there.transform(2.5, 48.5)
    result = buffer_of(shapely.Point(x, y), 25_000, crs=crs)
    lon, lat = there.transform(*shapely.get_coordinates(result).T, direction="INVERSE")
    away = GEOD.inv(np.full(len(lon), 2.5), np.full(len(lon), 48.5), lon, lat)[2]
    assert np.abs(away - 25_000).max() < 1.0


@pytest.mark.parametrize("shape", ["point", "square", "line"])
@pytest.mark.parametrize(
    "crs", ["EPSG:4807", "EPSG:4902", "EPSG:27561", "EPSG:27572", "EPSG:29702", "EPSG:4275", "EPSG:32738"]
)
def test_metres_are_metres_on_datums_in_grads_and_from_other_meridians(crs, shape):
    """1000 m on the CRS's own ellipsoid, whatever the unit of its angles is."""
    system = CRS(crs)
    area = system.area_of_use
    lon, lat = (area.west + area.east) / 2, (area.south + area.north) / 2
    x, y = Transformer.from_crs("EPSG:4326", system, always_xy=True).transform(lon, lat)
    small = 1.0 if not system.is_geographic else 1e-5
    geometry = {
        "point": shapely.Point(x, y),
        "square": shapely.box(x, y, x + small, y + small),
        "line": shapely.LineString([(x, y), (x + small, y)]),
    }[shape]
    result = buffer_of(geometry, 1000.0, crs=crs)
    own = system.geodetic_crs
    degrees = own.axis_info[0].unit_conversion_factor / np.radians(1.0)
    to_own = Transformer.from_crs(system, own, always_xy=True)
    start = np.array(to_own.transform(x, y)) * degrees
    corners = np.array(to_own.transform(*shapely.get_coordinates(result).T)) * degrees
    away = own.get_geod().inv(*np.broadcast_to(start[:, None], corners.shape), *corners)[2]
    assert np.abs(away - 1000.0).max() < 3.0  # the square and the line reach a metre or two further


def test_a_geocentric_system_is_refused():
    with pytest.raises(ValueError, match="ellipsoid"):
        buffer_of(shapely.Point(4e6, 3e5), 10, crs="EPSG:4978")


def test_nothing_empty_and_vanishing():
    assert buffer_of(None, 10) is None
    assert buffer_of(shapely.Polygon(), 10).is_empty
    assert buffer_of(shapely.Point(0, 0), -10).is_empty
    assert buffer_of(shapely.Point(0, 0), 0).is_empty
    assert buffer_of(shapely.box(0, 0, 0.1, 0.1), -50_000).is_empty
    box = shapely.box(0, 0, 0.1, 0.1)
    assert shapely.area(shapely.symmetric_difference(buffer_of(box, 0), box)) < 1e-9


@pytest.mark.parametrize(
    "wkt", ["POINT (10 91)", "POINT (600 0)", "LINESTRING (0 0, 0 -95)", "POINT (5000000 300000)"]
)
def test_what_is_not_in_degrees_is_refused(wkt):
    with pytest.raises(ValueError, match="longitude"):
        buffer_of(shapely.from_wkt(wkt), 10)


def test_many_points_at_once_equal_one_by_one():
    rng = np.random.default_rng(3)
    points = shapely.points(rng.uniform(-180, 180, 200), rng.uniform(-85, 85, 200))
    radii = rng.uniform(10, 400_000, 200)
    buffer = Buffer(segments=5, geodesic=True, crs="EPSG:4326")
    together = geodesic.buffers(points, radii, buffer)
    for point, radius, result in zip(points, radii, together):
        assert shapely.equals_exact(result, buffer_of(point, radius, segments=5), 1e-9)
