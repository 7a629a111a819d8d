"""Two fields of one object as the axes of a place, and what their numbers are like."""

from __future__ import annotations

from ..angles import EAST_WEST, NORTH_SOUTH, coordinate
from ..limits import is_place
from . import names
from .sample import USUAL, VALUES, Column, RecordSample

Numbers = list[tuple[float, float]]  # x, y
_AXES = names.LATITUDE | names.NORTH | names.LONGITUDE | names.EAST


def is_of_an_axis(lat: Column) -> bool:
    """Return whether a field is an amount along an axis and no place: a deviation, a velocity, a force."""
    return bool((lat.words | lat.above) & names.ALONG_AN_AXIS)


def is_divided(sample: RecordSample, lat: Column) -> bool:
    """Return whether a field holds but a part of a latitude: its whole degrees, the minutes or the
    seconds."""
    if not lat.words & (names.DEGREES | names.SIXTIETHS):
        return False
    beside = [
        one.words
        for one in sample.columns.values()
        if one.words & names.LATITUDE and object_of(one) == object_of(lat)
    ]
    return any(one & names.DEGREES for one in beside) and any(one & names.MINUTES for one in beside)


def belong_together(lat: Column, lon: Column) -> bool:
    """Return whether two names differ only by the axis, and are in one object."""
    weak = bool(lat.words & names.NORTH), bool(lon.words & names.EAST)
    rest = [{word for word in one.words if word not in _AXES} - {one.name} for one in (lat, lon)]
    return (
        lat is not lon
        and object_of(lat) == object_of(lon)
        and weak[0] == weak[1]
        and rest[0] == rest[1]
        and not (lat.words & names.LONGITUDE and lat.words & names.LATITUDE)
    )


def object_of(column: Column) -> str:
    """Return the path of the object that a field stands in; ``{"lat": {"value": 48.85}}`` is a field."""
    parent = column.path.rpartition(".")[0]
    return parent.rpartition(".")[0] if column.name in VALUES and parent else parent


def numbers(lon: Column, lat: Column) -> Numbers:
    """Return the numbers of two axes, of the records that have both."""
    both = ((coordinate(x, EAST_WEST), coordinate(y, NORTH_SOUTH)) for x, y in zip(lon.values, lat.values))
    return [(x, y) for x, y in both if x is not None and y is not None]


def share(pairs: Numbers) -> float:
    """Return the share of the pairs that are degrees."""
    return sum(is_place(x, y) for x, y in pairs) / len(pairs)


def is_fine(pairs: Numbers, decimals: int = 1) -> bool:
    """Return whether most coordinates have more decimals than these."""
    fine = sum(round(x, decimals) != x and round(y, decimals) != y for x, y in pairs)
    return fine >= USUAL * len(pairs)


def are_counts(lon: Column, lat: Column) -> bool:
    """Return whether all values of two fields are written as whole numbers: no place is so exact to a
    degree."""
    return all(map(_is_count, (*lon.scalars(), *lat.scalars())))


def _is_count(value: object) -> bool:
    return (
        value is None or isinstance(value, int) or (isinstance(value, str) and value.lstrip("+-").isdecimal())
    )
