"""The plugin as a whole: it loads, connects and leaves."""

from __future__ import annotations

from redis_geo_plugin.gui.connection_monitor import State


def test_the_plugin_connects_to_the_active_connection(plugin):
    assert plugin.context.connections.state is State.CONNECTED
    assert plugin.context.connections.latency_ms > 0


def test_the_menu_is_under_database_and_gone_after_unload(plugin, iface):
    assert [a.text() for a in iface.databaseMenu().actions()] == ["Redis Geo"]
    plugin.unload()
    assert iface.databaseMenu().actions() == []
