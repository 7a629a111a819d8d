"""Run by the tests with the system's Python: QGIS on an empty profile in which only the zip is installed.

in_profile.py TASK ANSWER    writes what it found to the file ANSWER, as JSON
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Hiding:
    """One of Python's finders, which does not find the packages named in HIDE, as where the system has none."""

    def __init__(self, finder):
        self._finder = finder

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in os.environ.get("HIDE", "").split():
            return None
        return self._finder.find_spec(name, path, target)


def start_qgis():
    from qgis.core import QgsApplication

    application = QgsApplication([], True, os.environ["QGIS_CUSTOM_CONFIG_PATH"])
    application.initQgis()
    sys.path.append(str(Path(application.pkgDataPath()) / "python" / "plugins"))
    from processing.core.Processing import Processing

    Processing.initialize()
    plugins = Path(os.environ["QGIS_CUSTOM_CONFIG_PATH"]) / "python" / "plugins"
    sys.path.insert(0, str(plugins))
    import qgis.utils

    qgis.utils.plugin_paths = [str(plugins)]
    qgis.utils.updateAvailablePlugins()
    return application


def start_plugin():
    """As QGIS starts it in its window, on a stand-in for the window. Returns the plugin and what is to be kept."""
    import qgis.utils
    from qgis_iface import FakeIface

    qgis.utils.iface = FakeIface()
    assert "redis_geo_plugin" in qgis.utils.available_plugins, qgis.utils.available_plugins
    assert qgis.utils.loadPlugin("redis_geo_plugin")
    assert qgis.utils.startPlugin("redis_geo_plugin")
    return qgis.utils.plugins["redis_geo_plugin"]


def about(plugin) -> dict:
    """What the tests look at in a loaded plugin."""
    from qgis.core import QgsApplication

    provider = QgsApplication.processingRegistry().providerById("redisgeo")
    return {
        "algorithms": sorted(a.id() for a in provider.algorithms()) if provider else None,
        "components": [type(c).__name__ for c in plugin.components],
        "failed": list(getattr(plugin, "failed", [])) + list(getattr(provider, "failed", []) or []),
        "package": str(sys.modules["redis_geo_plugin"].__file__),
        "foreign": sorted(m for m in sys.modules if m.split(".")[0] in ("redis", "async_timeout", "hiredis")),
    }


def task_load() -> dict:
    import qgis.utils

    plugin = start_plugin()
    found = about(plugin)
    found["unloaded"] = qgis.utils.unloadPlugin("redis_geo_plugin")
    return found


def task_headless() -> dict:
    """As qgis_process does: no window, only the provider."""
    import qgis.utils
    from qgis.core import QgsApplication

    qgis.utils.loadPlugin("redis_geo_plugin")
    started = qgis.utils.startProcessingPlugin("redis_geo_plugin")
    provider = QgsApplication.processingRegistry().providerById("redisgeo")
    return {"started": started, "algorithms": sorted(a.id() for a in provider.algorithms())}


def task_talk() -> dict:
    """Write and read on a real server with the redis-py of the zip."""
    start_plugin()
    from redis_geo_plugin.core.redis import redispy
    from redis_geo_plugin.core.redis.probing import probe
    from redis_geo_plugin.core.redis.server import open_server
    from redis_geo_plugin.core.redis.settings import from_environment

    settings = from_environment()
    server = open_server(settings)
    server.bulk.set(server.key("calculs:buffers:packaging"), b"\x00\xff", ex=60)
    return {
        "redis": redispy.redis.__file__,
        "version": redispy.redis.__version__,
        "reply": server.mget([server.key("calculs:buffers:packaging")])[0].hex(),
        "deleted": server.unlink([server.key("calculs:buffers:packaging")]),
        "product": probe(settings).product,
        "foreign": sorted(m for m in sys.modules if m.split(".")[0] == "redis"),
    }


def run_buffer() -> str:
    """A cached buffer of one point; returns the algorithm's words where it fails, else the type of the result."""
    from qgis import processing
    from qgis.core import (
        QgsFeature,
        QgsGeometry,
        QgsPointXY,
        QgsProcessingException,
        QgsVectorLayer,
        QgsWkbTypes,
    )

    layer = QgsVectorLayer("Point?crs=EPSG:3857", "points", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(1, 2)))
    layer.dataProvider().addFeatures([feature])
    words = {"INPUT": layer, "DISTANCE": 10, "OUTPUT": "memory:"}
    try:
        output = processing.run("redisgeo:cachedbuffer", words)["OUTPUT"]
    except QgsProcessingException as error:
        return str(error)
    return QgsWkbTypes.displayString(next(output.getFeatures()).geometry().wkbType())


def task_buffer() -> dict:
    plugin = start_plugin()
    return {"answer": run_buffer(), **about(plugin)}


PLACES = {"here": (2.35, 48.85), "near": (2.36, 48.85), "far": (10.0, 50.0)}


def wait_until(predicate, seconds=20.0):
    from qgis.PyQt.QtCore import QCoreApplication

    deadline = time.monotonic() + seconds
    while not predicate():
        assert time.monotonic() < deadline, (
            f"not within {seconds} s: line {predicate.__code__.co_firstlineno}"
        )
        QCoreApplication.processEvents()
        time.sleep(0.005)


def places():
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=name:string", "places", "memory")
    for name, position in PLACES.items():
        feature = QgsFeature(layer.fields())
        feature.setAttributes([name])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(*position)))
        layer.dataProvider().addFeatures([feature])
    return layer


def with_the_algorithms() -> dict:
    """What each algorithm that needs no Shapely finds, and what the one that does says."""
    from qgis import processing
    from qgis.core import QgsProcessingException, QgsVectorLayer

    layer, out = places(), {"OUTPUT": "memory:"}
    key = {"KEY": "locations"}
    told = {
        "added": processing.run("redisgeo:loadgeoset", {**key, "INPUT": layer, "MEMBER_FIELD": "name"})[
            "ADDED"
        ]
    }
    near = {**key, **out, "CENTER": "2.35,48.85 [EPSG:4326]", "RADIUS": 5, "UNIT": 1}
    told["radius"] = processing.run("redisgeo:radiussearch", near)["COUNT"]
    told["nearest"] = processing.run(
        "redisgeo:nearestmembers", {**key, **out, "CENTERS": layer, "NEIGHBORS": 2}
    )["COUNT"]
    told["exported"] = processing.run("redisgeo:exportgeoset", {**key, **out})["COUNT"]
    fleet = {"INPUT": layer, "ID_FIELD": "name", "PREFIX": "vehicule:", "SPEED": 0}
    told["published"] = processing.run("redisgeo:publishpositions", fleet)["COUNT"]
    told["snapshot"] = processing.run("redisgeo:snapshotpositions", {"SOURCE": "vehicule:*", **out})["COUNT"]
    told["deleted"] = processing.run("redisgeo:purgecache", {"ALL": True})["DELETED"]
    areas = QgsVectorLayer("Polygon?crs=EPSG:4326", "areas", "memory")
    try:
        processing.run("redisgeo:areasearch", {**key, **out, "AREAS": areas})
    except QgsProcessingException as error:
        told["areas"] = str(error)
    return told


def in_the_search_dock(part) -> dict:
    part.dock.build()
    form = part.dock.form
    wait_until(lambda: form.sets.count())
    form.sets.setEditText("locations")
    form.center.setText("here")
    found = {"sets": form.sets.itemText(0)}
    for kind, rows in (("radius", 2), ("nearest", 3)):
        form.kind.setCurrentIndex(form.kind.findData(kind))
        form.unit.setCurrentText("km")
        form.radius.setValue(5)
        form.limit.setValue(0 if kind == "radius" else 3)
        part.dock.search.click()
        wait_until(lambda: part._task is None)
        found[kind] = [part.dock.model.rowCount() == rows, part.dock.status.text()]
    return found


def in_the_live_dock(part):
    from redis_geo_plugin.core.live.spec import FeedSpec

    feed = part.add(FeedSpec(name="fleet", interval=0.05))
    wait_until(lambda: feed.layer.featureCount() == len(PLACES))
    return feed


def what_geofences_say(part, feed, iface) -> list:
    """Polygons cannot be watched without Shapely; the feed goes on."""
    from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer

    from redis_geo_plugin.core.live.spec import Fencing

    zones = QgsVectorLayer("Polygon?crs=EPSG:4326", "zones", "memory")
    zone = QgsFeature()
    zone.setGeometry(QgsGeometry.fromWkt("Polygon((0 0, 1 0, 1 1, 0 0))"))
    zones.dataProvider().addFeatures([zone])
    QgsProject.instance().addMapLayer(zones)
    part.fence_keeper.watch(feed.spec.uid, Fencing(layer=zones.id(), watched=True))
    wait_until(lambda: iface.bar.messages)
    return iface.bar.take_messages()


def in_the_server_dock(part) -> str:
    part.dock.show()
    part.dock.build()
    part.dock.panel.set_active(True)
    wait_until(lambda: part.dock.panel.survey is not None and part.dock.panel.head.health is not None)
    return part.dock.panel.looked_at.text()


def the_offer(plugin, iface) -> dict:
    """What the action that needs Shapely says, and what is there to get it by."""
    from qgis.core import QgsProject
    from qgis.PyQt.QtWidgets import QAction, QPushButton

    layer = places()
    QgsProject.instance().addMapLayer(layer)
    iface.setActiveLayer(layer)
    layer.selectAll()
    iface.bar.take_messages()
    iface.mainWindow().findChild(QAction, "redis_geo_buffer_selected").trigger()
    wait_until(lambda: any("Shapely 2" in text for _, text in iface.bar.messages))
    plugin.context.ui.menu.aboutToShow.emit()
    return {
        "said": [text for text in iface.bar.take_messages() if "Shapely 2" in text],
        "buttons": [b.text() for item in iface.bar.items() for b in item.findChildren(QPushButton)],
        "in the menu": iface.mainWindow().findChild(QAction, "redis_geo_install_shapely_action").isVisible(),
    }


def task_without_shapely() -> dict:
    """A whole window, with all that needs no Shapely at work."""
    import qgis.utils

    in_slots = []
    sys.excepthook = lambda *error: in_slots.append("".join(traceback.format_exception(*error)))
    plugin = start_plugin()
    connected = plugin.context.connections
    wait_until(lambda: connected.state.name == "CONNECTED")
    parts = {type(c).__name__: c for c in plugin.components}
    algorithms = with_the_algorithms()
    live = in_the_live_dock(parts["LiveComponent"])
    qgis.utils.iface.bar.take_messages()
    geofences = what_geofences_say(parts["LiveComponent"], live, qgis.utils.iface)
    found = {
        "algorithms": algorithms,
        "search": in_the_search_dock(parts["SearchComponent"]),
        "live": [live.layer.featureCount(), live.status().state.value],
        "geofences": geofences,
        "server": in_the_server_dock(parts["ServerComponent"]),
        "offer": the_offer(plugin, qgis.utils.iface),
        "messages": qgis.utils.iface.bar.take_messages(),
    }
    found["unloaded"] = qgis.utils.unloadPlugin("redis_geo_plugin")
    return {**found, "failed": list(plugin.failed), "in slots": in_slots}


def task_install_shapely() -> dict:
    """Install Shapely as the menu does; then it is used at once, in this very process."""
    start_plugin()
    before = run_buffer()
    from redis_geo_plugin.bridge import installing, packages

    missing = packages.shapely_is_missing()
    version = installing.install_shapely()
    return {"before": before, "missing": missing, "version": version, "after": run_buffer()}


def task_next_start() -> dict:
    """Another start of the profile in which Shapely was installed."""
    start_plugin()
    import shapely

    return {"answer": run_buffer(), "shapely": shapely.__file__, "version": shapely.__version__}


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.meta_path[:] = map(Hiding, sys.meta_path)
    try:
        application = start_qgis()  # kept until the end
        answer = globals()[f"task_{sys.argv[1]}"]()
    except BaseException:
        answer = {"error": traceback.format_exc()}
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # QGIS's own teardown is not what is tested here
