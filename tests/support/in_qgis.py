"""What the scripts share that run inside a real QGIS (``real_qgis.run_in_qgis``): the plugin, the mouse, what is told at the end."""

import json
import os
import subprocess
import traceback

import qgis.utils
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface

START_MS = 500  # until the window stands


def tell_what(run):
    """Call ``run`` once the window stands, write what it returns as JSON to the file named by RESULT, and end QGIS.

    Of a failure the traceback is written, under "error", and the screen is kept beside RESULT.
    """
    QTimer.singleShot(START_MS, lambda: _tell(run))


def _tell(run):
    try:
        found = run()
    except BaseException:
        found = {"error": traceback.format_exc()}
        QApplication.primaryScreen().grabWindow(0).save(os.environ["RESULT"] + ".png")
    with open(os.environ["RESULT"], "w") as file:
        json.dump(found, file)
    os._exit(0)


def start_plugin():
    """The plugin, loaded from the checkout and started, and kept where QGIS keeps its plugins."""
    from redis_geo_plugin import classFactory

    plugin = qgis.utils.plugins["redis_geo_plugin"] = classFactory(iface)
    plugin.initGui()
    return plugin


def component_of(plugin, name):
    """The component of the plugin whose class has this name."""
    return next(c for c in plugin.components if type(c).__name__ == name)


def fill_the_screen():
    """Without a window manager nobody else maximises the window."""
    iface.mainWindow().setGeometry(QApplication.primaryScreen().geometry())


def mouse(*words):
    """The pointer or the keys, by xdotool; the words are its own."""
    subprocess.run(["xdotool", *map(str, words)], check=True)
