"""The map tool that draws a polygon to search in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

from .drawing import RED

if TYPE_CHECKING:
    from qgis.gui import QgsMapCanvas, QgsMapMouseEvent
    from qgis.PyQt.QtGui import QKeyEvent

LEAST = 3  # corners


class PolygonTool(QgsMapTool):
    """A click adds a corner, Backspace takes the last one back, a right click or a double click ends, Esc
    gives up. ``drawn`` with the polygon in the canvas's CRS."""

    drawn = pyqtSignal(QgsGeometry)
    given_up = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.corners: list[QgsPointXY] = []
        self.band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        fill = QColor(RED)
        fill.setAlpha(28)
        self.band.setFillColor(fill)
        self.band.setStrokeColor(QColor(RED))
        self.band.setWidth(2)
        self.band.setLineStyle(Qt.PenStyle.DashLine)

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802 - QGIS's names
        if event.button() == Qt.MouseButton.LeftButton:
            self.corners.append(event.mapPoint())
            self._show(event.mapPoint())
        elif event.button() == Qt.MouseButton.RightButton:
            self.end()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802
        if self.corners:
            self._show(event.mapPoint())

    def canvasDoubleClickEvent(self, _event: QgsMapMouseEvent) -> None:  # noqa: N802
        self.end()  # its first click has added the corner

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self.forget()
            self.given_up.emit()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) and self.corners:
            del self.corners[-1]
            self._show(self.toMapCoordinates(self.canvas().mouseLastXY()))
            event.ignore()  # QGIS deletes no feature
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.end()

    def end(self) -> None:
        """Hand the polygon over; with too few corners there is none, and drawing continues."""
        if len(self.corners) < LEAST:
            return
        polygon = QgsGeometry.fromPolygonXY([[*self.corners, self.corners[0]]])
        self.forget()
        self.drawn.emit(polygon)

    def forget(self) -> None:
        """Begin anew."""
        self.corners.clear()
        self.band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)

    def deactivate(self) -> None:
        """Another tool is taken."""
        self.forget()
        super().deactivate()

    def remove(self) -> None:
        """Take the rubber band off the canvas for good."""
        self.canvas().scene().removeItem(self.band)

    def _show(self, cursor: QgsPointXY) -> None:
        """The corners, and the one that a click would add."""
        if not self.corners:
            self.band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
            return
        self.band.setToGeometry(QgsGeometry.fromPolygonXY([[*self.corners, cursor, self.corners[0]]]), None)
