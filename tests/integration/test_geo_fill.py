"""GEO sets filled, replaced and taken out, on both servers and beside a web service such as the tutorial's."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest

from redis_geo_plugin.core import watch
from redis_geo_plugin.core.geo import cells, export, fill, search, sets
from redis_geo_plugin.core.geo.fill import LoadRefusal, Mode
from redis_geo_plugin.core.redis.failures import FailureKind, classify
from redis_geo_plugin.core.redis.server import open_server
from tests.support.web_service import LocationService

KEY = b"locations"
BESIDE = b"locations:attributs"


def rows(*places, fragment="", start=1):
    """Rows of (member, longitude, latitude)."""
    return fill.Rows(
        list(range(start, start + len(places))),
        [m.encode() if isinstance(m, str) else m for m, _, _ in places],
        np.array([x for _, x, _ in places], float),
        np.array([y for _, _, y in places], float),
        [fragment] * len(places),
    )


def load(server, *places, mode=Mode.ADD, **more):
    loader = fill.Loader(open_server(server.settings()), KEY, mode)
    loader.add(rows(*places, **more))
    return loader.finish()


def test_add_and_move(server):
    first = load(server, ("a", 1, 2), ("b", 3, 4), fragment='"name":"é"')
    assert (first.added, first.changed, first.refused, first.total) == (2, 0, 0, 2)
    second = load(server, ("b", 3, 4), ("a", 1, 3), ("c", 5, 6))
    assert (second.added, second.changed, second.refused, second.total) == (1, 1, 0, 3)
    with server.client() as client:
        assert abs(client.geopos(KEY, "a")[0][1] - 3) < 1e-5
        assert json.loads(client.hget(BESIDE, "a")) == {"longitude": 1.0, "latitude": 3.0}


def test_only_new_leaves_the_others_alone(server):
    with server.client() as client:
        client.geoadd(KEY, (1, 2, "known"))
        client.hset(BESIDE, "known", '{"kept": true}')
    report = load(server, ("known", 50, 50), ("new", 5, 6), mode=Mode.NEW)
    assert (report.added, report.changed, report.refused, report.total) == (1, 0, 0, 2)
    with server.client() as client:
        assert abs(client.geopos(KEY, "known")[0][0] - 1) < 1e-5
        assert client.hgetall(BESIDE) == {
            b"known": b'{"kept": true}',
            b"new": b'{"longitude":5.0,"latitude":6.0}',
        }


def test_replacing_is_one_step_and_leaves_nothing_behind(server):
    load(server, ("old", 1, 2), ("both", 3, 4))
    report = load(server, ("both", 5, 6), ("new", 7, 8), mode=Mode.REPLACE)
    assert (report.added, report.total) == (2, 2)
    with server.client() as client:
        assert sorted(client.keys()) == [KEY, BESIDE]
        assert client.ttl(KEY) == client.ttl(BESIDE) == -1
        assert sorted(client.zrange(KEY, 0, -1)) == sorted(client.hkeys(BESIDE)) == [b"both", b"new"]


def test_a_replacement_without_a_good_row_moves_nothing(server):
    load(server, ("old", 1, 2))
    report = load(server, (None, 3, 4), mode=Mode.REPLACE)
    assert (report.added, report.changed, report.refused, report.total) == (0, 0, 1, 0)
    with server.client() as client:
        assert client.keys() == []


def test_an_abandoned_replacement_changes_nothing(server):
    load(server, ("old", 1, 2))
    loader = fill.Loader(open_server(server.settings()), KEY, Mode.REPLACE)
    loader.add(rows(("new", 3, 4)))
    with server.client() as client:
        beside = [key for key in client.scan_iter() if key not in (KEY, BESIDE)]
        assert beside and all(0 < client.ttl(key) <= fill.TEMPORARY_TTL for key in beside)
        loader.abandon()
        assert sorted(client.keys()) == [KEY, BESIDE] and client.zrange(KEY, 0, -1) == [b"old"]


def test_whoever_reads_during_a_replacement_sees_one_whole_set(server):
    size, seen, stop = 3000, set(), threading.Event()
    load(server, *[(f"m{i}", i * 1e-3, 1) for i in range(size)])

    def look():
        with server.client() as client:
            while not stop.is_set():
                seen.add(client.zcard(KEY))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        load(server, *[(f"n{i}", i * 1e-3, 1) for i in range(size + 500)], mode=Mode.REPLACE)
    finally:
        stop.set()
        thread.join()
    assert seen <= {size, size + 500}


def test_each_bad_row_is_refused_with_its_reason(server):
    nan, inf = float("nan"), float("inf")
    report = load(
        server,
        ("good", 1, 2),
        ("good", 3, 4),
        (None, 1, 2),
        ("nowhere", nan, nan),
        ("polar", 10, 86),
        ("far", 1000, 0),
        ("two", inf, inf),
        ("edge", 180, 85.05112878),
    )
    assert dict(report.refusals) == {
        2: LoadRefusal.DUPLICATE,
        3: LoadRefusal.NO_MEMBER,
        4: LoadRefusal.NO_POSITION,
        5: LoadRefusal.OUT_OF_RANGE,
        6: LoadRefusal.OUT_OF_RANGE,
        7: LoadRefusal.SEVERAL_POINTS,
    }
    assert (report.added, report.refused, report.clamped) == (2, 6, 1)
    with server.client() as client:  # what stands at the edge is found by the server itself, from either side
        assert client.geosearch(KEY, longitude=179.9, latitude=85, radius=20_000) == [b"edge"]
        assert client.geosearch(KEY, longitude=-179.9, latitude=85, radius=20_000) == [b"edge"]
    mine = open_server(server.settings())
    found = search.radius(mine, search.Query(KEY), [180.0], [85.05112878], 0.0)
    assert found.members == [b"edge"] and found.exact.all()


def test_duplicates_over_blocks_and_many_rows(server):
    loader = fill.Loader(open_server(server.settings()), KEY, Mode.ADD)
    places = [(f"m{i % 7000}", (i % 7000) * 1e-3, 1) for i in range(9000)]
    for start in range(0, 9000, 2500):
        loader.add(rows(*places[start : start + 2500], start=start))
    report = loader.finish()
    assert (report.added, report.refused, report.total) == (7000, 2000, 7000)
    assert len(report.refusals) == fill.REMEMBERED


def test_keys_of_other_kinds_are_left_alone(server):
    with server.client() as client:
        client.set(KEY, "text")
    for mode in Mode:
        with pytest.raises(sets.NotGeo) as caught:
            load(server, ("a", 1, 2), mode=mode)
        assert caught.value.kind == "string"
    with server.client() as client:
        client.delete(KEY)
        client.zadd(KEY, {"a": 1})
    with pytest.raises(sets.NotGeo) as caught:
        load(server, ("a", 1, 2), mode=Mode.REPLACE)
    assert caught.value.kind == "zset"
    with server.client() as client:
        assert client.zscore(KEY, "a") == 1 and client.keys() == [KEY]


def test_a_full_server_is_a_failure_with_its_kind(make_server):
    real = make_server("valkey", "--maxmemory", "3mb", "--maxmemory-policy", "noeviction")
    loader = fill.Loader(open_server(real.settings()), KEY, Mode.REPLACE)
    with pytest.raises(Exception) as caught:
        for start in range(0, 100_000, 5000):
            loader.add(rows(*[(f"member {i}", i * 1e-4, 1) for i in range(start, start + 5000)], start=start))
        loader.finish()
    assert classify(caught.value).kind is FailureKind.OUT_OF_MEMORY
    loader.abandon()
    with real.client() as client:
        assert client.dbsize() == 0


def test_no_block_is_written_after_a_replacement_was_abandoned(make_server):
    """A server that is busy reads the last blocks late, piece by piece, and other connections in between."""
    real = make_server()
    loader = fill.Loader(open_server(real.settings()), KEY, Mode.REPLACE)
    places = [(f"m{i}", i * 1e-3, 1) for i in range(3000)]
    loader.add(rows(*places[:1000]))
    real.stop()
    later = threading.Timer(0.2, real.resume)
    later.start()
    for start in (1000, 2000):
        loader.add(rows(*places[start : start + 1000], start=start))
    loader.abandon()
    later.join()
    with real.client() as client:
        assert client.keys() == []


def test_what_stands_beside_the_old_set_expires_from_its_first_block_on(server):
    """Also after an UNLINK between two blocks, as of somebody who tidies up."""
    loader = fill.Loader(open_server(server.settings()), KEY, Mode.REPLACE)
    with server.client() as client:
        for start in range(3):
            loader.add(rows((f"m{start}", 1, 2), start=start))
            loader._take(loader._ahead.drain())
            assert {client.ttl(key) for key in (loader.target, loader.beside)} <= {
                fill.TEMPORARY_TTL,
                fill.TEMPORARY_TTL - 1,
            }
            client.unlink(loader.target, loader.beside)
    loader.abandon()


def test_abandoning_on_a_server_that_has_gone_raises_nothing(make_server):
    real = make_server()
    loader = fill.Loader(open_server(real.settings()), KEY, Mode.REPLACE)
    loader.add(rows(("a", 1, 2)))
    real.kill()
    loader.abandon()


def test_a_server_that_was_full_before_says_so_too(make_server):
    """It refuses the command when it is put into the transaction, and EXEC then says only that it was discarded."""
    real = make_server("valkey", "--maxmemory", "1", "--maxmemory-policy", "noeviction")
    loader = fill.Loader(open_server(real.settings()), KEY, Mode.ADD)
    with pytest.raises(Exception) as caught:
        loader.add(rows(("a", 1, 1)))
        loader.finish()
    assert classify(caught.value).kind is FailureKind.OUT_OF_MEMORY
    loader.abandon()


def test_cancelling_a_load(one_server):
    loader = fill.Loader(open_server(one_server.settings()), KEY, Mode.ADD, watch.Watch(lambda: True))
    with pytest.raises(watch.Cancelled):
        loader.add(rows(("a", 1, 2)))
    loader.abandon()


@pytest.mark.parametrize("key", [b"plain", b"{tag}:set", b"odd}key", b"odd{key"])
def test_temporary_keys_live_on_the_shard_of_theirs(key):
    assert _slot(fill.temporary_key(key)) == _slot(key) or b"{" in key or b"}" in key
    assert _slot(fill.temporary_key(b"{tag}:set")) == _slot(b"{tag}:set")


def _slot(key):
    from redis.crc import key_slot

    return key_slot(key)


def test_export_gives_every_member_once(server):
    places = [(f"m{i}", (i % 3600) / 10 - 180, (i % 170) - 85) for i in range(5000)]
    load(server, *places, fragment='"n":1')
    with server.client() as client:
        client.geoadd(KEY, (180, 10, "lost to others"))
    mine = open_server(server.settings())
    blocks = list(export.members(mine, KEY))
    found = [m for block in blocks for m in block.members]
    assert len(found) == len(set(found)) == 5001
    exact = {m: (x, y) for b in blocks for m, x, y in zip(b.members, b.lon.tolist(), b.lat.tolist())}
    assert all(exact[m.encode()] == (x, y) for m, x, y in places)
    assert exact[b"lost to others"][0] == 180.0
    names = {name for block in export.attribute_blocks(mine, KEY) for found in block for name in found}
    assert names == {"longitude", "latitude", "n"}
    assert list(export.members(mine, b"missing")) == []


def test_beside_the_tutorials_web_service(server):
    """Both sides see each other's changes, unchanged."""
    with LocationService(server.port) as service:
        for name, lon, lat in (
            ("Central Park", -73.9665, 40.7812),
            ("Times Square, #7 (Broadway)", -73.9855, 40.758),
            ("12, rue de l'Œuvre #3, 75001 Paris", 2.34, 48.86),
        ):
            assert service.add(name, lon, lat) == 1
        assert service.add("Central Park", 0, 0) == 0  # NX
        mine = open_server(server.settings())
        found = search.radius(mine, search.Query(KEY), [-73.98], [40.76], 5000)
        assert found.names() == ["Times Square, #7 (Broadway)", "Central Park"]
        assert not found.exact.any() and set(found.attributes) <= {None}
        report = load(server, ("Statue of Liberty", -74.0445, 40.6892), ("Central Park", 1, 1), mode=Mode.NEW)
        assert (report.added, report.total) == (1, 4)
        assert [name for name, _ in service.near(-74.0445, 40.6892, 1)] == ["Statue of Liberty"]
        assert [name for name, _ in service.near(-73.9665, 40.7812, 1)] == ["Central Park"]
        service.move("Statue of Liberty", 2.2799, 48.85)  # the one on the Île aux Cygnes
        found = search.radius(mine, search.Query(KEY), [2.2799], [48.85], 100)
        assert found.names() == ["Statue of Liberty"] and not found.exact.any()
        assert [s.key for s in sets.find(mine)] == [KEY]
        with server.client() as client:
            assert client.type("index_locations") == b"zset"


def test_a_set_of_the_limits_is_searched_as_it_is_written(server):
    """Loaded positions at the very limits come back exactly, by every kind of search."""
    places = [("n", 0, cells.LAT_LIMIT), ("s", 0, -cells.LAT_LIMIT), ("e", 180, 0), ("w", -180, 1)]
    report = load(server, *places)
    assert report.refused == 0
    mine = open_server(server.settings())
    for member, lon, lat in places:
        assert search.radius(mine, search.Query(KEY), [lon], [lat], 0.0).members == [member.encode()]
