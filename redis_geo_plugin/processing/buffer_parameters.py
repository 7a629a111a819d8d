"""The parameters of native:buffer, with its keys, defaults and meaning, for every algorithm that buffers."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.core import (
    QgsFeature,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameters,
    QgsPropertyDefinition,
)

from ..bridge import cached
from ..bridge.features import FrozenSource
from ..bridge.i18n import tr
from .cached import CachedAlgorithm

INPUT, DISTANCE, SEGMENTS, END_CAP_STYLE = "INPUT", "DISTANCE", "SEGMENTS", "END_CAP_STYLE"
JOIN_STYLE, MITER_LIMIT, GEODESIC = "JOIN_STYLE", "MITER_LIMIT", "GEODESIC"


class BufferingAlgorithm(CachedAlgorithm):
    """Base of the algorithms that buffer the features of INPUT; the distance may be an expression or a field."""

    def __init__(self) -> None:
        super().__init__()
        self.source: Optional[FrozenSource] = None
        self.distance_of: Optional[Callable[[QgsFeature], float]] = None

    def sourceFlags(self):
        return QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks

    def add_input(self, help_text: str) -> None:
        """INPUT, a layer of any geometry."""
        kinds = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        self.add(QgsProcessingParameterFeatureSource(INPUT, tr("Input layer"), kinds), help_text)

    def distance_parameter(self) -> QgsProcessingParameterDefinition:
        """DISTANCE, in the units of INPUT or data-defined."""
        distance = QgsProcessingParameterDistance(DISTANCE, tr("Distance"), 10, INPUT)
        distance.setIsDynamic(True)
        distance.setDynamicPropertyDefinition(
            QgsPropertyDefinition(
                DISTANCE, tr("Buffer distance"), QgsPropertyDefinition.StandardPropertyTemplate.Double
            )
        )
        distance.setDynamicLayerParameterName(INPUT)
        return distance

    def style_parameters(self) -> list[tuple[QgsProcessingParameterDefinition, str]]:
        """SEGMENTS, END_CAP_STYLE, JOIN_STYLE and MITER_LIMIT, each with its help."""
        whole, real = QgsProcessingParameterNumber.Type.Integer, QgsProcessingParameterNumber.Type.Double
        caps, joins = [tr("Round"), tr("Flat"), tr("Square")], [tr("Round"), tr("Miter"), tr("Bevel")]
        return [
            (
                QgsProcessingParameterNumber(SEGMENTS, tr("Segments"), whole, 5, minValue=1, maxValue=1000),
                tr("How many segments a quarter of a circle is made of."),
            ),
            (
                QgsProcessingParameterEnum(END_CAP_STYLE, tr("End cap style"), caps, defaultValue=0),
                tr("How the buffer ends at the ends of a line."),
            ),
            (
                QgsProcessingParameterEnum(JOIN_STYLE, tr("Join style"), joins, defaultValue=0),
                tr("How the buffer goes round a corner."),
            ),
            (
                QgsProcessingParameterNumber(MITER_LIMIT, tr("Miter limit"), real, 2, minValue=1),
                tr("How far a mitred corner may reach, as a factor of the distance. Only for mitred joins."),
            ),
        ]

    def geodesic_parameter(self) -> tuple[QgsProcessingParameterDefinition, str]:
        """GEODESIC with its help."""
        return (
            QgsProcessingParameterBoolean(GEODESIC, tr("Distance in metres on the ellipsoid"), False),
            tr(
                "Measures in metres on the ellipsoid of the layer's CRS, whatever its units: right for layers in degrees, "
                "across the 180 degree meridian and near the poles."
            ),
        )

    def prepare_distance(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        """Freeze INPUT and what a data-defined distance needs; on the main thread."""
        self.source = self.freeze(parameters, INPUT, context)
        if not QgsProcessingParameters.isDynamic(parameters, DISTANCE):
            return
        source = self.parameterAsSource(parameters, INPUT, context)
        expressions = self.createExpressionContext(parameters, context, source)
        distance = self.parameterAsDouble(parameters, DISTANCE, context)
        given = parameters[DISTANCE]

        def distance_of(feature: QgsFeature) -> float:
            expressions.setFeature(feature)
            value, ok = given.valueAsDouble(expressions, distance)
            return value if ok else distance

        self.distance_of = distance_of

    def buffer_request(
        self, parameters: dict[str, Any], context: QgsProcessingContext, dissolve: bool = False, separate: bool = False
    ) -> cached.BufferRequest:
        """The buffer that the parameters describe. Raises QgsProcessingException for metres without a CRS."""
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
        distance = self.parameterAsDouble(parameters, DISTANCE, context)
        return cached.BufferRequest(operation, distance, self.distance_of, dissolve, separate)
