"""Which results are worth caching, decided by measured cost: a small geometry's buffer may be computed faster
than it is read from the cache.

A result is asked for and stored only where computing it costs more than asking for it and storing it:
hashing, reading and checking; claiming, encoding, writing and releasing. Both ways are tried on the same few
items of a large run, on this machine and against this server, and compared as wall-clock time per item:
asking and storing by all that the thread does, computing by all that it does itself plus the operation's
share of each core. The answer is kept for the session, for each operation with its parameters, each server
and each size of the input.

Where nothing of a layer is worth keeping, no loop of Python's over its features is as fast as the native
algorithm's own: ``probe`` tells that from a few of them, before anything is written.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from typing import Optional

import numpy as np

from ..geometry import wkb
from ..operations.base import Operation
from ..redis.server import Server
from .compute import in_this_thread, threads
from .items import Item
from .link import Link
from .store import CacheStore

LARGE = 2048  # bytes of WKB above which asking the cache always pays
MANY = 1000  # items below which the difference is not felt, so that all of them are cached
SAMPLE = 256  # items that go the way of the cache before the others are decided
TRIAL = 16  # of these, how many of one size say anything about the time it takes to compute them ...
TRIAL_MOST = 64  # ... and how many are enough
STORE_TO_ASK = 2.0  # times as long as asking, where a sample was all hits and says nothing of storing
_BOOKS = 200  # that a session remembers

_books: OrderedDict[tuple[bytes, str, str], CostBook] = OrderedDict()
_books_lock = threading.Lock()


class CostBook:
    """What is known of one operation and one server, by the size class of the input geometry (powers of two
    of its WKB length). ``trying`` is the lock of the thread that measures both ways, as two at a time would
    disturb each other."""

    def __init__(self, cores: int):
        self._cores = cores
        self._asking = 0.0  # seconds of wall-clock time per item, as the next ones
        self._storing: Optional[float] = None
        self._cheap = 0  # the largest class that is known to be cheap
        self._dear = _size_class(LARGE)  # the smallest that is known to be better asked for
        self.trying = threading.Lock()

    def asked(self, items: int, seconds: float) -> None:
        """Note how many seconds it took to hash, read and check so many small items."""
        self._asking = seconds / items

    def stored(self, items: int, seconds: float) -> None:
        """Note how many seconds it took to claim, encode, write and release so many items."""
        self._storing = seconds / items

    @property
    def keeping(self) -> float:
        """Seconds that it takes to ask for an item and to store it."""
        return self._asking + (self._asking * STORE_TO_ASK if self._storing is None else self._storing)

    def computed(self, size: int, items: int, wall: float, inside: float, final: bool = True) -> None:
        """This many items of ``size`` bytes took ``wall`` seconds, ``inside`` of them within the operation,
        on one core.

        On all cores the operation's share is divided by their number; the rest, Python's, is not. Unless it
        is ``final``, only that they are cheap is taken for certain.
        """
        size_class = _size_class(size)
        computing = (max(wall - inside, 0.0) + inside / self._cores) / items
        if computing < self.keeping:
            self._cheap = max(self._cheap, size_class)
        elif final:
            self._dear = min(self._dear, size_class)

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
            if len(positions) >= TRIAL and not self._known(sizes[positions[0]]):
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
            started = time.perf_counter()
            store.look_up(items)
            book.asked(len(items), time.perf_counter() - started)
            _try_sizes(book, operation, [sizes[i] for i in sample], columns, numbers)
    return book.small if link.up else LARGE


def _try_sizes(
    book: CostBook,
    operation: Operation,
    sizes: list[int],
    columns: Sequence[Sequence[bytes]],
    numbers: Optional[Sequence[float]],
) -> None:
    """Compute some of each size of a sample, to find those that are cheap."""
    for positions in book.to_try(sizes):
        chosen = [[column[k] for k in positions] for column in columns]
        few = None if numbers is None else [numbers[k] for k in positions]
        cost = trial(operation, chosen, few)
        book.computed(sizes[positions[0]], len(positions), *cost, final=False)


def book_of(operation: Operation, server: Optional[Server]) -> CostBook:
    """The book of this session for an operation and a server."""
    where = server.settings if server is not None else None
    key = operation.fingerprint(), where.url() if where else "", type(operation).__qualname__
    with _books_lock:
        book = _books.pop(key, None) or CostBook(threads())
        _books[key] = book
        while len(_books) > _BOOKS:
            _books.popitem(last=False)
    return book


def forget() -> None:
    """Forget all measurements, so that every decision is measured again."""
    with _books_lock:
        _books.clear()


def trial(
    operation: Operation, columns: Sequence[Sequence[Optional[bytes]]], numbers: Optional[Sequence[float]]
) -> tuple[float, float]:
    """Compute items, from WKB to WKB, in this thread. Returns (wall-clock seconds, those of them within the
    operation)."""
    started = time.perf_counter()
    geometries = tuple(wkb.read(column) for column in columns)
    results = in_this_thread(
        operation, geometries, None if numbers is None else np.array(numbers, dtype=float)
    )
    wkb.write(np.array([result.geometry for result in results], dtype=object))
    inside = sum(result.cost_us for result in results) / 1e6
    return time.perf_counter() - started, inside


def _size_class(size: int) -> int:
    return size.bit_length()
