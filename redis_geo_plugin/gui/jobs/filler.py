"""Result layers that fill as results arrive: a thread follows the batch, the window adds what it brings.

A layer remembers its batch, so that a project that is opened again fills it again (memory layers keep no
features).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Callable, Optional, cast

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from ...bridge.relay import Relay
from ...core.redis.failures import classify

if TYPE_CHECKING:
    from ...bridge.jobs.results import CollectedResult, ResultLayout
    from ...core.jobs.queue import JobQueue
    from ...core.jobs.records import Batch
    from ...core.json_types import JsonObject
    from ...core.redis.settings import ConnectionSettings

News = tuple[str, Any]  # what kind of news, and what it says

BATCH = "redis_geo/jobs/batch"
QUEUE = "redis_geo/jobs/queue"
CONNECTION = "redis_geo/jobs/connection"
AT_ONCE = 300  # results handed to the window together ...
BYTES_AT_ONCE = 500_000  # ... and so many bytes of geometry, so that it stays alive
GONE, FAILED, LEFT, FULL, UNDER_WAY = "gone", "failed", "left", "full", "under way"
LOOKED_UP = 1000  # jobs whose outcome is looked up together


def mark(layer: QgsVectorLayer, batch: str, queue: str, connection: str) -> None:
    """Mark the layer with the batch that it shows."""
    layer.setCustomProperty(BATCH, batch)
    layer.setCustomProperty(QUEUE, queue)
    layer.setCustomProperty(CONNECTION, connection)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)


def marked_layers() -> list[QgsVectorLayer]:
    """The layers of the project that show a batch. One that the user made permanent is the user's."""
    return [
        layer
        for layer in QgsProject.instance().mapLayers().values()
        if layer.customProperty(BATCH) and layer.providerType() == "memory"
    ]


class Filler(QObject):
    """Fills one layer. ``ended(filler, news)`` is called when it is full (FULL), or when the batch is gone
    (GONE).

    Args:
        layer: One that was marked.
        settings: The connection of its batch.
        ended: See above.
        seen: The places in the batch of the features that the layer has already.
        awaited: Whether the end of the batch is awaited here; else only where it had not ended yet.
    """

    def __init__(
        self,
        layer: QgsVectorLayer,
        settings: ConnectionSettings,
        ended: Callable[[Filler, str], object],
        *,
        seen: AbstractSet[int] = frozenset(),
        awaited: bool = False,
    ):
        super().__init__()
        self.layer_id = layer.id()
        self.batch = str(layer.customProperty(BATCH))
        self.missing = 0
        self.awaited = awaited
        self.end: Optional[Batch] = None  # the batch at its end
        self.seen = set(seen)  # its thread's, until it has ended
        self._layout: Optional[ResultLayout] = None
        self._ended = ended
        self._stop = threading.Event()
        self._taken = threading.Semaphore(2)  # no more than two loads wait for the window
        self._relay = Relay(self._heard)
        layer.willBeDeleted.connect(self.stop)
        layer.dataSourceChanged.connect(self._left)
        self._thread = threading.Thread(
            target=_follow,
            args=(
                settings,
                str(layer.customProperty(QUEUE)),
                self.batch,
                self.seen,
                self._stop,
                self._taken,
                self._relay.send,
            ),
            name="redis-geo-results",
            daemon=True,
        )
        self._thread.start()

    @property
    def running(self) -> bool:
        return not self._stop.is_set()

    def stop(self) -> None:
        """Stop filling. The thread is not waited for: it ends within a moment, or at the time limit of its
        request."""
        self._stop.set()
        self._relay.mute()
        self._taken.release()

    def _left(self) -> None:
        """The layer was given another data source, as by *Make Permanent…*: it is the user's now."""
        if self.running:
            self.stop()
            self._ended(self, LEFT)

    def _heard(self, news: News) -> None:
        kind, value = news
        layer = cast(QgsVectorLayer, QgsProject.instance().mapLayer(self.layer_id))
        if layer is None:
            self.stop()
        elif kind == "results":
            self._add(layer, *value)
            self._taken.release()
        elif kind == UNDER_WAY:
            self.awaited = True
        elif kind == "missing":
            self.missing += value
        else:
            self.end = value
            self.stop()
            self._ended(self, kind)

    def _add(self, layer: QgsVectorLayer, details: JsonObject, results: list[CollectedResult]) -> None:
        if self._layout is None:
            from ...bridge.jobs.results import ResultLayout

            self._layout = ResultLayout.of(details)
        self.missing += sum(result.missing for result in results)
        made = self._layout.features(results)
        if made:
            layer.dataProvider().addFeatures(made)
            tell_changed(layer)


def tell_changed(layer: QgsVectorLayer) -> None:
    """Features were changed behind the layer's back: an open attribute table reads them anew, as the map."""
    layer.updateExtents()
    layer.dataChanged.emit()  # not the provider's, with which the selection would go
    layer.triggerRepaint()


def _follow(
    settings: ConnectionSettings,
    name: str,
    batch: str,
    seen: set[int],
    stop: threading.Event,
    taken: threading.Semaphore,
    deliver: Callable[[News], object],
) -> None:
    from ...core.jobs.queue import JobQueue
    from ...core.redis.server import Server, close_client

    server = Server(settings)
    client = None
    after, pause = "0", 0.25
    try:
        while not stop.is_set():
            try:
                client = client or server.blocking(0.25)
                after, over = _load(JobQueue(server, name, client), batch, after, seen, stop, taken, deliver)
                pause = 0.25
                if over:
                    return
            except Exception as error:
                close_client(client)
                client = None
                if not classify(error).passing:
                    deliver((FAILED, None))
                    return
                stop.wait(pause)
                pause = min(pause * 2.0, 2.0)
    finally:
        close_client(client)
        server.close()


def _load(
    queue: JobQueue,
    batch: str,
    after: str,
    seen: set[int],
    stop: threading.Event,
    taken: threading.Semaphore,
    deliver: Callable[[News], object],
) -> tuple[str, bool]:
    """Read what is new since ``after``; (where to go on, whether that was all)."""
    from ...bridge.jobs.results import ResultReader

    new_after, events = queue.events(batch, after, AT_ONCE, 250)
    state = queue.progress([batch]).get(batch)
    if state is None:
        deliver((GONE, None))
        return after, True
    good = [index for index, code in events if code in "ch" and index not in seen]
    if after == "0" and not state.finished:
        deliver((UNDER_WAY, None))
    results = ResultReader(queue, state).read(good)
    if not _hand_over(results, state, stop, taken, deliver):
        return after, True
    seen.update(result.index for result in results)  # not those that are in no book any more
    if not events and state.finished:
        for more in _left_out(queue, state, seen):
            if not _hand_over(more, state, stop, taken, deliver):
                return after, True
        told = state.computed + state.cached
        if told > len(seen):  # what they were is not kept any more
            deliver(("missing", told - len(seen)))
        deliver((FULL, state))
        return new_after, True
    return new_after, False


def _hand_over(
    results: list[CollectedResult],
    state: Batch,
    stop: threading.Event,
    taken: Any,
    deliver: Callable[[tuple[Any, ...]], object],
) -> bool:
    """Give results to the window as it can take them; False when it wants no more."""
    for part in _parts(results):
        while not taken.acquire(timeout=0.25):
            if stop.is_set():
                return False
        if stop.is_set():
            return False
        deliver(("results", (state.details, part)))
    return True


def _left_out(queue: JobQueue, state: Batch, seen: set[int]) -> Iterator[list[CollectedResult]]:
    """The results of jobs of which the stream of ends does not tell: it was thrown out of the server's memory
    or trimmed. Adds them to ``seen``."""
    from ...bridge.jobs.results import ResultReader
    from ...core.jobs.model import Code

    if state.computed + state.cached <= len(seen):
        return
    reader = ResultReader(queue, state)
    total = min(state.total or 0, queue.size(state.id))  # others may have written anything as the total
    for start in range(0, total, LOOKED_UP):
        indexes = [i for i in range(start, min(start + LOOKED_UP, total)) if i not in seen]
        ended = queue.outcomes(state.id, indexes)
        good = [i for i in indexes if i not in ended or ended[i].code in (Code.COMPUTED, Code.CACHED)]
        results = reader.read(good)
        seen.update(result.index for result in results)
        yield results


def _parts(results: list[CollectedResult]) -> list[list[CollectedResult]]:
    parts: list[list[CollectedResult]] = []
    size = BYTES_AT_ONCE
    for result in results:
        length = len(result.wkb or b"")
        if size + length > BYTES_AT_ONCE and (not parts or parts[-1]):
            parts.append([])
            size = 0
        parts[-1].append(result)
        size += length
    return parts
