"""The default style of live layers: an arrow turned by the heading, a dot where there is none, fading with
age."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsEllipseSymbolLayer,
    QgsExpression,
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

# Moments are compared, not ages: all but "time" and "heading" is then computed once for a drawing, as long
# as the variables exist, and a drawing takes no longer than one by ranges of numbers.
OFFSET = f"coalesce(@{OFFSET_VARIABLE}, 0)"
NO_ARROW = f'coalesce(@{COUNT_VARIABLE}, 0) > {ARROWS_UP_TO} OR "heading" IS NULL'


def apply_positions_style(layer: QgsVectorLayer) -> None:
    """Arrows and dots in three steps of age, a legend in words, labels when zoomed in."""
    layer.setRenderer(_renderer())
    layer.setLabeling(_labeling())
    layer.setLabelsEnabled(True)


def _renderer() -> QgsCategorizedSymbolRenderer:
    """The last category is that of all other values: without one, QGIS first asks for each feature whether it
    has one of the values, which doubles the time of a drawing."""
    arrows, dots = class_names()
    categories = [
        QgsRendererCategory(None if name == dots[-1] else name, symbol(step), name)
        for names, symbol in ((arrows, _arrow), (dots, _dot))
        for step, name in enumerate(names)
    ]
    return QgsCategorizedSymbolRenderer(class_expression(), categories)


def class_names() -> tuple[list[str], list[str]]:
    """The names of the categories: those with a heading and those without, the freshest first."""
    ages = (tr("under 1 min"), tr("1 to 5 min"), tr("over 5 min"))
    arrows = [tr("With heading, {age}").format(age=age) for age in ages]
    return arrows, [tr("Position, {age}").format(age=age) for age in ages]


def class_expression() -> str:
    """The expression that gives the name of a position's category: words that a user can change; NULL for an
    old position."""
    arrows, dots = class_names()
    old_arrow = f"ELSE {QgsExpression.quotedString(arrows[-1])}"
    return f"CASE WHEN {NO_ARROW}\nTHEN {_by_age(dots)}\nELSE {_by_age(arrows, old_arrow)} END"


def _by_age(names: list[str], otherwise: str = "") -> str:
    fresh, ageing = map(QgsExpression.quotedString, names[:2])
    return (
        f'CASE WHEN "time" >= now() - make_interval(seconds:={FRESH} + {OFFSET}) THEN {fresh} '
        f'WHEN "time" >= now() - make_interval(seconds:={AGEING} + {OFFSET}) THEN {ageing} {otherwise} END'
    )


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
    line = QgsLineSymbol.createSimple(
        {"line_color": "11,122,117,150", "line_width": "0.5", "capstyle": "round"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(line))


def apply_refused_style(layer: QgsVectorLayer) -> None:
    """A red cross."""
    cross = QgsMarkerSymbol.createSimple(
        {
            "name": "cross2",
            "color": "#c0392b",
            "outline_color": "#c0392b",
            "outline_width": "0.6",
            "size": "3",
        }
    )
    layer.setRenderer(QgsSingleSymbolRenderer(cross))
