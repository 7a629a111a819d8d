"""The one order: claim, compute and store what is ours, await what is others'; nothing twice, nothing left without a word."""

from __future__ import annotations

import threading

import shapely

from redis_geo_plugin.core.cache.claims import Claims
from redis_geo_plugin.core.cache.items import Item
from redis_geo_plugin.core.cache.steps import take_or_await
from redis_geo_plugin.core.cache.store import CacheStore
from redis_geo_plugin.core.operations import Buffer
from tests.support.memory_link import MemoryLink

DISC = shapely.to_wkb(shapely.Point(1, 2).buffer(1))


class Side:
    """One of two who share a server."""

    def __init__(self, link, slice_of=99):
        self.store = CacheStore(link, Buffer(), "team")
        self.claims = Claims(link, self.store)
        self.computed, self.took, self.slice_of = [], [], slice_of

    def compute(self, work):
        now, left = work[: self.slice_of], work[self.slice_of :]
        for copies in now:
            copies[0].result = DISC
            self.computed.append(copies[0].place)
        self.store.link.write([self.store.entry(copies[0].digest, DISC) for copies in now])
        self.claims.release([copies[0].digest for copies in now])
        return left

    def taken(self, others):
        self.took += [item.place for copies in others for item in copies]

    def obtain(self, items, unclaimed=()):
        missing = self.store.look_up(items)
        return take_or_await(self.claims, missing, self.compute, self.taken, lambda: None, unclaimed)


def items(*numbers):
    return [Item(place, (shapely.to_wkb(shapely.Point(n, 0)),), 1.0) for place, n in enumerate(numbers)]


def test_what_nobody_computes_is_ours_and_equal_items_are_computed_once():
    link = MemoryLink()
    side = Side(link)
    assert side.obtain(items(1, 2, 1, 1)) == []
    assert side.computed == [0, 1] and side.took == []
    again = Side(link)
    assert again.obtain(items(1, 2)) == [] and again.computed == []
    assert [value for value in link.values if b"verrous" in value] == []


def test_what_others_compute_is_awaited_and_filled_in_for_all_copies():
    link = MemoryLink()
    first, second = Side(link), Side(link)
    mine = items(1)
    missing = first.store.look_up(mine)
    first.claims.take(list(missing))
    threading.Timer(0.1, lambda: first.compute(list(missing.values()))).start()
    waiting = items(1, 1, 2)
    assert second.obtain(waiting) == []
    assert second.computed == [2] and second.took == [0, 1]
    assert [item.result for item in waiting] == [DISC, DISC, DISC]


def test_what_there_is_no_time_for_goes_back_with_its_claims():
    link = MemoryLink()
    side = Side(link, slice_of=2)
    left = side.obtain(items(1, 2, 3, 4))
    assert side.computed == [0, 1] and [copies[0].place for copies in left] == [2, 3]
    assert [value for value in link.values if b"verrous" in value] == []


def test_what_others_compute_goes_back_too_where_time_is_over():
    link = MemoryLink()
    first, second = Side(link), Side(link, slice_of=1)
    first.claims.take(list(first.store.look_up(items(9))))
    left = second.obtain(items(1, 2, 9))
    assert [copies[0].place for copies in left] == [1, 2]
    first.claims.close()


def test_an_owner_that_gives_up_leaves_its_item_to_who_waits():
    link = MemoryLink()
    first, second = Side(link), Side(link)
    mine = first.store.look_up(items(1))
    first.claims.take(list(mine))
    threading.Timer(0.1, lambda: first.claims.release(list(mine))).start()
    assert second.obtain(items(1)) == [] and second.computed == [0]


def test_an_item_whose_process_died_is_computed_without_its_claim():
    link = MemoryLink()
    dead, side = Side(link), Side(link)
    asked = items(1, 2)
    missing = dead.store.look_up(asked)
    dead.claims.take(list(missing))
    assert side.obtain(asked[:1], unclaimed={asked[0].digest}) == []
    assert side.computed == [0]
    dead.claims.close()
