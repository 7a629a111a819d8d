"""A string with JSON per vehicle: ``vehicule:42`` = ``{"latitude": 48.85, "longitude": 2.35, "timestamp": "…"}``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import eq
from typing import Optional, cast

from ..reader import Reader
from ..records import Reason, Row
from .base import LARGEST, STRING_CHECK, Batch, KeysSource, json_rows


class JsonKeys(KeysSource):
    KIND = "json_keys"
    TYPE = "string"

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        light: list[tuple[list[bytes], list[str]]] = []
        rows: list[Row] = []
        for piece, names in self._pieces(keys):
            light.append(self._without_heavy(reader, piece, names, rows) if self._heavy else (piece, names))
        if rows:
            yield rows, []
        pieces = [(piece, names) for piece, names in light if piece]
        for (piece, names), raws in zip(pieces, reader.mget_each([piece for piece, _ in pieces])):
            yield self._rows(piece, names, raws)

    def _rows(self, keys: list[bytes], names: list[str], raws: list[Optional[bytes]]) -> Batch:
        """What of these values was not read before, and the ids whose keys are no more."""
        gone: list[str] = []
        marks, before = list(map(hash, raws)), list(map(self._seen.get, keys))
        if None in raws or any(map(eq, marks, before)):
            for key, name, raw in zip(keys, names, raws):
                if raw is None:
                    self._gone(key, name, gone)
            fresh = [place for place, raw in enumerate(raws) if raw is not None and marks[place] != before[place]]
            keys, names = [keys[place] for place in fresh], [names[place] for place in fresh]
            raws, marks = [raws[place] for place in fresh], [marks[place] for place in fresh]
            before = [before[place] for place in fresh]
        found = cast("list[bytes]", raws)
        self._seen.update(zip(keys, marks))
        if None in before:
            self._known.update(zip(keys, names))
        if max(map(len, found), default=0) > STRING_CHECK:
            self._heavy.update(key for key, raw in zip(keys, found) if len(raw) > STRING_CHECK)
        return json_rows(names, keys, found), gone

    def _without_heavy(
        self, reader: Reader, keys: list[bytes], names: list[str], rows: list[Row]
    ) -> tuple[list[bytes], list[str]]:
        """Leave out the keys that were too large last time and still are: only their beginning is read."""
        heavy = [(key, name) for key, name in zip(keys, names) if key in self._heavy]
        lengths = reader.ask_many([("STRLEN", key) for key, _ in heavy])
        skipped = set()
        for (key, name), length in zip(heavy, lengths):
            if isinstance(length, int) and length > LARGEST:
                skipped.add(key)
                start = reader.ask("GETRANGE", key, 0, 1999)
                if not self._is_same(key, (start, length)):
                    rows.append(Row(name, key, None, start, Reason.TOO_LARGE))
            else:
                self._heavy.discard(key)
        kept = [(key, name) for key, name in zip(keys, names) if key not in skipped]
        return [key for key, _ in kept], [name for _, name in kept]
