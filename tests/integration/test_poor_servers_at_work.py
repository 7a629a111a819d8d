"""Live positions, searches, jobs and Find positions on servers as they are sold: what they lack is done without, with a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redis_geo_plugin.core.geo import export, sets
from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.listing import job_lines
from redis_geo_plugin.core.jobs.model import Code, Done
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.publish import PositionReport, publish
from redis_geo_plugin.core.live.snapshot import snapshot
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError, classify
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from tests.support import work
from tests.support.jobs import send, squares
from tests.support.poor_proxy import REFUSALS, PoorProxy
from tests.support.positions import Watched, position

SCRIPTS = {"EVAL", "EVALSHA", "SCRIPT"}
TRANSACTIONS = {"MULTI", "EXEC", "WATCH", "UNWATCH", "DISCARD"}
ABOUT_ITSELF = {"CLIENT", "INFO", "CONFIG", "COMMAND", "ACL", "MODULE"}
LITTLE = {
    "no CLIENT": {"CLIENT"},
    "nothing about itself": ABOUT_ITSELF,
    "no sizes": {"MEMORY", "OBJECT", "DBSIZE"},
    "no SCAN": {"SCAN"},
    "no TYPE": {"TYPE"},
    "no scripts": SCRIPTS,
    "a proxy": {
        *ABOUT_ITSELF,
        *SCRIPTS,
        "SELECT",
        "MEMORY",
        "OBJECT",
        "DBSIZE",
        "PUBSUB",
        "SUBSCRIBE",
        "PSUBSCRIBE",
    },
}


@pytest.fixture(params=[(without, way) for without in LITTLE for way in REFUSALS], ids="-".join)
def poor(one_server, request):
    without, way = request.param
    with one_server.client() as client:
        client.geoadd("locations", (*work.PARIS, "ici", 2.36, 48.86, "là"))
        for number in range(3):
            client.set(f"vehicule:{number}", position(48.0 + number, 2.0))
    # Such proxies speak RESP2: without HELLO no server tells of changes.
    proxy = PoorProxy((one_server.host, one_server.port), LITTLE[without] | {"HELLO"}, way)
    settings = replace(one_server.settings(), port=proxy.port)
    server = Server(settings)
    server.lacks = LITTLE[without]
    yield server
    server.close()
    proxy.close()


def needs(server, command, work_of):
    """What it gives; where the server lacks the command, that a failure says so, and None."""
    if command not in server.lacks:
        return work_of()
    with pytest.raises((StoreError, exceptions.RedisError)) as refused:
        work_of()
    failure = classify(refused.value)
    assert failure.kind is FailureKind.NO_RIGHTS or f"unknown command '{command}'" in failure.words
    return None


def test_a_feed_of_keys_follows_the_vehicles(poor, one_server):
    spec = {"pattern": "vehicule:*"}
    if "SCAN" in poor.lacks:
        feed = Watched(poor.settings, **spec).feed
        failure = wait_failure(feed)
        assert failure.words
        return
    with Watched(poor.settings, **spec) as watched, one_server.client() as client:
        watched.until(lambda fixes: len(fixes) == 3)
        client.set("vehicule:1", position(47.0, 2.0))
        watched.until(lambda fixes: fixes["1"].lat == 47.0)


def wait_failure(feed):
    from tests.support.positions import wait_for

    try:
        return wait_for(lambda: feed.status().failure)
    finally:
        feed.stop()


def test_a_feed_of_a_set_follows_its_members(poor, one_server):
    with Watched(poor.settings, kind="geoset", pattern="locations") as watched, one_server.client() as client:
        watched.until(lambda fixes: set(fixes) == {"ici", "là"})
        client.geoadd("locations", (2.0, 47.0, "ici"))
        watched.until(lambda fixes: abs(fixes["ici"].lat - 47.0) < 1e-4)


def test_a_look_and_find_positions_find_them(poor):
    found = needs(poor, "TYPE" if "TYPE" in poor.lacks else "SCAN", lambda: find_positions(poor.settings))
    if found is not None:
        assert {p.spec.pattern for p in found.proposals} >= {"vehicule:*"}
        assert len(snapshot(poor.settings, FeedSpec(pattern="vehicule:*")).fixes) == 3
    assert len(snapshot(poor.settings, FeedSpec(kind="geoset", pattern="locations")).fixes) == 2


def test_positions_are_published(poor, one_server):
    assert publish(poor, [PositionReport(1.8e9, "7", 2.0, 48.0, {})], stream="flux:vehicules").count == 1
    with one_server.client() as client:
        assert client.exists("vehicule:7") and client.xlen("flux:vehicules") == 1


def test_a_set_is_searched_listed_and_exported(poor):
    assert work.members_near_paris(poor) == sorted([b"ici", "là".encode()])
    assert sum(len(block.members) for block in export.members(poor, b"locations")) == 2
    found = needs(poor, "SCAN", lambda: list(sets.find(poor)))
    assert found is None or [geo.key for geo in found] == [b"locations"]


def test_jobs_are_sent_worked_and_seen(poor):
    queue = JobQueue(poor)
    batch = send(queue, squares(6))
    consumer = Consumer(queue, "w-1")
    consumer.beat("{}", [])
    got = consumer.fetch(6)
    assert len(got) == 6
    consumer.finish([Done(delivery, Code.COMPUTED, "5") for delivery in got])
    [state] = queue.batches()
    assert (state.id, state.computed, state.finished) == (batch, 6, True)
    assert len(job_lines(queue, state, 0, 10, queue.workers())) and len(queue.workers()) == 1
