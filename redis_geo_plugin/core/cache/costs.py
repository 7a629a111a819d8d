"""What is worth a round trip, decided by measured cost: a small geometry's buffer may be computed faster than it is fetched.

Both ways are tried on the same few items of a run, on this machine and against this server, and compared as wall-clock time:
asking by all that the asking thread does, computing by all that it does itself plus GEOS's share of each core.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Optional

import numpy as np

from .. import wkb
from ..operations.base import Operation
from .compute import in_this_thread

LARGE = 2048  # bytes of WKB above which asking the cache always pays
MANY = 1000  # items below which the difference is not felt, so that all of them are cached
SAMPLE = 256  # items that are asked for before the others are decided
TRIAL = 16  # of these, how many of one size are computed to see how long that takes


class CostBook:
    """What one run has learnt, by the size class of the input geometry (powers of two of its WKB length)."""

    def __init__(self, threads: int):
        self._threads = threads
        self._fetching = 0.0  # seconds of wall-clock time per item, as the next one
        self._computing: dict[int, float] = {}
        self._dear = _size_class(LARGE)  # the smallest class that is known to be better asked for

    def fetched(self, items: int, seconds: float) -> None:
        """Hashing, asking and checking this many small items took this long."""
        self._fetching = seconds / items

    def computed(self, size: int, items: int, wall: float, inside: float) -> None:
        """This many items of ``size`` bytes took ``wall`` seconds, ``inside`` of them within the operation, on one core.

        On all cores the operation's share is divided by their number; the rest, Python's, is not.
        """
        size_class = _size_class(size)
        self._computing[size_class] = (max(wall - inside, 0.0) + inside / self._threads) / items
        if self._computing[size_class] >= self._fetching:
            self._dear = min(self._dear, size_class)

    def cheap(self, size: int) -> bool:
        """Whether an item of this size is known to be computed faster than it is fetched."""
        return self._known(size) and _size_class(size) < self._dear

    def plan(self, sizes: Sequence[int]) -> tuple[list[int], list[int]]:
        """Of many items: which to try both ways now, and which to decide after that: two lists of positions."""
        unknown = [i for i, size in enumerate(sizes) if not self._known(size)]
        sample = unknown[:SAMPLE] if len(unknown) >= TRIAL else []
        aside = set(sample)
        return sample, [i for i in range(len(sizes)) if i not in aside]

    def to_try(self, sizes: Sequence[int]) -> Iterator[list[int]]:
        """Of a sample: the positions to compute, a list for each size, the smallest first; none beyond a size that proves
        to be dear."""
        classes: dict[int, list[int]] = defaultdict(list)
        for i, size in enumerate(sizes):
            classes[_size_class(size)].append(i)
        for _, positions in sorted(classes.items()):
            if len(positions) >= TRIAL and not self._known(sizes[positions[0]]):
                yield positions[:TRIAL]

    def _known(self, size: int) -> bool:
        return _size_class(size) >= self._dear or _size_class(size) in self._computing


def trial(
    operation: Operation, columns: Sequence[Sequence[Optional[bytes]]], numbers: Optional[Sequence[float]]
) -> tuple[float, float]:
    """Compute items, from WKB to WKB, in this thread. Returns (wall-clock seconds, those of them within the operation)."""
    started = time.perf_counter()
    geometries = tuple(wkb.read(column) for column in columns)
    results = in_this_thread(operation, geometries, None if numbers is None else np.array(numbers, dtype=float))
    wkb.write(np.array([result.geometry for result in results], dtype=object))
    inside = sum(result.cost_us for result in results) / 1e6
    return time.perf_counter() - started, inside


def _size_class(size: int) -> int:
    return size.bit_length()
