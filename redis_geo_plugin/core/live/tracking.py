"""Which keys changed: told by the server (CLIENT TRACKING in broadcast mode), on connections of its own.

The server pushes the name of every key under a prefix that is written, deleted or expires, so that a refresh
reads only those. https://redis.io/docs/latest/develop/reference/client-side-caching/
"""

from __future__ import annotations

import select
import time
from collections.abc import Sequence
from itertools import islice, takewhile
from typing import Optional, cast

from ..redis.doors import TimedClient
from ..redis.redispy import exceptions
from ..redis.server import Server, close_client
from ..redis.types import RedisClient, Reply, Word
from .connection import ANSWER_TIMEOUT, Wire

PING_AFTER = 2.0  # seconds of silence after which the connection has to prove that it lives
LONGEST_WAIT = 0.25
OVERDUE = 1.5  # seconds after which a change is read before all others
MOST_CHANGES = 2_000_000  # keys remembered; beyond, everything is read anew


class TrackedChanges:
    """The keys that changed and were not read since.

    ``len()`` of it is how many.

    Where there is not the time to read each change, it matters when a key is read: right after it has changed
    once more its value is new, and lasts; just before, it is old. So those come first, but for what has
    waited too long for that.
    """

    def __init__(self) -> None:
        self._once: dict[bytes, float] = {}  # key -> when it changed (monotonic), in that order
        self._again: dict[
            bytes, float
        ] = {}  # those that changed once more since, in the order in which they did

    def __len__(self) -> int:
        return len(self._once) + len(self._again)

    def note(self, keys: list[bytes]) -> None:
        """Note that these keys have changed."""
        now, once, again = time.monotonic(), self._once, self._again
        if not once and not again:
            once.update(dict.fromkeys(keys, now))
            return
        for key in keys:
            if key not in again:
                before = once.pop(key, None)
                if before is None:
                    once[key] = now
                else:
                    again[key] = before

    def take(self, limit: int) -> list[bytes]:
        """Remove and return at most ``limit`` keys."""
        overdue = time.monotonic() - OVERDUE
        keys = list(islice(takewhile(lambda key: self._once[key] < overdue, self._once), limit))
        for key in keys:
            del self._once[key]
        keys += self._some(self._again, limit - len(keys))
        return keys + self._some(self._once, limit - len(keys))

    @staticmethod
    def _some(waiting: dict[bytes, float], limit: int) -> list[bytes]:
        keys = list(islice(waiting, limit))
        if len(keys) == len(waiting):
            waiting.clear()
        else:
            for key in keys:
                del waiting[key]
        return keys

    def forget(self) -> None:
        """All of them."""
        self._once.clear()
        self._again.clear()


class ChangeWatch:
    """Receives the names of keys that change under some prefixes.

    Open it before the first full read, so that nothing falls in between.

    ``wait`` fills ``changes``. ``everything`` is set when the whole database was flushed. Raises redis-py's
    errors: ResponseError where the server does not have or allow tracking, ConnectionError and TimeoutError
    where the connection is lost.
    """

    def __init__(self, server: Server, prefixes: list[bytes]):
        self.changes = TrackedChanges()
        self.everything = False
        self.resting = False  # the server was told to be silent, see ``rest``
        self.pushed = 0
        self._server = server
        self._client: Optional[RedisClient] = None
        self._prefixes = _disjoint(prefixes)
        self._wires: list[Wire] = []
        self._followed: set[str] = set()  # nodes of a cluster
        try:
            if server.is_cluster:
                self._follow(server.cluster_map.nodes())
            else:
                self._client = server.blocking(0.0)
                self._begin(Wire(cast(TimedClient, self._client), self._on_push))
        except BaseException:
            self.close()
            raise
        self._heard_at = time.monotonic()

    def follow_nodes(self) -> None:
        """Begin tracking on nodes that have joined the cluster. Raises where none can be reached."""
        self._follow([node for node in self._server.cluster_map.nodes() if node not in self._followed])

    def _follow(self, nodes: list[str]) -> None:
        """Open a connection to each of these nodes that can be reached. Raises where none can."""
        failure: Optional[Exception] = None
        for node in nodes:
            try:
                self._begin(Wire(self._server.cluster_map.client(node), self._on_push))
                self._followed.add(node)
            except (exceptions.ConnectionError, exceptions.TimeoutError) as error:
                if isinstance(error, exceptions.AuthenticationError):
                    raise
                failure = error
        if failure is not None and not self._wires:
            raise failure

    def _begin(self, wire: Wire) -> None:
        """Ask for pushes on a connection, which is closed with this object from now on."""
        self._wires.append(wire)
        # RESP3 for this connection only; redis-py has logged in already. Sent together: where the connection
        # is lost at the second, both are asked again, since without RESP3 the server would push nothing.
        commands: list[Sequence[Word]] = [("HELLO", "3")]
        if not self.resting:
            commands.append(self._begin_words())
        for reply in wire.ask_many(commands):
            if isinstance(reply, Exception):
                raise reply

    def _begin_words(self) -> list[Word]:
        """Return the command after which the server tells of changes."""
        words: list[Word] = ["CLIENT", "TRACKING", "ON", "BCAST"]
        for prefix in self._prefixes:
            words += ["PREFIX", prefix]
        return words

    def rest(self) -> None:
        """Let the server tell nothing until ``wake``. What it told before is in ``changes``."""
        for wire in self._wires:
            wire.ask("CLIENT", "TRACKING", "OFF")
        self.resting = True

    def wake(self) -> None:
        """Let the server tell again. What changes from now on is told of; what changed during the rest is
        not."""
        for wire in self._wires:
            wire.ask(*self._begin_words())
        self.resting = False

    def wait(self, seconds: float) -> bool:
        """Listen for at most this long (and 0.25 s); True as soon as something changed."""
        seconds = min(seconds, LONGEST_WAIT)
        before = self.pushed
        if len(self._wires) == 1:
            self._wires[0].wait(seconds)
        else:
            ready = select.select(self._wires, [], [], seconds)[0] if seconds > 0 else []
            for wire in self._wires:
                if not ready or wire in ready:
                    wire.wait(0.0)
        now = time.monotonic()
        if self.pushed != before:
            self._heard_at = now
        elif now - self._heard_at > PING_AFTER:
            self._prove_alive()
            self._heard_at = time.monotonic()
        return self.pushed != before or self.everything

    def close(self) -> None:
        """Close the connections."""
        for wire in self._wires:
            wire.close()
        if self._client is not None:
            close_client(self._client)

    def _on_push(self, message: list[Reply]) -> None:
        if len(message) < 2 or message[0] != b"invalidate":
            return
        self.pushed += 1
        if message[1] is None:
            self.everything = True
        elif isinstance(message[1], list):
            self.changes.note([key for key in message[1] if isinstance(key, bytes)])
            if len(self.changes) > MOST_CHANGES:
                self.changes.forget()
                self.everything = True

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
