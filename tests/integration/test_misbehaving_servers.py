"""Every job of core against every misbehaving server: it ends in time, and says what is wrong in words of ours."""

from __future__ import annotations

import json
import resource
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from redis_geo_plugin.core.admin import samples
from redis_geo_plugin.core.admin.health import read_health
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces, recents, statistics
from redis_geo_plugin.core.geo import export, fill, sets
from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.live import feed, snapshot
from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.publish import PositionReport, publish
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.redis import calls, sized
from redis_geo_plugin.core.redis.calls import LIMITS, CallLimits
from redis_geo_plugin.core.redis.failures import StoreError, classify
from redis_geo_plugin.core.redis.probing import probe
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.watch import Watch
from tests.support import cases, work
from tests.support.jobs import send, squares
from tests.support.misbehaving import BEHAVIOURS, Misbehaving

SHORT = {  # so that hundreds of cases end within a minute
    "interactive": CallLimits(0.3, 0.3),
    "cache": CallLimits(0.3, 0.3, 16_000.0, 0.8),
    "bulk": CallLimits(0.3, 0.5, 16_000.0, 0.8),
    "blocking": CallLimits(0.3, 0.3, 16_000.0, 0.8),
}
BUILD = Path(__file__).resolve().parents[2] / "build"
SLACK = 5.0  # seconds that a machine with a hundred busy threads may be late
MOST = 60.0  # seconds for a whole job, which makes many calls
THREADS = 24


def with_server(job):
    def run(settings):
        server = Server(settings)
        try:
            return job(server)
        finally:
            server.close()

    return run


def feed_for_a_second(settings):
    running = feed.Feed(FeedSpec(name="test", kind="json_keys", pattern="vehicule:*", interval=0.1), settings)
    running.start()
    time.sleep(1.0)
    running.take()
    status = running.status()
    running.stop()
    return status


def fill_a_set(mode):
    def run(server):
        loader = fill.Loader(server, b"locations", mode)
        try:
            loader.add(
                fill.Rows([1, 2], [b"a", b"b"], np.array([2.0, 3.0]), np.array([48.0, 49.0]), ["", ""])
            )
            return loader.finish()
        except BaseException:
            loader.abandon()
            raise

    return run


def collect(server):
    queue = JobQueue(server)
    return (
        queue.batches(),
        queue.tasks("20000101-000000-00000000", [1]),
        queue.events("20000101-000000-00000000"),
    )


def work_as_a_worker(server):
    consumer = Consumer(JobQueue(server), "w-1")
    consumer.beat("{}", [])
    deliveries = consumer.fetch(2)
    consumer.take_over(0.0, 10)
    consumer.promote()
    return deliveries


JOBS = {
    "test a connection": lambda settings: probe(settings, 0.5),
    "read the health": with_server(read_health),
    "survey the keys": with_server(survey),
    "cached run": with_server(lambda server: work.buffers(server, count=20)),
    "list namespaces": with_server(namespaces.survey),
    "list GEO sets": with_server(lambda server: list(sets.find(server))),
    "search": with_server(work.members_near_paris),
    "load a set": with_server(fill_a_set(fill.Mode.ADD)),
    "replace a set": with_server(fill_a_set(fill.Mode.REPLACE)),
    "load only new ones": with_server(fill_a_set(fill.Mode.NEW)),
    "export a set": with_server(lambda server: list(export.members(server, b"locations"))),
    "find positions": find_positions,
    "snapshot": lambda settings: snapshot.snapshot(settings, FeedSpec(name="t", kind="json_keys", pattern="vehicule:*")),
    "feed": feed_for_a_second,
    "publish": with_server(lambda s: publish(s, [PositionReport(1.8e9, "7", 2.0, 48.0, {})], stream="flux:vehicules")),
    "enqueue jobs": with_server(lambda server: send(JobQueue(server), squares(3))),
    "list and collect": with_server(collect),
    "work as a worker": with_server(work_as_a_worker),
    "list recents": with_server(recents.recent),
    "read statistics": with_server(statistics.proofs),
    "read sizes": with_server(lambda s: sized.read_strings(sized.asker(s), [b"a", b"b"])),
    "read many": with_server(lambda s: s.mget([b"a", b"b", b"c"])),
    "scan": with_server(lambda s: list(s.scan("*"))),
    "put sample places": with_server(samples.put_places),
    "remove sample places": with_server(samples.remove_places),
    "let sample vehicles sail": with_server(lambda s: samples.play(s, Watch(lambda: True))),
    "remove sample vehicles": with_server(samples.stop),
    "delete": with_server(lambda s: s.unlink([b"calculs:a"])),
}  # fmt: skip
OF_CLUSTERS = (
    "test a connection",
    "read many",
    "scan",
    "search",
    "cached run",
    "snapshot",
    "list namespaces",
)


@dataclass
class Outcome:
    """What one job made of one server."""

    seconds: float
    error: BaseException | None


class Overdue:
    """Notes every call that took longer than its limits allow."""

    def __init__(self):
        self.calls = []
        self._end = calls.Call.__exit__

    def patch(self, monkeypatch):
        def ended(call, *error):
            took = time.monotonic() - call.started
            if took > max(call.limits.call, call.limits.longest) + SLACK:
                self.calls.append((threading.current_thread().name, took, call.limits))
            return self._end(call, *error)

        monkeypatch.setattr(calls.Call, "__exit__", ended)


def tried(job, settings):
    began = time.monotonic()
    try:
        job(settings)
        error = None
    except BaseException as raised:
        error = raised
    return Outcome(time.monotonic() - began, error)


@pytest.fixture(scope="module")
def outcomes():
    """Every job against every behaviour, all at once; and what the process made of it."""
    overdue, before = Overdue(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results = {}
    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(THREADS) as pool:
        for kind, limits in SHORT.items():
            patched.setitem(LIMITS, kind, limits)
        patched.setattr(fill, "ANSWER_SECONDS", 0.0)
        overdue.patch(patched)
        servers = {sentence: Misbehaving(serve) for sentence, serve in BEHAVIOURS.items()}
        for sentence, server in servers.items():
            for name, job in JOBS.items():
                results[sentence, name] = pool.submit(tried, job, server.settings())
            for name in OF_CLUSTERS:
                results[sentence, name + " of a cluster"] = pool.submit(
                    tried, JOBS[name], server.cluster_settings()
                )
        done = {case: future.result() for case, future in results.items()}
        for server in servers.values():
            server.__exit__()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    write_down(done, grown)
    cases.count(len(done))
    return done, overdue.calls, grown


def where(error):
    """An error and the lines that it comes from, for whoever reads of it here."""
    return [repr(error)[:200], *traceback.format_list(traceback.extract_tb(error.__traceback__)[-3:])]


def write_down(done, grown):
    """The figures of docs/reliability.md."""
    figures = {
        "behaviours": len(BEHAVIOURS),
        "cases": len(done),
        "longest_s": max(outcome.seconds for outcome in done.values()),
        "growth": round(grown / 1000),
    }
    BUILD.mkdir(exist_ok=True)
    (BUILD / "misbehaving.json").write_text(json.dumps(figures))


ALLOWED = (StoreError, exceptions.RedisError, exceptions.RedisClusterException, sets.NotGeo, samples.NotOurs)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("sentence", BEHAVIOURS)
def test_every_job_ends_and_says_what_is_wrong(outcomes, sentence):
    done, _, _ = outcomes
    mine = {name: outcome for (behaves, name), outcome in done.items() if behaves == sentence}
    assert {name: one.seconds for name, one in mine.items() if one.seconds > MOST} == {}
    errors = {name: one.error for name, one in mine.items() if one.error is not None}
    assert {name: where(error) for name, error in errors.items() if not isinstance(error, ALLOWED)} == {}
    assert all(
        classify(error).words
        for error in errors.values()
        if not isinstance(error, (sets.NotGeo, samples.NotOurs))
    )


@pytest.mark.timeout(400)
def test_no_call_exceeds_its_limits_and_memory_stays_bounded(outcomes):
    _, overdue, grown = outcomes
    assert overdue == []
    assert grown < 800_000, grown  # kB, for a thousand cases of which two dozen run at once


def test_there_are_enough_of_them():
    assert len(BEHAVIOURS) >= 40 and all(" " in sentence for sentence in BEHAVIOURS)
