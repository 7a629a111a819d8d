"""What the feeds have to say, in the message bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...bridge.i18n import tr
from ...bridge.words import failures

if TYPE_CHECKING:
    from ...bridge.features.live_sets import LiveSets
    from ...bridge.live.manager import FeedManager
    from ..interface import Interface


class FeedNews:
    """Says what has become of feeds and their layers, and each failure once, when it begins."""

    def __init__(self, ui: Interface, manager: FeedManager, sets: LiveSets):
        self._ui, self._manager, self._sets = ui, manager, sets
        self._said: dict[str, str] = {}
        manager.changed.connect(self.tell_failure)
        manager.ticked.connect(self.tell_failure)
        sets.changed.connect(self.tell_failure)
        manager.unreadable.connect(self.on_unreadable)
        manager.left.connect(self.on_left)
        manager.trails_removed.connect(self.on_trails_removed)
        manager.densities_removed.connect(self.on_densities_removed)

    def tell_failure(self, uid: str) -> None:
        """Say what keeps a feed from being read, or that it is read again, where that is new."""
        feed = self._manager.feeds.get(uid) or self._sets.sets.get(uid)
        status = feed.status() if feed is not None else None
        failure = status.failure if status is not None else None
        word = failure.kind.value if failure is not None else ""
        if word == self._said.get(uid, ""):
            return
        self._said[uid] = word
        if failure is not None and feed is not None:
            text = tr("{feed}: {problem} The map keeps what it shows; the feed goes on by itself.")
            self._ui.warning(
                text.format(feed=feed.spec.name, problem=failures.in_words(failure)),
                details=failure.words,
                topic=uid,
            )
        elif feed is not None:
            self._ui.success(tr("{feed}: connected again.").format(feed=feed.spec.name), topic=uid)

    def on_unreadable(self, name: str) -> None:
        """The project's feed of a layer cannot be read."""
        text = tr("The feed of the layer {layer} cannot be read from the project; it stays stopped.")
        self._ui.warning(text.format(layer=name))

    def on_left(self, uid: str, copy: str, new: str) -> None:
        """QGIS gave the layer of a feed another data source, as by *Make Permanent…*."""
        text = tr("{copy} is a plain layer of yours now. The feed goes on in {layer}, a new layer.")
        self._ui.message(text.format(copy=copy, layer=new), topic=f"left {uid}")

    def on_trails_removed(self, name: str) -> None:
        """The layer with the trails of a feed was removed."""
        text = tr("{feed}: its trails were removed with its layer.")
        self._ui.message(text.format(feed=name))

    def on_densities_removed(self, name: str) -> None:
        """The layers with the density of a feed were removed."""
        text = tr("{feed}: its density was removed with its layer.")
        self._ui.message(text.format(feed=name))
