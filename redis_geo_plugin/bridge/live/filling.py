"""Filling the layer of a feed: takes changes from the thread, slice by slice, and repaints once a tick."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsExpressionContextUtils, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from .layer import COUNT_VARIABLE, OFFSET_VARIABLE
from .layer_writer import LayerWriter
from .repaints import Repaints
from .rewinding import Past, Rewinding
from .style import ARROWS_UP_TO
from .trail_layer import TrailWriter

if TYPE_CHECKING:
    from ...core.live.feed import Feed
    from ...core.live.spec import FeedSpec
    from ...core.live.status import Difference
    from ...core.live.view import Extent

SLICE_SECONDS = 0.01
LARGE_SLICE_SECONDS = (
    0.02  # of a large fleet: fewer turns of the event loop, each of which may wait for a core
)
TAKEN = 2_000  # rows taken over at once, in some 1 ms; the others follow when they are written
TRAIL_SECONDS = 0.008
PAUSE_BETWEEN_SLICES = 0  # ms: the event loop gets its turn
HELD = 50  # ms: how often rows that wait for the map are looked at; ``on_drawn`` comes sooner
# rows: while the map is drawn, writing them would copy every feature, as the drawing keeps the old ones
MANY = 500
LARGE = 20_000  # vehicles: of so many even a single row waits, as it would copy the index of all
LONGEST_HOLD = 1.0  # seconds that they wait for the map to be drawn
AGE_MS = 1000  # how often open tables are told the ages, and
AGE_SECONDS = 0.01  # how long that may take
AGE_REPAINT_MS = 10_000  # a layer that gets no data fades all the same


@dataclass
class Tick:
    """The last time something was written.

    ``rows`` and ``gone``: how many. ``seconds``: of the main thread. ``lag``: from reading to layer, in
    seconds, 0 where what was known already is written once more. ``at``: when, in seconds since 1970;
    ``since``: when its reading began (monotonic).
    """

    rows: int = 0
    gone: int = 0
    seconds: float = 0.0
    lag: float = 0.0
    at: float = 0.0
    since: Optional[float] = None


class LayerFilling(QObject):
    """Main thread only.

    ``ticked`` after each complete write, ``trails_left`` when the layer of the trails is no longer theirs.

    ``core`` is the running feed of ``core.live``, None while there is none; ``spec`` what it is. ``moment``
    is set while the layer shows the past (rewind); what comes meanwhile waits.
    """

    ticked = pyqtSignal()
    trails_left = pyqtSignal()
    exchanging = False  # whether the layer is being given another data source by us

    def __init__(self, layer: QgsVectorLayer, spec: FeedSpec, parent: Optional[QObject] = None):
        super().__init__(parent)
        self.spec = spec
        self.core: Optional[Feed] = None
        self.tick = Tick()
        self.moment: Optional[float] = None
        self.trail: Optional[TrailWriter] = None
        self.writer: Optional[LayerWriter] = LayerWriter(layer, spec.name)
        self.full = False  # the layer may hold vehicles that the server no longer has
        self.held_since: Optional[float] = None
        self._layer: Optional[QgsVectorLayer] = layer
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._write_slice)
        self._rewinding = Rewinding(self._show_past, self)
        self._repaints = Repaints(layer, lambda: float(self.spec.interval), self)
        self._repaints.is_writing = self._is_writing
        self._fading = QTimer(self)
        self._fading.setInterval(AGE_REPAINT_MS)
        self._fading.timeout.connect(self._fade)
        self._aging = QTimer(self)
        self._aging.setInterval(AGE_MS)
        self._aging.timeout.connect(self._tell_ages)
        self._current = Tick()
        self._needed = 0.0  # seconds that writing a large piece takes
        self._view: Optional[Extent] = None
        self._strangers: list[str] = []  # whom only the past knows: they leave with it
        self._refit = False  # everything known is offered again, not only what changed

    # --- control --------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin with a running feed: ages are updated."""
        self._fading.start()
        self._aging.start()

    def rest(self) -> None:
        """End with the feed; the layer keeps what it shows, or comes to show the moment it was rewound to."""
        if self.moment is None:
            self._timer.stop()
        self._fading.stop()
        self._aging.stop()
        self._repaints.stop()

    def let_go(self) -> None:
        """Release the layer, which is being deleted or belongs to another owner from now on."""
        self.rest()
        self._timer.stop()
        self._rewinding.drop()
        if self.trail is not None:
            self.trail.close()
            self.trail = None
        self._repaints.let_go()
        self._layer = None
        self.writer = None

    def hear(self) -> None:
        """Note that the thread has changes; they are taken when the previous ones have been written."""
        if not self._timer.isActive():
            self._timer.start(self._patience())

    def offer_all(self) -> None:
        """Offer the layer everything that is known, not only what changed."""
        if self.core is not None:
            self._refit = True
            self.hear()

    def look_at(self, view: Optional[Extent]) -> None:
        """Set the extent of the map. With ``spec.in_view`` the layer holds only vehicles within it; None
        removes the restriction."""
        if view != self._view:
            self._view = view
            if self.spec.in_view:
                self.offer_all()

    @property
    def view(self) -> Optional[Extent]:
        """The extent of the map, as ``look_at`` told it."""
        return self._view

    @property
    def restriction(self) -> Optional[Extent]:
        """The extent to which the layer is restricted, None where it holds every vehicle."""
        return self._view if self.spec.in_view else None

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
        held, self.held_since = self.held_since, None
        if self.core is not None:
            self.core.lead = self._repaints.lead
            if held is not None or self.core.has_news:
                self._timer.start(PAUSE_BETWEEN_SLICES)

    def show_trails(self, layer: Optional[QgsVectorLayer]) -> None:
        """Fill this layer with the trails, from now on."""
        if self.trail is not None:
            self.trail.close()
        self.trail = TrailWriter(layer, self.spec.trail_gap, self.trails_left.emit)
        if self.core is not None:
            self._write_trails(self.core)

    def rewind(self, moment: Optional[float]) -> None:
        """Show where the vehicles were at a moment (seconds since 1970 UTC); None returns to live."""
        if self.core is None or self.writer is None:
            return
        self.moment = moment
        if moment is None:
            self._rewinding.drop()
            latest, self._strangers = self._strangers, []
            gone = [ident for ident in latest if ident not in self.core.positions.latest]
            self.writer.drop_rows()
            self.writer.offer(self.core.positions.latest.at([]), gone, {})
            self.offer_all()
            return
        self.writer.drop_rows()
        self._rewinding.ask(self.core, moment, list(self.writer.idents))

    def leave_past(self) -> None:
        """Return to live before a feed starts: whom only the past knows leave the layer at once."""
        self.moment = None
        self._rewinding.drop()
        gone, self._strangers = self._strangers, []
        if self.writer is not None:
            self.writer.drop_rows()
            self.writer.offer(self.writer.shown.at([]), gone, {})
            self.hear()

    def _show_past(self, past: Past) -> None:
        if self.writer is not None and self.moment is not None:
            self._strangers += past.strangers
            self.writer.show_moment(past.fixes, past.absent)
            self._timer.start(0)

    # --- writing --------------------------------------------------------------------------------------------

    def _write_slice(self) -> None:
        writer, core = self.writer, self.core
        if writer is not None and self.moment is not None:
            if core is not None:
                core.intake.window_writes(False)
            self._write_moment(writer)
            return
        if writer is None or core is None:
            return
        if self._holds(writer, core):
            core.intake.window_writes(False)
            self._timer.start(HELD)
            return
        if max(writer.waiting, core.waiting) >= MANY:
            core.intake.window_writes(True)  # from the beginning: one after the other, both are quicker
        if self._write_some(writer, core):
            self._timer.start(PAUSE_BETWEEN_SLICES)
            return
        try:
            self._finish(writer, core)
        finally:
            core.intake.window_writes(False)

    def _write_some(self, writer: LayerWriter, core: Feed) -> bool:
        """Take over and write, a part after the other, for the time of a slice. Returns whether something is
        left."""
        started = now = time.perf_counter()
        deadline = started + (SLICE_SECONDS if writer.count < LARGE else LARGE_SLICE_SECONDS)
        more = True
        while more and now < deadline:
            self.take(writer, core)
            more = writer.write(deadline - time.perf_counter()) or core.due > 0
            now = time.perf_counter()
        self._current.seconds += now - started
        return more

    def _is_writing(self) -> bool:
        if self.writer is None:
            return False
        return self.writer.busy or (self.core is not None and self.moment is None and self.core.due > 0)

    def _holds(self, writer: LayerWriter, core: Feed) -> bool:
        """Tell whether rows should wait until the map is drawn, as they are many or the fleet is.

        Never for long, as other layers may be slow.
        """
        if not self.is_drawing():
            return False
        if writer.count < LARGE and max(writer.waiting, core.waiting, self.tick.rows) < MANY:
            return False
        now = time.monotonic()
        if self.held_since is None:
            self.held_since = now
        return now - self.held_since < LONGEST_HOLD

    def take(self, writer: LayerWriter, core: Feed) -> None:
        """Take over the next part of what changed, when all that was taken before is written."""
        if writer.busy:
            return
        if self.full:
            self._reconcile(writer, core)
        refit, self._refit = self._refit, False
        difference = core.take_all() if refit else core.take(TAKEN)
        if self.restriction is not None:
            _restrict(writer, difference, self.restriction)
        self._current.rows += len(difference.changed)
        self._current.gone += len(difference.gone)
        if difference.changed and not self._current.at and not refit:  # those were read long ago
            self._current.at = float(difference.changed.receipt[0])
        if difference and self._current.since is None:
            self._current.since = difference.since
        writer.offer(difference.changed, difference.gone, difference.kinds)

    def _reconcile(self, writer: LayerWriter, core: Feed) -> None:
        """Remove, after the first full read, vehicles that a reopened or reloaded layer shows and the server
        no longer has."""
        if core.status().full_reads and not core.spec.keep_gone:
            self.full = False
            writer.only(set(core.positions.latest))

    def _finish(self, writer: LayerWriter, core: Feed) -> None:
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
        """Return the milliseconds that news wait for the map.

        A large fleet is written in few large pieces: as long before the map may be drawn again as that takes,
        or else when it has been drawn (``on_drawn`` comes sooner).
        """
        rest = self._repaints.rest
        if self.writer is None or self.writer.count < LARGE or not rest:
            return 0
        return round((rest - self._needed) * 1000.0) if rest > self._needed else round(rest * 1000.0) + HELD

    def _write_trails(self, core: Feed) -> None:
        if self.trail is not None and self.trail.layer is not None:
            self.trail.write(core.trails, TRAIL_SECONDS)

    def _write_moment(self, writer: LayerWriter) -> None:
        if writer.write(SLICE_SECONDS):
            self._timer.start(PAUSE_BETWEEN_SLICES)
        else:
            self._fade()

    def _fade(self) -> None:
        """Update the ages; while rewound, they are the ages at that moment."""
        if self.moment is not None and self.core is not None:
            self._set_variables(self.core)
        self._repaints.want()

    def _tell_ages(self) -> None:
        if self.writer is not None:
            self.writer.tell_ages(AGE_SECONDS)

    def _set_variables(self, core: Feed) -> None:
        if self._layer is not None:
            ago = time.time() - self.moment if self.moment is not None else 0.0
            correction = round(core.positions.correction + ago)
            set_variables(self._layer, correction, self.writer.count if self.writer else 0)


def set_variables(layer: QgsVectorLayer, correction: int, count: int) -> None:
    """Set what the style and the virtual field need, only when it matters: each write is a change of the
    project.

    They always exist: an expression with a variable that does not is computed anew for each feature.
    """
    scope = QgsExpressionContextUtils.layerScope(layer)
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


def _restrict(writer: LayerWriter, difference: Difference, extent: Extent) -> None:
    """Keep only vehicles within the extent; those that have left it are removed from the layer."""
    from ...core.live.view import inside

    changed, held = difference.changed, inside(difference.changed, extent)
    difference.changed = changed.pick(held)
    difference.gone.update(dict.fromkeys(ident for ident in changed.pick(~held) if ident in writer.idents))
