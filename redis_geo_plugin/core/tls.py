"""TLS connections that tell why the server closed them.

Under TLS 1.3 the handshake is over for this side before the server has looked at its certificate. A server that wants
another one says so in an alert and closes; the first command then often breaks on the closed connection ("connection
reset by peer") while the alert lies unread (RFC 8446, sections 4.4.2.4 and 6.2). So a write that breaks reads it first.
"""

from __future__ import annotations

import errno
import ssl
from typing import Any, Optional

from .redispy import SentinelManagedSSLConnection, SSLConnection

ALERT_TIMEOUT = 0.2  # seconds; what was sent before the reset is there already


class AlertSocket:
    """A TLS socket whose ``sendall`` raises ssl.SSLError with the server's alert where it closed with one."""

    def __init__(self, sock: ssl.SSLSocket):
        self._socket = sock
        self.recv = sock.recv
        self.recv_into = sock.recv_into

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def sendall(self, data: Any) -> None:
        """All of it. Raises ssl.SSLError with the alert, else OSError as a plain socket does."""
        try:
            self._socket.sendall(data)
        except (ConnectionError, ssl.SSLEOFError) as broken:
            raise self._alert() or BrokenPipeError(errno.EPIPE, str(broken)) from broken

    def _alert(self) -> Optional[ssl.SSLError]:
        try:
            self._socket.settimeout(ALERT_TIMEOUT)
            while self._socket.recv(4096):
                pass
        except ssl.SSLError as alert:
            return alert
        except OSError:
            pass
        return None


class _TellsWhy:
    def _connect(self) -> Any:
        return AlertSocket(super()._connect())  # type: ignore[misc]


class TlsConnection(_TellsWhy, SSLConnection):
    """redis-py's TLS connection, with an AlertSocket."""


class SentinelTlsConnection(_TellsWhy, SentinelManagedSSLConnection):
    """The same to the primary or a replica that Sentinel names."""


_INSTEAD = {SSLConnection: TlsConnection, SentinelManagedSSLConnection: SentinelTlsConnection}


def tell_why(client: Any) -> Any:
    """Let the connections that this client opens from now on tell why a TLS server closed them. Returns the client."""
    pool = client.connection_pool
    pool.connection_class = _INSTEAD.get(pool.connection_class, pool.connection_class)
    return client
