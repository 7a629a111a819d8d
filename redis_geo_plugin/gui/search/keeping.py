"""The results of a search kept as layers: the points, styled, and the searched figures under them."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsFillSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProject,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from ...bridge import compat, features
from ...bridge.geo import layers, measuring
from ...bridge.geo.requests import Answer, Figure, Kind, TaskWatch
from ...bridge.i18n import tr
from .drawing import RED

LABELLED = 200  # hits up to which their names stand on the map


def build(answer: Answer, path: measuring.CrsPath, task: Any) -> list[QgsVectorLayer]:
    """The layers, made in a background thread, in the CRS of ``path``: figures first, then points."""
    request = answer.request
    measured = request.kind in (Kind.RADIUS, Kind.NEAREST)
    origin = layers.CENTER_ID if measured else layers.AREA_ID
    ids = [place.identity for place in request.places]
    table = layers.HitTable(answer.hits, origin, ids, measured)
    points = layers.memory_layer(
        request.title, "Point", path.crs, table.fields, lambda sink: table.write(sink, path, TaskWatch(task))
    )
    if not answer.figures:
        return [points]
    fields = QgsFields()
    fields.append(compat.field(origin, compat.LONG))
    fields.append(compat.field("radius_m", compat.DOUBLE))
    name = tr("{title} (area)").format(title=request.title)

    def draw(sink: QgsFeatureSink) -> None:
        features.write(sink, [_feature(fields, path.geometry(figure.wkb), figure) for figure in answer.figures])

    return [layers.memory_layer(name, "MultiPolygon", path.crs, fields, draw), points]


def _feature(fields: QgsFields, geometry: Any, figure: Figure) -> QgsFeature:
    feature = QgsFeature(fields)
    geometry.convertToMultiType()
    feature.setGeometry(geometry)
    feature.setAttributes([figure.identity, figure.metres or None])
    return feature


def add(made: list[QgsVectorLayer]) -> QgsVectorLayer:
    """Style the layers and put them on top of the project, as a group where there is an area. Returns the points."""
    project = QgsProject.instance()
    points = made[-1]
    style_points(points)
    if len(made) > 1:
        style_area(made[0])
        group = project.layerTreeRoot().insertGroup(0, points.name())
        for layer in made:
            project.addMapLayer(layer, False)
            group.insertLayer(0, layer)
    else:
        project.addMapLayer(points)
    return points


def style_points(layer: QgsVectorLayer) -> None:
    symbol = QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": RED, "outline_color": "white", "outline_width": "0.4", "size": "2.8"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
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


def style_area(layer: QgsVectorLayer) -> None:
    symbol = QgsFillSymbol.createSimple(
        {"color": "198,48,43,28", "outline_color": RED, "outline_width": "0.5", "outline_style": "dash"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
