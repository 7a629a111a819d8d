"""``redisgeo:publishpositions``: a layer's points as positions in Redis, once or replayed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCsException,
    QgsFeatureRequest,
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
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from ..bridge.compat import is_null
from ..bridge.i18n import tr
from ..core import keys
from ..core.settings import ConnectionSettings
from .base import RedisGeoAlgorithm

INPUT, ID_FIELD, TIME_FIELD, PREFIX, TTL, SPEED, COUNT = (
    *("INPUT", "ID_FIELD", "TIME_FIELD", "PREFIX", "TTL", "SPEED", "COUNT"),
)


class PublishPositions(RedisGeoAlgorithm):
    """Writes ``<prefix>:<id>`` = JSON latitude, longitude, timestamp and the attributes, with a TTL."""

    ICON = "live"

    def name(self) -> str:
        return "publishpositions"

    def displayName(self) -> str:
        return tr("Publish positions")

    def group(self) -> str:
        return tr("Live positions")

    def groupId(self) -> str:
        return "live"

    def tags(self) -> list[str]:
        return tr("live,positions,replay,simulate,publish,redis").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Writes the points of a layer to Redis as positions, a JSON string for each id, which expire. With a field "
            "of time and a speed above 0 they are replayed in the order of time, so many times as fast as they were "
            "reported, as if the first were reported now. Cancel ends a replay."
        )

    def define(self) -> None:
        self.add(
            QgsProcessingParameterFeatureSource(INPUT, tr("Points"), [QgsProcessing.SourceType.TypeVectorPoint]),
            tr("Points in any CRS; their attributes are sent along."),
        )
        self.add(
            QgsProcessingParameterField(ID_FIELD, tr("Field of the id"), parentLayerParameterName=INPUT),
            tr("Tells the vehicles apart: the end of the key."),
        )
        self.add(
            QgsProcessingParameterField(
                TIME_FIELD, tr("Field of the time"), parentLayerParameterName=INPUT, optional=True
            ),
            tr("When each position was reported: a date and time, an ISO 8601 text, or seconds. Empty: now."),
        )
        self.add(
            QgsProcessingParameterString(PREFIX, tr("Prefix of the keys"), keys.POSITIONS),
            tr("The keys are this, a colon, and the id."),
        )
        self.add(
            QgsProcessingParameterNumber(
                TTL, tr("Lifetime (seconds)"), QgsProcessingParameterNumber.Type.Integer, 3600, minValue=0
            ),
            tr("After so many seconds without a new position a vehicle's key expires. 0: never."),
        )
        self.add(
            QgsProcessingParameterNumber(
                SPEED, tr("Speed of the replay"), QgsProcessingParameterNumber.Type.Double, 0.0, minValue=0.0
            ),
            tr("0: all at once, with the times they have. 1: as fast as they were reported. 60: an hour in a minute."),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of positions written")))

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> dict[str, Any]:
        from ..core.live.publish import publish
        from ..core.server import open_server

        source = self.source_of(parameters, INPUT, context)
        id_field, time_field = (self.parameterAsString(parameters, n, context) for n in (ID_FIELD, TIME_FIELD))
        speed = self.parameterAsDouble(parameters, SPEED, context)
        reports = list(_reports(source, id_field, time_field, context, feedback))
        if speed > 0.0:
            if not time_field:
                raise QgsProcessingException(tr("A replay needs the field of the time."))
            reports.sort(key=lambda report: report.time)
        total = len(reports)
        count = publish(
            open_server(settings),
            reports,
            self.parameterAsString(parameters, PREFIX, context) or keys.POSITIONS,
            self.parameterAsInt(parameters, TTL, context),
            speed,
            alive=lambda: not feedback.isCanceled(),
            told=lambda written: feedback.setProgress(100.0 * written / max(total, 1)),
        )
        return {COUNT: count}


def _reports(
    source: Any, id_field: str, time_field: str, context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> Iterator[Any]:
    """The features as reports; those without a position, an id or a usable time are left out and counted."""
    import time

    from ..core.live.publish import Report
    from ..core.live.values import Times

    fields = [f.name() for f in source.fields()]
    request = QgsFeatureRequest().setDestinationCrs(
        QgsCoordinateReferenceSystem("EPSG:4326"), context.transformContext()
    )
    times, now, left_out = Times(), time.time(), 0
    try:
        for feature in source.getFeatures(request):
            if feedback.isCanceled():
                return
            values = dict(zip(fields, feature.attributes()))
            ident = values.pop(id_field, None)
            moment = _seconds(values.pop(time_field, None), times) if time_field else now
            if is_null(ident) or moment is None or not feature.hasGeometry() or feature.geometry().isEmpty():
                left_out += 1
                continue
            point = (
                feature.geometry().asMultiPoint()[0]
                if feature.geometry().isMultipart()
                else feature.geometry().asPoint()
            )
            attributes = {name: plain for name, value in values.items() if (plain := _plain(value)) is not None}
            yield Report(moment, str(ident), point.x(), point.y(), attributes)
    except QgsCsException as error:
        raise QgsProcessingException(tr("The points cannot be transformed: {why}").format(why=error)) from error
    if left_out:
        feedback.pushWarning(tr("Left out, without position, id or time: {n}").format(n=left_out))


def _seconds(value: Any, times: Any) -> Optional[float]:
    if isinstance(value, QDateTime):
        return float(value.toMSecsSinceEpoch()) / 1000.0 if value.isValid() else None
    return None if is_null(value) else times.read(value)


def _plain(value: Any) -> Any:
    """An attribute as JSON holds it; None is left out."""
    if is_null(value):
        return None
    if isinstance(value, (QDateTime, QDate, QTime)):
        return value.toString(Qt.DateFormat.ISODate)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool)) else str(value)
