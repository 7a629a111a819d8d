"""The algorithms that search GEO sets, one for each kind of search."""

from __future__ import annotations

from typing import Any, ClassVar, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
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

from ..bridge.cache.features import plain_wkb
from ..bridge.compat import number
from ..bridge.crs import pyproj_text
from ..bridge.geo import layers, measuring, reading, requests, search_words
from ..bridge.geo.kinds.kind import Algorithm, Kind, Place, Request, Where
from ..bridge.i18n import tr
from ..bridge.tasks import watch_of
from ..core.geo.units import UNITS
from ..core.redis.settings import ConnectionSettings
from . import geo
from .base import AlgorithmText

RADIUS = "RADIUS"
_TYPES = {
    Where.FEATURES: QgsProcessing.SourceType.TypeVectorAnyGeometry,
    Where.LINES: QgsProcessing.SourceType.TypeVectorLine,
    Where.POLYGONS: QgsProcessing.SourceType.TypeVectorPolygon,
}


class SearchAlgorithm(geo.GeoSetAlgorithm):
    """The algorithm of a kind of search: of the kind that is given, or of ``KIND`` of the class."""

    ICON = "search"
    KIND: ClassVar[Optional[Kind]] = None

    def __init__(self, kind: Optional[Kind] = None):
        super().__init__()
        chosen = kind or self.KIND
        assert chosen is not None and chosen.algorithm is not None, "a kind of search without an algorithm"
        self.kind: Kind = chosen
        self.described: Algorithm = chosen.algorithm

    def createInstance(self) -> QgsProcessingAlgorithm:
        return type(self)(self.kind)

    def name(self) -> str:
        return self.described.name

    def text(self) -> AlgorithmText:
        title, help_text, tags = self.described.texts()
        return AlgorithmText(title, help_text, tags)

    def layers_given(self) -> tuple[str, ...]:
        """Return the keys of the parameters whose layers are frozen before the work begins."""
        return (self.described.layer.key,)

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add_key()
        self._define_places()
        if self.kind.takes_radius:
            self._define_radius()
        limit = self.described.limit
        if limit is not None:
            integer = QgsProcessingParameterNumber.Type.Integer
            self.add(
                QgsProcessingParameterNumber(
                    limit.key, limit.label(), integer, limit.default, minValue=limit.least
                ),
                limit.help(),
            )
        if self.kind.measured:
            self.add_metric()
        self.add_output()

    def _define_places(self) -> None:
        point, area, layer = self.described.point_key, self.described.area_key, self.described.layer
        if point:
            self.add(
                QgsProcessingParameterPoint(point, tr("Center"), optional=True),
                tr("The point to search around. Leave it empty to take the points of a layer."),
            )
        self.add(
            QgsProcessingParameterFeatureSource(
                layer.key, layer.label(), [_TYPES[layer.where]], optional=bool(point or area)
            ),
            layer.help(),
        )
        if area:
            polygon = number(QgsWkbTypes.GeometryType.PolygonGeometry)
            self.add(
                QgsProcessingParameterGeometry(area, tr("Area"), None, True, [polygon]),
                tr(
                    "A single polygon to search in, as WKT with its CRS: CRS=EPSG:4326;Polygon((…)). "
                    "Leave it empty to take the polygons of a layer."
                ),
            )

    def _define_radius(self) -> None:
        self.add(
            QgsProcessingParameterNumber(
                RADIUS, tr("Radius"), QgsProcessingParameterNumber.Type.Double, 1000.0, minValue=0.0
            ),
            tr("The distance, in the unit below. A radius of 0 finds what stands exactly there."),
        )
        self.add(
            QgsProcessingParameterEnum(geo.UNIT, tr("Unit"), list(UNITS), defaultValue=0),
            tr("The unit of the radius, as Redis has them: 1 mi = 1609.34 m, 1 ft = 0.3048 m."),
        )

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> dict[str, Any]:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.geo.search import BadQuery
        from ..core.geo.sets import NotGeo

        request = self._request(parameters, context, feedback)
        try:
            answer = requests.run(request, settings, watch_of(feedback), missing_ok=True)
        except (BadQuery, NotGeo) as error:
            raise QgsProcessingException(search_words.why_not(error)) from error
        if answer.missing:
            feedback.pushWarning(search_words.not_geo_text("none"))
        for sentence in (
            *search_words.sentences(answer.hits.notes),
            search_words.too_many_attributes(answer.attribute_count),
        ):
            if sentence:
                feedback.pushInfo(sentence)
        return self.sink_of_hits(parameters, context, feedback, layers.table_of(answer))

    def _request(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Request:
        """Return the search that the parameters describe."""
        metres, limit = 0.0, self.described.limit
        if self.kind.takes_radius:
            unit = list(UNITS)[self.parameterAsEnum(parameters, geo.UNIT, context)]
            metres = self.parameterAsDouble(parameters, RADIUS, context) * UNITS[unit]
        return Request(
            self.kind,
            self.key_text(parameters, context),
            tuple(self._places(parameters, context, feedback)),
            metres,
            self.parameterAsInt(parameters, limit.key, context) if limit is not None else 0,
            self.metric_ellipsoid(parameters, context),
        )

    def _places(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> list[Place]:
        layer, point, area = self.described.layer, self.described.point_key, self.described.area_key
        if self.is_given(parameters, layer.key):
            source = self.source(parameters, layer.key, context, feedback)
            read = reading.centers_of if layer.where is Where.FEATURES else reading.shapes_of
            places, without = read(source, context.transformContext())
            if without:
                feedback.pushWarning(
                    tr("Features without a position, passed over: {count}").format(count=without)
                )
            return places
        if area:
            return [self._area(parameters, area, context)]
        if not point or not self.is_given(parameters, point):
            raise QgsProcessingException(tr("Give a center, or a layer of centers."))
        given = self.parameterAsPoint(parameters, point, context, measuring.lon_lat_crs())
        return [Place(lon_lat=(given.x(), given.y()))]

    def _area(self, parameters: dict[str, Any], key: str, context: QgsProcessingContext) -> Place:
        """The polygon that is given in place of a layer."""
        shape = self.parameterAsGeometry(parameters, key, context)
        if shape.isEmpty() or shape.type() != QgsWkbTypes.GeometryType.PolygonGeometry:
            raise QgsProcessingException(tr("Give a layer of areas, or a polygon as area."))
        crs = self.parameterAsGeometryCrs(parameters, key, context)
        sound = shape if shape.isGeosValid() else shape.makeValid()
        return Place(wkb=plain_wkb(sound) or b"", crs=pyproj_text(crs))
