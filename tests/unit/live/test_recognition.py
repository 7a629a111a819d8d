"""Roles are recognised by the values over a whole sample: the order of fields, noise, gaps and direction change nothing."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live.recognition import recognise, unfold
from redis_geo_plugin.core.live.records import Decoder, Fix, RefusalReason, Row
from redis_geo_plugin.core.live.spec import SPEED_FACTORS, Mapping
from tests.support import layouts
from tests.unit.live.test_layouts import OF_SOURCES, decoded, recognised, rows_of

NOW = 1795348800.25  # 2026-11-22T12:00:00Z
NOISE = st.dictionaries(
    st.sampled_from(["colour", "battery", "odometer", "remarks", "firmware", "sat", "hdop", "rssi", "tags", "load"]),
    st.integers(0, 10**6) | st.text(st.characters(codec="ascii"), max_size=8) | st.booleans() | st.none() | st.just([1, 2, 3]),
    max_size=4,
)  # fmt: skip
COMING_AGAIN = {"rows_of_change_capture", "things_stack", "meshtastic", "cloud_events", "tile38_events"}
RECOGNISED = [name for name in layouts.names() if name not in OF_SOURCES]


def scrambled(data, order: random.Random):
    """The same object with its fields in another order, at all levels."""
    if isinstance(data, dict):
        names = list(data)
        order.shuffle(names)
        return {name: scrambled(data[name], order) for name in names}
    return data


@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize("name", RECOGNISED)
@given(seed=st.integers(0, 2**32), noise=NOISE, kept=st.floats(0.5, 1.0), reverse=st.booleans())
def test_order_noise_gaps_and_direction_change_nothing(name, seed, noise, kept, reverse):
    layout, order = layouts.layout(name, NOW), random.Random(seed)
    rows, texts, with_id = rows_of(layout)
    plain = recognised(layout, rows, with_id)
    changed = [
        Row(row.id, row.key, scrambled({**row.data, **noise} if len(row.data) > 1 else row.data, order))
        for row in (rows[::-1] if reverse else rows)
        if order.random() < kept or row is rows[3 % len(rows)]
    ]
    found = recognised(layout, changed, with_id)
    assert found.mapping == plain.mapping
    assert found.format == plain.format
    fixes, _ = decoded(changed, found.mapping, texts)
    before, _ = decoded(rows, plain.mapping, texts)
    for ident, fix in fixes.items():
        # a vehicle that comes again and again is where its newest report says, which may have been left out here
        if layout.name not in COMING_AGAIN:
            assert (fix.lon, fix.lat, fix.time, fix.speed) == (
                before[ident].lon, before[ident].lat, before[ident].time, before[ident].speed)  # fmt: skip


# --- who --------------------------------------------------------------------------------------------------------------


def stream(vehicles=5, rounds=8, **more):
    """Entries of a stream: the vehicles one after the other, again and again."""
    return [
        {"vehicle_id": f"v{v}", "lat": 48.8 + v / 10 + r / 1e4, "lon": 2.3 + v / 10, "ts": NOW - 500 + r * 10, **{
            name: make(v, r) for name, make in more.items()}}
        for r in range(rounds)
        for v in range(vehicles)
    ]  # fmt: skip


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


@pytest.mark.parametrize("heard", ["rxInfo", "rx_metadata", "gateways", "hotspots"])
def test_where_a_report_was_heard_is_not_where_the_vehicle_is(heard):
    place = {"latitude": 45.1, "longitude": 5.7}
    report = {
        "id": "v7",
        "decoded": {"lat": 48.8, "lon": 2.3},
        heard: [{"gateway_id": "g", "location": place}] * 2,
    }
    assert unfold(report) == [("v7", report)]
    found = recognise([report], now=NOW).mapping
    assert (found.lon, found.lat) == ("decoded.lon", "decoded.lat")
    del report["decoded"]
    assert unfold(report) == []


@pytest.mark.parametrize("who", ["gateway", "receiver", "operator", "pilot"])
def test_the_place_of_who_hears_or_steers_is_asked(who):
    found = recognise(
        [{"id": f"v{i}", who: {"lat": 48.8 + i / 9, "lon": 2.3}, "ts": NOW} for i in range(5)], now=NOW
    )
    assert "place" in found.unsure


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


# --- when -------------------------------------------------------------------------------------------------------------


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


# --- where ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("POINT(2.35 48.85)", (2.35, 48.85)),
        ("SRID=4326;POINT(2.35 48.85)", (2.35, 48.85)),
        ("geo:48.85,2.35", (2.35, 48.85)),
        ("48.85 N, 2.35 E", (2.35, 48.85)),
        ({"type": "Point", "coordinates": [2.35, 48.85]}, (2.35, 48.85)),
        ("0101000000CDCCCCCCCCCC0240CDCCCCCCCC6C4840", (2.35, 48.85)),
        ([2.35, 48.85], (2.35, 48.85)),
        ("48.85,2.35", None),
        ("48,85;2,35", None),
        ("48,85,2,35", None),
        ("2.35,48.85", None),
    ],
)
def test_the_order_of_a_pair_is_that_of_its_form_or_asked(value, place):
    record = {"name": "a", "location": value}
    found = recognise([record] * 3, now=NOW)
    fix = Decoder(found.mapping).fix(Row("a", b"a", record), NOW)
    if place is None:
        assert not isinstance(fix, Fix)
        assert found.unsure == ("order",) or not found.mapping.has_position
    else:
        assert (fix.lon, fix.lat) == pytest.approx(place)


def test_decimal_commas():
    mapping = Mapping(pair="location", pair_order="latlon")
    fix = Decoder(mapping).fix(Row("a", b"a", {"location": "48,85;2,35"}), NOW)
    assert (fix.lat, fix.lon) == (48.85, 2.35)
    fix = Decoder(Mapping(lon="x", lat="y")).fix(Row("a", b"a", {"x": "2,35", "y": "48,85"}), NOW)
    assert (fix.lat, fix.lon) == (48.85, 2.35)


def test_an_index_declares_the_order():
    records = [{"name": str(n), "location": f"{2.3 + n / 10},48.85"} for n in range(5)]
    found = recognise(records, orders={"location": "lonlat"}, now=NOW)
    assert (found.mapping.pair_order, found.unsure) == ("lonlat", ())


def test_other_places_of_the_record_tell_the_order():
    records = [
        {"at": f"2.3{n},48.85", "position": f"2.3{n},48.85", "dest_lat": 48.9, "dest_lon": 2.4}
        for n in range(5)
    ]
    assert recognise(records, now=NOW).mapping.pair_order == "lonlat"


@pytest.mark.parametrize(
    "one",
    [
        {"x": 120, "y": 45},
        {"x": 12.5, "y": 60.1, "hp": 100},
        {"z": 4, "x": 3, "y": 2},
        {"x": 640.0, "y": 480.0, "ts": NOW},
    ],
)
def test_pixels_tiles_and_places_of_a_game_are_none(one):
    assert not recognise([dict(one, n=n) for n in range(5)], now=NOW).mapping.has_position


@pytest.mark.parametrize("prefix", ["pickup", "dropoff", "origin", "destination", "home", "start"])
def test_the_place_of_something_else_is_asked(prefix):
    for records in ([{prefix: {"lat": 48.0, "lng": 2.0 + n}} for n in range(4)],
                    [{f"{prefix}_lat": 48.0, f"{prefix}_lng": 2.0 + n} for n in range(4)],
                    [{f"{prefix}Location": [2.0 + n, 48.0]} for n in range(4)]):  # fmt: skip
        assert recognise(records, now=NOW).unsure == ("place",)
        own = [{**one, "lat": 47.0, "lon": 3.0} for one in records]
        assert recognise(own, now=NOW).mapping.shows_positions
        assert recognise(own, now=NOW).mapping.lat == "lat"


def test_integers_that_one_factor_alone_makes_degrees():
    records = [{"lat": 488500000 + n, "lon": 23500000 + n, "ts": NOW} for n in range(5)]
    assert recognise(records, now=NOW).mapping.scale == 1e-7
    unclear = [{"lat": 48850000 + n, "lon": 2350000 + n, "ts": NOW} for n in range(5)]
    assert not recognise(unclear, now=NOW).mapping.shows_positions


def test_a_cell_is_marked_as_derived():
    records = [{"geohash": f"u09tvw0f{n}", "ts": NOW} for n in range(5)]
    fix = Decoder(recognise(records, now=NOW).mapping).fix(Row("a", b"a", records[0]), NOW)
    assert fix.derived == "position"
    exact = [{**one, "lat": 48.0, "lon": 2.0} for one in records]
    assert recognise(exact, now=NOW).mapping.lat == "lat"


# --- whither and how fast ---------------------------------------------------------------------------------------------


def test_the_course_stands_in_where_a_heading_says_none():
    records = [
        {"lat": 48.0, "lon": 2.0, "heading": said, "cog": 90.5} for said in (511, -1, None, "None", 12)
    ]
    found = recognise(records, now=NOW).mapping
    assert (found.heading, found.course) == ("heading", "cog")
    headings = [Decoder(found).fix(Row("a", b"a", one), NOW).heading for one in records]
    assert headings == [90.5, 90.5, 90.5, 90.5, 12.0]
    none = [{"lat": 48.0, "lon": 2.0, "heading": 511, "cog": 10.0 * n} for n in range(4)]
    assert recognise(none, now=NOW).mapping.heading == "cog"


@pytest.mark.parametrize("name", ["direction", "dir", "DirectionNum", "direction_id"])
def test_which_way_along_a_line_is_no_heading(name):
    records = [{"lat": 48.0, "lon": 2.0, name: n % 2} for n in range(6)]
    assert recognise(records, now=NOW).mapping.heading == ""


def moving(unit, speeds, seconds=10.0):
    """One vehicle going north at these speeds (m/s), which it reports in a unit."""
    lat, records = 48.0, []
    for n, speed in enumerate(speeds):
        records.append(
            {"lat": lat, "lon": 2.0, "ts": NOW - 1000 + n * seconds, "speed": speed / SPEED_FACTORS[unit]}
        )
        lat += math.degrees(speed * seconds / 6_371_008.8)
    return records


@pytest.mark.parametrize("unit", sorted(SPEED_FACTORS))
def test_the_distances_tell_the_unit(unit):
    records = moving(unit, [10.0 + n % 3 * 0.5 for n in range(20)])
    found = recognise(records, ["a"] * 20, now=NOW)
    assert (found.mapping.speed_unit, found.unsure) == (unit, ())
    fix = Decoder(found.mapping).fix(Row("a", b"a", records[4]), NOW)
    assert fix.speed == pytest.approx(10.5)


def test_a_speed_of_which_nothing_tells_the_unit_is_not_shown():
    records = [{"lat": 48.0, "lon": 2.0 + n, "ts": NOW, "speed": 72} for n in range(5)]
    found = recognise(records, list("abcde"), now=NOW)
    assert found.unsure == ("speed_unit",)
    fix = Decoder(found.mapping).fix(Row("a", b"a", records[0]), NOW)
    assert (fix.speed, fix.attributes["speed"]) == (None, 72)
    said = Decoder(found.mapping.answered(speed_unit="km/h")).fix(Row("a", b"a", records[0]), NOW)
    assert said.speed == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("speed_kmh", "km/h"), ("speedKph", "km/h"), ("speed_km_h", "km/h"), ("speed_ms", "m/s"), ("speedMps", "m/s"),
     ("sog", "kn"), ("speed_knots", "kn"), ("speedMph", "mph"), ("kmh", "km/h")],
)  # fmt: skip
def test_the_name_tells_the_unit(name, unit):
    records = [{"lat": 48.0, "lon": 2.0 + n, name: 7} for n in range(4)]
    found = recognise(records, now=NOW)
    assert (found.mapping.speed, found.mapping.speed_unit, found.unsure) == (name, unit, ())


def test_a_field_beside_names_the_unit():
    records = [{"lat": 48.0, "lon": 2.0 + n, "speed": 7, "speedUnit": "KPH"} for n in range(4)]
    assert recognise(records, now=NOW).mapping.speed_unit == "km/h"


@pytest.mark.parametrize("name", ["wind_speed", "max_speed", "speed_limit", "fan_speed", "avg_speed"])
def test_other_speeds_are_not_the_vehicles(name):
    assert recognise([{"lat": 48.0, "lon": 2.0 + n, name: 7} for n in range(4)], now=NOW).mapping.speed == ""


def test_what_is_given_is_kept():
    given = Mapping(lon="a", lat="b", speed_unit="km/h", crs="EPSG:2154")
    records = [{"a": 652381.1, "b": 6862047.2, "speed": 3, "ts": NOW} for _ in range(3)]
    found = recognise(records, given=given, now=NOW).mapping
    assert (found.lon, found.lat, found.crs, found.time, found.speed_unit) == (
        "a",
        "b",
        "EPSG:2154",
        "ts",
        "km/h",
    )
    assert found.asks == ()


def test_what_the_user_confirmed_is_not_asked_again():
    records = [{"location": "2.35,48.85", "speed": 3, "ts": NOW} for _ in range(3)]
    first = recognise(records, now=NOW).mapping
    assert first.asks == ("order", "speed_unit")
    said = first.answered("speed_unit", pair_order="lonlat")
    assert recognise(records, given=said, now=NOW).mapping == said
    assert recognise(records, given=first, now=NOW).mapping.asks == first.asks
    assert first.answered(lon="location.0", lat="location.1").asks == ("speed_unit",)


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


@pytest.mark.parametrize("word", ["None", "null", "NaN", "n/a", None, ""])
def test_a_missing_time_in_disguise_is_that_of_reading_and_marked(word):
    fix = Decoder(Mapping(lon="lon", lat="lat", time="ts")).fix(
        Row("a", b"a", {"lat": 48.0, "lon": 2.0, "ts": word}), NOW
    )
    assert (fix.time, fix.derived) == (NOW, "time")


def test_x_and_y_by_themselves_are_asked():
    records = [{"id": n, "x": 2.35 + n / 100, "y": 48.85, "ts": NOW} for n in range(5)]
    assert recognise(records, now=NOW).unsure == ("place",)
    for more in ({"location": {"x": 2.35, "y": 48.85}}, {"x": 2.35, "y": 48.85, "srid": 4326}):
        assert recognise([{**more, "ts": NOW}] * 3, now=NOW).mapping.shows_positions


def test_without_an_identity_a_stream_of_several_vehicles_shows_none():
    several = [{name: one[name] for name in ("lat", "lon", "ts")} for one in stream()]
    found = recognise(several, with_id=True, now=NOW).mapping
    assert found.asks == ("id",)
    assert Decoder(found).fix(Row("", b"s", several[0]), NOW).reason is RefusalReason.UNSURE
    assert found.answered(id="lat").asks == ()


def test_a_time_that_none_of_the_first_records_says_is_read_of_the_next():
    first = [{"lat": 48.0, "lon": 2.0, "timestamp": "None"} for _ in range(3)]
    found = recognise(first, now=NOW).mapping
    assert found.time == "timestamp"
    fix = Decoder(found).fix(Row("a", b"a", {"lat": 48.0, "lon": 2.0, "timestamp": NOW - 5}), NOW)
    assert (fix.time, fix.derived) == (NOW - 5, None)


def test_scaled_integers_are_the_degrees_that_were_meant():
    fix = Decoder(Mapping(lon="x", lat="y", scale=1e-7)).fix(
        Row("a", b"a", {"x": 23522190, "y": 488566130}), NOW
    )
    assert (fix.lon, fix.lat) == (2.352219, 48.856613)


@pytest.mark.parametrize("value", [[10, 20], "3,4", [1.5, 2.0], "10.0.0.1", "1920x1080", "1.2", [0, 0]])
def test_two_numbers_by_themselves_are_no_place(value):
    name = "value" if isinstance(value, str) else "coordinates"
    assert not recognise([{name: value}] * 5, now=NOW).mapping.has_position


@pytest.mark.parametrize(
    "where",
    [
        {"pose": {"pose": {"position": {"x": 12.51, "y": 40.12, "z": 0.0}}}},
        {"pos": {"x": 12.51, "y": 40.12}},
        {"location": {"x": 12.51, "y": 40.12, "z": 3.0}},
        {"point": {"x": 12.51, "y": 40.12}},
    ],
)
def test_x_and_y_of_a_robot_or_a_game_are_asked(where):
    assert not recognise([{**where, "ts": NOW}] * 3, now=NOW).mapping.shows_positions


def two_places(one, other):
    here = {"lat": 48.85, "lng": 2.35}
    return [{one: here, other: {"lat": 45.0 + n, "lng": 4.0}, "ts": NOW + n} for n in range(5)]


@pytest.mark.parametrize("names", [("last_event", "last_telemetry"), ("camera", "vehicle1"), ("cell", "gps")])
def test_of_two_places_that_are_as_likely_it_is_asked_which(names):
    assert recognise(two_places(*names), now=NOW + 9).unsure == ("place",)
    assert recognise(two_places(*reversed(names)), now=NOW + 9).unsure == ("place",)


@pytest.mark.parametrize("other", ["old", "before_previous", "home", "destination", "last_data"])
def test_an_earlier_row_and_other_places_are_not_the_vehicles(other):
    found = recognise(two_places("data", other), now=NOW + 9)
    assert (found.mapping.lat, found.unsure) == ("data.lat", ())


def test_two_places_that_are_one_need_no_question():
    records = [{"best": {"lat": 48.85, "lon": 2.35}, "gnss": {"lat": 48.8501, "lon": 2.35}, "ts": NOW}] * 5
    assert recognise(records, now=NOW).mapping.shows_positions


@pytest.mark.parametrize("turn", [math.pi / 9, -math.pi / 9, 1.0])
def test_radians_and_the_points_of_a_compass_are_no_degrees(turn):
    records = [{"id": n, "lat": 48.85, "lon": 2.35, "heading": turn * n, "ts": NOW} for n in range(8)]
    assert recognise(records, now=NOW).mapping.heading == ""


def test_a_fleet_that_goes_about_north_keeps_its_headings():
    records = [{"id": n, "lat": 48.85, "lon": 2.35, "heading": 3.0 + n / 10, "ts": NOW} for n in range(8)]
    assert recognise(records, now=NOW).mapping.heading == "heading"


def test_an_orientation_counted_from_the_east_is_no_heading():
    records = [{"id": n, "lat": 48.85, "lon": 2.35, "orientation": 40 * n, "ts": NOW} for n in range(8)]
    assert recognise(records, now=NOW).mapping.heading == ""


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
