"""``redisgeo:cachedbuffer``: native:buffer that reads from Redis what anyone on the team has computed
before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsWkbTypes,
)

from ..bridge.algorithm_values import Parameters
from ..bridge.cache import run
from ..bridge.i18n import tr
from .base import AlgorithmText
from .cache_algorithm import OUTPUT, CachedAlgorithm
from .layer_algorithm import INPUT
from .parameters.buffer import BufferParameters

if TYPE_CHECKING:
    from ..core.cache.report import RunReport

DISSOLVE, SEPARATE_DISJOINT = "DISSOLVE", "SEPARATE_DISJOINT"

_MULTI_POLYGON = QgsWkbTypes.Type.MultiPolygon


class CachedBuffer(CachedAlgorithm):
    """Has the parameter keys of native:buffer and gives the same results."""

    NAME = "cachedbuffer"
    ICON = "buffer_selected"
    NATIVE = "native:buffer"

    def __init__(self) -> None:
        super().__init__()
        self.buffer = BufferParameters(INPUT)

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Buffer (cached in Redis)"),
            tags=tr("cache,redis,valkey,geodesic,metres"),
            summary=tr("A buffer that is computed once for the whole organisation."),
            help=tr(
                "Computes a buffer around every feature, as the native buffer does, and keeps each result "
                "in Redis or Valkey. Whoever asks for the same buffer again, on any machine, gets it at "
                "once.\n\nA result is found again by everything it depends on: the geometry, the distance, "
                "the styles and the CRS. Features that are quicker to compute than to fetch, such as many "
                "thousand points, are computed on the spot.\n\nZ and M values are dropped, and curves are "
                "split into segments. Without a connection the buffers are computed all the same, and "
                "nothing is stored."
            ),
        )

    def sourceFlags(self) -> QgsProcessingFeatureSource.Flag:
        return QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks

    def inputLayerTypes(self) -> list[QgsProcessing.SourceType]:
        return [QgsProcessing.SourceType.TypeVectorAnyGeometry]

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add(
            QgsProcessingParameterFeatureSource(INPUT, tr("Input layer"), self.inputLayerTypes()),
            tr("The layer whose features are buffered; only its selected features if you wish."),
        )
        self.buffer.add(self)
        self.add(
            QgsProcessingParameterBoolean(DISSOLVE, tr("Dissolve result"), False),
            tr("Unite all buffers in one feature. The united shape is cached too."),
        )
        self.add_advanced(
            QgsProcessingParameterBoolean(
                SEPARATE_DISJOINT, tr("Keep disjoint results separate"), False, optional=True
            ),
            tr("One feature for each part of a result that touches no other."),
        )
        self.buffer.add_geodesic(self)
        self.add_store()
        self.addParameter(
            QgsProcessingParameterFeatureSink(
                OUTPUT, tr("Buffered"), QgsProcessing.SourceType.TypeVectorPolygon
            )
        )

    def prepare_layers(
        self, parameters: Parameters, context: QgsProcessingContext, _feedback: QgsProcessingFeedback
    ) -> None:
        """Read what else is needed from the layers, on the main thread."""
        self.buffer.prepare(self, parameters, context)

    def compute(
        self, parameters: Parameters, context: QgsProcessingContext, store: run.Store, told: run.Feedback
    ) -> tuple[str, RunReport]:
        """Compute the output with the cache. Return its identifier, and the report of what was found and
        computed."""
        source = self.source
        request = self.buffer.read(source, parameters, context)
        request.dissolve = self.parameterAsBool(parameters, DISSOLVE, context)
        request.separate_disjoint = self.parameterAsBool(parameters, SEPARATE_DISJOINT, context)
        if not (request.dissolve or request.separate_disjoint or request.operation.geodesic):
            handed = self.native_instead(parameters, context, store, told, request)
            if handed is not None:
                return handed
        parts = request.separate_disjoint  # each with the attributes of the first feature, or of its own
        sink, identifier = self.sink(
            parameters, OUTPUT, context, source.fields, _MULTI_POLYGON, source.crs, new_ids=parts
        )
        report = run.buffer(source, request, store, sink, told)
        self.buffer.tell(told.warning)
        return identifier, report
