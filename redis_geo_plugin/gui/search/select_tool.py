"""The map tool that selects results: a click the nearest, a drag those in the rectangle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsPointXY, QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import QPoint, QRect, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

from .map_tool import CLICK_PIXELS

if TYPE_CHECKING:
    from qgis.gui import QgsMapCanvas, QgsMapMouseEvent
    from qgis.PyQt.QtGui import QKeyEvent


class SelectTool(QgsMapTool):
    """Emits what is meant in the canvas's CRS, and the keys that were held: with Shift it is added to the
    selection, with Ctrl taken from it."""

    clicked = pyqtSignal(QgsPointXY, object)
    dragged = pyqtSignal(QgsRectangle, object)
    given_up = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._pressed: Optional[QPoint] = None
        self._pressed_at = QPoint()
        self.band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        fill = QColor(canvas.selectionColor())
        self.band.setStrokeColor(fill.darker())
        fill.setAlpha(60)
        self.band.setFillColor(fill)

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802 - QGIS's names
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._pressed_at = event.mapPoint(), event.pos()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802
        if self._pressed is not None and self._is_drag(event):
            self.band.setToCanvasRectangle(self._rectangle(event))

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        start, self._pressed = self._pressed, None
        self._hide()
        if self._is_drag(event):
            self.dragged.emit(QgsRectangle(start, event.mapPoint()), event.modifiers())
        else:
            self.clicked.emit(event.mapPoint(), event.modifiers())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self._pressed = None
            self._hide()
            self.given_up.emit()
            event.ignore()

    def deactivate(self) -> None:
        """Another tool is taken."""
        self._pressed = None
        self._hide()
        super().deactivate()

    def remove(self) -> None:
        """Take the rubber band off the canvas for good."""
        self.canvas().scene().removeItem(self.band)

    def _is_drag(self, event: QgsMapMouseEvent) -> bool:
        return (event.pos() - self._pressed_at).manhattanLength() >= CLICK_PIXELS

    def _rectangle(self, event: QgsMapMouseEvent) -> QRect:
        return QRect(self._pressed_at, event.pos()).normalized()

    def _hide(self) -> None:
        self.band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
