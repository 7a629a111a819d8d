"""Recognises the fields for speed and heading, and the unit of the speed: by name, by producer, or by the
distances travelled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Optional

from ..limits import AIS_NO_HEADING, AIS_NO_SPEED_KNOTS, AIS_NO_SPEED_RAW
from ..spec import SPEED_FACTORS
from ..values import heading as read_heading
from ..values import is_missing, number, with_unit
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
# Headings and different ones from which an empty part of the circle tells, up to where that part reaches at
# least, and how unlikely it has to be by chance.
MANY, DIFFERENT, NEARLY_ALL, UNLIKELY = 12, 8, 300.0, 1e-3
DIRECTIONS, EIGHT = 5, 8.0  # different angles from which their unit can be told
FAR_ENOUGH, ASIDE = 20.0, 45.0  # metres of a step that has a direction; degrees that a heading may be off it
LEAST_PACE = 0.3  # metres a second of what moves
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
    if any(one.present and one.words & names.SAYS_HEADING for one in sample.columns.values()):
        # beside a heading that is not in degrees, an angle is that of a part
        columns = [one for one in columns if not one.words & names.TURNED]
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


def goes_elsewhere(column: Column, track: Track, idents: Optional[Sequence[str]]) -> bool:
    """Return whether a field whose name may mean many things (``track``, ``course``, ``angle``) is not the
    direction in which the vehicles move from fix to fix."""
    if idents is None or column.words & names.SAYS_HEADING:
        return False
    last: dict[str, tuple[Any, float]] = {}
    agreeing: list[bool] = []
    for ident, value, here in zip(idents, column.values, track):
        said = None if is_missing(value) else _degrees(value)
        if here is None or said is None:
            continue
        before = last.get(ident)
        last[ident] = (here, said)
        if before is None or metres(before[0][:2], here[:2]) < FAR_ENOUGH:
            continue
        # newest first: the way back
        backwards = here[2] is not None and before[0][2] is not None and here[2] < before[0][2]
        way = direction(here, before[0]) if backwards else direction(before[0], here)
        agreeing.append(min(_apart(way, said), _apart(way, before[1])) <= ASIDE)
    return len(agreeing) >= STEPS and sum(agreeing) < AGREEING * len(agreeing)


def is_pace_of_vehicles(track: Track, idents: Optional[Sequence[str]]) -> bool:
    """Return whether fixes move on with their times as vehicles do: the times are seconds."""
    if idents is None:
        return False
    last: dict[str, Any] = {}
    paces: list[float] = []
    for ident, here in zip(idents, track):
        before = last.get(ident)
        if here is None or here[2] is None:
            continue
        last[ident] = here
        if before is not None and here[2] != before[2]:
            away = metres(before[:2], here[:2])
            if away > FAR_ENOUGH:
                paces.append(away / abs(here[2] - before[2]))
    return len(paces) >= STEPS and LEAST_PACE < sorted(paces)[len(paces) // 2] < 400.0


def direction(one: Sequence[Any], other: Sequence[Any]) -> float:
    """Return the direction in degrees from north in which the other place lies."""
    lon1, lat1, lon2, lat2 = map(math.radians, (one[0], one[1], other[0], other[1]))
    east = math.sin(lon2 - lon1) * math.cos(lat2)
    north = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
    return math.degrees(math.atan2(east, north)) % 360.0


def _apart(one: float, other: float) -> float:
    return abs((one - other + 180.0) % 360.0 - 180.0)


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
    known = [_degrees(value) for value in values if not is_missing(value)]
    if _goes_beyond_a_circle({x for x in known if x is not None}):
        return False
    fitting = [x for x in known if x is not None and (-360.0 <= x <= 360.0 or x in (AIS_NO_HEADING, 3600.0))]
    if len(fitting) < MOST * len(known):
        return False
    # direction 0 or 1 is which way along a line
    is_flag = len(fitting) >= 2 and set(fitting) <= {0.0, 1.0, 2.0} and column.words & names.WAY_ALONG
    is_turned = bool(column.words & names.TURNED) and all(abs(x) <= 2.0 * math.pi for x in fitting)
    circle = [x for x in fitting if x <= 360.0]
    return not (is_flag or is_turned or _is_other_angle(circle))


def _degrees(value: object) -> Optional[float]:
    return number(value.rstrip("° ") if isinstance(value, str) else value)


def _is_other_angle(values: Sequence[float]) -> bool:
    """Whether angles are radians, or the eight points of a compass by number: a fleet that goes anywhere has
    none above eight."""
    different = set(values)
    moving = [value for value in different if value != 0.0]
    if moving and all(abs(value) <= 2.0 * math.pi and round(value, 3) != value for value in moving):
        return True  # with the many digits of a conversion, and none beyond a circle of radians
    if len(different) >= DIRECTIONS and max(map(abs, different)) <= EIGHT:
        return max(different) - min(different) > 1.0
    return _leaves_out_a_part(values)


def _leaves_out_a_part(values: Sequence[float]) -> bool:
    """Whether many headings lie evenly from 0 to somewhere and none beyond: 256ths, tens of degrees or the
    like. The headings of roads lie in a few directions, those of a fleet that goes anywhere in all."""
    most, each = max(values, default=NEARLY_ALL), sorted(set(values))
    if len(values) < MANY or len(each) < DIFFERENT or each[0] < 0.0 or most >= NEARLY_ALL:
        return False
    by_chance = (most + 1.0) / 360.0
    gaps = [later - one for one, later in zip([0.0, *each], each)]
    return by_chance ** len(values) < UNLIKELY and max(gaps) <= most / 4.0


def _goes_beyond_a_circle(different: set[float]) -> bool:
    """Whether headings are of a circle of 400: some are between 360 and that."""
    return len([value for value in different if 360.0 < value <= 400.0]) >= 2


# --- speed ------------------------------------------------------------------------------------------------


def find_speed(sample: RecordSample, track: Track, idents: Optional[Sequence[str]]) -> Role:
    """Return the speed and its unit. If nothing tells the unit, the user is asked."""
    columns = [one for one in sample.columns.values() if _is_speed(one)]
    chosen = min(
        columns, key=lambda one: (not _unit_of_name(one), one.depth, len(one.path), one.path), default=None
    )
    if chosen is None:
        return NO_ROLE
    named = _unit_of_values(chosen) or _unit_of_name(chosen) or _unit_field(sample, chosen)
    if named == "kn" and chosen.words & {"sog"} and not _unit_of_company(sample) and _is_finer(chosen):
        named = ""  # of AIS are tenths of knots
    moved = unit_by_motion([number(v) for v in chosen.values], track, idents)
    unit, why = (named, "unit_by_name") if named else (moved, "unit_by_motion")
    if named and moved and named != moved:
        return _unit_asked(chosen)  # the distances say otherwise
    if not unit:
        unit, why = _unit_of_company(sample), "unit_by_name"
    if unit == "kn" and _is_in_tenths(sample, chosen):
        return NO_ROLE
    if unit:
        return Role(
            {"speed": chosen.path, "speed_unit": unit}, 0.9, [(why, {"field": chosen.path, "unit": unit})]
        )
    return _unit_asked(chosen)


def _unit_asked(chosen: Column) -> Role:
    return Role({"speed": chosen.path}, 0.3, [("unit_unknown", {"field": chosen.path})], ("speed_unit",))


def _is_finer(speed: Column) -> bool:
    """Whether most speeds have more than the one decimal of AIS."""
    known = [amount for amount in map(number, speed.values) if amount is not None]
    return sum(abs(round(amount, 1) - amount) > 1e-4 for amount in known) > 0.5 * len(known)


def _is_speed(column: Column) -> bool:
    if not column.words & names.SPEED or (column.words | column.above) & names.NOT_SPEED - {"over"}:
        return False
    if (column.words | column.above) & names.ELSEWHERE or column.words & names.AXES:
        return False
    if any(isinstance(value, (dict, list, bool)) for value in column.values):
        return False
    known = [_amount(value) for value in column.values if not is_missing(value)]
    fitting = [x for x in known if x is not None and (0.0 <= x < FASTEST or x in (-1.0, AIS_NO_SPEED_RAW))]
    return len(fitting) >= MOST * len(known)


def _amount(value: object) -> Optional[float]:
    found = with_unit(value)
    return number(value) if found is None else found[0]


def _unit_of_values(column: Column) -> str:
    """Return the unit that the values themselves name, all of them the same: ``72 km/h``."""
    found = {with_unit(value) and with_unit(value)[1] for value in column.values if not is_missing(value)}  # type: ignore[index]
    return str(found.pop() or "") if len(found) == 1 else ""


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
        if not {"unit", "units", "uom"} & column.words:
            continue
        named = {"speed", "velocity"} & (column.words | column.above)
        about_speed = named or column.share(_is_unit_of_speed) >= MOST
        if about_speed and column.path.rpartition(".")[0] == parent:
            found = {
                str(value).strip().lower().replace(" ", "") for value in column.values if value is not None
            }
            if len(found) == 1:
                return names.UNIT_WORDS.get(found.pop(), "")
    return ""


def _is_unit_of_speed(value: object) -> bool:
    return str(value).strip().lower().replace(" ", "") in names.UNIT_WORDS


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
