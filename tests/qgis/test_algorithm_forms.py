"""The forms of the algorithms in the window: lists of what stands on the server, words for 0, help."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import processing
import pytest
import qgis.core
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingParameterString,
    QgsProject,
)
from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtWidgets import QComboBox, QDialogButtonBox, QLineEdit

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.gui.toolbox.server_lists import ListEntry
from tests.support.algorithms import algorithms_of
from tests.support.layers import layer_of
from tests.support.servers import free_port

SQUARES = [f"Polygon(({x} 0,{x + 1} 0,{x + 1} 1,{x} 1,{x} 0))" for x in range(3)]


@pytest.fixture
def form(plugin, qgis_processing, monkeypatch):
    """``form(NAME, batch=False)``: the dialog of an algorithm, shown."""
    from processing.gui import ParametersPanel
    from processing.gui.AlgorithmDialog import AlgorithmDialog
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

    monkeypatch.setattr(ParametersPanel, "iface", None)  # there is no window
    made = []

    def make(name, batch=False):
        algorithm = QgsApplication.processingRegistry().algorithmById(f"redisgeo:{name}").create()
        made.append(BatchAlgorithmDialog(algorithm) if batch else AlgorithmDialog(algorithm))
        made[-1].show()
        return made[-1]

    yield make
    for dialog in made:
        dialog.close()
        dialog.deleteLater()


def wrapper_of(dialog, name):
    wrappers = dialog.mainWidget().wrappers
    if isinstance(wrappers, dict):
        return wrappers[name]
    (found,) = [one for one in wrappers[0] if one and one.parameterDefinition().name() == name]
    return found


def box_of(dialog, name):
    box = wrapper_of(dialog, name).wrappedWidget()
    assert isinstance(box, QComboBox) and box.isEditable()
    return box


def lines(box):
    return [box.itemText(row) for row in range(box.count())]


@pytest.mark.parametrize("batch", [False, True], ids=["one", "batch"])
def test_geo_sets_of_the_server_are_listed(form, places, wait_until, batch):
    dialog = form("exportgeoset", batch)
    box = box_of(dialog, "KEY")
    wait_until(lambda: lines(box) == ["locations"])  # and no plain sorted set
    assert box.currentText() == ""  # nothing is chosen for the user
    box.setCurrentIndex(0)
    assert wrapper_of(dialog, "KEY").parameterValue() == "locations"
    box.setEditText("a set of tomorrow")
    assert wrapper_of(dialog, "KEY").parameterValue() == "a set of tomorrow"


def test_indexes_of_the_server_are_listed(form, plugin, stack_server, wait_until):
    with stack_server.client() as client:
        for words in ("cars ON HASH SCHEMA at GEO", "words ON HASH SCHEMA t TEXT"):
            client.execute_command("FT.CREATE", *words.split())
    connections.save(SavedConnection(replace(stack_server.settings(), name="stack")))
    plugin.context.connections.activate("stack")
    dialog = form("indexsearch")
    box = box_of(dialog, "INDEX")
    wait_until(lambda: lines(box) == ["cars"])  # and none without a place
    box.setCurrentIndex(0)
    assert wrapper_of(dialog, "INDEX").parameterValue() == "cars"


def test_a_server_without_a_query_engine_is_said_in_the_list(form, places, wait_until):
    box = box_of(form("indexsearch"), "INDEX")
    wait_until(lambda: "no query engine" in box.lineEdit().placeholderText())


def test_the_list_follows_the_connection_of_the_form(form, places, make_server, wait_until):
    other = make_server("redis")
    with other.client() as client:
        client.geoadd("elsewhere", (2.0, 48.0, "a"))
    connections.save(SavedConnection(replace(other.settings(), name="other")))
    dialog = form("exportgeoset")
    sets = box_of(dialog, "KEY")
    wait_until(lambda: lines(sets) == ["locations"])
    sets.setEditText("typed")
    wrapper_of(dialog, "CONNECTION").setParameterValue("other", QgsProcessingContext())
    wait_until(lambda: lines(sets) == ["elsewhere"])
    assert sets.currentText() == "typed"  # what is typed stays
    assert wrapper_of(dialog, "CONNECTION").parameterValue() == "other"


def test_connections_are_listed_and_an_empty_one_is_the_active_one(form, saved_connection):
    box = box_of(form("purgecache"), "CONNECTION")
    assert "test" in box.lineEdit().placeholderText() and box.currentText() == ""
    for group in box.window().findChildren(QgsCollapsibleGroupBox):
        group.setCollapsed(False)
    assert lines(box) == ["test"]
    assert wrapper_of(box.window(), "CONNECTION").parameterValue() == ""


def test_namespaces_and_operations_are_listed(form, saved_connection, wait_until):
    for namespace in ("town", "coast"):
        processing.run("redisgeo:cachedbuffer", {
            "INPUT": layer_of(SQUARES), "DISTANCE": 1, "NAMESPACE": namespace, "OUTPUT": "memory:"})  # fmt: skip
    dialog = form("purgecache")
    box = box_of(dialog, "NAMESPACE")
    wait_until(lambda: lines(box) == ["coast", "town"])
    operations = box_of(dialog, "OPERATION")
    assert "Buffer" in lines(operations)
    operations.setCurrentText("Buffer")
    assert wrapper_of(dialog, "OPERATION").parameterValue() == "buffer"


def test_the_usual_namespace_has_a_name_in_the_users_language(form, saved_connection, wait_until):
    """What stands in the keys is of no language, and stays."""
    processing.run("redisgeo:cachedbuffer", {"INPUT": layer_of(SQUARES), "DISTANCE": 1, "OUTPUT": "memory:"})
    dialog = form("cachedbuffer")
    wrapper = wrapper_of(dialog, "NAMESPACE")
    box = wrapper.wrappedWidget()
    assert (box.currentText(), wrapper.parameterValue()) == ("(default)", "defaut")
    for group in dialog.findChildren(QgsCollapsibleGroupBox):
        group.setCollapsed(False)
    wait_until(lambda: lines(box) == ["(default)"])
    assert (box.currentText(), wrapper.parameterValue()) == ("(default)", "defaut")
    box.setEditText("town")
    assert wrapper.parameterValue() == "town"


def test_batches_are_listed_by_name_and_give_their_id(form, saved_connection, wait_until):
    sent = processing.run(
        "redisgeo:enqueuejobs", {"INPUT": layer_of(SQUARES), "OPERATION": "buffer", "TITLE": "Parcels"}
    )
    dialog = form("collectresults")
    box = box_of(dialog, "BATCH")
    wait_until(lambda: len(lines(box)) == 1)
    assert lines(box)[0].startswith("Parcels")
    box.setCurrentIndex(0)
    assert wrapper_of(dialog, "BATCH").parameterValue() == sent["BATCH"]
    wrapper_of(dialog, "BATCH").setParameterValue("another", QgsProcessingContext())
    assert wrapper_of(dialog, "BATCH").parameterValue() == "another"


def test_without_a_server_the_list_says_why_and_takes_what_is_typed(form, wait_until):
    connections.save(SavedConnection(ConnectionSettings(name="away", port=free_port())))
    dialog = form("exportgeoset")
    wrapper_of(dialog, "CONNECTION").setParameterValue("away", QgsProcessingContext())
    box = box_of(dialog, "KEY")
    wait_until(lambda: "Nothing listens" in box.lineEdit().placeholderText())
    box.setEditText("locations")
    assert wrapper_of(dialog, "KEY").parameterValue() == "locations"


def test_the_answer_of_a_server_that_was_chosen_before_is_not_shown(form):
    dialog = form("exportgeoset")
    wrapper, box = wrapper_of(dialog, "KEY"), box_of(dialog, "KEY")
    asked = []
    wrapper._lists = SimpleNamespace(ask=lambda *words: asked.append(words))
    connections.save(SavedConnection(ConnectionSettings(name="away", port=free_port())))
    wrapper.look()
    wrapper_of(dialog, "CONNECTION").setParameterValue("away", QgsProcessingContext())
    (_, before, _, first), *_, (_, now, _, last) = asked
    assert (before, now) == ("", "away")
    last([], "Nothing listens there.")
    first([ListEntry("late", "late")], "")
    assert lines(box) == [] and box.lineEdit().placeholderText() == "Nothing listens there."
    last([ListEntry("new", "new")], "")
    assert lines(box) == ["new"]


def test_a_model_keeps_qgiss_own_field(plugin, qgis_iface, qgis_processing):
    from processing.modeler.ModelerParametersDialog import ModelerParametersDialog
    from qgis.core import QgsProcessingModelAlgorithm

    algorithm = QgsApplication.processingRegistry().algorithmById("redisgeo:exportgeoset").create()
    dialog = ModelerParametersDialog(algorithm, QgsProcessingModelAlgorithm())
    try:
        wrapper = dialog.widget.widget.wrappers["KEY"]
        wrapper.findChild(QLineEdit).setText("locations")
        assert wrapper.value().staticValue() == "locations"
    finally:
        dialog.deleteLater()


def test_what_is_listed_is_a_text_for_scripts(algorithms):
    listed = {"CONNECTION", "KEY", "NAMESPACE", "BATCH"}
    found = set()
    for algorithm in algorithms_of():
        for parameter in algorithm.parameterDefinitions():
            if parameter.name() in listed:
                found.add(parameter.name())
                assert type(parameter) is QgsProcessingParameterString, (algorithm.id(), parameter.name())
    assert found == listed


def test_after_the_plugin_is_unloaded_forms_are_qgiss_own(plugin):
    from redis_geo_plugin.bridge import widgets

    assert widgets.of(widgets.GEO_SETS) is not None
    plugin.unload()
    assert widgets.of(widgets.GEO_SETS) is None


# -- purging ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "Name the namespace"),
        ({"NAMESPACE": "  "}, "Name the namespace"),
        ({"OPERATION": "buffer"}, "Name the namespace"),
        ({"NAMESPACE": "defaut", "ALL": True}, "choose one of the two"),
        ({"NAMESPACE": "a:b"}, "letters, digits"),
    ],
)
def test_untouched_a_purge_deletes_nothing(algorithms, saved_connection, one_server, parameters, words):
    processing.run("redisgeo:cachedbuffer", {"INPUT": layer_of(SQUARES), "DISTANCE": 1, "OUTPUT": "memory:"})
    with one_server.client() as client:
        before = set(client.scan_iter())
        with pytest.raises(QgsProcessingException, match=words):
            processing.run("redisgeo:purgecache", parameters)
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("redisgeo:purgecache")
        _, ok = algorithm.run(parameters, QgsProcessingContext(), QgsProcessingFeedback())
        assert not ok  # as a step of a model, whose parameters nobody has checked
        assert set(client.scan_iter()) == before


def test_the_button_help_opens_the_plugins_own_help(form, wait_until):
    from redis_geo_plugin.gui import help as help_module

    dialog = form("purgecache")
    try:
        dialog.buttonBox().button(QDialogButtonBox.StandardButton.Help).click()
        wait_until(lambda: help_module._window is not None)
        browser = help_module._window.browser
        assert browser.source().fileName() == "cache.md"
        assert browser.source().fragment() == "redisgeo:purgecache"
    finally:
        help_module.close_help()


# -- history ---------------------------------------------------------------------------------------------------------
def history():
    """The commands in Processing's history, oldest first."""
    from qgis.gui import QgsGui

    registry = getattr(QgsGui, "historyProviderRegistry", lambda: None)()
    if registry is not None:
        return [
            one.entry["python_command"] for one in registry.queryEntries() if one.providerId == "processing"
        ]
    from processing.core.ProcessingLog import ProcessingLog

    return [entry.text for entry in ProcessingLog.getLogEntries()]


def test_a_run_that_is_entered_can_be_run_again(algorithms, saved_connection):
    from redis_geo_plugin.gui.toolbox.history import record

    layer = layer_of(SQUARES)
    QgsProject.instance().addMapLayer(layer)
    layer.selectByIds([layer.allFeatureIds()[0]])
    given = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    before = len(history())
    record("redisgeo:cachedbuffer", {"INPUT": given, "DISTANCE": 7.0, "OUTPUT": "memory:"})
    (command,) = history()[before:]
    assert "'DISTANCE':7" in command and "TEMPORARY_OUTPUT" in command
    found = {}
    exec(f"found = {command}", {"processing": processing, **vars(qgis.core)}, found)
    assert found["found"]["OUTPUT"].featureCount() == 1


def test_a_run_of_an_algorithm_that_is_gone_is_not_entered(algorithms):
    from redis_geo_plugin.gui.toolbox.history import record

    before = len(history())
    record("redisgeo:nonsense", {})
    assert len(history()) == before


@pytest.fixture
def entered(monkeypatch):
    """The runs that panels enter, as (id, parameters)."""
    from redis_geo_plugin.gui.toolbox import history as module

    seen = []
    real = module.record
    monkeypatch.setattr(module, "record", lambda name, given: (seen.append((name, given)), real(name, given)))
    return seen


def test_a_search_of_the_panel_is_the_algorithms(plugin, places, iface, entered, wait_until):
    part = next(c for c in plugin.components if type(c).__name__ == "SearchComponent")
    part.dock.show()
    part.dock.build()
    form = part.dock.form
    form.sets.setEditText("locations")
    form.set_center(-73.97, 40.78, True)
    form.set_metres(5000.0)
    before = len(history())
    part.search()
    wait_until(lambda: part.results.answer is not None)
    ((name, parameters),) = entered
    answer = part.results.answer
    assert name == "redisgeo:radiussearch" and len(history()) == before + 1
    again = processing.run(name, {**parameters, "OUTPUT": "memory:"})
    assert sorted(f["member"] for f in again["OUTPUT"].getFeatures()) == sorted(answer.names) != []


def test_a_run_of_the_cache_panel_is_entered(plugin, iface, entered, wait_until):
    layer = layer_of(SQUARES)
    QgsProject.instance().addMapLayer(layer)
    iface.setActiveLayer(layer)
    part = next(c for c in plugin.components if type(c).__name__ == "CacheComponent")
    part.dock.show()
    part.dock.build()
    part.dock.form.controls.run_button.click()
    wait_until(lambda: not part.runner.running)
    ((name, parameters),) = entered
    assert name == "redisgeo:cachedbuffer"
    again = processing.run(name, {**parameters, "OUTPUT": "memory:"})
    assert (again["HITS"], again["MISSES"]) == (len(SQUARES), 0)  # it is the very same run


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "+proj=laea +lat_0=40.7 +lon_0=-74 +datum=WGS84"])
@pytest.mark.parametrize("ask", ["extent", "drawn"])
def test_a_search_in_the_extent_or_a_drawn_polygon_is_the_algorithms(
    plugin, places, iface, entered, wait_until, ask, crs
):
    part = next(c for c in plugin.components if type(c).__name__ == "SearchComponent")
    system = qgis.core.QgsCoordinateReferenceSystem(crs)
    if not system.isValid():
        system = qgis.core.QgsCoordinateReferenceSystem.fromProj(crs)
    QgsProject.instance().setCrs(system)
    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(system)
    part.dock.show()
    part.dock.build()
    form = part.dock.form
    form.sets.setEditText("locations")
    path = qgis.core.QgsCoordinateTransform(
        qgis.core.QgsCoordinateReferenceSystem("EPSG:4326"), system, QgsProject.instance()
    )
    corners = [
        path.transform(qgis.core.QgsPointXY(*at)) for at in ((-74.1, 40.6), (-73.9, 40.6), (-73.9, 40.9))
    ]
    form.kind.setCurrentIndex(form.kind.findData(ask))
    if ask == "drawn":
        part._drawn(qgis.core.QgsGeometry.fromPolygonXY([[*corners, corners[0]]]))
    else:
        canvas.setExtent(path.transformBoundingBox(qgis.core.QgsRectangle(-74.1, 40.6, -73.9, 40.9)))
        part.search()
    wait_until(lambda: part.results.answer is not None)
    ((name, parameters),) = entered
    assert name == "redisgeo:areasearch"
    again = processing.run(name, {**parameters, "OUTPUT": "memory:"})
    assert (
        sorted(f["member"] for f in again["OUTPUT"].getFeatures()) == sorted(part.results.answer.names) != []
    )
    found = {}
    exec(
        f"found = {history()[-1]}", {"processing": processing, **vars(qgis.core)}, found
    )  # as from the history
    assert found["found"]["COUNT"] == again["COUNT"]


@pytest.mark.parametrize(
    "given",
    [{}, {"AREA": "CRS=EPSG:4326;Point(1 2)"}, {"AREA": "nonsense"}, {"AREA": "CRS=EPSG:4326;Polygon EMPTY"}],
)
def test_an_area_that_is_none_is_refused_in_words(algorithms, places, saved_connection, given):
    with pytest.raises(qgis.core.QgsProcessingException, match=r"area|AREA"):
        processing.run("redisgeo:areasearch", {"KEY": "locations", "OUTPUT": "memory:", **given})
