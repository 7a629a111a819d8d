"""Speed and heading between two fixes, on the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.geometry.projections import geod_of
from redis_geo_plugin.core.live.fleet import Fixes
from redis_geo_plugin.core.live.motion import derive, derive_all, surely_within, too_fast
from redis_geo_plugin.core.live.records import Fix

lons, lats = st.floats(-180, 180), st.floats(-90, 90)
places = st.tuples(lons, lats)


def fix(lon, lat, time=0.0, ident=1, **more):
    return Fix(str(ident), b"vehicule:%d" % ident, lon, lat, time, time, **more)


def moved(metres, azimuth, seconds=10.0, **more):
    lon, lat, _ = geod_of().fwd(2.35, 48.85, azimuth, metres)
    before, after = fix(2.35, 48.85), fix(lon, lat, seconds, **more)
    derive([(before, after)])
    return after


@pytest.mark.parametrize("azimuth", [0.0, 45.0, 123.4, 359.9])
def test_speed_and_heading_come_from_the_way(azimuth):
    after = moved(250.0, azimuth)
    assert after.speed == pytest.approx(25.0, abs=1e-3)
    assert after.heading == pytest.approx(azimuth, abs=0.06)
    assert after.derived == "speed heading"


def test_what_was_reported_is_kept():
    after = moved(250.0, 90.0, speed=1.0, heading=5.0)
    assert (after.speed, after.heading, after.derived) == (1.0, 5.0, None)


def test_standing_still_has_no_direction_but_the_one_it_had():
    assert moved(1.0, 90.0).heading is None
    before = fix(2.35, 48.85, heading=77.0, derived="heading")
    after = fix(2.35, 48.85, 10.0)
    derive([(before, after)])
    assert (after.speed, after.heading) == (0.0, 77.0)


def test_two_fixes_of_one_moment_have_no_speed():
    after = moved(250.0, 90.0, seconds=0.0)
    assert after.speed is None and after.heading is not None


@given(places, places, st.floats(0, 3600), st.floats(0.1, 1000))
def test_too_fast_is_what_the_ellipsoid_says(a, b, seconds, most):
    _, _, metres = geod_of().inv(*a, *b)
    before, after = fix(*a), fix(*b, time=seconds)
    assert too_fast(before, after, most) == (metres > most * max(seconds, 1.0)) or metres == pytest.approx(
        most * max(seconds, 1.0), rel=1e-9
    )


@given(st.lists(st.tuples(places, places), min_size=1, max_size=5), st.floats(0.1, 1e5))
def test_what_is_surely_slow_enough_is_never_too_fast(ways, most):
    before = [fix(*a, ident=i) for i, (a, _) in enumerate(ways)]
    after = [fix(*b, 10.0, i) for i, (_, b) in enumerate(ways)]
    sure = surely_within(Fixes.of(before), Fixes.of(after), most)
    assert not any(too_fast(b, a, most) for b, a, good in zip(before, after, sure) if good)


@given(st.lists(st.tuples(places, places, st.booleans()), min_size=1, max_size=5))
def test_together_is_as_one_by_one(ways):
    before = [fix(*a, ident=i) for i, (a, _, _) in enumerate(ways)]

    def reported():
        return [fix(*b, 10.0, i, speed=1.0 if given else None) for i, (_, b, given) in enumerate(ways)]

    together, after = Fixes.of(reported()), reported()
    derive_all(Fixes.of(before), together, np.ones(len(ways), bool))
    derive(list(zip(before, after)))
    alone = Fixes.of(after)
    np.testing.assert_array_equal(together.speed, alone.speed)
    np.testing.assert_array_equal(together.heading, alone.heading)


def test_fixes_without_one_before_are_left_as_they_are():
    fixes = Fixes.of([fix(1, 1, 10.0), fix(2, 2, 10.0, 2)])
    derive_all(Fixes.of([fix(1, 1.1), fix(2, 2.1, ident=2)]), fixes, np.array([False, True]))
    assert np.isnan(fixes.speed).tolist() == [True, False]


@given(
    st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
    st.tuples(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03)),
)
def test_ways_short_or_long_are_what_the_ellipsoid_says(start, step):
    lon, lat = start[0] + step[0], start[1] + step[1]
    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        return
    azimuth, _, metres = geod_of().inv(*start, lon, lat)
    after = fix(lon, lat, 0.001)
    derive([(fix(*start), after)])
    assert after.speed / 1000.0 == pytest.approx(metres, abs=1e-4)
    if metres > 3.001:
        assert abs((after.heading - azimuth + 180.0) % 360.0 - 180.0) <= 0.0501


def test_a_fleet_with_short_and_long_ways_is_measured_as_each_alone():
    ends = [(2.3501, 48.85), (2.36, 48.85), (-179.9999, 48.85), (2.35, 89.0), (9.0, -40.0)]
    starts = [(2.35, 48.85), (2.35, 48.85), (179.9999, 48.85), (2.35, 88.999), (2.35, 48.85)]
    before = [fix(*place, ident=i) for i, place in enumerate(starts)]
    together = [fix(*place, 10.0, i) for i, place in enumerate(ends)]
    alone = [fix(*place, 10.0, i) for i, place in enumerate(ends)]
    derive(list(zip(before, together)))
    for pair in zip(before, alone):
        derive([pair])
    assert [(f.speed, f.heading) for f in together] == [(f.speed, f.heading) for f in alone]
