"""Real worker processes on real servers: jobs of batches, jobs of the plain list, options, signals, exit codes."""

from __future__ import annotations

import json
import sqlite3
import struct
import subprocess
import sys

import pytest
import shapely

from redis_geo_plugin.core.cache import namespaces
from redis_geo_plugin.core.cache.digests import item_digests
from redis_geo_plugin.core.cache.store import CacheStore, StrictLink
from redis_geo_plugin.core.jobs.listing import being_computed
from redis_geo_plugin.core.jobs.model import Descriptor, Job
from redis_geo_plugin.core.jobs.names import Priority
from tests.support import work
from tests.support.jobs import (
    BUFFER,
    ROOT,
    assert_right,
    send,
    squares,
    wait_finished,
    wait_until,
)
from tests.support.patience import PATIENCE
from tests.support.worker_jobs import MANY, SQUARE, queue_of, slow_work


def test_two_workers_put_results_into_the_desktops_cache(place, make_worker):
    queue = queue_of(place)
    shapes = squares(400)
    batch = send(queue, shapes, chunk=100)
    workers = [make_worker(place.url) for _ in range(2)]
    state = wait_finished(queue, batch)
    assert (state.computed, state.cached, state.failed) == (400, 0, 0)
    assert_right(queue, batch, shapes)
    again = send(queue, shapes)
    assert wait_finished(queue, again).cached == 400
    lines = queue.alive()
    assert len(lines) == 2 and sum(line["done"] for line in wait_until(lambda: _all_done(queue, 800))) == 800
    assert [worker.terminate() for worker in workers] == [0, 0]
    assert not queue.alive()


def _all_done(queue, count):
    lines = queue.workers()
    return lines if sum(line["done"] for line in lines) == count else None


def _all_idle(queue, count):
    lines = _all_done(queue, count) or []
    return lines if {line["state"] for line in lines} == {"idle"} else None


def test_what_a_worker_tells_is_true_when_a_batch_has_ended(place, make_worker):
    """Without waiting for its next beat, which is far off here."""
    queue = queue_of(place)
    workers = [make_worker(place.url, "--operations", "tests.support.rare_beats") for _ in range(2)]
    wait_until(lambda: len(queue.workers()) == 2)
    for shapes, total in ((squares(41), 41), (squares(300, seed=2), 341)):
        wait_finished(queue, send(queue, shapes))
        lines = wait_until(lambda total=total: _all_idle(queue, total))
        assert all(line["held"] == 0 and not line["current"] for line in lines)
    failing = send(queue, squares(2), version=99)
    assert wait_finished(queue, failing).failed == 2
    wait_until(lambda: sum(line["failed"] for line in queue.workers()) == 2)
    assert [worker.terminate() for worker in workers] == [0, 0]


def test_equal_jobs_compute_once(place, make_worker):
    queue = queue_of(place)
    same = [SQUARE] * 200
    batches = [send(queue, same) for _ in range(2)]
    for _ in range(2):
        make_worker(place.url)
    states = [wait_finished(queue, batch) for batch in batches]
    assert sum(state.computed for state in states) == 1
    assert sum(state.cached for state in states) == 399


def test_priorities_and_cancelling_while_it_runs(place, make_worker):
    queue = queue_of(place)
    sent = [
        send(queue, squares(12, seed=level), operation=slow_work(0.02), priority=level)
        for level in (Priority.LOW, Priority.NORMAL, Priority.HIGH)
    ]
    endless = send(queue, [SQUARE], operation=slow_work(60), priority=Priority.HIGH)
    make_worker(place.url, "--operations", "tests.support.slow_operations", take_over=60.0)
    wait_until(lambda: endless in being_computed(queue.workers()))
    queue.cancel_batch(endless)
    assert wait_finished(queue, endless).cancelled_jobs == 1
    low, normal, high = (wait_finished(queue, batch) for batch in sent)
    assert [state.computed for state in (low, normal, high)] == [12, 12, 12]
    assert high.ended <= normal.ended <= low.ended
    wait_until(lambda: not any(queue.depths().values()))


def test_the_tutorials_list_is_worked_unchanged(place, make_worker):
    queue = queue_of(place)
    client = place.client()
    client.set("entites:42", shapely.to_wkb(SQUARE))
    client.set("entites:43", "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))")
    client.set("entites:44", shapely.to_geojson(SQUARE))
    client.set(
        "entites:45", json.dumps({"type": "Feature", "geometry": json.loads(shapely.to_geojson(SQUARE))})
    )
    for id in (42, 43, 44, 45):
        client.lpush("taches_spatiales", f'{{"type":"buffer","id":{id},"distance":100}}')
    make_worker(place.url)
    wanted = shapely.normalize(SQUARE.buffer(100, quad_segs=5))
    for id in (42, 43, 44, 45):
        name = f"taches_spatiales:resultats:buffer:{id}:distance=100"
        found = wait_until(lambda name=name: client.hgetall(name))
        assert found[b"etat"] == b"fait"
        for shape in (shapely.from_wkb(found[b"wkb"]), shapely.from_geojson(found[b"geojson"])):
            assert shapely.normalize(shape).equals_exact(wanted, 1e-6)
        assert client.exists(found[b"cle"]) and found[b"cle"].startswith(b"calculs:buffers:taches:")
        assert 0 < client.ttl(name) <= 7 * 24 * 3600
    client.close()
    wait_until(lambda: not any(queue.depths().values()))


BAD = {
    "not json": "bad_json",
    '{"type":"buffer","id":': "bad_json",
    "[1, 2]": "bad_json",
    "[" * 5000: "bad_json",
    '{"type":"\\ud800","id":42,"distance":1}': "bad_json",
    '{"type":"buffer","id":"\\ud800","distance":1}': "bad_json",
    '{"type":"buffer","id":42,"distance":1,"namespace":"\\udfff"}': "bad_json",
    '{"id":42,"distance":1}': "unknown_type",
    '{"type":"teleport","id":42}': "unknown_type",
    '{"type":["buffer"],"id":42,"distance":1}': "unknown_type",
    '{"type":"buffer","distance":1}': "no_geometry",
    '{"type":"buffer","id":"absent","distance":1}': "no_geometry",
    '{"type":"intersection","id":42,"with":"absent"}': "no_geometry",
    '{"type":"buffer","id":"rubbish","distance":1}': "bad_geometry",
    '{"type":"buffer","id":"nan","distance":1}': "bad_geometry",
    '{"type":"buffer","id":42}': "bad_parameter",
    '{"type":"buffer","id":42,"distance":"far"}': "bad_parameter",
    '{"type":"buffer","id":42,"distance":NaN}': "bad_parameter",
    '{"type":"buffer","id":42,"distance":1' + 400 * "0" + "}": "bad_parameter",
    '{"type":"buffer","id":42,"distance":1,"segments":1e999}': "bad_parameter",
    '{"type":"buffer","id":42,"distance":1,"ttl":1000000000000000000}': "bad_parameter",
    '{"type":"buffer","id":42,"distance":1,"cap":"pointed"}': "bad_parameter",
    '{"type":"buffer","id":42,"distance":1,"namespace":"a:b"}': "bad_parameter",
}


def test_what_cannot_be_worked_is_set_aside_with_its_reason(place, make_worker):
    queue = queue_of(place)
    with place.client() as client:
        client.set("entites:42", shapely.to_wkb(SQUARE))
        client.set("entites:rubbish", b"\x01\x02\x03")
        client.set("entites:nan", "POLYGON ((0 0, NaN 0, 10 10, 0 0))")
        for text in BAD:
            client.lpush("taches_spatiales", text)
        client.lpush("taches_spatiales", b"\xff\xfe{")
    worker = make_worker(place.url)
    wait_until(lambda: queue.depths()["ecartees"] == len(BAD) + 1)
    assert "process ended" not in worker.read_log() and worker.process.poll() is None
    found = {job.fields[b"brut"]: job.reason for job in queue.set_aside()}
    assert found.pop(b"\xff\xfe{") == "bad_json"
    assert found == {text.encode(): reason for text, reason in BAD.items()}
    wait_until(lambda: queue.depths()["flux"] == 0)
    # What was missing is there now: sent again, the same job is worked.
    with place.client() as client:
        client.set("entites:absent", "POINT (1 1)")
        absent = next(job for job in queue.set_aside() if b'"buffer","id":"absent"' in job.fields[b"brut"])
        assert queue.requeue([absent.id]) == 1
        wait_until(lambda: client.exists("taches_spatiales:resultats:buffer:absent:distance=1"))


def _buffer_job(parameters, ttl):
    return b'{"op":"buffer","v":%d,"par":%b,"ns":"essai","ttl":%b}' % (BUFFER.version, parameters, ttl)


BAD_FIELDS = (
    ({b"num": b"far", b"g0": b"x"}, "bad_parameter"),
    ({b"num": b"1", b"r0": b"x" * 32, b"lot": b"\xff"}, "no_geometry"),
    ({b"d": b'{"op":"\\ud800","v":1,"par":{},"ns":"essai","ttl":60}'}, "bad_json"),
    ({b"d": _buffer_job(b"{}", b"1000000000000000000")}, "bad_parameter"),
    ({b"d": _buffer_job(b'{"segments":1e999}', b"60")}, "bad_parameter"),
)


def test_entries_that_others_wrote_are_set_aside_with_their_reason(place, make_worker):
    queue = queue_of(place)
    queue.ensure()
    good = {
        b"d": json.dumps({"op": "buffer", "v": BUFFER.version, "par": {}, "ns": "essai", "ttl": 60}).encode()
    }
    worker = make_worker(place.url)
    with place.client() as client:
        for fields, _reason in BAD_FIELDS:
            client.xadd("{taches_spatiales}:flux", {b"f": b"1", b"cle": b"k" * 32, **good, **fields})
    wait_until(lambda: queue.depths()["ecartees"] == len(BAD_FIELDS))
    assert sorted(job.reason for job in queue.set_aside()) == sorted(reason for _fields, reason in BAD_FIELDS)
    with place.client() as client:  # a plain job that does not say from which list
        client.set("entites:42", "POINT (0 0)")
        client.xadd("{taches_spatiales}:flux", {b"brut": b'{"type":"buffer","id":42,"distance":1}'})
        wait_until(lambda: client.exists("taches_spatiales:resultats:buffer:42:distance=1"))
    assert "process ended" not in worker.read_log() and worker.process.poll() is None


def test_an_rpop_consumer_may_work_beside(place, make_worker):
    queue = queue_of(place)
    count = MANY
    with place.client() as client:
        with client.pipeline(transaction=False) as pipe:  # a cluster refuses MSET across its shards
            for i in range(count):
                pipe.set(f"entites:{i}", f"POINT ({i} 0)")
            pipe.execute()
        make_worker(place.url)
        theirs = set()
        for i in range(count):
            client.lpush("taches_spatiales", json.dumps({"type": "buffer", "id": i, "distance": 1}))
            if i % 3 == 0:
                item = client.rpop("taches_spatiales")
                if item:
                    theirs.add(json.loads(item)["id"])
        wait_until(lambda: not any(queue.depths().values()))
        prefix = b"taches_spatiales:resultats:buffer:"
        ours = {
            int(name[len(prefix) :].split(b":")[0]) for name in client.scan_iter(prefix + b"*", count=1000)
        }
    assert ours | theirs == set(range(count)) and not ours & theirs


def test_english_names_and_a_template_of_ones_own(place, make_worker):
    with place.client() as client:
        client.set("entities:1", "POINT (0 0)")
        client.set("parcels:1:shape", "POINT (5 0)")
        client.lpush("spatial_tasks", '{"type":"buffer","id":1,"distance":2.5}')
        client.lpush("cadastre", '{"type":"buffer","id":1,"distance":2.5}')
        make_worker(place.url, "--english", "--burst").process.wait(PATIENCE)
        make_worker(
            place.url, "--queue", "cadastre", "--geometry-key", "parcels:{id}:shape", "--burst"
        ).process.wait(PATIENCE)
        first = client.hget("spatial_tasks:resultats:buffer:1:distance=2.5", "wkb")
        second = client.hget("cadastre:resultats:buffer:1:distance=2.5", "wkb")
    assert shapely.from_wkb(first).centroid.distance(shapely.Point(0, 0)) < 1e-9
    assert shapely.from_wkb(second).centroid.distance(shapely.Point(5, 0)) < 1e-9


def test_geometries_from_layer_files(place, make_worker, tmp_path):
    package = tmp_path / "layers.gpkg"
    with sqlite3.connect(package) as database:
        database.execute("CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT)")
        database.execute("INSERT INTO gpkg_geometry_columns VALUES ('plots', 'geom')")
        database.execute("CREATE TABLE plots (fid INTEGER PRIMARY KEY, geom BLOB, code TEXT)")
        header = struct.pack("<2sBBi", b"GP", 0, 1, 4326)  # of a geometry without an envelope
        blob = header + shapely.to_wkb(SQUARE, byte_order=1)
        database.execute("INSERT INTO plots VALUES (7, ?, 'A-7')", (blob,))
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": "B"},
                "geometry": json.loads(shapely.to_geojson(SQUARE)),
            }
        ],
    }
    (tmp_path / "plots.geojson").write_text(json.dumps(collection))
    cases = [
        (("--geometry-file", str(package)), 7),
        (("--geometry-file", str(package), "--geometry-layer", "plots", "--id-field", "code"), "A-7"),
        (("--geometry-file", str(tmp_path / "plots.geojson"), "--id-field", "code"), "B"),
    ]
    with place.client() as client:
        for words, id in cases:
            client.lpush("taches_spatiales", json.dumps({"type": "buffer", "id": id, "distance": 1}))
            worker = make_worker(place.url, *words, "--burst")
            assert worker.process.wait(PATIENCE) == 0, worker.read_log()
            assert client.hexists(f"taches_spatiales:resultats:buffer:{id}:distance=1", "wkb")


def test_a_user_with_the_rights_that_the_docs_name_is_enough(place, make_worker):
    """docs/jobs.md tells an administrator which rights a worker needs: those, and no more."""
    page = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
    (line,) = [line.strip() for line in page.splitlines() if line.strip().startswith("ACL SETUSER worker")]
    nodes = getattr(place, "nodes", None)
    words = [*line.split(), *(work.cluster_rights("jobs.md") if nodes else ())]
    queue = queue_of(place)
    shapes = squares(200)
    _on_each(nodes or [place], *words)
    with place.client() as client:
        try:
            client.set("entites:1", "POINT (0 0)")
            client.lpush("taches_spatiales", '{"type":"buffer","id":1,"distance":2}', "not json")
            batch = send(queue, shapes)
            worker = make_worker(place.url.replace("://", "://worker:secret@"), "--burst")
            assert worker.process.wait(PATIENCE) == 0, worker.read_log()
            assert "no_rights" not in worker.read_log()
            assert_right(queue, batch, shapes)
            assert client.hexists("taches_spatiales:resultats:buffer:1:distance=2", "wkb")
            assert queue.depths()["ecartees"] == 1 and queue.workers()
        finally:
            _on_each(nodes or [place], "ACL", "DELUSER", "worker")


def _on_each(nodes, *words):
    for node in nodes:
        with node.client() as client:
            client.execute_command(*words)


def test_a_job_that_names_a_key_of_another_geometry_is_set_aside(place, make_worker):
    """Its result would lie under a key at which others look for another shape."""
    queue = queue_of(place)
    queue.ensure()
    descriptor = Descriptor(BUFFER.name, BUFFER.version, BUFFER.to_job(), "essai", 3600)
    batch = queue.create_batch("forged", descriptor)
    mine, others = (shapely.to_wkb(shapely.box(n, 0, n + 1, 1), byte_order=1) for n in (0, 5))
    digests = item_digests(BUFFER, [[others, others]], [10.0, 10.0])
    queue.enqueue(
        batch, descriptor, [Job(0, digests[0], (mine,), 10.0), Job(1, digests[1], (others,), 10.0)], 0
    )
    queue.seal(batch, 2)
    make_worker(place.url)
    state = wait_finished(queue, batch)
    assert (state.computed, state.failed) == (1, 1)
    (job,) = queue.set_aside()
    assert job.reason == "bad_parameter"
    store = CacheStore(StrictLink(queue.server), BUFFER, "essai")
    (value,) = store.read(digests[:1])
    assert shapely.equals(
        shapely.from_wkb(value.wkb), shapely.buffer(shapely.from_wkb(others), 10.0, quad_segs=8)
    )


@pytest.mark.parametrize(
    "wkb", [struct.pack("<BII", 1, 7, 1) * 200_000, struct.pack("<BII", 1, 2, 10**9), b"not a shape"]
)
def test_bytes_that_would_end_a_process_are_refused_as_they_are_read(place, make_worker, wkb):
    queue = queue_of(place)
    queue.ensure()
    descriptor = Descriptor(BUFFER.name, BUFFER.version, BUFFER.to_job(), "essai", 3600)
    batch = queue.create_batch("hostile", descriptor)
    digest = item_digests(BUFFER, [[b"x"]], [10.0])[0]
    queue.enqueue(batch, descriptor, [Job(0, digest, (wkb,), 10.0)], 0)
    queue.seal(batch, 1)
    worker = make_worker(place.url)
    assert wait_finished(queue, batch).failed == 1
    assert [job.reason for job in queue.set_aside()] == ["bad_geometry"]
    assert "process ended" not in worker.read_log()


def test_what_workers_find_and_miss_is_in_everyones_statistics(place, make_worker):
    queue = queue_of(place)
    make_worker(place.url)
    shapes = squares(40)
    for found in (0, 40):
        wait_finished(queue, send(queue, shapes))

        def counted(found=found):
            space = next(s for s in namespaces.survey(queue.server) if s.operation == "buffer")
            return (space.hits, space.misses) == (found, 40)

        wait_until(counted)


def test_with_a_secret_workers_trust_only_what_is_sealed_with_it(place, make_worker, tmp_path):
    queue = queue_of(place)
    shapes = squares(10)
    plain = make_worker(place.url)
    assert wait_finished(queue, send(queue, shapes)).computed == 10
    assert plain.terminate() == 0
    secret = tmp_path / "secret"
    secret.write_text("a shared secret\n")
    for expected in ((10, 0), (0, 10)):
        worker = make_worker(place.url, "--secret-file", str(secret))
        state = wait_finished(queue, send(queue, shapes))
        assert (state.computed, state.cached) == expected
        assert worker.terminate() == 0
        assert "a shared secret" not in worker.read_log()
    assert main_status(place.url, "--secret-file", str(tmp_path / "none")) == 2


def main_status(url, *words):
    """The exit status of a worker that ends as it reads its options."""
    command = [sys.executable, "-m", "redis_geo_plugin.worker", "--url", url, *words]
    return subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE).returncode
