"""Edits of layers of features, written into Redis when they are saved; the user says for which layers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Optional, cast

from qgis.core import Qgis, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer

from ..bridge.i18n import tr
from ..bridge.server import connections
from ..bridge.tasks import watch_of
from ..bridge.words import failures
from ..core.redis.failures import StoreError, classify
from ..core.redis.settings import InvalidUrl
from ..core.watch import Cancelled
from .component import Component, Context
from .dialogs import confirmed
from .layer_menu import LayerMenu

if TYPE_CHECKING:
    from ..bridge.features.editing import EditedLayer, Saved, WrittenEdits
    from ..bridge.features.live_set import LiveSet
    from ..bridge.tasks import BackgroundTask
    from ..core.redis.settings import ConnectionSettings


class _Write(NamedTuple):
    """What one *Save* asks for: of which layer, how it was called then, and whether it is written, or only
    looked at. The layer may be gone meanwhile."""

    layer_id: str
    name: str
    saved: Saved
    is_written: bool = True


class FeatureEditsComponent(Component):
    """Switches writing on and off by the menu of a layer, and writes what was saved, one *Save* after the
    other."""

    def __init__(self, context: Context):
        super().__init__(context)
        self._menu: Optional[LayerMenu] = None
        self._owner: Optional[QObject] = None
        self._layers: dict[str, EditedLayer] = {}
        self._just_saved: list[_Write] = []  # until QGIS has finished saving
        self._waiting: dict[str, list[_Write]] = {}  # by layer; the first is being written
        self._left: dict[str, list[_Write]] = {}  # by layer: could not be written

    def install(self) -> None:
        """Add this part to the window."""
        owner = self._owner = QObject()
        self._undo.callback(owner.deleteLater)
        menu = self._menu = LayerMenu(self.context.iface)
        self._undo.callback(menu.close)
        menu.add("redis_geo_layer_write", tr("Write edits into Redis"), "features", self.toggle)
        self._listen(QgsProject.instance().layersWillBeRemoved, self._forget)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self._forget(list(self._layers))
        self._tell_what_waits()
        self._undo.close()
        self._menu = self._owner = None

    def _tell_what_waits(self) -> None:
        """Say which saved edits nobody writes any more."""
        counts: Counter[str] = Counter()
        for one in chain(self._just_saved, *self._waiting.values()):
            if one.is_written and one.saved.origin is not None:
                counts[one.name] += len(one.saved.edits)
        self._just_saved.clear()
        self._waiting.clear()
        text = tr("{layer}: saved edits that may not be in Redis: {n}. The plugin was ended before that.")
        for name, count in counts.items():
            if count:
                self.context.ui.messages.leave(text.format(layer=name, n=count))

    def toggle(self) -> None:
        """Write the edits of the current layer from now on, or no longer."""
        from ..bridge.features.origin import origin_of

        layer, ui = self.context.iface.activeLayer(), self.context.ui
        origin = origin_of(layer)
        if layer is None or origin is None:
            ui.warning(tr("Only layers of features that were read from Redis can be written back."))
            return
        if layer.id() in self._layers:
            if cast(QgsVectorLayer, layer).isEditable() and self._live(layer) is not None:
                # it could not be made read only, and nobody would write what is saved then
                text = tr("{layer}: save or discard its edits first, and end the editing.")
                ui.warning(text.format(layer=layer.name()), topic=layer.id())
                return
            self._forget([layer.id()])
            ui.message(tr("{layer}: edits stay in the layer.").format(layer=layer.name()), topic=layer.id())
            return
        settings = self._settings(origin.connection)
        if settings is None:
            return
        if why := failures.why_locked(settings):
            ui.error(why)
            return
        self._watch(cast(QgsVectorLayer, layer))
        text = tr("{layer}: edits are written into Redis whenever you save them.")
        ui.message(text.format(layer=layer.name()), topic=layer.id())

    def _watch(self, layer: QgsVectorLayer) -> None:
        from ..bridge.features.editing import EditedLayer

        assert self._owner is not None
        if self._live(layer) is not None:
            layer.setReadOnly(False)
        watched = self._layers[layer.id()] = EditedLayer(layer, self._owner)
        watched.saved.connect(partial(self._soon, layer.id()))

    def _forget(self, layer_ids: list[str]) -> None:
        for layer_id in layer_ids:
            watched = self._layers.pop(layer_id, None)
            if watched is not None:
                if self._live(watched.layer) is not None:
                    watched.layer.setReadOnly(True)
                watched.close()

    def _live(self, layer: QgsMapLayer) -> Optional[LiveSet]:
        """The live set that a layer shows, whose layers are read only unless their edits are written."""
        of_layer = self.context.services.set_of_layer
        return of_layer(layer) if of_layer is not None else None

    def _settings(self, name: str) -> Optional[ConnectionSettings]:
        try:
            return connections.resolve(name)
        except StoreError as error:
            self.context.ui.error(failures.in_words(error.failure))
        except InvalidUrl as error:
            self.context.ui.error(failures.of_address(error))
        return None

    # -- one save ------------------------------------------------------------------------------------------

    def _soon(self, layer_id: str, saved: Saved) -> None:
        """Once QGIS has finished saving; the layer may be closed right behind it."""
        self._just_saved.append(_Write(layer_id, self._layers[layer_id].layer.name(), saved))
        QTimer.singleShot(0, self._take_over)

    def _take_over(self) -> None:
        while self._just_saved:
            self._on_saved(self._just_saved.pop(0))

    def _on_saved(self, one: _Write) -> None:
        saved, name, ui = one.saved, one.name, self.context.ui
        if saved.origin is None:
            text = tr("{layer}: its fields are no longer those that were read. Nothing was written.")
            ui.warning(text.format(layer=name))
            return
        if saved.added:
            text = tr("{layer}: new features: {n}. They have no key: publish them. They are not in Redis.")
            ui.warning(text.format(layer=name, n=saved.added))
        if saved.deleted and not self._may_delete(name, saved.deleted):
            back = [edit for edit in saved.edits if edit.is_deleted]
            self._add(one._replace(saved=replace(saved, edits=back), is_written=False))
            saved = saved.without_deletes()
        if saved.edits:
            self._add(one._replace(saved=saved))

    def _may_delete(self, name: str, count: int) -> bool:
        question = tr("{layer}: features deleted in QGIS: {n}. Delete them in Redis too?")
        return confirmed(
            self.context.iface.mainWindow(),
            tr("Delete features in Redis"),
            question.format(layer=name, n=count),
            tr("Delete"),
        )

    def _add(self, one: _Write) -> None:
        """Write it, or only let the layer show the server's features, after what is under way."""
        waiting = self._waiting.setdefault(one.layer_id, [])
        waiting.append(one)
        if len(waiting) == 1:
            self._start(one)

    def _start(self, one: _Write) -> None:
        saved, is_written = one.saved, one.is_written
        assert saved.origin is not None
        try:
            settings = connections.resolve(saved.origin.connection)
        except (StoreError, InvalidUrl) as error:
            self._done(one, None, error)
            return

        def write_edits(task: BackgroundTask) -> WrittenEdits:
            from ..bridge.features.editing import write
            from ..core.redis.server import open_server

            return write(open_server(settings), saved, is_written, watch_of(task))

        title = tr("Writing edits into Redis")
        self.context.tasks.start(title, write_edits, partial(self._done, one), shown=True)

    def _done(self, one: _Write, written: Optional[WrittenEdits], error: Optional[BaseException]) -> None:
        layer = QgsProject.instance().mapLayer(one.layer_id)
        if error is not None:
            self._failed(one, error)
        elif written is not None:
            self._go_on(one, written)
            if isinstance(layer, QgsVectorLayer):
                self._show(layer, one, written)
            if one.is_written:
                self._tell(one, written)
        waiting = self._waiting[one.layer_id]
        del waiting[0]
        if waiting:
            self._start(waiting[0])

    def _go_on(self, one: _Write, written: WrittenEdits) -> None:
        """Let what was saved of the layer meanwhile build on what was written."""
        from ..bridge.features.editing import go_on

        for later in [*self._waiting[one.layer_id][1:], *self._just_saved]:
            if later.layer_id == one.layer_id:
                go_on(later.saved, written)

    def _show(self, layer: QgsVectorLayer, one: _Write, written: WrittenEdits) -> None:
        from ..bridge.features.editing import show

        live = self._live(layer)
        is_read = live is not None and live.running
        show(layer, one.saved, written.rows, is_read)
        if live is not None:
            live.saved(layer, [(edit.key, edit.id) for edit in one.saved.edits])

    def _failed(self, one: _Write, error: BaseException) -> None:
        """The layer keeps what was edited, until it is written after all."""
        from ..bridge.geo.search_words import why_no_index
        from ..core.features.indexes import IndexProblem

        why, details = tr("cancelled"), ""
        if isinstance(error, IndexProblem):
            why = why_no_index(error)
        elif isinstance(error, InvalidUrl):
            why = failures.of_address(error)
        elif not isinstance(error, Cancelled):
            failure = classify(error) if isinstance(error, Exception) else None
            why = failures.in_words(failure) if failure is not None else str(error)
            details = failure.words if failure is not None else ""
        self._left.setdefault(one.layer_id, []).append(one)
        self.context.ui.message(
            tr("{layer}: not all edits are in Redis: {why}").format(layer=one.name, why=why),
            Qgis.MessageLevel.Critical,
            details=details,
            button=tr("Try again"),
            clicked=partial(self._again, one.layer_id),
            topic=one.layer_id,
        )

    def _again(self, layer_id: str) -> None:
        for one in self._left.pop(layer_id, []):
            self._add(one)

    def _tell(self, one: _Write, written: WrittenEdits) -> None:
        from ..bridge.features.words import first_lines

        report, ui = written.report, self.context.ui
        topic = "" if one.layer_id in self._left else one.layer_id  # "Try again" of another stays
        counts = tr("{layer}: changed in Redis: {changed}, deleted: {deleted}.").format(
            layer=one.name, changed=report.changed, deleted=report.deleted
        )
        if not report.refusals.total:
            ui.success(counts, topic=topic)
            return
        text = tr("{counts} Not written: {n}: {which}. The layer shows what the server has.")
        shown = text.format(counts=counts, n=report.refusals.total, which=first_lines(report.refusals))
        ui.warning(shown, topic=topic)
