"""Run in a real QGIS: the Search dock used by mouse and keys, as somebody at a screen does.

Nothing waits for a time, all for a state. Writes what was seen, as JSON, to the file named by RESULT; with PICTURES the
window is kept in that folder after every step.
"""

import os
import sys
import time

sys.path.insert(0, os.environ["CHECKOUT"])

from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QCoreApplication, QPoint, QRect
from qgis.PyQt.QtWidgets import QApplication, QLineEdit, QToolTip, QTreeView
from qgis.utils import iface

from tests.support.in_qgis import component_of, fill_the_screen, mouse, start_plugin, tell_what
from tests.support.waiting import wait_until

AROUND_NEW_YORK = QgsRectangle(-8260000, 4950000, -8220000, 4990000)
LIBERTY = QgsPointXY(-8242596, 4966606)
AROUND = 30  # pixels around a place that are looked at


def move_to(place):
    mouse("mousemove", place.x(), place.y())


def picture(name, settle=True):
    if os.environ.get("PICTURES"):
        for _ in range(20 if settle else 0):  # until the screen shows it
            QCoreApplication.processEvents()
            time.sleep(0.01)
        QApplication.primaryScreen().grabWindow(0).save(os.path.join(os.environ["PICTURES"], name + ".png"))


def pixel_of(x, y):
    place = iface.mapCanvas().getCoordinateTransform().transform(QgsPointXY(x, y))
    return QPoint(round(place.x()), round(place.y()))


def on_screen(place):
    return iface.mapCanvas().viewport().mapToGlobal(place)


def surroundings(place):
    """The pixels of the map around a place, as bytes."""
    rect = QRect(place.x() - AROUND, place.y() - AROUND, 2 * AROUND, 2 * AROUND)
    image = iface.mapCanvas().grab(rect).toImage()
    return [image.pixel(x, y) for y in range(image.height()) for x in range(image.width())]


class Look:
    def __init__(self, component):
        self.component, self.dock = component, component.dock

    def members(self):
        model = self.dock.model
        return [model.cell(row, 0) for row in range(model.rowCount())]

    def row_place(self, row):
        table = self.dock.table
        return table.viewport().mapToGlobal(table.visualRect(self.dock.model.index(row, 0)).center())

    def search(self):
        form = self.dock.form
        form.sets.setEditText("locations")
        form.center.setText(f"{LIBERTY.x()}, {LIBERTY.y()}")
        form.unit.setCurrentText("km")
        form.radius.setValue(50)
        self.dock.search.click()
        wait_until(lambda: len(self.members()) == 3)

    def preview(self):
        """The tool tip of the set after the mouse came to rest on it."""
        box = self.dock.form.sets
        place = box.mapToGlobal(box.rect().center())
        move_to(place - QPoint(3, 0))
        move_to(place)
        wait_until(QToolTip.isVisible)
        picture("preview")
        return QToolTip.text()

    def hover(self, row):
        """How many pixels around the row's place changed at most, until it looks as before."""
        hits, hit = self.component.results.answer.hits, self.dock.model.row_hit(row)
        crs = measuring().project_path().point(float(hits.lon[hit]), float(hits.lat[hit]))
        place = pixel_of(crs.x(), crs.y())
        move_to(self.row_place(0) - QPoint(0, 60))
        seen = [surroundings(place)]

        def at_rest():
            seen.append(surroundings(place))
            return len(seen) > 20 and all(s == seen[-1] for s in seen[-20:])

        wait_until(at_rest)
        before, changed = seen[-1], [0]
        move_to(self.row_place(row))

        def over():
            now = sum(a != b for a, b in zip(before, surroundings(place)))
            if now > 1.2 * max(changed):
                picture(f"flash-{row}", settle=False)
            changed.append(now)
            return max(changed) and not any(changed[-3:])

        wait_until(over)
        return max(changed)

    def double_click(self, row):
        """The map's centre after a double click on a row."""
        before = iface.mapCanvas().center()
        move_to(self.row_place(row))
        mouse("click", "--repeat", 2, "--delay", 40, 1)
        wait_until(lambda: iface.mapCanvas().center() != before)
        picture("double-click")
        return [iface.mapCanvas().center().x(), iface.mapCanvas().center().y()]

    def drag(self):
        """The numbers of members shown while the radius was dragged on the map, before the button was let go."""
        iface.mapCanvas().setExtent(AROUND_NEW_YORK)
        self.dock.clear.click()
        self.dock.form.live.setChecked(True)
        self.component.pick.trigger()
        start = pixel_of(LIBERTY.x(), LIBERTY.y())
        move_to(on_screen(start))
        mouse("mousedown", 1)
        counts = []
        for metres, count in ((3000, 1), (14000, 2), (20000, 3)):
            move_to(on_screen(pixel_of(LIBERTY.x() + metres, LIBERTY.y())))
            wait_until(lambda count=count: len(self.members()) == count)
            counts.append(len(self.members()))
            picture(f"drag-{count}")
        mouse("mouseup", 1)
        wait_until(lambda: self.component._task is None)
        self.component.pick.trigger()
        return counts

    def locator(self):
        """The map's centre after Ctrl+K, ``geo park`` and Enter."""
        iface.mainWindow().activateWindow()
        mouse("key", "ctrl+k")
        line = wait_until(lambda: next(iter(e for e in self.lines() if e.hasFocus()), None))
        mouse("type", "--delay", 20, "geo park")
        wait_until(lambda: line.text() == "geo park")
        wait_until(self.found_places)
        picture("locator")
        before = iface.mapCanvas().center()
        mouse("key", "Down", "Return")
        wait_until(lambda: iface.mapCanvas().center() != before)
        return [iface.mapCanvas().center().x(), iface.mapCanvas().center().y()]

    def lines(self):
        return [
            e
            for e in QApplication.allWidgets()
            if isinstance(e, QLineEdit)
            and e.parent() is not None
            and "ocator" in e.parent().metaObject().className()
        ]

    def found_places(self):
        for view in QApplication.allWidgets():
            if isinstance(view, QTreeView) and "ocator" in view.metaObject().className() and view.isVisible():
                model = view.model()
                texts = [str(model.index(row, 0).data()) for row in range(model.rowCount())]
                if any("Central Park" in text for text in texts):
                    return texts
        return None


def measuring():
    from redis_geo_plugin.bridge.geo import measuring as module

    return module


def run():
    plugin = start_plugin()
    iface.newProject()  # the map instead of the list of projects
    fill_the_screen()
    iface.mainWindow().activateWindow()
    wait_until(iface.mainWindow().isActiveWindow)
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    iface.mapCanvas().setExtent(AROUND_NEW_YORK)
    component = component_of(plugin, "SearchComponent")
    component.dock.setUserVisible(True)
    wait_until(lambda: component.dock.form is not None and component.dock.form.sets.count() == 1)
    look = Look(component)
    look.search()
    picture("found")
    found = {}
    for name, step in (
        ("preview", look.preview),
        ("flash", lambda: [look.hover(row) for row in (1, 2)]),
        ("double_click", lambda: look.double_click(1)),
        ("drag", look.drag),
        ("locator", look.locator),
    ):
        try:
            found[name] = step()
        except AssertionError:
            picture("failed-" + name)
            raise
    return found


tell_what(run)
