"""The density of a feed: cells and zones on the map, kept with the project, and gone with their feed."""

from __future__ import annotations

import time

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDataProvider,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsSingleSymbolRenderer,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtWidgets import QAction

from redis_geo_plugin.bridge.compat import is_null
from redis_geo_plugin.bridge.live.density_layer import DENSITY_PROPERTY, density_layers
from redis_geo_plugin.bridge.live.density_style import class_name, density_renderer, lower_bounds, rounded_up
from redis_geo_plugin.core.live.density import DensitySpec
from tests.support.positions import position


@pytest.fixture
def one_server(server):
    """The whole window on both servers."""
    return server


def counts(layer):
    """Of each cell or zone how many vehicles it holds."""
    return {one.attributes()[0]: one["count"] for one in layer.getFeatures()}


@pytest.fixture
def tab(live, feed):
    """The tab with the feed chosen."""
    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    dock.tabs.setCurrentWidget(dock.tab("density"))
    dock.refresh()
    return dock.tab("density")


@pytest.fixture
def cells(live, feed, wait_until):
    """Squares of a hundredth of a degree: the five vehicles of the fleet are in five of them."""
    shown = show(live, feed, "squares", 0.01)
    wait_until(lambda: shown.tallies is not None and shown.layer.featureCount() == 5)
    return shown


def show(live, feed, shape="squares", size=0.01):
    live.density(DensitySpec(feed.spec.uid, "cells", shape, size))
    return live.densities.of(feed.spec.uid)


def test_cells_are_shown_by_the_tab_in_the_projects_crs(live, feed, fleet, tab, wait_until):
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:2154"))
    live.dock.refresh()
    assert tab.size_box.suffix().strip() == "m"
    tab.size_box.setValue(50_000.0)
    tab.cells_button.click()
    shown = live.densities.of(feed.spec.uid)
    wait_until(lambda: counts(shown.layer) and sum(counts(shown.layer).values()) == 5)
    assert shown.layer.crs().authid() == "EPSG:2154"
    (cell,) = shown.layer.getFeatures()
    assert cell.geometry().area() == pytest.approx(50_000.0**2 * 3**0.5 / 2), "a hexagon"
    to_crs = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:4326"), shown.layer.crs(), QgsProject.instance()
    )
    for one in feed.layer.getFeatures():
        place = one.geometry()
        place.transform(to_crs)
        assert cell.geometry().contains(place)
    live.dock.refresh()
    assert "5" in tab.state_label.text() and tab.cells_button.isChecked()
    below = [node.layerId() for node in QgsProject.instance().layerTreeRoot().findLayers()]
    assert below.index(shown.layer_id) > below.index(feed.layer_id)


def test_shape_and_size_count_at_once(live, feed, tab, cells, wait_until):
    live.dock.refresh()
    assert (tab.shape_box.currentData(), tab.size_box.value()) == ("squares", 0.01)
    layer = cells.layer
    tab.size_box.setValue(10.0)
    wait_until(lambda: list(counts(layer).values()) == [5])
    tab.shape_box.setCurrentIndex(0)
    wait_until(lambda: cells.tallies is not None and layer.featureCount() == 1)
    wait_until(lambda: len(next(layer.getFeatures()).geometry().asPolygon()[0]) == 7)
    assert cells.layer is layer and '"hexagons"' in layer.customProperty(DENSITY_PROPERTY)
    tab.cells_button.click()
    assert live.densities.of(feed.spec.uid) is None and not density_layers(
        QgsProject.instance(), feed.spec.uid
    )


def test_only_cells_that_change_are_written(feed, fleet, cells, wait_until):
    layer = cells.layer
    before = {one["cell"]: one.id() for one in layer.getFeatures()}
    there = next(one for one in layer.getFeatures() if one["cell"].endswith(":4887"))
    layer.selectByIds(list(before.values()))
    fleet.set("vehicule:0", position(48.875, 2.355, speed=36.0))
    wait_until(lambda: counts(layer).get(there["cell"]) == 2)
    wait_until(lambda: len(counts(layer)) == 4)
    after = {one["cell"]: one.id() for one in layer.getFeatures()}
    assert {cell: before[cell] for cell in after} == after, "features keep their ids"
    assert sorted(layer.selectedFeatureIds()) == sorted(after.values())
    fleet.set("vehicule:9", position(10.0, 20.0))
    wait_until(lambda: counts(layer).get("2000:1000") == 1)
    fleet.delete("vehicule:9")
    wait_until(lambda: "2000:1000" not in counts(layer))


def test_speed_and_time_spent(feed, fleet, cells, wait_until):
    layer = cells.layer
    assert all(is_null(one["speed_ms"]) and one["dwell_s"] == 0.0 for one in layer.getFeatures())
    now = time.time()
    for ident in "ab":
        fleet.set(f"vehicule:{ident}", position(10.005, 20.005, now - 30))
    wait_until(lambda: counts(layer).get("2000:1000") == 2)
    fleet.set("vehicule:a", position(10.006, 20.006, now))

    def found():
        return next(one for one in layer.getFeatures() if one["cell"] == "2000:1000")

    wait_until(lambda: found()["dwell_s"] == pytest.approx(30.0, abs=0.01))
    assert found()["speed_ms"] == pytest.approx(5.19, abs=0.02), "that of the one who moved, as computed"


def test_a_pause_and_a_stop_keep_the_cells(live, feed, fleet, cells, wait_until, spin):
    layer = cells.layer
    feed.pause()
    fleet.set("vehicule:9", position(10.0, 20.0))
    spin(0.3)
    assert len(counts(layer)) == 5
    feed.resume()
    wait_until(lambda: len(counts(layer)) == 6)
    live.manager.stop(feed.spec.uid)
    fleet.set("vehicule:8", position(11.0, 21.0))
    spin(0.3)
    assert len(counts(layer)) == 6
    live.manager.start(feed.spec.uid)
    wait_until(lambda: len(counts(layer)) == 7)


def test_rewound_it_shows_that_moment(feed, fleet, cells, wait_until):
    layer, before = cells.layer, time.time()
    wait_until(lambda: time.time() > before + 0.05)
    fleet.set("vehicule:0", position(10.005, 20.005))
    wait_until(lambda: counts(layer).get("2000:1000") == 1)
    feed.rewind(before)
    wait_until(lambda: "2000:1000" not in counts(layer) and len(counts(layer)) == 5)
    assert all(is_null(one["dwell_s"]) for one in layer.getFeatures())
    feed.rewind(None)
    wait_until(lambda: counts(layer).get("2000:1000") == 1)
    wait_until(lambda: not any(is_null(one["dwell_s"]) for one in layer.getFeatures()))


def test_it_comes_back_with_the_project(live, feed, fleet, cells, wait_until, iface, tmp_path):
    project, path = QgsProject.instance(), str(tmp_path / "density.qgz")
    cells.layer.setRenderer(QgsSingleSymbolRenderer.defaultRenderer(cells.layer.geometryType()))
    uid, kind = feed.spec.uid, cells.layer.renderer().type()
    assert project.write(path)
    project.clear()
    assert not live.densities.layers
    assert project.read(path)
    iface.projectRead.emit()
    wait_until(lambda: live.densities.of(uid) is not None)
    again = live.densities.of(uid)
    wait_until(lambda: len(counts(again.layer)) == 5)
    assert (again.spec.shape, again.spec.size) == ("squares", 0.01)
    assert again.layer.renderer().type() == kind == "singleSymbol", "a style of the user's stays"
    fleet.set("vehicule:9", position(10.0, 20.0))
    wait_until(lambda: len(counts(again.layer)) == 6)


@pytest.mark.parametrize("way", ["removed", "deleted"])
def test_it_goes_with_its_feed(live, feed, cells, wait_until, iface, way):
    key = cells.layer_id
    if way == "removed":
        live.remove(feed.spec.uid)
    else:
        QgsProject.instance().removeMapLayer(feed.layer_id)
    wait_until(lambda: QgsProject.instance().mapLayer(key) is None)
    assert not live.densities.layers
    if way == "deleted":
        assert any("density was removed" in text for text in iface.bar.take_messages())


def test_a_layer_that_is_deleted_is_counted_no_more(live, feed, fleet, cells, wait_until, spin):
    QgsProject.instance().removeMapLayer(cells.layer_id)
    assert live.densities.of(feed.spec.uid) is None
    fleet.set("vehicule:0", position(10.0, 20.0))
    wait_until(lambda: feed.writer.shown["0"].lat == 10.0)
    spin(0.2)


def test_made_permanent_it_is_the_users(live, feed, fleet, cells, wait_until, spin, tmp_path):
    layer, path = cells.layer, str(tmp_path / "cells.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    context = QgsProject.instance().transformContext()
    assert QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, context, options)[0] == 0
    layer.setDataSource(path, layer.name(), "ogr", QgsDataProvider.ProviderOptions())
    assert live.densities.of(feed.spec.uid) is None
    assert not layer.readOnly() and not layer.customProperty(DENSITY_PROPERTY)
    fleet.set("vehicule:9", position(10.0, 20.0))
    wait_until(lambda: feed.layer.featureCount() == 6)
    spin(0.2)
    assert layer.featureCount() == 5
    again = show(live, feed)
    wait_until(lambda: len(counts(again.layer)) == 6)


def test_the_menu_of_the_layer_shows_it_once(live, feed, iface, wait_until):
    iface.mapCanvas().setExtent(feed.layer.extent().buffered(1.0))
    action = iface.mainWindow().findChild(QAction, "redis_geo_live_layer_density")
    action.trigger()
    shown = live.densities.of(feed.spec.uid)
    wait_until(lambda: counts(shown.layer) and sum(counts(shown.layer).values()) == 5)
    action.trigger()
    assert len(density_layers(QgsProject.instance(), feed.spec.uid)) == 1


def test_unloading_and_reloading_the_plugin_goes_on(live, feed, fleet, cells, load, plugin, wait_until):
    layer, uid = cells.layer, feed.spec.uid
    plugin.unload()
    again = next(c for c in load().components if type(c).__name__ == "LiveComponent")
    wait_until(lambda: again.densities.of(uid) is not None)
    fleet.set("vehicule:9", position(10.0, 20.0))
    wait_until(lambda: len(counts(layer)) == 6)
    assert again.densities.of(uid).layer is layer


@pytest.mark.parametrize("size", [1e-7, 1e-5])
def test_what_cannot_be_counted_is_told(live, feed, fleet, tab, cells, wait_until, size, monkeypatch, iface):
    from redis_geo_plugin.bridge.live import counting

    monkeypatch.setattr(counting, "MOST_CELLS", 3)
    live.density(cells.spec.changed(size=size))
    wait_until(lambda: cells.error is not None)
    live.dock.refresh()
    assert "Nothing is counted" in tab.state_label.text()
    assert cells.layer.featureCount() == 0
    live.density(cells.spec.changed(size=1.0))
    wait_until(lambda: sum(counts(cells.layer).values()) == 5)
    live.dock.refresh()
    assert "Nothing" not in tab.state_label.text()


def test_what_the_crs_cannot_show_is_told(live, feed, fleet, tab, wait_until):
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3031"))
    fleet.set("vehicule:9", position(90.0, 20.0))
    shown = show(live, feed, "hexagons", 1e7)
    wait_until(lambda: shown.tallies is not None and shown.tallies.vehicles == 6)
    live.dock.refresh()
    assert sum(counts(shown.layer).values()) == 5
    assert "Outside of the CRS: 1" in tab.state_label.text()


# --- zones --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def zones(live, feed, tab, wait_until):
    """Two squares of 48 to 49 degrees north, watched and shown: the fleet is in the first."""
    from redis_geo_plugin.core.live.spec import Fencing

    layer = QgsVectorLayer("Polygon?crs=EPSG:4326&field=name:string", "zones", "memory")
    for name, west in (("A", 2), ("B", 10)):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([name])
        square = f"POLYGON(({west} 48,{west + 1} 48,{west + 1} 49,{west} 49,{west} 48))"
        feature.setGeometry(QgsGeometry.fromWkt(square))
        layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    live.dock.refresh()
    assert not tab.zones_button.isEnabled() and "Watch" in tab.zones_label.text()
    live.fences(feed.spec.uid, Fencing(layer.id(), "name", watched=True))
    wait_until(lambda: feed.core.fences is not None)
    live.dock.refresh()
    tab.zones_button.click()
    shown = live.densities.of(feed.spec.uid, "zones")
    wait_until(lambda: counts(shown.layer) == {"A": 5, "B": 0})
    return layer


def row(live, feed, name):
    shown = live.densities.of(feed.spec.uid, "zones")
    return next(one for one in shown.layer.getFeatures() if one["zone"] == name)


def test_zones_count_who_is_inside_entered_and_left(live, feed, fleet, zones, tab, wait_until):
    now = time.time()
    fleet.set("vehicule:9", position(48.5, 1.0, now - 60))
    wait_until(lambda: "9" in feed.writer.shown)
    fleet.set("vehicule:9", position(48.5, 2.5, now - 40))
    wait_until(lambda: (row(live, feed, "A")["count"], row(live, feed, "A")["entered"]) == (6, 1))
    fleet.set("vehicule:9", position(48.5, 2.6, now - 10))
    wait_until(lambda: row(live, feed, "A")["dwell_s"] == pytest.approx(30.0, abs=0.01))
    fleet.set("vehicule:9", position(48.5, 12.0, now))
    wait_until(lambda: (row(live, feed, "A")["count"], row(live, feed, "A")["exited"]) == (5, 1))
    assert (row(live, feed, "B")["entered"], row(live, feed, "B")["exited"]) == (1, 1), "it was crossed"
    live.dock.refresh()
    assert "2" in tab.zones_label.text()


def test_zones_follow_edits_of_their_polygons_and_the_end_of_watching(live, feed, fleet, zones, wait_until):
    from redis_geo_plugin.core.live.spec import Fencing

    shown = live.densities.of(feed.spec.uid, "zones")
    feature = next(one for one in zones.getFeatures() if one["name"] == "A")
    assert zones.startEditing()
    zones.changeGeometry(feature.id(), QgsGeometry.fromWkt("POLYGON((20 0,21 0,21 1,20 1,20 0))"))
    assert zones.commitChanges()
    wait_until(lambda: counts(shown.layer) == {"A": 0, "B": 0})
    live.fences(feed.spec.uid, Fencing())
    fleet.set("vehicule:0", position(48.5, 2.5))
    wait_until(lambda: shown.layer.featureCount() == 0)


# --- its style ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("highest", [1, 2, 3, 7, 10, 50, 999, 2500, 250_000, 10**7])
def test_classes_cover_all_counts_with_words(highest):
    bounds = lower_bounds(highest)
    assert bounds[0] == 1 and bounds == sorted(set(bounds)) and bounds[-1] <= max(highest, 1)
    assert len(bounds) <= 6
    for with_empty in (False, True):
        renderer = density_renderer(highest, with_empty)
        for count in {*([0] if with_empty else []), 1, 2, highest // 2 or 1, highest, 3 * highest}:
            found = [r for r in renderer.ranges() if r.lowerValue() <= count <= r.upperValue()]
            assert len(found) == 1 and "vehicle" in found[0].label()


def test_the_words_of_classes():
    assert [class_name(1, 1), class_name(2, 4), class_name(5, 10**9)] == [
        "1 vehicle",
        "2 to 4 vehicles",
        "5 or more vehicles",
    ]
    assert [rounded_up(n) for n in (1, 2, 3, 6, 11, 99, 101)] == [1, 2, 5, 10, 20, 100, 200]


def test_the_legend_follows_the_counts_until_the_user_changes_it(live, feed, fleet, wait_until):
    shown = show(live, feed, "squares", 10.0)
    layer = shown.layer
    wait_until(lambda: counts(layer) == {"0:4": 5})
    wait_until(lambda: len(layer.renderer().ranges()) > 2)
    for i in range(5, 60):
        fleet.set(f"vehicule:{i}", position(48.85, 2.35))
    wait_until(
        lambda: "50" in layer.renderer().ranges()[-1].label() or "20" in layer.renderer().ranges()[-1].label()
    )
    layer.renderer().updateRangeLabel(0, "mine")
    for i in range(60, 700):
        fleet.set(f"vehicule:{i}", position(48.85, 2.35))
    wait_until(lambda: counts(layer) == {"0:4": 700})
    assert layer.renderer().ranges()[0].label() == "mine"
