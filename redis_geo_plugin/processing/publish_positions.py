"""``redisgeo:publishpositions``: writes the points of a layer as positions to Redis, once or replayed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..bridge import sources
from ..bridge.algorithm_values import Parameters, Results
from ..bridge.i18n import tr
from ..bridge.live.reports import reports_of, row_numbers
from ..bridge.live.words import refused_lines
from ..bridge.tasks import watch_of
from ..bridge.words.quantities import number
from ..core import keys
from ..core.live.sources import WRITTEN
from ..core.redis.settings import ConnectionSettings
from .base import AlgorithmText
from .parameters.position_source import PositionSource
from .positions_algorithm import PositionsAlgorithm
from .releasing import releasing

if TYPE_CHECKING:
    from ..bridge.sources import FrozenSource
    from ..core.live.records import RefusalReason

INPUT, ID_FIELD, TIME_FIELD, PREFIX, TTL, SPEED, COUNT = (
    *("INPUT", "ID_FIELD", "TIME_FIELD", "PREFIX", "TTL", "SPEED", "COUNT"),
)


class PublishPositions(PositionsAlgorithm):
    """Writes ``<prefix>:<id>`` = JSON latitude, longitude, timestamp and the attributes, with a TTL."""

    NAME = "publishpositions"

    def __init__(self) -> None:
        super().__init__()
        self.positions = PositionSource(WRITTEN, INPUT, own=frozenset({ID_FIELD, TIME_FIELD}))
        self._source: Optional[FrozenSource] = None
        self._numbers: frozenset[str] = frozenset()

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Publish positions"),
            tags=tr("live,positions,replay,simulate,publish,redis"),
            help=tr(
                "Writes the points of a layer to Redis as positions, a JSON string for each id, which "
                "expire. With a field of time and a speed above 0 they are replayed in the order of time, "
                "so many times as fast as they were reported, as if the first were reported now. Cancel "
                "ends a replay. Rows that no reader would believe are left out and counted by reason in "
                "the log."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        kinds = QgsProcessingParameterNumber.Type
        self.add(
            QgsProcessingParameterFeatureSource(INPUT, tr("Points"), [QgsProcessing.SourceType.TypeVector]),
            tr(
                "Points in any CRS, or a table whose coordinates stand in fields (advanced parameters); "
                "the attributes are sent along."
            ),
        )
        self.add(
            QgsProcessingParameterField(ID_FIELD, tr("Field of the id"), parentLayerParameterName=INPUT),
            tr("Tells the vehicles apart: the end of the key."),
        )
        self.add(
            QgsProcessingParameterField(
                TIME_FIELD, tr("Field of the time"), parentLayerParameterName=INPUT, optional=True
            ),
            tr(
                "When each position was reported: a date and time, an ISO 8601 text, or seconds; without a "
                "zone in UTC. Empty: now."
            ),
        )
        self.add(
            QgsProcessingParameterString(PREFIX, tr("Prefix of the keys"), keys.POSITIONS),
            tr("The keys are this, a colon, and the id; the key itself where one holds the whole fleet."),
        )
        self.add(
            QgsProcessingParameterNumber(
                TTL, tr("Lifetime (seconds; 0: for ever)"), kinds.Integer, 3600, minValue=0
            ),
            tr("After so many seconds without a new position a vehicle's key expires. 0: never."),
        )
        self.add(
            QgsProcessingParameterNumber(
                SPEED, tr("Speed of the replay (0: all at once)"), kinds.Double, 0.0, minValue=0.0
            ),
            tr(
                "0: all at once, with the times they have. 1: as fast as they were reported. 60: an hour in "
                "a minute."
            ),
        )
        self.positions.add(self)
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of positions written")))

    @releasing
    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self._source = sources.freeze(self, parameters, INPUT, context)
        self._numbers = row_numbers(
            self._source.fields, self.parameterAsVectorLayer(parameters, INPUT, context)
        )
        return bool(super().prepareAlgorithm(parameters, context, feedback))

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.live.publish import publish
        from ..core.redis.server import open_server

        choices = self.positions.read(self, parameters, context)
        speed = self.parameterAsDouble(parameters, SPEED, context)
        if speed > 0.0 and not choices.time:
            raise QgsProcessingException(tr("A replay needs the field of the time."))
        refused: Counter[RefusalReason] = Counter()
        source, self._source = self._source, None  # an algorithm may outlive its layer
        reports = []
        for found in reports_of(source, choices, self._numbers, context.transformContext()):
            if feedback.isCanceled():
                return {COUNT: 0}
            if hasattr(found, "reason"):
                refused[found.reason] += 1
            else:
                reports.append(found)
        if speed > 0.0:
            reports.sort(key=lambda report: report.time)
        published = publish(
            open_server(settings),
            reports,
            self.parameterAsString(parameters, PREFIX, context) or keys.POSITIONS,
            self.parameterAsInt(parameters, TTL, context),
            speed,
            watch=watch_of(feedback),
            expected=len(reports),
            kind=choices.kind or WRITTEN[0],
        )
        feedback.pushInfo(tr("Positions written: {n}").format(n=number(published.count)))
        for line in refused_lines(refused + published.refused):
            feedback.pushWarning(line)
        return {COUNT: published.count}
