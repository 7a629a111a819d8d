"""``redisgeo:positionhistory``: the ways that a stream or lists keep, as lines whose M is the time."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDateTime, Qt

from ..bridge import features
from ..bridge.compat import DATETIME, LONG, STRING, field
from ..bridge.i18n import tr
from ..bridge.live.ready import moment
from ..core import keys
from ..core.cancelling import Cancelled
from ..core.settings import ConnectionSettings
from .base import RedisGeoAlgorithm
from .snapshot_positions import require_spec, source_help

SOURCE, START, END, GAP, OUTPUT, COUNT = "SOURCE", "START", "END", "GAP", "OUTPUT", "COUNT"


class PositionHistory(RedisGeoAlgorithm):
    """A line for each vehicle, cut at gaps and at the 180 degree meridian."""

    ICON = "live"

    def name(self) -> str:
        return "positionhistory"

    def displayName(self) -> str:
        return tr("History of positions")

    def group(self) -> str:
        return tr("Live positions")

    def groupId(self) -> str:
        return "live"

    def tags(self) -> list[str]:
        return tr("live,positions,history,trajectories,stream,redis").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Reads the ways of a fleet from a stream or from lists in Redis as lines. The M value of each vertex is the "
            "time of its report in seconds since 1970 UTC."
        )

    def define(self) -> None:
        self.add(QgsProcessingParameterString(SOURCE, tr("Positions in Redis"), keys.POSITION_STREAM), source_help())
        self.add(
            QgsProcessingParameterDateTime(START, tr("From (UTC)"), optional=True),
            tr("Reports before this moment are left out. Empty: from the beginning."),
        )
        self.add(
            QgsProcessingParameterDateTime(END, tr("Until (UTC)"), optional=True),
            tr("Reports after this moment are left out. Empty: to the end."),
        )
        self.add(
            QgsProcessingParameterNumber(
                GAP, tr("Gap (seconds)"), QgsProcessingParameterNumber.Type.Double, 300.0, minValue=1.0
            ),
            tr("Where a vehicle did not report for longer, its line is cut."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Ways"), QgsProcessing.SourceType.TypeVectorLine),
            tr("A multi-line for each vehicle, in EPSG:4326, with its start, its end and its number of vertices."),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of vehicles")))

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> dict[str, Any]:
        from ..bridge.live.save import measured_lines
        from ..core.live.snapshot import history
        from ..core.live.trails import parts

        spec = require_spec(settings, self.parameterAsString(parameters, SOURCE, context))
        start, end = (_seconds(self.parameterAsDateTime(parameters, name, context)) for name in (START, END))
        trails = history(settings, spec, start, end, lambda: not feedback.isCanceled())
        if feedback.isCanceled():
            raise Cancelled
        fields = QgsFields()
        for name, kind in (("id", STRING), ("start", DATETIME), ("end", DATETIME), ("vertices", LONG)):
            fields.append(field(name, kind))
        crs = QgsCoordinateReferenceSystem("EPSG:4326")
        kind = QgsWkbTypes.Type.MultiLineStringM
        sink, output = self.sink(parameters, OUTPUT, context, fields, kind, crs)
        add = features.adder(sink)
        count, gap = 0, self.parameterAsDouble(parameters, GAP, context)
        for ident in sorted(trails.ids()):
            lines = parts(trails.way(ident), gap)
            if feedback.isCanceled():
                raise Cancelled
            if not lines:
                feedback.pushInfo(tr("{id}: a single position makes no line").format(id=ident))
                continue
            feature = QgsFeature(fields)
            times = moment(lines[0][0][2]), moment(lines[-1][-1][2])
            feature.setAttributes([ident, *times, sum(map(len, lines))])
            feature.setGeometry(measured_lines(lines))
            add(feature)
            count += 1
        return {OUTPUT: output, COUNT: count}


def _seconds(value: QDateTime) -> Optional[float]:
    """A moment given without a zone counts as UTC."""
    if not value.isValid():
        return None
    if value.timeSpec() == Qt.TimeSpec.LocalTime:
        value = QDateTime(value.date(), value.time(), Qt.TimeSpec.UTC)
    return float(value.toMSecsSinceEpoch()) / 1000.0
