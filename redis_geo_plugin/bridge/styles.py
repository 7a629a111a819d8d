"""The styles of the plugin's result layers."""

from __future__ import annotations

from qgis.core import (
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsVectorLayer,
    QgsWkbTypes,
)

_RED = "198,48,43"


def style_result(layer: QgsVectorLayer) -> None:
    """A light fill with a clear outline, so that what lies below can be read."""
    kind = layer.geometryType()
    if kind == QgsWkbTypes.GeometryType.PolygonGeometry:
        symbol: QgsSymbol = QgsFillSymbol.createSimple(
            {"color": f"{_RED},50", "outline_color": f"{_RED},255", "outline_width": "0.4"}
        )
    elif kind == QgsWkbTypes.GeometryType.LineGeometry:
        symbol = QgsLineSymbol.createSimple({"color": f"{_RED},255", "width": "0.6"})
    else:
        symbol = QgsMarkerSymbol.createSimple(
            {"color": f"{_RED},255", "outline_color": "255,255,255,255", "size": "2.4"}
        )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
