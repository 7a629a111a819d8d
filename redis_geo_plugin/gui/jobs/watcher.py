"""Looks at the queue twice a second in a thread of its own, and tells the window what it saw."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ...bridge.relay import Relay
from ...core.failures import Failure, classify

EVERY = 0.5  # seconds
BATCHES = 50
FAILED = 500


@dataclass
class Snapshot:
    """What the queue looked like. ``failure`` says why it could not be looked at."""

    batches: list[Any] = field(default_factory=list)
    workers: list[dict[str, Any]] = field(default_factory=list)
    depths: dict[str, int] = field(default_factory=dict)
    failed: list[Any] = field(default_factory=list)
    begun: frozenset[str] = frozenset()  # batches of which a job is being computed
    listed: tuple[str, list[Any]] = ("", [])  # a batch and those of its jobs that were asked for
    failure: Optional[Failure] = None


@dataclass
class Wanted:
    """Batch, first job and number of jobs that are in sight. Set by the window, read by the thread."""

    range: tuple[str, int, int] = ("", 0, 0)


class Watcher:
    """``listener(Snapshot)`` is called on the main thread; it must be a method of a QObject."""

    def __init__(self, listener: Callable[[Snapshot], Any]):
        self._listener = listener
        self._stop: Optional[threading.Event] = None
        self._wake = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._relay: Optional[Relay] = None
        self._wanted = Wanted()

    @property
    def running(self) -> bool:
        return self._thread is not None

    def start(self, settings: Any, queue: str) -> None:
        """Watch this queue from now on."""
        self.stop()
        self._relay, self._stop, self._wake = Relay(self._listener), threading.Event(), threading.Event()
        self._thread = threading.Thread(
            target=_watch,
            args=(settings, queue, self._stop, self._wake, self._wanted, self._relay.send),
            name="redis-geo-jobs",
            daemon=True,
        )
        self._thread.start()

    def want(self, batch: str, start: int, count: int) -> None:
        """Look at these jobs of a batch too; with an empty batch at none."""
        wanted = (batch, start, count)
        if wanted != self._wanted.range:
            self._wanted.range = wanted
            self.look_now()

    def look_now(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Hear no more. Nobody waits for the thread: a question under way is broken off by its time limit of a second."""
        if self._thread is None or self._stop is None or self._relay is None:
            return
        self._relay.mute()
        self._stop.set()
        self._wake.set()
        self._thread = self._stop = None


def _watch(
    settings: Any,
    name: str,
    stop: threading.Event,
    wake: threading.Event,
    wanted: Wanted,
    tell: Callable[[Snapshot], Any],
) -> None:
    from ...core.server import INTERACTIVE_TIMEOUT, Server, close_client

    server = Server(settings)
    client = None
    pause = EVERY
    try:
        while not stop.is_set():
            try:
                if client is None:
                    client = server.blocking(0.0, socket_timeout=INTERACTIVE_TIMEOUT)
                tell(_look(server, name, client, wanted))
                pause = EVERY
            except Exception as error:
                close_client(client)
                client = None
                pause = min(pause * 2.0, 5.0)
                tell(Snapshot(failure=classify(error)))
            wake.wait(pause)
            wake.clear()
    finally:
        close_client(client)
        server.close()


def _look(server: Any, name: str, client: Any, wanted: Wanted) -> Snapshot:
    from ...core.jobs.listing import being_computed, job_lines
    from ...core.jobs.queue import JobQueue

    queue = JobQueue(server, name, client)
    batches = queue.batches(BATCHES)
    depths = queue.depths()
    failed = queue.set_aside(limit=FAILED) if depths["ecartees"] else []
    workers = queue.workers()
    chosen, start, count = wanted.range
    batch = next((batch for batch in batches if batch.id == chosen), None)
    listed = job_lines(queue, batch, start, count, workers) if batch is not None else []
    return Snapshot(batches, workers, depths, failed, frozenset(being_computed(workers)), (chosen, listed))
