"""``redisgeocache:<name>``: an algorithm of QGIS, by the way that is proved for it."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...bridge.steps.engine import StepEngine
from ...bridge.steps.records import RunRecord, StepRecord
from ...bridge.steps.ways import way_of
from ...bridge.words.steps import way_explained
from ...core.redis.settings import ConnectionSettings
from ..releasing import releasing
from .mirror import HITS, KEPT, MISSES, REPORT, RUN, SPARED, Likeness, Mirror


class MirroredAlgorithm(Mirror):
    """One step. It is alone, or a step of a model's copy."""

    def __init__(self, likeness: Likeness):
        super().__init__(likeness)
        self._step: Optional[StepEngine] = None
        self._own_run: Optional[RunRecord] = None  # where it is alone

    def what_is_cached(self) -> str:
        """In words, what is kept of this algorithm."""
        way, reason = way_of(self.find_original())
        return way_explained(way, reason)

    @releasing
    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        if self._run is None:
            super().prepareAlgorithm(parameters, context, feedback)
            self._own_run = RunRecord(self.likeness.title, self.options(parameters, context, self.settings))
            self._own_run.plan([StepRecord(self.likeness.name, self.likeness.title, self.original)])
            self.path = self.likeness.name
        run = self._run or self._own_run
        self._step = StepEngine(self.find_original(), run.options)
        return self._step.prepare(self.own(parameters), context, feedback)

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        _settings: Optional[ConnectionSettings],
    ) -> dict[str, Any]:
        """Run the step, and report what it did."""
        if self._run is not None:
            return self._do(self._run, parameters, context, feedback)
        with self._own_run as run:
            run.cancelled_by(feedback.cancel)
            outputs = self._do(run, parameters, context, feedback)
            return self.beside(outputs, self.told(run, feedback))

    @releasing
    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        return self._step.post(context, feedback) if self._step is not None else {}

    def _do(
        self,
        run: RunRecord,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run the step. Its outputs, and what was found of them."""
        run.begin(self.path)
        outcome = self._step.run(self.own(parameters), context, feedback)
        step = run.end(self.path, outcome)
        counts: dict[str, Any] = {HITS: outcome.hits, MISSES: outcome.misses, SPARED: outcome.spared_seconds}
        counts |= {KEPT: int(step.kept), RUN: int(not step.kept), REPORT: ""}
        return self.beside(outcome.outputs, counts)
