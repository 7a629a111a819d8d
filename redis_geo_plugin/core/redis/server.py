"""The clients of one server, with explicit time limits, and the few commands that differ on a cluster.

Replies are bytes; whoever reads text decodes it. A Server may be shared between threads; pipelines and
pub/sub objects may not. The limits of the clients stand in one table in ``calls``.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Optional, cast

from .. import background
from ..readable import bytes_of
from ..scope import current_scope
from ..watch import Watch
from . import closings
from .borrowed import Taken, run
from .calls import LIMITS, CallCancelled, CallLimits, Lines
from .clients import close_client, make_client
from .cluster_map import ClusterMap
from .doors import Door, TimedClient
from .expect import Expected
from .failures import Failure, FailureKind, StoreError
from .protocol import pack_keys
from .redispy import ExponentialBackoff, NoBackoff, Retry, redis
from .scanning import Cursor, named
from .settings import ConnectionSettings, Deployment
from .types import ClusterClient, RedisClient, RetryPolicy

__all__ = [
    "BULK_RETRIES",
    "INTERACTIVE_TIMEOUT",
    "SCAN_COUNT",
    "Server",
    "close_all",
    "close_client",
    "open_server",
]
INTERACTIVE_TIMEOUT = LIMITS["interactive"].call
BULK_RETRIES = 2
SCAN_COUNT = 1000  # 0.2 s for 200,000 keys, where the server's default of 10 takes 6 s
UNLINK_BATCH = 1000
MGET_BATCH = 1000


class Server:
    """The clients of one connection. Nothing is connected before the first command."""

    def __init__(self, settings: ConnectionSettings, replicas: bool = False):
        self.settings = settings
        self._replicas = replicas
        self._reading: Optional[Server] = None
        self._map: Optional[ClusterMap] = None
        self._lock = threading.Lock()
        self._clients: dict[str, RedisClient] = {}
        self.lines = Lines(closings.of(settings))
        self._closed = 0  # times
        self.known: dict[str, bool] = {}  # what this server was found to understand, until it is closed

    @property
    def is_cluster(self) -> bool:
        """Whether it is a cluster, where keys lie on several nodes."""
        return self.settings.deployment is Deployment.CLUSTER

    @property
    def reading(self) -> Server:
        """The server for searches: Sentinel's replicas where the settings say so (its primary while there
        are none), else this one. What it returns may be a moment old. redis-py sends no GEOSEARCH to a
        cluster's replicas."""
        if (
            self._replicas
            or not self.settings.search_replicas
            or self.settings.deployment is not Deployment.SENTINEL
        ):
            return self
        with self._lock:
            if self._reading is None:
                self._reading = Server(self.settings, replicas=True)
            return self._reading

    @property
    def interactive(self) -> RedisClient:
        """The client for users who wait: gives up within a second and does not retry."""
        return self._client("interactive", Retry(NoBackoff(), 0))

    @property
    def bulk(self) -> RedisClient:
        """The client for large reads and idempotent writes in the background: two retries with growing
        pauses."""
        return self._client("bulk", Retry(ExponentialBackoff(cap=1.0, base=0.1), BULK_RETRIES))

    @property
    def cache(self) -> RedisClient:
        """The client of the cache, which can do without a reply: waits for a slow server, retries a broken
        connection once."""
        return self._client("cache", _cache_retry())

    def blocking(
        self,
        block_seconds: float,
        socket_timeout: Optional[float] = None,
        socket_connect_timeout: Optional[float] = None,
    ) -> RedisClient:
        """A client of its own for commands that block at most ``block_seconds``, with other limits where
        they are given.

        The caller closes it with ``close_client``.
        """
        limits = LIMITS["blocking"].with_pause(block_seconds)
        if socket_timeout is not None:
            limits = CallLimits(socket_timeout, socket_timeout)
        door = Door(self.settings, limits, self.lines)
        return make_client(door, Retry(NoBackoff(), 0), socket_connect_timeout, self._replicas)

    def key(self, name: str | bytes) -> bytes:
        """The key as it stands on the server, behind the tenant's prefix; a text as ``readable.text`` shows
        names."""
        raw = bytes_of(name) if isinstance(name, str) else name
        return self.settings.key_prefix.encode() + raw

    def mget(self, keys: Sequence[bytes], client: Optional[RedisClient] = None) -> list[Optional[bytes]]:
        """The values of many keys in the order given, None where there is none or where it is no string."""
        if not keys:
            return []
        client = client or self.bulk
        if self.is_cluster:
            return list(cast(ClusterClient, client).mget_nonatomic(keys))
        return _mget(cast(TimedClient, client), keys)

    @property
    def cluster_map(self) -> ClusterMap:
        """Which node holds a key, and the cache's clients of single nodes. Only for a cluster."""
        with self._lock:
            if self._map is None:
                self._map = ClusterMap(
                    ((self.settings.host, self.settings.port), *self.settings.nodes), self._node_client
                )
            return self._map

    def _node_client(self, address: tuple[str, int]) -> TimedClient:
        single = replace(
            self.settings, host=address[0], port=address[1], deployment=Deployment.SINGLE, nodes=()
        )
        return cast(TimedClient, make_client(Door(single, LIMITS["cache"], self.lines), _cache_retry()))

    def scan(
        self,
        pattern: str | bytes,
        kind: Optional[str] = None,
        count: int = SCAN_COUNT,
        watch: Optional[Watch] = None,
    ) -> Iterator[bytes]:
        """The keys that match, found with SCAN (never KEYS). A key may come twice. On a cluster: of all
        shards. Without those of very long names (``scanning.named``).

        Args:
            pattern: of the keys.
            kind: their type; None for any.
            count: keys that the server looks at for one reply.
            watch: asked for each reply, of which many in a row may hold none.

        Raises:
            Cancelled: by the watch.
        """
        client = self.bulk
        for one in _of_nodes(cast(ClusterClient, client)) if self.is_cluster else [client]:
            cursor = Cursor(_total(one), count)
            while not cursor.done:
                if watch is not None:
                    watch.check()
                following, keys = one.scan(cursor.value, match=pattern, count=count, _type=kind)
                cursor.move(following)
                with cursor.resting():
                    yield from named(keys)

    def unlink(self, keys: Iterable[bytes], client: Optional[RedisClient] = None) -> int:
        """Delete in batches, without blocking the server. Returns how many were there."""
        client = client or self.bulk
        deleted = 0
        iterator = iter(keys)
        while batch := list(itertools.islice(iterator, UNLINK_BATCH)):
            deleted += int(client.unlink(*batch))
        return deleted

    def abort(self) -> None:
        """End every running call at once, whichever thread waits for it: it raises CallCancelled. Later
        ones connect anew."""
        self.lines.abort()
        reading = self._reading
        if reading is not None:
            reading.abort()

    def close(self) -> None:
        """Close every connection and end what waits on one; the next command opens a new one. Waits for
        nobody."""
        self._closed += 1
        self.abort()
        while not self._lock.acquire(timeout=0.02):  # a client that is being made ends as well
            self.abort()
        try:
            clients, self._clients = list(self._clients.values()), {}
            reading, self._reading = self._reading, None
            cluster_map, self._map = self._map, None
            self.known = {}
        finally:
            self._lock.release()
        if cluster_map is not None:
            clients += cluster_map.take_clients()
        for client in clients:
            close_client(client)
        if reading is not None:
            reading.close()

    def _client(self, kind: str, retry: RetryPolicy) -> RedisClient:
        closed = self._closed
        with self._lock:
            if closed != self._closed:  # while another thread made the client that this one waited for
                raise CallCancelled
            client = self._clients.get(kind)
            if client is None:
                door = Door(self.settings, LIMITS[kind], self.lines)
                client = self._clients[kind] = make_client(door, retry, replicas=self._replicas)
            return client


def _of_nodes(cluster: ClusterClient) -> Iterator[RedisClient]:
    """A client for each primary of a cluster."""
    for node in cluster.get_primaries():
        yield cluster.node_client(node)


def _total(client: RedisClient) -> int:
    """How many keys a server has; 0 without the right to ask."""
    try:
        return int(client.dbsize())
    except redis.exceptions.ResponseError:
        return 0


def _cache_retry() -> RetryPolicy:
    policy: RetryPolicy = Retry(NoBackoff(), 1, supported_errors=(redis.exceptions.ConnectionError,))
    return policy


def _mget(client: TimedClient, keys: Sequence[bytes]) -> list[Optional[bytes]]:
    """Several MGET over one connection, the next one sent before the answer to the last is read, so that
    the server works while this side parses. Each is packed in one piece: redis-py packs argument by
    argument and sends every 6 kB, which takes longer than the answer. Errors, retries and time limits are
    the client's own."""
    batches = [keys[start : start + MGET_BATCH] for start in range(0, len(keys), MGET_BATCH)]

    def ask(connection: Taken) -> list[Optional[bytes]]:
        values: list[Optional[bytes]] = []
        expected = Expected()
        sent = 0
        connection.check(("MGET",))
        for answered in range(len(batches)):
            while sent < min(answered + 2, len(batches)):
                connection.send(pack_keys(b"MGET", batches[sent]))
                expected.sent(b"MGET", len(batches[sent]) + 1)
                sent += 1
            reply = connection.read(expected)
            if isinstance(reply, Exception):
                raise reply
            values.extend(reply)
        return values

    return run(client, ask)


_servers: dict[ConnectionSettings, Server] = {}
_servers_lock = threading.Lock()


def open_server(settings: Optional[ConnectionSettings]) -> Server:
    """The Server of these settings: in work that can be cancelled its own (``scope.Scope``), else the
    shared one.

    Raises StoreError for None, and Cancelled in work that was cancelled.
    """
    if settings is None:
        raise StoreError(Failure(FailureKind.NO_CONNECTION))
    scope = current_scope()
    if scope is not None:
        wanted = settings
        return scope.get(wanted, lambda: Server(wanted))
    with _servers_lock:
        if not _servers:
            background.at_close(close_all)
        server = _servers.get(settings)
        if server is None:
            server = _servers[settings] = Server(settings)
        return server


def close_all() -> None:
    """Close every shared Server (when the plugin is unloaded)."""
    with _servers_lock:
        servers = list(_servers.values())
        _servers.clear()
    for server in servers:
        server.close()
