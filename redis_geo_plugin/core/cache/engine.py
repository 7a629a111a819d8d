"""The cached run: items -> keys -> one read -> only the misses are computed -> one write -> results in the order in.

The caller feeds chunks (it owns the features) and gets them back with their results, in order. Two chunks are under way at
a time, so that reading the next one overlaps with computing this one, and memory stays bounded.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

import numpy as np

from .. import wkb
from ..cancelling import Cancelled
from ..failures import Failure
from ..keys import DEFAULT_TTL
from ..operations.base import Operation
from ..server import Server
from . import codec
from .claims import Claims
from .compute import Result, compute, threads
from .costs import MANY, CostBook, trial
from .digests import item_digests, key
from .link import Link
from .proof import Proof, Sample
from .recents import RecentRun
from .statistics import record
from .writer import Writer

CHUNK_ITEMS = 1000  # few enough that their features stay in the processor's cache
CHUNK_BYTES = 16 * 1024 * 1024
_CHUNKS_AHEAD = 2
_JITTER = 0.05

Wkb = Optional[bytes]


@dataclass
class Chunk:
    """Items of one run. ``columns``: ``arity`` lists of n WKB values (None for no geometry); ``numbers``: n floats or
    None; ``payload`` is the caller's own, handed back untouched."""

    columns: tuple[Sequence[Wkb], ...]
    numbers: Optional[Sequence[float]] = None
    payload: Any = None

    def __len__(self) -> int:
        return len(self.columns[0])


@dataclass
class Finished:
    """A chunk with its n results (WKB, or None) and the reasons for items that could not be computed."""

    chunk: Chunk
    results: list[Wkb]
    errors: dict[int, str] = field(default_factory=dict)
    digests: list[Optional[bytes]] = field(default_factory=list)


@dataclass
class Report:
    """What a run did. ``hits`` were read from the cache; ``misses`` were not; both together are all items with a geometry.

    ``computed`` counts computations (equal items are computed once), ``waited`` results that another run was computing,
    ``direct`` items that were quicker to compute than to ask for, ``stored`` written values. ``spared_s`` is the
    computing time of the hits as measured when they were computed. ``damaged`` counts values that did not check out.
    """

    hits: int = 0
    misses: int = 0
    computed: int = 0
    waited: int = 0
    direct: int = 0
    stored: int = 0
    damaged: int = 0
    failed: int = 0
    spared_s: float = 0.0
    elapsed_s: float = 0.0
    failure: Optional[Failure] = None

    @property
    def total(self) -> int:
        return self.hits + self.misses


class CachedRun:
    """One run of one operation. ``report`` fills while it runs."""

    def __init__(
        self,
        server: Optional[Server],
        operation: Operation,
        namespace: str,
        ttl: int = DEFAULT_TTL,
        *,
        cache_all: bool = False,
        cancelled: Callable[[], bool] = lambda: False,
        advanced: Callable[[float], Any] = lambda items: None,
        failure: Optional[Failure] = None,
        recent: Optional[RecentRun] = None,
        proof: Optional[Proof] = None,
        expected: int = 0,
    ):
        """``ttl`` in seconds, 0 keeps for ever. ``cache_all`` stores even what is cheaper to compute. ``advanced`` is told
        how many further items are done (a fraction counts), from any thread. ``failure`` says why there is no server.
        ``recent`` enters the run into the list that everyone sees, ``proof`` computes some of the hits anew.
        ``expected``: how many items are to come; of few, all are asked for."""
        self.server = server
        self.operation = operation
        self.namespace = namespace
        self.ttl = ttl
        self.cache_all = cache_all
        self.report = Report()
        self.run_id = os.urandom(8)
        self.link = Link(server, failure)
        self._recent = recent
        self._proof = proof
        self._cancelled = cancelled
        self._advanced = advanced
        self._expected = expected
        self._begun = 0
        self._costs = CostBook(threads())
        self._lock = threading.Lock()
        self._claims = Claims(self.link, operation, namespace)
        self._ended = threading.Event()  # whoever asked has gone: nothing more is computed

    def run(self, chunks: Iterable[Chunk]) -> Iterator[Finished]:
        """Yield every chunk with its results, in order. Raises Cancelled; what was computed until then is stored."""
        started = time.perf_counter()
        complete = False
        source = iter(chunks)
        ahead: deque[Callable[[], Finished]] = deque()
        workers = ThreadPoolExecutor(_CHUNKS_AHEAD, thread_name_prefix="redis-geo-cache")
        try:
            while True:
                while len(ahead) < _CHUNKS_AHEAD:
                    chunk = next(source, None)
                    if chunk is None:
                        break
                    ahead.append(self._begin(chunk, workers))
                if not ahead:
                    complete = True
                    return
                finished = ahead.popleft()()
                if self._recent is not None:
                    self._recent.add(finished.digests, finished.chunk.numbers)
                yield finished
        finally:
            self._ended.set()
            workers.shutdown(wait=True, cancel_futures=True)
            self._claims.close()
            self.report.elapsed_s = time.perf_counter() - started
            self.report.failure = self.link.failure
            record(self.link, self.operation.family, self.namespace, self.report)
            if self._recent is not None:
                self._recent.enter(self.link, self.run_id, self.operation, self.namespace, self.report, complete)
            if complete and self._proof is not None:
                self._proof.start(self.link, self.operation, self.namespace, self._jittered_ttl())

    def _is_cancelled(self) -> bool:
        return self._ended.is_set() or self._cancelled()

    def _stop_if_cancelled(self) -> None:
        if self._is_cancelled():
            raise Cancelled

    def _begin(self, chunk: Chunk, workers: ThreadPoolExecutor) -> Callable[[], Finished]:
        """Begin with a chunk; what is given back waits for its end."""
        self._stop_if_cancelled()
        self._begun += len(chunk)
        finished = Finished(chunk, [None] * len(chunk), digests=[None] * len(chunk))
        if self._many():
            self._at_once(finished)
        present = [i for i in range(len(chunk)) if all(column[i] is not None for column in chunk.columns)]
        left = [i for i in present if finished.results[i] is None]
        self._advanced(len(chunk) - len(left))
        return workers.submit(self._chunk, finished, left).result if left else lambda: finished

    def _many(self) -> bool:
        """Whether it is worth finding out what each item costs."""
        return not self.cache_all and max(self._expected, self._begun) > MANY

    def _at_once(self, finished: Finished) -> None:
        """Compute, here and now, what takes less time than to hand it to a thread."""
        results = self.operation.at_once(finished.chunk.columns, finished.chunk.numbers)
        if results is not None:
            finished.results = results
            count = len(results) - results.count(None)
            with self._lock:
                self.report.direct += count
                self.report.misses += count
                self.report.computed += count

    def _chunk(self, finished: Finished, items: list[int]) -> Finished:
        """Look up, compute and store items of one chunk."""
        self._stop_if_cancelled()
        if not self._many() or not self.link.up:
            self._look_up(finished, items)
            return finished
        sizes = [sum(len(column[i] or b"") for column in finished.chunk.columns) for i in items]
        sample, rest = self._costs.plan(sizes)
        if sample:
            self._try_both_ways(finished, [items[k] for k in sample], [sizes[k] for k in sample])
        cheap = [items[k] for k in rest if self._costs.cheap(sizes[k])]
        aside = set(cheap)
        self._look_up(finished, [items[k] for k in rest if items[k] not in aside])
        with self._lock:
            self.report.direct += len(cheap)
            self.report.misses += len(cheap)
        self._compute(finished, cheap, {})
        return finished

    def _try_both_ways(self, finished: Finished, items: list[int], sizes: list[int]) -> None:
        """Ask for a sample, and also compute some of it here: the costs of both decide about the others."""
        self.link.read([self._key(bytes(32))])  # so that making the connection is not taken for the cost of asking
        started = time.perf_counter()
        missing = self._ask(finished, items)
        self._costs.fetched(len(items), time.perf_counter() - started)
        chunk = finished.chunk
        for positions in self._costs.to_try(sizes):
            columns = [[column[items[k]] for k in positions] for column in chunk.columns]
            numbers = None if chunk.numbers is None else [chunk.numbers[items[k]] for k in positions]
            self._costs.computed(sizes[positions[0]], len(positions), *trial(self.operation, columns, numbers))
        self._miss(finished, missing)

    def _look_up(self, finished: Finished, items: list[int]) -> None:
        """Read these items from the cache, and compute those that are not there."""
        if not items:
            return
        if not self.link.up:
            with self._lock:
                self.report.misses += len(items)
            self._compute(finished, items, {})
            return
        self._miss(finished, self._ask(finished, items))

    def _ask(self, finished: Finished, items: list[int]) -> dict[bytes, list[int]]:
        """Fill in what the cache holds; returns the items of each digest that is missing."""
        chunk = finished.chunk
        columns = [[column[i] or b"" for i in items] for column in chunk.columns]
        numbers = None if chunk.numbers is None else [chunk.numbers[i] for i in items]
        digests = item_digests(self.operation, columns, numbers)
        for i, digest in zip(items, digests):
            finished.digests[i] = digest
        missing = self._read(finished, items, digests)
        self._advanced(len(items) - sum(map(len, missing.values())))
        return missing

    def _read(self, finished: Finished, items: list[int], digests: list[bytes]) -> dict[bytes, list[int]]:
        """Fill in the hits; returns the items of each digest that is missing."""
        values = self.link.read([self._key(digest) for digest in digests])
        missing: dict[bytes, list[int]] = {}
        hits = damaged = 0
        spared = 0.0
        for i, digest, raw in zip(items, digests, values):
            value = codec.decode(digest, raw)
            if value is None:
                damaged += raw is not None
                missing.setdefault(digest, []).append(i)
                continue
            finished.results[i] = value.wkb
            if self._proof is not None and self._proof.wants():
                self._proof.offer(self._sample(finished.chunk, i, digest, value))
            hits += 1
            spared += value.cost_us
        with self._lock:
            self.report.hits += hits
            self.report.misses += len(items) - hits
            self.report.damaged += damaged
            self.report.spared_s += spared / 1e6
        return missing

    def _sample(self, chunk: Chunk, i: int, digest: bytes, value: codec.Value) -> Sample:
        geometries = tuple(column[i] or b"" for column in chunk.columns)
        return Sample(self._key(digest), digest, geometries, None if chunk.numbers is None else chunk.numbers[i], value)

    def _miss(self, finished: Finished, missing: dict[bytes, list[int]]) -> None:
        """Compute what is ours, then take over what others were computing."""
        if not missing:
            return
        ours, theirs = self._claims.take(list(missing))
        first = {missing[digest][0]: digest for digest in ours}
        self._compute(finished, list(first), first)
        for found in self._claims.rounds(theirs, self._stop_if_cancelled):
            ready = {missing[digest][0]: value for digest, value in found if value is not None}
            first = {missing[digest][0]: digest for digest, value in found if value is None}
            for i, value in ready.items():
                finished.results[i] = value
            self._advanced(len(ready))
            with self._lock:
                self.report.waited += len(ready)
            self._compute(finished, list(first), first)
        for copies in missing.values():
            self._advanced(len(copies) - 1)
            for i in copies[1:]:
                finished.results[i] = finished.results[copies[0]]
                if copies[0] in finished.errors:
                    finished.errors[i] = finished.errors[copies[0]]

    def _compute(self, finished: Finished, items: list[int], digests: dict[int, bytes]) -> None:
        """Compute these items and store those that have a digest, as they come."""
        if not items:
            return
        chunk = finished.chunk
        columns = tuple(wkb.read([column[i] for i in items]) for column in chunk.columns)
        numbers = None if chunk.numbers is None else np.array([chunk.numbers[i] for i in items], dtype=float)
        writer = Writer(self.store)
        batch: list[Result] = []
        try:
            for result in compute(
                self.operation,
                columns,
                numbers,
                self._is_cancelled,
                lambda share: self._advanced(share * len(items)),
            ):
                batch.append(result)
                if len(batch) >= 500 or writer.due():
                    taken, batch = batch, []
                    self._take(finished, items, digests, taken, writer)
        finally:  # also when cancelled: what was computed is kept
            self._take(finished, items, digests, batch, writer)
            writer.flush()

    def _take(
        self,
        finished: Finished,
        items: list[int],
        digests: dict[int, bytes],
        batch: list[Result],
        writer: Writer,
    ) -> None:
        good = [result for result in batch if result.geometry is not None]
        values = wkb.write(np.array([r.geometry for r in good], dtype=object)) if good else []
        for result, value in zip(good, values):
            i = items[result.index]
            finished.results[i] = value
            digest = digests.get(i)
            if digest is not None and value is not None:
                writer.add(digest, value, result.cost_us)
        if writer.due():
            writer.flush()
        bad = [items[result.index] for result in batch if result.geometry is None]
        for result in batch:
            if result.geometry is None:
                finished.errors[items[result.index]] = result.error or "not a geometry"
        self._claims.release([digests[i] for i in bad if i in digests])  # nobody need wait for what cannot be
        with self._lock:
            self.report.computed += len(batch)
            self.report.failed += len(batch) - len(good)

    def _key(self, digest: bytes) -> bytes:
        assert self.server is not None
        return self.server.key(key(self.operation, self.namespace, digest))

    def store(self, entries: list[tuple[bytes, bytes, float]]) -> None:
        """Write (digest, WKB, cost in microseconds) values, and let go of their claims."""
        if self.link.up:
            values = [
                (self._key(digest), codec.encode(digest, value, cost, self.run_id), self._jittered_ttl())
                for digest, value, cost in entries
            ]
            stored = self.link.write(values)
            with self._lock:
                self.report.stored += stored
        self._claims.release([digest for digest, _, _ in entries])

    def _jittered_ttl(self) -> int:
        """A little less than asked for, so that what was stored together does not expire together."""
        return max(1, int(self.ttl * (1.0 - _JITTER * random.random()))) if self.ttl else 0  # nosec B311
