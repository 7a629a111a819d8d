"""Whose record it is, by the values: identities of vehicles, and what only looks like one."""

from __future__ import annotations

from redis_geo_plugin.core.live.recognition import recognise, unfold
from redis_geo_plugin.core.live.records import Decoder, RefusalReason, Row
from tests.support.observed import NOW, stream


def test_an_identity_repeats_over_time():
    records = stream(id=lambda v, r: 1000 + v + 10 * r)
    assert recognise(records, with_id=True, now=NOW).mapping.id == "vehicle_id"


def test_an_id_of_events_is_none_of_vehicles_where_another_field_tells_their_ways_apart():
    records = [{"id": f"event-{n}", "box": one.pop("vehicle_id"), **one} for n, one in enumerate(stream())]
    found = recognise(records, with_id=True, now=NOW)
    assert found.mapping.id != "id"
    assert "id" in found.unsure


def test_each_vehicle_of_a_stream_once_is_known_by_its_id_beside_lines_and_states():
    records = [
        {"id": f"v{v}", "line": f"L{v % 4}", "state": "on", "lat": 48.8 + v % 7 / 100, "lon": 2.3 + v / 500, "ts": NOW - 9}
        for v in range(40)
    ]  # fmt: skip
    assert recognise(records, with_id=True, now=NOW).mapping.id == "id"


def test_an_identity_is_unique_at_a_moment():
    """A line repeats too, but its vehicles are in several places at one time."""
    records = [{**one, "bus": "46A"} for one in stream()]
    for one in records:
        one["label"] = one.pop("vehicle_id")
    assert recognise(records, with_id=True, now=NOW).mapping.id == "label"


def test_a_vehicle_that_is_alone_is_known_all_the_same():
    records = stream(vehicles=1, id=lambda v, r: r)
    assert recognise(records, with_id=True, now=NOW).mapping.id == "vehicle_id"


def test_records_of_one_moment_each_have_their_own():
    records = [{"vehicle_id": 7, "id": n, "lat": 48.0 + n, "lon": 2.0} for n in range(6)]
    found = recognise(records, with_id=True, is_history=False, now=NOW)
    assert found.mapping.id == "id"


def test_what_only_numbers_rows_is_no_identity_of_a_fleet():
    assert [ident for ident, _ in unfold([{"lat": 48.0 + n, "lon": 2.0, "speed": 3} for n in range(5)])] == [
        None
    ] * 5


def test_a_pattern_that_cuts_an_id_leaves_it_to_the_record():
    records = [{"id": f"7{n}", "lat": 48.0, "lon": 2.0 + n} for n in range(5)]
    idents = [str(n) for n in range(5)]
    assert recognise(records, idents, pattern="vehicle7*", now=NOW).mapping.id == "id"
    assert recognise(records, idents, pattern="vehicle:*", now=NOW).mapping.id == ""


def test_a_stream_of_one_vehicle_needs_no_identity_but_one_of_several_does():
    way = [{name: one[name] for name in ("lat", "lon", "ts")} for one in stream(vehicles=1)]
    assert recognise(way, with_id=True, now=NOW).is_one_vehicle
    several = [{name: one[name] for name in ("lat", "lon", "ts")} for one in stream(vehicles=3)]
    assert not recognise(several, with_id=True, now=NOW).is_one_vehicle
    fix = Decoder(recognise(way, with_id=True, now=NOW).mapping).fix(Row("", b"track:7", way[0]), NOW)
    assert fix.id == "track:7"


def test_a_record_of_a_stream_that_does_not_say_whose_it_is_is_refused():
    found = recognise(stream(), with_id=True, now=NOW)
    refusal = Decoder(found.mapping).fix(Row("", b"s", {"lat": 48.0, "lon": 2.0, "ts": NOW}), NOW)
    assert refusal.reason is RefusalReason.NO_IDENTITY


def test_without_an_identity_a_stream_of_several_vehicles_shows_none():
    several = [{name: one[name] for name in ("lat", "lon", "ts")} for one in stream()]
    found = recognise(several, with_id=True, now=NOW).mapping
    assert found.asks == ("id",)
    assert Decoder(found).fix(Row("", b"s", several[0]), NOW).reason is RefusalReason.UNSURE
    assert found.answered(id="lat").asks == ()


def test_the_vehicle_comes_before_its_driver():
    for who, driver in (("vehicle", "driver"), ("vehicleId", "driverId")):
        records = [
            {driver: f"D{n % 5}", who: f"V{n % 5}", "lat": 48.85 + n % 5, "lon": 2.35, "ts": NOW + n}
            for n in range(20)
        ]
        assert recognise(records, with_id=True, now=NOW + 99).mapping.id == who
        for one in records:
            del one[who]
        assert recognise(records, with_id=True, now=NOW + 99).mapping.id == driver
