"""Resources to close when the plugin is unloaded: shared servers and thread pools register here when they are
created, so that unloading imports nothing that was never used."""

from __future__ import annotations

import logging
import threading
from typing import Callable

PATIENCE = 0.3  # seconds
_log = logging.getLogger(__name__)
_closers: list[Callable[[], None]] = []
_lock = threading.Lock()


def at_close(closer: Callable[[], None]) -> None:
    """Register a function that the next ``close`` calls once."""
    with _lock:
        _closers.append(closer)


def close(patience: float = PATIENCE) -> None:
    """Call all closers in a thread, the newest first, and wait at most ``patience`` seconds: a closer may
    have to wait for a server, but unloading and quitting must not."""
    with _lock:
        closers, _closers[:] = list(_closers), []
    if closers:
        thread = threading.Thread(target=_call, args=(closers,), name="redis-geo-closing", daemon=True)
        thread.start()
        thread.join(patience)


def _call(closers: list[Callable[[], None]]) -> None:
    for closer in reversed(closers):
        try:
            closer()
        except Exception:  # one that fails must not keep the others open
            _log.exception("closing")
