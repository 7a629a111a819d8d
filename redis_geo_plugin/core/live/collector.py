"""Fewer runs of Python's cycle collector while a large fleet moves.

Positions are replaced each second and live just long enough to be counted as old, so that the collector walks
every object of QGIS again and again: up to 100 ms each time, with Python's lock held, and the window stands.
Even its small runs take a tenth of the time of reading. Positions are never part of a cycle, so nothing is
lost by waiting.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 2_000  # vehicles
YOUNG = 10_000  # new objects before a small collection (Python's default is 700)
# small collections before a middle one (10): what stays is walked while it is still in the processor's cache
SOON = 1
SELDOM = 100_000  # middle collections before a full one (Python's default is 10)

_lock = threading.Lock()
_holders: set[int] = set()
_before: list[tuple[int, int, int]] = [(700, 10, 10)]  # the thresholds without us


def hold(holder: object) -> None:
    """Full collections become rare until ``release`` by the last holder. Calling it again does nothing."""
    with _lock:
        if not _holders:
            _before[0] = gc.get_threshold()
            gc.set_threshold(max(YOUNG, _before[0][0]), SOON, SELDOM)
        _holders.add(id(holder))


def release(holder: object) -> None:
    """Restore the collector's settings when the last holder releases it."""
    with _lock:
        if id(holder) in _holders:
            _holders.discard(id(holder))
            if not _holders:
                gc.set_threshold(*_before[0])


@contextmanager
def held() -> Iterator[None]:
    """Full collections are rare within, as where many values are read and then written, object by object."""
    holder = object()
    hold(holder)
    try:
        yield
    finally:
        release(holder)
