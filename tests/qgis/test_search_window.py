"""The Search dock, its map tool, the Browser, the locator and the expression functions, on a real server."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from qgis.core import (
    QgsBrowserModel,
    QgsCoordinateReferenceSystem,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsFeedback,
    QgsGeometry,
    QgsLocatorContext,
    QgsLocatorResult,
    QgsMimeDataUtils,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QMimeData, QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

from redis_geo_plugin.gui.search.drawing import MOST_POINTS, RED

PLACES = {
    "Central Park": (-73.9665, 40.7812),
    "Times Square": (-73.9855, 40.7580),
    "Statue of Liberty": (-74.0445, 40.6892),
}
LIBERTY = (-74.0445, 40.6892)


@pytest.fixture
def places(one_server):
    with one_server.client() as client:
        for name, (lon, lat) in PLACES.items():
            client.geoadd("locations", (lon, lat, name))
        client.hset("locations:attributs", "Central Park", json.dumps({"kind": "park", "hectares": 341}))
        client.zadd("index_locations", {"Central Park": 1})
        yield client


def part(plugin, name):
    return next(c for c in plugin.components if type(c).__name__ == name)


@pytest.fixture
def search(plugin, places, wait_until):
    component = part(plugin, "SearchComponent")
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    component.dock.build()
    wait_until(lambda: component.dock.form.sets.count() == 1)
    return component


def results(component):
    model = component.dock.model
    return [model.cell(row, 0) for row in range(model.rowCount())]


def ask(component, wait_until, wait_for=None, **values):
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
    from redis_geo_plugin.bridge import connections

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
    for values in ({"key": "missing"}, {"key": "index_locations"}, {"center": "no such member"}, {"center": ""}):
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
    assert abs(search.dock.form.metres() - 20000 * 0.758) < 60  # metres of the map are longer than those of the ground
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
    assert [f["member"] for f in points.getFeatures()] == ["Statue of Liberty", "Times Square", "Central Park"]
    assert {f["hectares"] for f in points.getFeatures() if f["member"] == "Central Park"} == {341}
    circle = next(area.getFeatures()).geometry()
    assert all(circle.contains(f.geometry()) for f in points.getFeatures())
    spread = circle.boundingBox()
    assert spread.height() > spread.width() * 1.0005  # on the ellipsoid: no circle in Mercator


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


def add_feature(layer, wkt):
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(wkt))
    layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    layer.selectAll()
    return layer


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
    assert results(search) == ["Statue of Liberty"] and search.dock.model.cell(0, 1) == ""
    line = "LINESTRING(-74.0445 40.6892,-73.9855 40.7580)"
    iface.setActiveLayer(add_feature(QgsVectorLayer("LineString?crs=EPSG:4326", "l", "memory"), line))
    ask(search, wait_until, kind="corridor", radius=500, unit="m")
    assert sorted(results(search)) == ["Statue of Liberty", "Times Square"]
    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    canvas.setExtent(QgsRectangle(-8240000, 4973000, -8230000, 4983000))
    ask(search, wait_until, kind="extent")
    assert sorted(results(search)) == ["Central Park", "Times Square"]


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
    assert sorted(layer.featureCount() for layer in QgsProject.instance().mapLayers().values()) == [1, 100_000]


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
        ("-74.0445 40.6892", LIBERTY),
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
    from redis_geo_plugin.core.settings import ConnectionSettings

    monkeypatch.setattr(search.context.connections, "_settings", ConnectionSettings(port=1))
    assert not ask(search, wait_until)
    assert search.dock.status.text()


# -- the Browser ------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(plugin, places):
    return part(plugin, "BrowserComponent")


@pytest.fixture
def panel(browser):
    """The model behind QGIS's own Browser panel, with the plugin's root in it."""
    model = QgsBrowserModel()
    model.initialize()
    yield model
    sip.delete(model)


def children(model, index):
    """Open an item as the panel does: the indexes and items under it."""
    if model.canFetchMore(index):
        model.fetchMore(index)
    below = [model.index(row, 0, index) for row in range(model.rowCount(index))]
    return [(i, model.dataItem(i)) for i in below]


def connections_of(model):
    top = [model.index(row, 0) for row in range(model.rowCount())]
    root = next(i for i in top if model.dataItem(i).name() == "Redis Geo")
    return children(model, root)


def opened(model, wait_until):
    """The items under the connection, once they are read."""
    index, connection = connections_of(model)[0]
    children(model, index)
    wait_until(lambda: connection.found is not None)
    return connection, [item for _, item in wait_until(lambda: children(model, index))]


def test_connections_sets_and_feeds_appear(browser, panel, places, wait_until):
    places.set("vehicule:1", json.dumps({"latitude": 48.8, "longitude": 2.3, "timestamp": time.time()}))
    places.set("vehicule:2", json.dumps({"latitude": 48.9, "longitude": 2.4, "timestamp": time.time()}))
    connection, items = opened(panel, wait_until)
    assert connection.name() == "test"
    kinds = {child.what["name"]: child.what["kind"] for child in items}
    assert kinds.pop("locations") == "geoset" and set(kinds.values()) == {"feed"}
    assert browser.items.capabilities()


def test_a_set_dropped_on_the_map_becomes_a_layer(browser, panel, iface, wait_until):
    _connection, items = opened(panel, wait_until)
    item = items[0]
    uri = item.mimeUris()[0]
    assert uri.providerKey == browser.drops.customUriProviderKey() and "password" not in uri.uri
    browser.drops.handleCustomUriDrop(uri)
    wait_until(lambda: QgsProject.instance().mapLayersByName("locations"))
    layer = QgsProject.instance().mapLayersByName("locations")[0]
    assert layer.featureCount() == 3 and "hectares" in layer.fields().names()


def test_a_feed_dropped_on_the_map_moves(browser, panel, places, plugin, wait_until):
    for number in range(3):
        place = {"latitude": 48.8 + number, "longitude": 2.3, "timestamp": time.time()}
        places.set(f"vehicule:{number}", json.dumps(place))
    _connection, items = opened(panel, wait_until)
    item = next(c for c in items if c.what["kind"] == "feed" and "vehicule" in c.what["tip"])
    browser.drops.handleCustomUriDrop(item.mimeUris()[0])
    feeds = part(plugin, "LiveComponent").manager.feeds
    wait_until(lambda: any(f.layer.featureCount() == 3 for f in feeds.values()))


def test_a_layer_dropped_on_a_set_opens_the_filled_in_dialog(browser, panel, wait_until, monkeypatch):
    _connection, items = opened(panel, wait_until)
    layer = add_feature(QgsVectorLayer("Point?crs=EPSG:4326&field=name:string", "p", "memory"), "POINT(1 2)")
    asked = []
    monkeypatch.setattr(browser, "load_layer", lambda *given: asked.append(given))
    data = QMimeData()
    uri = QgsMimeDataUtils.Uri()
    uri.layerType, uri.providerKey, uri.name, uri.layerId = "vector", "memory", "p", layer.id()
    encoded = QgsMimeDataUtils.encodeUriList([uri])
    for format_ in encoded.formats():
        data.setData(format_, encoded.data(format_))
    item = items[0]
    assert browser.actions.acceptDrop(item, None)
    assert browser.actions.handleDrop(item, None, data, Qt.DropAction.CopyAction)
    assert asked == [(layer, "test", "locations")]


def test_a_connection_that_does_not_answer_says_so(browser, panel, wait_until):
    from redis_geo_plugin.bridge import connections
    from redis_geo_plugin.core.settings import ConnectionSettings

    connections.save(connections.SavedConnection(ConnectionSettings(name="away", port=1)))
    index, away = next((i, c) for i, c in connections_of(panel) if c.name() == "away")
    children(panel, index)
    wait_until(lambda: away.failure)
    assert [item.name() for _, item in children(panel, index)] == [away.failure]


# -- the locator and the functions ------------------------------------------------------------------------------


def test_the_locator_finds_members_and_flies_there(plugin, places, iface, wait_until):
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    iface.mapCanvas().setExtent(QgsRectangle(-8260000, 4950000, -8220000, 4990000))
    found = []
    mine = part(plugin, "LocatorComponent").filter
    clone = mine.clone()
    clone.resultFetched.connect(lambda result: found.append(QgsLocatorResult(result)))
    clone.fetchResults("PARK", QgsLocatorContext(), QgsFeedback())
    assert [(r.displayString, r.description) for r in found] == [("Central Park", "locations")]
    clone.triggerResult(found[0])
    wait_until(lambda: abs(iface.mapCanvas().extent().center().x() + 8233913) < 10)
    clone.fetchResults("*", QgsLocatorContext(), QgsFeedback())
    clone.fetchResults("no[such", QgsLocatorContext(), QgsFeedback())
    assert len(found) == 1 and mine.prefix() == "geo"


def evaluate(text):
    expression = QgsExpression(text)
    value = expression.evaluate(QgsExpressionContext())
    return value, expression.evalErrorString()


def test_functions_of_expressions(plugin, places):
    value, error = evaluate("x(redis_position('locations', 'Central Park'))")
    assert not error and abs(value + 73.9665) < 1e-5
    value, _ = evaluate("redis_geodist('locations', 'Central Park', 'Times Square')")
    assert abs(value - 3035) < 2
    value, _ = evaluate("redis_geodist('locations', 'Central Park', make_point(-73.9855, 40.758))")
    assert abs(value - 3035) < 2
    value, error = evaluate("array_to_string(redis_within('locations', make_point(-74.0445, 40.6892), 10000))")
    assert value == "Statue of Liberty,Times Square", error
    assert evaluate("redis_position('locations', 'nobody') is null") == (1, "")
    assert evaluate("redis_position('locations', NULL) is null") == (1, "")
    assert evaluate("redis_within('locations', 'text', 5)")[1]
    assert evaluate("redis_within('locations', make_point(1, 2), -5)")[1]
    places.set("text", "x")
    assert evaluate("redis_position('text', 'a')")[1]
    for name in ("redis_position", "redis_geodist", "redis_within"):
        assert name in QgsExpression.helpText(name)


def test_functions_never_wait_long_for_a_server(plugin, make_server, monkeypatch):
    real = make_server()
    monkeypatch.setattr(plugin.context.connections, "_settings", real.settings())
    assert evaluate("redis_position('s', 'a') is null") == (1, "")
    asker = part(plugin, "FunctionsComponent").asker
    asker._known.clear()
    real.stop()
    try:
        questions = []
        original = asker._server_of
        monkeypatch.setattr(asker, "_server_of", lambda s: (questions.append(s), original(s))[1])
        for number in range(200):  # one question, then silence: no 200 waits
            assert evaluate(f"redis_position('s', 'a{number}')")[1]
        assert len(questions) == 1
    finally:
        real.resume()


def test_everything_goes_with_the_plugin(plugin, places, iface):
    names = ("redis_position", "redis_geodist", "redis_within")
    assert all(QgsExpression.isFunctionName(n) for n in names)
    assert iface.locator_filters and iface.drop_handlers
    part(plugin, "SearchComponent").dock.show()
    plugin.unload()
    assert not any(QgsExpression.isFunctionName(n) for n in names)
    assert not iface.locator_filters and not iface.drop_handlers
