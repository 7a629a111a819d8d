"""Widgets for narrow and low panels: rows that wrap, and a scroll area that is never narrower than its
content."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgsScrollArea
from qgis.PyQt.QtCore import QPoint, QRect, QSize, Qt
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLayout,
    QLayoutItem,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QWidget,
)


class WrapLayout(QLayout):
    """Widgets side by side at the size they wish for, on as many lines as the width asks for: a row of
    buttons does not make its panel wide, in whatever language. Hidden widgets take no room."""

    def __init__(self, *widgets: QWidget):
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> Optional[QLayoutItem]:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> Optional[QLayoutItem]:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        """All on one line."""
        sizes = [item.sizeHint() for item in self._shown()]
        width = sum(size.width() for size in sizes) + self._gap() * max(len(sizes) - 1, 0)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _gap(self) -> int:
        return max(self.spacing(), 0)

    def _place(self, rect: QRect, move: bool) -> int:
        """The height that the lines take in this width; ``move`` puts the widgets there."""
        line: list[QLayoutItem] = []
        x, y, gap = rect.x(), rect.y(), self._gap()
        for item in self._shown():
            width = min(item.sizeHint().width(), max(rect.width(), item.minimumSize().width()))
            if line and x + width > rect.x() + rect.width():
                y += self._end_line(line, y, move) + gap
                x, line = rect.x(), []
            line.append((item, x, width))
            x += width + gap
        return y + self._end_line(line, y, move) - rect.y()

    @staticmethod
    def _end_line(line: list[tuple[QLayoutItem, int, int]], y: int, move: bool) -> int:
        """The height of a line; what is lower than it stands in its middle."""
        height = max((item.sizeHint().height() for item, _, _ in line), default=0)
        for item, x, width in line if move else ():
            own = item.sizeHint().height()
            item.setGeometry(QRect(QPoint(x, y + (height - own) // 2), QSize(width, own)))
        return height


def beside(*widgets: QWidget) -> QWidget:
    """Widgets that stay on one line of a WrapLayout, such as a label and its field."""
    together = QWidget()
    line = QHBoxLayout(together)
    line.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        line.addWidget(widget)
    return together


def align(*forms: QFormLayout) -> None:
    """Align the fields of forms that stand one below the other."""
    role = QFormLayout.ItemRole.LabelRole
    items = [form.itemAt(row, role) for form in forms for row in range(form.rowCount())]
    labels = [item.widget() for item in items if item is not None and item.widget() is not None]
    widest = max((label.sizeHint().width() for label in labels), default=0)
    for label in labels:
        label.setMinimumWidth(widest)


def keep_rows_in_sight(table: QAbstractItemView, rows: int = 4) -> None:
    """In a low window a panel scrolls rather than leave its table no more than a header."""
    line = table.fontMetrics().height() + 6
    table.setMinimumHeight((rows + 1) * line + 2 * table.frameWidth())


def room_for_headings(header: QHeaderView) -> None:
    """A short heading over short values is shown whole: to its contents, Qt makes a section a pixel or two
    narrower than it draws the words of a heading."""
    least = header.fontMetrics().horizontalAdvance("MMMM") + 12
    header.setMinimumSectionSize(max(header.minimumSectionSize(), least))


def widen_to_headings(header: QHeaderView) -> None:
    """No section narrower than its heading with the arrow of the sorting; of a header that is shown, as only
    that knows its font."""
    for column in range(header.count()):
        needed = header.sectionSizeHint(column) + 10  # Qt's own figure is too small where an arrow stands
        if header.sectionSize(column) < needed:
            header.resizeSection(column, needed)


class Halves(QSplitter):
    """One above the other in a panel that scrolls: no higher than they need be, and as high as there is room
    for."""

    def __init__(self, *halves: QWidget):
        super().__init__(Qt.Orientation.Vertical)
        self.setChildrenCollapsible(False)
        for half in halves:
            self.addWidget(half)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()


class Tall(QWidget):
    """In a splitter: never lower than what it holds needs in its width. Rows and texts that wrap would
    overlap what is below them, as a splitter knows nothing of heights that hang on the width. In a scroll
    area: no higher than that, as the area would scroll although its tables may still give way."""

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        if layout is None:
            return -1
        return int(
            layout.minimumHeightForWidth(width)
            if layout.hasHeightForWidth()
            else layout.minimumSize().height()
        )

    def minimumSizeHint(self) -> QSize:
        size = super().minimumSizeHint()
        if self.layout() is not None:
            size.setHeight(self.heightForWidth(max(self.width(), size.width())))
        return size

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class Scrolled(QgsScrollArea):
    """Holds a form that may be higher than there is room for, never one that is wider: nothing is cut off at
    the right. As QGIS's own, so that the wheel moves it and does not change the fields below the pointer."""

    def __init__(self, form: QWidget):
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setWidget(form)

    def minimumSizeHint(self) -> QSize:
        room = self.verticalScrollBar().sizeHint().width()
        return QSize(self.widget().minimumSizeHint().width() + room, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """All of the form (a QScrollArea itself wishes for no more than some twenty lines)."""
        return self.widget().sizeHint()


class ScrolledTabs(QTabWidget):
    """Tabs whose pages scroll where they are higher than there is room for: what stands above them stays in
    sight, and the rows of a page never cover each other. Whoever asks for a page gets it itself."""

    def addTab(self, page: QWidget, title: str) -> int:  # noqa: N802 - Qt's name
        area = Scrolled(page)
        for widget in (page, area.viewport()):
            widget.setAutoFillBackground(False)  # the ground of the tabs shows through
        return int(super().addTab(area, title))

    def widget(self, index: int) -> Optional[QWidget]:
        area = super().widget(index)
        return area.widget() if isinstance(area, Scrolled) else area

    def currentWidget(self) -> Optional[QWidget]:  # noqa: N802 - Qt's name
        return self.widget(self.currentIndex())

    def setCurrentWidget(self, page: QWidget) -> None:  # noqa: N802 - Qt's name
        self.setCurrentIndex(self.indexOf(page))

    def indexOf(self, page: QWidget) -> int:  # noqa: N802 - Qt's name
        return next((number for number in range(self.count()) if self.widget(number) is page), -1)
