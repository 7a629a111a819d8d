"""How old a position was when it was written: by the name of the field, its unit, and what the values allow."""

from __future__ import annotations

import math

import pytest

from redis_geo_plugin.core.live import ages


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("seen_pos", 1.0), ("seen", 1.0), ("secsSinceReport", 1.0), ("fix_age_ms", 1e-3), ("positionAge", 1.0),
        ("gps_age_minutes", 60.0), ("state.seconds_ago", 1.0), ("ageMs", 1e-3), ("hours_since_update", 3600.0),
    ],
)  # fmt: skip
def test_names_of_ages_and_their_units(name, seconds):
    assert ages.is_age(name) and ages.factor_of(name) == seconds


@pytest.mark.parametrize(
    "name",
    [
        "driver_age",
        "vehicle_age",
        "time_since_boot",
        "seconds_since_start",
        "message",
        "garage",
        "status_age",
        "lat",
    ],
)
def test_other_ages_are_not_the_positions(name):
    assert not ages.is_age(name)


def test_an_age_is_read_in_seconds_and_nothing_else_is_one():
    age = ages.reader("fix.age_ms")
    assert age({"fix": {"age_ms": 1500}}) == 1.5 and age({"fix": {"age_ms": "250"}}) == 0.25
    for none in (
        {},
        {"fix": {}},
        {"fix": {"age_ms": -1}},
        {"fix": {"age_ms": None}},
        {"fix": {"age_ms": 1e18}},
        {"fix": 3},
    ):
        assert age(none) == 0.0
    assert ages.reader("") is None


def test_values_that_may_all_be_ages():
    assert ages.are_ages([0, 1.5, "3", None])
    for no in ([], [None], [-1], [1.0, 1e12], [1.0, "soon"], [math.nan]):
        assert not ages.are_ages(no)


def test_the_values_tell_whether_the_time_is_that_of_writing():
    assert ages.is_taken_off("age", [1.0, 40.0, 300.0], [1e9] * 3), "one time, many ages"
    assert not ages.is_taken_off("seen_pos", [10.0, 40.0], [1e9 - 10, 1e9 - 40]), (
        "each age leads to one moment"
    )
    assert ages.is_taken_off("seen_pos", [5.0], [1e9]) and not ages.is_taken_off("age", [5.0], [1e9])
    assert not ages.is_taken_off("seen_pos", [5.0, 6.0], [None, None])


def test_a_bare_age_may_be_that_of_anything():
    assert ages.is_of_position("fix_age") and not ages.is_of_position("driver.age")
