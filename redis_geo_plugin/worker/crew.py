"""The computing processes of one worker: who holds which job, who is free, who is over a limit, who has died."""

from __future__ import annotations

import math
import queue
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional

from ..core.jobs.consumer import Consumer
from ..core.jobs.model import Code, Delivery, Reason
from .logs import Log
from .options import Options
from .process import ComputingProcess

CHUNK_SECONDS = 0.3  # of work handed to a process at once
CHUNK_JOBS = 1000
LONG_JOB = 0.05  # seconds per job above which jobs are handed out, and taken, one by one
LIMITS_EVERY = 0.1
CANCELLED = "cancelled"
MOST_EARLY_DEATHS = 3


@dataclass
class Held:
    """A job in this worker's hands, until its end is booked."""

    number: int
    delivery: Delivery
    consumer: Consumer
    alone: bool = False  # computed by itself, so that it takes no other with it
    again: bool = False  # another process may have died with it


@dataclass(frozen=True)
class End:
    """How a held job ended: ``code`` of Code, or a failed try or a refusal with reason and words."""

    held: Held
    code: str
    reason: str = ""
    words: str = ""
    refused: bool = False
    cost_us: int = 0


class CannotStart(Exception):
    """The computing processes die before they are ready."""


class Crew:
    """``ends`` fills with what has ended and is still to be booked."""

    def __init__(self, options: Options, setup: dict[str, Any], log: Log):
        self.options = options
        self.log = log
        self.events: queue.Queue = queue.Queue()
        self.ends: deque[End] = deque()
        self.backlog: deque[Held] = deque()
        self.held: dict[int, Held] = {}
        self.restarts = 0
        self.closing = False
        self._setup = setup
        self._mean: Optional[float] = None
        self._next = 0
        self._early_deaths = 0
        self._looked = 0.0
        self.processes = [self._start() for _ in range(options.processes)]

    # Jobs in

    def take(self, deliveries: Iterable[Delivery], consumer: Consumer) -> None:
        for delivery in deliveries:
            self._next += 1
            fell = delivery.tries > 0 or delivery.suspicions > 0
            held = Held(self._next, delivery, consumer, alone=fell, again=fell or delivery.deliveries > 1)
            self.held[held.number] = held
            self.backlog.append(held)

    def chunk(self) -> int:
        """Jobs to hand out at once, by what they cost lately."""
        if self._mean is None or self._mean >= LONG_JOB:
            return 1
        return int(min(max(CHUNK_SECONDS / max(self._mean, 1e-6), 1), CHUNK_JOBS))

    def depth(self) -> int:
        """Chunks a process may hold: a second one, so that it need not wait, unless jobs are long."""
        return 1 if self._mean is None or self._mean >= LONG_JOB else 2

    def room(self) -> int:
        """How many more jobs to take from the queue now."""
        wanted = self.chunk() * self.depth() * len(self.processes) - len(self.held)
        return wanted if wanted > 0 and (wanted >= self.chunk() / 2 or not self.held) else 0

    def surplus(self) -> list[Held]:
        """Jobs that turned out too long for what we took: others may have them."""
        keep = 2 * self.chunk() * len(self.processes)
        extra = []
        while len(self.backlog) > keep:
            extra.append(self.backlog.pop())
        return extra

    def dispatch(self) -> None:
        free = [p for p in self.processes if p.ready and p.chunks < self.depth()]
        for position, process in enumerate(sorted(free, key=lambda p: p.chunks)):
            if not self.backlog:
                return
            share = math.ceil(len(self.backlog) / (len(free) - position))
            jobs = [self.backlog.popleft() for _ in range(min(share, self.chunk(), len(self.backlog)))]
            for held in jobs:
                process.held[held.number] = held
            process.send([(h.number, h.alone, h.again, self._fields(h)) for h in jobs])

    def _fields(self, held: Held) -> dict[bytes, bytes]:
        return {**held.delivery.fields, b"_file": held.consumer.queue.name.encode()}

    # Events

    def listen(self, timeout: float) -> None:
        """Take in what the processes say, waiting at most ``timeout`` seconds for the first word."""
        try:
            process, head = self.events.get(timeout=timeout) if timeout > 0 else self.events.get_nowait()
            while True:
                getattr(self, "_on_" + head["t"])(process, head)
                process, head = self.events.get_nowait()
        except queue.Empty:
            return

    def _on_ready(self, process: ComputingProcess, _head: dict[str, Any]) -> None:
        process.ready = True
        self._early_deaths = 0

    def _on_start(self, process: ComputingProcess, head: dict[str, Any]) -> None:
        process.started, process.started_at, process.waiting = head["jobs"], time.monotonic(), ""

    def _on_wait(self, process: ComputingProcess, head: dict[str, Any]) -> None:
        if process.waiting != head["why"]:
            self.log.debug("waiting", pid=process.pid, why=head["why"])
        process.waiting = head["why"]

    def _on_go_on(self, process: ComputingProcess, _head: dict[str, Any]) -> None:
        process.waiting = ""

    def _on_free(self, process: ComputingProcess, _head: dict[str, Any]) -> None:
        process.chunks -= 1
        process.started, process.waiting = [], ""

    def _on_done(self, process: ComputingProcess, head: dict[str, Any]) -> None:
        process.waiting = ""
        for number, code, cost in head["jobs"]:
            self._end(process, number, code=code, cost_us=cost)
        self._measure(len(head["jobs"]), head["busy"])

    def _on_bad(self, process: ComputingProcess, head: dict[str, Any]) -> None:
        for number, kind, words in head["jobs"]:
            self._end(process, number, code=Code.FAILED, reason=kind, words=words, refused=True)

    def _on_failed(self, process: ComputingProcess, head: dict[str, Any]) -> None:
        for number, reason, words in head["jobs"]:
            self._end(process, number, code=Code.FAILED, reason=reason, words=words)

    def _on_rest(self, process: ComputingProcess, head: dict[str, Any]) -> None:
        for number in reversed(head["jobs"]):
            self._again(process, number)

    def _on_gone(self, process: ComputingProcess, head: dict[str, Any]) -> None:
        if process in self.processes:
            self.processes.remove(process)
        begun = [n for n in process.started if n in process.held]
        reason = process.verdict or Reason.CRASH
        if begun or process.held or not self.closing:
            self.log.warning("process ended", pid=process.pid, code=head["code"], why=reason, jobs=len(begun))
        if reason == CANCELLED:
            for number in begun:
                if process.held[number].delivery.name in process.cancelled:
                    self._end(process, number, code=Code.CANCELLED)
        elif len(begun) == 1 and not process.waiting:
            words = f"exit code {head['code']}" if reason == Reason.CRASH else ""
            self._end(process, begun[0], code=Code.FAILED, reason=reason, words=words)
        for number in sorted(process.held, reverse=True):
            process.held[number].again = True
            process.held[number].alone |= number in begun
            self._again(process, number)
        if self.closing:
            return
        if not process.ready and not process.verdict:
            self._early_deaths += 1
            if self._early_deaths >= MOST_EARLY_DEATHS:
                raise CannotStart(f"a computing process ends with code {head['code']} as soon as it starts")
        self.restarts += 1
        self.processes.append(self._start())

    def _end(self, process: ComputingProcess, number: int, **how: Any) -> None:
        held = process.held.pop(number, None)
        if held is not None:
            self.ends.append(End(held, **how))

    def _again(self, process: ComputingProcess, number: int) -> None:
        held = process.held.pop(number, None)
        if held is not None and held.number in self.held:
            self.backlog.appendleft(held)

    def _measure(self, jobs: int, busy: float) -> None:
        if jobs:
            each = busy / jobs
            weight = min(0.3 + jobs / 100.0, 0.9)
            self._mean = each if self._mean is None else (1.0 - weight) * self._mean + weight * each

    # Limits

    def enforce(self) -> None:
        """End what is over its time or its memory; its job is charged with it."""
        now = time.monotonic()
        if now - self._looked < LIMITS_EVERY:
            return
        self._looked = now
        for process in self.processes:
            if process.seconds() > self.options.job_seconds:
                process.kill(Reason.OVER_TIME)
            elif process.memory() > self.options.job_memory_mb * 1_000_000:
                process.kill(Reason.OVER_MEMORY)

    def computing(self) -> list[tuple[ComputingProcess, list[Held]]]:
        """What each process computes right now."""
        return [(p, [p.held[n] for n in p.started if n in p.held]) for p in self.processes]

    def stop_cancelled(self, names: set[str]) -> None:
        """End processes that have computed a cancelled job for a while."""
        for process, jobs in self.computing():
            if process.seconds() > 0.3 and any(held.delivery.name in names for held in jobs):
                process.cancelled = names
                process.kill(CANCELLED)

    def drop(self, names: set[str]) -> None:
        """Forget jobs that are no longer ours; one under way may end, its booking is refused."""
        self.backlog = deque(held for held in self.backlog if held.delivery.name not in names)
        self.held = {n: held for n, held in self.held.items() if held.delivery.name not in names}

    def booked(self, held: Held) -> None:
        self.held.pop(held.number, None)

    def waiting_for(self) -> str:
        """Why processes wait for the server, empty where none does."""
        return next((p.waiting for p in self.processes if p.waiting and p.waiting != "claim"), "")

    def quiet(self) -> bool:
        """Nothing in the processes' hands, nothing left to book."""
        return not self.ends and all(not p.held and not p.chunks for p in self.processes)

    def _start(self) -> ComputingProcess:
        return ComputingProcess(self._setup, self.events)

    def close(self, now: bool = False) -> None:
        """End the processes: by closing their input, or at once."""
        self.closing = True
        for process in self.processes:
            if now:
                process.kill()
            process.close(0.0 if now else 2.0)
