"""Runs a planned model as QGIS runs a model, each step by the engine.

QGIS's own run makes the algorithms of all steps in its thread, again and again, and QGIS 3.22 does not stand
that where they are implemented in Python. Here a step is made once. The main thread makes it, prepares it and
finishes it, since that asks the registry, the project and its layers; it has the layers of the run meanwhile.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any, Callable, Optional, TypeVar

from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
    QgsProcessingOutputConditionalBranch,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingOutputMapLayer,
    QgsProcessingOutputRasterLayer,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterDefinition,
    QgsProcessingUtils,
)
from qgis.PyQt.QtCore import QCoreApplication, QThread

from .. import compat, main_thread
from ..compat import ParameterSource
from ..i18n import native_tr, tr
from ..tasks import watch_of
from .canonical import ParameterValues
from .engine import StepEngine, ask_project
from .mirrored import find
from .model_plan import ModelPlan, PlannedStep
from .outcome import StepOptions, StepOutcome
from .records import HITS, KEPT, MISSES, REPORT, RUN, SEPARATOR, SPARED, RunRecord, counts
from .step_run import is_compiled

_LAYERS = (QgsProcessingOutputVectorLayer, QgsProcessingOutputRasterLayer, QgsProcessingOutputMapLayer)
_FLAGS = QgsProcessingAlgorithm.Flag
_VERBOSE = QgsProcessingContext.LogLevel.Verbose
_OPTIONAL = QgsProcessingParameterDefinition.Flag.FlagOptional
_NATIVE = StepOptions(parallel=False)
_Answer = TypeVar("_Answer")


class _MadeStep:
    """A step that is under way, made on the main thread: its engine, its parameters, and what its algorithm
    is asked only there."""

    def __init__(self, algorithm: QgsProcessingAlgorithm, engine: Optional[StepEngine]):
        self.engine = engine  # None where the step is a model that is run here
        self.parameters: ParameterValues = {}
        self.in_words = ""
        self.in_python = engine is not None and not is_compiled(algorithm)
        flags, outputs = algorithm.flags(), algorithm.outputDefinitions()
        self.only_there = bool(flags & _FLAGS.FlagNoThreading)
        self.quiet = bool(flags & _FLAGS.FlagSkipGenericModelLogging)
        self.own_words = bool(flags & _FLAGS.FlagCustomException)
        self.prunes = bool(flags & _FLAGS.FlagPruneModelBranchesBasedOnAlgorithmResults)
        self.layers = [one.name() for one in outputs if isinstance(one, _LAYERS)]
        self.branches = [
            one.name() for one in outputs if isinstance(one, QgsProcessingOutputConditionalBranch)
        ]

    @property
    def asked(self) -> StepEngine:
        """The engine of a step that is no model and not released."""
        assert self.engine is not None
        return self.engine

    def release(self) -> None:
        """Delete the algorithm. What is implemented in Python is deleted on the main thread."""
        self.engine = None


class _NotReady(QgsProcessingException):  # type: ignore[misc]
    """A step refused to be prepared, and has said why."""

    def __init__(self) -> None:
        super().__init__("")


class PlanRun:
    """One run of a plan, by the thread of ``context``."""

    def __init__(
        self,
        plan: ModelPlan,
        record: RunRecord,
        parameters: ParameterValues,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ):
        self._plan, self._record = plan, record
        self._parameters, self._context, self._feedback = parameters, context, feedback
        self._verbose = context.logLevel() == _VERBOSE
        self._steps = QgsProcessingMultiStepFeedback(max(1, len(plan.steps)), feedback)
        self._watch, self._base = watch_of(feedback), QgsExpressionContext()
        self._results: dict[str, ParameterValues] = {}  # of the steps, by their ids
        self._inputs: ParameterValues = {}
        self._ended: set[str] = set()  # also those that are left out
        self._output_group = ""
        self._order: list[str] = []

    def run(self) -> ParameterValues:
        """Compute the outputs of the model. Where the user cancels they are those of the steps that have
        ended.

        Raises:
            Cancelled: while it waited for the main thread.
            QgsProcessingException: a step failed, or the algorithm of one is not there.
        """
        if self._plan.missing:
            raise QgsProcessingException(_not_available(self._plan.missing))
        self._there(self._begin)
        outputs: ParameterValues = {}
        for step in self._ready():
            self._run(step)
            found = self._results[step.child_id]
            outputs.update({one.key: found.get(one.of_step) for one in step.outputs})
        return {**outputs, "CHILD_RESULTS": self._results, "CHILD_INPUTS": self._inputs}

    def _begin(self) -> None:
        """Ask the model what concerns all steps."""
        model = self._plan.model
        self._base = model.createExpressionContext(self._parameters, self._context)
        said = model.toVariant()  # in its words, as it has no method that tells the order
        group, order = said.get("outputGroup"), said.get("outputOrder")
        self._output_group = group if isinstance(group, str) else ""  # NULL where none was ever given
        self._order = list(order) if isinstance(order, list) else []

    def _there(self, work: Callable[[], _Answer]) -> _Answer:
        """Have the main thread do it, which has the layers of the context meanwhile. Raises Cancelled."""
        if main_thread.is_here():
            return work()
        layers = self._context.temporaryLayerStore()

        def with_layers() -> _Answer:
            layers.moveToThread(QThread.currentThread())
            try:
                return work()
            finally:
                layers.moveToThread(None)

        layers.moveToThread(None)  # of no thread, so that either can take them, also where it is cancelled
        try:
            return main_thread.do(with_layers, self._watch)
        finally:
            layers.moveToThread(QThread.currentThread())

    def _ready(self) -> Iterator[PlannedStep]:
        """One step after the other that may be run."""
        while not self._feedback.isCanceled():
            left = (one for one in self._plan.steps if one.child_id not in self._ended)
            step = next((one for one in left if one.after <= self._ended), None)
            if step is None:
                return
            yield step

    def _run(self, step: PlannedStep) -> None:
        started = time.perf_counter()
        made = self._there(lambda: self._made(step))
        failure: Optional[str] = None
        results: ParameterValues = {}
        try:
            self._announce(step, made)
            self._record.begin(step.path)
            results = self._computed(step, made) if step.below is None else self._nested(step, made)
        except QgsProcessingException as error:
            failure = self._why(step, made, error)
        finally:
            if made.in_python:
                main_thread.later(made.release)
        if failure is not None:
            raise QgsProcessingException(failure)
        self._load_layers(made, results)
        self._group(step, results)
        self._results[step.child_id] = results
        self._ended.add(step.child_id)
        self._prune(step, made, results)
        self._steps.setCurrentStep(len(self._ended))
        if self._tells(made):
            took = f"{time.perf_counter() - started:.2f}"
            self._feedback.pushInfo(native_tr("Execution completed in %1 s").replace("%1", took))

    def _why(self, step: PlannedStep, made: _MadeStep, failure: QgsProcessingException) -> str:
        """What QGIS says of a step that failed: since 3.34 with the reason, which was reported before."""
        words, why = native_tr("Error encountered while running %1"), str(failure)
        if not isinstance(failure, _NotReady):
            if compat.MODELS_SAY_WHY:
                if made.own_words:
                    return why
                words = native_tr("Error encountered while running %1: %2")
            else:
                self._steps.reportError(why)
        return "" if made.own_words else _filled(words, step.description, why)

    def _made(self, step: PlannedStep) -> _MadeStep:
        """Make a step, on the main thread. Raises QgsProcessingException."""
        original, context = find(step.algorithm), self._context
        if original is None:
            raise QgsProcessingException(
                tr("{algorithm} is no longer there.").format(algorithm=step.algorithm)
            )
        engine = None
        if step.below is None:
            options = self._record.options if step.cached else _NATIVE
            engine = StepEngine(original, options, step.configuration)
        algorithm = engine.algorithm if engine is not None else original
        made = _MadeStep(algorithm, engine)
        ask_project(context)
        scopes = QgsExpressionContext(self._base)
        scopes.appendScope(
            QgsExpressionContextUtils.processingAlgorithmScope(algorithm, self._parameters, context)
        )
        scopes.appendScope(
            self._plan.model.createExpressionContextScopeForChildAlgorithm(
                step.child_id, context, self._parameters, self._results
            )
        )
        context.setExpressionContext(scopes)
        made.parameters = self._given(step, algorithm, scopes)
        if self._tells(made):
            made.in_words = _in_words(made.parameters, algorithm, context)
        return made

    def _tells(self, made: _MadeStep) -> bool:
        """Whether the log tells of each step, as QGIS does where its user asked for all details."""
        return self._verbose and not made.quiet

    def _announce(self, step: PlannedStep, made: _MadeStep) -> None:
        feedback, name = self._feedback, step.child_id
        plain = getattr(QgsProcessingUtils, "removePointerValuesFromMap", dict)
        self._inputs[name] = plain(made.parameters)
        if not self._tells(made):
            return
        text = native_tr("Running %1 [%2/%3]").replace("%1", step.description)
        of = str(len(self._plan.steps))
        feedback.setProgressText(text.replace("%2", str(len(self._ended) + 1)).replace("%3", of))
        feedback.pushInfo(native_tr("Input Parameters:"))
        feedback.pushCommandInfo(f"{{ {made.in_words} }}")

    def _computed(self, step: PlannedStep, made: _MadeStep) -> ParameterValues:
        """Run a step by its engine. Raises QgsProcessingException."""
        context, feedback = self._context, self._steps

        # the engine is only named in these, so that no thread but the main one is the last to have it
        def prepare() -> bool:
            return made.asked.prepare(made.parameters, context, feedback)

        def run() -> StepOutcome:
            return made.asked.run(made.parameters, context, feedback)

        def finish() -> ParameterValues:
            return made.asked.post(context, feedback)

        if not self._there(prepare):
            raise _NotReady  # it has said why
        outcome = self._there(run) if made.only_there else run()
        done = self._record.end(step.path, outcome)
        more = self._there(finish)
        ours: ParameterValues = {HITS: outcome.hits, MISSES: outcome.misses, SPARED: outcome.spared_seconds}
        ours |= {KEPT: int(done.kept), RUN: int(not done.kept), REPORT: ""}
        return {**ours, **outcome.outputs, **more}

    def _nested(self, step: PlannedStep, made: _MadeStep) -> ParameterValues:
        """Run the model that a step is. Raises QgsProcessingException."""
        assert step.below is not None
        inner = PlanRun(step.below, self._record, made.parameters, self._context, self._steps)
        outputs = inner.run()
        self._record.end_model(step.path)
        return {**counts(self._record.totals(step.path + SEPARATOR)), REPORT: "", **outputs}

    def _load_layers(self, made: _MadeStep, results: ParameterValues) -> None:
        """Load the layers of a step in this thread, whose context keeps them, before the main thread looks
        for them."""
        for name in made.layers:
            if isinstance(results.get(name), str):
                QgsProcessingUtils.mapLayerFromString(results[name], self._context)

    def _group(self, step: PlannedStep, results: ParameterValues) -> None:
        """Have the outputs of the model loaded into its group and in its order, which QGIS 3.32 and newer
        know."""
        if not self._output_group and not self._order:
            return
        for output in step.outputs:
            layer = results.get(output.of_step)
            if not isinstance(layer, str) or not self._context.willLoadLayerOnCompletion(layer):
                continue
            details = self._context.layerToLoadOnCompletionDetails(layer)
            details.groupName = self._output_group
            key = f"{step.child_id}:{output.of_step}"
            if key in self._order[1:]:  # the first is what an output has by itself
                details.layerSortKey = self._order.index(key)

    # What a step is given

    def _given(
        self, step: PlannedStep, algorithm: QgsProcessingAlgorithm, scopes: QgsExpressionContext
    ) -> ParameterValues:
        """The parameters of a step. Raises QgsProcessingException."""
        given: ParameterValues = {}
        for one in algorithm.parameterDefinitions():
            name = one.name()
            if not one.isDestination():
                if name in step.sources:
                    given[name] = self._value(step, name, scopes)
                continue
            output = next((output for output in step.outputs if output.of_step == name), None)
            if output is not None:
                for key in (f"{step.child_id}:{output.name}", output.key):
                    if key in self._parameters:
                        given[name] = _called(self._parameters[key], output.name)
                        break
                continue
            own = self._value(step, name, scopes) if name in step.sources else None
            if own is not None:
                given[name] = own
            elif not one.flags() & _OPTIONAL or self._is_taken(step.child_id, name):
                given[name] = _temporary(one, self._context)
        return given

    def _value(self, step: PlannedStep, name: str, scopes: QgsExpressionContext) -> Any:
        """The value of a parameter. Raises QgsProcessingException for an expression that fails."""
        text, parts = "", []
        for source in step.sources[name]:
            kind = source.source()
            if kind == ParameterSource.StaticValue:
                parts.append(source.staticValue())
            elif kind == ParameterSource.ModelParameter:
                parts.append(self._parameters.get(source.parameterName()))
            elif kind == ParameterSource.ChildOutput:
                parts.append(self._results.get(source.outputChildId(), {}).get(source.outputName()))
            elif kind == ParameterSource.Expression:
                parts.append(_evaluated(source.expression(), name, step.description, scopes))
            elif kind == ParameterSource.ExpressionText:
                text = QgsExpression.replaceExpressionText(source.expressionText(), scopes)
        return text or (parts[0] if len(parts) == 1 else parts)

    def _is_taken(self, child_id: str, output: str) -> bool:
        """Whether another step takes this output."""
        return any(
            source.source() == ParameterSource.ChildOutput
            and (source.outputChildId(), source.outputName()) == (child_id, output)
            for other in self._plan.steps
            if other.child_id != child_id
            for sources in other.sources.values()
            for source in sources
        )

    # What is left out

    def _prune(self, step: PlannedStep, made: _MadeStep, results: ParameterValues) -> None:
        """Leave out the branches that are not taken."""
        for branch in made.branches:
            if not results.get(branch):
                self._leave_out(step.child_id, branch)
        if not made.prunes:
            return
        for other in self._plan.steps:
            if other.child_id not in self._ended and _lacks(other, step.child_id, results):
                self._ended.add(other.child_id)
                self._leave_out(other.child_id, "")

    def _leave_out(self, child_id: str, branch: str) -> None:
        """Leave out the steps that depend on this one, by this branch or ("") at all."""
        model = self._plan.model
        for one in self._there(lambda: model.dependentChildAlgorithms(child_id, branch)):
            if one not in self._ended:
                self._ended.add(one)
                self._leave_out(one, branch)


def _lacks(step: PlannedStep, child_id: str, results: ParameterValues) -> bool:
    """Whether a step takes an output of another that this has not given."""
    return any(
        source.source() == ParameterSource.ChildOutput
        and source.outputChildId() == child_id
        and source.outputName() not in results
        for sources in step.sources.values()
        for source in sources
    )


def _filled(words: str, *values: str) -> str:
    """A text of QGIS with these in the places of %1 and so on, whatever they hold themselves."""
    return re.sub(r"%([1-9])", lambda place: values[int(place[1]) - 1], words)


def _evaluated(text: str, parameter: str, step: str, scopes: QgsExpressionContext) -> Any:
    """The value of an expression. Raises QgsProcessingException where it has none."""
    expression = QgsExpression(text)
    value = expression.evaluate(scopes)
    if expression.hasParserError() or expression.hasEvalError():
        why = expression.parserErrorString() or expression.evalErrorString()
        words = native_tr("Could not evaluate expression for parameter %1 for %2: %3")
        raise QgsProcessingException(_filled(words, parameter, step, why))
    return value


def _not_available(missing: list[str]) -> str:
    """What QGIS says of a model whose steps have no algorithm here, as it translates it."""
    words = "Cannot run model, the following algorithms are not available on this system: %1"
    said = QCoreApplication.translate("QgsProcessingModelAlgorithm", words)
    return said.replace("%1", ", ".join(missing))


def _called(value: Any, name: str) -> Any:
    """An output of the model, with the name of its layer."""
    if not isinstance(value, QgsProcessingOutputLayerDefinition):
        return value
    named = QgsProcessingOutputLayerDefinition(value)
    named.destinationName = name
    return named


def _temporary(definition: Any, context: QgsProcessingContext) -> str:
    try:
        return str(definition.generateTemporaryDestination(context))
    except TypeError:  # before QGIS 3.32
        return str(definition.generateTemporaryDestination())


def _in_words(
    given: ParameterValues, algorithm: QgsProcessingAlgorithm, context: QgsProcessingContext
) -> str:
    """Parameters for the log, as QGIS writes them."""
    return ", ".join(
        f"{name}: {algorithm.parameterDefinition(name).valueAsPythonString(value, context)}"
        for name, value in given.items()
    )
