"""The first half of a cached run that workers do: send the features, wait for their results in the cache.

The second half is the ordinary run, which then reads everything, and computes here what workers left over: so
that the layer is the same, and nobody waits for workers that are not there.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...bridge.i18n import tr
from ...bridge.keeping import keep
from ...bridge.settings import kept
from ...core.watch import Watch
from ..component import Context
from .queue_in_use import PRIORITY_SETTING, queue_name

if TYPE_CHECKING:
    from ...bridge.algorithm_values import Results
    from ...bridge.tasks import BackgroundTask
    from ...core.jobs.queue import JobQueue
    from ...core.jobs.records import Batch
    from ...core.json_types import JsonObject
    from ...core.redis.settings import ConnectionSettings
    from ..cache.operation_form import Choices
    from .send import Sending

SETTING = "redis_geo/cache/by_workers"
POLL = 0.1
LOST_EVERY = 3.0  # seconds between looks for jobs that nothing holds any more
PATIENCE = 15.0  # seconds without any worker, after which the rest is computed here


def chosen() -> bool:
    """Whether the user wants workers to compute, when there are any."""
    return kept(SETTING, False)


def choose(by_workers: bool) -> None:
    """Keep what the user wants."""
    keep({SETTING: by_workers})


class ByWorkers(QObject):
    """``progressed`` is 0 to 100; ``ended`` carries words on who computes, whatever happened."""

    progressed = pyqtSignal(float)
    ended = pyqtSignal(str)

    def __init__(self, context: Context, layer: QgsVectorLayer, selected_only: bool, choices: Choices):
        from .send import Sending

        super().__init__()
        self._context = context
        self._settings = context.connections.settings()
        self._operation = choices.operation
        self._queue = queue_name()
        priority = kept(PRIORITY_SETTING, 1, 0, 2)
        self._sending: Optional[Sending] = Sending(layer, selected_only, choices, priority, self._queue)
        self._task: BackgroundTask = None
        self._batch = ""

    def start(self) -> None:
        """Look for workers first."""
        if self._settings is None:
            self.ended.emit(tr("No connection is set up, so it is computed here."))
            return
        settings, name, operation = self._settings, self._queue, self._operation

        def find_workers(_task: BackgroundTask) -> tuple[list[JsonObject], str]:
            from ...core.operations import OPERATIONS

            return _queue(settings, name).alive(), OPERATIONS[operation]().engine

        self._task = self._context.tasks.start(
            tr("Redis Geo: looking for workers"), find_workers, self._found
        )

    def cancel(self) -> None:
        """Cancel the batch; ``ended`` follows."""
        if self._task is not None:
            self._task.cancel()
        elif self._sending is not None:
            self._sending.task.cancel()

    def close(self) -> None:
        """Cancel the batch and emit nothing more."""
        self.blockSignals(True)
        if self._task is not None:
            self._task.forget()
        if self._sending is not None:
            self._sending.task.forget()

    def _found(self, found: Optional[tuple[list[JsonObject], str]], error: Optional[BaseException]) -> None:
        self._task = None
        workers, geos = found or ([], "")
        if error is not None:
            self.ended.emit(tr("The queue cannot be reached, so it is computed here."))
        elif not workers:
            self.ended.emit(tr("No worker is there, so it is computed here."))
        elif not any(_computes(line, geos) for line in workers):
            text = tr("No worker has the GEOS {version} of this QGIS, so it is computed here.")
            self.ended.emit(text.format(version=geos))
        else:
            self._sending.task.executed.connect(self._sent)
            self._sending.start(self._context.tasks)

    def _sent(self, ok: bool, results: Results) -> None:
        self._sending = None
        if not ok:
            self.ended.emit(tr("The jobs could not be sent, so it is computed here."))
            return
        settings, name, batch, tell = self._settings, self._queue, str(results["BATCH"]), self.progressed.emit

        def await_batch(task: BackgroundTask) -> tuple[Batch, int, bool]:
            watch = Watch(task.isCanceled, lambda share: tell(100.0 * share))
            return _wait(_queue(settings, name), batch, watch)

        self._task = self._context.tasks.start(tr("Redis Geo: workers compute"), await_batch, self._waited)

    def _waited(self, outcome: tuple[Batch, int, bool], error: Optional[BaseException]) -> None:
        self._task = None
        if error is not None or outcome is None:
            self.ended.emit(tr("The queue cannot be reached any more, so the rest is computed here."))
            return
        state, workers, alone = outcome
        done = state.computed + state.cached
        if alone:
            text = tr("{done} of {total} by workers, which then were gone; the rest here.")
        elif state.lost:
            text = tr("{done} of {total} by {workers} workers; what the server has lost is computed here.")
        elif state.failed:
            text = tr("{done} of {total} by {workers} workers; what failed there is tried here.")
        else:
            text = tr("{done} of {total} by {workers} workers.")
        self.ended.emit(text.format(done=done, total=state.total, workers=workers))


def _computes(worker: JsonObject, geos: str) -> bool:
    """Whether a worker computes as this QGIS does; ``geos`` is the version that the results depend on, empty
    for none."""
    return geos in ("", worker["geos"])


def _queue(settings: ConnectionSettings, name: str) -> JobQueue:
    from ...core.jobs.queue import JobQueue
    from ...core.redis.server import open_server

    return JobQueue(open_server(settings), name)


def _wait(queue: JobQueue, batch: str, watch: Watch) -> tuple[Batch, int, bool]:
    """Until the batch is finished, cancelled, or left without workers: (batch, how many workers, whether left
    alone)."""
    from ...core.jobs.lost import book_lost

    most, seen, looked = 0, time.monotonic(), time.monotonic()
    while True:
        try:
            state = queue.progress([batch]).get(batch)
            workers = len(queue.alive())
            if state is not None and time.monotonic() - looked > LOST_EVERY:
                looked = time.monotonic()
                if book_lost(queue, [state]):
                    continue
        except Exception:
            if watch.cancelled():  # its connection was closed under it; a new one tells the workers
                queue.cancel_batch(batch)
            raise
        if state is None or state.finished or state.damaged:
            return (state, max(most, 1), False) if state else None
        watch.reach(state.done / max(state.total or state.sent, 1))
        most = max(most, workers)
        seen = time.monotonic() if workers else seen
        if watch.cancelled() or time.monotonic() - seen > PATIENCE:
            queue.cancel_batch(batch)
            return state, most, True
        time.sleep(POLL)
