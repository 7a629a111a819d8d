"""One glance at a queue: its batches and its workers as they were at the same moment.

Read one after the other, a batch could be at its end beside workers that have done half of it. So the counts
of the batches, what each worker has done of this queue and how many jobs it holds are read in one
transaction; they are also booked together. What a worker says of itself in its last sign of life is older
than that: of it only stays what the books do not contradict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ..json_types import JsonObject
from ..redis.redispy import exceptions
from ..redis.types import Reply
from .model import count_of
from .names import GROUP, STREAMS
from .queue import JobQueue
from .records import HEAD, Batch, batch_of, head_of


@dataclass
class Glance:
    """What was seen. ``depths`` as ``JobQueue.depths``, ``workers`` as ``JobQueue.workers``; of a worker
    ``done`` counts this queue's jobs only, and ``held`` are those that it has now."""

    batches: list[Batch]
    depths: dict[str, int] = field(default_factory=dict)
    workers: list[JsonObject] = field(default_factory=list)


def glance(queue: JobQueue, batches: Sequence[Batch]) -> Glance:
    """Look at these batches, the depths and the workers. Raises RedisError."""
    sound = [batch.id for batch in batches if not batch.damaged]
    lines = queue.workers()  # before the counts: what they do not contradict was true at least until then
    names = [str(line["id"]) for line in lines]
    try:
        replies = _ask(queue, sound, names, transaction=True)
    except exceptions.ResponseError:  # no transactions here, or not for this user
        replies = _ask(queue, sound, names, transaction=False)
    heads = dict(zip(sound, replies))
    pending, depths, done = _parts(replies[len(sound) :])
    now = [_again(batch, heads.get(batch.id)) for batch in batches]
    ended = {batch.id for batch in now if batch.finished}
    held, counts = _held(pending), _counts(names, done)
    workers = [_agreeing(line, held, counts.get(str(line["id"])), ended) for line in lines]
    return Glance(now, queue.read_depths(depths), workers)


def _ask(queue: JobQueue, batches: Sequence[str], names: Sequence[str], transaction: bool) -> list[Reply]:
    """Heads of the batches, pending entries of each stream, depths, what these workers have done."""
    with queue.client.pipeline(transaction=transaction) as pipe:
        for batch in batches:
            pipe.hmget(queue.batch_key(batch), HEAD)
        for stream in STREAMS:
            pipe.xpending(queue.p + stream.encode(), GROUP)
        queue.put_depths(pipe)
        pipe.hmget(queue.p + b"faits", list(names) or [""])
        return pipe.execute(raise_on_error=False)


def _parts(replies: list[Reply]) -> tuple[list[Reply], list[Reply], Reply]:
    """What ``_ask`` was told behind the heads: pending entries, depths, what was done."""
    return replies[: len(STREAMS)], replies[len(STREAMS) : -1], replies[-1]


def _again(batch: Batch, head: Reply) -> Batch:
    """The batch as it is now; as it was where that cannot be read."""
    found = batch_of(batch.id, head_of(head)) if isinstance(head, list) else None
    return found or batch


def _held(pending: Sequence[Reply]) -> Mapping[str, int]:
    """How many jobs each consumer holds."""
    held: Counter[str] = Counter()
    for summary in pending:
        for one in summary["consumers"] if isinstance(summary, dict) else ():
            held[one["name"].decode("utf-8", "replace")] += min(max(int(one["pending"]), 0), 2**53)
    return held


def _counts(names: Sequence[str], reply: Reply) -> dict[str, Optional[int]]:
    """What the books say that these workers have done, None where they say nothing."""
    values = reply if isinstance(reply, list) else []
    return {name: None if raw is None else count_of(raw) for name, raw in zip(names, values)}


def _agreeing(line: JsonObject, held: Mapping[str, int], done: Optional[int], ended: set[str]) -> JsonObject:
    """The health line of a worker without what the books contradict.

    A worker of an earlier version counts nothing in the books: its own count stands.
    """
    own = held.get(str(line["id"]), 0)
    current = [job for job in line["current"] if not (job["of"] and ended.issuperset(job["of"]))]
    return {
        **line,
        "held": own,
        "current": current if own else [],
        "done": line["done"] if done is None else done,
    }
