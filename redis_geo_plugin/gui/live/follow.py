"""Keeps one vehicle in the middle of the map, until the user moves the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsPointXY
from qgis.PyQt.QtCore import QObject, pyqtSignal

from .map_view import point_on

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from ...bridge.live.live_feed import LiveFeed
    from ...bridge.live.manager import FeedManager


class Follower(QObject):
    """``follow`` begins; a pan or zoom by the user ends it (``stopped``).

    Zooming around the centre is allowed.
    """

    stopped = pyqtSignal()

    def __init__(self, iface: QgisInterface, manager: FeedManager):
        super().__init__()
        self._canvas = iface.mapCanvas()
        self._manager = manager
        self._feed: Optional[LiveFeed] = None
        self._id = ""
        self._expected: Optional[QgsPointXY] = None
        self._canvas.extentsChanged.connect(self._on_extent)

    @property
    def following(self) -> str:
        return self._id

    @property
    def feed(self) -> str:
        """The uid of the feed in which a vehicle is followed; "" for none."""
        return self._feed.spec.uid if self._feed is not None else ""

    def follow(self, feed: Optional[LiveFeed], ident: str) -> None:
        """Follow this vehicle of this LiveFeed; None ends it."""
        self._feed, self._id = (feed, ident) if feed is not None else (None, "")
        self._expected = None
        if feed is not None:
            self.on_ticked(feed.spec.uid)

    def on_ticked(self, uid: str) -> None:
        """The layer of a feed was written: move the map when the vehicle moved."""
        if self._feed is None or self._feed.spec.uid != uid:
            return
        if self._canvas.extent().isEmpty():  # of a map that has shown nothing yet QGIS 3.40 finds no centre
            return
        fix = self._feed.fix(self._id)
        point = point_on(self._canvas, fix) if fix is not None else None
        if point is None or (self._expected is not None and self._near(point, self._expected)):
            return
        self._expected = point
        self._canvas.setCenter(point)
        self._canvas.refresh()

    def close(self) -> None:
        self._feed = None
        self._canvas.extentsChanged.disconnect(self._on_extent)

    def _on_extent(self) -> None:
        if (
            self._feed is not None
            and self._expected is not None
            and not self._near(self._canvas.center(), self._expected)
        ):
            self.follow(None, "")
            self.stopped.emit()

    def _near(self, one: QgsPointXY, other: QgsPointXY) -> bool:
        """Within two pixels."""
        reach = 2.0 * self._canvas.mapUnitsPerPixel()
        return abs(one.x() - other.x()) <= reach and abs(one.y() - other.y()) <= reach
