"""The cached run: items -> keys -> one read -> only the misses are computed -> one write -> results in the
order in.

The caller feeds chunks (it owns the features) and gets them back with their results, in order. A few chunks
are under way at a time, so that reading the next one overlaps with computing these, and memory stays bounded.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

import numpy as np

from ..geometry import wkb
from ..operations.base import Operation
from ..watch import Watch
from .claims import Claims
from .compute import NO_GEOMETRY, ComputedResult, compute, together
from .costs import LARGE, MANY, SAMPLE, SAMPLE_BATCH, book_of, probe, try_sizes
from .items import Item
from .link import Link
from .proof import Proof
from .recents import RecentRun
from .statistics import record
from .steps import Copies, take_or_await
from .store import CacheStore
from .writer import Entry, Writer

CHUNK_ITEMS = 1000  # few enough that their features stay in the processor's cache
CHUNK_BYTES = 16 * 1024 * 1024
_CHUNKS_AHEAD = 3  # so that the cores have work while a chunk that is done is written
_BATCH = 500  # results that are encoded together

Wkb = Optional[bytes]


@dataclass
class Chunk:
    """Items of one run. ``columns``: ``arity`` lists of n WKB values (None for no geometry); ``numbers``: n
    floats or None; ``payload`` is the caller's own, handed back untouched."""

    columns: tuple[Sequence[Wkb], ...]
    numbers: Optional[Sequence[float]] = None
    payload: Any = None

    def __len__(self) -> int:
        return len(self.columns[0])

    def item(self, place: int) -> Item:
        """The item at this position, which has a geometry."""
        wkbs = tuple(column[place] or b"" for column in self.columns)
        return Item(place, wkbs, None if self.numbers is None else self.numbers[place])

    def present(self) -> list[int]:
        """The positions that have all their geometries."""
        found = [i for i, value in enumerate(self.columns[0]) if value is not None]
        for column in self.columns[1:]:
            found = [i for i in found if column[i] is not None]
        return found

    def sizes(self, places: Sequence[int]) -> list[int]:
        """Bytes of the geometries at these positions, which have all of them."""
        first, *others = self.columns
        sizes = [len(first[i] or b"") for i in places]
        for column in others:
            if len(places) > 1 and len({id(column[i]) for i in places}) == 1:
                continue  # one that all share is hashed, and computed with, once
            sizes = [size + len(column[i] or b"") for size, i in zip(sizes, places)]
        return sizes


@dataclass
class Finished:
    """A chunk with its n results (WKB, or None) and the reasons for items that could not be computed."""

    chunk: Chunk
    results: list[Wkb]
    errors: dict[int, str] = field(default_factory=dict)
    digests: list[Optional[bytes]] = field(default_factory=list)

    def take(self, items: Iterable[Item]) -> None:
        """Copy the results and errors of these items."""
        for item in items:
            self.results[item.place] = item.result
            self.digests[item.place] = item.digest
            if item.error:
                self.errors[item.place] = item.error


@dataclass
class RunOptions:
    """Options of a run.

    ``cache_all`` stores even what is cheaper to compute. ``expected``: how many items are to come; when they
    are few, all are looked up. ``recent`` enters the run into the list that everyone sees; ``proof`` computes
    some of the hits anew.
    """

    cache_all: bool = False
    expected: int = 0
    recent: Optional[RecentRun] = None
    proof: Optional[Proof] = None


class CachedRun:
    """One run of one operation. ``report`` fills while it runs.

    Args:
        store: of the operation's results; its link never raises.
        options: see ``RunOptions``.
        watch: stops the run, and is told its progress where the number of items is known beforehand.
    """

    def __init__(
        self, store: CacheStore, options: Optional[RunOptions] = None, watch: Optional[Watch] = None
    ):
        assert isinstance(store.link, Link) and isinstance(store.operation, Operation)
        self.store = store
        self.link: Link = store.link
        self.operation: Operation = store.operation
        self.report = store.report
        self.run_id = os.urandom(8)
        self._options = options or RunOptions()
        store.proof = self._options.proof
        self._begun = 0
        self._writing_s = 0.0
        self._unknown = 0  # items of sizes of which it was not known what they cost
        self._costs = book_of(self.operation, self.link.server)
        self._claims = Claims(self.link, store)
        self._asking = threading.Lock()  # one chunk after the other: threads would wait for Python's lock
        self._ended = threading.Event()  # whoever asked has gone: nothing more is computed
        self._watch = (watch or Watch()).until(self._ended.is_set)

    def run(self, chunks: Iterable[Chunk]) -> Iterator[Finished]:
        """Yield every chunk with its results, in order. Raises Cancelled; what was computed until then is
        stored."""
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
                    ahead.append(self._begin(chunk, workers, ahead))
                if not ahead:
                    complete = True
                    return
                finished = ahead.popleft()()
                if self._options.recent is not None:
                    self._options.recent.add(finished.digests, finished.chunk.numbers)
                yield finished
                self.report.add(failed=len(finished.errors))  # but for those that the caller has made up for
        finally:
            self._ended.set()
            workers.shutdown(wait=True, cancel_futures=True)
            self.end(time.perf_counter() - started, complete)

    def end(self, seconds: float, complete: bool = True) -> None:
        """Add the counts of a run that is over, or whose results were obtained elsewhere, to the shared
        statistics."""
        self._claims.close()
        wkb.forget_shared()
        self.report.elapsed_s = seconds
        self.report.failure = self.link.failure
        self._tell_others(complete)

    @property
    def keeps_all(self) -> bool:
        """Whether even what is cheaper to compute is stored."""
        return self._options.cache_all

    def probe(self, columns: Sequence[Sequence[bytes]], numbers: Optional[Sequence[float]]) -> int:
        """Bytes up to which items are not worth keeping, by a few of them; see ``costs.probe``. They are not
        counted."""
        aside = CacheStore(self.link, self.operation, self.store.namespace, self.store.ttl)
        return probe(aside, columns, numbers)

    def _tell_others(self, complete: bool) -> None:
        """Add the run to everyone's statistics and list, and prove some of its hits."""
        options, store = self._options, self.store
        record(self.link, self.operation.family, store.namespace, self.report)
        if options.recent is not None:
            options.recent.enter(
                self.link, self.run_id, self.operation, store.namespace, self.report, complete
            )
        if complete and options.proof is not None:
            options.proof.start(self.link, store)

    def _begin(
        self, chunk: Chunk, workers: ThreadPoolExecutor, under_way: Collection[Callable[[], Finished]]
    ) -> Callable[[], Finished]:
        """Start on a chunk, while others are under way. Returns a function that waits for its end."""
        self._watch.check()
        self._begun += len(chunk)
        finished = Finished(chunk, [None] * len(chunk), digests=[None] * len(chunk))
        if self._many():
            self._at_once(finished)
        left = [i for i in chunk.present() if finished.results[i] is None]
        self._advance(len(chunk) - len(left))
        if self._many() and self.link.up:
            left = self._measure(finished, left, under_way)
        return workers.submit(self._chunk, finished, left).result if left else lambda: finished

    def _many(self) -> bool:
        """Whether there are enough items to measure what they cost."""
        return not self._options.cache_all and max(self._options.expected, self._begun) > MANY

    def _advance(self, items: float) -> None:
        if self._options.expected:
            self._watch.advance(items / self._options.expected)

    def _at_once(self, finished: Finished) -> None:
        """Compute in this thread the items that take less time than handing them to another."""
        results = self.operation.at_once(finished.chunk.columns, finished.chunk.numbers)
        if results is not None:
            finished.results = results
            count = len(results) - results.count(None)
            self.report.add(direct=count, misses=count, computed=count)

    def _chunk(self, finished: Finished, places: list[int]) -> Finished:
        """Look up, compute and store items of one chunk."""
        self._watch.check()
        if not self._many():
            self._look_up(finished, places)
            return finished
        sizes = finished.chunk.sizes(places)
        cheap = {size for size in set(sizes) if self._cheap(size)}
        self._look_up(finished, [i for i, size in zip(places, sizes) if size not in cheap])
        self._compute_together(finished, [i for i, size in zip(places, sizes) if size in cheap])
        return finished

    def _measure(
        self, finished: Finished, places: list[int], under_way: Collection[Callable[[], Finished]]
    ) -> list[int]:
        """Where the chunk has sizes of which it is not known what they cost: try both ways on a few items, in
        this thread and while nothing else is under way. Returns the positions of the others.

        Until there have been enough of them to be worth waiting for what is under way, all are asked for.
        """
        sizes = finished.chunk.sizes(places)
        with self._costs.trying:
            sample, rest = self._costs.plan(sizes)
            self._unknown += len(sample)
            if not sample or (under_way and self._unknown < SAMPLE):
                return places
            for end_of in under_way:
                end_of()
            self._try_both_ways(finished, [places[k] for k in sample], [sizes[k] for k in sample])
        return [places[k] for k in rest]

    def _cheap(self, size: int) -> bool:
        """Whether an item of this size is not worth keeping; without a server no small one is."""
        return self._costs.cheap(size) if self.link.up else size < LARGE

    def _try_both_ways(self, finished: Finished, places: list[int], sizes: list[int]) -> None:
        """Look up a sample in the cache and also compute some of it here. The costs of both decide about the
        other items."""
        self.store.read([bytes(32)])  # so that making the connection is not taken for the cost of asking
        items = [finished.chunk.item(i) for i in places]
        for start in range(0, len(items), SAMPLE_BATCH):
            self._keep(finished, items[start : start + SAMPLE_BATCH])
        columns = [[item.wkbs[c] for item in items] for c in range(self.operation.arity)]
        numbers = None if finished.chunk.numbers is None else [item.number or 0.0 for item in items]
        try_sizes(self._costs, self.operation, sizes, columns, numbers)
        self._costs.settle()

    def _keep(self, finished: Finished, items: list[Item]) -> None:
        """Ask for items and store those that are missing; note what both cost."""
        started = time.perf_counter()
        missing = self.store.look_up(items)
        self._costs.asked(len(items), time.perf_counter() - started)
        before = self._claims.seconds + self._writing_s
        self._obtain(finished, items, missing)
        if missing and self.link.up:
            self._costs.stored(len(missing), self._claims.seconds + self._writing_s - before)

    def _look_up(self, finished: Finished, places: list[int]) -> None:
        """Read these items from the cache and compute those that it lacks."""
        if not places:
            return
        items = [finished.chunk.item(i) for i in places]
        if self.link.up:
            with self._asking:
                missing = self.store.look_up(items)
            self._obtain(finished, items, missing)
        else:
            self.report.add(misses=len(items))
            self._compute([[item] for item in items])
            finished.take(items)

    def _obtain(self, finished: Finished, items: list[Item], missing: dict[bytes, list[Item]]) -> None:
        """Compute what the cache lacks of these items, or take it over from others."""
        lacking = sum(map(len, missing.values()))
        self.report.add(misses=lacking)
        self._advance(len(items) - lacking)
        if missing:
            take_or_await(self._claims, missing, self._compute, self._taken, self._watch.check)
        for copies in missing.values():
            for item in copies[1:]:
                item.take(copies[0])
        self._advance(lacking - len(missing))
        finished.take(items)

    def _taken(self, others: list[Copies]) -> None:
        """Count results that others were computing."""
        self.report.add(waited=len(others))
        self._advance(len(others))

    def _compute(self, work: list[Copies]) -> list[Copies]:
        """Compute the first of each group of equal items and store the results that have a digest as they
        come. Returns nothing left to do."""
        if not work:
            return []
        items = [copies[0] for copies in work]
        columns = tuple(wkb.read([item.wkbs[c] for item in items]) for c in range(self.operation.arity))
        numbers = (
            np.array([item.number for item in items], dtype=float) if self.operation.number_name else None
        )
        writer = Writer(self.write)
        batch: list[ComputedResult] = []
        try:
            for result in compute(self.operation, columns, numbers, self._part(len(items))):
                batch.append(result)
                if len(batch) >= _BATCH or writer.due():
                    taken, batch = batch, []
                    self._take(items, taken, writer)
        finally:  # also when cancelled: what was computed is kept
            self._take(items, batch, writer)
            writer.flush()
        return []

    def _part(self, items: int) -> Watch:
        """Return the watch for computing a number of items."""
        expected = self._options.expected
        return self._watch.part(items / expected) if expected else Watch(self._watch.cancelled)

    def _take(self, items: list[Item], batch: list[ComputedResult], writer: Writer) -> None:
        """Take in results, and hand them to the writer."""
        values = wkb.write(np.array([result.geometry for result in batch], dtype=object)) if batch else []
        failed = []
        for result, value in zip(batch, values):
            item = items[result.index]
            item.result, item.cost_us = value, result.cost_us
            if value is None:
                item.error = result.error or NO_GEOMETRY
                failed.append(item.digest)
            elif item.digest:
                writer.add(item.digest, value, result.cost_us)
        if writer.due():
            writer.flush()
        self._claims.release(failed)  # nobody need wait for what cannot be
        self.report.add(computed=len(batch))

    def _compute_together(self, finished: Finished, places: list[int]) -> None:
        """Compute items that are cheaper to compute than to keep, in large arrays."""
        if not places:
            return
        self._watch.check()
        chunk = finished.chunk
        columns = [[column[i] for i in places] for column in chunk.columns]
        numbers = None if chunk.numbers is None else [chunk.numbers[i] for i in places]
        results, errors = together(self.operation, columns, numbers)
        for i, result in zip(places, results):
            finished.results[i] = result
        finished.errors.update((places[k], words) for k, words in errors.items())
        count = len(places)
        self.report.add(direct=count, misses=count, computed=count)
        self._advance(count)

    def write(self, entries: list[Entry]) -> None:
        """Store (digest, WKB, cost in microseconds) values, and release their claims."""
        started = time.perf_counter()
        if self.link.up:
            values = [self.store.entry(digest, value, cost, self.run_id) for digest, value, cost in entries]
            self.report.add(stored=self.link.write(values))
        self._claims.release([digest for digest, _, _ in entries])
        self._writing_s += time.perf_counter() - started
