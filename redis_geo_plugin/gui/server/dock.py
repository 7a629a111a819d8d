"""The Server dock: how the server is, what stands on it, and what may be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.gui import QgsDockWidget

from ...bridge.i18n import tr
from ..component import Context

if TYPE_CHECKING:
    from ..first_steps.lead_on import LeadOn
    from .latency import LatencyLog
    from .panel import ServerPanel


class ServerDock(QgsDockWidget):
    """A shell until it is shown; whenever it is hidden (also behind another tab) nothing is asked of the
    server."""

    def __init__(self, context: Context, latencies: LatencyLog):
        super().__init__(tr("Server"), context.iface.mainWindow())
        self.setObjectName("redis_geo_server_dock")
        self._context = context
        self._latencies = latencies
        self.panel: Optional[ServerPanel] = None
        self.lead: Optional[LeadOn] = None
        self.visibilityChanged.connect(self._visibility_changed)

    def build(self) -> None:
        """Make the contents, once."""
        if self.panel is None:
            from ..first_steps.lead_on import LeadOn
            from .panel import ServerPanel

            self.panel = ServerPanel(self._context, self._latencies)
            self.setWidget(self.panel)
            self.lead = LeadOn(self._context, self, "server", self._has_keys)
            self.panel.looked.connect(self.lead.look)

    def _has_keys(self) -> bool:
        """Whether the server holds anything; True until it was looked at."""
        survey = self.panel.survey if self.panel is not None else None
        return survey is None or survey.total > 0 or survey.looked > 0

    def show_recents(self) -> None:
        """Come to the front with the list of recent results."""
        self.build()
        self.show()
        self.raise_()
        if self.panel is not None:
            self.panel.keys.setCurrentWidget(self.panel.recents)

    def _visibility_changed(self, visible: bool) -> None:
        if visible:
            self.build()
        if self.panel is not None:
            self.panel.set_active(visible)

    def close_contents(self) -> None:
        """End what runs for the contents."""
        self.visibilityChanged.disconnect(self._visibility_changed)
        if self.lead is not None:
            self.lead.detach()
        if self.panel is not None:
            self.panel.close_panel()
