"""``redisgeo:radiussearch``: the members of a GEO set within a distance of a point or of each point of a layer."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
)

from ..bridge.geo import layers, measuring, reading
from ..bridge.i18n import tr
from ..core.geo.units import UNITS
from ..core.settings import ConnectionSettings
from . import geo

CENTER, CENTERS, RADIUS, LIMIT = "CENTER", "CENTERS", "RADIUS", "LIMIT"


class RadiusSearch(geo.GeoSetAlgorithm):
    """Each centre is a search of its own; they share pipelines."""

    ICON = "search"

    def name(self) -> str:
        return "radiussearch"

    def displayName(self) -> str:
        return tr("Search a GEO set within a radius")

    def tags(self) -> list[str]:
        return tr("redis,valkey,geo,radius,distance,within,near,GEOSEARCH,GEORADIUS").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Finds the members of a GEO set within a distance of a point, or of each point of a layer, nearest first. "
            "Distances are measured on the ellipsoid, so that what QGIS's ruler calls inside is inside; members "
            "exactly at the radius count. Also right across 180 degrees and around the poles."
        )

    def define(self) -> None:
        self.add_key()
        self.add(
            QgsProcessingParameterPoint(CENTER, tr("Center"), optional=True),
            tr("The point to search around. Leave it empty to take the points of a layer."),
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                CENTERS, tr("Centers"), [QgsProcessing.SourceType.TypeVectorAnyGeometry], optional=True
            ),
            tr("A layer of centers, each its own search; of lines and polygons the centroids are taken."),
        )
        self.add(
            QgsProcessingParameterNumber(
                RADIUS, tr("Radius"), QgsProcessingParameterNumber.Type.Double, 1000.0, minValue=0.0
            ),
            tr("The distance, in the unit below. 0 finds what stands exactly there."),
        )
        self.add(
            QgsProcessingParameterEnum(geo.UNIT, tr("Unit"), list(UNITS), defaultValue=0),
            tr("The unit of the radius, as Redis has them: 1 mi = 1609.34 m, 1 ft = 0.3048 m."),
        )
        self.add(
            QgsProcessingParameterNumber(
                LIMIT, tr("At most"), QgsProcessingParameterNumber.Type.Integer, 0, minValue=0
            ),
            tr("Keep only so many of each center, the nearest. 0 keeps all."),
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
        ids, lons, lats = self._centers(parameters, context, feedback)
        unit = list(UNITS)[self.parameterAsEnum(parameters, geo.UNIT, context)]
        metres = self.parameterAsDouble(parameters, RADIUS, context) * UNITS[unit]
        limit = self.parameterAsInt(parameters, LIMIT, context)
        query = search.Query(key, self.metric_ellipsoid(parameters, context), limit)
        try:
            hits = search.radius(server, query, lons, lats, metres, geo.watch_of(feedback))
        except search.BadQuery as error:
            raise QgsProcessingException(tr("This is no radius, center or limit: {what}").format(what=error)) from error
        geo.warn_without_set(server, key, len(hits), feedback)
        geo.say_notes(hits, feedback)
        return self.sink_of_hits(parameters, context, feedback, layers.HitTable(hits, layers.CENTER_ID, ids))

    def _centers(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> tuple[list[int], list[float], list[float]]:
        if self.is_given(parameters, CENTERS):
            return centers(self.source_of(parameters, CENTERS, context), context, feedback)
        if not self.is_given(parameters, CENTER):
            raise QgsProcessingException(tr("Give a center, or a layer of centers."))
        point = self.parameterAsPoint(parameters, CENTER, context, measuring.lon_lat_crs())
        return [0], [point.x()], [point.y()]


def centers(
    source: Any, context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> tuple[list[int], list[float], list[float]]:
    """Ids and degrees of a layer's features; those without a position are told."""
    ids, lons, lats, without = reading.centers_of(source, context.transformContext())
    if without:
        feedback.pushWarning(tr("Features without a position, passed over: {count}").format(count=without))
    return ids, lons, lats
