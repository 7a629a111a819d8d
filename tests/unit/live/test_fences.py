"""Geofences judged by the way between two fixes."""

from __future__ import annotations

import pytest
import shapely

from redis_geo_plugin.core.live.fences import Fences
from redis_geo_plugin.core.live.records import Fix

SQUARE = shapely.to_wkb(shapely.box(10, 10, 20, 20))
EDGE = shapely.to_wkb(shapely.box(179, -5, 180, 5))


def move(*ends):
    (a, b), (c, d) = ends
    return Fix("v", b"k", a, b, 1000.0, 1000.0), Fix("v", b"k", c, d, 1010.0, 1010.0)


@pytest.mark.parametrize(
    ("ends", "kind"),
    [
        (((0, 15), (15, 15)), "enter"),
        (((15, 15), (30, 15)), "leave"),
        (((0, 15), (30, 15)), "cross"),
        (((9, 12), (12, 9)), "cross"),
        (((12, 12), (15, 15)), None),
        (((0, 0), (5, 5)), None),
        (((0, 0), (30, 0)), None),
        (((15, 15), (15, 15)), None),
    ],
)
def test_what_a_way_does_with_a_square(ends, kind):
    found = Fences([("square", SQUARE)], "feed").events([move(*ends)])
    assert [e.kind for e in found] == ([kind] if kind else [])
    for event in found:
        assert (event.fence, event.vehicle, event.time, event.feed) == ("square", "v", 1010.0, "feed")
        assert event.fields()[:2] == [b"event", kind.encode()]


def test_over_the_180_degree_meridian_a_way_is_short():
    fences = Fences([("edge", EDGE), ("square", SQUARE)])
    assert [(e.kind, e.fence) for e in fences.events([move((178.5, 0), (-179.5, 0))])] == [("cross", "edge")]
    assert [(e.kind, e.fence) for e in fences.events([move((-179.5, 0), (179.5, 0))])] == [("enter", "edge")]


def test_many_ways_and_no_polygons():
    assert Fences([]).events([move((0, 0), (1, 1))]) == []
    moves = [move((0, 15), (15, 15)), move((15, 15), (0, 15)), move((0, 0), (1, 1))]
    assert [e.kind for e in Fences([("square", SQUARE)]).events(moves)] == ["enter", "leave"]
