"""A feed of the project: the thread that reads it, the layer that shows it, and its status."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...core.redis.settings import ConnectionSettings
from .filling import LayerFilling, Tick
from .layer import FEED_PROPERTY, RUNNING_PROPERTY, leave, new_layer, prepare
from .layer_writer import LayerWriter
from .live_source import LiveSource
from .row_values import make_ready
from .style import apply_positions_style
from .trail_layer import TrailWriter

if TYPE_CHECKING:
    from ...core.live.feed import Feed
    from ...core.live.fleet import Fixes
    from ...core.live.records import Fix
    from ...core.live.spec import FeedSpec
    from ...core.live.view import Extent


KEPT_LAGS = 300


class LiveFeed(LiveSource):
    """Main thread only.

    ``ticked`` after each complete write, ``changed`` when the state may have changed, ``ended`` when the
    layer was deleted, ``left`` when it is no longer the feed's, as it was given another data source,
    ``rewound`` when it shows another moment or is live again.

    Owns the thread (``core``, None while it does not run); ``filling`` writes what it reads into the layer.
    """

    left = pyqtSignal()
    trails_left = pyqtSignal()
    rewound = pyqtSignal()

    def __init__(
        self, spec: FeedSpec, layer: Optional[QgsVectorLayer] = None, parent: Optional[QObject] = None
    ):
        super().__init__(parent)
        if layer is None:
            layer = new_layer(spec.name)
            apply_positions_style(layer)
            layer.setCustomProperty(FEED_PROPERTY, spec.to_json())
            layer.setCustomProperty(RUNNING_PROPERTY, True)
        self._layer: Optional[QgsVectorLayer] = None
        self.lags: deque[tuple[float, float]] = deque(maxlen=KEPT_LAGS)  # (when, seconds) of the last ticks
        self._show_in(layer, spec)

    def _show_in(self, layer: QgsVectorLayer, spec: FeedSpec) -> None:
        self.layer_id = layer.id()
        self._layer = layer
        prepare(layer)
        self.filling = LayerFilling(layer, spec, self)
        self.filling.ticked.connect(self._on_tick)
        self.filling.trails_left.connect(self.trails_left)
        layer.willBeDeleted.connect(self._on_layer_deleted)
        layer.dataSourceChanged.connect(self._on_source_changed)

    def _on_tick(self) -> None:
        tick = self.tick
        if tick.at and tick.lag and (not self.lags or self.lags[-1][0] != tick.at):
            self.lags.append((tick.at, tick.lag))
        self.ticked.emit()

    def _hear(self) -> None:
        self.filling.hear()

    # --- what it says of itself -----------------------------------------------------------------------------

    @property
    def spec(self) -> FeedSpec:
        """The FeedSpec."""
        return self.filling.spec

    @property
    def core(self) -> Optional[Feed]:
        """The running feed of ``core.live``, None while it is stopped."""
        return self.filling.core

    @core.setter
    def core(self, core: Optional[Feed]) -> None:
        self.filling.core = core

    @property
    def layer(self) -> Optional[QgsVectorLayer]:
        """The layer, None once it was deleted."""
        return self._layer

    @property
    def writer(self) -> Optional[LayerWriter]:
        """What writes the layer, None once that was deleted."""
        return self.filling.writer

    @property
    def tick(self) -> Tick:
        """The last time something was written."""
        return self.filling.tick

    @property
    def moment(self) -> Optional[float]:
        """The moment that the layer shows while it is rewound (seconds since 1970 UTC)."""
        return self.filling.moment

    @property
    def trail(self) -> Optional[TrailWriter]:
        """What writes the layer of the trails, None where there is none."""
        return self.filling.trail

    @property
    def restriction(self) -> Optional[Extent]:
        """The extent to which the layer is restricted, None where it holds every vehicle."""
        return self.filling.restriction

    def fix(self, ident: str) -> Optional[Fix]:
        """Return where a vehicle is: as the layer shows it, else (outside of the view) as last read."""
        found = self.writer.shown.get(ident) if self.writer is not None else None
        if found is None and self.core is not None and self.moment is None:
            found = self.core.positions.latest.get(ident)
        return found

    def where(self) -> Optional[Fixes]:
        """Return where all vehicles are: as last read, while rewound or stopped as the layer shows them."""
        if self.core is not None and self.moment is None:
            return self.core.positions.latest.everything()
        return self.writer.shown.everything() if self.writer is not None else None

    # --- control --------------------------------------------------------------------------------------------

    def start(self, settings: Optional[ConnectionSettings]) -> None:
        """Connect in a thread and begin to fill the layer."""
        if self._layer is None:
            return
        if self.core is None:
            from ...core.live.feed import Feed

            self._forget_moment()
            self.core = Feed(self.spec, settings, self._heard.emit, make_ready)
            self.filling.full = True
        self.core.start()
        self._remember_running(True)
        self.filling.begin()
        self.changed.emit()

    def stop(self, wait: float = 0.0) -> None:
        """End the thread, which is not waited for; the layer keeps what it shows."""
        core, self.core = self.core, None
        if core is not None:
            core.stop(wait)
        self.filling.rest()
        self._remember_running(False)
        self.changed.emit()

    def set_interval(self, seconds: float) -> None:
        """Change the interval between readings."""
        self.update_spec(self.spec.changed(interval=seconds))

    def update_spec(self, spec: FeedSpec) -> None:
        """Keep a changed description of the feed with the layer (and so in the project), and follow it.

        What is read differently (``FeedSpec.reads_otherwise``) is read so from the next start on.
        """
        before, self.filling.spec = self.spec, spec
        if self.core is not None:
            self.core.set_spec(spec)
        if self._layer is None:
            return
        self._layer.setCustomProperty(FEED_PROPERTY, spec.to_json())
        if self.trail is not None:
            self.trail.set_gap(spec.trail_gap)
        if spec.in_view != before.in_view:
            self.filling.offer_all()
        if spec.name != before.name:
            self._rename(before.name)
        self.changed.emit()

    def look_at(self, view: Optional[Extent]) -> None:
        """What the map shows, see ``LayerFilling.look_at``."""
        self.filling.look_at(view)

    def show_trails(self, layer: Optional[QgsVectorLayer]) -> None:
        """Fill this layer with the trails, from now on."""
        self.filling.show_trails(layer)

    def rewind(self, moment: Optional[float]) -> None:
        """Show where the vehicles were at a moment (seconds since 1970 UTC); None returns to live."""
        self.filling.rewind(moment)
        self.rewound.emit()

    def _forget_moment(self) -> None:
        """A feed that starts is live."""
        if self.moment is not None:
            self.filling.leave_past()
            self.rewound.emit()

    @property
    def is_drawing(self) -> Callable[[], bool]:
        """Whether the canvas is drawing; who owns the canvas sets it, and calls ``on_drawn``."""
        return self.filling.is_drawing

    @is_drawing.setter
    def is_drawing(self, ask: Callable[[], bool]) -> None:
        self.filling.is_drawing = ask

    def on_drawn(self) -> None:
        """Note that the canvas has finished drawing."""
        self.filling.on_drawn()

    def close(self, wait: float = 1.0) -> None:
        """Stop for good; the layer stays and remembers that it was live."""
        was_running = self.running
        self.stop(wait)
        if self._layer is not None:
            self._layer.setCustomProperty(RUNNING_PROPERTY, was_running)
            self._forget(self._layer)
        self._let_go()

    def go_on_in(self, layer: QgsVectorLayer) -> None:
        """Show everything in another layer from now on: the earlier one is no longer the feed's."""
        earlier = self.filling
        layer.setCustomProperty(FEED_PROPERTY, self.spec.to_json())
        self._show_in(layer, self.spec)
        self._remember_running(earlier.core is not None)
        self.filling.core, self.filling.is_drawing = earlier.core, earlier.is_drawing
        earlier.deleteLater()
        if self.core is not None:
            self.filling.begin()
            self.filling.offer_all()
        self.changed.emit()

    def _rename(self, before: str) -> None:
        """Rename the layer with the feed, unless the user has renamed it; its rows hold the new source."""
        layer, writer = self._layer, self.writer
        if layer is None or writer is None:
            return
        if layer.name() == before:
            layer.setName(self.spec.name)
        writer.rename(self.spec.name)
        self.filling.offer_all()

    def _on_layer_deleted(self) -> None:
        self._let_go()
        self.stop(0.0)
        self.ended.emit()

    def _on_source_changed(self) -> None:
        """QGIS gave the layer another data source, as by *Make Permanent…*: the earlier one, into which the
        feed wrote, is gone, and the layer is the user's."""
        layer = self._layer
        if layer is None:
            return
        self._forget(layer)
        self._let_go()
        leave(layer)
        self.left.emit()

    def _forget(self, layer: QgsVectorLayer) -> None:
        layer.willBeDeleted.disconnect(self._on_layer_deleted)
        layer.dataSourceChanged.disconnect(self._on_source_changed)

    def _let_go(self) -> None:
        self.filling.let_go()
        self._layer = None

    def _remember_running(self, running: bool) -> None:
        if self._layer is not None:
            self._layer.setCustomProperty(RUNNING_PROPERTY, running)
