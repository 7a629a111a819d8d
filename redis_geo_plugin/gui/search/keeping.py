"""The results of a search kept as layers: the points, styled, and the searched figures under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsFillSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QColor

from ...bridge import compat
from ...bridge.cache import features
from ...bridge.geo import layers, measuring
from ...bridge.geo.requests import Answer, Figure
from ...bridge.i18n import tr
from ...bridge.tasks import watch_of
from .. import new_layers
from .drawing import RED

if TYPE_CHECKING:
    from qgis.core import QgsGeometry
    from qgis.gui import QgisInterface

    from ...bridge.tasks import BackgroundTask
    from ...core.geo.hits import Hits

LABELLED = 200  # hits up to which their names stand on the map


def build(answer: Answer, path: measuring.CrsPath, task: BackgroundTask) -> list[QgsVectorLayer]:
    """The layers, made in a background thread, in the CRS of ``path``: figures first, then hits that are
    areas, then points."""
    request = answer.request
    points, areas = layers.by_kind(answer.hits)
    kept = [(areas, "MultiPolygon")] if len(areas) else []
    if len(points) or not kept:
        kept.append((points, "Point"))
    made = [_hits(answer, *one, path, task) for one in kept]
    if not answer.figures:
        return made
    fields = QgsFields()
    fields.append(compat.field(layers.table_of(answer, points).origin, compat.LONG))
    fields.append(compat.field("radius_m", compat.DOUBLE))
    name = tr("{title} (area)").format(title=request.title)

    def draw(sink: QgsFeatureSink) -> None:
        features.write(
            sink, [_feature(fields, path.geometry(figure.wkb), figure) for figure in answer.figures]
        )

    return [layers.memory_layer(name, "MultiPolygon", path.crs, fields, draw), *made]


def _hits(
    answer: Answer, hits: Hits, wkb_type: str, path: measuring.CrsPath, task: BackgroundTask
) -> QgsVectorLayer:
    """A layer of hits of one kind."""
    table = layers.table_of(answer, hits)
    return layers.memory_layer(
        answer.request.title,
        wkb_type,
        path.crs,
        table.fields,
        lambda sink: table.write(sink, path, watch_of(task)),
    )


def _feature(fields: QgsFields, geometry: QgsGeometry, figure: Figure) -> QgsFeature:
    feature = QgsFeature(fields)
    geometry.convertToMultiType()
    feature.setGeometry(geometry)
    feature.setAttributes([figure.identity, figure.metres or None])
    return feature


def add(made: list[QgsVectorLayer], iface: QgisInterface) -> QgsVectorLayer:
    """Style the layers and add them to the project, as a group where there are several. Returns the
    points."""
    points = made[-1]
    for layer in made:
        if layer.fields().indexOf(layers.MEMBER) < 0:
            style_area(layer)
        elif layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry:
            style_points(layer)
        else:
            style_shapes(layer)
    new_layers.add(made, iface, group=new_layers.free_name(points.name()) if len(made) > 1 else "")
    return points


def style_points(layer: QgsVectorLayer) -> None:
    """Red dots; with their names, while there are few."""
    symbol = QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": RED, "outline_color": "white", "outline_width": "0.4", "size": "2.8"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
    _label(layer)


def _label(layer: QgsVectorLayer) -> None:
    if layer.featureCount() > LABELLED:
        return
    text = QgsTextFormat()
    text.setSize(8.5)
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.8)
    halo.setColor(QColor("white"))
    text.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.fieldName = layers.MEMBER
    settings.setFormat(text)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def style_shapes(layer: QgsVectorLayer) -> None:
    """Red surfaces; with their names, while there are few."""
    symbol = QgsFillSymbol.createSimple(
        {"color": "198,48,43,90", "outline_color": RED, "outline_width": "0.4"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
    _label(layer)


def style_area(layer: QgsVectorLayer) -> None:
    """A thin red surface with a dashed line."""
    symbol = QgsFillSymbol.createSimple(
        {"color": "198,48,43,28", "outline_color": RED, "outline_width": "0.5", "outline_style": "dash"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
