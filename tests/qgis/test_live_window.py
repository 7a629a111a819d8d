"""Live positions in the window: find, add, move, reopen, take away."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QWidget

from tests.support.answers import answer
from tests.support.positions import position


@pytest.fixture
def one_server(server):
    """The whole window on both servers."""
    return server


def feed_threads():
    return [t for t in threading.enumerate() if t.name.startswith("redis-geo-feed")]


def test_find_positions_proposes_the_tutorials_keys_and_one_click_shows_them(live, fleet, wait_until):
    live.dialogs.find()
    dialog = live.dialogs.current
    wait_until(lambda: dialog.proposals)
    assert dialog.proposals[0].spec.pattern == "vehicule:*"
    assert dialog.form.preview.rowCount() == 5
    assert "5" in dialog.found_label.text()
    dialog.add_button.click()
    wait_until(lambda: live.manager.feeds)
    (made,) = live.manager.feeds.values()
    wait_until(lambda: made.layer.featureCount() == 5)
    assert live.dialogs.current is None


def test_vehicles_move_on_the_map_and_leave_it(feed, fleet, wait_until):
    layer = feed.layer
    ids = {f["id"]: f.id() for f in layer.getFeatures()}
    fleet.set("vehicule:3", position(49.5, 2.5, ligne="B"))
    wait_until(lambda: layer.getFeature(ids["3"]).geometry().asPoint().y() == 49.5)
    assert layer.getFeature(ids["3"])["ligne"] == "B"
    fleet.delete("vehicule:4")
    wait_until(lambda: layer.featureCount() == 4)
    assert feed.tick.gone == 1


def test_the_dock_shows_the_feed_and_its_vehicles(live, feed, wait_until):
    dock = live.dock
    dock.show()
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    dock.refresh()
    wait_until(lambda: dock.tab("vehicles").model.rowCount() == 5)
    model = dock.model
    assert [model.data(model.index(0, c)) for c in (0, 1, 2)] == ["fleet", "live", "5"]
    dock.tab("vehicles").filter_edit.setText("t3")
    wait_until(lambda: dock.tab("vehicles").model.rowCount() == 1)
    assert dock.tab("vehicles").model.data(dock.tab("vehicles").model.index(0, 0)) == "3"
    assert dock.findChild(QWidget, "redis_geo_live_vehicles") is dock.tab("vehicles").table


def test_start_pause_and_stop_from_the_dock(live, feed, fleet, wait_until):
    uid = feed.spec.uid
    dock = live.dock
    dock._on_visible(True)
    dock.choose(uid)
    dock.pause_button.click()
    assert feed.status().state.value == "paused"
    fleet.set("vehicule:9", position())
    dock.start_button.click()
    wait_until(lambda: feed.layer.featureCount() == 6)
    dock.stop_button.click()
    assert feed.status() is None
    wait_until(lambda: not feed_threads())
    assert feed.layer.featureCount() == 6
    live.toggle_all(True)
    wait_until(lambda: feed.status() is not None and feed.status().state.value == "live")


def test_refused_records_are_listed_and_shown_as_a_layer(live, feed, fleet, wait_until):
    fleet.set("vehicule:bad", "{not json")
    fleet.set("vehicule:zero", position(0, 0))
    wait_until(lambda: sum(feed.status().refused.values()) == 2)
    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    dock.tabs.setCurrentWidget(dock.tab("refused"))
    dock.refresh()
    model = dock.tab("refused").model
    assert {model.data(model.index(r, 3)) for r in range(2)} == {"vehicule:bad", "vehicule:zero"}
    assert "{not json" in {model.data(model.index(r, 4)) for r in range(2)}
    dock.tab("refused").layer_button.click()
    (layer,) = [la for la in QgsProject.instance().mapLayers().values() if "refused" in la.name()]
    assert layer.featureCount() == 1


def test_deleting_the_layer_stops_its_feed(live, feed, wait_until):
    QgsProject.instance().removeMapLayer(feed.layer_id)
    wait_until(lambda: not live.manager.feeds)
    wait_until(lambda: not feed_threads())


def test_removing_a_feed_takes_its_trails_and_refused_records_along(
    live, feed, fleet, wait_until, monkeypatch
):
    live.trails(feed)
    fleet.set("vehicule:zero", position(0, 0))
    wait_until(lambda: sum(feed.status().refused.values()) == 1)
    live.copies.refused_layer(feed.spec.uid)
    assert len(QgsProject.instance().mapLayers()) == 3
    live.dock._on_visible(True)
    live.dock.choose(feed.spec.uid)
    answer(monkeypatch, True)
    live.dock.remove_button.click()
    wait_until(lambda: not live.manager.feeds)
    assert not QgsProject.instance().mapLayers()


def test_corrections_stay_with_each_proposal(live, fleet, wait_until):
    fleet.hset("driver:1", mapping={"lat": 48.85, "lon": 2.35})
    live.dialogs.find()
    dialog = live.dialogs.current
    wait_until(lambda: len(dialog.proposals) == 2)
    dialog.form.mapping.name_edit.setText("my buses")
    dialog.form.rules.late_box.setValue(77)
    dialog.table.selectRow(1)
    assert dialog.form.mapping.name_edit.text() == "driver"
    dialog.table.selectRow(0)
    assert (dialog.form.mapping.name_edit.text(), dialog.form.rules.late_box.value()) == ("my buses", 77)
    dialog.reject()
    wait_until(lambda: live.dialogs.current is None)


def test_closing_the_project_in_the_middle_stops_its_feeds(live, feed, wait_until):
    QgsProject.instance().clear()
    wait_until(lambda: not live.manager.feeds and not feed_threads())


def test_a_reopened_project_fills_its_layer_again_and_holds_no_secret(
    live, feed, fleet, wait_until, tmp_path
):
    path, uid = str(tmp_path / "live.qgs"), feed.spec.uid
    project = QgsProject.instance()
    assert project.write(path)
    text = Path(path).read_text(encoding="utf-8")
    assert "redis_geo/feed" in text
    assert "password" not in text[text.index("redis_geo/feed") :][:3000]
    project.clear()
    wait_until(lambda: not live.manager.feeds)
    fleet.set("vehicule:new", position())
    fleet.delete("vehicule:0")
    assert project.read(path)
    wait_until(lambda: live.manager.feeds)
    (again,) = live.manager.feeds.values()
    wait_until(lambda: {f["id"] for f in again.layer.getFeatures()} == {"1", "2", "3", "4", "new"})
    assert again.spec.uid == uid
    assert [f.name() for f in again.layer.fields()].count("ligne") == 1


def test_a_duplicated_layer_becomes_a_feed_of_its_own(live, feed, wait_until):
    clone = feed.layer.clone()
    assert isinstance(clone, QgsVectorLayer)
    QgsProject.instance().addMapLayer(clone)
    wait_until(lambda: len(live.manager.feeds) == 2)
    assert len({f.spec.uid for f in live.manager.feeds.values()}) == 2


def test_unloading_in_the_middle_ends_the_threads_and_reloading_takes_up_the_layer(
    plugin, live, feed, fleet, wait_until, iface
):
    layer = feed.layer
    ids = {f["id"]: f.id() for f in layer.getFeatures()}
    plugin.unload()
    wait_until(lambda: not feed_threads())
    assert layer.featureCount() == 5
    plugin.__init__(iface)
    plugin.initGui()
    again = next(c for c in plugin.components if type(c).__name__ == "LiveComponent")
    wait_until(lambda: again.manager.feeds)
    fleet.set("vehicule:2", position(60.0))
    wait_until(lambda: layer.getFeature(ids["2"]).geometry().asPoint().y() == 60.0)
    assert {f["id"]: f.id() for f in layer.getFeatures()} == ids


def test_trails_follow_the_vehicles_in_a_layer_of_their_own(live, feed, fleet, wait_until):
    live.trails(feed)
    layer = feed.trail.layer
    for i in range(3):
        fleet.set("vehicule:1", position(48.9 + i * 0.01, 2.35))
        wait_until(lambda i=i: feed.writer.shown["1"].lat == 48.9 + i * 0.01)
    wait_until(lambda: layer.featureCount() == 1)
    wait_until(lambda: next(layer.getFeatures())["points"] == 4)
    fleet.delete("vehicule:1")
    wait_until(lambda: layer.featureCount() == 0)
    QgsProject.instance().removeMapLayer(layer.id())
    fleet.set("vehicule:2", position(48.9, 2.35))
    wait_until(lambda: feed.writer.shown["2"].lat == 48.9)
    assert feed.trail.layer is None


def test_rewind_shows_the_past_and_returns_to_live(live, feed, fleet, wait_until):
    import time

    start = time.time() - 100
    layer = feed.layer
    ids = {f["id"]: f.id() for f in layer.getFeatures()}
    for i in range(3):
        fleet.set("vehicule:x", position(10.0 + i, 2.0, when=start + 10 * i))
        wait_until(lambda i=i: "x" in feed.writer.shown and feed.writer.shown["x"].lat == 10.0 + i)
    fid = feed.writer.fid("x")
    feed.rewind(start + 15)
    wait_until(lambda: layer.getFeature(fid).geometry().asPoint().y() == 11.0)
    wait_until(lambda: layer.getFeature(ids["1"]).geometry().isNull())
    wait_until(lambda: 3 <= layer.getFeature(fid)["age_s"] <= 8)  # its age at that moment
    fleet.set("vehicule:x", position(13.0, 2.0))
    feed.rewind(start + 5)
    wait_until(lambda: layer.getFeature(fid).geometry().asPoint().y() == 10.0)
    fleet.delete("vehicule:2")  # it leaves while the map shows the past
    wait_until(lambda: "2" not in feed.core.positions.latest)
    feed.rewind(None)
    wait_until(lambda: layer.getFeature(fid).geometry().asPoint().y() == 13.0)
    wait_until(lambda: layer.featureCount() == 5)
    assert feed.writer.fid("2") is None
    wait_until(lambda: not layer.getFeature(ids["1"]).geometry().isNull())
    wait_until(lambda: 0 <= layer.getFeature(fid)["age_s"] <= 12)
    assert feed.writer.fid("x") == fid


def test_positions_and_trails_are_saved_with_their_time(live, feed, fleet, wait_until, tmp_path, iface):
    for i in range(3):
        fleet.set("vehicule:1", position(48.9 + i * 0.01, 2.35))
        wait_until(lambda i=i: feed.writer.shown["1"].lat == 48.9 + i * 0.01)
    path = str(tmp_path / "saved.gpkg")
    live.copies.save(feed, path)
    wait_until(lambda: QgsProject.instance().mapLayersByName("positions"))
    (points,) = QgsProject.instance().mapLayersByName("positions")
    (lines,) = QgsProject.instance().mapLayersByName("trails")
    assert points.featureCount() == 8
    assert points.temporalProperties().isActive()
    assert points.temporalProperties().startField() == "time"
    assert lines.temporalProperties().isActive()
    span = QgsProject.instance().timeSettings().temporalRange()
    times = sorted(f["time"] for f in points.getFeatures())
    assert span.begin() <= times[0] and times[-1] <= span.end()
    geometry = next(lines.getFeatures()).geometry()
    line = geometry.constGet().geometryN(0)
    assert line.isMeasure()
    assert line.pointN(0).m() < line.pointN(1).m()
