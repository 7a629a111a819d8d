"""The store names keys, checks what is read and spreads expiry; a value of others is never more than a miss."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
import shapely

from redis_geo_plugin.core.cache import codec
from redis_geo_plugin.core.cache.items import Item, name_items
from redis_geo_plugin.core.cache.link import Link
from redis_geo_plugin.core.cache.proof import Proof
from redis_geo_plugin.core.cache.store import CacheStore
from redis_geo_plugin.core.operations import Buffer, Intersection
from tests.support.memory_link import MemoryLink

SQUARE = shapely.to_wkb(shapely.box(0, 0, 4, 4))
POINT = shapely.to_wkb(shapely.Point(1, 2))
DISC = shapely.to_wkb(shapely.Point(1, 2).buffer(1))


def items(count=3):
    return [Item(i, (shapely.to_wkb(shapely.Point(i, 0)),), 1.0) for i in range(count)]


def fill(store, asked, wkb=DISC, cost=10.0):
    name_items(store.operation, asked)
    return store.link.write([store.entry(item.digest, wkb, cost) for item in asked])


def test_keys_stand_under_the_tenants_prefix_the_family_and_the_namespace():
    store = CacheStore(MemoryLink(), Buffer(), "team")
    assert store.key(bytes(32)) == b"t:calculs:buffers:team:" + b"00" * 32


def test_what_is_there_is_filled_in_and_the_others_are_missing_by_digest():
    store = CacheStore(MemoryLink(), Buffer(), "team")
    asked = items(4)
    fill(store, asked[:2])
    twin = Item(9, asked[3].wkbs, 1.0)
    missing = store.look_up([*asked, twin])
    assert [item.result for item in asked] == [DISC, DISC, None, None]
    assert {digest: [item.place for item in copies] for digest, copies in missing.items()} == {
        asked[2].digest: [2], asked[3].digest: [3, 9]}  # fmt: skip
    assert (store.report.hits, store.report.damaged) == (2, 0)
    assert store.report.spared_s == pytest.approx(20e-6)


@pytest.mark.parametrize(
    "wkb", [POINT, b"not a shape", struct.pack("<BII", 1, 7, 1) * 200_000, struct.pack("<BII", 1, 3, 10**9)]
)
def test_a_value_that_no_buffer_can_be_is_a_miss_and_overwritten(wkb):
    store = CacheStore(MemoryLink(), Buffer(), "team")
    asked = items(1)
    fill(store, asked, wkb)
    assert list(store.look_up(asked)) == [asked[0].digest]
    assert asked[0].result is None and (store.report.hits, store.report.damaged) == (0, 1)
    fill(store, asked)
    assert store.look_up(asked) == {} and asked[0].result == DISC


def test_the_kind_that_is_right_follows_from_the_first_geometry():
    store = CacheStore(MemoryLink(), Intersection(), "team")
    areas, points = Item(0, (SQUARE, SQUARE)), Item(1, (POINT, SQUARE))
    fill(store, [areas, points], POINT)
    store.look_up([areas, points])
    assert areas.result is None and points.result == POINT


def test_with_a_secret_only_sealed_values_are_hits():
    values = {}
    plain, sealed = (CacheStore(MemoryLink(secret, values), Buffer(), "team") for secret in ("", "s"))
    asked = items(1)
    fill(plain, asked)
    assert sealed.look_up(asked) and asked[0].result is None
    fill(sealed, asked)
    for store in (plain, sealed):
        again = items(1)
        assert store.look_up(again) == {} and again[0].result == DISC


def test_expiry_is_spread_and_never_later_than_asked_for():
    found = {CacheStore(MemoryLink(), Buffer(), "team", 10_000).jittered_ttl() for _ in range(300)}
    assert min(found) >= 9_500 and max(found) <= 10_000 and len(found) > 50
    assert CacheStore(MemoryLink(), Buffer(), "team", 0).jittered_ttl() == 0
    assert CacheStore(MemoryLink(), Buffer(), "team", 1).jittered_ttl() == 1


def test_hits_are_offered_to_be_proved():
    proof = Proof(1)
    store = CacheStore(MemoryLink(), Buffer(), "team", proof=proof)
    asked = items(3)
    fill(store, asked)
    store.look_up(asked)
    assert [sample.digest for sample in proof._samples] == [item.digest for item in asked]
    assert proof._samples[0].geometries == asked[0].wkbs and proof._samples[0].number == 1.0


def test_without_a_server_nothing_is_found():
    store = CacheStore(Link(None), Buffer(), "team")
    assert store.read([bytes(32)]) == [None]
    assert len(store.look_up(items(3))) == 3


def test_the_class_of_an_operation_is_enough_to_read():
    link = MemoryLink()
    store, reader = CacheStore(link, Buffer(), "team"), CacheStore(link, Buffer, "team")
    asked = items(1)
    fill(store, asked)
    assert reader.read([asked[0].digest, bytes(32)]) == [codec.Value(DISC, 10, codec.NO_RUN), None]


def test_values_are_opened_in_one_place_only():
    """Whoever opens a value otherwise shows what nobody has walked, or no seal has proved."""
    root = Path(__file__).resolve().parents[3] / "redis_geo_plugin"
    rooms = ("core/cache/codec.py", "core/cache/store.py")
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"codec\.(PLAIN|decode|encode|HEADER_SIZE)\b", path.read_text(encoding="utf-8"))
    }
    assert found <= set(rooms)
