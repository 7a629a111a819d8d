"""Recognises the fields for speed and heading, and the unit of the speed: by name, by producer, or by the
distances travelled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Optional

from ..limits import AIS_NO_HEADING, AIS_NO_SPEED_KNOTS, AIS_NO_SPEED_RAW
from ..spec import SPEED_FACTORS
from ..values import heading as read_heading
from ..values import is_missing, number
from . import names
from .role import NO_ROLE, Role
from .sample import Column, RecordSample

MOST = 0.9  # share of the values that have to fit
_PHRASES = (
    ("km", "h", "km/h"),
    ("kilometers", "hour", "km/h"),
    ("kilometres", "hour", "km/h"),
    ("m", "s", "m/s"),
    ("meters", "second", "m/s"),
    ("metres", "second", "m/s"),
    ("mi", "h", "mph"),
    ("miles", "hour", "mph"),
    ("km", "hr", "km/h"),
)
STEPS = 6  # between fixes from which a unit can be told
DIRECTIONS, EIGHT = 5, 8.0  # different angles from which their unit can be told
CLOSE = 0.06  # largest deviation from the ratio of a unit; knots and miles an hour differ by 15 %
AGREEING = 0.6  # share of the steps that have to point to one unit
METRES = 6_371_008.8  # mean radius of the earth (IUGG)
FASTEST = 20_000.0  # in whatever unit

Track = Sequence[Optional[tuple[float, float, Optional[float]]]]


def metres(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the distance in metres between two places (lon, lat in degrees) on the sphere.

    It is exact to 0.6 %, which is enough for this.
    """
    lon1, lat1, lon2, lat2 = map(math.radians, (one[0], one[1], other[0], other[1]))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2.0 * METRES * math.asin(min(math.sqrt(half), 1.0))


# --- heading -----------------------------------------------------------------------------------------------


def find_heading(sample: RecordSample) -> Role:
    """Return the heading, and the course over ground that replaces it where a record has no heading."""
    columns = [one for one in sample.columns.values() if _is_heading(one)]
    headings = [one for one in columns if one.words & names.HEADING]
    courses = [one for one in columns if one.words & names.COURSE]
    heading, course = _best(headings), _best(courses)
    if heading is None or (course is not None and _says_none(heading)):
        heading, course = course, None
    if heading is None:
        return NO_ROLE
    fields = {"heading": heading.path}
    if course is not None and course is not heading:
        fields["course"] = course.path
    return Role(fields, 0.9 - 0.02 * heading.depth, [("heading", {"field": heading.path})])


def _best(columns: list[Column]) -> Optional[Column]:
    return min(columns, key=lambda one: (one.depth, -one.present, len(one.path), one.path), default=None)


def _says_none(column: Column) -> bool:
    return all(is_missing(value) or read_heading(value) is None for value in column.values)


def _is_heading(column: Column) -> bool:
    if not column.words & (names.HEADING | names.COURSE):
        return False
    if column.words & (names.NOT_HEADING | names.OTHER_ANGLE | names.ELSEWHERE):
        return False
    if column.above & (names.NOT_HEADING - {"id"} | names.ELSEWHERE):
        return False
    values = [value for value in column.values if not isinstance(value, (dict, list))]
    if len(values) < len(column.values):
        return False
    known = [number(value) for value in values if not is_missing(value)]
    fitting = [x for x in known if x is not None and (-360.0 <= x <= 360.0 or x in (AIS_NO_HEADING, 3600.0))]
    if len(fitting) < MOST * len(known):
        return False
    # direction 0 or 1 is which way along a line
    is_flag = len(fitting) >= 2 and set(fitting) <= {0.0, 1.0, 2.0} and column.words & names.WAY_ALONG
    is_turned = bool(column.words & names.TURNED) and all(abs(x) <= 2.0 * math.pi for x in fitting)
    return not (is_flag or is_turned or _is_other_angle(fitting))


def _is_other_angle(values: Sequence[float]) -> bool:
    """Whether angles are radians, or the eight points of a compass by number: a fleet that goes anywhere has
    none above eight."""
    different = set(values)
    if len(different) < DIRECTIONS or max(map(abs, different)) > EIGHT:
        return False
    return max(different) - min(different) > 1.0


# --- speed ------------------------------------------------------------------------------------------------


def find_speed(sample: RecordSample, track: Track, idents: Optional[Sequence[str]]) -> Role:
    """Return the speed and its unit. If nothing tells the unit, the user is asked."""
    columns = [one for one in sample.columns.values() if _is_speed(one)]
    chosen = min(
        columns, key=lambda one: (not _unit_of_name(one), one.depth, len(one.path), one.path), default=None
    )
    if chosen is None:
        return NO_ROLE
    unit, why = _unit_of_name(chosen) or _unit_field(sample, chosen), "unit_by_name"
    if not unit:
        unit, why = unit_by_motion([number(v) for v in chosen.values], track, idents), "unit_by_motion"
    if not unit:
        unit, why = _unit_of_company(sample), "unit_by_name"
    if unit == "kn" and _is_in_tenths(sample, chosen):
        return NO_ROLE
    if unit:
        return Role(
            {"speed": chosen.path, "speed_unit": unit}, 0.9, [(why, {"field": chosen.path, "unit": unit})]
        )
    return Role({"speed": chosen.path}, 0.3, [("unit_unknown", {"field": chosen.path})], ("speed_unit",))


def _is_speed(column: Column) -> bool:
    if not column.words & names.SPEED or (column.words | column.above) & names.NOT_SPEED - {"over"}:
        return False
    if (column.words | column.above) & names.ELSEWHERE:
        return False
    if any(isinstance(value, (dict, list, bool)) for value in column.values):
        return False
    known = [number(value) for value in column.values if not is_missing(value)]
    fitting = [x for x in known if x is not None and (0.0 <= x < FASTEST or x in (-1.0, AIS_NO_SPEED_RAW))]
    return len(fitting) >= MOST * len(known)


def _unit_of_name(column: Column) -> str:
    for word in sorted(column.words):
        if word in names.UNITS and (word != "ms" or column.words & {"speed", "velocity", "vel", "spd"}):
            return names.UNITS[word]
    for first, second, unit in _PHRASES:
        if {first, second} <= column.words:
            return unit
    return ""


def _unit_field(sample: RecordSample, speed: Column) -> str:
    """Return the unit that a field beside the speed names: ``"speedUnit": "KPH"``."""
    parent = speed.path.rpartition(".")[0]
    for column in sample.columns.values():
        about_speed = {"unit", "units", "uom"} & column.words and {"speed", "velocity"} & column.words
        if about_speed and column.path.rpartition(".")[0] == parent:
            found = {
                str(value).strip().lower().replace(" ", "") for value in column.values if value is not None
            }
            if len(found) == 1:
                return names.UNIT_WORDS.get(found.pop(), "")
    return ""


def _unit_of_company(sample: RecordSample) -> str:
    """Return knots if other fields show that the records are of ships or AIS."""
    known = {column.name for column in sample.columns.values()}
    return "kn" if "mmsi" in known or ("cog" in known and "imo" in known) else ""


def _is_in_tenths(sample: RecordSample, speed: Column) -> bool:
    """Return whether speeds of ships are tenths of knots, as in the integers of an AIS message.

    Some are more than any, or the courses beside them go beyond a circle.
    """
    if any((number(value) or 0.0) > AIS_NO_SPEED_KNOTS for value in speed.values) and (
        _unit_of_company(sample) or speed.words & {"sog"}
    ):
        return True
    courses = [one for one in sample.columns.values() if one.words & {"cog"}]
    return any(
        360.0 < (number(value) or 0.0) <= 3600.0 and value != AIS_NO_HEADING
        for one in courses
        for value in one.values
    )


def unit_by_motion(speeds: Sequence[Optional[float]], track: Track, idents: Optional[Sequence[str]]) -> str:
    """Return the unit in which speeds fit the distances between fixes; empty if the fixes do not tell."""
    if idents is None:
        return ""
    last: dict[str, tuple[Any, float]] = {}
    ratios: list[float] = []
    for ident, said, here in zip(idents, speeds, track):
        if here is None or here[2] is None or said is None:
            continue
        before = last.get(ident)
        last[ident] = (here, said)
        if before is None:
            continue
        (lon, lat, moment), said_before = before
        seconds, mean = abs(here[2] - moment), (said + said_before) / 2.0
        away = metres((lon, lat), here[:2])
        # standing, gaps and sharp changes of speed tell nothing
        if 1.0 <= seconds <= 300.0 and away > 20.0 and mean > 0.0 and abs(said - said_before) <= 0.3 * mean:
            ratios.append(mean / (away / seconds))
    if len(ratios) < STEPS:
        return ""
    counts = {
        unit: sum(abs(ratio * factor - 1.0) <= CLOSE for ratio in ratios)
        for unit, factor in SPEED_FACTORS.items()
    }
    best = max(counts, key=lambda unit: counts[unit])
    return best if counts[best] >= AGREEING * len(ratios) else ""
