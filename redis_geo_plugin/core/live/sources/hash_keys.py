"""A hash per vehicle, all values texts: ``driver:7`` = ``lat lon heading speed last_update status``."""

from __future__ import annotations

from ..decoding import LARGEST, fields_record
from ..reader import Reader
from ..records import Row
from .base import Batch, KeysSource


class HashKeys(KeysSource):
    """Each hash is a vehicle; all its values are texts."""

    KIND = "hash_keys"
    TYPE = "hash"
    COMMANDS: tuple[str, ...] = ("HGETALL", "MEMORY|USAGE", "SCAN")
    POLL_KEYS = 5_000
    texts = True

    def _oversize(self, reader: Reader, keys: list[bytes]) -> dict[bytes, int]:
        """Return the keys that are too large by their bytes on the server.

        The server measures 200 of the fields; a vehicle has fewer.
        """
        sizes = reader.ask_many([("MEMORY", "USAGE", key, "SAMPLES", 200) for key in keys])
        return {key: size for key, size in zip(keys, sizes) if isinstance(size, int) and size > LARGEST}

    def _read_piece(self, reader: Reader, keys: list[bytes], names: list[str]) -> Batch:
        rows: list[Row] = []
        gone: list[str] = []
        for key, name, flat in zip(keys, names, reader.ask_many([("HGETALL", key) for key in keys])):
            if isinstance(flat, Exception) or not flat:
                self._gone(key, name, gone)
                continue
            self._known[key] = name
            if not self._is_same(key, tuple(flat)):
                rows.append(Row(name, key, fields_record(flat)))
        return rows, gone
