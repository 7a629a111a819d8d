"""What the algorithms on GEO sets share: the key, metrics, hits to a sink, failures in words."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Optional

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

from ..bridge import sources, widgets
from ..bridge.algorithm_values import Parameters, Results
from ..bridge.geo import layers, measuring
from ..bridge.i18n import tr
from ..bridge.tasks import watch_of
from ..core.readable import bytes_of
from ..core.redis.settings import ConnectionSettings
from .base import RedisGeoAlgorithm
from .releasing import releasing

if TYPE_CHECKING:
    from ..core.geo.measure import Ellipsoid
    from ..core.redis.server import Server


KEY, OUTPUT, COUNT, METRIC = "KEY", "OUTPUT", "COUNT", "METRIC"


class GeoSetAlgorithm(RedisGeoAlgorithm):
    """Base of the algorithms on GEO sets.

    On the main thread it reads the ellipsoid of the project and freezes the layers of the parameters
    ``layers_given``.
    """

    GROUP = "geosets"
    ICON = "geoset"

    @releasing
    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.acronym = context.ellipsoid() if hasattr(context, "ellipsoid") else ""
        if not self.acronym and context.project() is not None:
            self.acronym = context.project().ellipsoid()
        self.sources: dict[str, sources.FrozenSource] = {}
        for name in self.layers_given():
            if self.is_given(parameters, name):
                with suppress(
                    QgsProcessingException
                ):  # ``source`` reports it: what is raised here reaches no caller
                    self.sources[name] = sources.freeze(self, parameters, name, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def add_key(self) -> None:
        """Add the parameter of the GEO set."""
        self.add(
            QgsProcessingParameterString(KEY, tr("GEO set")),
            tr("The key of the GEO set on the server, such as locations."),
            offers=widgets.GEO_SETS,
        )

    def add_metric(self) -> None:
        """Add the parameter of how distances are measured."""
        names = [tr("on the project's ellipsoid"), tr("on the sphere, as Redis measures")]
        self.add(
            QgsProcessingParameterEnum(METRIC, tr("Distances"), names, defaultValue=0),
            tr(
                "On the ellipsoid: what QGIS's ruler calls inside is inside. On the sphere: the distances "
                "of GEODIST, up to 0.6 % off, between the positions as the server rounds them."
            ),
        )

    def add_output(self) -> None:
        """Add the output layer and the number of its features."""
        self.add(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Members found")),
            tr(
                "Points in WGS 84 with their member, what was measured, and the attributes kept beside the "
                "set."
            ),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of members")))

    def metric_ellipsoid(self, parameters: Parameters, context: QgsProcessingContext) -> Optional[Ellipsoid]:
        """Return the ellipsoid to measure on; None for the sphere of the servers."""
        sphere = METRIC in parameters and self.parameterAsEnum(parameters, METRIC, context) == 1
        return None if sphere else measuring.ellipsoid_of(self.acronym)

    def source(
        self,
        parameters: Parameters,
        name: str,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> sources.FrozenSource:
        """Return the features of a parameter of ``layers_given``. Invalid ones are treated as set in the
        options of Processing."""
        frozen = self.sources.get(name) or sources.freeze(self, parameters, name, context)
        frozen.check_validity(sources.geometry_check(parameters.get(name), context), feedback.pushWarning)
        return frozen

    def layers_given(self) -> tuple[str, ...]:
        """Return the keys of the parameters that are layers, which ``source`` reads."""
        return ()

    def key_text(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """Return the name of the set as text. Raises QgsProcessingException if it is empty."""
        name = str(self.parameterAsString(parameters, KEY, context))
        if not name.strip():
            raise QgsProcessingException(tr("Name the GEO set."))
        return name

    def set_key(self, parameters: Parameters, context: QgsProcessingContext, server: Server) -> bytes:
        """Return the key of the set as it is on the server. Raises QgsProcessingException if it is empty."""
        return server.key(bytes_of(self.key_text(parameters, context)))

    def sink_of_hits(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        table: layers.HitTable,
    ) -> Results:
        """Write hits to OUTPUT and count them."""
        crs = measuring.lon_lat_crs()
        point = QgsWkbTypes.Type.Point
        sink, identity = self.sink(parameters, OUTPUT, context, table.fields, point, crs, new_ids=True)
        return {OUTPUT: identity, COUNT: table.write(sink, watch=watch_of(feedback))}


def server_of(settings: Optional[ConnectionSettings]) -> Server:
    """Return the server of a connection."""
    from ..core.redis.server import open_server

    return open_server(settings)


def warn_without_set(server: Server, key: bytes, count: int, feedback: QgsProcessingFeedback) -> None:
    """Where nothing was found, warn if there is no such set, and fail if the key is not a GEO set."""
    from ..bridge.geo.search_words import not_geo_text
    from ..core.geo import sets

    if count:
        return
    try:
        if sets.check(server, key, missing_ok=True):
            feedback.pushWarning(not_geo_text("none"))
    except sets.NotGeo as error:
        raise QgsProcessingException(not_geo_text(error.kind)) from error
