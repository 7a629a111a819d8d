"""What is worth a round trip: by measured cost, for each size, remembered for the session."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache import compute, costs
from redis_geo_plugin.core.cache.store import CacheStore
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations import Buffer
from tests.support.memory_link import MemoryLink


def book_of(size=100, *, ask_us=10.0, store_us=20.0, compute_us=0.0):
    """A CostBook that has seen both ways of some items, with these microseconds for each."""
    book = costs.CostBook()
    book.asked(costs.SAMPLE, costs.SAMPLE * ask_us / 1e6)
    if store_us is not None:
        book.stored(costs.SAMPLE, costs.SAMPLE * store_us / 1e6)
    book.computed(size, costs.TRIAL, costs.TRIAL * compute_us / 1e6)
    book.settle()
    return book


def test_large_items_are_always_asked_for():
    book = costs.CostBook()
    assert book.plan([costs.LARGE] * 5000) == ([], list(range(5000)))
    assert not book.cheap(costs.LARGE)


def test_of_many_small_ones_a_sample_is_tried_first():
    book = costs.CostBook()
    sample, rest = book.plan([100] * 3000 + [costs.LARGE] * 10)
    assert len(sample) == costs.SAMPLE and sorted([*sample, *rest]) == list(range(3010))
    assert max(sample) < 3000 and not book.cheap(100)  # nothing is known yet
    assert book.plan([100] * (costs.TRIAL - 1))[0] == []  # nothing follows from so few


@pytest.mark.parametrize(("compute_us", "cheap"), [(10, True), (29, True), (31, False), (300, False)])
def test_cheap_is_what_takes_less_time_than_asking_and_storing(compute_us, cheap):
    book = book_of(compute_us=compute_us)
    assert book.cheap(100) is cheap
    assert book.plan([100] * 3000) == ([], list(range(3000)))  # decided
    assert not book.cheap(1000)  # a larger size, of which nothing is known


def test_where_a_sample_was_all_hits_storing_is_taken_to_be_dearer_than_asking():
    assert book_of(compute_us=39, store_us=None).cheap(100)
    assert not book_of(compute_us=41, store_us=None).cheap(100)


def test_of_what_is_measured_twice_the_least_counts():
    """The machine has other work too: a hiccup is no cost."""
    book = book_of(ask_us=500.0, store_us=900.0, compute_us=50.0)
    assert book.cheap(100)
    book = costs.CostBook()
    for ask_us, store_us in ((500.0, 900.0), (10.0, 20.0), (400.0, 30.0)):
        book.asked(100, ask_us * 1e-4)
        book.stored(100, store_us * 1e-4)
    assert book.keeping == pytest.approx(30e-6)
    book.computed(100, 100, 50e-4)
    book.settle()
    assert not book.cheap(100)


def test_what_was_computed_waits_for_what_storing_costs():
    """Nothing is found to be dear by an estimate of storing, and nothing is computed twice for it."""
    book = costs.CostBook()
    book.asked(100, 100 * 10e-6)
    book.computed(100, 100, 100 * 45e-6)  # dearer than 10 + 30 us, as is estimated
    assert not book.cheap(100) and book.plan([100] * 300)[0] and not list(book.to_try([100] * 300))
    book.stored(100, 100 * 40e-6)
    book.settle()
    assert book.cheap(100)


def test_what_is_larger_than_a_dear_size_is_not_even_tried():
    book = costs.CostBook()
    book.asked(100, 100 * 10e-6)
    book.stored(100, 100 * 20e-6)
    sizes = [1000] * 20 + [100] * 20 + [300] * 20 + [60] * (costs.TRIAL - 1)
    tried = []
    for positions in book.to_try(sizes):
        size = sizes[positions[0]]
        tried.append(size)
        book.computed(size, len(positions), len(positions) * size * 0.2e-6)  # 20 us, then 60 us
        book.settle()
    assert tried == [100, 300]
    assert book.cheap(100) and not book.cheap(300) and not book.cheap(1000)


def tried(monkeypatch, *seconds):
    """What a trial finds that takes so long each time, where 1 s would be enough; the tries that are left, and how many
    items each core had at a time."""
    left, apart, clock = list(seconds), [], [0.0]

    def together(_operation, _columns, _numbers, least):
        apart.append(least)
        clock[0] += left.pop(0)

    monkeypatch.setattr(costs, "together", together)
    monkeypatch.setattr(costs.time, "perf_counter", lambda: clock[0])
    return costs.trial(Buffer(segments=8), [[b""]], [1.0], enough=1.0), left, apart


@pytest.mark.parametrize(
    ("seconds", "least", "left"),
    [
        ((0.5, 9.0), 0.5, [9.0]),  # enough: no other try
        ((9.0, 0.5, 9.0), 0.5, [9.0]),  # a hiccup is no cost
        ((9.0, 8.0, 7.0, 6.0, 5.0, 0.5), 5.0, [0.5]),
    ],
)
def test_a_trial_is_the_quickest_of_a_few_tries(monkeypatch, seconds, least, left):
    monkeypatch.setattr(costs, "TRIES_SECONDS", 100.0)
    assert tried(monkeypatch, *seconds)[:2] == (least, left)


def test_what_takes_long_is_tried_once(monkeypatch):
    monkeypatch.setattr(costs, "TRIES_SECONDS", 8.0)
    assert tried(monkeypatch, 9.0, 0.5) == (9.0, [0.5], [costs.TRIES[0]])


def test_a_trial_computes_on_all_cores_and_on_one(monkeypatch):
    apart, one = [], compute._together
    monkeypatch.setattr(compute, "threads", lambda: 4)
    monkeypatch.setattr(
        compute, "_together", lambda o, columns, n: apart.append(len(columns[0])) or one(o, columns, n)
    )
    points = wkb.write(shapely.points(np.arange(40.0), 0.0))
    assert costs.trial(Buffer(segments=8), [points], [1.0] * 40, enough=100.0) > 0
    assert apart == [10, 10, 10, 10]
    apart.clear()
    costs.trial(Buffer(segments=8), [points[:16]], [1.0] * 16, enough=0.0)
    assert apart[:3] == [8, 8, 16]  # fewer than 8 are not worth a thread


def test_what_is_smaller_than_a_cheap_size_is_cheap_without_a_trial():
    book = book_of(size=200, compute_us=10)
    assert book.small == 255 and book.cheap(255) and book.cheap(21) and not book.cheap(256)
    assert book.plan([21] * 300)[0] == []


def test_a_dear_size_bounds_what_is_cheap():
    book = costs.CostBook()
    for size, seconds in ((200, 1.0), (50, 10e-6), (100, 1.0)):
        book.asked(1, 30e-6)
        book.computed(size, 1, seconds)
    book.settle()
    assert book.small == 63
    assert costs.CostBook().small == 0


def probed(monkeypatch, seconds, link=None, count=300):
    """What ``probe`` says of squares, each of which takes so long to compute."""
    monkeypatch.setattr(
        costs, "trial", lambda _operation, columns, _numbers, enough: seconds * len(columns[0])
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
