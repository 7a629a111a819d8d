"""The tab with the refused records, by reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QTableView,
    QVBoxLayout,
)

from ...bridge.i18n import tr
from ...bridge.live.words import reason_text
from ..labels import Label
from ..row_menu import RowMenu
from .feed_tab import FeedTab, TabTools
from .refused_model import RefusedModel
from .wording import amount

if TYPE_CHECKING:
    from ...bridge.live.live_feed import LiveFeed


class RefusedTab(FeedTab):
    """Shows the records that one feed refused."""

    NAME = "refused"

    def __init__(self, tools: TabTools):
        super().__init__(tools)
        self._feed: Optional[LiveFeed] = None
        self.model = RefusedModel(self)
        self.reason_box = QComboBox()
        self.reason_box.setObjectName("redis_geo_live_reason")
        self.reason_box.currentIndexChanged.connect(self._on_reason)
        self.layer_button = QPushButton(tr("As a layer"))
        self.layer_button.setObjectName("redis_geo_live_refused_layer")
        self.layer_button.setToolTip(tr("Add the refused records that have a position to the map"))
        self.layer_button.clicked.connect(lambda: tools.actions.refused_layer(tools.chosen()))
        self.table = QTableView()
        self.table.setObjectName("redis_geo_live_refused")
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setHighlightSections(False)
        for column, width in enumerate((70, 125, 80, 110)):
            self.table.setColumnWidth(column, width)
        self.note = Label(tr("The newest 1,000 refused records. Late ones stay in the trail."))
        self.note.setWordWrap(True)
        top = QHBoxLayout()
        top.addWidget(self.reason_box, 1)
        top.addWidget(self.layer_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        RowMenu(self.table, [self.layer_button])

    @staticmethod
    def title() -> str:
        return tr("Refused")

    def show_feed(self, feed: Optional[LiveFeed]) -> None:
        """Show what a feed refused, or nothing."""
        self._feed = feed
        self.model.show_feed(feed.core if feed is not None else None)
        self._count()

    def _count(self) -> None:
        """How many of each reason, in the box."""
        core = self._feed.core if self._feed is not None else None
        counts = dict(core.positions.refused) if core is not None else {}
        entries = [(tr("All reasons ({n})").format(n=amount(sum(counts.values()))), "")]
        for reason, count in sorted(counts.items(), key=lambda item: -item[1]):
            entries.append((f"{reason_text(reason)} ({amount(count)})", reason.value))
        box = self.reason_box
        if [(box.itemText(i), box.itemData(i)) for i in range(box.count())] == entries:
            return
        chosen = box.currentData() or ""
        box.blockSignals(True)
        box.clear()
        for text, value in entries:
            box.addItem(text, value)
        box.setCurrentIndex(max(box.findData(chosen), 0))
        box.blockSignals(False)

    def _on_reason(self, *_args: Any) -> None:
        self.model.reason = self.reason_box.currentData() or ""
        self.model.refresh(again=True)
