"""Walks with SCAN, HSCAN and ZSCAN that end, whatever the server says about its cursor.

The servers promise that a walk ends; a broken proxy or a hostile server keeps a careless loop for ever.
https://redis.io/docs/latest/commands/scan/
"""

from __future__ import annotations

import time
from typing import Union

from .calls import UnexpectedReply

REPEATS = 3  # times that one cursor may come: a table that shrinks meanwhile may bring one twice
FEWEST = 1000  # rounds that any walk may take
EMPTY_PLACES = 64  # a table may have that many places a key, after most keys were deleted
LONGEST = 600.0  # seconds of a whole walk
UNKNOWN = 100_000_000  # keys that are assumed where the server does not tell


class Cursor:
    """The cursor of one walk: ``value`` is sent, ``move`` takes what came; the walk is over when ``done``.

    Args:
        total: how many entries there are, as far as the server tells (0: unknown).
        count: the COUNT that is asked for.
    """

    def __init__(self, total: int = 0, count: int = 1000):
        self.value = 0
        self.done = False
        self._rounds = 0
        self._allowed = FEWEST + EMPTY_PLACES * min(total or UNKNOWN, UNKNOWN) // max(count, 1)
        self._seen: dict[int, int] = {}
        self._started = time.monotonic()

    def move(self, reply: Union[int, bytes]) -> None:
        """Go on from the cursor of a reply. Raises UnexpectedReply where the walk does not end."""
        self.value = int(reply)
        self.done = self.value == 0
        self._rounds += 1
        times = self._seen[self.value] = self._seen.get(self.value, 0) + 1
        late = time.monotonic() - self._started > LONGEST
        if not self.done and (times > REPEATS or self._rounds > self._allowed or late):
            raise UnexpectedReply(
                f"SCAN does not end: {self._rounds} rounds, the cursor {self.value} {times} times"
            )
