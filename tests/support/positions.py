"""Producers of positions for tests: plain redis-py, as a foreign program would."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone

from redis_geo_plugin.core.live.feed import Feed
from redis_geo_plugin.core.live.spec import FeedSpec
from tests.support.patience import at_least


def stamp(seconds=None):
    """``utcnow().isoformat()`` of the tutorial: UTC without a zone."""
    moment = datetime.fromtimestamp(time.time() if seconds is None else seconds, timezone.utc)
    return moment.replace(tzinfo=None).isoformat()


def position(lat=48.85, lon=2.35, when=None, **more):
    return json.dumps({"latitude": lat, "longitude": lon, "timestamp": stamp(when), **more})


def wait_for(predicate, seconds=10.0):
    """Wait until the predicate holds; returns its value. Fails loudly when it never does."""
    deadline = time.monotonic() + at_least(seconds)
    while time.monotonic() < deadline:
        value = predicate()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {at_least(seconds)} s")


def write_everything(client):
    """One of each shape of the note, five vehicles each, among keys that are no positions."""
    now = time.time()
    for i in range(5):
        client.set(f"vehicule:{i}", position(48.85, 2.35))
        client.set(
            f"vehicle:0a1b2c{i}d:status",
            json.dumps({"location": [2.35, 48.85], "speed": 3, "timestamp": now}),
        )
        client.hset(
            f"driver:{i}", mapping={"lat": 48.85, "lon": 2.35, "heading": 0, "speed": 3, "last_update": now}
        )
        client.hset(
            f"bus:{i}", mapping={"latitude": 48.85, "longitude": 2.35, "bearing": "None", "speed_kmh": 36}
        )
        flight = {"hex_ident": f"ab{i}", "callsign": "AF1", "last_updated": int(now * 1000)}
        client.hset(f"flight:4ca{i}b2", mapping={**flight, **({"lat": 48.85, "lon": 2.35} if i else {})})
        client.hset("route:12", f"v{i}", json.dumps({"latitude": 48.85, "longitude": 2.35, "timestamp": now}))
        client.hset("route:R7", f"w{i}", json.dumps({"latitude": 48.85, "longitude": 2.35, "timestamp": now}))
        client.geoadd("cars:locations", (2.35, 48.85, f"car{i}"))
        client.geoadd("objs", (2.35, 48.85, f"o{i}"))
        client.hset(f"obj:o{i}", mapping={"name": f"n{i}", "time": now})
        client.geoadd("driver:geo:paris", (2.35, 48.85, f"chauffeur:{i}"))
        client.hset(f"chauffeur:state:{i}", mapping={"status": "free"})
        record = {"driver_id": f"d{i}", "latitude": 48.85, "longitude": 2.35, "recorded_at": stamp()}
        client.xadd("driverLocation", record, maxlen=1000)
        client.xadd(
            "jsonStream", {"data": json.dumps({"vehicleId": f"s{i}", "lat": 48.85, "lng": 2.35, "ts": now})}
        )
        traccar = {
            "latitude": 48.85,
            "longitude": 2.35,
            "speed": 10,
            "course": 90,
            "fixTime": stamp(now - 10),
        }
        client.lpush(f"positions.86{i}", json.dumps(traccar), json.dumps({**traccar, "fixTime": stamp(now)}))
        client.set(f"session:{i}", json.dumps({"user": i, "page": 3}))
        client.zadd("ranking", {f"p{i}": i * 10})
        client.zadd("queue", {f"q{i}": now})
        client.set(f"calculs:buffers:x:{i}", position())
    fleet = [{"vehicle_id": f"f{i}", "latitude": 48.85, "longitude": 2.35, "route_id": "R"} for i in range(5)]
    client.set("fleet", json.dumps(fleet))


def connections(client):
    """The ids of the connections that the server has."""
    return {row["id"] for row in client.client_list()}


class Watched:
    """A running feed whose differences are gathered as the layer would have them."""

    def __init__(self, settings, **spec):
        spec.setdefault("interval", 0.05)
        spec.setdefault("max_speed", 0.0)  # vehicles of tests jump
        self.feed = Feed(FeedSpec(name="test", **spec), settings)
        self.fixes = {}
        self.feed.start()

    def __enter__(self):
        wait_for(lambda: self.feed.status().full_reads)
        return self.look()

    def __exit__(self, *_error):
        self.feed.stop()

    def look(self):
        difference = self.feed.take()
        for ident in difference.gone:
            self.fixes.pop(ident, None)
        self.fixes.update(difference.changed)
        return self

    def until(self, predicate, seconds=10.0):
        """Wait until the predicate holds on what a layer would show."""

        def holds():
            self.look()
            return predicate(self.fixes)

        wait_for(holds, seconds)
        return self.fixes

    @property
    def state(self):
        return self.feed.status().state.value

    @property
    def refused(self):
        return {reason.value: count for reason, count in self.feed.status().refused.items()}
