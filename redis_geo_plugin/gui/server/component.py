"""The server in the window: the Server dock, and the latency of the last minutes, gathered from the monitor's pings."""

from __future__ import annotations

import time
from collections import deque
from typing import Optional

from ..component import Component
from ..connection_monitor import State
from .differences import Differences
from .dock import ServerDock

REMEMBERED = 600.0  # seconds


class LatencyLog:
    """(time, milliseconds or None for no answer) of the last ten minutes, for the active connection."""

    def __init__(self) -> None:
        self.points: deque[tuple[float, Optional[float]]] = deque()

    def add(self, milliseconds: Optional[float]) -> None:
        now = time.time()
        self.points.append((now, milliseconds))
        while self.points[0][0] < now - REMEMBERED:
            self.points.popleft()


class ServerComponent(Component):
    """Installs the dock, which is filled when first shown and asks nothing while it is hidden."""

    def __init__(self, context):
        super().__init__(context)
        self.dock: Optional[ServerDock] = None
        self.latencies = LatencyLog()
        self._differences: Optional[Differences] = None

    def install(self) -> None:
        connections = self.context.connections
        connections.heard.connect(self._heard)
        connections.changed.connect(self.latencies.points.clear)
        self.dock = ServerDock(self.context, self.latencies)
        self.context.ui.add_dock(self.dock, "server")
        self._differences = Differences(self.context, self.dock.show_recents)

    def uninstall(self) -> None:
        connections = self.context.connections
        if self._differences is not None:
            self._differences.close()
            self._differences = None
        if self.dock is not None:
            connections.heard.disconnect(self._heard)
            connections.changed.disconnect(self.latencies.points.clear)
            self.dock.close_contents()
            self.dock = None

    def _heard(self) -> None:
        connections = self.context.connections
        self.latencies.add(connections.latency_ms if connections.state is State.CONNECTED else None)
