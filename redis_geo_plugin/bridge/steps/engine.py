"""Runs a native algorithm by the way that is proved for it: what is stored is read, the rest is computed.

``StepEngine`` has the two phases of Processing: ``prepare`` on the thread that owns the layers, ``run`` on
any. The function ``run`` does both, for scripts.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Optional

from qgis.core import (
    QgsExpressionContext,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
)

from ...core.cache.link import Link
from ...core.redis.failures import StoreError
from ...core.redis.server import open_server
from ...core.steps.store import StepStore
from ...core.watch import Cancelled
from .. import log
from ..i18n import tr
from ..sources import FrozenSource
from ..tasks import watch_of
from . import groups, nearby
from .canonical import ParameterValues
from .groups import GroupWay
from .nearby import Nearby
from .outcome import StepOptions, StepOutcome
from .rows import RowWay
from .step_run import SinkRefused, StepCounts, StepRun, freeze
from .uncached import Cheap, Uncached
from .values import Unwritable
from .ways import Way, table, way_of
from .whole import Whole

Parameters = Mapping[str, object]


class StepEngine:
    """One run of one algorithm."""

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        options: StepOptions,
        configuration: Optional[ParameterValues] = None,
    ):
        self._algorithm = algorithm.create(configuration or {})
        self._options = options
        self._way, self._reason = way_of(self._algorithm)
        self._inputs: dict[str, FrozenSource] = {}
        self._expressions = QgsExpressionContext()
        self._ran_natively = False

    @property
    def algorithm(self) -> QgsProcessingAlgorithm:
        """The algorithm that is run, an instance of its own."""
        return self._algorithm

    def prepare(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Prepare the algorithm and take hold of its inputs, on the thread of ``context``. False where it
        refuses."""
        given = dict(parameters)
        if not self._algorithm.prepare(given, context, feedback):
            return False
        self._expressions = self._scopes(given, context)
        if self._way is not None:
            try:
                self._inputs = freeze(self._algorithm, given, context)
            except QgsProcessingException:  # the algorithm itself says what is wrong with its input
                self._way = None
        return True

    def run(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> StepOutcome:
        """Compute the outputs, on any thread. Where the user cancels, what was computed is kept and the
        outputs are empty.

        Raises:
            QgsProcessingException: the algorithm itself failed. Nothing is raised for the cache's sake.
        """
        started = time.perf_counter()
        run = self._step_run(dict(parameters), context, feedback)
        outcome = StepOutcome(reason=self._reason)
        outputs: Optional[dict[str, object]] = None
        if self._way is not None and (run.store.up or run.threads > 1):
            outputs = self._by_way(self._way, run, outcome)
        if outputs is None:
            self._ran_natively = True
            outputs = dict(self._algorithm.runPrepared(run.parameters, context, feedback))
        outcome.outputs = outputs
        outcome.seconds = time.perf_counter() - started
        outcome.failure = run.store.link.failure
        return outcome

    def post(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, object]:
        """Let the algorithm finish (names and styles of its layers), on the thread of ``context``; returns
        outputs that take the place of those of ``run``."""
        return dict(self._algorithm.postProcess(context, feedback)) if self._ran_natively else {}

    def _by_way(self, way: Way, run: StepRun, outcome: StepOutcome) -> Optional[dict[str, object]]:
        """The outputs by the way that is proved, or as a whole where the parameters do not allow it; None
        where the algorithm is to compute natively. The counts go to ``outcome``."""
        for one in dict.fromkeys((way, Way.WHOLE)):
            if one is Way.WHOLE and not run.store.up:
                break
            try:
                outputs = self._computed(one, run)
            except Cheap as why:
                outcome.reason = str(why)
                break
            except Uncached as why:
                outcome.reason = str(why)
                run.counts = StepCounts()
                continue
            except Cancelled:
                outputs = {}
            except (SinkRefused, Unwritable, MemoryError, StoreError, QgsProcessingException) as error:
                if run.wrote and isinstance(error, QgsProcessingException):
                    raise
                outcome.reason = tr("The outputs could not be kept: {why}").format(
                    why=str(error) or type(error).__name__
                )
                break
            outcome.way, outcome.reason = one, ""
            outcome.hits, outcome.misses = run.counts.hits, run.counts.misses
            outcome.spared_seconds = run.counts.spared_us / 1e6
            return outputs
        return None

    def _computed(self, way: Way, run: StepRun) -> dict[str, object]:
        name = self._algorithm.id()
        try:
            if way is Way.WHOLE:
                whole = Whole(run)
                outputs = whole.compute()
                self._ran_natively = whole.ran_natively
                return outputs
            if way is Way.GROUPS and name in groups.ALGORITHMS:
                return GroupWay(run).compute()
            if name in nearby.ALGORITHMS:
                return Nearby(run).compute()
            if way is Way.ROWS:
                return RowWay(run, table()[name].blind).compute()
        except (
            Uncached,
            Cancelled,
            SinkRefused,
            Unwritable,
            MemoryError,
            StoreError,
            QgsProcessingException,
        ):
            raise
        except Exception as error:  # a mistake of ours must not cost the user the result
            if run.wrote:
                raise
            log.warning(f"{name}: {error!r}")
            raise Uncached(repr(error)) from error
        raise Uncached(name)

    def _step_run(
        self, parameters: ParameterValues, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> StepRun:
        options = self._options
        server, failure = None, None
        if options.settings is not None:
            try:
                server = open_server(options.settings)
            except StoreError as error:
                failure = error.failure
        store = StepStore(Link(server, failure), options.namespace, options.ttl)
        return StepRun(
            self._algorithm,
            parameters,
            context,
            feedback,
            store,
            watch_of(feedback),
            self._inputs,
            self._expressions,
            options.parallel,
        )

    def _scopes(self, parameters: ParameterValues, context: QgsProcessingContext) -> QgsExpressionContext:
        """The scopes of expressions, without those of a layer, whose name and path are in no key."""
        own: QgsExpressionContext = self._algorithm.createExpressionContext(parameters, context)
        return QgsExpressionContext(own)


def ask_project(context: QgsProcessingContext) -> None:
    """Have the project make its variables, on the main thread: it does so when first asked, also by threads
    that read layers in memory."""
    if context.project() is not None:
        context.project().createExpressionContextScope()


def run(
    algorithm: QgsProcessingAlgorithm,
    parameters: Parameters,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    options: StepOptions,
) -> StepOutcome:
    """Prepare, run and finish a step, on the thread of ``context``. Raises QgsProcessingException where the
    algorithm itself fails."""
    step = StepEngine(algorithm, options)
    ask_project(context)
    if not step.prepare(parameters, context, feedback):
        raise QgsProcessingException(algorithm.id())
    outcome = step.run(parameters, context, feedback)
    outcome.outputs.update(step.post(context, feedback))
    return outcome
