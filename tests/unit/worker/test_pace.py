"""What a worker expects a job to take, from what those before it took."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.worker.pace import OWN_BYTES, WorkerPace

sizes = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=50)


def test_nothing_is_expected_of_a_worker_that_has_worked_nothing():
    pace = WorkerPace()
    assert not pace.known and pace.seconds(1_000_000) == 0.0 and pace.usual() == 0.0
    pace.worked([], 5.0)
    pace.took([])
    assert not pace.known and pace.usual() == 0.0


@given(sizes, st.floats(1e-3, 1e4))
def test_jobs_like_those_worked_are_expected_to_take_as_long(worked, seconds):
    pace = WorkerPace()
    pace.worked(worked, seconds)
    assert sum(map(pace.seconds, worked)) == pytest.approx(seconds)


def test_a_job_of_no_bytes_costs_something_too():
    pace = WorkerPace()
    pace.worked([0] * 10, 1.0)
    assert pace.seconds(0) == pytest.approx(0.1)
    assert pace.seconds(OWN_BYTES) == pytest.approx(0.2)


@given(sizes)
def test_the_usual_job_is_one_of_those_taken_lately(taken):
    pace = WorkerPace()
    pace.worked([1000], 1.0)
    pace.took(taken)
    assert pace.usual() == pytest.approx(pace.seconds(round(sum(taken) / len(taken))), rel=1e-2)


def test_many_jobs_weigh_more_than_one():
    one, many = WorkerPace(), WorkerPace()
    for pace, count in ((one, 1), (many, 100)):
        pace.worked([1000], 1.0)
        pace.worked([1000] * count, 100.0 * count)
    assert 1.0 < one.seconds(1000) < many.seconds(1000) < 100.0


def test_what_was_seen_last_wins_in_the_end():
    pace = WorkerPace()
    pace.worked([1000], 1.0)
    for _ in range(100):
        pace.worked([1000], 5.0)
    assert pace.seconds(1000) == pytest.approx(5.0)


def test_a_clock_that_stood_still_gives_no_job_for_nothing():
    pace = WorkerPace()
    pace.worked([1000], 0.0)
    assert pace.known and pace.seconds(1000) > 0.0
