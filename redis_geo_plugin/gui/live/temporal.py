"""QGIS's Temporal Controller drives the rewinding of the feeds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsDateTimeRange, QgsInterval, QgsTemporalNavigationObject
from qgis.PyQt.QtCore import QDateTime, QObject, Qt, QTimer
from qgis.PyQt.QtWidgets import QDockWidget

if TYPE_CHECKING:
    from qgis.gui import QgisInterface, QgsMapCanvas

    from ...bridge.live.live_feed import LiveFeed
    from ...bridge.live.manager import FeedManager

EVERY = 40  # ms between two moments: an animation must not outrun the writing of the layers
FRAMES = 120  # of what can be rewound


class TemporalDrive(QObject):
    """While the map shows a range of time, each running feed whose trails or replay reach back so far shows
    the end of that range; where the map shows all times, or a range that no trail knows, the feeds are
    live."""

    def __init__(self, canvas: QgsMapCanvas, manager: FeedManager):
        super().__init__()
        self._canvas, self._manager = canvas, manager
        self._driven: set[str] = set()  # the feeds that it has rewound: those of the slider are not its own
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.follow)

    def look(self, *_: object) -> None:
        """The range of the map has changed."""
        if not self._timer.isActive():
            self._timer.start()

    def close(self) -> None:
        """Drive no longer."""
        self._timer.stop()

    def follow(self) -> None:
        """Show the end of the map's range, or what is now."""
        moment = _end_of(self._canvas.temporalRange())
        for uid, feed in list(self._manager.feeds.items()):
            if moment is not None and _knows(feed, moment):
                self._driven.add(uid)
                if feed.moment != moment:
                    feed.rewind(moment)
            elif uid in self._driven:
                self._driven.discard(uid)
                feed.rewind(None)


def _end_of(shown: QgsDateTimeRange) -> Optional[float]:
    """The end of a range in seconds since 1970 UTC; None for all times and for what is yet to come."""
    end = shown.end() if shown.end().isValid() else shown.begin()
    if shown.isInfinite() or not end.isValid():
        return None
    seconds = end.toMSecsSinceEpoch() / 1000.0
    return seconds if seconds < time.time() else None


def _knows(feed: LiveFeed, moment: float) -> bool:
    since = feed.core.known_since() if feed.core is not None else None
    return since is not None and moment >= since


def open_controller(iface: QgisInterface, span: tuple[float, float]) -> bool:
    """Set QGIS's Temporal Controller to this span (seconds since 1970 UTC) and show it. Returns whether QGIS
    has one."""
    controller = iface.mapCanvas().temporalController()
    if not isinstance(controller, QgsTemporalNavigationObject):
        return False
    start, end = (QDateTime.fromMSecsSinceEpoch(round(second * 1000.0), Qt.TimeSpec.UTC) for second in span)
    controller.setNavigationMode(QgsTemporalNavigationObject.NavigationMode.Animated)
    controller.setTemporalExtents(QgsDateTimeRange(start, end))
    controller.setFrameDuration(QgsInterval(max(1.0, round((span[1] - span[0]) / FRAMES))))
    dock = iface.mainWindow().findChild(QDockWidget, "Temporal Controller")
    if dock is not None:
        dock.show()
        dock.raise_()
    return True
