"""One way to stop and to tell progress: shares add up, are told seldom and never go back."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.watch import STEP, Cancelled, Watch


def test_a_watch_of_nobody_never_stops():
    watch = Watch()
    watch.check()
    watch.advance(2.0)
    assert not watch.cancelled()


def test_a_cancel_is_seen_by_every_part():
    stop = threading.Event()
    watch = Watch(stop.is_set)
    parts = [watch, watch.part(0.5), watch.part(0.5).part(0.1), watch.until(lambda: False)]
    for part in parts:
        part.check()
    stop.set()
    for part in parts:
        assert part.cancelled()
        with pytest.raises(Cancelled):
            part.check()


def test_work_ends_by_its_own_condition_too():
    assert Watch().until(lambda: True).cancelled()


@given(st.lists(st.floats(1e-4, 0.3), min_size=1, max_size=300))
def test_progress_only_grows_is_told_seldom_and_ends_at_the_whole(shares):
    told = []
    watch = Watch(told=told.append)
    total = sum(shares)
    for share in shares:
        watch.advance(share / total)
    assert told == sorted(told) and told[-1] == 1.0
    assert len(told) <= 1 / STEP + 2


def test_parts_add_up_to_the_whole():
    told = []
    watch = Watch(told=told.append)
    for share in (0.25, 0.75):
        part = watch.part(share)
        for _ in range(100):
            part.advance(0.01)
    assert told[-1] == pytest.approx(1.0) and told == sorted(told)


def test_a_position_never_goes_back():
    told = []
    watch = Watch(told=told.append)
    for share in (0.5, 0.2, 0.7, 5.0, 5.0):
        watch.reach(share)
    assert told == [0.5, 0.7, 1.0]


def test_shares_of_several_threads_are_all_counted():
    told = []
    watch = Watch(told=told.append)
    threads = [
        threading.Thread(target=lambda: [watch.advance(1 / 4000) for _ in range(1000)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(told) == 1.0
