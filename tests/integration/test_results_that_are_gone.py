"""Recent results lists what can still be had: runs and batches whose results have all left the cache go."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.cache import recents
from redis_geo_plugin.core.cache.presence import batches_with_results, runs_with_results
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import Server
from tests.support import work
from tests.support.jobs import WorkerProcess, send, squares, wait_finished


@pytest.fixture
def opened(server):
    made = Server(server.settings())
    yield made
    made.close()


def who(server: Server) -> list[str]:
    return [entry.who for entry in runs_with_results(server, recents.recent(server))]


def result_keys(client, match: str = "calculs:buffers:*") -> list[bytes]:
    return sorted(client.scan_iter(match))


@pytest.mark.parametrize("count", [1, 5, 64, 65, 200])
def test_a_run_stays_while_one_of_its_results_is_looked_up_and_leaves_with_the_last(opened, server, count):
    work.buffers(opened, count=count, recent=recents.RecentRun("Ana"))
    with server.client() as client:
        keys = result_keys(client)
        assert len(keys) == count
        (entry,) = recents.recent(opened)
        sample = client.hget(recents.run_key(opened, entry.run), "sample")
        sampled = [sample[i : i + 32].hex().encode() for i in range(0, len(sample), 32)]
        assert 0 < len(set(sampled)) == len(sampled) <= recents.MOST_SAMPLED
        kept = next(key for key in keys if key[-64:] in sampled)
        client.unlink(*[key for key in keys if key != kept], b"nothing")
        assert who(opened) == ["Ana"]
        client.unlink(kept)
        assert who(opened) == []


def test_runs_leave_one_by_one_and_return_with_their_results(opened, server):
    work.buffers(opened, count=5, seed=1, recent=recents.RecentRun("Ana"))
    with server.client() as client:
        first = result_keys(client)
        work.buffers(opened, count=5, seed=2, recent=recents.RecentRun("Ben"))
        client.unlink(*first)
    assert who(opened) == ["Ben"]
    work.buffers(opened, count=5, seed=1, recent=recents.RecentRun("Cleo"))  # computes the same results again
    assert who(opened) == ["Cleo", "Ben", "Ana"]


def test_results_that_expire_take_their_run_along(opened, server):
    work.buffers(opened, count=3, recent=recents.RecentRun("Ana"))
    with server.client() as client:
        for key in result_keys(client):
            client.pexpire(key, 1)
        while result_keys(client):
            pass
    assert who(opened) == []


@pytest.mark.parametrize("items", [b"", b"x" * 31, b"x" * 32 * 2001], ids=["none", "damaged", "large"])
def test_of_what_nothing_is_known_is_kept(opened, server, items):
    """Runs of earlier versions have no sample, and those that were too large no items; others may write there too."""
    work.buffers(opened, count=3, recent=recents.RecentRun("Ana"))
    (entry,) = recents.recent(opened)
    with server.client() as client:
        where = recents.run_key(opened, entry.run)
        client.hdel(where, "sample")
        client.hset(where, "items", items)
        client.unlink(*result_keys(client))
    assert who(opened) == ["Ana"]


def test_a_run_of_an_earlier_version_leaves_by_its_items(opened, server):
    work.buffers(opened, count=100, recent=recents.RecentRun("Ana"))
    (entry,) = recents.recent(opened)
    with server.client() as client:
        client.hdel(recents.run_key(opened, entry.run), "sample")
        assert who(opened) == ["Ana"]
        client.unlink(*result_keys(client))
    assert who(opened) == []


def test_a_run_too_large_to_be_taken_leaves_too(opened, server, monkeypatch):
    monkeypatch.setattr(recents, "MOST_ITEMS", 10)
    work.buffers(opened, count=30, recent=recents.RecentRun("Ana"))
    (entry,) = recents.recent(opened)
    assert not entry.takeable and who(opened) == ["Ana"]
    with server.client() as client:
        client.unlink(*result_keys(client))
    assert who(opened) == []


def test_a_batch_leaves_with_its_results_and_one_under_way_stays(opened, server):
    queue = JobQueue(opened)
    waiting = send(queue, squares(3, seed=2), chunk=10)
    batch = send(queue, squares(70, seed=1), chunk=100)
    worker = WorkerProcess(server.url)
    try:
        for sent in (waiting, batch):
            wait_finished(queue, sent)
    finally:
        worker.close()
    later = send(queue, squares(2, seed=3), chunk=10)

    def listed():
        return {one.id for one in batches_with_results(queue, queue.batches())}

    assert listed() == {waiting, batch, later}
    with server.client() as client:
        tasks = queue.tasks(batch, range(70))
        digests = {task.digest.hex().encode() for task in tasks.values()}
        client.unlink(*[key for key in result_keys(client) if key[-64:] in digests])
    assert listed() == {waiting, later}
