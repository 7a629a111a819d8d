"""Runs a cached algorithm in the background through QGIS's task manager, and brings its result into the project."""

from __future__ import annotations

from typing import Any, Optional, Union

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QLocale, QObject, pyqtSignal

from ...bridge.i18n import tr
from ...bridge.styles import style_result
from ..algorithm_feedback import AlgorithmFeedback
from ..component import Context
from ..jobs import by_workers
from .choices import BufferChoices, IntersectionChoices
from .simple import SimpleChoices

Choices = Union[BufferChoices, IntersectionChoices, SimpleChoices]


class Run:
    """One run, with everything that must live as long as it does (QGIS #38583)."""

    def __init__(self, layer: QgsVectorLayer, choices: Choices, selected_only: bool):
        self.title = choices.title(layer)
        self.pairs = isinstance(choices, IntersectionChoices)  # its results are those of pairs of features
        self.layer_id = layer.id()
        self.context = QgsProcessingContext()
        self.context.setProject(QgsProject.instance())
        self.feedback = AlgorithmFeedback()
        self.parameters: dict[str, Any] = {
            "INPUT": QgsProcessingFeatureSourceDefinition(layer.id(), selected_only),
            "OUTPUT": "memory:",
            **choices.parameters(layer),
        }
        algorithm = QgsApplication.processingRegistry().algorithmById(choices.algorithm)
        self.task = QgsProcessingAlgRunnerTask(algorithm, self.parameters, self.context, self.feedback)
        self.task.setDescription(self.title)
        self.cancelled = False


class Runner(QObject):
    """One run at a time. ``started``, ``progressed`` (0 to 100) and ``ended`` (words for the dock) are signals."""

    started = pyqtSignal()
    progressed = pyqtSignal(float)
    ended = pyqtSignal(str)

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._run: Optional[Run] = None
        self._workers: Optional[by_workers.ByWorkers] = None  # while they do the first half
        self._who = ""  # words on who computed

    @property
    def running(self) -> bool:
        return self._run is not None

    def start(self, layer: QgsVectorLayer, selected_only: bool, choices: Choices) -> bool:
        """Begin a run; False where one is under way."""
        if self._run is not None:
            self._context.ui.warning(tr("A run is under way. Wait for it, or cancel it in the Cache panel."))
            return False
        run = self._run = Run(layer, choices, selected_only)
        run.feedback.progressChanged.connect(self.progressed)
        run.task.executed.connect(self._executed)
        self._who = ""
        self.started.emit()
        if by_workers.chosen():
            self._workers = by_workers.ByWorkers(self._context, layer, selected_only, choices)
            self._workers.progressed.connect(self.progressed)
            self._workers.ended.connect(self._workers_ended)
            self._workers.start()
        else:
            QgsApplication.taskManager().addTask(run.task)
        return True

    def _workers_ended(self, words: str) -> None:
        """Workers have put the results in the cache, or there were none: the ordinary run does the rest."""
        self._workers, self._who = None, words
        if self._run is None:
            return
        if self._run.cancelled:
            self._executed(False, {})
        else:
            QgsApplication.taskManager().addTask(self._run.task)

    def cancel(self) -> None:
        """Ask the run to stop; what it computed is kept in the cache."""
        if self._run is not None:
            self._run.cancelled = True
            if self._workers is not None:
                self._workers.cancel()
            else:
                self._run.task.cancel()

    def close(self) -> None:
        """Cancel, and hear no more of it."""
        run, self._run = self._run, None
        if self._workers is not None:
            self._workers.close()
            self._workers = None
        if run is not None:
            run.task.executed.disconnect(self._executed)
            run.feedback.progressChanged.disconnect(self.progressed)
            run.task.cancel()
            _keep_until_ended(run)

    def _executed(self, ok: bool, results: dict[str, Any]) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        if run.cancelled or run.feedback.isCanceled():
            text = tr("Cancelled. What was computed until then is kept in the cache.")
            self._context.ui.message(text)
        elif not ok:
            text = run.feedback.errors[-1] if run.feedback.errors else tr("The run failed. See the log for details.")
            self._context.ui.error(text)
        else:
            self._add_layer(run, results)
            text = self._tell(f"{self._who} {in_words(results, run.pairs)}".strip(), results)
        _keep_until_ended(run)
        self.ended.emit(text)

    def _add_layer(self, run: Run, results: dict[str, Any]) -> None:
        layer = run.context.takeResultLayer(results["OUTPUT"])
        layer.setName(run.title)
        style_result(layer)
        project = QgsProject.instance()
        project.addMapLayer(layer, False)
        root = project.layerTreeRoot()
        source = root.findLayer(run.layer_id)
        parent = source.parent() if source is not None else root
        parent.insertLayer(parent.children().index(source) if source is not None else 0, layer)

    def _tell(self, text: str, results: dict[str, Any]) -> str:
        """Say it above the map; returns it with what went wrong."""
        if results.get("FAILURE"):
            text = tr("{done} Nothing more could be stored: {why}").format(done=text, why=results["FAILURE"])
        elif results.get("FAILED"):
            text = tr("{done} {failed} without a result: see the log of Processing.").format(
                done=text, failed=results["FAILED"]
            )
        else:
            self._context.ui.success(text)
            return text
        self._context.ui.message(text, Qgis.MessageLevel.Warning)
        return text


def in_words(results: dict[str, Any], pairs: bool = False) -> str:
    """ "38 of 40 from the cache, 2 computed, 4.1 s of computing spared". ``pairs``: they are results of pairs of features."""
    if pairs:
        text = tr("{hits} of {total} pairs of features from the cache, {computed} computed")
    else:
        text = tr("{hits} of {total} from the cache, {computed} computed")
    text = text.format(
        hits=_number(results["HITS"]),
        total=_number(results["HITS"] + results["MISSES"]),
        computed=_number(results["COMPUTED"]),
    )
    if results["HITS"]:
        text += ", " + tr("{spared} s of computing spared").format(spared=_seconds(results["SPARED_SECONDS"]))
    text += "."
    if results.get("WAITED"):
        text += " " + tr("Computed by others in the meantime: {count}").format(count=_number(results["WAITED"]))
    return text


def _number(value: float) -> str:
    return QLocale().toString(int(value))


def _seconds(value: float) -> str:
    return QLocale().toString(float(value), "f", 1 if value < 100 else 0)


_ending: list[Run] = []


def _keep_until_ended(run: Run) -> None:
    """The task still uses the context and the feedback until its thread has left them."""
    _ending[:] = [old for old in _ending if _alive(old)]
    _ending.append(run)


def _alive(run: Run) -> bool:
    try:
        return run.task.isActive()
    except RuntimeError:  # the task manager deleted it
        return False
