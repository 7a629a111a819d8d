"""Jobs in the window: the dock, and the result layers that fill as results arrive."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Optional, cast

from qgis.core import Qgis, QgsProject, QgsVectorLayer

from ...bridge import widgets
from ...bridge.i18n import tr
from ...bridge.jobs.announcements import NEWS
from ...bridge.jobs.job_words import end_in_words
from ...bridge.styles import style_result
from ...bridge.words.labelled import labelled
from .. import new_layers
from ..component import Component
from ..messages import Button
from . import filler
from .awaiting import AwaitedBatches
from .dock import JobsDock
from .operation_choice import OperationChoice
from .queue_in_use import queue_name
from .worker_here import WorkerHereControl

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask
    from ...core.jobs.records import Batch
    from ...core.json_types import JsonObject
    from ...core.redis.settings import ConnectionSettings
    from ..component import Context


class JobsComponent(Component):
    """Installs the dock (filled when first shown) and keeps the layers of batches filled."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.dock: Optional[JobsDock] = None
        self.worker: Optional[WorkerHereControl] = None
        self.fillers: list[filler.Filler] = []

    def install(self) -> None:
        """Add this part to the window."""
        self.worker = WorkerHereControl(self.context)
        self._undo.callback(self.worker.close)
        self.dock = JobsDock(self.context, self.worker)
        widgets.register(widgets.OPERATIONS, OperationChoice)
        self.dock.sent.connect(self._sent)
        self.dock.results_wanted.connect(self._show_batch)
        self.dock.resumed.connect(self.resume)
        self.dock.ended.connect(self._batch_ended)
        self._awaited = AwaitedBatches()
        self._undo.callback(self._awaited.close)
        self._awaited.ended.connect(self._sent_elsewhere_ended)
        self._listen(NEWS.sent, self._awaited.add)
        self.context.ui.add_dock(self.dock, "jobs", shortcut="Ctrl+Shift+F2")
        self.context.services.send_layer = self.dock.show_layer
        self.context.services.show_batch = self._show_batch
        self.context.services.start_worker = self.dock.start_worker
        self._listen(QgsProject.instance().readProject, self._project_read)
        self._listen(self.context.connections.changed, self._connection_changed)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        if self.dock is None:
            return
        services = self.context.services
        services.send_layer = services.show_batch = services.start_worker = None
        self._undo.close()
        widgets.unregister(widgets.OPERATIONS)
        for running in self.fillers:
            running.stop()
        self.fillers.clear()
        self.dock.close_contents()
        self.dock = self.worker = None

    def _sent(self, batch: str, title: str) -> None:
        """Ask in the background what the batch is like, then show its layer."""
        settings, name = self.context.connections.settings(), queue_name()

        def read_batch(_task: BackgroundTask) -> Optional[Batch]:
            from ...core.jobs.queue import JobQueue
            from ...core.redis.server import open_server

            return JobQueue(open_server(settings), name).progress([batch]).get(batch)

        def done(state: Optional[Batch], error: Optional[BaseException]) -> None:
            if error is None and state is not None:
                self.show_results(batch, title, state.details, awaited=True)

        self.context.tasks.start(tr("Redis Geo: results of {title}").format(title=title), read_batch, done)

    def show_results(
        self, batch: str, title: str, details: JsonObject, *, awaited: bool = False
    ) -> QgsVectorLayer:
        """The layer of a batch: the one there is, else a new one that fills. ``awaited``: its end is told,
        however soon it comes."""
        for layer in filler.marked_layers():
            if layer.customProperty(filler.BATCH) == batch:
                self.context.iface.setActiveLayer(layer)
                return layer
        from ...bridge.jobs.results import ResultLayout

        layer = ResultLayout.of(details).memory_layer(title)
        style_result(layer)
        filler.mark(layer, batch, queue_name(), self.context.connections.name)
        before = self.context.iface.activeLayer()
        new_layers.add([layer], self.context.iface)
        text = tr("{layer}: fills as results arrive.").format(layer=layer.name())
        new_layers.say_added(self.context, [layer], text, before=before, topic=_topic(batch))
        self._fill(layer, awaited=awaited)
        return layer

    def _show_batch(self, batch: Batch) -> None:
        self.show_results(batch.id, batch.name, batch.details)

    def resume(self, batch: str) -> None:
        """Failed jobs of a batch were sent again: its layer takes up their results, and keeps the others."""
        for layer in filler.marked_layers():
            if layer.customProperty(filler.BATCH) == batch and not self._filling(layer):
                self._fill(layer, awaited=True)

    def _filling(self, layer: QgsVectorLayer) -> bool:
        return any(running.layer_id == layer.id() and running.running for running in self.fillers)

    def _fill(self, layer: QgsVectorLayer, *, awaited: bool = False) -> None:
        settings = self.context.connections.settings()
        if settings is None:
            return
        earlier = next((one for one in self.fillers if one.layer_id == layer.id()), None)
        present = QgsProject.instance().mapLayers()
        self.fillers = [one for one in self.fillers if one is not earlier and one.layer_id in present]
        seen = earlier.seen if earlier is not None and layer.featureCount() else frozenset()
        if not seen and layer.featureCount():
            layer.dataProvider().truncate()
            filler.tell_changed(layer)
        self.fillers.append(filler.Filler(layer, settings, self._ended, seen=seen, awaited=awaited))

    def _batch_ended(self, batch: Batch) -> None:
        """The panel sees that a batch sent here has ended; told here where no layer of it does."""
        if not any(layer.customProperty(filler.BATCH) == batch.id for layer in filler.marked_layers()):
            self._say_end(batch, None)

    def _sent_elsewhere_ended(self, settings: ConnectionSettings, batch: Batch) -> None:
        """A batch that was sent from the toolbox has ended."""
        if settings == self.context.connections.settings():
            self._batch_ended(batch)
        else:  # its results are to be had through the other connection
            self.context.ui.message(labelled(settings.name, end_in_words(batch)), _level(batch))

    def _say_end(self, batch: Batch, layer: Optional[QgsVectorLayer]) -> None:
        """A word when a batch ends, and what can be done then."""
        ui, buttons = self.context.ui, []
        if layer is not None:
            ids = [layer.id()]
            buttons.append(Button(tr("Zoom"), lambda: new_layers.zoom_to(self.context.iface, ids)))
        else:
            show = partial(self.show_results, batch.id, batch.name, batch.details)
            buttons.append(Button(tr("Results as layer"), show))
        if batch.failed:
            buttons.append(Button(tr("Failed jobs"), lambda: self.dock.show_failed(batch.id)))
        message = ui.message(end_in_words(batch), _level(batch), buttons=buttons, topic=_topic(batch.id))
        if layer is not None:
            layer.willBeDeleted.connect(message.drop)

    def _ended(self, ended: filler.Filler, news: str) -> None:
        layer = cast(QgsVectorLayer, QgsProject.instance().mapLayer(ended.layer_id))
        if news == filler.FULL and ended.awaited and ended.end is not None:
            self._say_end(ended.end, layer)
        name = layer.name() if layer is not None else ended.batch
        if news == filler.GONE:
            self.context.ui.warning(
                tr(
                    "The results of {layer} are no longer kept. Send its features again to compute them."
                ).format(layer=name)
            )
        elif news == filler.LEFT:
            self.context.ui.warning(
                tr("{layer} is a plain layer of yours now, with the results that had arrived.").format(
                    layer=name
                )
            )
        elif news == filler.FAILED:
            self.context.ui.warning(tr("The results of {layer} could not be read.").format(layer=name))
        elif ended.missing:
            self.context.ui.warning(
                tr("{count} results of {layer} are no longer in the cache.").format(
                    count=ended.missing, layer=name
                )
            )

    def _project_read(self, *_document: object) -> None:
        """Memory layers come back empty: fill those of batches again."""
        for layer in filler.marked_layers():
            if layer.providerType() == "memory" and not layer.featureCount() and not self._filling(layer):
                self._fill(layer)

    def _connection_changed(self) -> None:
        """Layers of the connection that is active now, and that are still empty, can be filled."""
        if self.context.connections.settings() is not None:
            self._project_read()


def _topic(batch: str) -> str:
    """What messages about a batch are about."""
    return f"batch {batch}"


def _level(batch: Batch) -> Qgis.MessageLevel:
    trouble = batch.failed or batch.lost
    return Qgis.MessageLevel.Warning if trouble else Qgis.MessageLevel.Success
