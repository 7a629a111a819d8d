"""Many records of one shape decoded at once, field by field: what ``Decoder.fix`` makes of each, in half the time.

Only what is in order throughout is decoded here. Whatever is odd (a missing time, a place out of range, fields that differ) is
left to ``Decoder.fix``, which alone knows what to refuse and why.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, Callable, Optional

from .records import LARGEST, SMALLEST, TEXT_LIMIT, Decoder, Fix, Row
from .values import AIS_NO_COURSE, EARLIEST, LATEST, LONGEST_WORD, MISSING_WORDS, Times, heading, speed

Column = Sequence[Any]


def decode(decoder: Decoder, rows: list[Row], receipt: float) -> Optional[list[Fix]]:
    """The fixes of these rows, None where one of them has to be looked at by itself."""
    records: list[Any] = [row.data for row in rows]
    if len(rows) < 2 or not decoder.is_plain or None in records:
        return None
    shapes = set(map(tuple, records))
    if len(shapes) != 1:
        return None
    shape = shapes.pop()
    plan, mapping = decoder.plan(shape), decoder.mapping
    needed = {mapping.lon, mapping.lat, mapping.time}
    if plan is None or len(shape) < 2 or "" in needed or not needed.issubset(shape):
        return None
    columns = dict(zip(shape, zip(*map(itemgetter(*shape), records))))
    try:
        lons, lats = _degrees(columns[mapping.lon], 180.0), _degrees(columns[mapping.lat], 90.0)
        if 0.0 in lons and (0.0, 0.0) in zip(lons, lats):
            return None
        times = _times(columns[mapping.time], decoder.times)
        speeds = (
            _speeds(columns[mapping.speed], decoder) if mapping.speed and mapping.speed in columns else repeat(None)
        )
        headings = (
            _headings(columns[mapping.heading], decoder)
            if mapping.heading and mapping.heading in columns
            else repeat(None)
        )
        values = [_attribute(columns[raw]) for raw, _ in plan]
    except _Odd:
        return None
    names = [name for _, name in plan]
    attributes: Any = [dict(zip(names, row)) for row in zip(*values)] if values else [{} for _ in rows]
    idents, keys = [row.id for row in rows], [row.key for row in rows]
    return list(map(Fix, idents, keys, lons, lats, times, repeat(receipt), speeds, headings, attributes))


class _Odd(Exception):
    """A column holds something that is not in order."""


def _numbers(column: Column) -> bool:
    """Whether these are finite floats, all of them."""
    return set(map(type, column)) == {float} and math.isfinite(sum(column))


def _degrees(column: Column, most: float) -> Column:
    if not _numbers(column) or min(column) < -most or max(column) > most:
        raise _Odd
    return column


def _times(column: Column, reader: Times) -> list[float]:
    """Seconds since 1970 UTC."""
    times = reader.read_many(column) if set(map(type, column)) == {str} else None
    if times is None:
        if None in column or "" in column:
            raise _Odd
        times = [time for time in map(reader.read, column) if time is not None]
        if len(times) < len(column):
            raise _Odd
    if not (min(times) >= EARLIEST and max(times) <= LATEST):
        raise _Odd
    return times


def _speeds(column: Column, decoder: Decoder) -> list[Optional[float]]:
    factor = decoder.factor
    if not decoder.is_knots and _numbers(column) and min(column) >= 0.0 and max(column) < 1e300:
        return [value * factor for value in column]
    return [None if value is None else speed(value, factor, decoder.is_knots) for value in column]


def _headings(column: Column, decoder: Decoder) -> list[Optional[float]]:
    course = decoder.is_course
    if set(map(type, column)) <= {int, float}:
        return [float(value) if 0.0 < value < AIS_NO_COURSE else heading(value, course) for value in column]
    return [None if value is None else heading(value, course) for value in column]


def _attribute(column: Column) -> Column:
    """The values as ``records.kept`` has them; raises for those of more than one type, and for lists and objects."""
    kinds = set(map(type, column))
    keep = _KEPT.get(kinds.pop())
    if kinds or keep is None:
        raise _Odd
    return keep(column)


def _texts(column: Column) -> Column:
    return [
        (None if text.lower() in MISSING_WORDS else text) if len(text) < LONGEST_WORD else text[:TEXT_LIMIT]
        for text in column
    ]


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
