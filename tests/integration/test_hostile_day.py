"""A hostile day: the cache, a search, a live feed and the queue at work while everything that can go wrong does.

Half a minute a server; with ``REDIS_GEO_FULL=1`` (``make test-full``) each fault lasts longer and comes several times. What was seen goes
to ``build/hostile_day_<server>.json``, of which ``tools/reliability.py`` makes the tables of docs/reliability.md.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import random
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import redis
import shapely

from redis_geo_plugin.core import background
from redis_geo_plugin.core.admin.health import read_health
from redis_geo_plugin.core.admin.protection import Risk, judge
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import Server
from tests.support.hostile import Day
from tests.support.hostile_place import SECRET, Place
from tests.support.jobs import WorkerProcess, expected, results, send, squares, wait_finished
from tests.support.positions import wait_for
from tests.support.small_disk import MOST, small_disk, used

FULL = bool(os.environ.get("REDIS_GEO_FULL"))
LASTS, TIMES = (6.0, 3) if FULL else (1.2, 1)  # seconds a fault lasts, and how often it comes
RECOVERS_WITHIN = 30.0
LONGEST_CALL = 40.0  # three tries of ten seconds each, with pauses
MOST_GROWTH = 150_000_000  # bytes of memory that a day may leave behind
FOREIGN = 300
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["valkey", "redis"])
def place(request, tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        made = Place(request.param, disk, tmp_path)
        yield made
        made.close()


# The faults. Each is a context: the fault begins, lasts, and is mended at the end. What it yields goes into the table.


@contextmanager
def killed(place):
    place.real.kill()
    time.sleep(LASTS)
    place.real.start()
    yield


@contextmanager
def restarted(place):
    for _ in range(3):
        place.real.restart()
        time.sleep(LASTS / 4)
    yield


@contextmanager
def stopped(place):
    place.real.stop()
    time.sleep(LASTS)
    place.real.resume()
    yield


@contextmanager
def cut_off(place):
    """The other host's network device is down."""
    place.link.cut()
    time.sleep(LASTS)
    place.link.mend()
    yield


@contextmanager
def slow_link(place):
    before = place.link.line(delay=0.06, loss=0.02, rate=1_000_000)
    time.sleep(2 * LASTS)
    after = place.link.line()
    yield {name: after[name] - before[name] for name in after}


@contextmanager
def full_memory(place):
    with place.admin() as client:
        used = client.info("memory")["used_memory"]
    place.config(maxmemory_policy="noeviction", maxmemory=used - 100_000)
    time.sleep(LASTS)
    place.config(maxmemory=0)
    yield


@contextmanager
def evicting(place):
    evict(place, "volatile-ttl")
    yield


@contextmanager
def evicting_all(place):
    """What this policy costs (GEO sets, jobs) is what the Server dock's light says of it."""
    with place.admin() as client:
        evict(place, "allkeys-lru")
        stock(client)
    yield


def evict(place, policy):
    with place.admin() as client:
        used = client.info("memory")["used_memory"]
        before = client.info("stats")["evicted_keys"]
        place.config(maxmemory_policy=policy, maxmemory=used + 200_000)
        wait_for(lambda: client.info("stats")["evicted_keys"] > before, 20)
        server = Server(place.settings)
        assert (Risk.EVICTS_ALL in judge(read_health(server)).risks) == policy.startswith("allkeys")
        server.close()
    time.sleep(LASTS)
    place.config(maxmemory=0, maxmemory_policy="noeviction")


@contextmanager
def full_disk(place):
    files = used(place.disk.path)
    assert sum(files.values()) < MOST, f"the server's disk is filling up by itself: {files}"
    place.disk.fill(place.real.process)
    time.sleep(LASTS)
    place.disk.free(place.real.process)
    if place.real.process.poll() is not None:  # with appendfsync always the server gives up rather than lie
        place.real.start()
    yield


@contextmanager
def clock_jump(place):
    """This computer's clock jumps a day ahead and back."""
    real = time.time
    time.time = lambda: real() + 86400.0
    try:
        time.sleep(LASTS)
    finally:
        time.time = real
    yield


@contextmanager
def server_clock_jump(place):
    """The server's clock jumps a day ahead and back: everything with a TTL is gone."""
    place.clock.jump(86_400)
    with place.admin() as client:
        wait_for(lambda: client.time()[0] > time.time() + 80_000, 10)
    time.sleep(LASTS)
    place.clock.jump(0)
    yield


@contextmanager
def two_hundred_clients(place):
    held = [place.real.client(password=SECRET) for _ in range(200)]
    ended = threading.Event()

    def hammer(mine):
        while not ended.is_set():
            for client in mine:
                try:
                    client.set(f"other:{id(client)}", b"x" * 100, ex=60)
                except redis.RedisError:
                    return

    threads = [threading.Thread(target=hammer, args=(held[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(LASTS)
    ended.set()
    for thread in threads:
        thread.join()
    for client in held:
        client.close()
    yield


@contextmanager
def foreign_writers(place):
    """Others write rubbish over cached results, claims, statistics, positions, the list of jobs and that of recent runs."""
    rubbish = random.Random(7)
    with place.admin() as client:
        keys = list(client.scan_iter("calculs:*"))
        for key in keys:
            client.unlink(key)
            value = rubbish.randbytes(rubbish.randrange(0, 300))
            rubbish.choice(
                [
                    lambda key=key, value=value: client.set(key, value, ex=60),
                    lambda key=key, value=value: client.rpush(key, value),
                    lambda key=key, value=value: client.hset(key, "hits", value),
                ]
            )()
            client.expire(key, 60)
        for n in range(50):
            client.lpush("taches_spatiales", rubbish.randbytes(40))
            client.set(f"vehicule:rubbish{n}", rubbish.randbytes(60), ex=5)
        time.sleep(LASTS)
        for key in client.scan_iter("calculs:statistiques:*"):
            client.unlink(key)
    yield


FAULTS = (
    killed, restarted, stopped, cut_off, slow_link, full_memory, evicting, evicting_all, full_disk, clock_jump,
    server_clock_jump, two_hundred_clients, foreign_writers,
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hostile_day(place, caplog):
    caplog.set_level(logging.DEBUG)
    with place.admin() as client:
        stock(client)
    day = Day(place.behind, place.settings)
    worker = WorkerProcess(place.url)
    seen = []
    try:
        day.start()
        wait_for(day.is_well, RECOVERS_WITHIN)
        day.turn()
        before = resources()
        for fault in FAULTS * TIMES:
            seen.append(go_through(fault, place, day))
        after = resources()
    finally:
        day.end()
        worker.terminate()
        log = worker.read_log()
        worker.close()
    assert log and SECRET not in log and SECRET not in caplog.text and SECRET not in repr(place.behind)
    background.close()  # as unloading the plugin does: the threads that compute are shared by all runs
    wait_for(lambda: not ours(), 20)
    with place.admin() as client:
        assert sum(1 for _ in client.scan_iter("autrui:*")) == FOREIGN
        assert client.zcard("locations") == 3
        wait_for(lambda: not [row for row in client.client_list() if row["name"].startswith("redis-geo")], 20)
    growth = after["memory"] - before["memory"]
    assert after["files"] <= before["files"] + 20 and growth < MOST_GROWTH, (before, after)
    write(place, seen, growth)


def stock(client):
    """What other programs keep on the server."""
    client.geoadd("locations", (2.35, 48.85, "a", 2.351, 48.851, "b", 2.352, 48.852, "c"))
    client.mset({f"autrui:{n}": "keep" for n in range(FOREIGN)})


def ours():
    return [t.name for t in threading.enumerate() if t.name.startswith(("redis-geo", "hostile"))]


def resources():
    """Open files, and bytes of memory of this process."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[1])
    return {"files": len(os.listdir("/proc/self/fd")), "memory": pages * os.sysconf("SC_PAGE_SIZE")}


def go_through(fault, place, day) -> dict:
    """One fault from the last calm to the next, with a batch of jobs under way; what was seen."""
    shapes = squares(40, seed=random.randrange(1 << 30))
    queue = JobQueue(Server(place.settings))
    batch = send(queue, shapes, chunk=20)
    day.turn()
    started = time.monotonic()
    with fault(place) as note:
        over = time.monotonic()
    wait_for(day.is_well, RECOVERS_WITHIN)
    done = day.rounds()
    wait_for(
        lambda: all(now > then for now, then in zip(day.rounds(), done)), RECOVERS_WITHIN
    )  # each of the jobs goes on
    recovered = time.monotonic() - over
    if (
        fault is evicting_all
    ):  # the server may have thrown the books away, as the dock warns: a new batch goes through
        queue.forget(batch)
        batch = send(queue, shapes, chunk=20)
    ended = wait_finished(queue, batch, 90)
    assert ended.failed == 0 and ended.done == len(shapes)
    assert_jobs_right(queue, batch, shapes, fault)
    queue.forget(batch)
    with place.admin() as client:  # so that the small disk holds the whole day
        client.bgrewriteaof()
        wait_for(lambda: not client.info("persistence")["aof_rewrite_in_progress"], 20)
    queue.server.close()
    tallies = day.turn()
    for name, tally in tallies.items():
        assert not tally.wrong, (fault.__name__, name, tally.wrong[:3])
        assert tally.longest < LONGEST_CALL, (fault.__name__, name, tally.longest)
    return {
        "fault": fault.__name__,
        "lasted_s": round(over - started, 1),
        "recovered_s": round(recovered, 1),
        "jobs": len(shapes),
        "note": note or {},
        **{
            name: {
                "good": tally.good, "hits": tally.hits, "longest_s": round(tally.longest, 2), "failed": tally.failed
            }
            for name, tally in tallies.items()
            if name != "producer"
        },
    }  # fmt: skip


def assert_jobs_right(queue, batch, shapes, fault):
    """Every result that is still in the cache is right; only eviction, a foreign writer or a leap of the server's clock takes
    some away."""
    found = results(queue, batch, len(shapes))
    right = expected(shapes)
    there = [i for i, shape in enumerate(found) if shape is not None]
    if fault not in (evicting, evicting_all, foreign_writers, server_clock_jump):
        assert len(there) == len(shapes)
    got = shapely.from_wkb(np.array([found[i] for i in there], dtype=object))
    assert bool(np.all(shapely.equals_exact(shapely.normalize(got), shapely.normalize(right[there]), 1e-9)))


def write(place, seen: list[dict], growth: int) -> None:
    folder = Path(os.environ.get("REDIS_GEO_BUILD") or ROOT / "build")
    folder.mkdir(exist_ok=True)
    told = {
        "full": FULL,
        "server": place.version(),
        "line": place.link.kind,
        "why": place.without_packets,
        "disk": place.disk.kind,
        "growth_mb": round(growth / 1e6),
        "phases": seen,
    }
    (folder / f"hostile_day_{place.real.flavour}.json").write_text(
        json.dumps(told, indent=1), encoding="utf-8"
    )
