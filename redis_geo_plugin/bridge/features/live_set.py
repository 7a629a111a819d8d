"""A live set of the project: the thread that reads it, and the layers that show it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import QgsFeature, QgsFeatureRequest, QgsProject, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer

from ..live.filling import PAUSE_BETWEEN_SLICES, SLICE_SECONDS, Tick
from ..live.live_source import LiveSource
from ..live.repaints import Repaints
from . import set_layer
from .origin import LayerOrigin, mark
from .set_layer import SET_PROPERTY, SET_RUNNING_PROPERTY
from .set_rows import Layout, SetRows

if TYPE_CHECKING:
    from ...core.features.refusals import FeatureRefusal
    from ...core.features.set_feed import SetFeed, SetStatus
    from ...core.features.set_intake import Row, SetChanges
    from ...core.features.set_refused import Ident
    from ...core.features.set_spec import SetSpec
    from ...core.redis.settings import ConnectionSettings

PIECE = 200  # features written at once: about 2 ms
GONE_PIECE = 2_000


class LiveSet(LiveSource):
    """Main thread only.

    ``ended`` when its last layer was deleted. While one of its layers is edited nothing is written into any
    of them: what comes waits, and ``is_edited`` says so.
    """

    def __init__(
        self,
        spec: SetSpec,
        layers: dict[str, QgsVectorLayer],
        place: Callable[[QgsVectorLayer, str], object],
        parent: Optional[QObject] = None,
    ):
        super().__init__(parent)
        self.spec = spec
        self.layers: dict[str, QgsVectorLayer] = {}
        self.core: Optional[SetFeed] = None
        self.tick = Tick()
        self.is_drawing: Callable[[], bool] = lambda: False
        self._place = place
        self._rows: Optional[SetRows] = None
        self._marked: Optional[Layout] = None  # what the layers say of their columns
        self._fids: dict[str, dict[Ident, int]] = {}
        self._removed: set[str] = set()  # kinds whose layer the user has removed
        self._gone: deque[Ident] = deque()
        self._changes: deque[tuple[Ident, list[Row]]] = deque()
        self._current = Tick()
        self._touched: set[str] = set()
        self._repaints: dict[str, Repaints] = {}
        self._slots: dict[str, tuple[tuple[Any, Callable[..., object]], ...]] = {}
        self._state = ""  # as it was told last
        self._is_ours = False  # the change of a layer's source
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._write_slice)
        for kind, layer in layers.items():
            self._take_up(kind, layer)

    # --- what it says of itself -----------------------------------------------------------------------------

    @property
    def is_edited(self) -> bool:
        """Whether one of its layers is in edit mode, so that what is new waits."""
        return any(layer.isEditable() for layer in self.layers.values())

    def status(self) -> Optional[SetStatus]:
        """Return the status of the thread, None while it does not run."""
        return self.core.status() if self.core is not None else None

    def listed_refusals(self) -> list[FeatureRefusal]:
        """The last values that are not shown, one by one; none while it does not run."""
        return self.core.listed_refusals() if self.core is not None else []

    # --- control --------------------------------------------------------------------------------------------

    def start(self, settings: Optional[ConnectionSettings]) -> None:
        """Connect in a thread and begin to fill the layers, which keep what they show until then."""
        if self.core is None:
            from ...core.features.set_feed import SetFeed

            self._rows = SetRows(QgsProject.instance().transformContext())
            self.core = SetFeed(self.spec, settings, self._rows, self._heard.emit)
        self.core.start()
        self._remember()
        self.changed.emit()

    def stop(self, wait: float = 0.0) -> None:
        """End the thread, which is not waited for; the layers keep what they show."""
        core, self.core = self.core, None
        if core is not None:
            core.stop(wait)
        self._timer.stop()
        self._gone.clear()
        self._changes.clear()
        self._current = Tick()
        for one in self._repaints.values():
            one.stop()
        self._remember()
        self.changed.emit()

    def set_interval(self, seconds: float) -> None:
        """Change the interval between readings."""
        self.update_spec(self.spec.changed(interval=seconds))

    def update_spec(self, spec: SetSpec) -> None:
        """Keep a changed description of the set with its layers (and so in the project), and follow it.

        What is read differently (``SetSpec.reads_otherwise``) is read so from the next start on.
        """
        before, self.spec = self.spec.name, spec
        if self.core is not None:
            self.core.set_spec(spec)
        if spec.name != before:
            set_layer.rename(self.layers, before, spec.name)
        self._remember()
        self.changed.emit()

    def refresh(self, keys: Iterable[bytes]) -> None:
        """Read these keys again and write their rows, whatever was known of them."""
        if self.core is not None:
            self.core.refresh(keys)

    def saved(self, layer: QgsVectorLayer, edited: Collection[tuple[bytes, str]]) -> bool:
        """Show again what the server has of features that were ``edited`` in a layer (their keys and ids),
        also of those that it has no more; False where nothing is read."""
        if self.core is None:
            return False
        known = next((self._fids[kind] for kind, one in self.layers.items() if one is layer), {})
        asked = set(edited)
        fids = {ident: fid for ident, fid in known.items() if ident[:2] in asked}
        # by what stands there: all may have been filled anew since, with other numbers
        request = QgsFeatureRequest().setFilterFids(list(fids.values())).setNoAttributes()
        request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        there = {row.id() for row in layer.dataProvider().getFeatures(request)} if fids else set()
        for ident, fid in fids.items():
            if fid not in there:
                del known[ident]
        self.refresh({key for key, _ in asked})
        return True

    def on_drawn(self) -> None:
        """Note that the canvas has finished drawing."""
        for one in self._repaints.values():
            one.on_drawn()

    def close(self, wait: float = 0.3) -> None:
        """Stop for good; the layers stay and remember that they were live."""
        was_running = self.running
        self.stop(wait)
        for kind, layer in list(self.layers.items()):
            layer.setCustomProperty(SET_RUNNING_PROPERTY, was_running)
            self._let_go(kind)

    # --- layers ---------------------------------------------------------------------------------------------

    def _take_up(self, kind: str, layer: QgsVectorLayer) -> None:
        set_layer.prepare(layer)
        self.layers[kind] = layer
        self._fids[kind] = {}
        repaints = self._repaints[kind] = Repaints(layer, lambda: float(self.spec.interval), self)
        repaints.is_drawing = lambda: self.is_drawing()  # noqa: PLW0108 - who owns the canvas sets it later
        repaints.is_writing = lambda: bool(self._changes or self._gone)
        slots = self._slots[kind] = (
            (layer.willBeDeleted, partial(self._on_deleted, kind)),
            (layer.dataSourceChanged, partial(self._on_source_changed, kind)),
            (layer.editingStopped, self._on_edited),
            (layer.editingStarted, self.changed.emit),
        )
        for signal, slot in slots:
            signal.connect(slot)

    def _let_go(self, kind: str) -> None:
        layer = self.layers.pop(kind)
        self._fids.pop(kind)
        self._repaints.pop(kind).let_go()
        for signal, slot in self._slots.pop(kind):
            if not sip.isdeleted(layer):
                signal.disconnect(slot)

    def _layer_for(self, kind: str, layout: Layout) -> Optional[QgsVectorLayer]:
        """The layer of a kind, made with its first feature; None where the user has removed it."""
        layer = self.layers.get(kind)
        if layer is None and kind not in self._removed:
            layer = set_layer.new_layer(self.spec.name, kind, layout)
            if not set_layer.insert(layer, kind, self.layers):
                self._place(layer, self.spec.name)
            self._take_up(kind, layer)
            self._remember()
            self._mark(layout)
        return layer

    def _remember(self) -> None:
        for layer in self.layers.values():
            layer.setCustomProperty(SET_PROPERTY, self.spec.to_json())
            layer.setCustomProperty(SET_RUNNING_PROPERTY, self.running)

    def _on_deleted(self, kind: str) -> None:
        self._let_go(kind)
        self._removed.add(kind)
        if not self.layers:
            self.stop()
            self.ended.emit()

    def _on_source_changed(self, kind: str) -> None:
        """QGIS gave the layer another data source, as by *Make Permanent…*: it is the user's, and the set
        goes on in a new one."""
        if self._is_ours:
            return
        layer = self.layers[kind]
        self._let_go(kind)
        set_layer.leave(layer)
        if self.core is not None:
            self.core.read_anew()

    def _mark(self, layout: Layout) -> None:
        """Keep with each layer where its features come from, so that edits find their way back."""
        self._marked = layout
        crs_text, columns, has_six = layout.crs_text, layout.columns, layout.has_six
        for kind, layer in self.layers.items():
            mark(
                layer,
                LayerOrigin(self.spec.connection, self.spec.request, kind, crs_text, columns, has_six),
            )

    # --- writing --------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        if self.core is not None and not self._timer.isActive():
            self._timer.start(PAUSE_BETWEEN_SLICES)
        self._tell_state()

    def _on_edited(self) -> None:
        self._hear()
        self.changed.emit()

    def _tell_state(self) -> None:
        status = self.status()
        state = status.state.value if status is not None else ""
        if state != self._state:
            self._state = state
            self.changed.emit()

    def _write_slice(self) -> None:
        """Take over and write for the time of a slice."""
        core = self.core
        if core is None or self.is_edited:
            return  # ``editingStopped`` comes back to it
        rows = self._rows
        if rows is None or rows.layout is None:
            return  # it was told by the thread before, which was stopped
        started = time.perf_counter()
        more = True
        while more and rows is self._rows and time.perf_counter() - started < SLICE_SECONDS:
            if not self._gone and not self._changes:
                self._take(core.take(PIECE))
            self._write_piece(rows.layout)
            more = bool(self._gone or self._changes or core.has_news)
        self._current.seconds += time.perf_counter() - started
        if more:
            self._timer.start(PAUSE_BETWEEN_SLICES)
        else:
            self._finish()

    def _take(self, taken: SetChanges) -> None:
        if self._rows is None or self._rows.layout is None:
            return  # nothing was read yet; what is told is another state
        layout = self._rows.layout
        if taken.reset:
            self._reset(layout)
        for layer in self.layers.values():
            set_layer.add_fields(layer, layout.fields)
        if layout is not self._marked:  # also those without news have its columns now, and may be edited
            self._mark(layout)
        self._gone.extend(taken.gone)
        self._changes.extend(taken.changed)
        if self._current.since is None and (taken.gone or taken.changed):
            self._current.since = taken.since

    def _reset(self, layout: Layout) -> None:
        """Empty the layers, and give them the form of the features that come now."""
        self._is_ours = True
        try:
            for kind, layer in self.layers.items():
                self._fids[kind] = {}
                self._touched.add(kind)
                if kind in layout.types:
                    set_layer.empty(layer, kind, layout)
                else:
                    layer.dataProvider().truncate()
        finally:
            self._is_ours = False

    def _write_piece(self, layout: Layout) -> None:
        gone = [self._gone.popleft() for _ in range(min(len(self._gone), GONE_PIECE))]
        if gone:
            for kind in list(self.layers):
                self._delete(kind, gone)
            self._current.gone += len(gone)
            return
        changes = [self._changes.popleft() for _ in range(min(len(self._changes), PIECE))]
        by_kind: dict[str, list[tuple[Ident, QgsFeature]]] = {}
        for ident, rows in changes:
            for kind, feature in rows:
                by_kind.setdefault(kind, []).append((ident, feature))  # type: ignore[arg-type]
        for kind in list(self.layers):
            there = {ident for ident, _ in by_kind.get(kind, ())}
            self._delete(kind, [ident for ident, _ in changes if ident not in there])
        for kind, some in by_kind.items():
            layer = self._layer_for(kind, layout)
            if layer is not None:
                self._write_rows(layer, self._fids[kind], some)
                self._touched.add(kind)
        self._current.rows += len(changes)

    def _delete(self, kind: str, idents: Iterable[Ident]) -> None:
        known = self._fids[kind]
        fids = [known.pop(ident) for ident in idents if ident in known]
        if fids:
            self.layers[kind].dataProvider().deleteFeatures(fids)
            self._touched.add(kind)

    def _write_rows(
        self, layer: QgsVectorLayer, known: dict[Ident, int], rows: list[tuple[Ident, QgsFeature]]
    ) -> None:
        """Write features: those that are there keep their number, and so their selection."""
        provider = layer.dataProvider()
        new = [(ident, feature) for ident, feature in rows if ident not in known]
        values, shapes = {}, {}
        for ident, feature in rows:
            fid = known.get(ident)
            if fid is not None:
                values[fid] = dict(enumerate(feature.attributes()))
                shapes[fid] = feature.geometry()
        if values:
            provider.changeAttributeValues(values)
            provider.changeGeometryValues(shapes)
        if new:
            done, added = provider.addFeatures([feature for _, feature in new])
            if done:
                known.update((ident, one.id()) for (ident, _), one in zip(new, added))

    def _finish(self) -> None:
        """A tick is complete: one repaint of each layer that was touched."""
        current, self._current = self._current, Tick()
        touched, self._touched = self._touched, set()
        for kind in touched & set(self.layers):
            self.layers[kind].updateExtents()
            self.layers[kind].dataChanged.emit()  # open tables
            self._repaints[kind].want(current.since)
        if current.rows or current.gone:
            current.at = time.time()
            current.lag = time.monotonic() - current.since if current.since is not None else 0.0
            self.tick = current
        self.ticked.emit()
        self._tell_state()
