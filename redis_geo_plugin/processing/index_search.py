"""``redisgeo:indexsearch``: documents under an index of the query engine, within a radius or in areas."""

from __future__ import annotations

from typing import Any, ClassVar, Optional

from qgis.core import (
    QgsFeatureSink,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterCrs,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from ..bridge import documentation, widgets
from ..bridge.algorithm_values import Parameters, Results
from ..bridge.crs import pyproj_text
from ..bridge.geo import layers, measuring, requests, search_words
from ..bridge.geo.kinds import index_area, index_radius
from ..bridge.geo.kinds.kind import IndexAsk, Kind, Place, Request, Where
from ..bridge.i18n import tr
from ..bridge.tasks import watch_of
from ..core.redis.settings import ConnectionSettings
from . import geo
from .base import AlgorithmText
from .parameters.search_places import SearchArea, SearchCenter, SearchLayer, SearchRadius

INDEX, FILTER, FIELDS, LIMIT = "INDEX", "FILTER", "FIELDS", "LIMIT"
GEOMETRY_FIELD, CRS, OUTPUT_POINTS = "GEOMETRY_FIELD", "CRS", "OUTPUT_POINTS"
_CENTER, _CENTERS = SearchCenter("CENTER"), SearchLayer("CENTERS", Where.FEATURES)
_AREA, _AREAS = SearchArea("AREA"), SearchLayer("AREAS", Where.POLYGONS)


class IndexSearch(geo.GeoSetAlgorithm):
    """Searches the documents of an index, as radiussearch and areasearch do the members of a GEO set."""

    NAME: ClassVar[str] = "indexsearch"
    GROUP: ClassVar[str] = "features"
    ICON: ClassVar[str] = "search"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            tr("Search an index"),
            tr(
                "Finds the JSON documents or hashes under an index of the query engine (Redis 8, Redis "
                "Stack) within a radius of points, or in polygons, that a filter in the engine's own query "
                "language finds: the free vehicles within 2 km. Positions are measured on the ellipsoid; of "
                "shapes the nearest part counts, and what meets an area is in it. What the server could not "
                "index is counted in the log."
            ),
            tr("redis,index,query,filter,document,json,hash,FT.SEARCH,FT.AGGREGATE,RediSearch,GEOSHAPE"),
        )

    def helpUrl(self) -> str:
        return documentation.address("search", "redisgeo:indexsearch")

    def layers_given(self) -> tuple[str, ...]:
        """Return the keys of the parameters whose layers are frozen before the work begins."""
        return (_CENTERS.key, _AREAS.key)

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add(
            QgsProcessingParameterString(INDEX, tr("Index")),
            tr("The name of the index on the server, or an alias of it."),
            offers=widgets.INDEXES,
        )
        self._define_places()
        self.add(
            QgsProcessingParameterString(FILTER, tr("Filter"), optional=True),
            tr(
                "Which documents, in the query language of the server, such as @state:{free} @seats:[4 +inf]"
                ". Empty: all."
            ),
        )
        self._define_what()
        self.add_metric()
        self._define_outputs()

    def _define_places(self) -> None:
        _CENTER.add(
            self, tr("The point to search around. Leave it empty to take the points of a layer, or areas.")
        )
        _CENTERS.add(
            self,
            tr("Centers"),
            tr("A layer of centers, each its own search; of lines and polygons the centroids are taken."),
            optional=True,
        )
        SearchRadius.add(self)
        _AREA.add(
            self,
            tr(
                "A single polygon to search in, as WKT with its CRS: CRS=EPSG:4326;Polygon((…)). "
                "Leave it empty to search around a center, or in the polygons of a layer."
            ),
        )
        _AREAS.add(self, tr("Areas"), tr("The polygons to search in."), optional=True)

    def _define_what(self) -> None:
        self.add(
            QgsProcessingParameterString(FIELDS, tr("Fields"), optional=True),
            tr(
                "What is read of each document, with commas between: names of the index, fields of the hash, "
                "or paths such as $.driver.name. Empty: everything."
            ),
        )
        integer = QgsProcessingParameterNumber.Type.Integer
        self.add(
            QgsProcessingParameterNumber(LIMIT, tr("At most (0: all)"), integer, 0, minValue=0),
            tr("Keep only so many of each center, the nearest. 0 keeps all."),
        )
        self.add_advanced(
            QgsProcessingParameterString(GEOMETRY_FIELD, tr("Field of the place"), optional=True),
            tr("Which place is searched, where the index has several. Empty: the only one."),
        )
        self.add_advanced(
            QgsProcessingParameterCrs(CRS, tr("CRS of flat shapes"), optional=True),
            tr("The CRS of the coordinates of a field GEOSHAPE FLAT. Empty: degrees."),
        )

    def _define_outputs(self) -> None:
        self.add(
            QgsProcessingParameterFeatureSink(geo.OUTPUT, tr("Documents found")),
            tr(
                "In WGS 84, with their key as member, what was measured, and what was read of them. Polygons "
                "where the index has shapes that are polygons, else points."
            ),
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                OUTPUT_POINTS,
                tr("Points among polygons"),
                QgsProcessing.SourceType.TypeVectorPoint,
                optional=True,
                createByDefault=False,
            ),
            tr(
                "Where the index has shapes of both kinds: the points. Without it they are left out, "
                "and said."
            ),
        )
        self.addOutput(QgsProcessingOutputNumber(geo.COUNT, tr("Number of documents")))

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.features.indexes import IndexProblem
        from ..core.geo.search import BadQuery

        request = self._request(parameters, context, feedback)
        try:
            answer = requests.run(request, settings, watch_of(feedback))
        except (BadQuery, IndexProblem) as error:
            raise QgsProcessingException(search_words.why_not(error)) from error
        for sentence in search_words.about_index(answer.found):
            feedback.pushWarning(sentence)
        too_many = search_words.too_many_attributes(answer.attribute_count)
        if too_many:
            feedback.pushInfo(too_many)
        return self._written(parameters, context, feedback, answer)

    def _request(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Request:
        """Return the search that the parameters describe."""
        index = str(self.parameterAsString(parameters, INDEX, context)).strip()
        if not index:
            raise QgsProcessingException(tr("Name the index."))
        kind, places = self._places(parameters, context, feedback)
        fields = str(self.parameterAsString(parameters, FIELDS, context))
        crs = self.parameterAsCrs(parameters, CRS, context)
        return Request(
            kind,
            index,
            tuple(places),
            SearchRadius.read(self, parameters, context),
            self.parameterAsInt(parameters, LIMIT, context),
            self.metric_ellipsoid(parameters, context),
            drawn=False,
            index=IndexAsk(
                str(self.parameterAsString(parameters, FILTER, context)),
                str(self.parameterAsString(parameters, GEOMETRY_FIELD, context)).strip(),
                tuple(filter(None, (name.strip() for name in fields.split(",")))),
                pyproj_text(crs) if crs.isValid() else "",
            ),
        )

    def _places(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> tuple[Kind, list[Place]]:
        places = (_CENTER, _CENTERS, _AREA, _AREAS)
        given = [place for place in places if self.is_given(parameters, place.key)]
        if len(given) != 1:
            raise QgsProcessingException(
                tr("Give one of these: a center, a layer of centers, an area, a layer of areas.")
            )
        kind = index_radius.KIND if given[0] in (_CENTER, _CENTERS) else index_area.KIND
        if isinstance(given[0], SearchLayer):
            return kind, given[0].read(self, parameters, context, feedback)
        return kind, [given[0].read(self, parameters, context)]

    def _written(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        answer: requests.Answer,
    ) -> Results:
        """Write what was found: areas, or else points, to OUTPUT; points beside areas to OUTPUT_POINTS."""
        points, areas = layers.by_kind(answer.hits)
        types = QgsWkbTypes.Type
        main, kind = (areas, types.MultiPolygon) if len(areas) else (points, types.Point)
        table = layers.table_of(answer, main)
        sink, identity = self._sink(parameters, geo.OUTPUT, context, table, kind)
        written: dict[str, Any] = {geo.OUTPUT: identity}
        count = table.write(sink, watch=watch_of(feedback))
        beside = points if len(areas) else points.take(points.origin < 0)
        if self.is_given(parameters, OUTPUT_POINTS):
            other = layers.table_of(answer, beside)
            sink, written[OUTPUT_POINTS] = self._sink(parameters, OUTPUT_POINTS, context, other, types.Point)
            count += other.write(sink, watch=watch_of(feedback))
        elif len(beside):
            feedback.pushWarning(
                tr(
                    "The index has polygons and points: the points found, {count}, are left out. Choose an "
                    "output for them too."
                ).format(count=len(beside))
            )
        return {**written, geo.COUNT: count}

    def _sink(
        self,
        parameters: Parameters,
        name: str,
        context: QgsProcessingContext,
        table: layers.HitTable,
        kind: QgsWkbTypes.Type,
    ) -> tuple[QgsFeatureSink, str]:
        crs = measuring.lon_lat_crs()
        return self.sink(parameters, name, context, table.fields, kind, crs, new_ids=True)
