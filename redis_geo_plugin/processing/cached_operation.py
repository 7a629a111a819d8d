"""``redisgeo:cached<name>``: an operation on the features of a layer, a drop-in for its native algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import (
    QgsGeometry,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
)

from ..bridge.algorithm_values import Parameters
from ..bridge.cache import run
from ..bridge.i18n import tr
from ..bridge.operations import Needs, Offered
from .base import AlgorithmText
from .cache_algorithm import OUTPUT, CachedAlgorithm, cached_text
from .layer_algorithm import INPUT
from .native_twin import has_parameter
from .parameters.fields import GroupParameters, NumberParameters, add_method

if TYPE_CHECKING:
    from ..core.cache.report import RunReport

SEPARATE_DISJOINT = "SEPARATE_DISJOINT"


class CachedOperation(CachedAlgorithm):
    """An operation that needs, beside a layer, at most a number or fields to group by.

    It has the parameter keys of its native twin and gives the same results.
    """

    def __init__(self, offered: Offered):
        super().__init__()
        self.offered = offered
        # Of each algorithm and not of the class: QGIS asks the instance.
        self.NAME = f"cached{offered.name}"  # type: ignore[misc]
        self.NATIVE = offered.native  # type: ignore[misc]
        self.ICON = offered.icon  # type: ignore[misc]
        self.groups = GroupParameters()
        self.number = NumberParameters(offered.number, INPUT) if offered.number is not None else None

    def createInstance(self) -> CachedOperation:
        return CachedOperation(self.offered)

    def text(self) -> AlgorithmText:
        return cached_text(self.offered)

    def define(self) -> None:
        """Add the parameters and outputs."""
        offered = self.offered
        vector = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        self.add(
            QgsProcessingParameterFeatureSource(INPUT, tr("Input layer"), vector),
            tr("The layer to work on; only its selected features if you wish."),
        )
        if offered.method is not None:
            add_method(self, offered.method)
        if self.number is not None:
            self.number.add(self, self.number.number.help())
        if offered.needs is Needs.GROUPS:
            text = tr("Features with equal values in these fields are united. Empty: all features.")
            self.groups.add(self, INPUT, text)
        if self._can_separate():
            separate = QgsProcessingParameterBoolean(
                SEPARATE_DISJOINT, tr("Keep disjoint features separate"), False, optional=True
            )
            text = tr("Parts that do not touch become features of their own.")
            self.add_advanced(separate, text)
        self.add_store()
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, offered.label()))

    def _can_separate(self) -> bool:
        """Whether this QGIS's native algorithm can keep disjoint features separate."""
        return self.offered.disjoint and has_parameter(self.NATIVE, SEPARATE_DISJOINT)

    def prepare_layers(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Read what else is needed from the layers, on the main thread."""
        if self.offered.checks_validity:
            self.check_validity(self.source, parameters[INPUT], context, feedback)
        if self.number is not None:
            self.number.prepare(self, parameters, context)

    def compute(
        self, parameters: Parameters, context: QgsProcessingContext, store: run.Store, told: run.Feedback
    ) -> tuple[str, RunReport]:
        """Compute the output with the cache. Return its identifier, and the report of what was found and
        computed."""
        source, offered = self.source, self.offered
        fields, kind = offered.result_fields(source.fields), offered.result_type(source.wkb_type)
        separate = self._can_separate() and self.parameterAsBool(parameters, SEPARATE_DISJOINT, context)
        by = self.groups.read(self, parameters, context) if offered.needs is Needs.GROUPS else None
        request, method = self._request(parameters, context)
        if not separate and method is None:
            handed = self.native_instead(parameters, context, store, told, request, by)
            if handed is not None:
                return handed
        # native numbers groups anew since it can separate them; before, each has the id of its first
        new_ids = by is not None and self._can_separate()
        sink, identifier = self.sink(parameters, OUTPUT, context, fields, kind, source.crs, new_ids=new_ids)
        if by is not None:
            return identifier, run.dissolve(source, by, request.operation, store, sink, told, separate)
        if method is None:
            report = run.each(source, request, store, sink, told)
        else:
            report = run.by_qgis(source, request, method, sink, told)
        if self.number is not None:
            self.number.tell(told.warning, self.NATIVE)
        return identifier, report

    def _request(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> tuple[run.BufferRequest, Optional[Callable[[QgsGeometry, float], QgsGeometry]]]:
        """The operation with its number, and the method of QGIS's own that was chosen instead; None for the
        operation itself."""
        method = self.offered.method
        request = run.BufferRequest(self.offered.make(run.crs_name(self.source.crs)), 0.0)
        if self.number is not None:
            request = self.number.read(request.operation, parameters, context)
        chosen = self.parameterAsEnum(parameters, method.key, context) if method is not None else 0
        return request, method.by_qgis(chosen) if method is not None and chosen else None
