"""What becomes a layer beside that of a feed: its refused records, and its positions and trails in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ...bridge.i18n import tr
from ...bridge.tasks import watch_of
from ...core.watch import Cancelled
from .. import new_layers

if TYPE_CHECKING:
    from ...bridge.live.live_feed import LiveFeed
    from ...bridge.live.manager import FeedManager
    from ...bridge.tasks import BackgroundTask
    from ..component import Context


class FeedCopies:
    """Makes these layers, adds them to the project and says so."""

    def __init__(self, context: Context, manager: FeedManager):
        self._context, self._manager = context, manager

    def refused_layer(self, uid: Optional[str]) -> None:
        """Add a layer of the refused records that have a position, or fill it anew."""
        from ...bridge.live.refused import add_refused_layer

        feed = self._manager.feeds.get(uid or "")
        if feed is None or feed.core is None:
            return
        before = self._context.iface.activeLayer()
        layer, is_new = add_refused_layer(feed)
        text = tr("Refused records with a position: {n}").format(n=layer.featureCount())
        if is_new:
            new_layers.say_added(self._context, [layer], text, before=before)
        else:
            self._context.ui.success(text)

    def ask_and_save(self, uid: str) -> None:
        """Ask for a path and save the positions and trails of a feed there."""
        from .trail_tab import ask_where_to_save

        feed = self._manager.feeds.get(uid)
        path = ask_where_to_save(self._context.iface.mainWindow()) if feed is not None else ""
        if path:
            self.save(feed, path)

    def save(self, feed: LiveFeed, path: str) -> None:
        """Write a feed's positions and trails to a GeoPackage in the background, and add its layers."""
        if feed.core is None:
            return
        if feed.is_mapped:
            text = tr(
                "{feed}: a process of its own reads this fleet and keeps no past. Export its layer instead."
            )
            self._context.ui.warning(text.format(feed=feed.spec.name), topic=f"save {feed.spec.uid}")
            return
        from ...bridge.live.save import add_saved_layers, save_history

        trails, gap, ui = feed.core.trails, feed.spec.trail_gap, self._context.ui

        def save_positions(task: BackgroundTask) -> int:
            return save_history(trails, gap, path, watch_of(task))

        def done(count: int, error: Optional[BaseException]) -> None:
            if isinstance(error, Cancelled):
                ui.message(tr("Nothing was saved: cancelled."))
                return
            if error is not None:
                ui.error(
                    tr("The positions could not be saved to {path}.").format(path=path), details=str(error)
                )
                return
            before = self._context.iface.activeLayer()
            added = add_saved_layers(path)
            text = tr("Positions saved with their time: {n}").format(n=count)
            if added:
                new_layers.say_added(self._context, added, text, before=before)
            else:
                ui.success(text)

        self._context.tasks.start(tr("Save positions"), save_positions, done, shown=True)
