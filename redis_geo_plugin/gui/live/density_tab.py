"""The tab with the density: the fleet counted by cells, and by the polygons of the geofences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsUnitTypes
from qgis.PyQt.QtWidgets import QDoubleSpinBox, QPushButton, QVBoxLayout

from ...bridge.i18n import tr
from ...bridge.live.density_layer import LARGEST, LARGEST_DEGREES, SMALLEST, grid_crs, size_in
from ...bridge.plain import tool_tip
from ...core.live.cells import HEXAGONS, SQUARES, TooFine
from ...core.live.density import CELLS, ZONES, DensitySpec
from ..labels import Label
from ..wrapping import WrapLayout, beside
from .boxes import choice, select
from .feed_tab import FeedTab, TabTools
from .wording import amount

if TYPE_CHECKING:
    from qgis.gui import QgsMapCanvas

    from ...bridge.live.live_density import LiveDensity
    from ...bridge.live.live_feed import LiveFeed

ACROSS = 40  # cells over the width of the map, at first


class DensityTab(FeedTab):
    """Shows and sets how one feed is counted. What is chosen counts at once, and is kept with the layer."""

    NAME = "density"

    def __init__(self, tools: TabTools):
        super().__init__(tools)
        self._feed: Optional[LiveFeed] = None
        self._wished: dict[str, DensitySpec] = {}  # by uid: what is not on the map yet
        self._wished_in = grid_crs(QgsProject.instance())
        self._in_crs: Optional[QgsCoordinateReferenceSystem] = None  # what the box of the size shows
        self.shape_box = choice(
            "redis_geo_live_density_shape", ((HEXAGONS, tr("Hexagons")), (SQUARES, tr("Squares")))
        )
        self.shape_box.currentIndexChanged.connect(lambda _row: self._keep())
        self.size_box = QDoubleSpinBox()
        self.size_box.setObjectName("redis_geo_live_density_size")
        self.size_box.setGroupSeparatorShown(True)
        self.size_box.setKeyboardTracking(False)
        self.size_box.setToolTip(tr("From one side of a cell to the opposite one, in the CRS of the cells"))
        self.size_box.valueChanged.connect(lambda _value: self._keep())
        self.cells_button = self._button(
            "redis_geo_live_density_cells", tr("Show cells on the map"), CELLS, tr("Count the fleet by cells")
        )
        self.zones_button = self._button(
            "redis_geo_live_density_zones",
            tr("Show zones on the map"),
            ZONES,
            tr("Count the fleet by the polygons that are watched under Geofences"),
        )
        self.state_label, self.zones_label = Label(), Label()
        for label, name in ((self.state_label, "state"), (self.zones_label, "zones_state")):
            label.setObjectName(f"redis_geo_live_density_{name}")
            label.setWordWrap(True)
        tools.densities.changed.connect(self._on_changed)
        self._lay_out()

    def _button(self, name: str, text: str, kind: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setCheckable(True)
        button.setToolTip(tool_tip(tip))
        button.clicked.connect(lambda on: self._switch(kind, on))
        return button

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addLayout(
            WrapLayout(self.shape_box, beside(Label(tr("of")), self.size_box), self.cells_button)
        )
        layout.addWidget(self.state_label)
        layout.addSpacing(8)
        layout.addLayout(WrapLayout(self.zones_button))
        layout.addWidget(self.zones_label)
        layout.addStretch(1)

    @staticmethod
    def title() -> str:
        return tr("Density")

    def show_feed(self, feed: Optional[LiveFeed]) -> None:
        """Show the density of a feed, or of none."""
        self._feed = feed
        self.setEnabled(feed is not None)
        if feed is None:
            self.state_label.setText("")
            self.zones_label.setText("")
            return
        cells, zones = (self.tools.densities.of(feed.spec.uid, kind) for kind in (CELLS, ZONES))
        self._show_spec(cells)
        self.cells_button.setChecked(cells is not None)
        self.zones_button.setChecked(zones is not None)
        watched = feed.spec.fencing.watched
        self.zones_button.setEnabled(watched or zones is not None)
        self.state_label.setText(cells_text(cells))
        none = tr("Choose polygons under Geofences and press Watch, to count by them too.")
        self.zones_label.setText(zones_text(zones) if watched else none)

    def _show_spec(self, cells: Optional[LiveDensity]) -> None:
        """What is on the map, else what is wished for; a box that is being typed in is left alone."""
        spec = cells.spec if cells is not None else self._wish()
        layer = cells.layer if cells is not None else None
        crs = layer.crs() if layer is not None else grid_crs(QgsProject.instance())
        if self.size_box.hasFocus() and crs == self._in_crs:
            return
        self._in_crs = crs
        for box in (self.shape_box, self.size_box):
            box.blockSignals(True)
        select(self.shape_box, spec.shape)
        self.size_box.setDecimals(5 if is_in_degrees(crs) else 1)
        self.size_box.setRange(
            SMALLEST if is_in_degrees(crs) else 0.1, LARGEST_DEGREES if is_in_degrees(crs) else LARGEST
        )
        self.size_box.setSuffix(unit_of(crs))
        self.size_box.setValue(spec.size)
        for box in (self.shape_box, self.size_box):
            box.blockSignals(False)

    def _wish(self) -> DensitySpec:
        crs = grid_crs(QgsProject.instance())
        if crs != self._wished_in:  # a size that was wished for was in units of another CRS
            self._wished.clear()
            self._wished_in = crs
        uid = self._feed.spec.uid if self._feed is not None else ""
        if uid not in self._wished:
            self._wished[uid] = fitting(uid, self.tools.iface.mapCanvas())
        return self._wished[uid]

    def _keep(self) -> None:
        """The choice counts at once where cells are on the map."""
        if self._feed is None:
            return
        uid = self._feed.spec.uid
        spec = DensitySpec(uid, CELLS, self.shape_box.currentData(), self.size_box.value())
        self._wished[uid] = spec
        if self.tools.densities.of(uid) is not None:
            self.tools.actions.density(spec)

    def _switch(self, kind: str, on: bool) -> None:
        if self._feed is None:
            return
        uid = self._feed.spec.uid
        if not on:
            self._wished.pop(uid, None)
            self.tools.actions.no_density(uid, kind)
        elif kind == ZONES:
            self.tools.actions.density(DensitySpec(uid, ZONES))
        else:
            self.tools.actions.density(
                DensitySpec(uid, CELLS, self.shape_box.currentData(), self.size_box.value())
            )
        self.show_feed(self._feed)

    def _on_changed(self, uid: str) -> None:
        if self._feed is not None and self._feed.spec.uid == uid and self.isVisible():
            self.show_feed(self._feed)


def cells_text(cells: Optional[LiveDensity]) -> str:
    """What the cells of a feed show, in words."""
    if cells is None:
        return tr("Cells on the map follow the fleet: how many vehicles, how fast, and for how long.")
    if cells.error is not None:
        return error_text(cells.error)
    found = cells.tallies
    if found is None:
        return tr("Counting begins when the feed runs.")
    placed = int(found.count.sum())
    text = tr("Occupied cells: {cells}; vehicles in them: {vehicles}.")
    text = text.format(cells=amount(len(found)), vehicles=amount(placed))
    outside = found.vehicles - placed
    return f"{text} {tr('Outside of the CRS: {n}').format(n=amount(outside))}" if outside else text


def zones_text(zones: Optional[LiveDensity]) -> str:
    """What the zones of a feed show, in words."""
    if zones is None:
        return tr("Zones show how many vehicles are inside, for how long, and how many entered and left.")
    if zones.error is not None:
        return error_text(zones.error)
    if zones.tallies is None:
        return tr("Counting begins when the feed runs.")
    text = tr("Zones counted: {n}. Entered and left count from when they were read.")
    return text.format(n=amount(len(zones.tallies)))


def error_text(error: BaseException) -> str:
    """Why nothing is counted."""
    from ...bridge.live.counting import TooMany

    if isinstance(error, TooFine):
        return tr("Nothing is counted: the cells are too small for coordinates of this CRS.")
    if isinstance(error, TooMany):
        return tr("Nothing is counted: more than 100,000 cells are occupied. Choose a larger size.")
    return tr("Nothing is counted: {why}").format(why=str(error))


def fitting(uid: str, canvas: QgsMapCanvas) -> DensitySpec:
    """Hexagons that fit the map as it is shown."""
    unit = grid_crs(QgsProject.instance()).mapUnits()
    return DensitySpec(uid, CELLS, HEXAGONS, size_in(unit, canvas.extent().width() / ACROSS, unit))


def is_in_degrees(crs: QgsCoordinateReferenceSystem) -> bool:
    """Whether the unit of a CRS is a degree."""
    return bool(crs.mapUnits() == QgsUnitTypes.DistanceUnit.DistanceDegrees)


def unit_of(crs: QgsCoordinateReferenceSystem) -> str:
    """The unit of a CRS behind a number."""
    if is_in_degrees(crs):
        return "°"
    return f" {QgsUnitTypes.toAbbreviatedString(crs.mapUnits())}"
