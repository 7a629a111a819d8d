"""``redisgeo:exportgeoset``: a whole GEO set as a layer."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsWkbTypes,
)

from ..bridge.geo import layers, measuring
from ..bridge.i18n import tr
from ..core.settings import ConnectionSettings
from . import geo


class ExportGeoSet(geo.GeoSetAlgorithm):
    """Read in blocks: the server goes on serving others, and a set of millions fits into memory."""

    def name(self) -> str:
        return "exportgeoset"

    def displayName(self) -> str:
        return tr("Export a GEO set to a layer")

    def tags(self) -> list[str]:
        return tr("redis,valkey,geo,export,download,extract,points").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Makes a point layer of all members of a GEO set, with the attributes and the exact coordinates that are kept "
            "beside it. Without those, positions are as the server rounds them, up to 0.33 m off."
        )

    def define(self) -> None:
        self.add_key()
        self.add_output()

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> dict[str, Any]:
        from ..core.geo import export

        server = geo.server_of(settings)
        key = self.set_key(parameters, context, server)
        watch = geo.watch_of(feedback)
        kinds = layers.Kinds()
        for block in export.attribute_blocks(server, key, watch):
            kinds.learn(block)
        table = layers.MemberTable(kinds.found())
        crs = measuring.lon_lat_crs()
        sink, identity = self.sink(parameters, geo.OUTPUT, context, table.fields, QgsWkbTypes.Type.Point, crs)
        count = table.write(export.members(server, key, watch), sink, watch=watch)
        geo.warn_without_set(server, key, count, feedback)
        return {geo.OUTPUT: identity, geo.COUNT: count}
