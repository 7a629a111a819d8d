"""The fields of a feed's layer: those that every feed has, then one for each attribute that its producer
sends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import is_not, itemgetter, ne
from typing import TYPE_CHECKING

import numpy as np
from qgis.core import QgsVectorLayer

from ..compat import BOOLEAN, DATETIME, DOUBLE, LONG, NULL, STRING, field

if TYPE_CHECKING:
    from ...core.geometry.arrays import Array
    from ...core.json_types import JsonObject

FIXED = (
    ("id", STRING),
    ("time", DATETIME),
    ("speed_ms", DOUBLE),
    ("heading", DOUBLE),
    ("source", STRING),
    ("derived", STRING),
)
TIME, SPEED, HEADING, DERIVED = 1, 2, 3, 5
# features a call of the provider: Python makes and frees so many dicts at once without asking for memory, and
# what the call reads was written a moment ago, which is a quarter faster than with five hundred
AT_ONCE = 80
Change = tuple[int, "Array", list[object]]  # column, whether it changed (n booleans), the n values it has now
_TYPES: dict[str, type] = {"int": int, "real": float, "text": str, "bool": bool}
KINDS = {"int": LONG, "real": DOUBLE, "text": STRING, "bool": BOOLEAN}


class LayerFields:
    """Knows the columns of the attributes, adds and widens them. Main thread only."""

    def __init__(self, layer: QgsVectorLayer):
        self._layer = layer
        self._provider = layer.dataProvider()
        self._columns: dict[str, int] = {}
        self._kinds: dict[str, str] = {}
        self._find()

    def extend(self, kinds: dict[str, str]) -> list[str]:
        """Add the fields of new attributes, and widen those whose values no longer fit.

        The names of the widened ones, which are empty now.
        """
        new = [(n, k) for n, k in kinds.items() if k and n not in self._columns]
        wider = [(n, k) for n, k in kinds.items() if k and n in self._columns and self._is_wider(n, k)]
        if not new and not wider:
            return []
        for name, kind in wider:
            self._widen(name, kind)
        if new:
            self._provider.addAttributes([field(n, KINDS[k]) for n, k in new])
        self._layer.updateFields()
        self._find()
        return [name for name, _ in wider]

    def row(self, fixed: list[object], attributes: JsonObject) -> list[object]:
        """The attributes of a feature: values of the ``FIXED`` fields, then those of the producer."""
        row = fixed + [NULL] * (self._width - len(fixed))
        for name, value in attributes.items():
            column = self._columns.get(name)
            if column is not None:
                row[column] = self._convert(name, value)
        return row

    def values(self, names: list[str], attributes: JsonObject) -> dict[int, object]:
        """Column -> value of these attributes."""
        return {self._columns[name]: self._convert(name, attributes.get(name)) for name in names}

    def changes(self, old: Sequence[JsonObject], new: Sequence[JsonObject]) -> list[Change]:
        """The attributes that changed, a column at a time (n records before and after)."""
        others = np.fromiter(map(is_not, old, new), bool, len(new))
        if not others.any():
            return []
        found: list[Change] = []
        for name, column in self._columns.items():
            values = _column(name, new)
            differ = others & _unlike(_column(name, old), values)
            if differ.any():
                found.append((column, differ, self._converted(name, values)))
        return found

    def _converted(self, name: str, values: list[object]) -> list[object]:
        """``_convert`` of each."""
        if set(map(type, values)) == {_TYPES[self._kinds[name]]}:
            return values
        return [self._convert(name, value) for value in values]

    def _convert(self, name: str, value: object) -> object:
        """The value in the type of its field: one that does not fit would undo the whole batch."""
        if value is None:
            return NULL
        kind = self._kinds.get(name)
        if kind == "text":
            return value if isinstance(value, str) else str(value)
        if kind == "real":
            return float(value) if isinstance(value, (int, float)) else NULL
        if kind == "int":
            return value if type(value) is int else NULL
        return value if type(value) is bool else NULL

    def _find(self) -> None:
        """The columns that the layer has already (a project that was reopened)."""
        fields = self._provider.fields()
        names = [f.name() for f in fields]
        missing = [field(n, kind) for n, kind in FIXED if n not in names]
        if missing:
            self._provider.addAttributes(missing)
            self._layer.updateFields()
            fields = self._provider.fields()
        self._width = fields.count()
        kinds = {kind: name for name, kind in KINDS.items()}
        self._columns = {f.name(): i for i, f in enumerate(fields.toList()) if i >= len(FIXED)}
        self._kinds = {
            f.name(): kinds.get(f.type(), "text") for i, f in enumerate(fields.toList()) if i >= len(FIXED)
        }

    def _is_wider(self, name: str, kind: str) -> bool:
        known = self._kinds[name]
        return known not in (kind, "text") and not (known == "real" and kind == "int")

    def _widen(self, name: str, kind: str) -> None:
        """Replace a field by a wider one of the same name; style, aliases and widgets go by the name."""
        column = self._provider.fields().lookupField(name)
        self._provider.deleteAttributes([column])
        self._provider.addAttributes([field(name, KINDS[kind])])
        self._layer.updateFields()


def _column(name: str, records: Sequence[JsonObject]) -> list[object]:
    """The value of each record, None where it has none."""
    try:
        return list(map(itemgetter(name), records))  # all of them have it: the common case
    except KeyError:
        return [record.get(name) for record in records]


def _unlike(old: list[object], new: list[object]) -> Array:
    """Where two columns of attributes differ, in value or type (array of booleans)."""
    differ = np.fromiter(map(ne, old, new), bool, len(new))
    if len({*map(type, old), *map(type, new)}) > 1:
        differ |= np.fromiter(map(is_not, map(type, old), map(type, new)), bool, len(new))
    return differ


def by_feature(fids: Sequence[int], changes: list[Change]) -> Iterator[dict[int, dict[int, object]]]:
    """Feature id -> column -> value of what changed, as a provider takes it, ``AT_ONCE`` features at a time.

    Columns that changed in every feature, the common case, are filled in without looking at each.
    """
    full = [(column, values) for column, differ, values in changes if differ.all()]
    others = [change for change in changes if not change[1].all() and change[1].any()]
    if not full and not others:
        return
    for start in range(0, len(fids), AT_ONCE):
        stop = start + AT_ONCE
        rows = _full_rows([(column, values[start:stop]) for column, values in full])
        rows = rows or [{} for _ in fids[start:stop]]
        for column, differ, values in others:
            for place in np.flatnonzero(differ[start:stop]).tolist():
                rows[place][column] = values[start + place]
        found = zip(fids[start:stop], rows)
        yield dict(found) if full else {fid: row for fid, row in found if row}


def _full_rows(columns: list[tuple[int, list[object]]]) -> list[dict[int, object]]:
    """Column -> value of each row of columns that have a value for each."""
    rows: list[dict[int, object]] = []
    if len(columns) == 1:
        rows = [{columns[0][0]: value} for value in columns[0][1]]
    elif columns:
        (one, first), (two, second) = columns[:2]
        rows = [{one: a, two: b} for a, b in zip(first, second)]
    for column, values in columns[2:]:
        for row, value in zip(rows, values):
            row[column] = value
    return rows


def or_null(column: Array) -> list[object]:
    """The numbers of an array, NULL for NaN."""
    values = column.tolist()
    return [NULL if value != value else value for value in values] if np.isnan(column).any() else values
