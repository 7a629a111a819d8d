"""``redisgeo:snapshotpositions``: the latest positions of a fleet as a point layer."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from ..bridge import features
from ..bridge.compat import NULL, field
from ..bridge.i18n import tr
from ..bridge.live.fields import FIXED, KINDS
from ..bridge.live.ready import moment
from ..core import keys
from ..core.cancelling import Cancelled
from ..core.settings import ConnectionSettings
from .base import RedisGeoAlgorithm

SOURCE, MAX_AGE, OUTPUT, COUNT, REFUSED = "SOURCE", "MAX_AGE", "OUTPUT", "COUNT", "REFUSED"


def source_help() -> str:
    """The help of every SOURCE parameter."""
    return tr(
        "Where the positions stand: a key pattern such as vehicule:*, or the name of a GEO set, stream, list, hash or "
        "string. What the fields mean is found out from the records."
    )


def require_spec(settings: ConnectionSettings, source: str) -> Any:
    """The feed of a source; a word to the user where it holds no positions."""
    from ..core.live.snapshot import spec_of

    spec = spec_of(settings, source)
    if spec is None:
        raise QgsProcessingException(tr("No positions were found in {source}.").format(source=source))
    return spec


class SnapshotPositions(RedisGeoAlgorithm):
    """The latest position of each vehicle, with everything its producer sends."""

    ICON = "live"

    def name(self) -> str:
        return "snapshotpositions"

    def displayName(self) -> str:
        return tr("Snapshot of positions")

    def group(self) -> str:
        return tr("Live positions")

    def groupId(self) -> str:
        return "live"

    def tags(self) -> list[str]:
        return tr("live,positions,fleet,vehicles,gps,redis").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Reads the latest positions of a fleet from Redis into a point layer: JSON strings, hashes, GEO sets, "
            "streams or lists. Records that cannot be right are refused and counted by reason in the log."
        )

    def define(self) -> None:
        self.add(QgsProcessingParameterString(SOURCE, tr("Positions in Redis"), keys.POSITIONS + ":*"), source_help())
        self.add(
            QgsProcessingParameterNumber(
                MAX_AGE,
                tr("Largest age (seconds)"),
                QgsProcessingParameterNumber.Type.Double,
                0.0,
                minValue=0.0,
            ),
            tr("Vehicles whose last report is older are left out. 0: all."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Positions"), QgsProcessing.SourceType.TypeVectorPoint),
            tr("A point for each vehicle, in EPSG:4326, with the time of its report in UTC."),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of vehicles")))
        self.addOutput(QgsProcessingOutputNumber(REFUSED, tr("Number of refused records")))

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> dict[str, Any]:
        from ..core.live.snapshot import snapshot

        spec = require_spec(settings, self.parameterAsString(parameters, SOURCE, context))
        max_age = self.parameterAsDouble(parameters, MAX_AGE, context)
        found = snapshot(settings, spec, max_age, lambda: not feedback.isCanceled())
        if feedback.isCanceled():
            raise Cancelled
        columns = [name for name, kind in found.kinds.items() if kind]
        fields = QgsFields()
        for name, kind in (*FIXED, *((n, KINDS[found.kinds[n]]) for n in columns)):
            fields.append(field(name, kind))
        crs = QgsCoordinateReferenceSystem("EPSG:4326")
        sink, output = self.sink(parameters, OUTPUT, context, fields, QgsWkbTypes.Type.Point, crs)
        add = features.adder(sink)
        for position, fix in enumerate(found.fixes):
            if feedback.isCanceled():
                raise Cancelled
            add(_feature(fields, fix, columns, found.kinds, spec.name))
            feedback.setProgress(100.0 * position / len(found.fixes))
        refused = sum(found.refused.values())
        for reason, count in found.refused.items():
            feedback.pushInfo(tr("Refused ({reason}): {n}").format(reason=reason.value, n=count))
        return {OUTPUT: output, COUNT: len(found.fixes), REFUSED: refused}


def _feature(fields: QgsFields, fix: Any, columns: list[str], kinds: dict[str, str], source: str) -> QgsFeature:
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
