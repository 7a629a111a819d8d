"""``redisgeo:exportgeoset``: a whole GEO set as a layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsWkbTypes,
)

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.geo import layers, measuring, search_words
from ..bridge.i18n import tr
from ..bridge.tasks import watch_of
from ..core.redis.settings import ConnectionSettings
from . import geo
from .base import AlgorithmText

if TYPE_CHECKING:
    from ..core.geo.hits import Hits


class ExportGeoSet(geo.GeoSetAlgorithm):
    """Reads the set in blocks: the server keeps serving others, and a set of millions fits into memory."""

    NAME = "exportgeoset"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Export a GEO set to a layer"),
            tags=tr("redis,valkey,geo,export,download,extract,points"),
            help=tr(
                "Makes a point layer of all members of a GEO set, with the attributes and the exact "
                "coordinates that are kept beside it. Without those, positions are as the server rounds "
                "them, up to 0.33 m off."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add_key()
        self.add_output()

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.geo import export

        server = geo.server_of(settings)
        key = self.set_key(parameters, context, server)
        watch = watch_of(feedback)
        kinds = layers.Kinds()
        for block in export.attribute_blocks(server, key, watch):
            kinds.learn(block)
        table = layers.MemberTable(kinds.found())
        if too_many := search_words.too_many_attributes(kinds.count):
            feedback.pushInfo(too_many)
        crs = measuring.lon_lat_crs()
        point = QgsWkbTypes.Type.Point
        sink, identity = self.sink(parameters, geo.OUTPUT, context, table.fields, point, crs, new_ids=True)
        notes: set[str] = set()
        count = table.write(_noting(export.members(server, key, watch), notes), sink, watch=watch)
        for sentence in search_words.sentences(notes):
            feedback.pushInfo(sentence)
        geo.warn_without_set(server, key, count, feedback)
        return {geo.OUTPUT: identity, geo.COUNT: count}


def _noting(blocks: Iterator[Hits], notes: set[str]) -> Iterator[Hits]:
    """Yield the blocks as they come, and collect their notes in ``notes``."""
    for block in blocks:
        notes |= block.notes
        yield block
