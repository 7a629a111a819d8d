"""A sample of records by its fields: the values of each field over all records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ...json_types import JsonObject
from ..paths import packed, paths
from ..values import degrees, is_missing
from .names import normal, words

MOST_RECORDS = 200
MOST_COLUMNS = 300
VALUES = frozenset({"value", "val"})
PACKED = 12  # parts of a text or list that are used
USUAL = 0.6  # of the records hold a field that counts; fewer where no field does better


@dataclass
class Column:
    """A field: its values in the order of the records, None where a record lacks it."""

    path: str
    values: list[Any]
    packed: bool = False  # a part of a text or list, which has no name of its own

    def __post_init__(self) -> None:
        *parents, name = self.path.split(".") if self.packed else _names(self.path)
        self.name = normal(name)
        self.words = frozenset(words(name)) | {self.name}
        if parents and self.name in VALUES:  # {"speed": {"value": 72, "unit": "km/h"}}
            self.words |= frozenset(words(parents[-1]))
        self.above = frozenset(word for parent in parents for word in words(parent))
        self.depth = len(parents)
        self.present = sum(not is_missing(value) for value in self.values)

    def share(self, fits: Any) -> float:
        """Return the share of the values that fit, among those that are there."""
        good = sum(1 for value in self.values if not is_missing(value) and fits(value))
        return good / self.present if self.present else 0.0

    def scalars(self) -> list[Any]:
        """Return the values that are texts or numbers; None for the others."""
        return [
            v if isinstance(v, (str, int, float)) and not isinstance(v, bool) and not is_missing(v) else None
            for v in self.values
        ]


def _names(path: str) -> list[str]:
    return path.split(".")


@dataclass
class RecordSample:
    """Records, the vehicle of each as far as its key says, the moment when they were read (seconds since
    1970), and the pattern of their keys (empty: not known)."""

    records: list[JsonObject]
    idents: Optional[list[str]]
    now: float
    pattern: str = ""
    columns: dict[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found: dict[str, list[Any]] = {}
        count = len(self.records)
        for place, record in enumerate(self.records):
            for path, _name, value in paths(record):
                values = found.get(path)
                if values is None:
                    if len(found) >= MOST_COLUMNS:
                        continue
                    values = found[path] = [None] * count
                values[place] = value
        # sorted: the order in which a producer writes its fields has no meaning
        self.columns = {path: Column(path, found[path]) for path in sorted(found)}

    def __len__(self) -> int:
        return len(self.records)

    def is_usual(self, column: Column, among: Sequence[Column]) -> bool:
        """Return whether enough records hold a field.

        That is most of them or, where all fields of its kind are rare, as many as hold the commonest one.
        """
        if column.present >= USUAL * len(self.records):
            return True
        commonest = max((other.present for other in among), default=0)
        return 0 < column.present == commonest

    def degrees_of(self, path: str) -> list[Optional[float]]:
        """Return a field as numbers."""
        return [degrees(value) for value in self.columns[path].values]

    def parts(self, path: str) -> list[Column]:
        """Return the parts of a field whose values are texts or lists of several parts: ``value.2``."""
        rows = [_parts(value) for value in self.columns[path].values]
        count = min(max(map(len, rows), default=0), PACKED)
        found = []
        for part in range(count):
            values = [row[part] if part < len(row) else None for row in rows]
            found.append(Column(f"{path}.{part}", values, packed=True))
        return found


def _parts(value: object) -> list[Any]:
    if isinstance(value, str):
        return list(packed(value))
    return value if isinstance(value, list) else []
