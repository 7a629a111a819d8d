"""Find positions: what stands in Redis, proposed as feeds that the analyst corrects and names."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...bridge import words
from ...bridge.i18n import tr
from ..dialogs import buttons
from .feed_form import FeedForm, table
from .find_wording import kind_text
from .wording import amount


class FindDialog(QDialog):
    """``chosen(FeedSpec)`` for each feed that the analyst adds."""

    chosen = pyqtSignal(object)

    def __init__(self, tasks: Any, settings: Any, connection: str, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("redis_geo_find_dialog")
        self.setWindowTitle(tr("Find positions in Redis"))
        self.resize(1040, 680)
        self._tasks, self._settings, self._connection = tasks, settings, connection
        self._task: Optional[Any] = None
        self.proposals: list[Any] = []
        self._shown: Optional[Any] = None
        self._build()
        QTimer.singleShot(0, self.look)

    def _build(self) -> None:
        self.pattern_edit = QLineEdit()
        self.pattern_edit.setObjectName("redis_geo_find_pattern")
        self.pattern_edit.setPlaceholderText(tr("All keys; or a pattern such as vehicule:*"))
        self.pattern_edit.returnPressed.connect(self.look)
        self.look_button = QPushButton(tr("Look again"))
        self.look_button.setObjectName("redis_geo_find_look")
        self.look_button.setAutoDefault(False)
        self.look_button.clicked.connect(self._look_or_cancel)
        self.progress = QProgressBar()
        self.progress.setMaximumWidth(160)
        self.progress.setTextVisible(False)
        top = QHBoxLayout()
        top.addWidget(QLabel(tr("Keys")))
        top.addWidget(self.pattern_edit, 1)
        top.addWidget(self.progress)
        top.addWidget(self.look_button)
        self.found_label = QLabel()
        self.found_label.setObjectName("redis_geo_find_result")
        self.found_label.setWordWrap(True)
        self.table = table((tr("Name"), tr("Kind"), tr("Keys"), tr("Looks right")), "redis_geo_find_proposals")
        self.table.itemSelectionChanged.connect(self._show)
        self.form = FeedForm(self)
        self.form.judged.connect(lambda good: self.add_button.setEnabled(good))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(self.form)
        splitter.setSizes([210, 400])
        self.buttons, self.add_button = buttons(tr("Add to the map"), tr("Close"))
        self.add_button.setObjectName("redis_geo_find_add")
        self.add_button.clicked.connect(self._add)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.found_label)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.buttons)
        self._show()

    # --- looking ------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Sample the database in the background."""
        if self._task is not None:
            return
        settings, pattern = self._settings, self.pattern_edit.text().strip()

        def work(task: Any) -> Any:
            from ...core.live.discovery import find_positions

            return find_positions(settings, pattern, task.setProgress, task.isCanceled)

        self.found_label.setText(tr("Looking at what stands in Redis…"))
        self.look_button.setText(tr("Cancel"))
        self.progress.show()
        self._task = self._tasks.start(tr("Find positions in Redis"), work, self._on_found)
        self._task.progressChanged.connect(lambda percent: self.progress.setValue(round(percent)))

    def _look_or_cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:
            self.look()

    def _on_found(self, findings: Any, error: Optional[BaseException]) -> None:
        self._task = None
        self.look_button.setText(tr("Look again"))
        self.progress.hide()
        if error is not None or findings is None:
            from ...core.failures import classify

            self.found_label.setText(words.with_server_words(classify(error)) if error else tr("Cancelled."))
            return
        self.proposals = findings.proposals
        for proposal in self.proposals:
            proposal.spec = proposal.spec.changed(connection=self._connection)
        text = tr("Looked at {seen} of {total} keys; {n} kinds of positions found.")
        if not self.proposals:
            text = tr(
                "Looked at {seen} of {total} keys and found no positions. A pattern finds what the sample missed."
            )
        self.found_label.setText(
            text.format(seen=amount(findings.looked_at), total=amount(findings.total), n=len(self.proposals))
        )
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
                self.table.setItem(row, column, QTableWidgetItem(text))
        if self.proposals:
            self.table.selectRow(0)
        self._show()

    # --- the chosen proposal ------------------------------------------------------------------------------------------

    def proposal(self) -> Optional[Any]:
        row = self.table.currentRow()
        return self.proposals[row] if 0 <= row < len(self.proposals) else None

    def _show(self) -> None:
        """Show the chosen proposal; what was corrected in the one before is kept with it."""
        chosen = self.proposal()
        if chosen is self._shown:
            return
        if self._shown is not None:
            self._shown.spec = self.form.spec()
        self._shown = chosen
        self.form.show_proposal(chosen)

    def _add(self) -> None:
        if self.proposal() is not None:
            self.chosen.emit(self.form.spec())
            self.accept()

    def done(self, result: int) -> None:
        if self._task is not None:
            self._task.forget()
            self._task = None
        super().done(result)
