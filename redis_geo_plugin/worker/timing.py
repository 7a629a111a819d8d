"""Actions that a fast loop performs at intervals."""

from __future__ import annotations

import time


class Timer:
    """``due("beat", 1.0)`` is true at most once a second."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}

    def due(self, what: str, every: float) -> bool:
        """Whether ``every`` seconds have passed since this was last due."""
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + every
        return True
