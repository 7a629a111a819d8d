"""Others write into the books of the queue: what is damaged is set aside and named, and everything else goes on.

Kept by scripts and by transactions alike. 40 examples of several damaged books each in the ordinary run, over 100,000 damaged
books in all with ``REDIS_GEO_FULL=1``.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.listing import job_lines
from redis_geo_plugin.core.jobs.lost import book_lost
from redis_geo_plugin.core.jobs.model import Code, Done
from redis_geo_plugin.core.jobs.names import BATCH_PARTS, BY_PRIORITY, QUEUE_BOOKS, Priority
from redis_geo_plugin.core.jobs.plain_list import ListBridge
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import open_server
from tests.support.jobs import WorkerProcess, send, squares, wait_finished, wait_until

P = b"{taches_spatiales}:"
EXAMPLES = (
    6_500 if os.environ.get("REDIS_GEO_FULL") else 20
)  # of up to 16 damaged books, for each way of keeping
TYPES = ("string", "list", "set", "zset", "hash", "stream")


@pytest.fixture
def queue(queue_by_each_books):
    return queue_by_each_books


def overwrite(client, key: bytes, kind: str, rubbish: bytes) -> None:
    """A value of this type and with this content in the place of a book."""
    client.delete(key)
    if kind == "string":
        client.set(key, rubbish)
    elif kind == "list":
        client.rpush(key, rubbish)
    elif kind == "set":
        client.sadd(key, rubbish)
    elif kind == "zset":
        client.zadd(key, {rubbish: 1e300})
    elif kind == "hash":
        client.hset(key, rubbish or b"x", rubbish)
    else:
        client.xadd(key, {rubbish or b"x": rubbish})


def add_rubbish(client, key: bytes, rubbish: bytes) -> None:
    """Rubbish beside what stands in a book, of the book's own type."""
    kind = client.type(key)
    if kind == b"set":
        client.sadd(key, rubbish)
    elif kind == b"zset":
        client.zadd(key, {rubbish: float("inf")})
    elif kind == b"hash":
        for name in (
            b"total",
            b"envoyees",
            b"c",
            b"f",
            b"priorite",
            b"cree",
            b"details",
            b"dernier",
            b"0",
            rubbish,
        ):
            client.hset(key, name, rubbish)
    elif kind == b"stream":
        client.xadd(key, {b"lot": rubbish, b"n": rubbish, b"d": rubbish, b"c": rubbish})


def every_look(queue: JobQueue) -> tuple:
    """All that the panel asks of a queue."""
    batches = queue.batches(50)
    workers = queue.workers()
    for batch in batches:
        if not batch.damaged:
            job_lines(queue, batch, 0, 100, workers)
    return batches, workers, queue.depths(), queue.set_aside(), queue.damaged()


def work_off(queue: JobQueue, name: str = "one") -> None:
    """What a worker does with all that waits."""
    consumer = Consumer(queue, name)
    for _ in range(6):
        ListBridge(queue, name).move()
        ListBridge(queue, name).leftovers({line["id"] for line in queue.alive()})
        got = consumer.take_over(0.0, 50) + consumer.fetch(50)
        consumer.beat("{}", got)
        consumer.renew(got)
        good = consumer.drop_cancelled(got)
        ours = [d for d in good if d.fields.get(b"cle")]
        consumer.finish([Done(d, Code.COMPUTED, "5") for d in ours])
        for other in [d for d in good if not d.fields.get(b"cle")]:
            consumer.set_aside(other, "bad_json", "no job", 1)
        consumer.promote()
        consumer.prune()
    book_lost(queue, queue.batches(50))


def assert_goes_on(queue: JobQueue) -> None:
    batch = send(queue, squares(6), chunk=3)
    work_off(queue)
    state = queue.progress([batch])[batch]
    assert (state.computed, state.finished, state.damaged) == (6, True, ""), state
    assert batch in [one.id for one in every_look(queue)[0]]
    assert [one["id"] for one in queue.workers() if one["alive"]] == ["one"]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("book", QUEUE_BOOKS)
def test_a_book_of_the_queue_of_another_type_is_set_aside_and_all_goes_on(queue, one_server, book, kind):
    other = Priority.LOW if book.startswith(BY_PRIORITY[Priority.HIGH]) else Priority.HIGH
    before = send(queue, squares(4), priority=other)
    with one_server.client() as client:
        overwrite(client, P + book.encode(), kind, b"caf\xe9")
        expected_kind = QUEUE_BOOKS[book] == kind
        every_look(queue)  # before anything is mended
        assert (P.decode() + book in queue.damaged()) is not expected_kind
        assert_goes_on(queue)
        assert queue.progress([before])[before].computed == 4
        aside = [key for key in client.scan_iter(P + b"abimes:*") if book.encode() in key]
        assert bool(aside) is not expected_kind
    assert queue.damaged() == []


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("part", BATCH_PARTS)
def test_a_book_of_one_batch_of_another_type_is_named_and_the_other_batches_go_on(
    queue, one_server, part, kind
):
    damaged, whole = send(queue, squares(3)), send(queue, squares(5))
    with one_server.client() as client:
        overwrite(client, queue.batch_key(damaged, part), kind, b"caf\xe9")
    fits = BATCH_PARTS[part] == kind
    state = queue.progress([damaged]).get(damaged)
    if not fits:
        assert state.damaged == queue.batch_key(damaged, part).decode()
    assert_goes_on(queue)
    assert queue.progress([whole])[whole].computed == 5
    queue.cancel_batch(damaged)
    queue.cancel_jobs(damaged, [1])
    queue.forget(damaged)
    assert damaged not in [batch.id for batch in queue.batches()]


@given(st.data())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.timeout(7200)
def test_any_books_full_of_rubbish_stop_nothing(queue, one_server, data):
    with one_server.client() as client:
        client.flushdb()
        damaged = send(queue, squares(3))
        books = [P + name.encode() for name in QUEUE_BOOKS]
        books += [queue.batch_key(damaged, part) for part in BATCH_PARTS]
        rubbish = st.binary(max_size=20) | st.sampled_from(
            [
                b"caf\xe9",
                b"-1",
                b"9" * 19,
                b"9" * 40,
                b"nan",
                b"1e999",
                b"[" * 500,
                b'{"op":1}',
                b"\xed\xa0\x80",
            ]
        )
        for key in data.draw(st.lists(st.sampled_from(books), min_size=1, max_size=16)):
            kind = data.draw(st.sampled_from((*TYPES, "beside")))
            if kind == "beside":
                add_rubbish(client, key, data.draw(rubbish))
            else:
                overwrite(client, key, kind, data.draw(rubbish))
    every_look(queue)
    try:
        queue.seal(damaged, 3)
        queue.requeue([job.id for job in queue.set_aside()][:3])
    except exceptions.ResponseError as error:
        assert "WRONGTYPE" in str(error) or "DAMAGED" in str(error)
    assert_goes_on(queue)


def test_a_real_worker_goes_on_beside_members_that_are_no_text(one_server):
    """Each of these ended every worker with a traceback, or stopped all batches."""
    queue = JobQueue(open_server(one_server.settings()))
    part, lost, other = (send(queue, squares(6, seed)) for seed in (1, 2, 3))
    with one_server.client() as client:
        now = int(client.time()[0]) * 1000
        client.zadd(P + b"vus", {b"caf\xe9": now})
        client.hset(P + b"travailleurs", b"caf\xe9", b"\xff")
        client.sadd(queue.batch_key(part, ":annulees"), b"caf\xe9", b"1")
        client.delete(queue.batch_key(lost, ":issues"))
        client.set(queue.batch_key(lost, ":issues"), "not a hash")
        client.set("taches_spatiales", "not a list")
    worker = WorkerProcess(one_server.url)
    try:
        assert wait_finished(queue, other).computed == 6
        state = wait_finished(queue, part)
        assert (state.computed, state.cancelled_jobs) == (5, 1)
        wait_until(lambda: "a book cannot be read" in worker.read_log())
        assert f"lot:{lost}:issues" in worker.read_log() and "key=taches_spatiales" in worker.read_log()
        assert worker.process.poll() is None and "Traceback" not in worker.read_log()
    finally:
        worker.close()
    with one_server.client() as client:
        assert client.get("taches_spatiales") == b"not a list", "what is not ours is not touched"


def test_counts_that_no_batch_can_have_are_shown_and_stop_nothing(queue, one_server):
    batch = send(queue, squares(2))
    with one_server.client() as client:
        for value in (2**31, 2**62, 10**30, -5, "nan", "x"):
            client.hset(queue.batch_key(batch), mapping={"total": value, "c": value, "octets": value})
            state = queue.progress([batch])[batch]
            assert 0 <= state.computed <= 2**62 and 0 <= state.work <= 2**62
            every_look(queue)
        client.hset(queue.batch_key(batch), "details", "[" * 5_000_000)
    assert "details" in queue.progress([batch])[batch].damaged
    assert_goes_on(queue)
