"""``redisgeo:fleetdensity``: the cells in which a fleet is, or was within a span of its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterCrs,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsUnitTypes,
    QgsWkbTypes,
)

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.cache import features
from ..bridge.compat import field
from ..bridge.crs import pyproj_text
from ..bridge.i18n import tr
from ..bridge.live.density_layer import CELL_FIELDS, grid_crs
from ..bridge.tasks import watch_of
from ..core import keys
from ..core.redis.settings import ConnectionSettings
from .base import AlgorithmText
from .parameters.period import PeriodParameters
from .positions_algorithm import PositionsAlgorithm

if TYPE_CHECKING:
    from ..core.live.density import CellCounter, DensitySpec, Tallies
    from ..core.live.spec import FeedSpec
    from ..core.watch import Watch

SIZE, SHAPE, GRID_CRS, GAP = "SIZE", "SHAPE", "GRID_CRS", "GAP"
OUTPUT, COUNT, VEHICLES = "OUTPUT", "COUNT", "VEHICLES"
LARGEST_DEGREES = 90.0
Period = tuple[Optional[float], Optional[float]]


class FleetDensity(PositionsAlgorithm):
    """Counts the vehicles of a fleet by hexagons or squares, now, at a moment, or within a span of time."""

    NAME = "fleetdensity"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Density of a fleet"),
            tags=tr("live,positions,density,hexagons,grid,heat map,dwell,history,redis"),
            help=tr(
                "Counts the vehicles of a fleet in Redis by hexagons or squares: a polygon for each cell "
                "that holds any, with their number, their mean speed and the time they spent there. Without "
                "a time it counts the latest positions. With From and Until it counts what a stream or "
                "lists have kept: every vehicle that was in the cell at all, and for how long. The same "
                "moment for both counts where the vehicles were then."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add_source(keys.POSITIONS + ":*")
        self.add(
            QgsProcessingParameterDistance(
                SIZE, tr("Size of the cells"), 1000.0, parentParameterName=GRID_CRS, minValue=0.0
            ),
            tr("From one side of a cell to the opposite one, in the unit of the CRS of the cells."),
        )
        self.add(
            QgsProcessingParameterEnum(
                SHAPE, tr("Shape of the cells"), [tr("Hexagons"), tr("Squares")], defaultValue=0
            ),
            tr("Hexagons stand on a corner. The cells are anchored at the origin of the CRS."),
        )
        PeriodParameters.add(
            self,
            tr("Reports before this moment are left out. Empty, as Until: the latest positions."),
            tr("Reports after this moment are left out. The same as From: the positions of that moment."),
        )
        self._define_advanced()
        self.add(
            QgsProcessingParameterFeatureSink(
                OUTPUT, tr("Cells"), QgsProcessing.SourceType.TypeVectorPolygon
            ),
            tr(
                "A polygon for each cell with a vehicle: their number, the mean of the speeds that are known "
                "(m/s) and the seconds they spent there, which only a span of time tells."
            ),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of cells")))
        self.addOutput(QgsProcessingOutputNumber(VEHICLES, tr("Number of vehicles")))

    def _define_advanced(self) -> None:
        self.add_advanced(
            QgsProcessingParameterCrs(GRID_CRS, tr("CRS of the cells"), optional=True),
            tr("Empty: the CRS of the project; without one, EPSG:4326, whose unit is the degree."),
        )
        self.add_advanced(
            QgsProcessingParameterNumber(
                GAP, tr("Gap (seconds)"), QgsProcessingParameterNumber.Type.Double, 300.0, minValue=1.0
            ),
            tr(
                "A vehicle is where it last reported until it reports again. A longer silence counts for no "
                "cell, and a vehicle that was silent for longer at a moment is not counted."
            ),
        )
        self.positions.add(self)

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.live.cells import SHAPES, TooFine
        from ..core.live.density import CellCounter, DensitySpec, projection

        crs = self._crs(parameters, context)
        size = self._size(parameters, context, crs)
        shape = SHAPES[self.parameterAsEnum(parameters, SHAPE, context)]
        gap = self.parameterAsDouble(parameters, GAP, context)
        period = PeriodParameters.read(self, parameters, context)
        spec = self.spec(parameters, context, settings)
        cells = DensitySpec(shape=shape, size=size)
        try:
            counter = CellCounter(cells.grid, projection(pyproj_text(crs)))
            found = _count(settings, spec, counter, gap, period, watch_of(feedback))
        except TooFine as error:
            text = tr("Cells of {size} are too small for coordinates of {crs}. Choose a larger SIZE.")
            raise QgsProcessingException(text.format(size=f"{size:g}", crs=crs.authid())) from error
        outside = found.vehicles - int(found.count.sum())
        if period == (None, None) and outside:
            feedback.pushWarning(tr("Outside of the CRS: {n}").format(n=outside))
        return self._write(parameters, context, feedback, crs, cells, found)

    def _crs(self, parameters: Parameters, context: QgsProcessingContext) -> QgsCoordinateReferenceSystem:
        chosen = self.parameterAsCrs(parameters, GRID_CRS, context)
        return chosen if chosen.isValid() else grid_crs(context.project())

    def _size(
        self, parameters: Parameters, context: QgsProcessingContext, crs: QgsCoordinateReferenceSystem
    ) -> float:
        """Return the size of the cells. Raises QgsProcessingException for one that makes no sense in the
        CRS."""
        size = self.parameterAsDouble(parameters, SIZE, context)
        if not size > 0.0:
            raise QgsProcessingException(tr("SIZE has to be more than 0."))
        in_degrees = crs.mapUnits() == QgsUnitTypes.DistanceUnit.DistanceDegrees
        if in_degrees and size > LARGEST_DEGREES:
            text = tr(
                "SIZE is in the unit of {crs}: {size} degrees are no cell. Choose a smaller SIZE, or a "
                "GRID_CRS in metres."
            )
            raise QgsProcessingException(text.format(crs=crs.authid(), size=f"{size:g}"))
        return size

    def _write(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        crs: QgsCoordinateReferenceSystem,
        cells: DensitySpec,
        found: Tallies,
    ) -> Results:
        from ..bridge.live.counting import cells_of, values_of

        fields = QgsFields()
        for name, kind in CELL_FIELDS:
            fields.append(field(name, kind))
        sink, output = self.sink(
            parameters, OUTPUT, context, fields, QgsWkbTypes.Type.Polygon, crs, new_ids=True
        )
        add, watch = features.adder(sink), watch_of(feedback)
        names, places = cells_of(cells, found)
        for name, place, values in zip(names, places, values_of(found, False)):
            watch.check()
            feature = QgsFeature(fields)
            feature.setAttributes([name, *values])
            feature.setGeometry(place)
            add(feature)
        return {OUTPUT: output, COUNT: len(found), VEHICLES: found.vehicles}


def _count(
    settings: ConnectionSettings,
    spec: FeedSpec,
    counter: CellCounter,
    gap: float,
    period: Period,
    watch: Watch,
) -> Tallies:
    """Count the latest positions, those of a moment, or all of a span. Raises TooFine and Cancelled."""
    from ..core.live.density_history import of_moment, of_span
    from ..core.live.fleet import Fixes
    from ..core.live.snapshot import history, snapshot

    start, end = period
    if start is None and end is None:
        latest = Fixes.of(snapshot(settings, spec, watch=watch).fixes)
        watch.check()
        return counter.at(latest)
    moment = start if start == end else None
    first = moment - gap if moment is not None else start
    found = history(settings, spec, first, end, watch)
    watch.check()
    return of_span(found, counter, gap, watch) if moment is None else of_moment(found, counter, moment, watch)
