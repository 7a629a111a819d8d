"""Run by the tests with the system's Python: QGIS on an empty profile in which only the zip is installed.

in_profile.py TASK ANSWER    writes what it found to the file ANSWER, as JSON
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Hidden:
    """Makes packages unfindable, where the system has them."""

    def find_spec(self, name, _path=None, _target=None):
        if name.split(".")[0] in os.environ.get("HIDE", "").split():
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


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
    from redis_geo_plugin.core import redispy
    from redis_geo_plugin.core.probing import probe
    from redis_geo_plugin.core.server import open_server
    from redis_geo_plugin.core.settings import from_environment

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
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProcessingException, QgsVectorLayer, QgsWkbTypes

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
    sys.meta_path.insert(0, Hidden())
    try:
        application = start_qgis()  # kept until the end
        answer = globals()[f"task_{sys.argv[1]}"]()
    except BaseException:
        answer = {"error": traceback.format_exc()}
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # QGIS's own teardown is not what is tested here
