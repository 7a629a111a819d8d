"""The layers of a live set: made, told apart, given another form.

They are memory layers, filled anew when their project is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsFields,
    QgsLayerTreeGroup,
    QgsMapLayer,
    QgsMemoryProviderUtils,
    QgsProject,
    QgsVectorLayer,
)

from ..i18n import tr
from ..plain import plain_map_tip
from .layers import KINDS, LINES, POINTS

if TYPE_CHECKING:
    from .set_rows import Layout

SET_PROPERTY = "redis_geo/feature_set"
KIND_PROPERTY = "redis_geo/feature_kind"
SET_RUNNING_PROPERTY = "redis_geo/feature_set_running"


def kind_title(name: str, kind: str) -> str:
    """What the layer of a kind of geometry is called."""
    if kind == POINTS:
        return tr("{set}: points").format(set=name)
    return (tr("{set}: lines") if kind == LINES else tr("{set}: polygons")).format(set=name)


def new_layer(name: str, kind: str, layout: Layout) -> QgsVectorLayer:
    """An empty layer for a kind of geometry."""
    layer = QgsMemoryProviderUtils.createMemoryLayer(
        kind_title(name, kind), layout.fields, layout.types[kind], layout.crs
    )
    layer.setCustomProperty(KIND_PROPERTY, kind)
    prepare(layer)
    return layer


def prepare(layer: QgsVectorLayer) -> None:
    """Set the properties of a live layer at every start: no edits by hand, and no "scratch layer" warning."""
    layer.setReadOnly(True)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)
    plain_map_tip(layer)


def leave(layer: QgsMapLayer) -> None:
    """Make a layer the user's own, which follows no set any more."""
    for name in (SET_PROPERTY, KIND_PROPERTY, SET_RUNNING_PROPERTY, "skipMemoryLayersCheck"):
        layer.removeCustomProperty(name)
    layer.setReadOnly(False)


def rename(layers: dict[str, QgsVectorLayer], before: str, name: str) -> None:
    """Rename the layers of a set, and their group, with the set, unless the user has renamed them."""
    group = group_of(list(layers.values()))
    if group is not None and group.name() == before:
        group.setName(name)
    for kind, layer in layers.items():
        if layer.name() == kind_title(before, kind):
            layer.setName(kind_title(name, kind))


def empty(layer: QgsVectorLayer, kind: str, layout: Layout) -> None:
    """Take all features out of a layer, and give it the form of a layout. Its style stays."""
    same = (
        layer.wkbType() == layout.types[kind]
        and layer.crs() == layout.crs
        and _alike(layer.dataProvider().fields(), layout.fields)
    )
    if same:
        layer.dataProvider().truncate()
        return
    pattern = new_layer(layer.name(), kind, layout)
    layer.setDataSource(pattern.source(), layer.name(), "memory")
    layer.setCrs(layout.crs)


def add_fields(layer: QgsVectorLayer, fields: QgsFields) -> None:
    """Add the fields that a layer has not yet, which are the last."""
    has = layer.dataProvider().fields().count()
    if has < fields.count():
        layer.dataProvider().addAttributes([fields.at(number) for number in range(has, fields.count())])
        layer.updateFields()


def insert(layer: QgsVectorLayer, kind: str, siblings: dict[str, QgsVectorLayer]) -> bool:
    """Add a layer to the project beside those of the other kinds, points above lines above polygons; False
    where there is none of them."""
    project = QgsProject.instance()
    root = project.layerTreeRoot()
    nodes = [(one, root.findLayer(siblings[one].id())) for one in KINDS if one in siblings]
    nodes = [(one, node) for one, node in nodes if node is not None]
    if not nodes:
        return False
    below = next((node for one, node in nodes if KINDS.index(one) > KINDS.index(kind)), None)
    beside = below if below is not None else nodes[-1][1]
    group = beside.parent()
    place = group.children().index(beside) + (below is None)
    project.addMapLayer(layer, False)
    group.insertLayer(place, layer)
    return True


def group_of(layers: list[QgsVectorLayer]) -> Optional[QgsLayerTreeGroup]:
    """The group in which nothing stands but these layers."""
    root = QgsProject.instance().layerTreeRoot()
    node = root.findLayer(layers[0].id()) if layers else None
    group = node.parent() if node is not None else None
    ids = {layer.id() for layer in layers}
    if not isinstance(group, QgsLayerTreeGroup) or group.parent() is None or set(group.findLayerIds()) - ids:
        return None
    return group


def _alike(fields: QgsFields, others: QgsFields) -> bool:
    return [(one.name(), one.type()) for one in fields] == [(one.name(), one.type()) for one in others]
