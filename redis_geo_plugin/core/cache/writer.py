"""Buffered writing into the cache: results are stored in batches, by size or by time."""

from __future__ import annotations

import time
from typing import Callable

FLUSH_BYTES = 4 * 1024 * 1024
FLUSH_SECONDS = 0.5

Entry = tuple[bytes, bytes, float]  # digest, WKB, microseconds


class Writer:
    """Gathers results and stores them in batches of ``FLUSH_BYTES``, or every ``FLUSH_SECONDS``."""

    def __init__(self, store: Callable[[list[Entry]], object]):
        self._store = store
        self._entries: list[Entry] = []
        self._bytes = 0
        self._since = time.monotonic()

    def due(self) -> bool:
        """Whether the last store is longer ago than ``FLUSH_SECONDS``."""
        return time.monotonic() - self._since > FLUSH_SECONDS

    def add(self, digest: bytes, value: bytes, cost_us: float) -> None:
        """Add a result; stores the batch when it is large enough."""
        self._entries.append((digest, value, cost_us))
        self._bytes += len(value)
        if self._bytes >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Store the batch now."""
        self._since = time.monotonic()
        if self._entries:
            entries, self._entries, self._bytes = self._entries, [], 0
            self._store(entries)
