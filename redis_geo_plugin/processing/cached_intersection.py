"""``redisgeo:cachedintersection``: native:intersection, with what was computed before read from Redis."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsFields,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterString,
    QgsProcessingUtils,
)

from ..bridge import cached
from ..bridge.compat import field_names
from ..bridge.features import FrozenSource, multi_type
from ..bridge.i18n import tr
from ..core.settings import ConnectionSettings
from .cached import CachedAlgorithm, feedback_of

INPUT, OVERLAY, OUTPUT = "INPUT", "OVERLAY", "OUTPUT"
INPUT_FIELDS, OVERLAY_FIELDS, OVERLAY_FIELDS_PREFIX = "INPUT_FIELDS", "OVERLAY_FIELDS", "OVERLAY_FIELDS_PREFIX"


class CachedIntersection(CachedAlgorithm):
    """Parameter keys and results are those of native:intersection."""

    def __init__(self) -> None:
        super().__init__()
        self.source: Optional[FrozenSource] = None
        self.overlay: Optional[FrozenSource] = None

    def name(self) -> str:
        return "cachedintersection"

    def displayName(self) -> str:
        return tr("Intersection (cached in Redis)")

    def tags(self) -> list[str]:
        return tr("intersection,overlay,clip,cache,redis,valkey").split(",")

    def shortDescription(self) -> str:
        return tr("An intersection of two layers that is computed once for the whole organisation.")

    def shortHelpString(self) -> str:
        return tr(
            "Takes from every feature of the input the parts that lie within the features of the overlay, with the "
            "attributes of both, as the native intersection does. Each pair's result is kept in Redis or Valkey: whoever "
            "asks for it again, on any machine, gets it at once.\n\n"
            "HITS and MISSES count pairs whose rectangles overlap, also those that turn out to share nothing. Z and M "
            "values are dropped. Invalid geometries are refused as set in QGIS's Processing options."
        )

    def define(self) -> None:
        vector = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        self.add(QgsProcessingParameterFeatureSource(INPUT, tr("Input layer"), vector), tr("The layer that is cut."))
        self.add(
            QgsProcessingParameterFeatureSource(OVERLAY, tr("Overlay layer"), vector),
            tr("The layer it is cut with. It may have another CRS."),
        )
        for name, parent, text in (
            (INPUT_FIELDS, INPUT, tr("Input fields to keep (leave empty to keep all fields)")),
            (OVERLAY_FIELDS, OVERLAY, tr("Overlay fields to keep (leave empty to keep all fields)")),
        ):
            field = QgsProcessingParameterField(name, text, None, parent, allowMultiple=True, optional=True)
            self.add_advanced(field, tr("Attributes that the result carries."))
        prefix = QgsProcessingParameterString(
            OVERLAY_FIELDS_PREFIX, tr("Overlay fields prefix"), None, False, optional=True
        )
        self.add_advanced(prefix, tr("Put before the names of the overlay's attributes."))
        self.add_store_parameters()
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, tr("Intersection")))

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.source = self.freeze(parameters, INPUT, context)
        self.overlay = self.freeze(parameters, OVERLAY, context)
        self.check_validity(self.source, parameters[INPUT], context, feedback)
        self.check_validity(self.overlay, parameters[OVERLAY], context, feedback)
        return super().prepareAlgorithm(parameters, context, feedback)

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> dict[str, Any]:
        from ..core.operations.intersection import Intersection

        store = self.store(parameters, context, settings)
        source, overlay = self.source, self.overlay
        chosen = self._fields(parameters, context)
        sink, identifier = self.sink(
            parameters, OUTPUT, context, chosen.fields, multi_type(source.wkb_type), source.crs
        )
        transform = QgsCoordinateTransform(overlay.crs, source.crs, context.transformContext())
        operation = Intersection(crs=cached.crs_name(source.crs))
        told = feedback_of(feedback)
        report = cached.intersection(source, overlay, chosen, transform, operation, store, sink, told)
        del sink  # written to its file before the counts are told
        return {OUTPUT: identifier, **self.counts(report, feedback)}

    def all_fields(self) -> cached.IntersectionFields:
        """Every field of both layers."""
        own, others = _indices(self.source.fields, []), _indices(self.overlay.fields, [])
        fields = QgsProcessingUtils.combineFields(self.source.fields, self.overlay.fields)
        return cached.IntersectionFields(fields, own, others)

    def _fields(self, parameters: dict[str, Any], context: QgsProcessingContext) -> cached.IntersectionFields:
        own = _indices(self.source.fields, field_names(self, parameters, INPUT_FIELDS, context))
        others = _indices(self.overlay.fields, field_names(self, parameters, OVERLAY_FIELDS, context))
        prefix = self.parameterAsString(parameters, OVERLAY_FIELDS_PREFIX, context)
        fields = QgsProcessingUtils.combineFields(
            _subset(self.source.fields, own), _subset(self.overlay.fields, others), prefix
        )
        return cached.IntersectionFields(fields, own, others)


def _indices(fields: QgsFields, names: list[str]) -> list[int]:
    if not names:
        return list(range(fields.count()))
    return [index for index in (fields.lookupField(name) for name in names) if index >= 0]


def _subset(fields: QgsFields, indices: list[int]) -> QgsFields:
    result = QgsFields()
    for index in indices:
        result.append(fields.at(index))
    return result
