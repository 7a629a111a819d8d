"""The jobs of the chosen batch, one by one. Read by the page as they are looked at: a batch may hold a
million."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QLocale, QModelIndex, Qt, pyqtSignal
from qgis.PyQt.QtGui import QResizeEvent, QShowEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
)

from ...bridge.compat import number
from ...bridge.i18n import tr
from ...bridge.jobs.job_words import job_in_words, took_in_words
from ...bridge.plain import cell_text, tool_tip
from ..icons import icon
from ..labels import Label
from ..row_menu import RowMenu
from ..wrapping import Tall, WrapLayout, keep_rows_in_sight

if TYPE_CHECKING:
    from qgis.PyQt.QtCore import pyqtBoundSignal

    from ...core.jobs.listing import JobLine
    from ...core.jobs.records import Batch
    from ...core.json_types import JsonValue

NUMBER, VALUES, STATE, TOOK = range(4)
MOST_ROWS = 10_000_000  # a view counts pixels in 32 bits, and others may have written the count
PAGE = 100  # jobs read beyond those in sight
_NO_PARENT = QModelIndex()


class JobsModel(QAbstractTableModel):
    """One row per job, in the order of the features; what has not been read yet is blank."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._lines: dict[int, JobLine] = {}

    def begin(self, count: int) -> None:
        """Show another batch with this number of jobs."""
        self.beginResetModel()
        self._count, self._lines = count, {}
        self.endResetModel()

    def grow(self, count: int) -> None:
        """Note that the batch is still being sent."""
        if count > self._count:
            self.beginInsertRows(_NO_PARENT, self._count, count - 1)
            self._count = count
            self.endInsertRows()

    def show(self, lines: Iterable[JobLine]) -> None:
        """What was read of some rows; of others only a few pages are kept."""
        new = {line.index: line for line in lines if line.index < self._count}
        if not new:
            return
        changed = [index for index, line in new.items() if self._lines.get(index) != line]
        if len(self._lines) > 20 * PAGE:
            self._lines = {}
        self._lines.update(new)
        if changed:
            self.dataChanged.emit(self.index(min(changed), 0), self.index(max(changed), TOOK))

    def line(self, row: int) -> Optional[JobLine]:
        """The line of a row."""
        return self._lines.get(row)

    def rowCount(self, parent: QModelIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: QModelIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else TOOK + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (tr("No."), tr("Feature"), tr("State"), tr("Took"))[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line, column = self._lines.get(index.row()), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (NUMBER, TOOK):
            return number(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if column == NUMBER:
            return QLocale().toString(index.row() + 1)
        if line is None:
            return "…" if column == STATE else None
        shown = {
            VALUES: _values(line.attributes),
            STATE: job_in_words(line),
            TOOK: took_in_words(line.cost_us),
        }[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(shown)
        return cell_text(shown)


class JobsPanel(Tall):
    """``wanted`` carries the range of rows in sight (first row, how many); the others carry batch and jobs,
    ``zoom`` one."""

    wanted = pyqtSignal(int, int)
    cancel = pyqtSignal(object, list)
    retry = pyqtSignal(object, list)
    zoom = pyqtSignal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.batch: Batch = None
        self.model = JobsModel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        self.table = self._table()
        layout.addWidget(self.table)
        layout.addLayout(self._buttons())
        RowMenu(self.table, list(self.buttons.values()))
        self.table.verticalScrollBar().valueChanged.connect(lambda _value: self._look())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        self.table.doubleClicked.connect(lambda _index: self._zoom())
        self._selected()

    def _table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("redis_geo_jobs_list")
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setWordWrap(False)
        rows = table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(
            QHeaderView.ResizeMode.Fixed
        )  # or a million rows would be measured one by one
        rows.setDefaultSectionSize(table.fontMetrics().height() + 6)
        keep_rows_in_sight(table)
        columns = table.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(VALUES, QHeaderView.ResizeMode.Stretch)
        for column, width in ((NUMBER, 60), (STATE, 150), (TOOK, 70)):
            table.setColumnWidth(column, width)
        return table

    def _buttons(self) -> WrapLayout:
        row = WrapLayout()
        self.buttons: dict[str, QPushButton] = {}
        for name, text, symbol, act in (
            ("zoom", tr("Zoom to"), "search", self._zoom),
            ("retry", tr("Retry"), "start", lambda: self._send(self.retry, "failed")),
            ("cancel", tr("Cancel job"), "stop", lambda: self._send(self.cancel, "waiting", "running")),
        ):
            button = QPushButton(icon(symbol), text)
            button.setObjectName(f"redis_geo_jobs_list_{name}")
            button.clicked.connect(lambda _checked=False, act=act: act())
            self.buttons[name] = button
            row.addWidget(button)
        self.hint = Label(tr("Choose a batch above to see its jobs."))
        self.hint.setEnabled(False)
        row.addWidget(self.hint)
        return row

    def show_batch(self, batch: Batch) -> None:
        """The batch whose jobs are listed, None for none; called again as it goes on."""
        count = 0 if batch is None else batch.total if batch.total is not None else batch.sent
        count = min(count, MOST_ROWS)
        if (batch and batch.id) != (self.batch and self.batch.id):
            self.model.begin(count)
            self.table.scrollToTop()
        else:
            self.model.grow(count)
        self.batch = batch
        self.hint.setVisible(batch is None)
        self._look()

    def show_lines(self, batch: str, lines: list[JobLine]) -> None:
        """Show lines that were read; those of a batch that is no longer chosen are ignored."""
        if self.batch is not None and self.batch.id == batch:
            self.model.show(lines)
            self._selected()

    def chosen(self) -> list[JobLine]:
        """The jobs in the chosen rows, as far as they have been read."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [line for line in map(self.model.line, rows) if line is not None]

    def in_sight(self) -> tuple[int, int]:
        """The first row to read and how many: those in sight, and a good many above and below."""
        top, bottom = self.table.rowAt(0), self.table.rowAt(self.table.viewport().height() - 1)
        first = max(top - PAGE // 2, 0)
        return first, max(bottom - first, 0) + PAGE

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def _look(self) -> None:
        if self.batch is not None:
            self.wanted.emit(*self.in_sight())

    def _selected(self) -> None:
        states = [line.state for line in self.chosen()]
        self.buttons["zoom"].setEnabled(len(states) == 1 and self.chosen()[0].extent is not None)
        self.buttons["retry"].setEnabled("failed" in states)
        self.buttons["cancel"].setEnabled("waiting" in states or "running" in states)

    def _send(self, signal: pyqtBoundSignal, *states: str) -> None:
        jobs = [line for line in self.chosen() if line.state in states]
        if jobs:
            signal.emit(self.batch, jobs)

    def _zoom(self) -> None:
        chosen = self.chosen()
        if len(chosen) == 1:
            self.zoom.emit(self.batch, chosen[0])


def _values(attributes: JsonValue) -> str:
    """The first values of a feature, for people to know it by."""
    values = attributes if isinstance(attributes, list) else [attributes]
    plain = [
        value.get("v", "") if isinstance(value, dict) else value
        for value in values
        if value not in (None, "")
    ]
    return " · ".join(str(value) for value in plain[:4])[:120]
