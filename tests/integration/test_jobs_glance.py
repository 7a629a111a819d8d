"""What one glance shows of batches and of workers never contradicts itself, however late workers tell of themselves."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.glance import glance
from redis_geo_plugin.core.jobs.model import Code, Done
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import open_server
from tests.support.jobs import send, squares

JOBS = 60


@pytest.fixture
def queue(queue_by_each_books):
    return queue_by_each_books


def look(queue):
    return glance(queue, queue.batches())


def line(done: int, of: dict, state: str = "working") -> str:
    current = [{"job": "buffer 1", "seconds": 1.0, "of": of}] if of else []
    return json.dumps({"state": state, "done": done, "held": len(of), "current": current})


def test_workers_at_work_never_contradict_the_batch(queue):
    batch = send(queue, squares(JOBS))
    names = ("atlas-1", "borea-1")

    def work(name):
        consumer = Consumer(queue, name)
        consumer.beat(line(0, {}), [])
        while jobs := consumer.fetch(3):
            consumer.beat(line(0, {batch: [job.index for job in jobs]}), jobs)  # tells of no end
            consumer.finish([Done(job, Code.COMPUTED) for job in jobs])

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    seen = []
    while any(thread.is_alive() for thread in threads) or not seen:
        seen.append(look(queue))
    seen.append(look(queue))
    for one in seen:
        (state,) = one.batches
        assert sum(worker["done"] for worker in one.workers) <= state.done, (
            "those that a glance missed may lack"
        )
        if len(one.workers) == len(names):
            assert sum(worker["done"] for worker in one.workers) == state.done
        waiting = sum(count for name, count in one.depths.items() if name != "ecartees")
        assert waiting == JOBS - state.done
        if state.finished:
            assert not any(worker["held"] or worker["current"] for worker in one.workers)
    assert seen[-1].batches[0].finished and len(seen[-1].workers) == len(names)


def test_a_worker_that_has_ended_a_batch_is_said_to_do_what_it_does_now(queue):
    first, second = send(queue, squares(1)), send(queue, squares(1, seed=2))
    consumer = Consumer(queue, "atlas-1")
    (one,) = consumer.fetch(1)
    consumer.beat(line(0, {first: [0]}), [one])
    assert look(queue).workers[0]["current"][0]["of"] == {first: [0]}
    (other,) = consumer.fetch(1)
    consumer.finish([Done(one, Code.CACHED)])
    (worker,) = look(queue).workers
    assert (worker["done"], worker["held"], worker["current"]) == (1, 1, []), "it has the other batch's job"
    consumer.set_aside(other, "error", "", 1)
    (worker,) = look(queue).workers
    assert (worker["done"], worker["held"]) == (1, 0), "a job that failed is not done"
    assert look(queue).depths["ecartees"] == 1
    assert {batch.id: batch.finished for batch in look(queue).batches} == {first: True, second: True}


def test_a_worker_of_an_earlier_version_keeps_its_own_count(queue):
    queue.ensure()
    Consumer(queue, "old-1").beat(line(7, {}), [])
    assert look(queue).workers[0]["done"] == 7


def test_the_count_of_a_worker_that_is_struck_off_goes(queue):
    send(queue, squares(1))
    consumer = Consumer(queue, "atlas-1")
    consumer.beat(line(0, {}), [])
    consumer.finish([Done(job, Code.COMPUTED) for job in consumer.fetch(1)])
    assert queue.client.hgetall(queue.p + b"faits") == {b"atlas-1": b"1"}
    assert consumer.prune(0.0) == 1
    assert queue.client.hgetall(queue.p + b"faits") == {}


@pytest.mark.parametrize("rubbish", ["string", "field"])
def test_counts_that_others_damaged_keep_nobody_from_work(queue, rubbish):
    send(queue, squares(2))
    key, consumer = queue.p + b"faits", Consumer(queue, "atlas-1")
    consumer.beat(line(0, {}), [])
    queue.client.set(key, "x") if rubbish == "string" else queue.client.hset(key, "atlas-1", "x")
    assert consumer.finish([Done(job, Code.COMPUTED) for job in consumer.fetch(2)]) == []
    assert look(queue).batches[0].finished and look(queue).workers[0]["done"] == 0


def test_where_no_transaction_is_allowed_it_is_looked_at_nearly_at_once(queue, one_server):
    send(queue, squares(2))
    with one_server.client() as client:
        client.execute_command("ACL SETUSER viewer on >word ~* &* +@read +@connection +time")
    viewer = JobQueue(open_server(replace(one_server.settings(), username="viewer", password="word")))
    try:
        assert look(viewer).batches[0].sent == 2 and look(viewer).depths["flux"] == 2
    finally:
        with one_server.client() as client:
            client.execute_command("ACL DELUSER viewer")
