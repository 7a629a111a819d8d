"""``redisgeocache:<name>``: an algorithm of QGIS, by the way that is proved for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...bridge.algorithm_values import Parameters, Results
from ...bridge.steps.records import RunRecord, StepRecord
from ...bridge.steps.ways import way_of
from ...bridge.words.steps import way_explained
from ...core.redis.settings import ConnectionSettings
from ..releasing import releasing
from .mirror import Likeness, Mirror

if TYPE_CHECKING:
    from ...bridge.steps.engine import StepEngine


class MirroredAlgorithm(Mirror):
    """One step, run alone."""

    def __init__(self, likeness: Likeness):
        super().__init__(likeness)
        self._step: Optional[StepEngine] = None
        self._record: Optional[RunRecord] = None

    def what_is_cached(self) -> str:
        """In words, what is kept of this algorithm."""
        way, reason = way_of(self.find_original())
        return way_explained(way, reason)

    @releasing
    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        from ...bridge.steps.engine import (
            StepEngine,
            ask_project,
        )  # with redis-py, which the start of QGIS does without

        super().prepareAlgorithm(parameters, context, feedback)
        self._record = RunRecord(self.likeness.title, self.options(parameters, context, self.settings))
        self._record.plan([StepRecord(self.likeness.name, self.likeness.title, self.original)])
        self._step = StepEngine(self.find_original(), self._record.options)
        ask_project(context)
        return self._step.prepare(self.own(parameters), context, feedback)

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        _settings: Optional[ConnectionSettings],
    ) -> Results:
        """Run the step, and report what it did."""
        with self._record as run:
            run.cancelled_by(feedback.cancel)
            run.begin(self.likeness.name)
            outcome = self._step.run(self.own(parameters), context, feedback)
            run.end(self.likeness.name, outcome)
            return self.beside(outcome.outputs, self.told(run, feedback))

    @releasing
    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        return self._step.post(context, feedback) if self._step is not None else {}
