"""A Processing algorithm in the background, as ``QgsProcessingAlgRunnerTask`` runs one, but as work of a
TaskKeeper.

So QGIS does not ask on closing whether to cancel it, cancelling closes its connections, and nobody holds a
task that the task manager has deleted.
"""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

from . import main_thread
from .tasks import BackgroundTask, TaskKeeper


class AlgorithmRun(QObject):
    """One run. ``executed(ok, results)`` is emitted on the main thread when it has ended, also when it was
    cancelled.

    Made on the main thread, where the algorithm is prepared. What its thread uses lives as long as the thread
    does.
    """

    executed = pyqtSignal(bool, dict)

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ):
        super().__init__()
        self._algorithm = algorithm.create()
        self._parameters = parameters
        self._context = context
        self._feedback = feedback
        self._task: Optional[BackgroundTask] = None
        self._prepared = self._algorithm.prepare(parameters, context, feedback)

    @property
    def algorithm(self) -> Any:
        """The algorithm that is run, a copy of the registered one."""
        return self._algorithm

    def start(self, tasks: TaskKeeper, title: str) -> None:
        """Start the run; only once."""
        held: list[Any] = [self._algorithm, self._parameters, self._context, self._feedback]

        prepared = self._prepared

        def run_prepared(_task: BackgroundTask) -> Optional[dict[str, Any]]:
            try:
                return _results(*held) if prepared else None
            finally:  # also where nobody waits for it any more, the algorithm dies on its own thread
                main_thread.later(held.clear)

        self._task = tasks.start(title, run_prepared, self._ended)

    def cancel(self) -> None:
        """Request cancellation; ``executed`` follows."""
        self._feedback.cancel()
        if self._task is not None:
            self._task.cancel()

    def forget(self) -> None:
        """Request cancellation; ``executed`` is not emitted."""
        self._feedback.cancel()
        if self._task is not None:
            self._task.forget()

    def _ended(self, results: Optional[dict[str, Any]], error: Optional[BaseException]) -> None:
        ok = error is None and results is not None
        more = self._algorithm.postProcess(self._context, self._feedback) if ok else {}
        self.executed.emit(ok, {**(results or {}), **more})


def _results(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> Optional[dict[str, Any]]:
    """The results; None where it fails, which the feedback has been told."""
    try:
        found: dict[str, Any] = algorithm.runPrepared(parameters, context, feedback)
    except QgsProcessingException as error:
        feedback.reportError(str(error), True)
        return None
    return found
