"""BaseStation (SBS-1): lines of aircraft as dump1090 and others send them on port 30003.

Source of truth: https://woodair.net/sbs/article/barebones42_socket_data.htm (22 fields; MSG of type 2 and 3
hold a position, MSG 2 also ground speed in knots and track). The times are those of the receiver's clock
in a zone that the line does not say: the moment of reading is taken. 0/0 and lines of other types report
no position.
"""

from __future__ import annotations

import re
from typing import Optional

from ..spec import Mapping
from ..values import number
from .base import Format, Record
from .lines import line_of

_LINE = re.compile(r"MSG,([1-8])(,[^,\r\n]{0,40}){15,20}")
HEX, CALLSIGN, ALTITUDE, SPEED, TRACK, LAT, LON = 4, 10, 11, 12, 13, 14, 15


class Sbs(Format):
    """Aircraft that ADS-B receivers hear."""

    NAME = "sbs"
    PROGRAM = "BaseStation, SBS-1 (lines)"
    READS = "MSG,2 and MSG,3: address, latitude, longitude, track, ground speed; no time"
    UNITS = "ground speed: knots"
    SOURCE = "https://woodair.net/sbs/article/barebones42_socket_data.htm"
    MAPPING = Mapping(id="hex", lon="lon", lat="lat", heading="track", speed="gs", speed_unit="kn")

    def _matches(self, record: Record) -> bool:
        return line_of(record, _LINE) is not None

    def _record(self, data: Record) -> Optional[Record]:
        if "sbs_read" in data:
            return data
        found = line_of(data, _LINE)
        parts = [part.strip() for part in found[0].split(",")] if found is not None else []
        if len(parts) <= LON or number(parts[LAT]) is None or number(parts[LON]) is None:
            return None
        read = {"hex": parts[HEX], "lat": parts[LAT], "lon": parts[LON], "sbs_read": True}
        more = {"callsign": CALLSIGN, "altitude": ALTITUDE, "gs": SPEED, "track": TRACK}
        return {**data, **read, **{name: parts[place] for name, place in more.items() if parts[place]}}
