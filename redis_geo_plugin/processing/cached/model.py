"""``redisgeocache:model_<name>``: a model of the user or of the project, each of its steps from the cache."""

from __future__ import annotations

from typing import Any, Optional, cast

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
)

from ...bridge.cache import sharing
from ...bridge.i18n import tr
from ...bridge.steps.model_copy import ModelCopy, copy_for
from ...bridge.steps.records import SEPARATOR, RunRecord
from ...core.redis.settings import ConnectionSettings
from ..releasing import releasing
from .mirror import REPORT, Likeness, Mirror, counts


class MirroredModel(Mirror):
    """Runs a copy of the model that is made when it is prepared. It is alone, or a step of another model's
    copy."""

    def __init__(self, likeness: Likeness):
        super().__init__(likeness)
        self.record: Optional[RunRecord] = None  # of the run, once it is prepared
        self._copy: Optional[ModelCopy] = None

    def what_is_cached(self) -> str:
        """In words, what is kept of this algorithm."""
        return tr(
            "Each step of the model is read from the cache where nothing that it depends on has changed; of "
            "the others only what changed is computed, where the algorithm allows it. The model itself stays "
            "as it is. Rasters, meshes, point clouds, files and databases are made anew each time."
        )

    @releasing
    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        if self._run is None:
            super().prepareAlgorithm(parameters, context, feedback)
            self.record = RunRecord(self._title(), self.options(parameters, context, self.settings))
            self._copy = self._copied(self._model(), self.record.token)
            self.record.plan(self._copy.steps if self._copy is not None else [])
            self.record.nested.update(self._copy.nested if self._copy is not None else {})
        else:
            self.record = self._run
            self._copy = cast(Optional[ModelCopy], self._run.nested.pop(self.path, None))
        if self._copy is None:
            raise QgsProcessingException(
                tr("{model} cannot be run with the cache: QGIS does not load its copy.").format(
                    model=self._title()
                )
            )
        return bool(self._copy.model.prepare(self.own(parameters), context, feedback))

    @staticmethod
    def _copied(model: QgsProcessingModelAlgorithm, token: str) -> Optional[ModelCopy]:
        able, why = model.canExecute()
        if not able:
            raise QgsProcessingException(why)
        return copy_for(model, token)

    def _title(self) -> str:
        return str(self.find_original().displayName())

    def _model(self) -> QgsProcessingModelAlgorithm:
        original = self.find_original()
        if not isinstance(original, QgsProcessingModelAlgorithm):
            raise self.gone()
        return original

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        _settings: Optional[ConnectionSettings],
    ) -> dict[str, Any]:
        """Run the copy, and report what its steps did."""
        if self._run is not None:
            outputs = self._do(parameters, context, feedback)
            counted = counts(self._run.totals(self.path + SEPARATOR))
            return self.beside(outputs, {**counted, REPORT: ""})
        with self.record as run:
            run.cancelled_by(feedback.cancel)
            try:
                outputs = self._do(parameters, context, feedback)
            finally:
                run.leave_rest()
            _list(run)
            return self.beside(outputs, self.told(run, feedback))

    def _do(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        if self.path:
            self.record.begin(self.path)
        outputs = dict(self._copy.model.runPrepared(self.own(parameters), context, feedback))
        self.record.end_model(self.path, outputs.get("CHILD_RESULTS") or {})
        return outputs


def _list(run: RunRecord) -> None:
    """Enter the run into the list of recent results, where its steps used the cache."""
    from ...core.cache.link import Link
    from ...core.redis.server import open_server

    totals, options = run.totals(), run.options
    if options.settings is None or run.failure is not None or not totals.hits + totals.misses:
        return
    link = Link(open_server(options.settings))
    sharing.enter_model(link, run.title, options.namespace, totals.kept + totals.run, totals.run)
