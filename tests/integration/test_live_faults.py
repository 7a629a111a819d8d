"""What goes wrong with servers, producers and networks: the lamp tells the truth, and the feed goes on by itself."""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack

import pytest

from redis_geo_plugin.core.live import feed_thread
from tests.support.positions import Watched, connections, position, wait_for


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(feed_thread, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(feed_thread, "LONGEST_PAUSE", 0.2)


@pytest.fixture
def one_server(server):
    """Every fault on both servers."""
    return server


both = pytest.mark.parametrize("flavour", ["redis", "valkey"])


@both
def test_a_server_killed_and_restarted_with_its_data(make_server, flavour):
    real = make_server(flavour, persistent=True)
    with real.client() as client:
        client.set("vehicule:1", position())
    with Watched(real.settings()) as watched:
        real.kill()
        wait_for(lambda: watched.state == "reconnecting")
        assert watched.feed.status().failure is not None
        assert set(watched.look().fixes) == {"1"}  # nothing on screen is lost
        since = watched.feed.status().since
        time.sleep(0.3)
        assert watched.feed.status().since == since
        real.start()
        wait_for(lambda: watched.state == "live")
        with real.client() as client:
            client.set("vehicule:2", position())
        watched.until(lambda fixes: set(fixes) == {"1", "2"})
        assert watched.feed.status().full_reads == 2


@both
def test_a_server_that_comes_back_empty_empties_the_layer(make_server, flavour):
    real = make_server(flavour)
    with real.client() as client:
        client.set("vehicule:1", position())
    with Watched(real.settings()) as watched:
        real.restart()
        watched.until(lambda fixes: not fixes)
        wait_for(lambda: watched.state == "live")


STANDSTILL = 30.0  # seconds
READ_IN_EVERY_WAY = {
    "json_keys": "vehicule:*",
    "hash_keys": "driver:*",
    "hash_fields": "fleet",
    "geoset": "cars",
    "list_keys": "track:*",
    "stream": "flux:vehicules",
    "pubsub": "news:*",
    "fleet_string": "all",
}


def report(client, lat):
    """One vehicle in every shape at once."""
    said = position(lat)
    client.set("vehicule:1", said)
    client.hset("driver:1", mapping=json.loads(said))
    client.hset("fleet", "1", said)
    client.geoadd("cars", (2.35, lat, "1"))
    client.lpush("track:1", said)
    client.xadd("flux:vehicules", {"id": "1", **json.loads(said)})
    client.publish("news:1", said)
    client.set("all", json.dumps([{"id": "1", **json.loads(said)}]))


def test_servers_that_stand_still_for_thirty_seconds(make_server):
    """The real thirty seconds, once for both servers and every way of reading."""
    reals = [make_server("redis"), make_server("valkey")]
    with ExitStack() as stack:
        clients = [stack.enter_context(real.client()) for real in reals]
        feeds = [
            stack.enter_context(Watched(real.settings(), kind=kind, pattern=pattern))
            for real in reals
            for kind, pattern in READ_IN_EVERY_WAY.items()
        ]
        for client in clients:
            report(client, 48.0)
        for feed in feeds:
            feed.until(lambda fixes: set(fixes) == {"1"})
        for real in reals:
            real.stop()
        resume_at = time.monotonic() + STANDSTILL
        for feed in feeds:
            wait_for(lambda feed=feed: feed.state == "reconnecting", 15)
        since = [feed.feed.status().since for feed in feeds]
        while time.monotonic() < resume_at:
            time.sleep(0.25)
            assert {feed.state for feed in feeds} == {"reconnecting"}
        for feed, began in zip(feeds, since):
            status = feed.feed.status()
            assert status.since == began
            assert status.failure.kind.value in ("too_slow", "lost", "not_reachable")
            assert set(feed.look().fixes) == {"1"}  # nothing on screen is lost
        for real in reals:
            real.resume()
        for feed in feeds:
            wait_for(lambda feed=feed: feed.state == "live", 15)
        for client in clients:
            report(client, 49.0)
        for feed in feeds:
            feed.until(lambda fixes: abs(fixes["1"].lat - 49.0) < 1e-5)


@pytest.mark.parametrize("kind", ["json_keys", "stream"])
def test_a_paused_feed_rests_while_its_vehicles_move(one_server, kind):
    pattern = READ_IN_EVERY_WAY[kind]
    with one_server.client() as client, Watched(one_server.settings(), kind=kind, pattern=pattern) as watched:
        report(client, 48.0)
        watched.until(lambda fixes: set(fixes) == {"1"})
        watched.feed.pause()
        report(client, 49.0)
        time.sleep(0.3)  # what was being read when it was paused
        reading = watched.feed._reading
        rounds, look = [], reading._forget_silent
        reading._forget_silent = lambda now: (rounds.append(now), look(now))
        time.sleep(1.0)
        assert 0 < len(rounds) < 20
        assert watched.look().fixes["1"].lat == 48.0
        watched.feed.resume()
        watched.until(lambda fixes: fixes["1"].lat == 49.0)


def test_stopping_a_feed_does_not_wait_for_a_server_that_hangs(make_server):
    real = make_server("valkey")
    with Watched(real.settings()) as watched:
        real.stop()
        time.sleep(0.3)
        thread = watched.feed._thread
        watched.feed.stop(wait=60.0)
        assert not thread.is_alive()  # though the server still hangs
    real.resume()


@both
def test_a_changed_password_fails_in_words_and_the_new_one_mends_it(make_server, flavour):
    real = make_server(flavour)
    with real.client() as client:
        client.set("vehicule:1", position())
    with Watched(real.settings()) as watched:
        with real.client() as client:
            client.config_set("requirepass", "new")
            client.execute_command("CLIENT KILL TYPE normal SKIPME yes")
        wait_for(lambda: watched.state == "failed")
        assert watched.feed.status().failure.kind.value in ("password_needed", "wrong_password")
        assert set(watched.fixes) == {"1"}
        watched.feed.reconnect(real.settings(password="new"))
        wait_for(lambda: watched.state == "live")
        with real.client(password="new") as client:
            client.set("vehicule:2", position())
        watched.until(lambda fixes: "2" in fixes)


def test_a_lost_tracking_connection_falls_back_to_a_full_read_and_resumes(one_server):
    with one_server.client() as client, Watched(one_server.settings()) as watched:
        tracker = next(
            c for c in client.client_list() if c.get("flags", "").find("B") >= 0 and c["resp"] == "3"
        )
        client.client_kill_filter(_id=tracker["id"])
        client.set("vehicule:1", position())
        watched.until(lambda fixes: set(fixes) == {"1"})
        wait_for(lambda: watched.feed.status().full_reads == 2 and watched.feed.status().tracking)
        client.set("vehicule:1", position(49.0))
        watched.until(lambda fixes: fixes["1"].lat == 49.0)


def test_data_that_stop_make_it_late_and_ages_go_on(one_server):
    with one_server.client() as client:
        client.set("vehicule:1", position())
        with Watched(one_server.settings(), late_after=0.3) as watched:
            wait_for(lambda: watched.state == "late")
            assert watched.feed.status().since < time.time()
            client.set("vehicule:1", position(49.0))
            wait_for(lambda: watched.state == "live")


def test_a_producers_clock_an_hour_ahead_is_shown_and_its_fixes_are_kept(one_server):
    with one_server.client() as client:
        for i in range(5):
            client.set(f"vehicule:{i}", position(when=time.time() + 3600))
        with Watched(one_server.settings()) as watched:
            assert len(watched.fixes) == 5
            status = watched.feed.status()
            assert status.offset == pytest.approx(-3600, abs=5)
            assert status.correction == status.offset
            client.set("vehicule:6", position(when=time.time() + 3600))
            watched.until(lambda fixes: "6" in fixes)


def test_a_producers_clock_an_hour_behind_is_shown(one_server):
    with one_server.client() as client, Watched(one_server.settings()) as watched:
        client.set("vehicule:1", position(when=time.time() - 3600))
        watched.until(lambda fixes: "1" in fixes)
        wait_for(lambda: watched.feed.status().offset == pytest.approx(3600, abs=5))
        assert watched.feed.status().correction == 0.0


def test_the_same_ids_in_two_feeds_do_not_mix(one_server):
    with one_server.client() as client:
        client.set("a:1", position(48.0))
        client.set("b:1", position(49.0))
        with (
            Watched(one_server.settings(), pattern="a:*") as a,
            Watched(one_server.settings(), pattern="b:*") as b,
        ):
            client.set("a:1", position(48.5))
            a.until(lambda fixes: fixes["1"].lat == 48.5)
            assert b.look().fixes["1"].lat == 49.0


def test_the_far_north_and_the_180_degree_meridian(one_server):
    with one_server.client() as client:
        client.set("vehicule:north", position(85.06, 10.0))
        client.set("vehicule:east", position(0.5, 180.0))
        client.set("vehicule:west", position(0.5, -180.0))
        with Watched(one_server.settings()) as watched:
            assert set(watched.fixes) == {"north", "east", "west"}


def test_a_cluster_node_serves_a_feed(make_server):
    real = make_server("valkey", "--cluster-enabled", "yes")
    with real.client() as client:
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_for(lambda: client.cluster("info")["cluster_state"] == "ok")
        client.set("vehicule:1", position())
        from redis_geo_plugin.core.redis.settings import Deployment

        with Watched(real.settings(deployment=Deployment.CLUSTER)) as watched:
            assert watched.feed.status().tracking
            client.set("vehicule:1", position(49.0))
            client.set("vehicule:2", position())
            watched.until(lambda fixes: set(fixes) == {"1", "2"} and fixes["1"].lat == 49.0)
            client.delete("vehicule:1")
            watched.until(lambda fixes: set(fixes) == {"2"})


def test_a_soak_leaves_no_thread_no_connection_and_no_vehicle_behind(one_server):
    """The hour's soak of the benchmarks, shortened: 20 starts and stops, and 200 rounds of coming and going."""
    before = set(threading.enumerate())
    with one_server.client() as client:
        others = connections(client)
        for _ in range(20):
            with Watched(one_server.settings()):
                pass
        with Watched(one_server.settings(), interval=0.01) as watched:
            for turn in range(200):
                client.set(f"vehicule:{turn}", position(48 + turn * 1e-4))
                if turn >= 10:
                    client.delete(f"vehicule:{turn - 10}")
            expected = {str(i) for i in range(190, 200)}
            watched.until(lambda fixes: set(fixes) == expected)
            assert set(watched.feed.positions.latest) == expected
            assert set(watched.feed.trails.ids()) == expected
            assert len(connections(client) - others) == 2
        wait_for(lambda: connections(client) <= others)
    assert not set(threading.enumerate()) - before
