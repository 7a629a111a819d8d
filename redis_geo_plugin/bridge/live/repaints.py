"""Scheduling repaints of a feed's layer: soon after it was written, but not so often that the map does
nothing else."""

from __future__ import annotations

import time
from typing import Callable, Optional

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer

REST = 0.25  # of the time that drawing took, before it begins again
SHARE_OF_INTERVAL = 0.4  # between two drawings at least
AFTER_DRAWING = 3  # ms: the event loop gets its turn
MARGIN = 1.2  # drawing does not always take the same time


class Repaints(QObject):
    """Main thread only.

    ``want`` asks for a repaint, which comes when the canvas is idle (one in between would start it over) and
    has rested, and not while the layer is written: the end of that asks again. ``lead`` is how long it takes
    from the reading of a change until it is drawn (seconds).
    """

    def __init__(
        self, layer: QgsVectorLayer, interval: Callable[[], float], parent: Optional[QObject] = None
    ):
        super().__init__(parent)
        self.is_drawing: Callable[[], bool] = lambda: False
        self.is_writing: Callable[[], bool] = lambda: False
        self.lead = 0.0
        self._layer: Optional[QgsVectorLayer] = layer
        self._interval = interval
        self._wanted = False
        self._since: Optional[float] = (
            None  # when the reading of the oldest change began that waits to be drawn
        )
        self._drawing_since: Optional[float] = None
        self._began: Optional[float] = None
        self._not_before = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._consider)

    def want(self, since: Optional[float] = None) -> None:
        """The layer was written; ``since`` is when the reading of what was written began (monotonic)."""
        self._wanted = True
        if since is not None and (self._since is None or since < self._since):
            self._since = since
        self._consider()

    def on_drawn(self) -> None:
        """Note that the canvas has finished drawing."""
        now = time.monotonic()
        if self._began is not None:
            self._not_before = max(self._not_before, now + REST * (now - self._began))
            self._began = None
        if self._drawing_since is not None:
            took = (now - self._drawing_since) * MARGIN
            self.lead = max(took, 0.7 * self.lead + 0.3 * took)
            self._drawing_since = None
        if self._wanted and not self._timer.isActive():
            self._timer.start(AFTER_DRAWING)

    @property
    def rest(self) -> float:
        """Seconds until the next drawing may begin."""
        return max(self._not_before - time.monotonic(), 0.0)

    def stop(self) -> None:
        """Cancel the pending repaint."""
        self._timer.stop()
        self._wanted = False
        self._since = self._drawing_since = self._began = None

    def let_go(self) -> None:
        """The layer is being deleted."""
        self.stop()
        self._layer = None

    def _consider(self) -> None:
        if self._layer is None or not self._wanted or self.is_drawing() or self.is_writing():
            return  # ``on_drawn`` or ``want`` comes back to it
        now = time.monotonic()
        wait = self._not_before - now
        if wait > 0.0:
            if not self._timer.isActive():
                self._timer.start(round(wait * 1000.0) + 1)
            return
        self._wanted = False
        self._drawing_since, self._since = self._since, None
        self._began = now
        self._not_before = now + SHARE_OF_INTERVAL * self._interval()
        self._layer.triggerRepaint()
