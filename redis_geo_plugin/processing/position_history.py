"""``redisgeo:positionhistory``: the tracks that a stream or lists keep, as lines whose M is the time."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
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
from ..bridge.compat import DATETIME, LONG, STRING, field
from ..bridge.i18n import tr
from ..bridge.moments import moment
from ..bridge.tasks import watch_of
from ..core import keys
from ..core.redis.settings import ConnectionSettings
from ..core.watch import Cancelled
from .base import AlgorithmText
from .parameters.period import PeriodParameters
from .positions_algorithm import PositionsAlgorithm

GAP, OUTPUT, COUNT = "GAP", "OUTPUT", "COUNT"


class PositionHistory(PositionsAlgorithm):
    """Writes a line for each vehicle, cut at gaps and at the 180 degree meridian."""

    NAME = "positionhistory"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("History of positions"),
            tags=tr("live,positions,history,trajectories,stream,redis"),
            help=tr(
                "Reads the ways of a fleet from a stream or from lists in Redis as lines. The M value of "
                "each vertex is the time of its report in seconds since 1970 UTC."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add_source(keys.POSITION_STREAM)
        PeriodParameters.add(
            self,
            tr("Reports before this moment are left out. Empty: from the beginning."),
            tr("Reports after this moment are left out. Empty: to the end."),
        )
        self.add(
            QgsProcessingParameterNumber(
                GAP, tr("Gap (seconds)"), QgsProcessingParameterNumber.Type.Double, 300.0, minValue=1.0
            ),
            tr("Where a vehicle did not report for longer, its line is cut."),
        )
        self.positions.add(self)
        self.add(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Ways"), QgsProcessing.SourceType.TypeVectorLine),
            tr(
                "A multi-line for each vehicle, in EPSG:4326, with its start, its end and its number of "
                "vertices."
            ),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of vehicles")))

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..bridge.live.save import measured_lines
        from ..core.live.snapshot import history
        from ..core.live.trails import parts

        spec = self.spec(parameters, context, settings)
        start, end = PeriodParameters.read(self, parameters, context)
        trails = history(settings, spec, start, end, watch_of(feedback))
        if feedback.isCanceled():
            raise Cancelled
        fields = QgsFields()
        for name, kind in (("id", STRING), ("start", DATETIME), ("end", DATETIME), ("vertices", LONG)):
            fields.append(field(name, kind))
        crs = QgsCoordinateReferenceSystem("EPSG:4326")
        kind = QgsWkbTypes.Type.MultiLineStringM
        sink, output = self.sink(parameters, OUTPUT, context, fields, kind, crs, new_ids=True)
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
