"""Run by a real QGIS (``--code``): opens every dock before a server that hangs or drips, and leaves QGIS.

Environment: CHECKOUT (on sys.path), RESULT (the file to write), PORT, MISBEHAVE (a file: made here when the server is to
misbehave, removed by who started this when it does), WAY (``window``: its close button, ``action``: Project, Exit).
Written: what QGIS asked, what was raised, and the time of day at which it was told to go and was about to be gone.
"""

import json
import os
import sys
import time
import traceback

sys.path.insert(0, os.environ["CHECKOUT"])

import qgis.utils
from qgis.core import QgsApplication, QgsFeature, QgsGeometry, QgsPointXY, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QMessageBox
from qgis.utils import iface

from tests.support.in_qgis import START_MS, component_of
from tests.support.waiting import spin, wait_until

PACKAGE = "redis_geo_plugin"
found = {"asked": [], "raised": []}


def keep():
    with open(os.environ["RESULT"], "w") as file:
        json.dump(found, file)


def answer_questions():
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        found["asked"].append(box.text())
        keep()
        box.button(box.standardButton(box.buttons()[0])).click()


def save_what_is_raised(*error):
    found["raised"].append("".join(traceback.format_exception(*error)))
    keep()


def begin():
    try:
        prepare()
    except BaseException:
        found["error"] = traceback.format_exc()
        keep()
        os._exit(1)
    found["told"] = time.time()
    keep()
    QTimer.singleShot(0, leave)


def prepare():
    from redis_geo_plugin.bridge.server import connections
    from redis_geo_plugin.core.redis.settings import ConnectionSettings

    sys.excepthook = save_what_is_raised
    settings = ConnectionSettings(name="test", port=int(os.environ["PORT"]))
    connections.save(connections.SavedConnection(settings))
    connections.set_active("test")
    assert qgis.utils.loadPlugin(PACKAGE) and qgis.utils.startPlugin(PACKAGE)
    plugin = qgis.utils.plugins[PACKAGE]
    found["failed"] = plugin.failed
    wait_until(lambda: plugin.context.connections.state.value == "connected")
    QgsApplication.instance().aboutToQuit.connect(leaving)
    add_feed(plugin)
    open(os.environ["MISBEHAVE"], "w").close()
    wait_until(lambda: not os.path.exists(os.environ["MISBEHAVE"]))
    for dock in iface.mainWindow().findChildren(QDockWidget):
        if dock.objectName().startswith("redis_geo_"):
            dock.show()
            dock.raise_()
            spin(0.2)
    run_algorithm(plugin)
    spin(1.5)
    found["under way"] = len(plugin.context.tasks.active())


def add_feed(plugin):
    from redis_geo_plugin.core.live.spec import FeedSpec

    live = component_of(plugin, "LiveComponent")
    feed = live.add(FeedSpec(name="fleet", interval=0.05, max_speed=0.0))
    wait_until(lambda: feed.layer.featureCount())


def run_algorithm(plugin):
    """A buffer of features that are worth keeping, which waits for the server."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:2154", "circles", "memory")
    features = []
    for i in range(500):
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(600_000 + i, 6_700_000)).buffer(1000, 100))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)  # else QGIS asks whether to keep it
    QgsProject.instance().addMapLayer(layer)
    iface.setActiveLayer(layer)
    dock = component_of(plugin, "CacheComponent").dock
    dock.show()
    spin(0.1)
    dock.form.controls.run_button.click()


def leaving():
    found["left"] = time.time()
    keep()


def leave():
    QgsProject.instance().setDirty(False)  # QGIS would ask whether to save it
    if os.environ["WAY"] == "action":
        iface.actionExit().trigger()
    else:
        iface.mainWindow().close()


watch = QTimer()
watch.timeout.connect(answer_questions)
watch.start(50)
QTimer.singleShot(START_MS, begin)
