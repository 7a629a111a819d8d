"""The Jobs dock. Its contents are built when it is first shown, and it looks at the queue only while it is
visible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
)
from qgis.gui import QgsCollapsibleGroupBox, QgsDockWidget
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QHideEvent, QShowEvent
from qgis.PyQt.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from ...bridge.i18n import tr
from ...bridge.words import failures
from ..component import Context
from ..dialogs import confirmed
from .queue_in_use import queue_name, start_worker_text
from .watcher import FAILED, QueueSnapshot, Watcher

if TYPE_CHECKING:
    from qgis.core import QgsVectorLayer

    from ...bridge.tasks import BackgroundTask
    from ...core.jobs.listing import JobLine
    from ...core.jobs.queue import JobQueue
    from ...core.jobs.records import Batch, SetAside
    from ...core.json_types import JsonObject
    from .send import SendPanel
    from .worker_here import WorkerHereControl

NO_WORKER = "no worker"  # a topic of messages
ENDED_SECONDS = 20.0
SILENT_SECONDS = 900.0


class JobsDock(QgsDockWidget):
    """``results_wanted`` carries a batch, ``resumed`` one whose failed jobs were sent again, ``ended`` one
    that was sent here and has ended."""

    results_wanted = pyqtSignal(object)
    sent = pyqtSignal(str, str)
    resumed = pyqtSignal(str)
    ended = pyqtSignal(object)

    def __init__(self, context: Context, worker: WorkerHereControl):
        super().__init__(tr("Jobs"), context.iface.mainWindow())
        self._worker = worker
        self.setObjectName("redis_geo_jobs_dock")
        self._context = context
        self._watcher: Optional[Watcher] = None
        self.snapshot = QueueSnapshot()
        self._awaited: set[str] = set()  # batches sent from here that have not ended yet
        self._just_sent = ""  # a batch that is chosen as soon as it is seen
        self._sent_to_nobody = False  # no worker was there when the last batch was sent
        self.send: Optional[SendPanel] = None
        self._queue_is_known = False

    def showEvent(self, event: QShowEvent) -> None:
        self.build()
        super().showEvent(event)
        self.send.store.show_remembered(unless_edited=True)
        self.watch()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._watcher is not None:
            self._watcher.stop()

    def build(self) -> None:
        """Make the contents, once."""
        if self.send is not None:
            return
        from ..first_steps.lead_on import LeadOn
        from ..labels import Label
        from ..wrapping import Halves, Scrolled
        from .batches import BatchesPanel
        from .job_list import JobsPanel
        from .send import SendPanel
        from .tables import FailedPanel, WorkersPanel

        self._watcher = Watcher(self._saw)
        body = QWidget()
        layout = QVBoxLayout(body)
        group = QgsCollapsibleGroupBox(tr("Send features"))
        group.setObjectName("redis_geo_jobs_send_group")
        self.send = SendPanel(self._context)
        QVBoxLayout(group).addWidget(self.send)
        self.state = Label()
        self.state.setObjectName("redis_geo_jobs_state")
        self.state.setWordWrap(True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.batches, self.failed, self.workers = BatchesPanel(), FailedPanel(), WorkersPanel(self._worker)
        self.jobs = JobsPanel()
        self.tabs = QTabWidget()
        self.tabs.setObjectName("redis_geo_jobs_tabs")
        self.tabs.addTab(self.workers, tr("Workers"))
        self.tabs.addTab(self.failed, tr("Failed jobs"))
        self.tabs.addTab(self.jobs, tr("Jobs of the batch"))
        layout.addWidget(group)
        layout.addWidget(self.state)
        layout.addWidget(Halves(self.batches, self.tabs), 1)
        self.setWidget(Scrolled(body))
        self.lead = LeadOn(self._context, self, "jobs", self._has_jobs)
        self._connect()

    def _connect(self) -> None:
        self.send.sent.connect(self._sent)
        self.send.worker_wanted.connect(self.start_worker)
        self.send.queue_changed.connect(lambda _name: self.watch())
        self.batches.show_results.connect(self._show_results)
        self.batches.cancel.connect(lambda batch: self._on_queue(lambda queue: queue.cancel_batch(batch.id)))
        self.batches.retry.connect(self._retry_batch)
        self.batches.again.connect(lambda batch: self.send.send_again(batch.id))
        self.batches.forget.connect(self._forget)
        self.failed.retry.connect(
            lambda jobs: self._retry([job.id for job in jobs], {job.batch for job in jobs})
        )
        self.failed.discard.connect(self._discard)
        self.failed.zoom.connect(self._zoom)
        self.batches.chosen_changed.connect(self._list)
        self.tabs.currentChanged.connect(lambda _tab: self._list())
        self.jobs.wanted.connect(lambda *_: self._want())
        self.jobs.cancel.connect(
            lambda batch, jobs: self._on_queue(
                lambda queue: queue.cancel_jobs(batch.id, [job.index for job in jobs])
            )
        )
        self.jobs.retry.connect(lambda batch, jobs: self._retry_batch(batch, {job.index for job in jobs}))
        self.jobs.zoom.connect(self._zoom_to_job)
        self._context.connections.changed.connect(self.watch)

    def _has_jobs(self) -> bool:
        """Whether a worker is there, or batches and none of them waits for one; True until the queue was
        looked at."""
        alive = any(line["alive"] for line in self.snapshot.workers)
        done = bool(self.snapshot.batches) and not _waiting(self.snapshot)
        return not self._queue_is_known or alive or done

    def show_layer(self, layer: QgsVectorLayer) -> None:
        """Come to the front, ready to send a layer."""
        self.build()
        self.setUserVisible(True)
        self.send.layer.setLayer(layer)

    def close_contents(self) -> None:
        """End the thread that looks, and what is being sent."""
        if self._watcher is not None:
            self._watcher.stop()
            self._context.connections.changed.disconnect(self.watch)
        if self.send is not None:
            self.lead.detach()
            self.send.close_panel()

    def watch(self) -> None:
        """Look at the queue of the active connection from now on."""
        if self._watcher is None or not self.isVisible():
            return
        settings = self._context.connections.settings()
        if settings is None:
            self._watcher.stop()
            self._saw(QueueSnapshot())
            self.state.setText(tr("No connection is set up."))
            return
        self._queue_is_known = False
        self._watcher.start(settings, queue_name())

    def _saw(self, snapshot: QueueSnapshot) -> None:
        if snapshot.failure is not None:
            self.state.setText(failures.in_words(snapshot.failure))
            return
        self.snapshot, self._queue_is_known = snapshot, True
        self.lead.look()
        why = failures.why_locked(self._context.connections.settings())
        self.batches.lock(why)
        self.failed.lock(why)
        self.workers.here.lock(why)
        self.batches.update_batches(snapshot.batches, snapshot.begun)
        if self._just_sent and self.batches.choose(self._just_sent):
            self._just_sent = ""
        names = {batch.id: batch.name for batch in snapshot.batches}
        self.failed.update_failed(snapshot.failed, names)
        self.jobs.show_lines(*snapshot.listed)
        self.workers.update_workers([line for line in snapshot.workers if _worth_showing(line)])
        alive = [line for line in snapshot.workers if line["alive"]]
        self.send.show_workers(alive, snapshot.engines)
        if alive:
            self._context.ui.forget(NO_WORKER)
        waiting = _waiting(snapshot)
        self._tell_no_worker(bool(waiting and not alive))
        self.tabs.setTabText(0, tr("Workers ({count})").format(count=len(alive)))
        aside = snapshot.depths.get("ecartees", 0) if len(snapshot.failed) >= FAILED else self.failed.count
        self.tabs.setTabText(1, tr("Failed jobs ({count})").format(count=aside))
        words = _state(len(alive), sum(line.get("processes", 0) for line in alive), waiting)
        if snapshot.damaged:
            text = tr("Not readable, as another program has written there: {keys}")
            words += "\n" + text.format(keys=", ".join(snapshot.damaged[:5]))
        self.state.setText(words)
        self._tell_ended(snapshot.batches)

    def _tell_ended(self, batches: list[Batch]) -> None:
        for batch in batches:
            if batch.finished and batch.id in self._awaited:
                self._awaited.discard(batch.id)
                self.ended.emit(batch)

    def _sent(self, batch: str, title: str) -> None:
        self.sent.emit(batch, title)
        self._just_sent = batch
        self._awaited.add(batch)
        if self._watcher is not None:
            self._watcher.look_now()
        alive = any(line["alive"] for line in self.snapshot.workers)
        self._sent_to_nobody = not self._worker.pid and not alive

    def _tell_no_worker(self, waits: bool) -> None:
        """Say once of a batch that it waits; one whose results are all in the cache does not."""
        if waits and self._sent_to_nobody:
            self._sent_to_nobody = False
            self._context.ui.message(
                tr("The jobs wait in the queue: no worker is there."),
                button=start_worker_text(),
                clicked=self.start_worker,
                topic=NO_WORKER,
            )

    def start_worker(self) -> None:
        """Start a worker on this computer, and show the workers."""
        self.tabs.setCurrentWidget(self.workers)
        self._worker.start()

    def _show_results(self, batch: Batch) -> None:
        if batch is not None:
            self.results_wanted.emit(batch)

    def _list(self) -> None:
        """List the jobs of the chosen batch, while they can be seen."""
        self.jobs.show_batch(self.batches.chosen())
        self._want()

    def _want(self) -> None:
        if self._watcher is not None:
            seen = self.jobs.batch is not None and self.tabs.currentWidget() is self.jobs
            self._watcher.want(
                self.jobs.batch.id if seen else "", *(self.jobs.in_sight() if seen else (0, 0))
            )

    def _retry_batch(self, batch: Batch, indexes: Optional[set[int]] = None) -> None:
        """Send failed jobs of a batch again: all, or those at these places."""
        ids: list[str] = []

        def requeue_failed(queue: JobQueue) -> None:
            failed = queue.set_aside(batch.id, 100_000)
            ids.extend(job.id for job in failed if indexes is None or job.index in indexes)
            queue.requeue(ids)

        self._on_queue(requeue_failed, lambda: self._resumed(ids, {batch.id}))

    def _retry(self, ids: list[str], batches: set[str]) -> None:
        self._on_queue(lambda queue: queue.requeue(ids), lambda: self._resumed(ids, batches))

    def _resumed(self, ids: list[str], batches: set[str]) -> None:
        self.failed.take_away(ids)
        for batch in filter(None, batches):
            self.resumed.emit(batch)

    def show_failed(self, batch: str = "") -> None:
        """Come to the front with the failed jobs, and choose the batch."""
        self.build()
        self.setUserVisible(True)
        self.tabs.setCurrentWidget(self.failed)
        self._just_sent = batch
        if self._watcher is not None:
            self._watcher.look_now()

    def _forget(self, batch: Batch) -> None:
        if not batch.finished and not self._sure(
            tr("{name} is not finished. Cancel what is left, and take it from the list?").format(
                name=batch.name
            ),
            tr("Remove"),
        ):
            return
        self._on_queue(lambda queue: queue.forget(batch.id))

    def _discard(self, jobs: list[SetAside]) -> None:
        if self._sure(tr("Delete {count} failed jobs for good?").format(count=len(jobs)), tr("Delete")):
            ids = [job.id for job in jobs]
            self._on_queue(lambda queue: queue.discard(ids), lambda: self.failed.take_away(ids))

    def _sure(self, question: str, yes: str) -> bool:
        return confirmed(self, tr("Redis Geo"), question, yes)

    def _zoom(self, job: Optional[SetAside]) -> None:
        """Show where a failed job lies: by the geometry it carries, or by the key that it names."""
        if job is None:
            return
        wkb = job.fields.get(b"g0")
        crs = next((b.details.get("crs", "") for b in self.snapshot.batches if b.id == job.batch), "")
        if wkb is not None:
            self._zoom_to(wkb, crs)
            return
        found: list[bytes] = []
        self._on_queue(
            lambda queue: found.extend(_plain_geometry(queue, job)),
            lambda: self._zoom_to(found[0], "") if found else self._nowhere(),
        )

    def _zoom_to_job(self, batch: Batch, job: JobLine) -> None:
        if job.extent is None:
            self._nowhere()
        else:
            area = QgsGeometry.fromRect(QgsRectangle(*job.extent))
            self._zoom_to(bytes(area.asWkb()), batch.details.get("crs", ""))

    def _nowhere(self) -> None:
        self._context.ui.warning(tr("This job has no geometry to zoom to."))

    def _zoom_to(self, wkb: bytes, crs: str) -> None:
        from ...bridge.crs import from_text
        from ...core.geometry import walk

        geometry = QgsGeometry()
        if not walk.problem(wkb):  # others may have written it: a library that parses it may end QGIS
            geometry.fromWkb(wkb)
        if geometry.isNull() or geometry.isEmpty():
            self._nowhere()
            return
        canvas = self._context.iface.mapCanvas()
        source = from_text(str(crs))
        target = canvas.mapSettings().destinationCrs()
        if source.isValid() and target.isValid():
            try:
                geometry.transform(QgsCoordinateTransform(source, target, QgsProject.instance()))
            except QgsCsException:  # coordinates that are not of the CRS that the batch names
                self._nowhere()
                return
        box = geometry.boundingBox()
        if box.isEmpty():
            width = canvas.extent().width()  # without a layer newer versions of QGIS have no finite one
            size = width / 20.0 if 0.0 < width < float("inf") else 100.0
            box = QgsRectangle.fromCenterAndSize(box.center(), size, size)
        box.scale(1.5)
        canvas.setExtent(box)
        canvas.refresh()
        canvas.flashGeometries([geometry], target)

    def _on_queue(
        self, work: Callable[[JobQueue], object], then: Optional[Callable[[], object]] = None
    ) -> None:
        """Do something with the queue in the background, then look again."""
        settings, name = self._context.connections.settings(), queue_name()
        if settings is None:
            return

        def run(_task: BackgroundTask) -> None:
            from ...core.jobs.queue import JobQueue
            from ...core.redis.server import open_server

            work(JobQueue(open_server(settings), name))

        def done(_result: object, error: Optional[BaseException]) -> None:
            if error is not None:
                from ...core.redis.failures import classify

                failure = classify(error)
                self._context.ui.error(failures.in_words(failure), failure.words)
            elif then is not None:
                then()
            if self._watcher is not None:
                self._watcher.look_now()

        self._context.tasks.start(tr("Redis Geo: jobs"), run, done)


def _plain_geometry(queue: JobQueue, job: SetAside) -> list[bytes]:
    """The geometry of a job of the plain list, where it can be found under its usual key."""
    from ...core.jobs import plain
    from ...core.jobs.geometry_sources import KeySource, decode_geometry
    from ...core.jobs.model import BadJob

    try:
        raw = KeySource(queue.server).find([plain.geometry_id(job.fields.get(b"brut", b""))])[0]
        return [decode_geometry(raw)] if raw else []
    except BadJob:
        return []


def _worth_showing(line: JsonObject) -> bool:
    """One that ended in order is shown for a moment, one that fell silent for longer."""
    return line["alive"] or line["seen"] < (ENDED_SECONDS if line.get("state") == "ended" else SILENT_SECONDS)


def _waiting(snapshot: QueueSnapshot) -> int:
    """How many jobs wait or are under way."""
    return sum(count for name, count in snapshot.depths.items() if name != "ecartees")


def _state(workers: int, processes: int, waiting: int) -> str:
    if workers:
        text = tr("Workers: {workers} (processes: {processes}). Jobs waiting or under way: {waiting}.")
    elif waiting:
        text = tr("No worker is there. Jobs that wait for one: {waiting}.")
    else:
        text = tr("No worker is there.")
    return text.format(workers=workers, processes=processes, waiting=waiting)
