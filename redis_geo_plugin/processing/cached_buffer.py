"""``redisgeo:cachedbuffer``: native:buffer, with what anyone on the team has computed before read from Redis."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsWkbTypes,
)

from ..bridge import cached
from ..bridge.i18n import tr
from ..core.settings import ConnectionSettings
from .buffer_parameters import BufferingAlgorithm
from .cached import feedback_of

DISSOLVE, SEPARATE_DISJOINT, OUTPUT = "DISSOLVE", "SEPARATE_DISJOINT", "OUTPUT"

_MULTI_POLYGON = QgsWkbTypes.Type.MultiPolygon


class CachedBuffer(BufferingAlgorithm):
    """Parameter keys and results are those of native:buffer."""

    ICON = "buffer_selected"

    def name(self) -> str:
        return "cachedbuffer"

    def displayName(self) -> str:
        return tr("Buffer (cached in Redis)")

    def tags(self) -> list[str]:
        return tr("buffer,grow,cache,redis,valkey,distance,geodesic").split(",")

    def shortDescription(self) -> str:
        return tr("A buffer that is computed once for the whole organisation.")

    def shortHelpString(self) -> str:
        return tr(
            "Computes a buffer around every feature, as the native buffer does, and keeps each result in Redis or Valkey. "
            "Whoever asks for the same buffer again, on any machine, gets it at once.\n\n"
            "A result is found again by everything it depends on: the geometry, the distance, the styles and the CRS. "
            "Features that are quicker to compute than to fetch, such as many thousand points, are computed on the "
            "spot.\n\n"
            "Z and M values are dropped, and curves are split into segments. Without a connection the buffers are "
            "computed all the same, and nothing is stored."
        )

    def inputLayerTypes(self) -> list:
        return [QgsProcessing.SourceType.TypeVectorAnyGeometry]

    def define(self) -> None:
        self.add_input(tr("The layer whose features are buffered; only its selected features if you wish."))
        self.add(
            self.distance_parameter(),
            tr("The distance in the units of the layer, or in metres where it is measured on the ellipsoid."),
        )
        for parameter, text in self.style_parameters():
            self.add(parameter, text)
        self.add(
            QgsProcessingParameterBoolean(DISSOLVE, tr("Dissolve result"), False),
            tr("Unite all buffers in one feature. The united shape is cached too."),
        )
        self.add_advanced(
            QgsProcessingParameterBoolean(
                SEPARATE_DISJOINT, tr("Keep disjoint results separate"), False, optional=True
            ),
            tr("With a dissolved result: one feature for each part that touches no other."),
        )
        self.add(*self.geodesic_parameter())
        self.add_store_parameters()
        self.addParameter(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Buffered"), QgsProcessing.SourceType.TypeVectorPolygon)
        )

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.prepare_distance(parameters, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> dict[str, Any]:
        store = self.store(parameters, context, settings)
        source = self.source
        request = self.buffer_request(
            parameters,
            context,
            self.parameterAsBool(parameters, DISSOLVE, context),
            self.parameterAsBool(parameters, SEPARATE_DISJOINT, context),
        )
        sink, identifier = self.sink(parameters, OUTPUT, context, source.fields, _MULTI_POLYGON, source.crs)
        report = cached.buffer(source, request, store, sink, feedback_of(feedback))
        del sink  # written to its file before the counts are told
        return {OUTPUT: identifier, **self.counts(report, feedback)}
