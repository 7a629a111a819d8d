"""The server's figures, its tree of keys and the changes an administrator may make, on real servers."""

from __future__ import annotations

import json

import pytest

from redis_geo_plugin.core.admin import key_families
from redis_geo_plugin.core.admin import survey as survey_module
from redis_geo_plugin.core.admin.health import read_health
from redis_geo_plugin.core.admin.maintenance import Maintenance
from redis_geo_plugin.core.admin.protection import Light, Risk, judge
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces, recents
from redis_geo_plugin.core.geo.fill import Loader, Mode
from redis_geo_plugin.core.jobs.model import Descriptor
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.live.publish import publish
from redis_geo_plugin.core.redis import production
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError
from redis_geo_plugin.core.redis.server import open_server
from tests.support import work
from tests.support.stored import result

SHA = "ab" * 32
WHEN = "2026-01-01T00:00:00"


def fill(client, prefix=""):
    """120 results, 20 of them without a TTL, 50 positions, a GEO set, the list of jobs, and foreign keys."""
    with client.pipeline(transaction=False) as pipeline:
        for n in range(120):
            key = f"{prefix}calculs:buffers:defaut:{n:064x}"
            pipeline.set(key, result(key, 2000), ex=3600 if n >= 20 else None)
        for n in range(50):
            pipeline.set(
                f"{prefix}vehicule:{n}", json.dumps({"latitude": n, "longitude": 1, "timestamp": WHEN}), ex=30
            )
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
    assert health.keys == 472
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
        admin.execute_command(
            "ACL", "SETUSER", "viewer", "on", ">pw", "~*", "+@read", "+@connection", "-memory|usage"
        )
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
    assert list(found.root.children)[:2] == [
        "calculs",
        "vehicule",
    ]  # the plugin's own before the larger foreign one
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
            client.mset(
                {
                    key: result(key)
                    for key in (f"calculs:buffers:a:{n:064x}" for n in range(start, start + 10_000))
                }
            )
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
    assert Maintenance(server).purge(b"calculs:buffers:").ours == 120
    with one_server.client() as client:
        assert client.dbsize() == 2 * 472 - 120


def test_ttl_and_purge_stay_within_the_namespace(server):
    with server.client() as client:
        fill(client)
        client.set("calculs:buffers:defaut:notes", "not a result")
        client.set("calculs:buffers:autre:" + SHA, result(SHA))
        maintenance = Maintenance(open_server(server.settings()))
        assert maintenance.count(b"calculs:buffers:defaut:").ours == 120
        assert maintenance.expire(b"calculs:buffers:defaut:", 600, only_without=True).ours == 20
        assert client.ttl(f"calculs:buffers:defaut:{0:064x}") in range(590, 601)
        assert client.ttl(f"calculs:buffers:defaut:{119:064x}") > 3000
        assert maintenance.expire(b"calculs:buffers:defaut:", 600).ours == 120
        assert client.ttl(f"calculs:buffers:defaut:{119:064x}") <= 600
        before = client.dbsize()
        assert maintenance.purge(b"calculs:buffers:defaut:").ours == 120
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
    assert not key_families.changeable(prefix)


def test_patterns_in_a_name_are_taken_literally(one_server):
    with one_server.client() as client:
        position = json.dumps({"latitude": 1, "longitude": 2, "timestamp": WHEN})
        client.mset({"vehicule:a*:1": position, "vehicule:ab:1": position})
        assert Maintenance(open_server(one_server.settings())).purge(b"vehicule:a*:").ours == 1
        assert client.exists("vehicule:ab:1")


def test_others_keys_that_are_named_as_the_plugins_are_not_touched(server):
    """A database of vehicles: rows, sets, streams and documents beside the positions."""
    with server.client() as client:
        client.set("vehicle:1", json.dumps({"latitude": 48.0, "longitude": 2.0, "timestamp": WHEN}))
        client.set("vehicle:2", json.dumps({"brand": "Renault", "owner": "Ana"}))
        client.set("vehicle:3", "not json")
        client.set("vehicle:11", json.dumps({"latitude": 48.0, "longitude": 2.0, "make": "Renault"}))
        client.set("vehicle:12", json.dumps({"latitude": 48.0, "longitude": 2.0, "timestamp": 1.8e9}))
        client.set("vehicle:4", json.dumps({"latitude": 480.0, "longitude": 2.0}))
        client.set("vehicle:5", json.dumps({"latitude": 48.0, "longitude": 2.0, "text": "x" * 70_000}))
        client.hset("vehicle:6", mapping={"latitude": 48.0, "longitude": 2.0})
        client.sadd("vehicle:7", "a")
        client.zadd("vehicle:8", {"a": 1})
        client.xadd("vehicle:9", {"latitude": 48.0})
        client.lpush("vehicle:10", "a")
        client.hset(f"calculs:buffers:defaut:{SHA}", "a", "b")
        before = {key: client.dump(key) for key in client.scan_iter() if key != b"vehicle:1"}
        opened = open_server(server.settings())
        maintenance = Maintenance(opened)
        assert maintenance.count(b"vehicle:").ours == 1
        assert maintenance.expire(b"vehicle:", 600).ours == 1 and client.ttl("vehicle:1") > 0
        found = survey(opened)
        assert [key.name for key in found.root.known() if key.ours] == [b"vehicle:1"]
        assert found.unexpiring == []
        assert maintenance.purge(b"vehicle:").ours == 1
        assert maintenance.count(b"calculs:buffers:").ours == 0
        assert {key: client.dump(key) for key in client.scan_iter()} == before


@pytest.fixture
def production_server(one_server):
    yield one_server.settings(production=True)
    production.allow("test", False)


def test_production_is_read_only_until_allowed(one_server, production_server):
    with one_server.client() as client:
        fill(client)
        server = open_server(production_server)
        before = client.dbsize()
        assert Maintenance(server).count(b"vehicule:").ours == 50
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
        assert Maintenance(server).purge(b"vehicule:").ours == 50
        report, _ = work.buffers(server)
        assert (report.stored, report.failure) == (60, None)


def test_a_cluster_is_added_up(make_cluster):
    cluster = make_cluster()
    with cluster.client() as client:
        for n in range(90):
            client.set(f"calculs:buffers:defaut:{n:064x}", result(f"{n:064x}"), ex=60)
    server = open_server(cluster.settings())
    health = read_health(server)
    assert (health.nodes, health.keys) == (3, 90)
    found = survey(server)
    assert (found.total, found.looked, found.nodes_away) == (90, 90, 0)
    assert node(found, "calculs", "buffers", "defaut").mean_size() > 100
    assert Maintenance(server).purge(b"calculs:buffers:defaut:").ours == 90


def test_the_size_of_a_namespace_does_not_hang_on_which_of_its_values_are_looked_at(server):
    """Some shapes are a thousand times larger than others: of hundreds of results, each is measured."""
    from redis_geo_plugin.core.cache import namespaces

    with server.client() as client:
        names = [f"calculs:buffers:essai:{i:064x}" for i in range(300)]
        for i, name in enumerate(names):
            client.set(name, result(name, 500_000 if i % 60 == 0 else 100))
        real = sum(client.memory_usage(name, samples=0) for name in names)
    opened = open_server(server.settings())
    assert [[entry.bytes for entry in namespaces.survey(opened)] for _ in range(3)] == 3 * [[real]]


def test_sizes_are_exact_where_every_key_was_measured_and_estimates_say_so(one_server, monkeypatch):
    many = survey_module.CLOSE_PER_BRANCH + 50
    with one_server.client() as client:
        for i in range(many):
            client.set(f"calculs:buffers:defaut:{i:064x}", result(f"{i:064x}", 10 + 40 * i))
        client.geoadd("locations", (2.0, 48.0, "a"))
        real = sum(client.memory_usage(key, samples=0) for key in client.scan_iter("calculs:*"))
    found = survey(open_server(one_server.settings()))
    results = node(found, "calculs", "buffers", "defaut")
    assert results.bytes(found.scale) == real and results.is_exact(found.scale)
    shares = {share.name: share for share in found.biggest()}
    assert shares[b"calculs:buffers:defaut:"].exact and not shares[b"locations"].exact
    assert not found.root.is_exact(found.scale), "of a set the server measures some members"
    monkeypatch.setattr(survey_module, "MOST_CLOSE", 100)
    few = survey(open_server(one_server.settings()))
    branch = node(few, "calculs", "buffers", "defaut")
    assert few.complete and branch.seen == many and not branch.is_exact(few.scale)


def test_the_sizes_of_the_cache_s_namespaces_say_whether_they_are_exact(one_server, monkeypatch):
    with one_server.client() as client:
        for i in range(30):
            client.set(f"calculs:buffers:defaut:{i:064x}", result(f"{i:064x}", 10 + 40 * i))
        real = sum(client.memory_usage(key, samples=0) for key in client.scan_iter("calculs:*"))
        client.execute_command("ACL SETUSER viewer on >pw ~* &* +@all -memory")
    (entry,) = namespaces.survey(open_server(one_server.settings()))
    assert entry.exact and entry.bytes == real
    (unknown,) = namespaces.survey(open_server(one_server.settings(username="viewer", password="pw")))
    assert unknown.bytes is None and not unknown.exact and unknown.entries == 30
    monkeypatch.setattr(namespaces, "_SAMPLE", 10)
    (estimate,) = namespaces.survey(open_server(one_server.settings()))
    assert not estimate.exact and estimate.bytes > 0
    with one_server.client() as client:
        client.execute_command("ACL DELUSER viewer")


def test_the_mean_of_a_result_is_told_for_each_operation(one_server):
    with one_server.client() as client:
        for i in range(5):
            client.set(f"calculs:buffers:a:{i:064x}", result(f"{i:064x}"))
            client.set(f"calculs:fusions:a:{i:064x}", result(f"{i:064x}", 100_000))
    means = survey(open_server(one_server.settings())).mean_results()
    assert set(means) == {"buffer", "dissolve"} and means["dissolve"] > 300 * means["buffer"]


@pytest.mark.parametrize("way", ["namespace", "branch"])
def test_the_runs_whose_results_were_purged_leave_the_list(one_server, way):
    server = open_server(one_server.settings())
    runs = {"a": ("buffer", "one"), "b": ("buffer", "two"), "c": ("dissolve", "one")}
    with server.bulk.pipeline(transaction=False) as pipeline:
        for letter, (operation, namespace) in runs.items():
            run = letter.encode() * 8
            text = json.dumps(
                {
                    "who": "Ada",
                    "when": 1.0,
                    "operation": operation,
                    "namespace": namespace,
                    "total": 1,
                    "computed": 1,
                }
            )
            recents.describe(pipeline, server, run, text)
            pipeline.zadd(server.key(recents.LIST), {run.hex(): 1.0})
        pipeline.execute()
    server.bulk.set(server.key(f"calculs:buffers:one:{'0' * 64}"), result("0" * 64))
    if way == "namespace":
        assert namespaces.purge(server, "one", "buffer").ours == 1
    else:
        assert Maintenance(server).purge(b"calculs:buffers:one:").ours == 1
    assert {(run.operation, run.namespace) for run in recents.recent(server)} == {
        ("buffer", "two"),
        ("dissolve", "one"),
    }
    assert not server.bulk.exists(server.key(f"{recents.LIST}:{(b'a' * 8).hex()}"))
    namespaces.purge(server, "")
    assert recents.recent(server) == []
