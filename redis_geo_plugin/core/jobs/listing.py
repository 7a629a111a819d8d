"""The jobs of one batch, read page by page for a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

from ..json_types import JsonObject, JsonValue
from .model import Code
from .queue import JobQueue
from .records import Batch, JobOutcome, Task


class JobState:
    """The states of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPUTED = "computed"
    CACHED = "cached"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


_BY_CODE = {
    Code.COMPUTED: JobState.COMPUTED,
    Code.CACHED: JobState.CACHED,
    Code.FAILED: JobState.FAILED,
    Code.CANCELLED: JobState.CANCELLED,
    Code.LOST: JobState.LOST,
}


@dataclass(frozen=True)
class JobLine:
    """One job: its place in the batch (from 0), its state, what it was sent with, and how it ended.

    ``extent`` is xmin, ymin, xmax, ymax in the batch's CRS; ``reason`` and ``words`` say why it failed;
    ``cost_us`` is what computing it took.
    """

    index: int
    state: str
    attributes: JsonValue = None
    extent: Optional[tuple[float, ...]] = None
    reason: str = ""
    words: str = ""
    cost_us: int = 0


def job_lines(
    queue: JobQueue, batch: Batch, start: int, count: int, workers: Iterable[JsonObject] = ()
) -> list[JobLine]:
    """The jobs ``start`` to ``start + count`` of a batch that have been sent. ``workers`` are the health
    lines, which name what is computed right now. Raises RedisError."""
    indexes = range(max(start, 0), min(start + count, batch.total if batch.total is not None else batch.sent))
    tasks, outcomes = queue.tasks(batch.id, indexes), queue.outcomes(batch.id, indexes)
    cancelled = _cancelled(queue, batch, [i for i in tasks if i not in outcomes])
    running = being_computed(workers).get(batch.id, set())
    return [_line(i, tasks[i], outcomes.get(i), i in cancelled, i in running) for i in indexes if i in tasks]


def _line(index: int, task: Task, outcome: Optional[JobOutcome], cancelled: bool, running: bool) -> JobLine:
    extent = tuple(task.extent) if task.extent else None
    if outcome is not None:
        state = _BY_CODE.get(outcome.code, JobState.WAITING)
        return JobLine(index, state, task.attributes, extent, outcome.reason, outcome.words, outcome.cost_us)
    state = JobState.CANCELLING if cancelled else JobState.RUNNING if running else JobState.WAITING
    return JobLine(index, state, task.attributes, extent)


def _cancelled(queue: JobQueue, batch: Batch, indexes: list[int]) -> set[int]:
    """Find which of these jobs a worker will drop as soon as it claims them."""
    if batch.cancelled or not indexes:
        return set(indexes)
    flags = queue.client.smismember(queue.batch_key(batch.id, ":annulees"), [str(i) for i in indexes])
    return {i for i, flag in zip(indexes, flags) if flag}


def being_computed(workers: Iterable[JsonObject]) -> dict[str, set[int]]:
    """Map each batch to the places of its jobs that a living worker computes, as of its last heartbeat."""
    found: dict[str, set[int]] = {}
    for line in workers:
        for current in (line.get("current") or ()) if line.get("alive") else ():
            for batch, indexes in current.get("of", {}).items():
                found.setdefault(batch, set()).update(map(int, indexes))
    return found
