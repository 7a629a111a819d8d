"""The health line of a worker: what the dock, a script or `redis-cli HGETALL` shows of it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from ..json_types import JsonObject


class WorkerState:
    """The states of a worker."""

    STARTING = "starting"
    IDLE = "idle"
    WORKING = "working"
    DRAINING = "draining"  # finishes what it has, takes nothing new
    NO_MEMORY = "no_memory"  # the server's memory is full: results wait
    ENDED = "ended"


@dataclass
class WorkerHealth:
    """Counts of one run of a worker. ``rate`` is jobs per second over the last half minute."""

    host: str
    pid: int
    version: str
    processes: int
    operations: list[str]
    started: float = field(default_factory=time.time)
    done: int = 0
    cached: int = 0
    failed: int = 0
    restarts: int = 0
    state: str = WorkerState.STARTING
    geos: str = ""  # the version that computes, such as 3.11
    _marks: list[tuple[float, int]] = field(default_factory=list)

    def rate(self) -> float:
        """Jobs per second over the last half minute."""
        now = time.monotonic()
        self._marks = [mark for mark in self._marks if now - mark[0] <= 30.0]
        self._marks.append((now, self.done))
        first = self._marks[0]
        return (self.done - first[1]) / (now - first[0]) if now - first[0] > 0.5 else 0.0

    def line(self, current: list[JsonObject], held: int) -> str:
        """One JSON object. ``current``: label, seconds and ``of`` (batch -> places in it) of what is being
        computed; ``held``: jobs taken."""
        return json.dumps(
            {
                "host": self.host,
                "pid": self.pid,
                "version": self.version,
                "state": self.state,
                "processes": self.processes,
                "operations": self.operations,
                "geos": self.geos,
                "started": round(self.started, 3),
                "done": self.done,
                "cached": self.cached,
                "failed": self.failed,
                "restarts": self.restarts,
                "rate": round(self.rate(), 2),
                "held": held,
                "current": current,
            },
            ensure_ascii=False,
        )
