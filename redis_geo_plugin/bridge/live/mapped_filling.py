"""Showing a fleet that a process of its own reads: a layer over the pictures that it makes, repainted once a
picture. Not one row passes through Python here."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsFeatureRequest, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...core.live.mapped.fleet import PictureFleet
from .filling import AGE_REPAINT_MS, Tick, set_variables
from .layer import age_column
from .mapped_layer import idents_of_selected, read_anew, show_pictures
from .repaints import Repaints

if TYPE_CHECKING:
    from ...core.live.mapped.feed import Mapped, MappedFeed, Picture
    from ...core.live.spec import FeedSpec
    from ...core.live.view import Extent


class MappedRows:
    """What is shown, as ``LayerWriter`` tells it: read from the newest picture when somebody asks."""

    busy = False
    waiting = 0

    def __init__(self, mapped: Mapped):
        self.shown = PictureFleet(mapped.folder.path)
        self.shown.show(mapped.picture.number, mapped.picture.count)

    @property
    def count(self) -> int:
        """The number of vehicles on the layer."""
        return len(self.shown)

    @property
    def idents(self) -> Iterable[str]:
        """The vehicles that have a feature."""
        return self.shown.keys()

    def fid(self, ident: str) -> Optional[int]:
        """The id of the feature that shows a vehicle."""
        row = self.shown.slot(ident)
        return row if row >= 0 else None

    def rename(self, source: str) -> None:
        """The process does so when it is told the new name."""


class MappedFilling(QObject):
    """Main thread only; the counterpart of ``LayerFilling``, which knows the past and trails as well.

    ``failed`` when the feed cannot be shown in this way (any more): it has to go on in an ordinary layer.
    """

    ticked = pyqtSignal()
    trails_left = pyqtSignal()
    failed = pyqtSignal()
    moment = None
    trail = None
    restriction = None

    def __init__(
        self, layer: QgsVectorLayer, spec: FeedSpec, mapped: Mapped, parent: Optional[QObject] = None
    ):
        super().__init__(parent)
        self.spec = spec
        self.mapped = mapped
        self.core: Optional[MappedFeed] = None
        self.tick = Tick()
        self.full = False
        self.exchanging = False  # the layer is being given another data source by us
        self.view: Optional[Extent] = None
        self.shows = False  # whether the layer shows pictures yet
        self.writer: Optional[MappedRows] = MappedRows(mapped)
        self._layer: Optional[QgsVectorLayer] = layer
        self._columns: tuple[tuple[str, str], ...] = ()  # that the layer has
        self._held: Optional[Picture] = None  # not shown yet, as it is only a part of the fleet
        self._quiet = _listeners(layer)
        self._repaints = Repaints(layer, lambda: float(self.spec.interval), self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        self._fading = QTimer(self)
        self._fading.setInterval(AGE_REPAINT_MS)
        self._fading.timeout.connect(self._repaints.want)

    # --- control --------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin with a running feed."""
        self._fading.start()

    def rest(self) -> None:
        """End with the feed; the layer keeps what it shows."""
        self._timer.stop()
        self._fading.stop()
        self._repaints.stop()

    def let_go(self) -> None:
        """Release the layer, and end the process with its files."""
        self.rest()
        self._repaints.let_go()
        self._layer = None
        self.writer = None
        self.mapped.close()

    def hear(self) -> None:
        """Note that there is a picture, or that there will be none."""
        if not self._timer.isActive():
            self._timer.start(0)

    def offer_all(self) -> None:
        """Every picture shows everything."""

    def look_at(self, view: Optional[Extent]) -> None:
        """The layer shows everything wherever the map is; an ordinary one may come to be restricted to it."""
        self.view = view

    def leave_past(self) -> None:
        """The past is not shown here."""

    @property
    def is_drawing(self) -> Callable[[], bool]:
        """Whether the canvas is drawing; who owns the canvas sets it, and calls ``on_drawn``."""
        return self._repaints.is_drawing

    @is_drawing.setter
    def is_drawing(self, ask: Callable[[], bool]) -> None:
        self._repaints.is_drawing = ask

    def on_drawn(self) -> None:
        """Note that the canvas has finished drawing."""
        self._repaints.on_drawn()
        if self.core is not None:
            self.core.lead = self._repaints.lead

    # --- showing --------------------------------------------------------------------------------------------

    def _look(self) -> None:
        core, layer, rows = self.core, self._layer, self.writer
        if core is None or layer is None or rows is None:
            return
        if core.given_up is not None:
            self.failed.emit()
            return
        started = time.perf_counter()
        picture = core.take()
        if picture is not None:
            self._held = picture
            core.taken(picture)
        picture = self._held
        if picture is None or not (self.shows or picture.whole):
            self.ticked.emit()
            return
        self._held = None
        rows.shown.show(picture.number, picture.count)
        if not self._show(layer, picture, rows):
            self.failed.emit()
            return
        self._finish(layer, picture, core, started)

    def _show(self, layer: QgsVectorLayer, picture: Picture, rows: MappedRows) -> bool:
        """Show a picture. Returns whether the layer can."""
        if not self.shows:
            selected = idents_of_selected(layer)
            self.exchanging = True
            try:
                self.shows = show_pictures(layer, self.mapped.folder.path)
            finally:
                self.exchanging = False
            if self.shows:
                found = rows.shown.find(selected).tolist() if selected else []
                layer.selectByIds([row for row in found if row >= 0])
                self._columns = picture.columns
            return self.shows
        read_anew(layer)
        if picture.columns != self._columns:
            self._columns = picture.columns
            layer.updateFields()
        if picture.gone and layer.selectedFeatureCount():
            layer.deselect(list(picture.gone))
        return True

    def _finish(self, layer: QgsVectorLayer, picture: Picture, core: MappedFeed, started: float) -> None:
        now = time.time()
        self.tick = Tick(
            rows=picture.written,
            gone=len(picture.gone),
            seconds=time.perf_counter() - started,
            lag=max(now - picture.at, 0.0) if picture.at else 0.0,
            at=now,
            since=picture.since,
        )
        set_variables(layer, round(core.positions.correction), picture.count)
        if _listeners(layer) > self._quiet:
            _tell_tables(layer, picture)
        self._repaints.want(picture.since)
        self.ticked.emit()


def _listeners(layer: QgsVectorLayer) -> int:
    return int(layer.receivers(layer.attributeValueChanged))


def _tell_tables(layer: QgsVectorLayer, picture: Picture) -> None:
    """Tell open attribute tables and forms of some hundred rows, as ``LayerWriter.tell_tables`` does."""
    if picture.gone:
        for fid in picture.gone:
            layer.featureDeleted.emit(fid)
        layer.featuresDeleted.emit(list(picture.gone))
    names, age = range(layer.dataProvider().fields().count()), age_column(layer)
    columns = [*names, age] if age >= 0 else list(names)
    flags = QgsFeatureRequest.Flag.NoGeometry
    for feature in layer.getFeatures(QgsFeatureRequest().setFilterFids(list(picture.came)).setFlags(flags)):
        layer.featureAdded.emit(feature.id())
    request = QgsFeatureRequest().setFilterFids(list(picture.changed)).setFlags(flags)
    for feature in layer.getFeatures(request):
        values = feature.attributes()
        for column in columns:
            layer.attributeValueChanged.emit(feature.id(), column, values[column])
