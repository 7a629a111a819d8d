"""Recognises the field for the time: its values are moments that a report can have, and they move on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from .. import moments
from ..limits import FURTHEST_AHEAD, is_moment
from ..values import TICKS, Times, is_missing, number
from . import names
from .role import NO_ROLE, SURE, Role
from .sample import Column, RecordSample

MOST = 0.9  # share of the values that have to be moments
AS_LIKELY = 0.05  # of certainty between two times of which the values tell
LONGEST_WAY = 3600.0  # seconds from a report to its storage
LEAST_SAMPLE = 4  # records of one vehicle from which one can tell whether a time moves on
YEARS = 3 * 365 * 86_400.0  # seconds between most reports of one sample, none of them of about now
MOST_OF_THEM = 0.8  # share of the moments that lie together: no single vehicle, long silent, decides
YEAR_2000 = 946_684_800.0
LONG_AGO = 30 * 86_400.0  # seconds: what reports now says so
# Seconds from 1970 until what others count from: GPS (which has no leap seconds: 18 by now), Garmin, 2000
# (Zigbee), and 2001 (Apple).
OTHER_EPOCHS = (315_964_782.0, 631_065_600.0, YEAR_2000, 978_307_200.0)


def find(sample: RecordSample, parts: Sequence[Column] = (), place: str = "") -> Role:
    """Return the likeliest time of report; no role if no field holds moments.

    ``parts`` are those of the text that holds the place, ``place`` is its path: a time in another object
    than those around it may be of something else.
    """
    candidates = [*_single(sample, place), *_packed(sample, parts), *_day_and_clock(sample)]
    best = max(
        candidates,
        key=lambda role: (role.certainty, -len(role.fields["time"]), role.fields["time"]),
        default=NO_ROLE,
    )
    return _before_its_way(sample, best, candidates) if best.certainty >= SURE - 0.1 else NO_ROLE


def _before_its_way(sample: RecordSample, best: Role, candidates: Sequence[Role]) -> Role:
    """Return the earliest of times that are as likely, where it is so in all records: a report is made before
    it is sent, received and stored."""
    for other in candidates:
        if other is best or best.certainty - other.certainty > AS_LIKELY:
            continue
        both = list(zip(_moments(sample, other), _moments(sample, best)))
        later = [one - before for before, one in both if before is not None and one is not None]
        if len(later) == len(both) and min(later) >= 0.0 and 0.0 < max(later) <= LONGEST_WAY:
            best = other
    return best


def _moments(sample: RecordSample, role: Role) -> list[Optional[float]]:
    column = sample.columns.get(role.fields["time"])
    if column is None or role.fields.get("date"):
        return [None] * len(sample)
    times = Times(role.fields.get("time_unit", ""))
    return [None if is_missing(value) else times.read(value) for value in column.values]


def holds_moments(sample: RecordSample) -> bool:
    """Return whether any field holds moments, under a name of a time."""
    return find(sample).certainty > 0.0


def _single(sample: RecordSample, place: str) -> Iterator[Role]:
    timed = [one for one in sample.columns.values() if not isinstance(one.values[0], (dict, list))]
    for column in timed:
        if not column.present:
            if column.name in names.TIMES and not column.depth:
                # none of these records has a time, others may
                yield Role({"time": column.path}, SURE - 0.08)
            continue
        prior = _prior(column)
        if prior <= 0.0 or (column.present < 0.5 * len(sample) and not sample.is_usual(column, timed)):
            continue
        if _is_local(sample, column):
            continue
        unit, found = _read(column, sample.now)
        if found is not None and (
            _counts_from_elsewhere(found, sample.now) or _counts_from_a_start(column, found, sample.now)
        ):
            continue
        if found is None:
            prior, found = _doubtful(column, sample.now, prior)
        prior += _moving_on(sample, found, prior) - _apart(column, place)
        yield Role(
            {"time": column.path, "time_unit": unit},
            min(prior, 0.98),
            [("time", {"field": column.path, "form": form(column.values)})],
        )


def _prior(column: Column) -> float:
    if column.name in names.TIMES:
        prior = 0.95 - 0.004 * names.TIMES.index(column.name)
    elif column.words & names.TIME or (column.words & names.SECONDS and column.above & names.TIME):
        prior = 0.8
    elif any(isinstance(value, str) and len(value) >= 16 for value in column.values[:5]):
        prior = 0.55  # a moment in words needs no name
    else:
        return 0.0
    if column.words & names.OF_FIX and prior >= 0.8:
        prior = max(prior, 0.93)
    if column.words & names.OTHER_PLACE:
        prior -= 0.6
    if column.words & names.OTHER_TIME or column.above & names.OTHER_TIME:
        prior -= 0.6
    if column.words & names.RECEIVED or column.above & names.ENVELOPE:
        prior -= 0.1
    return max(prior - 0.02 * column.depth, 0.01)


def _apart(column: Column, place: str) -> float:
    """Return by how much a time is less likely, as it stands in an object that does not hold the place."""
    parent = column.path.rpartition(".")[0]
    if not place or not parent or f"{place}.".startswith(f"{parent}."):
        return 0.0
    if column.above <= names.TIME | names.OWN:
        return 0.0  # an object for the moment itself
    return 0.6 if column.above & names.OTHER_PLACE else 0.1


def _is_local(sample: RecordSample, column: Column) -> bool:
    """Whether texts without a zone are not of UTC: by the name (``localTime``), or by a field of the records
    that names another zone. By how much they differ is not read."""
    texts = [value.strip() for value in column.values if isinstance(value, str) and number(value) is None]
    if not any(map(_has_no_zone, texts)):
        return False
    return bool(column.words & names.LOCAL) or (
        not column.words & {"utc", "gmt"} and any(map(_is_other_zone, sample.columns.values()))
    )


def _is_local_clock(sample: RecordSample, clock: Column) -> bool:
    """Whether times of day are not of UTC: by the name, or by another zone that a field names. They may
    name it themselves."""
    if clock.words & {"utc", "gmt", "gps"}:
        return False
    texts = [str(value).strip() for value in clock.values if not is_missing(value)]
    if texts and all(text[-1:] in "Zz" or "+" in text or "-" in text for text in texts):
        return False
    return bool(clock.words & names.LOCAL) or any(map(_is_other_zone, sample.columns.values()))


def _has_no_zone(text: str) -> bool:
    """Whether a moment becomes another by naming a zone behind it."""
    for way in ("", "dmy", "mdy"):
        elsewhere = moments.parse(f"{text} CET", way)
        if elsewhere is not None:
            return elsewhere != moments.parse(text, way)
    return False


def _is_other_zone(column: Column) -> bool:
    if column.name not in names.ZONES or column.above & (names.ELSEWHERE | names.GROUPS):
        return False
    known = {str(value).strip().lower() for value in column.values if not is_missing(value)}
    return bool(known) and not known <= names.UTC


def _read(column: Column, now: float) -> tuple[str, Optional[list[Optional[float]]]]:
    """Return the unit in which nearly all values are moments of reports, and the moments; None if there is
    none."""
    fitting = []
    for unit in ("", "dmy", "mdy"):
        times = Times(unit)
        found = [None if is_missing(value) else times.read(value) for value in column.values]
        good = sum(moment is not None and is_report(moment, now) for moment in found)
        if good >= MOST * column.present:
            if not unit:
                return unit, found
            fitting.append((unit, found))
    return fitting[0] if len(fitting) == 1 else ("", None)


def _counts_from_elsewhere(found: Sequence[Optional[float]], now: float) -> bool:
    """Return whether moments that are years old would be those of today, counted from another beginning."""
    newest = max((moment for moment in found if moment is not None), default=now)
    return any(abs(newest + later - now) < FURTHEST_AHEAD for later in OTHER_EPOCHS)


def _counts_from_a_start(column: Column, found: Sequence[Optional[float]], now: float) -> bool:
    """Return whether numbers count from the start of a device: by the name, by its unit, which would put them
    beside 1970, or because the newest would be of before 2000. Where the newest is of about now they are
    moments, whatever unit the name has: by chance a count is not so near."""
    if column.words & names.SINCE_START:
        return True
    counts = [amount for amount in map(number, column.values) if amount is not None]
    if not counts or len(counts) < column.present:
        return False
    newest = max((moment for moment in found if moment is not None), default=YEAR_2000)
    if abs(newest - now) <= FURTHEST_AHEAD:
        return False
    least = next((size for word, size in names.SIZES.items() if word in column.words), 0.0)
    if newest < YEAR_2000 or max(map(abs, counts)) < least:
        return True
    return not least and _lie_years_apart(found)  # of the size of its unit since 1970, it is no other


def may_count_otherwise(column: Column, now: float) -> bool:
    """Return whether numbers under a name that clocks of devices have too (``ts``, ``timestamp``) may be no
    moments: the newest would be of weeks ago, and milliseconds since devices started look the same."""
    counts = [amount for amount in map(number, column.values) if amount is not None]
    if not counts or len(counts) < column.present or column.name not in names.BARE_TIMES:
        return False
    times = Times()
    newest = max((moment for moment in map(times.read, column.values) if moment is not None), default=now)
    return newest < now - LONG_AGO


def _lie_years_apart(found: Sequence[Optional[float]]) -> bool:
    """Whether most of what would be moments lie further apart than reports do, whichever are left out.
    Milliseconds since devices started some weeks ago look like seconds since 1970, and each day makes them
    three years."""
    known = sorted(moment for moment in found if moment is not None)
    if len(known) < 2:
        return False
    together = max(int(MOST_OF_THEM * len(known)), 2)
    return min(last - first for first, last in zip(known, known[together - 1 :])) > YEARS


def _doubtful(column: Column, now: float, prior: float) -> tuple[float, list[Optional[float]]]:
    """Return the certainty of a field of which only some values are moments of reports.

    A clock that was never set says 1970, and such records are refused. Small numbers under the name of a time
    are not moments.
    """
    if column.name not in names.TIMES:
        return 0.0, []
    times = Times()
    found = [None if is_missing(value) else times.read(value) for value in column.values]
    good = sum(moment is not None and is_report(moment, now) for moment in found) / max(column.present, 1)
    written = sum(
        isinstance(v, str) and m is not None and number(v) is None for v, m in zip(column.values, found)
    )
    if not good and written < MOST * column.present:
        return 0.0, []
    return prior - 0.4 * (1.0 - good), found


def is_report(moment: float, now: float) -> bool:
    """Return whether a report can have this time.

    Such a time is in the accepted years, and no further ahead than a clock can be wrong.
    """
    return is_moment(moment) and moment <= now + FURTHEST_AHEAD


def _moving_on(sample: RecordSample, found: Sequence[Optional[float]], prior: float) -> float:
    """Return a higher certainty if the times of a vehicle's records rise (or fall: newest first), a lower
    one if they never change."""
    if sample.idents is None:
        return 0.0
    series: dict[str, list[float]] = {}
    for ident, moment in zip(sample.idents, found):
        if moment is not None:
            series.setdefault(ident, []).append(moment)
    long = [one for one in series.values() if len(one) >= LEAST_SAMPLE]
    if not long:
        return 0.0
    if all(len(set(one)) == 1 for one in long):
        return -0.3
    steps = [b - a for one in long for a, b in zip(one, one[1:])]
    rising = sum(step >= 0.0 for step in steps) / len(steps)
    return 0.35 if max(rising, 1.0 - rising) >= MOST and prior < 0.6 else 0.0


def _packed(sample: RecordSample, parts: Sequence[Column]) -> Iterator[Role]:
    for column in parts[2:]:
        if column.present < MOST * len(sample):
            continue
        unit, found = _read(column, sample.now)
        if found is None or _counts_from_elsewhere(found, sample.now):
            continue
        if all(moment is None or moment >= YEAR_2000 for moment in found):
            yield Role(
                {"time": column.path, "time_unit": unit},
                0.7,
                [("time", {"field": column.path, "form": form(column.values)})],
            )


def _day_and_clock(sample: RecordSample) -> Iterator[Role]:
    """Return the role of a day and a time of day in two fields of one object."""
    columns = [one for one in sample.columns.values() if one.present >= MOST * len(sample)]
    days = [one for one in columns if one.words & names.DAY and one.share(_is_day(sample.now)) >= MOST]
    clocks = [one for one in columns if one.words & names.CLOCK and one.share(moments.is_time_of_day) >= MOST]
    for day in days:
        for clock in clocks:
            if day is clock or day.path.rpartition(".")[0] != clock.path.rpartition(".")[0]:
                continue
            unit = _unit_of_days(day, clock, sample.now)
            if unit is not None and not _is_local_clock(sample, clock):
                yield Role(
                    {"time": clock.path, "date": day.path, "time_unit": unit},
                    0.9 - 0.02 * day.depth,
                    [("date_and_time", {"date": day.path, "time": clock.path})],
                )


def _is_day(now: float) -> object:
    def fits(value: object) -> bool:
        text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        return any(moments.parse_day(text, now, unit) is not None for unit in ("", "dmy", "mdy"))

    return fits


def _unit_of_days(day: Column, clock: Column, now: float) -> Optional[str]:
    """Return how the days are written: one way for all of them. None if they are not days, or may be
    either."""
    fitting = []
    for unit in _ways(day, now):
        found = [moments.join(d, c, now, unit) for d, c in zip(day.values, clock.values)]
        good = [moment for moment in found if moment is not None and is_report(moment, now)]
        if len(good) >= MOST * len(found):
            if unit not in ("dmy", "mdy"):
                return unit
            fitting.append(unit)
    return fitting[0] if len(fitting) == 1 else None


def _ways(day: Column, now: float) -> tuple[str, ...]:
    """Return the ways of writing a day that may be those of a field.

    Of six digits, it is the way whose newest day is nearer to now.
    """
    texts = [str(value) for value in day.values if isinstance(value, (str, int))]
    if not texts or not all(text.isdecimal() and len(text) <= 6 for text in texts):
        return ("", "dmy", "mdy")
    newest = {}
    for unit in ("dmy", "ymd"):
        days = [
            start for start in (moments.parse_day(text, now, unit) for text in texts) if start is not None
        ]
        newest[unit] = max(days, default=0.0)
    return (min(newest, key=lambda unit: abs(newest[unit] - now)),)


def form(values: Sequence[object]) -> str:
    """Return how times are written.

    That is ``s``, ``ms``, ``us``, ``ns``, ``ticks``, ``digits``, ``iso`` (with zone), ``iso_utc`` (without,
    read as UTC) or ``text``.
    """
    for value in values:
        amount = number(value)
        if amount is not None:
            if moments.is_compact(amount) and Times().read(value) is not None:
                return "digits"
            size = abs(amount)
            if TICKS[0] < size < TICKS[1]:
                return "ticks"
            return "s" if size < 1e11 else "ms" if size < 1e14 else "us" if size < 1e17 else "ns"
        if isinstance(value, str) and len(value) >= 10:
            if not value[:4].isdigit():
                return "text"
            tail = value[10:]
            return "iso" if tail[-1:] in ("Z", "z", "C", "T") or "+" in tail or "-" in tail else "iso_utc"
    return ""
