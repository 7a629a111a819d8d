"""What the door offers is the same on a Valkey cluster and on a Redis cluster."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis.crc import key_slot

from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError
from redis_geo_plugin.core.redis.probing import probe
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import Deployment
from tests.support import work
from tests.support.positions import Watched, position


@pytest.fixture
def ours(each_cluster):
    made = Server(each_cluster.settings())
    yield made
    made.close()


def test_keys_are_written_found_read_and_deleted_on_all_nodes(each_cluster, ours):
    with each_cluster.client() as client:
        for number in range(300):
            client.set(f"k:{number}", number)
    keys = [b"k:%d" % number for number in range(300)]
    assert sorted(set(ours.scan("k:*"))) == sorted(keys)
    assert ours.mget([*keys, b"none"]) == [b"%d" % number for number in range(300)] + [None]
    assert ours.unlink(keys) == 300 and not list(ours.scan("k:*"))


def test_the_cache_and_its_surveys_work(each_cluster, ours):
    first, results = work.buffers(ours, count=40)
    again, same = work.buffers(ours, count=40)
    assert (first.stored, again.hits) == (40, 40) and work.right(results) and work.right(same)
    assert namespaces.survey(ours) and survey(ours).looked


def test_the_test_of_a_connection_knows_both_sides(each_cluster):
    found = probe(each_cluster.settings())
    assert found.failure is None and found.product == (
        "Valkey" if each_cluster.flavour == "valkey" else "Redis"
    )
    single = replace(each_cluster.settings(), deployment=Deployment.SINGLE, nodes=())
    assert probe(single).clustered


def test_a_locked_connection_changes_nothing(each_cluster):
    locked = Server(replace(each_cluster.settings(), production=True))
    try:
        with pytest.raises(StoreError) as refused:
            locked.bulk.set("x", 1)
        assert refused.value.failure.kind is FailureKind.PRODUCTION
        with pytest.raises(StoreError):
            locked.bulk.pipeline().set("x", 1)
    finally:
        locked.close()
    with each_cluster.client() as client:
        assert client.dbsize() == 0


@pytest.mark.parametrize("flavour", ["valkey", "redis8"])
@pytest.mark.parametrize("kind", ["unknown-endpoint", "hostname"])
def test_a_node_that_knows_no_name_of_its_own_is_reached_as_it_was(make_cluster, flavour, kind):
    """NULL, or ``?`` where a host name is preferred and none is known; also in what MOVED and ASK name."""
    cluster = make_cluster("--cluster-preferred-endpoint-type", kind, flavour=flavour)
    server = Server(cluster.settings())
    keys = [b"vehicule:%d" % number for number in range(30)]
    with Watched(cluster.settings()) as watched:
        for number, key in enumerate(keys):
            server.bulk.set(key, position(40.0 + number / 10))
        watched.until(lambda fixes: len(fixes) == 30)
        assert len(set(server.scan("vehicule:*"))) == 30
        for turn, key in enumerate(keys[:6]):
            cluster.move_slot(key_slot(key), cluster.nodes[turn % 3])
            server.bulk.set(key, position(50.0))
            assert b"50.0" in server.mget(keys)[turn]
            report, results = work.buffers(server, count=30)
            assert report.failure is None and work.right(results)
        watched.until(lambda fixes: all(abs(fixes[str(n)].lat - 50.0) < 1e-9 for n in range(6)), 20.0)
    server.close()
