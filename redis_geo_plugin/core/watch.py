"""Cancelling work and reporting its progress: a ``Watch`` is passed to whatever takes time."""

from __future__ import annotations

import threading
from typing import Callable

STEP = 0.005  # of the whole: progress is told no more often than that


class Cancelled(Exception):
    """The user cancelled; what was done until then is kept."""


def _never() -> bool:
    return False


def _ignore(_share: float) -> None:
    pass


class Watch:
    """Tells work whether to go on, and reports its progress. All methods are thread-safe.

    Args:
        cancelled: returns True once the work is to end; may be called from any thread, and often.
        told: given the share of the whole that is done, 0 to 1, from the thread that does the work; never a
            smaller one than before, and at most about ``1 / STEP`` times.

    A Watch without arguments never stops anything and tells nobody.
    """

    def __init__(
        self, cancelled: Callable[[], bool] = _never, told: Callable[[float], object] = _ignore
    ) -> None:
        self._cancelled = cancelled
        self._told = told
        self._done = self._last = 0.0
        self._lock = threading.RLock()

    def cancelled(self) -> bool:
        """Whether the work is to end."""
        return self._cancelled()

    def check(self) -> None:
        """Raise Cancelled if the work is to end."""
        if self.cancelled():
            raise Cancelled

    def advance(self, share: float) -> None:
        """Tell that a further share of the whole is done; the shares of the whole work add up to 1."""
        with self._lock:
            self.reach(self._done + share)

    def reach(self, share: float) -> None:
        """Tell that this share of the whole is done, by those who know it as a position."""
        with self._lock:
            self._done = max(self._done, min(share, 1.0))
            if self._done < self._last + STEP and (self._done < 1.0 - 1e-9 or self._last >= 1.0):
                return
            self._last = 1.0 if self._done >= 1.0 - 1e-9 else self._done
            self._told(self._last)

    def part(self, share: float) -> Watch:
        """The watch of a part of the work that makes up this share of the whole."""
        before = 0.0

        def told(done: float) -> None:
            nonlocal before
            self.advance((done - before) * share)
            before = done

        return Watch(self.cancelled, told)

    def until(self, stopped: Callable[[], bool]) -> Watch:
        """The same watch, of work that ``stopped`` ends too."""
        return Watch(lambda: stopped() or self.cancelled(), self.reach)
