"""A feed with a preview of what it makes of sampled records: shown before it is added, and when it is
changed.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGroupBox,
    QHeaderView,
    QScrollArea,
    QSplitter,
    QTableWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.live.words import refused_lines
from ...bridge.server import connections
from ..labels import Label, TextCell
from ..row_menu import RowMenu
from ..wrapping import room_for_headings
from .find_wording import reasons_text
from .mapping_form import MappingForm
from .questions import Questions
from .rules_form import RulesForm
from .wording import heading_text, speed_text, utc_text

if TYPE_CHECKING:
    from ...core.live.proposals import Proposal
    from ...core.live.records import Fix, Refusal, Row
    from ...core.live.spec import FeedSpec, Mapping


WIDEST = 180  # pixels of a column: some attributes are long


class FeedForm(QSplitter):
    """At the left the reasons and the preview, at the right what the fields mean and the feed's rules.

    Never disabled: a feed can be said from nothing. ``judged(bool)`` after each look: whether it can be
    added, that is unless records were read and none of them gives a position. ``moved`` when it is to read
    other keys: whoever owns the form reads a sample and calls ``show_rows``.
    """

    judged = pyqtSignal(bool)
    moved = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._rows: list[Row] = []
        self.reasons = Label()
        self.reasons.setObjectName("redis_geo_find_reasons")
        self.reasons.setWordWrap(True)
        self.reasons.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.refused_label = Label()
        self.refused_label.setObjectName("redis_geo_find_refused")
        self.refused_label.setWordWrap(True)
        self.refused_label.hide()
        self.preview = table((), "redis_geo_find_preview")
        RowMenu(self.preview)
        self.preview.horizontalHeader().setMaximumSectionSize(WIDEST)
        self.mapping = MappingForm(self)
        self.mapping.edited.connect(self._look)
        self.mapping.moved.connect(self._on_moved)
        self.questions = Questions(self)
        self.questions.answered.connect(self.mapping.answer)
        self.rules = RulesForm(self)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("redis_geo_find_tabs")
        self.tabs.addTab(_scrolled(self.mapping), tr("Name and fields"))
        self.tabs.addTab(_scrolled(self.rules), tr("Rules"))
        box = QGroupBox(tr("Preview"))
        inside = QVBoxLayout(box)
        inside.addWidget(self.reasons)
        inside.addWidget(self.questions)
        inside.addWidget(self.preview, 1)
        inside.addWidget(self.refused_label)
        self.addWidget(box)
        self.addWidget(self.tabs)
        self.setStretchFactor(0, 1)
        self.setSizes([560, 440])

    def show_proposal(self, proposal: Proposal) -> None:
        """Show a proposal of ``core.live.discovery``."""
        self.show_spec(proposal.spec)
        self.reasons.setText(reasons_text(proposal.reasons))
        self.reasons.show()
        self.show_rows(proposal.rows)

    def show_spec(self, spec: FeedSpec) -> None:
        """Show a feed of which no records are at hand (yet): it can be changed, without a preview."""
        self._rows = []
        self.reasons.hide()
        self.questions.clear()
        self.mapping.show_spec(spec)
        self.rules.show_spec(spec, connections.names())
        self.preview.setRowCount(0)
        self.refused_label.hide()
        self.judged.emit(bool(spec.pattern))

    def show_nothing(self, spec: FeedSpec) -> None:
        """Show a feed that is to be said from nothing."""
        self.show_spec(spec)
        self.reasons.setText(
            tr(
                "Say which keys hold the positions, and of what kind they are. "
                "The preview then shows what is read."
            )
        )
        self.reasons.show()

    def show_rows(self, rows: list[Row]) -> None:
        """Show sampled records: their fields are offered, and the preview is what the feed makes of them."""
        self._rows = rows
        self.mapping.offer(_field_names(rows))
        self.questions.ask(self.mapping.spec().mapping, rows)
        if not rows:
            self.preview.setRowCount(0)
            self.refused_label.hide()
        self._look()

    def spec(self) -> FeedSpec:
        """Return the feed as it was said; fields of the position that were left open are those of the
        preview.
        """
        spec = self.mapping.spec().changed(**self.rules.values())
        return spec.changed(mapping=self._meant(spec)) if self._rows else spec

    def _meant(self, spec: FeedSpec) -> Mapping:
        """Return the mapping as it was said, and where it has no position as the records are recognised."""
        if spec.mapping.has_position:
            return spec.mapping
        from ...core.live.recognition import recognise
        from ...core.live.sources import source_class

        records = [row for row in self._rows if row.data is not None]
        with_id = bool(source_class(spec.kind)(spec).id_in_record)
        found = recognise(
            [row.data for row in records],
            idents=None if with_id else [row.id for row in records],
            with_id=with_id,
            pattern=spec.pattern,
            given=spec.mapping,
        ).mapping
        return found if found.has_position else spec.mapping

    def _on_moved(self) -> None:
        """Other keys: what was read says nothing about them."""
        self._rows = []
        self.rules.show_kind(self.mapping.kind_box.currentData())
        self.reasons.hide()
        self.questions.clear()
        self.preview.setRowCount(0)
        self.refused_label.hide()
        self.judged.emit(bool(self.mapping.pattern_edit.text().strip()))
        self.moved.emit()

    def _look(self) -> None:
        """Show what the feed makes of the sampled records; again whenever the analyst said something else."""
        from ...core.live.proposals import PREVIEW_ROWS, preview
        from ...core.live.sources import source_class

        if not self._rows:
            self.judged.emit(bool(self.mapping.pattern_edit.text().strip()))
            return
        spec = self.mapping.spec()
        mapping = self._meant(spec)
        self.mapping.show_recognised(mapping)
        fixes, refused = preview(self._rows, mapping, source_class(spec.kind).texts)
        self._show_preview(fixes[:PREVIEW_ROWS], refused)

    def _show_preview(self, fixes: list[Fix], refused: list[Refusal]) -> None:
        names: list[str] = []
        for fix in fixes:
            names += [name for name in fix.attributes if name not in names]
        headers = [
            tr("Id"),
            tr("Longitude"),
            tr("Latitude"),
            tr("Time (UTC)"),
            tr("Heading"),
            tr("Speed (km/h)"),
        ]
        self.preview.setColumnCount(len(headers) + len(names))
        self.preview.setHorizontalHeaderLabels([*headers, *names])
        self.preview.setRowCount(len(fixes))
        for row, fix in enumerate(fixes):
            for column, text in enumerate(_texts(fix, names)):
                self.preview.setItem(row, column, TextCell(text))
        self.preview.resizeColumnsToContents()
        counts = Counter(refusal.reason for refusal in refused)
        self.refused_label.setText("\n".join(refused_lines(counts)))
        self.refused_label.setVisible(bool(refused))
        self.judged.emit(bool(fixes))


def _texts(fix: Fix, names: list[str]) -> list[str]:
    return [
        fix.id,
        f"{fix.lon:.5f}",
        f"{fix.lat:.5f}",
        utc_text(fix.time) if fix.derived != "time" else "",
        heading_text(fix.heading),
        speed_text(fix.speed),
        *("" if fix.attributes.get(n) is None else str(fix.attributes[n]) for n in names),
    ]


def nothing_text() -> str:
    """Return what is said where there are no records to look at."""
    return tr("There is nothing to preview just now; the settings can be changed all the same.")


def _scrolled(widget: QWidget) -> QScrollArea:
    """Return a widget in an area that scrolls: a small screen shows all of it too."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setMinimumWidth(widget.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width())
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(widget)
    return area


def _field_names(rows: list[Row]) -> list[str]:
    """The fields of the sampled records, for the form's lists."""
    from ...core.live.paths import paths

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
        room_for_headings(made.horizontalHeader())
        made.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return made
