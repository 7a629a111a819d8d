"""The books that are kept by transactions: each job counts once, whoever else books meanwhile, and whatever reply gets lost."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.model import Code, Done
from redis_geo_plugin.core.jobs.plain_list import ListBridge
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.doors import TimedPipeline
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from tests.support.jobs import send, squares

HEAD = (b"envoyees", b"octets", b"octets_finis", b"c", b"f", b"l", b"total")


@pytest.fixture
def queue(one_server):
    server = Server(one_server.settings())
    yield JobQueue(server, scripted=False)
    server.close()


def told(queue, batch):
    """What the books of a batch say: its counts, which jobs ended and how, what is told of them, what the streams hold."""
    client, key = queue.client, queue.batch_key(batch)
    head = client.hgetall(key)
    ended = sorted(client.hgetall(key + b":issues").items())
    events = sorted((fields[b"n"], fields[b"c"]) for _, fields in client.xrange(key + b":fini"))
    return {name: head.get(name) for name in HEAD}, ended, events, queue.depths()


def on_execute(monkeypatch, act):
    """``act`` in the place of each EXEC; it is given what does it."""
    execute = TimedPipeline.execute

    def executed(pipe, raise_on_error=True):
        words = [words[0] for words, _ in pipe.command_stack]
        return act(words, lambda: execute(pipe, raise_on_error))

    monkeypatch.setattr(TimedPipeline, "execute", executed)


def lose_first(monkeypatch, is_done):
    """The first reply to a transaction that watches is lost: redis-py tells of it by a WatchError."""
    lost = []

    def act(words, do):
        if lost or not {"XADD", "XDEL", "ZREM", "SADD"} & set(words):
            return do()
        lost.append(words)
        if is_done:
            do()
        raise exceptions.WatchError("while watching") from exceptions.ConnectionError("the connection broke")

    on_execute(monkeypatch, act)
    return lost


def taken(queue, count=3):
    batch = send(queue, squares(count), chunk=count)
    consumer = Consumer(queue, "w-1")
    return batch, consumer, consumer.fetch(count)


def enqueue(queue, lose):
    queue.ensure()
    lose()
    return send(queue, squares(5), chunk=5)


def finish(queue, lose):
    batch, consumer, jobs = taken(queue)
    lose()
    assert consumer.finish([Done(job, Code.COMPUTED) for job in jobs]) == []
    return batch


def set_aside(queue, lose):
    batch, consumer, jobs = taken(queue)
    lose()
    assert {consumer.set_aside(job, "error", "no", 3) for job in jobs} == {"aside"}
    return batch


def try_again(queue, lose):
    batch, consumer, jobs = taken(queue)
    lose()
    assert {consumer.failed(job, "error", "no") for job in jobs} == {"later"}
    return batch


def promote(queue, lose):
    batch, consumer, jobs = taken(queue)
    for job in jobs:
        consumer.postpone(job, 0.0)
    lose()
    consumer.promote()
    return batch


def requeue(queue, lose):
    batch, consumer, jobs = taken(queue)
    for job in jobs:
        consumer.set_aside(job, "error", "no", 3)
    aside = [one.id for one in queue.set_aside()]
    lose()
    assert queue.requeue(aside) == len(jobs)
    return batch


def book_as_lost(queue, lose):
    batch, _, _ = taken(queue)
    put = queue.client.hget(queue.batch_key(batch), "dernier") or b""
    lose()
    queue.keep(lambda books: books.lose(batch, put, [0, 1, 2]))
    return batch


def bridge(queue, lose):
    queue.ensure()
    for number in range(3):
        queue.client.lpush(queue.list_key, b'{"type":"buffer","id":%d,"distance":2}' % number)
    lose()
    assert ListBridge(queue, "w-1").move(5) == 3
    return "none"


def leftovers(queue, lose):
    queue.ensure()
    one = ListBridge(queue, "w-1")
    for number in range(3):
        queue.client.lpush(one.side, b'{"type":"buffer","id":%d,"distance":2}' % number)
    lose()
    assert one.leftovers(set()) == 3
    return "none"


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize(
    "change", [enqueue, finish, set_aside, try_again, promote, requeue, book_as_lost, bridge, leftovers],
    ids=lambda change: change.__name__,
)  # fmt: skip
def test_a_change_whose_reply_got_lost_is_made_once(queue, one_server, monkeypatch, change, is_done):
    expected = told(queue, change(queue, lambda: None))
    with one_server.client() as client:
        client.delete(*client.scan_iter("*taches_spatiales*"))
    lost = []
    found = told(queue, change(queue, lambda: lost.append(lose_first(monkeypatch, is_done))))
    assert lost[0] and found == expected


def test_a_job_that_another_owns_after_a_lost_reply_is_not_told_as_done(queue, monkeypatch):
    """The transaction was not done, and another worker took the job over before it was tried again."""
    _, slow, jobs = taken(queue)
    quick, between = Consumer(queue, "w-2"), []

    def act(words, do):
        if between or "XDEL" not in words:
            return do()
        between.append(words)
        assert len(quick.take_over(0.0, 10)) == len(jobs)
        raise exceptions.WatchError("while watching") from exceptions.ConnectionError("the connection broke")

    on_execute(monkeypatch, act)
    assert slow.finish([Done(job, Code.COMPUTED) for job in jobs]) == jobs and between


@pytest.mark.parametrize("code", [Code.COMPUTED, Code.FAILED])
def test_a_job_that_another_took_over_and_booked_meanwhile_counts_once(queue, monkeypatch, code):
    """Between the look of the one and its transaction the other does all of it."""
    batch, slow, jobs = taken(queue)
    quick, between = Consumer(queue, "w-2"), []

    def act(words, do):
        if "XDEL" in words and not between:
            between.append(words)
            mine = quick.take_over(0.0, 10)
            assert quick.finish([Done(job, Code.CACHED) for job in mine]) == [] and len(mine) == len(jobs)
        return do()

    on_execute(monkeypatch, act)
    if code == Code.COMPUTED:
        assert len(slow.finish([Done(job, code) for job in jobs])) == len(jobs), "no longer its own"
    else:
        assert {slow.set_aside(job, "error", "no", 3) for job in jobs} == {"lost"}
    head, ended, events, _ = told(queue, batch)
    assert between and sorted(events) == [(b"%d" % n, b"h") for n in range(3)]
    assert ended == [(b"%d" % n, b"h") for n in range(3)] and head[b"c"] is None and head[b"f"] is None
    (state,) = queue.progress([batch]).values()
    assert state.finished and state.done == 3 and queue.set_aside() == []


def test_two_who_send_the_same_jobs_again_send_them_once(queue, monkeypatch):
    batch, consumer, jobs = taken(queue)
    for job in jobs:
        consumer.set_aside(job, "error", "no", 3)
    aside, between = [one.id for one in queue.set_aside()], []

    def act(words, do):
        if "XDEL" in words and not between:
            between.append(words)
            assert queue.requeue(aside) == 3
        return do()

    on_execute(monkeypatch, act)
    assert queue.requeue(aside) == 0
    head, ended, events, depths = told(queue, batch)
    assert head[b"f"] == b"0" and ended == [] and sum(depths.values()) == 3
    assert sorted(code for _, code in events) == [b"f"] * 3 + [b"r"] * 3
