"""A feed of the project: the thread that reads it, the layer that shows it, and its status."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Callable, Optional, Union, cast

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...core.redis.failures import Failure, FailureKind, classify
from ...core.redis.settings import ConnectionSettings
from .filling import LayerFilling, Tick
from .layer import FEED_PROPERTY, RUNNING_PROPERTY, leave, new_layer, prepare
from .layer_writer import LayerWriter
from .live_source import LiveSource
from .mapped_layer import LEAST_SIZE, idents_of_selected, show_memory, size_from, why_not
from .row_values import make_ready
from .style import apply_positions_style
from .trail_layer import TrailWriter

if TYPE_CHECKING:
    from ...core.live.feed import Feed
    from ...core.live.fleet import Fixes
    from ...core.live.mapped.feed import MappedFeed
    from ...core.live.records import Fix
    from ...core.live.spec import FeedSpec
    from ...core.live.view import Extent
    from .mapped_filling import MappedFilling

KEPT_LAGS = 300


class LiveFeed(LiveSource):
    """Main thread only.

    ``ticked`` after each complete write, ``changed`` when the state may have changed, ``ended`` when the
    layer was deleted, ``left`` when it is no longer the feed's, as it was given another data source,
    ``rewound`` when it shows another moment or is live again.

    Owns the thread (``core``, None while it does not run); ``filling`` writes what it reads into the layer.
    Above a size another process may read the fleet, and the layer show what that has written
    (``mapped_filling.py``): ``is_mapped``; ``unmapped`` says why that came to its end.
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
        self.unmapped: Optional[Failure] = None
        self._settings: Optional[ConnectionSettings] = None  # of a mapped feed whose layer was taken away
        self._wanted: list[str] = []  # vehicles to be selected again once the layer has them
        self.lags: deque[tuple[float, float]] = deque(maxlen=KEPT_LAGS)  # (when, seconds) of the last ticks
        self._show_in(layer, spec)

    def _show_in(self, layer: QgsVectorLayer, spec: FeedSpec) -> None:
        self.layer_id = layer.id()
        self._layer = layer
        prepare(layer)
        self._fill_by(LayerFilling(layer, spec, self))
        layer.willBeDeleted.connect(self._on_layer_deleted)
        layer.dataSourceChanged.connect(self._on_source_changed)

    def _fill_by(self, filling: Union[LayerFilling, MappedFilling]) -> None:
        self.filling = cast("LayerFilling", filling)  # both have what is asked of them here
        filling.ticked.connect(self._on_tick)
        filling.trails_left.connect(self.trails_left)

    def _on_tick(self) -> None:
        tick = self.tick
        if (
            self._wanted
            and self.core is not None
            and self.core.status().full_reads
            and not self.core.has_news
        ):
            self._select_again()
        if tick.at and tick.lag and (not self.lags or self.lags[-1][0] != tick.at):
            self.lags.append((tick.at, tick.lag))
        self.ticked.emit()
        self._map_if_large()

    def _hear(self) -> None:
        self.filling.hear()
        self._map_if_large()

    def _map_if_large(self) -> None:
        """Asked at each news and each tick: the last news may come before the last vehicles do."""
        if self.core is None or self.is_mapped or self.unmapped is not None or self.moment is not None:
            return
        count = len(self.core.positions.latest)
        size = size_from() if count >= LEAST_SIZE else 0
        if size and count >= size and not why_not(self.spec, self.trail is not None):
            self._map()

    # --- a large fleet --------------------------------------------------------------------------------------

    @property
    def is_mapped(self) -> bool:
        """Whether a process of its own reads the fleet, and the layer shows its files."""
        return not isinstance(self.filling, LayerFilling)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Name and kind of the columns of a mapped layer."""
        return cast("MappedFilling", self.filling).mapped.picture.columns if self.is_mapped else ()

    @property
    def is_cut(self) -> bool:
        """Whether texts are too long for the rows of a mapped layer."""
        return self.is_mapped and cast("MappedFilling", self.filling).mapped.picture.cut

    @property
    def needs_rows(self) -> str:
        """What keeps a fleet that is large enough from being mapped, see ``why_not``; empty for nothing."""
        size = size_from()
        if not size or self.is_mapped or self.core is None or len(self.core.positions.latest) < size:
            return ""
        return why_not(self.spec, self.trail is not None)

    def _map(self) -> None:
        """Let a process of its own read on. The layer shows what it has until that has read everything."""
        from ...core.live.mapped.feed import Mapped
        from ...core.live.mapped.folder import Folder
        from ..installing import python_program
        from .mapped_filling import MappedFilling

        layer, core = self._layer, self.core
        if layer is None or core is None:
            return
        try:
            mapped = Mapped(Folder(), python_program)
        except OSError as error:
            self.unmapped = classify(error)
            return
        self._exchange(MappedFilling(layer, self.spec, mapped, self))
        cast("MappedFilling", self.filling).failed.connect(self._on_failed)
        self._go_on(core)

    def _on_failed(self) -> None:
        found = cast("MappedFeed", self.core).given_up if self.core is not None else None
        self.unmapped = found or Failure(
            FailureKind.READER_ENDED, str(self.layer and self.layer.error().summary())
        )
        self._unmap()

    def _unmap(self) -> None:
        """Go on in an ordinary layer, which is filled anew."""
        layer, core, earlier = self._layer, self.core, cast("MappedFilling", self.filling)
        if layer is None or not self.is_mapped:
            return
        if layer.providerType() != "memory":
            self._wanted = idents_of_selected(layer)
            earlier.exchanging = True
            show_memory(layer, self.columns)
        self._exchange(LayerFilling(layer, self.spec, self))
        if core is not None:
            self._go_on(core)

    def _exchange(self, filling: Union[LayerFilling, MappedFilling]) -> None:
        """Fill the layer in another way."""
        earlier, filling.is_drawing = self.filling, self.filling.is_drawing
        earlier.ticked.disconnect(self._on_tick)
        earlier.let_go()
        earlier.deleteLater()
        self._fill_by(filling)
        filling.look_at(earlier.view)

    def _go_on(self, core: Feed) -> None:
        """The feed reads in another way from now on, and pauses where it did."""
        core.stop(0.0)
        self.core = self._make_core(core.settings)
        self.filling.full = True
        self.core.start()
        if core.paused:
            self.core.pause()
        self.filling.begin()
        self.changed.emit()

    def _select_again(self) -> None:
        wanted, self._wanted = self._wanted, []
        writer = self.writer
        if self._layer is not None and writer is not None:
            found = map(writer.fid, wanted)
            self._layer.selectByIds([fid for fid in found if fid is not None])

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
            self._forget_moment()
            self.unmapped = None
            if self.is_mapped and (
                self.writer is None or 2 * self.writer.count <= size_from() or not size_from()
            ):
                self._unmap()
            self.core = self._make_core(settings)
            self.filling.full = True
        self.core.start()
        self._remember_running(True)
        self.filling.begin()
        self.changed.emit()

    def _make_core(self, settings: Optional[ConnectionSettings]) -> Feed:
        if self.is_mapped:
            from ...core.live.mapped.feed import MappedFeed

            mapped = cast("MappedFilling", self.filling).mapped
            return cast("Feed", MappedFeed(self.spec, settings, mapped, self._heard.emit))
        from ...core.live.feed import Feed

        return Feed(self.spec, settings, self._heard.emit, make_ready)

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
        if self.is_mapped and why_not(spec, has_trails=False):
            self._unmap()
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
        """Fill this layer with the trails, from now on. They need the rows of an ordinary layer."""
        if self.is_mapped and layer is not None:
            self._unmap()
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
            if self.is_mapped:  # the files end with the feed
                show_memory(self._layer, self.columns)
        self._let_go()

    def go_on_in(self, layer: QgsVectorLayer) -> None:
        """Show everything in another layer from now on: the earlier one is no longer the feed's."""
        earlier, was_mapped, wanted = self.filling, self.is_mapped, self._settings
        layer.setCustomProperty(FEED_PROPERTY, self.spec.to_json())
        self._show_in(layer, self.spec)
        self._remember_running(earlier.core is not None)
        self.filling.is_drawing = earlier.is_drawing
        if was_mapped and earlier.core is not None:
            self.filling.core = None
            self.start(wanted)
        else:
            self.filling.core = earlier.core
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
        if layer is None or self.filling.exchanging:
            return
        self._forget(layer)
        if self.is_mapped and self.core is not None:
            self._settings = self.core.settings
            self.core.stop(0.0)
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
