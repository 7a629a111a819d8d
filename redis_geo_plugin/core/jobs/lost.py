"""Lost jobs: their stream was trimmed, evicted or deleted, so that their batch would never end.

A job that has not ended stands in a stream, is claimed by a worker (and stands in the stream all the same),
or waits for another try. The head of a batch tells when one of its jobs was last put anywhere (``dernier``):
entries of later ids are of others, so that a look at the oldest entry of each stream is enough. What is
unsure counts as held.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ..redis import production
from ..redis.types import Reply
from .names import GROUP, STREAMS
from .queue import JobQueue
from .records import Batch

MOST_DELAYED = 1000  # jobs waiting for another try that are looked at
MOST_PENDING = 100  # claimed jobs of each stream that are looked at
MOST_JOBS = 10_000_000  # of one batch
CHUNK = 1000


def book_lost(queue: JobQueue, batches: Iterable[Batch]) -> int:
    """Book the jobs of these batches that no stream holds any more as lost, so that the batches end. Returns
    how many. Raises RedisError.

    Changes nothing on a connection that is locked as production.
    """
    if production.is_locked(queue.server.settings):
        return 0
    return sum(_book(queue, batch) for batch in batches if nothing_holds(queue, batch))


def nothing_holds(queue: JobQueue, batch: Batch) -> bool:
    """Whether jobs of the batch have not ended, and none of these is anywhere. Raises RedisError."""
    if batch.total is None or batch.finished or batch.damaged:
        return False
    with queue.client.pipeline(transaction=False) as pipe:
        for stream in STREAMS:
            pipe.xrange(queue.p + stream.encode(), "-", "+", count=1)
            pipe.xpending_range(queue.p + stream.encode(), GROUP, "-", "+", MOST_PENDING)
        pipe.zrange(queue.p + b"echeances", 0, MOST_DELAYED)
        replies = pipe.execute(raise_on_error=False)
    latest = batch.put
    for stream, first, pending in zip(STREAMS, replies[:-1:2], replies[1:-1:2]):
        if isinstance(first, list) and any(_may_be_of(id, latest) for id, _fields in first):
            return False
        if isinstance(pending, list) and _is_claimed(queue, stream, pending, latest):
            return False
    return not _is_delayed(queue, batch.id, replies[-1])


def _may_be_of(entry: bytes, latest: Optional[int]) -> bool:
    """Whether the entry of this id may be one of a batch whose jobs were last put somewhere at ``latest``
    (ms, None: not known)."""
    return latest is None or int(entry.partition(b"-")[0]) <= latest


def _is_claimed(queue: JobQueue, stream: str, pending: list[dict[str, Reply]], latest: Optional[int]) -> bool:
    """Whether a worker holds one of these: it lives, or the entry still stands for others to take over."""
    ours = [row for row in pending if _may_be_of(row["message_id"], latest)]
    if not ours:
        return False
    alive = {line["id"] for line in queue.alive()}
    if any(row["consumer"].decode("utf-8", "replace") in alive for row in ours):
        return True
    with queue.client.pipeline(transaction=False) as pipe:
        for row in ours:
            pipe.xrange(queue.p + stream.encode(), row["message_id"], row["message_id"])
        return any(pipe.execute()) or len(ours) >= MOST_PENDING


def _is_delayed(queue: JobQueue, batch: str, names: Reply) -> bool:
    """Whether one of these jobs, which wait for another try, is the batch's."""
    if not isinstance(names, list):
        return False
    if len(names) > MOST_DELAYED:
        return True
    with queue.client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hget(queue.p + b"differee:" + name, "lot")
        return batch.encode() in (pipe.execute(raise_on_error=False) if names else [])


def _book(queue: JobQueue, batch: Batch) -> int:
    put = b"" if batch.put is None else b"%d" % batch.put
    booked = 0
    total = min(batch.total or 0, MOST_JOBS)
    for start in range(0, total, CHUNK):
        indexes = range(start, min(start + CHUNK, total))
        ended = queue.outcomes(batch.id, indexes)
        left = [index for index in indexes if index not in ended]
        if not left:
            continue
        count = queue.keep(lambda books, left=left: books.lose(batch.id, put, left))  # type: ignore[misc]
        if count < 0:  # one was put somewhere meanwhile
            break
        booked += count
    return booked
