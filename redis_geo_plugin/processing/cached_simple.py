"""Further cached operations, drop-in for native algorithms: simplify, convex hull, dissolve, distance to the nearest."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterDistance,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
)

from ..bridge import cached, operations
from ..bridge.compat import field_names
from ..bridge.features import FrozenSource
from ..bridge.i18n import tr
from ..core.settings import ConnectionSettings
from .cached import CachedAlgorithm, feedback_of

INPUT, OUTPUT, TOLERANCE, FIELD, INPUT_2 = "INPUT", "OUTPUT", "TOLERANCE", "FIELD", "INPUT_2"


class _Simple(CachedAlgorithm):
    """What the four share. ``OPERATION`` names the operation of the registry."""

    OPERATION = ""

    def __init__(self) -> None:
        super().__init__()
        self.source: Optional[FrozenSource] = None
        self.other: Optional[FrozenSource] = None

    def displayName(self) -> str:
        return tr("{operation} (cached in Redis)").format(operation=operations.label(self.OPERATION))

    def shortDescription(self) -> str:
        return tr("Computed once for the whole organisation.")

    def shortHelpString(self) -> str:
        return tr(
            "{what}\n\nEach result is kept in Redis or Valkey: whoever asks for it again, on any machine, gets it at once. "
            "Z and M values are dropped. Without a connection everything is computed all the same, and nothing is stored."
        ).format(what=self.what())

    def what(self) -> str:
        """What the operation does, in a sentence or two."""
        raise NotImplementedError

    def tags(self) -> list[str]:
        return tr("cache,redis,valkey").split(",")

    def define(self) -> None:
        vector = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        self.add(
            QgsProcessingParameterFeatureSource(INPUT, tr("Input layer"), vector),
            tr("The layer to work on; only its selected features if you wish."),
        )
        self.define_own()
        self.add_store_parameters()
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, operations.label(self.OPERATION)))

    def define_own(self) -> None:
        """Add the operation's own parameters."""

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.source = self.freeze(parameters, INPUT, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> dict[str, Any]:
        store = self.store(parameters, context, settings)
        source, name = self.source, self.OPERATION
        fields = operations.result_fields(name, source.fields)
        kind = operations.result_type(name, source.wkb_type)
        sink, identifier = self.sink(parameters, OUTPUT, context, fields, kind, source.crs)
        operation = operations.make(name, cached.crs_name(source.crs))
        report = self.compute(operation, parameters, context, store, sink, feedback_of(feedback))
        del sink  # written to its file before the counts are told
        return {OUTPUT: identifier, **self.counts(report, feedback)}

    def compute(self, operation: Any, parameters: dict, context: Any, store: Any, sink: Any, feedback: Any) -> Any:
        """Run it and return the report."""
        return cached.each(self.source, cached.BufferRequest(operation, 0.0), store, sink, feedback)


class CachedSimplify(_Simple):
    """Parameter keys and results are those of native:simplifygeometries by distance."""

    OPERATION = operations.SIMPLIFY

    def name(self) -> str:
        return "cachedsimplify"

    def what(self) -> str:
        return tr("Removes vertices that lie closer than a tolerance to the simplified line (Douglas-Peucker).")

    def define_own(self) -> None:
        tolerance = QgsProcessingParameterDistance(TOLERANCE, tr("Tolerance"), 1.0, INPUT, minValue=0.0)
        self.add(tolerance, tr("How far the result may lie from the original, in the units of the layer."))

    def compute(self, operation: Any, parameters: dict, context: Any, store: Any, sink: Any, feedback: Any) -> Any:
        tolerance = self.parameterAsDouble(parameters, TOLERANCE, context)
        return cached.each(self.source, cached.BufferRequest(operation, tolerance), store, sink, feedback)


class CachedConvexHull(_Simple):
    """Parameter keys and results are those of native:convexhull, with its fields area and perimeter."""

    OPERATION = operations.CONVEX_HULL

    def name(self) -> str:
        return "cachedconvexhull"

    def what(self) -> str:
        return tr("Draws the smallest convex area around each feature, with its area and perimeter.")


class CachedDissolve(_Simple):
    """Parameter keys and results are those of native:dissolve."""

    OPERATION = operations.DISSOLVE

    def name(self) -> str:
        return "cacheddissolve"

    def what(self) -> str:
        return tr("Unites the features that have the same values in some fields, or all of them.")

    def define_own(self) -> None:
        field = QgsProcessingParameterField(
            FIELD, tr("Dissolve fields"), None, INPUT, allowMultiple=True, optional=True
        )
        self.add(field, tr("Features with equal values in these fields are united. Empty: all features."))

    def compute(self, operation: Any, parameters: dict, context: Any, store: Any, sink: Any, feedback: Any) -> Any:
        fields = field_names(self, parameters, FIELD, context)
        return cached.dissolve(self.source, fields, operation, store, sink, feedback)


class CachedNearest(_Simple):
    """The distance that native:joinbynearest finds, with the line that has this length."""

    OPERATION = operations.NEAREST

    def name(self) -> str:
        return "cachednearest"

    def what(self) -> str:
        return tr(
            "Draws from each feature the shortest line to the nearest feature of another layer, with its length in the "
            "field distance, in the units of the input layer's CRS."
        )

    def define_own(self) -> None:
        other = QgsProcessingParameterFeatureSource(
            INPUT_2, tr("Input layer 2"), [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        )
        self.add(other, tr("The layer whose nearest feature is sought. It may have another CRS."))

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.other = self.freeze(parameters, INPUT_2, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def compute(self, operation: Any, parameters: dict, context: Any, store: Any, sink: Any, feedback: Any) -> Any:
        transform = QgsCoordinateTransform(self.other.crs, self.source.crs, context.transformContext())
        other = operations.collection(self.other, transform)
        return cached.nearest(self.source, other, operation, store, sink, feedback)
