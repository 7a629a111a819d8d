"""``redisgeo:nearestmembers``: the n members of a GEO set nearest to each point of a layer."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
)

from ..bridge.geo import layers
from ..bridge.i18n import tr
from ..core.settings import ConnectionSettings
from . import geo
from .radius_search import centers

CENTERS, NEIGHBORS = "CENTERS", "NEIGHBORS"


class NearestMembers(geo.GeoSetAlgorithm):
    """However far they are."""

    ICON = "search"

    def name(self) -> str:
        return "nearestmembers"

    def displayName(self) -> str:
        return tr("Nearest members of a GEO set")

    def tags(self) -> list[str]:
        return tr("redis,valkey,geo,nearest,closest,neighbors,knn").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Finds, for each point of a layer, the nearest members of a GEO set, however far they are. Nearest on the "
            "ellipsoid, which is not always nearest on the sphere that Redis measures on."
        )

    def define(self) -> None:
        self.add_key()
        self.add(
            QgsProcessingParameterFeatureSource(
                CENTERS, tr("Centers"), [QgsProcessing.SourceType.TypeVectorAnyGeometry]
            ),
            tr("A layer of centers; of lines and polygons the centroids are taken."),
        )
        self.add(
            QgsProcessingParameterNumber(
                NEIGHBORS, tr("Number of neighbors"), QgsProcessingParameterNumber.Type.Integer, 1, minValue=1
            ),
            tr("How many members are kept of each center."),
        )
        self.add_metric()
        self.add_output()

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> dict[str, Any]:
        from ..core.geo import search

        server = geo.server_of(settings)
        key = self.set_key(parameters, context, server)
        ids, lons, lats = centers(self.source_of(parameters, CENTERS, context), context, feedback)
        query = search.Query(key, self.metric_ellipsoid(parameters, context))
        neighbors = self.parameterAsInt(parameters, NEIGHBORS, context)
        hits = search.nearest(server, query, lons, lats, neighbors, geo.watch_of(feedback))
        geo.warn_without_set(server, key, len(hits), feedback)
        geo.say_notes(hits, feedback)
        return self.sink_of_hits(parameters, context, feedback, layers.HitTable(hits, layers.CENTER_ID, ids))
