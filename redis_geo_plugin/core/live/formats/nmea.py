"""Coordinates whose hemisphere stands in a field of its own, as in sentences of NMEA 0183: ``{"lat":
"4851.000", "lat_dir": "N", "lon": "00221.000", "lon_dir": "W"}``.

Source of truth: https://gpsd.gitlab.io/gpsd/NMEA.html (RMC, GGA, GLL: latitude as ddmm.mmmm with N or S,
longitude as dddmm.mmmm with E or W; hhmmss and ddmmyy in UTC). Libraries such as pynmea2 keep texts so;
others write degrees and keep the letters. Read without its letter a place in the south or west would be one
in the north or east. What the other fields mean is recognised from their values.
"""

from __future__ import annotations

import re
from typing import Optional

from ..values import degrees
from .base import Format, Record

_NORTH_SOUTH, _EAST_WEST = {"N": 1.0, "S": -1.0}, {"E": 1.0, "W": -1.0}
# names in lower case, letters only
_LATITUDE = re.compile(r"(gps)?lat(itude)?")
_LONGITUDE = re.compile(r"(gps)?(lon|lng|long|longitude)")
_LETTER = r"(dir|direction|hemi|hemisphere|ref|suffix)"
_OF_LATITUDE = re.compile(
    rf"(gps)?lat(itude)?({_LETTER}|ns)|hemispherens|ns(ind|indicator|hemisphere)?|northsouth"
)
_OF_LONGITUDE = re.compile(
    rf"(gps)?(lon|lng|long|longitude)({_LETTER}|ew)|hemisphereew|ew(ind|indicator|hemisphere)?|eastwest"
)
_MINUTES = re.compile(r"(\d{2,3})(\d\d(?:\.\d*)?)")  # ddmm.mmmm, dddmm.mmmm


class Nmea(Format):
    """Receivers by their sentences, and what else keeps hemispheres as letters."""

    NAME = "nmea"
    PROGRAM = "NMEA 0183 (pynmea2 and others)"
    READS = "lat with lat_dir (N, S), lon with lon_dir (E, W), and names like these; ddmm.mmmm or degrees"
    UNITS = "as the fields say"
    SOURCE = "https://gpsd.gitlab.io/gpsd/NMEA.html"
    MAPPING = None

    def _matches(self, record: Record) -> bool:
        return _axes(record) is not None

    def _record(self, data: Record) -> Optional[Record]:
        axes = _axes(data)
        if axes is None:
            return data
        return {**data, **{name: _signed(data[name], sign) for name, sign in axes.items()}}


def _axes(record: Record) -> Optional[dict[str, float]]:
    """The fields of latitude and longitude with their signs; None where a record has no such letters."""
    lat = _axis(record, _LATITUDE, _OF_LATITUDE, _NORTH_SOUTH)
    lon = _axis(record, _LONGITUDE, _OF_LONGITUDE, _EAST_WEST)
    return {**lat, **lon} if lat and lon else None


def _axis(
    record: Record, name: re.Pattern[str], letter: re.Pattern[str], signs: dict[str, float]
) -> dict[str, float]:
    letters = [
        signs[value.strip().upper()]
        for field, value in record.items()
        if isinstance(value, str) and value.strip().upper() in signs and letter.fullmatch(_bare(field))
    ]
    fields = [
        field
        for field, value in record.items()
        if name.fullmatch(_bare(field))
        and isinstance(value, (str, int, float))
        and not isinstance(value, bool)
    ]
    return {fields[0]: letters[0]} if len(letters) == len(fields) == 1 else {}


def _bare(name: str) -> str:
    return "".join(filter(str.isalpha, name)).lower()


def _signed(value: object, sign: float) -> object:
    """Degrees with their sign. Beyond 180, and as texts with a digit for each place, they are degrees and
    minutes."""
    number = degrees(value)
    if number is None:
        return value
    text = value.strip() if isinstance(value, str) else f"{number:09.4f}" if abs(number) > 180.0 else ""
    parts = _MINUTES.fullmatch(text)
    if parts is not None and float(parts[2]) < 60.0 and _is_padded(text):
        number = int(parts[1]) + float(parts[2]) / 60.0
    return -abs(number) if sign < 0.0 else number


def _is_padded(text: str) -> bool:
    """Whether a text has the four or five digits before the point that degrees and minutes have."""
    return len(text.partition(".")[0]) in (4, 5)
