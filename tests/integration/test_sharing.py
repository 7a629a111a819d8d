"""What one computes another has: the list of recent runs, provenance, and the cache that proves itself."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache import codec, recents
from redis_geo_plugin.core.cache.digests import item_digests
from redis_geo_plugin.core.cache.namespaces import survey
from redis_geo_plugin.core.cache.proof import Proof, same
from redis_geo_plugin.core.cache.run import Chunk
from redis_geo_plugin.core.jobs.model import Descriptor, Job
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support import work
from tests.support.jobs import BUFFER, WorkerProcess, squares, wait_finished
from tests.support.positions import wait_for
from tests.support.runs import cached_run


def test_another_desktop_sees_who_computed_what_and_takes_it(server):
    ana, ben = Server(server.settings()), Server(server.settings())
    started = time.time()
    _, mine = work.buffers(ana, recent=recents.RecentRun("Ana", "Parcelles"))
    [entry] = recents.recent(ben)
    assert (entry.who, entry.title, entry.operation, entry.namespace) == (
        "Ana",
        "Parcelles",
        "buffer",
        work.NAMESPACE,
    )
    assert (entry.total, entry.computed, entry.takeable) == (60, 60, True)
    assert started - 1 <= entry.when <= time.time() + 1
    assert entry.parameters["segments"] == 8 and entry.geos.startswith("GEOS 3.")
    taken = shapely.from_wkb(recents.results(ben, entry))
    assert bool(np.all(shapely.equals_exact(taken, mine)))
    report, _ = work.buffers(ben, recent=recents.RecentRun("Ben"))
    assert report.hits == 60
    assert [e.who for e in recents.recent(ana)] == ["Ana"]  # a run of hits alone adds nothing
    ana.close(), ben.close()


def test_the_list_is_bounded_expires_and_is_newest_first(one_server, monkeypatch):
    monkeypatch.setattr(recents, "MOST", 3)
    opened = Server(one_server.settings())
    for n in range(5):
        work.buffers(opened, count=5, seed=n, recent=recents.RecentRun(f"user {n}"))
    assert [entry.who for entry in recents.recent(opened)] == ["user 4", "user 3", "user 2"]
    with one_server.client() as client:
        for key in client.scan_iter("calculs:recents*"):
            assert 0 < client.ttl(key) <= recents.KEEP
    opened.close()


def test_provenance_of_a_result(one_server):
    opened = Server(one_server.settings())
    work.buffers(opened, count=5, recent=recents.RecentRun("Ana"))
    with one_server.client() as client:
        key = next(client.scan_iter("calculs:buffers:*"))
        digest = bytes.fromhex(key[-64:].decode())
        value, entry = recents.provenance(opened, key, digest)
        assert value is not None and entry is not None and entry.who == "Ana"
        client.unlink("calculs:recents:" + value.run.hex())
        assert recents.provenance(opened, key, digest)[1] is None
    opened.close()


def origins(opened, client):
    found = []
    for key in client.scan_iter("calculs:buffers:*"):
        value, entry = recents.provenance(opened, key, bytes.fromhex(key[-64:].decode()))
        assert value is not None
        found.append(entry)
    return found


def test_provenance_of_a_run_that_was_cancelled(one_server):
    opened = Server(one_server.settings())
    run = cached_run(
        opened,
        BUFFER,
        "d",
        cache_all=True,
        recent=recents.RecentRun("Ana"),
        watch=Watch(lambda: run.report.stored > 0),
    )
    wkbs = list(shapely.to_wkb(squares(200), byte_order=1))
    with pytest.raises(Cancelled):
        list(run.run(Chunk((wkbs[i : i + 10],), [5.0] * 10) for i in range(0, 200, 10)))
    with one_server.client() as client:
        found = origins(opened, client)
        assert found and all(entry.who == "Ana" and not entry.takeable for entry in found)
        assert not client.exists("calculs:recents")  # nothing that could be taken
    opened.close()


def test_provenance_holds_the_distance(one_server):
    opened = Server(one_server.settings())
    for distances, told in (([7.5, 7.5], 7.5), ([3.0, 12.0], "3 – 12")):
        run = cached_run(opened, BUFFER, "d", cache_all=True, recent=recents.RecentRun("Ana"))
        shapes = list(shapely.to_wkb(squares(2, seed=int(distances[0])), byte_order=1))
        list(run.run([Chunk((shapes,), distances)]))
        assert recents.recent(opened)[0].parameters["distance"] == told
    opened.close()


def test_provenance_of_what_a_worker_computed(server):
    opened = Server(server.settings())
    queue = JobQueue(opened)
    descriptor = Descriptor(BUFFER.name, BUFFER.version, BUFFER.to_job(), "essai", 3600)
    batch = queue.create_batch("Parcelles, 10 m", descriptor, {"who": "Ana"})
    wkbs = list(shapely.to_wkb(squares(5), byte_order=1, output_dimension=2))
    digests = item_digests(BUFFER, [wkbs], [10.0] * 5)
    queue.enqueue(
        batch, descriptor, [Job(i, d, (w,), 10.0) for i, (d, w) in enumerate(zip(digests, wkbs))], 0
    )
    queue.seal(batch, 5)
    worker = WorkerProcess(server.url, "--name", "calcul-7")
    try:
        assert wait_finished(queue, batch).done == 5
    finally:
        worker.close()
    with server.client() as client:
        found = origins(opened, client)
        assert len(found) == 5 and len({entry.run for entry in found}) == 1
        entry = found[0]
        assert (entry.who, entry.title, entry.operation, entry.namespace) == (
            "Ana",
            "Parcelles, 10 m",
            "buffer",
            "essai",
        )
        assert entry.worker.startswith("calcul-7-") and entry.parameters["distance"] == 10.0
        assert entry.parameters["crs"] == BUFFER.crs and entry.geos.startswith("GEOS 3.")
        assert all(0 < client.ttl(key) <= recents.KEEP for key in client.scan_iter("calculs:recents:*"))
    assert recents.recent(opened) == []  # the batch stands in the Jobs panel
    opened.close()


def test_results_that_left_the_cache_are_missing_and_said_so(one_server):
    opened = Server(one_server.settings())
    work.buffers(opened, count=10, recent=recents.RecentRun("Ana"))
    with one_server.client() as client:
        client.unlink(*[key for n, key in enumerate(client.scan_iter("calculs:buffers:*")) if n < 4])
    found = recents.results(opened, recents.recent(opened)[0])
    assert (len(found), sum(value is None for value in found)) == (10, 4)
    opened.close()


@pytest.mark.parametrize(
    "text", [b"", b"null", b"[]", b"{", b'{"who": 1}', b"\xff\xfe", b'{"when": "x"}', b"[" * 9999]
)
def test_foreign_texts_in_the_list_are_left_out(one_server, text):
    opened = Server(one_server.settings())
    with one_server.client() as client:
        client.zadd("calculs:recents", {"00" * 8: 1, "no hex": 2, "ff": 3})
        client.hset("calculs:recents:" + "00" * 8, mapping={"run": text, "items": "xyz"})
    assert recents.recent(opened) == []
    opened.close()


class TestProof:
    def prove(self, opened, one_in=1):
        told = []
        report, results = work.buffers(opened, proof=Proof(one_in, told.append))
        return report, results, told

    def test_good_values_are_proved_and_counted(self, server):
        opened = Server(server.settings())
        work.buffers(opened)
        _, _, told = self.prove(opened)
        wait_for(lambda: told)
        assert (told[0].proved, told[0].differed) == (20, 0)
        [namespace] = survey(opened)
        assert (namespace.proved, namespace.differed) == (20, 0)
        opened.close()

    def test_a_value_that_lies_is_told_replaced_and_counted(self, server):
        opened = Server(server.settings())
        work.buffers(opened, count=10)
        with server.client() as client:
            for key in client.scan_iter("calculs:buffers:*"):
                digest = bytes.fromhex(key[-64:].decode())
                lie = shapely.to_wkb(shapely.box(0, 0, 1, 1))
                client.set(key, codec.encode(digest, lie, 5.0), ex=100)
            told = []
            work.buffers(opened, count=10, proof=Proof(1, told.append))
            wait_for(lambda: told)
            assert (told[0].proved, told[0].differed, len(told[0].keys)) == (10, 10, 10)
            assert all(0 < client.ttl(key) <= 600 for key in told[0].keys)
        report, results = work.buffers(opened, count=10)
        assert report.hits == 10 and work.right(results)
        opened.close()

    def test_one_in_n(self, one_server):
        opened = Server(one_server.settings())
        proof = Proof(500)
        assert 20 < sum(proof.wants() for _ in range(50_000)) < 250
        assert not any(Proof(0).wants() for _ in range(1000))
        opened.close()

    def test_same_shapes_by_another_geos_are_the_same(self):
        shape = shapely.Point(700_000, 6_600_000).buffer(100)
        moved = shapely.transform(shape, lambda xy: xy + 1e-6 * np.sin(1e3 * xy))
        assert same(shape, shapely.reverse(shape)) and same(shape, moved)
        assert not same(shape, shapely.Point(700_000, 6_600_000).buffer(100.5))
        assert not same(shape, shapely.MultiPolygon([shape])) and not same(shape, None)
        assert same(shapely.Polygon(), shapely.Polygon()) and not same(shape, shapely.Polygon())


def test_a_list_written_by_many_at_once_stays_whole(one_server):
    from concurrent.futures import ThreadPoolExecutor

    opened = Server(one_server.settings())
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: work.buffers(opened, count=3, seed=n, recent=recents.RecentRun(f"u{n}")), range(40)
            )
        )
    assert {entry.who for entry in recents.recent(opened)} == {f"u{n}" for n in range(40)}
    with one_server.client() as client:
        for key in client.scan_iter("calculs:recents:*"):
            assert json.loads(client.hget(key, "run"))["total"] == 3
    opened.close()
