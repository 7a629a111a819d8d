"""Right-click menus: on the rows of every table, in the Browser, and on vector layers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QMenu,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from redis_geo_plugin.gui.row_menu import RowMenu
from tests.support.layers import layer_of


def component(plugin, name):
    return next(c for c in plugin.components if type(c).__name__ == name)


@pytest.fixture
def table(qgis_app):
    made = QTableWidget(3, 2)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    for row in range(3):
        made.setItem(row, 0, QTableWidgetItem(f"=name {row}"))
        made.setItem(row, 1, QTableWidgetItem(f"value {row}"))
    made.show()
    return made


def at_row(table, row):
    return table.visualItemRect(table.item(row, 0)).center()


def test_the_menu_chooses_the_row_and_does_what_the_buttons_do(table):
    panel = QWidget()
    pressed, hidden, off = [], QPushButton("Hidden", panel), QPushButton("Off", panel)
    go = QPushButton("Go", panel)
    panel.show()
    go.clicked.connect(lambda: pressed.append(table.currentRow()))
    hidden.hide()
    off.setEnabled(False)
    menu = RowMenu(table, [go, hidden, off]).menu_at(at_row(table, 1))
    assert [(a.text(), a.isEnabled()) for a in menu.actions() if a.text()] == [
        ("Go", True),
        ("Off", False),
        ("Copy", True),
    ]
    menu.actions()[0].trigger()
    assert pressed == [1]


def test_a_selection_of_rows_stays_and_is_copied_as_text(table):
    table.selectRow(1)
    rows = RowMenu(table)
    menu = rows.menu_at(at_row(table, 1))
    menu.actions()[-1].trigger()
    assert QApplication.clipboard().text() == "'=name 1\tvalue 1"


def test_beside_the_rows_there_is_no_menu(table):
    assert RowMenu(table).menu_at(QPoint(5, 5000)) is None


def test_every_table_of_the_panels_has_a_menu(plugin, iface):
    iface.mainWindow().show()
    for dock in plugin.context.ui._docks:
        dock.toggleViewAction().trigger()
    views = [
        view
        for dock in plugin.context.ui._docks
        for view in dock.findChildren(QAbstractItemView)
        if view.objectName().startswith("redis_geo_")
    ]
    assert len(views) >= 12
    without = [
        view.objectName()
        for view in views
        if view.contextMenuPolicy() != Qt.ContextMenuPolicy.CustomContextMenu
    ]
    assert without == []


# -- vector layers -------------------------------------------------------------------------------------------


@pytest.fixture
def points(iface):
    layer = layer_of(["Point(2 48)", "Point(3 49)"], "Point", "EPSG:4326")
    layer.setName("points")
    QgsProject.instance().addMapLayer(layer)
    iface.setActiveLayer(layer)
    return layer


def layer_action(iface, name):
    return next(a for a, _menu, _type in iface.layer_actions if a.objectName() == f"redis_geo_layer_{name}")


def test_a_layer_can_be_buffered_from_its_menu(plugin, points, iface, wait_until):
    iface.mainWindow().show()
    points.selectByIds([1])
    layer_action(iface, "buffer").trigger()
    dock = component(plugin, "CacheComponent").dock
    wait_until(dock.isUserVisible)
    assert dock.form.layer.currentLayer() is points and dock.form.operation.currentData() == "buffer"
    assert dock.form.selected_only.isChecked()


def test_a_layer_can_be_sent_to_the_workers_from_its_menu(plugin, points, iface, wait_until):
    iface.mainWindow().show()
    layer_action(iface, "send").trigger()
    dock = component(plugin, "JobsComponent").dock
    wait_until(dock.isUserVisible)
    assert dock.send.layer.currentLayer() is points


def test_around_the_selection_of_a_layer_can_be_searched_from_its_menu(plugin, points, iface, wait_until):
    iface.mainWindow().show()
    layer_action(iface, "search").trigger()
    dock = component(plugin, "SearchComponent").dock
    wait_until(dock.isUserVisible)
    assert dock.form.kind.currentData() == "radius_features"
    assert "No feature of points is selected" in dock.status.text()


def test_a_layer_can_be_loaded_into_a_geo_set_from_its_menu(plugin, points, iface, monkeypatch):
    asked = []
    monkeypatch.setattr(
        component(plugin, "BrowserComponent"), "load_layer", lambda *given: asked.append(given)
    )
    layer_action(iface, "load").trigger()
    assert asked == [(points, "test", "points")]
    lines = layer_of(["LineString(0 0,1 1)"], "LineString")
    QgsProject.instance().addMapLayer(lines)
    iface.setActiveLayer(lines)
    layer_action(iface, "load").trigger()
    assert len(asked) == 1 and "Only point layers" in iface.bar.take_messages()[0]


def test_the_actions_of_layers_go_with_the_plugin(plugin, iface):
    assert len(iface.layer_actions) == 5
    plugin.unload()
    assert iface.layer_actions == []


# -- the Browser ---------------------------------------------------------------------------------------------


def browser_menu(plugin, name):
    menu = QMenu()
    component(plugin, "BrowserComponent").fill_connection_menu(menu, name)
    return {action.text(): action for action in menu.actions()}, menu


def test_a_connection_has_its_menu_in_the_browser(plugin, points, iface):
    actions, _menu = browser_menu(plugin, "test")
    assert list(actions) == [
        "New connection…",
        "Edit…",
        "Make active",
        "Load the current layer here…",
        "Properties…",
    ]
    assert not actions["Make active"].isEnabled()  # it is
    assert actions["Load the current layer here…"].isEnabled()


def test_the_root_offers_a_connection_and_a_local_server_where_there_is_none(plugin, monkeypatch):
    from redis_geo_plugin.bridge.server import connections
    from redis_geo_plugin.core.redis.settings import ConnectionSettings

    started, browser, menu = [], component(plugin, "BrowserComponent"), QMenu()
    monkeypatch.setattr(plugin.context.services, "start_local", lambda: started.append(True))
    browser.fill_root_menu(menu)
    assert [action.text() for action in menu.actions()] == ["New connection…", "Start a local server"]
    menu.actions()[-1].trigger()
    assert started == [True]
    local = connections.SavedConnection(ConnectionSettings(name="here"), local_server=True)
    connections.save(local)
    later = QMenu()
    browser.fill_root_menu(later)
    assert [action.text() for action in later.actions()] == ["New connection…"]


def test_another_connection_is_made_active_from_the_browser(plugin, one_server, wait_until):
    from redis_geo_plugin.bridge.server import connections

    connections.save(connections.SavedConnection(replace(one_server.settings(), name="other")))
    actions, _menu = browser_menu(plugin, "other")
    actions["Make active"].trigger()
    wait_until(lambda: connections.active_name() == "other")


def test_properties_hold_no_secret(plugin, monkeypatch, one_server):
    told = []
    monkeypatch.setattr(
        "redis_geo_plugin.gui.browser.component.told", lambda _parent, title, text: told.append((title, text))
    )
    actions, _menu = browser_menu(plugin, "test")
    actions["Properties…"].trigger()
    ((title, text),) = told
    assert title == "test" and str(one_server.port) in text and "@" not in text
