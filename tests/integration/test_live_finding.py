"""Finding: a few vehicles beside much else, at a bounded cost, and nothing that is none."""

from __future__ import annotations

import json
import time
import uuid

import pytest

from redis_geo_plugin.core.live import discovery, key_scan
from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.key_scan import Limits, scan_names
from redis_geo_plugin.core.live.reader import reading
from redis_geo_plugin.core.live.sources.hash_keys import HashKeys
from redis_geo_plugin.core.redis.calls import CallCancelled
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.noted import noted
from tests.support.patience import at_least
from tests.support.positions import position, stamp


@pytest.fixture
def place(each_place):
    return each_place


@pytest.fixture(autouse=True)
def _takes_its_time(monkeypatch):
    """A busy server's keys cost many times more, and then fewer names are read. What ends the reading has tests of its own."""
    monkeypatch.setattr(discovery, "QUICK", Limits(seconds=at_least(4.0)))


def found(place, **more):
    return {f"{p.spec.kind} {p.spec.pattern}": p for p in find_positions(place.settings(), **more).proposals}


def fill(client, keys, value="x" * 20):
    for start in range(0, len(keys), 5000):
        with client.pipeline(transaction=False) as pipeline:
            for key in keys[start : start + 5000]:
                pipeline.set(key, value)
            pipeline.execute()


def record(n):
    return json.dumps({"lat": 48.8 + n / 1000, "lon": 2.35, "ts": time.time(), "speed": 3})


@pytest.mark.parametrize("turn", range(4))
def test_a_fleet_beside_twenty_thousand_sessions(place, turn):
    """On each flavour and a cluster, four times each: twelve of twelve."""
    with place.client() as client:
        fill(
            client, [f"session:{uuid.uuid4()}" for _ in range(20_000)], json.dumps({"user": turn, "page": 3})
        )
        for n in range(50):
            client.set(f"vehicle:{turn}{n}", record(n))
        client.geoadd("cars", [part for n in range(20) for part in (2.3 + n / 100, 48.8, f"car{n}")])
        client.hset(f"app:fleet{turn}", mapping={f"bus{n}": record(n) for n in range(20)})
    proposals = found(place)
    assert set(proposals) == {"json_keys vehicle:*", "geoset cars", f"hash_fields app:fleet{turn}"}
    assert proposals["json_keys vehicle:*"].keys == 50


def test_a_family_that_trips_the_search_up_leaves_the_others(one_server, monkeypatch):
    """What was wrong with it stands in the log."""

    def propose(_reader, _family, _families):
        raise trouble

    monkeypatch.setattr(HashKeys, "propose", propose)
    with one_server.client() as client:
        for n in range(5):
            client.set(f"vehicle:{n}", record(n))
            client.hset(f"driver:{n}", mapping=json.loads(record(n)))
    for trouble in (ValueError("No closing quotation"), RecursionError(), KeyError("x"), MemoryError()):
        with noted() as met:
            assert set(found(one_server)) == {"json_keys vehicle:*"}
        assert met == [trouble]
    for trouble in (
        exceptions.ConnectionError("gone"),
        exceptions.TimeoutError(),
        CallCancelled(),
        Cancelled(),
    ):
        with pytest.raises(type(trouble)):
            found(one_server)


def test_families_of_any_separator_are_one_feed_each(place):
    with place.client() as client:
        for n in range(12):
            client.set(f"location-{uuid.uuid4()}", record(n))
            client.set(f"driver_{n:024x}", record(n))
            client.set(f"route.{n % 3}.bus.{n}", record(n))
            client.set(f"v|{n}", record(n))
            client.geoadd(f"geo:taxis:8928308{n:x}80fffff", (2.35 + n / 100, 48.8, f"t{n}"))
    assert set(found(place)) == {
        "json_keys location-*",
        "json_keys driver_*",
        "json_keys route.*.bus.*",
        "json_keys v|*",
        "geoset geo:taxis:*",
    }


def test_a_fleet_hash_among_other_hashes_of_an_application(one_server):
    with one_server.client() as client:
        client.hset("app:fleet", mapping={f"b{n}": record(n) for n in range(5)})
        client.hset("app:settings", mapping={"theme": "dark", "zoom": 3})
        client.hset("app:users", mapping={"ann": "1", "bob": "2"})
    assert set(found(one_server)) == {"hash_fields app:fleet"}


def test_a_vehicle_a_key_is_proposed_once(one_server):
    with one_server.client() as client:
        for n in range(20):
            client.set(f"vessel:{n}", json.dumps({"mmsi": 227000000 + n, **json.loads(record(n))}))
    assert set(found(one_server)) == {"json_keys vessel:*"}


def test_one_feed_of_thirty_arrays(one_server):
    with one_server.client() as client:
        for line in range(30):
            some = [{"id": f"{line}-{n}", "lat": 48.8, "lon": 2.3, "ts": int(time.time())} for n in range(5)]
            client.set(f"line:{line}:vehicles", json.dumps(some))
            client.set(f"region:{line % 3}:line:{line}:now", json.dumps({"at": stamp(), "vehicles": some}))
    assert set(found(one_server)) == {"fleet_string line:*:vehicles", "fleet_string region:*:line:*:now"}


def test_numbers_are_no_geo_sets(place):
    now = time.time()
    with place.client() as client:
        for n in range(5):
            client.zadd(f"ratelimit:10.0.0.{n}", {f"req{s}": int((now - 60 + s) * 1e6) for s in range(30)})
        client.zadd("leaderboard", {f"u{s}": (1000 + s * 77) * 2**32 + int(now) for s in range(30)})
        client.zadd("bull:mail:delayed", {f"{s}": int((now + s) * 1000) * 0x1000 + s for s in range(30)})
        client.zadd("bull:mail:prioritized", {f"{s}": (s % 9) * 0x100000000 + s for s in range(1, 30)})
        client.geoadd("south", [-179.9, -84.9, "penguin", 2.35, 48.85, "Paris"])
        client.geoadd("edge", [180.0, 12.0, "meridian"])
    assert set(found(place)) == {"geoset south", "geoset edge"}
    from redis_geo_plugin.core.geo import sets
    from redis_geo_plugin.core.redis.server import Server

    server = Server(place.settings())
    try:
        assert {one.key for one in sets.find(server)} == {b"south", b"edge"}  # Search and the Browser agree
    finally:
        server.close()


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_pictures_beside_the_fleet_are_not_read(one_server):
    with one_server.client() as client:
        for n in range(4):
            client.set(f"picture:{n}", b"\x89PNG\r\n\x1a\n" + b"p" * 20_000_000)
        client.set("export", b"PK\x03\x04" + b"z" * 20_000_000)
        client.hset("gallery", mapping={"one": b"p" * 30_000_000, "two": b"p" * 40_000_000})
        client.rpush("frames", b"f" * 20_000_000)
        for n in range(5):
            client.set(f"vehicule:{n}", position())
        before = client.info("stats")["total_net_output_bytes"]
        findings = find_positions(one_server.settings())
        read = client.info("stats")["total_net_output_bytes"] - before
    assert [p.spec.pattern for p in findings.proposals] == ["vehicule:*"]
    assert {one.key for one in findings.skipped} == {
        *(b"picture:%d" % n for n in range(4)),
        *(b"export", b"gallery", b"frames"),
    }
    assert read < 2_000_000


def test_a_large_fleet_in_one_string_is_read(one_server):
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [2.3, 48.8]}}
    fleet = [{**feature, "id": n, "properties": {"name": f"station {n}"}} for n in range(20_000)]
    with one_server.client() as client:
        client.set("stations", json.dumps({"type": "FeatureCollection", "features": fleet}))
    assert found(one_server)["fleet_string stations"].keys == 20_000


def test_a_large_database_is_sampled_within_the_servers_share(one_server):
    with one_server.client() as client:
        fill(client, [f"session:{n}" for n in range(60_000)])
        client.geoadd("cars", (2.35, 48.85, "car1"))
        limits = Limits(seconds=0.5, share=0.002)  # 1 ms of the server, on a fast machine too
        with reading(one_server.settings()) as reader:
            scan = scan_names(reader, b"*", limits, False)
            scan.run(60_001, Watch())
    assert not scan.complete
    assert 0 < scan.names.total < 60_001
    spent = scan.visited * scan._cost
    assert spent <= limits.seconds * limits.share + 2 * key_scan.STEP * scan._cost


def test_thorough_reads_every_name(one_server, monkeypatch):
    monkeypatch.setattr("redis_geo_plugin.core.live.discovery.QUICK", Limits(seconds=0.05, share=0.01))
    monkeypatch.setattr("redis_geo_plugin.core.live.discovery.THOROUGH", Limits(seconds=60.0, share=0.5))
    with one_server.client() as client:
        fill(client, [f"session:{n}" for n in range(40_000)])
        client.hset("fleet", mapping={f"bus{n}": record(n) for n in range(20)})
    quick = find_positions(one_server.settings())
    assert not quick.complete and quick.looked_at < 40_001
    whole = find_positions(one_server.settings(), thorough=True)
    assert whole.complete and whole.looked_at == whole.total == 40_001
    assert [p.spec.pattern for p in whole.proposals] == ["fleet"]


# --- what is no vehicle -----------------------------------------------------------------------------------------------

PLACE = {"lat": 48.85123, "lon": 2.35456}


def fill_with_other_uses(client):
    """Coordinates in task queues, caches, games and pictures, as the programs' documentation shows their keys."""
    now = time.time()
    for n in range(12):
        name = str(uuid.UUID(int=n))
        done = {
            "task_id": name,
            "status": "SUCCESS",
            "result": {**PLACE, "n": n},
            "traceback": None,
            "children": [],
        }
        client.set(f"celery-task-meta-{name}", json.dumps({**done, "date_done": stamp()}))
        job = {"status": "finished", "origin": "default", "enqueued_at": stamp(), "timeout": 180}
        client.hset(f"rq:job:{name}", mapping={**job, "result": json.dumps(PLACE)})
        inside = {"name": "geocode", "opts": "{}", "timestamp": int(now * 1000), "attemptsMade": 1}
        client.hset(f"bull:geocode:{n}", mapping={**inside, "data": json.dumps({**PLACE, "ts": now})})
        client.rpush(
            "queue:default", json.dumps({"class": "Geocode", "args": [PLACE], "jid": name, "retry": True})
        )
        task = {
            "id": n,
            "type": "geocode",
            "payload": {**PLACE, "timestamp": now},
            "attempts": 1,
            "status": "done",
        }
        client.set(f"job:{n}", json.dumps(task))
        client.xadd("tasks", {"data": json.dumps(task)})
        client.set(f"geocode:{n} rue de Rivoli, Paris", json.dumps({**PLACE, "formatted_address": "x"}))
        client.set(f"widget:{n}", json.dumps({"id": n, "x": n * 10, "y": n * 5, "w": 4, "h": 2}))
        client.set(f"tileinfo:{n}", json.dumps({"z": 4, "x": n, "y": 2, "bytes": 1000}))
        client.hset(f"player:{n}", mapping={"name": f"p{n}", "x": 12.5 + n, "y": 60.1, "hp": 100})
        client.set(f"tile:12:{2070 + n}:1409", b"\x1f\x8b\x08" + b"\0" * 40)


def test_what_others_keep_with_coordinates_comes_last_or_not_at_all(place):
    with place.client() as client:
        fill_with_other_uses(client)
        for n in range(3):
            client.set(f"camion:{n}", json.dumps({**PLACE, "ts": time.time()}))
    proposals = find_positions(place.settings()).proposals
    assert proposals[0].spec.pattern == "camion:*"
    for one in proposals[1:]:
        assert one.confidence < 0.5, (one.spec.pattern, one.confidence, one.reasons)
    assert not {"widget:*", "tileinfo:*", "player:*", "tile:*"} & {one.spec.pattern for one in proposals}
