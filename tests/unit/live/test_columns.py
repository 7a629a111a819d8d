"""Records decoded together are what they are one by one, whatever producers write."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live.columns import decode
from redis_geo_plugin.core.live.intake import PositionIntake
from redis_geo_plugin.core.live.records import Decoder, Fix, Row
from redis_geo_plugin.core.live.sources.json_keys import JsonKeys
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping
from tests.support.examples import examples

NOW = 1795348800.0
MAPPING = Mapping(lon="lon", lat="lat", time="time", speed="speed", heading="course")
ODD = st.sampled_from(
    [
        None,
        "",
        "None",
        "nan",
        "12.5",
        " 7 ",
        True,
        0,
        -1,
        511,
        360,
        10**30,
        float("nan"),
        float("inf"),
        -1e308,
        [],
        {"a": 1},
    ]
)
SECONDS = st.floats(0, 70).map(lambda s: f"2026-11-22T10:00:{s:09.6f}")
COLUMNS = {
    "lon": (st.floats(-180, 180) | st.floats(-400, 400) | st.sampled_from([0.0, -1.0]), ODD),
    "lat": (st.floats(-90, 90) | st.sampled_from([0.0, -1.0]), ODD),
    "time": (
        SECONDS
        | st.sampled_from(
            [
                "2026-11-22T10:01:05",
                "2026-11-22T10:00:07Z",
                "2026-11-22 10:00:07",
                "2026-11-22T10:00:nan",
                "2026-11-22T10:00:1_0",
                "x",
            ]
        )
        | st.floats(0, 2e11)
        | st.integers(0, 2 * 10**18),
        ODD,
    ),
    "speed": (st.floats(-5, 200) | st.integers(0, 100) | st.just(102.3), ODD),
    "course": (st.floats(-400, 400) | st.integers(0, 720), ODD),
    "line": (st.text(max_size=12) | st.just("x" * 5000), ODD),
    "stop": (st.integers(-(2**65), 2**65) | st.integers(0, 9), ODD),
    "load": (st.floats(), ODD),
    "valid": (st.booleans() | st.just(True), ODD),
    "": (st.text(max_size=3), ODD),
}


@st.composite
def records(draw):
    """Records that are mostly alike: now and then one has an odd value or lacks a field."""
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS)), unique=True, min_size=3))
    names = list(dict.fromkeys(["lon", "lat", "time", *names]))
    tidy = draw(st.booleans())
    found = []
    for _ in range(draw(st.integers(2, 6))):
        record = {name: draw(_tidy(name) if tidy else COLUMNS[name][0]) for name in names}
        if not tidy and draw(st.integers(0, 9)) == 0:
            record[draw(st.sampled_from(names))] = draw(ODD)
        if not tidy and draw(st.integers(0, 19)) == 0:
            del record[draw(st.sampled_from(names))]
        found.append(record)
    return found


def _tidy(name: str):
    plain = {
        "lon": st.floats(-180, 180),
        "lat": st.floats(-90, 90),
        "time": st.integers(0, 59).map(lambda s: f"2026-11-22T10:00:{s:02d}.5"),
        "speed": st.floats(0, 200),
        "course": st.integers(0, 360),
        "stop": st.integers(-(2**63), 2**63 - 1),
    }
    return plain.get(name, COLUMNS[name][0])


def said(fix) -> object:
    """All that a fix says, in a form in which NaN would equal itself and 1 is not 1.0."""
    if not isinstance(fix, Fix):
        return repr(fix)
    return repr([getattr(fix, name) for name in Fix.__slots__])


def rows_of(found) -> list[Row]:
    return [Row(str(i), b"k:%d" % i, dict(record), b"raw") for i, record in enumerate(found)]


@settings(max_examples=examples(150))
@given(
    found=records(),
    unit=st.sampled_from(["m/s", "kn"]),
    time_unit=st.sampled_from(["", "ms"]),
    unsure=st.sampled_from(["", "speed_unit"]),
    valid=st.sampled_from(["", "valid"]),
)
def test_together_is_as_one_by_one(found, unit, time_unit, unsure, valid):
    said_so = {"speed_unit": unit, "time_unit": time_unit, "unsure": unsure, "valid": valid}
    mapping = Mapping(**{**vars(MAPPING), **said_so})
    decoder, other = Decoder(mapping), Decoder(mapping)
    rows = rows_of(found)
    for row in rows * 2:  # names and minutes are known from the second record on
        decoder.fix(row, NOW)
        other.fix(row, NOW)
    together = decode(decoder, rows, NOW)
    one_by_one = [other.fix(row, NOW) for row in rows]
    if together is None:
        return
    assert list(map(said, together.values())) == list(map(said, one_by_one))


def test_a_fleet_in_order_is_decoded_together():
    found = [
        {
            "lon": 2.0 + i,
            "lat": 48.0,
            "time": f"2026-11-22T10:0{i % 2}:0{i}",
            "speed": 1.5,
            "course": i,
            "line": "T3",
        }
        for i in range(5)
    ]
    decoder, rows = Decoder(MAPPING), rows_of(found)
    for row in rows:
        decoder.fix(row, NOW)
    fixes = decode(decoder, rows, NOW)
    assert fixes is not None
    assert [(fix.id, fix.key, fix.lon, fix.heading, fix.attributes) for fix in list(fixes.values())[:2]] == [
        ("0", b"k:0", 2.0, 0.0, {"line": "T3"}),
        ("1", b"k:1", 3.0, 1.0, {"line": "T3"}),
    ]


def test_a_speed_without_a_unit_keeps_no_fleet_from_being_decoded_together():
    decoder = Decoder(Mapping(**{**vars(MAPPING), "unsure": "speed_unit"}))
    found = [
        {"lon": 2.0 + i, "lat": 48.0, "time": "2026-11-22T10:00:00", "speed": 1.5, "course": i}
        for i in range(5)
    ]
    rows = rows_of(found)
    for row in rows:  # names are known from the second record on
        decoder.fix(row, NOW)
    together = decode(decoder, rows, NOW)
    assert together is not None and [fix.speed for fix in together.values()] == [None] * 5
    assert [fix.attributes["speed"] for fix in together.values()] == [1.5] * 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lon", 181.0),
        ("lat", None),
        ("time", ""),
        ("time", "1970-01-01T00:00:00"),
        ("line", {"a": 1}),
        ("stop", 2**63),
    ],
)
def test_one_odd_record_leaves_all_to_be_looked_at(name, value):
    found = [
        {"lon": 2.0, "lat": 48.0, "time": "2026-11-22T10:00:01", "line": "T3", "stop": 4} for _ in range(5)
    ]
    decoder = Decoder(MAPPING)
    for row in rows_of(found):
        decoder.fix(row, NOW)
    assert decode(decoder, rows_of(found), NOW) is not None
    found[3][name] = value
    assert decode(decoder, rows_of(found), NOW) is None


@pytest.mark.parametrize(("different", "shares"), [(7, True), (100_000, False)])
def test_alike_records_share_their_attributes_while_there_are_few_kinds(different, shares):
    decoder, found = Decoder(Mapping(lon="lon", lat="lat", time="time")), {}
    for start in range(0, 7_000, 500):
        numbers = range(start, start + 500)
        each = [{"lon": 2.5, "lat": 48.5, "time": NOW, "load": i % different / 2} for i in numbers]
        rows = [Row(str(i), b"k", data) for i, data in zip(numbers, each)]
        decoder.fix(rows[0], NOW)
        decoder.fix(rows[0], NOW)  # twice: then the names are settled
        found.update(zip(numbers, decode(decoder, rows, NOW).attributes))
    assert all(found[i] == {"load": i % different / 2} for i in found)
    assert (found[0] is found[different % 7_000]) == shares
    assert (None in decoder.alike.values()) != shares


def test_minus_zero_is_not_zero():
    decoder = Decoder(Mapping(lon="lon", lat="lat", time="time"))
    rows = [
        Row(str(i), b"k", {"lon": 2.5, "lat": 48.5, "time": NOW, "load": load})
        for i, load in enumerate((0.0, -0.0))
    ]
    for row in rows:
        decoder.fix(row, NOW)
    assert repr([a["load"] for a in decode(decoder, rows, NOW).attributes]) == "[0.0, -0.0]"


def test_an_odd_record_among_many_is_refused_alone():
    spec = FeedSpec(mapping=MAPPING, max_speed=0.0)
    intake, source = PositionIntake(spec), JsonKeys(spec)
    found = [{"lon": 2.0, "lat": 48.0 + i / 1e3, "time": NOW - 5.0, "line": "T3"} for i in range(1200)]
    found[700]["lon"] = 500.0
    for row in rows_of(found[:2]):
        intake.take_up([row], [], source, True)
    intake.take_up(rows_of(found), [], source, True)
    assert sum(intake.positions.refused.values()) == 1
    assert len(intake.positions.latest) == 1199
