"""Sentences of NMEA 0183 as they come from a receiver:
``$GPRMC,120000.00,A,4851.000,N,00221.000,E,10.0,90.0,221126,,*1C``, as a value of their own or as text in
a field; several in one text are read together.

Source of truth: https://gpsd.gitlab.io/gpsd/NMEA.html (RMC: status A, knots, degrees from true north,
hhmmss and ddmmyy in UTC; GGA: quality above 0; GLL: status A). A sentence whose checksum is wrong, or
without one, is not read. GGA and GLL have a time of day and no day: without an RMC the time is that of the
record, or of its storage or reading. What a sentence says has names of its own, beside which those of the
record mean what they mean.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from functools import reduce
from operator import xor
from typing import Optional

from ..limits import is_moment
from ..spec import Mapping
from ..values import Times, number
from .base import Format, Record

_SENTENCE = re.compile(r"\$([A-Z]{2}(?:RMC|GGA|GLL)),([^*$\r\n]{10,120})\*([0-9A-Fa-f]{2})")
_ANGLE = re.compile(r"([0-9]{2,3})([0-9]{2}(?:\.[0-9]{1,9})?)")
_ZONED = re.compile(r"[0-9T:. -]{16,40}(Z|[+-][0-9]{2}:?[0-9]{2})")  # other texts may be of any zone
TIMES = ("time", "timestamp", "ts", "datetime", "utc", "gps_time")  # of a record itself
LONGEST, MOST = 2000, 20  # characters of a text with sentences, texts of a list
FIELDS = (
    "value",
    "nmea",
    "sentence",
    "sentences",
    "raw",
    "message",
    "msg",
    "data",
    "payload",
    "line",
    "text",
)


class NmeaSentences(Format):
    """GPS receivers."""

    NAME = "nmea_sentences"
    PROGRAM = "NMEA 0183 (sentences)"
    READS = (
        "RMC, GGA, GLL with their checksum: place, time and date (RMC), course, speed; a status V is refused"
    )
    UNITS = "speed: knots"
    SOURCE = "https://gpsd.gitlab.io/gpsd/NMEA.html"
    MAPPING = Mapping(
        id="device",
        lon="lon",
        lat="lat",
        time="nmea_time",
        time_unit="dmy",
        date="nmea_date",
        heading="course",
        speed="nmea_speed",
        speed_unit="kn",
    )

    def _matches(self, record: Record) -> bool:
        return bool(_text(record))

    def _record(self, data: Record) -> Optional[Record]:
        if "nmea_read" in data:
            return data
        found = sentences(_text(data))
        if found is None:
            return None
        told = {} if "nmea_time" in found else _own_time(data)
        return {**data, **found, **told, "nmea_read": True}


def _text(record: Record) -> str:
    """Return the text of a record that holds sentences; empty if there is none."""
    for name, value in record.items():
        if not isinstance(name, str) or name.lower() not in FIELDS:
            continue
        lines = value[:MOST] if isinstance(value, list) else [value]
        text = "\n".join(line for line in lines if isinstance(line, str))[:LONGEST]
        if "$" in text and _SENTENCE.search(text):
            return text
    return ""


def sentences(text: str) -> Optional[Record]:
    """Return what sentences say of place, time, course and speed; None where they have no place."""
    found: Record = {}
    for kind, body, checksum in _SENTENCE.findall(text):
        if reduce(xor, f"{kind},{body}".encode("latin-1", "replace"), 0) != int(checksum, 16):
            continue
        read = _READERS[kind[2:]](body.split(","))
        if read is None:
            return None  # what denies the position counts for all of them
        found.update(read)
    return found if "lat" in found else None


def _own_time(record: Record) -> Record:
    """Return the moment that a record itself says, as an RMC would; empty where it says none."""
    said = (record.get(name) for name in TIMES)
    known = [one for one in said if number(one) is not None or _ZONED.fullmatch(str(one))]
    moments = (Times().read(one) for one in known)
    moment = next((one for one in moments if one is not None and is_moment(one)), None)
    if moment is None:
        return {}
    utc = datetime.fromtimestamp(moment, timezone.utc)
    return {"nmea_time": f"{utc:%H%M%S.%f}", "nmea_date": f"{utc:%d%m%y}"}


def _rmc(parts: list[str]) -> Optional[Record]:
    if len(parts) < 9 or parts[1] != "A":
        return None
    place = _place(parts[2:6])
    if place is None:
        return None
    moment = {"nmea_time": parts[0], "nmea_date": parts[8]}
    return {**place, **moment, "nmea_speed": parts[6] or None, "course": parts[7] or None}


def _gga(parts: list[str]) -> Optional[Record]:
    return None if len(parts) < 6 or parts[5] in ("", "0") else _place(parts[1:5])


def _gll(parts: list[str]) -> Optional[Record]:
    return None if len(parts) < 6 or parts[5] != "A" else _place(parts[0:4])


def _place(parts: list[str]) -> Optional[Record]:
    """Return latitude and longitude of ``4851.000,N,00221.000,E``."""
    lat, north, lon, east = parts
    one, other = _ANGLE.fullmatch(lat), _ANGLE.fullmatch(lon)
    if one is None or other is None or north not in ("N", "S") or east not in ("E", "W"):
        return None
    values = [int(found[1]) + float(found[2]) / 60.0 for found in (one, other)]
    return {"lat": values[0] if north == "N" else -values[0], "lon": values[1] if east == "E" else -values[1]}


_READERS = {"RMC": _rmc, "GGA": _gga, "GLL": _gll}
