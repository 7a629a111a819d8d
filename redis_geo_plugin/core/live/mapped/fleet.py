"""A fleet as the pictures of the reading process hold it: read only when somebody asks."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

import numpy as np

from ...geometry.arrays import Array
from ...json_types import JsonObject
from ..fleet import NUMBERS, Fixes, Fleet, FleetColumns
from ..positions import REFUSED_KEPT
from ..records import Fix, Refusal, RefusalReason
from . import picture, texts
from .table import COLUMNS, FIXED, GONE, RecordColumn

TRIES = 5  # a picture may be exchanged for a newer one while it is opened


class Attributes(Sequence[JsonObject]):
    """The attributes of some rows, each made when it is asked for."""

    def __init__(self, records: Any, layout: Sequence[RecordColumn], rows: Array):
        self._records, self._layout, self._rows = records, layout, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return Attributes(self._records, self._layout, self._rows[place])
        record = self._records[self._rows[place]]
        found = {
            column.name: texts.value_of(column.kind, record[f"c{i}"])
            for i, column in enumerate(self._layout)
            if i >= len(FIXED)
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class _Picture:
    number: int
    layout: list[RecordColumn]
    records: Any
    numbers: Array


class PictureFleet(Fleet):
    """A vehicle's slot is its row, the id of its feature. ``show`` tells which picture is the newest."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._newest = (0, 0)  # its number, and how many vehicles it has
        self._opened: Any = None
        self._index: tuple[int, dict[bytes, int]] = (0, {})  # number of a picture, and row by name in it

    def show(self, number: int, count: int) -> None:
        """From now on this picture is the newest."""
        self._newest = (number, count)

    def __len__(self) -> int:
        return self._newest[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self.everything().idents)

    def __contains__(self, ident: object) -> bool:
        return isinstance(ident, str) and self.slot(ident) >= 0

    def __getitem__(self, ident: str) -> Fix:
        row = self.slot(ident)
        if row < 0:
            raise KeyError(ident)
        return self.at([row]).fix(0)

    def slot(self, ident: str) -> int:
        """The row of a vehicle; -1 for an unknown one."""
        found, name = self._open(), ident.encode("utf-8", "replace")
        index = self._index[1]
        row = index.get(name, -1)
        if not _are_at(found, np.array([row]), [name]):
            row = index[name] = _row(found, name)
        return row

    def find(self, idents: Iterable[str]) -> Array:
        """The row of each, -1 for those that are not known: where they were in an earlier picture, if they
        still are there, as a list of all names takes long to make."""
        found = self._open()
        names = [ident.encode("utf-8", "replace") for ident in idents]
        number, index = self._index
        rows = np.array([index.get(name, -1) for name in names], np.int64)
        if number != found.number and not _are_at(found, rows, names):
            index = dict(_named(found))
            self._index = found.number, index
            rows = np.array([index.get(name, -1) for name in names], np.int64)
        return rows

    def at(self, slots: Union[Sequence[int], Array]) -> Fixes:
        """The fixes in these rows."""
        return _fixes(self._open(), np.asarray(slots, np.int64))

    def everything(self) -> Fixes:
        """All fixes."""
        found = self._open()
        return _fixes(found, np.flatnonzero(found.records["deleted"] != GONE))

    def columns(self) -> FleetColumns:
        """The numbers of all rows."""
        numbers = dict(zip(COLUMNS, self._open().numbers))
        born = numbers["born"].astype(np.int64)
        lon, lat, time = numbers["lon"], numbers["lat"], numbers["time"]
        return FleetColumns(born, lon, lat, time, numbers["speed"], numbers["steady"])

    def _open(self) -> _Picture:
        """The newest picture; an empty one where there is none any more."""
        for _ in range(TRIES):
            number = self._newest[0]
            opened = self._opened
            if opened is not None and opened.number == number:
                return opened  # type: ignore[no-any-return]
            try:
                layout = picture.columns(self._folder, number)
                records = picture.records(self._folder, number, layout)
                opened = _Picture(number, layout, records, picture.numbers(self._folder, number))
            except (OSError, ValueError):
                continue
            self._opened = opened
            return opened
        kind = np.dtype([("deleted", "S1"), *((f"c{i}", "S1") for i in range(len(FIXED)))])
        layout = [RecordColumn(name, kind, 1) for name, kind in FIXED]
        return _Picture(0, layout, np.zeros(0, kind), np.zeros((len(COLUMNS), 0)))


def _row(found: _Picture, name: bytes) -> int:
    rows = np.flatnonzero((found.records["c0"] == name) & (found.records["deleted"] != GONE))
    return int(rows[0]) if len(rows) and name else -1


def _named(found: _Picture) -> Iterable[tuple[bytes, int]]:
    rows = np.flatnonzero(found.records["deleted"] != GONE)
    return zip(found.records["c0"][rows].tolist(), rows.tolist())


def _are_at(found: _Picture, rows: Array, names: list[bytes]) -> bool:
    """Whether all of these vehicles are in these rows."""
    if not len(rows) or rows.min() < 0 or rows.max() >= len(found.records):
        return not len(rows)
    there = found.records["deleted"][rows] != GONE
    return bool(there.all()) and found.records["c0"][rows].tolist() == names


def _fixes(found: _Picture, rows: Array) -> Fixes:
    idents = [name.decode("utf-8", "replace") for name in found.records["c0"][rows].tolist()]
    columns = [column[rows] for column in found.numbers]
    derived = np.nan_to_num(columns[COLUMNS.index("derived")]).astype(np.uint8)
    attributes = Attributes(found.records, found.layout, rows)
    return Fixes(idents, None, columns[: len(NUMBERS)], derived, attributes, slots=rows)


class MappedPositions:
    """What the window asks of ``Positions``, as the reading process tells it."""

    def __init__(self, folder: Path) -> None:
        self.latest = PictureFleet(folder)
        self.offset: Any = None
        self.correction = 0.0
        self.refused: Counter[RefusalReason] = Counter()
        self.last_refused: deque[Refusal] = deque(maxlen=REFUSED_KEPT)
