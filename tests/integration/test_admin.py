"""The server's figures, its tree of keys and the changes an administrator may make, on real servers."""

from __future__ import annotations

import json

import pytest

from redis_geo_plugin.core import production
from redis_geo_plugin.core.admin import own
from redis_geo_plugin.core.admin.health import read_health
from redis_geo_plugin.core.admin.maintenance import Maintenance
from redis_geo_plugin.core.admin.protection import Light, Risk, judge
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces
from redis_geo_plugin.core.failures import FailureKind, StoreError
from redis_geo_plugin.core.geo.fill import Loader, Mode
from redis_geo_plugin.core.jobs.model import Descriptor
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.live.publish import publish
from redis_geo_plugin.core.server import open_server
from tests.support import work

SHA = "ab" * 32


def fill(client, prefix=""):
    """120 results, 20 of them without a TTL, 50 positions, a GEO set, the list of jobs, and foreign keys."""
    with client.pipeline(transaction=False) as pipeline:
        for n in range(120):
            key = f"{prefix}calculs:buffers:defaut:{n:064x}"
            pipeline.set(key, b"x" * 2000, ex=3600 if n >= 20 else None)
        for n in range(50):
            pipeline.set(f"{prefix}vehicule:{n}", json.dumps({"latitude": n, "longitude": 1}), ex=30)
        for n in range(300):
            pipeline.set(f"{prefix}session:{n}:jeton", "y")
        pipeline.execute()
    client.geoadd(f"{prefix}locations", (-73.96, 40.78, "Central Park"))
    client.lpush(f"{prefix}taches_spatiales", "{}")


def node(survey_, *path):
    found = survey_.root
    for name in path:
        found = found.children[name]
    return found


def test_figures(server):
    with server.client() as client:
        client.config_set("maxmemory", "64mb")
        client.config_set("maxmemory-policy", "volatile-ttl")
        fill(client)
        client.get("vehicule:1"), client.get("no such key")
        health = read_health(open_server(server.settings()))
        info = client.info()
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")
    assert health.limit == 64 * 1024 * 1024
    assert abs(health.used - info["used_memory"]) < 2_000_000
    assert health.full == health.used / health.limit
    assert (health.keys, health.expiring) == (472, 150)
    assert (health.hits, health.misses) == (info["keyspace_hits"], info["keyspace_misses"])
    assert health.hits >= 1 and health.misses >= 1
    assert health.clients >= 1 and health.max_clients > 0 and health.latency_ms > 0
    assert health.snapshots is False and health.log_on_disk is False and health.refused == ()


def test_protection_follows_the_settings(make_server):
    server = make_server("valkey")
    opened = open_server(server.settings())

    def verdict(**settings):
        with server.client() as client:
            for name, value in settings.items():
                client.config_set(name.replace("_", "-"), value)
        return judge(read_health(opened))

    assert verdict().risks == (Risk.NOTHING_ON_DISK,)
    assert verdict(save="60 1").light is Light.PARTLY
    assert verdict(appendonly="yes").light is Light.PROTECTED
    evicts = verdict(maxmemory="100mb", maxmemory_policy="allkeys-lru")
    assert (evicts.light, evicts.risks) == (Light.NOT_PROTECTED, (Risk.EVICTS_ALL,))
    full = verdict(maxmemory_policy="noeviction", maxmemory="1mb")
    assert full.risks == (Risk.WRITES_STOP,)


def test_rights_that_are_missing_are_named_and_nothing_fails(make_server):
    server = make_server("redis")
    with server.client() as admin:
        fill(admin)
        admin.execute_command("ACL", "SETUSER", "viewer", "on", ">pw", "~*", "+@read", "+@connection", "-memory|usage")
    opened = open_server(server.settings(username="viewer", password="pw"))
    health = read_health(opened)
    assert health.refused == ("INFO", "CONFIG GET")
    assert judge(health).light is Light.UNKNOWN
    found = survey(opened)
    assert found.looked == 472 and "MEMORY USAGE" in found.refused
    assert node(found, "calculs", "buffers", "defaut").mean_size() == 0.0


def test_the_tree_counts_every_key_of_a_small_server(server):
    with server.client() as client:
        fill(client)
    found = survey(open_server(server.settings()))
    assert (found.total, found.looked, found.complete, found.scale) == (472, 472, True, 1.0)
    assert found.root.seen == 472
    results = node(found, "calculs", "buffers", "defaut")
    assert results.seen == 120 and results.own and results.kinds() == ["string"]
    assert 2000 < results.mean_size() < 3000
    assert list(found.root.children)[:2] == ["calculs", "vehicule"]  # the plugin's own before the larger foreign one
    assert not found.root.children["session"].own
    assert sum(n.seen for n in found.root.children["session"].children.values()) == 300
    assert len(found.root.children["session"].children) <= 40
    assert {key.kind for key in found.root.keys} == {"zset", "list"}
    biggest = found.biggest()
    assert (biggest[0].name, biggest[0].keys) == (b"calculs:buffers:defaut:", 120)
    assert biggest[0].bytes == pytest.approx(120 * results.mean_size())
    assert b"locations" in {share.name for share in biggest}


def test_lifetimes_and_what_should_expire(server):
    with server.client() as client:
        fill(client)
    found = survey(open_server(server.settings()))
    assert found.lifetimes[0] == pytest.approx(50)  # the positions, under a minute
    assert sum(found.lifetimes) + found.without_ttl == pytest.approx(472)
    [(branch, count)] = found.unexpiring
    assert branch.prefix == b"calculs:buffers:defaut:"
    assert count == pytest.approx(20)


def test_a_sample_of_many_says_what_it_is(one_server):
    with one_server.client() as client:
        for start in range(0, 60_000, 10_000):
            client.mset({f"calculs:buffers:a:{n:064x}": "v" for n in range(start, start + 10_000)})
        client.mset({f"other:{n}": "v" for n in range(20_000)})
    found = survey(open_server(one_server.settings()), most=8000)
    assert found.total == 80_000 and 8000 <= found.looked < 12_000 and not found.complete
    assert found.scale * node(found, "calculs", "buffers", "a").seen == pytest.approx(60_000, rel=0.1)


def test_a_tenant_sees_its_own_keys_only(one_server):
    with one_server.client() as client:
        fill(client, "equipe1:")
        fill(client, "equipe2:")
    server = open_server(one_server.settings(key_prefix="equipe1:"))
    found = survey(server)
    assert found.root.seen == 472 and found.looked == 944
    assert node(found, "calculs", "buffers", "defaut").prefix == b"equipe1:calculs:buffers:defaut:"
    assert Maintenance(server).purge(b"calculs:buffers:") == 120
    with one_server.client() as client:
        assert client.dbsize() == 2 * 472 - 120


def test_ttl_and_purge_stay_within_the_namespace(server):
    with server.client() as client:
        fill(client)
        client.set("calculs:buffers:defaut:notes", "not a result")
        client.set("calculs:buffers:autre:" + SHA, "v")
        maintenance = Maintenance(open_server(server.settings()))
        assert maintenance.count(b"calculs:buffers:defaut:") == 120
        assert maintenance.expire(b"calculs:buffers:defaut:", 600, only_without=True) == 20
        assert client.ttl(f"calculs:buffers:defaut:{0:064x}") in range(590, 601)
        assert client.ttl(f"calculs:buffers:defaut:{119:064x}") > 3000
        assert maintenance.expire(b"calculs:buffers:defaut:", 600) == 120
        assert client.ttl(f"calculs:buffers:defaut:{119:064x}") <= 600
        before = client.dbsize()
        assert maintenance.purge(b"calculs:buffers:defaut:") == 120
        assert client.dbsize() == before - 120
        assert client.exists("calculs:buffers:defaut:notes", "calculs:buffers:autre:" + SHA, "locations") == 3


@pytest.mark.parametrize(
    "prefix", [b"", b"calculs:", b"session:", b"locations", b"taches_spatiales", b"*", b"vehicule"]
)
def test_what_is_not_the_plugins_cannot_be_changed(one_server, prefix):
    with one_server.client() as client:
        fill(client)
        before = client.dbsize()
        maintenance = Maintenance(open_server(one_server.settings()))
        for change in (maintenance.purge, maintenance.count, lambda p: maintenance.expire(p, 10)):
            with pytest.raises(ValueError):
                change(prefix)
        assert client.dbsize() == before
    assert not own.changeable(prefix)


def test_patterns_in_a_name_are_taken_literally(one_server):
    with one_server.client() as client:
        client.mset({"vehicule:a*:1": "v", "vehicule:ab:1": "v"})
        assert Maintenance(open_server(one_server.settings())).purge(b"vehicule:a*:") == 1
        assert client.exists("vehicule:ab:1")


@pytest.fixture
def production_server(one_server):
    yield one_server.settings(production=True)
    production.allow("test", False)


def test_production_is_read_only_until_allowed(one_server, production_server):
    with one_server.client() as client:
        fill(client)
        server = open_server(production_server)
        before = client.dbsize()
        assert Maintenance(server).count(b"vehicule:") == 50
        changes = (
            lambda: Maintenance(server).purge(b"vehicule:"),
            lambda: Maintenance(server).expire(b"vehicule:", 10),
            lambda: namespaces.purge(server, "defaut"),
            lambda: publish(server, []),
            lambda: JobQueue(server).create_batch("x", Descriptor("buffer", 1, {}, "defaut", 60)),
            lambda: Loader(server, b"locations", Mode.ADD),
        )
        for change in changes:
            with pytest.raises(StoreError) as refused:
                change()
            assert refused.value.failure.kind is FailureKind.PRODUCTION
        report, results = work.buffers(server)
        assert work.right(results) and report.stored == 0 and report.failure.kind is FailureKind.PRODUCTION
        assert client.dbsize() == before
        production.allow("test", True)
        assert Maintenance(server).purge(b"vehicule:") == 50
        report, _ = work.buffers(server)
        assert (report.stored, report.failure) == (60, None)


def test_a_cluster_is_added_up(make_cluster):
    cluster = make_cluster()
    with cluster.client() as client:
        for n in range(90):
            client.set(f"calculs:buffers:defaut:{n:064x}", "v" * 100, ex=60)
    server = open_server(cluster.settings())
    health = read_health(server)
    assert (health.nodes, health.keys, health.expiring) == (3, 90, 90)
    found = survey(server)
    assert (found.total, found.looked, found.nodes_away) == (90, 90, 0)
    assert node(found, "calculs", "buffers", "defaut").mean_size() > 100
    assert Maintenance(server).purge(b"calculs:buffers:defaut:") == 90


def test_the_size_of_a_namespace_does_not_hang_on_which_of_its_values_are_looked_at(server):
    """Some shapes are a thousand times larger than others: of hundreds of results, each is measured."""
    from redis_geo_plugin.core.cache import namespaces

    with server.client() as client:
        names = [f"calculs:buffers:essai:{i:064x}" for i in range(300)]
        for i, name in enumerate(names):
            client.set(name, b"x" * (500_000 if i % 60 == 0 else 100))
        real = sum(client.memory_usage(name, samples=0) for name in names)
    opened = open_server(server.settings())
    assert [[entry.bytes for entry in namespaces.survey(opened)] for _ in range(3)] == 3 * [[real]]
