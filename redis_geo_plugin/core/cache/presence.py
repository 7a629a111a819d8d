"""Which runs and batches of jobs still have results: those whose results have all expired, were evicted or
deleted have nothing to offer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from ..redis.server import Server
from ..redis.sized import Ask, asker
from .recents import MOST_SAMPLED, Recent, evenly, run_key
from .store import CacheStore, StrictLink

if TYPE_CHECKING:
    from ..jobs.queue import JobQueue
    from ..jobs.records import Batch

_TOGETHER = 1000  # commands in one round trip
_DIGEST = 32  # bytes
_LARGEST = 2_000 * _DIGEST  # bytes of the list of an earlier version's run that are read

_Listed = TypeVar("_Listed")


def runs_with_results(server: Server, entries: Sequence[Recent]) -> list[Recent]:
    """The runs of which some result is in the cache, or of which that cannot be told. Of large runs a sample
    of ``MOST_SAMPLED`` results is looked up. Raises redis-py's errors."""
    ask = asker(server)
    samples = _samples(server, ask, entries)
    named = [
        (entry, _keys(server, entry.operation, entry.namespace, sample))
        for entry, sample in zip(entries, samples)
    ]
    return _present(ask, named)


def batches_with_results(queue: JobQueue, batches: Sequence[Batch]) -> list[Batch]:
    """The same of batches of jobs; one that has not ended stays. Raises redis-py's errors."""
    named = []
    for batch in batches:
        keys: list[bytes] = []
        if batch.finished and not batch.damaged and batch.descriptor is not None:
            count = batch.total or 0
            tasks = queue.tasks(batch.id, evenly(range(count), MOST_SAMPLED))
            described = batch.descriptor
            digests = (task.digest for task in tasks.values() if len(task.digest) == _DIGEST)
            keys = _keys(queue.server, described.operation, described.namespace, digests)
        named.append((batch, keys))
    return _present(asker(queue.server, queue.client), named)


def _samples(server: Server, ask: Ask, entries: Sequence[Recent]) -> list[list[bytes]]:
    """SHA-256s of some results of each run; none where that is not known."""
    wheres = [run_key(server, entry.run) for entry in entries]
    sizes = iter(ask([("HSTRLEN", where, name) for where in wheres for name in ("sample", "items")]))
    fields = []
    for sample, items in zip(sizes, sizes):
        fitting = isinstance(sample, int) and 0 < sample <= MOST_SAMPLED * _DIGEST
        readable = fitting or (isinstance(items, int) and 0 < items <= _LARGEST)
        fields.append(("sample" if fitting else "items") if readable else "")
    asked = [(where, name) for where, name in zip(wheres, fields) if name]
    raws = iter(ask([("HGET", where, name) for where, name in asked])) if asked else iter(())
    return [_digests(next(raws)) if name else [] for name in fields]


def _digests(raw: object) -> list[bytes]:
    if not isinstance(raw, bytes) or len(raw) % _DIGEST:
        return []
    return evenly([raw[i : i + _DIGEST] for i in range(0, len(raw), _DIGEST)], MOST_SAMPLED)


def _keys(server: Server, operation: str, namespace: str, digests: Iterable[bytes]) -> list[bytes]:
    from ..operations import OPERATIONS

    kind = OPERATIONS.get(operation)
    if kind is None:
        return []
    store = CacheStore(StrictLink(server), kind, namespace)
    return [store.key(digest) for digest in digests]


def _present(ask: Ask, named: Sequence[tuple[_Listed, list[bytes]]]) -> list[_Listed]:
    """Those without keys, and those of whose keys one is there or cannot be asked for."""
    every = [key for _, keys in named for key in keys]
    replies: list[object] = []
    for start in range(0, len(every), _TOGETHER):
        replies += ask([("EXISTS", key) for key in every[start : start + _TOGETHER]])
    found, rest = [], iter(replies)
    for listed, keys in named:
        there = [next(rest) != 0 for _ in keys]
        if not there or any(there):
            found.append(listed)
    return found
