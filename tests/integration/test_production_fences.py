"""Geofences on a connection marked as production write nothing, whichever key a project file names."""

from __future__ import annotations

import json

import pytest
import shapely

from redis_geo_plugin.core.live.fences import Fences
from redis_geo_plugin.core.live.spec import FeedSpec, Fencing, from_json
from redis_geo_plugin.core.redis import production
from redis_geo_plugin.core.redis.failures import FailureKind
from tests.integration.test_production import contents, written
from tests.support.positions import Watched, position, wait_for

SQUARE = ("square", shapely.to_wkb(shapely.box(1.0, 40.0, 3.0, 50.0)))
STREAMS = ("flux:geofences", "flux:vehicules", "locations", "vehicule:1", "taches_spatiales", "{taches_spatiales}:flux",
           "calculs:buffers:essai:x", "calculs:stats", "entites:42", "a key of another program", "*", " ")  # fmt: skip
OTHERS = {b"locations", b"calculs:stats", b"a key of another program", b"vehicule:1"}


@pytest.fixture(scope="module", params=["redis", "valkey"])
def process(request):
    from tests.support.servers import RealServer

    real = RealServer(request.param, "--enable-debug-command", "yes")
    yield real
    real.close()


@pytest.fixture
def place(process):
    with process.client() as admin:
        admin.flushall()
        admin.geoadd("locations", (2.0, 48.0, "here"))
        admin.hset("calculs:stats", "calcules", 1)
        admin.set("a key of another program", "x")
        admin.set("vehicule:1", position(48.0, 2.0))
    yield process
    production.allow("test", False)


def drive_out(place, stream):
    """A vehicle leaves the square of a feed of a project file, whose events go to this stream.

    Returns the feed's note, and what stood in the server and was written to it right after the vehicle moved.
    """
    fencing = {"layer": "l", "name_field": "", "say": False, "stream": stream, "watched": True}
    spec = from_json(json.dumps({**json.loads(FeedSpec().to_json()), "fencing": fencing}))
    assert spec.fencing == Fencing(**fencing)
    with Watched(place.settings(production=True), fencing=spec.fencing) as watched, place.client() as admin:
        watched.feed.watch_fences(Fences([SQUARE], "fleet"), spec.fencing.stream)
        admin.set("vehicule:1", position(48.0, 5.0))
        moved, calls, events = contents(place), written(place), []
        wait_for(lambda: events.extend(watched.feed.take_events()) or events)
        assert [(event.kind, event.vehicle) for event in events] == [("leave", "1")]
        wait_for(lambda: watched.feed.status().note or admin.xlen("flux:geofences"))
        return watched.feed.status().note, moved, calls


@pytest.mark.parametrize("stream", STREAMS)
def test_nothing_is_written_and_the_feed_says_so(place, stream):
    note, moved, calls = drive_out(place, stream)
    assert note.kind is FailureKind.PRODUCTION and note.words == "test"
    assert contents(place) == moved and written(place) == calls


@pytest.mark.parametrize("stream", STREAMS)
def test_where_changes_are_allowed_only_the_stream_of_geofences_is_written(place, stream):
    production.allow("test", True)
    note, _, _ = drive_out(place, stream)
    assert note is None
    with place.client() as admin:
        assert set(admin.scan_iter()) == {*OTHERS, b"flux:geofences"}
        assert admin.type("locations") == b"zset" and admin.get("a key of another program") == b"x"
