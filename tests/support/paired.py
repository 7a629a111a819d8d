"""A client of the plugin whose one connection is a pair of sockets: the test is the server."""

from __future__ import annotations

import socket

from redis_geo_plugin.core.redis.calls import LIMITS, CallLimits
from redis_geo_plugin.core.redis.connections import TimedConnection, TimedPool
from redis_geo_plugin.core.redis.doors import Door, TimedClient
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.core.redis.sockets import TimedSocket


class PairedConnection(TimedConnection):
    """Connected to the test; logs in with nothing."""

    def __init__(self, *, ours: socket.socket, **options):
        self.ours = ours
        super().__init__(**options)

    def _connect(self):
        return TimedSocket(self.ours, self._limits, self._lines)

    def on_connect_check_health(self, check_health: bool = True) -> None:
        self._parser.on_connect(self)


def paired_client(limits: CallLimits = LIMITS["blocking"], **settings) -> tuple[TimedClient, socket.socket]:
    """A client, and the socket on which its one connection is answered."""
    ours, theirs = socket.socketpair()
    door = Door(ConnectionSettings(name="test", **settings), limits)
    pool = TimedPool(
        connection_class=PairedConnection,
        ours=ours,
        limits=limits,
        lines=door.lines,
        socket_timeout=limits.silence,
    )
    return TimedClient(door, pool), theirs
