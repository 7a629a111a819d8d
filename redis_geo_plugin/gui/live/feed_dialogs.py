"""The dialogs of the feeds: *Find positions* and the settings of one; one of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from ...bridge.i18n import tr

if TYPE_CHECKING:
    from qgis.PyQt.QtWidgets import QDialog

    from ...bridge.live.manager import FeedManager
    from ...core.live.spec import FeedSpec
    from ..component import Context


class FeedDialogs:
    """Opens them, and keeps the one that is open; ``add`` is called with each feed that is wanted."""

    def __init__(self, context: Context, manager: FeedManager, add: Callable[[FeedSpec], object]):
        self._context, self._manager, self._add = context, manager, add
        self.current: Optional[QDialog] = None

    def close(self) -> None:
        """Close the dialog that is open."""
        if self.current is not None:
            self.current.reject()

    def find(self) -> None:
        """Look at what stands in Redis and propose feeds."""
        settings = self._context.connections.settings()
        if settings is None:
            self._context.ui.warning(
                tr(
                    "No Redis connection is set up. Add one under Settings, Options, Redis Geo, then find "
                    "positions."
                )
            )
            return
        from .find_dialog import FindDialog

        if self.current is not None:
            self.current.raise_()
            return
        window, name = self._context.iface.mainWindow(), self._context.connections.name
        dialog = FindDialog(self._context.tasks, settings, name, window)
        dialog.chosen.connect(self._add)
        self._open(dialog)

    def settings(self, uid: Optional[str]) -> None:
        """The name, fields and rules of a feed that is on the map."""
        feed = self._manager.feeds.get(uid or "")
        if feed is None:
            return
        from .feed_dialog import FeedDialog

        if self.current is not None:
            self.current.raise_()
            return
        window, settings = self._context.iface.mainWindow(), self._manager.settings_of(feed.spec)
        dialog = FeedDialog(self._context.tasks, settings, feed.spec, window)
        dialog.changed.connect(self.change)
        self._open(dialog)

    def change(self, spec: FeedSpec) -> None:
        """Give a feed other settings."""
        if spec.uid in self._manager.feeds:
            self._manager.change(spec.uid, spec)

    def _open(self, dialog: QDialog) -> None:
        self.current = dialog  # kept: else Python forgets it
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _on_finished(self, _result: int) -> None:
        dialog, self.current = self.current, None
        if dialog is not None:
            dialog.deleteLater()
