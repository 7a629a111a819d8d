"""What a tab of the Live dock is, and what the dock gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, ClassVar, Optional

from qgis.PyQt.QtGui import QShowEvent
from qgis.PyQt.QtWidgets import QTableView

from ..wrapping import Tall, widen_to_headings

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from ...bridge.features.live_set import LiveSet
    from ...bridge.live.densities import Densities
    from ...bridge.live.fence_keeper import FenceKeeper
    from ...bridge.live.live_feed import LiveFeed
    from .actions import LiveActions


@dataclass(frozen=True)
class TabTools:
    """What the dock gives each of its tabs: a tab looks up no other widget.

    ``chosen`` returns the uid of the feed that is chosen above.
    """

    iface: QgisInterface
    fence_keeper: FenceKeeper
    densities: Densities
    actions: LiveActions
    chosen: Callable[[], Optional[str]]


class FeedTab(Tall):
    """Shows one feed. A subclass stands in a file of its own, with one line in ``tabs.TABS``. One that shows
    live sets of features too says so by ``SHOWS_SETS``."""

    NAME: ClassVar[str] = ""
    SHOWS_SETS: ClassVar[bool] = False

    def __init__(self, tools: TabTools):
        super().__init__()
        self.tools = tools

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for table in self.findChildren(QTableView):
            widen_to_headings(table.horizontalHeader())

    @staticmethod
    def title() -> str:
        """Return what the tab is called, by ``tr``."""
        raise NotImplementedError

    def show_feed(self, feed: Optional[LiveFeed]) -> None:
        """Show a feed, or none. The dock calls this every second while the tab is in front."""
        raise NotImplementedError

    def show_set(self, one: LiveSet) -> None:
        """Show a live set, as ``show_feed`` a feed."""
        raise NotImplementedError

    def close_models(self) -> None:
        """Stop the threads of the tab's models before the tab is deleted."""
