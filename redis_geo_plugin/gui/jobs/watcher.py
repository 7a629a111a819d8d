"""Watching the queue: a thread reads it twice a second and passes snapshots to the window."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Callable, Optional

from ...bridge.relay import Relay
from ...core.redis.failures import Failure, classify

if TYPE_CHECKING:
    from ...core.jobs.listing import JobLine
    from ...core.jobs.records import Batch, SetAside
    from ...core.json_types import JsonObject
    from ...core.redis.server import Server
    from ...core.redis.settings import ConnectionSettings
    from ...core.redis.types import RedisClient


EVERY = 0.5  # seconds
LOST_EVERY = 10  # looks between looks for jobs that nothing holds any more
BATCHES = 50
FAILED = 500


@dataclass
class QueueSnapshot:
    """A snapshot of the queue. ``failure`` says why it could not be read."""

    batches: list[Batch] = field(default_factory=list)
    workers: list[JsonObject] = field(default_factory=list)
    depths: dict[str, int] = field(default_factory=dict)
    failed: list[SetAside] = field(default_factory=list)
    begun: frozenset[str] = frozenset()  # batches of which a job is being computed
    listed: tuple[str, list[JobLine]] = ("", [])  # a batch and those of its jobs that were asked for
    damaged: list[str] = field(default_factory=list)  # keys of books that cannot be read
    engines: dict[str, str] = field(default_factory=dict)  # operation -> the GEOS here that it depends on
    failure: Optional[Failure] = None


@dataclass
class WantedRange:
    """Batch, first job and number of jobs that are in sight. Set by the window, read by the thread."""

    range: tuple[str, int, int] = ("", 0, 0)


class Watcher:
    """``listener(Snapshot)`` is called on the main thread; it must be a method of a QObject."""

    def __init__(self, listener: Callable[[QueueSnapshot], object]):
        self._listener = listener
        self._stop: Optional[threading.Event] = None
        self._wake = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._relay: Optional[Relay] = None
        self._wanted = WantedRange()

    @property
    def running(self) -> bool:
        return self._thread is not None

    def start(self, settings: ConnectionSettings, queue: str) -> None:
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
        """Stop watching. The thread is not waited for: a pending request ends after a second at most."""
        if self._thread is None or self._stop is None or self._relay is None:
            return
        self._relay.mute()
        self._stop.set()
        self._wake.set()
        self._thread = self._stop = None


def _watch(
    settings: ConnectionSettings,
    name: str,
    stop: threading.Event,
    wake: threading.Event,
    wanted: WantedRange,
    deliver: Callable[[QueueSnapshot], object],
) -> None:
    from ...core.redis.server import INTERACTIVE_TIMEOUT, Server, close_client

    server = Server(settings)
    client = None
    pause, turn = EVERY, 0
    try:
        while not stop.is_set():
            try:
                if client is None:
                    client = server.blocking(0.0, socket_timeout=INTERACTIVE_TIMEOUT)
                deliver(_look(server, name, client, wanted, turn % LOST_EVERY == 0))
                turn += 1
                pause = EVERY
            except Exception as error:
                close_client(client)
                client = None
                pause = min(pause * 2.0, 5.0)
                deliver(QueueSnapshot(failure=classify(error)))
            wake.wait(pause)
            wake.clear()
    finally:
        close_client(client)
        server.close()


def _look(
    server: Server, name: str, client: RedisClient, wanted: WantedRange, for_lost: bool = False
) -> QueueSnapshot:
    from ...core.jobs.glance import glance
    from ...core.jobs.listing import being_computed, job_lines
    from ...core.jobs.lost import book_lost
    from ...core.jobs.queue import JobQueue

    queue = JobQueue(server, name, client)
    batches = queue.batches(BATCHES)
    if for_lost and book_lost(queue, batches):
        batches = queue.batches(BATCHES)
    seen = glance(queue, batches)
    failed = queue.set_aside(limit=FAILED) if seen.depths["ecartees"] else []
    chosen, start, count = wanted.range
    batch = next((batch for batch in seen.batches if batch.id == chosen), None)
    readable = batch is not None and not batch.damaged
    listed = job_lines(queue, batch, start, count, seen.workers) if readable else []
    damaged = queue.damaged() + [batch.damaged for batch in batches if batch.damaged]
    begun = frozenset(being_computed(seen.workers))
    return QueueSnapshot(
        seen.batches, seen.workers, seen.depths, failed, begun, (chosen, listed), damaged, engines=_engines()
    )


@cache
def _engines() -> dict[str, str]:
    """The version of GEOS here on which the results of each operation depend; empty where they do not."""
    from ...core.operations import OPERATIONS

    return {name: kind().engine for name, kind in OPERATIONS.items()}
