"""From bytes to records: whatever a value is written in, and whatever else it may hold."""

from __future__ import annotations

import gzip
import json
import random
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.live import json_text
from redis_geo_plugin.core.live.decoding import (
    TooLarge,
    decode_value,
    fields_record,
    inflate,
    record_of,
    value_row,
    value_rows,
)
from redis_geo_plugin.core.live.json_text import DEEPEST, is_deeper, parse_json
from redis_geo_plugin.core.live.msgpack import is_msgpack, read_msgpack
from redis_geo_plugin.core.live.records import RefusalReason

REPORT = {"lat": 48.85, "lon": 2.35, "id": "é7", "ok": True, "none": None, "at": [1, -2, 3.5]}


def pack(value):
    """MessagePack, as its specification says; the shortest form of each value."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        if 0 <= value < 128:
            return bytes([value])
        return struct.pack(">Bq", 0xD3, value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    if isinstance(value, str):
        raw = value.encode()
        return (bytes([0xA0 | len(raw)]) if len(raw) < 32 else struct.pack(">BI", 0xDB, len(raw))) + raw
    if isinstance(value, list):
        return struct.pack(">BH", 0xDC, len(value)) + b"".join(map(pack, value))
    inside = b"".join(pack(name) + pack(item) for name, item in value.items())
    return (bytes([0x80 | len(value)]) if len(value) < 16 else struct.pack(">BH", 0xDE, len(value))) + inside


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=20),
    max_leaves=30,
)
JSON = json.dumps(REPORT).encode()
FORMS = {
    "JSON": JSON,
    "JSON with a byte order mark": b"\xef\xbb\xbf" + JSON,
    "gzip": gzip.compress(JSON),
    "zlib": zlib.compress(JSON),
    "zlib, least": zlib.compress(JSON, 1),
    "zlib, best": zlib.compress(JSON, 9),
    "MessagePack": pack(REPORT),
    "MessagePack in gzip": gzip.compress(pack(REPORT)),
    "two gzip files in a row": gzip.compress(JSON[:10]) + gzip.compress(JSON[10:]),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same_report(form):
    raw = FORMS[form]
    assert decode_value(raw) == REPORT
    assert value_row("7", b"v:7", raw).data == REPORT
    assert [row.data for row in value_rows(["1", "2"], [b"a", b"b"], [raw, JSON])] == [REPORT, REPORT]
    assert fields_record([b"data", raw])["lat"] == 48.85


@given(VALUES)
def test_messagepack_is_read_back(value):
    assert read_msgpack(pack(value)) == value


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: b"\xde\x00\x04" + tail))
def test_rubbish_is_refused_and_nothing_else_is_raised(raw):
    for head in (b"", b"\x1f\x8b\x08", b"\x78\x9c", b"\x84", b"\x95"):
        try:
            decode_value(head + raw)
        except ValueError:
            pass
        assert value_row("1", b"k", head + raw).id == "1"
        assert isinstance(fields_record([b"data", head + raw]), dict)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xdd\xff\xff\xff\xff",  # a list of four thousand million
        b"\xdf\xff\xff\xff\xff" + b"\x01" * 50,
        b"\xdc\x00\x01" * 10_000,  # in each other
        b"\x81" * 100_000,
        b"\x93\x01\x02",  # cut off
        b"\x92\x01\x02\x03",  # goes on
        b"\x91\xc1",  # a byte that means nothing
        b"",
    ],
)
def test_messagepack_that_lies_about_itself_is_refused(raw):
    with pytest.raises(ValueError, match=r"."):
        read_msgpack(raw)


def test_times_of_messagepack_are_seconds():
    assert read_msgpack(b"\x91\xd6\xff" + struct.pack(">I", 1795348800)) == [1795348800]
    assert read_msgpack(b"\x91\xd7\xff" + struct.pack(">Q", 500_000_000 << 34 | 1795348800)) == [1795348800.5]
    assert read_msgpack(b"\x91\xc7\x0c\xff" + struct.pack(">Iq", 250_000_000, 1795348800)) == [1795348800.25]
    assert read_msgpack(b"\x91\xd4\x05x") == [None]  # somebody's own type


def test_no_json_begins_as_messagepack_does():
    for text in ('{"a":1}', "[1]", '"é"', "1", " {}", "ܐ", "48.85,2.35"):
        assert not is_msgpack(text.encode()) or text == "ܐ"


def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(b"[" + b"0," * 40_000_000 + b"0]", 1)
    assert len(bomb) < 1_000_000
    with pytest.raises(TooLarge):
        decode_value(bomb)
    assert value_row("1", b"k", bomb).error is RefusalReason.TOO_LARGE
    assert decode_value(bomb[:0] + gzip.compress(b"[1,2]")) == [1, 2]


@pytest.mark.parametrize(
    "raw",
    [gzip.compress(JSON)[:-9], gzip.compress(JSON)[:20], zlib.compress(JSON)[:-3]],
    ids=["gzip but its end", "gzip's head", "zlib but its end"],
)
def test_a_half_written_file_is_refused(raw):
    with pytest.raises(ValueError, match=r"."):
        inflate(raw, 10_000)
    assert value_row("1", b"k", raw).error is RefusalReason.UNREADABLE


@pytest.mark.parametrize(
    ("raw", "record"),
    [
        (b"48.85,2.35", {"value": "48.85,2.35"}),
        (b"48.85;2.35;1795348800\n", {"value": "48.85;2.35;1795348800"}),
        (b"POINT(2.35 48.85)", {"value": "POINT(2.35 48.85)"}),
        (b"48.85", {"value": 48.85}),
        (b'"2.35,48.85"', {"value": "2.35,48.85"}),
        (b"[2.35, 48.85]", {"coordinates": [2.35, 48.85]}),
    ],
)
def test_bare_texts_pairs_and_numbers_are_records(raw, record):
    assert value_row("1", b"k", raw).data == record


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"true",
        b"null",
        b'{"a": 1',
        b"[1, 2",
        b"<gpx/>",
        b"\x89PNG\r\n\x1a\n0",
        b"7" * 401 + b"x",
    ],
)
def test_what_can_be_no_report_is_unreadable(raw):
    assert value_row("1", b"k", raw).error is RefusalReason.UNREADABLE


def test_a_list_of_reports_is_no_record():
    assert record_of([{"lat": 1}]) is None and record_of([1, 2, 3, 4]) is None and record_of(True) is None


# --- fields -----------------------------------------------------------------------------------------------------------


def test_a_field_that_carries_the_report_is_unpacked():
    inner = b'{"lat": 1, "lon": 2}'
    for name in (b"data", b"payload", b"message", b"value", b"json"):
        others = [b"a", b"1", b"b", b"2", b"c", b"3", b"lat", b"9"]
        found = fields_record([*others, name, inner])
        assert found == {"lat": 1, "lon": 2, "a": "1", "b": "2", "c": "3"}
    assert fields_record([b"anything", inner]) == {"lat": 1, "lon": 2}
    assert fields_record([b"at", inner, b"x", b"1", b"y", b"2", b"z", b"3"])["at"] == inner.decode()


@pytest.mark.parametrize("other", [{"dropoff": {"lat": 45.7, "lon": 4.8}}, {"n": 1}])
def test_a_place_of_something_else_in_a_field_is_not_the_report(other):
    pickup = b'{"lat": 48.85, "lon": 2.35}'
    rest = [part for name, value in other.items() for part in (name.encode(), json.dumps(value).encode())]
    assert "lat" not in fields_record([b"pickup", pickup, *rest])


def test_the_row_key_of_a_change_stream_is_no_field():
    assert fields_record([b'{"id": 7}', b'{"after": {"id": 7}}']) == {"after": {"id": 7}}
    assert fields_record([b"key", b'{"id": 7}', b"value", b'{"after": {}}'])["after"] == {}


def test_odd_flat_replies_are_no_trouble():
    assert (fields_record([]) == {} and fields_record([b"a"]) == {"a": ""}) or fields_record([b"a"]) == {}
    assert fields_record([b"\xff", b"\xfe"]) == {"\\xff": "\\xfe"}


# --- depth ------------------------------------------------------------------------------------------------------------


def test_depth_is_limited_and_not_length():
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [2.3, 48.8]},
        "properties": {"n": "["},
    }
    fleet = json.dumps({"type": "FeatureCollection", "features": [feature] * 25_000}).encode()
    assert len(parse_json(fleet)["features"]) == 25_000
    for deep in (
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[1," * 101 + b"1" + b"]" * 101,
    ):
        with pytest.raises(ValueError, match="deep"):
            parse_json(deep)


@given(VALUES, st.integers(0, 6))
def test_depth_is_what_nesting_says(value, levels):
    def depth(one):
        if isinstance(one, (list, dict)):
            return 1 + max(map(depth, one.values() if isinstance(one, dict) else one), default=0)
        return 0

    assert is_deeper(json.dumps(value).encode(), levels) is (depth(value) > levels)
    assert not is_deeper(json.dumps(value).encode(), DEEPEST)


@pytest.mark.parametrize("text", ["[[[[" * 100, 'a"[' * 100, "\\[" * 100, '\\"' * 99 + "]" * 300])
def test_brackets_in_texts_do_not_count(text):
    assert not is_deeper(json.dumps([[text], {"a": text}]).encode(), 2)


def any_json(chance: random.Random, levels: int) -> object:
    """Values whose texts hold brackets, quotes and backslashes."""
    kind = chance.randrange(4) if levels else 3
    if kind == 0:
        return [any_json(chance, levels - 1) for _ in range(chance.randrange(4))]
    if kind in (1, 2):
        return {
            "".join(chance.choice('\\"{}[]a,:') for _ in range(chance.randrange(5))): any_json(
                chance, levels - 1
            )
            for _ in range(chance.randrange(4))
        }
    return chance.choice(
        [1, -2.5e-7, 10**30, True, None, "".join(chance.choice('\\"{}[]é\n') for _ in range(9)), "\ud800"]
    )


def deepest(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(deepest, inner), default=0)


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64])
def test_depth_is_the_same_however_the_text_is_cut(monkeypatch, piece):
    monkeypatch.setattr(json_text, "PIECE", piece)
    chance = random.Random(piece)
    for _ in range(400):
        value = any_json(chance, 6)
        raw = json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "backslashreplace")
        for levels in (0, 1, 3, deepest(value) - 1, deepest(value)):
            assert levels < 0 or is_deeper(raw, levels) is (deepest(value) > levels)


@pytest.mark.parametrize("objects", [0, 10_000], ids=["numbers", "objects"])
def test_long_texts_are_what_short_ones_are(monkeypatch, objects):
    """Read so that others get Python's lock meanwhile, between objects or between numbers."""
    chance = random.Random(objects)
    for _ in range(300):
        value = {"some": [any_json(chance, 4), 1.5, 7, -0.0], "more": [{}] * chance.choice([0, objects])}
        raw = json.dumps(value).encode()
        monkeypatch.setattr(json_text, "LONG", 10**9)
        short = repr(parse_json(raw))
        monkeypatch.setattr(json_text, "LONG", 10)
        assert repr(parse_json(raw)) == short
        for bad in (raw[:-1], raw + b"x", raw[1:]):
            with pytest.raises(ValueError, match=r"."):
                parse_json(bad)
