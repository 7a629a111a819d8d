"""The upper part of the Jobs dock: which features go to the workers, for what, and how urgently."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Optional, cast

from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QPushButton

from ...bridge.algorithm_run import AlgorithmRun
from ...bridge.i18n import tr
from ...bridge.keeping import keep
from ...bridge.settings import kept
from ...bridge.tasks import TaskKeeper
from ...core import keys
from ..algorithm_feedback import AlgorithmFeedback
from ..cache.operation_form import Choices, OperationForm
from ..cache.settings import BufferChoices
from ..component import Context
from ..icons import icon
from ..labels import Label
from ..run_controls import help_button
from ..toolbox import history
from .queue_in_use import PRIORITY_SETTING, QUEUE_SETTING, queue_name, start_worker_text

if TYPE_CHECKING:
    from ...bridge.algorithm_values import Results
    from ...core.json_types import JsonObject

TOPIC = "sending jobs"  # of messages
ALGORITHM = "redisgeo:enqueuejobs"
REMEMBERED = 100  # batches that can be sent again


class SentBatch(NamedTuple):
    """How a batch was sent, so that it can be sent again."""

    layer_id: str
    selected: bool
    choices: Choices
    priority: int
    queue: str

    @property
    def by_selection(self) -> bool:
        """Whether it depends on what was selected then."""
        of_other = getattr(self.choices, "overlay_selected", False) or getattr(
            self.choices, "other_selected", False
        )
        return self.selected or of_other


class SendPanel(OperationForm):
    """``sent`` carries the batch and its title; ``queue_changed`` the name of another queue.
    ``worker_wanted`` asks for a worker on this computer."""

    sent = pyqtSignal(str, str)
    queue_changed = pyqtSignal(str)
    worker_wanted = pyqtSignal()

    def __init__(self, context: Context):
        super().__init__(context, "redis_geo_jobs", dissolves=False)
        self._run: Optional[Sending] = None
        self._had_focus = False  # the button, when it was pressed
        self._sent: OrderedDict[str, SentBatch] = OrderedDict()  # by batch, those of this session
        self._workers: list[JsonObject] = []
        self._engines: dict[str, str] = {}
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addLayout(self._queue_row())
        self._add_other_geos()
        self.column.addLayout(self._buttons())
        self._follow_fields()
        self.operation.currentIndexChanged.connect(self._compare_geos)

    def _queue_row(self) -> QFormLayout:
        form, row = QFormLayout(), QHBoxLayout()
        self.priority = QComboBox()
        self.priority.setObjectName("redis_geo_jobs_priority")
        self.priority.addItems([tr("High"), tr("Normal"), tr("Low")])
        self.priority.setCurrentIndex(kept(PRIORITY_SETTING, 1, 0, 2))
        self.queue = QLineEdit(queue_name())
        self.queue.setObjectName("redis_geo_jobs_queue")
        self.queue.setCursorPosition(0)  # a narrow panel shows the beginning of the name
        self.queue.setToolTip(tr("The queue that the workers listen to. The usual one is taches_spatiales."))
        self.queue.editingFinished.connect(self._queue_edited)
        row.addWidget(self.priority)
        row.addWidget(Label(tr("Queue")))
        row.addWidget(self.queue, 1)
        form.addRow(tr("Priority"), row)
        self._below.append(form)
        return form

    def _add_other_geos(self) -> None:
        """The place where it is said that the workers have another GEOS."""
        self.other_geos = Label()
        self.other_geos.setObjectName("redis_geo_jobs_other_geos")
        self.other_geos.setWordWrap(True)
        self.other_geos.hide()
        self.worker_button = QPushButton(icon("start"), start_worker_text())
        self.worker_button.setObjectName("redis_geo_jobs_other_geos_start")
        self.worker_button.clicked.connect(self.worker_wanted)
        self.worker_button.hide()
        self.column.addWidget(self.other_geos)
        self.column.addWidget(self.worker_button, 0, Qt.AlignmentFlag.AlignLeft)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.send_button = QPushButton(icon("start"), tr("Send to the workers"))
        self.send_button.setObjectName("redis_geo_jobs_send")
        self.send_button.clicked.connect(self.send)
        row.addWidget(self.send_button, 1)
        row.addWidget(help_button("redis_geo_jobs_help", "jobs"))
        return row

    def show_workers(self, workers: list[JsonObject], engines: dict[str, str]) -> None:
        """Note which workers live, and on which version of GEOS here each operation depends."""
        self._workers, self._engines = workers, engines
        self._compare_geos()

    def _compare_geos(self, *_index: int) -> None:
        """Say before it is sent that the results will not be those of this QGIS."""
        ours = self._engines.get(self.offered.name, "")
        theirs = sorted({str(line["geos"]) for line in self._workers if line["geos"]})
        differs = bool(ours and theirs and ours not in theirs)
        if differs:
            text = tr(
                "The workers have GEOS {theirs}, this QGIS has GEOS {ours}: in places their results may "
                "differ from those computed here, and they are kept apart from them."
            )
            self.other_geos.setText(text.format(theirs=", ".join(theirs), ours=ours))
        self.other_geos.setVisible(differs)
        self.worker_button.setVisible(differs)

    def problem(self) -> str:
        """What keeps a batch from being sent, in words; empty where nothing does."""
        return sending_text() if self._run is not None else super().problem()

    def _remember(self, choices: Choices) -> None:
        """For the next time, here and in the Cache panel; whether it dissolves is the Cache panel's alone."""
        if isinstance(choices, BufferChoices):
            choices = replace(choices, dissolve=BufferChoices.remembered().dissolve)
        choices.remember()
        keep({PRIORITY_SETTING: self.priority.currentIndex()})

    def send(self) -> None:
        """Start sending in the background, or say what is missing."""
        problem = self.problem()
        if problem:
            self._context.ui.warning(problem, topic=TOPIC)
            return
        layer = cast(QgsVectorLayer, self.layer.currentLayer())
        choices = self.choices()
        self._remember(choices)
        priority, queue = self.priority.currentIndex(), self.queue.text().strip()
        self._start(Sending(layer, self.selected_only.isChecked(), choices, priority, queue))

    def _executed(self, ok: bool, results: Results) -> None:
        run, self._run = self._run, None
        self.send_button.setEnabled(True)
        if self._had_focus:  # Qt gave it to the next button, which is Help
            self.send_button.setFocus()
        if run is None:
            return
        if not ok:
            errors = run.feedback.errors
            text = errors[-1] if errors else tr("Nothing was sent. See the log for details.")
            self._context.ui.error(text, topic=TOPIC)
            return
        self._context.ui.forget(TOPIC)
        batch = str(results["BATCH"])
        self._sent[batch] = run.sent
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
        self.sent.emit(batch, run.title)

    def send_again(self, batch: str) -> None:
        """Send the features of a batch again as they were sent, where this window sent it; else say how it is
        done."""
        before = self._sent.get(batch)
        layer = cast(
            QgsVectorLayer, QgsProject.instance().mapLayer(before.layer_id) if before is not None else None
        )
        if before is None or layer is None or before.by_selection:
            self._context.ui.warning(
                tr(
                    "Choose the layer (and the features) above and send them again; what was computed "
                    "already is not again."
                ),
                topic=TOPIC,
            )
        elif self._run is not None:
            self._context.ui.warning(sending_text(), topic=TOPIC)
        else:
            self._start(Sending(layer, False, before.choices, before.priority, before.queue))

    def _start(self, run: Sending) -> None:
        self._run = run
        run.task.executed.connect(self._executed)
        self._had_focus = self.send_button.hasFocus()
        self.send_button.setEnabled(False)
        run.start(self._context.tasks)

    def _queue_edited(self) -> None:
        name = self.queue.text().strip() or keys.JOB_LIST
        self.queue.setText(name)
        if name != queue_name():
            keep({QUEUE_SETTING: name})
            self.queue_changed.emit(name)

    def close_panel(self) -> None:
        """Release the layers, and cancel what is being sent."""
        self.close_form()
        run, self._run = self._run, None
        if run is not None:
            run.task.forget()


class Sending:
    """One run of redisgeo:enqueuejobs, with everything that must live as long as it does."""

    def __init__(self, layer: QgsVectorLayer, selected: bool, choices: Choices, priority: int, queue: str):
        self.sent = SentBatch(layer.id(), selected, choices, priority, queue)
        self.title = choices.title(layer)
        self.context = QgsProcessingContext()
        self.context.setProject(QgsProject.instance())
        self.feedback = AlgorithmFeedback()
        self.parameters = {
            **choices.for_jobs(layer),
            "INPUT": QgsProcessingFeatureSourceDefinition(layer.id(), selected),
            "OPERATION": choices.operation,
            "PRIORITY": priority,
            "QUEUE": queue,
            "TITLE": self.title,
        }
        algorithm = QgsApplication.processingRegistry().algorithmById(ALGORITHM)
        self.task = AlgorithmRun(algorithm, self.parameters, self.context, self.feedback)
        self.task.algorithm.announces = False

    def start(self, tasks: TaskKeeper) -> None:
        """Begin, once; the run enters the history of Processing."""
        history.record(ALGORITHM, self.parameters)
        self.task.start(tasks, tr("Redis Geo: sending {title}").format(title=self.title))


def sending_text() -> str:
    """What is said while a batch is on its way."""
    return tr("A batch is just being sent. Wait a moment.")
