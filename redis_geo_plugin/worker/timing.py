"""What is done now and then in a loop that turns often."""

from __future__ import annotations

import time


class Timer:
    """``due("beat", 1.0)`` is true at most once a second."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}

    def due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + every
        return True
