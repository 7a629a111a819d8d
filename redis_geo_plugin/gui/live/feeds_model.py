"""The feeds and live sets of the project as a table: lamp, state, vehicles, updates a second, lag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, Qt
from qgis.PyQt.QtGui import QColor, QIcon, QPainter, QPixmap

from ...bridge.compat import number
from ...bridge.i18n import tr
from ...bridge.plain import cell_text, tip_of
from .set_wording import set_details_text, set_state_text
from .wording import amount, details_text, lamp_color, state_text

if TYPE_CHECKING:
    from qgis.PyQt.QtCore import QObject

    from ...bridge.features.live_set import LiveSet
    from ...bridge.features.live_sets import LiveSets
    from ...bridge.live.live_feed import LiveFeed
    from ...bridge.live.manager import FeedManager
    from ...core.live.status import Status


FEED, STATE, VEHICLES, RATE, LAG, REFUSED = range(6)


class FeedsModel(QAbstractTableModel):
    """Rows are the feeds of a FeedManager, then the sets; ``refresh`` is called by the dock's timer, not by
    each tick."""

    def __init__(self, manager: FeedManager, sets: LiveSets, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._manager, self._sets = manager, sets
        self._uids: list[str] = []
        self._lamps: dict[str, QIcon] = {}
        manager.listed.connect(self.reset)
        sets.listed.connect(self.reset)
        self.reset()

    def detach(self) -> None:
        self._manager.listed.disconnect(self.reset)
        self._sets.listed.disconnect(self.reset)

    def reset(self) -> None:
        self.beginResetModel()
        self._uids = [*self._manager.feeds, *self._sets.sets]
        self.endResetModel()

    def refresh(self) -> None:
        """The figures may have changed."""
        if self._uids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._uids) - 1, REFUSED))

    def uid(self, row: int) -> Optional[str]:
        """The uid of the feed in a row."""
        return self._uids[row] if 0 <= row < len(self._uids) else None

    def row_of(self, uid: str) -> int:
        """The row of the feed with this uid."""
        return self._uids.index(uid) if uid in self._uids else -1

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._uids)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else 6

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("Feed"), tr("State"), tr("Vehicles"), tr("Updates/s"), tr("Lag"), tr("Refused"))[section]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        uid = self._uids[index.row()] if index.isValid() else ""
        feed = self._manager.feeds.get(uid)
        if feed is None:
            return self._set_data(self._sets.sets.get(uid), index.column(), role)
        status = feed.status()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(feed, status, index.column())
        if role == Qt.ItemDataRole.DecorationRole and index.column() == FEED:
            return self._lamp(lamp_color(status))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_of(feed.spec.name, feed.spec.pattern, state_text(status), details_text(feed))
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() >= VEHICLES:
            return number(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _set_data(self, one: Optional[LiveSet], column: int, role: int) -> object:
        """The row of a live set: its features are counted where feeds have vehicles."""
        if one is None:
            return None
        status = one.status()
        if role == Qt.ItemDataRole.DecorationRole and column == FEED:
            return self._lamp(lamp_color(status))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_of(one.spec.name, one.spec.source, set_state_text(one), set_details_text(one))
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= VEHICLES:
            return number(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == FEED:
            return cell_text(one.spec.name)
        if column == STATE:
            return set_state_text(one)
        if status is None:
            return ""
        return {
            VEHICLES: amount(status.vehicles),
            RATE: amount(status.updates_per_second, 1),
            LAG: tr("{n} ms").format(n=amount(one.tick.lag * 1000)) if one.tick.at else "",
        }.get(column, amount(sum(status.why_refused.values())))

    def _text(self, feed: LiveFeed, status: Optional[Status], column: int) -> str:
        if column == FEED:
            return cell_text(feed.spec.name)
        if column == STATE:
            if feed.moment is not None:
                return tr("rewound")
            return state_text(status)
        if status is None:
            return ""
        if column == VEHICLES:
            if feed.restriction is None or feed.writer is None:
                return amount(status.vehicles)
            return tr("{shown} of {all}").format(shown=amount(feed.writer.count), all=amount(status.vehicles))
        if column == RATE:
            return amount(status.updates_per_second, 1)
        if column == LAG:
            return tr("{n} ms").format(n=amount(feed.tick.lag * 1000)) if feed.tick.at else ""
        return amount(sum(status.refused.values()))

    def _lamp(self, color: str) -> QIcon:
        icon = self._lamps.get(color)
        if icon is None:
            pixmap = QPixmap(16, 16)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(0, 0, 0, 70))
            painter.setBrush(QColor(color))
            painter.drawEllipse(3, 3, 10, 10)
            painter.end()
            icon = self._lamps[color] = QIcon(pixmap)
        return icon
