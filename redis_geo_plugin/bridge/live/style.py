"""The default look of live layers: an arrow turned by the heading, a dot where there is none, fading with age."""

from __future__ import annotations

from qgis.core import (
    QgsEllipseSymbolLayer,
    QgsGraduatedSymbolRenderer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProperty,
    QgsRendererRange,
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

DOT = 1e15  # ms that are added to the age of what is shown as a dot: no age comes near

# The cheapest form for a fleet: a number that falls into a range (categories are looked up as texts), of which only "time"
# and "heading" are looked at for each feature. All else is computed once for a drawing, as long as the variables exist.
AGE_EXPRESSION = f'epoch(now()) - 1000 * coalesce(@{OFFSET_VARIABLE}, 0) - epoch("time")'
CLASS_EXPRESSION = (
    f"{AGE_EXPRESSION} + "
    f'CASE WHEN coalesce(@{COUNT_VARIABLE}, 0) > {ARROWS_UP_TO} OR "heading" IS NULL THEN {DOT:.0f} ELSE 0 END'
)
STEPS = (-DOT / 2, FRESH * 1000.0, AGEING * 1000.0, DOT / 2)  # ms of age, those before and after all included


def apply_positions_style(layer: QgsVectorLayer) -> None:
    """Arrows and dots in three steps of age, a legend in words, labels when zoomed in."""
    layer.setRenderer(_renderer())
    layer.setLabeling(_labeling())
    layer.setLabelsEnabled(True)


def _renderer() -> QgsGraduatedSymbolRenderer:
    ages = (tr("under 1 min"), tr("1 to 5 min"), tr("over 5 min"))
    ranges = []
    for step, age in enumerate(ages):
        label = tr("With heading, {age}").format(age=age)
        ranges.append(QgsRendererRange(STEPS[step], STEPS[step + 1], _arrow(step), label))
    for step, age in enumerate(ages):
        label = tr("Position, {age}").format(age=age)
        ranges.append(QgsRendererRange(DOT + STEPS[step], DOT + STEPS[step + 1], _dot(step), label))
    return QgsGraduatedSymbolRenderer(CLASS_EXPRESSION, ranges)


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
