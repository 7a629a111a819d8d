"""``redisgeo:cachedbuffer``: native:buffer, with what anyone on the team has computed before read from Redis."""

from __future__ import annotations

import time
from typing import Any, Callable, Optional

from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameters,
    QgsPropertyDefinition,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QCoreApplication, QThread

from ..bridge import cached
from ..bridge.features import FrozenSource
from ..bridge.i18n import tr
from ..core.settings import ConnectionSettings
from .cached import CachedAlgorithm, feedback_of

INPUT, DISTANCE, SEGMENTS, END_CAP_STYLE = "INPUT", "DISTANCE", "SEGMENTS", "END_CAP_STYLE"
JOIN_STYLE, MITER_LIMIT, DISSOLVE = "JOIN_STYLE", "MITER_LIMIT", "DISSOLVE"
SEPARATE_DISJOINT, GEODESIC, OUTPUT = "SEPARATE_DISJOINT", "GEODESIC", "OUTPUT"

_NATIVE = "native:buffer"


class CachedBuffer(CachedAlgorithm):
    """Parameter keys and results are those of native:buffer."""

    ICON = "buffer_selected"

    def __init__(self) -> None:
        super().__init__()
        self.source: Optional[FrozenSource] = None
        self.distance_of: Optional[Callable[[QgsFeature], float]] = None

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

    def flags(self):
        return super().flags() | QgsProcessingAlgorithm.Flag.FlagCanCancel

    def sourceFlags(self):
        from qgis.core import QgsProcessingFeatureSource

        return QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks

    def define(self) -> None:
        self.add(
            QgsProcessingParameterFeatureSource(
                INPUT, tr("Input layer"), [QgsProcessing.SourceType.TypeVectorAnyGeometry]
            ),
            tr("The layer whose features are buffered; only its selected features if you wish."),
        )
        self.add(
            self._distance(),
            tr("The distance in the units of the layer, or in metres where it is measured on the ellipsoid."),
        )
        self.add(
            QgsProcessingParameterNumber(
                SEGMENTS, tr("Segments"), QgsProcessingParameterNumber.Type.Integer, 5, minValue=1, maxValue=1000
            ),
            tr("How many segments a quarter of a circle is made of."),
        )
        self.add(
            QgsProcessingParameterEnum(
                END_CAP_STYLE, tr("End cap style"), [tr("Round"), tr("Flat"), tr("Square")], defaultValue=0
            ),
            tr("How the buffer ends at the ends of a line."),
        )
        self.add(
            QgsProcessingParameterEnum(
                JOIN_STYLE, tr("Join style"), [tr("Round"), tr("Miter"), tr("Bevel")], defaultValue=0
            ),
            tr("How the buffer goes round a corner."),
        )
        self.add(
            QgsProcessingParameterNumber(
                MITER_LIMIT, tr("Miter limit"), QgsProcessingParameterNumber.Type.Double, 2, minValue=1
            ),
            tr("How far a mitred corner may reach, as a factor of the distance. Only for mitred joins."),
        )
        self.add(
            QgsProcessingParameterBoolean(DISSOLVE, tr("Dissolve result"), False),
            tr("Unite all buffers in one feature. The united shape is cached too."),
        )
        self._add_advanced(
            QgsProcessingParameterBoolean(
                SEPARATE_DISJOINT, tr("Keep disjoint results separate"), False, optional=True
            ),
            tr("With a dissolved result: one feature for each part that touches no other."),
        )
        self.add(
            QgsProcessingParameterBoolean(GEODESIC, tr("Distance in metres on the ellipsoid"), False),
            tr(
                "Measures in metres on the ellipsoid of the layer's CRS, whatever its units: right for layers in degrees, "
                "across the 180 degree meridian and near the poles."
            ),
        )
        self.add_store_parameters()
        self.addParameter(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Buffered"), QgsProcessing.SourceType.TypeVectorPolygon)
        )

    def _distance(self) -> QgsProcessingParameterDefinition:
        distance = QgsProcessingParameterDistance(DISTANCE, tr("Distance"), 10, INPUT)
        distance.setIsDynamic(True)
        distance.setDynamicPropertyDefinition(
            QgsPropertyDefinition(
                DISTANCE, tr("Buffer distance"), QgsPropertyDefinition.StandardPropertyTemplate.Double
            )
        )
        distance.setDynamicLayerParameterName(INPUT)
        return distance

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.source = self.freeze(parameters, INPUT, context)
        distance = self.parameterAsDouble(parameters, DISTANCE, context)
        if QgsProcessingParameters.isDynamic(parameters, DISTANCE):
            source = self.parameterAsSource(parameters, INPUT, context)
            expressions = self.createExpressionContext(parameters, context, source)
            given = parameters[DISTANCE]

            def distance_of(feature: QgsFeature) -> float:
                expressions.setFeature(feature)
                value, ok = given.valueAsDouble(expressions, distance)
                return value if ok else distance

            self.distance_of = distance_of
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
        request = self._request(parameters, context)
        if _on_main_thread() and cached.better_native(source, request, store):
            return self._natively(parameters, context, feedback)
        sink, identifier = self.parameterAsSink(
            parameters, OUTPUT, context, source.fields, QgsWkbTypes.Type.MultiPolygon, source.crs
        )
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, OUTPUT))
        report = cached.buffer(source, request, store, sink, feedback_of(feedback))
        del sink  # written to its file before the counts are told
        return {OUTPUT: identifier, **self.counts(report, feedback)}

    def _natively(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Hand a large layer of points to native:buffer, which computes them in less time than they take to fetch."""
        from qgis import processing

        from ..core.cache.engine import Report

        feedback.pushInfo(tr("These buffers are quicker to compute than to fetch, so the cache is not asked."))
        started = time.perf_counter()
        known = QgsApplication.processingRegistry().algorithmById(_NATIVE).parameterDefinitions()
        own = {p.name(): parameters[p.name()] for p in known if p.name() in parameters}
        results = processing.run(_NATIVE, own, context=context, feedback=feedback, is_child_algorithm=True)
        count = max(self.source.count, 0)
        report = Report(misses=count, computed=count, direct=count, elapsed_s=time.perf_counter() - started)
        return {OUTPUT: results[OUTPUT], **self.counts(report, feedback)}

    def _request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> cached.BufferRequest:
        from ..core.operations.buffer import Buffer, CapStyle, JoinStyle

        geodesic = self.parameterAsBool(parameters, GEODESIC, context)
        if geodesic and not self.source.crs.isValid():
            raise QgsProcessingException(
                tr("A distance on the ellipsoid needs a layer with a CRS. Set the layer's CRS first.")
            )
        operation = Buffer(
            segments=self.parameterAsInt(parameters, SEGMENTS, context),
            cap=CapStyle(self.parameterAsEnum(parameters, END_CAP_STYLE, context)),
            join=JoinStyle(self.parameterAsEnum(parameters, JOIN_STYLE, context)),
            mitre_limit=self.parameterAsDouble(parameters, MITER_LIMIT, context),
            geodesic=geodesic,
            crs=cached.crs_name(self.source.crs),
        )
        return cached.BufferRequest(
            operation,
            self.parameterAsDouble(parameters, DISTANCE, context),
            self.distance_of,
            self.parameterAsBool(parameters, DISSOLVE, context),
            self.parameterAsBool(parameters, SEPARATE_DISJOINT, context),
        )


def _on_main_thread() -> bool:
    """A native algorithm called from Python holds the GIL: in a background thread that would freeze the window."""
    return QThread.currentThread() == QCoreApplication.instance().thread()
