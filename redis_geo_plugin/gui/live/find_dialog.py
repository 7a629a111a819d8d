"""Find positions: what stands in Redis, proposed as feeds that the analyst corrects and names."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...bridge import words
from ...bridge.i18n import tr
from .find_wording import kind_text, reason_sentence
from .mapping_form import MappingForm
from .wording import amount, utc_text


class FindDialog(QDialog):
    """``chosen(FeedSpec)`` for each feed that the analyst adds."""

    chosen = pyqtSignal(object)

    def __init__(self, tasks: Any, settings: Any, connection: str, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("redis_geo_find_dialog")
        self.setWindowTitle(tr("Find positions in Redis"))
        self.resize(900, 640)
        self._tasks, self._settings, self._connection = tasks, settings, connection
        self._task: Optional[Any] = None
        self.proposals: list[Any] = []
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
        self.table = _table((tr("Name"), tr("Kind"), tr("Keys"), tr("Looks right")), "redis_geo_find_proposals")
        self.table.itemSelectionChanged.connect(self._show)
        self.reasons = QLabel()
        self.reasons.setObjectName("redis_geo_find_reasons")
        self.reasons.setWordWrap(True)
        self.reasons.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.preview = _table((), "redis_geo_find_preview")
        self.form = MappingForm(self)
        self.form.edited.connect(self._preview_again)
        box = QGroupBox(tr("Preview"))
        inside = QVBoxLayout(box)
        inside.addWidget(self.reasons)
        inside.addWidget(self.preview, 1)
        below = QSplitter(Qt.Orientation.Horizontal)
        below.addWidget(box)
        below.addWidget(self.form)
        below.setStretchFactor(0, 1)
        below.setSizes([530, 350])
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(below)
        splitter.setSizes([190, 380])
        self.buttons = QDialogButtonBox()
        self.add_button = self.buttons.addButton(tr("Add to the map"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.add_button.setObjectName("redis_geo_find_add")
        self.buttons.addButton(QDialogButtonBox.StandardButton.Close)
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
        proposal = self.proposal()
        self.form.setEnabled(proposal is not None)
        self.add_button.setEnabled(proposal is not None)
        if proposal is None:
            self.reasons.setText("")
            self.preview.setRowCount(0)
            return
        self.form.show_spec(proposal.spec, _field_names(proposal))
        self.reasons.setText(" ".join(reason_sentence(code, values) for code, values in proposal.reasons))
        self._show_preview(proposal.preview, proposal.refused)

    def _preview_again(self) -> None:
        """The analyst corrected a field: what it makes of the same records."""
        from ...core.live.proposals import PREVIEW_ROWS, preview
        from ...core.live.sources import source_class

        proposal = self.proposal()
        if proposal is None:
            return
        spec = self.form.spec()
        fixes, refused = preview(proposal.rows, spec.mapping, source_class(spec.kind).texts)
        self._show_preview(fixes[:PREVIEW_ROWS], refused)

    def _show_preview(self, fixes: list[Any], refused: list[Any]) -> None:
        names: list[str] = []
        for fix in fixes:
            names += [name for name in fix.attributes if name not in names]
        headers = [tr("Id"), tr("Longitude"), tr("Latitude"), tr("Time (UTC)"), tr("Heading"), tr("Speed (km/h)")]
        self.preview.setColumnCount(len(headers) + len(names))
        self.preview.setHorizontalHeaderLabels([*headers, *names])
        self.preview.setRowCount(len(fixes))
        for row, fix in enumerate(fixes):
            texts = [
                fix.id,
                f"{fix.lon:.5f}",
                f"{fix.lat:.5f}",
                utc_text(fix.time) if fix.derived != "time" else "",
                "" if fix.heading is None else f"{fix.heading:.0f}°",
                "" if fix.speed is None else f"{fix.speed * 3.6:.1f}",
                *("" if fix.attributes.get(n) is None else str(fix.attributes[n]) for n in names),
            ]
            for column, text in enumerate(texts):
                self.preview.setItem(row, column, QTableWidgetItem(text))
        self.add_button.setEnabled(bool(fixes))
        self.preview.setToolTip(tr("Refused among the sample: {n}").format(n=len(refused)))

    def _add(self) -> None:
        if self.proposal() is not None:
            self.chosen.emit(self.form.spec().changed(connection=self._connection))
            self.accept()

    def done(self, result: int) -> None:
        if self._task is not None:
            self._task.forget()
            self._task = None
        super().done(result)


def _field_names(proposal: Any) -> list[str]:
    """The fields of the sampled records, for the form's lists."""
    from ...core.live.guess import paths

    names: dict[str, None] = {}
    for row in proposal.rows:
        if row.data is not None:
            names.update(dict.fromkeys(path for path, _, _ in paths(row.data)))
    return list(names)[:300]


def _table(headers: tuple[str, ...], name: str) -> QTableWidget:
    table = QTableWidget(0, len(headers))
    table.setObjectName(name)
    table.setHorizontalHeaderLabels(list(headers))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(22)
    if headers:
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return table
