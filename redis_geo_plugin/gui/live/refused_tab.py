"""The tab with the refused records of a feed, or values of a live set, by reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QTableView,
    QVBoxLayout,
)

from ...bridge.features import words as feature_words
from ...bridge.i18n import tr
from ...bridge.live import words
from ..labels import Label
from ..row_menu import RowMenu
from ..wrapping import keep_rows_in_sight
from .feed_tab import FeedTab, TabTools
from .refused_model import RECEIVED, RefusedModel
from .wording import amount

if TYPE_CHECKING:
    from ...bridge.features.live_set import LiveSet
    from ...bridge.live.live_feed import LiveFeed


class RefusedTab(FeedTab):
    """Shows the records that one feed refused, or the values that a live set did."""

    NAME = "refused"
    SHOWS_SETS = True

    def __init__(self, tools: TabTools):
        super().__init__(tools)
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
        keep_rows_in_sight(self.table)
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setHighlightSections(False)
        for column, width in enumerate((70, 125, 80, 110)):
            self.table.setColumnWidth(column, width)
        self.note = Label()
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
        core = feed.core if feed is not None else None
        self._say(tr("The newest 1,000 refused records. Late ones stay in the trail."), is_set=False)
        self.model.show_feed(core)
        counts = core.positions.refused if core is not None else {}
        self._count([(why.value, words.reason_text(why), n) for why, n in list(counts.items())])

    def show_set(self, one: LiveSet) -> None:
        """Show which values of a live set are not shown, and why."""
        status = one.status()
        self._say(
            tr("The newest 1,000 of the values that are not shown now. One that is mended goes from here."),
            is_set=True,
        )
        self.model.show_set(one)
        counts = status.why_refused if status is not None else {}
        self._count([(why.value, feature_words.reason_text(why), n) for why, n in counts.items()])

    def _say(self, note: str, is_set: bool) -> None:
        self.note.setText(note)
        self.layer_button.setHidden(is_set)
        self.table.setColumnHidden(RECEIVED, is_set)

    def _count(self, counts: list[tuple[str, str, int]]) -> None:
        """Show how many there are of each reason, a name and its words, in the box."""
        entries = [(tr("All reasons ({n})").format(n=amount(sum(n for _, _, n in counts))), "")]
        for reason, text, count in sorted(counts, key=lambda item: -item[2]):
            entries.append((f"{text} ({amount(count)})", reason))
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
        if (box.currentData() or "") != self.model.reason:  # none is left of it, or another feed is shown
            self._on_reason()

    def _on_reason(self, *_args: object) -> None:
        self.model.reason = self.reason_box.currentData() or ""
        self.model.refresh(again=True)
