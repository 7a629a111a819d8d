"""Round buffers of points by formula: the same as GEOS's, and only where they are."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.geometry import circles, wkb
from redis_geo_plugin.core.operations import Buffer
from redis_geo_plugin.core.operations.buffer import CapStyle

POINTS = np.random.default_rng(7).uniform(-2e7, 2e7, (500, 2))


def points(xy):
    return wkb.write(shapely.points(np.asarray(xy, dtype=float)))


@pytest.mark.parametrize("segments", [1, 2, 5, 8, 30, 1000])
def test_they_are_those_of_geos(segments):
    radii = np.random.default_rng(segments).uniform(0.5, 5e6, len(POINTS))
    ours = wkb.read(circles.around(points(POINTS), radii, segments))
    right = shapely.buffer(shapely.points(POINTS), radii, quad_segs=segments)
    apart = [
        np.abs(shapely.get_coordinates(a) - shapely.get_coordinates(b)).max() for a, b in zip(ours, right)
    ]
    assert max(apart) < 2e-8  # the last digits of 20,000 km: the same corners in the same order
    assert shapely.is_valid(ours).all()
    for a, b in zip(ours[:20], right[:20]):
        assert shapely.symmetric_difference(a, b).area < 1e-6 * b.area


def test_every_ring_is_closed_exactly():
    for value in circles.around(points(POINTS), [10.0] * len(POINTS), 8):
        ring = shapely.get_coordinates(shapely.from_wkb(value))
        assert len(ring) == 33 and (ring[0] == ring[-1]).all()


@pytest.mark.parametrize(
    "point, radius",
    [
        (None, 1.0),
        (b"", 1.0),
        (wkb.write_one(shapely.Point()), 1.0),
        (wkb.write_one(shapely.Point(1, 2))[:-1], 1.0),
        (wkb.write_one(shapely.MultiPoint([(1, 2)])), 1.0),
        (wkb.write_one(shapely.LineString([(0, 0), (1, 1)])), 1.0),
        (struct.pack("<BI2d", 1, 1, math.nan, 1.0), 1.0),
        (struct.pack("<BI2d", 1, 1, 1.0, math.inf), 1.0),
        (struct.pack("<BI2d", 1, 1, 1e200, 1.0), 1e199),
        (struct.pack(">BI2d", 0, 1, 1.0, 1.0), 1.0),
        (wkb.write_one(shapely.Point(1, 2)), 0.0),
        (wkb.write_one(shapely.Point(1, 2)), -1.0),
        (wkb.write_one(shapely.Point(1, 2)), math.nan),
        (wkb.write_one(shapely.Point(1, 2)), math.inf),
        (wkb.write_one(shapely.Point(2e7, 0)), 1e-9),  # vanishes beside the coordinate
    ],
)
def test_what_is_left_to_geos(point, radius):
    plain = wkb.write_one(shapely.Point(3, 4))
    found = circles.around([plain, point, plain], [2.0, radius, 2.0], 5)
    assert found[1] is None
    assert shapely.from_wkb(found[0]).contains(shapely.Point(3, 4)) and found[2] == found[0]


def test_a_point_at_the_origin_and_a_huge_radius_are_plain():
    found = circles.around(points([(0, 0), (0, 0)]), [1e-300, 1e100], 5)
    assert None not in found


def test_none_at_all():
    assert circles.around([], [], 5) == [] and circles.around([None], [1.0], 5) == [None]


def test_only_round_caps_in_the_plane_are_computed_at_once():
    given = (points([(1, 2)]),)
    assert Buffer().at_once(given, [1.0]) == circles.around(given[0], [1.0], 5)
    for other in (
        Buffer(cap=CapStyle.SQUARE),
        Buffer(cap=CapStyle.FLAT),
        Buffer(geodesic=True, crs="EPSG:4326"),
    ):
        assert other.at_once(given, [1.0]) is None
