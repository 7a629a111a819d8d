"""Every dock, the Browser, expressions and Find positions before every misbehaving server: the window stays alive, and can be left."""

from __future__ import annotations

import os
import threading
import time

import pytest
from qgis.core import QgsBrowserModel, QgsExpression, QgsExpressionContext, QgsProject
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QAbstractButton, QDialog, QFileDialog, QMenu, QMessageBox, QTabWidget

from redis_geo_plugin import classFactory
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.features.set_spec import SetSpec
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.redis import calls
from redis_geo_plugin.core.redis.calls import LIMITS, CallLimits
from tests.support import cases
from tests.support.census import our_threads
from tests.support.layers import layer_of
from tests.support.main_thread import MainThread
from tests.support.misbehaving import BEHAVIOURS, Elsewhere
from tests.support.search_dock import part
from tests.support.waiting import wait_until

FULL = bool(os.environ.get("REDIS_GEO_FULL"))
STILL = 0.1  # seconds that the plugin may keep the main thread at a time
COMPUTED = STILL if FULL else 3 * STILL  # on a slow machine too, where many events make one turn
GONE = 1.0  # seconds that unloading may take
LOOKED_AT = 1.0 if FULL else 0.05  # seconds that each thing is looked at
LEAVING = "unload"
SOURCES = ("zone:*", "zone", "cars")
QGIS_S_OWN = ("_help", "_empty_load_set", "_empty_open_layer")  # buttons that open windows of QGIS
SLACK = 5.0  # seconds that a busy machine may be late
SHORT = {
    "interactive": CallLimits(0.15, 0.15),
    "cache": CallLimits(0.15, 0.15, 16_000.0, 0.4),
    "bulk": CallLimits(0.15, 0.2, 16_000.0, 0.4),
    "blocking": CallLimits(0.15, 0.15, 16_000.0, 0.4),
}


class Window:
    """The plugin before one server, and what is done with it. Every act is a turn of the main thread's meter."""

    def __init__(self, iface, main):
        self.iface, self.main = iface, main
        iface.window.show()
        self.plugin = classFactory(iface)
        self.plugin.initGui()
        main.spin(LOOKED_AT)

    def do(self, name, call):
        self.main.turn(name, call)
        if FULL:
            self.main.spin(0, f"after: {name}")

    def press(self, widget):
        """Every button that can be pressed, in each tab."""
        for tabs in widget.findChildren(QTabWidget):
            for index in range(tabs.count()):
                self.do(
                    f"tab {index} of {tabs.objectName()}", lambda at=index, of=tabs: of.setCurrentIndex(at)
                )
                self._press_all(tabs.widget(index))
        self._press_all(widget)
        self.main.spin(LOOKED_AT, f"after the buttons of {widget.objectName()}")

    def _press_all(self, widget):
        for button in widget.findChildren(QAbstractButton):
            if sip.isdeleted(button) or not button.objectName().startswith("redis_geo_"):
                continue
            if button.objectName().endswith(QGIS_S_OWN) or not (button.isEnabled() and button.isVisible()):
                continue
            if not type(button).__name__.startswith("Qgs"):  # QGIS's own open menus and dialogs of QGIS
                self.do(button.objectName(), button.click)

    def docks(self):
        return list(self.plugin.context.ui._docks)

    def leave(self):
        self.main.turn(LEAVING, self.plugin.unload)


def use_all(window):
    """Open and use what there is."""
    docks = window.docks()
    assert len(docks) == 5
    for dock in docks:
        window.do(f"open {dock.objectName()}", lambda shown=dock: shown.setUserVisible(True))
    search = part(window.plugin, "SearchComponent").dock
    search.form.sets.setEditText("locations")
    search.form.set_center(2.35, 48.85, True)
    live = part(window.plugin, "LiveComponent")
    window.do("add a feed", lambda: live.add(FeedSpec(name="fleet", interval=0.05)))
    for dock in docks:
        window.do(f"show {dock.objectName()}", lambda shown=dock: shown.setUserVisible(True))
        window.press(dock)
    window.do("find positions", live.dialogs.find)
    window.press(live.dialogs.current)
    use_sets(window, live)
    for function in ("redis_position('locations', 'a')", "redis_within('locations', make_point(2, 48), 10)"):
        for _ in range(3):
            window.do(function, lambda text=function: QgsExpression(text).evaluate(QgsExpressionContext()))


def look_at(form, source):
    """What typing it does, a moment after the last letter."""
    form.show_keys(source)
    form._preview()


def use_sets(window, live):
    """Live sets of keys, of one key and of an index, and *Add features…*: find, look at one, add it; and its settings."""
    for source in SOURCES:
        spec = SetSpec(name=source, source=source, crs="EPSG:4326", interval=0.05)
        window.do(f"add the set {source}", lambda of=spec: live.features.add(of))
    window.do("add features", live.features.find)
    dialog = live.features.dialog
    for source in SOURCES:
        window.do(f"look at {source}", lambda of=source: look_at(dialog.form, of))
        window.main.spin(LOOKED_AT, f"after looking at {source}")
    window.press(dialog)
    if live.features.dialog is not None:  # else a set was added, or it was closed
        window.do("close the dialog", live.features.dialog.reject)
    for one in list(live.features.sets.sets.values()):
        window.do(f"settings of {one.spec.name}", lambda of=one: live.features.settings(of))
        window.press(live.features.dialog)
        if live.features.dialog is not None:
            window.do("close its settings", live.features.dialog.reject)
        window.do(f"read {one.spec.name} again", lambda of=one: of.refresh([b"zone:1", b"zone"]))


def browse(window):
    model = QgsBrowserModel()
    model.initialize()
    top = [model.index(row, 0) for row in range(model.rowCount())]
    root = next(i for i in top if model.dataItem(i).name() == "Redis Geo")
    window.do("open Redis Geo in the Browser", lambda: model.fetchMore(root))
    index = model.index(0, 0, root)
    window.do("open a connection in the Browser", lambda: model.fetchMore(index))
    window.do("look again in the Browser", lambda: model.dataItem(index).look_again())
    sip.delete(model)


@pytest.fixture
def short(monkeypatch):
    for kind, limits in SHORT.items():
        monkeypatch.setitem(LIMITS, kind, limits)
    overdue, end = [], calls.Call.__exit__

    def ended(call, *error):
        took = time.monotonic() - call.started
        if took > max(call.limits.call, call.limits.longest) + SLACK:
            overdue.append((threading.current_thread().name, took, call.limits))
        return end(call, *error)

    monkeypatch.setattr(calls.Call, "__exit__", ended)
    return overdue


@pytest.fixture
def answered(monkeypatch, tmp_path):
    """Questions are answered with yes, files are named, menus closed: no dialog holds the test up."""
    monkeypatch.setattr(QMessageBox, "exec", lambda box: QMessageBox.StandardButton.Yes)
    monkeypatch.setattr(QDialog, "exec", lambda dialog: QDialog.DialogCode.Accepted)
    monkeypatch.setattr(QMenu, "exec", lambda *_: None)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "saved.gpkg"), ""))


@pytest.mark.parametrize("sentence", BEHAVIOURS)
def test_the_window_stays_alive_and_can_be_left(iface, short, answered, sentence):
    layer = layer_of([f"POLYGON(({x} 0,{x + 1} 0,{x + 1} 1,{x} 0))" for x in range(3)])
    QgsProject.instance().addMapLayer(layer)
    iface.setActiveLayer(layer)
    with Elsewhere(sentence) as server, MainThread() as main:
        settings = server.cluster_settings() if "cluster" in sentence else server.settings()
        connections.save(connections.SavedConnection(settings))
        connections.set_active(settings.name)
        window = Window(iface, main)
        try:
            use_all(window)
            browse(window)
        finally:
            window.leave()
    iface.bar.take_messages()
    wait_until(lambda: not our_threads())
    plugin, turns = window.plugin, [turn for turn in main.turns if turn.name != LEAVING]
    cases.count(len(turns))
    assert plugin.failed == plugin.left == [] and len(turns) > 60
    assert [turn for turn in main.turns if turn.network] == [], "the main thread talked to the server"
    assert [turn for turn in turns if turn.waited > STILL] == []
    assert [turn for turn in turns if turn.computed > COMPUTED] == []
    assert [turn for turn in turns if FULL and turn.lasted > STILL] == []
    leaving = main.turns[-1]
    assert leaving.name == LEAVING and leaving.computed + leaving.waited < GONE
    assert not FULL or leaving.lasted < GONE
    assert short == []
