"""How fast the server answered in the last minutes."""

from __future__ import annotations

import time
from collections import deque
from typing import Optional

REMEMBERED = 600.0  # seconds


class LatencyLog:
    """(time, milliseconds or None for no answer) of the last ten minutes, for the active connection."""

    def __init__(self) -> None:
        self.points: deque[tuple[float, Optional[float]]] = deque()

    def add(self, milliseconds: Optional[float]) -> None:
        """Note the latency of a ping, None for one without an answer."""
        now = time.time()
        self.points.append((now, milliseconds))
        while self.points[0][0] < now - REMEMBERED:
            self.points.popleft()
