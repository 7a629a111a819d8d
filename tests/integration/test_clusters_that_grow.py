"""Every kind of source, the cache, searches, surveys and the queue while slots move and a node joins, on both kinds of cluster."""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack

import pytest
from redis.crc import key_slot

from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces
from redis_geo_plugin.core.geo import export, search, sets
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.spec import Mapping
from redis_geo_plugin.core.redis.server import Server, open_server
from tests.support import work
from tests.support.cluster import SLOTS, RealCluster
from tests.support.jobs import WorkerProcess, assert_right, send, squares, wait_finished, without_scripts
from tests.support.positions import Watched, position, stamp

VEHICLES = [str(n) for n in range(5)]
ONE_KEY = [b"route:12", b"cars:locations", b"flux:vehicules", b"fleet"]
KEYS = [*ONE_KEY, *(b"%b:%d" % (name, n) for name in (b"vehicule", b"driver", b"positions", b"track") for n in range(5)),
        *(b"veh:%d:%b" % (n, axis) for n in range(5) for axis in (b"lat", b"lon"))]  # fmt: skip
SPECS = {
    "json_keys": {"pattern": "vehicule:*"},
    "hash_keys": {"pattern": "driver:*"},
    "hash_fields": {"pattern": "route:12"},
    "geoset": {"pattern": "cars:locations"},
    "stream": {"pattern": "flux:vehicules", "mapping": Mapping(id="id", lon="longitude", lat="latitude", time="recorded_at")},
    "list_keys": {"pattern": "positions:*"},
    "fleet_string": {"pattern": "fleet"},
    "track_sets": {"pattern": "track:*", "mapping": Mapping(lon="lon", lat="lat")},
    "paired_keys": {"pattern": "veh:*:lat", "mapping": Mapping(lon="lon", lat="lat")},
    "pubsub": {"pattern": "said:*"},
}  # fmt: skip


def write_with_modules(client, lat):
    """Five vehicles as documents, as two series each, and all in one document."""
    now = time.time()
    fleet = []
    for n in VEHICLES:
        record = {"lat": lat, "lon": 2.0, "ts": now}
        client.execute_command("JSON.SET", f"truck:{n}", "$", json.dumps(record))
        client.execute_command("TS.ADD", f"ts:{n}:lat", int(now * 1000), lat, "ON_DUPLICATE", "LAST")
        client.execute_command("TS.ADD", f"ts:{n}:lon", int(now * 1000), 2.0, "ON_DUPLICATE", "LAST")
        for name, value in (("lat", lat), ("lon", 2.0)):
            labels = ("ON_DUPLICATE", "LAST", "LABELS", "vehicle", n, "axis", name)
            client.execute_command("TS.ADD", f"telemetry:{name[1]}{n}", int(now * 1000), value, *labels)
        fleet.append({"id": n, **record})
    client.execute_command("JSON.SET", "fleet", "$", json.dumps({"vehicles": fleet}))


@pytest.fixture(params=["valkey", "redis8"])
def growing(request):
    """A cluster of its own, whose slots may be moved."""
    cluster = RealCluster(3, flavour=request.param)
    yield cluster
    cluster.close()


def move(cluster, keys, seen=None):
    """Let a node join, and move the slots of these keys to it, one after the other."""
    node = cluster.join()
    for slot in sorted({key_slot(key) for key in keys}):
        cluster.move_slot(slot, node)
        if seen is not None:
            seen()
    return node


def write(client, lat):
    """Five vehicles in each kind of source that a cluster can hold, at this latitude."""
    now = time.time()
    for n in VEHICLES:
        client.set(f"vehicule:{n}", position(lat))
        client.hset(f"driver:{n}", mapping={"lat": lat, "lon": 2.0, "last_update": now})
        client.hset("route:12", n, json.dumps({"latitude": lat, "longitude": 2.0, "timestamp": now}))
        client.geoadd("cars:locations", (2.0, lat, n))
        client.xadd("flux:vehicules", {"id": n, "latitude": lat, "longitude": 2.0, "recorded_at": stamp()})
        client.lpush(f"positions:{n}", position(lat, when=now))
        client.zadd(f"track:{n}", {json.dumps({"lat": lat, "lon": 2.0, "at": now}): now})
        client.set(f"veh:{n}:lat", lat)
        client.set(f"veh:{n}:lon", 2.0)
        client.publish(f"said:{n}", position(lat, when=now))
    fleet = [{"id": n, "latitude": lat, "longitude": 2.0, "timestamp": now} for n in VEHICLES]
    client.set("fleet", json.dumps(fleet))


def at(lat):
    return lambda fixes: set(fixes) == set(VEHICLES) and all(abs(f.lat - lat) < 1e-4 for f in fixes.values())


def spec_of(settings, kind):
    """As *Find positions* proposes it, else by hand."""
    known = SPECS[kind]
    for one in find_positions(settings).proposals if "mapping" in known else ():
        if one.spec.kind == kind:
            names = ("kind", "pattern", "mapping", "details", "details_kind", "newest_last")
            return {name: getattr(one.spec, name) for name in names}
    return {"kind": kind, **known}


def test_every_kind_of_source_goes_on(growing):
    with growing.client() as client, ExitStack() as stack:
        write(client, 48.0)
        feeds = {
            kind: stack.enter_context(Watched(growing.settings(), **spec_of(growing.settings(), kind)))
            for kind in SPECS
        }
        write(client, 48.1)
        for watched in feeds.values():
            watched.until(at(48.1), 20.0)
        lats = iter(48.2 + n / 100 for n in range(1000))

        def drive():
            with growing.client() as fresh:
                write(fresh, next(lats))

        move(growing, KEYS[::3], drive)
        with growing.client() as fresh:
            write(fresh, 50.0)
        for kind, watched in feeds.items():
            watched.until(at(50.0), 20.0)
            assert watched.state == "live", (kind, watched.feed.status().failure)
            assert not watched.refused, kind


def test_documents_and_series_go_on():
    kinds = {"json_documents", "time_series", "labelled_series", "fleet_document"}
    cluster = RealCluster(3, flavour="stack")
    try:
        with cluster.client() as client, ExitStack() as stack:
            write_with_modules(client, 48.0)
            found = {one.spec.kind: one.spec for one in find_positions(cluster.settings()).proposals}
            assert set(found) == kinds
            names = ("pattern", "mapping", "details", "details_kind", "newest_last")
            feeds = {
                kind: stack.enter_context(
                    Watched(cluster.settings(), kind=kind, **{name: getattr(spec, name) for name in names})
                )
                for kind, spec in found.items()
            }
            for watched in feeds.values():
                watched.until(at(48.0), 20.0)
            lats = iter(48.2 + n / 100 for n in range(1000))

            def drive():
                with cluster.client() as fresh:
                    write_with_modules(fresh, next(lats))

            keys = [
                b"fleet",
                *(
                    f"{name}".encode()
                    for n in VEHICLES
                    for name in (f"truck:{n}", f"ts:{n}:lat", f"telemetry:a{n}")
                ),
            ]
            move(cluster, keys, drive)
            with cluster.client() as fresh:
                write_with_modules(fresh, 50.0)
            for kind, watched in feeds.items():
                watched.until(at(50.0), 20.0)
                assert watched.state == "live", (kind, watched.feed.status().failure)
                assert not watched.refused, kind
    finally:
        cluster.close()


def test_a_slot_on_its_way_to_a_node_that_no_layout_knows(growing):
    """A node that has just joined serves no slot, so that no client has heard of it: what is there already is asked of
    it, and new keys are written there."""
    ours = Server(growing.settings())
    ours.bulk.set("here", 1)
    node = growing.join()
    for key in (b"here", b"there"):
        growing.begin_move(key_slot(key), node)
    for _ in range(3):
        assert ours.bulk.get("here") == b"1"
        assert (
            ours.bulk.get("there") is None and ours.cache.set("there", 2) and ours.bulk.get("there") == b"2"
        )
        with ours.bulk.pipeline(transaction=False) as pipe:
            pipe.set("there", 3)
            pipe.get("there")
            pipe.get("here")
            pipe.delete("there")
            assert pipe.execute() == [True, b"3", b"1", 1]
        assert ours.mget([b"here", b"there"]) == [b"1", None]
    ours.close()


def test_the_cache_searches_and_surveys_go_on(growing):
    ours = Server(growing.settings())
    with growing.client() as client:
        client.geoadd("locations", (*work.PARIS, "ici", 2.36, 48.86, "là"))
    first, results = work.buffers(ours, count=60)
    assert first.stored == 60 and work.right(results)
    with growing.client() as client:
        keys = sorted(client.scan_iter(match="calculs:*"))[:40]
    wrong = []

    def use():
        again, same = work.buffers(ours, count=60)
        if again.failure or again.hits != 60 or not work.right(same):
            wrong.append(again)
        if work.members_near_paris(ours) != sorted([b"ici", "là".encode()]):
            wrong.append("search")

    move(growing, [*keys, b"locations", b"locations:attributs"], use)
    assert not wrong
    again, same = work.buffers(ours, count=60)
    assert again.hits == 60 and work.right(same), "what had moved was found where it is now"
    near = search.nearest(ours, search.Query(b"locations"), [work.PARIS[0]], [work.PARIS[1]], 1)
    assert list(near.members) == [b"ici"]
    assert sum(len(block) for block in export.members(ours, b"locations")) == 2
    assert [found.key for found in sets.find(ours)] == [b"locations"]
    [space] = namespaces.survey(ours)
    assert space.entries == 60 and survey(ours).total >= 61
    ours.close()


QUEUE_SLOT = key_slot(b"{taches_spatiales}:flux")


@pytest.fixture(params=["scripts", "transactions"])
def jobs_of(request, growing):
    """The connection to a cluster of four nodes, of a user who may run scripts, and of one who may not."""
    growing.join(slot=(QUEUE_SLOT + 1) % SLOTS)  # here: a server ends with the thread that started it
    with ExitStack() as stack:
        settings = growing.settings()
        if request.param == "transactions":
            settings = stack.enter_context(without_scripts(settings, *growing.nodes))
        yield settings


def assert_exact(client, queue, batch, count):
    """The books of a batch say of each job once that it was done, and nothing is left anywhere."""
    key = f"{{taches_spatiales}}:lot:{batch}"
    head = {name.decode(): value for name, value in client.hgetall(key).items()}
    told = [fields[b"n"] for _id, fields in client.xrange(f"{key}:fini")]
    assert sorted(map(int, told)) == list(range(count)), "told once each"
    assert sorted(int(n) for n in client.hkeys(f"{key}:issues")) == list(range(count))
    assert (
        sum(int(head.get(code, 0)) for code in "ch") == count == int(head["total"]) == int(head["envoyees"])
    )
    assert int(head.get("octets_finis", 0)) == int(head["octets"])
    assert not any(queue.depths().values())


def test_the_queue_goes_on_when_its_own_slot_moves(growing, jobs_of):
    queue = JobQueue(open_server(jobs_of))
    batch = send(queue, squares(400))
    worker = WorkerProcess(jobs_of.full_url(password=True))
    try:
        moved = threading.Thread(
            target=lambda: [growing.move_slot(QUEUE_SLOT, node) for node in growing.nodes]
        )
        moved.start()
        more = [send(queue, squares(50, seed=turn)) for turn in range(2, 5)]
        moved.join()
        for one, count, seed in ((batch, 400, 1), *((b, 50, s) for b, s in zip(more, range(2, 5)))):
            state = wait_finished(queue, one, 90.0)
            assert (state.done, state.failed) == (count, 0)
            assert_right(queue, one, squares(count, seed))
        assert queue.set_aside() == [] and len(queue.batches()) == 4
        assert "Traceback" not in worker.read_log()
    finally:
        worker.close()


def counts(state):
    return state.done, state.failed, state.lost


def test_books_stay_exact_while_their_slot_moves_back_and_forth(growing, jobs_of):
    """Two workers that soon take over each other's jobs, batches that keep coming, and a slot that is never long in one
    place."""
    queue = JobQueue(open_server(jobs_of))
    workers = [WorkerProcess(jobs_of.full_url(password=True)) for _ in range(2)]
    done = threading.Event()
    turns = []

    def shuttle():
        while not done.wait(0.1):  # a slot that is always on its way would be reached by nobody
            growing.move_slot(QUEUE_SLOT, growing.nodes[len(turns) % 4])
            turns.append(time.monotonic())

    moving = threading.Thread(target=shuttle)
    moving.start()
    try:
        batches = [(send(queue, squares(60, seed), chunk=7), seed) for seed in range(1, 7)]
        for batch, _seed in batches:
            assert counts(wait_finished(queue, batch, 240.0)) == (60, 0, 0)
        while len(turns) < 4:  # the workers were quicker than the slot
            batches.append((send(queue, squares(60, len(batches) + 1), chunk=7), len(batches) + 1))
            assert counts(wait_finished(queue, batches[-1][0], 240.0)) == (60, 0, 0)
        done.set()
        moving.join()
        with growing.client() as client:
            for batch, seed in batches:
                assert_exact(client, queue, batch, 60)
                assert_right(queue, batch, squares(60, seed))
        assert queue.set_aside() == []
    finally:
        done.set()
        moving.join()
        for worker in workers:
            worker.close()
