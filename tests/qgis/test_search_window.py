"""The Search dock and its map tool, on a real server."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeedback,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

from redis_geo_plugin.bridge.geo import measuring
from redis_geo_plugin.gui.search.drawing import MOST_POINTS, RED
from tests.support.search_dock import PLACES, add_feature, part


@pytest.fixture
def search(metric_search):
    return metric_search


def results(component):
    model = component.dock.model
    return [model.cell(row, 0) for row in range(model.rowCount())]


def ask(component, wait_until, **values):
    """Fill in the form and press the button."""
    form = component.dock.form
    form.sets.setEditText(values.get("key", "locations"))
    form.kind.setCurrentIndex(form.kind.findData(values.get("kind", "radius")))
    form.center.setText(values.get("center", "-8242596.0, 4966606.0"))
    form.unit.setCurrentText(values.get("unit", "km"))
    form.radius.setValue(values.get("radius", 5.0))
    form.limit.setValue(values.get("limit", 0))
    before = component.results.answer
    component.dock.search.click()
    wait_until(lambda: component._task is None)
    return component.results.answer is not before


def test_only_geo_sets_are_offered_with_a_preview(search):
    box = search.dock.form.sets
    assert [box.itemText(i) for i in range(box.count())] == ["locations"]
    tip = box.itemData(0, Qt.ItemDataRole.ToolTipRole)
    assert "3" in tip and "Central Park" in tip
    assert box.toolTip() == tip
    box.setEditText("another")
    assert box.toolTip() == ""


def test_search_in_this_set_shows_the_dock(search, plugin, iface):
    iface.mainWindow().show()
    part(plugin, "BrowserComponent").search_in({"name": "places", "connection": "test"})
    assert search.dock.isVisible() and search.dock.form.key() == "places"


def test_search_in_a_set_of_another_connection_makes_it_the_active_one(search, plugin, iface, wait_until):
    from redis_geo_plugin.bridge.server import connections

    other = replace(connections.resolve("test"), name="other", key_prefix="team:")
    connections.save(connections.SavedConnection(other))
    part(plugin, "BrowserComponent").search_in({"name": "places", "connection": "other"})
    assert search.context.connections.settings().key_prefix == "team:" and search.dock.form.key() == "places"
    assert any("other" in text for text in iface.bar.take_messages())
    wait_until(search.dock.form.refresh.isEnabled)  # its sets are looked for


def test_search_by_coordinates_member_and_unit(search, wait_until):
    assert ask(search, wait_until)
    assert results(search) == ["Statue of Liberty"]
    ask(search, wait_until, radius=6, unit="mi")
    assert results(search) == ["Statue of Liberty", "Times Square"]
    ask(search, wait_until, center="Times Square", radius=5)
    assert results(search) == ["Times Square", "Central Park"]
    assert search.dock.model.cell(1, 3) == "park"
    ask(search, wait_until, kind="nearest", limit=2)
    assert results(search) == ["Statue of Liberty", "Times Square"]


def test_failures_are_told_and_the_results_stay(search, wait_until, places):
    ask(search, wait_until)
    said = []
    for values in (
        {"key": "missing"},
        {"key": "index_locations"},
        {"center": "no such member"},
        {"center": ""},
    ):
        assert not ask(search, wait_until, **values)
        said.append(search.dock.status.text())
        assert results(search) == ["Statue of Liberty"]
    assert len(set(said)) == 4 and all(said)


def test_a_click_searches_and_a_drag_draws_the_radius(search, iface, wait_until, spin):
    canvas = iface.mapCanvas()
    iface.mainWindow().show()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    canvas.setExtent(QgsRectangle(-8260000, 4950000, -8220000, 4990000))
    spin(0.1)
    search.pick.trigger()
    assert canvas.mapTool() is search.tool and search.dock.form.pick.isChecked()
    search.dock.form.radius.setValue(5)

    def pixel(x, y):
        point = canvas.getCoordinateTransform().transform(QgsPointXY(x, y))
        return QPoint(round(point.x()), round(point.y()))

    view, left, none = canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(view, left, none, pixel(-8242596, 4966606))
    wait_until(lambda: results(search) == ["Statue of Liberty"])
    assert search.drawing.area.asGeometry().area() > 0
    search.tool.dragged.emit(QgsPointXY(-8242596, 4966606), QgsPointXY(-8242596 + 20000, 4966606))
    assert (
        abs(search.dock.form.metres() - 20000 * 0.758) < 60
    )  # metres of the map are longer than those of the ground
    search.tool.released.emit(QgsPointXY(-8242596, 4966606), QgsPointXY(-8242596 + 20000, 4966606))
    wait_until(lambda: len(results(search)) == 3)
    search.tool.given_up.emit()
    assert canvas.mapTool() is not search.tool and not search.pick.isChecked()


def test_while_one_search_runs_the_newest_wish_waits(search, wait_until):
    form = search.dock.form
    form.center.setText("-8242596.0, 4966606.0")
    for radius in (1, 5, 7, 50):
        form.radius.setValue(radius)
        search.search(live=True)
    wait_until(lambda: search._task is None)
    assert len(results(search)) == 3


def test_keep_as_layers_in_the_projects_crs(search, wait_until):
    ask(search, wait_until, radius=50)
    search.dock.as_layer.click()
    wait_until(lambda: len(QgsProject.instance().mapLayers()) == 2)
    layers = {layer.geometryType(): layer for layer in QgsProject.instance().mapLayers().values()}
    points, area = layers[0], layers[2]
    assert points.crs().authid() == area.crs().authid() == "EPSG:3857"
    assert points.renderer().symbol().color().name() == RED and points.labelsEnabled()
    assert 0 < area.renderer().symbol().color().alpha() < 60  # the map is seen through it
    assert [f["member"] for f in points.getFeatures()] == [
        "Statue of Liberty",
        "Times Square",
        "Central Park",
    ]
    assert {f["hectares"] for f in points.getFeatures() if f["member"] == "Central Park"} == {341}
    circle = next(area.getFeatures()).geometry()
    assert all(circle.contains(f.geometry()) for f in points.getFeatures())
    spread = circle.boundingBox()
    assert spread.height() > spread.width() * 1.0005  # on the ellipsoid: no circle in Mercator


def test_layers_in_a_projects_crs_without_a_code(search, wait_until):
    around_new_york = "+proj=aeqd +lat_0=40.7 +lon_0=-74 +datum=WGS84 +units=m +type=crs"
    crs = QgsCoordinateReferenceSystem.fromProj(around_new_york)
    assert crs.isValid() and not crs.authid()
    QgsProject.instance().setCrs(crs)
    ask(search, wait_until, center="Central Park", radius=50)
    search.dock.as_layer.click()
    wait_until(lambda: len(QgsProject.instance().mapLayers()) == 2)
    for layer in QgsProject.instance().mapLayers().values():
        assert layer.crs() == crs
        assert layer.extent().width() > 1000  # metres, and no degrees


def test_added_searches_keep_the_radius_and_the_feature_of_each_circle(search, iface, wait_until):
    points = add_feature(QgsVectorLayer("Point?crs=EPSG:4326", "p", "memory"), "POINT(-73.98 40.76)")
    add_feature(points, "POINT(-74.04 40.69)")
    iface.setActiveLayer(points)
    ids = sorted(points.selectedFeatureIds())
    ask(search, wait_until, kind="nearest_features", limit=1)  # without circles
    search.dock.form.add.setChecked(True)
    ask(search, wait_until, kind="radius_features", radius=1)
    ask(search, wait_until, center="Central Park", radius=5)
    before = set(QgsProject.instance().mapLayers().values())
    search.dock.as_layer.click()
    wait_until(lambda: len(QgsProject.instance().mapLayers()) == 3)
    area = next(a for a in set(QgsProject.instance().mapLayers().values()) - before if a.geometryType() == 2)
    rows = [(f["center_id"], f["radius_m"]) for f in area.getFeatures()]
    assert sorted(rows) == sorted([(ids[0], 1000.0), (ids[1], 1000.0), (0, 5000.0)])


def test_what_a_layer_shows_is_not_drawn_again(search, wait_until):
    ask(search, wait_until, radius=50)
    search.dock.as_layer.click()
    wait_until(lambda: len(QgsProject.instance().mapLayers()) == 2)
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    assert search.drawing.points.count() == 0 and not search.drawing.center.isVisible()
    search.dock.form.radius.setValue(7)  # a circle of what is typed
    degrees = search.drawing.area.asGeometry().boundingBox().width()
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    assert 0 < degrees < 1 < search.drawing.area.asGeometry().boundingBox().width()


def test_keeping_a_layer_leaves_what_was_searched_in_the_meantime(search, wait_until):
    from redis_geo_plugin.gui.search import keeping

    ask(search, wait_until, radius=50)
    first = search.results.answer
    ask(search, wait_until)
    made = keeping.build(first, measuring.project_path(), QgsFeedback())
    search.results._kept(first, made, None)
    assert search.drawing.points.count() == 1 and search.results.drawn


def test_add_replace_copy_sort_and_clear(search, wait_until):
    ask(search, wait_until, radius=1)
    search.dock.form.add.setChecked(True)
    ask(search, wait_until, center="Central Park", radius=1)
    assert sorted(results(search)) == ["Central Park", "Statue of Liberty"]
    search.dock.model.sort(0, Qt.SortOrder.DescendingOrder)
    assert results(search) == ["Statue of Liberty", "Central Park"]
    search.dock.copy.click()
    lines = QApplication.clipboard().text().split("\n")
    assert len(lines) == 3 and lines[1].split("\t")[0] == "Statue of Liberty" and "\t-82425" in lines[1]
    assert lines[0].endswith("x EPSG:3857\ty EPSG:3857")
    search.dock.form.add.setChecked(False)
    ask(search, wait_until, center="Central Park", radius=1)
    assert results(search) == ["Central Park"]
    search.dock.clear.click()
    assert results(search) == [] and not search.dock.as_layer.isEnabled()


def test_selected_features_extent_polygons_and_corridor(search, iface, wait_until):
    not_asked = ask(search, wait_until, kind="radius_features")
    assert not not_asked and search.dock.status.text()
    points = add_feature(QgsVectorLayer("Point?crs=EPSG:4326", "p", "memory"), "POINT(-73.98 40.76)")
    iface.setActiveLayer(points)
    ask(search, wait_until, kind="radius_features", radius=3)
    assert sorted(results(search)) == ["Central Park", "Times Square"]
    ask(search, wait_until, kind="nearest_features", limit=1)
    assert results(search) == ["Times Square"]
    square = "POLYGON((-74.1 40.6,-74 40.6,-74 40.7,-74.1 40.7,-74.1 40.6))"
    iface.setActiveLayer(add_feature(QgsVectorLayer("Polygon?crs=EPSG:4326", "a", "memory"), square))
    ask(search, wait_until, kind="polygons")
    assert results(search) == ["Statue of Liberty"]
    line = "LINESTRING(-74.0445 40.6892,-73.9855 40.7580)"
    iface.setActiveLayer(add_feature(QgsVectorLayer("LineString?crs=EPSG:4326", "l", "memory"), line))
    ask(search, wait_until, kind="corridor", radius=500, unit="m")
    assert sorted(results(search)) == ["Statue of Liberty", "Times Square"]
    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    canvas.setExtent(QgsRectangle(-8240000, 4973000, -8230000, 4983000))
    ask(search, wait_until, kind="extent")
    assert sorted(results(search)) == ["Central Park", "Times Square"]


def test_centers_of_features_are_those_of_the_algorithms(search, iface, wait_until):
    layer = QgsVectorLayer("MultiPoint?crs=EPSG:4326", "m", "memory")
    add_feature(layer, "MULTIPOINT((-73.9 40.8),(-74.05 40.76))")  # the middle is near Times Square
    add_feature(layer, "MULTIPOINT((0 91))")
    iface.setActiveLayer(layer)
    ask(search, wait_until, kind="radius_features", radius=3)
    assert sorted(results(search)) == ["Central Park", "Times Square"]
    assert len(search.results.answer.centers) == 1


def test_the_drawing_follows_the_projects_crs(search, wait_until):
    ask(search, wait_until)
    before = search.drawing.area.asGeometry().boundingBox()
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    after = search.drawing.area.asGeometry().boundingBox()
    assert before.width() > 1000 and after.width() < 1


def test_a_typed_center_stays_where_it_is_when_the_projects_crs_changes(search, wait_until):
    form, project = search.dock.form, QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    form.center.setText("20, 78")
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    x, y = form.center_point()
    assert abs(x - 2226389.8) < 1 and abs(y - 14368684.3) < 1
    project.setCrs(QgsCoordinateReferenceSystem())  # none: degrees
    assert form.center.text() == "20.000000, 78.000000"
    form.center.setText("Times Square")
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    assert form.center.text() == "Times Square"
    form.center.setText("-8242596.0, 4966606.0")
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    ask(search, wait_until, center=form.center.text())
    assert results(search) == ["Statue of Liberty"]
    form.center.setText("2, -90")
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:2154"))  # a cone: it has no south pole
    assert form.center.text() == "" and search.dock.status.text()


def test_the_row_under_the_mouse_flashes_wider_than_its_dot(search, iface, wait_until):
    canvas = iface.mapCanvas()
    iface.mainWindow().show()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    canvas.setExtent(QgsRectangle(-8260000, 4950000, -8220000, 4990000))
    search.dock.setUserVisible(True)
    ask(search, wait_until, radius=50)
    table = search.dock.table
    wait_until(lambda: table.viewport().height() > 60)

    flash = search.drawing.flashing
    assert flash.numberOfVertices() == 0
    QTest.mouseMove(table.viewport(), table.visualRect(search.dock.model.index(0, 0)).center())
    QTest.mouseMove(table.viewport(), table.visualRect(search.dock.model.index(1, 1)).center())
    wait_until(lambda: flash.numberOfVertices() == 1 and flash.fillColor().alpha() > 50)
    times_square = QgsPointXY(-8236028, 4976712)
    assert flash.getPoint(0).distance(times_square) < 5 and flash.boundingRect().width() > 20
    wait_until(lambda: flash.numberOfVertices() == 0)


def test_cancelled_before_it_began(search, wait_until):
    ask(search, wait_until)
    search.dock.form.radius.setValue(50)
    search.dock.search.click()
    search.dock.cancel.click()  # most often still queued: then nothing of it runs
    wait_until(lambda: search._task is None)
    assert results(search) == ["Statue of Liberty"] and "Stopped" in search.dock.status.text()


def test_cancelled_without_earlier_results(search, wait_until):
    search.dock.form.center.setText("Times Square")
    search.dock.search.click()
    search.dock.cancel.click()
    wait_until(lambda: search._task is None)
    assert search.dock.status.text() == "Stopped."


def test_an_answer_of_the_earlier_connection_is_not_shown(search, wait_until):
    from redis_geo_plugin.bridge.server import connections

    other = replace(connections.resolve("test"), name="other", key_prefix="team:")
    connections.save(connections.SavedConnection(other))
    ask(search, wait_until)
    for radius in (50, 5):  # one runs, one waits
        search.dock.form.radius.setValue(radius)
        search.dock.search.click()
    search.context.connections.activate("other")
    wait_until(lambda: search._task is None)
    assert results(search) == [] and search.results.answer is None
    wait_until(search.dock.form.refresh.isEnabled)


def test_100_000_hits_with_progress_and_cancel(search, places, wait_until):
    lon, lat = np.random.default_rng(7).uniform((0, 45), (5, 50), (100_000, 2)).T.tolist()
    for start in range(0, 100_000, 10_000):
        values = [v for i in range(start, start + 10_000) for v in (lon[i], lat[i], f"m{i}")]
        places.geoadd("many", values)
    ask(search, wait_until)
    dock, seen = search.dock, []
    dock.progress.valueChanged.connect(seen.append)
    search._busy.setInterval(0)
    dock.form.sets.setEditText("many")
    dock.form.center.setText("278299, 6026906")
    dock.form.radius.setValue(1000)
    dock.search.click()
    wait_until(lambda: not dock.cancel.isHidden())
    dock.cancel.click()
    wait_until(lambda: search._task is None)
    assert results(search) == ["Statue of Liberty"] and "Stopped" in dock.status.text()
    assert dock.cancel.isHidden() and not dock.search.isHidden()
    seen.clear()
    dock.search.click()
    wait_until(lambda: len(results(search)) == 100_000, 30)
    assert len({value for value in seen if value}) >= 3, seen
    assert search.drawing.points.count() == MOST_POINTS and "2,000" in dock.status.text()
    dock.as_layer.click()
    wait_until(lambda: QgsProject.instance().mapLayers(), 30)
    assert sorted(layer.featureCount() for layer in QgsProject.instance().mapLayers().values()) == [
        1,
        100_000,
    ]


def test_settings_are_remembered(search, plugin, wait_until):
    from redis_geo_plugin.gui.search.form import SearchForm

    ask(search, wait_until, radius=7.5, unit="mi", limit=9)
    again = SearchForm()
    assert (again.key(), again.radius.value(), again.unit.currentText(), again.limit.value()) == (
        "locations",
        7.5,
        "mi",
        9,
    )
    again.deleteLater()


@pytest.mark.parametrize(
    "text, point",
    [
        ("1.5, 2", (1.5, 2.0)),
        ("1,5; 2,25", (1.5, 2.25)),
        ("-74.0445 40.6892", PLACES["Statue of Liberty"]),
        ("Central Park", None),
        ("12, rue de la Paix", None),
        ("1, 2, 3", None),
        ("", None),
    ],
)
def test_centers_as_people_type_them(text, point, qgis_app):
    from redis_geo_plugin.gui.search.form import parse_point

    assert parse_point(text) == point


def test_a_lost_server_is_said_once_in_the_dock(search, wait_until, monkeypatch):
    from redis_geo_plugin.core.redis.settings import ConnectionSettings

    monkeypatch.setattr(search.context.connections, "_settings", ConnectionSettings(port=1))
    assert not ask(search, wait_until)
    assert search.dock.status.text()
