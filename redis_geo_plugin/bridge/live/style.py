"""The default look of live layers: an arrow turned by the heading, a dot where there is none, fading with age."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsEllipseSymbolLayer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProperty,
    QgsRendererCategory,
    QgsSingleSymbolRenderer,
    QgsSymbolLayer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from ..i18n import tr
from .layer import COUNT_VARIABLE, OFFSET_VARIABLE

FRESH, AGEING = 60, 300  # seconds: the steps of the fading
ARROWS_UP_TO = 20_000  # vehicles: more arrows than that are a blot, and drawing them takes seconds
LABELS_BELOW = 50_000  # scale denominator
COLORS = ("#0b7a75", "#5fa8a4", "#9aa5a8")  # fresh, ageing, old
OPACITIES = (1.0, 0.75, 0.45)

# The cheapest form for a fleet: of each feature only its time is looked at; all else is computed once for a drawing.
_REPORTED = 'epoch("time")'
_SINCE = f"epoch(now()) - 1000 * (coalesce(@{OFFSET_VARIABLE}, 0) + %d)"
CLASS_EXPRESSION = (
    f"CASE WHEN {_REPORTED} > {_SINCE % FRESH} THEN 0 WHEN {_REPORTED} > {_SINCE % AGEING} THEN 1 ELSE 2 END"
    f' + CASE WHEN coalesce(@{COUNT_VARIABLE}, 0) > {ARROWS_UP_TO} OR "heading" IS NULL THEN 3 ELSE 0 END'
)


def apply_positions_style(layer: QgsVectorLayer) -> None:
    """Arrows and dots in three steps of age, a legend in words, labels when zoomed in."""
    layer.setRenderer(_renderer())
    layer.setLabeling(_labeling())
    layer.setLabelsEnabled(True)


def _renderer() -> QgsCategorizedSymbolRenderer:
    ages = (tr("under 1 min"), tr("1 to 5 min"), tr("over 5 min"))
    categories = []
    for step, age in enumerate(ages):
        categories.append(QgsRendererCategory(step, _arrow(step), tr("With heading, {age}").format(age=age)))
    for step, age in enumerate(ages):
        categories.append(QgsRendererCategory(step + 3, _dot(step), tr("Position, {age}").format(age=age)))
    return QgsCategorizedSymbolRenderer(CLASS_EXPRESSION, categories)


def _arrow(step: int) -> QgsMarkerSymbol:
    shape = QgsEllipseSymbolLayer.create(
        {
            "symbol_name": "triangle",
            "color": COLORS[step],
            "outline_color": "#ffffff",
            "outline_width": "0.25",
            "symbol_width": "2.8",
            "symbol_height": "4.8",
        }
    )
    # The triangle points up, and 0 degrees of heading is north.
    shape.setDataDefinedProperty(QgsSymbolLayer.Property.PropertyAngle, QgsProperty.fromField("heading"))
    symbol = QgsMarkerSymbol.createSimple({})
    symbol.changeSymbolLayer(0, shape)
    symbol.setOpacity(OPACITIES[step])
    return symbol


def _dot(step: int) -> QgsMarkerSymbol:
    symbol = QgsMarkerSymbol.createSimple(
        {
            "name": "circle",
            "color": COLORS[step],
            "outline_color": "#ffffff",
            "outline_width": "0.25",
            "size": "2.4",
        }
    )
    symbol.setOpacity(OPACITIES[step])
    return symbol


def _labeling() -> QgsVectorLayerSimpleLabeling:
    text = QgsTextFormat()
    text.setSize(8)
    text.setColor(QColor("#22313a"))
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.8)
    text.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.fieldName = "id"
    settings.setFormat(text)
    settings.dist = 1.5
    settings.scaleVisibility = True
    settings.minimumScale = LABELS_BELOW
    settings.maximumScale = 0
    return QgsVectorLayerSimpleLabeling(settings)


def apply_trail_style(layer: QgsVectorLayer) -> None:
    """A thin line in the colour of fresh positions."""
    line = QgsLineSymbol.createSimple({"line_color": "11,122,117,150", "line_width": "0.5", "capstyle": "round"})
    layer.setRenderer(QgsSingleSymbolRenderer(line))


def apply_refused_style(layer: QgsVectorLayer) -> None:
    """A red cross."""
    cross = QgsMarkerSymbol.createSimple(
        {"name": "cross2", "color": "#c0392b", "outline_color": "#c0392b", "outline_width": "0.6", "size": "3"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(cross))
