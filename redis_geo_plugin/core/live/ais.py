"""The sample that the demo moves: one real hour of AIS in New York harbour
(resources/data/nyharbor_ais.csv).

AIS conventions (ITU-R M.1371): heading 511, course 360 and speed 102.3 knots mean that there is none.
NOAA's files of 2020 write a course above 204.7 degrees as course minus 409.6 (a 12-bit count of tenths read
with a sign): on this hour the course so restored agrees with the true heading to 2 degrees in the median,
adding 360 misses by 49.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from ..json_types import JsonObject
from .limits import AIS_NO_COURSE
from .publish import PositionReport
from .spec import SPEED_FACTORS
from .values import Times, heading, number, speed

SIGN_WRAP = 409.6


def course(value: object) -> Optional[float]:
    """The course over ground in degrees, [0, 360), of NOAA's signed column; None where AIS says that there
    is none.
    """
    angle = number(value)
    if angle is None:
        return None
    if angle < 0.0:
        angle = round(angle + SIGN_WRAP, 1)
    return None if angle >= AIS_NO_COURSE else angle


def read_reports(path: Path) -> Iterator[PositionReport]:
    """The reports of a NOAA MarineCadastre CSV file in the order of time. Raises OSError, KeyError for
    another file.
    """
    times = Times("iso")
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            moment = times.read(row["BaseDateTime"])
            if moment is None:
                continue
            yield PositionReport(moment, row["MMSI"], float(row["LON"]), float(row["LAT"]), _attributes(row))


def _attributes(row: dict[str, str]) -> JsonObject:
    found: JsonObject = {
        "speed_ms": speed(row["SOG"], SPEED_FACTORS["kn"], is_knots=True),
        "heading": heading(row["Heading"]),
        "course": course(row["COG"]),
        "name": row["VesselName"] or None,
        "type": vessel_type(number(row["VesselType"])),
        "length": number(row["Length"]),
    }
    if found["heading"] is None:
        found["heading"] = found["course"]
    if found["speed_ms"] is not None:
        found["speed_ms"] = round(found["speed_ms"], 2)
    return {key: value for key, value in found.items() if value is not None}


def vessel_type(code: Optional[float]) -> Optional[str]:
    """AIS's type of ship, by its tens (ITU-R M.1371, table 53)."""
    if not code:
        return None
    whole = int(code)
    special = {30: "fishing", 31: "towing", 32: "towing", 35: "military", 36: "sailing", 37: "pleasure craft"}
    tens = {4: "high-speed craft", 5: "special craft", 6: "passenger", 7: "cargo", 8: "tanker"}
    special.update({50: "pilot", 51: "search and rescue", 52: "tug"})
    return special.get(whole) or tens.get(whole // 10) or "other"
