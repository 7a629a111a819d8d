"""Runs the native algorithm in place of one of ours, with the same parameters."""

from __future__ import annotations

from typing import Callable

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
)

from ..bridge.algorithm_values import Parameters, Results
from .native_twin import native_algorithm


def run_native(
    id: str, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> Results:
    """Run a native algorithm with the parameters that it has, and return its outputs. Raises
    QgsProcessingException."""
    algorithm = native_algorithm(id)
    if algorithm is None:
        raise QgsProcessingException(id)
    known = {name: value for name, value in parameters.items() if algorithm.parameterDefinition(name)}
    results, ok = algorithm.run(known, context, feedback, {}, False)
    if not ok:
        raise QgsProcessingException(id)
    return dict(results)


class NativeInstead:
    """A run of a native algorithm in the place of ours, which can be stopped and taken back.

    Args:
        id: of the native algorithm.
        parameters: those of ours.
        context: the context of our run.
        feedback: told what native says, and its progress.
        check: raises where our run was cancelled.
    """

    def __init__(
        self,
        id: str,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        check: Callable[[], object],
    ):
        self._id, self._parameters, self._context, self._check = id, parameters, context, check
        self._feedback = feedback
        self._aside = QgsProcessingMultiStepFeedback(1, feedback)  # which can be cancelled by itself
        self._to_load = context.layersToLoadOnCompletion()
        self.results: Results = {}

    def run(self) -> None:
        """Do it all, or until it is stopped. Raises QgsProcessingException, and what ``check`` raises."""
        self.results = run_native(self._id, self._parameters, self._context, self._aside)
        self._check()

    def stop(self) -> None:
        """End it early, from another thread."""
        self._aside.cancel()

    def undo(self) -> None:
        """Take back the layers that it has made, and that they be loaded."""
        self._context.setLayersToLoadOnCompletion(self._to_load)
        made = self._context.temporaryLayerStore()
        outputs = {str(value) for value in self.results.values()}
        made.removeMapLayers([layer for id, layer in made.mapLayers().items() if id in outputs])
        self._feedback.setProgress(0.0)
