"""What the geofences of the feeds have to say, in the message bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...bridge.i18n import tr
from ...bridge.words import failures
from ...core.redis.failures import StoreError
from .wording import event_text

if TYPE_CHECKING:
    from ...bridge.live.fence_keeper import FenceKeeper
    from ...bridge.live.manager import FeedManager
    from ...core.live.fences import Event
    from ..interface import Interface

SAID = 3  # events of geofences named in one message


class FenceNews:
    """Says what happened at the polygons, and what is wrong with them."""

    def __init__(self, ui: Interface, manager: FeedManager, keeper: FenceKeeper):
        self._ui, self._manager = ui, manager
        keeper.happened.connect(self.happened)
        keeper.failed.connect(self.failed)
        keeper.lost.connect(self.lost)
        keeper.counted.connect(self.counted)

    def happened(self, uid: str, events: list[Event]) -> None:
        """Say events that the user wants together, so that many do not bury the window."""
        feed = self._manager.feeds.get(uid)
        if feed is None or not feed.spec.fencing.say:
            return
        text = "; ".join(event_text(event) for event in events[:SAID])
        if len(events) > SAID:
            text = tr("{events}, and {n} more").format(events=text, n=len(events) - SAID)
        self._ui.message(text)

    def failed(self, _uid: str, error: BaseException) -> None:
        """The polygons cannot be read."""
        if isinstance(error, StoreError):  # without Shapely 2: its words say how to get it
            self._ui.error(failures.in_words(error.failure))
        else:
            self._ui.error(tr("The polygons could not be read."), details=str(error))

    def counted(self, uid: str, count: int) -> None:
        """Warn of a layer without polygons, once its polygons were read."""
        feed, topic = self._manager.feeds.get(uid), f"fences {uid}"
        if feed is not None and not count:
            text = tr("{feed}: the layer of its geofences holds no polygon, so nothing is watched.")
            self._ui.warning(text.format(feed=feed.spec.name), topic=topic)
        else:
            self._ui.forget(topic)

    def lost(self, uid: str) -> None:
        """The layer of the polygons was removed."""
        feed = self._manager.feeds.get(uid)
        if feed is not None:
            text = tr("{feed}: the layer of its geofences was removed; they are no longer watched.")
            self._ui.warning(text.format(feed=feed.spec.name))
