"""The plugin is unloaded with a live set on the map whose edits are open, or just being written, while the server goes wrong."""

# ruff: noqa: F811 - a fixture of another file is an argument here
from __future__ import annotations

import dataclasses
import json

import pytest
from qgis.core import QgsGeometry, QgsProject

from redis_geo_plugin import classFactory
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.features.set_spec import SetSpec
from tests.qgis.test_leaving_at_every_moment import FAULTS, Faulty
from tests.qgis.test_misbehaving_servers_in_the_window import GONE, answered  # noqa: F401
from tests.support.census import our_threads
from tests.support.main_thread import MainThread
from tests.support.search_dock import part
from tests.support.waiting import wait_until
from tests.support.zones import MOVED, rows, zone

pytestmark = pytest.mark.timed  # leaving takes a second at most

MOMENTS = (0.0, 0.3)  # seconds from the save to the end


@pytest.fixture
def zones(make_server):
    server = make_server()
    with server.client() as client:
        for number in range(3):
            client.set(f"zone:{number}", json.dumps(zone(number)))
    return server


def edited(plugin, iface):
    """A live set on the map, its layer open for edits, one of them made."""
    live = part(plugin, "LiveComponent")
    live.dock.setUserVisible(True)
    one = live.features.add(SetSpec(name="zones", source="zone:*", interval=0.05))
    wait_until(lambda: "polygons" in one.layers and len(rows(one.layers["polygons"])) == 3)
    layer = one.layers["polygons"]
    iface.setActiveLayer(layer)
    part(plugin, "FeatureEditsComponent").toggle()
    layer.startEditing()
    layer.changeGeometry(rows(layer)["z1"].id(), QgsGeometry.fromWkt(MOVED))
    return layer


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("is_saved", [False, True], ids=["open", "saved"])
@pytest.mark.parametrize("fault", FAULTS)
def test_edits_hold_nothing_up(iface, zones, answered, fault, is_saved, moment):
    faulty = Faulty(zones, fault)
    settings = dataclasses.replace(zones.settings(), port=faulty.link.port)
    connections.save(connections.SavedConnection(settings))
    connections.set_active("test")
    iface.window.show()
    plugin = classFactory(iface)
    plugin.initGui()
    wait_until(lambda: plugin.context.connections.state.value == "connected")
    layer = edited(plugin, iface)
    with MainThread() as main:
        try:
            faulty.begin()
            if is_saved:
                main.turn("save", lambda: layer.commitChanges(False))
            main.spin(moment)
            main.turn("unload", plugin.unload)
        finally:
            faulty.end()
    assert plugin.failed == plugin.left == []
    assert [turn for turn in main.turns if turn.network] == []
    leaving = main.turns[-1]
    assert leaving.name == "unload" and leaving.computed + leaving.waited < GONE, leaving
    wait_until(lambda: not our_threads(), 20)
    assert rows(layer)["z1"].geometry().equals(QgsGeometry.fromWkt(MOVED)), "what was drawn is still there"
    layer.rollBack()
    QgsProject.instance().removeMapLayer(layer.id())
    iface.bar.take_messages()
