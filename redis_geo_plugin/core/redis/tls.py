"""TLS sockets that tell why the server closed them (``connections`` puts them on every TLS connection).

Under TLS 1.3 the handshake is over for this side before the server has looked at its certificate. A server
that wants another one says so in an alert and closes; the first command then often breaks on the closed
connection ("connection reset by peer") while the alert lies unread (RFC 8446, sections 4.4.2.4 and 6.2). So
a write that breaks reads it first.
"""

from __future__ import annotations

import errno
import ssl
from typing import Any, Optional, Union

ALERT_TIMEOUT = 0.2  # seconds; what was sent before the reset is there already


class AlertSocket:
    """A TLS socket whose ``sendall`` raises ssl.SSLError with the server's alert where it closed with one."""

    def __init__(self, sock: ssl.SSLSocket):
        self._socket = sock
        self.recv = sock.recv
        self.recv_into = sock.recv_into

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    @property
    def plain(self) -> ssl.SSLSocket:
        """The TLS socket itself."""
        return self._socket

    def sendall(self, data: Union[bytes, memoryview]) -> None:
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
