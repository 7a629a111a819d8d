"""Reads many keys on a connection of its own; on a cluster on one for each node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Callable, Optional, Union, cast

from ..redis.cluster_map import address_of
from ..redis.doors import TimedClient
from ..redis.failures import Failure, FailureKind
from ..redis.redispy import exceptions
from ..redis.scanning import Cursor, named
from ..redis.server import SCAN_COUNT, Server, close_client
from ..redis.settings import ConnectionSettings
from ..redis.types import RedisClient, Reply
from .cluster_wires import ClusterWires
from .connection import Wire, Word, answers

AHEAD = 2  # pieces that the server is asked for at most, before their values are looked at


class ScanCursor:
    """A SCAN of one server, a step at a time, with breaks as its caller likes; ``done`` when it has named
    every key there was all along."""

    def __init__(self, ask: Callable[..., Reply], pattern: bytes):
        self._ask, self._pattern = ask, pattern
        self._cursor = Cursor(in_turn=True)

    @property
    def done(self) -> bool:
        """Whether every key was named."""
        return self._cursor.done

    def step(self, count: int, kind: str = "") -> list[bytes]:
        """The names among the next ``count`` keys or so that match; of keys of one type only, where ``kind``
        says so.
        """
        more = ("TYPE", kind) if kind else ()
        following, keys = self._ask("SCAN", self._cursor.value, "MATCH", self._pattern, "COUNT", count, *more)
        self._cursor.move(following)
        return named(keys)


class Reader:
    """Commands for one feed thread.

    ``close`` may be called from another thread and ends a read that waits.

    ``away`` are the addresses of a cluster's nodes that the last ``scan`` did not reach: what stands there
    was not read, which does not mean that it is gone.
    """

    def __init__(self, server: Server):
        self.server = server
        self.away: list[tuple[str, int]] = []
        self._client: Optional[RedisClient] = None
        self._wire: Optional[Wire] = None
        self.cluster: Optional[ClusterWires] = None
        if server.is_cluster:
            self.cluster = ClusterWires(server.cluster_map)
            self.cluster.look_for_changes()
            return
        self._client = server.blocking(0.0)
        try:
            self._wire = Wire(cast(TimedClient, self._client))
        except BaseException:
            close_client(self._client)
            raise

    @property
    def missing(self) -> Optional[Failure]:
        """The nodes in ``away``, None while all are there."""
        words = ", ".join(f"{host}:{port}" for host, port in self.away)
        return Failure(FailureKind.CLUSTER_DOWN, words) if words else None

    def ask(self, *words: Word) -> Reply:
        """Send one command and return its reply. Raises redis-py's errors."""
        return self._wires.ask(*words)

    def ask_many(self, commands: Sequence[Sequence[Word]]) -> list[Reply]:
        """Send many commands in one write. The ResponseError of a refused command stands in the place of its
        reply."""
        if not commands:
            return []
        return self._wires.ask_many(commands)

    def mget(self, keys: Sequence[bytes]) -> list[Optional[bytes]]:
        """Values in the order of the keys; None where there is none or where it is no string."""
        if not keys:
            return []
        if self._wire is not None:
            return list(self._wire.ask("MGET", *keys))
        return [_value(reply) for reply in self._wires.ask_many([("GET", key) for key in keys])]

    def mget_each(self, pieces: Sequence[Sequence[bytes]]) -> Iterator[list[Optional[bytes]]]:
        """``mget`` of each piece in turn.

        The next one is asked for before the last is handed out, so that the server works meanwhile: nothing
        else may be asked until all of them were taken (whoever takes fewer loses the connection).
        """
        if self._wire is None:
            yield from map(self.mget, pieces)
            return
        asked = taken = 0
        try:
            while taken < len(pieces):
                while asked < len(pieces) and asked - taken < AHEAD:
                    self._wire.send("MGET", *pieces[asked])
                    asked += 1
                reply = self._wire.read()
                taken += 1
                if isinstance(reply, Exception):
                    raise reply
                yield reply
        finally:
            if asked > taken:
                self._wire.close()

    def scan(
        self, pattern: bytes, kind: str = "", count: int = SCAN_COUNT, in_turn: bool = False
    ) -> Iterator[list[bytes]]:
        """The keys that match, a batch at a time (batches may be empty). A key may come twice.

        Args:
            pattern: of their names, as SCAN takes it.
            kind: the Redis type of all of them; empty: any.
            count: how many keys a step visits, or so.
            in_turn: whether other things are done between the steps, for as long as they take.
        """
        if self._wire is None:
            yield from self._scan_nodes(pattern, kind, count, in_turn)
            return
        cursor = Cursor(count=count, in_turn=in_turn)
        more: tuple[Word, ...] = ("TYPE", kind) if kind else ()
        while not cursor.done:
            following, keys = self._wire.ask("SCAN", cursor.value, "MATCH", pattern, "COUNT", count, *more)
            cursor.move(following)
            with cursor.resting():
                yield named(keys)

    def cursors(self, pattern: bytes) -> list[ScanCursor]:
        """A cursor for each server that holds keys, which the caller moves on."""
        if self.cluster is None:
            return [ScanCursor(self.ask, pattern)]
        return [ScanCursor(partial(self.cluster.ask_node, node), pattern) for node in self.cluster.nodes]

    def _scan_nodes(self, pattern: bytes, kind: str, count: int, in_turn: bool) -> Iterator[list[bytes]]:
        """Scan node by node, and go on where one does not answer; see ``away``."""
        self.away = []
        assert self.cluster is not None
        nodes = self.cluster.nodes
        more: tuple[Word, ...] = ("TYPE", kind) if kind else ()
        for node in nodes:
            cursor = Cursor(count=count, in_turn=in_turn)
            try:
                while not cursor.done:
                    words = ("SCAN", cursor.value, "MATCH", pattern, "COUNT", count, *more)
                    following, keys = self.cluster.ask_node(node, *words)
                    cursor.move(following)
                    with cursor.resting():
                        yield named(keys)
            except (exceptions.ConnectionError, exceptions.TimeoutError):
                self.away.append(address_of(node))
                if len(self.away) == len(nodes):
                    raise
                yield []

    def ping(self) -> None:
        """Raise where the server is away, and on a cluster where a node that was away is back."""
        if self._wire is not None:
            self.ask("PING")
            return
        if any(map(answers, self.away)):
            raise exceptions.ConnectionError("a node of the cluster is back")
        assert self.cluster is not None
        for node in self.cluster.nodes:
            if address_of(node) not in self.away:
                self.cluster.ask_node(node, "PING")
                return

    def close(self) -> None:
        """Close the connections; a read that waits in another thread ends at once."""
        self._wires.close()
        if self._client is not None:
            close_client(self._client)

    @property
    def _wires(self) -> Union[Wire, ClusterWires]:
        wires = self._wire or self.cluster
        assert wires is not None
        return wires


@contextmanager
def reading(settings: ConnectionSettings) -> Iterator[Reader]:
    """A Reader for a while, without a thread of its own. Raises redis-py's errors."""
    server = Server(settings)
    try:
        reader = Reader(server)
        try:
            yield reader
        finally:
            reader.close()
    finally:
        server.close()


def _value(reply: Reply) -> Optional[bytes]:
    """Return the reply of a GET as MGET has it: None for a key of another type."""
    if isinstance(reply, Exception):
        if str(reply).startswith("WRONGTYPE"):
            return None
        raise reply
    return reply  # type: ignore[no-any-return]
