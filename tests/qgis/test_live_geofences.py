"""Geofences in the window: chosen, said, kept with the project, and followed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from qgis.core import QgsProject, QgsVectorLayer

from tests.support.positions import position


@pytest.fixture
def one_server(server):
    """The whole window on both servers."""
    return server


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
    dock.tabs.setCurrentWidget(dock.tab("fences"))
    dock.refresh()
    tab = dock.tab("fences")
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
        wait_until(
            lambda lat=lat, lon=lon: (feed.writer.shown["1"].lat, feed.writer.shown["1"].lon) == (lat, lon)
        )


def test_polygons_are_called_by_what_qgis_calls_them_by(fenced, feed):
    named = QgsVectorLayer("Polygon?crs=EPSG:4326&field=code:integer&field=name:string", "named", "memory")
    QgsProject.instance().addMapLayer(named)
    fenced.layer_box.setLayer(named)
    assert fenced.name_box.currentField() == feed.spec.fencing.name_field == "name", "not the first field"


def test_a_layer_without_polygons_is_told(live, feed, fenced, iface, wait_until):
    from qgis.core import QgsFeature, QgsGeometry

    empty = QgsVectorLayer("Polygon?crs=EPSG:4326&field=name:string", "empty", "memory")
    QgsProject.instance().addMapLayer(empty)
    iface.bar.take_messages()
    fenced.layer_box.setLayer(empty)
    wait_until(lambda: "no polygon" in fenced.state_label.text())
    assert any("no polygon" in text for text in iface.bar.take_messages())
    added = QgsFeature(empty.fields())
    added.setGeometry(QgsGeometry.fromWkt("POLYGON((0 0,1 0,1 1,0 0))"))
    assert empty.startEditing() and empty.addFeature(added) and empty.commitChanges()
    wait_until(lambda: "1" in fenced.state_label.text())
    assert not any("no polygon" in item.text() for item in iface.bar.items())


def test_polygons_are_named_by_the_field_that_is_chosen(feed, fenced, fleet, wait_until, live):
    fenced.name_box.setField("")  # none: by the ids of the features
    assert feed.spec.fencing.name_field == ""
    wait_until(lambda: "Polygons watched" in fenced.state_label.text() and not live.fence_keeper._reads)
    drive(feed, fleet, wait_until, (42.0, 1.0), (42.0, 2.5))
    wait_until(lambda: live.fence_keeper.events(feed.spec.uid))
    assert live.fence_keeper.events(feed.spec.uid)[0].fence == "1"


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
    iface.bar.take_messages()
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
    iface.bar.take_messages()
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
    assert (fenced.watch_button.isChecked(), fenced.say_box.isChecked(), fenced.stream_box.isChecked()) == (
        True,
    ) * 3
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


def test_polygons_that_were_read_for_a_former_choice_do_not_replace_the_newer_ones(
    live, feed, fenced, monkeypatch
):
    tasks, fencing = TasksThatWait(), feed.spec.fencing
    monkeypatch.setattr(live.fence_keeper, "_tasks", tasks)
    live.fence_keeper.watch(feed.spec.uid, replace(fencing, name_field=""))
    live.fence_keeper.watch(feed.spec.uid, fencing)
    former, newer = tasks.waiting
    newer()
    former()
    assert feed.core.fences.names == ["Zone A"]


def test_geofences_are_watched_again_after_a_stop_and_a_reload(
    plugin, live, feed, fleet, fenced, wait_until, iface
):
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
