"""A small chart of values over time, painted by hand: the speed of a vehicle, the lag of a feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from ...bridge.words.labelled import labelled
from ...bridge.words.quantities import amount
from ...core.readable import cut, printable
from ..drawing import hidden_label, text_color

if TYPE_CHECKING:
    from qgis.PyQt.QtGui import QPaintEvent

MARGIN = 3.0  # pixels
LONGEST = 40  # characters of the title


class Chart(QWidget):
    """The course of one value, its title with the last and the greatest one above it."""

    def __init__(self, name: str, digits: int = 0):
        super().__init__()
        self.setObjectName(name)
        self._digits = digits
        self._title, self._nothing = "", ""
        self._as_written = hidden_label(self)
        self.points: list[tuple[float, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(120, 2 * self.fontMetrics().height() + 26)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(60, self.sizeHint().height())

    def show_points(self, title: str, points: Sequence[tuple[float, float]], nothing: str) -> None:
        """Show (time, value), the oldest first. ``nothing`` is said where there are fewer than two."""
        self._title, self._nothing = cut(printable(title), LONGEST), nothing
        self.points = list(points)
        self.setToolTip("")
        self.update()

    def caption(self, width: int = 10_000) -> str:
        """The line above the chart. In fewer pixels than it needs its words are cut, never its figures."""
        if len(self.points) < 2:
            return self.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, width)
        last, most = self.points[-1][1], max(value for _, value in self.points)
        figures = f"{amount(last, self._digits)} (≤ {amount(most, self._digits)})"
        room = width - self.fontMetrics().horizontalAdvance(labelled("", figures))
        title = self.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room)
        return labelled(title, figures)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = text_color(self._as_written)
        metrics, line = self.fontMetrics(), self.fontMetrics().height()
        painter.setPen(text)
        width = self.width() - 2 * round(MARGIN)
        painter.drawText(round(MARGIN), metrics.ascent(), self.caption(width))
        area = QRectF(MARGIN, line + MARGIN, width, self.height() - line - 2 * MARGIN)
        faint = QColor(text)
        faint.setAlpha(70)
        painter.setPen(QPen(faint, 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if len(self.points) < 2:
            painter.drawText(area, round(Qt.AlignmentFlag.AlignCenter), self._nothing)
        else:
            painter.setPen(QPen(self.palette().color(self.palette().ColorRole.Highlight), 1.6))
            painter.drawPolyline(self.course(area))
        painter.end()

    def course(self, area: QRectF) -> QPolygonF:
        """The line within an area: 0 at its foot, the greatest value at its top."""
        first, last = self.points[0][0], self.points[-1][0]
        most = max((value for _, value in self.points), default=0.0) or 1.0
        length = (last - first) or 1.0
        return QPolygonF(
            [
                QPointF(
                    area.left() + area.width() * (time - first) / length,
                    area.bottom() - area.height() * max(value, 0.0) / most,
                )
                for time, value in self.points
            ]
        )
