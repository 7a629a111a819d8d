"""Moments in words and digits: read where they are certain, refused where they are not, and nothing raises."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live import moments
from redis_geo_plugin.core.live.values import Times
from tests.support.examples import examples

NOON = 1795348800.0  # 2026-11-22T12:00:00Z, a Sunday
HOUR = 3600.0

NOONS = [
    "2026-11-22T12:00:00Z", "2026-11-22 12:00:00 +0000 UTC", "2026-11-22 20:00:00.000000000 +0800 CST m=+0.012",
    "2026-11-22 12:00 PM", "2026-11-22 01:00:00 PM CET", "2026-11-22T13:00:00+01:00[Europe/Paris]",
    "2026-11-22 13:00:00 Europe/Paris", "2026-11-22 14:00 UTC+2", "/Date(1795348800000+0100)/",
    "Sun, 22 Nov 2026 14:00:00 CEST", "Sun, 22 Nov 2026 07:00:00 EST",
    "22 Nov 26 12:00:00 UT", "Sunday, 22-Nov-26 12:00:00 GMT", "Sun Nov 22 12:00:00 2026",
    "Sun Nov 22 13:00:00 CET 2026", "Sun Nov 22 2026 13:00:00 GMT+0100 (Central European Standard Time)",
    "22.11.2026 12:00", "22/11/2026 12:00:00", "11/22/2026 12:00:00 PM", "20261122T120000Z", "20261122120000",
    "202611221200", "2026-W47-7T12:00:00", "2026-326T12:00Z", "2026-11-22T12:00:00,000Z", "2026/11/22 12:00:00",
]  # fmt: skip
NEVER = [
    "2026-11-22", "22.11.2026", "12:00:00", "20261122", "03/04/2026 12:00", "2026-11-22T12:00:00 CST",
    "2026-11-22T12:00:00 XYZ", "2026-11-22T12:00:00+²²:²²", "2026-11-22 13:00 PM", "2026-11-22 00:30 AM",
    "2026-13-22T12:00:00Z", "2026-02-30T12:00:00Z", "2026-11-22T24:30:00Z", "2026-11-22T12:60:00Z",
    "2026-11-22T12:00:00+25:00", "Mon, 01 Jan 99999999999 00:00:00 GMT", "Sun, 22 Foo 2026 12:00:00 GMT",
    "2026-W54-1T00:00:00", "2026-000T12:00", "99999999-11-22T12:00:00", "\ud800", "2026-11-22T12:00:00\udfff",
    "٢٠٢٦-١١-٢٢T١٢:٠٠:٠٠", "soon", "", " ", "Europe/Paris", "2026-11-22 12:00:00 ../../etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("text", NOONS)
def test_a_moment_in_words_is_noon(text):
    assert moments.parse(text) == NOON
    times = Times()
    assert times.read(text) == times.read(text) == NOON


@pytest.mark.parametrize("text", NEVER)
def test_what_is_uncertain_is_no_moment(text):
    times = Times()
    times.read("2026-11-22T12:00:30Z")  # a minute that is remembered tells nothing more of these
    read = times.read(text)
    assert read is None or read < 1e9


@pytest.mark.parametrize(
    ("day", "clock", "form"),
    [
        ("2026-11-22", "12:00:00", ""),
        ("22/11/2026", "12:00", ""),
        ("11/22/2026", "12:00 PM", ""),
        ("22.11.2026", "13:00:00+01:00", ""),
        (20261122, "120000", ""),
        ("221126", "120000.00", ""),
        (221126, 120000.0, ""),
        ("261122", "12:00:00Z", ""),
        ("05/11/2026", "12:00", "mdy"),
    ],
)
def test_a_day_and_a_time_of_day_are_joined(day, clock, form):
    wanted = NOON if not form else datetime(2026, 5, 11, 12, tzinfo=timezone.utc).timestamp()
    assert moments.join(day, clock, NOON + 10 * 24 * HOUR, form) == pytest.approx(wanted)


@pytest.mark.parametrize(("day", "clock"), [("2026-11-22", ""), ("", "12:00"), ("soon", "12:00"), (None, None), ("2026-11-22", "99:00"), (True, "12:00")])  # fmt: skip
def test_half_a_moment_is_none(day, clock):
    assert moments.join(day, clock, NOON) is None


def test_a_time_lost_its_zeros_as_a_number():
    assert moments.join(221126, 93005.5, NOON) == NOON - 2.5 * HOUR + 5.5
    assert moments.is_time_of_day(93005.5)
    assert not moments.is_time_of_day(17)


def test_the_user_says_which_number_is_the_day():
    assert Times("dmy").read("03/04/2026 10:00") == datetime(2026, 4, 3, 10, tzinfo=timezone.utc).timestamp()
    assert Times("mdy").read("03/04/2026 10:00") == datetime(2026, 3, 4, 10, tzinfo=timezone.utc).timestamp()


def test_the_user_gives_a_pattern():
    times = Times("%d-%m-%y %Hh%M")
    assert times.read("22-11-26 12h00") == NOON
    assert times.read("2026-11-22T12:00:00Z") is None
    assert Times("%Y%j%H%M").read(20263261200) == NOON
    assert Times("%Q").read("x") is None


@pytest.mark.parametrize(
    ("unit", "count"), [("s", NOON), ("ms", NOON * 1e3), ("us", NOON * 1e6), ("ns", NOON * 1e9)]
)
def test_counts_in_every_unit(unit, count):
    assert Times(unit).read(count) == pytest.approx(NOON)
    assert Times().read(count) == pytest.approx(NOON)
    assert Times().read(str(int(count))) == pytest.approx(NOON)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.datetimes(datetime(1981, 1, 1), datetime(2098, 1, 1)),
    st.integers(-12 * 4, 14 * 4),
    st.sampled_from(["T", " "]),
)
def test_iso_with_any_zone_is_what_python_reads(moment, quarters, between):
    there = moment.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    assert Times().read(there.isoformat(between)) == pytest.approx(there.timestamp(), abs=1e-5)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.text(max_size=60) | st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[T ][0-9:.]{1,12} ?.{0,8}")
)
def test_no_text_raises(text):
    for form in ("", "dmy", "mdy", "%d/%m/%Y %H:%M"):
        read = moments.parse(text, form)
        assert read is None or -1e12 < read < 1e12
    assert moments.join(text, text, NOON) is None or isinstance(moments.join(text, text, NOON), float)
