"""``redisgeo:areasearch``: the members of a GEO set in each polygon of a layer."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsFeatureRequest,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
)

from ..bridge import features
from ..bridge.geo import layers, measuring
from ..bridge.i18n import tr
from ..core.settings import ConnectionSettings
from . import geo

AREAS = "AREAS"


class AreaSearch(geo.GeoSetAlgorithm):
    """Polygons and multi-polygons with holes, in any CRS."""

    ICON = "search"

    def name(self) -> str:
        return "areasearch"

    def displayName(self) -> str:
        return tr("Search a GEO set in polygons")

    def tags(self) -> list[str]:
        return tr("redis,valkey,geo,polygon,area,inside,within,BYPOLYGON,BYBOX").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Finds the members of a GEO set in each polygon of a layer. Holes are left out, the border counts as inside. "
            "Edges are straight in the layer's own CRS, as the map shows them. A member that lies in several polygons "
            "comes once for each."
        )

    def define(self) -> None:
        self.add_key()
        self.add(
            QgsProcessingParameterFeatureSource(AREAS, tr("Areas"), [QgsProcessing.SourceType.TypeVectorPolygon]),
            tr("The polygons to search in."),
        )
        self.add_output()

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> dict[str, Any]:
        from ..core.optional import require_shapely

        require_shapely()
        import shapely

        from ..core.geo import areas, search

        server = geo.server_of(settings)
        key = self.set_key(parameters, context, server)
        source = self.source_of(parameters, AREAS, context)
        crs = measuring.crs_text(source.sourceCrs())
        ids, shapes = [], []
        for feature in source.getFeatures(QgsFeatureRequest().setNoAttributes()):
            geometry = feature.geometry()
            if geometry.isNull() or geometry.isEmpty():
                feedback.pushWarning(tr("Feature {id} has no geometry, passed over.").format(id=feature.id()))
                continue
            ids.append(feature.id())
            shapes.append(areas.Area(shapely.from_wkb(features.plain_wkb(geometry)), crs))
        query = search.Query(key, self.metric_ellipsoid(parameters, context))
        try:
            hits = areas.search(server, query, shapes, geo.watch_of(feedback))
        except search.BadQuery as error:
            raise QgsProcessingException(
                tr("One of the areas is empty or reaches beyond what can be put into degrees.")
            ) from error
        geo.warn_without_set(server, key, len(hits), feedback)
        geo.say_notes(hits, feedback)
        table = layers.HitTable(hits, layers.AREA_ID, ids, measured=False)
        return self.sink_of_hits(parameters, context, feedback, table)
