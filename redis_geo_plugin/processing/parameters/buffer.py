"""The parameters of native:buffer, with the same keys, defaults and meaning, and GEODESIC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameters,
)

from ...bridge.algorithm_values import Parameters
from ...bridge.cache import run
from ...bridge.i18n import tr
from ...bridge.sources import FrozenSource
from .data_defined import DataDefinedNumber

if TYPE_CHECKING:
    from ..base import RedisGeoAlgorithm

DISTANCE, SEGMENTS, END_CAP_STYLE = "DISTANCE", "SEGMENTS", "END_CAP_STYLE"
JOIN_STYLE, MITER_LIMIT, GEODESIC = "JOIN_STYLE", "MITER_LIMIT", "GEODESIC"


class BufferParameters:
    """Distance and style of a buffer. The distance may be an expression or a field.

    ``layer`` is the key of the parameter whose layer gives the units and the features of the distance.
    """

    def __init__(self, layer: str = "INPUT"):
        self._layer = layer
        self._definitions: dict[str, QgsProcessingParameterDefinition] = {}
        self._distance = DataDefinedNumber(layer)

    def add(self, algorithm: RedisGeoAlgorithm) -> None:
        """Define all of them, in the order of native:buffer."""
        self.add_distance(
            algorithm,
            tr("The distance in the units of the layer, or in metres where it is measured on the ellipsoid."),
        )
        for name in (SEGMENTS, END_CAP_STYLE, JOIN_STYLE, MITER_LIMIT):
            definition, text = self._style(name)
            algorithm.add(self._keep(definition), text)

    def add_geodesic(self, algorithm: RedisGeoAlgorithm) -> None:
        """Define GEODESIC, which native:buffer does not have."""
        definition, text = self._geodesic()
        algorithm.add(self._keep(definition), text)

    def add_folded(self, algorithm: RedisGeoAlgorithm) -> None:
        """Define all of them for an algorithm that buffers among other things: all but the distance are
        folded away."""
        self.add_distance(
            algorithm,
            tr(
                "For a buffer: the distance in the units of the layer, or in metres where measured on the "
                "ellipsoid."
            ),
        )
        styles = [self._style(name) for name in (SEGMENTS, END_CAP_STYLE, JOIN_STYLE, MITER_LIMIT)]
        for definition, text in (*styles, self._geodesic()):
            algorithm.add_advanced(self._keep(definition), tr("For a buffer. {help}").format(help=text))

    def add_distance(self, algorithm: RedisGeoAlgorithm, help_text: str) -> None:
        """Define DISTANCE, in the units of the layer or data-defined."""
        distance = QgsProcessingParameterDistance(DISTANCE, tr("Distance"), 10, self._layer)
        algorithm.add(self._distance.define(distance, tr("Buffer distance")), help_text)

    def prepare(
        self, algorithm: RedisGeoAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> None:
        """Read what a data-defined distance needs, on the main thread."""
        self._distance.prepare(algorithm, parameters, context)

    def read(
        self, source: FrozenSource, parameters: Parameters, context: QgsProcessingContext
    ) -> run.BufferRequest:
        """Return the buffer that the parameters describe, for these features.

        Raises QgsProcessingException for metres on a layer without a CRS.
        """
        from ...core.operations.buffer import Buffer, CapStyle, JoinStyle

        values, own = QgsProcessingParameters, self._definitions
        geodesic = values.parameterAsBool(own[GEODESIC], parameters, context)
        if geodesic and not source.crs.isValid():
            raise QgsProcessingException(
                tr("A distance on the ellipsoid needs a layer with a CRS. Set the layer's CRS first.")
            )
        operation = Buffer(
            segments=values.parameterAsInt(own[SEGMENTS], parameters, context),
            cap=CapStyle(values.parameterAsEnum(own[END_CAP_STYLE], parameters, context)),
            join=JoinStyle(values.parameterAsEnum(own[JOIN_STYLE], parameters, context)),
            mitre_limit=values.parameterAsDouble(own[MITER_LIMIT], parameters, context),
            geodesic=geodesic,
            crs=run.crs_name(source.crs),
        )
        return run.BufferRequest(operation, self._distance.value(parameters, context), self._distance.of)

    def tell(self, warn: Callable[[str], object]) -> None:
        """Report for how many features the default was used."""
        self._distance.tell(warn, "native:buffer")

    def _keep(self, definition: QgsProcessingParameterDefinition) -> QgsProcessingParameterDefinition:
        self._definitions[definition.name()] = definition
        return definition

    def _style(self, name: str) -> tuple[QgsProcessingParameterDefinition, str]:
        whole, real = QgsProcessingParameterNumber.Type.Integer, QgsProcessingParameterNumber.Type.Double
        if name == SEGMENTS:
            segments = QgsProcessingParameterNumber(SEGMENTS, tr("Segments"), whole, 5, minValue=1)
            return segments, tr("How many segments a quarter of a circle is made of.")
        if name == END_CAP_STYLE:
            caps = [tr("Round"), tr("Flat"), tr("Square")]
            cap = QgsProcessingParameterEnum(END_CAP_STYLE, tr("End cap style"), caps, defaultValue=0)
            return cap, tr("How the buffer ends at the ends of a line.")
        if name == JOIN_STYLE:
            joins = [tr("Round"), tr("Miter"), tr("Bevel")]
            join = QgsProcessingParameterEnum(JOIN_STYLE, tr("Join style"), joins, defaultValue=0)
            return join, tr("How the buffer goes round a corner.")
        limit = QgsProcessingParameterNumber(MITER_LIMIT, tr("Miter limit"), real, 2, minValue=1)
        return limit, tr(
            "How far a mitred corner may reach, as a factor of the distance. Only for mitred joins."
        )

    def _geodesic(self) -> tuple[QgsProcessingParameterDefinition, str]:
        return (
            QgsProcessingParameterBoolean(
                GEODESIC, tr("Distance in metres on the ellipsoid"), False, optional=True
            ),
            tr(
                "Measures in metres on the ellipsoid of the layer's CRS, whatever its units: right for "
                "layers in degrees, across the 180 degree meridian and near the poles."
            ),
        )
