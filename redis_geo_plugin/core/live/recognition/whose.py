"""Tells whose place coordinates are: that of the vehicle, or of something else that a record names.

Coordinates in the record itself, or in an object that is known to be the vehicle's or its report's, are its
own. What stands under any other name (``lrr_lat``, ``site_location``, ``{"branch": {"lat", "lon"}}``) may be
of something else, and is asked. So are two such places of one record that are apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ..place_reader import PlaceReader
from ..spec import Mapping as FieldMapping
from . import names
from .role import Role
from .sample import Column, RecordSample

APART = 0.002  # degrees, some 200 m, that two places of one vehicle are not apart
AS_LIKELY = 0.09  # of certainty: so much less has a place that lies some objects deeper
_AXES = names.LATITUDE | names.LONGITUDE | names.NORTH | names.EAST
_KNOWN = names.OWN | names.PLACE | names.MOVERS | names.DEGREES | _AXES | names.SCALES.keys()
_OF_A_REPORT = names.TIME | names.SPEED | names.HEADING | names.COURSE
_ADDRESS = frozenset(["asn", "clientip", "ip", "ipaddress", "isp", "remoteaddr", "remoteip", "useragent"])
_AREA = frozenset(["city", "cityname", "country", "countrycode", "countryname", "region"])


def is_elsewhere(column: Column) -> bool:
    """Return whether a name says that a place is that of something else."""
    return bool((column.words | column.above) & names.ELSEWHERE)


def may_be_elsewhere(sample: RecordSample, column: Column) -> bool:
    """Return whether a place may be that of something else than the vehicle: nothing known names it."""
    name = names.words(column.path.rpartition(".")[2])
    known = len(name) == 1 or _is_known(name)
    return not (known and _are_own(sample, column)) or _is_of_an_address(sample)


def _is_known(words: Sequence[str]) -> bool:
    return all(word in _KNOWN or word.isdigit() for word in words)


def _are_own(sample: RecordSample, column: Column) -> bool:
    """Whether each object around a field is the vehicle's, its report, or the envelope of all."""
    parents = column.path.split(".")[:-1]
    for place, parent in enumerate(parents):
        prefix = ".".join(parents[: place + 1]) + "."
        if _is_known(names.words(parent)) or _is_report(sample, prefix):
            continue
        if place or not all(path.startswith(prefix) or f"{path}." == prefix for path in sample.columns):
            return False
    return True


def _is_report(sample: RecordSample, prefix: str) -> bool:
    """Whether an object says when, how fast or whither, as a report does."""
    inside = (one for path, one in sample.columns.items() if path.startswith(prefix))
    return any(one.words & _OF_A_REPORT for one in inside if "." not in one.path[len(prefix) :])


def _is_of_an_address(sample: RecordSample) -> bool:
    """Whether the records are of addresses of the internet: where these are said to be, no vehicle is."""
    found = {one.name for one in sample.columns.values()}
    moves = any(one.words & (names.SPEED | names.HEADING | names.COURSE) for one in sample.columns.values())
    return bool(found & _ADDRESS) and bool(found & _AREA) and not moves


def is_rival(sample: RecordSample, best: Role, other: Role) -> bool:
    """Return whether another place is as likely and is elsewhere: nothing tells which of the two is the
    vehicle's.

    The record's own fields, and a name without more (``location``), come before others (``lastLocation``,
    which say what they are), but for those of who moves: beside the place of an order stands the courier's.
    """
    one, two = _name_of(best), _name_of(other)
    if other.certainty < best.certainty - AS_LIKELY or set(other.asks) - {"place"}:
        return False
    moving = (_words(two) - _words(one)) & names.MOVERS
    if not moving and (("." not in one and "." in two) or _words(one) < _words(two)):
        return False
    both = [(a, b) for a, b in zip(_places(sample, best), _places(sample, other)) if a and b]
    apart = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) > APART for a, b in both)
    return apart > 0.5 * len(both)


def _words(path: str) -> set[str]:
    return set(names.words(path))


def _name_of(role: Role) -> str:
    return str(role.fields.get("lon") or role.fields["pair"])


def _places(sample: RecordSample, role: Role) -> list[Optional[tuple[float, float]]]:
    reader = PlaceReader(FieldMapping(**role.fields))
    return [reader.read(record) for record in sample.records]
