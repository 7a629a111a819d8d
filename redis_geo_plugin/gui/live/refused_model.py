"""The newest refused records of a feed, or values of a live set, as a table: when, why, which, and what it
said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, Qt

from ...bridge.features import words as feature_words
from ...bridge.i18n import tr
from ...bridge.live.words import reason_text
from ...bridge.plain import cell_text, tool_tip
from ...core.readable import text
from .wording import clock_time

if TYPE_CHECKING:
    from qgis.PyQt.QtCore import QObject

    from ...bridge.features.live_set import LiveSet
    from ...core.features.refusals import FeatureRefusal
    from ...core.live.feed import Feed
    from ...core.live.records import Refusal

RECEIVED, REASON = 0, 1


class RefusedRow(NamedTuple):
    """One that was refused: the ``reason`` and its ``words``, the ``ident`` and ``key`` of what it is, and
    the beginning of what it said. ``received`` in seconds since 1970 UTC, None where nobody noted it."""

    received: Optional[float]
    reason: str
    words: str
    ident: str
    key: str
    said: str


class RefusedModel(QAbstractTableModel):
    """Newest first. ``reason`` restricts to one reason ("" for all)."""

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._all: list[RefusedRow] = []
        self._rows: list[RefusedRow] = []
        self._core: Optional[Feed] = None
        self._set: Optional[LiveSet] = None
        self._count = -1
        self._listed: list[FeatureRefusal] = []
        self.reason = ""

    def show_feed(self, core: Optional[Feed]) -> None:
        """Show the records that a feed refused, or nothing."""
        if core is not self._core or self._set is not None:
            self._core, self._set, self._count = core, None, -1
        self.refresh()

    def show_set(self, one: LiveSet) -> None:
        """Show the values that a live set does not show."""
        if one is not self._set:
            self._core, self._set, self._listed = None, one, []
            self._show([])
        self.refresh()

    def refresh(self, again: bool = False) -> None:
        """Show what was refused since the last call; does nothing where that is the same."""
        if self._set is not None:
            listed = self._set.listed_refusals()
            if listed != self._listed:
                self._listed = listed
                self._show(_of_set(listed))
        else:
            count = sum(self._core.positions.refused.values()) if self._core is not None else 0
            if count != self._count:
                self._count = count
                self._show(_of_feed(self._core.positions.last_refused) if self._core is not None else [])
        if again:
            self._show(self._all)

    def _show(self, newest_first: list[RefusedRow]) -> None:
        self.beginResetModel()
        self._all = newest_first
        self._rows = [row for row in newest_first if not self.reason or row.reason == self.reason]
        self.endResetModel()

    def refusal(self, row: int) -> Optional[RefusedRow]:
        """What was refused in a row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else 5

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("Received"), tr("Reason"), tr("Id"), tr("Key"), tr("What it said"))[section]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.refusal(index.row()) if index.isValid() else None
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                clock_time(row.received) if row.received is not None else "",
                row.words,
                cell_text(row.ident),
                cell_text(row.key),
                cell_text(row.said.replace("\n", " ")),
            )[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(row.words if index.column() == REASON else row.said)
        return None


def _of_feed(refused: Iterable[Refusal]) -> list[RefusedRow]:
    words = cache(reason_text)
    return [
        RefusedRow(one.receipt, one.reason.value, words(one.reason), one.id, one.key, one.raw)
        for one in reversed(list(refused))
    ]


def _of_set(refused: Sequence[FeatureRefusal]) -> list[RefusedRow]:
    words = cache(feature_words.reason_text)
    return [
        RefusedRow(None, one.reason.value, words(one.reason), one.part, text(one.key), text(one.raw))
        for one in reversed(refused)
    ]
