"""Angles with their marks are read as they are meant, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.live.angles import EAST_WEST, NORTH_SOUTH, angle, coordinate, two_angles
from redis_geo_plugin.core.live.places import LONLAT, Pair, read_pair

LATITUDES = st.tuples(
    st.integers(0, 89), st.integers(0, 59), st.integers(0, 59_999)
)  # and thousandths of seconds
LONGITUDES = st.tuples(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59_999))
WAYS = st.sampled_from(("dms", "dm", "d", "spaces", "colons"))
BETWEEN = st.sampled_from((" ", ", ", ";", "/", "  "))


def written(parts, way, letter, in_front):
    """(text, degrees) of an angle in one of the ways."""
    d, m, thousandths = parts
    s = thousandths / 1000.0
    texts = {
        "dms": f"{d}\u00b0{m:02d}\u2032{s:06.3f}\u2033", "dm": f"{d}\u00b0 {m + s / 60:.8f}'", "d": f"{d + m / 60 + s / 3600:.10f}\u00b0",
        "spaces": f"{d} {m} {s:.3f}", "colons": f"{d}:{m:02d}:{s:.3f}"}  # fmt: skip
    degrees = d + m / 60.0 + s / 3600.0
    text = f"{letter}{texts[way]}" if in_front else f"{texts[way]} {letter}"
    return text, -degrees if letter in "SW" else degrees


@given(LATITUDES, WAYS, st.sampled_from("NS"), st.booleans())
def test_a_latitude_in_any_way(parts, way, letter, in_front):
    text, degrees = written(parts, way, letter, in_front)
    if way == "dm" and "60.0000" in text:
        return
    assert coordinate(text, NORTH_SOUTH) == pytest.approx(degrees, abs=1e-8)
    assert coordinate(text.lower(), NORTH_SOUTH) == coordinate(text, NORTH_SOUTH)
    assert coordinate(text, EAST_WEST) is None  # it is not of that axis


@given(
    LATITUDES,
    LONGITUDES,
    WAYS,
    st.sampled_from("NS"),
    st.sampled_from("EW"),
    st.booleans(),
    BETWEEN,
    st.booleans(),
)
def test_two_angles_in_one_text_say_themselves_which_is_which(
    lat, lon, way, ns, ew, in_front, between, lon_first
):
    one, two = written(lat, way, ns, in_front), written(lon, way, ew, in_front)
    if "60.0000" in one[0] + two[0]:
        return
    text = between.join((two[0], one[0]) if lon_first else (one[0], two[0]))
    assert two_angles(text) == pytest.approx((two[1], one[1]), abs=1e-8)
    assert read_pair(text).order == LONLAT


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("+48.8566+002.3522/", (2.3522, 48.8566)),
        ("-33.8688-151.2093+058/", (-151.2093, -33.8688)),
        ("+4851.5+00221.1CRSWGS_84/", (2 + 21.1 / 60, 48 + 51.5 / 60)),
        ("+485124.1-0022108/", (-(2 + 21 / 60 + 8 / 3600), 48 + 51 / 60 + 24.1 / 3600)),
        ("+90+180/", (180.0, 90.0)),
    ],
)
def test_iso_6709(text, place):
    assert two_angles(text) == pytest.approx(place)


@pytest.mark.parametrize(
    "text", ["+4871.5+00221.1/", "+48.8566+2.3522/", "+48.8566+002.3522", "48.8566+002.3522/", "+48.8566/"]
)
def test_what_is_not_iso_6709(text):
    assert two_angles(text) is None and read_pair(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "48", "48.5", "48 51", "48:51:24", "48 51 24", "48.5\u00b030'N", "48\u00b060'N", "48\u00b051'60\"N", "N48\u00b0S", "-48.5N", "2.35O",
        "4851.24N", "48\u00b051.5'30\"N", "N", "\u00b0", "48\u00b051'24\"X", "12:00:00 N E", "1234N", "1e5N", "48..5N", "\u0664\u0668N"],
)  # fmt: skip
def test_what_may_be_something_else_is_no_angle(text):
    assert angle(text, NORTH_SOUTH) is None


@pytest.mark.parametrize("value", ["48.85", " 48.85 ", 48.85, "48,85"])
def test_plain_numbers_are_coordinates_as_before(value):
    assert coordinate(value, NORTH_SOUTH) == 48.85


@pytest.mark.parametrize("value", [None, True, [48.85], {}, "", "x" * 1000, "1" * 5000 + "N", b"48N"])
def test_anything_else_is_none(value):
    assert coordinate(value, NORTH_SOUTH) is None


def test_a_sign_and_a_letter_that_agree_are_one():
    assert angle("-2.5\u00b0W", EAST_WEST) == angle("2.5\u00b0W", EAST_WEST) == -2.5


def test_letters_in_a_pair_say_the_order():
    assert read_pair("48.85N, 2.35W") == Pair(-2.35, 48.85, LONLAT)


@given(st.text("0123456789NSEW+-\u00b0'\": .,/", max_size=60))
def test_rubbish_never_raises_and_is_on_the_sphere_or_refused(text):
    found = two_angles(text)
    assert found is None or all(abs(part) < 1000.0 for part in found)
    assert angle(text, NORTH_SOUTH) is None or abs(angle(text, NORTH_SOUTH)) < 1000.0
