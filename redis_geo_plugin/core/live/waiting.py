"""The vehicles whose latest fix the window has not taken over yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Optional

import numpy as np

from ..geometry.arrays import Array

FIRST_CAPACITY = 256


class Waiting:
    """Slots of a fleet that changed, and what was made ready of each for the window.

    ``len()`` of it is how many wait. Written by the feed's thread and taken from by the window's, under the
    lock of whoever owns it.

    ``take`` hands out in the order of the slots, in which the fleet, what the layer shows and the layer
    itself stand in memory: fetching a large fleet from there in any other order takes far longer.
    """

    def __init__(self) -> None:
        self._waits = np.zeros(FIRST_CAPACITY, bool)  # by slots
        self._ready: list[Any] = [None] * FIRST_CAPACITY  # by slots
        self._count = 0
        self._due = np.zeros(0, np.int64)  # the slots that are still to be handed out in this turn

    def __len__(self) -> int:
        return self._count

    @property
    def due(self) -> int:
        """How many slots are left of those that ``take`` has begun to hand out."""
        return len(self._due)

    def add(self, slots: Array, ready: Iterable[Any]) -> None:
        """These slots (int64 array, none twice) have changed; ``ready`` replaces what was made of them
        before."""
        if not len(slots):
            return
        missing = int(slots.max()) + 1 - len(self._waits)
        if missing > 0:
            more = missing + len(self._waits)
            self._waits = np.concatenate([self._waits, np.zeros(more, bool)])
            self._ready += [None] * more
        self._count += len(slots) - int(np.count_nonzero(self._waits[slots]))
        self._waits[slots] = True
        kept = self._ready
        for slot, one in zip(slots.tolist(), ready):
            kept[slot] = one

    def drop(self, slot: int) -> None:
        """The vehicle of this slot is no more."""
        if 0 <= slot < len(self._waits) and self._waits[slot]:
            self._waits[slot], self._ready[slot] = False, None
            self._count -= 1

    def take(self, most: Optional[int] = None) -> tuple[Array, list[Any]]:
        """Remove at most so many slots; returns them (int64 array), and what was made ready of each.

        A turn hands out all that waited when it began, however many calls it takes. What comes meanwhile
        waits for the next turn, but for newer values of slots that are still due.
        """
        if not len(self._due):
            self._due = self._waits.nonzero()[0]
        slots, self._due = self._due[:most], self._due[len(self._due) if most is None else most :]
        slots = slots[self._waits[slots]]
        self._waits[slots] = False
        self._count -= len(slots)
        kept, each = self._ready, slots.tolist()
        ready = [kept[slot] for slot in each]
        for slot in each:
            kept[slot] = None
        return slots, ready

    def clear(self) -> None:
        """Nothing waits any more."""
        while len(self):
            self.take()
        self._due = self._due[:0]
