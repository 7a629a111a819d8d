"""The first commands of a new connection. Only the password and the database are needed; the server may
refuse the rest.

redis-py gives up a connection on which CLIENT SETNAME is refused, as by an ACL without ``+client`` or a
proxy that does not know the command. Here the name is asked for, and done without. Where the connection is
closed instead, ``closings`` gives that answer.
"""

from __future__ import annotations

from .redispy import exceptions
from .types import RedisConnection

CLIENT_NAME = "redis-geo"


def options(in_cluster: bool = False) -> dict[str, object]:
    """Options of redis-py's connections. ``in_cluster``: redis-py's cluster client has greeted already when
    it calls us."""
    return {
        "redis_connect_func": _name if in_cluster else _greet,
        "lib_name": None,  # CLIENT SETINFO
        "lib_version": None,
    }


def _greet(connection: RedisConnection) -> None:
    connection.on_connect()
    _name(connection)


def _name(connection: RedisConnection) -> None:
    """Give the connection a name, for an administrator who lists the clients of the server."""
    try:
        connection.send_command("CLIENT", "SETNAME", CLIENT_NAME, check_health=False)
        connection.read_response()
    except exceptions.ResponseError:
        pass  # NOPERM, or an unknown command
