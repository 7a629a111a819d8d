"""``redisgeo:readtracks``: the ways that time series with labels keep, as lines whose M is the time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
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

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.cache import features
from ..bridge.compat import DATETIME, LONG, STRING, field
from ..bridge.features import series_words
from ..bridge.i18n import tr
from ..bridge.moments import moment
from ..bridge.tasks import watch_of
from ..core.redis.settings import ConnectionSettings
from .base import AlgorithmText, RedisGeoAlgorithm
from .parameters.coordinates import CoordinateParameters
from .parameters.period import PeriodParameters

if TYPE_CHECKING:
    from ..core.live.labelled import LabelRoles, Vehicle
    from ..core.live.series_tracks import Period, SeriesTrack

FILTER, COORDINATE_LABEL, ID_LABEL = "FILTER", "COORDINATE_LABEL", "ID_LABEL"
X_VALUE, Y_VALUE = "X_VALUE", "Y_VALUE"
GAP, APART, OUTPUT, COUNT = "GAP", "APART", "OUTPUT", "COUNT"
OWN = ("id", "start", "end", "vertices")
MOST_LABELS = 200  # that become fields
TOLD = 100  # vehicles that the log names one by one


class ReadTracks(RedisGeoAlgorithm):
    """A line for each vehicle, cut where a coordinate is missing, at gaps, and at the 180 degree meridian."""

    NAME = "readtracks"
    GROUP = "features"
    ICON = "features"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Read tracks of time series"),
            tags=tr(
                "redis,time series,labels,tracks,trajectories,history,TS.MRANGE,TS.RANGE,RedisTimeSeries"
            ),
            help=tr(
                "Reads the ways of vehicles from time series in Redis (Redis 8, Redis Stack), one series for "
                "each coordinate, found by their labels. Which label says the coordinate and which the "
                "vehicle is told from the labels and the latest values; what they do not decide is asked, "
                "not guessed. The M value of each vertex is the time of its samples in seconds since 1970 "
                "UTC. Where one of the coordinates is missing at a time, the line is cut."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add(
            QgsProcessingParameterString(FILTER, tr("Filter of the labels")),
            tr(
                "Which series, as the server takes it: conditions with spaces between, such as fleet=north "
                "coord=(lon,lat). Labels and values with spaces stand in quotes."
            ),
        )
        PeriodParameters.add(
            self,
            tr("Samples before this moment are left out. Empty: from the beginning."),
            tr("Samples after this moment are left out. Empty: to the end."),
        )
        self.add(
            QgsProcessingParameterNumber(
                GAP, tr("Gap (seconds)"), QgsProcessingParameterNumber.Type.Double, 300.0, minValue=0.001
            ),
            tr("Where a vehicle has no position for longer, its line is cut."),
        )
        self._define_labels()
        self.add(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Tracks"), QgsProcessing.SourceType.TypeVectorLine),
            tr(
                "A multi-line for each vehicle, in EPSG:4326, with its start, its end, its number of "
                "vertices and the labels that both of its series have."
            ),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of vehicles")))

    def _define_labels(self) -> None:
        own = tr("Empty: as the labels and the values tell.")
        for name, label, text in (
            (ID_LABEL, tr("Label of the vehicle"), tr("Tells the vehicles apart, such as vehicle.")),
            (
                COORDINATE_LABEL,
                tr("Label of the coordinate"),
                tr("Says which coordinate a series is, such as coord."),
            ),
            (X_VALUE, tr("Its value for the longitude (x)"), tr("Goes together with that of the latitude.")),
            (Y_VALUE, tr("Its value for the latitude (y)"), tr("Goes together with that of the longitude.")),
        ):
            self.add_advanced(QgsProcessingParameterString(name, label, optional=True), f"{text} {own}")
        self.add_advanced(
            QgsProcessingParameterNumber(
                APART,
                tr("Samples of one position apart (milliseconds, 0: not at all)"),
                QgsProcessingParameterNumber.Type.Integer,
                0,
                minValue=0,
                maxValue=3_600_000,
            ),
            tr(
                "Both coordinates of a position may be so much apart in time, where each is stored by "
                "itself. 0: they have the same time."
            ),
        )
        CoordinateParameters().add(self, tr("Of the values of the series. Empty: degrees (EPSG:4326)."))

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.live import labelled
        from ..core.live.reader import reading
        from ..core.live.series_tracks import tracks

        given, period = self._given(parameters, context), self._period(parameters, context)
        try:
            words = labelled.words_of(self._text(parameters, FILTER, context))
            with reading(settings) as reader:
                series = labelled.find(reader, words)
                roles = labelled.roles_of(series, given)
                found = labelled.vehicles(series, roles)
                feedback.pushInfo(_understood(roles))
                read = tracks(reader, found, roles.mapping, period, watch_of(feedback))
                return self._write(parameters, context, feedback, found, read)
        except labelled.SeriesProblem as error:
            raise QgsProcessingException(series_words.why_not(error)) from error

    def _text(self, parameters: Parameters, name: str, context: QgsProcessingContext) -> str:
        return str(self.parameterAsString(parameters, name, context)).strip()

    def _given(self, parameters: Parameters, context: QgsProcessingContext) -> LabelRoles:
        """Return what was chosen of the labels. Raises QgsProcessingException for half of it."""
        from ..core.live.labelled import LabelRoles
        from ..core.live.spec import Mapping

        x, y = (self._text(parameters, name, context) for name in (X_VALUE, Y_VALUE))
        if bool(x) != bool(y):
            raise QgsProcessingException(tr("X_VALUE and Y_VALUE belong together: one of them is empty."))
        values: dict[str, Any] = {"lon": x, "lat": y} if x else {}
        chosen = CoordinateParameters().read(self, parameters, context)
        values.update({name: value for name, value in chosen._asdict().items() if value})
        return LabelRoles(
            self._text(parameters, COORDINATE_LABEL, context),
            self._text(parameters, ID_LABEL, context),
            Mapping(**values),
        )

    def _period(self, parameters: Parameters, context: QgsProcessingContext) -> Period:
        from ..core.live.series_tracks import Period

        start, end = PeriodParameters.read(self, parameters, context)
        gap = self.parameterAsDouble(parameters, GAP, context)
        return Period(start, end, gap, self.parameterAsInt(parameters, APART, context))

    def _write(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        found: list[Vehicle],
        tracks: Iterable[SeriesTrack],
    ) -> Results:
        from ..bridge.live.save import measured_lines

        labels, fields = _fields(found, feedback)
        wgs84, kind = QgsCoordinateReferenceSystem("EPSG:4326"), QgsWkbTypes.Type.MultiLineStringM
        sink, output = self.sink(parameters, OUTPUT, context, fields, kind, wgs84, new_ids=True)
        add, count, log = features.adder(sink), 0, _Log(feedback)
        for track in tracks:
            log.note(track)
            lines = track.lines
            if not lines:
                continue
            feature = QgsFeature(fields)
            times = moment(lines[0][0][2]), moment(lines[-1][-1][2])
            own = track.vehicle.labels
            feature.setAttributes(
                [track.vehicle.id, *times, sum(map(len, lines)), *(own.get(name) for name in labels)]
            )
            feature.setGeometry(measured_lines(lines))
            add(feature)
            count += 1
        log.tell()
        return {OUTPUT: output, COUNT: count}


def _understood(roles: LabelRoles) -> str:
    """What the labels were taken for, so that nobody has to believe it."""
    return tr("Longitude: {field}={x}; latitude: {field}={y}; vehicle: {id}").format(
        field=series_words.shown(roles.coordinate),
        x=series_words.shown(roles.mapping.lon),
        y=series_words.shown(roles.mapping.lat),
        id=series_words.shown(roles.id),
    )


def _fields(found: list[Vehicle], feedback: QgsProcessingFeedback) -> tuple[list[str], QgsFields]:
    """The labels that become fields, as text, and all fields."""
    from ..core.field_names import FieldNames

    fields, names = QgsFields(), FieldNames(OWN)
    for name, kind in zip(OWN, (STRING, DATETIME, DATETIME, LONG)):
        fields.append(field(name, kind))
    labels = list(dict.fromkeys(name for one in found for name in one.labels))
    if len(labels) > MOST_LABELS:
        text = tr("The first {most} of {count} labels are fields; the others are left out.")
        feedback.pushWarning(text.format(most=MOST_LABELS, count=len(labels)))
    for name in labels[:MOST_LABELS]:
        fields.append(field(names.name(name), STRING))
    return labels[:MOST_LABELS], fields


class _Log:
    """What is said of tracks that are cut, empty or left out: the first by name, and all in numbers."""

    def __init__(self, feedback: QgsProcessingFeedback):
        self._feedback = feedback
        self._alone = self._refused = self._too_long = self._told = 0

    def note(self, track: SeriesTrack) -> None:
        """Count what a track lacks."""
        self._alone += track.alone
        self._refused += track.refused
        self._too_long += track.too_long
        if track.lines or self._told >= TOLD:
            return
        self._told += 1
        ident = series_words.shown(track.vehicle.id)
        if track.too_long:
            text = tr("{id}: more than a million samples; choose a shorter time")
            self._feedback.pushWarning(text.format(id=ident))
        else:
            self._feedback.pushInfo(tr("{id}: no two positions make a line").format(id=ident))

    def tell(self) -> None:
        """Say the numbers."""
        for number, text in (
            (self._alone, tr("Samples without the other coordinate at their time: {n}")),
            (self._refused, tr("Positions that are none on the globe: {n}")),
            (self._too_long, tr("Vehicles with too many samples, left out: {n}")),
        ):
            if number:
                self._feedback.pushWarning(text.format(n=number))
