"""A polygon drawn on the map, and results that are selected there, by real clicks on a real canvas."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest

from tests.support.search_dock import PLACES, part

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


class Mouse:
    """Clicks at places in degrees."""

    def __init__(self, canvas):
        self.canvas, self.view = canvas, canvas.viewport()

    def at(self, lon, lat):
        point = self.canvas.getCoordinateTransform().transform(QgsPointXY(lon, lat))
        return QPoint(round(point.x()), round(point.y()))

    def click(self, lon, lat, button=LEFT, keys=NONE):
        QTest.mouseClick(self.view, button, keys, self.at(lon, lat))

    def drag(self, start, end, keys=NONE):
        QTest.mousePress(self.view, LEFT, keys, self.at(*start))
        QTest.mouseMove(self.view, self.at(*end))
        QTest.mouseRelease(self.view, LEFT, keys, self.at(*end))

    def key(self, key):
        QTest.keyClick(self.canvas, key)


@pytest.fixture
def search(plugin, places, wait_until, iface, spin):
    component = part(plugin, "SearchComponent")
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    iface.mainWindow().show()
    iface.mapCanvas().setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    iface.mapCanvas().setExtent(QgsRectangle(-74.2, 40.6, -73.8, 40.85))
    component.dock.setUserVisible(True)
    wait_until(lambda: component.dock.form.sets.count() == 1)
    spin(0.1)
    return component


@pytest.fixture
def mouse(search, iface):
    return Mouse(iface.mapCanvas())


def members(search, rows=None):
    model = search.dock.model
    return sorted(model.cell(row, 0) for row in (range(model.rowCount()) if rows is None else rows))


def choose_drawn(search):
    form = search.dock.form
    form.kind.setCurrentIndex(form.kind.findData("drawn"))
    return form


def test_a_polygon_is_drawn_and_searched(search, mouse, wait_until):
    form, tool = choose_drawn(search), search.polygon_tool
    search.dock.search.click()
    assert "Draw the polygon" in search.dock.status.text()
    form.draw.click()
    assert mouse.canvas.mapTool() is tool and form.draw.isChecked()
    for lon, lat in ((-74.1, 40.65), (-74.0, 40.65), (-73.85, 40.8)):
        mouse.click(lon, lat)
    mouse.key(Qt.Key.Key_Backspace)
    assert len(tool.corners) == 2
    mouse.click(-74.0, 40.75, RIGHT)
    assert len(tool.corners) == 2 and form.drawn is None  # two corners are no polygon
    mouse.click(-74.0, 40.75)
    assert tool.band.numberOfVertices() >= 3
    mouse.click(-74.0, 40.75, RIGHT)
    wait_until(lambda: members(search) == ["Statue of Liberty"])
    assert mouse.canvas.mapTool() is not tool and not form.draw.isChecked() and tool.corners == []
    assert "3" in form.polygon_text.text() and search.drawing.area.asGeometry().area() > 0.001
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    search.dock.clear.click()
    search.dock.search.click()  # the same polygon again, wherever the map is
    wait_until(lambda: members(search) == ["Statue of Liberty"])
    QgsProject.instance().clear()
    assert form.drawn is None and search.drawing.area.asGeometry().isEmpty()


def test_escape_gives_drawing_up(search, mouse):
    form = choose_drawn(search)
    form.draw.click()
    mouse.click(-74.1, 40.65)
    mouse.key(Qt.Key.Key_Escape)
    assert mouse.canvas.mapTool() is not search.polygon_tool and not form.draw.isChecked()
    assert search.polygon_tool.corners == [] and search.polygon_tool.band.asGeometry().isEmpty()
    assert form.drawn is None


def test_a_polygon_that_crosses_itself_is_searched_in_all_its_parts(search, mouse, places, wait_until):
    choose_drawn(search).draw.click()
    places.geoadd("locations", (-73.92, 40.72, "Greenpoint"))
    for lon, lat in ((-74.1, 40.62), (-73.9, 40.84), (-73.9, 40.62), (-74.1, 40.84)):
        mouse.click(lon, lat)
    mouse.click(-74.0, 40.7, RIGHT)
    wait_until(lambda: search._task is None and search.results.answer is not None)
    assert members(search) == ["Greenpoint", "Statue of Liberty"]


@pytest.fixture
def found(search, wait_until):
    form = search.dock.form
    form.kind.setCurrentIndex(form.kind.findData("radius"))
    form.center.setText("-74, 40.75")
    form.unit.setCurrentText("km")
    form.radius.setValue(50)
    search.dock.search.click()
    wait_until(lambda: len(members(search)) == 3)
    return search


def selected(search):
    return members(search, search.dock.selected_rows())


def test_results_are_selected_on_the_map(found, mouse):
    found.dock.select.click()
    assert mouse.canvas.mapTool() is found.select_tool
    mouse.click(*PLACES["Times Square"])
    assert selected(found) == ["Times Square"] and found.drawing.chosen.count() == 1
    mouse.click(*PLACES["Statue of Liberty"], keys=SHIFT)
    assert selected(found) == ["Statue of Liberty", "Times Square"]
    mouse.click(*PLACES["Times Square"], keys=CTRL)
    assert selected(found) == ["Statue of Liberty"]
    mouse.drag((-74.02, 40.7), (-73.9, 40.83))
    assert selected(found) == ["Central Park", "Times Square"] and found.drawing.chosen.count() == 2
    mouse.click(-73.85, 40.63)
    assert selected(found) == [] and found.drawing.chosen.count() == 0
    mouse.key(Qt.Key.Key_Escape)
    assert mouse.canvas.mapTool() is not found.select_tool and not found.dock.select.isChecked()


def test_selected_rows_are_marked_and_stay_selected_when_sorted(found):
    table = found.dock.table
    table.selectRow(0)
    chosen = selected(found)
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert selected(found) == chosen and found.drawing.chosen.count() == 1


def test_the_layer_of_the_results_is_selected_with_the_rows(found, wait_until):
    table = found.dock.table
    found.dock.as_layer.click()
    wait_until(lambda: len(QgsProject.instance().mapLayers()) == 2)
    layer = next(m for m in QgsProject.instance().mapLayers().values() if m.geometryType() == 0)
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    table.selectRow(0)
    assert [f["member"] for f in layer.selectedFeatures()] == selected(found) == ["Times Square"]
    layer.selectByExpression("\"member\" = 'Central Park'")
    assert selected(found) == ["Central Park"]
    layer.removeSelection()
    assert selected(found) == []
    QgsProject.instance().removeMapLayer(layer.id())
    table.selectRow(0)  # nothing is left to follow it
    found.dock.clear.click()
