"""The Search dock: the form, the button, the table, and what can be done with the results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...bridge.geo import measuring
from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ..icons import icon
from ..labels import Label

if TYPE_CHECKING:
    from qgis.PyQt.QtCore import QPoint
    from qgis.PyQt.QtGui import QShowEvent

    from ...bridge.geo.requests import Answer
    from .form import SearchForm


class SearchDock(QgsDockWidget):
    """Widgets only; ``SearchComponent`` makes them search. Its content is built when it is first shown."""

    first_shown = pyqtSignal()
    hovered = pyqtSignal(int)
    zoom_wanted = pyqtSignal(list)

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(tr("Search"), parent)
        self.setObjectName("redis_geo_search_dock")
        self.form: Optional[SearchForm] = None

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        if self.form is None:
            self.build()
        super().showEvent(event)

    def build(self) -> None:
        """Fill the dock, once."""
        if self.form is not None:
            return
        from ..wrapping import Tall
        from .form import SearchForm
        from .model import ResultsModel

        body = Tall(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(6, 6, 6, 6)
        self.form = SearchForm(body)
        column.addWidget(self.form)
        column.addLayout(self._search_row(body))
        self.status = Label(parent=body)
        self.status.setObjectName("redis_geo_search_status")
        self.status.setWordWrap(True)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.status)
        self.model = ResultsModel(self)
        column.addWidget(self._table(body), 1)
        column.addLayout(self._results_row(body))
        self.setWidget(body)
        self.show_results_buttons(False)
        self.first_shown.emit()

    def _search_row(self, body: QWidget) -> QHBoxLayout:
        self.search = QPushButton(icon("search"), tr("Search"), body)
        self.search.setObjectName("redis_geo_search_go")
        self.progress = QProgressBar(body)
        self.progress.setObjectName("redis_geo_search_progress")
        self.progress.setRange(0, 100)
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(12)
        self.cancel = QToolButton(body)
        self.cancel.setObjectName("redis_geo_search_cancel")
        self.cancel.setText(tr("Cancel"))
        self.clear = QPushButton(tr("Clear"), body)
        self.clear.setObjectName("redis_geo_search_clear")
        row = QHBoxLayout()
        for widget, stretch in ((self.search, 1), (self.progress, 1), (self.cancel, 0), (self.clear, 0)):
            row.addWidget(widget, stretch)
        self.show_busy(False)
        return row

    def _table(self, body: QWidget) -> QTableView:
        self.table = QTableView(body)
        self.table.setObjectName("redis_geo_search_results")
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.setMouseTracking(True)
        self.table.setMinimumHeight(90)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.entered.connect(lambda index: self.hovered.emit(self.model.row_hit(index.row())))
        self.table.doubleClicked.connect(
            lambda index: self.zoom_wanted.emit([self.model.row_hit(index.row())])
        )
        return self.table

    def _results_row(self, body: QWidget) -> QHBoxLayout:
        self.as_layer = QPushButton(icon("search_layer"), tr("As layer"), body)
        self.as_layer.setObjectName("redis_geo_search_as_layer")
        self.as_layer.setToolTip(tr("Keep the results as a layer, with the searched area"))
        self.zoom = QPushButton(tr("Zoom"), body)
        self.zoom.setObjectName("redis_geo_search_zoom")
        self.zoom.setToolTip(tr("Show all results on the map"))
        self.copy = QPushButton(tr("Copy"), body)
        self.copy.setObjectName("redis_geo_search_copy")
        self.copy.setToolTip(tr("Copy the selected rows, or all of them, as text for a spreadsheet"))
        self.as_layer.setIconSize(QSize(16, 16))
        self.select = QToolButton(body)
        self.select.setObjectName("redis_geo_search_select")
        self.select.setIcon(icon("/mActionSelectRectangle.svg"))
        self.allow_select(True)
        self.select.setCheckable(True)
        self.select.setAutoRaise(True)
        row = QHBoxLayout()
        row.addWidget(self.select)
        for button in (self.as_layer, self.zoom, self.copy):
            row.addWidget(button, 1)
        from ..run_controls import help_button

        row.addWidget(help_button("redis_geo_search_help", "search"))
        self.copy.clicked.connect(self.copy_rows)
        self.zoom.clicked.connect(lambda: self.zoom_wanted.emit([]))
        return row

    def _menu(self, position: QPoint) -> None:
        if not self.model.rowCount():
            return
        menu = QMenu(self.table)
        rows = self.selected_rows()
        zoom = menu.addAction(tr("Zoom to"))
        zoom.triggered.connect(lambda: self.zoom_wanted.emit([self.model.row_hit(r) for r in rows]))
        copy = menu.addAction(tr("Copy"))
        copy.triggered.connect(self.copy_rows)
        menu.exec(self.table.viewport().mapToGlobal(position))

    def selected_rows(self) -> list[int]:
        """The selected rows, in their order."""
        rows: list[int] = []
        for block in self.table.selectionModel().selection():
            rows.extend(range(block.top(), block.bottom() + 1))
        return sorted(set(rows))

    def copy_rows(self) -> None:
        """Selected rows, or all, into the clipboard."""
        QApplication.clipboard().setText(
            self.model.as_text(measuring.project_path(), self.selected_rows() or None)
        )

    def show_answer(self, answer: Answer) -> None:
        """Fill the table, nearest first, and give its columns a width that fits the first rows."""
        from .model import ResultColumn

        self.table.setSortingEnabled(False)
        self.model.show(answer)
        nearest = self.model.position(ResultColumn.DISTANCE)  # of areas none: as the search returned them
        self.table.horizontalHeader().setSortIndicator(nearest, Qt.SortOrder.AscendingOrder)
        self.table.setSortingEnabled(True)
        metrics = self.fontMetrics()
        for column in range(self.model.columnCount()):
            texts = [self.model.cell(row, column) for row in range(min(40, self.model.rowCount()))]
            widest = max(
                (metrics.horizontalAdvance(t) for t in [*texts, self.model.heading(column) + "  "]),
                default=60,
            )
            self.table.setColumnWidth(column, min(220, widest + 18))
        self.show_results_buttons(bool(self.model.rowCount()))

    def show_results_buttons(self, there: bool) -> None:
        self.allow_select(there)
        for button in (self.as_layer, self.zoom, self.copy):
            button.setEnabled(there)

    def allow_select(self, allowed: bool, in_layer: bool = False) -> None:
        """Whether results can be selected on the map; as a layer they are, with QGIS's own tools."""
        text = tr(
            "Select results on the map: click one, or drag a rectangle. With Shift they are added, "
            "with Ctrl taken away."
        )
        elsewhere = tr("The results are a layer now: select in it with QGIS's own tools.")
        self.select.setEnabled(allowed)
        self.select.setToolTip(tool_tip(elsewhere if in_layer else text))

    def show_busy(self, busy: bool) -> None:
        had_focus = (self.search if busy else self.cancel).hasFocus()
        self.progress.setVisible(busy)
        self.cancel.setVisible(busy)
        self.search.setVisible(not busy)
        self.clear.setVisible(not busy)
        if had_focus:
            (self.cancel if busy else self.search).setFocus()
