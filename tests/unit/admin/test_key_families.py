"""What may be changed from the window is what the plugin itself would write, by name, type and content."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from redis_geo_plugin.core.admin import key_families
from redis_geo_plugin.core.cache.codec import HEAD, Codec
from redis_geo_plugin.core.live.limits import is_null_island
from redis_geo_plugin.core.live.publish import PositionReport, position_json

SHA = "0f" * 32
RESULT = f"calculs:buffers:defaut:{SHA}".encode()
KINDS = ("string", "hash", "set", "zset", "list", "stream", "ReJSON-RL", "none", "")
GOOD = position_json(PositionReport(1.8e9, "1", 2.3, 48.8, {}), 1.8e9).encode()
STORED = Codec().encode(bytes.fromhex(SHA), b"\x01" + bytes(100), 5.0, b"12345678")
OWN = {b"vehicule:1": GOOD, b"vehicle:a:b": GOOD, RESULT: STORED}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-400, 400) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def is_ours(name, value, kind="string"):
    head = None if value is None else value[: key_families.bytes_needed(name)]
    return key_families.is_ours(name, kind, head, len(value or b""))


@pytest.mark.parametrize("name", OWN)
def test_what_the_plugin_writes_is_its_own(name):
    assert is_ours(name, OWN[name])


@given(
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.floats(1e9, 4e9),
    st.dictionaries(st.text(max_size=9), values),
)
def test_every_position_that_the_plugin_writes_is_its_own(lon, lat, when, attributes):
    assume(not is_null_island(lon, lat))  # which is not written
    report = PositionReport(when, "1", lon, lat, attributes)
    try:
        written = position_json(report, when).encode()
    except UnicodeEncodeError:  # half a character, which no server is sent either
        return
    assert is_ours(b"vehicule:1", written) == (len(written) <= key_families.MOST)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300), st.binary(max_size=20))
def test_every_result_that_the_plugin_writes_is_its_own_and_no_other_key_s(digest, wkb, secret):
    value = Codec(secret).encode(digest, b"\x01" + wkb)
    name = b"calculs:buffers:defaut:" + digest.hex().encode()
    assert is_ours(name, value) and is_ours(RESULT, value) == (digest == bytes.fromhex(SHA))


@given(st.sampled_from(sorted(OWN)), st.sampled_from(KINDS[1:]), st.binary(max_size=50) | st.just(GOOD))
def test_another_type_never_is(name, kind, value):
    assert not is_ours(name, value, kind)
    assert not is_ours(name, OWN[name], kind)


@given(st.binary(max_size=40), st.sampled_from([GOOD, STORED]) | st.binary(max_size=40))
def test_another_name_never_is(name, value):
    starts = (b"vehicule:", b"vehicle:", b"calculs:", b"calculations:")
    if is_ours(name, value):
        assert name.startswith(starts) and name not in starts


@given(st.binary(max_size=200) | st.sampled_from([GOOD, b"RG", b"RG\x01\x00" + bytes.fromhex(SHA)]))
def test_what_others_keep_under_the_name_of_a_result_is_theirs(value):
    assert not is_ours(RESULT, value)


@pytest.mark.parametrize("codec", [Codec(), Codec(b"a secret")])
def test_a_result_is_told_by_its_header_and_its_length(codec):
    value = codec.encode(bytes.fromhex(SHA), b"\x01" + bytes(300))
    assert is_ours(RESULT, value)
    assert not any(is_ours(RESULT, value[:length]) for length in range(len(value)))
    assert not is_ours(RESULT, value + b"x") and not is_ours(RESULT, b" " + value)
    for place in range(36):
        changed = bytearray(value)
        changed[place] ^= 0x40
        assert not is_ours(RESULT, bytes(changed))
    assert not key_families.is_ours(RESULT, "string", value[: HEAD - 40], len(value))


@given(st.dictionaries(st.sampled_from(["latitude", "longitude", "timestamp", "brand"]), values) | values)
def test_a_position_is_one_by_its_numbers(record):
    if is_ours(b"vehicle:1", json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")):
        assert abs(record["latitude"]) <= 90 and abs(record["longitude"]) <= 360
        assert not isinstance(record["latitude"], (bool, str)) and isinstance(record["timestamp"], str)


@given(st.none() | st.binary(max_size=100))
def test_rubbish_is_nobodys_position(value):
    assert not is_ours(b"vehicule:1", value) or b"latitude" in value


@pytest.mark.parametrize(
    "when",
    [
        None,
        1.8e9,
        "",
        "noon",
        [],
        {},
        "1800000000",
        "2026-13-01T00:00:00",
        "2026-01-01T00:00:00Z",
        "2026-01-01",
    ],
)
def test_a_place_without_the_time_that_the_plugin_writes_is_not_ours(when):
    record = {"latitude": 48.0, "longitude": 2.0, "timestamp": when}
    assert not is_ours(b"vehicle:1", json.dumps(record).encode())
    del record["timestamp"]
    assert not is_ours(b"vehicle:1", json.dumps(record).encode())


STAMP = '"timestamp": "2026-01-01T00:00:00"'


@pytest.mark.parametrize(
    "text",
    [
        '{"latitude":48.0,"longitude":2.0,"timestamp":"2026-01-01T00:00:00"}',  # as JavaScript writes it
        f'{{"longitude": 2.0, "latitude": 48.0, {STAMP}}}',
        f'{{"plate": "AB", "latitude": 48.0, "longitude": 2.0, {STAMP}}}',
        f'{{"latitude": 48.0, "longitude": 2.0, {STAMP}, "a": 1, "a": 2}}',
        f'{{"latitude": 48.00, "longitude": 2.0, {STAMP}}}',
        f'{{"latitude": 48.0, "longitude": 2.0, {STAMP}, "a": NaN}}',
        f'{{"latitude": 48.0, "longitude": 2.0, {STAMP}}}\n',
        f'{{"latitude": true, "longitude": 2.0, {STAMP}}}',
        f'{{"latitude": 0.0, "longitude": 0.0, {STAMP}}}',
        f'[{{"latitude": 48.0, "longitude": 2.0, {STAMP}}}]',
        '{"latitude": 48.0, "longitude": 2.0, "timestamp": "1926-01-01T00:00:00"}',
    ],
)
def test_what_others_write_of_vehicles_is_theirs_where_it_differs_by_a_byte(text):
    assert not is_ours(b"vehicle:1", text.encode())


def test_what_is_longer_than_any_position_is_not_ours():
    long = position_json(PositionReport(1.8e9, "1", 2.3, 48.8, {"text": "x" * key_families.MOST}), 1.8e9)
    assert not is_ours(b"vehicule:1", long.encode())
    assert not is_ours(b"vehicule:", GOOD)
