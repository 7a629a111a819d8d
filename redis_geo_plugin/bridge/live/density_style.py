"""The style of a density: darker where more vehicles are, with a legend in words."""

from __future__ import annotations

import hashlib
import math
from typing import Optional

from qgis.core import (
    QgsFillSymbol,
    QgsGraduatedSymbolRenderer,
    QgsRendererRange,
    QgsVectorLayer,
)

from ..i18n import tr
from ..words.quantities import number
from .density_layer import CLASSES_PROPERTY

COLORS = ("#fff1bf", "#fed976", "#feab49", "#fc6e33", "#e02b20", "#a00026")
NOBODY = "#ffffff"
OPACITY = 0.65
LESS = 5  # times fewer vehicles than the classes are made for, before they are made anew
HIGHEST = 10**9
MOST_DIGITS = 10  # of counts
USERS = -1  # instead of a highest count: the style is the user's
_STEPS = (1, 2, 5)


def rounded_up(count: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 … that is not less."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= count:
                return step * power
        power *= 10


def lower_bounds(highest: int) -> list[int]:
    """Where the classes of counts from 1 to ``highest`` begin: at most six, each some times as wide as the
    one before."""
    ratio = max(highest, 1) ** (1.0 / len(COLORS))
    found = []
    for step in range(len(COLORS)):
        wanted = ratio**step
        power = 10 ** int(math.log10(wanted) + 1e-9)
        nearest = min((1, 2, 5, 10), key=lambda one: abs(math.log(one * power / wanted)))
        found.append(nearest * power)
    return sorted(set(found))


def density_renderer(highest: int, with_empty: bool) -> QgsGraduatedSymbolRenderer:
    """Classes for counts up to ``highest``; ``with_empty``: also for places without a vehicle."""
    bounds = lower_bounds(highest)
    colors = [
        COLORS[round(step * (len(COLORS) - 1) / max(len(bounds) - 1, 1))] for step in range(len(bounds))
    ]
    ranges = [QgsRendererRange(0, 0, _fill(NOBODY), tr("no vehicle"))] if with_empty else []
    for place, (low, color) in enumerate(zip(bounds, colors)):
        high = bounds[place + 1] - 1 if place + 1 < len(bounds) else HIGHEST
        ranges.append(QgsRendererRange(low, high, _fill(color), class_name(low, high)))
    return QgsGraduatedSymbolRenderer("count", ranges)


def class_name(low: int, high: int) -> str:
    """The words of a class of counts."""
    if high >= HIGHEST:
        return tr("{n} or more vehicles").format(n=number(low))
    if low == high:
        return tr("1 vehicle") if low == 1 else tr("{n} vehicles").format(n=number(low))
    return tr("{low} to {high} vehicles").format(low=number(low), high=number(high))


def follow_counts(layer: QgsVectorLayer, highest: int, with_empty: bool, made_for: Optional[int]) -> int:
    """Give a layer classes that fit its counts, unless the user has given it another style.

    ``made_for`` is what the last call returned, None at first; ``USERS`` where the style is the user's.
    """
    wanted = rounded_up(max(highest, 1))
    if made_for == USERS or (made_for is not None and wanted <= made_for < wanted * LESS):
        return made_for
    made_for = own_highest(layer)
    if made_for == USERS or wanted <= made_for < wanted * LESS:
        return made_for
    set_classes(layer, wanted, with_empty)
    layer.emitStyleChanged()
    return wanted


def set_classes(layer: QgsVectorLayer, highest: int, with_empty: bool) -> None:
    """Give a layer the classes for counts up to ``highest``, and note with it that they are not the
    user's."""
    layer.setRenderer(density_renderer(highest, with_empty))
    layer.setCustomProperty(CLASSES_PROPERTY, f"{highest} {_digest(layer)}")


def own_highest(layer: QgsVectorLayer) -> int:
    """What the classes of a layer are made for; ``USERS`` where they are not as ``set_classes`` made them, in
    whatever language that was."""
    number_, _, digest = str(layer.customProperty(CLASSES_PROPERTY, "")).partition(" ")
    if (
        not (number_.isascii() and number_.isdigit())
        or len(number_) > MOST_DIGITS
        or digest != _digest(layer)
    ):
        return USERS
    return max(int(number_), 1)


def _digest(layer: QgsVectorLayer) -> str:
    renderer = layer.renderer()
    text = renderer.dump() if isinstance(renderer, QgsGraduatedSymbolRenderer) else ""
    return hashlib.sha256(text.encode()).hexdigest()


def _fill(color: str) -> QgsFillSymbol:
    symbol = QgsFillSymbol.createSimple(
        {"color": color, "outline_color": "#7a6a55", "outline_width": "0.1", "outline_style": "solid"}
    )
    symbol.setOpacity(OPACITY)
    return symbol
