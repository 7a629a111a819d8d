"""GTFS Realtime in protobuf: it says what its JSON says; damaged bytes are refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live.formats import gtfs_protobuf
from redis_geo_plugin.core.live.recognition import recognise, unfold
from tests.support.known_records import NOW, decode
from tests.support.layouts_of_programs import gtfs_protobuf as feed_of


def test_protobuf_says_what_json_says():
    feed = gtfs_protobuf.read_feed(feed_of(4, NOW))
    assert feed["header"] == {"gtfs_realtime_version": "2.0", "timestamp": int(NOW)}
    entity = feed["entity"][3]
    assert entity["id"] == "e3"
    assert entity["vehicle"]["vehicle"] == {"id": "bus3"}
    assert entity["vehicle"]["position"] == {
        "latitude": 48.815,
        "longitude": 2.33,
        "bearing": 90.0,
        "speed": 8.3,
    }
    assert [ident for ident, _ in unfold(feed)] == ["bus0", "bus1", "bus2", "bus3"]
    assert json.dumps(feed)


def test_unknown_fields_are_stepped_over():
    good = feed_of(1, NOW)
    more = (
        bytes([0x9A, 0x06, 2]) + b"xy" + bytes([0xA0, 0x06, 0x85, 0x01]) + bytes([0xA9, 0x06]) + b"12345678"
    )
    assert gtfs_protobuf.read_feed(good + more) == gtfs_protobuf.read_feed(good)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"\x0a", b"\x0a\x05\x0a\x03", b'{"header": {}}', bytes(range(200))]
)
def test_other_bytes_are_no_feed(raw):
    with pytest.raises(ValueError, match="no GTFS"):
        gtfs_protobuf.read_feed(raw)


@pytest.mark.parametrize(
    "tail",
    [
        b"\x12\xff\xff\xff\xff\x0f",
        b"\x12\x05ab",
        b"\x13",
        b"\x00\x00",
        b"\x12" + b"\xff" * 11,
        b"\x15\x01",
        b"\x10\x01",
    ],
)
def test_damaged_bytes_are_refused(tail):
    with pytest.raises(ValueError):
        gtfs_protobuf.read_feed(feed_of(1, NOW) + tail)


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_any_change_to_a_feed_is_a_feed_or_a_value_error(data):
    raw = bytearray(feed_of(3, NOW))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    try:
        feed = gtfs_protobuf.read_feed(bytes(raw[:cut]))
    except ValueError:
        return
    for _ident, record in unfold(feed):
        decode(record, recognise([record], now=NOW).mapping)
