"""What is worth a round trip: by measured cost, for each size, remembered for the session."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache import costs
from redis_geo_plugin.core.cache.store import CacheStore
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations import Buffer
from tests.support.memory_link import MemoryLink


def book_of(size=100, *, cores=2, ask_us=10.0, store_us=20.0, wall_us=0.0, inside_us=0.0, items=costs.TRIAL):
    """A CostBook that has seen both ways of ``items`` items, with these microseconds for each."""
    book = costs.CostBook(cores)
    book.asked(costs.SAMPLE, costs.SAMPLE * ask_us / 1e6)
    if store_us is not None:
        book.stored(costs.SAMPLE, costs.SAMPLE * store_us / 1e6)
    book.computed(size, items, items * wall_us / 1e6, items * inside_us / 1e6)
    return book


def test_large_items_are_always_asked_for():
    book = costs.CostBook(2)
    assert book.plan([costs.LARGE] * 5000) == ([], list(range(5000)))
    assert not book.cheap(costs.LARGE)


def test_of_many_small_ones_a_sample_is_tried_first():
    book = costs.CostBook(2)
    sample, rest = book.plan([100] * 3000 + [costs.LARGE] * 10)
    assert len(sample) == costs.SAMPLE and sorted([*sample, *rest]) == list(range(3010))
    assert max(sample) < 3000 and not book.cheap(100)  # nothing is known yet
    assert book.plan([100] * (costs.TRIAL - 1))[0] == []  # nothing follows from so few


@pytest.mark.parametrize(("wall_us", "cheap"), [(10, True), (29, True), (31, False), (300, False)])
def test_cheap_is_what_takes_less_time_than_asking_and_storing(wall_us, cheap):
    book = book_of(wall_us=wall_us)
    assert book.cheap(100) is cheap
    assert book.plan([100] * 3000) == ([], list(range(3000)))  # decided
    assert not book.cheap(1000)  # a larger size, of which nothing is known


def test_where_a_sample_was_all_hits_storing_is_taken_to_be_dearer_than_asking():
    assert book_of(wall_us=29, store_us=None).cheap(100)
    assert not book_of(wall_us=31, store_us=None).cheap(100)


def test_only_the_time_within_the_operation_is_shared_by_the_cores():
    """40 us of which 30 are GEOS's: 25 us on two cores, 13.75 on eight. All of it Python's: 40 on however many."""
    assert not book_of(cores=1, wall_us=40, inside_us=30).cheap(100)
    assert book_of(cores=2, wall_us=40, inside_us=30).cheap(100)
    assert not book_of(cores=8, wall_us=40, inside_us=0).cheap(100)
    assert not book_of(cores=8, wall_us=40, inside_us=30, ask_us=4, store_us=9).cheap(100)
    assert book_of(cores=8, wall_us=40, inside_us=30, ask_us=5, store_us=9).cheap(100)


def test_what_is_larger_than_a_dear_size_is_not_even_tried():
    book = costs.CostBook(2)
    book.asked(100, 100 * 10e-6)
    book.stored(100, 100 * 20e-6)
    sizes = [1000] * 20 + [100] * 20 + [300] * 20 + [60] * (costs.TRIAL - 1)
    tried = []
    for positions in book.to_try(sizes):
        size = sizes[positions[0]]
        tried.append(size)
        book.computed(size, len(positions), len(positions) * size * 0.2e-6, 0.0)  # 20 us, then 60 us
    assert tried == [100, 300]
    assert book.cheap(100) and not book.cheap(300) and not book.cheap(1000)


def test_a_trial_measures_the_whole_way_on_one_core():
    discs = wkb.write(shapely.buffer(shapely.points(np.arange(100.0) * 9, 0.0), 1, quad_segs=400))
    wall, inside = costs.trial(Buffer(segments=8), [discs], [1.0] * 100)
    assert 0 < inside <= wall


def test_what_is_smaller_than_a_cheap_size_is_cheap_without_a_trial():
    book = book_of(size=200, wall_us=10)
    assert book.small == 255 and book.cheap(255) and book.cheap(21) and not book.cheap(256)
    assert book.plan([21] * 300)[0] == []


def test_a_dear_size_bounds_what_is_cheap():
    book = book_of(size=200, wall_us=10)
    book.computed(100, 1, 1.0, 0.0)
    assert book.small == 63
    assert costs.CostBook(2).small == 0


def probed(monkeypatch, seconds, link=None, count=300):
    """What ``probe`` says of squares, each of which takes so long to compute."""
    monkeypatch.setattr(
        costs, "trial", lambda _operation, columns, _numbers: (seconds * len(columns[0]), 0.0)
    )
    link = link or MemoryLink()
    squares = wkb.write(shapely.box(np.arange(float(count)), 0.0, np.arange(float(count)) + 1, 1.0))
    store = CacheStore(link, Buffer(segments=8), "team")
    return costs.probe(store, [squares], [1.0] * count), link, store


def test_a_probe_stores_nothing_and_counts_nothing(monkeypatch):
    costs.forget()
    bytes_, link, store = probed(monkeypatch, 1e-9)
    assert bytes_ == 127 and not link.values and store.report.total == 0
    asked = link.asked("read")
    assert probed(monkeypatch, 9.0, link)[0] == 127  # the answer is remembered: nothing is tried again
    assert link.asked("read") == asked
    costs.forget()


def test_a_probe_that_finds_nothing_cheap_leaves_the_question_open(monkeypatch):
    costs.forget()
    assert probed(monkeypatch, 9.0)[0] == 0
    assert costs.book_of(Buffer(segments=8), MemoryLink().server).plan([93] * 300)[0] != []
    costs.forget()


def test_without_a_server_nothing_small_is_kept(monkeypatch):
    link = MemoryLink()
    link.away = True
    assert probed(monkeypatch, 9.0, link)[0] == costs.LARGE


def test_the_answer_is_kept_for_the_session_and_for_each_operation():
    costs.forget()
    book = costs.book_of(Buffer(segments=8), None)
    assert costs.book_of(Buffer(segments=8), None) is book
    assert costs.book_of(Buffer(segments=9), None) is not book
    costs.forget()
    assert costs.book_of(Buffer(segments=8), None) is not book


def test_the_books_of_a_session_are_bounded(monkeypatch):
    monkeypatch.setattr(costs, "_BOOKS", 3)
    costs.forget()
    first = costs.book_of(Buffer(segments=1), None)
    for segments in range(2, 6):
        costs.book_of(Buffer(segments=segments), None)
    assert costs.book_of(Buffer(segments=1), None) is not first
    costs.forget()
