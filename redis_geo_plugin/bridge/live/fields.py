"""The fields of a feed's layer: those that every feed has, then one for each attribute that its producer sends."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import QgsVectorLayer

from ..compat import BOOLEAN, DATETIME, DOUBLE, LONG, NULL, STRING, field

FIXED = (
    ("id", STRING),
    ("time", DATETIME),
    ("speed_ms", DOUBLE),
    ("heading", DOUBLE),
    ("source", STRING),
    ("derived", STRING),
)
TIME, SPEED, HEADING, DERIVED = 1, 2, 3, 5
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
        """Add the fields of new attributes, and widen those whose values no longer fit. The names of the widened ones, which
        are empty now."""
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

    def row(self, fixed: list[Any], attributes: dict[str, Any]) -> list[Any]:
        """The attributes of a feature: values of the ``FIXED`` fields, then those of the producer."""
        row = fixed + [NULL] * (self._width - len(fixed))
        for name, value in attributes.items():
            column = self._columns.get(name)
            if column is not None:
                row[column] = self._convert(name, value)
        return row

    def values(self, names: list[str], attributes: dict[str, Any]) -> dict[int, Any]:
        """Column -> value of these attributes."""
        return {self._columns[name]: self._convert(name, attributes.get(name)) for name in names}

    def differences(self, old: dict[str, Any], new: dict[str, Any]) -> dict[int, Any]:
        """Column -> value of the attributes that changed."""
        if old == new:
            return {}
        return self.values([name for name in self._columns if _differ(old.get(name), new.get(name))], new)

    def _convert(self, name: str, value: Any) -> Any:
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
        self._columns = {f.name(): i for i, f in enumerate(fields) if i >= len(FIXED)}
        self._kinds = {f.name(): kinds.get(f.type(), "text") for i, f in enumerate(fields) if i >= len(FIXED)}

    def _is_wider(self, name: str, kind: str) -> bool:
        known = self._kinds[name]
        return kind != known and known != "text" and not (known == "real" and kind == "int")

    def _widen(self, name: str, kind: str) -> None:
        """Replace a field by a wider one of the same name; style, aliases and widgets go by the name."""
        column = self._provider.fields().lookupField(name)
        self._provider.deleteAttributes([column])
        self._provider.addAttributes([field(name, KINDS[kind])])
        self._layer.updateFields()


def _differ(one: Any, other: Any) -> bool:
    return bool(one != other) or type(one) is not type(other)


def or_null(column: Any) -> list[Any]:
    """The numbers of an array, NULL for NaN."""
    values = column.tolist()
    return [NULL if value != value else value for value in values] if np.isnan(column).any() else values
