"""The cache's way to the server during one run: it never raises, remembers the first failure, and rests after
one.

While the server is away every read is a miss and every write is dropped, so the result is computed all the
same. On a cluster each node has its own share of the keys: while one is away, the shares of the others are
read and written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Callable, Optional, TypeVar, cast

from ..admin.health import read_health
from ..redis import production
from ..redis.failures import Failure, FailureKind, classify
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.sized import asker
from ..redis.types import RedisClient, RedisPipeline, Reply, Word

REST = 5.0  # seconds after a failure during which the server is left alone
BATCH = 1000  # keys per pipeline of a cluster, and per UNLINK
WHOLE = ""  # the server, or the cluster as a whole
_DONE = (True, b"OK")  # what SET answers, as redis-py's clusters have it and as it stands on the wire
_AWAY = object()  # in place of a reply that did not come
# What a node answers for a key that is elsewhere by now, or on its way there (MOVED is an ASK to redis-py).
_ELSEWHERE = (exceptions.AskError, exceptions.TryAgainError)


_Result = TypeVar("_Result")


class Link:
    """Reads, writes and claims of one run; shared by its threads."""

    def __init__(self, server: Optional[Server], failure: Optional[Failure] = None):
        self.server = server
        self.failure: Optional[Failure] = failure
        self._lock = threading.Lock()
        self._rest_until: dict[str, float] = {}  # by node of a cluster
        self._may_write = server is None or not production.is_locked(server.settings)
        if not self._may_write and server is not None:
            self.failure = self.failure or Failure(FailureKind.PRODUCTION, server.settings.name)

    @property
    def up(self) -> bool:
        """Whether the server is to be asked now. After a pause it is sent a PING first."""
        if self.server is None or self._rests(WHOLE):
            return False
        return WHOLE not in self._rest_until or self._alive()

    def read(self, keys: Sequence[bytes]) -> list[Optional[bytes]]:
        """The values, all None where the server is away."""
        if self.server is None or not self.server.is_cluster:
            got = self._try(lambda server: server.mget(keys, server.cache)) if keys else []
            return [None] * len(keys) if got is None else got
        values: list[Optional[bytes]] = []
        for start in range(0, len(keys), BATCH):
            replies = self._each([("GET", key) for key in keys[start : start + BATCH]])
            values.extend(reply if isinstance(reply, bytes) else None for reply in replies)
        return values

    def ask(self, commands: Sequence[Sequence[Word]]) -> list[Reply]:
        """The replies to commands that read, in order, a refused one's error in its place; an empty list
        where the server is away. It is what ``sized`` asks with."""
        return self._try(lambda server: asker(server, server.cache)(commands)) or []

    def free_bytes(self) -> Optional[int]:
        """The memory that the server has left, None where it does not tell."""
        health = self._try(read_health)
        return None if health is None else health.free

    def write(self, entries: Sequence[tuple[bytes, bytes, int]]) -> int:
        """SET (key, value, TTL in seconds or 0) in one pipeline; returns how many were stored."""
        if not self._may_write:
            return 0
        commands = [
            ("SET", key, value, "EX", ttl) if ttl else ("SET", key, value) for key, value, ttl in entries
        ]
        return sum(1 for reply in self._each(commands) if reply in _DONE)

    def claim(self, keys: Sequence[bytes], token: bytes, milliseconds: int) -> list[Optional[bool]]:
        """SET NX PX for each key; True where it is ours now, False where it is another's, None where the
        server is away or refuses."""
        if not self._may_write:
            return [None] * len(keys)
        replies = self._each([("SET", key, token, "NX", "PX", milliseconds) for key in keys])
        return [
            None if reply is _AWAY or isinstance(reply, Exception) else reply is not None for reply in replies
        ]

    def renew(self, keys: Sequence[bytes], milliseconds: int) -> list[bool]:
        """PEXPIRE of each key; True where the server took it."""
        if not self._may_write:
            return [False] * len(keys)
        replies = self._each([("PEXPIRE", key, milliseconds) for key in keys])
        return [reply is not _AWAY and not isinstance(reply, Exception) for reply in replies]

    def lifetimes(self, keys: Sequence[bytes]) -> list[Optional[int]]:
        """PTTL of each key: milliseconds, -1 for a key without, -2 for no key; None where the server does not
        say."""
        replies = self._each([("PTTL", key) for key in keys])
        return [reply if isinstance(reply, int) else None for reply in replies]

    def pipeline(self, key: bytes, fill: Callable[[RedisPipeline], None]) -> list[Reply]:
        """Run other commands on one key, which write, in a pipeline; an empty list where the server is
        away."""
        if not self._may_write:
            return []
        for node in self._shares([key]):
            if node == WHOLE or not self._rests(node):
                replies = self._pipeline(fill, node)
                elsewhere = bool(replies) and isinstance(replies[0], _ELSEWHERE)
                return self._pipeline(fill) if elsewhere else replies
        return []

    def unlink(self, keys: Sequence[bytes]) -> None:
        """Delete, where the server can be reached."""
        if not keys or not self._may_write:
            return
        if self.server is not None and self.server.is_cluster:  # a command each: their slots differ
            self._each([("UNLINK", key) for key in keys])
            return
        self._ask([("UNLINK", *keys[start : start + BATCH]) for start in range(0, len(keys), BATCH)])

    def _pipeline(self, fill: Callable[[RedisPipeline], None], node: str = WHOLE) -> list[Reply]:
        def run(server: Server) -> list[Reply]:
            with self._client(server, node).pipeline(transaction=False) as pipeline:
                fill(pipeline)
                return list(pipeline.execute(raise_on_error=False))

        return self._seen(self._try(run, node) or [], node)

    def _ask(self, commands: Sequence[Sequence[Word]], node: str = WHOLE) -> list[Reply]:
        """The replies to these commands, sent together as they are: redis-py's own pipeline takes
        longer for each."""
        replies = self._try(lambda server: asker(server, self._client(server, node))(commands), node)
        return self._seen(replies or [], node)

    def _client(self, server: Server, node: str) -> RedisClient:
        return server.cache if node == WHOLE else server.cluster_map.client(node)

    def _seen(self, replies: list[Reply], node: str) -> list[Reply]:
        """Note what was refused."""
        for reply in replies:
            if node != WHOLE and isinstance(reply, _ELSEWHERE):
                self.server.cluster_map.doubt()  # type: ignore[union-attr]
            elif isinstance(reply, Exception):
                failure = self._failure(reply, node)
                self._may_write = self._may_write and failure.kind is not FailureKind.NO_RIGHTS
                self._note(failure)
                break
        return replies

    def _each(self, commands: Sequence[Sequence[Word]]) -> list[Reply]:
        """Commands of one key each, their second word; the replies in order, _AWAY where none came. What has
        moved is asked of the cluster as a whole, whose client follows it."""
        replies: list[Reply] = [_AWAY] * len(commands)
        for node, places in self._shares([cast("bytes", command[1]) for command in commands]).items():
            if node != WHOLE and self._rests(node):
                continue

            self._fill(replies, places, commands, node)
        elsewhere = [i for i, reply in enumerate(replies) if isinstance(reply, _ELSEWHERE)]
        if elsewhere:
            self._fill(replies, elsewhere, commands, WHOLE)
        return replies

    def _fill(
        self, replies: list[Reply], places: Sequence[int], commands: Sequence[Sequence[Word]], node: str
    ) -> None:
        """Put the replies of these commands into their places."""
        for i, reply in zip(places, self._ask([commands[i] for i in places], node)):
            replies[i] = reply

    def _shares(self, keys: Sequence[bytes]) -> Mapping[str, Sequence[int]]:
        """The positions of the keys by the node that holds them."""
        if self.server is None or not self.server.is_cluster:
            return {WHOLE: range(len(keys))}
        nodes = self._try(lambda server: [server.cluster_map.node_of(key) for key in keys]) or []
        shares: dict[str, list[int]] = {}
        for i, node in enumerate(nodes):
            shares.setdefault(node, []).append(i)
        return shares

    def _try(self, call: Callable[[Server], _Result], node: str = WHOLE) -> Optional[_Result]:
        if not self.up or self.server is None:
            return None
        try:
            result = call(self.server)
        except Exception as error:
            self._note(self._failure(error, node))
            with self._lock:
                self._rest_until[node] = time.monotonic() + REST
            return None
        if node != WHOLE:
            self._rest_until.pop(node, None)
        return result

    def _failure(self, error: Exception, node: str) -> Failure:
        """What happened; at a node of a cluster, the layout may have changed."""
        failure = classify(error)
        if node != WHOLE and self.server is not None and failure.passing:
            self.server.cluster_map.doubt()
            return Failure(FailureKind.CLUSTER_DOWN, failure.words)
        return failure

    def _rests(self, node: str) -> bool:
        return time.monotonic() < self._rest_until.get(node, 0.0)

    def _note(self, failure: Failure) -> None:
        with self._lock:
            self.failure = self.failure or failure

    def _alive(self) -> bool:
        try:
            self.server.interactive.ping()  # type: ignore[union-attr]
        except Exception:
            self._rest_until[WHOLE] = time.monotonic() + REST
            return False
        self._rest_until.pop(WHOLE, None)
        return True
