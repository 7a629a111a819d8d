"""Single values of producers: the traps, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.live.json_text import parse_json
from redis_geo_plugin.core.live.places import split_pair
from redis_geo_plugin.core.live.recognition import recognise
from redis_geo_plugin.core.live.records import Decoder, Fix, Refusal, RefusalReason, Row, Schema
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping, from_json
from redis_geo_plugin.core.live.values import Times, heading, is_missing, number, plain, speed

NOON = 1795348800.0  # 2026-11-22T12:00:00Z


def mapping(records):
    return recognise(records, now=NOON).mapping


def decode(data, **names):
    chosen = Mapping(**{"lon": "longitude", "lat": "latitude", "time": "timestamp", **names})
    return Decoder(chosen).fix(Row("7", b"vehicule:7", data, b"{}"), NOON)


@pytest.mark.parametrize(
    "written",
    [
        NOON,
        str(int(NOON)),
        NOON * 1000,
        int(NOON * 1e6),
        int(NOON * 1e9),
        "2026-11-22T12:00:00",
        "2026-11-22 12:00:00.000",
        "2026-11-22T12:00:00Z",
        "2026-11-22T13:00:00+01:00",
        "2026-11-22T07:30:00-0430",
        "2026/11/22 12:00:00",
        "2026-11-22T12:00",
        "2026-11-22T12:00Z",
        "Sun, 22 Nov 2026 12:00:00 GMT",
    ],
)
def test_every_form_of_time_means_the_same_moment(written):
    times = Times()
    assert times.read(written) == pytest.approx(NOON, abs=1e-3)
    assert times.read(written) == pytest.approx(
        NOON, abs=1e-3
    )  # the second time from the minutes it remembers


@pytest.mark.parametrize(
    "written", ["soon", "", "2026-13-45T99:00:00", "2026-11-22T12:00:99", None, True, "None"]
)
def test_what_is_no_time_is_none(written):
    assert Times().read(written) is None


def test_a_minute_that_is_remembered_keeps_seconds_and_zone_apart():
    times = Times()
    assert times.read("2026-11-22T12:00:30Z") == NOON + 30
    assert times.read("2026-11-22T12:00:59.25+02:00") == NOON + 59.25 - 7200


MINUTE = "2026-11-22T12:00:"


@given(
    st.integers(0, 13).flatmap(
        lambda n: st.lists(
            st.integers(0, 10 ** (n + 2) - 1).map(lambda amount: f"{amount:0{n + 2}d}"),
            min_size=1,
            max_size=5,
        )
    )
)
def test_times_of_one_form_read_at_once_are_what_each_is_read_as(digits):
    times = Times()
    times.read(MINUTE + "00")
    texts = [MINUTE + (one[:2] + "." + one[2:] if len(one) > 2 else one) for one in digits]
    found = times.read_alike(texts)
    if found is None:
        assert len(texts[0]) > 32 or max(int(one[:2]) for one in digits) >= 60
    else:
        assert found.tolist() == [times.read(text) for text in texts]


@pytest.mark.parametrize(
    "texts",
    [
        [MINUTE + "30Z"],
        [MINUTE + "30", "2026-11-22T12:01:30"],
        [MINUTE + "30", MINUTE + "30.5"],
        [MINUTE + "30.5", MINUTE + "3.05"],
        [MINUTE + "30,5"],
        [MINUTE + "3é"],
        [MINUTE + "3"],
        [MINUTE + "30."],
        ["2026-11-22T13:00:30"],
        [""],
    ],
)
def test_times_of_another_form_are_left_to_be_read_one_by_one(texts):
    times = Times()
    times.read(MINUTE + "00")
    assert times.read_alike(texts) is None


@pytest.mark.parametrize("word", ["None", "null", "", "NaN", "nan", float("nan"), None, "N/A"])
def test_missing_in_disguise(word):
    assert is_missing(word)
    assert number(word) is None


def test_heading_zero_is_north_and_not_none():
    assert heading(0) == 0.0
    assert heading("0") == 0.0
    assert heading(360) == 0.0
    assert heading(-90) == 270.0


def test_ais_says_that_there_is_none_in_three_ways():
    assert heading(511) is None
    assert heading(360, is_course=True) is None
    assert speed(102.3, 0.514444, is_knots=True) is None
    assert speed(102.3, 1.0) == 102.3


def test_texts_of_hashes_become_values_but_names_stay_names():
    assert [plain(t) for t in ("12", "-3", "1.5", "1e3")] == [12, -3, 1.5, 1000.0]
    assert [plain(t) for t in ("007", "None", "T3", "1_000", "12.5.1", "")] == [
        "007",
        None,
        "T3",
        "1_000",
        "12.5.1",
        None,
    ]


def test_a_list_is_longitude_first_and_a_text_latitude_first_unless_the_values_say_otherwise():
    assert mapping([{"location": [2.35, 48.85]}]).pair_order == "lonlat"
    assert mapping([{"location": "48.85,2.35"}]).pair_order == "latlon"
    assert mapping([{"location": [48.85, 102.3]}]).pair_order == "latlon"
    assert mapping([{"pos": "-122.4, 37.8"}]).pair_order == "lonlat"
    assert split_pair("POINT(2.35 48.85)") == (2.35, 48.85)


@pytest.mark.parametrize(
    ("record", "lon", "lat", "time"),
    [
        ({"latitude": 1.0, "longitude": 2.0, "timestamp": NOON}, "longitude", "latitude", "timestamp"),
        ({"lat": "1", "lon": "2", "last_update": str(NOON)}, "lon", "lat", "last_update"),
        ({"Lat": 1, "Lng": 2, "updatedAt": "2026-11-22T12:00:00"}, "Lng", "Lat", "updatedAt"),
        ({"location": {"lat": 1, "lng": 2}, "ts": NOON}, "location.lng", "location.lat", "ts"),
        ({"a": {"position": {"y": 1, "x": 2}}}, "a.position.x", "a.position.y", ""),
    ],
)
def test_names_of_fields_are_found_also_a_level_down(record, lon, lat, time):
    found = mapping([record])
    assert (found.lon, found.lat, found.time) == (lon, lat, time)


def test_units_of_speed_come_from_the_name_and_the_producer():
    assert mapping([{"lat": 1, "lon": 2, "speed_kmh": 3}]).speed_unit == "km/h"
    assert mapping([{"lat": 1, "lon": 2, "sog": 3}]).speed_unit == "kn"
    traccar = {"latitude": 1, "longitude": 2, "speed": 3, "course": 4, "fixTime": NOON}
    assert mapping([traccar]).speed_unit == "kn"
    assert mapping([{"lat": 1, "lon": 2, "speed": 3}]).speed_unit == "m/s"


def test_a_fix_of_the_tutorial():
    fix = decode(
        {"latitude": 48.85, "longitude": 2.35, "timestamp": "2026-11-22T12:00:00", "ligne": "T3", "n": 4}
    )
    assert isinstance(fix, Fix)
    assert (fix.id, fix.lon, fix.lat, fix.time, fix.derived) == ("7", 2.35, 48.85, NOON, None)
    assert fix.attributes == {"ligne": "T3", "n": 4}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, RefusalReason.UNREADABLE),
        ({"timestamp": NOON}, RefusalReason.NO_POSITION),
        ({"latitude": "None", "longitude": "None", "timestamp": NOON}, RefusalReason.NO_POSITION),
        ({"latitude": 0, "longitude": 0.0, "timestamp": NOON}, RefusalReason.NULL_ISLAND),
        ({"latitude": 91, "longitude": 2, "timestamp": NOON}, RefusalReason.OUT_OF_RANGE),
        ({"latitude": 48, "longitude": 181, "timestamp": NOON}, RefusalReason.OUT_OF_RANGE),
        ({"latitude": 48, "longitude": 2, "timestamp": 12}, RefusalReason.BAD_TIME),
        ({"latitude": 48, "longitude": 2, "timestamp": "1970-01-01T00:00:00"}, RefusalReason.BAD_TIME),
        ({"latitude": 48, "longitude": 2, "timestamp": "yesterday"}, RefusalReason.BAD_TIME),
    ],
)
def test_refusals_have_their_reason(data, reason):
    refusal = decode(data)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason
    assert refusal.key == "vehicule:7"


def test_a_position_beyond_the_geo_limit_and_at_the_edge_is_fine():
    assert decode({"latitude": 85.06, "longitude": 2, "timestamp": NOON}).lat == 85.06
    assert decode({"latitude": 90, "longitude": 180, "timestamp": NOON}).lon == 180


def test_without_a_time_the_receipt_is_taken_and_marked():
    fix = decode({"latitude": 48, "longitude": 2}, time="")
    assert fix.time == NOON
    assert fix.derived == "time"


def test_attributes_never_clash_with_the_fields_of_the_layer_nor_by_case():
    fix = decode(
        {"latitude": 1, "longitude": 2, "timestamp": NOON, "id": "x", "Time": 5, "Line": 1, "line": 2}
    )
    assert fix.attributes == {"id_2": "x", "Time_2": 5, "Line": 1, "line_2": 2}


def test_nested_attributes_come_one_level_up_and_the_rest_stays_json():
    fix = decode(
        {"latitude": 1, "longitude": 2, "timestamp": NOON, "s": {"a": 1, "b": {"c": [1]}}, "l": [1, 2]}
    )
    assert fix.attributes == {"s_a": 1, "s_b": '{"c": [1]}', "l": "[1, 2]"}


def test_numbers_that_no_column_holds_become_text_or_nothing():
    fix = decode(
        {"latitude": 1, "longitude": 2, "timestamp": NOON, "big": 2**70, "inf": float("inf"), "no": "None"}
    )
    assert fix.attributes == {"big": str(2**70), "inf": None, "no": None}


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"{} {}", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000]
)
def test_rubbish_is_a_value_error_and_nothing_else(raw):
    with pytest.raises(ValueError):
        parse_json(raw)


def test_json_with_a_mark_and_spaces_around():
    assert parse_json(b'\xef\xbb\xbf  {"a": 1}\n ') == {"a": 1}


def test_types_widen_and_never_narrow():
    schema = Schema({})
    for value in (None, 1, 2.5, 3):
        schema.observe({"n": value})
    assert schema.kinds == {"n": "real"}
    schema.observe({"n": "four"})
    schema.observe({"n": 5})
    assert schema.kinds == {"n": "text"}
    assert schema.convert("n", 5) == "5"


VALUES = st.sampled_from([None, 1, 2.5, "a", True, [1]])


@given(st.lists(st.dictionaries(st.sampled_from("ab"), VALUES), max_size=6))
def test_types_of_many_records_are_those_of_each_in_any_order(records):
    together, singly, backwards = Schema({}), Schema({}), Schema({})
    together.observe_all(records)
    for record in records:
        singly.observe(record)
    for record in records[::-1]:
        backwards.observe(record)
    assert together.kinds == singly.kinds == backwards.kinds


def test_a_feed_comes_back_from_its_json_and_newer_names_are_ignored():
    spec = FeedSpec(name="é", mapping=Mapping(lon="x", lat="y"), interval=0.25)
    assert from_json(spec.to_json()) == spec
    assert from_json('{"name": "n", "uid": "u", "later": 1, "mapping": {"new": 2}}').name == "n"
    with pytest.raises(ValueError):
        from_json("[]")
