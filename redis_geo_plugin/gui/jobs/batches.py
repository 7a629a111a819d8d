"""The batches of the queue with their progress, and what can be done with them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Callable, Optional

from qgis.PyQt.QtCore import QLocale, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from ...bridge.i18n import tr
from ...bridge.jobs.job_words import state_in_words
from ...bridge.plain import tool_tip
from ...bridge.words.times import when
from ..drawing import TextBar
from ..icons import icon
from ..labels import TextRow
from ..row_menu import RowMenu
from ..wrapping import Tall, WrapLayout, keep_rows_in_sight, room_for_headings

if TYPE_CHECKING:
    from ...core.jobs.records import Batch

_BATCH = Qt.ItemDataRole.UserRole
NAME, SENT, PROGRESS, STATE = range(4)
WINDOW = 20.0  # seconds over which the pace is measured
LEAST = 3.0  # seconds, and
STEPS = 1_000_000  # of a progress bar
FEW = 5  # jobs ended, before which it is too early to tell


class BatchPace:
    """How fast batches go, from what was seen of them.

    The largest jobs come first, so that a count of jobs would promise an end far too late: the pace is that
    of their bytes. It starts with the first job that ends, as before that a batch may only have waited.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, deque[tuple[float, int, int]]] = {}

    def remaining(self, batch: Batch) -> Optional[float]:
        """Seconds until the end at the pace of the last moments, None while that is unknown."""
        if not batch.done:
            return None
        now = self._clock()
        marks = self._seen.setdefault(batch.id, deque())
        marks.append((now, batch.done, batch.work_done))
        while now - marks[0][0] > WINDOW:
            marks.popleft()
        first = marks[0]
        span, done, work = now - first[0], batch.done - first[1], batch.work_done - first[2]
        if batch.total is None or span < LEAST or done < FEW or work <= 0:
            return None
        return max(batch.work - batch.work_done, 0) * span / work


class BatchesPanel(Tall):
    """A table, newest batch first. The signals carry the batch that is chosen."""

    show_results = pyqtSignal(object)
    cancel = pyqtSignal(object)
    retry = pyqtSignal(object)
    again = pyqtSignal(object)
    forget = pyqtSignal(object)
    chosen_changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._items: dict[str, QTreeWidgetItem] = {}
        self._bars: dict[str, QProgressBar] = {}
        self._pace = BatchPace()
        self._locked = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.tree = QTreeWidget()
        self.tree.setObjectName("redis_geo_jobs_batches")
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setHeaderLabels([tr("Batch"), tr("Sent"), tr("Progress"), tr("State")])
        self.tree.header().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (SENT, STATE):
            self.tree.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setStretchLastSection(False)
        room_for_headings(self.tree.header())
        self.tree.setColumnWidth(PROGRESS, 120)
        keep_rows_in_sight(self.tree)
        self.tree.itemSelectionChanged.connect(self._selected)
        self.tree.itemDoubleClicked.connect(lambda *_: self.show_results.emit(self.chosen()))
        layout.addWidget(self.tree)
        layout.addLayout(self._buttons())
        RowMenu(self.tree, list(self.buttons.values()))
        self._selected()

    def _buttons(self) -> WrapLayout:
        row = WrapLayout()
        self.buttons: dict[str, QPushButton] = {}
        for name, text, symbol, signal in (
            ("show", tr("Results as layer"), "redis_geo", self.show_results),
            ("cancel", tr("Cancel"), "stop", self.cancel),
            ("retry", tr("Retry failed"), "start", self.retry),
            ("again", tr("Send again"), "start", self.again),
            ("forget", tr("Forget"), "purge", self.forget),
        ):
            button = QPushButton(icon(symbol), text)
            button.setObjectName(f"redis_geo_jobs_{name}")
            button.clicked.connect(lambda _checked=False, signal=signal: signal.emit(self.chosen()))
            self.buttons[name] = button
            row.addWidget(button)
        self.buttons["again"].setToolTip(tool_tip(_again_tip()))
        self.buttons["show"].setToolTip(tr("A layer that fills as results arrive"))
        self.buttons["forget"].setToolTip(tool_tip(_forget_tip()))
        return row

    def chosen(self) -> Optional[Batch]:
        """The batch in the chosen row, or None."""
        items = self.tree.selectedItems()
        return items[0].data(NAME, _BATCH) if items else None

    def choose(self, batch: str) -> bool:
        """Choose this batch; False where it is not listed (yet)."""
        item = self._items.get(batch)
        if item is not None:
            self.tree.setCurrentItem(item)
        return item is not None

    def update_batches(self, batches: list[Batch], begun: AbstractSet[str]) -> None:
        """Show these; ``begun`` are those that a worker computes just now. Rows that stay keep their place
        and the selection."""
        wanted = {batch.id for batch in batches}
        for gone in [id for id in self._items if id not in wanted]:
            self.tree.takeTopLevelItem(self.tree.indexOfTopLevelItem(self._items.pop(gone)))
            self._bars.pop(gone)
        for position, batch in enumerate(batches):
            if batch.id not in self._items:
                self._insert(position, batch)
            self._show(batch, batch.id in begun)
        self._selected()

    def _insert(self, position: int, batch: Batch) -> None:
        item = TextRow([batch.name, "", "", ""])
        self.tree.insertTopLevelItem(position, item)
        bar = TextBar()
        bar.setObjectName(f"redis_geo_jobs_progress_{batch.id}")
        bar.setMaximumHeight(18)
        self.tree.setItemWidget(item, PROGRESS, bar)
        self._items[batch.id], self._bars[batch.id] = item, bar

    def _show(self, batch: Batch, begun: bool) -> None:
        item, bar, locale = self._items[batch.id], self._bars[batch.id], QLocale()
        total = batch.total if batch.total is not None else batch.sent
        done = batch.done - batch.cancelled_jobs  # nothing was done of those
        whole = max(total, 1)
        steps = min(whole, STEPS)  # a bar counts in 32 bits, and others may have written the counts
        bar.setRange(0, steps)
        bar.setValue(min(done * steps // whole, steps) if total else steps)
        bar.setFormat(f"{locale.toString(done)} / {locale.toString(total)}")
        remaining = None if batch.finished else self._pace.remaining(batch)
        item.setText(SENT, when(batch.created) if batch.created else "")  # today's hour becomes yesterday's
        item.setText(STATE, state_in_words(batch, remaining, begun))
        item.setData(NAME, _BATCH, batch)
        item.setToolTip(
            NAME,
            tool_tip(
                tr(
                    "{computed} computed, {cached} from the cache, {failed} failed, {cancelled} cancelled, "
                    "{lost} lost. Batch {id}"
                ).format(
                    computed=batch.computed,
                    cached=batch.cached,
                    failed=batch.failed,
                    cancelled=batch.cancelled_jobs,
                    lost=batch.lost,
                    id=batch.id,
                )
            ),
        )

    def lock(self, why: str) -> None:
        """Say why nothing may be changed on this connection; '' where it may."""
        if why != self._locked:
            self._locked = why
            for name in ("cancel", "retry", "again", "forget"):
                self.buttons[name].setToolTip(tool_tip(why or _TIPS.get(name, str)()))
            self._selected()

    def _selected(self) -> None:
        batch, free = self.chosen(), not self._locked
        self.buttons["show"].setEnabled(batch is not None)
        self.buttons["cancel"].setEnabled(
            free and batch is not None and not batch.finished and not batch.cancelled
        )
        self.buttons["retry"].setEnabled(free and batch is not None and batch.failed > 0)
        self.buttons["again"].setEnabled(free and batch is not None and batch.lost > 0)
        self.buttons["forget"].setEnabled(free and batch is not None)
        self.chosen_changed.emit()


def _forget_tip() -> str:
    return tr("Takes the batch from this list. Results stay in the cache.")


def _again_tip() -> str:
    return tr(
        "For batches with lost jobs, whose queue was trimmed or thrown out of the server’s memory: sends "
        "the features again. "
        "What was computed already is taken from the cache."
    )


_TIPS = {"forget": _forget_tip, "again": _again_tip}
