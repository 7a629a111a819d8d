"""A hash per vehicle, all values texts: ``driver:7`` = ``lat lon heading speed last_update status``."""

from __future__ import annotations

from ..reader import Reader
from ..records import Row
from .base import Batch, KeysSource, texts, unpacked


class HashKeys(KeysSource):
    KIND = "hash_keys"
    TYPE = "hash"
    POLL_KEYS = 5_000
    texts = True

    def _read_piece(self, reader: Reader, keys: list[bytes], names: list[str]) -> Batch:
        rows: list[Row] = []
        gone: list[str] = []
        for key, name, flat in zip(keys, names, reader.ask_many([("HGETALL", key) for key in keys])):
            if isinstance(flat, Exception) or not flat:
                self._gone(key, name, gone)
                continue
            self._known[key] = name
            if not self._is_same(key, tuple(flat)):
                rows.append(Row(name, key, unpacked(texts(flat))))
        return rows, gone
