"""A feed and its layer: takes over from the thread what changed, a slice at a time, and repaints once a tick."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import QgsExpressionContextUtils, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...core.settings import ConnectionSettings
from .layer import COUNT_VARIABLE, FEED_PROPERTY, OFFSET_VARIABLE, LayerWriter, new_layer, prepare
from .ready import make_ready
from .repaints import Repaints
from .style import ARROWS_UP_TO, apply_positions_style
from .trail_layer import TrailWriter

if TYPE_CHECKING:
    from ...core.live.view import Extent

SLICE_SECONDS = 0.02
TRAIL_SECONDS = 0.008
PAUSE_BETWEEN_SLICES = 0  # ms: the event loop gets its turn
HELD = 50  # ms: how often rows that wait for the map are looked at; ``on_drawn`` comes sooner
MANY = 500  # rows: while the map is drawn, writing them would copy every feature, as the drawing keeps the old ones
LARGE = 20_000  # vehicles: of so many even a single row waits, as it would copy the index of all
LONGEST_HOLD = 1.0  # seconds that they wait for the map to be drawn
AGE_REPAINT_MS = 10_000  # a layer that gets no data fades all the same
RUNNING_PROPERTY = "redis_geo/running"


@dataclass
class Tick:
    """The last time something was written: how many rows, the main thread's seconds, and the delay from reading to layer
    (seconds). ``at`` is when (seconds since 1970), ``since`` when its reading began (monotonic)."""

    rows: int = 0
    gone: int = 0
    seconds: float = 0.0
    lag: float = 0.0
    at: float = 0.0
    since: Optional[float] = None


class LiveFeed(QObject):
    """Main thread only. ``ticked`` after each complete write, ``changed`` when the state may have changed, ``ended``
    when the layer was deleted."""

    ticked = pyqtSignal()
    changed = pyqtSignal()
    ended = pyqtSignal()
    _heard = pyqtSignal()

    def __init__(self, spec: Any, layer: Optional[QgsVectorLayer] = None, parent: Optional[QObject] = None):
        super().__init__(parent)
        self.spec = spec
        self.tick = Tick()
        self.core: Optional[Any] = None
        self.moment: Optional[float] = None  # the layer shows this moment (rewind); what comes meanwhile waits
        self.trail: Optional[TrailWriter] = None
        if layer is None:
            layer = new_layer(spec.name)
            apply_positions_style(layer)
            layer.setCustomProperty(FEED_PROPERTY, spec.to_json())
            layer.setCustomProperty(RUNNING_PROPERTY, True)
        self.layer_id = layer.id()
        self._layer: Optional[QgsVectorLayer] = layer
        prepare(layer)
        self.writer: Optional[LayerWriter] = LayerWriter(layer, spec.name)
        layer.willBeDeleted.connect(self._on_layer_deleted)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._write_slice)
        self._repaints = Repaints(layer, lambda: self.spec.interval, self)
        self._repaints.is_writing = self._is_writing
        self._fading = QTimer(self)
        self._fading.setInterval(AGE_REPAINT_MS)
        self._fading.timeout.connect(self._fade)
        self._heard.connect(self._on_heard)
        self._current = Tick()
        self._held_since: Optional[float] = None
        self._needed = 0.0  # seconds that writing a large piece takes
        self._full = False
        self._view: Optional[Extent] = None
        self._refit = False  # everything known is offered again, not only what changed

    @property
    def layer(self) -> Optional[QgsVectorLayer]:
        """The layer, None once it was deleted."""
        return self._layer

    @property
    def running(self) -> bool:
        return self.core is not None

    # --- control ------------------------------------------------------------------------------------------------------

    def start(self, settings: Optional[ConnectionSettings]) -> None:
        """Connect in a thread and begin to fill the layer."""
        if self._layer is None:
            return
        if self.core is None:
            from ...core.live.feed import Feed

            self.core = Feed(self.spec, settings, self._heard.emit, make_ready)
            self._full = True
        self.core.start()
        self._remember_running(True)
        self._fading.start()
        self.changed.emit()

    def stop(self, wait: float = 0.0) -> None:
        """End the thread, which is not waited for; the layer keeps what it shows."""
        core, self.core = self.core, None
        if core is not None:
            core.stop(wait)
        self._timer.stop()
        self._fading.stop()
        self._repaints.stop()
        self._remember_running(False)
        self.changed.emit()

    def pause(self) -> None:
        if self.core is not None:
            self.core.pause()
            self.changed.emit()

    def resume(self) -> None:
        if self.core is not None:
            self.core.resume()
            self._on_heard()
            self.changed.emit()

    def set_interval(self, seconds: float) -> None:
        self.update_spec(self.spec.changed(interval=seconds))

    def update_spec(self, spec: Any) -> None:
        """Keep a changed description of the feed with the layer (and so in the project), and follow it. What is read
        differently (``FeedSpec.reads_otherwise``) is read so from the next start on."""
        before, self.spec = self.spec, spec
        if self.core is not None:
            self.core.set_spec(spec)
        if self._layer is None:
            return
        self._layer.setCustomProperty(FEED_PROPERTY, spec.to_json())
        if self.trail is not None:
            self.trail.set_gap(spec.trail_gap)
        if spec.in_view != before.in_view:
            self._offer_all()
        if spec.name != before.name:
            self._rename(before.name)
        self.changed.emit()

    def _rename(self, before: str) -> None:
        """The layer follows the feed's name unless the user gave it one of its own; its rows say the new source."""
        layer, writer = self._layer, self.writer
        if layer is None or writer is None:
            return
        if layer.name() == before:
            layer.setName(self.spec.name)
        writer.rename(self.spec.name)
        self._offer_all()

    def look_at(self, view: Optional[Extent]) -> None:
        """What the map shows: the layer holds no more than that where ``spec.in_view``; None restricts nothing."""
        if view != self._view:
            self._view = view
            if self.spec.in_view:
                self._offer_all()

    @property
    def restriction(self) -> Optional[Extent]:
        """The extent to which the layer is restricted, None where it holds every vehicle."""
        return self._view if self.spec.in_view else None

    def fix(self, ident: str) -> Optional[Any]:
        """Where a vehicle is: as the layer shows it, else (outside of the view) as it was read last."""
        found = self.writer.shown.get(ident) if self.writer is not None else None
        if found is None and self.core is not None and self.moment is None:
            found = self.core.positions.latest.get(ident)
        return found

    def _offer_all(self) -> None:
        if self.core is not None:
            self._refit = True
            self._on_heard()

    def status(self) -> Optional[Any]:
        """The feed's Status, None while it does not run."""
        return self.core.status() if self.core is not None else None

    def close(self, wait: float = 1.0) -> None:
        """Stop for good; the layer stays and remembers that it was live."""
        was_running = self.running
        self.stop(wait)
        if self._layer is not None:
            self._layer.setCustomProperty(RUNNING_PROPERTY, was_running)
            self._layer.willBeDeleted.disconnect(self._on_layer_deleted)
        self._let_go()

    # --- writing ------------------------------------------------------------------------------------------------------

    def _on_heard(self) -> None:
        """The thread has something; it is taken when the last of it has been written."""
        if not self._timer.isActive():
            self._timer.start(self._patience())

    def _write_slice(self) -> None:
        writer, core = self.writer, self.core
        if writer is None or core is None:
            return
        if self.moment is not None:
            core.intake.window_writes(False)
            self._write_moment(writer)
            return
        if self._holds(writer, core):
            core.intake.window_writes(False)
            self._timer.start(HELD)
            return
        if max(writer.waiting, core.waiting) >= MANY:
            core.intake.window_writes(True)  # from the beginning: one after the other, both are quicker
        started = time.perf_counter()
        self._take(writer, core)
        more = writer.write(SLICE_SECONDS)
        self._current.seconds += time.perf_counter() - started
        core.intake.window_writes(more)
        if more:
            self._timer.start(PAUSE_BETWEEN_SLICES)
            return
        self._finish(writer, core)

    def _is_writing(self) -> bool:
        return self.writer is not None and self.writer.busy

    def _holds(self, writer: LayerWriter, core: Any) -> bool:
        """Whether rows should wait until the map is drawn, as they are many or the fleet is; never for long, as other
        layers may be slow."""
        if not self.is_drawing():
            return False
        if writer.count < LARGE and max(writer.waiting, core.waiting, self.tick.rows) < MANY:
            return False
        now = time.monotonic()
        if self._held_since is None:
            self._held_since = now
        return now - self._held_since < LONGEST_HOLD

    def _take(self, writer: LayerWriter, core: Any) -> None:
        if writer.busy:
            return
        if self._full:
            self._reconcile(writer, core)
        refit, self._refit = self._refit, False
        difference = core.take_all() if refit else core.take()
        if self.restriction is not None:
            self._restrict(writer, difference, self.restriction)
        self._current.rows += len(difference.changed)
        self._current.gone += len(difference.gone)
        if difference.changed:
            self._current.at = float(difference.changed.receipt[0])
        if difference and self._current.since is None:
            self._current.since = difference.since
        writer.offer(difference.changed, difference.gone, difference.kinds)

    def _reconcile(self, writer: LayerWriter, core: Any) -> None:
        """After the first full read: what a reopened or reloaded layer still shows but the server no longer has."""
        if core.status().full_reads and not core.spec.keep_gone:
            self._full = False
            writer.only(set(core.positions.latest))

    @staticmethod
    def _restrict(writer: LayerWriter, difference: Any, extent: Extent) -> None:
        """Leave only what the extent holds; what is in the layer and has left it goes."""
        from ...core.live.view import inside

        changed, held = difference.changed, inside(difference.changed, extent)
        difference.changed = changed.pick(held)
        difference.gone.update(dict.fromkeys(ident for ident in changed.pick(~held) if ident in writer.idents))

    def _finish(self, writer: LayerWriter, core: Any) -> None:
        """A tick is complete: one repaint."""
        current, self._current = self._current, Tick()
        if current.rows or current.gone:
            current.lag = max(time.time() - current.at, 0.0) if current.at else 0.0
            current.at = time.time()
            self.tick = current
            self._set_variables(core)
            writer.tell_tables()
            self._needed = max(current.seconds, 0.8 * self._needed)
            self._repaints.want(current.since)
        self._write_trails(core)
        self.ticked.emit()
        if core.has_news:
            soonest = PAUSE_BETWEEN_SLICES if core.waiting >= MANY else HELD
            self._timer.start(max(self._patience(), soonest))

    def _patience(self) -> int:
        """Milliseconds that news wait for the map. A large fleet is written in few large pieces: as long before the map may be
        drawn again as that takes, or else when it has been drawn (``on_drawn`` comes sooner)."""
        rest = self._repaints.rest
        if self.writer is None or self.writer.count < LARGE or not rest:
            return 0
        return round((rest - self._needed) * 1000.0) if rest > self._needed else round(rest * 1000.0) + HELD

    def _write_trails(self, core: Any) -> None:
        if self.trail is not None and self.trail.layer is not None:
            self.trail.write(core.trails, TRAIL_SECONDS)

    def show_trails(self, layer: Any) -> None:
        """Fill this layer with the trails, from now on."""
        if self.trail is not None:
            self.trail.close()
        self.trail = TrailWriter(layer, self.spec.trail_gap)
        if self.core is not None:
            self._write_trails(self.core)

    def rewind(self, moment: Optional[float]) -> None:
        """Show where the vehicles were at a moment (seconds since 1970 UTC); None returns to live."""
        core, writer = self.core, self.writer
        if core is None or writer is None:
            return
        self.moment = moment
        if moment is None:
            self._offer_all()
            return
        writer.show_moment(core.fixes_at(moment))
        self._timer.start(0)

    def _write_moment(self, writer: LayerWriter) -> None:
        if writer.write(SLICE_SECONDS):
            self._timer.start(PAUSE_BETWEEN_SLICES)
        else:
            self._fade()

    def _fade(self) -> None:
        """Ages go on; those of a moment of the past are the ages of then."""
        if self.moment is not None and self.core is not None:
            self._set_variables(self.core)
        self._repaints.want()

    def _set_variables(self, core: Any) -> None:
        """What the style and the virtual field need; written only when it matters (each write is a change of the
        project). They always exist: an expression with a variable that does not is computed anew for each feature."""
        layer, count = self._layer, self.writer.count if self.writer else 0
        if layer is None:
            return
        scope = QgsExpressionContextUtils.layerScope(layer)
        ago = time.time() - self.moment if self.moment is not None else 0.0
        correction = round(core.positions.correction + ago)
        known_correction = scope.variable(OFFSET_VARIABLE)
        if known_correction is None or abs(float(known_correction) - correction) > 2:
            QgsExpressionContextUtils.setLayerVariable(layer, OFFSET_VARIABLE, correction)
        known = scope.variable(COUNT_VARIABLE)
        if known is None:
            QgsExpressionContextUtils.setLayerVariable(layer, COUNT_VARIABLE, 0)
        known = int(known or 0)
        if (known > ARROWS_UP_TO) != (count > ARROWS_UP_TO):
            QgsExpressionContextUtils.setLayerVariable(layer, COUNT_VARIABLE, count)
            if count > ARROWS_UP_TO:  # even where none is shown, labels take half the time of drawing
                layer.setLabelsEnabled(False)

    @property
    def is_drawing(self) -> Callable[[], bool]:
        """Whether the canvas is drawing; who owns the canvas sets it, and calls ``on_drawn``."""
        return self._repaints.is_drawing

    @is_drawing.setter
    def is_drawing(self, ask: Callable[[], bool]) -> None:
        self._repaints.is_drawing = ask

    def on_drawn(self) -> None:
        """The canvas has finished drawing."""
        self._repaints.on_drawn()
        held, self._held_since = self._held_since, None
        if self.core is not None:
            self.core.lead = self._repaints.lead
            if held is not None or self.core.has_news:
                self._timer.start(PAUSE_BETWEEN_SLICES)

    # --- the layer's end ----------------------------------------------------------------------------------------------

    def _on_layer_deleted(self) -> None:
        self._let_go()
        self.stop(0.0)
        self.ended.emit()

    def _let_go(self) -> None:
        if self.trail is not None:
            self.trail.close()
            self.trail = None
        self._repaints.let_go()
        self._layer = None
        self.writer = None

    def _remember_running(self, running: bool) -> None:
        if self._layer is not None:
            self._layer.setCustomProperty(RUNNING_PROPERTY, running)


def layer_of(project: QgsProject, layer_id: str) -> Optional[QgsVectorLayer]:
    layer = project.mapLayer(layer_id)
    return layer if isinstance(layer, QgsVectorLayer) else None
