"""Whatever button was pressed last, and whatever the server does then: the plugin is unloaded at once, and nothing stays.

For each button of each dock the plugin is loaded anew, beside a server that holds a fleet, GEO sets and a batch, and that stands
still or drips from the moment at which the button is pressed.
"""

# ruff: noqa: F811 - a fixture of another file is an argument here
from __future__ import annotations

import dataclasses

import pytest
from qgis.core import QgsProject
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QAbstractButton, QTabWidget

from redis_geo_plugin import classFactory
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.redis.server import Server
from tests.qgis.test_misbehaving_servers_in_the_window import FULL, GONE, QGIS_S_OWN, answered  # noqa: F401
from tests.support import cases
from tests.support.census import our_threads
from tests.support.jobs import send, squares
from tests.support.layers import layer_of
from tests.support.main_thread import MainThread
from tests.support.search_dock import part
from tests.support.slow_link import SlowLink
from tests.support.waiting import spin, wait_until

DOCKS = ("cache", "jobs", "live", "search", "server")
FAULTS = ("stopped", "drips", "cut")
EACH = 1 if FULL else 9  # every so many buttons; the first differs by the fault
MOMENTS = (0.0, 0.02, 0.2)  # seconds from the press to the end, in turn


class Faulty:
    """A server behind a link, which goes wrong and is well again."""

    def __init__(self, server, fault):
        self.server, self.fault = server, fault
        self.link = SlowLink((server.host, server.port))

    def begin(self):
        if self.fault == "stopped":
            self.server.stop()
        elif self.fault == "drips":
            self.link.drip = 0.2
        else:
            self.link.cut()

    def end(self):
        self.link.close()
        if self.fault == "stopped":
            self.server.resume()


def buttons_of(dock):
    """The places of the buttons of a dock that can be pressed: (index of its tabs or None, object name)."""
    found = []
    for tabs in dock.findChildren(QTabWidget):
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            found += [(tabs.objectName(), index, name) for name in _names(tabs.widget(index))]
    return found + [("", 0, name) for name in _names(dock) if name not in {one[2] for one in found}]


def _names(widget):
    return [
        button.objectName()
        for button in widget.findChildren(QAbstractButton)
        if button.objectName().startswith("redis_geo_")
        and not button.objectName().endswith(QGIS_S_OWN)
        and not type(button).__name__.startswith("Qgs")
        and button.isVisible()
    ]


def window_of(iface, name):
    """The plugin, connected, with this dock open and a feed on the map."""
    plugin = classFactory(iface)
    plugin.initGui()
    wait_until(lambda: plugin.context.connections.state.value == "connected")
    part(plugin, "LiveComponent").add(FeedSpec(name="fleet", interval=0.05))
    dock = next(one for one in plugin.context.ui._docks if one.objectName() == f"redis_geo_{name}_dock")
    dock.setUserVisible(True)
    if name == "search":
        form = part(plugin, "SearchComponent").dock.form
        form.sets.setEditText("locations")
        form.set_center(-73.97, 40.78, True)
    spin(0.1)
    return plugin, dock


@pytest.fixture
def filled(make_server, places_in, iface):
    server = make_server()
    places_in(server)
    layer = layer_of([f"POLYGON(({x} 0,{x + 1} 0,{x + 1} 1,{x} 0))" for x in range(3)])
    QgsProject.instance().addMapLayer(layer)
    iface.window.show()
    return server


@pytest.fixture
def places_in():
    def fill(server):
        with server.client() as client:
            for number in range(20):
                client.geoadd("locations", (2.0 + number / 100, 48.0, f"place {number}"))
                client.set(f"vehicule:{number}", '{"latitude": 48.0, "longitude": 2.0}')
        own = Server(server.settings())
        send(JobQueue(own), squares(3))
        own.close()

    return fill


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", DOCKS)
def test_the_plugin_is_unloaded_in_the_middle_of_each_act(iface, filled, answered, name, fault):
    wanted = None
    turn = FAULTS.index(fault)
    while wanted is None or turn < len(wanted):
        faulty = Faulty(filled, fault)
        connections.save(
            connections.SavedConnection(dataclasses.replace(filled.settings(), port=faulty.link.port))
        )
        connections.set_active("test")
        layer = next(iter(QgsProject.instance().mapLayers().values()))
        iface.setActiveLayer(layer)
        plugin, dock = window_of(iface, name)
        wanted = wanted or buttons_of(dock)
        tabs, index, button = wanted[turn]
        with MainThread() as main:
            try:
                if tabs:
                    dock.findChild(QTabWidget, tabs).setCurrentIndex(index)
                faulty.begin()
                _press(main, dock, button)
                main.spin(MOMENTS[turn % len(MOMENTS)])
                main.turn("unload", plugin.unload)
            finally:
                faulty.end()
        leaving = main.turns[-1]
        assert plugin.failed == plugin.left == [], (button, plugin.left)
        assert leaving.network == [] and leaving.computed + leaving.waited < GONE, (button, leaving)
        wait_until(lambda: not our_threads(), 20)
        iface.bar.take_messages()
        for made in [one for one in QgsProject.instance().mapLayers().values() if one is not layer]:
            QgsProject.instance().removeMapLayer(made.id())
        cases.count(1)
        turn += EACH
    assert len(wanted) >= 3


def _press(main, dock, name):
    button = dock.findChild(QAbstractButton, name)
    if button is not None and not sip.isdeleted(button) and button.isEnabled():
        main.turn(name, button.click)
