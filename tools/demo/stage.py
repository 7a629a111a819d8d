"""What a scene works with: the window, waiting with the event loop running, pictures, and words for the terminal."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, Callable, Optional

from qgis.core import Qgis, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QObject
from qgis.PyQt.QtWidgets import QAction, QApplication, QDialog, QDockWidget, QWidget

PATIENCE = float(os.environ.get("REDIS_GEO_DEMO_PATIENCE", "1"))  # for a machine with other work


class SceneFailed(Exception):
    """A scene did not come to its end; the text says what was waited for in vain."""


class Stage:
    """QGIS's window as a scene sees it.

    ``window`` is the main window, ``iface`` QGIS's interface, ``plugin`` the running RedisGeoPlugin. Everything a scene
    waits for has a limit in seconds, so that a demo never hangs.
    """

    def __init__(self, iface: Any, plugin: Any, pictures: Path):
        self.iface = iface
        self.plugin = plugin
        self.window: QWidget = iface.mainWindow()
        self.pictures = pictures
        self.taken: list[Path] = []

    def say(self, text: str) -> None:
        """A line for the terminal."""
        print(f"demo: {text}", flush=True)

    def fail(self, text: str) -> None:
        """End the demo with a status other than 0."""
        raise SceneFailed(text)

    def wait_until(
        self, predicate: Callable[[], Any], seconds: float = 20.0, what: str = "the window"
    ) -> Any:
        """Run the event loop until the predicate holds, and return what it returned; fails after ``seconds``."""
        seconds *= PATIENCE
        deadline = time.monotonic() + seconds
        while not (found := predicate()):
            if time.monotonic() > deadline:
                raise SceneFailed(f"waited {seconds:g} s in vain for {what}")
            self._turn()
        return found

    def wait(self, seconds: float) -> None:
        """Run the event loop for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._turn()

    def _turn(self) -> None:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.002)

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until the map is drawn and the window is painted."""
        self.wait(0.15)
        self.wait_until(lambda: not self.iface.mapCanvas().isDrawing(), seconds, "the map to be drawn")
        self.wait(0.1)

    def picture(self, name: str, widget: Optional[QWidget] = None) -> Path:
        """Write the window (or a widget of it) as it looks now to build/<name>.png."""
        self.settle()
        path = self.pictures / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (widget or self.window).grab().save(str(path), "PNG"):
            self.fail(f"the picture {path.name} could not be written")
        self.taken.append(path)
        self.say(f"picture {path.name}")
        return path

    def find(self, name: str, kind: type = QWidget) -> Any:
        """The widget (or other object) of this objectName; fails where there is none."""
        found: Optional[QObject] = self.window.findChild(kind, name)
        if found is None:
            self.fail(f"there is no {kind.__name__} named {name}")
        return found

    def action(self, name: str) -> QAction:
        """The plugin's action of this objectName."""
        return self.find(name, QAction)

    def show_dock(self, name: str) -> QDockWidget:
        """Show a dock by its objectName and bring it to the front."""
        dock = self.find(name, QDockWidget)
        dock.show()
        dock.raise_()
        self.wait(0.2)
        return dock

    def layer(self, name: str) -> QgsVectorLayer:
        """The layer of this name; fails where there is none."""
        found = QgsProject.instance().mapLayersByName(name)
        if not found:
            self.fail(f"there is no layer named {name}")
        return found[0]

    def select(self, layer: QgsVectorLayer, expression: str) -> int:
        """Make the layer the current one and select features of it; returns how many."""
        self.iface.setActiveLayer(layer)
        layer.selectByExpression(expression)
        self.wait(0.05)
        return int(layer.selectedFeatureCount())

    def new_layers(self, before: set[str]) -> list[Any]:
        """The layers that are not among the ids of ``before`` (see ``layer_ids``)."""
        return [layer for key, layer in QgsProject.instance().mapLayers().items() if key not in before]

    def layer_ids(self) -> set[str]:
        return set(QgsProject.instance().mapLayers())

    def errors(self) -> list[str]:
        """The texts of the plugin's warnings and errors now in the message bar (QGIS has messages of its own)."""
        found = (item for item in self.iface.messageBar().items() if item.title() == "Redis Geo")
        return [
            item.text()
            for item in found
            if item.level() in (Qgis.MessageLevel.Warning, Qgis.MessageLevel.Critical)
        ]

    def dialogs(self) -> list[QDialog]:
        """Dialogs that are open."""
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
