"""Two small plots: latency over the last minutes, and bars of remaining lifetimes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import QLocale, QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from ...bridge.compat import number
from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.words.labelled import labelled
from ..drawing import hidden_label, text_color

LINE = QColor("#2f7ed8")
GAP = QColor("#d82c20")
Points = Sequence[tuple[float, Optional[float]]]


class Sparkline(QWidget):
    """A line over (time, value or None); where there was no answer, a red mark on the ground line."""

    def __init__(self, seconds: float):
        super().__init__()
        self._seconds = seconds
        self._points: list[tuple[float, Optional[float]]] = []
        self._as_written = hidden_label(self)
        self.setMinimumHeight(72)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(220, 72)

    def show_points(self, points: Points) -> None:
        self._points = list(points)
        values = [value for _, value in self._points if value is not None]
        if values:
            number = QLocale().toString
            self.setToolTip(
                tool_tip(
                    tr(
                        "Median {median} ms, longest {longest} ms, {lost} without an answer, in the last "
                        "{minutes} min"
                    ).format(
                        median=number(sorted(values)[len(values) // 2], "f", 1),
                        longest=number(max(values), "f", 1),
                        lost=number(len(self._points) - len(values)),
                        minutes=round(self._seconds / 60),
                    )
                )
            )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetrics(self.font())
        area = QRectF(self.rect()).adjusted(1, metrics.height() * 0.5, -1, -metrics.height() - 3)
        self._frame(painter, area, metrics)
        values = [value for _, value in self._points if value is not None]
        if not values:
            painter.end()
            return
        top = max(1.0, max(values) * 1.1)
        self._lines(painter, area, top)
        painter.setPen(_faint(self._as_written))
        painter.drawText(
            area.adjusted(4, 0, 0, 0),
            number(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop),
            tr("{value} ms").format(value=QLocale().toString(top, "f", 0 if top >= 10 else 1)),
        )
        painter.end()

    def _frame(self, painter: QPainter, area: QRectF, metrics: QFontMetrics) -> None:
        painter.fillRect(area, self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRect(area)
        painter.setPen(_faint(self._as_written))
        below = QRectF(area.left(), area.bottom() + 1, area.width(), metrics.height() + 1)
        ago = tr("{minutes} min ago").format(minutes=round(self._seconds / 60))
        painter.drawText(below, number(Qt.AlignmentFlag.AlignLeft), ago)
        painter.drawText(below, number(Qt.AlignmentFlag.AlignRight), tr("now"))

    def _lines(self, painter: QPainter, area: QRectF, top: float) -> None:
        now = time.time()
        path, drawing, last = QPainterPath(), False, QPointF()
        for when, value in self._points:
            x = area.right() - (now - when) / self._seconds * area.width()
            if x < area.left():
                continue
            if value is None:
                painter.setPen(QPen(GAP, 3))
                painter.drawPoint(QPointF(x, area.bottom() - 2))
                drawing = False
                continue
            last = QPointF(x, area.bottom() - value / top * area.height())
            path.lineTo(last) if drawing else path.moveTo(last)
            drawing = True
        painter.setPen(QPen(LINE, 1.5))
        painter.drawPath(path)
        if drawing:
            painter.setPen(QPen(LINE, 4))
            painter.drawPoint(last)


def _faint(label: QLabel) -> QColor:
    """The colour of captions. Not the palette's of placeholders: QGIS's dark themes leave that one black."""
    color = text_color(label)
    color.setAlpha(215)
    return color


class Bars(QWidget):
    """Horizontal bars: (label, value, text behind the bar, whether it is marked)."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[str, float, str, bool]] = []
        self._as_written = hidden_label(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: Sequence[tuple[str, float, str, bool]]) -> None:
        self.rows = list(rows)
        self.setAccessibleDescription("; ".join(labelled(label, text) for label, _, text, _ in rows))
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, self._line() * max(1, len(self.rows)) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def _line(self) -> int:
        return QFontMetrics(self.font()).height() + 5

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        if not self.rows:
            painter.end()
            return
        labels = max(metrics.horizontalAdvance(label) for label, *_ in self.rows) + 8
        texts = max(metrics.horizontalAdvance(text) for _, _, text, _ in self.rows) + 8
        room = max(10, self.width() - labels - texts)
        longest = max(value for _, value, _, _ in self.rows) or 1.0
        written = text_color(self._as_written)
        for i, (label, value, text, marked) in enumerate(self.rows):
            line = QRectF(0, i * self._line(), self.width(), self._line())
            painter.setPen(written)
            painter.drawText(line, number(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), label)
            width = room * value / longest
            if value:
                painter.fillRect(
                    QRectF(labels, line.top() + 3, max(2.0, width), line.height() - 6),
                    GAP if marked else LINE,
                )
            painter.drawText(
                QRectF(labels + width + 4, line.top(), texts + room, line.height()),
                number(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
                text,
            )
        painter.end()
