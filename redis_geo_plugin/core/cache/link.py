"""The cache's way to the server during one run: it never raises, remembers the first failure, and rests after one.

While the server is away every read is a miss and every write is dropped, so the result is computed all the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any, Callable, Optional

from ..failures import Failure, classify
from ..server import Server

REST = 5.0  # seconds after a failure during which the server is left alone
BATCH = 1000  # keys per MGET


class Link:
    """Reads, writes and claims of one run; shared by its threads."""

    def __init__(self, server: Optional[Server], failure: Optional[Failure] = None):
        self.server = server
        self.failure: Optional[Failure] = failure
        self._lock = threading.Lock()
        self._rest_until = 0.0

    @property
    def up(self) -> bool:
        """Whether it makes sense to ask now. After a rest the server is asked for a sign of life first."""
        if self.server is None or time.monotonic() < self._rest_until:
            return False
        return not self._rest_until or self._alive()

    def read(self, keys: Sequence[bytes]) -> list[Optional[bytes]]:
        """The values, all None where the server is away."""
        values: list[Optional[bytes]] = []
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            got = self._try(lambda server, batch=batch: server.mget(batch, server.cache))  # type: ignore[misc]
            values.extend(got if got is not None else [None] * len(batch))
        return values

    def write(self, entries: Sequence[tuple[bytes, bytes, int]]) -> int:
        """SET (key, value, TTL in seconds or 0) in one pipeline; returns how many were stored."""

        def fill(pipeline: Any) -> None:
            for key, value, ttl in entries:
                pipeline.set(key, value, ex=ttl or None)

        return sum(1 for reply in self._pipeline(fill) if reply is True)

    def claim(self, keys: Sequence[bytes], token: bytes, milliseconds: int) -> list[Optional[bool]]:
        """SET NX PX for each key; True where it is ours now, False where it is another's, None where the server is away
        or refuses."""

        def fill(pipeline: Any) -> None:
            for key in keys:
                pipeline.set(key, token, nx=True, px=milliseconds)

        replies = self._pipeline(fill)
        if len(replies) != len(keys):
            return [None] * len(keys)
        return [None if isinstance(reply, Exception) else reply is not None for reply in replies]

    def pipeline(self, fill: Callable[[Any], None]) -> list[Any]:
        """Run other commands in one pipeline; an empty list where the server is away."""
        return self._pipeline(fill)

    def unlink(self, keys: Sequence[bytes]) -> None:
        if keys:
            self._try(lambda server: server.unlink(keys, server.cache))

    def _pipeline(self, fill: Callable[[Any], None]) -> list[Any]:
        def run(server: Server) -> list[Any]:
            with server.cache.pipeline(transaction=False) as pipeline:
                fill(pipeline)
                return list(pipeline.execute(raise_on_error=False))

        replies = self._try(run) or []
        for reply in replies:
            if isinstance(reply, Exception):
                self._note(classify(reply))
                break
        return replies

    def _try(self, call: Callable[[Server], Any]) -> Any:
        if not self.up or self.server is None:
            return None
        try:
            return call(self.server)
        except Exception as error:
            failure = classify(error)
            self._note(failure)
            with self._lock:
                self._rest_until = time.monotonic() + REST
            return None

    def _note(self, failure: Failure) -> None:
        with self._lock:
            self.failure = self.failure or failure

    def _alive(self) -> bool:
        try:
            self.server.interactive.ping()  # type: ignore[union-attr]
        except Exception:
            self._rest_until = time.monotonic() + REST
            return False
        self._rest_until = 0.0
        return True
