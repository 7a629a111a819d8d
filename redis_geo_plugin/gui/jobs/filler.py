"""Result layers that fill as results arrive: a thread follows the batch, the window adds what it brings.

A layer remembers its batch, so that a project that is opened again fills it again (memory layers keep no features).
"""

from __future__ import annotations

import threading
from typing import Any, Callable, Optional

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from ...bridge.jobs_results import ResultLayout
from ...bridge.relay import Relay
from ...core.failures import classify

BATCH = "redis_geo/jobs/batch"
QUEUE = "redis_geo/jobs/queue"
CONNECTION = "redis_geo/jobs/connection"
AT_ONCE = 300  # results handed to the window together ...
BYTES_AT_ONCE = 500_000  # ... and so many bytes of geometry, so that it stays alive
GONE, FAILED = "gone", "failed"


def mark(layer: QgsVectorLayer, batch: str, queue: str, connection: str) -> None:
    """Have the layer remember what it shows."""
    layer.setCustomProperty(BATCH, batch)
    layer.setCustomProperty(QUEUE, queue)
    layer.setCustomProperty(CONNECTION, connection)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)


def marked_layers() -> list[QgsVectorLayer]:
    """The layers of the project that show a batch."""
    return [layer for layer in QgsProject.instance().mapLayers().values() if layer.customProperty(BATCH)]


class Filler(QObject):
    """Fills one layer. ``ended(filler, news)`` is called when it is full, or when the batch is gone (GONE)."""

    def __init__(self, layer: QgsVectorLayer, settings: Any, ended: Callable[[Filler, str], Any]):
        super().__init__()
        self.layer_id = layer.id()
        self.batch = str(layer.customProperty(BATCH))
        self.missing = 0
        self._layout: Optional[ResultLayout] = None
        self._ended = ended
        self._stop = threading.Event()
        self._taken = threading.Semaphore(2)  # no more than two loads wait for the window
        self._relay = Relay(self._heard)
        layer.willBeDeleted.connect(self.stop)
        self._thread = threading.Thread(
            target=_follow,
            args=(settings, str(layer.customProperty(QUEUE)), self.batch, self._stop, self._taken, self._relay.send),
            name="redis-geo-results",
            daemon=True,
        )
        self._thread.start()

    @property
    def running(self) -> bool:
        return not self._stop.is_set()

    def stop(self) -> None:
        """Hear no more. Nobody waits for the thread, which ends within a moment, or with the time limit of its question."""
        self._stop.set()
        self._relay.mute()
        self._taken.release()

    def _heard(self, news: tuple) -> None:
        kind, value = news
        layer = QgsProject.instance().mapLayer(self.layer_id)
        if layer is None:
            self.stop()
        elif kind == "results":
            self._add(layer, *value)
            self._taken.release()
        else:
            self.stop()
            self._ended(self, kind)

    def _add(self, layer: QgsVectorLayer, details: dict[str, Any], results: list) -> None:
        if self._layout is None:
            self._layout = ResultLayout.of(details)
        self.missing += sum(result.missing for result in results)
        made = self._layout.features(results)
        if made:
            layer.dataProvider().addFeatures(made)
            layer.updateExtents()
            layer.triggerRepaint()


def _follow(
    settings: Any,
    name: str,
    batch: str,
    stop: threading.Event,
    taken: threading.Semaphore,
    tell: Callable[[tuple], Any],
) -> None:
    from ...core.jobs.queue import JobQueue
    from ...core.server import Server, close_client

    server = Server(settings)
    client = None
    seen: set[int] = set()
    after, pause = "0", 0.25
    try:
        while not stop.is_set():
            try:
                client = client or server.blocking(0.25)
                after, over = _load(JobQueue(server, name, client), batch, after, seen, stop, taken, tell)
                pause = 0.25
                if over:
                    return
            except Exception as error:
                close_client(client)
                client = None
                if not classify(error).passing:
                    tell((FAILED, None))
                    return
                stop.wait(pause)
                pause = min(pause * 2.0, 2.0)
    finally:
        close_client(client)
        server.close()


def _load(
    queue: Any, batch: str, after: str, seen: set[int], stop: threading.Event, taken: Any, tell: Callable
) -> tuple[str, bool]:
    """Read what is new since ``after``; (where to go on, whether that was all)."""
    from ...bridge.jobs_results import ResultReader

    new_after, events = queue.events(batch, after, AT_ONCE, 250)
    state = queue.progress([batch]).get(batch)
    if state is None:
        tell((GONE, None))
        return after, True
    good = [index for index, code in events if code in "ch" and index not in seen]
    results = ResultReader(queue, state).read(good)
    for part in _parts(results):
        while not taken.acquire(timeout=0.25):
            if stop.is_set():
                return after, True
        if stop.is_set():
            return after, True
        tell(("results", (state.details, part)))
    seen.update(good)
    if not events and state.finished:
        tell(("full", None))
        return new_after, True
    return new_after, False


def _parts(results: list) -> list[list]:
    parts: list[list] = []
    size = BYTES_AT_ONCE
    for result in results:
        length = len(result.wkb or b"")
        if size + length > BYTES_AT_ONCE and (not parts or parts[-1]):
            parts.append([])
            size = 0
        parts[-1].append(result)
        size += length
    return parts
