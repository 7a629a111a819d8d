"""What the algorithms on GEO sets share: the key, units and metrics, hits to a sink, failures in words."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from ..bridge.geo import layers, measuring
from ..bridge.geo.requests import TaskWatch
from ..bridge.i18n import tr
from ..core.settings import ConnectionSettings
from .base import RedisGeoAlgorithm

KEY, OUTPUT, COUNT, METRIC, UNIT = "KEY", "OUTPUT", "COUNT", "METRIC", "UNIT"


class GeoSetAlgorithm(RedisGeoAlgorithm):
    """Base of the algorithms on GEO sets. The project's ellipsoid is noted on the main thread."""

    ICON = "geoset"

    def group(self) -> str:
        return tr("GEO sets")

    def groupId(self) -> str:
        return "geosets"

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.acronym = context.ellipsoid() if hasattr(context, "ellipsoid") else ""
        if not self.acronym and context.project() is not None:
            self.acronym = context.project().ellipsoid()
        return super().prepareAlgorithm(parameters, context, feedback)

    def add_key(self) -> None:
        self.add(
            QgsProcessingParameterString(KEY, tr("GEO set")),
            tr("The key of the GEO set on the server, such as locations."),
        )

    def add_metric(self) -> None:
        names = [tr("on the project's ellipsoid"), tr("on the sphere, as Redis measures")]
        self.add(
            QgsProcessingParameterEnum(METRIC, tr("Distances"), names, defaultValue=0),
            tr(
                "On the ellipsoid: what QGIS's ruler calls inside is inside. On the sphere: the distances of GEODIST, "
                "up to 0.6 % off, between the positions as the server rounds them."
            ),
        )

    def add_output(self) -> None:
        self.add(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Members found")),
            tr("Points in WGS 84 with their member, what was measured, and the attributes kept beside the set."),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of members")))

    def metric_ellipsoid(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Any:
        """The ellipsoid to measure on, None for the servers' sphere."""
        sphere = METRIC in parameters and self.parameterAsEnum(parameters, METRIC, context) == 1
        return None if sphere else measuring.ellipsoid_of(self.acronym)

    def set_key(self, parameters: dict[str, Any], context: QgsProcessingContext, server: Any) -> bytes:
        """The key as it stands on the server. Raises QgsProcessingException for an empty one."""
        name = self.parameterAsString(parameters, KEY, context)
        if not name.strip():
            raise QgsProcessingException(tr("Name the GEO set."))
        return server.key(name)

    def sink_of_hits(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        table: layers.HitTable,
    ) -> dict[str, Any]:
        """Write hits to OUTPUT and count them."""
        crs = measuring.lon_lat_crs()
        sink, identity = self.sink(parameters, OUTPUT, context, table.fields, QgsWkbTypes.Type.Point, crs)
        return {OUTPUT: identity, COUNT: table.write(sink, watch=watch_of(feedback))}


def server_of(settings: Optional[ConnectionSettings]) -> Any:
    from ..core.server import open_server

    return open_server(settings)


def say_notes(hits: Any, feedback: QgsProcessingFeedback) -> None:
    """What the user should know beside the hits."""
    from ..bridge.geo.notes import sentences

    for sentence in sentences(hits.notes):
        feedback.pushInfo(sentence)


def warn_without_set(server: Any, key: bytes, count: int, feedback: QgsProcessingFeedback) -> None:
    """Nothing found: say so where there is no such set; fail where the key is no GEO set."""
    if count:
        return
    from ..bridge.geo.notes import not_geo_text
    from ..core.geo import sets

    kind = sets.describe(server, key).kind
    if kind == "none":
        feedback.pushWarning(not_geo_text(kind))
    elif kind != "geo":
        raise QgsProcessingException(not_geo_text(kind))


def watch_of(feedback: QgsProcessingFeedback) -> Any:
    """Processing's feedback as core's watch, which core's ``Watch`` base need not know of."""
    return TaskWatch(feedback)
