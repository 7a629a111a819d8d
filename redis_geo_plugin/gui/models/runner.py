"""Runs a model with the cache in the background, and brings its results into the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import Qgis, QgsApplication, QgsMapLayer, QgsProcessingContext, QgsProject
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...bridge.algorithm_run import AlgorithmRun
from ...bridge.i18n import tr
from ...bridge.steps.mirrored import find
from ...bridge.steps.records import RunRecord
from ...bridge.words import failures
from ...bridge.words import steps as words
from ...bridge.words.labelled import labelled
from .. import new_layers
from ..algorithm_feedback import AlgorithmFeedback, say_stopped
from ..component import Context
from ..toolbox import history

if TYPE_CHECKING:
    from ...bridge.algorithm_values import Parameters, Results

TOPIC = "models"  # of the messages about runs
LOOK_MS = 250  # between two looks at how far the steps are


class ModelRun:
    """One run, with everything that must live as long as it does. Made on the main thread."""

    def __init__(self, algorithm_id: str, parameters: Parameters):
        from processing.tools.dataobjects import createContext

        algorithm = QgsApplication.processingRegistry().algorithmById(algorithm_id)
        self.title = algorithm.displayName()
        self.original: str = algorithm.original
        self.parameters = parameters
        self.algorithm_id = algorithm_id
        self.feedback = AlgorithmFeedback()
        self.context: QgsProcessingContext = createContext(self.feedback)
        self.task = AlgorithmRun(algorithm, parameters, self.context, self.feedback)
        self.cancelled = False

    @property
    def record(self) -> Optional[RunRecord]:
        """What its steps did; None where it could not be prepared."""
        found: Optional[RunRecord] = self.task.algorithm.record
        return found


class ModelRunner(QObject):
    """One run at a time. ``started``, ``progressed`` (0 to 100), ``looked`` (there may be news of the steps)
    and ``ended`` (words for the panel) are signals."""

    started = pyqtSignal()
    progressed = pyqtSignal(float)
    looked = pyqtSignal()
    ended = pyqtSignal(str)

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._run: Optional[ModelRun] = None
        self.record: Optional[RunRecord] = None  # of the run, or of the last one
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.looked)

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._run is not None

    def start(self, algorithm_id: str, parameters: Parameters) -> bool:
        """Begin a run; False where one is under way."""
        if self._run is not None:
            text = tr("A model is being run. Wait for it, or cancel it in the Cache panel.")
            self._context.ui.warning(text, topic=TOPIC)
            return False
        run = self._run = ModelRun(algorithm_id, parameters)
        self.record = run.record
        run.feedback.progressChanged.connect(self.progressed)
        run.task.executed.connect(self._executed)
        self._context.ui.forget(TOPIC)
        self.started.emit()
        self._timer.start()
        history.record(algorithm_id, parameters)
        run.task.start(self._context.tasks, run.title)
        return True

    def cancel(self) -> None:
        """Request cancellation; the steps that have ended stay in the cache."""
        if self._run is not None:
            self._run.cancelled = True
            self._run.task.cancel()

    def close(self) -> None:
        """Cancel the run and ignore its outcome."""
        self._timer.stop()
        run, self._run = self._run, None
        if run is not None:
            run.feedback.progressChanged.disconnect(self.progressed)
            run.task.forget()

    def _executed(self, ok: bool, results: Results) -> None:
        run, self._run = self._run, None
        self._timer.stop()
        if run is None:
            return
        if run.cancelled or run.feedback.isCanceled() or not ok:
            text = say_stopped(self._context, run.feedback, run.cancelled, TOPIC)
        else:
            text = self._succeeded(run, results)
        if run.record is not None:
            run.record.leave_rest()
        self.looked.emit()
        self.ended.emit(text)

    def _succeeded(self, run: ModelRun, results: Results) -> str:
        """Bring the results into the project, and say it above the map; returns how it went, for the
        panel."""
        before = self._context.iface.activeLayer()
        layers, problem = _add_as_processing_does(run, results)
        text, level = words.summary(run.record), Qgis.MessageLevel.Success
        if run.record.failure is not None:
            why = failures.with_server_words(run.record.failure)
            text = f"{text} {tr('Nothing more could be stored: {why}').format(why=why)}"
            level = Qgis.MessageLevel.Warning
        if problem:
            text, level = f"{text} {problem}", Qgis.MessageLevel.Warning
        if layers:
            said = f"{' '.join(map(new_layers.in_words, layers))} {text}"
            new_layers.say_added(self._context, layers, said, before=before, topic=TOPIC, level=level)
        else:
            self._context.ui.message(labelled(run.title, text), level, topic=TOPIC)
        return text


def _add_as_processing_does(run: ModelRun, results: Results) -> tuple[list[QgsMapLayer], str]:
    """Add the layers that were asked for, with the styles and the group of Processing's options; returns
    them, and what went wrong."""
    from processing.gui.Postprocessing import handleAlgorithmResults

    project = QgsProject.instance()
    earlier = set(project.mapLayers())
    model = find(run.original) or run.task.algorithm  # its styles are set for the model itself
    before = len(run.feedback.errors)
    handleAlgorithmResults(model, run.context, run.feedback, parameters=results)
    made = [layer for layer_id, layer in project.mapLayers().items() if layer_id not in earlier]
    return made, " ".join(run.feedback.errors[before:])
