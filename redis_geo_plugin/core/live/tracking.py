"""Which keys changed: told by the server (CLIENT TRACKING in broadcast mode), on connections of its own.

The server pushes the name of every key under a prefix that is written, deleted or expires, so that a refresh reads only
those. https://redis.io/docs/latest/develop/reference/client-side-caching/
"""

from __future__ import annotations

import select
import time
from typing import Any

from ..redispy import exceptions
from ..server import Server, close_client
from .wire import ANSWER_TIMEOUT, Wire, open_wires

PING_AFTER = 2.0  # seconds of silence after which the connection has to prove that it lives
LONGEST_WAIT = 0.25


class ChangeWatch:
    """Hears of changes under key prefixes. Open it before the first full read, so that nothing falls in between.

    ``wait`` fills ``changed`` (key -> None, in the order of the first change). ``everything`` is set when the whole
    database was flushed. Raises redis-py's errors: ResponseError where the server does not have or allow tracking,
    ConnectionError and TimeoutError where the connection is lost.
    """

    def __init__(self, server: Server, prefixes: list[bytes]):
        self.changed: dict[bytes, None] = {}
        self.everything = False
        self.pushed = 0
        self._client = server.blocking(0.0)
        self._wires: list[Wire] = []
        try:
            self._wires = open_wires(self._client, self._on_push)
            for wire in self._wires:
                wire.ask("HELLO", "3")  # RESP3 for this connection only; redis-py has logged in already
                words: list[Any] = ["CLIENT", "TRACKING", "ON", "BCAST"]
                for prefix in _disjoint(prefixes):
                    words += ["PREFIX", prefix]
                wire.ask(*words)
        except BaseException:
            self.close()
            raise
        self._heard_at = time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Listen for at most this long (and 0.25 s); True as soon as something changed."""
        seconds = min(seconds, LONGEST_WAIT)
        before = self.pushed
        if len(self._wires) == 1:
            self._wires[0].wait(seconds)
        else:
            sockets = [wire._socket for wire in self._wires]
            ready = select.select(sockets, [], [], seconds)[0] if seconds > 0 else []
            for wire in self._wires:
                if not ready or wire._socket in ready:
                    wire.wait(0.0)
        now = time.monotonic()
        if self.pushed != before:
            self._heard_at = now
        elif now - self._heard_at > PING_AFTER:
            self._prove_alive()
            self._heard_at = time.monotonic()
        return self.pushed != before or self.everything

    def take(self, limit: int) -> list[bytes]:
        """The keys that changed first, at most ``limit``; they are forgotten here."""
        if len(self.changed) <= limit:
            keys = list(self.changed)
            self.changed.clear()
            return keys
        keys = []
        for key in self.changed:
            keys.append(key)
            if len(keys) >= limit:
                break
        for key in keys:
            del self.changed[key]
        return keys

    def close(self) -> None:
        for wire in self._wires:
            wire.close()
        close_client(self._client)

    def _on_push(self, message: list[Any]) -> None:
        if not message or message[0] != b"invalidate":
            return
        self.pushed += 1
        if message[1] is None:
            self.everything = True
        else:
            self.changed.update(dict.fromkeys(message[1]))

    def _prove_alive(self) -> None:
        for wire in self._wires:
            if wire.ask("PING") is None:
                raise exceptions.ConnectionError(f"no answer within {ANSWER_TIMEOUT} s")


def _disjoint(prefixes: list[bytes]) -> list[bytes]:
    """Without those that another covers: the server refuses overlapping prefixes."""
    kept: list[bytes] = []
    for prefix in sorted(set(prefixes)):
        if not any(prefix.startswith(other) for other in kept):
            kept.append(prefix)
    return kept
