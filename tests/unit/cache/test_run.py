"""A run: results in the order in, hits that are hits, only what is worth it on the server, and an end that leaves nothing."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache import costs
from redis_geo_plugin.core.cache.run import CachedRun, Chunk, RunOptions
from redis_geo_plugin.core.cache.store import CacheStore
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations import Buffer, Intersection
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.memory_link import MemoryLink


@pytest.fixture(autouse=True)
def _nothing_remembered():
    costs.forget()
    yield
    costs.forget()


def squares(count, size=4.0):
    places = np.arange(float(count)) * 10
    return wkb.write(shapely.box(places, 0.0, places + size, size))


def start(link, wkbs, operation=None, chunk=50, watch=None, **options):
    store = CacheStore(link, operation or Buffer(), "team", 600)
    run = CachedRun(store, RunOptions(**options), watch)
    chunks = (
        Chunk((wkbs[i : i + chunk],), [1.0] * len(wkbs[i : i + chunk])) for i in range(0, len(wkbs), chunk)
    )
    return run, run.run(chunks)


def finish(link, wkbs, **options):
    run, chunks = start(link, wkbs, **options)
    results = [result for finished in chunks for result in finished.results]
    right = shapely.buffer(wkb.read(wkbs), 1.0, quad_segs=5)
    for ours, theirs in zip(wkb.read(results), right):
        assert (ours is None and theirs is None) or shapely.equals(ours, theirs)
    return run.report


def test_results_come_in_the_order_in_and_the_second_run_is_all_hits():
    link, shapes = MemoryLink(), squares(120)
    first, second = finish(link, shapes), finish(link, shapes)
    assert (first.hits, first.misses, first.computed, first.stored) == (0, 120, 120, 120)
    assert (second.hits, second.misses, second.computed, second.stored) == (120, 0, 0, 0)


def test_items_without_a_geometry_are_neither_hits_nor_misses():
    shapes = squares(10)
    shapes[3] = None
    report = finish(MemoryLink(), shapes)
    assert (report.total, report.misses) == (9, 9)


def test_equal_items_are_computed_once():
    report = finish(MemoryLink(), squares(5) * 6, chunk=30)
    assert (report.misses, report.computed, report.stored) == (30, 5, 5)


def test_a_server_that_goes_away_costs_nothing_but_the_storing():
    link, shapes = MemoryLink(), squares(200)
    run, chunks = start(link, shapes)
    results = list(next(chunks).results)
    link.away = True
    results += [result for finished in chunks for result in finished.results]
    assert len(results) == 200 and None not in results
    assert (run.report.stored < 200 and run.report.failure is None) or run.report.failure is not None


def test_what_cannot_be_computed_is_told_and_spoils_no_other():
    shapes = squares(6)
    shapes[2] = shapely.to_wkb(shapely.LineString([(0, 0), (np.nan, 1)]))
    run, chunks = start(MemoryLink(), shapes)
    (finished,) = chunks
    assert list(finished.errors) == [2] and finished.results[2] is None
    assert [i for i, result in enumerate(finished.results) if result is not None] == [0, 1, 3, 4, 5]
    assert (run.report.failed, run.report.stored) == (1, 5)


def test_every_feature_that_stays_without_a_result_has_failed_and_no_other():
    """Equal ones are computed once and are without a result all; what the caller computes itself has not failed."""
    shapes = squares(6)
    shapes[1] = shapes[2] = shapes[4] = shapely.to_wkb(shapely.LineString([(0, 0), (np.nan, 1)]))
    for options in ({}, {"expected": 5000}):  # the second: computed together
        link = MemoryLink()
        link.away = bool(options)
        run, chunks = start(link, shapes, **options)
        for finished in chunks:
            del finished.errors[4]
        assert run.report.failed == 2, options


def test_small_shapes_of_a_large_run_are_not_kept_where_that_is_dearer():
    """One that is computed in no time, by the book: only the sample goes the way of the cache."""
    shapes = squares(3000)
    link = MemoryLink()
    book = costs.book_of(Buffer(), link.server)
    book.asked(1, 1.0)
    book.stored(1, 1.0)
    book.computed(len(shapes[0]), 1, 1e-6)
    report = finish(link, shapes, chunk=1000, expected=3000)
    assert (report.direct, report.misses, report.stored, report.hits) == (3000, 3000, 0, 0)
    assert link.asked("read") == 0


def test_a_sample_decides_and_the_answer_is_kept_for_the_session():
    shapes = squares(3000)
    link = MemoryLink()
    first = finish(link, shapes, chunk=1000, expected=3000)
    assert first.misses == 3000 and first.stored >= costs.SAMPLE
    before = link.asked("read")
    second = finish(link, shapes, chunk=1000, expected=3000)
    assert second.hits + second.direct == second.total == 3000
    assert link.asked("read") - before in (0, 3000)  # decided: nothing is tried a second time


def test_both_ways_are_measured_while_nothing_else_is_under_way(monkeypatch):
    """Discs that take their time, then squares of which nothing is known: all discs are done before any is tried."""
    discs = wkb.write(shapely.buffer(shapely.points(np.arange(1000.0) * 9, 0.0), 1, quad_segs=40))
    done, tried = [], CachedRun._try_both_ways

    def trying(run, finished, places, sizes):
        done.append((run.report.computed, threading.current_thread()))
        tried(run, finished, places, sizes)

    monkeypatch.setattr(CachedRun, "_try_both_ways", trying)
    assert len(discs[0]) >= costs.LARGE
    finish(MemoryLink(), discs + squares(2000), chunk=500, expected=3000)
    assert done == [(1000, threading.current_thread())]


def test_everything_is_kept_where_that_is_asked_for():
    shapes = squares(2500)
    link = MemoryLink()
    assert finish(link, shapes, chunk=1000, expected=2500, cache_all=True).stored == 2500
    assert finish(link, shapes, chunk=1000, expected=2500, cache_all=True).hits == 2500


def test_cancelled_what_is_ready_is_stored_and_no_claim_is_left():
    link, shapes = MemoryLink(), squares(400)
    run, chunks = start(link, shapes, watch=Watch(lambda: run.report.stored >= 100))
    with pytest.raises(Cancelled):
        list(chunks)
    assert 100 <= run.report.stored < 400
    assert not [key for key in link.values if b"verrous" in key]
    assert run.report.stored == len(link.values)


def test_a_run_that_is_left_in_the_middle_ends():
    link = MemoryLink()
    run, chunks = start(link, squares(1000))
    next(chunks)
    chunks.close()
    assert run.report.computed < 1000 and not [key for key in link.values if b"verrous" in key]


def test_progress_reaches_the_whole_whatever_way_items_take():
    for filled, expected in itertools.product((0, 120, 300), (300,)):
        link, shapes = MemoryLink(), squares(300)
        finish(link, shapes[:filled])
        told = []
        _run, chunks = start(link, shapes, watch=Watch(told=told.append), expected=expected)
        list(chunks)
        assert told[-1] == pytest.approx(1.0, abs=0.01) and told == sorted(told)


def test_pairs_have_the_dimension_of_the_first():
    link = MemoryLink()
    lines = [shapely.to_wkb(shapely.LineString([(0, n), (9, n)])) for n in range(4)]
    areas = [shapely.to_wkb(shapely.box(2, 0, 4, 9))] * 4
    for hits in (0, 4):
        run = CachedRun(CacheStore(link, Intersection(), "team"), RunOptions())
        (finished,) = run.run([Chunk((lines, areas))])
        assert [shapely.from_wkb(value).length for value in finished.results] == [2.0] * 4
        assert run.report.hits == hits


def test_what_a_run_found_is_added_to_everyones_statistics():
    link = MemoryLink()
    finish(link, squares(10))
    assert ("hincrby", b"t:calculs:statistiques:buffers:team", "misses", 10) in link.recorded
    finish(link, squares(10))
    assert ("hincrby", b"t:calculs:statistiques:buffers:team", "hits", 10) in link.recorded
