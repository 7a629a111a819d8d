"""Small marks drawn in code, sharp at every scale of the screen."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent, QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QBrush, QColor, QGuiApplication, QPainter, QPen, QPixmap, QShowEvent
from qgis.PyQt.QtWidgets import QApplication, QLabel, QProgressBar, QWidget

from .connection_monitor import ConnectionState
from .labels import Label

# Colours that people with red-green blindness tell apart by lightness; the shape differs too.
LAMP_COLORS = {
    ConnectionState.NONE: QColor("#9e9e9e"),
    ConnectionState.CONNECTING: QColor("#2f7ed8"),
    ConnectionState.CONNECTED: QColor("#2e9e44"),
    ConnectionState.RECONNECTING: QColor("#e59c00"),
    ConnectionState.FAILED: QColor("#d82c20"),
}

CHUNK = "#34557d"  # what is done of a bar in a dark theme: the text over it is light


def dot(color: QColor, size: int) -> QPixmap:
    """A filled round mark of ``size`` logical pixels."""
    pixmap, painter = _canvas(size)
    _disc(painter, color, size)
    painter.end()
    return pixmap


def lamp(state: ConnectionState, size: int) -> QPixmap:
    """The lamp of a connection's state: full when connected, hollow when there is none, with a mark
    otherwise."""
    pixmap, painter = _canvas(size)
    color = LAMP_COLORS[state]
    if state is ConnectionState.NONE:
        painter.setPen(QPen(color, size / 8))
        painter.drawEllipse(QRectF(0, 0, size, size).adjusted(2.5, 2.5, -2.5, -2.5))
    else:
        _disc(painter, color, size)
    white = QPen(QColor("white"), size / 7)
    white.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(white)
    middle = size / 2
    if state is ConnectionState.FAILED:
        painter.drawLine(QPointF(middle, size * 0.3), QPointF(middle, size * 0.53))
        painter.drawPoint(QPointF(middle, size * 0.72))
    elif state in (ConnectionState.RECONNECTING, ConnectionState.CONNECTING):
        for x in (0.3, 0.5, 0.7):
            painter.drawPoint(QPointF(size * x, middle))
    painter.end()
    return pixmap


def _canvas(size: int) -> tuple[QPixmap, QPainter]:
    screen = QGuiApplication.primaryScreen()
    ratio = screen.devicePixelRatio() if screen else 1.0
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return pixmap, painter


def _disc(painter: QPainter, color: QColor, size: int) -> None:
    painter.setPen(QPen(color.darker(130), 1))
    painter.setBrush(QBrush(color))
    painter.drawEllipse(QRectF(0, 0, size, size).adjusted(1.5, 1.5, -1.5, -1.5))


def hidden_label(parent: QWidget) -> QLabel:
    """A label that only says in which colour a widget that paints by hand is to write: ``text_color``."""
    label = Label(parent=parent)
    label.hide()
    return label


def text_color(label: QLabel) -> QColor:
    """The colour in which a label is written, also in QGIS's dark themes: those colour labels, and leave the
    palette of what a widget paints by hand as it was."""
    label.ensurePolished()
    return QColor(label.palette().color(label.foregroundRole()))


def text_as_on(bar: QProgressBar, label: QLabel) -> None:
    """Write a bar's text in the colour of a label: QGIS's dark themes leave it black. Without a theme it is
    drawn as the style has it."""
    application, wanted = QApplication.instance(), ""
    if isinstance(application, QApplication) and application.styleSheet():
        written = text_color(label).name()
        chunk = f"QProgressBar::chunk {{ background-color: {CHUNK}; }}"
        wanted = f"QProgressBar {{ color: {written}; }} {chunk}"
    if wanted != bar.styleSheet():
        bar.setStyleSheet(wanted)


class TextBar(QProgressBar):
    """A progress bar whose text is read in QGIS's dark themes too, on a chosen row as beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._as_written = hidden_label(self)
        self._colouring = False

    def showEvent(self, event: QShowEvent) -> None:
        self._colour()
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:  # another theme was chosen
            self._colour()

    def _colour(self) -> None:
        if self._colouring:  # its own colours are a change of style too
            return
        self._colouring = True
        text_as_on(self, self._as_written)
        self._colouring = False
