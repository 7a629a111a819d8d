"""What is worth a round trip, decided by measured cost: a point's buffer is computed faster than it is fetched."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

LARGE = 2048  # bytes of WKB above which asking the cache always pays
MANY = 1000  # items below which the difference is not felt, so that all of them are cached
SAMPLE = 256  # items that are measured before the others are decided


class CostBook:
    """Costs of one run, by the size class of the input geometry (powers of two of its WKB length)."""

    def __init__(self, threads: int):
        self._threads = threads
        self._computed: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])  # class -> [items, microseconds]
        self._fetched = [0.0, 0.0]

    def computed(self, size: int, cost_us: float) -> None:
        """One item of this many bytes took this much computing, here or (a hit) wherever it was computed."""
        entry = self._computed[_size_class(size)]
        entry[0] += 1
        entry[1] += cost_us

    def fetched(self, items: int, seconds: float) -> None:
        """Hashing, asking and checking this many items took this long."""
        self._fetched[0] += items
        self._fetched[1] += seconds * 1e6

    def measured(self, size: int) -> bool:
        """Whether enough items of this size are known."""
        return self._computed[_size_class(size)][0] >= SAMPLE / 4 and self._fetched[0] >= SAMPLE / 4

    def cheap(self, size: int) -> bool:
        """Whether an item of this size is known to be computed faster than it is fetched."""
        if size >= LARGE or not self.measured(size):
            return False
        items, microseconds = self._computed[_size_class(size)]
        return microseconds / items / self._threads < self._fetched[1] / self._fetched[0]

    def plan(self, sizes: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Which items to look up now, and which to decide after those were measured: two index arrays."""
        small = [i for i, size in enumerate(sizes) if size < LARGE]
        unknown = [i for i in small if not self.measured(sizes[i])]
        if len(small) <= MANY or not unknown:
            return np.arange(len(sizes)), np.arange(0)
        later = set(unknown[SAMPLE:])
        now = [i for i in range(len(sizes)) if i not in later]
        return np.array(now, dtype=int), np.array(sorted(later), dtype=int)


def _size_class(size: int) -> int:
    return size.bit_length()
