"""More ways to search: many centres, a polygon drawn on the map, results selected there, Browser and locator."""

from __future__ import annotations

from qgis.core import QgsRectangle
from qgis.PyQt.QtCore import QModelIndex, QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDockWidget, QLineEdit, QMenu, QTreeView

from .. import places
from .search import UPPER_BAY, _component, _look_at_the_bay, _members

ORDER = 32
CORNERS = ((-74.06, 40.68), (-74.0, 40.66), (-73.98, 40.72), (-74.04, 40.73))
LETTERS = "geo ann"
LEFT = 280  # pixels that the docks at the left are wide


def play(stage) -> None:
    component = _component(stage)
    stage.show_dock("redis_geo_search_dock")
    _look_at_the_bay(stage)
    component.dock.form.sets.setEditText("navires")
    _draw(stage, component)
    _select_on_the_map(stage, component)
    component.dock.clear.click()
    _browse(stage)
    _locate(stage)


def _pixel(stage, lon: float, lat: float) -> QPoint:
    point = stage.iface.mapCanvas().getCoordinateTransform().transform(lon, lat)
    return QPoint(round(point.x()), round(point.y()))


def _click(stage, place: QPoint, button=Qt.MouseButton.LeftButton) -> None:
    none = Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(stage.iface.mapCanvas().viewport(), button, none, place)


def _draw(stage, component) -> None:
    form, before = component.dock.form, component.results.answer
    form.kind.setCurrentIndex(form.kind.findData("drawn"))
    form.draw.click()
    for corner in CORNERS:
        _click(stage, _pixel(stage, *corner))
    _click(stage, _pixel(stage, *CORNERS[-1]), Qt.MouseButton.RightButton)
    stage.wait_until(lambda: component.results.answer is not before, 20, "the search in the polygon")
    stage.say(f"{len(_members(component))} ships in the drawn polygon")


def _select_on_the_map(stage, component) -> None:
    """A rectangle over the upper half of the polygon."""
    dock, view, none = component.dock, stage.iface.mapCanvas().viewport(), Qt.KeyboardModifier.NoModifier
    dock.select.click()
    start, end = _pixel(stage, -74.08, 40.74), _pixel(stage, -73.97, 40.69)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, none, start)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, none, end)
    chosen = stage.wait_until(dock.selected_rows, 10, "rows selected on the map")
    stage.say(f"{len(chosen)} of them selected on the map")
    stage.picture("34-drawn-polygon")
    dock.select.click()


def _browse(stage) -> None:
    """Redis in QGIS's Browser, with the menu of the connection."""
    dock = stage.window.findChild(QDockWidget, "Browser")
    dock.show()
    dock.raise_()
    stage.window.resizeDocks([dock], [LEFT], Qt.Orientation.Horizontal)
    stage.wait(0.3)
    tree = dock.findChild(QTreeView)
    root = _child(tree, QModelIndex(), "Redis Geo")
    tree.setExpanded(root, True)
    connection = stage.wait_until(
        lambda: _child(tree, root, places.CONNECTION), 20, "the connection in the Browser"
    )
    tree.setExpanded(connection, True)
    found = stage.wait_until(lambda: _child(tree, connection, "navires"), 30, "the GEO set in the Browser")
    tree.setCurrentIndex(found)
    tree.scrollTo(root, QTreeView.ScrollHint.PositionAtCenter)
    stage.picture("35-browser", dock)
    browser = next(c for c in stage.plugin.components if type(c).__name__ == "BrowserComponent")
    menu = QMenu(stage.window)
    browser.fill_connection_menu(menu, places.CONNECTION)
    menu.popup(tree.viewport().mapToGlobal(tree.visualRect(connection).center()))
    stage.wait(0.3)
    stage.picture("36-connection-menu", menu)
    menu.close()
    dock.hide()


def _child(tree, parent, name: str):
    """The index below another with this text; None where there is none (yet)."""
    model = tree.model()
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        if index.data() == name:
            return index
    return None


def _locate(stage) -> None:
    """Members by name in the bar at the lower left."""
    stage.iface.locatorSearch(LETTERS)
    popup = stage.wait_until(lambda: _results_of_locator(stage), 20, "what the locator found")
    stage.wait(0.5)
    stage.picture("37-locator")
    for edit in stage.window.findChildren(QLineEdit):
        if edit.text() == LETTERS:  # an empty search leaves it as it is
            edit.clear()
    popup.hide()
    stage.iface.mapCanvas().setExtent(QgsRectangle(*UPPER_BAY))


def _results_of_locator(stage):
    """The window below which the locator lists what it has found; None until it has."""
    for view in stage.window.findChildren(QTreeView):
        if view.metaObject().className() == "QgsLocatorResultsView" and view.isVisible():
            return view.parent() if view.model() is not None and view.model().rowCount() > 1 else None
    return None
