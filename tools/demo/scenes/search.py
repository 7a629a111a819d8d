"""The sample places of New York, a radius around the Statue of Liberty, and the ships within it."""

from __future__ import annotations

from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest

ORDER = 30
LIBERTY = (-74.0445, 40.6892)
UPPER_BAY = (-74.16, 40.62, -73.93, 40.80)


def _component(stage):
    return next(c for c in stage.plugin.components if type(c).__name__ == "SearchComponent")


def _look_at_the_bay(stage) -> None:
    stage.iface.mapCanvas().setExtent(QgsRectangle(*UPPER_BAY))
    stage.iface.mapCanvas().refresh()
    stage.settle()


def _members(component) -> list[str]:
    model = component.dock.model
    return [model.cell(row, 0) for row in range(model.rowCount())]


def _search(stage, component, key: str, kilometres: float) -> None:
    """Choose a set and a radius, and click on the Statue of Liberty."""
    form = component.dock.form
    form.sets.setEditText(key)
    form.kind.setCurrentIndex(form.kind.findData("radius"))
    form.unit.setCurrentText("km")
    form.radius.setValue(kilometres)
    form.limit.setValue(0)
    form.live.setChecked(False)
    if not component.pick.isChecked():
        component.pick.trigger()
    canvas, before = stage.iface.mapCanvas(), component.results.answer
    point = canvas.getCoordinateTransform().transform(*LIBERTY)
    place = QPoint(round(point.x()), round(point.y()))
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    stage.wait_until(lambda: component.results.answer is not before, 20, f"the search in {key}")


def play(stage) -> None:
    component = _component(stage)
    stage.show_dock("redis_geo_search_dock")
    form = component.dock.form
    stage.wait_until(lambda: form.sets.findText("navires") >= 0, 30, "the list of GEO sets")
    _look_at_the_bay(stage)
    _search(stage, component, "locations", 10.0)
    if _members(component) != ["Statue of Liberty", "Times Square"]:
        stage.fail(f"within 10 km of the Statue of Liberty: {_members(component)}")
    stage.picture("31-places-within-10-km")
    _search(stage, component, "navires", 3.0)
    ships = len(_members(component))
    if ships < 20:
        stage.fail(f"only {ships} ships within 3 km of the Statue of Liberty")
    stage.picture("32-ships-within-3-km")
    before = stage.layer_ids()
    component.dock.as_layer.click()
    stage.wait_until(lambda: len(stage.new_layers(before)) == 2, 20, "the layers of the result")
    points = next(layer for layer in stage.new_layers(before) if layer.geometryType() == 0)
    if points.featureCount() != ships:
        stage.fail(f"the layer holds {points.featureCount()} of {ships} ships")
    stage.say(
        f"{ships} ships within 3 km of the Statue of Liberty, in {component.results.answer.seconds * 1000:.0f} ms"
    )
    component.pick.trigger()
    stage.picture("33-ships-as-a-layer")
    for layer in stage.new_layers(before):
        QgsProject.instance().layerTreeRoot().findLayer(layer.id()).setItemVisibilityChecked(False)


def arrange(stage) -> None:
    """Where a person sits in front: the dock shows the ships, ready for a click."""
    component = _component(stage)
    component.dock.build()
    component.dock.form.sets.setEditText("navires")
