"""Run by a real QGIS (``--code``): loads the plugin, reloads it many times, and writes what it counted as JSON.

Environment: CHECKOUT (on sys.path), RESULT (the file to write), TIMES, PORT (of a running server).
"""

import os
import sys
import time

sys.path.insert(0, os.environ["CHECKOUT"])

import qgis.utils
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

from tests.support.census import census, grown, our_threads
from tests.support.in_qgis import tell_what
from tests.support.waiting import spin, wait_until

PACKAGE = "redis_geo_plugin"
WARM = 3


def memory():
    """Megabytes of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def show_docks():
    """Build and use every dock, and put them away again."""
    docks = [
        d for d in iface.mainWindow().findChildren(QDockWidget) if d.objectName().startswith("redis_geo_")
    ]
    for dock in docks:
        dock.setUserVisible(True)
        spin(0.1)
    for dock in docks:
        dock.close()


def connected():
    return qgis.utils.plugins[PACKAGE].context.connections.state.value == "connected"


def check():
    found = {}
    from redis_geo_plugin.bridge.server import connections
    from redis_geo_plugin.core.redis.settings import ConnectionSettings

    connections.save(
        connections.SavedConnection(ConnectionSettings(name="test", port=int(os.environ["PORT"])))
    )
    connections.set_active("test")
    assert qgis.utils.loadPlugin(PACKAGE) and qgis.utils.startPlugin(PACKAGE)
    found["failed"] = qgis.utils.plugins[PACKAGE].failed
    wait_until(connected)
    for _ in range(WARM):  # what is built once and kept: fonts, icons, the heaps of threads
        qgis.utils.reloadPlugin(PACKAGE)
        wait_until(connected)
        show_docks()
    before, memory_before = settled(), memory()
    started = time.perf_counter()
    for turn in range(int(os.environ["TIMES"])):
        qgis.utils.reloadPlugin(PACKAGE)
        spin(0.05)  # as between two clicks
        if turn % 5 == 0:
            wait_until(connected)
            show_docks()
    found["reload_ms"] = (time.perf_counter() - started) * 1000 / int(os.environ["TIMES"])
    wait_until(connected)
    found["grown"] = grown(before, settled())
    found["grown_mb"] = memory() - memory_before
    qgis.utils.unloadPlugin(PACKAGE)
    wait_until(lambda: not our_threads())
    left = settled()
    found["left"] = {
        key: n for key, n in left.items() if "redis" in key.lower() or key.endswith("of the plugin")
    }
    found["menu"] = [a.text() for a in iface.databaseMenu().actions() if "Redis" in a.text()]
    return found


def settled():
    wait_until(lambda: len(our_threads()) <= 1)
    spin(0.3)
    return census(iface)


tell_what(check)
