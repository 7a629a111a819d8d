"""The day again in the window: a stream is looked through, and the Temporal Controller plays it."""

from __future__ import annotations

import pytest
from qgis.core import QgsDateTimeRange, QgsTemporalNavigationObject
from qgis.PyQt.QtCore import QDateTime, Qt

from redis_geo_plugin.core.live.spec import FeedSpec, Mapping

START = 1_795_348_800
MAPPING = Mapping(id="id", lon="lon", lat="lat", time="t")


@pytest.fixture
def streamed(live, one_server, wait_until):
    """A feed of a stream: ``a`` for two hours; ``b`` only in the first, and no longer in the fleet."""
    with one_server.client() as client:
        for minute in range(120):
            for ident in "ab" if minute < 60 else "a":
                lon = (2.0 if ident == "a" else 4.0) + minute / 1000
                record = {"id": ident, "lon": lon, "lat": 48.0, "t": START + 60 * minute}
                client.xadd("day", record)
    spec = FeedSpec(name="day", kind="stream", pattern="day", mapping=MAPPING, interval=0.05, trail_points=2)
    feed = live.add(spec.changed(max_speed=0.0, forget_after=0.0))
    wait_until(lambda: feed.layer.featureCount() == 2)
    feed.core.intake.drop(["b"])
    wait_until(lambda: feed.layer.featureCount() == 1)
    return feed


def places(feed):
    return {
        one["id"]: round(one.geometry().asPoint().x(), 3)
        for one in feed.layer.getFeatures()
        if one.hasGeometry()
    }


def at(minute):
    moment = QDateTime.fromMSecsSinceEpoch((START + 60 * minute) * 1000, Qt.TimeSpec.UTC)
    return QgsDateTimeRange(moment.addSecs(-1), moment)


def test_the_controller_plays_the_stream_again(live, streamed, iface, wait_until):
    dock, canvas = live.dock, iface.mapCanvas()
    canvas.setTemporalController(QgsTemporalNavigationObject(canvas)) if hasattr(
        canvas, "setTemporalController"
    ) else None
    dock._on_visible(True)
    dock.choose(streamed.spec.uid)
    tab = dock.tab("trail")
    dock.tabs.setCurrentWidget(tab)
    dock.refresh()
    assert not tab.replay_button.isHidden()
    tab.replay_button.click()
    wait_until(lambda: streamed.core.replay is not None)
    assert any("180" in text for text in iface.bar.take_messages())
    for minute, wanted in ((30, {"a": 2.03, "b": 4.03}), (31, {"a": 2.031, "b": 4.031}), (90, {"a": 2.09})):
        canvas.setTemporalRange(at(minute))
        wait_until(lambda wanted=wanted: places(streamed) == wanted)
    canvas.setTemporalRange(at(5))
    wait_until(lambda: places(streamed) == {"a": 2.005, "b": 4.005})
    canvas.setTemporalRange(QgsDateTimeRange(QDateTime(), QDateTime()))
    wait_until(lambda: streamed.moment is None and places(streamed) == {"a": 2.119})
    wait_until(lambda: streamed.layer.featureCount() == 1)


def test_what_holds_no_positions_is_told(live, streamed, one_server, iface, wait_until):
    with one_server.client() as client:
        client.delete("day")
    live.dock._on_visible(True)
    live._actions().replay(streamed)
    wait_until(lambda: any("no position" in text for text in iface.bar.take_messages()))
    assert streamed.core.replay is None


def test_only_streams_offer_it(live, feed):
    live.dock._on_visible(True)
    live.dock.choose(feed.spec.uid)
    live.dock.tabs.setCurrentWidget(live.dock.tab("trail"))
    live.dock.refresh()
    assert live.dock.tab("trail").replay_button.isHidden()
