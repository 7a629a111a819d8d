"""What may be changed from the window is what the plugin itself would write, by name, type and content."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.admin import key_families

SHA = "0f" * 32
KINDS = ("string", "hash", "set", "zset", "list", "stream", "ReJSON-RL", "none", "")
OWN = (b"vehicule:1", b"vehicle:a:b", f"calculs:buffers:defaut:{SHA}".encode())
GOOD = json.dumps({"latitude": 48.8, "longitude": 2.3, "timestamp": "2026-01-01T00:00:00Z"}).encode()

values = st.recursive(
    st.none() | st.booleans() | st.integers(-400, 400) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("name", OWN)
def test_what_the_plugin_writes_is_its_own(name):
    assert key_families.is_ours(name, "string", GOOD)


@given(st.sampled_from(OWN), st.sampled_from(KINDS[1:]), st.binary(max_size=50) | st.just(GOOD))
def test_another_type_never_is(name, kind, value):
    assert not key_families.is_ours(name, kind, value)


@given(st.binary(max_size=40), st.just(GOOD) | st.binary(max_size=40))
def test_another_name_never_is(name, value):
    starts = (b"vehicule:", b"vehicle:", b"calculs:", b"calculations:")
    if key_families.is_ours(name, "string", value):
        assert name.startswith(starts) and name not in starts


@given(st.dictionaries(st.sampled_from(["latitude", "longitude", "timestamp", "brand"]), values) | values)
def test_a_position_is_one_by_its_numbers(record):
    ours = key_families.is_ours(b"vehicle:1", "string", json.dumps(record).encode())
    if ours:
        assert abs(record["latitude"]) <= 90 and abs(record["longitude"]) <= 360
        assert not isinstance(record["latitude"], (bool, str)) and isinstance(record["timestamp"], str)


@given(st.none() | st.binary(max_size=100))
def test_rubbish_is_nobodys_position(value):
    assert not key_families.is_ours(b"vehicule:1", "string", value) or b"latitude" in value


@pytest.mark.parametrize("when", [None, 1.8e9, "", "noon", [], {}, "1800000000", "2026-13-01T00:00:00"])
def test_a_place_without_the_time_that_the_plugin_writes_is_not_ours(when):
    record = {"latitude": 48.0, "longitude": 2.0, "timestamp": when}
    assert not key_families.is_ours(b"vehicle:1", "string", json.dumps(record).encode())
    del record["timestamp"]
    assert not key_families.is_ours(b"vehicle:1", "string", json.dumps(record).encode())


def test_what_is_longer_than_any_position_is_not_ours():
    long = json.dumps({"latitude": 1, "longitude": 2, "text": "x" * key_families.MOST}).encode()
    assert not key_families.is_ours(b"vehicule:1", "string", long[: key_families.MOST])
    assert not key_families.is_ours(b"vehicule:", "string", GOOD)
