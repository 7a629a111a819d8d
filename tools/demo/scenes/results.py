"""Result layers: undone from the message, and full again when their project is opened the next day."""

from __future__ import annotations

from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QPushButton

from .. import places
from .cache import EUROPE, KILOMETRES, NAMESPACE, _buffer

ORDER = 12
PROJECT = places.DEMO / "day.qgz"


def play(stage) -> None:
    dock = stage.show_dock("redis_geo_cache_dock")
    dock.form.buffer.distance.setValue(KILOMETRES)
    dock.form.store.namespace.setText(NAMESPACE)
    selected = stage.select(stage.layer("Countries"), EUROPE)
    _words, layer, _seconds = _buffer(stage)
    _undo(stage, layer.id())
    _words, layer, _seconds = _buffer(stage)
    name = layer.name()
    project = QgsProject.instance()
    if not project.write(str(PROJECT)):
        stage.fail("the project could not be saved")
    project.clear()
    if not project.read(str(PROJECT)):
        stage.fail("the project could not be opened")
    layer = stage.layer(name)
    stage.wait_until(lambda: layer.featureCount() == selected, 60, "the results of the opened project")
    stage.say(f"opened again, {name} has its {selected} buffers from the cache")
    stage.picture("18-opened-again")
    project.removeMapLayer(layer.id())
    project.setDirty(False)
    stage.iface.messageBar().clearWidgets()


def _undo(stage, layer_id: str) -> None:
    """Press the second button of the message; the first is *Zoom*."""
    message = stage.wait_until(
        lambda: next(iter(reversed(stage.plugin.context.ui.messages.widgets())), None), 10, "the message"
    )
    stage.picture("17-undo")
    message.findChildren(QPushButton)[1].click()
    stage.wait_until(lambda: QgsProject.instance().mapLayer(layer_id) is None, 10, "the layer to be undone")
