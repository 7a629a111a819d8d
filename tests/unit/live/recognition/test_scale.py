"""Integers for degrees: the factor that the values allow, or the question."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live.recognition import recognise
from redis_geo_plugin.core.live.records import Decoder, Fix, Row
from redis_geo_plugin.core.live.spec import Mapping
from tests.support.observed import NOW


def test_integers_that_one_factor_alone_makes_degrees():
    records = [{"lat": 488500000 + n, "lon": 23500000 + n, "ts": NOW} for n in range(5)]
    assert recognise(records, now=NOW).mapping.scale == 1e-7
    unclear = [{"lat": 48850000 + n, "lon": 2350000 + n, "ts": NOW} for n in range(5)]
    assert not recognise(unclear, now=NOW).mapping.shows_positions


def test_scaled_integers_are_the_degrees_that_were_meant():
    fix = Decoder(Mapping(lon="x", lat="y", scale=1e-7)).fix(
        Row("a", b"a", {"x": 23522190, "y": 488566130}), NOW
    )
    assert (fix.lon, fix.lat) == (2.352219, 48.856613)


@pytest.mark.parametrize(
    ("factor", "sure"), [(1e7, True), (1e6, False), (1e5, False), (3.6e6, False), (6e5, False)]
)
def test_integers_that_several_factors_make_degrees_are_asked(factor, sure):
    records = [
        {"lat": round((48.85 + n / 100) * factor), "lon": round(2.35 * factor), "ts": NOW} for n in range(4)
    ]
    found = recognise(records, now=NOW)
    assert found.unsure == (() if sure else ("scale",))
    fix = Decoder(found.mapping.answered(scale=1.0 / factor)).fix(Row("a", b"a", records[0]), NOW)
    assert (fix.lon, fix.lat) == pytest.approx((2.35, 48.85), abs=1e-5)
    assert isinstance(Decoder(found.mapping).fix(Row("a", b"a", records[0]), NOW), Fix) == sure


def integers(factor, places, round_off=False):
    """Records of places (lon, lat) as integers, of as many decimals as they have or of the many of a receiver."""
    rough = 0.0 if round_off else 1.23e-6
    return [
        {"lat": round((lat + rough) * factor), "lon": round((lon + rough) * factor), "ts": NOW}
        for lon, lat in places
    ]


CITIES = {
    "Paris": (2.351, 48.853),
    "New York": (-73.981, 40.752),
    "Berlin": (13.41, 52.52),
    "Sydney": (151.21, -33.87),
}
SEMICIRCLES = 2**31 / 180


@pytest.mark.parametrize("name", ["lat lon", "latitude longitude", "Lat Lng", "gps_lat gps_lon"])
@pytest.mark.parametrize("factor", [1e7, SEMICIRCLES])
@pytest.mark.parametrize("round_off", [True, False])
@pytest.mark.parametrize("pattern", ["truck:*", "vessel:*"])
@pytest.mark.parametrize("city", sorted(CITIES))
def test_integers_of_degrees_or_semicircles_are_shown_right_or_asked(name, factor, round_off, pattern, city):
    lat, lon = name.split()
    around = [(CITIES[city][0] + n / 1000, CITIES[city][1] + n / 500) for n in range(6)]
    records = [{lat: one["lat"], lon: one["lon"], "ts": NOW} for one in integers(factor, around, round_off)]
    found = recognise(records, now=NOW, pattern=pattern)
    assert found.unsure in ((), ("scale",))
    for record, place in zip(records, around):
        fix = Decoder(found.mapping).fix(Row("a", b"a", record), NOW)
        if isinstance(fix, Fix):
            assert (fix.lon, fix.lat) == pytest.approx(place, abs=1e-5)
        answered = Decoder(found.mapping.answered(scale=1 / factor)).fix(Row("a", b"a", record), NOW)
        assert (answered.lon, answered.lat) == pytest.approx(place, abs=1e-5)
    if round_off and factor == 1e7:
        assert found.mapping.shows_positions


def test_what_tells_degrees_from_semicircles():
    berlin = [(13.4 + n / 100, 52.5 + n / 300) for n in range(6)]
    assert recognise(integers(1e7, berlin), now=NOW).unsure == ("scale",)  # semicircles would be in Italy
    paris = [(2.35 + n / 100, 48.85 + n / 300) for n in range(6)]
    found = recognise(
        integers(SEMICIRCLES, paris), now=NOW, pattern="lorry:*"
    )  # degrees would be in the North Sea
    assert found.unsure == ("scale",) and found.mapping.scale == pytest.approx(1 / SEMICIRCLES)
    assert recognise(integers(SEMICIRCLES, paris), now=NOW, pattern="vessel:*").unsure == ("scale",)
    named = [
        {"lat_semicircles": one["lat"], "lon_semicircles": one["lon"]} for one in integers(SEMICIRCLES, paris)
    ]
    assert recognise(named, now=NOW).mapping.shows_positions
    new_york = [(-73.98 + n / 1000, 40.75) for n in range(6)]
    assert recognise(
        integers(1e7, new_york), now=NOW, pattern="taxi:*"
    ).mapping.shows_positions  # the other is at sea
    assert recognise(integers(1e7, new_york), now=NOW, pattern="vessel:*").unsure == ("scale",)
    fiji = [(178.1 + n / 1000, -17.8) for n in range(6)]
    found = recognise(integers(SEMICIRCLES, fiji), now=NOW)
    assert found.mapping.shows_positions and found.mapping.scale == pytest.approx(1 / SEMICIRCLES)


@pytest.mark.parametrize(
    "sea", [(5.0012347, 55.0012349), (-30.0012347, 45.0012349), (2.5012347, 54.5012349), (-150.0012, 10.0012)]
)
@pytest.mark.parametrize("pattern", ["", "asset:*", "unit:*"])
def test_degrees_over_open_sea_are_never_shown_as_semicircles_that_would_be_on_land(sea, pattern):
    """Whatever calls nothing a ship: the other factor puts some of these places on land."""
    places = [(sea[0] + n / 1000, sea[1] + n / 1700) for n in range(8)]
    records = [{**one, "id": n} for n, one in enumerate(integers(1e7, places, round_off=False))]
    mapping = recognise(records, now=NOW, pattern=pattern).mapping
    for place, record in zip(places, records):
        fix = Decoder(mapping).fix(Row("a", b"a", record), NOW)
        assert not isinstance(fix, Fix) or (fix.lon, fix.lat) == pytest.approx(place, abs=1e-5)


def test_one_place_in_the_north_sea_is_asked():
    records = [{"id": n, "lat": 550012349 + 7 * n, "lon": 50012347 + 3 * n} for n in range(5)]
    found = recognise(records, now=NOW)
    assert found.unsure == ("scale",) and not found.mapping.shows_positions


def test_a_mark_for_an_unknown_place_tells_no_semicircles():
    records = integers(1e7, [(2.35 + n / 100, 48.85) for n in range(9)])
    records += [{"lat": 910_000_000, "lon": 1_810_000_000, "ts": NOW}] * 3
    found = recognise(records, now=NOW)
    assert (found.unsure, found.mapping.scale) == (("scale",), 1e-7)
