"""Runs an algorithm on parts of its input, each in a thread of its own, with a context of its own.

QGIS frees Python's lock while an algorithm runs, so two parts take two cores.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Callable, NamedTuple, Optional, TypeVar

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from ...core.watch import Cancelled
from .canonical import ParameterValues
from .layers import LayerHead, head_of
from .step_run import SinkRefused, StepRun

POLL = 0.05  # seconds between two looks at whether the user cancelled
Result = TypeVar("Result")
LayerFeatures = tuple[LayerHead, list[QgsFeature]]


class NativeRun(NamedTuple):
    """What came to each output, and the seconds that the algorithm took."""

    outputs: dict[str, LayerFeatures]
    seconds: float


class PartFeedback(QgsProcessingFeedback):
    """Keeps what a part says, to be said by the thread of the step in the order of the parts."""

    def __init__(self) -> None:
        super().__init__(False)
        self._said: list[tuple[str, str]] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N802, ARG002
        self._said.append(("reportError", error))

    def pushWarning(self, warning: str) -> None:  # noqa: N802
        self._said.append(("pushWarning", warning))

    def pushInfo(self, info: str) -> None:  # noqa: N802
        self._said.append(("pushInfo", info))

    def repeat(self, feedback: QgsProcessingFeedback) -> None:
        """Say it all."""
        for how, words in self._said:
            getattr(feedback, how)(words)


def own_context(run: StepRun) -> QgsProcessingContext:
    """A context for the thread that calls, with the settings of the step's."""
    context = QgsProcessingContext()
    context.copyThreadSafeSettings(run.context)
    context.setExpressionContext(run.context.expressionContext())
    return context


def filled_layer(head: LayerHead, features: list[QgsFeature]) -> QgsVectorLayer:
    """A layer in memory with a spatial index, without which some algorithms take thirty times as long. Raises
    SinkRefused where it does not take the features."""
    layer = head.layer()
    provider = layer.dataProvider()
    if features:
        ok, _ = provider.addFeatures(features, QgsFeatureSink.Flag.FastInsert)
        if not ok:
            raise SinkRefused
        provider.createSpatialIndex()
    return layer


def run_native(
    run: StepRun, changes: ParameterValues, sinks: Sequence[str], feedback: QgsProcessingFeedback
) -> NativeRun:
    """Run the algorithm in the thread that calls, into layers in memory: these outputs of it."""
    context = own_context(run)
    context.setFeedback(feedback)
    outputs: ParameterValues = {**dict.fromkeys(run.sinks()), **dict.fromkeys(sinks, "memory:")}
    started = time.perf_counter()
    results, ok = run.algorithm.create().run(
        {**run.parameters, **outputs, **changes}, context, feedback, {}, False
    )
    seconds = time.perf_counter() - started
    if not ok:
        raise QgsProcessingException(run.algorithm.displayName())
    found = {}
    for name in sinks:
        layer = context.getMapLayer(results[name]) if name in results else None
        if not isinstance(layer, QgsVectorLayer):
            raise QgsProcessingException(name)
        found[name] = head_of(layer), list(layer.getFeatures())
    return NativeRun(found, seconds)


def in_threads(
    run: StepRun,
    works: Sequence[Callable[[QgsProcessingFeedback], Result]],
    done: Optional[Callable[[int], None]] = None,
) -> list[Result]:
    """Do each piece of work in a thread of its own. Returns their results in order.

    Raises:
        Cancelled: once all have ended.
        Exception: the first that one of them raised.
    """
    if len(works) < 2:
        results = [work(run.feedback) for work in works]
        run.watch.check()
        return results
    feedbacks = [PartFeedback() for _ in works]
    with ThreadPoolExecutor(len(works), "redis-geo-part") as pool:
        futures: list[Future[Result]] = [pool.submit(work, f) for work, f in zip(works, feedbacks)]
        left: set[Future[Result]] = set(futures)
        while left:
            ended, left = wait(left, POLL, FIRST_COMPLETED)
            failed = any(one.exception() is not None for one in ended)
            if failed or run.watch.cancelled():
                for feedback in feedbacks:
                    feedback.cancel()
            if done is not None:
                done(len(works) - len(left))
    for feedback in feedbacks:
        feedback.repeat(run.feedback)
    if run.watch.cancelled():
        raise Cancelled
    return [one.result() for one in futures]
