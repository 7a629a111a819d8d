"""Runs a native algorithm by the way that is proved for it: what is stored is read, the rest is computed.

``Step`` has the two phases of Processing: ``prepare`` on the thread that owns the layers, ``run`` on any.
``run`` does both, for scripts.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
)

from ...core.keys import DEFAULT_TTL
from ...core.redis.failures import Failure
from ...core.redis.settings import ConnectionSettings
from .ways import Way, way_of

Parameters = Mapping[str, object]
DEFAULT_NAMESPACE = "defaut"


@dataclass(frozen=True)
class StepOptions:
    """Where results are kept, and for how many seconds (0 keeps them). Without ``settings`` nothing is looked
    up or stored; ``parallel`` computes on all cores all the same."""

    namespace: str = DEFAULT_NAMESPACE
    ttl: int = DEFAULT_TTL
    settings: Optional[ConnectionSettings] = None
    parallel: bool = True


@dataclass
class StepOutcome:
    """What a step gave.

    ``outputs`` are the algorithm's own, under its own names. ``hits`` and ``misses`` count features (rows,
    nearby), groups, or the step as a whole; both are 0 where nothing was looked up. ``reason`` says in words
    why there is no ``way``, or why one that was begun was left. ``spared_seconds`` is what computing the hits
    had taken. ``failure`` is the first one of the server.
    """

    outputs: dict[str, object] = field(default_factory=dict)
    way: Optional[Way] = None
    reason: str = ""
    hits: int = 0
    misses: int = 0
    seconds: float = 0.0
    spared_seconds: float = 0.0
    failure: Optional[Failure] = None


class Step:
    """One run of one algorithm."""

    def __init__(self, algorithm: QgsProcessingAlgorithm, options: StepOptions):
        self._algorithm = algorithm.create()
        self._options = options

    def prepare(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Prepare the algorithm, on the thread of ``context``. False where it refuses."""
        return bool(self._algorithm.prepare(dict(parameters), context, feedback))

    def run(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> StepOutcome:
        """Compute the outputs, on any thread.

        Raises:
            QgsProcessingException: the algorithm itself failed. Nothing is raised for the cache's sake.
        """
        started = time.perf_counter()
        _way, reason = way_of(self._algorithm)
        outputs = self._algorithm.runPrepared(dict(parameters), context, feedback)
        return StepOutcome(dict(outputs), reason=reason, seconds=time.perf_counter() - started)

    def post(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, object]:
        """Let the algorithm finish (names and styles of its layers), on the thread of ``context``; returns
        outputs that take the place of those of ``run``."""
        return dict(self._algorithm.postProcess(context, feedback))


def run(
    algorithm: QgsProcessingAlgorithm,
    parameters: Parameters,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    options: StepOptions,
) -> StepOutcome:
    """Prepare, run and finish a step, on the thread of ``context``. Raises QgsProcessingException where the
    algorithm itself fails."""
    step = Step(algorithm, options)
    if not step.prepare(parameters, context, feedback):
        raise QgsProcessingException(algorithm.id())
    outcome = step.run(parameters, context, feedback)
    outcome.outputs.update(step.post(context, feedback))
    return outcome
