"""The server in the window: the Server dock, and the latency of the last minutes, gathered from the monitor's
pings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ...bridge.geo.announcements import NEWS
from ..component import Component
from ..connection_monitor import ConnectionState
from .differences import Differences
from .dock import ServerDock
from .latency import LatencyLog

if TYPE_CHECKING:
    from ..component import Context


class ServerComponent(Component):
    """Installs the dock, which is filled when first shown and asks nothing while it is hidden."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.dock: Optional[ServerDock] = None
        self.latencies = LatencyLog()
        self._differences: Optional[Differences] = None

    def install(self) -> None:
        """Add this part to the window."""
        connections = self.context.connections
        self._listen(connections.heard, self._heard)
        self._listen(connections.changed, self.latencies.points.clear)
        self._listen(NEWS.written, self._written)
        self.dock = ServerDock(self.context, self.latencies)
        self.context.ui.add_dock(self.dock, "server", shortcut="Ctrl+Shift+F5")
        self.context.services.show_server = lambda: self.dock.setUserVisible(True)
        self._differences = Differences(self.context, self.dock.show_recents)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self.context.services.show_server = None
        self._undo.close()
        if self._differences is not None:
            self._differences.close()
            self._differences = None
        if self.dock is not None:
            self.dock.close_contents()
            self.dock = None

    def _written(self, connection: str, _key: str) -> None:
        """The plugin has written to a server: look again, where it is this one and the panel is seen."""
        if self.dock.panel is not None and connection == self.context.connections.name:
            self.dock.panel.look()

    def _heard(self) -> None:
        connections = self.context.connections
        self.latencies.add(connections.latency_ms if connections.state is ConnectionState.CONNECTED else None)
