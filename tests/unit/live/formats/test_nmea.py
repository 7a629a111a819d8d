"""Sentences of receivers: read together, with the day of their record where they have none."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live import formats
from redis_geo_plugin.core.live.recognition import recognise
from redis_geo_plugin.core.live.records import Fix
from tests.support.known_records import NOW, decode, sentence


def test_sentences_of_a_text_are_read_together():
    rmc = sentence("GNRMC,120000.00,A,3352.20000,S,15112.60000,W,10.0,,221126,,")
    gga = sentence("GNGGA,120000.00,3352.20000,S,15112.60000,W,1,08,0.9,35.0,M,,,,")
    for record in ({"value": f"{gga} {rmc}"}, {"sentences": [gga, rmc]}):
        found = formats.get("nmea_sentences").record(record)
        assert (found["lon"], found["lat"]) == pytest.approx((-151.21, -33.87))
        assert (found["nmea_time"], found["nmea_date"], found["course"]) == ("120000.00", "221126", None)


RMC = sentence("GPRMC,120000.00,A,4851.00000,N,00221.00000,E,10.0,90.0,221126,,")
GGA = sentence("GPGGA,120000.00,4851.00000,N,00221.00000,E,1,08,0.9,35.0,M,,,,")
GLL = sentence("GPGLL,4851.00000,N,00221.00000,E,120000.00,A,A")


@pytest.mark.parametrize("spoken", [GGA, GLL, RMC])
@pytest.mark.parametrize("beside", [GGA, GLL, RMC])
@pytest.mark.parametrize(
    ("own", "time"),
    [
        ({}, None), ({"time": NOW - 60}, NOW - 60), ({"timestamp": int((NOW - 60) * 1000)}, NOW - 60), ({"ts": str(NOW - 60)}, NOW - 60),
        ({"time": "2026-11-22T11:59:00Z"}, NOW - 60), ({"time": "2026-11-22 12:59:00.500+01:00"}, NOW - 59.5),
        ({"time": ""}, None), ({"time": None}, None),
    ],
)  # fmt: skip
def test_a_sentence_without_a_day_has_the_time_of_its_record(spoken, beside, own, time):
    sample = [{"device": "r1", "nmea": one, **own} for one in (spoken, beside, spoken)]
    mapping = recognise(sample, with_id=True, now=NOW).mapping
    fix = decode(sample[0], mapping)
    assert isinstance(fix, Fix)
    assert (fix.lon, fix.lat) == pytest.approx((2.35, 48.85))
    assert fix.time == pytest.approx(NOW if spoken is RMC else NOW + 5 if time is None else time)


@pytest.mark.parametrize("spoken", [GGA, GLL])
def test_what_a_record_says_beside_a_sentence_keeps_its_meaning(spoken):
    sample = [{"device": "r1", "nmea": spoken, "time": NOW, "speed_kmh": 36, "date": "2026-11-22"}] * 3
    fix = decode(sample[0], recognise(sample, with_id=True, now=NOW).mapping)
    assert (fix.time, fix.speed) == (NOW, 10.0)
