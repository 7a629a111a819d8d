"""One density layer of a feed: counted in a thread, written in slices, drawn when the map has time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from .. import log
from ..crs import DEGREES, pyproj_text
from ..relay import Relay
from .counting import Count, Outcome, run
from .density_layer import DENSITY_PROPERTY, leave, prepare, size_in
from .density_style import follow_counts, set_classes
from .density_writer import DensityWriter
from .repaints import Repaints

if TYPE_CHECKING:
    from ...core.live.density import DensitySpec, Tallies
    from .live_feed import LiveFeed

SLICE_SECONDS = 0.008
SHORTEST = 0.25  # seconds from one count to the next, and
PATIENCE = 30.0  # seconds after what cannot be counted: until then only another choice begins anew
SHARE = 4.0  # times as long as counting takes: it is never more than a quarter of a core


class LiveDensity(QObject):
    """Main thread only.

    ``counted`` when the layer shows new figures, ``ended`` when the layer is deleted or the user's own.
    ``tallies`` are what the layer shows, ``error`` is why it shows nothing, ``seconds`` how long the last
    count took in its thread, ``written`` how long writing it took in the window.
    """

    counted = pyqtSignal()
    ended = pyqtSignal()

    def __init__(
        self, feed: LiveFeed, layer: QgsVectorLayer, spec: DensitySpec, parent: Optional[QObject] = None
    ):
        super().__init__(parent)
        self.spec, self.layer_id = spec, layer.id()
        self.tallies: Optional[Tallies] = None
        self.error: Optional[BaseException] = None
        self.seconds = self.written = 0.0
        self._feed: Optional[LiveFeed] = feed
        self._layer: Optional[QgsVectorLayer] = layer
        self._writer = DensityWriter(layer)
        self._repaints = Repaints(layer, lambda: float(feed.spec.interval), self)
        self._repaints.is_writing = lambda: self._writer.busy
        self._repaints.is_drawing = lambda: feed.is_drawing()  # noqa: PLW0108 - who owns the canvas sets it later
        self._relay = Relay(self._arrived)
        self._count: Optional[Count] = None
        self._wanted = self._under_way = self._anew = False
        self._moment: Optional[float] = None  # what the layer shows, None for now
        self._not_before = self._rested = 0.0  # when the next count is due, and the soonest that it may be
        self._logged = ""
        self._made_for: Optional[int] = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._work)
        prepare(layer)
        self._units = self._in_its_crs(layer)
        layer.willBeDeleted.connect(self._on_deleted)
        layer.dataSourceChanged.connect(self._on_source_changed)
        layer.crsChanged.connect(self._on_crs_changed)

    @property
    def layer(self) -> Optional[QgsVectorLayer]:
        """The layer, None once it is gone."""
        return self._layer

    @property
    def is_zones(self) -> bool:
        """Whether it counts by polygons."""
        return self.spec.kind == "zones"

    def want(self) -> None:
        """Count again, soon: something may have changed."""
        self._wanted = True
        if not self._timer.isActive() and not self._under_way:
            self._timer.start(round(max(self._not_before - time.monotonic(), 0.0) * 1000.0))

    def want_soon(self) -> None:
        """Count what is shown otherwise from now on, without waiting for the interval to pass."""
        self._not_before = min(self._not_before, self._rested)
        if not self._writer.busy and not self._anew:
            self._timer.stop()
        self.want()

    def change(self, spec: DensitySpec) -> None:
        """Count by other cells."""
        if self._layer is not None and spec != self.spec:
            self.spec = spec
            self._layer.setCustomProperty(DENSITY_PROPERTY, spec.to_json())
            self.begin_anew()

    def begin_anew(self) -> None:
        """Empty the layer and count from the beginning."""
        self._count = self.tallies = None
        self._not_before, self._rested, self._anew = 0.0, 0.0, False
        self._timer.stop()
        self._writer.clear()
        self.want()

    def on_drawn(self) -> None:
        """Note that the canvas has finished drawing."""
        self._repaints.on_drawn()

    def close(self) -> None:
        """Count no longer; the layer stays as it is."""
        layer = self._layer
        self._let_go()
        if layer is not None:
            layer.willBeDeleted.disconnect(self._on_deleted)
            layer.dataSourceChanged.disconnect(self._on_source_changed)
            layer.crsChanged.disconnect(self._on_crs_changed)

    # --- counting and writing -------------------------------------------------------------------------------

    def _work(self) -> None:
        if self._anew:
            self._follow_crs()
            self.begin_anew()
        elif self._writer.busy:
            self._write()
        elif self._wanted and not self._under_way:
            self._begin()

    def _begin(self) -> None:
        feed, layer = self._feed, self._layer
        core = feed.core if feed is not None else None
        if feed is None or layer is None or core is None:
            return
        self._wanted = False
        fences, gap = core.fences if self.is_zones else None, feed.spec.trail_gap
        known = self._count
        if known is None or known.core is not core or known.fences is not fences or known.gap != gap:
            if self.is_zones and known is not None:  # other polygons have the same keys
                self.tallies = None
                self._writer.clear()
            known = self._count = Count(core, self.spec, pyproj_text(layer.crs()), gap, fences)
        if self.is_zones and fences is None:
            self._show_nothing()
            return
        self._under_way = True
        self._rested = time.monotonic() + SHORTEST
        self._not_before = max(self._rested, self._rested - SHORTEST + feed.spec.interval)
        arguments = (self._relay.send, known, self.tallies, feed.moment)
        threading.Thread(target=_count, args=arguments, name="redis-geo-density", daemon=True).start()

    def _show_nothing(self) -> None:
        """No polygons are watched: nothing is known of zones."""
        if self.tallies is not None or len(self._writer):
            self.tallies = None
            self._writer.clear()
            self._repaints.want()
        self.counted.emit()

    def _arrived(self, outcome: object) -> None:
        self._under_way = False
        if self._layer is None or not isinstance(outcome, Outcome):
            return
        self._rested = max(self._rested, time.monotonic() + (SHARE - 1.0) * outcome.seconds)
        self._not_before = max(self._not_before, self._rested)
        if outcome.count is not self._count:  # of other cells, or of polygons that were edited meanwhile
            self.want()
            return
        self.error, self.seconds = outcome.error, outcome.seconds
        if outcome.error is not None:
            self._on_error(outcome.error)
            return
        self._logged = ""
        self.tallies, self._moment, self.written = outcome.tallies, outcome.moment, 0.0
        self._writer.offer(outcome.rows)
        self._write()

    def _on_error(self, error: BaseException) -> None:
        text = f"density: {type(error).__name__}: {error}"
        if text != self._logged:
            log.warning(text)
        self._logged, self._not_before = text, time.monotonic() + PATIENCE
        self._count = self.tallies = None
        self._writer.clear()
        self._repaints.want()
        self.counted.emit()

    def _write(self) -> None:
        started = time.perf_counter()
        more = self._writer.write(SLICE_SECONDS)
        self.written += time.perf_counter() - started
        if more:
            self._timer.start(0)
            return
        if self._layer is not None and self.tallies is not None and len(self.tallies):
            self._layer.updateExtents()
            highest = int(self.tallies.count.max())
            self._made_for = follow_counts(self._layer, highest, self.is_zones, self._made_for)
        self._repaints.want()
        self.counted.emit()
        if self._wanted:
            self.want()

    def _on_crs_changed(self) -> None:
        """Perhaps as the layer is about to get another data source: whether it is still ours shows later."""
        self._anew = True
        self._timer.start(0)

    def _in_its_crs(self, layer: QgsVectorLayer) -> object:
        """Zones are written in degrees, whatever CRS their layer was given. Returns the unit of the CRS."""
        degrees = QgsCoordinateReferenceSystem(DEGREES)
        if self.is_zones and layer.crs() != degrees:
            layer.setCrs(degrees)
        return layer.crs().mapUnits()

    def _follow_crs(self) -> None:
        """A size is in units of the layer's CRS: where these are others now, it becomes about as large."""
        layer = self._layer
        if layer is None:
            return
        before, self._units = self._units, self._in_its_crs(layer)
        if self.spec.kind == "cells" and before != self._units:
            self.spec = self.spec.changed(size=size_in(self._units, self.spec.size, before))
            layer.setCustomProperty(DENSITY_PROPERTY, self.spec.to_json())

    def _on_deleted(self) -> None:
        self._let_go()
        self.ended.emit()

    def _on_source_changed(self) -> None:
        layer = self._layer
        if layer is not None:
            self.close()
            leave(layer)
            self.ended.emit()

    def _let_go(self) -> None:
        self._relay.mute()
        self._timer.stop()
        self._repaints.let_go()
        self._layer = self._feed = None


def first_style(layer: QgsVectorLayer, is_zones: bool) -> None:
    """The style of a new layer, which follows the counts from then on."""
    set_classes(layer, 1, is_zones)
    layer.setOpacity(1.0)


def _count(
    send: Callable[[object], None], count: Count, shown: Optional[Tallies], moment: Optional[float]
) -> None:
    send(run(count, shown, moment))
