"""Ending servers of the tests' own."""

from __future__ import annotations

import socket


def stop_listening(listener: socket.socket) -> None:
    """Close the listener, also for a thread that waits in ``accept``: closing alone would not wake it, and would let it
    take one more connection."""
    try:
        listener.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # not everywhere may a listener be shut down: there closing wakes who waits
    listener.close()
