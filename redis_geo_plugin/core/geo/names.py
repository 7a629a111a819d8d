"""Members of all GEO sets found by a part of their name, within a bounded time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..keys import glob_escape
from ..server import Server
from . import cells, sets
from .hits import Watch

COUNT = 2000  # members looked at by one ZSCAN
MOST_SECONDS = 3.0
LISTED_FOR = 30.0  # seconds that the list of sets is believed


@dataclass(frozen=True)
class Found:
    """A member, the set that holds it, and where it stands (degrees)."""

    key: bytes
    member: bytes
    lon: float
    lat: float


class Names:
    """Remembers which GEO sets there are, so that each key typed costs no SCAN. One thread at a time."""

    def __init__(self) -> None:
        self._listed: list[bytes] = []
        self._until = 0.0
        self._server: Optional[Server] = None

    def find(self, server: Server, text: str, most: int, watch: Optional[Watch] = None) -> Iterator[Found]:
        """At most ``most`` members whose name contains ``text``, in any case. Raises Cancelled and redis-py's errors."""
        watch = watch or Watch()
        deadline = time.monotonic() + MOST_SECONDS
        pattern = b"*" + caseless(text) + b"*"
        found = 0
        for key in self._sets(server, watch):
            cursor, seen = 0, set()
            while found < most and time.monotonic() < deadline:
                watch.check()
                cursor, pairs = server.bulk.zscan(key, cursor, match=pattern, count=COUNT)
                for member, score in pairs:
                    if member not in seen and found < most:
                        seen.add(member)
                        found += 1
                        lon, lat = cells.decode(np.array([score]).astype(np.uint64))
                        yield Found(key, member, float(lon[0]), float(lat[0]))
                if int(cursor) == 0:
                    break

    def _sets(self, server: Server, watch: Watch) -> list[bytes]:
        if server is not self._server or time.monotonic() > self._until:
            self._listed = sorted(geo.key for geo in sets.find(server, watch))
            self._server, self._until = server, time.monotonic() + LISTED_FOR
        return self._listed


def caseless(text: str) -> bytes:
    """A pattern of Redis that matches the text in any case (of ASCII letters: Redis compares bytes)."""
    pattern = []
    for character in text:
        lower, upper = character.lower(), character.upper()
        if lower != upper and character.isascii():
            pattern.append(f"[{lower}{upper}]")
        else:
            pattern.append(glob_escape(character))
    return "".join(pattern).encode("utf-8", "surrogatepass")
