""" "Selected features only" follows the selection, wherever a layer is chosen."""

from __future__ import annotations

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QAction

from redis_geo_plugin.bridge.operations import OFFERED
from tests.support.layers import layer_of

STRIPES = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))" for i in range(5)]


@pytest.fixture
def stripes():
    layer = layer_of(STRIPES, crs="EPSG:3857")
    layer.setName("stripes")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def empty():
    layer = layer_of(["Polygon((0 0,9 0,9 9,0 9,0 0))"], crs="EPSG:3857")
    layer.setName("unselected")
    QgsProject.instance().addMapLayer(layer)
    return layer


def component(plugin, name):
    return next(c for c in plugin.components if type(c).__name__ == name)


@pytest.fixture
def form(plugin):
    dock = component(plugin, "CacheComponent").dock
    dock.build()
    return dock.form


@pytest.fixture
def send(plugin):
    dock = component(plugin, "JobsComponent").dock
    dock.build()
    return dock.send


def other_layer(form, operation):
    """Where the other layer of an operation is chosen: its combo box and the box below it."""
    if operation == "intersection":
        return form.intersection.overlay, form.intersection.selected_only
    nearest = next(page for page in form.simple if page.offered.name == operation)
    return nearest.other, nearest.other_selected


@pytest.fixture(params=["layer", "intersection", "nearest"])
def chosen(request):
    """Which layer of an operation, its own or another."""
    return request.param


@pytest.fixture(params=["form", "send"])
def place(request, chosen):
    """Each place where a layer is chosen, in the Cache and the Jobs panel: its combo box and the box below it."""
    form = request.getfixturevalue(request.param)
    return (form.layer, form.selected_only) if chosen == "layer" else other_layer(form, chosen)


def state(box):
    return box.isEnabled(), box.isChecked(), box.text()


def test_it_is_on_while_features_are_selected_and_greyed_else(place, stripes):
    layers, box = place
    layers.setLayer(stripes)
    assert state(box) == (False, False, "Selected features only (0)")
    stripes.selectByIds([1, 2])
    assert state(box) == (True, True, "Selected features only (2)")
    stripes.removeSelection()
    assert state(box) == (False, False, "Selected features only (0)")


def test_what_the_user_unchecked_stays_so_until_the_selection_is_gone(place, stripes):
    layers, box = place
    layers.setLayer(stripes)
    stripes.selectByIds([1, 2])
    box.click()
    stripes.selectByIds([3])
    assert state(box) == (True, False, "Selected features only (1)")
    stripes.removeSelection()
    stripes.selectByIds([1])
    assert box.isChecked()


def test_another_layer_has_its_own_selection(place, stripes, empty):
    layers, box = place
    stripes.selectByIds([1, 2, 3])
    layers.setLayer(stripes)
    assert box.isChecked()
    layers.setLayer(empty)
    assert state(box) == (False, False, "Selected features only (0)")
    stripes.removeSelection()  # of a layer that is no longer looked at
    layers.setLayer(stripes)
    assert not box.isEnabled()


def test_a_layer_that_is_removed_is_let_go(place, stripes, empty):
    layers, box = place
    layers.setLayer(stripes)
    stripes.selectAll()
    QgsProject.instance().removeMapLayer(stripes.id())
    assert state(box) == (False, False, "Selected features only (0)")


def results(start):
    return [la for la in QgsProject.instance().mapLayers().values() if la.name().startswith(start)]


def test_only_the_selected_features_of_the_overlay_are_intersected(form, stripes, empty, wait_until, iface):
    form.layer.setLayer(empty)
    form.operation.setCurrentIndex(list(OFFERED).index("intersection"))
    form.intersection.overlay.setLayer(stripes)
    stripes.selectByIds([1, 2])
    form.controls.run_button.click()
    wait_until(lambda: results("Intersection") and not form._runner.running)
    assert results("Intersection")[0].featureCount() == 2
    iface.bar.take_messages()


def test_only_the_selected_features_are_the_nearest(form, stripes, empty, wait_until, iface):
    far = layer_of(["Point(-10 0.5)"], "Point", crs="EPSG:3857")
    QgsProject.instance().addMapLayer(far)
    form.layer.setLayer(far)
    form.operation.setCurrentIndex(list(OFFERED).index("nearest"))
    form.page.other.setLayer(stripes)
    stripes.selectByIds([5])  # the last one
    form.controls.run_button.click()
    wait_until(lambda: results("Distance") and not form._runner.running)
    (line,) = results("Distance")[0].getFeatures()
    assert line.geometry().length() == pytest.approx(14.0)
    iface.bar.take_messages()


@pytest.mark.parametrize("operation", ["intersection", "nearest"])
def test_an_overlay_without_selection_is_named(form, send, stripes, empty, iface, operation):
    for panel in (form, send):
        panel.operation.setCurrentIndex(list(OFFERED).index(operation))
        overlay, box = other_layer(panel, operation)
        overlay.setLayer(empty)
        box.setChecked(True)
    form.controls.run_button.click()
    send.send()
    assert ["No feature of unselected is selected" in text for text in iface.bar.take_messages()] == [
        True
    ] * 2


def test_a_batch_of_what_was_selected_in_the_overlay_is_not_sent_again_by_itself(send, stripes, empty):
    from redis_geo_plugin.gui.jobs.send import SentBatch

    send.layer.setLayer(empty)
    for operation in ("intersection", "nearest"):
        send.operation.setCurrentIndex(list(OFFERED).index(operation))
        other_layer(send, operation)[0].setLayer(stripes)
        stripes.selectByIds([1])
        assert SentBatch(empty.id(), False, send.choices(), 1, "q").by_selection
        stripes.removeSelection()
        assert not SentBatch(empty.id(), False, send.choices(), 1, "q").by_selection


def test_the_toolbars_action_says_what_the_panel_says(plugin, form, iface, stripes, empty, wait_until):
    action = iface.mainWindow().findChild(QAction, "redis_geo_buffer_selected")
    iface.setActiveLayer(stripes)
    assert "none is selected" in action.toolTip()
    stripes.selectByIds([1, 2, 3])
    assert "stripes (3)" in action.toolTip()
    form.layer.setLayer(empty)
    form.operation.setCurrentIndex(list(OFFERED).index("dissolve"))
    action.trigger()
    assert form.layer.currentLayer() is stripes and form.operation.currentData() == "buffer"
    assert state(form.selected_only) == (True, True, "Selected features only (3)")
    wait_until(lambda: results("Buffer") and not form._runner.running)
    stripes.removeSelection()
    iface.bar.take_messages()
    action.trigger()
    form.selected_only.setChecked(True)
    form.controls.run_button.click()
    first, second = iface.bar.take_messages()
    assert first == second and "No feature of stripes is selected" in first


def test_nothing_is_watched_any_more_after_unload(plugin, iface, form, send, stripes):
    stripes.selectAll()
    plugin.unload()
    stripes.removeSelection()
    iface.setActiveLayer(stripes)
    plugin.__init__(iface)
    plugin.initGui()  # what the fixture unloads
