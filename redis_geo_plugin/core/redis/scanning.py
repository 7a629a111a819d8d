"""Walks with SCAN, HSCAN and ZSCAN that end, whatever the server says about its cursor; and those through the
entries of a list or a stream.

The servers promise that a walk ends; a broken proxy or a hostile server keeps a careless loop for ever.
https://redis.io/docs/latest/commands/scan/
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Union

from .calls import UnexpectedReply

REPEATS = 3  # times that one cursor may come: a table that shrinks meanwhile may bring one twice
FEWEST = 1000  # rounds that any walk may take
EMPTY_PLACES = 64  # a table may have that many places a key, after most keys were deleted
LONGEST = 600.0  # seconds of a whole walk without breaks
UNKNOWN = 100_000_000  # keys that are assumed where the server does not tell
LONGEST_NAME = 1024  # bytes of a name that is listed; a key's may have 512 MB, which nobody reads or types


def named(keys: Iterable[bytes]) -> list[bytes]:
    """The keys of a reply to SCAN that are listed: those whose names are no longer than LONGEST_NAME."""
    return [key for key in keys if len(key) <= LONGEST_NAME]


class Entries:
    """Counts the entries that a walk through a list or a stream was given.

    Args:
        most: how many there can be.
    """

    def __init__(self, most: int):
        self._left = most
        self._last = (-1, -1)

    def count(self, found: int) -> None:
        """Count a piece. Raises UnexpectedReply where the walk does not end."""
        self._left -= found
        if self._left < 0:
            raise UnexpectedReply("the entries do not end")

    def reach(self, ident: bytes) -> None:
        """Go on to the id of the last entry of a piece of a stream. Raises UnexpectedReply where the ids do
        not grow."""
        head, _, tail = ident.partition(b"-")
        place = int(head), int(tail)
        if place <= self._last:
            raise UnexpectedReply("the ids of the entries do not grow")
        self._last = place


class Cursor:
    """The cursor of one walk: ``value`` is sent, ``move`` takes what came; the walk is over when ``done``.

    Args:
        total: how many entries there are, as far as the server tells (0: unknown).
        count: the COUNT that is asked for.
        in_turn: whether who walks does other things between the steps, for as long as they take. Such a walk
            has no LONGEST: the server is not asked meanwhile.
    """

    def __init__(self, total: int = 0, count: int = 1000, in_turn: bool = False):
        self.value = 0
        self.done = False
        self._rounds = 0
        self._allowed = FEWEST + EMPTY_PLACES * min(total or UNKNOWN, UNKNOWN) // max(count, 1)
        self._seen: dict[int, int] = {}
        self._latest = math.inf if in_turn else time.monotonic() + LONGEST

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Leave the time in between, in which the server is not asked, out of LONGEST."""
        began = time.monotonic()
        yield
        self._latest += time.monotonic() - began

    def move(self, reply: Union[int, bytes]) -> None:
        """Go on from the cursor of a reply. Raises UnexpectedReply where the walk does not end."""
        self.value = int(reply)
        self.done = self.value == 0
        self._rounds += 1
        times = self._seen[self.value] = self._seen.get(self.value, 0) + 1
        late = time.monotonic() > self._latest
        if not self.done and (times > REPEATS or self._rounds > self._allowed or late):
            raise UnexpectedReply(
                f"SCAN does not end: {self._rounds} rounds, the cursor {self.value} {times} times"
            )
