"""The plugin as a whole: it loads, connects and leaves."""

from __future__ import annotations

import sys

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QDockWidget

from redis_geo_plugin import classFactory
from redis_geo_plugin import plugin as plugin_module
from redis_geo_plugin.gui.connection_monitor import ConnectionState


def test_every_part_loads_and_every_algorithm_registers(plugin):
    from redis_geo_plugin.bridge.geo import kinds
    from redis_geo_plugin.bridge.operations import OFFERED
    from redis_geo_plugin.processing.provider import ALGORITHMS, WITH_ALGORITHMS

    assert plugin.failed == []
    provider = QgsApplication.processingRegistry().providerById("redisgeo")
    searches = [kind for kind in kinds.ALL if kind.algorithm is not None]
    operations = [offered for offered in OFFERED.values() if offered.needs not in WITH_ALGORITHMS]
    assert len(operations) >= 3
    assert len(provider.algorithms()) == len(ALGORITHMS) + len(searches) + len(operations)


def test_the_plugin_connects_to_the_active_connection(plugin):
    assert plugin.context.connections.state is ConnectionState.CONNECTED
    assert plugin.context.connections.latency_ms > 0


def test_the_menu_is_under_database_and_gone_after_unload(plugin, iface):
    bar, menu = iface.mainWindow().menuBar(), iface.databaseMenu()
    assert [a.text() for a in menu.actions()] == ["Redis Geo"]
    assert menu.menuAction() in bar.actions()  # QGIS keeps it out while it is empty
    plugin.unload()
    assert menu.actions() == []
    assert menu.menuAction() not in bar.actions()


def test_a_part_that_fails_keeps_no_other_out(iface, saved_connection, monkeypatch, wait_until):
    broken = ("gui.no_such_part", "NoSuchComponent")
    monkeypatch.setattr(plugin_module, "COMPONENTS", (broken, *plugin_module.COMPONENTS))
    loaded = classFactory(iface)
    loaded.initGui()
    try:
        assert len(loaded.failed) == 1 and "NoSuchComponent" in loaded.failed[0]
        wait_until(lambda: loaded.context.connections.state is ConnectionState.CONNECTED)
        assert len(loaded.components) == len(plugin_module.COMPONENTS) - 1
    finally:
        loaded.unload()


def test_headless_only_the_provider_is_loaded():
    registry = QgsApplication.processingRegistry()
    loaded = classFactory(None)
    loaded.initProcessing()
    assert registry.providerById("redisgeo") is not None
    loaded.unload()
    assert registry.providerById("redisgeo") is None


def test_unloading_twice_is_harmless(plugin):
    plugin.unload()
    plugin.unload()


def test_every_dock_has_a_name_an_action_and_is_hidden_at_first(plugin, iface):
    docks = [d for d in iface.mainWindow().findChildren(QDockWidget) if d in plugin.context.ui._docks]
    assert docks
    for dock in docks:
        assert dock.objectName().startswith("redis_geo_")
        assert not dock.isVisible()
        assert not dock.toggleViewAction().icon().isNull()
        assert dock.toggleViewAction() in plugin.context.toolbar.actions()


def test_every_action_has_an_icon_a_name_and_a_tip(plugin):
    for action in plugin.context.ui.menu.actions():
        if not action.isSeparator() and action.menu() is None:
            assert action.text() and action.toolTip(), action.objectName()
            assert not action.icon().isNull(), action.text()


@pytest.mark.parametrize("module", ["redis", "shapely", "pyproj"])
def test_loading_imports_nothing_heavy(module, tmp_path):
    """In a fresh process, since this one has imported everything already."""
    import subprocess

    code = (
        "import sys; from qgis.core import QgsApplication; app = QgsApplication([], False); import qgis.utils;"
        "before = set(sys.modules);"
        "import qgis.gui, qgis.utils; before = set(sys.modules);"  # newer versions of QGIS import Shapely themselves
        "import redis_geo_plugin.plugin, redis_geo_plugin.gui.connections.component, redis_geo_plugin.gui.cache.component;"
        "import redis_geo_plugin.processing.provider, redis_geo_plugin.gui.connections.lamp;"
        "import redis_geo_plugin.gui.connections.options_page;"
        f"sys.exit({module!r} in set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr or f"{module} is imported"
