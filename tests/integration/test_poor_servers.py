"""Servers as they are sold: what a proxy does not know or a user may not do is done without, with a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redis_geo_plugin.core.admin.health import read_health
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces
from redis_geo_plugin.core.redis.failures import FailureKind
from redis_geo_plugin.core.redis.probing import probe
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from tests.support import work
from tests.support.cluster import RealCluster
from tests.support.poor_proxy import REFUSALS, PoorProxy
from tests.support.sentinels import RealSentinels

LITTLE = {
    "nothing missing": set(),
    "no CLIENT": {"CLIENT"},
    "no INFO": {"INFO"},
    "no CLIENT, no INFO, no CONFIG": {"CLIENT", "INFO", "CONFIG"},
    "no SCAN": {"SCAN"},
    "no MEMORY": {"MEMORY"},
    "no TYPE": {"TYPE"},
    "no TYPE, no TTL, no GETRANGE, no MEMORY": {"TYPE", "PTTL", "GETRANGE", "MEMORY"},
    "twemproxy": {
        "CLIENT",
        "INFO",
        "CONFIG",
        "SCAN",
        "SELECT",
        "HELLO",
        "MEMORY",
        "DBSIZE",
        "SCRIPT",
        "COMMAND",
        "OBJECT",
    },
}


@pytest.fixture
def poor(one_server, request):
    without, way = request.param
    proxy = PoorProxy((one_server.host, one_server.port), LITTLE[without], way)
    server = Server(replace(one_server.settings(), port=proxy.port))
    yield server, proxy
    server.close()
    proxy.close()


EVERY = pytest.mark.parametrize(
    "poor", [(without, way) for without in LITTLE for way in REFUSALS], indirect=True, ids="-".join
)


@EVERY
def test_it_is_connected_to(poor):
    server, _ = poor
    found = probe(server.settings, 5.0)
    assert found.failure is None
    assert server.interactive.set("a", b"1") and server.interactive.get("a") == b"1"


@EVERY
def test_the_cache_works(poor):
    server, proxy = poor
    report, results = work.buffers(server, count=10, seed=1)
    assert report.failure is None and work.right(results, 1)
    again, results = work.buffers(server, count=10, seed=1)
    assert again.hits == 10 and work.right(results, 1)
    if b"SCAN" not in proxy._without:
        [found] = namespaces.survey(server)
        assert found.entries == 10 and (found.bytes is None) == (b"MEMORY" in proxy._without)


@EVERY
def test_the_figures_say_what_cannot_be_asked(poor):
    server, proxy = poor
    server.bulk.set("a", b"1")
    health = read_health(server)
    assert ("INFO" in health.refused) == (b"INFO" in proxy._without)
    assert ("CONFIG GET" in health.refused) == (b"CONFIG" in proxy._without)
    found = survey(server)
    for command in ("SCAN", "TYPE", "PTTL", "MEMORY USAGE"):
        wanted = command == "SCAN" or b"SCAN" not in proxy._without
        assert (command in found.refused) == (wanted and command.split()[0].encode() in proxy._without)
    assert server.interactive.ping()


@pytest.mark.parametrize("kind", ["interactive", "cache", "bulk"])
@pytest.mark.parametrize("poor", [("no TYPE, no TTL, no GETRANGE, no MEMORY", "closes")], indirect=True)
def test_a_pipeline_goes_on_without_what_the_server_closes_at(poor, kind):
    server, proxy = poor
    client = getattr(server, kind)
    client.set("a", b"1")
    for _ in range(2):
        with client.pipeline(transaction=False) as pipeline:
            for _ in range(200):  # so many that the connection is reset before the first answers are read
                pipeline.type("a").get("a").execute_command("MEMORY USAGE", "a").pttl("a")
            replies = pipeline.execute(raise_on_error=False)
        assert replies[1::4] == [b"1"] * 200
        assert all(
            "closes the connection" in str(reply) for reply in replies[0::4] + replies[2::4] + replies[3::4]
        )
    assert all(proxy.refused.count(name) <= 3 for name in ("TYPE", "PTTL", "MEMORY")), proxy.refused


@pytest.mark.parametrize("kind", ["interactive", "cache", "bulk"])
def test_a_pipeline_that_writes_is_not_sent_again(one_server, kind):
    """By the plugin: redis-py sends it again where the client may retry."""
    with_closing = PoorProxy((one_server.host, one_server.port), {"TYPE"}, "closes")
    server = Server(replace(one_server.settings(), port=with_closing.port))
    client = getattr(server, kind)
    with client.pipeline(transaction=False) as pipeline:
        pipeline.incr("count").type("count")
        with pytest.raises(exceptions.ConnectionError):
            pipeline.execute()
    retries = {"interactive": 0, "cache": 1, "bulk": 2}[kind]
    assert int(server.bulk.get("count")) == 1 + retries
    server.close()
    with_closing.close()


def test_a_cluster_behind_a_proxy_that_closes():
    cluster = RealCluster(1)
    node = cluster.nodes[0]
    proxy = PoorProxy((node.host, node.port), {"CLIENT", "TYPE", "MEMORY", "DBSIZE"}, "closes")
    with node.client() as client:
        client.config_set("cluster-announce-port", proxy.port)
        client.set("vehicule:1", b"x")
    server = Server(replace(cluster.settings(), port=proxy.port))
    found = survey(server)
    assert {"TYPE", "MEMORY USAGE", "DBSIZE"} <= set(found.refused) and found.looked == 1
    with pytest.raises(exceptions.ResponseError, match="closes the connection"):
        server.interactive.type("vehicule:1")
    assert server.bulk.get("vehicule:1") == b"x"
    server.close()
    proxy.close()
    cluster.close()


def test_a_user_without_the_right_to_client_is_connected(one_server):
    with one_server.client() as client:
        client.execute_command("ACL", "SETUSER", "narrow", "on", ">pw", "~*", "+@all", "-client")
    settings = replace(one_server.settings(), username="narrow", password="pw")
    assert probe(settings, 5.0).failure is None
    server = Server(settings)
    assert server.bulk.set("a", b"1")
    server.close()


def test_a_connection_still_has_a_name_where_it_may(one_server):
    server = Server(one_server.settings())
    server.interactive.ping()
    with one_server.client() as client:
        assert any(c["name"] == "redis-geo" for c in client.client_list())
    server.close()


@pytest.fixture(scope="module")
def guarded():
    """Sentinels that want a password of their own."""
    real = RealSentinels(password="only-sentinels")
    yield real
    real.close()


def test_sentinels_with_a_password_are_reached(guarded):
    settings = guarded.settings(sentinel_password="only-sentinels")
    found = probe(settings, 5.0)
    assert found.failure is None, found.failure
    server = Server(settings)
    assert server.bulk.set("a", b"1")
    server.close()


@pytest.mark.parametrize("password", ["", "wrong"])
def test_sentinels_that_refuse_the_sign_in_say_so(guarded, password):
    found = probe(guarded.settings(sentinel_password=password))
    assert found.failure is not None and found.failure.kind is FailureKind.SENTINEL_SIGN_IN


def test_a_service_that_the_sentinels_do_not_know(guarded):
    settings = replace(guarded.settings(sentinel_password="only-sentinels"), service="nobody")
    assert probe(settings, 5.0).failure.kind is FailureKind.NO_SERVICE
