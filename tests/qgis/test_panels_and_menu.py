"""The plugin's panels come to the front when they are asked for, and its menu is in groups."""

from __future__ import annotations

import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDockWidget

from tests.support.waiting import spin, wait_until

PANELS = ["cache", "jobs", "live", "search", "server"]


@pytest.fixture
def docks(plugin, iface):
    iface.mainWindow().show()
    found = plugin.context.ui._docks
    assert [dock.objectName() for dock in found] == [f"redis_geo_{name}_dock" for name in PANELS]
    return found


def test_each_panel_comes_to_the_front_when_its_button_is_pressed(docks):
    for dock in [*docks, *docks]:  # first hidden, then behind the others
        dock.toggleViewAction().trigger()
        wait_until(dock.isUserVisible)
        spin(0.05)
        assert [d.toggleViewAction().isChecked() for d in docks] == [d is dock for d in docks]


def test_the_button_of_the_panel_in_front_hides_it(docks):
    docks[0].toggleViewAction().trigger()
    wait_until(docks[0].isUserVisible)
    docks[0].toggleViewAction().trigger()
    wait_until(docks[0].isHidden)
    assert not docks[0].toggleViewAction().isChecked()


def test_a_tool_that_needs_its_panel_brings_it_to_the_front(plugin, docks):
    for dock in docks:
        dock.toggleViewAction().trigger()
    search = next(c for c in plugin.components if type(c).__name__ == "SearchComponent")
    search.pick.trigger()
    wait_until(search.dock.isUserVisible)


def test_each_panel_has_a_shortcut_that_a_user_can_change(docks, iface):
    actions = [dock.toggleViewAction() for dock in docks]
    keys = [action.shortcut().toString() for action in actions]
    assert keys == [f"Ctrl+Shift+F{i}" for i in range(1, 6)]
    assert all(action in iface.main_window_actions for action in actions)


def test_every_action_of_the_menu_can_be_given_a_shortcut(plugin, iface):
    actions = [a for a in plugin.context.ui.menu.actions() if not a.isSeparator()]
    assert all(action in iface.main_window_actions for action in actions)


def groups(actions):
    """objectNames of what is seen, a list a group."""
    found = [[]]
    for action in actions:
        if action.isSeparator():
            if action.isVisible():
                found.append([])
        else:
            found[-1].append(action.objectName() or action.text())
    return found


def test_the_menu_is_grouped_with_help_last(plugin):
    connection, panels, work, upkeep, last = groups(plugin.context.ui.menu.actions())
    assert connection == ["redis_geo_connections_action"]
    assert panels == ["Cache (Redis)", "Jobs (Redis)", "Live (Redis)", "Search (Redis)", "Server (Redis)"]
    assert work == ["redis_geo_buffer_selected", "redis_geo_live_action", "redis_geo_search_tool"]
    assert upkeep == ["redis_geo_install_shapely_action"]
    assert last == ["redis_geo_help_action"]


def test_the_toolbar_is_in_the_same_order(plugin):
    in_menu = [n for group in groups(plugin.context.ui.menu.actions()) for n in group]
    in_toolbar = [n for group in groups(plugin.context.toolbar.actions()) for n in group]
    assert in_toolbar == [name for name in in_menu if name in in_toolbar]
    assert len(in_toolbar) == 9


@pytest.fixture
def toolbox(iface):
    """As Processing adds it, before the plugin: hidden, at the right."""
    dock = QDockWidget("Processing Toolbox", iface.mainWindow())
    dock.setObjectName("ProcessingToolbox")
    iface.mainWindow().addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    dock.hide()
    yield dock
    iface.mainWindow().removeDockWidget(dock)


def low_window(iface):
    iface.mainWindow().resize(1280, 720)
    iface.mainWindow().show()


@pytest.mark.parametrize("start", ["installed", "first start"])
def test_five_panels_and_the_toolbox_are_tabs_and_leave_the_window_its_size(
    saved_connection, iface, toolbox, load, start
):
    window, earlier = iface.mainWindow(), iface.mainWindow().saveState()
    QgsSettings().setValue("UI/state", earlier)
    docks = load().context.ui._docks
    if start == "first start":  # QGIS restores a state that knows nothing of the plugin
        assert window.restoreState(earlier)
        iface.initializationCompleted.emit()
    low_window(iface)
    for dock in [toolbox, *docks]:
        dock.show()
    spin(0.1)
    for dock in docks:
        assert set(window.tabifiedDockWidgets(dock)) == {toolbox, *docks} - {dock}
    assert window.height() == 720
    QgsSettings().remove("UI/state")


def test_panels_stay_where_the_user_put_them(saved_connection, iface, load):
    window = iface.mainWindow()
    docks = load().context.ui._docks
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, docks[0])
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks[1])
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks[2])
    state = window.saveState()
    QgsSettings().setValue("UI/state", state)
    assert window.restoreState(state)
    iface.initializationCompleted.emit()
    assert window.dockWidgetArea(docks[0]) == Qt.DockWidgetArea.BottomDockWidgetArea
    assert window.tabifiedDockWidgets(docks[1]) == window.tabifiedDockWidgets(docks[2]) == []
    QgsSettings().remove("UI/state")


def test_a_window_without_a_kept_state_places_the_panels_all_the_same(saved_connection, iface, load):
    docks = load().context.ui._docks
    QgsSettings().remove("UI/state")
    iface.initializationCompleted.emit()
    for dock in docks:
        dock.show()
    assert all(len(iface.mainWindow().tabifiedDockWidgets(dock)) == 4 for dock in docks)
