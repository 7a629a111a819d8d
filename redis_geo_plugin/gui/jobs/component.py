"""Jobs in the window: the dock, and the result layers that fill as results arrive."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsProject, QgsVectorLayer

from ...bridge.i18n import tr
from ...bridge.styles import style_result
from ..component import Component
from . import filler
from .dock import JobsDock
from .send import queue_name


class JobsComponent(Component):
    """Installs the dock (filled when first shown) and keeps the layers of batches filled."""

    def __init__(self, context):
        super().__init__(context)
        self.dock: Optional[JobsDock] = None
        self.fillers: list[filler.Filler] = []

    def install(self) -> None:
        self.dock = JobsDock(self.context)
        self.dock.sent.connect(self._sent)
        self.dock.results_wanted.connect(lambda batch: self.show_results(batch.id, batch.name, batch.details))
        self.dock.resumed.connect(self.resume)
        self.context.ui.add_dock(self.dock, "jobs")
        QgsProject.instance().readProject.connect(self._project_read)
        self.context.connections.changed.connect(self._connection_changed)

    def uninstall(self) -> None:
        if self.dock is None:
            return
        QgsProject.instance().readProject.disconnect(self._project_read)
        self.context.connections.changed.disconnect(self._connection_changed)
        for running in self.fillers:
            running.stop()
        self.fillers.clear()
        self.dock.close_contents()
        self.dock = None

    def _sent(self, batch: str, title: str) -> None:
        """Ask in the background what the batch is like, then show its layer."""
        settings, name = self.context.connections.settings(), queue_name()

        def work(_task: Any) -> Any:
            from ...core.jobs.queue import JobQueue
            from ...core.server import open_server

            return JobQueue(open_server(settings), name).progress([batch]).get(batch)

        def done(state: Any, error: Optional[BaseException]) -> None:
            if error is None and state is not None:
                self.show_results(batch, title, state.details)

        self.context.tasks.start(tr("Redis Geo: results of {title}").format(title=title), work, done)

    def show_results(self, batch: str, title: str, details: dict[str, Any]) -> QgsVectorLayer:
        """The layer of a batch: the one there is, else a new one that fills."""
        for layer in filler.marked_layers():
            if layer.customProperty(filler.BATCH) == batch:
                self.context.iface.setActiveLayer(layer)
                return layer
        from ...bridge.jobs_results import ResultLayout

        layer = ResultLayout.of(details).memory_layer(title)
        style_result(layer)
        filler.mark(layer, batch, queue_name(), self.context.connections.name)
        QgsProject.instance().addMapLayer(layer)
        self._fill(layer)
        return layer

    def resume(self, batch: str) -> None:
        """Failed jobs of a batch were sent again: its layer listens again."""
        for layer in filler.marked_layers():
            if layer.customProperty(filler.BATCH) == batch and not self._filling(layer):
                layer.dataProvider().truncate()
                self._fill(layer)

    def _filling(self, layer: QgsVectorLayer) -> bool:
        return any(running.layer_id == layer.id() and running.running for running in self.fillers)

    def _fill(self, layer: QgsVectorLayer) -> None:
        settings = self.context.connections.settings()
        if settings is None:
            return
        self.fillers = [running for running in self.fillers if running.running]
        self.fillers.append(filler.Filler(layer, settings, self._ended))

    def _ended(self, ended: filler.Filler, news: str) -> None:
        layer = QgsProject.instance().mapLayer(ended.layer_id)
        name = layer.name() if layer is not None else ended.batch
        if news == filler.GONE:
            self.context.ui.warning(
                tr("The results of {layer} are no longer kept. Send its features again to compute them.").format(
                    layer=name
                )
            )
        elif news == filler.FAILED:
            self.context.ui.warning(tr("The results of {layer} could not be read.").format(layer=name))
        elif ended.missing:
            self.context.ui.warning(
                tr("{count} results of {layer} are no longer in the cache.").format(count=ended.missing, layer=name)
            )

    def _project_read(self, *_document: Any) -> None:
        """Memory layers come back empty: fill those of batches again."""
        for layer in filler.marked_layers():
            if layer.providerType() == "memory" and not layer.featureCount() and not self._filling(layer):
                self._fill(layer)

    def _connection_changed(self) -> None:
        """Layers of the connection that is active now, and that are still empty, can be filled."""
        if self.context.connections.settings() is not None:
            self._project_read()
