"""A worker: claims jobs from Redis, has them computed by its processes, and books results and sends the
heartbeat meanwhile.

The parent computes nothing itself, so that its beat never stops for a long GEOS call. Every call of Redis may
fail; what was to be booked then stays in hand and is booked later, and if others took a job over meanwhile,
the booking is refused.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import secrets
import signal
import socket
import time
from collections.abc import Sequence
from typing import Optional

from ..core.geometry import geos
from ..core.jobs.consumer import Consumer
from ..core.jobs.geometry_sources import SourceError, open_source
from ..core.jobs.health import WorkerHealth, WorkerState
from ..core.jobs.lost import book_lost
from ..core.jobs.model import BadJob, Code, Done
from ..core.jobs.queue import JobQueue
from ..core.json_types import JsonObject
from ..core.operations import OPERATIONS
from ..core.redis.failures import FailureKind, classify
from ..core.redis.redispy import exceptions
from ..core.redis.server import Server
from .crew import CannotStart, Crew, End, Held
from .intake import JobIntake
from .logs import Log
from .options import Exit, Options
from .standard_input import when_closed
from .timing import Timer

BOOK_AT_ONCE = 500
LISTEN = 0.05  # seconds to wait for news of the processes while there is nothing to take
NEWS_EVERY = 0.1  # seconds between beats out of turn
PROMOTE_EVERY = 0.2
PRUNE_EVERY = 60.0
LOST_EVERY = 10.0  # seconds between looks for jobs that nothing holds
WATCHED_BATCHES = 50
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
_HOPELESS = frozenset(
    {
        FailureKind.WRONG_PASSWORD,
        FailureKind.PASSWORD_NEEDED,
        FailureKind.NO_RIGHTS,
        FailureKind.NOT_REDIS,
        FailureKind.NO_DATABASE,
        FailureKind.TLS_REFUSED,
    }
)


class Now(BaseException):
    """Raised when the worker is asked a second time to end."""


class Worker:
    """One run. ``run`` returns the exit code."""

    def __init__(self, options: Options):
        self.options = options
        self.log = Log(options.log_format, options.log_level)
        host = options.name or socket.gethostname()
        self.name = f"{host}-{os.getpid()}-{secrets.token_hex(3)}"
        self.health = WorkerHealth(host, os.getpid(), version(), options.processes, [])
        self.draining = False
        self._asked = 0
        self._drain_until = 0.0
        self._pause = 0.0
        self._rest_until = 0.0
        self._trouble = ""
        self._queue_empty = False
        self._told: tuple[str, int, int] = ("", 0, 0)
        self._timer = Timer()
        self._damaged: set[str] = set()  # keys of books that were named in the log

    def run(self) -> int:
        """Work until asked to end; returns the exit code."""
        try:
            return self._run()
        except Now:
            return self._end_now()
        except CannotStart as error:
            self.log.error("cannot start", why=str(error))
            self._end_now()
            return Exit.FAILED

    def _run(self) -> int:
        self._import_operations()
        self.health.geos = geos.version()
        self.health.operations = [f"{name}@{kind.version}" for name, kind in sorted(OPERATIONS.items())]
        server = Server(self.options.settings)
        self.crew: Optional[Crew] = None
        self._catch_signals()
        if self.options.until_closed:
            when_closed(self._drain)
        code = self._check_source(server)
        if code is None:
            code = self._connect(server)
        if code is not None:
            return code
        self.crew = Crew(self.options, self._setup(), self.log)
        self.intake = JobIntake(self.crew, self.consumers, self.health, self.options, self.log)
        self.log.info(
            "started",
            worker=self.name,
            processes=self.options.processes,
            queues=",".join(self.options.queues),
            geos=geos.full_version(),
        )
        while not self._over():
            self._turn()
        return self._end()

    # Start and end

    def _import_operations(self) -> None:
        for module in self.options.modules:
            try:
                importlib.import_module(module)
            except Exception as error:  # whatever a module of others raises
                raise CannotStart(f"{module}: {type(error).__name__}: {error}") from error

    def _check_source(self, server: Server) -> Optional[int]:
        """None where plain jobs find their geometries, else an exit code."""
        options = self.options
        try:
            open_source(
                server, options.template, options.geometry_file, options.geometry_layer, options.id_field
            )
        except SourceError as error:
            self.log.error("geometry source", why=str(error))
            return Exit.NO_SOURCE
        return None

    def _connect(self, server: Server) -> Optional[int]:
        """Wait for the server with growing pauses; None when it is there, else an exit code."""
        client, pause = None, FIRST_PAUSE
        while not self.draining:
            try:
                client = client or server.blocking(3.0)
                queues = [JobQueue(server, name, client) for name in self.options.queues]
                for queue in queues:
                    queue.ensure()
                self.consumers = [Consumer(queue, self.name, self.options.tries) for queue in queues]
                return None
            except (exceptions.RedisError, OSError) as error:
                failure = classify(error)
                if failure.kind in _HOPELESS:
                    self.log.error("refused", why=failure.kind.value, server=failure.words)
                    return Exit.REFUSED
                if not self.options.wait:
                    self.log.error("no server", why=failure.kind.value, server=failure.words)
                    return Exit.NO_SERVER
                self._say_trouble(failure.kind.value, failure.words)
            time.sleep(pause)
            pause = min(pause * 2.0, LONGEST_PAUSE)
        return Exit.IN_ORDER

    def _setup(self) -> JsonObject:
        options = self.options
        return {
            "connection": {
                **dataclasses.asdict(options.settings),
                "deployment": options.settings.deployment.value,
            },
            "worker": self.name,
            "queues": list(options.queues),
            "template": options.template,
            "file": options.geometry_file,
            "layer": options.geometry_layer,
            "field": options.id_field,
            "modules": list(options.modules),
            "memory_mb": options.job_memory_mb,
        }

    def _catch_signals(self) -> None:
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, self._asked_to_end)

    def _asked_to_end(self, _number: int, _frame: object) -> None:
        self._asked += 1
        if self._asked > 1:
            raise Now
        self._drain()

    def _drain(self) -> None:
        self._drain_until = time.monotonic() + self.options.grace
        self.draining = True

    def _over(self) -> bool:
        assert self.crew is not None
        if self.draining:
            done = self.crew.quiet() and not self.crew.backlog
            return done or time.monotonic() > self._drain_until
        return self.options.burst and not self.crew.held and self._nothing_left()

    def _nothing_left(self) -> bool:
        if not self._timer.due("look", 0.2):
            return False
        try:
            depths = [consumer.queue.depths() for consumer in self.consumers]
        except (exceptions.RedisError, OSError):
            return False
        return not any(count for depth in depths for name, count in depth.items() if name != "ecartees")

    def _end(self) -> int:
        assert self.crew is not None
        in_order = self.crew.quiet()
        self.crew.close(now=not in_order)
        self._leave()
        self.log.info("ended", done=self.health.done, failed=self.health.failed)
        return Exit.IN_ORDER

    def _end_now(self) -> int:
        if self.__dict__.get("crew") is not None:
            self.crew.close(now=True)  # type: ignore[union-attr]
        self._leave()
        self.log.warning("ended at once")
        return Exit.NOW

    def _leave(self) -> None:
        """Hand back the jobs and remove the worker from the list. Where the server is away, others find out
        by the missing heartbeat."""
        if self.__dict__.get("crew") is None:
            return
        try:
            held = list(self.crew.held.values())  # type: ignore[union-attr]
            for consumer in self.consumers:
                consumer.hand_back([h.delivery for h in held if h.consumer is consumer])
                self.health.state = WorkerState.ENDED
                consumer.beat(self.health.line([], 0), [])
        except (exceptions.RedisError, OSError) as error:
            self.log.warning("not handed back", why=classify(error).kind.value)

    # One turn

    def _turn(self) -> None:
        crew = self.crew
        assert crew is not None
        resting = time.monotonic() < self._rest_until
        busy = bool(crew.held) and (self._queue_empty or not crew.room())
        crew.listen(LISTEN if resting or busy else 0.0)
        crew.enforce()
        if not resting:
            try:
                self._book()
                self._keep_alive()
                self._queue_empty = not self.intake.turn(self.draining)
                self._pause = 0.0
                if self._trouble and not crew.waiting_for():
                    self._trouble = ""
                    self.log.info("server is back")
            except (exceptions.RedisError, OSError) as error:
                self._on_trouble(error)
            except (ValueError, KeyError, TypeError, IndexError) as error:  # what others wrote, misread
                self._on_trouble(error)
        crew.dispatch()

    def _on_trouble(self, error: Exception) -> None:
        failure = classify(error)
        self._pause = min(max(self._pause * 2.0, FIRST_PAUSE), LONGEST_PAUSE)
        self._rest_until = time.monotonic() + self._pause
        self._say_trouble(failure.kind.value, failure.words)

    def _say_trouble(self, kind: str, words: str) -> None:
        if kind != self._trouble:
            self._trouble = kind
            self.log.warning("server does not do its part", why=kind, server=words)

    # Books

    def _book(self) -> None:
        """Book the jobs that have ended. What cannot be booked stays first in the queue."""
        crew = self.crew
        assert crew is not None
        while crew.ends:
            first = crew.ends[0]
            if first.code == Code.FAILED:
                self._book_failure(first)
                crew.ends.popleft()
                continue
            batch: list[End] = []
            for end in crew.ends:
                if (
                    end.code == Code.FAILED
                    or end.held.consumer is not first.held.consumer
                    or len(batch) == BOOK_AT_ONCE
                ):
                    break
                batch.append(end)
            lost = first.held.consumer.finish([Done(e.held.delivery, e.code, str(e.cost_us)) for e in batch])
            for end in batch:
                crew.ends.popleft()
                crew.booked(end.held)
            self.health.done += len(batch) - len(lost)
            self.health.cached += sum(end.code == Code.CACHED for end in batch)

    def _book_failure(self, end: End) -> None:
        delivery, consumer = end.held.delivery, end.held.consumer
        if end.refused:
            what = consumer.refuse(delivery, BadJob(end.reason, end.words))
        else:
            what = consumer.failed(delivery, end.reason, end.words)
        self.health.failed += what == "aside"
        self.log.warning("job failed", job=delivery.label, why=end.reason, words=end.words, then=what)
        self.crew.booked(end.held)  # type: ignore[union-attr]

    def _keep_alive(self) -> None:
        """Renew the claims, then send the heartbeat: a full server may refuse the latter."""
        if self._timer.due("renew", self.options.take_over / 5.0):
            self._renew()
        if self._timer.due("cancel", 0.5):
            self._stop_cancelled()
        if self._timer.due("beat", self.options.beat) or (
            self._has_news() and self._timer.due("news", NEWS_EVERY)
        ):
            self._beat()
        self._tidy()

    def _renew(self) -> None:
        """Renew the claims on all jobs held, and drop those that others have taken over."""
        crew = self.crew
        assert crew is not None
        for consumer in self.consumers:
            held = [h.delivery for h in crew.held.values() if h.consumer is consumer]
            lost = consumer.renew(held)
            if lost:
                self.log.warning("jobs were taken over by others", count=len(lost))
                crew.drop({d.name for d in lost})

    def _tidy(self) -> None:
        """Do the regular tasks that any worker does for all: due jobs, silent workers, lost jobs."""
        for what, every, tidy in (
            ("promote", PROMOTE_EVERY, Consumer.promote),
            ("prune", PRUNE_EVERY, Consumer.prune),
            ("lost", LOST_EVERY, self._look_for_lost),
        ):
            if self._timer.due(what, every):
                for consumer in self.consumers:
                    tidy(consumer)

    def _look_for_lost(self, consumer: Consumer) -> None:
        """Book lost jobs, and log the books that cannot be read."""
        queue = consumer.queue
        batches = queue.batches(WATCHED_BATCHES)
        lost = book_lost(queue, batches)
        if lost:
            self.log.warning("jobs were lost", count=lost, queue=queue.name)
        damaged = queue.damaged() + [batch.damaged for batch in batches if batch.damaged]
        for key in damaged:
            if key not in self._damaged:
                self._damaged.add(key)
                self.log.warning("a book cannot be read", key=key)

    def _has_news(self) -> bool:
        """Whether the last beat tells wrongly what we are about or, once we rest, what we have done: who sees
        a batch at its end is not to see workers that have done half of it."""
        state = self._state()
        resting = state == WorkerState.IDLE
        return state != self._told[0] or (
            resting and (self.health.done, self.health.failed) != self._told[1:]
        )

    def _state(self) -> str:
        crew = self.crew
        assert crew is not None
        if crew.waiting_for() == FailureKind.OUT_OF_MEMORY.value:
            return WorkerState.NO_MEMORY
        return (
            WorkerState.DRAINING if self.draining else WorkerState.WORKING if crew.held else WorkerState.IDLE
        )

    def _beat(self) -> None:
        crew = self.crew
        assert crew is not None
        self.health.restarts = crew.restarts
        self.health.state = self._state()
        if self.health.state == WorkerState.NO_MEMORY:
            self._say_trouble(FailureKind.OUT_OF_MEMORY.value, "")
        computing = crew.computing()
        for consumer in self.consumers:
            current = [
                {
                    "job": jobs[0].delivery.label,
                    "jobs": len(jobs),
                    "seconds": round(process.seconds(), 1),
                    "of": _by_batch(jobs),
                }
                for process, jobs in computing
                if jobs and jobs[0].consumer is consumer
            ]
            running = [
                held.delivery for _process, jobs in computing for held in jobs if held.consumer is consumer
            ]
            try:
                consumer.beat(self.health.line(current, len(crew.held)), running)
            except exceptions.ResponseError as error:
                if classify(error).kind is not FailureKind.OUT_OF_MEMORY:
                    raise
                self._say_trouble(FailureKind.OUT_OF_MEMORY.value, str(error))
        self._told = (self.health.state, self.health.done, self.health.failed)

    def _stop_cancelled(self) -> None:
        crew = self.crew
        assert crew is not None
        for consumer in self.consumers:
            mine = [held for held in crew.held.values() if held.consumer is consumer]
            gone = {d.name for d in consumer.cancelled([held.delivery for held in mine])}
            if not gone:
                continue
            crew.stop_cancelled(gone)
            waiting = [held for held in crew.backlog if held.delivery.name in gone]
            consumer.finish([Done(held.delivery, Code.CANCELLED) for held in waiting])
            crew.drop({held.delivery.name for held in waiting})


def _by_batch(jobs: Sequence[Held]) -> dict[str, list[str]]:
    """Batch -> places in it of these jobs."""
    found: dict[str, list[str]] = {}
    for held in jobs:
        if held.delivery.batch:
            found.setdefault(held.delivery.batch, []).append(held.delivery.index)
    return found


def version() -> str:
    """The plugin's version as its metadata has it, also from inside a zip."""
    import pkgutil

    try:
        raw = pkgutil.get_data(__package__.rpartition(".")[0], "metadata.txt") or b""
    except OSError:
        return ""
    for line in raw.decode("utf-8", "replace").splitlines():
        if line.startswith("version="):
            return line.partition("=")[2].strip()
    return ""
