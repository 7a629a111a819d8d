"""Tells in which CRS and on which datum coordinates are, as far as the records say it."""

from __future__ import annotations

from collections.abc import Iterable

from . import names
from .axes import object_of
from .sample import USUAL, Column, RecordSample

# Mainland China in boxes of whole degrees (west, south, east, north) that reach no other country by far.
_CHINA = (
    *((76, 36, 80, 40), (80, 31, 88, 46), (88, 29, 98, 46), (98, 23, 108, 42), (108, 22, 120, 42)),
    *((110, 19, 111, 20), (120, 27, 122, 42), (120, 42, 130, 50), (122, 47, 132, 53), (130, 44, 134, 48)),
)
_SAYS_DATUM = tuple(
    map(
        names.words,
        ("coord_type", "coordinate_type", "coord_system", "coordinate_system", "gps_type", "map_type"),
    )
)


def declared_crs(sample: RecordSample, beside: Column) -> str:
    """Return the CRS that all records name in a field of the same object or of the record, as EPSG:2154;
    empty for none."""
    parent = object_of(beside)
    around = (parent, parent.rpartition(".")[0], f"{parent}.spatialReference", "")
    for column in sample.columns.values():
        if column.words & names.CRS and column.path.rpartition(".")[0] in around:
            found = {str(value).strip().upper() for value in column.values if value is not None}
            if len(found) == 1:
                text = found.pop()
                code = text.rpartition(":")[2]
                if code.isdecimal() and len(code) < 7:
                    return f"EPSG:{code}" if ":" not in text or "EPSG" in text else ""
    return ""


def names_other_datum(sample: RecordSample, beside: Column) -> bool:
    """Return whether a field of the same object or of the record names another datum than WGS 84, or by a
    number one of which nothing says which it is."""
    parent = object_of(beside)
    for column in sample.columns.values():
        if _says_datum(column) and column.path.rpartition(".")[0] in (parent, ""):
            found = {names.normal(str(value)) for value in column.scalars() if value is not None}
            of_others = found - names.WGS84 - {""}
            if column.name in names.DATUM and of_others:
                return True
            if any(one.isdecimal() or names.MOVED & set(names.words(one)) for one in of_others):
                return True
    return False


def _says_datum(column: Column) -> bool:
    return column.name in names.DATUM or any(column.words.issuperset(both) for both in _SAYS_DATUM)


def says_wgs84(sample: RecordSample, beside: Column) -> bool:
    """Return whether a name or a field says that coordinates are of WGS 84."""
    said = (one for one in sample.columns.values() if _says_datum(one))
    return bool(beside.words & names.WGS84) or any(
        {names.normal(str(value)) for value in one.scalars() if value is not None} & names.WGS84
        for one in said
    )


def are_in_china(pairs: Iterable[tuple[float, float]]) -> bool:
    """Return whether most places (longitude, latitude) are in mainland China, whose maps and phones give
    positions that are moved by some hundred metres (GCJ-02)."""
    told = [
        any(west <= x < east and south <= y < north for west, south, east, north in _CHINA) for x, y in pairs
    ]
    return bool(told) and sum(told) >= USUAL * len(told)
