"""When a vehicle was there, by the values: reports, ages, days and clocks, and other moments that are none."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live.recognition import recognise
from redis_geo_plugin.core.live.records import Decoder, Fix, Row
from redis_geo_plugin.core.live.spec import Mapping
from tests.support.observed import NOW, stream


def test_a_second_of_a_minute_is_no_time():
    records = [
        {"lat": 48.0, "lon": 2.0 + n, "timestamp": 17 + n, "time_utc": "2026-11-22 11:59:00 +0000 UTC"}
        for n in range(5)
    ]
    assert recognise(records, now=NOW).mapping.time == "time_utc"
    for one in records:
        del one["time_utc"]
    assert recognise(records, now=NOW).mapping.time == ""


@pytest.mark.parametrize("other", ["created_at", "eta", "expires", "registered_at", "scheduled_time"])
def test_when_something_else_was_or_will_be_is_no_report(other):
    records = [{"lat": 48.0, "lon": 2.0 + n, other: NOW - 90_000} for n in range(5)]
    assert recognise(records, now=NOW).mapping.time == ""
    both = [{**one, "ts": NOW - n} for n, one in enumerate(records)]
    assert recognise(both, now=NOW).mapping.time == "ts"


def test_a_time_of_creation_that_moves_on_with_the_vehicle_is_that_of_the_report():
    records = [{("created_at" if name == "ts" else name): one[name] for name in one} for one in stream()]
    assert recognise(records, with_id=True, now=NOW).mapping.time == "created_at"


def test_times_of_tomorrow_are_none():
    records = [{"lat": 48.0, "lon": 2.0 + n, "time": NOW + 3 * 86_400} for n in range(5)]
    assert recognise(records, now=NOW).mapping.time == ""


def test_the_day_comes_first_where_one_value_says_so():
    records = [
        {"lat": 48.0, "lon": 2.0, "time": text}
        for text in ("05/11/2026 10:00", "06/11/2026 10:00", "21/11/2026 10:00")
    ]
    assert recognise(records, now=NOW).mapping.time_unit == "dmy"
    assert recognise(records[:2], now=NOW).mapping.time == ""


def test_a_day_and_a_time_in_two_fields():
    records = [{"lat": 48.0, "lon": 2.0 + n, "date": "221126", "time": f"11590{n}.00"} for n in range(5)]
    found = recognise(records, now=NOW)
    assert (found.mapping.date, found.mapping.time) == ("date", "time")
    fix = Decoder(found.mapping).fix(Row("a", b"a", records[3]), NOW)
    assert isinstance(fix, Fix) and fix.time == 1795348743.0


def test_one_bad_clock_does_not_take_the_time_from_the_others():
    records = [
        {"latitude": 48.0, "longitude": 2.0, "timestamp": text}
        for text in ("1970-01-01T00:00:05", "2100-01-01T00:00:00", "2026-11-22T11:59:00")
    ]
    assert recognise(records, now=NOW).mapping.time == "timestamp"
    assert recognise(records[:1], now=NOW).mapping.time == "timestamp"


@pytest.mark.parametrize("word", ["None", "null", "NaN", "n/a", None, ""])
def test_a_missing_time_in_disguise_is_that_of_reading_and_marked(word):
    fix = Decoder(Mapping(lon="lon", lat="lat", time="ts")).fix(
        Row("a", b"a", {"lat": 48.0, "lon": 2.0, "ts": word}), NOW
    )
    assert (fix.time, fix.derived) == (NOW, "time")


def test_a_time_that_none_of_the_first_records_says_is_read_of_the_next():
    first = [{"lat": 48.0, "lon": 2.0, "timestamp": "None"} for _ in range(3)]
    found = recognise(first, now=NOW).mapping
    assert found.time == "timestamp"
    fix = Decoder(found).fix(Row("a", b"a", {"lat": 48.0, "lon": 2.0, "timestamp": NOW - 5}), NOW)
    assert (fix.time, fix.derived) == (NOW - 5, None)


@pytest.mark.parametrize(
    "when",
    [
        {"header": {"stamp": {"secs": int(NOW), "nsecs": 5}}},
        {"updatedAt": {"_seconds": int(NOW), "_nanoseconds": 0}},
        {"time": {"seconds": str(int(NOW)), "nanos": 5}},
        {"pubMillis": int(NOW * 1000)},
    ],
)
def test_a_moment_as_an_object_of_seconds(when):
    records = [{"lat": 48.85, "lon": 2.35, **when}] * 3
    mapping = recognise(records, now=NOW).mapping
    fix = Decoder(mapping).fix(Row("a", b"k", records[0]), NOW + 5)
    assert fix.derived is None and fix.time == pytest.approx(NOW, abs=1.0)


@pytest.mark.parametrize("when", [{"elapsed": {"seconds": 1795348800}}, {"age": {"secs": 12}}])
def test_seconds_of_something_else_are_no_moment(when):
    assert recognise([{"lat": 48.85, "lon": 2.35, **when}] * 3, now=NOW).mapping.time == ""


LOCAL_NOON = "2026-11-22 13:00:00"


@pytest.mark.parametrize(
    ("record", "time"),
    [
        ({"localTime": LOCAL_NOON}, ""),
        ({"localTime": LOCAL_NOON, "utcTime": "2026-11-22 12:00:00"}, "utcTime"),
        ({"dateLocal": "2026-11-22T13:00:00", "date": "2026-11-22T12:00:00Z"}, "date"),
        ({"time": LOCAL_NOON, "timezone": "Europe/Paris"}, ""),
        ({"time": LOCAL_NOON, "utc_offset_seconds": 3600}, ""),
        ({"gps": {"time": LOCAL_NOON, "tzOffset": "+01:00"}}, ""),
        ({"time": LOCAL_NOON, "timezone": "UTC"}, "time"),
        ({"time": LOCAL_NOON, "utc_offset_seconds": 0}, "time"),
        ({"time": "2026-11-22T13:00:00+01:00", "timezone": "Europe/Paris"}, "time"),
        ({"utc_time": "2026-11-22 12:00:00", "timezone": "Europe/Paris"}, "utc_time"),
        ({"time": NOW, "timezone": "Europe/Paris"}, "time"),
        ({"time": LOCAL_NOON}, "time"),
    ],
)
def test_a_time_of_another_zone_is_not_taken_for_utc(record, time):
    records = [{"lat": 48.85, "lon": 2.35, **record}] * 3
    assert recognise(records, now=NOW).mapping.time.rpartition(".")[2] == time


@pytest.mark.parametrize(
    ("said", "time"),
    [
        (lambda n: {"ts": NOW, "age": n * 3 + 10.0}, lambda n: NOW - n * 3 - 10.0),
        (lambda n: {"ts": NOW, "fix_age_ms": 1500 * n}, lambda n: NOW - 1.5 * n),
        (lambda n: {"ts": NOW - n * 7, "age": n * 7}, lambda n: NOW - n * 7),
        (lambda n: {"ts": NOW - n * 11, "age": 40 + n}, lambda n: NOW - n * 11),
        (lambda n: {"ts": NOW - n * 11, "position_age": 5}, lambda n: NOW - n * 11 - 5),
        (lambda n: {"ts": NOW - n * 11, "driver_age": 45}, lambda n: NOW - n * 11),
        (lambda n: {"ts": NOW - n * 11, "seen": 40}, lambda n: NOW - n * 11),
        (lambda n: {"ts": NOW - n * 11, "age": 40.5}, lambda n: NOW - n * 11),
    ],
)  # fmt: skip
def test_the_age_of_a_position_is_taken_off_the_time_of_its_record(said, time):
    records = [{"lat": 48.85, "lon": 2.35, **said(n)} for n in range(5)]
    decoder = Decoder(recognise(records, now=NOW).mapping)
    for n, record in enumerate(records):
        assert decoder.fix(Row("a", b"a", record), NOW).time == pytest.approx(time(n))


@pytest.mark.parametrize("stored", [None, NOW - 100.0])
@pytest.mark.parametrize(
    ("said", "age"),
    [
        ({"fix_age_ms": 1500}, 1.5), ({"position_age": 5}, 5.0), ({"seen_pos": 2.5}, 2.5), ({"secsSinceReport": 7}, 7.0),
        ({"age": 35}, 0.0), ({"driver": {"age": 35}}, 0.0), ({"driver_age": 35}, 0.0), ({"seen": 3}, 0.0), ({"age_seconds": 40}, 0.0),
    ],
)  # fmt: skip
def test_without_a_time_an_age_is_taken_off_that_of_storing_or_reading_where_it_is_the_positions(
    said, age, stored
):
    decoder = Decoder(recognise([{"lat": 48.85, "lon": 2.35 + n, **said} for n in range(4)], now=NOW).mapping)
    row = Row("a", b"a", {"lat": 48.85, "lon": 2.35, **said})
    row.time = stored
    found = decoder.fix(row, NOW)
    assert found.time == pytest.approx((NOW if stored is None else stored) - age)
    assert found.derived == ("time" if stored is None else None)


@pytest.mark.parametrize("word", ["", None, "n/a", "NaN", "null"])
@pytest.mark.parametrize("age", [0, 20])
def test_an_entry_of_which_the_time_is_missing_has_that_of_its_storage(word, age):
    mapping = Mapping(lon="lon", lat="lat", time="ts", age="position_age")
    row = Row("a", b"a", {"lat": 48.85, "lon": 2.35, "ts": word, "position_age": age})
    row.time = NOW - 100.0
    found = Decoder(mapping).fix(row, NOW)
    assert (found.time, found.derived) == (NOW - 100.0 - age, None)


@pytest.mark.parametrize("said", [{"timestamp_ms": 1623456789}, {"time_boot_ms": 1623456789}, {"time_boot_ms": 1795348800}, {"uptime_ms": 1795348800}, {"timestamp": 623456789}, {"uptime": 1623456789},
                                  {"date": "2026-11-22", "time": "13:00:00", "utc_offset": "+01:00"}])  # fmt: skip
def test_counts_from_the_start_of_a_device_and_local_clocks_are_no_moments(said):
    records = [{"lat": 48.85, "lon": 2.35 + n, **said} for n in range(4)]
    assert recognise(records, now=NOW).mapping.time == ""


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
@pytest.mark.parametrize("name", ["timestamp", "ts", "time", "t", "last_update"])
@pytest.mark.parametrize("as_text", [False, True])
def test_weeks_since_the_start_of_devices_are_no_moments(unit, name, as_text):
    since = [(12 + 1.7 * n) * 86_400 for n in range(5)]
    counts = [str(round(one * unit)) if as_text else round(one * unit) for one in since]
    records = [{"lat": 48.85, "lon": 2.35 + n, name: count} for n, count in enumerate(counts)]
    found = recognise(records, now=NOW).mapping
    assert found.time == ""
    assert Decoder(found).fix(Row("a", b"a", records[0]), NOW).derived == "time"


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
def test_what_was_recorded_years_ago_keeps_its_times(unit):
    records = [
        {"lat": 48.85, "lon": 2.35 + n, "timestamp": round((1372636858 + n * 86_400 * 30) * unit)}
        for n in range(10)
    ]
    mapping = recognise(records, now=NOW).mapping
    assert mapping.asks == ("time",)  # milliseconds since devices were started look the same
    assert not isinstance(Decoder(mapping).fix(Row("a", b"a", records[3]), NOW), Fix)
    for said in (
        mapping.answered("time"),
        recognise(records, given=Mapping(time="timestamp"), now=NOW).mapping,
    ):
        assert Decoder(said).fix(Row("a", b"a", records[3]), NOW).time == 1372636858 + 3 * 86_400 * 30


@pytest.mark.parametrize("name", ["ts", "timestamp", "t"])
@pytest.mark.parametrize(("unit", "asked"), [(1.0, ()), (1e-3, ("time",))])
def test_the_ways_of_a_recording_tell_that_its_times_are_seconds(name, unit, asked):
    """Ten metres a second, and the same where the numbers are milliseconds: a thousandth of that."""
    began = 1_400_000_000
    records = [
        {"vehicle_id": f"v{v}", "lat": 48.85 + v / 10 + r * 9e-4, "lon": 2.35, name: began + round(r * 10 / unit)}
        for r in range(8) for v in range(3)
    ]  # fmt: skip
    assert recognise(records, with_id=True, now=NOW).mapping.asks == asked


@pytest.mark.parametrize("spread", [60_000, 3_600_000, 86_400_000])
@pytest.mark.parametrize("name", ["ts", "timestamp", "time"])
def test_a_fleet_started_together_is_asked_whether_its_counts_are_times(name, spread):
    records = [{"lat": 48.85, "lon": 2.35 + n, name: 1_500_000_000 + n * spread // 8} for n in range(8)]
    found = recognise(records, now=NOW)
    assert found.unsure in (("time",), ()) and (found.unsure or not found.mapping.time)
    assert (
        not isinstance(Decoder(found.mapping).fix(Row("a", b"a", records[0]), NOW), Fix)
        or not found.mapping.time
    )


@pytest.mark.parametrize("name", ["last_seen", "updated_at", "fixTime", "epoch", "lastUpdate"])
def test_a_name_that_only_moments_have_is_not_asked(name):
    records = [{"lat": 48.85, "lon": 2.35 + n, name: 1_700_000_000 + n} for n in range(8)]
    assert recognise(records, now=NOW).mapping.asks == ()


def test_a_vehicle_that_is_silent_for_years_does_not_take_the_times_from_the_others():
    records = [{"lat": 48.85, "lon": 2.35 + n, "ts": int(NOW) - n * 400 * 86_400} for n in range(5)]
    assert recognise(records, now=NOW).mapping.time == "ts"


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
@pytest.mark.parametrize("silent", [1, 2])
@pytest.mark.parametrize("years", [3.1, 10, 20])
def test_few_vehicles_last_heard_years_ago_leave_the_times_of_a_recording_to_the_others(unit, silent, years):
    newest = NOW - 5 * 86_400
    moments = [
        round((newest - n * 60 - (n < silent) * years * 365 * 86_400) * unit) for n in range(5 * silent)
    ]
    records = [{"lat": 48.85, "lon": 2.35 + n / 100, "timestamp": one} for n, one in enumerate(moments)]
    mapping = recognise(records, now=NOW).mapping
    assert mapping.time == "timestamp"
    last = Decoder(mapping).fix(Row("a", b"a", records[-1]), NOW).time
    assert last == pytest.approx(moments[-1] / unit, abs=1e-3)


@pytest.mark.parametrize(("name", "unit"), [("timestamp_ms", 1e3), ("time_us", 1e6), ("timestampNs", 1e9)])
def test_numbers_of_the_size_of_their_unit_are_moments_however_far_apart(name, unit):
    moments = [round((NOW - 86_400 * (9 + 400 * n)) * unit) for n in range(8)]
    records = [{"lat": 48.85, "lon": 2.35 + n / 100, name: one} for n, one in enumerate(moments)]
    assert recognise(records, now=NOW).mapping.time == name


@pytest.mark.parametrize("name", ["timestamp_ms", "ts_ms", "time_us", "timestampNs", "timeMillis"])
@pytest.mark.parametrize("ago", [0, 3600, 86_400, -3600])
def test_seconds_under_the_name_of_another_unit_are_moments_where_they_are_of_about_now(name, ago):
    records = [{"lat": 48.85, "lon": 2.35 + n, name: int(NOW) - ago - 7 * n} for n in range(4)]
    mapping = recognise(records, now=NOW).mapping
    assert mapping.time == name
    assert Decoder(mapping).fix(Row("a", b"a", records[0]), NOW).time == int(NOW) - ago


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gps_utc_time", "send_time"),
        ("measured_time", "upload_time"),
        ("at.time", "timestamp"),
        ("time_a", "time_b"),
    ],
)
@pytest.mark.parametrize("way", [1, 3, 900])
def test_of_times_that_are_as_likely_the_report_comes_before_its_sending(one, other, way):
    def record(n):
        said = NOW - 5 - 7 * n
        own = {"at": {"time": said}} if "." in one else {one: said}
        return {"lat": 48.85, "lon": 2.35 + n, **own, other: said + (way if n % 2 else 0)}

    assert recognise([record(n) for n in range(5)], now=NOW + 900).mapping.time == one
