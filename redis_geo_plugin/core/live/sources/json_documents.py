"""A JSON document of the server's own type per vehicle: ``vehicle:7`` = JSON.SET with ``{"location":
"2.35,48.85", …}``."""

from __future__ import annotations

from ...redis.types import Reply
from ..decoding import LARGEST, value_rows
from ..reader import Reader
from .base import Batch, KeysSource

ROOT = "."  # the whole document, as it is: ``$`` would put it into a list


class JsonDocuments(KeysSource):
    """One document per vehicle.

    A document of another form (such as a list of two numbers) is read as its text would be.
    """

    KIND = "json_documents"
    TYPE = "ReJSON-RL"
    COMMANDS: tuple[str, ...] = ("JSON.MGET", "JSON.GET")

    def _oversize(self, reader: Reader, keys: list[bytes]) -> dict[bytes, int]:
        sizes = reader.ask_many([("MEMORY", "USAGE", key) for key in keys])
        return {key: size for key, size in zip(keys, sizes) if isinstance(size, int) and size > LARGEST}

    def _read_piece(self, reader: Reader, keys: list[bytes], names: list[str]) -> Batch:
        gone: list[str] = []
        fresh: list[tuple[str, bytes, bytes]] = []
        said: list[Reply] = reader.ask("JSON.MGET", *keys, ROOT)
        for key, name, raw in zip(keys, names, said):
            if not isinstance(raw, bytes):
                self._gone(key, name, gone)
                continue
            self._known[key] = name
            if not self._is_same(key, raw):
                fresh.append((name, key, raw))
        rows = value_rows(*map(list, zip(*fresh))) if fresh else []
        return rows, gone
