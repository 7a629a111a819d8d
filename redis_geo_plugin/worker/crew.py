"""The computing processes of one worker: which jobs each holds, which is free, over a limit, or dead."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.jobs.consumer import Consumer
from ..core.jobs.model import Code, Delivery, JobReason
from .frames import Head
from .logs import Log
from .options import Options
from .pace import WorkerPace
from .process import ComputingProcess

CHUNK_SECONDS = 0.3  # of work handed to a process at once
CHUNK_JOBS = 1000
CHUNKS = 2  # that a process may hold
LONG_JOB = 0.05  # seconds per job from which a process holds only one
LIMITS_EVERY = 0.1
CANCELLED = "cancelled"
MOST_EARLY_DEATHS = 3


@dataclass
class Held:
    """A job that this worker has claimed, until its end is booked."""

    number: int
    delivery: Delivery
    consumer: Consumer
    alone: bool = False  # computed by itself, so that it takes no other with it
    again: bool = False  # another process may have died with it

    @property
    def size(self) -> int:
        """Bytes that the job brings along."""
        return self.delivery.size


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
    """``ends`` holds the jobs that have ended and are not booked yet."""

    def __init__(self, options: Options, setup: Head, log: Log):
        self.options = options
        self.log = log
        self.events: queue.Queue[tuple[ComputingProcess, Head]] = queue.Queue()
        self.ends: deque[End] = deque()
        self.backlog: deque[Held] = deque()
        self.held: dict[int, Held] = {}
        self.restarts = 0
        self.closing = False
        self._setup = setup
        self.pace = WorkerPace()
        self._next = 0
        self._early_deaths = 0
        self._looked = 0.0
        self.processes = [self._start() for _ in range(options.processes)]

    # Jobs in

    def take(self, deliveries: Sequence[Delivery], consumer: Consumer) -> None:
        """Add claimed jobs."""
        self.pace.took([delivery.size for delivery in deliveries])
        for delivery in deliveries:
            self._next += 1
            fell = delivery.tries > 0 or delivery.suspicions > 0
            held = Held(self._next, delivery, consumer, alone=fell, again=fell or delivery.deliveries > 1)
            self.held[held.number] = held
            self.backlog.append(held)

    def room(self) -> int:
        """How many more jobs to claim now: none until half of those that the worker would hold are done."""
        if not self.pace.known:
            return max(len(self.processes) - len(self.held), 0)
        full = self._chunks_each() * CHUNK_SECONDS * len(self.processes)
        free = full - sum(self.pace.seconds(held.size) for held in self.held.values())
        if self.held and free < full / 2:
            return 0
        most = CHUNKS * CHUNK_JOBS * len(self.processes) - len(self.held)
        return max(min(int(free / max(self.pace.usual(), 1e-6)), most), 0 if self.held else 1)

    def surplus(self) -> list[Held]:
        """Remove and return jobs that other workers should have, since those held would take too long."""
        keep = len(self.processes)
        room = CHUNKS * CHUNK_SECONDS * len(self.processes)
        for count, held in enumerate(self.backlog):
            room -= self.pace.seconds(held.size)
            if room < 0 or not self.pace.known:
                keep = max(keep, count)
                break
        else:
            return []
        return [self.backlog.pop() for _ in range(len(self.backlog) - keep)]

    def dispatch(self) -> None:
        """Send each free process its share of the jobs, of no more than a moment's work."""
        chunks = self._chunks_each()
        free = sorted(
            (p for p in self.processes if p.ready and len(p.chunks) < chunks), key=lambda p: len(p.chunks)
        )
        for position, process in enumerate(free):
            if not self.backlog:
                return
            jobs = self._share(len(free) - position)
            for held in jobs:
                process.held[held.number] = held
            process.send([(h.number, h.alone, h.again, self._fields(h)) for h in jobs])

    def _share(self, among: int) -> list[Held]:
        """Choose the next jobs for one of ``among`` processes by their estimated time."""
        if not self.pace.known:
            return [self.backlog.popleft()]
        seconds = min(sum(self.pace.seconds(held.size) for held in self.backlog) / among, CHUNK_SECONDS)
        jobs: list[Held] = []
        while self.backlog and len(jobs) < CHUNK_JOBS:
            seconds -= self.pace.seconds(self.backlog[0].size)
            if jobs and (seconds < -1e-9 or self.backlog[0].alone or jobs[-1].alone):
                break
            jobs.append(self.backlog.popleft())
        return jobs

    def _chunks_each(self) -> int:
        """Chunks a process may hold: a second one, so that it need not wait, unless jobs are long."""
        return CHUNKS if self.pace.known and self.pace.usual() < LONG_JOB else 1

    def _fields(self, held: Held) -> dict[bytes, bytes]:
        return {**held.delivery.fields, b"_file": held.consumer.queue.name.encode()}

    # Events

    def listen(self, timeout: float) -> None:
        """Handle the messages of the processes, waiting at most ``timeout`` seconds for the first."""
        try:
            process, head = self.events.get(timeout=timeout) if timeout > 0 else self.events.get_nowait()
            while True:
                getattr(self, "_on_" + head["t"])(process, head)
                process, head = self.events.get_nowait()
        except queue.Empty:
            return

    def _on_ready(self, process: ComputingProcess, _head: Head) -> None:
        process.ready = True
        self._early_deaths = 0

    def _on_start(self, process: ComputingProcess, head: Head) -> None:
        process.started, process.started_at, process.waiting = head["jobs"], time.monotonic(), ""

    def _on_wait(self, process: ComputingProcess, head: Head) -> None:
        if process.waiting != head["why"]:
            self.log.debug("waiting", pid=process.pid, why=head["why"])
        process.waiting = head["why"]

    def _on_go_on(self, process: ComputingProcess, _head: Head) -> None:
        process.waiting = ""

    def _on_free(self, process: ComputingProcess, _head: Head) -> None:
        process.chunks.popleft()
        process.started, process.waiting = [], ""

    def _on_done(self, process: ComputingProcess, head: Head) -> None:
        process.waiting = ""
        sizes = [process.held[number].size for number, _code, _cost in head["jobs"] if number in process.held]
        self.pace.worked(sizes, head["busy"])
        for number, code, cost in head["jobs"]:
            self._end(process, number, code=code, cost_us=cost)

    def _on_bad(self, process: ComputingProcess, head: Head) -> None:
        for number, kind, words in head["jobs"]:
            self._end(process, number, code=Code.FAILED, reason=kind, words=words, refused=True)

    def _on_failed(self, process: ComputingProcess, head: Head) -> None:
        for number, reason, words in head["jobs"]:
            self._end(process, number, code=Code.FAILED, reason=reason, words=words)

    def _on_differ(self, process: ComputingProcess, head: Head) -> None:
        keys = ",".join(head["keys"])
        self.log.warning("cached results differ", pid=process.pid, proved=head["proved"], keys=keys)

    def _on_rest(self, process: ComputingProcess, head: Head) -> None:
        for number in reversed(head["jobs"]):
            self._again(process, number)

    def _on_gone(self, process: ComputingProcess, head: Head) -> None:
        if process in self.processes:
            self.processes.remove(process)
        begun = process.begun()
        reason = process.verdict or JobReason.CRASH
        if begun or process.held or not self.closing:
            self.log.warning("process ended", pid=process.pid, code=head["code"], why=reason, jobs=len(begun))
        self._charge(process, begun, reason, head["code"])
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

    def _charge(self, process: ComputingProcess, begun: list[int], reason: str, code: int) -> None:
        """Charge the end of a process to the job that it was computing, if any."""
        if reason == CANCELLED:
            for number in begun:
                if process.held[number].delivery.name in process.cancelled:
                    self._end(process, number, code=Code.CANCELLED)
        elif len(begun) == 1 and not process.waiting:
            words = f"exit code {code}" if reason == JobReason.CRASH else ""
            self._end(process, begun[0], code=Code.FAILED, reason=reason, words=words)

    def _end(self, process: ComputingProcess, number: int, **how: Any) -> None:
        held = process.held.pop(number, None)
        if held is not None:
            self.ends.append(End(held, **how))

    def _again(self, process: ComputingProcess, number: int) -> None:
        held = process.held.pop(number, None)
        if held is not None and held.number in self.held:
            self.backlog.appendleft(held)

    # Limits

    def enforce(self) -> None:
        """End processes that are over their time or memory limit, and charge it to their jobs."""
        now = time.monotonic()
        if now - self._looked < LIMITS_EVERY:
            return
        self._looked = now
        for process in self.processes:
            if process.seconds() > self.options.job_seconds:
                process.kill(JobReason.OVER_TIME)
            elif process.memory() > self.options.job_memory_mb * 1_000_000:
                process.kill(JobReason.OVER_MEMORY)

    def computing(self) -> list[tuple[ComputingProcess, list[Held]]]:
        """Describe what each process computes now."""
        return [(p, [p.held[n] for n in p.started if n in p.held]) for p in self.processes]

    def stop_cancelled(self, names: set[str]) -> None:
        """End processes that have computed a cancelled job for a while."""
        for process, jobs in self.computing():
            if process.seconds() > 0.3 and any(held.delivery.name in names for held in jobs):
                process.cancelled = names
                process.kill(CANCELLED)

    def drop(self, names: set[str]) -> None:
        """Remove jobs that this worker no longer owns. One under way may end; its booking is refused."""
        self.backlog = deque(held for held in self.backlog if held.delivery.name not in names)
        self.held = {n: held for n, held in self.held.items() if held.delivery.name not in names}

    def booked(self, held: Held) -> None:
        """Remove a job whose end is booked."""
        self.held.pop(held.number, None)

    def waiting_for(self) -> str:
        """Why processes wait for the server, empty where none does."""
        return next((p.waiting for p in self.processes if p.waiting and p.waiting != "claim"), "")

    def quiet(self) -> bool:
        """Whether no process has a job and nothing is left to book."""
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
