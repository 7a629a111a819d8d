"""Producers of positions for tests: plain redis-py, as a foreign program would."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone

from redis_geo_plugin.core.live.feed import Feed
from redis_geo_plugin.core.live.spec import FeedSpec


def stamp(seconds=None):
    """``utcnow().isoformat()`` of the tutorial: UTC without a zone."""
    moment = datetime.fromtimestamp(time.time() if seconds is None else seconds, timezone.utc)
    return moment.replace(tzinfo=None).isoformat()


def position(lat=48.85, lon=2.35, when=None, **more):
    return json.dumps({"latitude": lat, "longitude": lon, "timestamp": stamp(when), **more})


def wait_for(predicate, seconds=10.0):
    """Wait until the predicate holds; returns its value. Fails loudly when it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = predicate()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s")


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
