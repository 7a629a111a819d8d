"""A feed with a preview of what it makes of sampled records: shown before it is added, and when it is changed."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QGroupBox,
    QHeaderView,
    QLabel,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ...bridge import connections
from ...bridge.i18n import tr
from .find_wording import reason_sentence
from .mapping_form import MappingForm
from .rules_form import RulesForm
from .wording import heading_text, speed_text, utc_text

WIDEST = 180  # pixels of a column: some attributes are long


class FeedForm(QSplitter):
    """At the left the reasons and the preview, at the right what the fields mean and the feed's rules. ``judged(bool)``
    after each look: whether the feed finds any position in the sample."""

    judged = pyqtSignal(bool)

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._rows: list[Any] = []
        self.reasons = QLabel()
        self.reasons.setObjectName("redis_geo_find_reasons")
        self.reasons.setWordWrap(True)
        self.reasons.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.preview = table((), "redis_geo_find_preview")
        self.preview.horizontalHeader().setMaximumSectionSize(WIDEST)
        self.mapping = MappingForm(self)
        self.mapping.edited.connect(self._look)
        self.rules = RulesForm(self)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("redis_geo_find_tabs")
        self.tabs.addTab(self.mapping, tr("Name and fields"))
        self.tabs.addTab(self.rules, tr("Rules"))
        box = QGroupBox(tr("Preview"))
        inside = QVBoxLayout(box)
        inside.addWidget(self.reasons)
        inside.addWidget(self.preview, 1)
        self.addWidget(box)
        self.addWidget(self.tabs)
        self.setStretchFactor(0, 1)
        self.setSizes([600, 400])

    def show_proposal(self, proposal: Optional[Any]) -> None:
        """A proposal of ``core.live.discovery``; None empties the form."""
        self.setEnabled(proposal is not None)
        if proposal is None:
            self._rows = []
            self.reasons.setText("")
            self.preview.setRowCount(0)
            self.judged.emit(False)
            return
        self.show_spec(proposal.spec)
        self.reasons.setText(" ".join(reason_sentence(code, values) for code, values in proposal.reasons))
        self.reasons.show()
        self.show_rows(proposal.rows)

    def show_spec(self, spec: Any) -> None:
        """A feed of which no records are at hand (yet): it can be changed, without a preview."""
        self._rows = []
        self.reasons.hide()
        self.mapping.show_spec(spec)
        self.rules.show_spec(spec, connections.names())
        self.preview.setRowCount(0)

    def show_rows(self, rows: list[Any]) -> None:
        """Sampled records: their fields are offered, and the preview shows what the feed makes of them."""
        self._rows = rows
        self.mapping.offer(_field_names(rows))
        self._look()

    def spec(self) -> Any:
        """The feed as corrected."""
        return self.mapping.spec().changed(**self.rules.values())

    def _look(self) -> None:
        """What the feed makes of the sampled records; again whenever the analyst corrected a field."""
        from ...core.live.proposals import PREVIEW_ROWS, preview
        from ...core.live.sources import source_class

        if self._rows:
            spec = self.mapping.spec()
            mapping = spec.mapping if spec.mapping.has_position else _guessed(self._rows)
            fixes, refused = preview(self._rows, mapping, source_class(spec.kind).texts)
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
            for column, text in enumerate(_texts(fix, names)):
                self.preview.setItem(row, column, QTableWidgetItem(text))
        self.preview.resizeColumnsToContents()
        self.preview.setToolTip(tr("Refused among the sample: {n}").format(n=len(refused)))
        self.judged.emit(bool(fixes))


def _texts(fix: Any, names: list[str]) -> list[str]:
    return [
        fix.id,
        f"{fix.lon:.5f}",
        f"{fix.lat:.5f}",
        utc_text(fix.time) if fix.derived != "time" else "",
        heading_text(fix.heading),
        speed_text(fix.speed),
        *("" if fix.attributes.get(n) is None else str(fix.attributes[n]) for n in names),
    ]


def _guessed(rows: list[Any]) -> Any:
    """What a feed without a mapping of its own takes the fields for."""
    from ...core.live.guess import mapping

    return mapping([row.data for row in rows if row.data is not None])


def _field_names(rows: list[Any]) -> list[str]:
    """The fields of the sampled records, for the form's lists."""
    from ...core.live.guess import paths

    names: dict[str, None] = {}
    for row in rows:
        if row.data is not None:
            names.update(dict.fromkeys(path for path, _, _ in paths(row.data)))
    return list(names)[:300]


def table(headers: tuple[str, ...], name: str) -> QTableWidget:
    """A table to read and to choose a row from."""
    made = QTableWidget(0, len(headers))
    made.setObjectName(name)
    made.setHorizontalHeaderLabels(list(headers))
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setWordWrap(False)
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(22)
    if headers:
        made.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        made.horizontalHeader().setHighlightSections(False)
        made.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return made
