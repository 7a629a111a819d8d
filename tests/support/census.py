"""Counts of everything in a QGIS process that a plugin may leave something in."""

from __future__ import annotations

import gc
import threading
from collections import Counter

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtWidgets import QApplication

PROJECT_SIGNALS = (
    "layersAdded",
    "layersRemoved",
    "layersWillBeRemoved",
    "readProject",
    "cleared",
    "crsChanged",
)
CANVAS_SIGNALS = ("extentsChanged", "mapToolSet", "renderComplete", "renderStarting", "destinationCrsChanged")
IFACE_SIGNALS = ("currentLayerChanged", "projectRead", "newProjectCreated", "initializationCompleted")


def census(iface):
    """The counts by what they count. Let deferred deletions happen before."""
    gc.collect()
    registry = QgsApplication.processingRegistry()
    places = {"window": iface.mainWindow(), "application": QgsApplication.instance(), "iface": iface}
    counts = Counter(f"widget {_name(w)}" for w in QApplication.allWidgets())
    for place, parent in places.items():
        counts.update(f"child of the {place}: {_name(c)}" for c in parent.findChildren(QObject))
    for sender, signals in (
        (QgsProject.instance(), PROJECT_SIGNALS),
        (iface.mapCanvas(), CANVAS_SIGNALS),
        (iface, IFACE_SIGNALS),
    ):
        for signal in signals:
            counts[f"{type(sender).__name__}.{signal}"] = sender.receivers(getattr(sender, signal))
    counts["timers"] = sum(isinstance(o, QTimer) for o in gc.get_objects())
    objects = [o for o in gc.get_objects() if isinstance(o, QObject)]
    own = [type(o).__name__ for o in objects if type(o).__module__.startswith("redis_geo_plugin")]
    counts["QObjects of the plugin"] = len(own)
    counts.update(f"{name} of the plugin" for name in own)
    counts["tasks"] = len(QgsApplication.taskManager().tasks())
    counts["providers"] = len(registry.providers())
    counts["providers without a Python side"] = sum(not p.id() for p in registry.providers())
    counts["algorithms"] = len(registry.algorithms())
    counts["threads of the plugin"] = len(our_threads())
    counts["message bar items"] = len(iface.messageBar().items())
    return dict(counts)


def our_threads():
    return [t.name for t in threading.enumerate() if t.name.startswith("redis-geo")]


QTS_OWN = (
    "child of the application: QPanGesture"  # of each scroll area that was shown: Qt keeps them until it ends
)


def grown(before, after):
    """What there is more of: {what: (before, after)}."""
    return {
        key: (before.get(key, 0), n) for key, n in after.items() if n > before.get(key, 0) and key != QTS_OWN
    }


def _name(thing):
    return f"{type(thing).__name__} {thing.objectName()}".strip()
