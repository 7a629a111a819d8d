"""What senders put into the books, and which books they are, without a server."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.jobs import queue
from redis_geo_plugin.core.jobs.books import KeptBooks
from redis_geo_plugin.core.jobs.model import Code, Descriptor, Job
from redis_geo_plugin.core.jobs.names import BATCH_PARTS, BY_PRIORITY, Priority
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.jobs.scripted import ScriptedBooks, ScriptsDenied
from redis_geo_plugin.core.jobs.transactions import TransactionBooks
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from tests.support.misbehaving import RIGHT, Misbehaving

DESCRIPTOR = Descriptor("buffer", 1, {"distance": 10.0}, "essai", 60)
DIGEST = bytes(range(32))


class Noted:
    """Books that only note what they are told; ``trouble`` is raised by the first changes."""

    def __init__(self, *trouble):
        self.noted = []
        self.trouble = list(trouble)

    def __getattr__(self, name):
        def change(*arguments):
            if self.trouble:
                raise self.trouble.pop(0)
            self.noted.append((name, *arguments))
            return len(arguments[-1]) if name == "enqueue" else 0

        return change


class NotedQueue(JobQueue):
    """A queue that keeps these books; it never reaches its server."""

    def __init__(self, name="taches_spatiales", prefix=""):
        super().__init__(Server(ConnectionSettings(name="nowhere", key_prefix=prefix)), name)
        self.kept = Noted()

    def keep(self, change):
        return change(self.kept)


class NotedBooks(KeptBooks):
    """Books whose scripts and transactions are those given, and of which the damaged ones are known."""

    def __init__(self, scripts, transactions, damaged=()):
        super().__init__(Server(ConnectionSettings(name="nowhere")), None, b"p:")
        self.ways = {ScriptedBooks: scripts, TransactionBooks: transactions}
        self.bad = list(damaged)

    @property
    def books(self):
        return self.ways[type(super().books)]

    def set_aside_damaged(self):
        found, self.bad = self.bad, []
        return found


jobs = st.lists(st.integers(0, 400), max_size=30).map(
    lambda sizes: [Job(i, DIGEST, (b"x" * size,)) for i, size in enumerate(sizes)]
)


@given(jobs, st.data())
def test_a_chunk_holds_each_job_once_the_largest_first(all_jobs, data):
    cached = data.draw(st.sets(st.integers(0, len(all_jobs)), max_size=10))
    made = NotedQueue()
    assert made.enqueue("b", DESCRIPTOR, all_jobs, 3, cached=cached) == len(all_jobs)
    ((name, batch, chunk, stream, shared, rows),) = made.kept.noted
    assert (name, batch, chunk, stream) == ("enqueue", "b", 3, "flux")
    assert shared[b"lot"] == b"b" and Descriptor.decode(shared[b"d"]) == DESCRIPTOR
    assert sorted(int(row.index) for row in rows) == [job.index for job in all_jobs]
    sizes = [len(all_jobs[int(row.index)].geometries[0]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    for row in rows:  # what the cache has is done at once, and does not travel
        assert (row.code == Code.CACHED) == (int(row.index) in cached) == (not row.fields)


@pytest.mark.parametrize("priority", list(Priority))
def test_each_priority_has_its_stream(priority):
    made = NotedQueue()
    made.enqueue("b", DESCRIPTOR, [], 0, priority)
    assert made.kept.noted[0][3] == BY_PRIORITY[priority]


def test_what_a_collector_needs_is_kept_beside_the_digest():
    made = NotedQueue()
    made.enqueue(
        "b", DESCRIPTOR, [Job(0, DIGEST, (b"g",), attributes=["é", None, 1.5], extent=[0, 1, 2, 3])], 0
    )
    (row,) = made.kept.noted[0][-1]
    assert row.meta[:32] == DIGEST and json.loads(row.meta[32:]) == [["é", None, 1.5], [0, 1, 2, 3]]


def test_a_shared_geometry_does_not_travel_with_each_job():
    made = NotedQueue()
    made.enqueue("b", DESCRIPTOR, [Job(0, DIGEST, (b"own", b"overlay"), shared=(None, b"name"))], 0)
    (row,) = made.kept.noted[0][-1]
    assert row.fields[b"g0"] == b"own" and row.fields[b"r1"] == b"name" and b"g1" not in row.fields


def test_the_end_of_a_batch_and_what_is_sent_again_reach_the_books():
    made = NotedQueue()
    made.seal("b", 40)
    made.requeue(["1-0", "2-0"])
    assert made.kept.noted == [("seal", "b", 40), ("requeue", ["1-0", "2-0"])]


@given(
    st.sampled_from(["", "équipe:", "a:b:"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
)
def test_all_books_of_a_queue_have_its_hash_tag(prefix, batch):
    made = NotedQueue("taches", prefix)
    for part in BATCH_PARTS:
        assert made.batch_key(batch, part) == f"{prefix}{{taches}}:lot:{batch}{part}".encode()
    assert made.list_key == f"{prefix}taches".encode()


@given(st.binary(max_size=300))
def test_what_others_write_among_the_batches_is_an_id_or_nothing(raw):
    found = queue._id(raw)
    assert found == "" or (found.encode() == raw and found.isprintable() and len(found) <= 200)


@given(st.none() | st.integers() | st.binary() | st.builds(exceptions.ResponseError))
def test_a_count_that_is_an_error_is_none(reply):
    assert queue._whole(reply) == (reply if isinstance(reply, int) else 0)


def test_a_user_without_scripts_takes_transactions_from_then_on():
    scripts, transactions = Noted(ScriptsDenied()), Noted()
    kept = NotedBooks(scripts, transactions)
    kept.keep(lambda books: books.seal("b", 1))
    kept.keep(lambda books: books.seal("b", 2))
    assert scripts.noted == [] and transactions.noted == [("seal", "b", 1), ("seal", "b", 2)]


def test_others_keep_their_scripts():
    NotedBooks(Noted(ScriptsDenied()), Noted()).keep(lambda books: books.seal("b", 1))
    scripts = Noted()
    NotedBooks(scripts, Noted()).keep(lambda books: books.seal("b", 2))
    assert scripts.noted == [("seal", "b", 2)]


WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"


def test_a_book_of_another_type_is_set_aside_and_the_change_made():
    scripts = Noted(exceptions.ResponseError(WRONG_TYPE))
    NotedBooks(scripts, Noted(), [b"p:vus"]).keep(lambda books: books.seal("b", 1))
    assert scripts.noted == [("seal", "b", 1)]


@pytest.mark.parametrize(
    ("error", "damaged"),
    [(WRONG_TYPE, []), ("OOM command not allowed", [b"p:vus"]), ("READONLY You can't write", [b"p:vus"])],
)
def test_any_other_trouble_is_raised_and_not_tried_again(error, damaged):
    scripts = Noted(exceptions.ResponseError(error))
    with pytest.raises(exceptions.ResponseError, match=error[:8]):
        NotedBooks(scripts, Noted(), damaged).keep(lambda books: books.seal("b", 1))
    assert scripts.noted == []


@pytest.mark.parametrize(
    "reply", [b"*2\r\n$10\r\n1700000000\r\n$6\r\n999500\r\n", b"*2\r\n:1700000000\r\n:999500\r\n"]
)
def test_the_clock_of_a_server_is_read_in_digits_and_in_whole_numbers(reply):
    """Dragonfly sends whole numbers. The clock of this machine would be another."""

    def serve(session):
        while True:
            session.send({**RIGHT, b"TIME": reply}.get(session.asked()[0].upper(), b"$-1\r\n"))

    with Misbehaving(serve) as place:
        server = Server(place.settings())
        try:
            assert (
                JobQueue(server).now_ms()
                == TransactionBooks(server.bulk, b"p:").now_ms()
                == 1_700_000_000_999
            )
        finally:
            server.close()
