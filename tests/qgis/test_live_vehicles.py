"""Vehicles in the list and on the map: selected together, shown whole, charted; and feeds that are told apart."""

from __future__ import annotations

import time

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QRectF, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QMessageBox

from redis_geo_plugin.core.live.spec import FeedSpec
from tests.support.positions import position


@pytest.fixture
def tab(live, feed, iface, wait_until):
    iface.mainWindow().show()
    live.dock.setUserVisible(True)
    live.dock._on_visible(True)
    live.dock.choose(feed.spec.uid)
    live.dock.refresh()
    made = live.dock.tab("vehicles")
    wait_until(lambda: made.model.rowCount() == 5)
    return made


def ids_of(layer):
    return sorted(feature["id"] for feature in layer.selectedFeatures())


def rows_of(tab):
    return sorted(tab.model.fix(i.row()).id for i in tab.table.selectionModel().selectedRows())


def test_rows_and_features_are_selected_together(tab, feed, fleet, wait_until, spin):
    tab.table.selectRow(tab.model.row_of("2"))
    assert ids_of(feed.layer) == ["2"] and tab.selection.ids == {"2"}
    feed.layer.selectByIds([feed.writer.fid("0"), feed.writer.fid("3")])
    assert rows_of(tab) == ["0", "3"] and "selected: 2" in tab.count_label.text()
    fleet.set("vehicule:00", position(48.8, 2.3))  # its row comes between
    wait_until(lambda: tab.model.rowCount() == 6 or tab.model.refresh())
    assert rows_of(tab) == ["0", "3"] == ids_of(feed.layer)
    tab.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    wait_until(lambda: tab.model.fix(0).id == "4")
    assert rows_of(tab) == ["0", "3"] == ids_of(feed.layer)
    tab.filter_edit.setText("3")
    wait_until(lambda: tab.model.rowCount() == 1)
    assert rows_of(tab) == ["3"] and ids_of(feed.layer) == ["0", "3"]  # hidden rows lose no selection
    tab.filter_edit.clear()
    wait_until(lambda: tab.model.rowCount() == 6)
    feed.layer.removeSelection()
    assert rows_of(tab) == [] and "selected" not in tab.count_label.text()


def test_a_vehicle_that_goes_is_no_longer_selected(tab, feed, fleet, wait_until):
    tab.table.selectRow(tab.model.row_of("2"))
    fleet.delete("vehicule:2")
    wait_until(lambda: "2" not in feed.writer.idents)
    assert tab.selection.ids == set() and rows_of(tab) == []


def test_a_click_goes_there_and_more_clicks_only_select(tab, feed, iface):
    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    canvas.setExtent(QgsRectangle(0, 40, 10, 50))

    def click(ident, keys):
        place = tab.table.visualRect(tab.model.index(tab.model.row_of(ident), 0)).center()
        QTest.mouseClick(tab.table.viewport(), Qt.MouseButton.LeftButton, keys, place)

    click("1", Qt.KeyboardModifier.NoModifier)
    there = canvas.center()
    assert there.distance(QgsPointXY(2.35, 48.86)) < 0.001
    click("4", Qt.KeyboardModifier.ControlModifier)
    assert rows_of(tab) == ["1", "4"] == ids_of(feed.layer)
    assert canvas.center().distance(there) < 1e-9


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_zoom_to_the_fleet_and_to_the_selected(tab, feed, fleet, iface, crs, wait_until):
    fleet.set("vehicule:pole", position(-90.0, 0.0))  # which Mercator cannot show
    wait_until(lambda: "pole" in feed.writer.shown)
    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    canvas.setExtent(QgsRectangle(0, 0, 1, 1))
    fleet.delete("vehicule:pole")
    wait_until(lambda: "pole" not in feed.writer.idents and "pole" not in feed.core.positions.latest)
    tab.fleet_button.click()
    extent = canvas.mapSettings().outputExtentToLayerExtent(feed.layer, canvas.extent())
    assert all(extent.contains(f.geometry().asPoint()) for f in feed.layer.getFeatures())
    assert extent.height() < 0.2
    assert not tab.selected_button.isEnabled()
    feed.layer.selectByIds([feed.writer.fid("3")])
    tab.selected_button.click()
    extent = canvas.mapSettings().outputExtentToLayerExtent(feed.layer, canvas.extent())
    assert extent.contains(QgsPointXY(2.35, 48.88)) and not extent.contains(QgsPointXY(2.35, 48.85))


def test_the_speed_of_the_chosen_vehicle_and_the_lag_are_charted(tab, feed, fleet, wait_until):
    start = time.time() - 20
    for i, north in enumerate((0.0, 0.001, 0.003, 0.0035)):
        fleet.set("vehicule:7", position(48.9 + north, 2.35, when=start + i))
        wait_until(lambda i=i: "7" in feed.writer.shown and feed.writer.shown["7"].time >= start + i - 0.01)
    assert tab.speed_chart.points == [] and "Speed" in tab.speed_chart.caption()
    feed.layer.selectByIds([feed.writer.fid("7")])
    charted = tab.speed_chart.points
    expected = [p[3] * 3.6 for p in feed.core.trails.way("7") if p[3] == p[3]]
    assert [value for _, value in charted] == expected and max(expected) > 300
    assert tab.speed_chart.caption().startswith("7 (km/h)")
    tab.speed_chart.show_points("v", [(0, 5.0), (1, 10.0), (2, 2.5)], "")
    line = tab.speed_chart.course(QRectF(0, 0, 100, 50))
    assert line.at(1).y() == 0 and line.at(0).x() == 0 and line.at(2).x() == 100
    assert line.at(0).y() == pytest.approx(25) and line.at(2).y() == pytest.approx(37.5)
    tab.show_charts()
    assert len(tab.lag_chart.points) == len(feed.lags) >= 2
    assert tab.lag_chart.points[-1][1] == pytest.approx(feed.tick.lag * 1000)
    assert not tab.speed_chart.grab().isNull() and not tab.lag_chart.grab().isNull()


def answer(button):
    """Answer the question that comes up; returns what was asked."""
    asked = []

    def press():
        from qgis.PyQt.QtWidgets import QApplication

        box = QApplication.activeModalWidget()
        asked.append(box.text())
        box.button(button).click()

    QTimer.singleShot(0, press)
    return asked


def test_remove_asks_first(tab, live, feed):
    asked = answer(QMessageBox.StandardButton.Cancel)
    live.dock.remove_button.click()
    assert "fleet" in asked[0] and feed.spec.uid in live.manager.feeds
    answer(QMessageBox.StandardButton.Yes)
    live.dock.remove_button.click()
    assert not live.manager.feeds


def test_two_feeds_never_have_one_name(live, feed, wait_until):
    other = live.add(FeedSpec(name="fleet", pattern="bus:*"))
    assert other.spec.name == "fleet (2)" and other.layer.name() == "fleet (2)"
    live.dialogs.change(other.spec.changed(name="buses"))
    assert other.spec.name == "buses"
    live.dialogs.change(other.spec.changed(name="fleet"))
    assert other.spec.name == "fleet (2)"
    live.dialogs.change(feed.spec.changed(interval=0.2))
    assert feed.spec.name == "fleet"
    copy = feed.layer.clone()
    QgsProject.instance().addMapLayer(copy)
    wait_until(lambda: len(live.manager.feeds) == 3)
    assert len({each.spec.name for each in live.manager.feeds.values()}) == 3


def test_the_message_of_a_new_feed_has_zoom_and_undo(live, feed, iface, wait_until):
    messages = iface.bar.items() if hasattr(iface.bar, "items") else []
    said = [item for item in messages if "fleet" in item.text()]
    from qgis.PyQt.QtWidgets import QPushButton

    buttons = {b.text(): b for item in said for b in item.findChildren(QPushButton)}
    assert {"Zoom", "Undo"} <= set(buttons)
    iface.mapCanvas().setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    iface.mapCanvas().setExtent(QgsRectangle(50, 0, 51, 1))
    buttons["Zoom"].click()
    assert iface.mapCanvas().extent().contains(QgsPointXY(2.35, 48.87))
    buttons["Undo"].click()
    wait_until(lambda: not live.manager.feeds)
    assert not QgsProject.instance().mapLayers()


def test_trails_go_with_the_layer_of_their_positions(live, feed, iface, wait_until):
    live.trails(feed)
    assert len(QgsProject.instance().mapLayers()) == 2
    QgsProject.instance().removeMapLayer(feed.layer_id)
    wait_until(lambda: not QgsProject.instance().mapLayers())
    wait_until(lambda: any("trails were removed" in text for text in iface.bar.take_messages()))


def test_trails_stay_where_the_plugin_is_unloaded(plugin, live, feed, spin):
    live.trails(feed)
    plugin.unload()
    spin(0.2)
    assert len(QgsProject.instance().mapLayers()) == 2
