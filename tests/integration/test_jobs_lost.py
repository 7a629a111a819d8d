"""Batches whose stream was trimmed, evicted or deleted: what nothing holds is found, told, and can be sent again."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.lost import book_lost, nothing_holds
from redis_geo_plugin.core.jobs.model import Code, Done
from redis_geo_plugin.core.jobs.queue import JobQueue
from tests.integration.test_jobs_damaged_books import P, queue  # noqa: F401 - a fixture
from tests.support.jobs import WorkerProcess, send, squares, wait_finished


def look(queue: JobQueue, batch: str) -> int:  # noqa: F811
    return book_lost(queue, [queue.progress([batch])[batch]])


@pytest.fixture
def client(one_server):
    with one_server.client() as made:
        yield made


def test_a_deleted_stream_loses_its_jobs_and_the_batch_ends(queue, client):  # noqa: F811
    batch = send(queue, squares(5))
    assert look(queue, batch) == 0, "they wait"
    client.delete(P + b"flux")
    assert look(queue, batch) == 5
    state = queue.progress([batch])[batch]
    assert (state.lost, state.done, state.finished) == (5, 5, True) and state.ended is not None
    assert {o.code for o in queue.outcomes(batch, range(5)).values()} == {Code.LOST}
    assert look(queue, batch) == 0


def test_what_is_left_of_a_trimmed_stream_is_waited_for(queue, client):  # noqa: F811
    batch = send(queue, squares(5))
    client.xtrim(P + b"flux", maxlen=2, approximate=False)
    assert look(queue, batch) == 0
    one = Consumer(queue, "one")
    one.finish([Done(d, Code.COMPUTED) for d in one.fetch(9)])
    assert look(queue, batch) == 3
    state = queue.progress([batch])[batch]
    assert (state.computed, state.lost, state.finished) == (2, 3, True)


def test_jobs_of_later_batches_do_not_hide_that_earlier_ones_are_gone(queue, client):  # noqa: F811
    first = send(queue, squares(3))
    client.delete(P + b"flux")
    later = send(queue, squares(4, 2))
    assert look(queue, first) == 3 and look(queue, later) == 0
    assert not queue.progress([later])[later].finished


def test_a_job_in_the_hands_of_a_living_worker_is_not_lost(queue, client):  # noqa: F811
    batch = send(queue, squares(1))
    one = Consumer(queue, "one")
    got = one.fetch(1)
    one.beat("{}", got)
    client.xtrim(P + b"flux", maxlen=0, approximate=False)
    assert look(queue, batch) == 0
    assert one.finish([Done(got[0], Code.COMPUTED)]) == []
    assert queue.progress([batch])[batch].computed == 1


def test_a_claim_of_a_dead_worker_on_a_trimmed_entry_holds_nothing(queue, client):  # noqa: F811
    batch = send(queue, squares(1))
    Consumer(queue, "dead").fetch(1)
    assert look(queue, batch) == 0, "the entry stands: others take it over"
    client.xtrim(P + b"flux", maxlen=0, approximate=False)
    assert look(queue, batch) == 1


def test_jobs_that_wait_for_another_try_or_were_sent_again_are_held(queue, client):  # noqa: F811
    batch = send(queue, squares(2))
    one = Consumer(queue, "one", max_tries=3)
    first, second = one.fetch(2)
    one.failed(first, "error", "x")
    assert Consumer(queue, "one", max_tries=1).failed(second, "error", "y") == "aside"
    assert look(queue, batch) == 0, "one waits for its next try"
    queue.requeue([job.id for job in queue.set_aside()])
    client.delete(P + b"echeances")
    assert look(queue, batch) == 0, "one was sent again, to the end of the stream"
    client.delete(P + b"flux")
    assert look(queue, batch) == 2


def test_a_job_that_moves_between_the_look_and_the_booking_is_not_lost(queue, client):  # noqa: F811
    batch = send(queue, squares(1))
    state = queue.progress([batch])[batch]
    put = b"%d" % state.put
    client.hset(queue.batch_key(batch), "dernier", state.put + 5)
    assert queue.keep(lambda books: books.lose(batch, put, [0])) == -1
    assert queue.outcomes(batch, [0]) == {}


def test_a_batch_that_is_still_being_sent_loses_nothing(queue, client):  # noqa: F811
    batch = send(queue, squares(2))
    client.hdel(queue.batch_key(batch), "total")
    client.delete(P + b"flux")
    assert not nothing_holds(queue, queue.progress([batch])[batch])


def test_sent_again_only_what_was_not_computed_is_computed(one_server, client):
    from redis_geo_plugin.core.redis.server import open_server

    own = JobQueue(open_server(one_server.settings()))
    shapes = squares(8)
    batch = send(own, shapes)
    worker = WorkerProcess(one_server.url)
    try:
        assert wait_finished(own, batch).computed == 8
        lost = send(own, squares(8, 3))
        client.delete(P + b"flux")
        assert wait_finished(own, lost, 40).done == 8, "the worker looks too"
        again = send(own, squares(8, 3))
        assert wait_finished(own, again).failed == 0
    finally:
        worker.close()
