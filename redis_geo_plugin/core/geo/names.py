"""Finding members of all GEO sets by a part of their name, within a bounded time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from ..folding import folded
from ..keys import glob_escape
from ..readable import text as text_of
from ..redis.scanning import Cursor
from ..redis.server import Server
from ..watch import Watch
from . import cells, raw, sets

COUNT = 2000  # members looked at by one ZSCAN
MOST_SECONDS = 3.0
LISTED_FOR = 30.0  # seconds that the list of sets is believed
BEYOND_ASCII = b"*[\x80-\xff]*"


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
        """At most ``most`` members whose name contains ``text``, in any case and with any accents.

        Raises Cancelled and redis-py's errors.
        """
        watch, wanted = watch or Watch(), folded(text)
        deadline = time.monotonic() + MOST_SECONDS
        keys = self._sets(server, watch)
        seen: set[tuple[bytes, bytes]] = set()
        for pattern in patterns(wanted):
            for key in keys:
                for found in self._matching(server, key, pattern, deadline, watch):
                    if len(seen) >= most:
                        return
                    if (key, found.member) not in seen and wanted in folded(text_of(found.member)):
                        seen.add((key, found.member))
                        yield found

    def forget(self) -> None:
        """Forget which sets there are: there may be new ones."""
        self._until = 0.0

    def _matching(
        self, server: Server, key: bytes, pattern: bytes, deadline: float, watch: Watch
    ) -> Iterator[Found]:
        """The members of a set whose bytes match a pattern, without those whose score is no place; some may
        come twice."""
        cursor = Cursor(count=COUNT)
        while not cursor.done and time.monotonic() < deadline:
            watch.check()
            following, (members, scores) = raw.scan(server.bulk, key, cursor.value, COUNT, pattern)
            cursor.move(following)
            for member, lon, lat in zip(members, *(column.tolist() for column in cells.decode(scores))):
                yield Found(key, member, lon, lat)

    def _sets(self, server: Server, watch: Watch) -> list[bytes]:
        if server is not self._server or time.monotonic() > self._until:
            self._listed = sorted(geo.key for geo in sets.find(server, watch))
            self._server, self._until = server, time.monotonic() + LISTED_FOR
        return self._listed


def patterns(wanted: str) -> list[bytes]:
    """Patterns of Redis for a folded text, the cheapest first.

    Redis compares bytes and knows neither case nor accents. A member whose letters are those of the text
    matches the first pattern. All others have a byte beyond ASCII, an accent or another script, and so match
    the second; which of them are meant is found out here.
    """
    return [caseless(wanted), BEYOND_ASCII] if wanted.isascii() else [BEYOND_ASCII]


def caseless(text: str) -> bytes:
    """Return a pattern of Redis that matches every name with this ASCII text, in any case."""
    pattern = []
    for character in text:
        lower, upper = character.lower(), character.upper()
        pattern.append(f"[{lower}{upper}]" if lower != upper else glob_escape(character))
    return b"*" + "".join(pattern).encode() + b"*"
