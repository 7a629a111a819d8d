"""Results on their way into the cache, written as enough of them, or enough time, has come together."""

from __future__ import annotations

import time
from typing import Any, Callable

FLUSH_BYTES = 4 * 1024 * 1024
FLUSH_SECONDS = 0.5

Entry = tuple[bytes, bytes, float]  # digest, WKB, microseconds


class Writer:
    """Gathers values and stores them when enough, or enough time, has come together."""

    def __init__(self, store: Callable[[list[Entry]], Any]):
        self._store = store
        self._entries: list[Entry] = []
        self._bytes = 0
        self._since = time.monotonic()

    def due(self) -> bool:
        return time.monotonic() - self._since > FLUSH_SECONDS

    def add(self, digest: bytes, value: bytes, cost_us: float) -> None:
        self._entries.append((digest, value, cost_us))
        self._bytes += len(value)
        if self._bytes >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        self._since = time.monotonic()
        if self._entries:
            entries, self._entries, self._bytes = self._entries, [], 0
            self._store(entries)
