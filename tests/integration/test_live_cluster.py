"""Feeds on a real cluster: every kind of source, while slots move and nodes join."""

from __future__ import annotations

import json
import time

import pytest
from redis.crc import key_slot

from redis_geo_plugin.core.live.cluster_wires import key_of
from redis_geo_plugin.core.live.reader import reading
from redis_geo_plugin.core.live.snapshot import history, snapshot
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping
from tests.support.positions import Watched, position, stamp


@pytest.fixture
def moving(make_cluster):
    """A cluster of its own, whose slots may be moved."""
    return make_cluster("--maxmemory-policy", "noeviction")


VEHICLES = [str(i) for i in range(30)]


def write(client, lat, idents=VEHICLES):
    for ident in idents:
        client.set(f"vehicule:{ident}", position(lat))


def at(lat, idents=VEHICLES):
    return lambda fixes: all(i in fixes and abs(fixes[i].lat - lat) < 1e-9 for i in idents)


def test_vehicles_whose_slots_move_to_a_new_node_go_on(moving):
    with moving.client() as client:
        write(client, 48.0)
        with Watched(moving.settings()) as watched:
            watched.until(at(48.0))
            node = moving.join()
            for ident in VEHICLES[:10]:
                moving.move_slot(key_slot(f"vehicule:{ident}".encode()), node)
            with moving.client() as fresh:
                write(fresh, 49.0)
            watched.until(at(49.0), 20.0)
            assert watched.state == "live", watched.feed.status().failure
            reads = watched.feed.status().full_reads
            with moving.client() as fresh:  # told by the new node: none waits for the next full read
                write(fresh, 50.0)
            watched.until(at(50.0), 4.0)
            assert watched.feed.status().full_reads <= reads + 1


def test_vehicles_go_on_while_slots_move_back_and_forth(moving):
    with moving.client() as client:
        write(client, 48.0)
        with Watched(moving.settings()) as watched:
            for turn in range(6):
                slot = key_slot(f"vehicule:{turn}".encode())
                moving.move_slot(slot, moving.nodes[turn % 3])
                with moving.client() as fresh:
                    write(fresh, 48.0 + turn / 10.0)
                watched.until(at(48.0 + turn / 10.0), 15.0)
            assert not watched.refused


def test_a_vehicle_that_goes_while_its_slot_moves_leaves(moving):
    with moving.client() as client:
        write(client, 48.0)
        with Watched(moving.settings()) as watched:
            watched.until(at(48.0))
            moving.move_slot(key_slot(b"vehicule:3"), moving.nodes[0])
            moving.move_slot(key_slot(b"vehicule:3"), moving.nodes[1])
            with moving.client() as fresh:
                fresh.delete("vehicule:3")
            watched.until(lambda fixes: "3" not in fixes and len(fixes) == len(VEHICLES) - 1, 15.0)


def fill(client):
    """Five vehicles in each kind of source that a cluster can hold."""
    now = time.time()
    for i in range(5):
        client.set(f"vehicule:{i}", position(48.0 + i / 100.0))
        client.hset(f"driver:{i}", mapping={"lat": 48.0 + i / 100.0, "lon": 2.0, "last_update": now})
        client.hset("route:12", f"v{i}", json.dumps({"latitude": 48.0, "longitude": 2.0, "timestamp": now}))
        client.geoadd("cars:locations", (2.0, 48.0, f"car{i}"))
        record = {"id": f"d{i}", "latitude": 48.0, "longitude": 2.0, "recorded_at": stamp()}
        client.xadd("flux:vehicules", record)
        client.lpush(f"positions:{i}", position(48.0, when=now - 10), position(48.1, when=now))
    fleet = [{"id": f"f{i}", "latitude": 48.0, "longitude": 2.0} for i in range(5)]
    client.set("fleet", json.dumps(fleet))


KINDS = {
    "json_keys": "vehicule:*",
    "hash_keys": "driver:*",
    "hash_fields": "route:12",
    "geoset": "cars:locations",
    "stream": "flux:vehicules",
    "list_keys": "positions:*",
    "fleet_string": "fleet",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_source_is_read_and_followed(make_cluster, kind):
    cluster = make_cluster()
    spec = {"kind": kind, "pattern": KINDS[kind]}
    with cluster.client() as client:
        fill(client)
        with Watched(cluster.settings(), **spec) as watched:
            watched.until(lambda fixes: len(fixes) == 5)
            if kind == "stream":
                client.xadd(
                    "flux:vehicules", {"id": "d9", "latitude": 48, "longitude": 2, "recorded_at": stamp()}
                )
                watched.until(lambda fixes: "d9" in fixes)
        assert len(snapshot(cluster.settings(), FeedSpec(max_speed=0.0, **spec)).fixes) >= 5


def test_the_history_of_a_stream_is_read(make_cluster):
    cluster = make_cluster()
    mapping = Mapping(id="id", lon="lon", lat="lat", time="time")
    with cluster.client() as client:
        for step in range(40):
            record = {"id": "a", "lon": 2 + step / 1e4, "lat": 48, "time": time.time() - 100 + step}
            client.xadd("ways", record)
    spec = FeedSpec(kind="stream", pattern="ways", mapping=mapping)
    assert len(history(cluster.settings(), spec).way("a")) == 40


def test_replies_are_those_of_a_single_server(make_cluster, one_server):
    cluster = make_cluster()
    asked = [
        ("HGETALL", "route:12"),
        ("ZRANGE", "cars:locations", 0, -1, "WITHSCORES"),
        ("TYPE", "fleet"),
        ("STRLEN", "fleet"),
        ("LRANGE", "positions:1", 0, 0),
        ("XLEN", "flux:vehicules"),
        ("GEOPOS", "cars:locations", "car1", "nobody"),
        ("PING",),
    ]
    said = []
    for place in (cluster, one_server):
        with place.client() as client:
            fill(client)
        with reading(place.settings()) as reader:
            replies = reader.ask_many(asked)
            assert reader.ask("MGET", "fleet", "nothing")[1] is None
            assert reader.ask("DBSIZE") >= 13
            assert isinstance(reader.ask_many([("LLEN", "fleet")])[0], Exception)
            entry = reader.ask("XREVRANGE", "flux:vehicules", "+", "-", "COUNT", 1)[0]
            assert entry[1][0] == b"id"
            stream = reader.ask("XREAD", "COUNT", 1, "STREAMS", "flux:vehicules", "0")
            assert stream[0][1][0][1][0] == b"id"
        said.append([replies[k] if k in (2, 5, 7) else type(replies[k]) for k in range(len(asked))])
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("GET", "a"), b"a"),
        (("XREAD", "COUNT", 5, "STREAMS", b"s", "0"), b"s"),
        (("MEMORY", "USAGE", "m"), b"m"),
        (("PING",), None),
        ((b"get", b"\xff"), b"\xff"),
    ],
)
def test_the_key_of_a_command_tells_its_node(words, key):
    assert key_of(words) == key
