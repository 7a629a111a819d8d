"""Feeds of streams, lists and channels: their history, and no entry lost or read twice."""

from __future__ import annotations

import json
import threading
import time

import pytest

from redis_geo_plugin.core.live.reader import reading
from redis_geo_plugin.core.live.sources import make_source
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.watch import Watch
from tests.support.positions import stamp, wait_for
from tests.support.proposed import proposals, watch

NOW = 1795348800


@pytest.fixture
def one_server(server):
    """Everything on both servers."""
    return server


def test_a_stream_brings_its_history_and_is_followed(server):
    with server.client() as client:
        for i in range(2500):
            client.xadd("s", {"id": "a", "lat": 48 + i * 1e-5, "lon": 2, "ts": NOW + i})
        with watch(server, "stream", "s") as watched:
            watched.until(lambda fixes: fixes["a"].time == NOW + 2499)
            assert len(watched.feed.trails.way("a")) > 400
            assert not watched.feed.intake.aliases  # entries leave nothing behind
            client.xadd("s", {"id": "a", "lat": 49, "lon": 2, "ts": NOW + 3000})
            client.xadd("s", {"id": "b", "lat": 49, "lon": 2, "ts": NOW + 3000})
            watched.until(lambda fixes: fixes["a"].lat == 49 and "b" in fixes)
            client.delete("s")
            client.xadd("s", {"id": "a", "lat": 50, "lon": 2, "ts": NOW + 4000})
            watched.until(lambda fixes: fixes["a"].lat == 50)


def _lose_the_connection(client, watched):
    """Every connection of the feed is cut; it comes back by itself and reads in full."""
    reads = watched.feed.status().full_reads
    client.client_kill_filter(_type="normal", skipme=True)
    wait_for(lambda: watched.feed.status().full_reads > reads)


def test_a_stream_is_read_on_from_where_the_connection_was_lost(server):
    with server.client() as client:
        for i in range(1500):
            client.xadd("s", {"id": "a", "lat": 48 + i * 1e-5, "lon": 2, "ts": NOW + i})
        with watch(server, "stream", "s") as watched:
            watched.until(lambda fixes: fixes["a"].time == NOW + 1499)
            watched.feed.pause()  # so that the next entry is told by the full read alone
            client.xadd("s", {"id": "a", "lat": 49, "lon": 2, "ts": NOW + 3000})
            watched.feed.resume()
            _lose_the_connection(client, watched)
            watched.until(lambda fixes: fixes["a"].time == NOW + 3000)
            assert watched.refused == {}
            client.xadd("s", {"id": "a", "lat": 50, "lon": 2, "ts": NOW + 3001})
            watched.until(lambda fixes: fixes["a"].lat == 50)


def test_a_stream_whose_reading_is_broken_off_is_read_from_the_same_place(one_server):
    with one_server.client() as client:
        for i in range(1500):
            client.xadd("s", {"id": "a", "lat": 48, "lon": 2, "ts": NOW + i})
    source = make_source(FeedSpec(name="s", kind="stream", pattern="s"))
    with reading(one_server.settings()) as reader:
        source.open(reader)
        answers = iter([True])
        assert not any(rows for rows, _ in source.read_all(reader, Watch(lambda: not next(answers, False))))
        times = [row.data["ts"] for rows, _ in source.read_all(reader, Watch()) for row in rows]
    assert times == [str(NOW + i) for i in range(1500)]


def test_another_stream_by_the_same_name_is_read_from_its_start(server):
    with server.client() as client:
        client.xadd("s", {"id": "a", "lat": 48, "lon": 2, "ts": NOW}, id="9999999999999-5")
        with watch(server, "stream", "s") as watched:
            watched.until(lambda fixes: fixes["a"].lat == 48)
            client.delete("s")
            client.xadd("s", {"id": "a", "lat": 49, "lon": 2, "ts": NOW + 1}, id="1-1")
            _lose_the_connection(client, watched)
            watched.until(lambda fixes: fixes["a"].lat == 49)


def test_the_history_of_a_list_is_not_read_again_after_a_lost_connection(server):
    with server.client() as client:
        for i in range(10):
            client.lpush(
                "positions.1",
                json.dumps({"latitude": 48 + i * 1e-4, "longitude": 2, "fixTime": stamp(NOW + i)}),
            )
        with watch(server, "list_keys", "positions.*") as watched:
            assert watched.fixes["1"].time == NOW + 9
            _lose_the_connection(client, watched)
            assert set(watched.look().fixes) == {"1"}
            assert watched.refused == {}


def test_a_list_is_read_beyond_its_head(server):
    def said(i):
        return json.dumps({"latitude": 48 + i * 1e-4, "longitude": 2, "fixTime": stamp(NOW + i)})

    with server.client() as client:
        for i in range(10):
            client.lpush("positions.1", said(i))
        with watch(server, "list_keys", "positions.*") as watched:
            assert watched.fixes["1"].time == NOW + 9
            assert len(watched.feed.trails.way("1")) == 10
            client.lpush("positions.1", said(10), said(11), said(12))
            watched.until(lambda fixes: fixes["1"].time == NOW + 12)
            assert len(watched.feed.trails.way("1")) == 13


def test_a_list_with_its_newest_at_the_end(one_server):
    with one_server.client() as client:
        for i in range(5):
            client.rpush("track:7", json.dumps({"lat": 48 + i * 1e-4, "lon": 2, "ts": NOW + i}))
    spec = proposals(one_server)["list_keys track:*"].spec
    assert spec.newest_last


def test_channels_are_heard_one_for_all_or_one_for_each(server):
    said = json.dumps({"vehicle_id": "a", "lat": 48, "lon": 2, "ts": time.time()})
    with server.client() as client:
        with watch(server, "pubsub", "fleet") as watched:
            client.publish("fleet", said)
            watched.until(lambda fixes: set(fixes) == {"a"})
        with watch(server, "pubsub", "transport:location:*") as watched:
            client.publish("transport:location:7", said)
            watched.until(lambda fixes: set(fixes) == {"7"})


def test_a_channel_that_someone_listens_to_is_proposed(one_server):
    said = json.dumps({"vehicle_id": "a", "lat": 48, "lon": 2, "ts": time.time()})
    with one_server.client() as client, client.pubsub() as listener:
        listener.subscribe("fleet")
        listener.get_message(timeout=1)
        done = threading.Event()

        def talk():
            with one_server.client() as speaker:
                while not done.wait(0.02):
                    speaker.publish("fleet", said)

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            found = proposals(one_server)
        finally:
            done.set()
            thread.join()
    assert found["pubsub fleet"].spec.mapping.id == "vehicle_id"


def test_vehicles_that_fell_silent_leave_a_stream_when_so_set(one_server):
    with one_server.client() as client:
        client.xadd("s", {"id": "old", "lat": 48, "lon": 2, "ts": time.time() - 100})
        client.xadd("s", {"id": "new", "lat": 48, "lon": 2, "ts": time.time()})
        with watch(one_server, "stream", "s", forget_after=50.0) as watched:
            watched.feed._reading._swept = 0.0
            watched.until(lambda fixes: set(fixes) == {"new"})
