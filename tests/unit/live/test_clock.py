"""The producer's clock: what it takes to believe that it is off, and what a fix from the future does."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.live.clock import SEVERAL, VEHICLES_KEPT, ProducerClock
from redis_geo_plugin.core.live.fleet import Fixes
from redis_geo_plugin.core.live.intake import PositionIntake
from redis_geo_plugin.core.live.records import Fix, RefusalReason, Row
from redis_geo_plugin.core.live.sources.json_keys import JsonKeys
from redis_geo_plugin.core.live.spec import CLOCK_AS_REPORTED, CLOCK_AUTO, CLOCK_CORRECT, FeedSpec

NOW = 1795348800.0
DAY = 86400.0


def fix(ident="a", delay=0.0, **more):
    return Fix(ident, b"k", 2.0, 48.0, NOW - delay, NOW, **more)


def learned(*batches, live=True):
    clock = ProducerClock()
    for batch in batches:
        clock.learn(batch, live)
    return clock


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("columns", [list, Fixes.of])
def test_one_report_a_day_ahead_moves_no_clock(live, columns):
    assert learned(columns([fix(delay=-DAY)]), live=live).ahead() == 0.0
    assert learned(columns([fix("a", -DAY), fix("b", 0.2)]), live=live).ahead() == 0.0


def test_one_vehicle_a_day_ahead_that_reports_more_often_than_others_moves_no_clock():
    batches = [[fix("wrong", -DAY)] for _ in range(50)] + [[fix("a", 0.1)], [fix("b", 0.3)]]
    assert learned(*batches).offset == pytest.approx(0.1, abs=1e-3)


def test_a_lone_vehicle_is_believed_after_several_reports():
    clock = ProducerClock()
    for sample in range(SEVERAL):
        assert clock.ahead() == 0.0, sample
        clock.learn([fix(delay=-3600.0)], live=True)
    assert clock.ahead() == 3600.0


def test_one_late_report_is_shown_but_corrects_no_age():
    clock = learned([fix(delay=3600.0)])
    assert clock.offset == pytest.approx(3600.0, abs=1e-3)
    assert clock.correction(CLOCK_CORRECT) == 0.0


def test_a_small_offset_is_known_at_once():
    assert learned([fix(delay=-2.0)]).offset == pytest.approx(-2.0, abs=1e-3)


def test_what_was_derived_and_what_no_clock_can_be_is_no_sample():
    rubbish = [fix("a", derived="time"), fix("b", delay=1e9), fix("c", delay=-1e9)]
    assert learned(rubbish).offset is None
    assert learned(Fixes.of(rubbish)).offset is None


def test_a_first_read_that_says_otherwise_takes_back_what_its_beginning_said():
    ahead = [fix(str(i), -7200.0) for i in range(SEVERAL)]
    assert learned(ahead, live=False).ahead() == 7200.0
    on_time = [fix(f"b{i}", 30.0) for i in range(50)]
    assert learned(ahead, on_time, live=False).offset is None


@pytest.mark.parametrize(
    ("offset", "rule", "correction"),
    [
        (-3600.0, CLOCK_AUTO, -3600.0),
        (-3600.0, CLOCK_AS_REPORTED, 0.0),
        (3600.0, CLOCK_AUTO, 0.0),
        (3600.0, CLOCK_CORRECT, 3600.0),
        (-20.0, CLOCK_CORRECT, 0.0),
        (None, CLOCK_CORRECT, 0.0),
    ],
)
def test_ages_are_corrected_by_the_rule(offset, rule, correction):
    clock = learned(*[[fix(delay=offset)]] * SEVERAL) if offset is not None else ProducerClock()
    correction = pytest.approx(correction, abs=1e-3)
    assert clock.correction(rule) == correction


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.floats(-1e6, 1e6)), max_size=60))
def test_columns_teach_what_fixes_teach(samples):
    fixes = list({ident: fix(ident, delay) for ident, delay in samples}.values())
    one, other = learned(fixes), learned(Fixes.of(fixes))
    assert one.offset == other.offset


def test_of_a_large_fleet_a_bounded_number_is_kept():
    clock = learned(*[[fix(str(turn * 100 + i)) for i in range(100)] for turn in range(50)])
    assert len(clock._delays) <= VEHICLES_KEPT


def take_up(intake, source, *reports, live=True):
    for ident, seconds in reports:
        data = {"latitude": 48.0 + seconds / 1e9, "longitude": 2.0, "timestamp": time.time() + seconds}
        intake.take_up([Row(ident, b"k:" + ident.encode(), data)], [], source, live)


def test_a_report_a_day_ahead_among_the_first_does_not_keep_out_the_true_ones():
    intake, source = PositionIntake(FeedSpec(max_speed=0.0)), JsonKeys(FeedSpec())
    take_up(intake, source, ("a", DAY), ("a", -1.0), ("b", -1.0), ("a", 0.0))
    assert intake.positions.refused == {RefusalReason.FUTURE: 1}
    assert intake.positions.latest["a"].time == pytest.approx(time.time(), abs=5.0)


def test_a_fix_from_the_future_holds_no_place_in_layer_or_trail():
    intake, source = PositionIntake(FeedSpec(max_speed=0.0)), JsonKeys(FeedSpec())
    take_up(intake, source, *[(str(i), 7200.0) for i in range(SEVERAL + 1)])  # believed to be the clock
    last = str(SEVERAL)
    assert last in intake.positions.latest
    take_up(intake, source, *[(f"b{i}", -1.0) for i in range(20)])  # it was not
    assert last not in intake.positions.latest
    assert last in intake.take().gone
    take_up(intake, source, (last, -0.5))
    assert [point[0] < time.time() + 60.0 for point in intake.trails.way(last)] == [True]
