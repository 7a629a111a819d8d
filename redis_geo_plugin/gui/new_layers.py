"""New layers in the project: where QGIS puts them, named so as to be told apart, with *Zoom* and *Undo*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import Qgis, QgsLayerTreeGroup, QgsMapLayer, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QLocale

from ..bridge.i18n import tr
from .component import Context
from .messages import Button

if TYPE_CHECKING:
    from qgis.gui import QgisInterface


def free_name(name: str) -> str:
    """A name that no layer of the project has: with a number behind it where one does."""
    taken = {layer.name() for layer in QgsProject.instance().mapLayers().values()}
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def add(layers: Sequence[QgsMapLayer], iface: QgisInterface, group: str = "") -> None:
    """Add layers to the project where QGIS adds new ones: on top of the current group. The first comes
    lowest.

    Args:
        layers: New ones; a name that is taken gets a number.
        iface: QGIS's window.
        group: The name of a new group for them; "" for none.
    """
    project, place = QgsProject.instance(), current_group(iface)
    if group:
        place = place.insertGroup(0, group)
    for layer in layers:
        layer.setName(free_name(layer.name()))
        project.addMapLayer(layer, False)
        place.insertLayer(0, layer)


def current_group(iface: QgisInterface) -> QgsLayerTreeGroup:
    """The group that is current in the Layers panel, or that of the current layer; the whole tree where
    neither is."""
    node = iface.layerTreeView().currentNode()
    if isinstance(node, QgsLayerTreeGroup):
        return node
    parent = node.parent() if node is not None else None
    return parent if isinstance(parent, QgsLayerTreeGroup) else QgsProject.instance().layerTreeRoot()


def say_added(
    context: Context,
    layers: Sequence[QgsMapLayer],
    text: str = "",
    *,
    before: Optional[QgsMapLayer] = None,
    undone: Optional[Callable[[], object]] = None,
    topic: str = "",
    level: Qgis.MessageLevel = Qgis.MessageLevel.Success,
) -> None:
    """Say that layers are new in the project, with the buttons *Zoom* and *Undo*.

    Args:
        context: That of the part that added them.
        layers: The new layers; the last names them.
        text: What is said; "" for the name and the number of features.
        before: The layer that was active before, and is again after *Undo*.
        undone: Called after *Undo*, when the layers are gone.
        topic: See ``Messages.show``.
        level: Warning where something is to be known about them.
    """
    iface, ids = context.iface, [layer.id() for layer in layers]
    earlier = before.id() if before is not None else ""
    buttons = [
        Button(tr("Zoom"), lambda: zoom_to(iface, ids)),
        Button(tr("Undo"), lambda: _undo(iface, ids, earlier, undone)),
    ]
    message = context.ui.message(text or in_words(layers[-1]), level, buttons=buttons, topic=topic)
    for layer in layers:
        layer.willBeDeleted.connect(message.drop)


def in_words(layer: QgsMapLayer) -> str:
    """ "Buffer 1 km of Parcels: 240 features." """
    count = layer.featureCount()
    text = tr("{layer}: 1 feature.") if count == 1 else tr("{layer}: {count} features.")
    return text.format(layer=layer.name(), count=QLocale().toString(count))


def zoom_to(iface: QgisInterface, ids: Sequence[str]) -> None:
    """Show these layers of the project on the map, all that is in them."""
    canvas, extent = iface.mapCanvas(), QgsRectangle()
    extent.setMinimal()
    for layer in filter(None, map(QgsProject.instance().mapLayer, ids)):
        if layer.featureCount():
            layer.updateExtents()
            extent.combineExtentWith(canvas.mapSettings().layerExtentToOutputExtent(layer, layer.extent()))
    if not extent.isNull():
        canvas.zoomToFeatureExtent(extent)


def _undo(
    iface: QgisInterface, ids: Sequence[str], before: str, undone: Optional[Callable[[], object]]
) -> None:
    project = QgsProject.instance()
    present = [identity for identity in ids if project.mapLayer(identity) is not None]
    nodes = [project.layerTreeRoot().findLayer(identity) for identity in present]
    parents = [node.parent() for node in nodes if node is not None]
    project.removeMapLayers(present)
    for group in {id(parent): parent for parent in parents}.values():
        if len(ids) > 1 and not group.children() and group.parent() is not None:
            group.parent().removeChildNode(group)
    earlier = project.mapLayer(before) if before else None
    if earlier is not None:
        iface.setActiveLayer(earlier)
    if undone is not None:
        undone()
