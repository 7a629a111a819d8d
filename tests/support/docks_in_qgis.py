"""Run by a real QGIS: places the docks (PLACE=yes) or tells where they are, then ends QGIS as a user does."""

import json
import os
import sys
import traceback

sys.path.insert(0, os.environ["CHECKOUT"])

import qgis.utils
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QEventLoop, Qt, QTimer
from qgis.PyQt.QtWidgets import QMenu
from qgis.utils import iface

from tests.support.waiting import spin


def main():
    found = {}
    try:
        plugin = qgis.utils.plugins["redis_geo_plugin"]
        window = iface.mainWindow()
        docks = plugin.context.ui._docks
        if os.environ["PLACE"] == "yes":
            for dock in docks:
                window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
                dock.show()
            spin(0.5)
        found = {d.objectName(): [str(int(window.dockWidgetArea(d))), d.isVisible()] for d in docks}
        found["failed"] = plugin.failed
        panels = window.findChild(QMenu, "mPanelMenu").actions()
        assert all(dock.toggleViewAction() in panels for dock in docks), (
            "not all docks are under View, Panels"
        )
    except BaseException:
        found["error"] = traceback.format_exc()
    with open(os.environ["RESULT"], "w") as file:
        json.dump(found, file)
    QgsSettings().setValue("qgis/askToSaveProjectChanges", False)
    QTimer.singleShot(20000, lambda: os._exit(1))
    QTimer.singleShot(0, iface.actionExit().trigger)


loop = QEventLoop()
QTimer.singleShot(1000, loop.quit)
loop.exec()
main()
