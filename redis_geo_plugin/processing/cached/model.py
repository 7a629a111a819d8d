"""``redisgeocache:model_<name>``: a model of the user or of the project, each of its steps from the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
)

from ...bridge.algorithm_values import Parameters, Results
from ...bridge.cache import sharing
from ...bridge.i18n import tr
from ...bridge.steps.records import RunRecord
from ...core.redis.settings import ConnectionSettings
from ..releasing import releasing
from .mirror import Likeness, Mirror

if TYPE_CHECKING:
    from ...bridge.steps.model_plan import ModelPlan


class MirroredModel(Mirror):
    """Runs the model as it is when this is prepared."""

    def __init__(self, likeness: Likeness):
        super().__init__(likeness)
        self.record: Optional[RunRecord] = None  # of the run, once it is prepared
        self._plan: Optional[ModelPlan] = None

    def what_is_cached(self) -> str:
        """In words, what is kept of this algorithm."""
        return tr(
            "Each step of the model is read from the cache where nothing that it depends on has changed; of "
            "the others only what changed is computed, where the algorithm allows it. The model itself stays "
            "as it is. Rasters, meshes, point clouds, files and databases are made anew each time."
        )

    @releasing
    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        from ...bridge.steps.model_plan import plan_of

        super().prepareAlgorithm(parameters, context, feedback)
        self.record = RunRecord(self._title(), self.options(parameters, context, self.settings))
        model = self._model()
        able, why = model.canExecute()
        if not able:
            raise QgsProcessingException(why)
        self._plan = plan_of(model)
        self.record.plan(self._plan.records)
        return True

    def _title(self) -> str:
        return str(self.find_original().displayName())

    def _model(self) -> QgsProcessingModelAlgorithm:
        original = self.find_original()
        if not isinstance(original, QgsProcessingModelAlgorithm):
            raise self.gone()
        return original

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        _settings: Optional[ConnectionSettings],
    ) -> Results:
        """Run the model, and report what its steps did."""
        from ...bridge.steps.model_run import PlanRun

        with self.record as run:
            run.cancelled_by(feedback.cancel)
            try:
                given = self.own(parameters)
                outputs = PlanRun(self._plan, run, given, context, feedback).run()
            finally:
                run.leave_rest()
            _list(run)
            return self.beside(outputs, self.told(run, feedback))


def _list(run: RunRecord) -> None:
    """Enter the run into the list of recent results, where its steps used the cache."""
    from ...core.cache.link import Link
    from ...core.redis.server import open_server

    totals, options = run.totals(), run.options
    if options.settings is None or run.failure is not None or not totals.hits + totals.misses:
        return
    link = Link(open_server(options.settings))
    sharing.enter_model(link, run.title, options.namespace, totals.kept + totals.run, totals.run)
