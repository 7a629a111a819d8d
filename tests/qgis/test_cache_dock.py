"""The Cache dock and the toolbar action, as a user works them."""

from __future__ import annotations

import re

import pytest
from qgis.core import (
    QgsApplication,
    QgsProject,
    QgsProperty,
    QgsSettings,
)
from qgis.PyQt.QtWidgets import QAction

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.gui.connection_monitor import ConnectionState
from tests.support.answers import answer
from tests.support.layers import layer_of, row_of_squares, world


@pytest.fixture
def squares():
    return row_of_squares(40)


@pytest.fixture
def dock(plugin, iface):
    component = next(c for c in plugin.components if type(c).__name__ == "CacheComponent")
    iface.mainWindow().show()
    component.dock.show()
    component.dock.build()
    return component.dock


def results():
    return [
        layer for layer in QgsProject.instance().mapLayers().values() if layer.name().startswith("Buffer")
    ]


def test_the_action_buffers_the_selection_and_the_second_time_it_is_read(
    plugin, iface, dock, squares, wait_until
):
    iface.setActiveLayer(squares)
    squares.selectByIds([f.id() for f in squares.getFeatures()][:38])
    action = iface.mainWindow().findChild(QAction, "redis_geo_buffer_selected")
    action.trigger()
    wait_until(lambda: len(results()) == 1 and not dock._runner.running)
    assert results()[0].featureCount() == 38
    assert "0 of 38 from the cache, 38 computed" in dock.form.controls.outcome.text()
    squares.selectAll()
    action.trigger()
    wait_until(lambda: len(results()) == 2 and not dock._runner.running)
    assert re.search(
        r"38 of 40 from the cache, 2 computed, \d+\.\d s of computing spared",
        dock.form.controls.outcome.text(),
    )
    for layer in results():  # named after what it is, and the map below can be read through it
        assert "squares" in layer.name() and layer.renderer().symbol().color().alpha() < 100
    iface.bar.take_messages()


def run(dock, wait_until, seconds=30):
    """Press Run and wait for the end; the words below the button."""
    dock.form.controls.run_button.click()
    wait_until(lambda: not dock._runner.running, seconds)
    return dock.form.controls.outcome.text()


def choose_unit(dock, code):
    unit = dock.form.buffer.unit
    unit.setCurrentIndex(unit.findData(code))


def widths(layer):
    return [round(f.geometry().boundingBox().width(), 6) for f in layer.getFeatures()]


def test_without_a_layer_it_says_what_to_do(dock, iface):
    dock.form.controls.run_button.click()
    assert iface.bar.take_messages() == ["Add a vector layer to the project first."]
    assert not dock._runner.running


def test_without_a_selection_it_says_what_to_do(dock, iface, squares):
    dock.form.selected_only.setChecked(True)
    dock.form.controls.run_button.click()
    (text,) = iface.bar.take_messages()
    assert "No feature of squares is selected" in text and dock.form.controls.outcome.text() == text
    assert not dock._runner.running
    squares.selectByIds([1, 2])
    assert dock.form.selected_only.text() == "Selected features only (2)"


def test_the_action_without_a_layer_or_selection(plugin, iface, dock, squares):
    action = iface.mainWindow().findChild(QAction, "redis_geo_buffer_selected")
    action.trigger()
    iface.setActiveLayer(squares)
    action.trigger()
    first, second = iface.bar.take_messages()
    assert "Choose a vector layer" in first and "No feature of squares is selected" in second


@pytest.mark.parametrize("code, value, width", [("m", 500.0, 1001.0), ("km", 2.0, 4001.0), ("mi", 1.0, 3219.688),
                                                 ("ft", 10.0, 7.096), ("layer", 3.0, 7.0)])  # fmt: skip
def test_units_on_a_layer_in_metres(dock, iface, squares, wait_until, code, value, width):
    choose_unit(dock, code)
    dock.form.buffer.distance.setValue(value)
    run(dock, wait_until)
    assert widths(results()[0]) == [pytest.approx(width, abs=1e-4)] * 40
    iface.bar.take_messages()


def test_kilometres_on_a_layer_in_degrees_are_measured_on_the_ellipsoid(dock, iface, wait_until):
    from pyproj import Geod

    layer = layer_of(["Point(2.35 48.85)"], "Point", crs="EPSG:4326")
    QgsProject.instance().addMapLayer(layer)
    dock.form.layer.setLayer(layer)
    choose_unit(dock, "km")
    geodesic = dock.form.buffer.geodesic
    assert geodesic.isChecked() and not geodesic.isEnabled()
    dock.form.buffer.distance.setValue(5.0)
    run(dock, wait_until)
    corner = next(iter(next(results()[0].getFeatures()).geometry().vertices()))
    assert Geod(ellps="WGS84").inv(2.35, 48.85, corner.x(), corner.y())[2] == pytest.approx(5000, abs=0.01)
    choose_unit(dock, "layer")
    assert not geodesic.isChecked() and not geodesic.isEnabled()
    iface.bar.take_messages()


def test_the_ellipsoid_stays_the_users_choice(dock, squares):
    degrees = layer_of(["Point(2 48)"], "Point", crs="EPSG:4326")
    QgsProject.instance().addMapLayer(degrees)
    geodesic = dock.form.buffer.geodesic
    dock.form.layer.setLayer(squares)
    choose_unit(dock, "km")
    assert geodesic.isEnabled() and not geodesic.isChecked()
    dock.form.layer.setLayer(degrees)
    assert geodesic.isChecked()
    dock.form.layer.setLayer(squares)
    assert not geodesic.isChecked()
    geodesic.click()
    choose_unit(dock, "layer")
    choose_unit(dock, "m")
    assert geodesic.isChecked()


def test_metres_on_a_layer_without_crs_are_refused(plugin, dock, iface, wait_until):
    layer = layer_of(["Point(0 0)"], "Point", crs="")
    QgsProject.instance().addMapLayer(layer)
    dock.form.layer.setLayer(layer)
    choose_unit(dock, "km")
    dock.form.controls.run_button.click()
    iface.setActiveLayer(layer)
    layer.selectAll()
    iface.mainWindow().findChild(QAction, "redis_geo_buffer_selected").trigger()
    texts = iface.bar.take_messages()
    assert len(texts) == 2 and all("no CRS" in text for text in texts)
    choose_unit(dock, "layer")
    dock.form.buffer.distance.setValue(2.0)
    run(dock, wait_until)
    assert widths(results()[0]) == [4.0]
    iface.bar.take_messages()


def test_a_distance_by_expression(dock, iface, wait_until):
    layer = layer_of(
        ["Point(0 0)", "Point(9 0)"], "Point", rows=[("a", 1.0), ("b", 2.5)], fields="name:string,d:double"
    )
    QgsProject.instance().addMapLayer(layer)
    dock.form.layer.setLayer(layer)
    choose_unit(dock, "m")
    dock.form.buffer.override.setToProperty(QgsProperty.fromExpression('"d" + 1'))
    assert not dock.form.buffer.distance.isEnabled()
    run(dock, wait_until)
    assert widths(results()[0]) == [4.0, 7.0]
    iface.bar.take_messages()


@pytest.mark.parametrize(
    "expression, words", [('"absent" * 2', "does not have: absent"), ('"name" +', "is not right")]
)
def test_an_expression_that_cannot_work_is_refused(dock, iface, squares, expression, words):
    dock.form.buffer.override.setToProperty(QgsProperty.fromExpression(expression))
    dock.form.controls.run_button.click()
    (text,) = iface.bar.take_messages()
    assert words in text and not dock._runner.running


def test_a_bad_namespace_is_refused(dock, iface, squares):
    dock.form.store.namespace.setText("a:b")
    dock.form.controls.run_button.click()
    assert "namespace" in iface.bar.take_messages()[0]


def test_the_action_refuses_a_bad_namespace_and_does_not_remember_it(dock, iface, squares):
    from redis_geo_plugin.gui.cache.settings import StoreChoices

    dock.form.store.namespace.setText("a:b")
    iface.setActiveLayer(squares)
    squares.selectAll()
    iface.mainWindow().findChild(QAction, "redis_geo_buffer_selected").trigger()
    assert not dock._runner.running and "namespace" in iface.bar.take_messages()[0]
    assert StoreChoices.remembered() == StoreChoices()


def test_what_was_computed_in_a_project_is_no_news_in_the_next(dock, iface, squares, wait_until):
    dock.form.layer.setLayer(squares)
    run(dock, wait_until)
    assert not dock.form.controls.outcome.isHidden() and not dock.form.save_button.isHidden()
    QgsProject.instance().clear()
    assert dock.form.controls.outcome.isHidden() and dock.form.save_button.isHidden()
    iface.bar.take_messages()


def test_an_intersection_from_the_dock(dock, iface, squares, wait_until):
    overlay = layer_of(["Polygon((0 0.5,10 0.5,10 2,0 2,0 0.5))"])
    overlay.setName("overlay")
    QgsProject.instance().addMapLayer(overlay)
    dock.form.layer.setLayer(squares)
    dock.form.operation.setCurrentIndex(1)
    dock.form.intersection.overlay.setLayer(overlay)
    assert run(dock, wait_until) == "0 of 11 pairs of features from the cache, 11 computed."
    assert "11 of 11 pairs of features from the cache, 0 computed, " in run(dock, wait_until)
    found = [
        layer
        for layer in QgsProject.instance().mapLayers().values()
        if layer.name().startswith("Intersection")
    ]
    assert [layer.featureCount() for layer in found] == [10, 10]
    iface.bar.take_messages()


def test_a_run_of_a_simple_operation_is_remembered_and_leaves_the_others_settings(
    dock, iface, squares, wait_until
):
    from redis_geo_plugin.bridge.operations import OFFERED
    from redis_geo_plugin.gui.cache.settings import StoreChoices

    QgsSettings().setValue("redis_geo/cache/tolerance", 2.5)
    dock.form.layer.setLayer(squares)
    dock.form.operation.setCurrentIndex(list(OFFERED).index("dissolve"))
    dock.form.store.namespace.setText("team")
    run(dock, wait_until)
    assert StoreChoices.remembered().namespace == "team"
    assert QgsSettings().value("redis_geo/cache/tolerance", type=float) == 2.5
    iface.bar.take_messages()


def test_the_settings_survive_a_reload(plugin, iface, dock, squares, wait_until):
    form = dock.form
    choose_unit(dock, "m")
    form.buffer.distance.setValue(12.5)
    form.buffer.segments.setValue(17)
    form.buffer.join.setCurrentIndex(1)
    form.buffer.mitre.setValue(4.0)
    form.buffer.cap.setCurrentIndex(2)
    form.buffer.dissolve.setChecked(True)
    form.buffer.geodesic.click()
    form.store.namespace.setText("team")
    form.store.ttl.setCurrentIndex(form.store.ttl.findData(3600))
    run(dock, wait_until)
    before = dock.buffer_choices()
    plugin.unload()
    plugin.__init__(iface)
    plugin.initGui()
    again = next(c for c in plugin.components if type(c).__name__ == "CacheComponent").dock
    assert again.buffer_choices() == before  # never shown yet
    again.show()
    again.build()
    assert again.buffer_choices() == before
    assert (before.distance, before.segments, before.store.namespace, before.store.ttl) == (
        12.5,
        17,
        "team",
        3600,
    )
    iface.bar.take_messages()


@pytest.fixture
def heavy():
    layer = world("countries", 240)
    layer.setName("countries")
    QgsProject.instance().addMapLayer(layer)
    return layer


def start_heavy(dock, heavy, wait_until, percent=0):
    dock.form.layer.setLayer(heavy)
    choose_unit(dock, "layer")
    dock.form.buffer.distance.setValue(0.5)
    dock.form.controls.run_button.click()
    assert dock._runner.running
    wait_until(lambda: dock.form.controls.progress.value() > percent, 60)


def test_progress_and_cancel(dock, iface, heavy, wait_until, one_server):
    start_heavy(dock, heavy, wait_until, 40)
    assert not dock.form.controls.run_button.isEnabled() and dock.form.controls.cancel_button.isEnabled()
    assert (
        dock.form.controls.progress.isVisibleTo(dock.form) and 0 < dock.form.controls.progress.value() <= 100
    )
    iface.mainWindow().findChild(QAction, "redis_geo_buffer_selected").trigger()
    heavy.selectAll()
    iface.setActiveLayer(heavy)
    iface.mainWindow().findChild(QAction, "redis_geo_buffer_selected").trigger()
    assert "A run is under way" in iface.bar.take_messages()[-1]
    dock.form.controls.cancel_button.click()
    wait_until(lambda: not dock._runner.running, 30)
    assert "Cancelled" in dock.form.controls.outcome.text()
    assert dock.form.controls.run_button.isEnabled() and not dock.form.controls.cancel_button.isEnabled()
    assert not dock.form.controls.progress.isVisibleTo(dock.form)
    assert results() == []
    with one_server.client() as client:
        wait_until(lambda: not list(client.scan_iter("calculs:verrous:*")))
        assert list(client.scan_iter("calculs:buffers:*"))
    iface.bar.take_messages()


def test_the_layer_removed_while_it_runs(dock, iface, heavy, wait_until):
    start_heavy(dock, heavy, wait_until)
    QgsProject.instance().removeMapLayer(heavy.id())
    wait_until(lambda: not dock._runner.running, 60)
    assert [layer.featureCount() for layer in results()] == [240]
    iface.bar.take_messages()


def test_the_plugin_unloaded_while_it_runs(plugin, iface, dock, heavy, wait_until, one_server):
    start_heavy(dock, heavy, wait_until)
    plugin.unload()
    assert QgsApplication.taskManager().countActiveTasks() <= 1
    wait_until(lambda: QgsApplication.taskManager().countActiveTasks() == 0, 30)
    assert results() == []
    with one_server.client() as client:
        wait_until(lambda: not list(client.scan_iter("calculs:verrous:*")), 20)
    iface.bar.take_messages()
    plugin.__init__(iface)
    plugin.initGui()  # what the fixture unloads


def test_while_the_connection_is_down(plugin, iface, dock, squares, wait_until, make_server):
    server = make_server()
    connections.save(connections.SavedConnection(server.settings()))
    server.kill()
    text = run(dock, wait_until)
    assert "0 of 40 from the cache, 40 computed" in text
    assert results()[0].featureCount() == 40
    (told,) = [m for m in iface.bar.take_messages() if "could be stored" in m]
    assert "Nothing listens at this address" in told


def test_a_server_that_is_restarted_while_it_runs_loses_nothing(
    plugin, iface, dock, heavy, wait_until, make_server
):
    """The lamp connects again by itself; the run gives every buffer."""
    server, connection = make_server(), plugin.context.connections
    connections.save(connections.SavedConnection(server.settings()))
    connection.reload()
    wait_until(
        lambda: connection.state is ConnectionState.CONNECTED and connection.settings().port == server.port
    )
    start_heavy(dock, heavy, wait_until, 10)
    server.kill()
    wait_until(lambda: connection.state is ConnectionState.RECONNECTING)
    assert dock._runner.running  # goes on without the server
    server.start()
    wait_until(lambda: not dock._runner.running, 60)
    wait_until(lambda: connection.state is ConnectionState.CONNECTED)
    (layer,) = results()
    assert sum(not feature.geometry().isEmpty() for feature in layer.getFeatures()) == 240
    iface.bar.take_messages()


def rows(dock):
    table = dock.contents.table
    return [[table.topLevelItem(i).text(c) for c in range(5)] for i in range(table.topLevelItemCount())]


def test_the_contents_follow_the_runs(dock, iface, squares, wait_until):
    wait_until(lambda: "Nothing yet" in dock.contents.note.text())
    run(dock, wait_until)
    wait_until(lambda: len(rows(dock)) == 1 and rows(dock)[0][2] == "40")
    assert rows(dock)[0][:2] == ["(default)", "Buffer"] and rows(dock)[0][4] == "0 %"
    run(dock, wait_until)
    wait_until(lambda: rows(dock)[0][4] == "50 %")
    assert "40 of 80 found" in dock.contents.table.topLevelItem(0).toolTip(4)
    iface.bar.take_messages()


@pytest.mark.parametrize("yes", [True, False])
def test_a_purge_counts_asks_and_deletes(dock, iface, squares, wait_until, one_server, monkeypatch, yes):
    run(dock, wait_until)
    dock.form.store.namespace.setText("other")
    run(dock, wait_until)
    wait_until(lambda: len(rows(dock)) == 2)
    assert not dock.contents.purge_button.isEnabled()
    table = dock.contents.table
    item = next(table.topLevelItem(i) for i in range(2) if table.topLevelItem(i).text(0) == "other")
    item.setSelected(True)
    questions = answer(monkeypatch, yes)
    dock.contents.purge_button.click()
    wait_until(lambda: questions)
    assert "40 results" in questions[0].text and "other" in questions[0].text
    assert sorted(questions[0].buttons) == ["Cancel", "Delete"]
    if yes:
        wait_until(lambda: len(rows(dock)) == 1)
        assert "Deleted results: 40" in " ".join(iface.bar.take_messages())
    with one_server.client() as client:
        kept = len(list(client.scan_iter("calculs:buffers:*")))
    assert kept == (40 if yes else 80)
    assert len(list(rows(dock))) == (1 if yes else 2)
    iface.bar.take_messages()


def test_what_is_set_on_the_options_page_is_kept_shown_and_used(plugin, dock, wait_until, one_server, iface):
    from redis_geo_plugin.gui.connections.options_page import OptionsPage

    component = next(c for c in plugin.components if type(c).__name__ == "ConnectionsComponent")
    page = component._factory.createWidget(None)
    assert isinstance(page, OptionsPage) and not page.cache.cache_all.isChecked()
    page.cache.store.namespace.setText("team")
    page.cache.store.ttl.setCurrentIndex(page.cache.store.ttl.findData(3600))
    page.cache.cache_all.setChecked(True)
    page.apply()
    again = component._factory.createWidget(None)
    assert again.cache.store.choices() == page.cache.store.choices() == dock.form.store.choices()
    assert (dock.form.store.choices().namespace, dock.form.store.choices().ttl) == ("team", 3600)
    assert again.cache.cache_all.isChecked()
    points = layer_of([f"Point({i % 40} {i // 40})" for i in range(1200)], "Point", "EPSG:3857")
    QgsProject.instance().addMapLayer(points)
    dock.form.layer.setLayer(points)
    run(dock, wait_until)
    with one_server.client() as client:
        stored = list(client.scan_iter("calculs:buffers:team:*", count=1000))
        assert len(stored) == 1200 and 0 < client.ttl(stored[0]) <= 3600
    again.cache.store.namespace.setText("not a name!")
    again.apply()
    assert dock.form.store.choices().namespace == "team"
    for made in (page, again):
        made.deleteLater()
    iface.bar.take_messages()
