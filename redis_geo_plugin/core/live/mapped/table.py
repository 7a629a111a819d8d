"""The rows of a fleet as records of one size, each vehicle's always in the same row.

A row's number is the id of its feature. It is given to another vehicle only after a picture has been shown in
which it stood for none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...geometry.arrays import Array
from ...json_types import JsonObject
from ..fleet import NAN, NUMBERS, Fixes, names_of
from . import texts

GONE, THERE = b"*", b" "  # the mark of a record that is deleted, and of one that is not
FIXED = (
    ("id", "text"),
    ("time", "text"),
    ("speed_ms", "real"),
    ("heading", "real"),
    ("source", "text"),
    ("derived", "text"),
)
FIRST_WIDTH = {"text": 16, "real": texts.NUMBER, "int": 20, "bool": 1}
MOST_WIDTH = 60_000  # bytes of a record: a DBF file counts them in 16 bits
MOST_COLUMNS = 1_000
FIRST_ROWS = 1_024
MOST_TOLD = 300  # rows whose change is told one by one
POINT = np.dtype([("head", ">i4", 2), ("type", "<i4"), ("x", "<f8"), ("y", "<f8")])
COLUMNS = (*NUMBERS, "derived", "born", "steady")  # of ``Table.numbers``, each float64
_DERIVED, _BORN, _STEADY = (COLUMNS.index(name) for name in ("derived", "born", "steady"))
_TIME = COLUMNS.index("time")
_TOLD_AS = np.array([(names_of(bits) or "").encode() for bits in range(16)])


class TooWide(Exception):
    """The records of this fleet do not fit into such a table."""


@dataclass
class RecordColumn:
    """A column of the records: ``kind`` is int, real, text or bool, ``width`` its bytes."""

    name: str
    kind: str
    width: int


@dataclass
class Applied:
    """What a difference did to the rows: how many were written, the first of those that changed or came, and
    all that went."""

    written: int
    changed: list[int]
    came: list[int]
    gone: list[int]


class Table:
    """``records`` are what a DBF file holds, ``points`` what a SHP file does, ``numbers`` the columns of
    ``COLUMNS`` (float64): all by row, of which ``used`` are or were in use. ``source`` is the name of the
    feed, ``gap`` the silence (seconds) after which ``steady`` begins anew."""

    def __init__(self, source: str, gap: float = float("inf")):
        self.source, self.gap = source, gap
        self.columns = [RecordColumn(name, kind, FIRST_WIDTH[kind]) for name, kind in FIXED]
        self.columns[1].width = texts.MOMENT
        self.used = 0
        self.cut = False  # a text was too long for its record
        self._rows: dict[str, int] = {}
        self._free: list[int] = []
        self._left: list[int] = []  # free after the next picture
        self._kept: list[JsonObject] = []  # the attributes by row
        self._births = 0
        self.records: Any = np.zeros(FIRST_ROWS, self._layout())
        self.points: Any = np.zeros(FIRST_ROWS, POINT)
        self.numbers: Array = np.full((len(COLUMNS), FIRST_ROWS), NAN)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def idents(self) -> Iterable[str]:
        """The vehicles that have a row."""
        return self._rows.keys()

    def row(self, ident: str) -> int:
        """The row of a vehicle; -1 where it has none."""
        return self._rows.get(ident, -1)

    def apply(self, changed: Fixes, gone: Iterable[str], kinds: dict[str, str]) -> Applied:
        """Write what changed. Raises TooWide, and then nothing more can be written."""
        self._extend(kinds)
        left = self._remove(gone)
        if not len(changed):
            return Applied(0, [], [], left)
        rows = np.array([self._rows.get(ident, -1) for ident in changed.idents], np.int64)
        new = np.flatnonzero(rows < 0)
        if len(new):
            rows[new] = self._settle([changed.idents[place] for place in new.tolist()])
        self._write(changed, rows)
        came = rows[new].tolist()
        known = rows[rows >= 0] if not len(new) else np.delete(rows, new)
        return Applied(len(rows), known[:MOST_TOLD].tolist(), came[:MOST_TOLD], left)

    def shown(self) -> None:
        """A picture was shown: the rows of those who had left by then are free."""
        self._free += self._left
        self._left = []

    def rename(self, source: str) -> None:
        """Change the name of the feed in all rows."""
        self.source = source
        text = texts.attributes("text", [source])
        self._fit(4, len(text[0]))
        self.records["c4"][: self.used] = text[0]

    def adopt(
        self, columns: list[RecordColumn], records: Any, points: Any, numbers: Array, idents: Sequence[str]
    ) -> None:
        """Go on with the rows of an earlier picture (``idents``: empty for a row that is free)."""
        self.columns, self.used = columns, len(records)
        self.records, self.points, self.numbers = records, points, numbers
        self._rows = {ident: row for row, ident in enumerate(idents) if ident}
        self._free = [row for row, ident in enumerate(idents) if not ident]
        self._kept = [{} for _ in idents]
        self._births = int(np.nanmax(numbers[_BORN], initial=0.0))

    # --- rows -----------------------------------------------------------------------------------------------

    def _remove(self, idents: Iterable[str]) -> list[int]:
        found = [self._rows.pop(ident, -1) for ident in idents]
        rows = [row for row in found if row >= 0]
        for row in rows:
            self._kept[row] = {}
        self.records["deleted"][rows] = GONE
        self.points["type"][rows] = 0
        self.numbers[:, rows] = NAN
        self.numbers[_BORN, rows] = 0.0
        self._left += rows
        return rows

    def _settle(self, idents: list[str]) -> list[int]:
        """Give rows to vehicles that have none."""
        reused = [self._free.pop() for _ in range(min(len(self._free), len(idents)))]
        fresh = range(self.used, self.used + len(idents) - len(reused))
        rows = [*reused, *fresh]
        self.used += len(fresh)
        self._kept += [{} for _ in fresh]
        self._grow(self.used)
        names = [ident.encode("utf-8", "replace") for ident in idents]
        longest = max(map(len, names))
        if longest > texts.MOST or any("\0" in ident for ident in idents):
            raise TooWide("id")
        self._fit(0, longest)
        self._rows.update(zip(idents, rows))
        self.records[rows] = np.zeros(1, self.records.dtype)[0]
        self.records["c0"][rows] = names
        self.records["c4"][rows] = texts.attributes("text", [self.source])[0]
        self.records["deleted"][rows] = THERE
        self.numbers[:, rows] = NAN
        self.numbers[_BORN, rows] = np.arange(self._births + 1, self._births + 1 + len(rows))
        self._births += len(rows)
        self.points["head"][rows, 0] = np.array(rows) + 1
        self.points["head"][rows, 1] = 10  # 16-bit words of what follows
        self.points["type"][rows] = 1
        return rows

    def _write(self, fixes: Fixes, rows: Array) -> None:
        silent = fixes.time - self.numbers[_TIME, rows]
        anew = ~((silent >= 0.0) & (silent <= self.gap))
        self.numbers[_STEADY, rows[anew]] = fixes.time[anew]
        for column, values in zip(self.numbers, fixes.numbers):
            column[rows] = values
        self.numbers[_DERIVED, rows] = fixes.derived
        self.points["x"][rows], self.points["y"][rows] = fixes.lon, fixes.lat
        records = self.records
        records["c1"][rows] = texts.moments(fixes.time)
        records["c2"][rows] = texts.numbers(fixes.speed)
        records["c3"][rows] = texts.numbers(fixes.heading)
        self._fit(5, _TOLD_AS.itemsize)
        self.records["c5"][rows] = _TOLD_AS[fixes.derived]
        self._write_attributes(fixes.attributes, rows)

    def _write_attributes(self, attributes: Sequence[JsonObject], rows: Array) -> None:
        kept, each = self._kept, rows.tolist()
        others = [place for place, row in enumerate(each) if kept[row] is not attributes[place]]
        if not others or len(self.columns) == len(FIXED):
            return
        for place in others:
            kept[each[place]] = attributes[place]
        self._fill(
            [attributes[place] for place in others], rows[others], range(len(FIXED), len(self.columns))
        )

    def _fill(self, attributes: list[JsonObject], rows: Array, which: Iterable[int]) -> None:
        """Write these columns. Many vehicles of a fleet share their attributes, which are then read once."""
        alike = {id(one): one for one in attributes}
        index = None
        if 2 * len(alike) < len(attributes):
            places = {key: place for place, key in enumerate(alike)}
            index = np.array([places[id(one)] for one in attributes], np.int64)
        different = attributes if index is None else list(alike.values())
        for column in which:
            name, kind = self.columns[column].name, self.columns[column].kind
            values = [one.get(name) for one in different]
            found = texts.attributes(kind, values)
            if kind == "text":
                self.cut = self.cut or any(map(texts.is_cut, values))
                self._fit(column, max(map(len, found)))
            written = np.array(found, f"S{self.columns[column].width}")
            self.records[f"c{column}"][rows] = written if index is None else written[index]

    # --- columns --------------------------------------------------------------------------------------------

    def _extend(self, kinds: dict[str, str]) -> None:
        """Add columns of new attributes, and widen those whose values no longer fit."""
        known = {column.name: place for place, column in enumerate(self.columns)}
        new = [(name, kind) for name, kind in kinds.items() if kind and name not in known]
        wider = [
            (place, kinds[name])
            for name, place in known.items()
            if place >= len(FIXED) and _is_wider(self.columns[place].kind, kinds.get(name, ""))
        ]
        if not new and not wider:
            return
        for place, kind in wider:
            self.columns[place].kind = kind
            self.columns[place].width = max(FIRST_WIDTH[kind], self.columns[place].width)
        self.columns += [RecordColumn(name, kind, FIRST_WIDTH[kind]) for name, kind in new]
        self._lay_out()
        rows = np.array(sorted(self._rows.values()), np.int64)
        if wider and len(rows):
            self._fill([self._kept[row] for row in rows.tolist()], rows, [place for place, _ in wider])

    def _fit(self, column: int, width: int) -> None:
        """Make a column of texts wide enough; it is only ever widened, with room for longer ones."""
        if width > self.columns[column].width:
            self.columns[column].width = min(width + width // 2, texts.MOST)
            self._lay_out()

    def _layout(self) -> Any:
        widths = [(f"c{place}", f"S{column.width}") for place, column in enumerate(self.columns)]
        layout = np.dtype([("deleted", "S1"), *widths])
        if layout.itemsize > MOST_WIDTH or len(self.columns) > MOST_COLUMNS:
            raise TooWide("attributes")
        return layout

    def _lay_out(self) -> None:
        before, names = self.records, self.records.dtype.names
        self.records = np.zeros(len(before), self._layout())
        for name in names:
            self.records[name] = before[name]

    def _grow(self, count: int) -> None:
        capacity = len(self.records)
        if count <= capacity:
            return
        more = max(count, capacity + capacity // 2) - capacity
        self.records = np.concatenate([self.records, np.zeros(more, self.records.dtype)])
        self.points = np.concatenate([self.points, np.zeros(more, POINT)])
        self.numbers = np.concatenate([self.numbers, np.full((len(COLUMNS), more), NAN)], axis=1)


def _is_wider(known: str, kind: str) -> bool:
    return bool(kind) and known not in (kind, "text") and not (known == "real" and kind == "int")
