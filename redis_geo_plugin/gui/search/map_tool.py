"""The map tool: a click searches around the point, a drag draws the radius."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsPointXY
from qgis.gui import QgsMapTool
from qgis.PyQt.QtCore import QPoint, Qt, pyqtSignal

if TYPE_CHECKING:
    from qgis.gui import QgsMapCanvas, QgsMapMouseEvent
    from qgis.PyQt.QtGui import QKeyEvent

CLICK_PIXELS = 4


class SearchMapTool(QgsMapTool):
    """Emits points in the canvas's CRS: ``clicked``; ``dragged`` and ``released`` with the centre and the
    cursor."""

    clicked = pyqtSignal(QgsPointXY)
    dragged = pyqtSignal(QgsPointXY, QgsPointXY)
    released = pyqtSignal(QgsPointXY, QgsPointXY)
    given_up = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._pressed: Optional[QPoint] = None
        self._pressed_at = QPoint()
        self._dragging = False

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802 - QGIS's names
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragging = event.mapPoint(), False
            self._pressed_at = event.pos()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802
        if self._pressed is None:
            return
        if (event.pos() - self._pressed_at).manhattanLength() >= CLICK_PIXELS:
            self._dragging = True
        if self._dragging:
            self.dragged.emit(self._pressed, event.mapPoint())

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        center, self._pressed = self._pressed, None
        if self._dragging:
            self.released.emit(center, event.mapPoint())
        else:
            self.clicked.emit(center)
        self._dragging = False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self._pressed, self._dragging = None, False
            self.given_up.emit()
            event.ignore()
