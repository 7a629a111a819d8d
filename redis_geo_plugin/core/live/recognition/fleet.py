"""A value that holds a whole fleet, as records with their ids: known containers, GeoJSON, lists and
objects of records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .. import formats
from ..formats import Fleet, Record
from ..formats.base import ident as ident_text
from ..paths import lookup
from ..places import read_pair
from . import names
from .sample import RecordSample
from .who import find as find_identity

DEEPEST = 4  # levels down to the list of records
ENVELOPES = 2  # levels from an object of a list down to what says where it is
SOME = 50  # records that are read to find out what a value holds


def unfold(value: object) -> Fleet:
    """Return the records of a value with their ids.

    A record without an identity has the id None and belongs to no fleet. A value that is one record gives
    that record. A value that holds no records gives nothing.
    """
    for one in formats.FORMATS:
        found = one.fleet(value)
        if found is not None:
            return found
    if isinstance(value, dict):
        if value.get("type") == "FeatureCollection":
            return _named([_flat_feature(one) for one in _dicts(value.get("features"))])
        if is_record(value):
            return [(_own_id(value), value)]
        by_name = _by_name(value)
        if by_name is not None:
            return by_name
        inside = _inside(value, DEEPEST)
        if inside is None and _has_place_below(value, DEEPEST):
            return [(_own_id(value), value)]  # the one record, in an envelope
        return inside or []
    return _named(_dicts(_flattened(value)))


def _flattened(value: object) -> object:
    """Return the one list of records within a list of lists, which some answers have beside one that says how
    they went; another value as it is."""
    if not isinstance(value, list) or not value or not all(isinstance(one, list) for one in value):
        return value
    held = [
        one for one in map(_dicts, value) if one and sum(map(is_record, one[:SOME])) >= 0.6 * len(one[:SOME])
    ]
    return held[0] if len(held) == 1 else value


def is_record(value: Record) -> bool:
    """Return whether an object is a record of one vehicle: the object, or one of its parts, says where."""
    if any(one.matches(value) for one in formats.FORMATS):
        return True
    own = {word for name in value if isinstance(name, str) for word in names.words(name)}
    if (own & names.LATITUDE and own & names.LONGITUDE) or {"x", "y"} <= own:
        return True
    if value.get("type") == "Feature":
        return True
    return any(_is_place_field(name, inner) for name, inner in value.items() if isinstance(name, str))


def _is_place_field(name: str, value: object) -> bool:
    """Return whether a field such as ``location`` or ``pickup`` belongs to a record and is not one itself."""
    known = {*names.words(name), names.normal(name)}
    if not known & (names.PLACE | names.ELSEWHERE | names.GEOHASH):
        return False
    if isinstance(value, dict):
        below = {word for inner in value if isinstance(inner, str) for word in names.words(inner)}
        return bool(below & names.LATITUDE) or {"x", "y"} <= below or read_pair(value) is not None
    return read_pair(value) is not None


def _by_name(value: Record) -> Optional[Fleet]:
    """Return the records of an object id -> record, or id -> pair of numbers."""
    known = [(name, one) for name, one in value.items() if isinstance(name, str) and name]
    inner: Fleet = [(name, one) for name, one in known if isinstance(one, dict)]
    if inner and len(inner) >= 0.9 * len(value):
        if len(value) == 1 and identity_of([inner[0][1]]):
            return None  # an envelope around a record that says itself who it is
        some = [one for _, one in inner[:SOME]]
        return inner if sum(map(is_record, some)) >= 0.6 * len(some) else None
    if len(known) < 2 or not all(_is_bare_pair(one) for _, one in known):
        return None
    field_names = names.PLACE | names.ELSEWHERE | names.LATITUDE | names.LONGITUDE
    if any(field_names & set(names.words(name)) for name, _ in known[:SOME]):
        return None  # fields of one record
    return [(name, {"coordinates" if isinstance(one, list) else "value": one}) for name, one in known]


def _is_bare_pair(value: object) -> bool:
    """Return whether a list or text is two numbers with decimals: coordinates have decimals, counts have
    none."""
    pair = read_pair(value) if isinstance(value, (list, str)) else None
    return pair is not None and not (pair.first.is_integer() or pair.second.is_integer())


def _inside(value: Record, levels: int) -> Optional[Fleet]:
    """Return the one fleet some levels down; None if there is none, [] if there is more than one."""
    found: list[Fleet] = []
    for name, held in list(value.items())[:100]:
        if isinstance(name, str) and names.HEARD_BY & set(names.words(name)):
            continue
        inner = held[0] if levels > 1 and _is_list_of_one_answer(held) else held
        if isinstance(inner, list) and len(_dicts(inner)) == len(inner) > 0:
            some = inner[:SOME]
            if sum(map(_is_record_of_list, some)) >= 0.6 * len(some):
                found.append(_named(inner))
        elif isinstance(inner, dict) and levels > 1:
            if inner.get("type") == "FeatureCollection":
                below: Optional[Fleet] = unfold(inner)
            else:
                below = _by_name(inner) if len(inner) > 1 else None
                below = below or _inside(inner, levels - 1)
            if below:
                found.append(below)
    return found[0] if len(found) == 1 else [] if found else None


def _is_list_of_one_answer(value: object) -> bool:
    """Return whether a list holds one object, and that no record."""
    return (
        isinstance(value, list)
        and len(value) == 1
        and isinstance(value[0], dict)
        and not _is_record_of_list(value[0])
    )


def _is_record_of_list(value: Record) -> bool:
    """Return whether an object of a list is a record, or an envelope of one (``attributes``, ``vehicle``)."""
    return is_record(value) or _has_place_below(value, ENVELOPES)


def _has_place_below(value: Record, levels: int) -> bool:
    """Return whether an object has, some levels down, one that says where the vehicle is, not where
    something else is."""
    for name, inner in list(value.items())[:100]:
        if not isinstance(inner, dict) or (names.ELSEWHERE & set(names.words(str(name)))):
            continue
        if is_record(inner) or (levels > 1 and _has_place_below(inner, levels - 1)):
            return True
    return False


def _named(records: list[Record]) -> Fleet:
    """Return the records of a list with the identity that they share: a field in which each has its own
    value."""
    if not records:
        return []
    if len(records) == 1:
        return [(_own_id(records[0]), records[0])]
    path = identity_of(records)
    if not path:
        return [(None, one) for one in records]
    values = [lookup(one, path) for one in records]
    seen: dict[str, int] = {}
    found: Fleet = []
    for one, value in zip(records, values):
        ident = ident_text(value)
        found.append((ident, one))
        if ident is not None:
            seen[ident] = seen.get(ident, 0) + 1
    return [(ident if ident is None or seen[ident] == 1 else None, one) for ident, one in found]


def identity_of(records: Sequence[Record]) -> str:
    """Return the path of the field that tells apart the records of one moment; empty if there is none."""
    sample = RecordSample(list(records[:200]), None, 0.0)
    return str(find_identity(sample, [None] * len(sample), is_history=False).fields.get("id", ""))


def _own_id(record: Record) -> Optional[str]:
    path = identity_of([record])
    return ident_text(lookup(record, path)) if path else None


def _dicts(value: object) -> list[Record]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _flat_feature(feature: Record) -> Record:
    """Return a GeoJSON Feature as its properties, its geometry and its id."""
    properties = feature.get("properties")
    record = dict(properties) if isinstance(properties, dict) else {}
    record["geometry"] = feature.get("geometry")
    if feature.get("id") is not None:
        record.setdefault("id", feature["id"])
    return record
