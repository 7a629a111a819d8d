"""Add features: sets of features that stand in Redis, proposed with a preview, or said by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional

from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ...bridge.features import words
from ...bridge.i18n import tr
from ...bridge.tasks import watch_of
from ..dialogs import buttons, open_at
from ..help import open_help
from ..labels import Label, TextCell
from .feed_form import table
from .set_form import SetForm, problem_text
from .wording import amount

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask, TaskKeeper
    from ...core.features.finding import FoundSet
    from ...core.redis.settings import ConnectionSettings


class LookResult(NamedTuple):
    """The ``sets`` that were found, and why no index names any (None: the engine was asked)."""

    sets: list[FoundSet]
    no_indexes: Optional[Exception]


class SetDialog(QDialog):
    """``chosen(SetSpec)`` when the analyst adds a set. ``source`` and ``field``: what it begins with; empty:
    looks at what there is."""

    chosen = pyqtSignal(object)

    def __init__(
        self,
        tasks: TaskKeeper,
        settings: ConnectionSettings,
        connection: str,
        source: str = "",
        field: str = "",
        parent: Optional[QWidget] = None,
    ):
        super().__init__(parent)
        self.setObjectName("redis_geo_set_dialog")
        self.setWindowTitle(tr("Add features from Redis"))
        open_at(self, 860, 640)
        self._tasks, self._settings, self._connection = tasks, settings, connection
        self._looking: Optional[BackgroundTask] = None
        self.found: list[FoundSet] = []
        self.form = SetForm(tasks, settings, self)
        self._build()
        if source:
            self.form.show_keys(source, field)
        QTimer.singleShot(0, self.look)

    def _build(self) -> None:
        self.look_button = QPushButton(tr("Look again"))
        self.look_button.setObjectName("redis_geo_set_look")
        self.look_button.clicked.connect(self._look_or_cancel)
        self.found_label = Label()
        self.found_label.setObjectName("redis_geo_set_found")
        self.found_label.setWordWrap(True)
        titles = (tr("Keys"), tr("Number"), tr("Geometry"), tr("Declared by an index"))
        self.table = table(titles, "redis_geo_set_proposals")
        self.table.itemSelectionChanged.connect(self._on_chosen)
        box, self.add_button = buttons(tr("Add to the map"), tr("Close"), lambda: open_help("features"))
        self.add_button.setObjectName("redis_geo_set_add")
        self.add_button.setEnabled(False)
        self.form.judged.connect(self.add_button.setEnabled)
        self.add_button.clicked.connect(self._add)
        box.rejected.connect(self.reject)
        top = QHBoxLayout()
        top.addWidget(self.found_label, 1)
        top.addWidget(self.look_button)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.form)
        layout.addWidget(box)

    # --- looking --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the database in the background."""
        if self._looking is not None:
            return
        settings = self._settings

        def find_feature_sets(task: BackgroundTask) -> LookResult:
            from ...core.features import finding
            from ...core.redis.server import open_server

            server = open_server(settings)
            declared, problem = finding.declared_or_why_not(server, watch_of(task))
            return LookResult([*declared, *finding.find_sets(server, "", watch_of(task))], problem)

        self.found_label.setText(tr("Looking at what stands in Redis…"))
        self.look_button.setText(tr("Cancel"))
        self._looking = self._tasks.start(tr("Find features in Redis"), find_feature_sets, self._on_found)

    def _look_or_cancel(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        else:
            self.look()

    def _on_found(self, found: Optional[LookResult], error: Optional[BaseException]) -> None:
        self._looking = None
        self.look_button.setText(tr("Look again"))
        if error is not None or found is None:
            self.found_label.setText(problem_text(error))
            return
        self.found = found.sets
        text = tr("Sets of features found: {n}.") if self.found else ""
        text = text or tr("No features were found by themselves.")
        said = [text.format(n=amount(len(self.found)))]
        if found.no_indexes is not None:
            said.append(problem_text(found.no_indexes))
        self.found_label.setText(" ".join(said))
        self.table.setRowCount(len(self.found))
        for row, one in enumerate(self.found):
            kinds = tr("the CRS has to be said") if one.needs_crs else words.kinds_text(one.kinds)
            cells = (one.source, amount(one.keys), kinds, words.declared_text(one))
            for column, cell in enumerate(cells):
                self.table.setItem(row, column, TextCell(cell))
        if self.found and not self.form.source_edit.text():
            self.table.selectRow(0)

    def _on_chosen(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self.found):
            self.form.show_keys(self.found[row].source, self.found[row].geometry_field)

    def _add(self) -> None:
        self.chosen.emit(self.form.spec(self._connection))
        self.accept()

    def done(self, result: int) -> None:
        self.form.stop()
        if self._looking is not None:
            self._looking.forget()
            self._looking = None
        super().done(result)
