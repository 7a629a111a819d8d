"""Values of others under names that look like the plugin's: of every type, they are counted as others', and neither
given a TTL nor deleted, whichever way."""

from __future__ import annotations

import json

import pytest

from redis_geo_plugin.core.admin.export import entries
from redis_geo_plugin.core.admin.maintenance import Maintenance
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces
from redis_geo_plugin.core.cache.written import Tally
from redis_geo_plugin.core.live.publish import PositionReport, position_json, publish
from redis_geo_plugin.core.redis.failures import FailureKind, classify
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.registry import REGISTERED
from redis_geo_plugin.core.watch import Watch
from tests.support import work
from tests.support.stored import result

FAMILIES = [one.family for one in REGISTERED] + [one.english_family for one in REGISTERED]
POSITION = PositionReport(1.8e9, "1", 2.3, 48.8, {"speed": 3.5})


def put_foreign(client, name):
    """One value of each type under names that this function gives; returns how many."""
    sha = [f"{n:02x}" * 32 for n in range(16, 28)]
    client.set(name(sha[0]), b"somebody's file")
    client.set(name(sha[1]), result(sha[2]))  # a result, but of another key
    client.set(name(sha[3]), result(sha[3])[:-1])
    client.setbit(name(sha[4]), 7, 1)
    client.pfadd(name(sha[5]), "a")
    client.hset(name(sha[6]), mapping={"latitude": 48.8, "longitude": 2.3, "resultat": "POINT (1 2)"})
    client.sadd(name(sha[7]), "a")
    client.zadd(name(sha[8]), {"a": 1})
    client.geoadd(name(sha[9]), (2.3, 48.8, "a"))
    client.rpush(name(sha[10]), position_json(POSITION, 1.8e9))
    client.xadd(name(sha[11]), {"latitude": 48.8})
    return len(sha) - 1


def contents(client):
    return {key: (client.dump(key), client.ttl(key)) for key in client.scan_iter()}


@pytest.mark.parametrize("family", FAMILIES)
def test_results(server, family):
    mine = [f"{n:064x}" for n in range(5)]
    with server.client() as client:
        foreign = put_foreign(client, lambda sha: f"{family}:x:{sha}")
        client.set(f"{family}:x:notes", "a")
        foreign += 1
        others = contents(client)
        client.mset({f"{family}:x:{sha}": result(sha) for sha in mine})
    opened = open_server(server.settings())
    prefix = f"{family}:x:".encode()
    assert Maintenance(opened).count(prefix) == Tally(5, foreign)
    assert Maintenance(opened).expire(prefix, 600) == Tally(5, foreign)
    assert sorted(key.name[-64:].decode() for key in survey(opened).root.known() if key.ours) == mine
    assert {entry.name[-64:].decode() for entry in entries(opened, prefix, Watch())} == set(mine)
    assert Maintenance(opened).purge(prefix) == Tally(5, foreign)
    with server.client() as client:
        assert contents(client) == others


@pytest.mark.parametrize("prefix", ["vehicule", "vehicle"])
def test_positions(server, prefix):
    with server.client() as client:
        foreign = put_foreign(client, lambda sha: f"{prefix}:{sha}")
        row = {"latitude": 48.8, "longitude": 2.3, "timestamp": "2026-01-01T00:00:00"}
        others = (
            json.dumps(row, separators=(",", ":")),
            json.dumps({"plate": "AB 12", **row}),
            json.dumps({**row, "timestamp": 1.8e9}),
            json.dumps({**row, "note": "x" * 70_000}),
            "x" * 20_000_000,
        )
        client.mset({f"{prefix}:other {n}": text for n, text in enumerate(others)})
        foreign += len(others)
        before = contents(client)
    opened = open_server(server.settings())
    reports = [PositionReport(1.8e9, f"bus {n}", 2.3, 48.8, {"line": "é"}) for n in range(7)]
    assert publish(opened, reports, prefix, ttl=0).count == 7
    start = f"{prefix}:".encode()
    assert Maintenance(opened).count(start) == Tally(7, foreign)
    assert Maintenance(opened).expire(start, 600, only_without=True) == Tally(7, foreign)
    assert sum(key.ours for key in survey(opened).root.known()) == 7
    assert Maintenance(opened).purge(start) == Tally(7, foreign)
    with server.client() as client:
        assert contents(client) == before


def test_the_cache_s_own_counts_and_purges(server):
    report, _ = work.buffers(open_server(server.settings()), count=30)
    with server.client() as client:
        foreign = put_foreign(client, lambda sha: f"calculs:buffers:{work.NAMESPACE}:{sha}")
        before = {key: told for key, told in contents(client).items() if client.type(key) != b"string"}
    opened = open_server(server.settings())
    assert [found.entries for found in namespaces.survey(opened)] == [report.stored]
    assert namespaces.count(opened, work.NAMESPACE) == Tally(30, foreign)
    assert namespaces.purge(opened, "") == Tally(30, foreign)
    with server.client() as client:
        left = contents(client)
        assert before.keys() <= left.keys() and sum(b"calculs:buffers" in key for key in left) == foreign


def test_on_clusters(each_cluster):
    with each_cluster.client() as client:
        foreign = put_foreign(client, lambda sha: f"calculs:buffers:x:{sha}")
        for n in range(50):
            client.set(f"calculs:buffers:x:{n:064x}", result(f"{n:064x}"))
    opened = open_server(each_cluster.settings())
    assert namespaces.count(opened, "x") == Tally(50, foreign)
    assert Maintenance(opened).purge(b"calculs:buffers:x:") == Tally(50, foreign)


def test_a_user_who_may_not_read_values_is_told_so_and_nothing_is_touched(make_server):
    real = make_server("redis")
    with real.client() as client:
        client.set(f"calculs:buffers:x:{'ab' * 32}", result("ab" * 32))
        client.execute_command("ACL", "SETUSER", "blind", "on", ">pw", "~*", "+@all", "-getrange", "-get")
        blind = open_server(real.settings(username="blind", password="pw"))
        for way in (Maintenance(blind).count, Maintenance(blind).purge):
            with pytest.raises(Exception) as refused:
                way(b"calculs:buffers:")
            assert classify(refused.value).kind is FailureKind.NO_RIGHTS
        assert client.dbsize() == 1


def test_many_keys_take_a_few_round_trips(one_server):
    count = 50_000
    with one_server.client() as client:
        for start in range(0, count, 10_000):
            names = (f"calculs:buffers:x:{n:064x}" for n in range(start, start + 10_000))
            client.mset({name: result(name) if start else b"foreign" for name in names})
        client.config_resetstat()
        opened = open_server(one_server.settings())
        assert Maintenance(opened).count(b"calculs:buffers:x:") == Tally(40_000, 10_000)
        calls = client.info("commandstats")
        assert calls["cmdstat_getrange"]["calls"] == count == calls["cmdstat_strlen"]["calls"]
        assert client.info("stats")["total_net_output_bytes"] < 20_000_000
