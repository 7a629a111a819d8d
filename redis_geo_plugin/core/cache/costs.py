"""Which results are worth caching, decided by measured cost: a small geometry's buffer may be computed faster
than it is read from the cache.

A result is asked for and stored only where computing it costs more than asking for it and storing it:
hashing, reading and checking; claiming, encoding, writing and releasing. Both ways are tried on the same few
items of a large run, on this machine and against this server, while the run does nothing else, and compared
as wall-clock time per item: asking and storing in one thread, computing on all cores. The answer is kept for
the session, for each operation with its parameters, each server and each size of the input.

Where nothing of a layer is worth keeping, no loop of Python's over its features is as fast as the native
algorithm's own: ``probe`` tells that from a few of them, before anything is written.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from typing import Optional

from ..operations.base import Operation
from ..redis.server import Server
from .compute import together
from .items import Item
from .link import Link
from .store import CacheStore

LARGE = 2048  # bytes of WKB above which asking the cache always pays
MANY = 1000  # items below which the difference is not felt, so that all of them are cached
SAMPLE = 256  # items that go the way of the cache before the others are decided ...
SAMPLE_BATCH = 128  # ... so many at a time
TRIAL = 16  # of these, how many of one size say anything about the time it takes to compute them ...
TRIAL_MOST = 64  # ... and how many are enough
# How many of them a core computes at a time, one try after the other ...
TRIES = (8, TRIAL_MOST, 8, TRIAL_MOST, 8)
TRIES_SECONDS = 0.02  # ... in which they are to end
STORE_TO_ASK = 3.0  # times as long as asking, where a sample was all hits and says nothing of storing
_BOOKS = 200  # that a session remembers

_books: OrderedDict[tuple[bytes, str, str], CostBook] = OrderedDict()
_books_lock = threading.Lock()


class CostBook:
    """What is known of one operation and one server, by the size class of the input geometry (powers of two
    of its WKB length). Of what is measured more than once the least counts, as the machine has other work
    too. ``trying`` is the lock of the thread that measures both ways, as two at a time would
    disturb each other."""

    def __init__(self) -> None:
        self._asking: Optional[float] = None  # seconds of wall-clock time per item, as the next two
        self._storing: Optional[float] = None
        self._computing: dict[int, float] = {}  # on all cores, by size class
        self._cheap = 0  # the largest class that is known to be cheap
        self._dear = _size_class(LARGE)  # the smallest that is known to be better asked for
        self.trying = threading.Lock()

    def asked(self, items: int, seconds: float) -> None:
        """Note how many seconds it took to hash, read and check so many small items."""
        self._asking = _least(self._asking, seconds / items)

    def stored(self, items: int, seconds: float) -> None:
        """Note how many seconds it took to claim, encode, write and release so many items."""
        self._storing = _least(self._storing, seconds / items)

    def computed(self, size: int, items: int, seconds: float) -> None:
        """Note how many seconds it took to compute so many items of ``size`` bytes, on all cores. They may
        prove to be cheap; that they are dear is only known once ``settle`` is called."""
        size_class = _size_class(size)
        self._computing[size_class] = seconds / items
        if seconds / items < self.keeping:
            self._cheap = max(self._cheap, size_class)

    def settle(self) -> None:
        """Take what is not cheap, of what was computed, to be better asked for: storing was measured too."""
        for size_class, seconds in self._computing.items():
            if seconds < self.keeping:
                self._cheap = max(self._cheap, size_class)
            elif size_class > self._cheap:
                self._dear = min(self._dear, size_class)

    @property
    def keeping(self) -> float:
        """Seconds that it takes to ask for an item and to store it."""
        asking = self._asking or 0.0
        return asking + (asking * STORE_TO_ASK if self._storing is None else self._storing)

    def cheap(self, size: int) -> bool:
        """Whether an item of this size is known to be computed faster than it is asked for and stored. It is
        where a larger one is."""
        return size <= self.small

    @property
    def small(self) -> int:
        """Bytes up to which every item is known to be computed faster than kept; 0 where no size is."""
        return (1 << min(self._cheap, self._dear - 1)) - 1 if self._cheap else 0

    def plan(self, sizes: Sequence[int]) -> tuple[list[int], list[int]]:
        """Of many items: which to try both ways now, and which to decide after that: two lists of
        positions."""
        strange = {size for size in set(sizes) if not self._known(size)}
        unknown = [i for i, size in enumerate(sizes) if size in strange] if strange else []
        sample = unknown[:SAMPLE] if len(unknown) >= TRIAL else []
        aside = set(sample)
        return sample, [i for i in range(len(sizes)) if i not in aside] if aside else list(range(len(sizes)))

    def to_try(self, sizes: Sequence[int]) -> Iterator[list[int]]:
        """Of a sample: the positions to compute, a list for each size, the smallest first; none beyond a size
        that proves to be dear."""
        classes: dict[int, list[int]] = defaultdict(list)
        for i, size in enumerate(sizes):
            classes[_size_class(size)].append(i)
        for _, positions in sorted(classes.items()):
            size = sizes[positions[0]]
            known = self._known(size) or _size_class(size) in self._computing
            if len(positions) >= TRIAL and not known:
                yield positions[:TRIAL_MOST]

    def _known(self, size: int) -> bool:
        return size <= self.small or _size_class(size) >= self._dear


def probe(store: CacheStore, columns: Sequence[Sequence[bytes]], numbers: Optional[Sequence[float]]) -> int:
    """Bytes up to which items of the store's operation are not worth keeping; 0 where that is not known.

    Some of a few items (``arity`` lists of n WKB values, n numbers or None) are asked for and computed,
    unless it is known what they cost. Nothing is stored: that is taken to be ``STORE_TO_ASK`` times as long
    as asking, which is less than it is, so that only what is surely cheap is found to be. Without a server
    nothing is kept, however large.
    """
    link, operation = store.link, store.operation
    assert isinstance(link, Link) and isinstance(operation, Operation)
    if not link.up:
        return LARGE
    book, sizes = book_of(operation, link.server), [sum(map(len, wkbs)) for wkbs in zip(*columns)]
    with book.trying:
        sample, _ = book.plan(sizes)
        if sample:
            store.read([bytes(32)])  # so that making the connection is not taken for the cost of asking
            columns = [[column[i] for i in sample] for column in columns]
            numbers = None if numbers is None else [numbers[i] for i in sample]
            items = [
                Item(k, wkbs, None if numbers is None else numbers[k]) for k, wkbs in enumerate(zip(*columns))
            ]
            for start in range(0, len(items), SAMPLE_BATCH):
                batch, started = items[start : start + SAMPLE_BATCH], time.perf_counter()
                store.look_up(batch)
                book.asked(len(batch), time.perf_counter() - started)
            try_sizes(book, operation, [sizes[i] for i in sample], columns, numbers)
    return book.small if link.up else LARGE


def try_sizes(
    book: CostBook,
    operation: Operation,
    sizes: list[int],
    columns: Sequence[Sequence[bytes]],
    numbers: Optional[Sequence[float]],
) -> None:
    """Compute some of each size of a sample, to find those that are cheap.

    Args:
        book: takes what it cost, and has what asking costs.
        operation: what to compute.
        sizes: n sizes of items, in bytes.
        columns: ``arity`` lists of n WKB values.
        numbers: n numbers, or None.
    """
    for positions in book.to_try(sizes):
        chosen = [[column[k] for k in positions] for column in columns]
        few = None if numbers is None else [numbers[k] for k in positions]
        seconds = trial(operation, chosen, few, enough=len(positions) * book.keeping)
        book.computed(sizes[positions[0]], len(positions), seconds)


def book_of(operation: Operation, server: Optional[Server]) -> CostBook:
    """The book of this session for an operation and a server."""
    where = server.settings if server is not None else None
    key = operation.fingerprint(), where.url() if where else "", type(operation).__qualname__
    with _books_lock:
        book = _books.pop(key, None) or CostBook()
        _books[key] = book
        while len(_books) > _BOOKS:
            _books.popitem(last=False)
    return book


def forget() -> None:
    """Forget all measurements, so that every decision is measured again."""
    with _books_lock:
        _books.clear()


def trial(
    operation: Operation,
    columns: Sequence[Sequence[Optional[bytes]]],
    numbers: Optional[Sequence[float]],
    enough: float,
) -> float:
    """Compute items, from WKB to WKB, on all cores and on one. Returns the seconds of the quickest try, as
    the machine has other work too; there is no other where one took less than ``enough``."""
    least, begun = math.inf, time.perf_counter()
    for apart in TRIES:
        started = time.perf_counter()
        together(operation, columns, numbers, apart)
        ended = time.perf_counter()
        least = min(least, ended - started)
        if least < enough or ended - begun > TRIES_SECONDS:
            break
    return least


def _least(known: Optional[float], found: float) -> float:
    return found if known is None else min(known, found)


def _size_class(size: int) -> int:
    return size.bit_length()
