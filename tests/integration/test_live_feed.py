"""A feed on real servers: what changes is read, and only that."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.support.positions import Watched, connections, position, wait_for


@pytest.fixture
def one_server(server):
    """Everything on both servers."""
    return server


def test_the_tutorials_keys_without_any_setting(server):
    with server.client() as client:
        client.set("vehicule:42", position(48.85, 2.35, ligne="T3"), ex=60)
        with Watched(server.settings()) as watched:
            fix = watched.fixes["42"]
            assert (fix.lon, fix.lat, fix.attributes) == (2.35, 48.85, {"ligne": "T3"})
            assert watched.feed.status().tracking
            assert watched.state == "live"
            client.set("vehicule:42", position(48.86, 2.36))
            client.set("vehicule:43", position(48.87, 2.37))
            watched.until(lambda fixes: set(fixes) == {"42", "43"} and fixes["42"].lat == 48.86)
            assert watched.feed.status().full_reads == 1


def test_expired_and_deleted_keys_leave_at_once(server):
    with server.client() as client:
        client.set("vehicule:1", position(), px=400)
        client.set("vehicule:2", position())
        with Watched(server.settings()) as watched:
            watched.until(lambda fixes: set(fixes) == {"2"})
            client.delete("vehicule:2")
            watched.until(lambda fixes: not fixes)


def test_expired_keys_stay_as_last_seen_when_so_set(server):
    with server.client() as client:
        client.set("vehicule:1", position())
        with Watched(server.settings(), keep_gone=True) as watched:
            client.delete("vehicule:1")
            client.set("vehicule:2", position())
            watched.until(lambda fixes: set(fixes) == {"1", "2"})


def test_vehicles_kept_as_last_seen_leave_after_their_silence(server):
    with server.client() as client:
        client.set("vehicule:old", position(when=time.time() - 100))
        client.set("vehicule:new", position())
        with Watched(server.settings(), keep_gone=True, forget_after=50.0) as watched:
            watched.feed._reading._swept = 0.0
            watched.until(lambda fixes: set(fixes) == {"new"})


def test_a_key_that_expires_between_the_scan_and_the_read(one_server):
    from redis_geo_plugin.core.live.reader import Reader
    from redis_geo_plugin.core.live.sources import make_source
    from redis_geo_plugin.core.live.spec import FeedSpec
    from redis_geo_plugin.core.redis.server import Server

    with one_server.client() as client:
        client.set("vehicule:1", position())
    server = Server(one_server.settings())
    reader = Reader(server)
    source = make_source(FeedSpec())
    source.open(reader)
    assert next(iter(source.read(reader, [b"vehicule:1", b"vehicule:gone"])))[1] == []
    reader.close()


@pytest.mark.parametrize("ident", ["a b", "a:b:c", "é ü 東京", "100%", "[x]*?", "a\nb"])
def test_ids_with_spaces_colons_and_unicode(one_server, ident):
    with one_server.client() as client:
        client.set(f"vehicule:{ident}", position())
        with Watched(one_server.settings()) as watched:
            assert set(watched.fixes) == {ident}
            client.set(f"vehicule:{ident}", position(50.0))
            watched.until(lambda fixes: fixes[ident].lat == 50.0)


def test_the_id_in_the_middle_and_glued_to_the_key(one_server):
    with one_server.client() as client:
        client.set("vehicle:ab-1:status", '{"location": [2.35, 48.85], "speed": 3, "timestamp": 1795348800}')
        client.set("vehicle:ab-1:other", "x")
        client.hset("bus12", mapping={"lat": "48.85", "lon": "2.35", "bearing": "None", "route_id": "007"})
        with Watched(one_server.settings(), pattern="vehicle:*:status") as watched:
            assert watched.fixes["ab-1"].lon == 2.35
        with Watched(one_server.settings(), pattern="bus*", kind="hash_keys") as watched:
            fix = watched.fixes["12"]
            assert (fix.heading, fix.attributes) == (None, {"route_id": "007"})


def test_the_tenants_prefix_stands_before_the_keys(one_server):
    with one_server.client() as client:
        client.set("team:vehicule:1", position())
        client.set("vehicule:2", position())
        with Watched(one_server.settings(key_prefix="team:")) as watched:
            assert set(watched.fixes) == {"1"}


def test_rubbish_is_refused_with_its_reason_and_the_rest_goes_on(server):
    with server.client() as client:
        client.set("vehicule:good", position())
        client.set("vehicule:bad", "{")
        client.set("vehicule:null", position(0, 0))
        client.set("vehicule:2100", position(when=4102444800))
        client.set("vehicule:1970", position(when=5))
        client.set("vehicule:deep", '{"a":' * 20_000 + "1" + "}" * 20_000)
        client.set("vehicule:big", b'{"x": "' + b"x" * 10_000_000 + b'"}')
        client.set("vehicule:binary", bytes(range(256)))
        client.hset("vehicule:hash", "latitude", "1")
        with Watched(server.settings()) as watched:
            assert set(watched.fixes) == {"good"}
            assert watched.refused == {
                "unreadable": 3,
                "null_island": 1,
                "future": 1,
                "bad_time": 1,
                "too_large": 1,
            }
            raws = {r.key: r.raw for r in watched.feed.positions.last_refused}
            assert raws["vehicule:bad"] == "{"
            assert max(map(len, raws.values())) <= 500
            client.set("vehicule:big", b'{"x": "' + b"y" * 10_000_000 + b'"}')
            client.set("vehicule:good", position(49.0))
            watched.until(lambda fixes: fixes["good"].lat == 49.0)
            client.set("vehicule:big", position())
            watched.until(lambda fixes: "big" in fixes)


def test_a_late_fix_never_replaces_a_newer_one(one_server):
    now = time.time()
    with one_server.client() as client, Watched(one_server.settings()) as watched:
        client.set("vehicule:1", position(48.0, when=now))
        watched.until(lambda fixes: "1" in fixes)
        client.set("vehicule:1", position(49.0, when=now - 5))
        wait_for(lambda: watched.refused == {"late": 1})
        assert watched.look().fixes["1"].lat == 48.0
        assert [p[2] for p in watched.feed.trails.way("1")] == [49.0, 48.0]


def test_a_flushed_database_empties_the_layer_and_fills_it_again(server):
    with server.client() as client:
        client.set("vehicule:1", position())
        with Watched(server.settings()) as watched:
            client.flushall()
            watched.until(lambda fixes: not fixes)
            client.set("vehicule:2", position())
            watched.until(lambda fixes: set(fixes) == {"2"})


@pytest.mark.parametrize("flavour", ["redis", "valkey"])
def test_without_the_right_to_tracking_it_polls_and_says_so(make_server, flavour):
    real = make_server(flavour)
    with real.client() as client:
        client.execute_command(
            "ACL SETUSER", "analyst", "on", ">secret", "~*", "&*", "+@all", "-client|tracking"
        )
        client.set("vehicule:1", position())
        settings = real.settings(username="analyst", password="secret")
        with Watched(settings) as watched:
            status = watched.feed.status()
            assert not status.tracking
            assert status.note.kind.value == "no_rights"
            client.set("vehicule:1", position(49.0))
            client.set("vehicule:2", position())
            watched.until(lambda fixes: fixes["1"].lat == 49.0 and "2" in fixes)
            client.delete("vehicule:1")
            watched.until(lambda fixes: set(fixes) == {"2"})


def test_a_pause_takes_up_nothing_and_resuming_all_of_it(one_server):
    with one_server.client() as client, Watched(one_server.settings()) as watched:
        watched.feed.pause()
        client.set("vehicule:1", position())
        time.sleep(0.3)
        assert watched.look().fixes == {}
        assert watched.state == "paused"
        watched.feed.resume()
        watched.until(lambda fixes: "1" in fixes)
        assert watched.state == "live"


@pytest.mark.parametrize("lost", ["connection", "settings"])
def test_a_paused_feed_that_connects_again_still_rests(one_server, lost):
    with one_server.client() as client, Watched(one_server.settings()) as watched:
        client.set("vehicule:1", position(48.0))
        watched.until(lambda fixes: "1" in fixes)
        watched.feed.pause()
        client.set("vehicule:1", position(49.0))
        before = connections(client)
        if lost == "connection":
            client.client_kill_filter(_type="normal", skipme=True)
        else:
            watched.feed.reconnect(replace(one_server.settings(), name="another"))
        wait_for(lambda: connections(client) - before)
        time.sleep(0.3)
        assert watched.state == "paused"
        assert watched.look().fixes["1"].lat == 48.0
        watched.feed.resume()
        watched.until(lambda fixes: fixes["1"].lat == 49.0)
        assert watched.state == "live"


def test_stopping_is_quick_and_leaves_no_thread_and_no_connection(one_server):
    import threading

    with one_server.client() as client:
        others = connections(client)
        with Watched(one_server.settings()) as watched:
            thread = watched.feed._thread
            assert len(connections(client) - others) == 2
        wait_for(lambda: connections(client) <= others)
        assert thread not in threading.enumerate()
