"""Whole sets in blocks, and what stands under a key, on replies from memory."""

from __future__ import annotations

import json

import numpy as np
import pytest

from redis_geo_plugin.core.geo import attributes, export, sets
from redis_geo_plugin.core.geo.hits import LARGE_ATTRIBUTES
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.geo_memory import GeoMemory
from tests.unit.geo.test_search import KEY, server_with


def test_every_member_comes_once_although_a_scan_repeats_some():
    server = server_with([(i % 90, i % 80) for i in range(40)])
    blocks = list(export.members(server, KEY))
    names = [member for block in blocks for member in block.members]
    assert len(blocks) > 1 and sorted(names) == sorted(server.sets[KEY])
    assert all(np.isnan(block.distance).all() for block in blocks)


def test_attributes_and_exact_places_come_with_the_members():
    server = server_with([(2.0, 48.0), (3.0, 48.0)])
    beside = attributes.attributes_key(KEY)
    server.hashes[beside] = {
        b"m0": json.dumps({"longitude": 2.0, "latitude": 48.0, "kind": "park"}).encode(), b"m1": b"rubbish"
    }  # fmt: skip
    (block,) = export.members(server, KEY)
    by_name = dict(zip(block.members, zip(block.attributes, block.exact.tolist(), block.lon.tolist())))
    assert by_name[b"m0"] == ({"longitude": 2.0, "latitude": 48.0, "kind": "park"}, True, 2.0)
    assert by_name[b"m1"][0] is None and by_name[b"m1"][1] is False
    assert list(export.attribute_blocks(server, KEY)) == [
        [{"longitude": 2.0, "latitude": 48.0, "kind": "park"}]
    ]


def test_a_heavy_hash_is_read_in_parts_also_to_learn_its_fields():
    server = server_with([(2.0, 48.0 + i / 1e3) for i in range(30)])
    values = {b"m%d" % i: json.dumps({"n": i, "x": "x" * 900_000}).encode() for i in range(29)}
    values[b"m29"] = b'{"too_large": "%s"}' % (b"x" * 5_000_000)
    server.hashes[attributes.attributes_key(KEY)] = values
    seen = [found for block in export.attribute_blocks(server, KEY) for found in block]
    assert {found["n"] for found in seen} == set(range(29)) and not any("too_large" in f for f in seen)
    assert {note for block in export.members(server, KEY) for note in block.notes} == {LARGE_ATTRIBUTES}


def test_an_empty_set_and_a_cancelled_one():
    assert list(export.members(GeoMemory(), b"none")) == []
    with pytest.raises(Cancelled):
        list(export.members(server_with([(2.0, 48.0)]), KEY, Watch(lambda: True)))


@pytest.mark.parametrize(
    "scores, kind", [({b"a": 1.0, b"b": 2.0}, "zset"), ({b"a": 1.5}, "zset"), ({b"a": -3.0}, "zset")]
)
def test_a_sorted_set_of_something_else_is_told_and_refused(scores, kind):
    server = GeoMemory()
    server.sets[KEY] = scores
    assert sets.describe(server, KEY).kind == kind
    with pytest.raises(sets.NotGeo) as caught:
        sets.check(server, KEY)
    assert caught.value.kind == kind


def test_what_stands_under_a_key():
    server = server_with([(2.0, 48.0)])
    server.hashes[b"hash"] = {b"a": b"b"}
    assert sets.describe(server, KEY).geo.count == 1 and sets.check(server, KEY) is False
    assert sets.describe(server, b"hash").kind == "hash"
    assert sets.check(server, b"none", missing_ok=True) is True
    with pytest.raises(sets.NotGeo) as caught:
        sets.check(server, b"none")
    assert caught.value.kind == "none"


def test_the_position_of_a_member_is_the_exact_one_where_there_is_one():
    server = server_with([(2.0, 48.0)])
    lon, lat = sets.member_position(server, KEY, b"m0")
    assert (lon, lat) != (2.0, 48.0) and abs(lon - 2.0) < 1e-5
    exact = json.dumps({"longitude": 2.0, "latitude": 48.0}).encode()
    server.hashes[attributes.attributes_key(KEY)] = {b"m0": exact}
    assert sets.member_position(server, KEY, b"m0") == (2.0, 48.0)
    assert sets.member_position(server, KEY, b"nobody") is None


def test_a_name_for_people_is_without_the_tenants_prefix_and_gives_back_its_bytes():
    geo = sets.GeoSet(b"team:caf\xe9", 1)
    assert geo.name("team:") == "caf\\xe9" and geo.name() == "team:caf\\xe9"


@pytest.mark.parametrize("score", [float("inf"), float("-inf"), -1.0, 1.5, 1e300, 2.0**55])
def test_a_score_that_is_no_place_gives_no_position(score):
    server = GeoMemory()
    server.sets[KEY] = {b"m": score}
    assert sets.member_position(server, KEY, b"m") is None
