"""The intake of a worker: claims new jobs, those of dead workers, and items of the plain list; refuses or
postpones the rest."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Optional

from ..core.jobs import plain
from ..core.jobs.consumer import Consumer
from ..core.jobs.health import WorkerHealth
from ..core.jobs.model import MAX_DELIVERIES, BadJob, Delivery, Descriptor, JobReason
from ..core.jobs.plain_list import ListBridge
from ..core.operations import OPERATIONS
from .crew import Crew, Held
from .logs import Log
from .options import Options
from .timing import Timer

BLOCK_MS = 200
IDLE_LOOK = 0.2  # seconds between looks for fallen workers' jobs while there is nothing else to do
TAKE_OVER_EVERY = 1.0


@dataclass(frozen=True)
class JobNeeds:
    """What a job needs of its worker: an operation, in this version (None: in any), by this GEOS (empty: by
    any)."""

    operation: str
    version: Optional[int] = None
    geos: str = ""

    def known_to(self, operations: Iterable[str]) -> bool:
        """Whether a worker that lists these operations (``buffer@2``) has it."""
        if self.version is None:
            return any(one.startswith(self.operation + "@") for one in operations)
        return f"{self.operation}@{self.version}" in operations

    def computed_by(self, operations: Iterable[str], geos: str) -> bool:
        """Whether a worker with these operations and this GEOS computes it as wanted."""
        return self.known_to(operations) and self.geos in ("", geos)


class JobIntake:
    """Fills the crew's backlog from the queues, in their order."""

    def __init__(
        self, crew: Crew, consumers: Sequence[Consumer], health: WorkerHealth, options: Options, log: Log
    ):
        self.crew = crew
        self.consumers = consumers
        self.bridges = [ListBridge(consumer.queue, consumer.name) for consumer in consumers]
        self.health = health
        self.options = options
        self.log = log
        self._timer = Timer()
        self._descriptors: dict[bytes, JobNeeds] = {}

    def turn(self, draining: bool) -> bool:
        """Claim as many jobs as there is room for, and hand back those that are too many. Returns whether
        there were any. May raise RedisError."""
        crew = self.crew
        surplus = crew.surplus() if not draining else list(crew.backlog)
        if surplus:
            self._give_back(surplus)
        room = crew.room()
        if draining or not room:
            return True
        before = room
        idle = not crew.held
        for consumer, bridge in zip(self.consumers, self.bridges):
            if self._timer.due(f"leftovers {consumer.queue.name}", 10.0):
                bridge.leftovers({line["id"] for line in consumer.queue.alive()})
            if self._timer.due(f"bridge {consumer.queue.name}", 0.05):
                bridge.move()
            got: list[Delivery] = []
            # Before the new ones, so that a producer that never stops does not keep the fallen ones waiting.
            every = IDLE_LOOK if idle else TAKE_OVER_EVERY
            if self._timer.due(f"take {consumer.queue.name}", min(every, self.options.take_over / 4)):
                ours = {held.delivery.name for held in crew.held.values()}
                got = [d for d in consumer.take_over(self.options.take_over, room) if d.name not in ours]
            got += consumer.fetch(room - len(got)) if len(got) < room else []
            room -= len(got)
            self._accept(got, consumer)
            if room <= 0:
                return True
        if idle and not crew.held:
            self._wait_for_jobs()
        return room < before

    def _wait_for_jobs(self) -> None:
        """Wait briefly for jobs, so that the plain list, the heartbeat and signals get their turn."""
        if len(self.consumers) == 1 and not self.bridges[0].length():
            self._accept(self.consumers[0].fetch(1, BLOCK_MS), self.consumers[0])
        else:
            time.sleep(0.05)

    def _give_back(self, jobs: Sequence[Held]) -> None:
        crew = self.crew
        for consumer in self.consumers:
            consumer.hand_back([held.delivery for held in jobs if held.consumer is consumer])
        crew.drop({held.delivery.name for held in jobs})

    def _accept(self, deliveries: list[Delivery], consumer: Consumer) -> None:
        """Keep the jobs that this worker can compute; finish, postpone or set aside the others."""
        if not deliveries:
            return
        good = []
        for delivery in consumer.drop_cancelled(deliveries):
            if delivery.suspect:
                what = consumer.suspected(delivery)
                self.log.warning("a worker died while computing", job=delivery.label, then=what)
            elif delivery.deliveries > MAX_DELIVERIES:
                consumer.set_aside(delivery, JobReason.WORKER_DIED, f"{delivery.deliveries}", delivery.tries)
            elif self._known(delivery, consumer):
                good.append(delivery)
        self.crew.take(good, consumer)

    def _known(self, delivery: Delivery, consumer: Consumer) -> bool:
        """Whether we compute the job as it is wanted; if not, it is put off for those who do, or set aside
        here."""
        try:
            wanted = self._wanted(delivery)
        except BadJob as error:
            self._refuse(delivery, consumer, error)
            return False
        own = self.health
        if wanted.computed_by(own.operations, own.geos):
            return True
        others = [line for line in consumer.queue.alive() if line["id"] != consumer.name]
        if any(wanted.computed_by(line["operations"], line["geos"]) for line in others):
            consumer.postpone(delivery, 0.3)
            return False
        self._refuse(delivery, consumer, self._lack(wanted))
        return False

    def _lack(self, wanted: JobNeeds) -> BadJob:
        """Why we cannot work it."""
        if wanted.known_to(self.health.operations):
            return BadJob(JobReason.UNKNOWN_GEOS, f"GEOS {wanted.geos} is wanted, here is {self.health.geos}")
        if wanted.version is None or wanted.operation not in OPERATIONS:
            return BadJob(JobReason.UNKNOWN_TYPE, wanted.operation)
        return BadJob(JobReason.UNKNOWN_VERSION, f"{wanted.operation}@{wanted.version}")

    def _wanted(self, delivery: Delivery) -> JobNeeds:
        """Raises BadJob."""
        raw = delivery.fields.get(b"brut")
        if raw is not None:
            name, geos = plain.wanted(raw)
            return JobNeeds(name, None, geos)
        packed = delivery.fields.get(b"d", b"")
        wanted = self._descriptors.get(packed)
        if wanted is None:
            descriptor = Descriptor.decode(packed)
            if len(self._descriptors) > 1000:
                self._descriptors.clear()
            geos = str(descriptor.parameters.get("geos") or "")
            wanted = self._descriptors[packed] = JobNeeds(descriptor.operation, descriptor.version, geos)
        return wanted

    def _refuse(self, delivery: Delivery, consumer: Consumer, error: BadJob) -> None:
        what = consumer.refuse(delivery, error)
        self.health.failed += what == "aside"
        self.log.warning("job refused", job=delivery.label, why=error.kind, words=str(error), then=what)
