"""The jobs of a batch one by one, without a server."""

from __future__ import annotations

import dataclasses

import pytest

from redis_geo_plugin.core.jobs.listing import JobState, being_computed, job_lines
from redis_geo_plugin.core.jobs.model import Code
from redis_geo_plugin.core.jobs.records import Batch, JobOutcome, Task


def made(kind, **given):
    """A record with values for what is not given."""
    empty = {"str": "", "int": 0, "bytes": b"", "bool": False, "float": 0.0}
    values = {}
    for field in dataclasses.fields(kind):
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            values[field.name] = empty.get(str(field.type))
    return kind(**{**values, **given})


class Queue:
    def __init__(self, count, outcomes, dropped=()):
        self.count, self._outcomes, self.dropped = count, outcomes, dropped

    @property
    def client(self):
        return self

    def tasks(self, _batch, indexes):
        return {i: Task(b"k", [i], None) for i in indexes if i < self.count}

    def outcomes(self, _batch, indexes):
        return {i: self._outcomes[i] for i in indexes if i in self._outcomes}

    def batch_key(self, batch, suffix):
        return batch + suffix

    def smismember(self, _key, names):
        return [int(name) in self.dropped for name in names]


def states(queue, batch, start=0, count=100, workers=()):
    return {line.index: line.state for line in job_lines(queue, batch, start, count, workers)}


ENDED = {
    0: made(JobOutcome, code=Code.COMPUTED),
    1: made(JobOutcome, code=Code.CACHED),
    2: made(JobOutcome, code=Code.FAILED, reason="error", words="why"),
    3: made(JobOutcome, code=Code.CANCELLED),
    4: made(JobOutcome, code=Code.LOST),
}


def test_each_job_has_the_state_of_its_end_or_of_its_way_there():
    workers = [
        {"alive": True, "current": [{"of": {"b": [5, 6]}}]},
        {"alive": False, "current": [{"of": {"b": [7]}}]},
    ]
    queue = Queue(9, ENDED, dropped=(6,))
    assert states(queue, made(Batch, id="b", sent=9, total=9), workers=workers) == {
        0: JobState.COMPUTED,
        1: JobState.CACHED,
        2: JobState.FAILED,
        3: JobState.CANCELLED,
        4: JobState.LOST,
        5: JobState.RUNNING,
        6: JobState.CANCELLING,
        7: JobState.WAITING,  # whoever computed it is dead
        8: JobState.WAITING,
    }


def test_a_cancelled_batch_cancels_what_has_not_ended():
    found = states(Queue(7, ENDED), made(Batch, id="b", sent=7, total=7, cancelled=True))
    assert [found[i] for i in (0, 5, 6)] == [JobState.COMPUTED, JobState.CANCELLING, JobState.CANCELLING]


@pytest.mark.parametrize(
    ("start", "count", "wanted"), [(-5, 3, []), (0, 2, [0, 1]), (7, 100, [7, 8]), (50, 10, [])]
)
def test_only_the_page_that_is_asked_for_is_read(start, count, wanted):
    found = states(Queue(9, {}), made(Batch, id="b", sent=9, total=9), start, count)
    assert list(found) == wanted


def test_why_a_job_failed_stands_in_its_line():
    [line] = job_lines(Queue(9, ENDED), made(Batch, id="b", sent=9, total=9), 2, 1)
    assert (line.reason, line.words, line.attributes) == ("error", "why", [2])


def test_what_living_workers_compute_is_gathered_by_batch():
    workers = [
        {"alive": True, "current": [{"of": {"a": [1, "2"]}}, {"of": {"b": [0]}}]},
        {"alive": True, "current": [{"of": {"a": [3]}}, {}]},
        {"alive": True},
        {},
    ]
    assert being_computed(workers) == {"a": {1, 2, 3}, "b": {0}}
