"""Two outcomes side by side: what differs, by aspect.

Geometries are equal where their WKB is, or their normalised WKB, or where they differ by less than ``TOLERANCE`` of their
size, with the same type, Z and M. Real attributes may differ by ``RELATIVE``. Messages may come in another order, as many
features are read before the first of them is written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from qgis.core import QgsGeometry

from redis_geo_plugin.bridge.compat import is_null
from tests.peers.outcome import Outcome
from tests.support.layers import difference
from tests.support.twins import index_takes_boxes_for_geometries

TOLERANCE = 1e-9  # relative symmetric difference
RELATIVE = 1e-9
# In the order in which the table names them.
ASPECTS = ("crash", "refused", "messages", "type", "fields", "crs", "count", "ids", "attributes", "geometry")
BY_INDEX = ("count", "attributes")


@dataclass(frozen=True)
class Difference:
    """One aspect in which two outcomes differ: what the native run gave, and what the other."""

    aspect: str
    native: str
    ours: str


def compare(native: Outcome, ours: Outcome) -> list[Difference]:
    """All differences of two outcomes of layers that should be equal."""
    if native.refused or ours.refused:
        return _unequal("refused", native.refused, ours.refused)
    found = _unequal("messages", sorted(native.said), sorted(ours.said))
    found += _unequal("type", native.wkb_type, ours.wkb_type)
    found += _unequal("fields", native.fields, ours.fields)
    found += _unequal("crs", native.crs, ours.crs)
    found += _unequal("count", len(native.rows), len(ours.rows))
    if len(native.rows) == len(ours.rows):
        found += _rows(native.rows, ours.rows)
    return found


def compare_groups(native: Outcome, ours: Outcome) -> list[Difference]:
    """The same of groups, which native algorithms take from a hash table whose order is another in each process."""
    return compare(*_in_one_order([native, ours]))


def compare_parts(native: Outcome, ours: Outcome) -> list[Difference]:
    """The same, but that the parts of one union, which all have the same attributes, are in no order."""
    if all(_are_parts(outcome) for outcome in (native, ours)):
        native, ours = (replace(one, rows=_by_place(one.rows)) for one in _in_one_order([native, ours]))
    return compare(native, ours)


def _are_parts(outcome: Outcome) -> bool:
    rows = [values[1:] if _is_counted(outcome) else values for _, values, _ in outcome.rows]
    first = next(iter(rows), [])
    return (
        bool(first)
        and len(rows) > 1
        and all(len(one) == len(first) and all(map(same_value, one, first)) for one in rows)
    )


def _by_place(rows: list[tuple]) -> list[tuple]:
    """Not by the text of the shapes, which may begin at another vertex."""

    def corner(row: tuple) -> tuple[float, float]:
        box = row[2].boundingBox()
        return round(box.xMinimum(), 6), round(box.yMinimum(), 6)

    return sorted(rows, key=corner)


def compare_joined(native: Outcome, ours: Outcome) -> list[Difference]:
    """The same of a join by nearest, whose geometries here are the lines; which of those that are equally near comes
    first (``n``) is for QGIS's index to say. Where that errs, what it does not find is told apart: ``boxes: count``."""
    if native.refused or ours.refused:
        return compare(native, ours)
    joined = [
        replace(one, wkb_type="", rows=[(id, [*v[:-6], *v[-5:]], QgsGeometry()) for id, v, _ in one.rows])
        for one in (native, ours)
    ]
    found = compare(*_in_one_order(joined))
    if not index_takes_boxes_for_geometries():
        return found
    return [replace(one, aspect=f"boxes: {one.aspect}") if one.aspect in BY_INDEX else one for one in found]


def _in_one_order(outcomes: list[Outcome]) -> list[Outcome]:
    """With their rows in the order of their attributes. Where the first attribute only counts the rows, as the ids that
    GML and GeoPackages write, it goes with the order; in all of them or in none."""
    without = all(map(_is_counted, outcomes))
    sorted_ones = []
    for outcome in outcomes:
        rows = [(0, values[1:] if without else values, geometry) for _, values, geometry in outcome.rows]
        sorted_ones.append(replace(outcome, rows=sorted(rows, key=_row_key)))
    return sorted_ones


def _is_counted(outcome: Outcome) -> bool:
    return all(
        values and (values[0] == id or str(values[0]).endswith(f".{i}"))
        for i, (id, values, _) in enumerate(outcome.rows)
    )


def _row_key(row: tuple) -> str:
    rounded = [float(f"{v:.9g}") if isinstance(v, float) else v for v in row[1]]
    return _text(rounded) + _wkt(row[2])


def _rows(native: list[tuple], ours: list[tuple]) -> list[Difference]:
    """The first difference of each aspect among rows of the same order."""
    found: dict[str, Difference] = {}
    for (id_1, values_1, one), (id_2, values_2, other) in zip(native, ours):
        if id_1 != id_2:
            found.setdefault("ids", Difference("ids", str(id_1), str(id_2)))
        if len(values_1) != len(values_2) or not all(map(same_value, values_1, values_2)):
            found.setdefault("attributes", Difference("attributes", _text(values_1), _text(values_2)))
        if not same_geometry(one, other):
            found.setdefault("geometry", Difference("geometry", _wkt(one), _wkt(other)))
    return list(found.values())


def same_value(one: Any, other: Any) -> bool:
    """Whether two attributes are equal: of the same type, NULL is NULL."""
    if is_null(one) or is_null(other):
        return is_null(one) and is_null(other)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=1e-12) or (one != one and other != other)
    return type(one) is type(other) and one == other


def same_geometry(one: QgsGeometry, other: QgsGeometry) -> bool:
    """Whether two geometries are equal, see the module."""
    if one.isNull() or other.isNull():
        return one.isNull() and other.isNull()
    if one.wkbType() != other.wkbType() or one.isEmpty() != other.isEmpty():
        return False
    if one.asWkb() == other.asWkb():
        return True
    first, second = QgsGeometry(one), QgsGeometry(other)
    first.normalize()
    second.normalize()
    if first.asWkb() == second.asWkb():
        return True
    if one.constGet().is3D() or one.constGet().isMeasure():
        return _same_vertices(first, second)
    return difference(second, first) < TOLERANCE


def _same_vertices(one: QgsGeometry, other: QgsGeometry) -> bool:
    def flat(geometry: QgsGeometry) -> list[float]:
        return [
            0.0 if number != number else number
            for vertex in geometry.vertices()
            for number in (vertex.x(), vertex.y(), vertex.z(), vertex.m())
        ]

    first, second = flat(one), flat(other)
    return len(first) == len(second) and all(
        math.isclose(a, b, rel_tol=RELATIVE, abs_tol=1e-9) for a, b in zip(first, second)
    )


def _unequal(aspect: str, native: Any, ours: Any) -> list[Difference]:
    if native == ours:
        return []
    if isinstance(native, list) and isinstance(ours, list):
        return [
            Difference(
                aspect,
                _text([n for n in native if n not in ours]),
                _text([o for o in ours if o not in native]),
            )
        ]
    return [Difference(aspect, str(native), str(ours))]


def _text(values: Any) -> str:
    return "[" + ", ".join("NULL" if is_null(one) else repr(one) for one in values) + "]"


def _wkt(geometry: QgsGeometry) -> str:
    return "NULL" if geometry.isNull() else geometry.asWkt(6)
