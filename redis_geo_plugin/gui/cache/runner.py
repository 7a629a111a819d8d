"""Runs a cached algorithm in the background, and brings its result into the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional, Union, cast

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QLocale, QObject, pyqtSignal

from ...bridge.algorithm_run import AlgorithmRun
from ...bridge.algorithm_values import number
from ...bridge.cache.remembered import RememberedRun, ResultOrigins, parameter_text, remember
from ...bridge.i18n import tr
from ...bridge.server import connections
from ...bridge.styles import style_result
from .. import new_layers
from ..algorithm_feedback import AlgorithmFeedback, say_stopped
from ..component import Context
from ..jobs import by_workers
from ..toolbox import history
from .settings import BufferChoices, IntersectionChoices
from .simple_pages import SimpleChoices

if TYPE_CHECKING:
    from ...bridge.algorithm_values import Parameters, Results

TOPIC = "cache"  # of the messages about runs

Choices = Union["BufferChoices", "IntersectionChoices", "SimpleChoices"]


class Run:
    """One run, with everything that must live as long as it does."""

    def __init__(self, layer: QgsVectorLayer, choices: Choices, selected_only: bool):
        self.title = choices.title(layer)
        self.pairs = isinstance(choices, IntersectionChoices)  # its results are those of pairs of features
        self.layer_id = layer.id()
        self.context = QgsProcessingContext()
        self.context.setProject(QgsProject.instance())
        self.feedback = AlgorithmFeedback()
        self.parameters: Parameters = {
            "INPUT": QgsProcessingFeatureSourceDefinition(layer.id(), selected_only),
            "OUTPUT": "memory:",
            **choices.parameters(layer),
        }
        algorithm = QgsApplication.processingRegistry().algorithmById(choices.algorithm)
        self.task = AlgorithmRun(algorithm, self.parameters, self.context, self.feedback)
        self.cancelled = False
        self.rows = self.task.algorithm.store.rows = ResultOrigins()
        source: Any = self.parameters["INPUT"].source.staticValue()
        self.remembered = RememberedRun(
            choices.algorithm,
            choices.operation,
            choices.store.namespace,
            connections.active_name(),
            {name: parameter_text(value) for name, value in self.parameters.items() if name != "OUTPUT"},
            source,
            *_other(self.parameters),
            rows=self.rows,
        )
        self.remembered.fields = layer.fields().names()
        self.algorithm_id = choices.algorithm

    def start(self, context: Context) -> None:
        """Begin, once; the run enters the history of Processing."""
        history.record(self.algorithm_id, self.parameters)
        self.task.start(context.tasks, self.title)


def _other(parameters: Parameters) -> tuple[str, list[str], list[str]]:
    """The id of the second layer, no fields of the first yet, and those of the second where they are in the
    result."""
    for name in ("OVERLAY", "INPUT_2"):
        value = parameters.get(name)
        if isinstance(value, QgsProcessingFeatureSourceDefinition):
            value = value.source.staticValue()
        layer = QgsProject.instance().mapLayer(str(value)) if value else None
        if isinstance(layer, QgsVectorLayer):
            return layer.id(), [], layer.fields().names() if name == "OVERLAY" else []
    return "", [], []


class Runner(QObject):
    """One run at a time. ``started``, ``progressed`` (0 to 100) and ``ended`` (words for the dock) are
    signals."""

    started = pyqtSignal()
    progressed = pyqtSignal(float)
    ended = pyqtSignal(str)

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._run: Optional[Run] = None
        self._workers: Optional[by_workers.ByWorkers] = None  # while they do the first half
        self._who = ""  # words on who computed
        self.result_id = ""  # of the layer of the last run
        self.is_watched: Callable[[], bool] = lambda: False  # whether the panel, which tells more, is seen

    @property
    def running(self) -> bool:
        """Whether a task of the panel is under way."""
        return self._run is not None

    def start(self, layer: QgsVectorLayer, selected_only: bool, choices: Choices) -> bool:
        """Begin a run; False where one is under way."""
        if self._run is not None:
            self._context.ui.warning(
                tr("A run is under way. Wait for it, or cancel it in the Cache panel."), topic=TOPIC
            )
            return False
        run = self._run = Run(layer, choices, selected_only)
        run.feedback.progressChanged.connect(self.progressed)
        run.task.executed.connect(self._executed)
        self._who = self.result_id = ""
        self._context.ui.forget(TOPIC)
        self.started.emit()
        if by_workers.chosen():
            self._workers = by_workers.ByWorkers(self._context, layer, selected_only, choices)
            self._workers.progressed.connect(self.progressed)
            self._workers.ended.connect(self._workers_ended)
            self._workers.start()
        else:
            run.start(self._context)
        return True

    def _workers_ended(self, words: str) -> None:
        """Workers have put the results in the cache, or there were none: the ordinary run does the rest."""
        self._workers, self._who = None, words
        if self._run is None:
            return
        if self._run.cancelled:
            self._executed(False, {})
        else:
            self._run.start(self._context)

    def cancel(self) -> None:
        """Request cancellation; the results computed so far are kept in the cache."""
        if self._run is not None:
            self._run.cancelled = True
            if self._workers is not None:
                self._workers.cancel()
            else:
                self._run.task.cancel()

    def close(self) -> None:
        """Cancel the run and ignore its outcome."""
        run, self._run = self._run, None
        if self._workers is not None:
            self._workers.close()
            self._workers = None
        if run is not None:
            run.feedback.progressChanged.disconnect(self.progressed)
            run.task.forget()

    def _executed(self, ok: bool, results: Results) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        if run.cancelled or run.feedback.isCanceled() or not ok:
            text = say_stopped(self._context, run.feedback, run.cancelled, TOPIC)
        else:
            text = self._succeeded(run, results)
        self.ended.emit(text)

    def _succeeded(self, run: Run, results: Results) -> str:
        """Add the layer and say it above the map; returns how it went, for the panel."""
        layer = cast(QgsVectorLayer, run.context.takeResultLayer(str(results["OUTPUT"])))
        layer.setName(run.title)
        style_result(layer)
        if layer.featureCount():
            run.remembered.count = layer.featureCount()
            if len(run.rows) != run.remembered.count:  # some are not as they stand in the cache
                run.remembered.rows = ResultOrigins()
            remember(layer, run.remembered)
        self.result_id = layer.id()
        before = self._context.iface.activeLayer()
        new_layers.add([layer], self._context.iface)
        done = f"{self._who} {in_words(results, run.pairs)}".strip()
        text = with_problems(done, results)
        level = Qgis.MessageLevel.Success if text == done else Qgis.MessageLevel.Warning
        said = new_layers.in_words(layer)
        if text != done or not self.is_watched():  # else the panel says how, and the message what is new
            said = f"{said} {text}"
        new_layers.say_added(self._context, [layer], said, before=before, topic=TOPIC, level=level)
        return text


def with_problems(done: str, results: Results) -> str:
    """Describe the outcome of a run, with its problems."""
    if results.get("FAILURE"):
        return tr("{done} Nothing more could be stored: {why}").format(done=done, why=results["FAILURE"])
    if results.get("FAILED"):
        return tr("{done} {failed} without a result: see the log of Processing.").format(
            done=done, failed=results["FAILED"]
        )
    return done


def in_words(results: Results, pairs: bool = False) -> str:
    """ "38 of 40 from the cache, 2 computed, 4.1 s of computing spared". ``pairs``: they are results of pairs
    of features."""
    if pairs:
        text = tr("{hits} of {total} pairs of features from the cache, {computed} computed")
    else:
        text = tr("{hits} of {total} from the cache, {computed} computed")
    text = text.format(
        hits=_number(number(results, "HITS")),
        total=_number(number(results, "HITS") + number(results, "MISSES")),
        computed=_number(number(results, "COMPUTED")),
    )
    if results["HITS"]:
        text += ", " + tr("{spared} s of computing spared").format(
            spared=_seconds(number(results, "SPARED_SECONDS"))
        )
    text += "."
    if results.get("WAITED"):
        text += " " + tr("Computed by others in the meantime: {count}").format(
            count=_number(number(results, "WAITED"))
        )
    return text


def _number(value: float) -> str:
    return QLocale().toString(int(value))


def _seconds(value: float) -> str:
    return QLocale().toString(float(value), "f", 1 if value < 100 else 0)
