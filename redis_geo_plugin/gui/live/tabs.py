"""The tabs of the Live dock, in their order. A new one is a file beside this and a line in ``TABS``; see
docs/development.md."""

from __future__ import annotations

from .density_tab import DensityTab
from .feed_tab import FeedTab
from .fences_tab import FencesTab
from .refused_tab import RefusedTab
from .trail_tab import TrailTab
from .vehicles_tab import VehiclesTab

TABS: tuple[type[FeedTab], ...] = (
    VehiclesTab,
    TrailTab,
    FencesTab,
    DensityTab,
    RefusedTab,
)
