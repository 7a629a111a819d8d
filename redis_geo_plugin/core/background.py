"""What must be ended when the plugin goes away: shared servers and thread pools register here when they are made, so
that unloading imports nothing that was never used."""

from __future__ import annotations

import threading
from typing import Callable

_closers: list[Callable[[], None]] = []
_lock = threading.Lock()


def at_close(closer: Callable[[], None]) -> None:
    """Have ``closer`` called, once, by the next ``close``."""
    with _lock:
        _closers.append(closer)


def close() -> None:
    """Call every closer, the newest first."""
    with _lock:
        closers, _closers[:] = list(_closers), []
    for closer in reversed(closers):
        closer()
