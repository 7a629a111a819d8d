"""Clients of one server: three kinds with explicit time limits, and the few commands that differ on a cluster.

redis-py changed its defaults for retries and timeouts twice, so every one that matters is set here. Replies are bytes;
whoever reads text decodes it. A Server may be shared between threads; pipelines and pub/sub objects may not.
"""

from __future__ import annotations

import itertools
import os
import ssl
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Optional

from . import background
from .cluster_map import ClusterMap
from .failures import Failure, FailureKind, StoreError, classify
from .gate import guard
from .redispy import (
    ExponentialBackoff,
    NoBackoff,
    Retry,
    UsernamePasswordCredentialProvider,
    cluster,
    redis,
    sentinel,
)
from .settings import ConnectionSettings, Deployment
from .tls import tell_why

CLIENT_NAME = "redis-geo"
INTERACTIVE_TIMEOUT = 0.9  # seconds: an answer in words within a second
BULK_TIMEOUT = 10.0
CACHE_TIMEOUT = 6.0
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
        self._clients: dict[str, Any] = {}
        self.known: dict[str, bool] = {}  # what this server was found to understand, until it is closed

    @property
    def is_cluster(self) -> bool:
        return self.settings.deployment is Deployment.CLUSTER

    @property
    def reading(self) -> Server:
        """The server for searches: Sentinel's replicas where the settings say so (its primary while there are none), else
        this one. What it returns may be a moment old. redis-py sends no GEOSEARCH to a cluster's replicas."""
        if self._replicas or not self.settings.search_replicas or self.settings.deployment is not Deployment.SENTINEL:
            return self
        with self._lock:
            if self._reading is None:
                self._reading = Server(self.settings, replicas=True)
            return self._reading

    @property
    def interactive(self) -> Any:
        """For a person who waits: gives up within a second, does not retry."""
        return self._client("interactive", INTERACTIVE_TIMEOUT, Retry(NoBackoff(), 0))

    @property
    def bulk(self) -> Any:
        """For large reads and idempotent writes in the background: 10 s, two retries with growing pauses."""
        return self._client("bulk", BULK_TIMEOUT, Retry(ExponentialBackoff(cap=1.0, base=0.1), BULK_RETRIES))

    @property
    def cache(self) -> Any:
        """For the cache, which can do without an answer: 6 s (a server may pause), one retry of a broken connection."""
        return self._client("cache", CACHE_TIMEOUT, _cache_retry())

    def blocking(self, block_seconds: float, **options: Any) -> Any:
        """A client of its own for blocking commands that wait at most ``block_seconds``. The caller closes it."""
        return _make_client(self.settings, block_seconds + 2.0, Retry(NoBackoff(), 0), options, self._replicas)

    def key(self, name: str | bytes) -> bytes:
        """The key as it stands on the server, behind the tenant's prefix."""
        raw = name.encode() if isinstance(name, str) else name
        return self.settings.key_prefix.encode() + raw

    def mget(self, keys: Sequence[bytes], client: Any = None) -> list[Optional[bytes]]:
        """The values of many keys in the order given, None where there is none or where it is no string."""
        if not keys:
            return []
        client = client or self.bulk
        if self.is_cluster:
            return list(client.mget_nonatomic(keys))
        return _mget(client, keys)

    @property
    def cluster_map(self) -> ClusterMap:
        """Which node holds a key, and the cache's clients of single nodes. Only for a cluster."""
        with self._lock:
            if self._map is None:
                self._map = ClusterMap(
                    ((self.settings.host, self.settings.port), *self.settings.nodes), self._node_client
                )
            return self._map

    def _node_client(self, address: tuple[str, int]) -> Any:
        single = replace(self.settings, host=address[0], port=address[1], deployment=Deployment.SINGLE, nodes=())
        return _make_client(single, CACHE_TIMEOUT, _cache_retry(), {})

    def scan(self, pattern: str | bytes, kind: Optional[str] = None, count: int = SCAN_COUNT) -> Iterator[bytes]:
        """The keys that match, found with SCAN (never KEYS). A key may come twice. On a cluster: of all shards."""
        return iter(self.bulk.scan_iter(match=pattern, count=count, _type=kind))

    def unlink(self, keys: Iterable[bytes], client: Any = None) -> int:
        """Delete in batches, without blocking the server. Returns how many were there."""
        client = client or self.bulk
        deleted = 0
        iterator = iter(keys)
        while batch := list(itertools.islice(iterator, UNLINK_BATCH)):
            deleted += int(client.unlink(*batch))
        return deleted

    def close(self) -> None:
        """Close every connection; the next command opens a new one."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
            reading, self._reading = self._reading, None
            cluster_map, self._map = self._map, None
            self.known = {}
        if cluster_map is not None:
            clients += cluster_map.take_clients()
        for client in clients:
            close_client(client)
        if reading is not None:
            reading.close()

    def _client(self, kind: str, timeout: float, retry: Any) -> Any:
        with self._lock:
            client = self._clients.get(kind)
            if client is None:
                client = self._clients[kind] = _make_client(self.settings, timeout, retry, {}, self._replicas)
            return client


def _cache_retry() -> Any:
    return Retry(NoBackoff(), 1, supported_errors=(redis.exceptions.ConnectionError,))


def _mget(client: Any, keys: Sequence[bytes]) -> list[Optional[bytes]]:
    """Several MGET over one connection, the next one sent before the answer to the last is read, so that the server works
    while this side parses. Each is packed in one piece: redis-py packs argument by argument and sends every 6 kB, which
    takes longer than the answer. Errors, retries and time limits are the client's own."""
    commands = [_packed_mget(keys[start : start + MGET_BATCH]) for start in range(0, len(keys), MGET_BATCH)]
    pool = client.connection_pool
    connection = pool.get_connection()

    def ask() -> list[Optional[bytes]]:
        values: list[Optional[bytes]] = []
        sent = 0
        for answered in range(len(commands)):
            while sent < min(answered + 2, len(commands)):
                connection.send_packed_command([commands[sent]], check_health=sent == 0)
                sent += 1
            values.extend(connection.read_response())
        return values

    try:
        return connection.retry.call_with_retry(ask, lambda _error: connection.disconnect())
    except BaseException:  # an answer may still be on its way, and must not reach the next command
        connection.disconnect()
        raise
    finally:
        pool.release(connection)


def _packed_mget(keys: Sequence[bytes]) -> bytes:
    """The bytes of one MGET. Keys of results are all of one length, which makes it a join."""
    head = b"*%d\r\n$4\r\nMGET\r\n" % (len(keys) + 1)
    sizes = set(map(len, keys))
    if len(sizes) > 1:
        return head + b"".join([b"$%d\r\n%b\r\n" % (len(key), key) for key in keys])
    size = b"$%d\r\n" % sizes.pop()
    return head + size + (b"\r\n" + size).join(keys) + b"\r\n"


def close_client(client: Any) -> None:
    """Close a client and the connections of its pool; errors while closing are of no use to anyone."""
    try:
        client.close()
        pool = getattr(client, "connection_pool", None)
        if pool is not None:
            pool.disconnect()
    except Exception:  # nosec B110 - the connection is being thrown away
        pass


def _make_client(
    settings: ConnectionSettings, timeout: float, retry: Any, more: dict[str, Any], replicas: bool = False
) -> Any:
    client = _plain_client(settings, timeout, retry, more, replicas)
    return guard(client, settings) if settings.production else client


def _plain_client(
    settings: ConnectionSettings, timeout: float, retry: Any, more: dict[str, Any], replicas: bool = False
) -> Any:
    options: dict[str, Any] = {
        "protocol": 2,  # RESP3 changes the shape of replies
        "socket_timeout": timeout,
        "socket_connect_timeout": min(timeout, 3.0),
        "socket_keepalive": True,
        "health_check_interval": 30,
        "client_name": CLIENT_NAME,
        "decode_responses": False,
    }
    if settings.username or settings.password:  # redis-py shows username= and password= in repr, a provider hides them
        options["credential_provider"] = UsernamePasswordCredentialProvider(settings.username, settings.password)
    options.update(more)
    tls = _tls_options(settings)
    if settings.deployment is Deployment.CLUSTER:
        return _make_cluster_client(settings, timeout, {**options, **tls, "retry": retry})
    options["retry"] = retry
    options["db"] = settings.database
    if settings.deployment is Deployment.SENTINEL:
        sentinels = [(settings.host, settings.port), *settings.nodes]
        watch = {"socket_timeout": min(timeout, 1.0), "socket_connect_timeout": min(timeout, 1.0), **tls}
        manager = sentinel.Sentinel(sentinels, sentinel_kwargs=watch, **options, **tls)
        for one in manager.sentinels:
            tell_why(one)
        return tell_why(manager.slave_for(settings.service) if replicas else manager.master_for(settings.service))
    if settings.unix_socket:
        return redis.Redis(unix_socket_path=settings.unix_socket, **options)
    return tell_why(redis.Redis(host=settings.host, port=settings.port, **options, **tls))


class ClusterAway(redis.exceptions.ConnectionError):
    """No node of a cluster tells who holds what. redis-py's own exception for it is none of its errors, and would pass by
    everyone who expects a server to fail now and then."""


def _make_cluster_client(settings: ConnectionSettings, timeout: float, options: dict[str, Any]) -> Any:
    nodes = [cluster.ClusterNode(h, p) for h, p in ((settings.host, settings.port), *settings.nodes)]
    try:
        client = cluster.RedisCluster(startup_nodes=nodes, **options)
    except (redis.exceptions.RedisError, redis.exceptions.RedisClusterException) as error:
        # redis-py leaves them to the garbage collector, and the server with a client each until then.
        for node in nodes:
            if node.redis_connection is not None:
                close_client(node.redis_connection)
        _ask_why(settings, timeout, classify(error).kind)
        raise ClusterAway(str(error)) from error
    ask_again = client.nodes_manager.initialize

    def initialize(*given: Any, **named: Any) -> None:
        try:
            ask_again(*given, **named)
        except redis.exceptions.RedisClusterException as error:
            raise ClusterAway(str(error)) from error

    client.nodes_manager.initialize = initialize
    return client


def _ask_why(settings: ConnectionSettings, timeout: float, kind: FailureKind) -> None:
    """Raises what a node says by itself, where redis-py's words say too little: its cluster client makes its own connections,
    which do not tell why TLS failed, and takes a user who may not ask for the layout for a server that is no cluster."""
    if kind is not FailureKind.NO_CLUSTER and not (settings.tls and kind in (FailureKind.LOST, FailureKind.OTHER)):
        return
    single = replace(settings, deployment=Deployment.SINGLE, nodes=())
    client = _make_client(single, timeout, Retry(NoBackoff(), 0), {})
    try:
        client.execute_command("CLUSTER SLOTS" if kind is FailureKind.NO_CLUSTER else "PING")
    finally:
        close_client(client)


def _tls_options(settings: ConnectionSettings) -> dict[str, Any]:
    if not settings.tls:
        return {}
    for path in (settings.tls_ca, settings.tls_certificate, settings.tls_key):
        if path and not os.access(path, os.R_OK):  # else a missing file reads like a refused connection
            raise StoreError(Failure(FailureKind.CERTIFICATE_FILE, path))
    return {
        "ssl": True,
        "ssl_cert_reqs": "required",
        "ssl_check_hostname": True,
        "ssl_min_version": ssl.TLSVersion.TLSv1_2,
        "ssl_ca_certs": settings.tls_ca or None,
        "ssl_certfile": settings.tls_certificate or None,
        "ssl_keyfile": settings.tls_key or None,
    }


_servers: dict[ConnectionSettings, Server] = {}
_servers_lock = threading.Lock()


def open_server(settings: Optional[ConnectionSettings]) -> Server:
    """The shared Server of these settings; the same settings give the same object. Raises StoreError for None."""
    if settings is None:
        raise StoreError(Failure(FailureKind.NO_CONNECTION))
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
