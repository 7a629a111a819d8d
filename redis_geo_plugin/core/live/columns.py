"""Many records of one shape decoded at once, field by field: what ``Decoder.fix`` makes of each, in half
the time.

Only what is in order throughout is decoded here. Whatever is odd (a missing time, a place out of range,
fields that differ) is left to ``Decoder.fix``, which alone knows what to refuse and why.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import is_, itemgetter
from typing import Any, Callable, Optional

import numpy as np

from ..geometry.arrays import Array
from ..json_types import JsonObject
from .fleet import NAN, Fixes, or_nan
from .limits import AIS_NO_COURSE, EARLIEST, LATEST
from .records import LARGEST, SMALLEST, TEXT_LIMIT, Decoder, Records, Row
from .values import LONGEST_WORD, MISSING_WORDS, Times, clean, heading, is_clean, speed

Column = Sequence[Any]
FEW = 100  # values that Python's own loops read sooner than numpy's
MOST_ALIKE = 5_000  # different sets of attributes that are remembered


def decode(decoder: Decoder, rows: Sequence[Row], receipt: float) -> Optional[Fixes]:
    """The fixes of these rows, None where one of them has to be looked at by itself (or two are of one
    vehicle).
    """
    records: list[Any]
    if isinstance(rows, Records):
        idents, keys, records = rows.idents, rows.keys, rows.datas
    else:
        idents, keys, records = (
            [row.id for row in rows],
            [row.key for row in rows],
            [row.data for row in rows],
        )
    if len(rows) < 2 or not decoder.is_plain or None in records or len(set(idents)) < len(idents):
        return None
    names = "".join(idents)
    if "" in idents or not (names.isascii() or is_clean(names)):
        return None
    shapes = set(map(tuple, records))
    if len(shapes) != 1:
        return None
    shape = shapes.pop()
    plan, mapping = decoder.plan(shape), decoder.mapping
    needed = {mapping.lon, mapping.lat, mapping.time}
    if plan is None or len(shape) < 2 or "" in needed or not needed.issubset(shape):
        return None
    if mapping.valid and any(map(decoder.denies, records)):
        return None
    columns = dict(zip(shape, zip(*map(itemgetter(*shape), records))))
    try:
        lons, lats = _degrees(columns[mapping.lon], 180.0), _degrees(columns[mapping.lat], 90.0)
        if np.any((lons == lats) & ((lons == 0.0) | (lons == -1.0))):
            return None
        times = _times(columns[mapping.time], decoder.times)
        speeds = _speeds(columns.get(decoder.speed_path or None), decoder)
        headings = _headings(columns.get(mapping.heading), decoder.is_course)
        if mapping.course and (headings is None or np.isnan(headings).any()):
            courses = _headings(columns.get(mapping.course), True)
            headings = courses if headings is None else _filled(headings, courses)
        attributes = _attributes(decoder, plan, [columns[raw] for raw, _ in plan], len(rows))
    except _Odd:
        return None
    count = len(rows)
    numbers = [lons, lats, times, np.full(count, receipt)]
    numbers += [np.full(count, NAN) if found is None else found for found in (speeds, headings)]
    return Fixes(idents, keys, numbers, np.zeros(count, np.uint8), attributes)


class _Odd(Exception):
    """A column holds a value that needs the record-by-record decoder."""


def _floats(column: Column) -> Optional[Array]:
    """The values as an array, where they are floats and finite, all of them."""
    if set(map(type, column)) != {float} or not math.isfinite(sum(column)):
        return None  # numbers whose sum is beyond all numbers are looked at one by one
    return np.array(column)


def _degrees(column: Column, most: float) -> Array:
    values = _floats(column)
    if values is None or max(column) > most or min(column) < -most:
        raise _Odd
    return values


def _times(column: Column, reader: Times) -> Array:
    """Seconds since 1970 UTC."""
    times: Any = None
    if set(map(type, column)) == {str}:
        times = reader.read_alike(column) if len(column) > FEW else None
        times = reader.read_many(column) if times is None else times
    if times is None:
        if None in column or "" in column:
            raise _Odd
        times = [time for time in map(reader.read, column) if time is not None]
        if len(times) < len(column):
            raise _Odd
    values = np.array(times, float)
    if not (values.min() >= EARLIEST and values.max() <= LATEST):
        raise _Odd
    return values


def _speeds(column: Optional[Column], decoder: Decoder) -> Optional[Array]:
    if column is None:
        return None
    factor, values = decoder.factor, None if decoder.is_knots else _floats(column)
    if values is not None and values.min() >= 0.0 and values.max() < 1e300:
        return values * factor
    return or_nan(None if value is None else speed(value, factor, decoder.is_knots) for value in column)


def _filled(headings: Array, courses: Optional[Array]) -> Array:
    """Headings, and the course over ground where there is none."""
    return headings if courses is None else np.where(np.isnan(headings), courses, headings)


def _headings(column: Optional[Column], course: bool) -> Optional[Array]:
    if column is None:
        return None
    if set(map(type, column)) <= {int, float}:
        try:
            values = np.array(column, float)
        except OverflowError:
            raise _Odd from None
        for place in (~((values > 0.0) & (values < AIS_NO_COURSE))).nonzero()[0].tolist():
            found = heading(column[place], course)
            values[place] = NAN if found is None else found
        return values
    return or_nan(None if value is None else heading(value, course) for value in column)


def _attributes(
    decoder: Decoder, plan: list[tuple[str, str]], raw: list[Column], count: int
) -> list[JsonObject]:
    """A dict for each record. Alike records have the same, as long as a fleet has few different ones: less is
    kept, and what did not change is seen at once.
    """
    if not raw:
        return [{} for _ in range(count)]
    names = [name for _, name in plan]
    kinds = tuple(type(column[0]) for column in raw)
    each = zip(*map(_attribute, raw))
    alike = decoder.alike.setdefault((tuple(names), kinds), {})
    if alike is None or (float in kinds and _has_minus_zero(raw)):
        return [dict(zip(names, values)) for values in each]
    found, missed = [], 0
    for values in each:
        attributes = alike.get(values)
        if attributes is None:
            attributes = dict(zip(names, values))
            if len(alike) < MOST_ALIKE:
                alike[values] = attributes
            else:
                missed += 1
        found.append(attributes)
    if 2 * missed > count:  # hardly any are alike: looking is in vain
        decoder.alike[tuple(names), kinds] = None
    return found


def _has_minus_zero(columns: list[Column]) -> bool:
    """Whether there is a -0.0, which is equal to 0.0 and yet not the same."""
    zeros = (column for column in columns if type(column[0]) is float and 0.0 in column)
    return any(value == 0.0 and math.copysign(1.0, value) < 0.0 for column in zeros for value in column)


def _attribute(column: Column) -> Column:
    """The values as ``records.kept`` has them; raises for those of more than one type, and for lists and
    objects.
    """
    kinds = set(map(type, column))
    keep = _KEPT.get(kinds.pop())
    if kinds or keep is None:
        raise _Odd
    return keep(column)


def _texts(column: Column) -> Column:
    different = set(column)  # of a fleet's lines or states there are few
    texts = {text: _text(text) for text in different}
    if all(map(is_, texts, texts.values())):
        return column
    return list(map(texts.__getitem__, column))


def _text(text: str) -> Optional[str]:
    if len(text) < LONGEST_WORD and text.lower() in MISSING_WORDS:
        return None
    return clean(text[:TEXT_LIMIT])


def _reals(column: Column) -> Column:
    return column if math.isfinite(sum(column)) else [x if math.isfinite(x) else None for x in column]


def _integers(column: Column) -> Column:
    if min(column) < SMALLEST or max(column) > LARGEST:
        raise _Odd
    return column


_KEPT: dict[type, Callable[[Column], Column]] = {
    str: _texts,
    float: _reals,
    int: _integers,
    bool: lambda column: column,
    type(None): lambda column: column,
}
