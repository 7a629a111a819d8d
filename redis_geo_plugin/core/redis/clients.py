"""redis-py's clients made from the settings of a connection: single servers, Sentinels, clusters; TCP, TLS,
unix sockets.

redis-py changed its defaults for retries and timeouts twice, so every one that matters is set here.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from . import greeting
from .calls import CallLimits
from .connections import (
    TimedConnection,
    TimedPool,
    TimedSentinelConnection,
    TimedSentinelPool,
    TimedSentinelTlsConnection,
    TimedTlsConnection,
    TimedUnixConnection,
)
from .doors import ClusterAway, Door, TimedClient, TimedCluster
from .failures import Failure, FailureKind, StoreError, classify
from .redispy import NoBackoff, Retry, UsernamePasswordCredentialProvider, exceptions, sentinel
from .settings import ConnectionSettings, Deployment
from .types import RedisClient, RetryPolicy

CONNECT_TIMEOUT = 3.0  # seconds for one address
SHORTEST = 0.3  # seconds that each of several addresses gets at least


def make_client(
    door: Door, retry: RetryPolicy, connect_timeout: Optional[float] = None, replicas: bool = False
) -> RedisClient:
    """A client of these settings behind this door.

    Args:
        door: settings, limits, and where sockets and calls are noted.
        retry: redis-py's Retry for what failed.
        connect_timeout: seconds for connecting to one address.
        replicas: of a Sentinel's service, its replicas.

    Raises:
        StoreError for TLS files that cannot be read; for a cluster, which asks for its layout at once, also
            redis-py's errors.
    """
    settings = door.settings
    addresses = [(settings.host, settings.port), *settings.nodes]
    tls = _tls_options(settings)
    options = {**_options(settings), **tls, "retry": retry}
    wait = min(door.limits.silence, connect_timeout or CONNECT_TIMEOUT, CONNECT_TIMEOUT)
    if settings.deployment is Deployment.SINGLE:
        return _single(door, {**options, "socket_connect_timeout": wait}, bool(tls))
    share = max(min(wait, door.limits.call / len(addresses)), min(wait, SHORTEST))
    if settings.deployment is Deployment.CLUSTER:
        return _cluster(door, addresses, {**options, "socket_connect_timeout": share}, bool(tls))
    options["db"] = settings.database
    return _sentinel(door, addresses, {**options, "socket_connect_timeout": share}, bool(tls), replicas)


def _options(settings: ConnectionSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "protocol": 2,  # RESP3 changes the shape of replies
        "health_check_interval": 30,
        **greeting.options(settings.deployment is Deployment.CLUSTER),
        "decode_responses": False,
    }
    if settings.username or settings.password:
        # redis-py shows username= and password= in repr, a provider hides them
        options["credential_provider"] = (
            _ForOwnServer(settings)
            if settings.own_server
            else UsernamePasswordCredentialProvider(settings.username, settings.password)
        )
    return options


_WHO_LISTENS = "refused: the local server does not run, and who listens at its address is not known"


class _ForOwnServer(UsernamePasswordCredentialProvider):  # type: ignore[misc]
    """The password of the profile's own server, which redis-py asks for once it is connected, before it sends
    anything: after a crash or a restart of the computer another user's program may listen there."""

    def __init__(self, settings: ConnectionSettings):
        super().__init__(settings.username, settings.password)
        self._settings = settings

    def get_credentials(self) -> tuple[str, ...]:
        """Raises ConnectionError where somebody else may be listening."""
        from . import own_server

        if not own_server.holds(Path(self._settings.own_server), self._settings):
            raise exceptions.ConnectionError(_WHO_LISTENS)
        credentials: tuple[str, ...] = super().get_credentials()
        return credentials


def _pool(door: Door, limits: CallLimits, kind: type, options: dict[str, Any]) -> TimedPool:
    return TimedPool(
        connection_class=kind, limits=limits, lines=door.lines, socket_timeout=limits.silence, **options
    )


def _single(door: Door, options: dict[str, Any], tls: bool) -> TimedClient:
    settings = door.settings
    options = {**options, "db": settings.database}
    if settings.unix_socket:
        options = {**options, "path": settings.unix_socket}
        return TimedClient(door, _pool(door, door.limits, TimedUnixConnection, options))
    options = {**options, "host": settings.host, "port": settings.port}
    return TimedClient(
        door, _pool(door, door.limits, TimedTlsConnection if tls else TimedConnection, options)
    )


def _sentinel(
    door: Door, addresses: list[tuple[str, int]], options: dict[str, Any], tls: bool, replicas: bool
) -> TimedClient:
    wait = options["socket_connect_timeout"]
    watch = CallLimits(min(wait, 1.0), min(wait, 1.0) * 2)
    asking = {name: value for name, value in options.items() if name.startswith("ssl_")}
    asking.update(socket_connect_timeout=watch.silence, retry=Retry(NoBackoff(), 0), protocol=2)
    asking.update(greeting.options())
    settings = door.settings
    if settings.sentinel_username or settings.sentinel_password:
        asking["credential_provider"] = UsernamePasswordCredentialProvider(
            settings.sentinel_username, settings.sentinel_password
        )
    manager = sentinel.Sentinel([])
    manager.sentinels = [
        TimedClient(
            replace(door, limits=watch),
            _pool(
                door,
                watch,
                TimedTlsConnection if tls else TimedConnection,
                {**asking, "host": host, "port": port},
            ),
        )
        for host, port in addresses
    ]
    pool = TimedSentinelPool(
        door.settings.service,
        manager,
        is_master=not replicas,
        connection_class=TimedSentinelTlsConnection if tls else TimedSentinelConnection,
        limits=door.limits,
        lines=door.lines,
        socket_timeout=door.limits.silence,
        **options,
    )
    return TimedClient(door, pool)


def _cluster(
    door: Door, addresses: list[tuple[str, int]], options: dict[str, Any], tls: bool
) -> TimedCluster:
    limits = door.limits
    if len(addresses) > 1 and limits.silence >= limits.call:  # one that is mute leaves time for the others
        limits = replace(limits, silence=max(limits.call / len(addresses), SHORTEST))
    kind = TimedTlsConnection if tls else TimedConnection
    more = {name: value for name, value in options.items() if name.startswith("ssl_")}
    plain = {name: value for name, value in options.items() if name not in more}

    def make_pool(**given: object) -> TimedPool:
        return _pool(door, limits, kind, {**given, **more})

    try:
        return TimedCluster(door, addresses, make_pool, **plain)
    except ClusterAway as error:
        _ask_why(door, classify(error).kind)
        raise


def _ask_why(door: Door, kind: FailureKind) -> None:
    """Raises what a node says by itself, where redis-py's words say too little: it takes a user who may not
    ask for the layout for a server that is no cluster, and its words for a refused TLS do not tell why."""
    if kind is not FailureKind.NO_CLUSTER and not (
        door.settings.tls and kind in (FailureKind.LOST, FailureKind.OTHER)
    ):
        return
    single = replace(door.settings, deployment=Deployment.SINGLE, nodes=())
    client = make_client(replace(door, settings=single), Retry(NoBackoff(), 0))
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
        "ssl_cert_reqs": "required",
        "ssl_check_hostname": True,
        "ssl_min_version": ssl.TLSVersion.TLSv1_2,
        "ssl_ca_certs": settings.tls_ca or None,
        "ssl_certfile": settings.tls_certificate or None,
        "ssl_keyfile": settings.tls_key or None,
    }


def close_client(client: RedisClient) -> None:
    """Close a client and the connections of its pool; errors while closing are of no use to anyone."""
    try:
        client.close()
        pool = getattr(client, "connection_pool", None)
        if pool is not None:
            pool.disconnect()
            for one in getattr(getattr(pool, "sentinel_manager", None), "sentinels", ()):
                one.connection_pool.disconnect()
    except Exception:  # nosec B110 - the connection is being thrown away
        pass
