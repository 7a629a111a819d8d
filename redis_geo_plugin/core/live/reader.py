"""Reads many keys on one connection of its own, or through redis-py's cluster client on a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Optional

from ..failures import Failure, FailureKind
from ..redispy import exceptions
from ..server import SCAN_COUNT, Server, close_client
from ..settings import ConnectionSettings
from .wire import Wire, Word, answers, open_wires, pack

AHEAD = 2  # pieces that the server is asked for at most, before their values are looked at


class Reader:
    """Commands for one feed thread. ``close`` may be called from another thread and ends a read that waits.

    ``away`` are the addresses of a cluster's nodes that the last ``scan`` did not reach: what stands there was not read,
    which does not mean that it is gone.
    """

    def __init__(self, server: Server):
        self.server = server
        self.away: list[tuple[str, int]] = []
        self._client = server.blocking(0.0)
        self._wire: Optional[Wire] = None
        try:
            if not server.is_cluster:
                self._wire = open_wires(self._client)[0]
        except BaseException:
            close_client(self._client)
            raise

    @property
    def missing(self) -> Optional[Failure]:
        """The nodes in ``away``, None while all are there."""
        words = ", ".join(f"{host}:{port}" for host, port in self.away)
        return Failure(FailureKind.CLUSTER_DOWN, words) if words else None

    def ask(self, *words: Word) -> Any:
        """One command. Raises redis-py's errors."""
        if self._wire is not None:
            return self._wire.ask(*words)
        return _plain(self._client.execute_command(*words))

    def ask_many(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        """Many commands in one go; a refused one gives its ResponseError in its place."""
        if not commands:
            return []
        if self._wire is not None:
            return self._wire.ask_many(commands)
        pipeline = self._client.pipeline(transaction=False)
        for words in commands:
            pipeline.execute_command(*words)
        return [_plain(reply) for reply in pipeline.execute(raise_on_error=False)]

    def mget(self, keys: Sequence[bytes]) -> list[Optional[bytes]]:
        """Values in the order of the keys; None where there is none or where it is no string."""
        if not keys:
            return []
        if self._wire is not None:
            return list(self._wire.ask("MGET", *keys))
        return list(self._client.mget_nonatomic(keys))

    def mget_each(self, pieces: Sequence[Sequence[bytes]]) -> Iterator[list[Optional[bytes]]]:
        """``mget`` of each piece in turn. The next one is asked for before the last is handed out, so that the server
        works meanwhile: nothing else may be asked until all of them were taken (whoever takes fewer loses the connection).
        """
        if self._wire is None:
            yield from map(self.mget, pieces)
            return
        asked = taken = 0
        try:
            while taken < len(pieces):
                while asked < len(pieces) and asked - taken < AHEAD:
                    self._wire.send(pack([("MGET", *pieces[asked])]))
                    asked += 1
                reply = self._wire.read()
                taken += 1
                if isinstance(reply, Exception):
                    raise reply
                yield reply
        finally:
            if asked > taken:
                self._wire.close()

    def scan(self, pattern: bytes, kind: str = "", count: int = SCAN_COUNT) -> Iterator[list[bytes]]:
        """The keys that match, a batch at a time (batches may be empty). A key may come twice."""
        if self._wire is None:
            yield from self._scan_nodes(pattern, kind, count)
            return
        cursor: Any = b"0"
        more: tuple[Word, ...] = ("TYPE", kind) if kind else ()
        while True:
            cursor, keys = self._wire.ask("SCAN", cursor, "MATCH", pattern, "COUNT", count, *more)
            yield keys
            if cursor == b"0":
                return

    def _scan_nodes(self, pattern: bytes, kind: str, count: int) -> Iterator[list[bytes]]:
        """Node by node: redis-py's own SCAN of a cluster ends at the first that does not answer."""
        self.away = []
        nodes = self._client.get_primaries()
        for node in nodes:
            batch: list[bytes] = []
            try:
                one = self._client.get_redis_connection(node)
                for key in one.scan_iter(match=pattern, count=count, _type=kind or None):
                    batch.append(key)
                    if len(batch) >= count:
                        yield batch
                        batch = []
            except (exceptions.ConnectionError, exceptions.TimeoutError):
                self.away.append((node.host, node.port))
                if len(self.away) == len(nodes):
                    raise
            yield batch

    def ping(self) -> None:
        """Raises where the server is away; on a cluster also where a node is back that was away."""
        if self._wire is not None:
            self.ask("PING")
            return
        if any(map(answers, self.away)):
            raise exceptions.ConnectionError("a node of the cluster is back")
        for node in self._client.get_primaries():
            if (node.host, node.port) not in self.away:
                self._client.get_redis_connection(node).ping()
                return

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
        close_client(self._client)


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


def _plain(reply: Any) -> Any:
    """redis-py's shaped replies (a dict for HGETALL) as the server sends them: a flat list."""
    if isinstance(reply, dict):
        return [item for pair in reply.items() for item in pair]
    return reply
