"""The counts of a run."""

from __future__ import annotations

import threading

from redis_geo_plugin.core.cache.report import RunReport


def test_counts_of_many_threads_are_all_there():
    report = RunReport()

    def count():
        for _ in range(500):
            report.add(0.5, hits=2, misses=1, stored=1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (report.hits, report.misses, report.stored, report.total) == (4000, 2000, 2000, 6000)
    assert report.spared_s == 1000.0


def test_a_count_that_does_not_exist_is_a_mistake_of_the_caller():
    report = RunReport()
    try:
        report.add(guesses=1)
    except AttributeError:
        return
    raise AssertionError("a new count came into being")


def test_reports_with_the_same_counts_are_equal():
    assert RunReport(hits=3) == RunReport(hits=3) != RunReport(hits=4)
