"""The vehicles of a feed as a table.

Sorting and filtering run in a thread of their own; rows are cut to the first 1,000.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, Qt, pyqtSignal

from ...bridge.compat import number
from ...bridge.i18n import tr
from ...bridge.plain import cell_text, tool_tip
from .wording import duration_text, heading_text, speed_text, utc_text

if TYPE_CHECKING:
    from qgis.PyQt.QtCore import QObject

    from ...core.live.feed import Feed
    from ...core.live.records import Fix
    from ...core.live.view import Extent, View

FIXED = ("id", "age", "speed", "heading", "time")
ID, AGE, SPEED, HEADING, TIME = range(5)
MOST_ATTRIBUTES = 30


class VehiclesModel(QAbstractTableModel):
    """``refresh`` asks for a new view of the feed; it arrives by itself.

    ``counted(shown, matching, total)`` after each.
    """

    counted = pyqtSignal(int, int, int)
    _ready = pyqtSignal(int, object)

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._core: Optional[Feed] = None
        self._fixes: list[Fix] = []
        self._columns: list[str] = []
        self._text = ""
        self._extent: Optional[Extent] = None
        self._sort, self._descending = 0, False
        self._correction = 0.0
        self._busy = False
        self._again = False
        self.changing = False  # rows come and go: what the view then deselects nobody has deselected
        self._generation = 0
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="redis-geo-list")
        self._ready.connect(self._on_ready)

    def show_feed(self, core: Optional[Feed]) -> None:
        """Show the vehicles of this core feed (None: nothing)."""
        if core is not self._core:
            self._generation += 1
            self._core = core
            self.beginResetModel()
            self._fixes, self._columns = [], []
            self.endResetModel()
        self.refresh()

    def filter(self, text: str) -> None:
        self._text = text
        self.refresh()

    def restrict(self, extent: Optional[Extent]) -> None:
        """Only vehicles within (west, south, east, north) in degrees; None for all."""
        if extent != self._extent:
            self._extent = extent
            self.refresh()

    def close(self) -> None:
        self._generation += 1
        self._core = None
        self._pool.shutdown(wait=False)

    def fix(self, row: int) -> Optional[Fix]:
        return self._fixes[row] if 0 <= row < len(self._fixes) else None

    def row_of(self, ident: str) -> int:
        """The row of a vehicle."""
        return next((row for row, fix in enumerate(self._fixes) if fix.id == ident), -1)

    def refresh(self) -> None:
        """Look again, in the background; one look at a time."""
        if self._core is None:
            return
        if self._busy:
            self._again = True
            return
        from ...core.live.view import ListRequest, select

        self._busy = True
        wanted = ListRequest(self._text, self._column_name(self._sort), self._descending, self._extent)
        generation, latest = self._generation, self._core.positions.latest

        def look() -> None:
            try:
                found = select(latest.everything(), wanted)
            except Exception:  # the feed changed under our hands: the next look will do
                found = None
            try:
                self._ready.emit(generation, found)
            except RuntimeError:
                pass  # the dock is gone

        self._pool.submit(look)

    def _on_ready(self, generation: int, view: View) -> None:
        self._busy = False
        if generation == self._generation and view is not None and self._core is not None:
            self._take(view)
        if self._again:
            self._again = False
            self.refresh()

    def _take(self, view: View) -> None:
        self._correction = self._core.positions.correction
        columns = [name for name, kind in self._core.schema.kinds.items() if kind][:MOST_ATTRIBUTES]
        self.changing = True
        same_rows = len(view.fixes) == len(self._fixes) and columns == self._columns
        if same_rows:
            self._fixes = view.fixes
            if self._fixes:
                self.dataChanged.emit(
                    self.index(0, 0), self.index(len(self._fixes) - 1, self.columnCount() - 1)
                )
        else:
            self._take_rows(view.fixes, columns)
        self.changing = False
        self.counted.emit(len(view.fixes), view.matching, view.total)

    def _take_rows(self, fixes: list[Fix], columns: list[str]) -> None:
        """Change the number of rows or columns by the model's signals, so that the view keeps its position
        and selection."""
        new = columns[len(self._columns) :] if columns[: len(self._columns)] == self._columns else None
        if new is None:
            self.beginResetModel()
            self._fixes, self._columns = fixes, columns
            self.endResetModel()
            return
        if new:
            first = self.columnCount()
            self.beginInsertColumns(QModelIndex(), first, first + len(new) - 1)
            self._columns = columns
            self.endInsertColumns()
        have = len(self._fixes)
        if len(fixes) > have:
            self.beginInsertRows(QModelIndex(), have, len(fixes) - 1)
            self._fixes = fixes
            self.endInsertRows()
        elif len(fixes) < have:
            self.beginRemoveRows(QModelIndex(), len(fixes), have - 1)
            self._fixes = fixes
            self.endRemoveRows()
        self._fixes = fixes
        if fixes:
            self.dataChanged.emit(self.index(0, 0), self.index(len(fixes) - 1, self.columnCount() - 1))

    # --- the model ------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._fixes)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(FIXED) + len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if section >= len(FIXED):
            return cell_text(self._columns[section - len(FIXED)])
        return (tr("Id"), tr("Age"), tr("Speed (km/h)"), tr("Heading"), tr("Time (UTC)"))[section]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._fixes):
            return None
        fix, column = self._fixes[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text_of(fix, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (AGE, SPEED, HEADING):
            return number(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole and column in (AGE, TIME):
            texts = (utc_text(fix.time), utc_text(fix.receipt))
            said = tr("Reported {time}, received {receipt} (UTC)")
            return tool_tip(said.format(time=texts[0], receipt=texts[1]))
        if role == Qt.ItemDataRole.ToolTipRole and fix.derived and column in (SPEED, HEADING, TIME):
            return tool_tip(tr("Computed here, not reported: {names}").format(names=fix.derived))
        if role == Qt.ItemDataRole.UserRole:
            return fix.id
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self.refresh()

    def _column_name(self, column: int) -> str:
        if column < len(FIXED):
            return FIXED[column]
        position = column - len(FIXED)
        return self._columns[position] if position < len(self._columns) else "id"

    def _text_of(self, fix: Fix, column: int) -> str:
        if column == ID:
            return cell_text(str(fix.id))
        if column == AGE:
            return duration_text(time.time() - fix.time - self._correction)
        if column == SPEED:
            return speed_text(fix.speed)
        if column == HEADING:
            return heading_text(fix.heading)
        if column == TIME:
            return utc_text(fix.time)
        return cell_text(fix.attributes.get(self._columns[column - len(FIXED)]))
