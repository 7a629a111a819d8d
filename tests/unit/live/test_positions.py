"""The latest position of each vehicle, judged; trails; lists."""

from __future__ import annotations

import math

import pytest
from pyproj import Geod

from redis_geo_plugin.core.live.fleet import Fixes
from redis_geo_plugin.core.live.positions import Positions
from redis_geo_plugin.core.live.records import Fix, RefusalReason
from redis_geo_plugin.core.live.spec import CLOCK_CORRECT, FeedSpec
from redis_geo_plugin.core.live.trails import Trails, parts
from redis_geo_plugin.core.live.view import ListRequest, natural, select

NOW = 1795348800.0


def fix(ident="a", lon=2.0, lat=48.0, time=NOW, receipt=NOW, **more):
    return Fix(ident, b"k:" + ident.encode(), lon, lat, time, receipt, **more)


def accept(positions, fixes, now):
    """Judge and keep; the fixes that are now the latest."""
    judged = positions.judge(fixes, now)
    positions.keep(judged)
    return list(judged.changed.each())


def test_a_late_fix_never_replaces_a_newer_one_but_goes_to_the_history():
    positions = Positions(FeedSpec())
    accept(positions, [fix(time=NOW - 10)], NOW)
    late = fix(time=NOW - 20, lon=2.001)
    judged = positions.judge([late], NOW)
    positions.keep(judged)
    assert not judged.changed
    assert positions.latest["a"].time == NOW - 10
    assert positions.refused[RefusalReason.LATE] == 1
    assert judged.believed == [[late]]


def test_a_fix_in_the_future_is_refused():
    positions = Positions(FeedSpec())
    assert accept(positions, [fix(time=NOW + 4e9)], NOW) == []
    assert positions.refused == {RefusalReason.FUTURE: 1}


def test_an_impossible_jump_is_refused_until_others_agree_with_it():
    positions = Positions(FeedSpec())
    accept(positions, [fix(time=NOW - 30)], NOW)
    away = [fix(time=NOW - 20 + i, lon=12.0 + i * 1e-4) for i in range(3)]
    assert accept(positions, away[:1], NOW) == []
    assert accept(positions, away[1:2], NOW) == []
    assert positions.refused[RefusalReason.IMPOSSIBLE_SPEED] == 2
    assert [one.lon for one in accept(positions, away[2:], NOW)] == [away[2].lon]


def test_a_single_outlier_leaves_the_track_alone():
    positions = Positions(FeedSpec())
    accept(positions, [fix(time=NOW - 30)], NOW)
    accept(positions, [fix(time=NOW - 20, lon=12.0)], NOW)
    assert len(accept(positions, [fix(time=NOW - 10, lon=2.0001)], NOW)) == 1


def test_attributes_that_did_not_change_are_those_of_before_and_told_once():
    told = []
    positions = Positions(FeedSpec())
    lines = ("T1", "T1", "T2")
    for step, line in enumerate(lines):
        one = fix(time=NOW + step, lon=2.0 + step / 1e3, attributes={"line": line})
        judged = positions.judge([one], NOW + step)
        told += judged.seen
        positions.keep(judged)
        if step == 1:
            same_line = positions.latest["a"].attributes
    assert told == [{"line": "T1"}, {"line": "T2"}]
    assert told[0] is same_line
    assert positions.latest["a"].attributes is told[1]


def test_the_same_again_is_no_change():
    positions = Positions(FeedSpec())
    accept(positions, [fix()], NOW)
    assert accept(positions, [fix(receipt=NOW + 5)], NOW + 5) == []


@pytest.mark.parametrize(
    ("east", "north", "expected"), [(0, 1, 0.0), (1, 0, 90.0), (0, -1, 180.0), (-1, 0, 270.0)]
)
def test_speed_and_heading_are_derived_on_the_ellipsoid_and_marked(east, north, expected):
    positions = Positions(FeedSpec())
    lon, lat, _ = Geod(ellps="WGS84").fwd(2.0, 0.0, expected, 100.0)
    accept(positions, [fix(lat=0.0, time=NOW - 10)], NOW)
    (moved,) = accept(positions, [fix(lon=lon, lat=lat, time=NOW)], NOW)
    assert moved.speed == pytest.approx(10.0, abs=1e-3)
    assert moved.heading == pytest.approx(expected, abs=0.11)
    assert moved.derived == "speed heading"
    assert (east, north) == (round(math.sin(math.radians(expected))), round(math.cos(math.radians(expected))))


def test_what_is_reported_is_not_derived_and_standing_still_has_no_direction():
    positions = Positions(FeedSpec())
    accept(positions, [fix(time=NOW - 10)], NOW)
    (moved,) = accept(positions, [fix(lon=2.000001, speed=3.0)], NOW)
    assert (moved.speed, moved.heading, moved.derived) == (3.0, None, None)


def test_across_the_180_degree_meridian_is_a_short_way():
    positions = Positions(FeedSpec())
    accept(positions, [fix(lon=179.9999, lat=0.0, time=NOW - 10)], NOW)
    (moved,) = accept(positions, [fix(lon=-179.9999, lat=0.0)], NOW)
    assert moved.speed == pytest.approx(2.2, abs=0.1)
    assert moved.heading == pytest.approx(90.0, abs=0.1)


def test_a_clock_an_hour_ahead_is_estimated_and_ages_are_corrected():
    positions = Positions(FeedSpec())
    fixes = [fix(str(i), time=NOW + 3600 - i) for i in range(20)]
    positions.clock.learn(fixes, live=True)
    assert len(accept(positions, fixes, NOW)) == 20
    assert positions.offset == pytest.approx(-3590, abs=2)
    assert positions.correction == positions.offset


def test_a_clock_an_hour_behind_is_shown_and_corrected_only_if_wished():
    fixes = [fix(str(i), time=NOW - 3600) for i in range(20)]
    for rule, corrected in (("auto", 0.0), (CLOCK_CORRECT, 3600.0)):
        positions = Positions(FeedSpec(clock=rule))
        positions.clock.learn(fixes, live=True)
        assert positions.offset == 3600.0
        assert positions.correction == corrected


def test_old_positions_of_a_first_read_say_nothing_about_the_clock():
    positions = Positions(FeedSpec())
    positions.clock.learn([fix(str(i), time=NOW - 5000) for i in range(20)], live=False)
    assert positions.offset is None


def test_one_vehicle_in_2100_does_not_move_the_clock():
    positions = Positions(FeedSpec())
    fixes = [fix(str(i), time=NOW - 1) for i in range(3)] + [fix("x", time=4102444800.0)]
    positions.clock.learn(fixes, live=True)
    assert [f.id for f in accept(positions, fixes, NOW)] == ["0", "1", "2"]
    assert positions.offset == 1.0


def trail_of(points):
    trails = Trails(15, 500)
    for seconds, lon, lat in points:
        trails.add(fix(time=NOW + seconds, lon=lon, lat=lat))
    return trails


def test_a_track_due_east_keeps_its_trail():
    (line,) = parts(trail_of([(i, 2.0 + i * 1e-4, 48.0) for i in range(10)]).way("a"), 120)
    assert len(line) == 10


def test_gaps_are_gaps_and_the_meridian_cuts():
    lines = parts(trail_of([(0, 1, 1), (10, 2, 1), (500, 3, 1), (510, 4, 1)]).way("a"), 120)
    assert [len(line) for line in lines] == [2, 2]
    west, east = parts(trail_of([(0, 179.0, 10.0), (10, -179.0, 12.0)]).way("a"), 120)
    assert west[-1] == (180.0, 11.0, NOW + 5)
    assert east[0] == (-180.0, 11.0, NOW + 5)


def test_late_points_find_their_place_and_the_past_is_dropped():
    trails = trail_of([(0, 1, 1), (20, 3, 1), (10, 2, 1), (10, 2.5, 1)])
    assert [p[1] for p in trails.way("a")] == [1, 2.5, 3]
    assert [p[1] for p in trails.way("a", now=NOW + 905)] == [2.5, 3]
    assert trails.at("a", NOW + 15)[1] == 2.5
    assert trails.at("a", NOW - 1) is None
    assert trails.span() == (NOW, NOW + 20)


def test_points_a_vehicle_are_bounded():
    trails = Trails(60, 50)
    for i in range(1000):
        trails.add(fix(time=NOW + i))
    assert len(trails.way("a")) <= 66
    assert trails.way("a")[-1][0] == NOW + 999


def test_the_list_sorts_by_number_filters_and_cuts():
    latest = Fixes.of(
        fix(f"bus {i}", lon=float(i), attributes={"line": "T3" if i % 2 else "B"}) for i in range(1, 21)
    )
    assert [f.id for f in select(latest, ListRequest(limit=3)).fixes] == ["bus 1", "bus 2", "bus 3"]
    view = select(latest, ListRequest(text="t3", descending=True))
    assert (view.fixes[0].id, view.matching, view.total) == ("bus 19", 10, 20)
    assert select(latest, ListRequest(extent=(5, 40, 7, 50))).matching == 3
    assert select(latest, ListRequest(extent=(19, 40, 2, 50))).matching == 4
    assert natural("10") > natural("9")
