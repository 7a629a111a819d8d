"""Ending a connection, whatever state it is in."""

from __future__ import annotations

import socket


def shut(one: socket.socket) -> None:
    """Close a socket so that its peer, and whoever waits for it here, is told at once."""
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
