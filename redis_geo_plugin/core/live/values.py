"""Single values as producers write them: numbers, times, angles, and the ways to write a missing value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np

from ..geometry.arrays import Array
from . import moments
from .limits import (
    AIS_NO_COURSE,
    AIS_NO_HEADING,
    AIS_NO_SPEED_KNOTS,
    AIS_NO_SPEED_RAW,
    NO_HEADING,
)
from .spec import SPEED_FACTORS

# What means "no value" as text, compared in lower case.
MISSING_WORDS = frozenset({"", "none", "null", "nan", "n/a", "na", "undefined", "nil", "-"})
LONGEST_WORD = 10  # characters: none of them is longer
MOST_DECIMALS = 12  # of seconds: with them they are whole numbers that a float holds exactly
COURSE_NAMES = frozenset({"course", "cog"})


def is_missing(value: object) -> bool:
    """None, NaN, and the words that stand for them."""
    if value is None:
        return True
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, str) and len(value) < LONGEST_WORD and value.strip().lower() in MISSING_WORDS


def number(value: Any) -> Optional[float]:
    """A finite number, from a number or a text; None for anything else. True is not 1."""
    kind = type(value)
    if kind is int:
        return float(value) if -1e300 < value < 1e300 else None
    if kind is not float:
        if kind is not str or len(value) > 40 or "_" in value:
            return None
        try:
            value = float(value)
        except ValueError:
            return None
    return value if math.isfinite(value) else None


def plain(text: str) -> object:
    """A text of a hash or stream as the value it stands for: None, an int, a float, or the text itself.

    ``007`` stays a text: leading zeros are part of a name.
    """
    if not text or len(text) > 24:
        return text or None
    first = text[0]
    if first.isdigit() or (first in "-." and len(text) > 1):
        digits = text[1:] if first == "-" else text
        if "_" in text or (len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()):
            return text
        try:
            return int(text) if digits.isdigit() and digits.isascii() else _finite(text)
        except ValueError:
            return text
    return None if is_missing(text) else text


def _finite(text: str) -> object:
    value = float(text)
    return value if math.isfinite(value) else None


def degrees(value: object) -> Optional[float]:
    """A coordinate: a finite number, also as a text with a decimal comma (``48,85``)."""
    if type(value) is str and "," in value and _DECIMAL_COMMA.fullmatch(value):
        value = value.replace(",", ".")
    return number(value)


def clean(text: str) -> str:
    """The text without half surrogates, which JSON can hold and no encoding of text can."""
    return text if is_clean(text) else text.encode("utf-8", "replace").decode()


def is_clean(text: str) -> bool:
    """Whether a text can be encoded."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def heading(value: Any, is_course: bool = False) -> Optional[float]:
    """Degrees clockwise from north in [0, 360). 0 is north. AIS 511, -1 of phones, and 360 or less than 0
    of a course, mean that there is none.

    Other negative angles are read as turned the other way (-90 is west).
    """
    kind = type(value)
    if (kind is float or kind is int) and 0.0 < value < AIS_NO_COURSE:
        return float(value)  # the common case
    angle = number(value.rstrip("° ") if kind is str and len(value) < LONGEST_SPEED else value)
    if angle is None or angle in (AIS_NO_HEADING, NO_HEADING) or not -360.0 <= angle <= 360.0:
        return None
    if is_course and not 0.0 <= angle < AIS_NO_COURSE:
        return None
    return angle % 360.0


def speed(value: object, factor: float, is_knots: bool = False) -> Optional[float]:
    """Metres a second; None where there is none, below zero, or AIS's 102.3 knots (1023 unscaled).

    A text that names its unit (``72 km/h``) is in that.
    """
    reported = value if type(value) is float and 0.0 <= value < 1e300 else number(value)
    if reported is None:
        found = with_unit(value)
        return None if found is None else found[0] * SPEED_FACTORS[found[1]]
    if reported < 0.0:
        return None
    if is_knots and (abs(reported - AIS_NO_SPEED_KNOTS) < 1e-6 or reported == AIS_NO_SPEED_RAW):
        return None
    return reported * factor


def with_unit(value: object) -> Optional[tuple[float, str]]:
    """Return a speed and its unit (one of ``SPEED_FACTORS``) from ``72 km/h``; None for other values."""
    found = _WITH_UNIT.fullmatch(value) if type(value) is str and len(value) < LONGEST_SPEED else None
    if found is None:
        return None
    return float(found[1].replace(",", ".")), _SPEED_UNITS[found[2].lower()]


class Times:
    """Reads report times: seconds, milliseconds, microseconds or nanoseconds since 1970, .NET's ticks, digits
    such as 20261128191610, and the texts of ``moments``. Remembers the minutes it has parsed: a fleet shares
    them.

    ``unit``: ``s``, ``ms``, ``us``, ``ns`` for counts; ``dmy`` or ``mdy`` for days in digits; a pattern of
    ``strptime``; empty: by size and form.
    """

    def __init__(self, unit: str = ""):
        self._unit = unit
        self._factor = _COUNTS.get(unit, 0.0)
        self._pattern = "%" in unit
        self._minutes: dict[str, float] = {}

    def read(self, value: object) -> Optional[float]:
        """Seconds since 1970 UTC, or None where the value is no time."""
        if type(value) is str:
            minute = self._minutes.get(value[:17])
            if minute is not None:
                tail = value[17:]
                if tail.replace(".", "", 1).isdigit() and tail.isascii():  # no zone: the common case
                    seconds = float(tail)
                    if seconds < 60.0:
                        return minute + seconds
                found = _SECONDS.fullmatch(tail)
                if found is not None:
                    return minute + float(found[1]) - (_offset(found) if found[2] else 0.0)
            return self._slow(value)
        if self._pattern:
            return (
                None
                if value is None or isinstance(value, bool)
                else self._slow(str(value)[: moments.LONGEST])
            )
        amount = number(value)
        return None if amount is None else self._count(amount)

    def read_many(self, texts: Sequence[str]) -> Optional[list[float]]:
        """What ``read`` makes of each; None where they are not all of known minutes and without a zone."""
        minutes, heads = self._minutes, {text[:17] for text in texts}
        if not heads <= minutes.keys():
            return None
        tails = [text[17:] for text in texts]
        digits = "".join(tails).replace(".", "")
        if not (digits.isascii() and digits.isdigit()):
            return None
        try:
            seconds = list(map(float, tails))
        except ValueError:
            return None
        if not max(seconds) < 61.0:
            return None
        if len(heads) == 1:
            minute = minutes[texts[0][:17]]
            return [minute + second for second in seconds]
        return [minutes[text[:17]] + second for text, second in zip(texts, seconds)]

    def read_alike(self, texts: Sequence[str]) -> Optional[Array]:
        """What ``read`` makes of each (float64 array), in a tenth of the time; None where they are not of one
        known minute, of one length and without a zone.
        """
        width, minute = len(texts[0]), self._minutes.get(texts[0][:17])
        places = max(width - 20, 0)  # of decimals
        joined = "".join(texts)
        if minute is None or not (width == 19 or 0 < places <= MOST_DECIMALS) or not joined.isascii():
            return None
        if set(map(len, texts)) != {width}:
            return None
        signs = np.frombuffer(joined.encode(), np.uint8).reshape(len(texts), width)
        digits = signs[:, 17:19] if width == 19 else np.delete(signs[:, 17:], 2, axis=1)
        if (signs[:, :17] != signs[0, :17]).any() or (digits < 48).any() or (digits > 57).any():
            return None
        if width > 19 and (signs[:, 19] != ord(".")).any():
            return None
        amounts = (digits - 48).astype(np.int64) @ 10 ** np.arange(places + 1, -1, -1)
        seconds: Array = amounts / 10**places  # of two exact numbers: rounded as ``float`` does
        return minute + seconds if seconds.max() < 60.0 else None

    def _count(self, amount: float) -> Optional[float]:
        if self._factor:
            return amount * self._factor
        if moments.is_compact(amount) and amount.is_integer():
            read = moments.compact(str(int(amount)))
            if read is not None:
                return read
        size = abs(amount)
        if size < 1e11:  # seconds until the year 5138
            return amount
        if size < 1e14:
            return amount / 1e3
        if TICKS[0] < amount < TICKS[1]:
            return amount / 1e7 - YEAR_ONE
        return amount / 1e6 if size < 1e17 else amount / 1e9

    def _slow(self, text: str) -> Optional[float]:
        if not self._pattern:
            amount = number(text)
            if amount is not None:
                return self._count(amount)
        moment = moments.parse(text, self._unit)
        if moment is not None and not self._pattern and _MINUTE.match(text):
            minute = moments.parse(text[:16])
            if minute is not None:
                if len(self._minutes) > 2000:
                    self._minutes.clear()
                self._minutes[text[:17]] = minute
        return moment


def _offset(found: re.Match[str]) -> float:
    """Seconds of the zone that the expression for seconds found."""
    zone = found[2]
    if zone in "Zz":
        return 0.0
    seconds = int(zone[1:3]) * 3600.0 + int(zone[-2:]) * 60.0
    return seconds if zone[0] == "+" else -seconds


# .NET's DateTime.Ticks of the years 1980 to 2100: 100 ns since the year 1. As nanoseconds since 1970 they
# would be of 1989 to 1991.
TICKS = (6.2451e17, 6.6252e17)
YEAR_ONE = 62_135_596_800.0  # seconds from the year 1 until 1970
_COUNTS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
LONGEST_SPEED = 30  # characters
_SPEED_UNITS = {
    **dict.fromkeys(("km/h", "kmh", "kph", "kmph"), "km/h"),
    **dict.fromkeys(("m/s", "mps"), "m/s"),
    **dict.fromkeys(("kn", "kt", "kts", "knot", "knots"), "kn"),
    **dict.fromkeys(("mph", "mi/h"), "mph"),
}
_WITH_UNIT = re.compile(
    rf"\s*([0-9]{{1,6}}(?:[.,][0-9]{{1,9}})?)\s*({'|'.join(sorted(_SPEED_UNITS, key=len, reverse=True))})\s*",
    re.IGNORECASE,
)
_DECIMAL_COMMA = re.compile(r"\s*[+-]?[0-9]{1,9},[0-9]{1,12}\s*")
_MINUTE = re.compile(r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[ T][0-9]{2}:[0-9]{2}:")
_SECONDS = re.compile(
    r":([0-5][0-9](?:\.[0-9]{0,12})?)([Zz]|[+-](?:0[0-9]|1[0-5]):?[0-5][0-9])?"
)  # the common case
