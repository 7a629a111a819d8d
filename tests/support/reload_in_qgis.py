"""Run by a real QGIS (``--code``): loads the plugin, reloads it many times, and writes what it counted as JSON.

Environment: CHECKOUT (on sys.path), RESULT (the file to write), TIMES, PORT (of a running server).
"""

import os
import sys
import time

sys.path.insert(0, os.environ["CHECKOUT"])

import qgis.utils
from qgis.utils import iface

from tests.support.census import census, grown, our_threads
from tests.support.in_qgis import tell_what
from tests.support.waiting import spin, wait_until

PACKAGE = "redis_geo_plugin"


def connected():
    return qgis.utils.plugins[PACKAGE].context.connections.state.value == "connected"


def check():
    found = {}
    from redis_geo_plugin.bridge import connections
    from redis_geo_plugin.core.settings import ConnectionSettings

    connections.save(connections.SavedConnection(ConnectionSettings(name="test", port=int(os.environ["PORT"]))))
    connections.set_active("test")
    assert qgis.utils.loadPlugin(PACKAGE) and qgis.utils.startPlugin(PACKAGE)
    found["failed"] = qgis.utils.plugins[PACKAGE].failed
    wait_until(connected)
    for _ in range(2):
        qgis.utils.reloadPlugin(PACKAGE)
        wait_until(connected)
    before = settled()
    started = time.perf_counter()
    for turn in range(int(os.environ["TIMES"])):
        qgis.utils.reloadPlugin(PACKAGE)
        if turn % 5 == 0:
            wait_until(connected)
    found["reload_ms"] = (time.perf_counter() - started) * 1000 / int(os.environ["TIMES"])
    wait_until(connected)
    found["grown"] = grown(before, settled())
    qgis.utils.unloadPlugin(PACKAGE)
    wait_until(lambda: not our_threads())
    left = settled()
    found["left"] = {key: n for key, n in left.items() if "redis" in key.lower() or key.endswith("of the plugin")}
    found["menu"] = [a.text() for a in iface.databaseMenu().actions() if "Redis" in a.text()]
    return found


def settled():
    wait_until(lambda: len(our_threads()) <= 1)
    spin(0.3)
    return census(iface)


tell_what(check)
