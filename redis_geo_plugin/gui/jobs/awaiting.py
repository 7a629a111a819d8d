"""Waits for the end of batches that no panel waits for: those sent from the toolbox, a model or a script."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Callable

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...bridge.relay import Relay
from ...core.redis.failures import classify

if TYPE_CHECKING:
    from ...core.jobs.records import Batch
    from ...core.redis.server import Server
    from ...core.redis.settings import ConnectionSettings

EVERY, LONGEST = 1.0, 5.0  # seconds between two looks; the second where nothing ends


class AwaitedBatches(QObject):
    """Main thread only. ``ended(settings, batch)`` once for each batch that has ended; one that is gone, or
    whose server refuses to tell, is forgotten. One thread looks after all of a queue."""

    ended = pyqtSignal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._relay = Relay(self._heard)
        self._queues: dict[tuple[ConnectionSettings, str], _Queue] = {}

    def add(self, settings: ConnectionSettings, queue: str, batch: str) -> None:
        """Wait for a batch."""
        watched = self._queues.get((settings, queue))
        if watched is None or not watched.add(batch):
            watched = self._queues[settings, queue] = _Queue(settings, queue, self._relay.send)
            watched.add(batch)
            watched.start()

    def close(self) -> None:
        """Wait no longer. The threads are not waited for."""
        self._relay.mute()
        for watched in self._queues.values():
            watched.stop.set()
        self._queues.clear()

    def _heard(self, news: tuple[object, object]) -> None:
        self.ended.emit(*news)


class _Queue:
    """The awaited batches of one queue, and the thread that looks at them."""

    def __init__(self, settings: ConnectionSettings, queue: str, send: Callable[[object], None]):
        self._settings, self._queue, self._send = settings, queue, send
        self._batches: set[str] = set()
        self._lock = threading.Lock()
        self._over = False
        self.stop = threading.Event()

    def add(self, batch: str) -> bool:
        """Look at this one too. Returns whether the thread still looks."""
        with self._lock:
            if not self._over:
                self._batches.add(batch)
            return not self._over

    def start(self) -> None:
        threading.Thread(target=self._watch, name="redis-geo-awaiting", daemon=True).start()

    def _watch(self) -> None:
        from ...core.redis.server import Server

        server, pause = Server(self._settings), EVERY
        try:
            while not self.stop.is_set():
                try:
                    pause = EVERY if self._look(server) else min(pause * 1.5, LONGEST)
                except Exception as error:
                    if not classify(error).passing:
                        return
                    pause = LONGEST
                with self._lock:
                    self._over = not self._batches
                    if self._over:
                        return
                self.stop.wait(pause)
        finally:
            with self._lock:
                self._over = True
            server.close()

    def _look(self, server: Server) -> bool:
        """Tell which have ended. Returns whether any has."""
        from ...core.jobs.queue import JobQueue

        with self._lock:
            awaited = sorted(self._batches)
        found = JobQueue(server, self._queue).progress(awaited)
        # a cancelled batch may never end, as no worker comes: whoever cancelled it knows
        over = [id for id in awaited if id not in found or _is_over(found[id])]
        for id in over:
            if id in found and found[id].finished:
                self._send((self._settings, found[id]))
        with self._lock:
            self._batches.difference_update(over)
        return bool(over)


def _is_over(batch: Batch) -> bool:
    return batch.finished or batch.cancelled or bool(batch.damaged)
