"""The Search dock on an index of the query engine, on a real Redis Stack."""

from __future__ import annotations

from dataclasses import replace

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRectangle, QgsWkbTypes
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QWidget

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from tests.support.search_dock import part

SQUARE = "POLYGON((2.34 48.84, 2.36 48.84, 2.36 48.86, 2.34 48.86, 2.34 48.84))"


def create(client, words):
    client.execute_command(*words.split())


@pytest.fixture
def search(plugin, stack_server, wait_until):
    with stack_server.client() as client:
        create(client, "FT.CREATE cars ON HASH PREFIX 1 car: SCHEMA at GEO state TAG seats NUMERIC")
        create(client, "FT.CREATE zones ON HASH PREFIX 1 zone: SCHEMA shape GEOSHAPE SPHERICAL depot GEO")
        create(client, "FT.CREATE words ON HASH PREFIX 1 word: SCHEMA t TEXT")
        for number in range(10):
            state = "free" if number % 2 else "busy"
            fields = {"at": f"{2.35 + number / 100},48.85", "state": state, "seats": number}
            client.hset(f"car:{number}", mapping=fields)
        client.hset("zone:1", mapping={"shape": SQUARE, "depot": "2.5,48.85"})
        client.hset("zone:2", mapping={"shape": "POINT(2.351 48.85)", "depot": "2.6,48.85"})
    connections.save(SavedConnection(replace(stack_server.settings(), name="stack")))
    component = part(plugin, "SearchComponent")
    component.context.connections.activate("stack")
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    component.dock.build()
    form = component.dock.form
    choose(component, "index_radius")
    wait_until(lambda: form.indexes.box.count() == 2)
    return component


def choose(component, kind):
    form = component.dock.form
    form.kind.setCurrentIndex(form.kind.findData(kind))


def ask(component, wait_until, index="cars", query="", radius=2.5):
    form = component.dock.form
    form.indexes.box.setEditText(index)
    form.indexes.filter.setText(query)
    form.center.setText("2.35, 48.85")
    form.unit.setCurrentText("km")
    form.radius.setValue(radius)
    form.limit.setValue(0)
    component.dock.search.click()
    wait_until(lambda: component._task is None)


def results(component):
    model = component.dock.model
    return [model.cell(row, 0) for row in range(model.rowCount())]


def test_the_rows_are_those_of_an_index(search):
    form = search.dock.form
    assert [form.indexes.box.itemText(row) for row in range(2)] == ["cars", "zones"]
    assert form.sets_row.isHidden() and not form.index_row.isHidden()
    assert "10" in form.indexes.box.itemData(0, Qt.ItemDataRole.ToolTipRole)
    form.indexes.box.setCurrentIndex(0)
    assert form.indexes.place_box.isHidden() and "@state:{" in form.indexes.filter.placeholderText()
    form.indexes.box.setCurrentIndex(1)
    assert not form.indexes.place_box.isHidden() and form.indexes.place() == "shape"
    choose(search, "radius")
    assert not form.sets_row.isHidden() and form.index_row.isHidden()


def test_free_vehicles_within_two_kilometres(search, wait_until):
    ask(search, wait_until, query="@state:{free}")
    assert results(search) == ["car:1", "car:3"]
    assert search.dock.status.text().startswith("Documents found: 2")
    assert search.drawing.points.count() == 2
    assert search.dock.model.heading(0) == "Key"
    leads = search.dock.findChild(QWidget, "redis_geo_search_lead")
    assert leads is None or leads.isHidden()  # there is no GEO set, and none is wanted
    ask(search, wait_until)
    assert results(search) == ["car:0", "car:1", "car:2", "car:3"]


def test_in_the_extent_of_the_map(search, wait_until):
    choose(search, "index_extent")
    search.context.iface.mapCanvas().setExtent(QgsRectangle(2.355, 48.8, 2.385, 48.9))
    ask(search, wait_until, query="@seats:[2 9]")
    assert "car:2" in results(search) and "car:1" not in results(search)


def test_shapes_are_drawn_and_kept_as_layers_of_both_kinds(search, wait_until):
    ask(search, wait_until, index="zones")
    assert results(search) == ["zone:1", "zone:2"]
    assert search.drawing.shapes.numberOfVertices() > 3
    before = set(QgsProject.instance().mapLayers())
    search.dock.as_layer.click()
    wait_until(lambda: len(set(QgsProject.instance().mapLayers()) - before) == 3)
    made = [QgsProject.instance().mapLayer(key) for key in set(QgsProject.instance().mapLayers()) - before]
    kept = {layer.wkbType(): layer for layer in made if layer.fields().indexOf("member") >= 0}
    assert set(kept) == {QgsWkbTypes.Type.MultiPolygon, QgsWkbTypes.Type.Point}
    (zone,) = kept[QgsWkbTypes.Type.MultiPolygon].getFeatures()
    assert zone["member"] == "zone:1" and zone["distance_m"] == 0
    assert search.drawing.shapes.numberOfVertices() == 0


def test_the_other_place_of_an_index(search, wait_until):
    form = search.dock.form
    form.indexes.box.setCurrentIndex(1)
    form.indexes.place_box.setCurrentIndex(1)
    ask(search, wait_until, index="zones", radius=12)
    assert results(search) == ["zone:1"]


def test_fields_are_completed_behind_the_sign(search):
    form = search.dock.form
    form.indexes.box.setCurrentIndex(0)
    form.setVisible(True)
    edit, completer = form.indexes.filter, form.indexes.completer
    edit.setText("")
    edit.setFocus()
    QTest.keyClicks(edit, "@seats:[1 9] @st")
    completer.setCompletionPrefix(edit.text())
    assert completer.completionCount() == 1
    assert completer.pathFromIndex(completer.completionModel().index(0, 0)) == "@seats:[1 9] @state:{"
    completer.setCompletionPrefix("@state:{free}")
    assert completer.completionCount() == 0


def test_a_wrong_query_is_told_in_the_words_of_the_server_and_the_results_stay(search, wait_until):
    ask(search, wait_until)
    before = results(search)
    ask(search, wait_until, query="@state:{free")
    assert "Syntax error" in search.dock.status.text() and results(search) == before
    ask(search, wait_until, index="none")
    assert "no index of this name" in search.dock.status.text()
    ask(search, wait_until, query="@sate:{free}")
    assert "sate" in search.dock.status.text() and results(search) == []


def test_a_name_is_no_centre_of_an_index(search, wait_until):
    search.dock.form.center.setText("car:1")
    search.dock.form.indexes.box.setEditText("cars")
    search.search()
    assert "type a center" in search.dock.status.text() and search._task is None


def test_a_server_without_the_engine_says_so(search, one_server, wait_until):
    connections.save(SavedConnection(replace(one_server.settings(), name="plain")))
    search.context.connections.activate("plain")
    wait_until(lambda: "no query engine" in search.dock.status.text())
    assert search.dock.form.indexes.box.count() == 0


def test_what_was_asked_is_kept_for_the_next_session(search, wait_until):
    ask(search, wait_until, query="@state:{free}")
    from redis_geo_plugin.gui.search.form import SearchForm

    form = SearchForm()
    assert form.key() == "cars" and form.indexes.filter.text() == "@state:{free}"
    assert form.search_kind().of_index
    form.deleteLater()


def test_the_history_holds_the_algorithm(search, wait_until, monkeypatch):
    from redis_geo_plugin.gui.toolbox import history

    said = []
    monkeypatch.setattr(history, "record", lambda *run: said.append(run))
    ask(search, wait_until, query="@state:{free}")
    ((name, parameters),) = said
    assert name == "redisgeo:indexsearch"
    assert parameters["INDEX"] == "cars" and parameters["FILTER"] == "@state:{free}"
    assert parameters["RADIUS"] == 2500 and parameters["CENTER"].startswith("2.35,48.85")
