"""The lower tables of the Jobs dock: failed jobs with their reason, and the workers with what they do."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QLocale, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QVBoxLayout,
)

from ...bridge.i18n import tr
from ...bridge.jobs.job_words import reason_in_words, worker_in_words
from ...bridge.plain import tool_tip
from ...core.readable import cut, name_on_screen
from ..connection_monitor import ConnectionState
from ..drawing import LAMP_COLORS, dot
from ..icons import icon
from ..labels import Label, TextRow
from ..row_menu import RowMenu
from ..wrapping import Tall, WrapLayout, keep_rows_in_sight, room_for_headings
from .worker_here import WorkerHereRow

if TYPE_CHECKING:
    from ...core.jobs.records import SetAside
    from ...core.json_types import JsonObject
    from .worker_here import WorkerHereControl

_JOB = Qt.ItemDataRole.UserRole
_GREY = QColor("#9e9e9e")


class FailedPanel(Tall):
    """Jobs that were set aside. The signals carry a list of them; ``zoom`` one."""

    retry = pyqtSignal(list)
    discard = pyqtSignal(list)
    zoom = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[str] = []
        self._taken: set[str] = set()
        self._locked = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        self.tree = QTreeWidget()
        self.tree.setObjectName("redis_geo_jobs_failed")
        self.tree.setRootIsDecorated(False)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setHeaderLabels([tr("Job"), tr("Reason"), tr("Tries")])
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tree.setColumnWidth(0, 170)
        self.tree.header().setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        room_for_headings(self.tree.header())
        keep_rows_in_sight(self.tree)
        self.tree.itemSelectionChanged.connect(self._selected)
        self.tree.itemDoubleClicked.connect(lambda item, _column: self.zoom.emit(item.data(0, _JOB)))
        self.empty = Label(tr("No job has failed."))
        self.empty.setEnabled(False)
        layout.addWidget(self.tree)
        layout.addLayout(self._buttons())
        RowMenu(self.tree, [self.zoom_button, self.retry_button, self.discard_button])
        self._selected()

    def _buttons(self) -> WrapLayout:
        row = WrapLayout()
        self.zoom_button = QPushButton(icon("search"), tr("Zoom to"))
        self.zoom_button.setObjectName("redis_geo_jobs_failed_zoom")
        self.zoom_button.clicked.connect(lambda: self.zoom.emit(self.chosen()[0]))
        self.retry_button = QPushButton(icon("start"), tr("Retry"))
        self.retry_button.setObjectName("redis_geo_jobs_failed_retry")
        self.retry_button.clicked.connect(lambda: self.retry.emit(self.chosen()))
        self.discard_button = QPushButton(icon("purge"), tr("Delete…"))
        self.discard_button.setObjectName("redis_geo_jobs_failed_discard")
        self.discard_button.clicked.connect(lambda: self.discard.emit(self.chosen()))
        for widget in (self.zoom_button, self.retry_button, self.discard_button):
            row.addWidget(widget)
        row.addWidget(self.empty)
        return row

    def chosen(self) -> list[SetAside]:
        return [item.data(0, _JOB) for item in self.tree.selectedItems()]

    def update_failed(self, jobs: list[SetAside], names: dict[str, str]) -> None:
        """Show these jobs; ``names`` are the batches' by id. Untouched while nothing changed, so a selection
        stays."""
        jobs = [job for job in jobs if job.id not in self._taken]
        ids = [job.id for job in jobs]
        if ids == self._shown:
            return
        self._shown = ids
        kept = {job.id for job in self.chosen()}
        self.tree.clear()
        for job in jobs:
            item = TextRow(
                [
                    _title(job, names),
                    reason_in_words(job.reason, job.words),
                    str(job.tries),
                ]
            )
            item.setData(0, _JOB, job)
            item.setToolTip(0, tool_tip(item.text(0)))
            item.setToolTip(1, tool_tip(reason_in_words(job.reason, job.words)))
            self.tree.addTopLevelItem(item)
            item.setSelected(job.id in kept)
        self.empty.setVisible(not jobs)
        self._selected()

    def take_away(self, ids: Collection[str]) -> None:
        """These jobs are no longer set aside: a look at the queue from before must not bring them back."""
        self._taken.update(ids)
        for row in reversed(range(self.tree.topLevelItemCount())):
            if self.tree.topLevelItem(row).data(0, _JOB).id in self._taken:
                self.tree.takeTopLevelItem(row)
        self._shown = [id for id in self._shown if id not in self._taken]
        self.empty.setVisible(not self._shown)
        self._selected()

    @property
    def count(self) -> int:
        """How many jobs are shown."""
        return len(self._shown)

    def _selected(self) -> None:
        count = len(self.chosen())
        self.zoom_button.setEnabled(count == 1)
        for button in (self.retry_button, self.discard_button):
            button.setEnabled(count > 0 and not self._locked)
            button.setToolTip(tool_tip(self._locked))

    def lock(self, why: str) -> None:
        """Say why nothing may be changed on this connection; '' where it may."""
        if why != self._locked:
            self._locked = why
            self._selected()


class WorkersPanel(Tall):
    """One row per worker: a lamp, its place, what it does, how fast; below, the worker on this computer."""

    def __init__(self, control: WorkerHereControl) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        self.tree = QTreeWidget()
        self.tree.setObjectName("redis_geo_jobs_workers")
        self.tree.setRootIsDecorated(False)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.tree.setHeaderLabels([tr("Worker"), tr("Does"), tr("Done"), tr("Jobs/s")])
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for column in (2, 3):
            self.tree.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setStretchLastSection(False)
        room_for_headings(self.tree.header())
        keep_rows_in_sight(self.tree)
        layout.addWidget(self.tree)
        self.here = WorkerHereRow(control)
        layout.addWidget(self.here)
        RowMenu(self.tree)

    def update_workers(self, lines: list[JsonObject]) -> None:
        locale = QLocale()
        while self.tree.topLevelItemCount() > len(lines):
            self.tree.takeTopLevelItem(self.tree.topLevelItemCount() - 1)
        while self.tree.topLevelItemCount() < len(lines):
            self.tree.addTopLevelItem(TextRow())
        for row, line in enumerate(lines):
            item = self.tree.topLevelItem(row)
            item.setIcon(0, _lamp(line["alive"]))
            item.setText(0, f"{line.get('host', '')} ({line.get('pid', '')})")
            item.setText(1, worker_in_words(line))
            item.setText(2, locale.toString(int(line.get("done", 0))))
            rate = float(line.get("rate", 0))
            item.setText(3, locale.toString(rate, "f", 1 if rate < 100 else 0) if line["alive"] else "")
            item.setToolTip(0, tool_tip(_details(line)))
            item.setToolTip(2, tool_tip(_done_tip()))
            for column in (2, 3):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.tree.resizeColumnToContents(0)


def _lamp(alive: bool) -> QIcon:
    return QIcon(dot(LAMP_COLORS[ConnectionState.CONNECTED] if alive else _GREY, 10))


def _done_tip() -> str:
    return tr("Jobs of this queue that it has computed, or found in the cache, since it started")


def _details(line: JsonObject) -> str:
    return tr("{id}: {processes} processes, version {version}, GEOS {geos}, knows {operations}").format(
        id=line["id"],
        processes=line.get("processes", ""),
        version=line.get("version", ""),
        geos=line.get("geos", ""),
        operations=", ".join(line.get("operations", [])),
    )


def _title(job: SetAside, names: dict[str, str]) -> str:
    if job.index is None:
        return cut(name_on_screen(job.fields.get(b"brut", b"")[:400]), 80)
    return tr("{number} of {batch}").format(number=job.index + 1, batch=names.get(job.batch, job.batch))
