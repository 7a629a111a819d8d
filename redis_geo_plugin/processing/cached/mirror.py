"""What mirrors share: the definition of another algorithm, where results are kept, and what a run did."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Optional

import qgis.utils
from qgis.core import (
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputDefinition,
    QgsProcessingOutputHtml,
    QgsProcessingOutputNumber,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterDefinition,
)
from qgis.PyQt.QtGui import QIcon

from ...bridge import documentation
from ...bridge.algorithm_values import Parameters, Results
from ...bridge.i18n import tr
from ...bridge.settings import STEPS_IN_BACKGROUND, kept
from ...bridge.steps import reports
from ...bridge.steps.mirrored import find
from ...bridge.steps.outcome import StepOptions
from ...bridge.steps.records import HITS, KEPT, MISSES, REPORT, RUN, SPARED, RunRecord, counts
from ...bridge.words import failures
from ...core.redis.settings import ConnectionSettings
from ..base import CONNECTION, RedisGeoAlgorithm
from ..parameters.store import NAMESPACE, TTL, StoreParameters

PAGE = "models"


@dataclass(frozen=True)
class Likeness:
    """What the toolbox shows of a mirrored algorithm. ``original`` is the id of the algorithm."""

    original: str
    name: str
    title: str
    group: str
    group_id: str
    flags: QgsProcessingAlgorithm.Flags

    @classmethod
    def of(cls, algorithm: QgsProcessingAlgorithm, name: str, hidden: bool) -> Likeness:
        """That of an algorithm; ``hidden`` from the toolbox."""
        flags = algorithm.flags() & ~QgsProcessingAlgorithm.Flag.FlagSupportsInPlaceEdits
        if hidden:
            flags |= QgsProcessingAlgorithm.Flag.FlagHideFromToolbox
        title = tr("{algorithm} (cached)").format(algorithm=algorithm.displayName())
        return cls(algorithm.id(), name, title, algorithm.group(), algorithm.groupId(), flags)

    def threaded(self, beside_the_window: bool) -> Likeness:
        """The same, which may run beside the window or has to run on its thread."""
        flag = QgsProcessingAlgorithm.Flag.FlagNoThreading
        return replace(self, flags=self.flags & ~flag if beside_the_window else self.flags | flag)


class Mirror(RedisGeoAlgorithm):
    """An algorithm with the parameters and outputs of another, and those of the cache."""

    GROUP = "cache"
    ICON = "cache"
    NEEDS_CONNECTION = False

    def __init__(self, likeness: Likeness):
        super().__init__()
        self.NAME = likeness.name  # type: ignore[misc]
        self.likeness = likeness
        self.original = likeness.original
        self.store = StoreParameters()
        self._taken: set[str] = set()  # parameters of ours that the original has itself
        self._theirs: set[str] = set()  # outputs of the original

    def createInstance(self) -> QgsProcessingAlgorithm:
        return type(self)(self.likeness)

    def find_original(self) -> QgsProcessingAlgorithm:
        """The algorithm that is mirrored. Raises QgsProcessingException where QGIS no longer has it."""
        found = find(self.original)
        if found is None:
            raise self.gone()
        return found

    def gone(self) -> QgsProcessingException:
        """What is raised where QGIS no longer has the original."""
        return QgsProcessingException(tr("{algorithm} is no longer there.").format(algorithm=self.original))

    # What the toolbox shows

    def displayName(self) -> str:
        return self.likeness.title

    def group(self) -> str:
        return self.likeness.group

    def groupId(self) -> str:
        return self.likeness.group_id

    def flags(self) -> QgsProcessingAlgorithm.Flags:
        return self.likeness.flags

    def supportInPlaceEdit(self, _layer: QgsMapLayer) -> bool:
        return False

    def tags(self) -> list[str]:
        return [*self.find_original().tags(), *tr("cache,redis,valkey").split(",")]

    def shortDescription(self) -> str:
        return str(self.find_original().shortDescription())

    def shortHelpString(self) -> str:
        return f"{self.find_original().shortHelpString()}\n\n{self.what_is_cached()}"

    def what_is_cached(self) -> str:
        """In words, what is kept of this algorithm."""
        raise NotImplementedError

    def helpUrl(self) -> str:
        return documentation.address(PAGE, f"redisgeocache:{self.likeness.name}")

    def icon(self) -> QIcon:
        return self.find_original().icon()

    def svgIconPath(self) -> str:
        return str(self.find_original().svgIconPath())

    def canExecute(self) -> tuple[bool, str]:
        found = find(self.original)
        return found.canExecute() if found is not None else (False, self.original)

    # Its definition

    def initAlgorithm(self, _configuration: Optional[Parameters] = None) -> None:
        original = find(self.original)
        if original is None:
            return  # QGIS cannot be told so here; ``canExecute`` does
        for definition in original.parameterDefinitions():
            self.addParameter(definition.clone())
        have = {output.name() for output in self.outputDefinitions()}
        for output in original.outputDefinitions():
            if output.name() not in have:
                self.addOutput(_copy_of(output))
        ours = (NAMESPACE, TTL, CONNECTION)
        self._taken = {name for name in ours if self.parameterDefinition(name) is not None}
        self.store.add(self)
        self.add_connection()
        self._theirs = {output.name() for output in self.outputDefinitions()}
        self._add_counts()

    def add(self, parameter: QgsProcessingParameterDefinition, help_text: str, offers: str = "") -> None:
        """Add a parameter of ours, unless the original has one of this name: then that is meant."""
        if parameter.name() not in self._taken:
            super().add(parameter, help_text, offers)

    def _add_counts(self) -> None:
        for name, text in (
            (HITS, tr("Read from the cache")),
            (MISSES, tr("Not in the cache")),
            (KEPT, tr("Steps that were read from the cache")),
            (RUN, tr("Steps in which something was computed")),
            (SPARED, tr("Seconds of computing spared")),
        ):
            if name not in self._theirs:
                self.addOutput(QgsProcessingOutputNumber(name, text))
        if REPORT not in self._theirs:  # as the layer of native:fixgeometryangle
            self.addOutput(QgsProcessingOutputHtml(REPORT, tr("What each step read and computed")))

    def beside(self, outputs: Results, ours: Results) -> Results:
        """The outputs of a run, and ours where the original has none of that name."""
        return {**outputs, **{name: value for name, value in ours.items() if name not in self._theirs}}

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        return self.find_original().checkParameterValues(self.own(parameters), context)

    def own(self, parameters: Parameters) -> Parameters:
        """The parameters that are the original's."""
        ours = {NAMESPACE, TTL, CONNECTION} - self._taken
        return {name: value for name, value in parameters.items() if name not in ours}

    # A run

    def options(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        settings: Optional[ConnectionSettings],
    ) -> StepOptions:
        """Where results are kept. Raises QgsProcessingException for a bad namespace."""
        ours = {name: value for name, value in parameters.items() if name not in self._taken}
        namespace, ttl = self.store.values(ours, context)
        return StepOptions(namespace, ttl, settings, parallel=_may_use_threads())

    def told(self, run: RunRecord, feedback: QgsProcessingFeedback) -> Results:
        """The outputs that say what a run did; its words go into the log."""
        for line in reports.lines(run):
            feedback.pushInfo(line)
        if run.failure is not None:
            feedback.pushWarning(
                tr("Not everything could be read from or stored in the cache. {why}").format(
                    why=failures.with_server_words(run.failure)
                )
            )
        return {**counts(run.totals()), REPORT: reports.write(run)}


def _copy_of(output: QgsProcessingOutputDefinition) -> QgsProcessingOutputDefinition:
    if isinstance(output, QgsProcessingOutputVectorLayer):
        return QgsProcessingOutputVectorLayer(output.name(), output.description(), output.dataType())
    return type(output)(output.name(), output.description())


def _may_use_threads() -> bool:
    """Whether threads may read layers in memory: not beside a window whose project may change, see
    ``provider``, unless the user has chosen so."""
    return qgis.utils.iface is None or kept(STEPS_IN_BACKGROUND, False)
