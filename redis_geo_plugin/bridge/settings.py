"""Settings (QgsSettings) as they are read: of the right type, within their bounds, or as usual.

The file in which QGIS keeps them can be edited by hand, damaged, or written by another version; what stands
there never raises. Only this module asks QgsSettings for values of the plugin; ``keeping`` writes them.
"""

from __future__ import annotations

import math
from typing import Optional, TypeVar, Union

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QByteArray

CACHE_ALL = "redis_geo/cache/cache_all"  # whether also what is quicker to compute than to fetch is stored
MAPPED = "redis_geo/live/mapped"  # whether large fleets are read by a process of their own
MAPPED_FROM = "redis_geo/live/mapped_from"  # and from how many vehicles on
STEPS_IN_BACKGROUND = "redis_geo/steps/in_background"  # whether mirrors may run beside the window
STEPS_IN_TOOLBOX = "redis_geo/steps/in_toolbox"  # whether the toolbox shows the mirrored algorithms

_Kept = TypeVar("_Kept", bool, int, float, str)
_MOST = 2**31 - 1  # that a number of Qt's forms takes
_NO = ("", "0", "false")


def kept(name: str, usual: _Kept, low: Optional[float] = None, high: Optional[float] = None) -> _Kept:
    """The value that is kept under a name.

    Args:
        name: of the setting.
        usual: what is meant where nothing is kept, or nothing of its type; the type is that of this value.
        low: the least number that has a meaning; whole numbers are always such as Qt takes.
        high: the greatest.
    """
    value = QgsSettings().value(name)
    if value is None:
        return usual
    try:
        found = _as(type(usual), value)
    except (TypeError, ValueError, ArithmeticError):
        return usual
    if type(usual) in (int, float) and not _fits(float(found), low, high, whole=type(usual) is int):
        return usual
    return found  # type: ignore[return-value]  # of the type that was asked for


def kept_bytes(name: str) -> bytes:
    """The bytes that QGIS keeps under a name of its own, none where it keeps something else."""
    value = QgsSettings().value(name)
    return bytes(value) if isinstance(value, (bytes, QByteArray)) else b""


def _fits(number: float, low: Optional[float], high: Optional[float], *, whole: bool) -> bool:
    least, most = (-_MOST, _MOST) if whole else (-math.inf, math.inf)
    least, most = least if low is None else low, most if high is None else high
    return math.isfinite(number) and least <= number <= most


def _as(kind: type, value: object) -> Union[bool, int, float, str]:
    """The value in a type, as Qt understands the texts of its file. Raises TypeError, ValueError or
    ArithmeticError."""
    if isinstance(value, (list, tuple)) and kind is str:  # a text with commas that a hand has written
        value = ", ".join(value)
    if kind is bool:
        return value.strip().lower() not in _NO if isinstance(value, str) else bool(value)
    if not isinstance(value, (str, int, float)):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    if kind is str:
        return str(value).encode("utf-8", "replace").decode()  # no halves of characters
    number = float(value)
    return number if kind is float else int(value) if isinstance(value, (str, int)) else int(number)
