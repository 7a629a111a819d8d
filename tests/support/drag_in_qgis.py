"""Run in a real QGIS: a GEO set dragged from the Browser panel to the map, and a layer dragged onto a GEO set, by the mouse.

The mouse is moved by a thread, since Qt drags in an event loop of its own. Nothing waits for a time, all for a state.
Writes what came of it, as JSON, to the file named by RESULT.
"""

import os
import sys
import threading

sys.path.insert(0, os.environ["CHECKOUT"])

import redis
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtWidgets import QApplication, QDialog, QDockWidget, QPushButton, QTreeView
from qgis.utils import iface

from tests.support.in_qgis import fill_the_screen, mouse, start_plugin, tell_what
from tests.support.waiting import wait_until


def child(model, parent, text):
    """The index with this text below ``parent``, or None."""
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        if index.data(Qt.ItemDataRole.DisplayRole) == text:
            return index
    return None


def walk(view, names):
    """The index at the end of this path, opened as far as it is there; None until it is. From the top each time: items that
    are read anew get new indexes."""
    model, index = view.model(), view.rootIndex()
    for depth, name in enumerate(names):
        if depth:
            view.expand(index)
            if model.canFetchMore(index):
                model.fetchMore(index)
        index = child(model, index, name)
        if index is None:
            return None
    return index


def place_of(view, *names):
    """Where on the screen the item is, once it stays there."""
    seen = []

    def at_rest():
        index = walk(view, names)
        if index is None:
            return False
        view.scrollTo(index)
        seen.append(view.visualRect(index))
        shown = view.viewport().rect().contains(seen[-1].center())
        return shown and seen[-20:] == [seen[-1]] * 20

    wait_until(at_rest)
    return view.viewport().mapToGlobal(seen[-1].center())


class Drags(QObject):
    """Counts what Qt hears of a drag."""

    moves = 0

    def eventFilter(self, _target, event):
        if event.type() == QEvent.Type.DragMove:
            self.moves += 1
        return False


class Hand(threading.Thread):
    """Presses at ``start``, moves until Qt drags, moves to ``end`` until Qt drags there, lets go."""

    def __init__(self, drags, start, end):
        super().__init__(daemon=True)
        self.drags, self.start_at, self.end_at = drags, (start.x(), start.y()), (end.x(), end.y())
        self.good = False

    def run(self):
        x, y = self.start_at
        mouse("mousemove", x, y, "mousedown", 1)
        dragging = self.until_moved(lambda step: (x + 4 * (step % 10), y + 2 * (step % 10)))
        x, y = self.end_at
        mouse("mousemove", x, y)
        self.good = dragging and self.until_moved(lambda step: (x - step % 2, y))
        mouse("mouseup", 1)

    def until_moved(self, where):
        before = self.drags.moves
        for step in range(1, 200):
            mouse("mousemove", *where(step))
            if self.drags.moves > before + 1:
                return True
        return False


def drag(view, start, end):
    """Drag from and to places of the screen. Only widgets that a drag may cross are listened to: a filter of the whole
    application would be handed objects that are half deleted, on which sip fails."""
    drags = Drags()
    crossed = []
    for widget in (w.viewport() for w in (view, iface.mapCanvas(), iface.layerTreeView())):
        while widget is not None:
            crossed.append(widget)
            widget = widget.parentWidget()
    for widget in crossed:
        widget.installEventFilter(drags)
    hand = Hand(drags, start, end)
    hand.start()
    wait_until(lambda: not hand.is_alive(), 30)
    for widget in crossed:
        widget.removeEventFilter(drags)
    assert hand.good, "Qt saw no drag"


def loading():
    """The dialogs of ours that are open, by title."""
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    return [w for w in shown if "GEO set" in w.windowTitle()]


def set_to_map(view):
    """The members of the layer that the dropped GEO set becomes."""
    canvas = iface.mapCanvas()
    start = place_of(view, "Redis Geo", "REDIS_GEO_URL", "locations")
    drag(view, start, canvas.mapToGlobal(canvas.rect().center()))
    dropped = wait_until(lambda: QgsProject.instance().mapLayersByName("locations"))[0]
    return sorted(feature["member"] for feature in dropped.getFeatures())


def layer_to_set(view):
    """The title of the dialog that a layer dropped on the set opens, and the members after it was accepted."""
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=name:string", "my points", "memory")
    feature = QgsFeature(layer.fields())
    feature.setAttributes(["Battery Park"])
    feature.setGeometry(QgsGeometry.fromWkt("POINT(-74.0170 40.7033)"))
    layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    tree = iface.layerTreeView()
    drag(view, place_of(tree, "my points"), place_of(view, "Redis Geo", "REDIS_GEO_URL", "locations"))
    dialog = wait_until(loading)[0]
    title = dialog.windowTitle()
    next(b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == "Run").click()
    client = redis.Redis.from_url(os.environ["REDIS_GEO_URL"], decode_responses=True)
    wait_until(lambda: client.zscore("locations", "Battery Park") is not None)
    return title, sorted(client.zrange("locations", 0, -1))


def run():
    start_plugin()
    fill_the_screen()
    browser = iface.mainWindow().findChild(QDockWidget, "Browser")
    browser.show()
    browser.raise_()
    view = browser.findChild(QTreeView)
    found = {"layer": set_to_map(view)}
    found["dialog"], found["set"] = layer_to_set(view)
    return found


tell_what(run)
