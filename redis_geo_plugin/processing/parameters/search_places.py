"""Where to search: within a radius of a point, in an area, around or in the features of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterGeometry,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsWkbTypes,
)

from ...bridge.algorithm_values import Parameters
from ...bridge.cache.features import plain_wkb
from ...bridge.compat import number
from ...bridge.crs import pyproj_text
from ...bridge.geo import measuring, reading
from ...bridge.geo.kinds.kind import Place, Where
from ...bridge.i18n import tr
from ...core.geo.units import UNITS

if TYPE_CHECKING:
    from ..geo import GeoSetAlgorithm

RADIUS, UNIT = "RADIUS", "UNIT"
_TYPES = {
    Where.FEATURES: QgsProcessing.SourceType.TypeVectorAnyGeometry,
    Where.LINES: QgsProcessing.SourceType.TypeVectorLine,
    Where.POLYGONS: QgsProcessing.SourceType.TypeVectorPolygon,
}


class SearchRadius:
    """The radius and its unit."""

    @staticmethod
    def add(algorithm: GeoSetAlgorithm) -> None:
        """Define RADIUS and UNIT."""
        algorithm.add(
            QgsProcessingParameterNumber(
                RADIUS, tr("Radius"), QgsProcessingParameterNumber.Type.Double, 1000.0, minValue=0.0
            ),
            tr("The distance, in the unit below. A radius of 0 finds what stands exactly there."),
        )
        algorithm.add(
            QgsProcessingParameterEnum(UNIT, tr("Unit"), list(UNITS), defaultValue=0),
            tr("The unit of the radius, as Redis has them: 1 mi = 1609.34 m, 1 ft = 0.3048 m."),
        )

    @staticmethod
    def read(algorithm: GeoSetAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> float:
        """Return the radius in metres."""
        unit = list(UNITS)[algorithm.parameterAsEnum(parameters, UNIT, context)]
        return float(algorithm.parameterAsDouble(parameters, RADIUS, context)) * UNITS[unit]


class SearchCenter:
    """A single point to search around, in the parameter ``key``."""

    def __init__(self, key: str):
        self.key = key

    def add(self, algorithm: GeoSetAlgorithm, help_text: str) -> None:
        """Define the parameter, which may stay empty."""
        algorithm.add(QgsProcessingParameterPoint(self.key, tr("Center"), optional=True), help_text)

    def read(
        self, algorithm: GeoSetAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> Place:
        """Return the point, in degrees."""
        given = algorithm.parameterAsPoint(parameters, self.key, context, measuring.lon_lat_crs())
        return Place(lon_lat=(given.x(), given.y()))


class SearchArea:
    """A single polygon to search in, in the parameter ``key``."""

    def __init__(self, key: str):
        self.key = key

    def add(self, algorithm: GeoSetAlgorithm, help_text: str) -> None:
        """Define the parameter, which may stay empty."""
        polygon = number(QgsWkbTypes.GeometryType.PolygonGeometry)
        algorithm.add(QgsProcessingParameterGeometry(self.key, tr("Area"), None, True, [polygon]), help_text)

    def read(
        self, algorithm: GeoSetAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> Place:
        """Return the polygon in its CRS. Raises QgsProcessingException for what is none."""
        shape = algorithm.parameterAsGeometry(parameters, self.key, context)
        if shape.isEmpty() or shape.type() != QgsWkbTypes.GeometryType.PolygonGeometry:
            raise QgsProcessingException(tr("Give a layer of areas, or a polygon as area."))
        crs = algorithm.parameterAsGeometryCrs(parameters, self.key, context)
        sound = shape if shape.isGeosValid() else shape.makeValid()
        return Place(wkb=plain_wkb(sound) or b"", crs=pyproj_text(crs))


class SearchLayer:
    """A layer, in the parameter ``key``, whose features are the places: centers, lines or areas."""

    def __init__(self, key: str, where: Where):
        self.key = key
        self.where = where

    def add(self, algorithm: GeoSetAlgorithm, label: str, help_text: str, optional: bool) -> None:
        """Define the parameter."""
        algorithm.add(
            QgsProcessingParameterFeatureSource(self.key, label, [_TYPES[self.where]], optional=optional),
            help_text,
        )

    def read(
        self,
        algorithm: GeoSetAlgorithm,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> list[Place]:
        """Return the places of the layer's features; warn of features that have none.

        Raises QgsProcessingException if there is no such layer.
        """
        source = algorithm.source(parameters, self.key, context, feedback)
        read = reading.centers_of if self.where is Where.FEATURES else reading.shapes_of
        places, without = read(source, context.transformContext())
        if without:
            feedback.pushWarning(
                tr("Features without a position, passed over: {count}").format(count=without)
            )
        return list(places)
