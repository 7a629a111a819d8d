"""Live positions in the window: find, add, move, reopen, take away."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QWidget

from tests.support.positions import position


@pytest.fixture
def one_server(server):
    """The whole window on both servers."""
    return server


@pytest.fixture
def live(plugin):
    return next(c for c in plugin.components if type(c).__name__ == "LiveComponent")


@pytest.fixture
def fleet(one_server):
    with one_server.client() as client:
        for i in range(5):
            client.set(f"vehicule:{i}", position(48.85 + i * 0.01, 2.35, ligne=f"T{i}"))
        yield client


@pytest.fixture
def feed(live, fleet, wait_until):
    from redis_geo_plugin.core.live.spec import FeedSpec

    made = live.add(FeedSpec(name="fleet", interval=0.05, max_speed=0.0))
    wait_until(lambda: made.layer.featureCount() == 5)
    return made


def feed_threads():
    return [t for t in threading.enumerate() if t.name.startswith("redis-geo-feed")]


def test_find_positions_proposes_the_tutorials_keys_and_one_click_shows_them(live, fleet, wait_until):
    live.find()
    dialog = live._dialog
    wait_until(lambda: dialog.proposals)
    assert dialog.proposals[0].spec.pattern == "vehicule:*"
    assert dialog.form.preview.rowCount() == 5
    assert "5" in dialog.found_label.text()
    dialog.add_button.click()
    wait_until(lambda: live.manager.feeds)
    (made,) = live.manager.feeds.values()
    wait_until(lambda: made.layer.featureCount() == 5)
    assert live._dialog is None


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
    wait_until(lambda: dock.vehicles.model.rowCount() == 5)
    model = dock.model
    assert [model.data(model.index(0, c)) for c in (0, 1, 2)] == ["fleet", "live", "5"]
    dock.vehicles.filter_edit.setText("t3")
    wait_until(lambda: dock.vehicles.model.rowCount() == 1)
    assert dock.vehicles.model.data(dock.vehicles.model.index(0, 0)) == "3"
    assert dock.findChild(QWidget, "redis_geo_live_vehicles") is dock.vehicles.table


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
    assert not feed_threads()
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
    dock.tabs.setCurrentWidget(dock.refused)
    dock.refresh()
    model = dock.refused.model
    assert {model.data(model.index(r, 3)) for r in range(2)} == {"vehicule:bad", "vehicule:zero"}
    assert "{not json" in {model.data(model.index(r, 4)) for r in range(2)}
    dock.refused.layer_button.click()
    (layer,) = [la for la in QgsProject.instance().mapLayers().values() if "refused" in la.name()]
    assert layer.featureCount() == 1


def test_deleting_the_layer_stops_its_feed(live, feed, wait_until):
    QgsProject.instance().removeMapLayer(feed.layer_id)
    wait_until(lambda: not live.manager.feeds)
    wait_until(lambda: not feed_threads())


def test_removing_a_feed_takes_its_trails_and_refused_records_along(live, feed, fleet, wait_until):
    live.trails(feed)
    fleet.set("vehicule:zero", position(0, 0))
    wait_until(lambda: sum(feed.status().refused.values()) == 1)
    live.refused_layer(feed.spec.uid)
    assert len(QgsProject.instance().mapLayers()) == 3
    live.dock._on_visible(True)
    live.dock.choose(feed.spec.uid)
    live.dock.remove_button.click()
    wait_until(lambda: not live.manager.feeds)
    assert not QgsProject.instance().mapLayers()


def test_corrections_stay_with_each_proposal(live, fleet, wait_until):
    fleet.hset("driver:1", mapping={"lat": 48.85, "lon": 2.35})
    live.find()
    dialog = live._dialog
    wait_until(lambda: len(dialog.proposals) == 2)
    dialog.form.mapping.name_edit.setText("my buses")
    dialog.form.rules.late_box.setValue(77)
    dialog.table.selectRow(1)
    assert dialog.form.mapping.name_edit.text() == "driver"
    dialog.table.selectRow(0)
    assert (dialog.form.mapping.name_edit.text(), dialog.form.rules.late_box.value()) == ("my buses", 77)
    dialog.reject()
    wait_until(lambda: live._dialog is None)


def test_closing_the_project_in_the_middle_stops_its_feeds(live, feed, wait_until):
    QgsProject.instance().clear()
    wait_until(lambda: not live.manager.feeds and not feed_threads())


def test_a_reopened_project_fills_its_layer_again_and_holds_no_secret(live, feed, fleet, wait_until, tmp_path):
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
    assert not feed_threads()
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
    live.save(feed, path)
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


SQUARE = "POLYGON((2 41, 3 41, 3 43, 2 43, 2 41))"


@pytest.fixture
def zones():
    """A polygon layer in another CRS with one square from 2 to 3 degrees east, 41 to 43 north."""
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsFeature, QgsGeometry

    made = QgsVectorLayer("Polygon?crs=EPSG:3857&field=name:string", "zones", "memory")
    square = QgsGeometry.fromWkt(SQUARE)
    square.transform(
        QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), made.crs(), QgsProject.instance())
    )
    feature = QgsFeature(made.fields())
    feature.setAttributes(["Zone A"])
    feature.setGeometry(square)
    made.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(made)
    return made


@pytest.fixture
def fenced(live, feed, zones, wait_until):
    """The dock's tab after the analyst chose the zones and pressed Watch."""
    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    dock.tabs.setCurrentWidget(dock.fences)
    dock.refresh()
    tab = dock.fences
    tab.layer_box.setLayer(zones)
    tab.name_box.setField("name")
    tab.say_box.click()
    tab.stream_box.click()
    tab.watch_button.click()
    wait_until(lambda: feed.core.fences is not None)
    return tab


def drive(feed, fleet, wait_until, *ways):
    for lat, lon in ways:
        fleet.set("vehicule:1", position(lat, lon))
        wait_until(lambda lat=lat, lon=lon: (feed.writer.shown["1"].lat, feed.writer.shown["1"].lon) == (lat, lon))


def test_geofences_list_say_and_write_what_crossed_them(live, feed, fleet, fenced, wait_until, iface):
    drive(feed, fleet, wait_until, (42.0, 1.0), (42.0, 2.5), (42.0, 4.0), (42.0, 1.0))
    wait_until(lambda: fleet.xlen("flux:geofences") == 3)
    live.dock.refresh()
    assert [fenced.table.item(r, 2).text() for r in range(3)] == ["crossed", "left", "entered"]
    assert fenced.table.item(0, 3).text() == "Zone A"
    assert "Zone A" in iface.bar.take_messages()[-1]
    entry = fleet.xrange("flux:geofences")[0][1]
    assert (entry[b"event"], entry[b"fence"], entry[b"id"]) == (b"enter", b"Zone A", b"1")


def test_geofences_are_said_while_the_dock_is_hidden_and_each_feed_has_its_own(
    live, feed, fleet, fenced, wait_until, iface
):
    from redis_geo_plugin.core.live.spec import FeedSpec

    fleet.set("bus:1", position(48.0, 2.0))
    other = live.add(FeedSpec(name="buses", pattern="bus:*", interval=0.05, max_speed=0.0))
    wait_until(lambda: other.layer.featureCount() == 1)
    live.dock.choose(other.spec.uid)
    live.dock.refresh()
    assert not fenced.watch_button.isChecked()
    assert fenced.layer_box.currentLayer() is None
    live.dock._on_visible(False)
    drive(feed, fleet, wait_until, (42.0, 1.0), (42.0, 2.5))
    wait_until(lambda: iface.bar.messages)
    assert "entered Zone A" in iface.bar.take_messages()[-1]
    live.dock._on_visible(True)
    assert fenced.table.rowCount() == 0
    live.dock.choose(feed.spec.uid)
    live.dock.refresh()
    assert fenced.watch_button.isChecked()
    assert [fenced.table.item(r, 2).text() for r in range(fenced.table.rowCount())] == ["entered"]


def test_geofences_come_back_with_the_project_and_follow_edits_of_their_polygons(
    live, feed, fleet, fenced, zones, wait_until, iface, tmp_path
):
    from qgis.core import QgsVectorFileWriter

    file, path = str(tmp_path / "zones.gpkg"), str(tmp_path / "live.qgz")
    project = QgsProject.instance()
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    QgsVectorFileWriter.writeAsVectorFormatV3(zones, file, project.transformContext(), options)
    kept = QgsVectorLayer(file, "kept zones", "ogr")
    project.addMapLayer(kept)
    fenced.layer_box.setLayer(kept)
    fenced.name_box.setField("name")
    assert project.write(path)
    project.clear()
    wait_until(lambda: not live.manager.feeds)
    assert not iface.bar.take_messages()  # nothing was lost
    assert project.read(path)
    wait_until(lambda: live.manager.feeds)
    (again,) = live.manager.feeds.values()
    wait_until(lambda: again.core is not None and again.core.fences is not None)
    assert again.core.fences.names == ["Zone A"]
    live.dock.choose(again.spec.uid)
    live.dock.refresh()
    assert (fenced.watch_button.isChecked(), fenced.say_box.isChecked(), fenced.stream_box.isChecked()) == (True,) * 3
    assert fenced.layer_box.currentLayer().name() == "kept zones"
    assert fenced.name_box.currentField() == "name"
    wait_until(lambda: again.layer.featureCount() == 5)
    drive(again, fleet, wait_until, (42.0, 1.0), (42.0, 2.5))
    wait_until(lambda: fleet.xlen("flux:geofences") == 1)
    layer = fenced.layer_box.currentLayer()
    before = again.core.fences
    layer.startEditing()
    feature = next(layer.getFeatures())
    layer.changeAttributeValue(feature.id(), layer.fields().lookupField("name"), "Zone B")
    assert layer.commitChanges()
    wait_until(lambda: again.core.fences is not before and again.core.fences.names == ["Zone B"])
    iface.bar.take_messages()
    project.removeMapLayer(layer.id())
    assert "no longer watched" in iface.bar.take_messages()[-1]
    assert again.core.fences is None


class TasksThatWait:
    """Keeps tasks until they are told to run, and says their results in whatever order."""

    def __init__(self):
        self.waiting = []

    def start(self, _title, work, done):
        task = SimpleNamespace(cancel=lambda: None, isCanceled=lambda: False)
        self.waiting.append(lambda: done(work(task), None))
        return task


def test_polygons_that_were_read_for_a_former_choice_do_not_replace_the_newer_ones(live, feed, fenced, monkeypatch):
    tasks, fencing = TasksThatWait(), feed.spec.fencing
    monkeypatch.setattr(live.fence_keeper, "_tasks", tasks)
    live.fence_keeper.watch(feed.spec.uid, replace(fencing, name_field=""))
    live.fence_keeper.watch(feed.spec.uid, fencing)
    former, newer = tasks.waiting
    newer()
    former()
    assert feed.core.fences.names == ["Zone A"]


def test_geofences_are_watched_again_after_a_stop_and_a_reload(plugin, live, feed, fleet, fenced, wait_until, iface):
    live.manager.stop(feed.spec.uid)
    live.manager.start(feed.spec.uid)
    wait_until(lambda: feed.core.fences is not None)
    fenced.watch_button.click()
    assert feed.core.fences is None
    fenced.watch_button.click()
    wait_until(lambda: feed.core.fences is not None)
    plugin.unload()
    plugin.__init__(iface)
    plugin.initGui()
    again = next(c for c in plugin.components if type(c).__name__ == "LiveComponent")
    wait_until(lambda: again.manager.feeds)
    (taken,) = again.manager.feeds.values()
    wait_until(lambda: taken.core is not None and taken.core.fences is not None)


def test_following_ends_when_the_user_moves_the_map(live, feed, fleet, wait_until, iface):
    from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsRectangle

    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    canvas.setExtent(QgsRectangle(200_000, 6_200_000, 300_000, 6_300_000))
    live.dock._on_visible(True)
    live.dock.choose(feed.spec.uid)
    live.follow("3")
    before = canvas.center()
    fleet.set("vehicule:3", position(49.5, 2.5))
    wait_until(lambda: canvas.center() != before)
    assert live.follower.following == "3"
    canvas.setCenter(QgsPointXY(0, 0))
    assert live.follower.following == ""


def test_the_map_extent_restricts_the_list_in_any_crs(live, feed, fleet, wait_until, iface):
    from qgis.core import QgsCoordinateReferenceSystem, QgsRectangle

    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:2154"))
    canvas.setExtent(QgsRectangle(640_000, 6_855_000, 660_000, 6_862_500))
    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    dock.vehicles.extent_box.setChecked(True)
    dock.refresh()
    wait_until(lambda: 0 < dock.vehicles.model.rowCount() < 5)
    dock.vehicles.zoom_to(0)
    assert feed.layer.isValid()


def test_the_layer_too_is_restricted_to_the_map_and_follows_it(live, feed, fleet, wait_until, iface, tmp_path):
    from qgis.core import QgsRectangle

    from redis_geo_plugin.core.live.spec import from_json

    def shown():
        return {f["id"] for f in feed.layer.getFeatures()}

    canvas = iface.mapCanvas()
    canvas.setExtent(QgsRectangle(2.3, 48.845, 2.4, 48.875))
    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    ids = {f["id"]: f.id() for f in feed.layer.getFeatures()}
    feed.layer.selectByIds([ids["1"], ids["4"]])
    dock.vehicles.extent_box.click()
    wait_until(lambda: shown() == {"0", "1", "2"})
    assert feed.layer.selectedFeatureIds() == [ids["1"]]  # what left the layer left the selection
    wait_until(lambda: dock.vehicles.model.rowCount() == 3)
    assert dock.model.data(dock.model.index(0, 2)) == "3 of 5"
    assert from_json(feed.layer.customProperty("redis_geo/feed")).in_view
    fleet.set("vehicule:0", position(10.0, 2.35))
    fleet.set("vehicule:4", position(48.86, 2.35))
    wait_until(lambda: shown() == {"1", "2", "4"})
    fleet.delete("vehicule:2")
    wait_until(lambda: shown() == {"1", "4"})
    canvas.setExtent(QgsRectangle(2.0, 9.0, 3.0, 11.0))
    wait_until(lambda: shown() == {"0"})
    live.follow("1")  # a vehicle outside of the view can be followed: the view comes along
    wait_until(lambda: "1" in shown())
    dock.vehicles.extent_box.click()
    wait_until(lambda: shown() == {"0", "1", "3", "4"})


def colored(canvas, layer):
    """Columns of the canvas's picture in which the layer drew something, as shares of its width."""
    from qgis.core import QgsMapRendererParallelJob

    settings = canvas.mapSettings()
    settings.setLayers([layer])
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    width, height = image.width(), image.height()
    drawn = {x for x in range(width) for y in range(height) if image.pixelColor(x, y).lightness() < 200}
    return [sum(1 for x in drawn if low <= x / width < low + 0.5) > 0 for low in (0.0, 0.5)]


@pytest.mark.parametrize(
    ("crs", "center", "places"),
    [
        ("EPSG:3832", (180.0, 0.0), [(0.0, 179.9), (0.0, -179.9)]),  # across 180 degrees
        ("EPSG:3995", (0.0, 90.0), [(85.06, -60.0), (85.06, 60.0)]),  # where GEO sets end
        ("EPSG:2154", (2.35, 48.85), [(48.85, 2.30), (48.85, 2.40)]),
    ],
)
def test_vehicles_are_drawn_on_canvases_of_other_crs(live, fleet, wait_until, iface, crs, center, places):
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsPointXY, QgsRectangle

    from redis_geo_plugin.core.live.spec import FeedSpec

    for number, (lat, lon) in enumerate(places):
        fleet.set(f"far:{number}", position(lat, lon))
    canvas = iface.mapCanvas()
    target = QgsCoordinateReferenceSystem(crs)
    canvas.setDestinationCrs(target)
    path = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), target, QgsProject.instance())
    middle = path.transform(QgsPointXY(*center))
    reach = 3 * max(abs(path.transform(QgsPointXY(lon, lat)).x() - middle.x()) for lat, lon in places) / 2
    canvas.setExtent(QgsRectangle(middle.x() - reach, middle.y() - reach, middle.x() + reach, middle.y() + reach))
    made = live.add(FeedSpec(name="far", pattern="far:*", interval=0.05, max_speed=0.0, in_view=True))
    wait_until(lambda: made.layer.featureCount() == 2)
    assert colored(canvas, made.layer) == [True, True]


def test_a_trail_over_the_180_degree_meridian_and_to_the_far_north_is_drawn_in_its_parts(live, feed, fleet, wait_until):
    live.trails(feed)
    layer = feed.trail.layer
    for lat, lon in ((84.9, 179.8), (85.0, 179.9), (85.06, -179.9), (85.1, -179.8)):
        fleet.set("vehicule:1", position(lat, lon))
        wait_until(lambda lat=lat: feed.writer.shown["1"].lat == lat)
    wait_until(lambda: layer.featureCount() == 1 and next(layer.getFeatures())["points"] >= 6)
    parts = next(layer.getFeatures()).geometry().asMultiPolyline()
    assert [(part[0].x(), part[-1].x()) for part in parts] == [(2.35, 180.0), (-180.0, -179.8)]
    assert all(max(p.x() for p in part) - min(p.x() for p in part) < 180 for part in parts)


@pytest.mark.parametrize(
    ("crs", "extent", "within", "without"),
    [
        ("EPSG:4326", (2, 48, 3, 49), [(2.5, 48.5)], [(2.5, 50.5), (12, 48.5)]),
        ("EPSG:2154", (640_000, 6_855_000, 660_000, 6_862_500), [(2.35, 48.85)], [(2.35, 49.5), (4, 48.85)]),
        ("EPSG:3832", (2_000_000, -1_000_000, 4_500_000, 1_000_000), [(179.9, 0), (-179.9, 0)], [(0, 0), (140, 0)]),
        ("EPSG:3995", (-900_000, -900_000, 900_000, 900_000), [(0, 90), (170, 85), (-90, 84)], [(0, 60)]),
        ("EPSG:3857", (-25e6, -25e6, 25e6, 25e6), [(-180, 85.06), (180, -85), (0, 0)], []),
    ],
)
def test_what_the_map_shows_in_degrees(qgis_app, crs, extent, within, without):
    from qgis.core import QgsCoordinateReferenceSystem, QgsRectangle
    from qgis.gui import QgsMapCanvas

    from redis_geo_plugin.core.live.records import Fix
    from redis_geo_plugin.core.live.view import inside
    from redis_geo_plugin.core.live.view import within as those_within
    from redis_geo_plugin.gui.live.map_view import extent_of, point_on

    canvas = QgsMapCanvas()
    canvas.resize(400, 400)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    canvas.setExtent(QgsRectangle(*extent))
    found = extent_of(canvas)
    fixes = {str(at): Fix(str(at), b"", at[0], at[1], 0.0, 0.0) for at in within + without}
    assert [f.id for f in fixes.values() if inside(f, found)] == [str(at) for at in within]
    assert list(those_within(fixes, found)) == [str(at) for at in within]
    assert all(point_on(canvas, fix) is not None for fix in fixes.values() if abs(fix.lat) < 90)
    canvas.deleteLater()


def test_the_length_of_trails_and_the_rule_of_the_clock_are_kept_with_the_layer(live, feed, wait_until):
    from redis_geo_plugin.core.live.spec import from_json

    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    dock.tabs.setCurrentWidget(dock.trail)
    dock.refresh()
    dock.trail.minutes_box.setValue(5)
    dock.trail.points_box.setValue(50)
    dock.trail.clock_box.click()
    dock.interval_box.setValue(0.5)
    kept = from_json(feed.layer.customProperty("redis_geo/feed"))
    assert (kept.trail_minutes, kept.trail_points, kept.clock, kept.interval) == (5.0, 50, "correct", 0.5)
    assert feed.core.positions.spec.clock == "correct"


def test_the_rules_of_a_proposal_are_set_before_it_is_added(live, fleet, wait_until):
    live.find()
    dialog = live._dialog
    wait_until(lambda: dialog.proposals)
    rules, fields = dialog.form.rules, dialog.form.mapping
    assert (rules.late_box.value(), rules.max_speed_box.value(), rules.forget_box.value()) == (60, 1440, 0)
    assert rules.connection_box.currentData() == "test"
    rules.late_box.setValue(90)
    rules.max_speed_box.setValue(180)
    rules.forget_box.setValue(3600)
    rules.max_future_box.setValue(5)
    rules.interval_box.setValue(0.5)
    rules.keep_box.setChecked(True)
    rules.clock_box.setCurrentIndex(2)
    fields.boxes["time"].setEditText("nothing")
    wait_until(lambda: dialog.form.preview.item(0, 3).text() == "")
    fields.boxes["time"].setEditText("timestamp")
    dialog.add_button.click()
    wait_until(lambda: live.manager.feeds)
    (made,) = live.manager.feeds.values()
    spec = made.core.spec
    assert (spec.late_after, spec.max_speed, spec.forget_after, spec.max_future) == (90.0, 50.0, 3600.0, 5.0)
    assert (spec.interval, spec.keep_gone, spec.clock, spec.mapping.time) == (0.5, True, "reported", "timestamp")


def test_the_settings_of_a_feed_on_the_map_are_changed_without_losing_its_layer(live, feed, fleet, wait_until):
    layer, uid = feed.layer, feed.spec.uid
    ids = {f["id"]: f.id() for f in layer.getFeatures()}
    layer.select(ids["3"])
    live.dock._on_visible(True)
    live.dock.choose(uid)
    live.dock.settings_button.click()
    dialog = live._dialog
    wait_until(lambda: dialog.form.preview.rowCount() == 5)
    dialog.form.mapping.name_edit.setText("buses")
    dialog.form.rules.late_box.setValue(7)
    dialog.ok_button.click()
    wait_until(lambda: live._dialog is None)
    assert (feed.core.spec.late_after, feed.core.spec.interval) == (7.0, 0.05)  # what was not touched stays, exactly
    assert layer.name() == "buses"
    wait_until(lambda: {f["source"] for f in layer.getFeatures()} == {"buses"})
    assert feed.core.status().full_reads == 1  # it reads the same, so it went on
    for i in range(2):
        fleet.set(f"bus:{i}", position(45.0, 3.0))
    live.change(feed.spec.changed(pattern="bus:*"))
    wait_until(lambda: {f["id"] for f in layer.getFeatures()} == {"0", "1"})
    assert {f["id"]: f.id() for f in layer.getFeatures()} == {i: ids[i] for i in "01"}
    live.change(feed.spec.changed(pattern="vehicule:*"))
    wait_until(lambda: layer.featureCount() == 5)
    assert feed.layer is layer


def test_changing_a_feed_keeps_it_chosen_among_others(live, feed, fleet, wait_until):
    from redis_geo_plugin.core.live.spec import FeedSpec

    other = live.add(FeedSpec(name="other", pattern="bus:*"))
    live.dock._on_visible(True)
    live.dock.choose(other.spec.uid)
    live.change(other.spec.changed(name="renamed", pattern="tram:*"))
    live.dock.refresh()
    assert live.dock.chosen() == other.spec.uid
    model = live.dock.model
    assert [model.data(model.index(r, 0)) for r in range(2)] == ["fleet", "renamed"]


def test_last_seen_vehicles_leave_when_that_is_no_longer_wished(live, feed, fleet, wait_until):
    live.change(feed.spec.changed(keep_gone=True))
    fleet.delete("vehicule:0")
    fleet.set("vehicule:1", position(40.0))
    wait_until(lambda: feed.writer.shown["1"].lat == 40.0)
    assert feed.layer.featureCount() == 5
    live.change(feed.spec.changed(keep_gone=False))
    wait_until(lambda: feed.layer.featureCount() == 4)
