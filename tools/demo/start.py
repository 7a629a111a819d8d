"""Run by QGIS (``--code``) after its start: the project, the connection and the docks; without a display, the scenes."""

from __future__ import annotations

import faulthandler
import importlib
import os
import pkgutil
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(os.environ["REDIS_GEO_DEMO_ROOT"])
sys.path.insert(0, str(ROOT))

import qgis.utils  # noqa: E402
from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsProject,
    QgsRectangle,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt, QTimer  # noqa: E402
from qgis.PyQt.QtWidgets import QDockWidget  # noqa: E402

from tools.demo import places, scenes  # noqa: E402
from tools.demo.stage import SceneFailed, Stage  # noqa: E402

PLUGIN = "redis_geo_plugin"
WORLD_MAP = "resources/data/world_map.gpkg"
PLAYED = bool(os.environ.get("REDIS_GEO_DEMO_PLAY"))
LIMIT = float(os.environ.get("REDIS_GEO_DEMO_LIMIT", "420"))


def add_world_map() -> None:
    """The map that QGIS brings: states below countries, hidden until wanted; nothing where they are already open."""
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    source = Path(QgsApplication.pkgDataPath()) / WORLD_MAP
    for title, table, visible in (
        ("States and provinces", "states_provinces", False),
        ("Countries", "countries", True),
    ):
        if project.mapLayersByName(title):
            continue
        layer = QgsVectorLayer(f"{source}|layername={table}", title, "ogr")
        if not layer.isValid():
            raise SceneFailed(f"QGIS's own world map has no layer {table}")
        project.addMapLayer(layer)
        node = project.layerTreeRoot().findLayer(layer.id())
        node.setItemVisibilityChecked(visible)
        node.setExpanded(False)
    project.setDirty(False)


def connect(plugin) -> None:
    """The demo's own server as the saved and active connection."""
    from redis_geo_plugin.bridge.server import connections
    from redis_geo_plugin.core.redis.settings import ConnectionSettings

    if places.CONNECTION not in connections.names():
        settings = ConnectionSettings(name=places.CONNECTION)
        connections.save(connections.SavedConnection(settings, local_server=True))
    plugin.context.connections.activate(places.CONNECTION)


def open_docks(window) -> None:
    """Every dock of the plugin, one behind the other at the right; QGIS's own less wanted docks closed."""
    ours = [d for d in window.findChildren(QDockWidget) if d.objectName().startswith("redis_geo")]
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() in ("Browser", "ProcessingToolbox", "LayerStyling"):
            dock.hide()
    for dock in ours:
        if window.dockWidgetArea(dock) == Qt.DockWidgetArea.NoDockWidgetArea:
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    right = [
        d
        for d in ours
        if window.dockWidgetArea(d) == Qt.DockWidgetArea.RightDockWidgetArea and not d.isFloating()
    ]
    for earlier, later in zip(right, right[1:]):
        window.tabifyDockWidget(earlier, later)
    for dock in ours:
        dock.show()
    if right:
        right[0].raise_()
        window.resizeDocks([right[0]], [440], Qt.Orientation.Horizontal)


def arrange() -> Stage:
    """Everything that a person finds when the window opens."""
    plugin = qgis.utils.plugins.get(PLUGIN)
    if plugin is None or plugin.context is None:
        raise SceneFailed(
            f"the plugin is not loaded: {qgis.utils.pluginMetadata(PLUGIN, 'error') or 'see above'}"
        )
    QgsSettings().setValue("app/askToSaveProjectChanges", False)
    iface = qgis.utils.iface
    if PLAYED:  # a virtual screen has no window manager that could maximise
        iface.mainWindow().setGeometry(QgsApplication.primaryScreen().availableGeometry())
    else:
        iface.mainWindow().showMaximized()
    add_world_map()
    connect(plugin)
    open_docks(iface.mainWindow())
    stage = Stage(iface, plugin, places.PICTURES)
    stage.wait(0.3)
    west, south, east, north = places.EXTENT
    iface.mapCanvas().setExtent(QgsRectangle(west, south, east, north))
    iface.mapCanvas().refresh()
    return stage


def scene_modules() -> list:
    """The scenes in their order: those named in REDIS_GEO_DEMO_SCENES where that is set, else all but the
    optional ones, which REDIS_GEO_DEMO_OPTIONAL adds."""
    only = os.environ.get("REDIS_GEO_DEMO_SCENES", "").split()
    every = bool(only or os.environ.get("REDIS_GEO_DEMO_OPTIONAL"))
    names = [m.name for m in pkgutil.iter_modules(scenes.__path__) if not only or m.name in only]
    found = [importlib.import_module(f"{scenes.__name__}.{name}") for name in names]
    found = [scene for scene in found if every or not getattr(scene, "OPTIONAL", False)]
    return sorted(found, key=lambda s: (getattr(s, "ORDER", 50), s.__name__))


def play(stage: Stage) -> None:
    """Play every scene."""
    from redis_geo_plugin.gui.connection_monitor import ConnectionState

    monitor = stage.plugin.context.connections
    stage.wait_until(
        lambda: monitor.state is ConnectionState.CONNECTED, 20, "the connection to the embedded server"
    )
    stage.picture("00-window")
    failed = list(getattr(stage.plugin, "failed", []))
    if failed:
        stage.fail("parts of the plugin did not load: " + "; ".join(failed))
    for scene in scene_modules():
        name = scene.__name__.rpartition(".")[2]
        started = time.monotonic()
        scene.play(stage)
        stage.say(f"scene {name} played in {time.monotonic() - started:.1f} s")


def end(words: str) -> None:
    """Tell tools/run.sh how it went, undo the plugin, and leave without questions."""
    places.RESULT.write_text(words + "\n", encoding="utf-8")
    try:
        qgis.utils.unloadPlugin(PLUGIN)
        QgsProject.instance().clear()
        QgsSettings().sync()
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(0 if words == "ok" else 1)


def main() -> None:
    raised: list[str] = []
    if PLAYED:
        faulthandler.dump_traceback_later(LIMIT, exit=True)  # never hang, and say where it stood
        sys.excepthook = lambda *error: raised.append("".join(traceback.format_exception(*error)))
    try:
        stage = arrange()
        if not PLAYED:
            for scene in scene_modules():
                getattr(scene, "arrange", lambda _stage: None)(stage)
        else:
            play(stage)
            if raised:
                raise SceneFailed("an exception left a slot:\n" + raised[0])
    except SceneFailed as error:
        print(f"demo: FAILED: {error}", *raised, sep="\n", flush=True)
        words = f"failed: {error}"
    except BaseException:
        print(f"demo: FAILED:\n{traceback.format_exc()}", flush=True)
        words = "failed: " + traceback.format_exc().strip().splitlines()[-1]
    else:
        words = "ok"
    if PLAYED:
        end(words)


QTimer.singleShot(200, main)
