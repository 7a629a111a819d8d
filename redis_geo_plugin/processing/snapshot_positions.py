"""``redisgeo:snapshotpositions``: reads the latest positions of a fleet into a point layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsWkbTypes,
)

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.cache import features
from ..bridge.compat import NULL, field
from ..bridge.i18n import tr
from ..bridge.live.fields import FIXED, KINDS
from ..bridge.live.words import refused_lines
from ..bridge.moments import moment
from ..bridge.tasks import watch_of
from ..core import keys
from ..core.redis.settings import ConnectionSettings
from ..core.watch import Cancelled
from .base import AlgorithmText
from .positions_algorithm import PositionsAlgorithm

if TYPE_CHECKING:
    from ..core.live.records import Fix

MAX_AGE, OUTPUT, COUNT, REFUSED = "MAX_AGE", "OUTPUT", "COUNT", "REFUSED"


class SnapshotPositions(PositionsAlgorithm):
    """The latest position of each vehicle, with everything its producer sends."""

    NAME = "snapshotpositions"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Snapshot of positions"),
            tags=tr("live,positions,fleet,vehicles,gps,redis"),
            help=tr(
                "Reads the latest positions of a fleet from Redis into a point layer: JSON strings, "
                "hashes, GEO sets, streams or lists. What the fields mean is found out from the records; "
                "the advanced parameters say it where that is not certain. Records that cannot be right "
                "are refused and counted by reason in the log."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add_source(keys.POSITIONS + ":*")
        self.add(
            QgsProcessingParameterNumber(
                MAX_AGE,
                tr("Largest age (seconds; 0: any)"),
                QgsProcessingParameterNumber.Type.Double,
                0.0,
                minValue=0.0,
            ),
            tr("Vehicles whose last report is older are left out. 0: all."),
        )
        self.positions.add(self)
        self.add(
            QgsProcessingParameterFeatureSink(
                OUTPUT, tr("Positions"), QgsProcessing.SourceType.TypeVectorPoint
            ),
            tr("A point for each vehicle, in EPSG:4326, with the time of its report in UTC."),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of vehicles")))
        self.addOutput(QgsProcessingOutputNumber(REFUSED, tr("Number of refused records")))

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.live.snapshot import snapshot

        spec = self.spec(parameters, context, settings)
        max_age = self.parameterAsDouble(parameters, MAX_AGE, context)
        found = snapshot(settings, spec, max_age, watch_of(feedback))
        if feedback.isCanceled():
            raise Cancelled
        columns = [name for name, kind in found.kinds.items() if kind]
        fields = QgsFields()
        for name, kind in (*FIXED, *((n, KINDS[found.kinds[n]]) for n in columns)):
            fields.append(field(name, kind))
        crs = QgsCoordinateReferenceSystem("EPSG:4326")
        sink, output = self.sink(
            parameters, OUTPUT, context, fields, QgsWkbTypes.Type.Point, crs, new_ids=True
        )
        add = features.adder(sink)
        for position, fix in enumerate(found.fixes):
            if feedback.isCanceled():
                raise Cancelled
            add(_feature(fields, fix, columns, found.kinds, spec.name))
            feedback.setProgress(100.0 * position / len(found.fixes))
        refused = sum(found.refused.values())
        for line in refused_lines(found.refused):
            feedback.pushInfo(line)
        return {OUTPUT: output, COUNT: len(found.fixes), REFUSED: refused}


def _feature(
    fields: QgsFields, fix: Fix, columns: list[str], kinds: dict[str, str], source: str
) -> QgsFeature:
    from ..core.live.records import Schema

    schema = Schema(kinds)
    values = [
        fix.id,
        moment(fix.time),
        NULL if fix.speed is None else fix.speed,
        NULL if fix.heading is None else fix.heading,
        source,
        NULL if fix.derived is None else fix.derived,
    ]
    for name in columns:
        value = schema.convert(name, fix.attributes.get(name))
        values.append(NULL if value is None else value)
    feature = QgsFeature(fields)
    feature.setAttributes(values)
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(fix.lon, fix.lat)))
    return feature
