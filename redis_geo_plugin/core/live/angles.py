"""Angles as people and instruments write them: ``48°51'24.1"N``, ``48.8566 N``, ``W 2° 20.5'``; and ISO 6709.

Source of truth for the latter: ISO 6709 annex H, ``+48.8566+002.3522/`` (degrees; or degrees, minutes and
seconds in digits; latitude first). What may be read in two ways is no angle: minutes need the sign of degrees
or a letter, a sign and a letter must agree, and O (west in French, east in German) is no letter. Nothing here
raises.
"""

from __future__ import annotations

import re
from typing import Any, Optional

from .values import degrees

NORTH_SOUTH, EAST_WEST = "NS", "EW"
LONGEST = 40  # characters of an angle
_PART = r"[0-9]{1,2}(?:[.,][0-9]{1,12})?"
_ANGLE = re.compile(
    r"\s*(?P<front>[NSEW])?\s*(?P<sign>[+-])?\s*(?P<d>[0-9]{1,3}(?:[.,][0-9]{1,15})?)\s*(?P<mark>[°º]|deg)?"
    # minutes and seconds each stand behind a mark, a colon or a space
    rf"(?:(?:(?<=[°ºg])|\s|:)\s*(?P<m>{_PART})\s*(?:['′’]|min)?"
    rf"(?:(?:(?<=['′’n])|\s|:)\s*(?P<s>{_PART})\s*(?:[\"″”]|''|sec)?)?)?"
    r"\s*(?P<back>[NSEW])?\s*",
    re.IGNORECASE,
)
_ISO_6709 = re.compile(
    r"(?P<lat>[+-][0-9]{2}(?:[0-9]{2}){0,2}(?:\.[0-9]{1,12})?)(?P<lon>[+-][0-9]{3}(?:[0-9]{2}){0,2}(?:\.[0-9]{1,12})?)"
    r"(?:[+-][0-9]{1,6}(?:\.[0-9]{1,6})?)?(?:CRS[A-Za-z0-9_]{1,20})?/"
)
_BETWEEN = r"[\s,;/|]*"
_TWO = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<lat>[^NSEW]{{1,40}}[NS]){_BETWEEN}(?P<lon>[^NSEW]{{1,40}}[EW])",
        rf"(?P<lat>[NS][^NSEW]{{1,40}}?){_BETWEEN}(?P<lon>[EW][^NSEW]{{1,40}})",
        rf"(?P<lon>[^NSEW]{{1,40}}[EW]){_BETWEEN}(?P<lat>[^NSEW]{{1,40}}[NS])",
        rf"(?P<lon>[EW][^NSEW]{{1,40}}?){_BETWEEN}(?P<lat>[NS][^NSEW]{{1,40}})",
    )
)


def coordinate(value: Any, letters: str) -> Optional[float]:
    """A longitude or latitude in degrees: a number, a text of one, or an angle with its marks.

    Args:
        value: what a record holds.
        letters: ``NORTH_SOUTH`` for a latitude, ``EAST_WEST`` for a longitude; the other axis' are not read.
    """
    found = degrees(value)
    if found is not None or type(value) is not str:
        return found
    return angle(value, letters)


def angle(text: str, letters: str) -> Optional[float]:
    """Degrees of an angle with a sign of degrees or a letter; None for other texts."""
    found = _ANGLE.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    letter = ((found["front"] or "") + (found["back"] or "")).upper()
    if len(letter) > 1 or letter not in letters or not (letter or found["mark"]):
        return None
    parts = [float(part.replace(",", ".")) for part in (found["d"], found["m"], found["s"]) if part]
    if any(not part.is_integer() for part in parts[:-1]) or any(part >= 60.0 for part in parts[1:]):
        return None
    is_negative = found["sign"] == "-"
    if letter:
        if is_negative and letter in "NE":
            return None
        is_negative = letter in "SW"
    whole = sum(part / 60.0**place for place, part in enumerate(parts))
    return -whole if is_negative else whole


def two_angles(text: str) -> Optional[tuple[float, float]]:
    """Longitude and latitude of a text that says which angle is which, by letters or as ISO 6709; None for
    others."""
    found = _ISO_6709.fullmatch(text)
    if found is not None:
        lat, lon = _of_digits(found["lat"], 2), _of_digits(found["lon"], 3)
        return None if lat is None or lon is None else (lon, lat)
    for way in _TWO:
        found = way.fullmatch(text)
        if found is not None:
            lat, lon = angle(found["lat"], NORTH_SOUTH), angle(found["lon"], EAST_WEST)
            return None if lat is None or lon is None else (lon, lat)
    return None


def _of_digits(text: str, width: int) -> Optional[float]:
    """Degrees of ``+4851.4``: so many digits of degrees, then two each of minutes and seconds."""
    sign, digits = (-1.0 if text[0] == "-" else 1.0), text[1:]
    whole, point, rest = digits.partition(".")
    parts = [whole[:width], *(whole[at : at + 2] for at in range(width, len(whole), 2))]
    numbers = [float(part) for part in parts[:-1]] + [float(parts[-1] + point + rest)]
    if any(number >= 60.0 for number in numbers[1:]):
        return None
    return sign * sum(number / 60.0**place for place, number in enumerate(numbers))
