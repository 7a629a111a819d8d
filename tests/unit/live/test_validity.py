"""Which fields deny a position, and which say of other things: in both directions."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live.recognition import recognise
from redis_geo_plugin.core.live.records import Decoder, Fix, RefusalReason, Row
from redis_geo_plugin.core.live.validity import column_test, denies

NOW = 1795348800.25  # 2026-11-22T12:00:00Z
GOOD = [{"lat": 48.85, "lon": 2.35 + n, "ts": NOW} for n in range(4)]

# what a record says of its position -> what one says whose position is good
DENIED = [
    ({"valid": False}, {"valid": True}), ({"valid": "false"}, {"valid": "true"}), ({"isValid": 0}, {"isValid": 1}),
    ({"gps_valid": 0}, {"gps_valid": 1}), ({"posValid": "false"}, {"posValid": "true"}), ({"data_valid": False}, {"data_valid": True}),
    ({"gps": {"valid": False}}, {"gps": {"valid": True}}), ({"data": {"valid": False}}, {"data": {"valid": True}}),
    ({"position": {"ok": False}}, {"position": {"ok": True}}), ({"gps_ok": 0}, {"gps_ok": 1}), ({"fix_ok": "N"}, {"fix_ok": "Y"}),
    ({"invalid": True}, {"invalid": False}), ({"gps_invalid": 1}, {"gps_invalid": 0}), ({"noFix": True}, {"noFix": False}),
    ({"hasFix": False}, {"hasFix": True}), ({"has_fix": 0}, {"has_fix": 1}), ({"hasfix": "no"}, {"hasfix": "yes"}),
    ({"hasPosition": False}, {"hasPosition": True}), ({"gps": {"hasFix": False}}, {"gps": {"hasFix": True}}),
    ({"has_gps_fix": False}, {"has_gps_fix": True}), ({"hasValidFix": False}, {"hasValidFix": True}),
    ({"has_location": "false"}, {"has_location": "true"}),
    ({"fix": 0}, {"fix": 1}), ({"fix": False}, {"fix": True}), ({"fix": "none"}, {"fix": "3d"}), ({"gps_fix": "0"}, {"gps_fix": "3"}),
    ({"fix_type": 0}, {"fix_type": 3}), ({"location": {"fixType": 0}}, {"location": {"fixType": 3}}), ({"fixed": False}, {"fixed": True}),
    ({"fixQuality": 0}, {"fixQuality": 8}), ({"fix_status": "no fix"}, {"fix_status": "FIX_3D"}), ({"fix_quality": 0}, {"fix_quality": 1}),
    ({"status": "V"}, {"status": "A"}), ({"gps_status": "V"}, {"gps_status": "A"}), ({"gps_state": "none"}, {"gps_state": "fix"}),
    ({"fixMode": "none"}, {"fixMode": "3d"}), ({"fix_mode": 1}, {"fix_mode": 3}),
    ({"hdop": 99.99}, {"hdop": 0.9}), ({"horizontalAccuracy": -1}, {"horizontalAccuracy": 5}),
]  # fmt: skip
# numbers that only their being rare tells to mean no position
RARELY = [
    ({"quality": 0}, {"quality": 1}), ({"gps": {"status": 0}}, {"gps": {"status": 1}}), ({"gps_status": "0"}, {"gps_status": "2"}),
    ({"gps_mode": 1}, {"gps_mode": 3}), ({"gnss": {"quality": 0}}, {"gnss": {"quality": 4}}),
]  # fmt: skip
SHOWN = [
    *(good for _, good in DENIED + RARELY),
    *(said for said, _ in RARELY),  # where all say it: 0 is the best, or a fix without corrections
    {"location": {"hasBearing": False}}, {"location": {"hasSpeed": False}}, {"position": {"has_altitude": 0}}, {"gps_has_antenna": False},
    {"has_location_history": False}, {"hasDriver": False}, {"location": {"hasGeofence": False}}, {"needs_fix": False}, {"needs_fix": 0},
    {"fixed_route": False}, {"fixed_price": 0}, {"fixedRoute": 0}, {"price": {"fixed": 0}}, {"price_fixed": False}, {"is_fixed_base": False},
    {"bug_fix": 0}, {"fix": 25.5}, {"fix": 120}, {"location_mode": 1}, {"locationMode": 1}, {"locationMode": "0"}, {"position": {"mode": 0}},
    {"mode": 1}, {"gps_mode": 40}, {"gps": {"status": 0}}, {"gps": {"status": 0, "fix": 3}}, {"gps_state": 0}, {"gps_level": 0}, {"gps_level": 55},
    {"ok": False}, {"ticket": {"valid": False}}, {"ticket_valid": False}, {"license": {"isValid": False}}, {"ticket_invalid": True},
    {"location": {"isValidAddress": False}}, {"pickup": {"valid": False}}, {"pickup": {"fix": 0}}, {"destination_gps_valid": False},
    {"status": "vacant"}, {"status": 0}, {"quality": 80}, {"link": {"quality": 0}}, {"link_quality": 0}, {"satellites": 0}, {"fix_time": 0},
    {"valid": "2026-12-31"}, {"valid_until": 0}, {"gps_fix_count": 0}, {"location_accuracy": 0}, {"hdop": 0},
]  # fmt: skip


def merged(one, said):
    return {**one, **said}


def decoder_of(records):
    return Decoder(recognise(records, now=NOW).mapping)


def judged(decoder, record):
    return decoder.fix(Row("a", b"a", record), NOW)


def is_denied(found):
    return not isinstance(found, Fix) and found.reason is RefusalReason.NO_POSITION


@pytest.mark.parametrize(("denied", "good"), DENIED)
@pytest.mark.parametrize("deniers", [1, 2, 4])
def test_a_record_that_denies_its_position_is_refused(denied, good, deniers):
    sample = [merged(one, denied if n < deniers else good) for n, one in enumerate(GOOD)]
    decoder = decoder_of(sample)
    assert is_denied(judged(decoder, merged(GOOD[0], denied)))
    assert isinstance(judged(decoder, GOOD[0]), Fix)
    assert isinstance(judged(decoder, merged(GOOD[1], good)), Fix)


@pytest.mark.parametrize(("denied", "good"), RARELY)
def test_a_number_that_few_say_denies_and_one_that_most_say_does_not(denied, good):
    for deniers in range(1, 5):
        sample = [merged(one, denied if n < deniers else good) for n, one in enumerate(GOOD)]
        decoder = decoder_of(sample)
        assert is_denied(judged(decoder, sample[0])) == (deniers <= 2)
        assert isinstance(judged(decoder, merged(GOOD[1], good)), Fix)


@pytest.mark.parametrize("said", SHOWN)
def test_a_field_of_another_meaning_denies_nothing(said):
    sample = [merged(one, said) for one in GOOD]
    assert isinstance(judged(decoder_of(sample), sample[0]), Fix)


@pytest.mark.parametrize(
    ("path", "values"),
    [("fix", [0, 1, 40]), ("fix", [0, 2.5]), ("fixed", [0, 19.9]), ("gps_status", ["0", "404"]), ("fix_mode", [1, 99]), ("gps.mode", [0, 60])],
)  # fmt: skip
def test_values_that_no_such_field_has_make_it_another(path, values):
    assert column_test(path, values) is None


def test_what_an_earlier_version_took_for_such_a_field_denies_nothing():
    assert denies("location.hasBearing needs_fix fixed_price locationMode") is None
