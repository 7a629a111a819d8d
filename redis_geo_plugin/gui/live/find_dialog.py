"""Find positions: what stands in Redis, proposed as feeds that the analyst corrects and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.live.words import kind_text
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ..dialogs import buttons, open_at
from ..help import open_help
from ..labels import Label, TextCell
from ..row_menu import RowMenu
from .feed_form import FeedForm, nothing_text, table
from .find_wording import found_text
from .sampling import FeedSampler
from .wording import amount

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask, TaskKeeper
    from ...core.live.discovery import Findings
    from ...core.live.proposals import Proposal
    from ...core.live.records import Row
    from ...core.redis.settings import ConnectionSettings


class FindDialog(QDialog):
    """``chosen(FeedSpec)`` for each feed that the analyst adds."""

    chosen = pyqtSignal(object)

    def __init__(
        self,
        tasks: TaskKeeper,
        settings: ConnectionSettings,
        connection: str,
        parent: Optional[QWidget] = None,
    ):
        super().__init__(parent)
        self.setObjectName("redis_geo_find_dialog")
        self.setWindowTitle(tr("Find positions in Redis"))
        open_at(self, 1040, 680)
        self._tasks, self._settings, self._connection = tasks, settings, connection
        self._task: Optional[BackgroundTask] = None
        self.proposals: list[Proposal] = []
        self._shown: Optional[Proposal] = None
        self._by_hand = False  # a feed is being said; what is found meanwhile does not replace it
        self._build()
        QTimer.singleShot(0, self.look)

    def _build(self) -> None:
        top = self._build_top()
        self.found_label = Label()
        self.found_label.setObjectName("redis_geo_find_result")
        self.found_label.setWordWrap(True)
        self.table = table(
            (tr("Name"), tr("Kind"), tr("Keys"), tr("Looks right")), "redis_geo_find_proposals"
        )
        self.table.itemSelectionChanged.connect(self._show)
        self.form = FeedForm(self)
        self._sampler = FeedSampler(self._tasks, self._settings, self)
        self._sampler.began.connect(lambda: self.found_label.setText(tr("Looking at what stands in Redis…")))
        self._sampler.read.connect(self._on_sampled)
        self.form.moved.connect(self._on_moved)
        self.form.judged.connect(self._on_judged)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(self.form)
        splitter.setSizes([150, 460])
        self.buttons, self.add_button = buttons(tr("Add to the map"), tr("Close"), lambda: open_help("live"))
        self.add_button.setObjectName("redis_geo_find_add")
        self.add_button.clicked.connect(self._add)
        self.buttons.rejected.connect(self.reject)
        RowMenu(self.table, [self.add_button, self.by_hand_button])
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.found_label)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.buttons)
        self._show_empty()

    def _build_top(self) -> QHBoxLayout:
        """Return the row that says which keys are looked at."""
        self.pattern_edit = QLineEdit()
        self.pattern_edit.setObjectName("redis_geo_find_pattern")
        self.pattern_edit.setPlaceholderText(tr("All keys; or a pattern such as vehicule:*"))
        self.pattern_edit.returnPressed.connect(self.look)
        self.look_button = QPushButton(tr("Look again"))
        self.look_button.setObjectName("redis_geo_find_look")
        self.look_button.setMinimumWidth(self.look_button.sizeHint().width())
        self.look_button.clicked.connect(self._look_or_cancel)
        self.all_button = QPushButton(tr("Look at all keys"))
        self.all_button.setObjectName("redis_geo_find_all")
        self.all_button.setToolTip(
            tr("Reads the names of all keys, at a small share of the server's time: a minute for a million")
        )
        self.all_button.clicked.connect(lambda: self.look(thorough=True))
        self.all_button.hide()
        self.by_hand_button = QPushButton(tr("By hand"))
        self.by_hand_button.setObjectName("redis_geo_find_by_hand")
        self.by_hand_button.setToolTip(
            tr("Say yourself what kind of keys hold the positions, and what their fields mean")
        )
        self.by_hand_button.clicked.connect(self.by_hand)
        self.progress = QProgressBar()
        self.progress.setMaximumWidth(160)
        self.progress.setTextVisible(False)
        top = QHBoxLayout()
        top.addWidget(Label(tr("Keys")))
        top.addWidget(self.pattern_edit, 1)
        top.addWidget(self.progress)
        top.addWidget(self.look_button)
        top.addWidget(self.all_button)
        top.addWidget(self.by_hand_button)
        return top

    # --- looking --------------------------------------------------------------------------------------------

    def look(self, thorough: bool = False) -> None:
        """Look at the database in the background; ``thorough``: at the names of all keys."""
        if self._task is not None:
            return
        settings, pattern = self._settings, self.pattern_edit.text().strip()

        def find_feeds(task: BackgroundTask) -> Findings:
            from ...core.live.discovery import find_positions

            return find_positions(settings, pattern, watch_of(task), thorough)

        self.found_label.setText(tr("Looking at what stands in Redis…"))
        self.look_button.setText(tr("Cancel"))
        self.all_button.hide()
        self.progress.show()
        self._task = self._tasks.start(tr("Find positions in Redis"), find_feeds, self._on_found)
        self._task.progressChanged.connect(lambda percent: self.progress.setValue(round(percent)))

    def _look_or_cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:
            self._by_hand = False
            self.look()

    def _on_found(self, findings: Findings, error: Optional[BaseException]) -> None:
        self._task = None
        self.look_button.setText(tr("Look again"))
        self.progress.hide()
        if error is not None or findings is None:
            from ...core.redis.failures import classify

            self.found_label.setText(
                failures.with_server_words(classify(error)) if error else tr("Cancelled.")
            )
            return
        self.proposals = findings.proposals
        for proposal in self.proposals:
            proposal.spec = proposal.spec.changed(connection=self._connection)
        self.all_button.setVisible(not findings.complete and not self.pattern_edit.text().strip())
        self.found_label.setText(found_text(findings))
        self._fill()

    def _fill(self) -> None:
        self.table.setRowCount(len(self.proposals))
        for row, proposal in enumerate(self.proposals):
            texts = (
                f"{proposal.spec.name}   ({proposal.spec.pattern})",
                kind_text(proposal.spec.kind),
                amount(proposal.keys),
                f"{proposal.confidence * 100:.0f} %",
            )
            for column, text in enumerate(texts):
                self.table.setItem(row, column, TextCell(text))
        if self.proposals and not self._by_hand:
            self.table.selectRow(0)
            self._show()

    # --- the chosen proposal --------------------------------------------------------------------------------

    def proposal(self) -> Optional[Proposal]:
        row = self.table.currentRow()
        return self.proposals[row] if 0 <= row < len(self.proposals) else None

    def _on_judged(self, good: bool) -> None:
        self.add_button.setEnabled(good)

    def _on_moved(self) -> None:
        self._by_hand = self._by_hand or self._shown is None
        self._sampler.ask(self.form.spec())

    def by_hand(self) -> None:
        """Begin a feed without a proposal; its pattern is that of the last search, if there was one."""
        self._by_hand = True
        self.table.clearSelection()
        self.table.setCurrentCell(-1, -1)
        self._keep_shown()
        self._show_empty()
        self.form.mapping.pattern_edit.setFocus()
        if self.pattern_edit.text().strip():
            self._sampler.ask(self.form.spec(), 0)

    def _show_empty(self) -> None:
        from ...core.live.spec import FeedSpec

        pattern = self.pattern_edit.text().strip()
        self._shown = None
        self.form.show_nothing(FeedSpec(name="", pattern=pattern, connection=self._connection))

    def _keep_shown(self) -> None:
        """What was corrected in a proposal is kept with it."""
        if self._shown is not None:
            self._shown.spec = self.form.spec()

    def _show(self) -> None:
        """Show the chosen proposal."""
        chosen = self.proposal()
        if chosen is self._shown:
            return
        self._keep_shown()
        if chosen is None:
            return
        self._sampler.stop()
        self._by_hand = False
        self._shown = chosen
        self.form.show_proposal(chosen)

    def _on_sampled(self, rows: list[Row], error: Optional[BaseException]) -> None:
        """Records of a feed that was said by hand."""
        if error is not None:
            from ...core.redis.failures import classify

            self.found_label.setText(failures.with_server_words(classify(error)))
            return
        text = tr("{n} records of these keys were looked at.").format(n=len(rows or []))
        self.found_label.setText(text if rows else nothing_text())
        self.form.show_rows(rows or [])

    def _add(self) -> None:
        spec = self.form.spec()
        if spec.pattern:
            self.chosen.emit(spec)
            self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter looks, from the keys' field; it presses a button with the focus, and else adds nothing."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif isinstance(self.focusWidget(), QPushButton):
            self.focusWidget().click()

    def done(self, result: int) -> None:
        self._sampler.stop()
        if self._task is not None:
            self._task.forget()
            self._task = None
        super().done(result)
