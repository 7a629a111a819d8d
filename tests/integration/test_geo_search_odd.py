"""Searches of odd sets, of others' bytes and attributes, without rights, without a server, and while a set changes."""

from __future__ import annotations

import json

import numpy as np
import pytest
import redis
import shapely

from redis_geo_plugin.core.geo import areas, cells, hits, search, sets
from redis_geo_plugin.core.geo import replies as wire
from redis_geo_plugin.core.redis import server as core_server
from redis_geo_plugin.core.redis.calls import LIMITS, CallLimits
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError, classify
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.globe import KEY, fill, numbers


def test_touching_borders_count_and_holes_do_not(server):
    with server.client() as client:
        lon, lat = cells.decode(
            np.array([cells.encode(np.array([x]), np.array([1.0]))[0] for x in (1.0, 2.0, 3.0)])
        )
        fill(client, lon, lat)
    ring = [(lon[0], 0), (lon[2], 0), (lon[2], 2), (lon[0], 2)]
    hole = [(lon[1] - 0.5, 0.5), (lon[1] + 0.5, 0.5), (lon[1] + 0.5, 1.5), (lon[1] - 0.5, 1.5)]
    found = areas.search(
        open_server(server.settings()), search.Query(KEY), [areas.Area(shapely.Polygon(ring, [hole]))]
    )
    assert numbers(found).tolist() == [0, 2]


def test_exact_coordinates_decide_until_the_member_moves(server):
    mine = open_server(server.settings())
    lon, lat = 2.3522219, 48.856614
    with server.client() as client:
        client.geoadd(KEY, (lon, lat, "exact"))
        client.hset(
            KEY + b":attributs", "exact", json.dumps({"longitude": lon, "latitude": lat, "name": "Paris"})
        )
        found = search.radius(mine, search.Query(KEY), [lon], [lat], 0.0)
        assert found.members == [b"exact"] and found.distance[0] == 0 and found.exact.all()
        assert found.attributes == [{"longitude": lon, "latitude": lat, "name": "Paris"}]
        client.geoadd(KEY, (3.0, 50.0, "exact"))
        assert len(search.radius(mine, search.Query(KEY), [lon], [lat], 1000.0)) == 0
        moved = search.radius(mine, search.Query(KEY), [3.0], [50.0], 10.0)
        assert (
            moved.members == [b"exact"] and not moved.exact.any() and moved.attributes[0]["name"] == "Paris"
        )


def test_members_of_any_bytes(server):
    members = [b"\xff\x00\xfe", b"", b"a b\r\nc", "Œuvre, #1 (é)".encode(), b"x" * 5000]
    with server.client() as client:
        for index, member in enumerate(members):
            client.execute_command("GEOADD", KEY, 1 + index * 1e-3, 1, member)
            client.hset(KEY + b":attributs", member, json.dumps({"n": index}))
    found = search.radius(open_server(server.settings()), search.Query(KEY), [1], [1], 10_000)
    assert found.members == members and [a["n"] for a in found.attributes] == list(range(len(members)))


def test_attributes_of_other_programs_do_no_harm(server):
    values = [
        b"not json",
        b"[1, 2]",
        b'{"longitude": "x", "latitude": null}',
        b"\xff",
        b'{"longitude": 1e400, "latitude": 1}',
    ]
    with server.client() as client:
        for index, value in enumerate(values):
            client.geoadd(KEY, (1 + index * 1e-4, 1, f"m{index}"))
            client.hset(KEY + b":attributs", f"m{index}", value)
    found = search.radius(open_server(server.settings()), search.Query(KEY), [1], [1], 10_000)
    assert len(found) == len(values) and not found.exact.any()
    with server.client() as client:
        client.delete(KEY + b":attributs")
        client.set(KEY + b":attributs", "another kind of value")
    found = search.radius(open_server(server.settings()), search.Query(KEY), [1], [1], 10_000)
    assert len(found) == len(values) and hits.NO_ATTRIBUTES_RIGHT in found.notes


def test_empty_missing_wrong_and_single(server):
    mine = open_server(server.settings())
    query = search.Query(KEY)
    assert len(search.radius(mine, query, [0], [0], 1e6)) == 0
    assert len(search.nearest(mine, query, [0], [0], 5)) == 0
    assert len(areas.search(mine, query, [areas.rectangle(-10, -10, 10, 10)])) == 0
    assert sets.describe(mine, KEY).kind == "none"
    assert search.radius(mine, query, [], [], 10).members == []
    with server.client() as client:
        client.geoadd(KEY, (2, 3, "alone"))
        client.set("text", "x")
        client.zadd("index_locations", {"Central Park": 1, "Times Square": 1})
    assert search.nearest(mine, query, [-170], [-80], 5).members == [b"alone"]
    assert search.nearest(mine, query, [2, 180], [3, 0], 1).members == [b"alone", b"alone"]
    assert (
        sets.describe(mine, b"text").kind == "string"
        and sets.describe(mine, b"index_locations").kind == "zset"
    )
    for work in (
        lambda: search.radius(mine, search.Query(b"text"), [0], [0], 10),
        lambda: search.nearest(mine, search.Query(b"text"), [0], [0], 1),
        lambda: areas.search(mine, search.Query(b"text"), [areas.rectangle(0, 0, 1, 1)]),
    ):
        with pytest.raises(Exception) as caught:
            work()
        assert classify(caught.value).kind is FailureKind.WRONG_TYPE


@pytest.mark.parametrize("radius", [float("nan"), float("inf"), -1.0])
def test_radii_that_mean_nothing_are_refused(one_server, radius):
    with pytest.raises(search.BadQuery) as caught:
        search.radius(open_server(one_server.settings()), search.Query(KEY), [0], [0], radius)
    assert caught.value.what == "radius"


def test_a_search_of_a_set_without_attributes_is_one_round_trip(server, monkeypatch):
    with server.client() as client:
        client.geoadd(KEY, (2, 3, "m"))
        client.execute_command(
            "ACL", "SETUSER", "some", "on", ">p", "~places", "+geosearch", "+auth", "+client"
        )
    sent = []
    replies = wire.replies

    def counted(client, commands):
        sent.append([command[0] for command in commands])
        found = replies(client, commands)
        assert found is not None  # not a second time by the ordinary way
        return found

    monkeypatch.setattr(wire, "replies", counted)
    for user in ({}, {"username": "some", "password": "p"}):  # a missing right costs none either
        found = search.radius(open_server(server.settings(**user)), search.Query(KEY), [2, 2], [3, 3], 1000)
        assert found.members == [b"m", b"m"]
        assert sent.pop() == ["ZRANGEBYSCORE", "EXISTS", "GEOSEARCH", "GEOSEARCH"] and not sent


def test_a_server_that_does_not_answer_is_not_asked_again_another_way(make_server, monkeypatch):
    real = make_server()
    with real.client() as client:
        client.geoadd(KEY, (2, 3, "m"))
        monkeypatch.setitem(LIMITS, "bulk", CallLimits(0.2, 0.4))
        monkeypatch.setattr(core_server, "BULK_RETRIES", 0)
        mine = core_server.Server(real.settings())
        assert search.radius(mine, search.Query(KEY), [2], [3], 1000).members == [b"m"]
        packed, sent = redis.Connection.send_packed_command, []
        monkeypatch.setattr(
            redis.Connection,
            "send_packed_command",
            lambda *given, **more: (sent.append(1), packed(*given, **more))[1],
        )
        real.stop()
        sent.clear()
        try:
            with pytest.raises(redis.exceptions.TimeoutError):
                search.radius(mine, search.Query(KEY), [2], [3], 1000)
        finally:
            asked = len(sent)
            real.resume()
        mine.close()
    assert asked == 1


def test_without_rights(server):
    with server.client() as client:
        client.geoadd(KEY, (2, 3, "m"))
        client.hset(KEY + b":attributs", "m", "{}")
        client.execute_command(
            "ACL", "SETUSER", "some", "on", ">p", "~places", "+geosearch", "+auth", "+client", "+hello"
        )
        client.execute_command("ACL", "SETUSER", "none", "on", ">p", "+auth", "+client")
    some = open_server(server.settings(username="some", password="p"))
    found = search.radius(some, search.Query(KEY), [2], [3], 1000)
    assert found.members == [b"m"] and found.notes == {hits.NO_EDGE_RIGHT, hits.NO_ATTRIBUTES_RIGHT}
    with pytest.raises(Exception) as caught:
        search.radius(
            open_server(server.settings(username="none", password="p")), search.Query(KEY), [2], [3], 1000
        )
    assert classify(caught.value).kind is FailureKind.NO_RIGHTS


def test_only_sets_of_positions_are_recognised(server):
    mine = open_server(server.settings(key_prefix="team*:"))
    with server.client() as client:
        client.geoadd("team*:locations", (-73.98, 40.75, "Times Square"))
        client.geoadd("team*:edge", (180, 10, "lost"))
        client.zadd("team*:index_locations", {"Times Square": 1})
        client.zadd("team*:scores", {"a": 1.6e12, "b": 7})
        client.zadd("team*:ratios", {"a": 1.5, "b": 0.2})
        client.geoadd("teamX:locations", (0, 0, "of another tenant"))
        client.set("team*:text", "x")
    found = {s.key: s for s in sets.find(mine)}
    assert set(found) == {b"team*:locations", b"team*:edge"}
    assert found[b"team*:edge"].lost == 1 and found[b"team*:locations"].preview == (b"Times Square",)


class Counting(Watch):
    def __init__(self, stop_at=None):
        self.seen = []
        super().__init__(lambda: stop_at is not None and len(self.seen) >= stop_at, self.seen.append)


def test_100_000_hits_with_progress_and_cancel(one_server):
    rng = np.random.default_rng(29)
    lon, lat = rng.uniform(0, 5, 100_000), rng.uniform(45, 50, 100_000)
    with one_server.client() as client:
        fill(client, lon, lat)
        client.hset(KEY + b":attributs", "m0", "{}")
    mine = open_server(one_server.settings())
    watch = Counting()
    found = search.radius(mine, search.Query(KEY), [2.5], [47.5], 1e6, watch)
    assert len(found) == 100_000 and len(set(found.members)) == 100_000
    assert watch.seen == sorted(watch.seen) and len(watch.seen) >= 3
    with pytest.raises(Cancelled):
        search.radius(mine, search.Query(KEY), [2.5], [47.5], 1e6, Counting(stop_at=1))


def test_a_set_that_changes_during_a_search(one_server):
    import threading

    rng = np.random.default_rng(31)
    lon, lat = rng.uniform(0, 2, 4000), rng.uniform(46, 48, 4000)
    with one_server.client() as client:
        fill(client, lon, lat)
    mine, stop = open_server(one_server.settings()), threading.Event()

    def stir():
        with one_server.client() as other:
            count = 0
            while not stop.is_set():  # the last thousand members wander, the others stay
                index = 3000 + count % 1000
                other.geoadd(KEY, (float(rng.uniform(0, 2)), float(rng.uniform(46, 48)), f"m{index}"))
                count += 1

    thread = threading.Thread(target=stir)
    thread.start()
    try:
        everything = areas.rectangle(-1, 45, 3, 49)
        for _ in range(15):
            for found in (
                search.radius(mine, search.Query(KEY), [1], [47], 4e5),
                areas.search(mine, search.Query(KEY), [everything]),
            ):
                assert numbers(found).tolist() == list(range(4000))
    finally:
        stop.set()
        thread.join()


def test_a_server_that_has_gone_is_a_failure_and_no_hang(make_server):
    real = make_server()
    mine = open_server(real.settings())
    real.kill()
    with pytest.raises(Exception) as caught:
        search.radius(mine, search.Query(KEY), [0], [0], 10)
    assert classify(caught.value).passing
    with pytest.raises(StoreError):
        open_server(None)
