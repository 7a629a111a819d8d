"""The run that a worker's result names: one for all jobs of a batch with the same parameters, described once."""

from __future__ import annotations

import json

import pytest

from redis_geo_plugin.core.operations import Buffer, ConvexHull
from redis_geo_plugin.worker import origins
from redis_geo_plugin.worker.items import JobItem
from redis_geo_plugin.worker.origins import DISTANCES, Origins


class Heads:
    """The heads of batches."""

    def __init__(self, **heads):
        self.heads = heads

    @property
    def client(self):
        return self

    def batch_key(self, batch):
        return batch

    def hmget(self, key, *names):
        return [self.heads.get(key, {}).get(name) for name in names]


def item(batch="7", number=1.0, operation=None, namespace="essai"):
    fields = {b"liste": b"mine", b"lot": batch.encode()}
    return JobItem((0, False, False, fields), operation or Buffer(), namespace, 60, (b"",), number)


@pytest.fixture
def made():
    heads = Heads(**{"7": {"nom": b"Parcelles", "details": b'{"who": "Ana"}'}, "8": {"details": b"[1]"}})
    return Origins(None, {"mine": heads}, "worker 1")


def described(made, *of):
    return [json.loads(text) for text in made.new(of).values()]


def test_jobs_with_the_same_parameters_are_one_run(made):
    assert made.run_of(item()) == made.run_of(item())
    others = [
        item(number=2.0),
        item(batch="8"),
        item(operation=ConvexHull(), number=None),
        item(namespace="autre"),
    ]
    assert len({made.run_of(one) for one in (item(), *others)}) == 5


def test_a_run_is_described_with_sender_title_and_worker_until_it_was_written(made):
    [told] = described(made, item(), item())
    assert {"Ana", "Parcelles", "worker 1"} <= set(map(str, told.values()))
    again = made.new([item()])
    assert list(again) == [made.run_of(item())], "not written yet"
    made.written(again)
    assert made.new([item()]) == {}


@pytest.mark.parametrize("batch", ["8", "unknown"])
def test_a_batch_whose_head_is_damaged_or_gone_has_no_sender(made, batch):
    [told] = described(made, item(batch=batch))
    assert "Ana" not in told.values() and "worker 1" in told.values()


def test_a_plain_job_is_called_as_its_list(made):
    [told] = described(made, item(batch=""))
    assert "mine" in told.values() and "Ana" not in told.values()


def test_a_batch_of_many_distances_is_a_few_runs(made):
    runs = {made.run_of(item(number=float(i))) for i in range(10 * DISTANCES)}
    assert len(runs) == DISTANCES + 1


def test_what_is_remembered_has_an_end(made, monkeypatch):
    monkeypatch.setattr(origins, "REMEMBERED", 10)
    first = made.run_of(item(batch="first"))
    for i in range(30):
        made.run_of(item(batch=str(i)))
    assert len(made._runs) <= 10 and len(made._distances) <= 10
    assert made.run_of(item(batch="first")) != first
