"""Where in a value its features are: the value itself, or a member of a document.

Nothing is guessed: a document with several geometries, of which none has a usual name, is refused until the
user names the member.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Optional

from ..json_types import JsonObject
from ..live.paths import lookup
from . import crs_names, formats
from .formats.base import FeatureFormat, Value
from .formats.polyline import NAMES as LINE_NAMES
from .refusals import Refused, WhyRefused
from .values import decoded, object_in

# The usual names of a geometry, the likeliest first. A feature may say with them that it has none.
USUAL = (
    "geometry",
    "geom",
    "the_geom",
    "wkb_geometry",
    "ogr_geometry",
    "geojson",
    "wkt",
    "wkb",
    "ewkb",
    "shape",
)
LIKELY = (
    *USUAL,
    "location",
    "position",
    "area",
    "boundary",
    "footprint",
    "route",
    "track",
    "path",
    "polyline",
)
CRS_NAMES = ("srid", "crs", "epsg")
_DEEPEST = 4  # objects within each other in which a geometry is looked for
_MOST_MEMBERS = 500  # of a document that are looked at
_LEAST_TEXT = 9  # characters: POINT(1 2)
_ELSEWHERE = frozenset(("before", "source", "bbox", "extent"))  # what a document says of something else


class Gone(Exception):
    """A change that says that a row was deleted; ``before`` is what it was."""

    def __init__(self, before: JsonObject):
        super().__init__("deleted")
        self.before = before


class GeometryPlace(NamedTuple):
    """Where a geometry is in a document: the names that lead there, and the value in its format. Without a
    format it is one that says that there is none."""

    path: tuple[str, ...]
    format: Optional[FeatureFormat]
    value: Value


def changed_row(value: Value) -> Value:
    """The row that an event of change data capture (Debezium) tells of; any other value as it is.

    Raises Gone for a deletion.
    """
    for _ in range(2):  # with its schema beside it, or without
        if not isinstance(value, dict):
            return value
        if "payload" in value and "schema" in value and isinstance(value["payload"], dict):
            value = value["payload"]
        elif "after" in value and ("op" in value or "before" in value):
            after, before = value["after"], value.get("before")
            after = object_in(after) or after
            if after is None:
                raise Gone(before if isinstance(before, dict) else {})
            return after
    return value


def named_place(record: JsonObject, path: str, wanted: Optional[FeatureFormat]) -> GeometryPlace:
    """The geometry at a path that the user named.

    Args:
        record: the document.
        path: names with dots between them, ``$.`` before them or not.
        wanted: the format, None to tell it.

    Raises:
        Refused: nothing stands there, or nothing that is a geometry.
    """
    plain = path[2:] if path.startswith("$.") else path
    value = lookup(record, plain)
    names = (plain,) if plain in record else tuple(plain.split("."))
    if value is None or value == "":
        if names[0] in record:
            return GeometryPlace(names, None, None)
        raise Refused(WhyRefused.NO_GEOMETRY)
    value = _opened(value)
    found = wanted or formats.told(value)
    if found is None:
        found = _line(names[-1], value)
    if found is None:
        raise Refused(WhyRefused.UNREADABLE)
    return GeometryPlace(names, found, value)


def place_in(record: JsonObject, wanted: Optional[FeatureFormat]) -> GeometryPlace:
    """The one geometry of a document. Raises Refused where there is none, or where it is not clear which."""
    found = [place for place in _places(record, wanted, (), 0) if place.format is not None]
    if len(found) == 1:
        return found[0]
    if not found:
        name = next((name for name in record if name.lower() in USUAL), None)
        if name is not None and record[name] in (None, ""):
            return GeometryPlace((name,), None, None)
        raise Refused(WhyRefused.NO_GEOMETRY)
    ranked = sorted((rank, number) for number, place in enumerate(found)
                    if (rank := _rank(place.path)) is not None)  # fmt: skip
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        raise Refused(WhyRefused.SEVERAL)
    return found[ranked[0][1]]


def place_again(record: JsonObject, path: tuple[str, ...], known: FeatureFormat) -> Optional[GeometryPlace]:
    """The geometry where it was in a document of the same members; None where it is no longer there."""
    value: Value = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    value = _opened(value)
    return GeometryPlace(path, known, value) if value is not None and known.tells(value) else None


def attributes_beside(record: JsonObject, path: tuple[str, ...]) -> JsonObject:
    """The members of a document without the geometry; of the object that holds it what else it has."""
    rest = {name: value for name, value in record.items() if name != path[0]}
    if len(path) > 1 and isinstance(record.get(path[0]), dict):
        beside = _without(record[path[0]], path[1:])
        if beside:
            rest[path[0]] = beside
    return rest


def crs_beside(record: JsonObject) -> str:
    """The CRS that a document names beside its geometry; empty where it names none."""
    for name, value in record.items():
        if name.lower() not in CRS_NAMES:
            continue
        if type(value) is int or (isinstance(value, str) and value.strip().isdigit() and len(value) < 8):
            return crs_names.of_srid(int(value)) if 0 < int(value) < 10**7 else ""
        found = crs_names.of_name(value)
        if found != crs_names.UNKNOWN:
            return found
    return ""


def _without(record: JsonObject, path: tuple[str, ...]) -> JsonObject:
    return {name: value for name, value in record.items() if name != path[0]} if len(path) == 1 else record


def _rank(path: tuple[str, ...]) -> Optional[int]:
    """How likely a name is that of the geometry: the smaller the likelier."""
    ranks = [LIKELY.index(name.lower()) for name in path if name.lower() in LIKELY]
    return min(ranks, default=None)


def _places(
    record: JsonObject, wanted: Optional[FeatureFormat], path: tuple[str, ...], depth: int
) -> Iterator[GeometryPlace]:
    for number, (name, value) in enumerate(record.items()):
        if number >= _MOST_MEMBERS:
            return
        kind = type(value)
        if kind is str:
            if len(value) < _LEAST_TEXT:
                continue
        elif (kind is not dict and kind is not bytes) or name in _ELSEWHERE:
            continue
        inner = _opened(value)
        told = formats.told(inner)
        if told is not None and told.IS_WEAK:
            told = None
        told = told or _line(name, inner)
        if told is not None and (wanted is None or told is wanted):
            yield GeometryPlace((*path, name), told, inner)
        elif told is None and isinstance(inner, dict) and depth < _DEEPEST and kind is dict:
            yield from _places(inner, wanted, (*path, name), depth + 1)


def _line(name: str, value: Value) -> Optional[FeatureFormat]:
    """The format of a polyline, for a text whose name says that it is one."""
    word = name.lower()
    if not isinstance(value, str) or not (word in LINE_NAMES or "polyline" in word):
        return None
    return formats.get("polyline6" if word.endswith("6") else "polyline5")


def _opened(value: Value) -> Value:
    """What a text with JSON in it, or compressed bytes, hold."""
    if isinstance(value, bytes) or (isinstance(value, str) and value[:1] == "{"):
        raw = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
        try:
            return decoded(raw)
        except Refused:
            return value
    return value
