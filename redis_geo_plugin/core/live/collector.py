"""Fewer full runs of Python's cycle collector while a large fleet moves.

Positions are replaced each second and live just long enough to be counted as old, so that the collector walks every
object of QGIS again and again: up to 100 ms each time, with Python's lock held, and the window stands. Positions are
never part of a cycle, so nothing is lost by waiting.
"""

from __future__ import annotations

import gc
import threading

LARGE = 2_000  # vehicles
SELDOM = 100_000  # collections of the middle generation before a full one (Python's default is 10)

_lock = threading.Lock()
_holders: set[int] = set()
_before: tuple[int, int, int] = (700, 10, 10)


def hold(holder: object) -> None:
    """Full collections become rare until ``release`` by the last holder. Calling it again does nothing."""
    global _before
    with _lock:
        if not _holders:
            _before = gc.get_threshold()
            gc.set_threshold(_before[0], _before[1], SELDOM)
        _holders.add(id(holder))


def release(holder: object) -> None:
    """Back to what it was, when the last holder lets go."""
    with _lock:
        if id(holder) in _holders:
            _holders.discard(id(holder))
            if not _holders:
                gc.set_threshold(*_before)
