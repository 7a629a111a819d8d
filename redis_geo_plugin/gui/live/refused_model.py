"""The newest refused records as a table: when, which key, why, and what it said."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, Qt

from ...bridge.i18n import tr
from ...bridge.live.words import reason_text
from ...bridge.plain import cell_text, tool_tip
from .wording import clock_time


class RefusedModel(QAbstractTableModel):
    """Newest first. ``reason`` restricts to one reason ("" for all)."""

    def __init__(self, parent: Any = None):
        super().__init__(parent)
        self._rows: list[Any] = []
        self._core: Optional[Any] = None
        self._count = -1
        self.reason = ""

    def show_feed(self, core: Optional[Any]) -> None:
        if core is not self._core:
            self._core, self._count = core, -1
        self.refresh()

    def refresh(self, again: bool = False) -> None:
        """Add the records refused since the last call; does nothing where there are none."""
        count = sum(self._core.positions.refused.values()) if self._core is not None else 0
        if count == self._count and not again:
            return
        self._count = count
        newest = list(self._core.positions.last_refused) if self._core is not None else []
        self.beginResetModel()
        self._rows = [r for r in reversed(newest) if not self.reason or r.reason.value == self.reason]
        self.endResetModel()

    def refusal(self, row: int) -> Optional[Any]:
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("Received"), tr("Reason"), tr("Id"), tr("Key"), tr("What it said"))[section]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        refusal = self.refusal(index.row()) if index.isValid() else None
        if refusal is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            texts = (
                clock_time(refusal.receipt),
                reason_text(refusal.reason),
                cell_text(refusal.id),
                cell_text(refusal.key),
                cell_text(refusal.raw.replace("\n", " ")),
            )
            return texts[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(refusal.raw)
        return None
