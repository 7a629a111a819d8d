"""What others write, through the whole window: feed, layer, geofences, list; and feeds that a project file damaged."""

from __future__ import annotations

import json
import random

import pytest
from qgis.core import QgsProject, QgsVectorLayer

from redis_geo_plugin.bridge.live.layer import FEED_PROPERTY, new_layer
from redis_geo_plugin.core.live.spec import FeedSpec
from tests.qgis.test_live_geofences import SQUARE
from tests.support.positions import position


def rubbish(seed: int) -> bytes:
    """A value that some program may have written, of which nothing can be relied on."""
    chance = random.Random(seed)
    odd = [
        *("\ud800", "a\udfffb", "\x00", "", "=1+1", "<a href=x>y</a>", "x" * 5000, "é", "\u202e"),
        *(None, True, [], {}, [[]], {"a": {"b": {}}}, 10**400, -1, 1e308, 0.0, 2**63, "NaN"),
        *("Mon, 01 Jan 99999999999 00:00:00 GMT", "2026-11-28T14:00:00+²²:²²", "0001-01-01", "9" * 30),
    ]
    record = {"latitude": 48.0 + chance.random(), "longitude": 2.0 + chance.random(), "timestamp": None}
    for _ in range(chance.randint(1, 4)):
        name = chance.choice(
            ["latitude", "longitude", "timestamp", "id", "speed", "heading", "geom", "fid", "\ud801"]
        )
        record[name] = chance.choice(odd)
    text = json.dumps(record)
    return chance.choice([text, text[:-1], "[" * 500 + text, "", "null", text.replace("{", "{{")]).encode()


@pytest.fixture
def fenced_feed(live, feed, wait_until):
    """The feed of five vehicles, which watches one square."""
    from redis_geo_plugin.core.live.spec import Fencing

    zones = QgsVectorLayer("Polygon?crs=EPSG:4326&field=name:string", "zones", "memory")
    from qgis.core import QgsFeature, QgsGeometry

    feature = QgsFeature(zones.fields())
    feature.setAttributes(["Zone A"])
    feature.setGeometry(QgsGeometry.fromWkt(SQUARE))
    zones.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(zones)
    fencing = Fencing(layer=zones.id(), name_field="name", stream="flux:geofences", watched=True)
    live.fences(feed.spec.uid, fencing)
    wait_until(lambda: feed.core.fences is not None)
    return feed


def test_rubbish_beside_a_fleet_stops_neither_layer_nor_geofences_nor_list(
    live, fenced_feed, fleet, wait_until
):
    feed, dock = fenced_feed, live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    for start in range(0, 300, 100):
        for seed in range(start, start + 100):
            fleet.set(f"vehicule:rubbish{seed}".encode() + bytes([seed % 256]), rubbish(seed))
        for lon in (1.0, 2.5):  # into the square and out of it
            fleet.set("vehicule:1", position(42.0, lon))
            wait_until(lambda lon=lon: feed.writer.shown["1"].lon == lon)
    dock.refresh()
    wait_until(
        lambda: dock.tab("vehicles").model.rowCount() == feed.layer.featureCount() or not feed.core.has_news
    )
    assert feed.status().state.value == "live"
    assert {"0", "1", "2", "3", "4"} <= {f["id"] for f in feed.layer.getFeatures()}
    wait_until(lambda: fleet.xlen("flux:geofences") >= 3)
    for feature in feed.layer.getFeatures():
        for value in feature.attributes():
            str(value).encode()  # nothing that cannot be written anywhere
    assert feed.core.positions.refused
    model = dock.tab("refused").model
    model.refresh(True)
    for row in range(min(model.rowCount(), 200)):
        for column in range(model.columnCount()):
            str(model.data(model.index(row, column))).encode()


def test_ids_that_are_half_a_surrogate_stop_no_event_of_others(fenced_feed, fleet, wait_until):
    for lon in (1.0, 2.5):
        fleet.set(
            b"vehicule:odd", json.dumps({"id": "\ud800", "latitude": 42.0, "longitude": lon, "n": "\udfff"})
        )
        fleet.set("vehicule:1", position(42.0, lon))
        wait_until(lambda lon=lon: fenced_feed.writer.shown["1"].lon == lon)
    wait_until(lambda: b"1" in [entry[b"id"] for _, entry in fleet.xrange("flux:geofences")])


def layer_with(text):
    layer = new_layer("broken")
    layer.setCustomProperty(FEED_PROPERTY, text)
    return layer


BROKEN = {
    "uid a list": {"uid": ["a"]},
    "numbers as text": {"interval": "1", "late_after": "60"},
    "mapping a text": {"mapping": "lon"},
    "an unknown kind": {"kind": "of another version"},
    "no time at all": {"interval": 0},
}


def test_broken_feeds_of_a_project_are_said_and_keep_no_other_from_starting(live, fleet, wait_until, iface):
    from dataclasses import asdict

    layers = [layer_with(json.dumps({**asdict(FeedSpec()), **values})) for values in BROKEN.values()]
    layers += [layer_with(text) for text in ("[]", "{", "5")]
    good = layer_with(FeedSpec(name="good", interval=0.05).to_json())
    QgsProject.instance().addMapLayers([*layers[:4], good, *layers[4:]])
    wait_until(lambda: good.featureCount() == 5)
    assert [feed.spec.name for feed in live.manager.feeds.values()] == ["good"]
    said = iface.bar.take_messages()
    assert len([text for text in said if "broken" in text]) == len(layers)
    live.manager.adopt()
    assert not iface.bar.messages  # said once
