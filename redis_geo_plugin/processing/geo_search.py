"""The algorithms that search GEO sets, one for each kind of search."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterNumber,
)

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.geo import layers, requests, search_words
from ..bridge.geo.kinds.kind import Algorithm, Kind, Place, Request
from ..bridge.i18n import tr
from ..bridge.tasks import watch_of
from ..core.redis.settings import ConnectionSettings
from . import geo
from .base import AlgorithmText
from .parameters.search_places import SearchArea, SearchCenter, SearchLayer, SearchRadius


class SearchAlgorithm(geo.GeoSetAlgorithm):
    """The algorithm of a kind of search."""

    ICON = "search"

    def __init__(self, kind: Kind):
        super().__init__()
        assert kind.algorithm is not None, "a kind of search without an algorithm"
        self.kind = kind
        self.described: Algorithm = kind.algorithm

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
            SearchRadius.add(self)
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
        described, layer = self.described, self.described.layer
        if described.point_key:
            SearchCenter(described.point_key).add(
                self, tr("The point to search around. Leave it empty to take the points of a layer.")
            )
        single = bool(described.point_key or described.area_key)
        SearchLayer(layer.key, layer.where).add(self, layer.label(), layer.help(), optional=single)
        if described.area_key:
            SearchArea(described.area_key).add(
                self,
                tr(
                    "A single polygon to search in, as WKT with its CRS: CRS=EPSG:4326;Polygon((…)). "
                    "Leave it empty to take the polygons of a layer."
                ),
            )

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> Results:
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
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Request:
        """Return the search that the parameters describe."""
        limit = self.described.limit
        metres = SearchRadius.read(self, parameters, context) if self.kind.takes_radius else 0.0
        return Request(
            self.kind,
            self.key_text(parameters, context),
            tuple(self._places(parameters, context, feedback)),
            metres,
            self.parameterAsInt(parameters, limit.key, context) if limit is not None else 0,
            self.metric_ellipsoid(parameters, context),
            drawn=False,
        )

    def _places(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> list[Place]:
        layer, point, area = self.described.layer, self.described.point_key, self.described.area_key
        if self.is_given(parameters, layer.key):
            return SearchLayer(layer.key, layer.where).read(self, parameters, context, feedback)
        if area:
            return [SearchArea(area).read(self, parameters, context)]
        if not point or not self.is_given(parameters, point):
            raise QgsProcessingException(tr("Give a center, or a layer of centers."))
        return [SearchCenter(point).read(self, parameters, context)]
