"""A string with JSON per vehicle: ``vehicule:42`` = ``{"latitude": 48.85, "longitude": 2.35, "timestamp":
"…"}``."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from operator import eq
from typing import Optional, cast

from ..decoding import LIGHT, VALUE, value_rows
from ..paths import packed
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..records import Row, text_of
from ..spec import FeedSpec
from ..values import number
from .base import Batch, KeysSource, Tr

HEADER = "header"  # kind of details: the key that names the columns of a table's rows
DELIMITERS = ",;\t|"
HEADERS = ("header", "headers", "columns", "fields", "schema")


class JsonKeys(KeysSource):
    """Each string is a vehicle."""

    KIND = "json_keys"
    TYPE = "string"
    COMMANDS: tuple[str, ...] = ("GET", "MGET", "STRLEN", "SCAN")

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        proposal = super().propose(reader, family, families)
        header = find_header(reader, proposal.spec.pattern) if proposal and _are_texts(proposal.rows) else ""
        if proposal is None or not header:
            return proposal
        spec = FeedSpec(
            name=proposal.spec.name,
            kind=cls.KIND,
            pattern=proposal.spec.pattern,
            details=header,
            details_kind=HEADER,
        )
        source = cls(spec)
        source.open(reader)
        rows = [row for batch, _ in source.read(reader, family.keys[:SAMPLE_KEYS]) for row in batch]
        named = judge(spec, rows, cls.texts, family.count)
        if named is None:
            return proposal
        named.reasons.append(("header", {"key": header}))
        return named

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {"header": tr("The values are rows of a table, whose columns are named in {key}.")}

    def open(self, reader: Reader) -> None:
        """Prepare for this server."""
        super().open(reader)
        self._header, self._delimiter = b"", ","
        self._columns: list[str] = []
        if self.spec.details_kind == HEADER and self.spec.details:
            self._header = reader.server.key(self.spec.details)
            text = text_of(reader.mget([self._header])[0] or b"")
            self._delimiter = delimiter_of(text)
            self._columns = cells(text, self._delimiter)

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        """Yield what the keys that changed hold now."""
        light: list[tuple[list[bytes], list[str]]] = []
        rows: list[Row] = []
        others = keys if not self._header else [key for key in keys if key != self._header]
        for piece, names, doubtful in self._pieces(others):
            light.append(self._light(reader, piece, names, doubtful, rows))
        pieces = [(piece, names) for piece, names in light if piece]
        for (piece, names), raws in zip(pieces, reader.mget_each([piece for piece, _ in pieces])):
            yield self._rows(piece, names, raws)
        if rows:
            yield rows, []

    def _rows(self, keys: list[bytes], names: list[str], raws: list[Optional[bytes]]) -> Batch:
        """Return the rows of values that were not read before, and the ids whose keys no longer exist."""
        gone: list[str] = []
        marks, before = list(map(hash, raws)), list(map(self._seen.get, keys))
        if None in raws or any(map(eq, marks, before)):
            for key, name, raw in zip(keys, names, raws):
                if raw is None:
                    self._gone(key, name, gone)
            fresh = [
                place for place, raw in enumerate(raws) if raw is not None and marks[place] != before[place]
            ]
            keys, names = [keys[place] for place in fresh], [names[place] for place in fresh]
            raws, marks = [raws[place] for place in fresh], [marks[place] for place in fresh]
            before = [before[place] for place in fresh]
        found = cast("list[bytes]", raws)
        self._seen.update(zip(keys, marks))
        if None in before:
            self._known.update(zip(keys, names))
        if max(map(len, found), default=0) > LIGHT:
            self._heavy.update(key for key, raw in zip(keys, found) if len(raw) > LIGHT)
        rows = value_rows(names, keys, found)
        return (
            [_named(row, self._columns, self._delimiter) for row in rows] if self._columns else rows
        ), gone


def find_header(reader: Reader, pattern: str) -> str:
    """Return the key, beside those of a pattern, that names the columns of their values; empty if there is
    none."""
    names = [pattern.replace("*", word) for word in HEADERS]
    for name, raw in zip(names, reader.mget([reader.server.key(name) for name in names])):
        text = text_of(raw or b"")
        parts = cells(text, delimiter_of(text))
        if len(parts) > 1 and all(part and number(part) is None for part in parts):
            return name
    return ""


def _are_texts(rows: Sequence[Row]) -> bool:
    """Return whether most of the records are bare texts of several parts."""
    texts = [row.data.get(VALUE) for row in rows if row.data is not None and set(row.data) == {VALUE}]
    return sum(isinstance(text, str) and len(packed(text)) > 1 for text in texts) > 0.5 * len(rows)


def delimiter_of(header: str) -> str:
    """Return the sign between the names of the columns of a table."""
    return max(DELIMITERS, key=header.count)


def cells(text: str, delimiter: str) -> list[str]:
    """Return the cells of a row of a table (RFC 4180); none if it is not a row."""
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _named(row: Row, columns: list[str], delimiter: str) -> Row:
    """Return a row of a table with its parts under the names of their columns.

    A part whose column has no name keeps its number.
    """
    if row.data is not None and isinstance(row.data.get(VALUE), str):
        parts = cells(row.data[VALUE], delimiter)
        names = [*columns, *map(str, range(len(columns), len(parts)))]
        row.data = dict(zip(names, parts))
    return row
