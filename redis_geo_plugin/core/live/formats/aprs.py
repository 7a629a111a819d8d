"""APRS: packets as APRS-IS passes them on, ``F4ABC-9>APRS,TCPIP*:!4851.00N/00221.00E>090/036/A=000123``.

Source of truth: https://www.aprs.org/doc/APRS101.PDF, chapters 5 to 8 (uncompressed positions; course in
degrees, 000: not known, and speed in knots behind the symbol of a moving station; ``hhmmssh`` in UTC). A
time of day alone is no moment: the moment of reading is taken. Compressed positions, Mic-E and objects are
not read.
"""

from __future__ import annotations

import re
from typing import Optional

from ..spec import Mapping
from .base import Format, Record
from .lines import line_of

_LINE = re.compile(
    r"(?P<who>[A-Z0-9]{1,9}(?:-[A-Z0-9]{1,2})?)>[A-Za-z0-9*,\-]{1,150}:"
    r"(?:[!=]|[/@][0-9]{6}[hz/])"
    r"(?P<lat>[0-9]{4}\.[0-9]{2})(?P<north>[NS])[/\\A-Z0-9](?P<lon>[0-9]{5}\.[0-9]{2})(?P<east>[EW])(?P<symbol>.)"
    r"(?:(?P<course>[0-3][0-9]{2})/(?P<speed>[0-9]{3}))?(?P<rest>.{0,200})"
)
WEATHER = "_"  # whose numbers behind the symbol are of the wind


class Aprs(Format):
    """Radio amateurs and gliders."""

    NAME = "aprs"
    PROGRAM = "APRS (packets)"
    READS = "uncompressed positions: callsign, latitude, longitude, course, speed; no time"
    UNITS = "speed: knots"
    SOURCE = "https://www.aprs.org/doc/APRS101.PDF"
    MAPPING = Mapping(id="callsign", lon="lon", lat="lat", heading="course", speed="speed", speed_unit="kn")

    def _matches(self, record: Record) -> bool:
        return line_of(record, _LINE) is not None

    def _record(self, data: Record) -> Optional[Record]:
        if "aprs_read" in data:
            return data
        found = line_of(data, _LINE)
        if found is None:
            return None
        read: Record = {"callsign": found["who"], "aprs_read": True}
        for name, text, width, negative in (
            ("lat", found["lat"], 2, found["north"] == "S"),
            ("lon", found["lon"], 3, found["east"] == "W"),
        ):
            degrees = int(text[:width]) + float(text[width:]) / 60.0
            read[name] = -degrees if negative else degrees
        if found["course"] is not None and found["symbol"] != WEATHER:
            course = int(found["course"])
            read.update(course=course % 360 if 0 < course <= 360 else None, speed=int(found["speed"]))
        return {**data, **read}
