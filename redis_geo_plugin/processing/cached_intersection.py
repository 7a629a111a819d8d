"""``redisgeo:cachedintersection``: native:intersection that reads from Redis what was computed before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsWkbTypes,
)

from ..bridge.algorithm_values import Parameters
from ..bridge.cache import pairs, run
from ..bridge.i18n import tr
from .base import AlgorithmText
from .cache_algorithm import OUTPUT, CachedAlgorithm
from .layer_algorithm import INPUT
from .native_twin import has_parameter
from .parameters.overlay import ChosenFields, OverlayParameters

if TYPE_CHECKING:
    from ..core.cache.report import RunReport

OVERLAY, GRID_SIZE = "OVERLAY", "GRID_SIZE"


class CachedIntersection(CachedAlgorithm):
    """Has the parameter keys of native:intersection and gives the same results."""

    NAME = "cachedintersection"
    NATIVE = "native:intersection"

    def __init__(self) -> None:
        super().__init__()
        self.overlay = OverlayParameters(OVERLAY)
        self.fields = ChosenFields()

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Intersection (cached in Redis)"),
            tags=tr("cache,redis,valkey"),
            summary=tr("An intersection of two layers that is computed once for the whole organisation."),
            help=tr(
                "Takes from every feature of the input the parts that lie within the features of the "
                "overlay, with the attributes of both, as the native intersection does. Each pair's result "
                "is kept in Redis or Valkey: whoever asks for it again, on any machine, gets it at "
                "once.\n\nHITS and MISSES count pairs whose rectangles overlap, also those that turn out "
                "to share nothing. Invalid geometries are refused as set in QGIS's Processing options."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        vector = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        self.add(
            QgsProcessingParameterFeatureSource(INPUT, tr("Input layer"), vector),
            tr("The layer that is cut."),
        )
        self.overlay.add(self, tr("Overlay layer"), tr("The layer it is cut with. It may have another CRS."))
        self.fields.add(self, INPUT, OVERLAY)
        if self._has_grid():
            number = QgsProcessingParameterNumber.Type.Double
            grid = QgsProcessingParameterNumber(GRID_SIZE, tr("Grid size"), number, None, True, 0)
            self.add_advanced(grid, tr("The results are snapped to a grid of this size. Empty: to none."))
        self.add_store()
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, tr("Intersection")))

    def _has_grid(self) -> bool:
        """Return whether native:intersection of this QGIS has a grid size."""
        return has_parameter(self.NATIVE, GRID_SIZE)

    def prepare_layers(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Read what else is needed from the layers, on the main thread."""
        self.overlay.prepare(self, parameters, context)
        self.check_validity(self.source, parameters[INPUT], context, feedback)
        self.check_validity(self.overlay.required_layer(), parameters[OVERLAY], context, feedback)

    def compute(
        self, parameters: Parameters, context: QgsProcessingContext, store: run.Store, told: run.Feedback
    ) -> tuple[str, RunReport]:
        """Compute the output with the cache. Return its identifier, and the report of what was found and
        computed."""
        from ..core.operations.intersection import Intersection

        source, overlay = self.source, self.overlay.required_layer()
        chosen = self.fields.read(self, (source, overlay), parameters, context)
        kind = QgsWkbTypes.multiType(source.wkb_type)
        sink, identifier = self.sink(
            parameters, OUTPUT, context, chosen.fields, kind, source.crs, new_ids=True
        )
        transform = self.overlay.transform(source, context)
        grid = self.parameterAsDouble(parameters, GRID_SIZE, context) if self._has_grid() else 0.0
        operation = Intersection(crs=run.crs_name(source.crs), grid=max(0.0, grid))
        report = pairs.intersection(source, overlay, chosen, transform, operation, store, sink, told)
        return identifier, report
