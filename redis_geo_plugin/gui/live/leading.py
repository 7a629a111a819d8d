"""What the Live dock offers while it has no feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ...bridge.features.live_sets import LiveSets
    from ...bridge.live.manager import FeedManager
    from ..component import Context
    from ..first_steps.lead_on import LeadOn
    from .dock import LiveDock


class FeedsLead:
    """Built when the dock is first shown; the owner calls ``close``."""

    def __init__(self, context: Context, dock: LiveDock, manager: FeedManager, sets: LiveSets):
        self._context, self._dock, self._manager, self._sets = context, dock, manager, sets
        self._lead: Optional[LeadOn] = None
        dock.first_shown.connect(self._build)

    def close(self) -> None:
        """Disconnect it."""
        if self._lead is not None:
            self._manager.listed.disconnect(self._lead.look)
            self._sets.listed.disconnect(self._lead.look)
            self._lead.detach()

    def _build(self) -> None:
        from ..first_steps.lead_on import LeadOn

        self._lead = LeadOn(
            self._context, self._dock, "live", lambda: bool(self._manager.feeds or self._sets.sets)
        )
        self._manager.listed.connect(self._lead.look)
        self._sets.listed.connect(self._lead.look)
