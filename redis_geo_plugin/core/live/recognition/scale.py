"""Recognises by what coordinates have to be multiplied to be degrees: programs also keep them as integers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

from ..limits import is_place
from ..scales import E7, FACTORS, SEMICIRCLES
from . import names
from .land import is_land
from .sample import USUAL, Column

ROUND = 6  # zeros at the ends of all numbers together that are no chance
DIFFERENT = 3  # places that are no mark for "not available"
MOST = 0.9  # share of the places of a sample that land has to tell

Numbers = Sequence[tuple[float, float]]  # x, y


def scale_of(lon: Column, pairs: Numbers, is_on_land: bool) -> tuple[Optional[float], bool]:
    """Return the factor of the coordinates, and whether it is sure: of integers several may make degrees.

    None where the name says one that is not read, and for numbers that no factor makes degrees.
    ``is_on_land``: nothing lets the vehicles be ships or aircraft.
    """
    for word in sorted(lon.words & names.SCALES.keys()):
        return names.SCALES[word], True
    whole = all(x.is_integer() and y.is_integer() for x, y in pairs)
    if not whole or lon.words & names.EAST or _fit(pairs, 1.0) >= USUAL * len(pairs):
        return 1.0, True
    fitting = [factor for factor in FACTORS if _fit(pairs, factor) == len(pairs)]
    if fitting == [SEMICIRCLES]:
        return _beyond_e7(pairs)
    if fitting == [E7, SEMICIRCLES]:
        if is_on_land and not _is_round(pairs) and _is_only_on_land(pairs, SEMICIRCLES, E7):
            return SEMICIRCLES, False  # a ship need not say that it is one: land confirms only what is common
        return E7, _is_round(pairs) or (is_on_land and _is_only_on_land(pairs, E7, SEMICIRCLES))
    return (fitting[0], False) if fitting else (None, False)


def _fit(pairs: Numbers, factor: float) -> int:
    return sum(is_place(x * factor, y * factor) for x, y in pairs)


def _beyond_e7(pairs: Numbers) -> tuple[float, bool]:
    """Of integers that only semicircles make degrees: a few may be marks for a place that is not known."""
    beyond = {pair for pair in pairs if not is_place(pair[0] * E7, pair[1] * E7)}
    if len(beyond) >= DIFFERENT:
        return SEMICIRCLES, True
    return (E7 if _fit(pairs, E7) >= USUAL * len(pairs) else SEMICIRCLES), False


def _is_round(pairs: Numbers) -> bool:
    """Whether the integers come from degrees with fewer decimals: all end in zeros, which no other unit's
    do."""
    different = {abs(int(number)) for pair in pairs for number in pair} - {0}
    common = math.gcd(*different) if different else 1
    zeros = len(str(common)) - len(str(common).rstrip("0"))
    return zeros * len(different) >= ROUND


def _is_only_on_land(pairs: Numbers, factor: float, other: float) -> bool:
    """Whether one factor puts the places on land, and the other into the sea."""
    here = sum(is_land(x * factor, y * factor) for x, y in pairs)
    there = sum(is_land(x * other, y * other) for x, y in pairs)
    return here >= MOST * len(pairs) and there <= (1.0 - MOST) * len(pairs)
