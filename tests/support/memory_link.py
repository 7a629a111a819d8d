"""A link that keeps values in this process: for tests of what is above the server, with time and refusals in their hands."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any, Callable, Optional

from redis_geo_plugin.core.cache.link import Link
from redis_geo_plugin.core.redis.failures import Failure, FailureKind
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import ConnectionSettings


class MemoryLink(Link):
    """``values`` is what the server holds: key -> (value, until when by ``time.monotonic``, or None).

    ``away`` makes every call fail, as a server that went away does; ``calls`` lists (what was asked, how many keys).
    """

    def __init__(self, secret: str = "", values: Optional[dict] = None):
        super().__init__(Server(ConnectionSettings(name="memory", key_prefix="t:", cache_secret=secret)))
        self.values: dict[bytes, tuple[bytes, Optional[float]]] = {} if values is None else values
        self.away = False
        self.refuses = False
        self.calls: list[tuple[str, int]] = []
        self._guard = threading.Lock()

    @property
    def up(self) -> bool:
        return not self.away

    def _asked(self, what: str, count: int) -> bool:
        self.calls.append((what, count))
        if self.away:
            self.failure = self.failure or Failure(FailureKind.LOST)
        return not self.away

    def _there(self, key: bytes) -> Optional[bytes]:
        value, until = self.values.get(key, (None, None))
        if until is not None and until < time.monotonic():
            del self.values[key]
            return None
        return value

    def read(self, keys: Sequence[bytes]) -> list[Optional[bytes]]:
        if not self._asked("read", len(keys)):
            return [None] * len(keys)
        return [self._there(key) for key in keys]

    def write(self, entries: Sequence[tuple[bytes, bytes, int]]) -> int:
        if not self._asked("write", len(entries)) or self.refuses:
            return 0
        for key, value, ttl in entries:
            self.values[key] = value, time.monotonic() + ttl if ttl else None
        return len(entries)

    def claim(self, keys: Sequence[bytes], token: bytes, milliseconds: int) -> list[Optional[bool]]:
        if not self._asked("claim", len(keys)) or self.refuses:
            return [None] * len(keys)
        with self._guard:
            free = [self._there(key) is None for key in keys]
            for key, mine in zip(keys, free):
                if mine:
                    self.values[key] = token, time.monotonic() + milliseconds / 1000.0
        return list(free)

    def renew(self, keys: Sequence[bytes], milliseconds: int) -> list[bool]:
        if not self._asked("renew", len(keys)):
            return [False] * len(keys)
        for key in keys:
            if key in self.values:
                self.values[key] = self.values[key][0], time.monotonic() + milliseconds / 1000.0
        return [True] * len(keys)

    def lifetimes(self, keys: Sequence[bytes]) -> list[Optional[int]]:
        if not self._asked("lifetimes", len(keys)):
            return [None] * len(keys)
        found: list[Optional[int]] = []
        for key in keys:
            if self._there(key) is None:
                found.append(-2)
            else:
                until = self.values[key][1]
                found.append(-1 if until is None else int((until - time.monotonic()) * 1000))
        return found

    def pipeline(self, key: bytes, fill: Callable[[Any], None]) -> list[Any]:
        if not self._asked("pipeline", 1):
            return []
        recorded = Recorded()
        fill(recorded)
        self.recorded = recorded.commands
        return []

    def unlink(self, keys: Sequence[bytes]) -> None:
        if self._asked("unlink", len(keys)):
            for key in keys:
                self.values.pop(key, None)

    def asked(self, what: str) -> int:
        """How many keys were asked for this way."""
        return sum(count for name, count in self.calls if name == what)


class Recorded:
    """Takes commands as a pipeline does, and remembers them."""

    def __init__(self) -> None:
        self.commands: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **more: self.commands.append((name, *arguments, *more.values()))
