"""Single values as producers write them: numbers, times, angles, and the many ways to say that there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Optional

# What means "no value" as text, compared in lower case.
MISSING_WORDS = frozenset({"", "none", "null", "nan", "n/a", "na", "undefined", "nil", "-"})
LONGEST_WORD = 10  # characters: none of them is longer
AIS_NO_HEADING = 511.0
AIS_NO_COURSE = 360.0
AIS_NO_SPEED_KNOTS = 102.3
# Nothing was positioned by satellite before the GPS epoch; clocks that were never set say 1970.
EARLIEST = datetime(1980, 1, 6, tzinfo=timezone.utc).timestamp()
LATEST = 1e11  # seconds: the year 5138
COURSE_NAMES = frozenset({"course", "cog"})


def is_missing(value: Any) -> bool:
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


def plain(text: str) -> Any:
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


def _finite(text: str) -> Any:
    value = float(text)
    return value if math.isfinite(value) else None


def heading(value: Any, is_course: bool = False) -> Optional[float]:
    """Degrees clockwise from north in [0, 360). 0 is north. AIS 511, and 360 of a course, mean that there is none.

    Negative angles are read as turned the other way (-90 is west).
    """
    kind = type(value)
    if (kind is float or kind is int) and 0.0 < value < AIS_NO_COURSE:
        return float(value)  # the common case
    angle = number(value)
    if angle is None or angle == AIS_NO_HEADING or not -360.0 <= angle <= 360.0:
        return None
    if is_course and angle == AIS_NO_COURSE:
        return None
    return angle % 360.0


def speed(value: Any, factor: float, is_knots: bool = False) -> Optional[float]:
    """Metres a second; None where there is none, below zero, or AIS's 102.3 knots."""
    reported = value if type(value) is float and 0.0 <= value < 1e300 else number(value)
    if reported is None or reported < 0.0 or (is_knots and abs(reported - AIS_NO_SPEED_KNOTS) < 1e-6):
        return None
    return reported * factor


class Times:
    """Reads report times: seconds, milliseconds, microseconds or nanoseconds since 1970, or ISO 8601 with or without a
    zone (without: UTC, as ``utcnow().isoformat()`` writes it). Remembers the minutes it has parsed: a fleet shares them."""

    def __init__(self, unit: str = ""):
        self._unit = unit
        self._minutes: dict[str, float] = {}

    def read(self, value: Any) -> Optional[float]:
        """Seconds since 1970 UTC, or None where the value is no time."""
        if type(value) is str:
            minute = self._minutes.get(value[:16])
            if minute is not None and value[16:17] == ":":
                try:
                    plain_seconds = float(value[17:])  # no zone: the common case
                    if 0.0 <= plain_seconds < 61.0:
                        return minute + plain_seconds
                except ValueError:
                    pass
                seconds, offset = _seconds_and_zone(value[17:])
                if seconds is not None:
                    return minute + seconds - offset
            text = value.strip()
            if len(text) >= 10 and (text[4] in "-/" or not (text[0].isdigit() or text[0] == "-")):
                return self._slow(text)
        amount = number(value)
        if amount is None:
            return self._slow(value) if type(value) is str and not is_missing(value) else None
        return self._count(amount)

    def read_many(self, texts: Sequence[str]) -> Optional[list[float]]:
        """What ``read`` makes of each; None where they are not all of known minutes and without a zone."""
        minutes, heads = self._minutes, {text[:17] for text in texts}
        if any(head[16:] != ":" or head[:16] not in minutes for head in heads):
            return None
        try:
            seconds = list(map(float, [text[17:] for text in texts]))
        except ValueError:
            return None
        if not (math.isfinite(sum(seconds)) and min(seconds) >= 0.0 and max(seconds) < 61.0):
            return None
        if len(heads) == 1:
            minute = minutes[texts[0][:16]]
            return [minute + second for second in seconds]
        return [minutes[text[:16]] + second for text, second in zip(texts, seconds)]

    def _count(self, amount: float) -> Optional[float]:
        if self._unit == "s":
            return amount
        if self._unit == "ms":
            return amount / 1e3
        size = abs(amount)
        if size < 1e11:  # seconds until the year 5138
            return amount
        if size < 1e14:
            return amount / 1e3
        return amount / 1e6 if size < 1e17 else amount / 1e9

    def _slow(self, text: str) -> Optional[float]:
        cleaned = text.replace("/", "-")
        if cleaned[-1:] in "Zz":
            cleaned = cleaned[:-1] + "+00:00"
        try:
            moment = datetime.fromisoformat(cleaned[:16])
            minute = moment.replace(tzinfo=timezone.utc).timestamp()
        except (ValueError, OverflowError):
            return _mail_date(text)
        rest = cleaned[16:]
        if rest.startswith(":"):
            seconds, offset = _seconds_and_zone(rest[1:])
        else:
            seconds, offset = _seconds_and_zone("0" + rest)
        if seconds is None:
            return None
        if len(cleaned) >= 16:
            if len(self._minutes) > 2000:
                self._minutes.clear()
            self._minutes[text[:16]] = minute
        return minute + seconds - offset


def _seconds_and_zone(text: str) -> tuple[Optional[float], float]:
    """``59.25+02:00`` -> (59.25, 7200.0); no zone is UTC. (None, 0) where it is neither."""
    try:
        seconds = float(text)  # no zone: the common case
    except ValueError:
        pass
    else:
        return (seconds, 0.0) if 0.0 <= seconds < 61.0 else (None, 0.0)
    cut = len(text)
    for sign in "+-Zz ":
        found = text.find(sign)
        if 0 <= found < cut:
            cut = found
    try:
        seconds = float(text[:cut].replace(",", "."))
    except ValueError:
        return None, 0.0
    zone = text[cut:].strip()
    if not 0.0 <= seconds < 61.0:
        return None, 0.0
    if not zone or zone in ("Z", "z", "UTC", "GMT"):
        return seconds, 0.0
    digits = zone[1:].replace(":", "")
    if zone[0] not in "+-" or not digits.isdigit() or len(digits) not in (2, 4):
        return None, 0.0
    offset = int(digits[:2]) * 3600.0 + int(digits[2:] or 0) * 60.0
    return seconds, offset if zone[0] == "+" else -offset


def _mail_date(text: str) -> Optional[float]:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp()
