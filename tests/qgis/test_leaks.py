"""Loading, unloading and reloading fifty times leaves nothing behind: counted before and after."""

from __future__ import annotations

import threading

import pytest
from qgis.core import QgsApplication

from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.gui.connection_monitor import ConnectionState
from tests.support.census import census, grown, our_threads
from tests.support.waiting import spin, wait_until

TIMES = 50


def count(iface):
    spin(0.05)
    return {**census(iface), **iface.registered()}


def ours(client):
    return [c for c in client.client_list() if c["name"].startswith("redis-geo")]


def wait_connected(plugin):
    wait_until(lambda: plugin.context.connections.state is ConnectionState.CONNECTED)


def test_fifty_times_leaves_nothing(load, iface, saved_connection, one_server):
    for _ in range(2):  # what is built once and kept (fonts, caches, imported modules) is there now
        plugin = load()
        wait_connected(plugin)
        plugin.unload()
    with one_server.client() as client:
        wait_until(lambda: not ours(client) and not our_threads())
        before = count(iface)
        for turn in range(TIMES):
            plugin = load()
            if turn % 5 == 0:  # the other times it is unloaded while it connects
                wait_connected(plugin)
                assert ours(client)
            plugin.unload()
            plugin = None
        wait_until(lambda: not our_threads())
        wait_until(lambda: not ours(client))
        spin(0.2)
        after = count(iface)
    assert grown(before, after) == {}
    assert after["providers without a Python side"] == 0
    assert QgsApplication.processingRegistry().providerById("redisgeo") is None


def test_reloading_while_everything_is_open_leaves_nothing(load, iface, saved_connection, one_server):
    """Docks shown, the form and the Options page open, a test of a connection and a task under way."""
    from redis_geo_plugin.gui.connections.form import ConnectionForm
    from redis_geo_plugin.gui.help import open_help

    def once():
        plugin = load()
        for dock in list(plugin.context.ui._docks):
            dock.show()
        spin(0.05)
        open_help("connections")
        form = ConnectionForm(iface.mainWindow())
        form.show()
        form.test()
        page = iface.options_factories[-1].createWidget(None)
        page.show()
        seen = []
        plugin.context.tasks.start("long", lambda task: wait_for_cancel(task), lambda *_: seen.append("done"))
        spin(0.02)
        plugin.unload()
        assert seen == []  # what was under way says nothing to a window that is gone
        form.reject()
        form.deleteLater()
        page.close()
        page.deleteLater()
        spin(0.05)

    once()
    wait_until(lambda: not our_threads() and not QgsApplication.taskManager().activeTasks())
    before = count(iface)
    for _ in range(5):
        once()
    with one_server.client() as client:
        wait_until(lambda: not our_threads() and not ours(client))
    wait_until(lambda: not QgsApplication.taskManager().activeTasks())
    assert grown(before, count(iface)) == {}


def test_unloading_while_a_feed_is_under_way_leaves_nothing(load, iface, saved_connection, fleet):
    before = iface.registered()
    plugin = load()
    live = next(c for c in plugin.components if type(c).__name__ == "LiveComponent")
    feed = live.add(FeedSpec(name="fleet", interval=0.05, max_speed=0.0))
    wait_until(lambda: feed.layer.featureCount() == 5)
    assert any(action.objectName() == "redis_geo_live_layer_pause" for action, *_ in iface.layer_actions)
    plugin.unload()
    assert plugin.left == [] and iface.registered() == before
    wait_until(lambda: not our_threads())


def wait_for_cancel(task):
    stop = threading.Event()
    while not task.isCanceled():
        stop.wait(0.01)


@pytest.mark.parametrize("state", ["stopped", "killed"])
def test_unloading_while_the_server_is_away(load, make_server, state):
    from redis_geo_plugin.bridge.server import connections

    server = make_server()
    connections.save(connections.SavedConnection(server.settings()))
    connections.set_active("test")
    plugin = load()
    wait_connected(plugin)
    if state == "stopped":
        server.stop()
    else:
        server.kill()
    wait_until(lambda: plugin.context.connections.state is ConnectionState.RECONNECTING)
    plugin.unload()
    wait_until(lambda: not our_threads())


def test_the_translator_goes_too(load, saved_connection, monkeypatch):
    from qgis.PyQt.QtCore import QTranslator

    import redis_geo_plugin.plugin as plugin_module

    translator = QTranslator()
    monkeypatch.setattr(plugin_module, "install_translator", lambda: translator)
    removed = []
    monkeypatch.setattr(plugin_module.QCoreApplication, "removeTranslator", lambda t: removed.append(t))
    plugin = load()
    plugin.unload()
    assert removed == [translator] and plugin.translator is None
