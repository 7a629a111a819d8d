"""Scan the names of all keys at a bounded cost to the server, which others use meanwhile.

A SCAN step takes a server about a microsecond a key, during which it serves nobody else. ``Limits`` says
how much of its
time finding may take: a small database is read as fast as it goes, of a large one as much as fits, spread
over the time there is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable, Optional

from ..redis.redispy import exceptions
from ..watch import Watch
from .families import KeyNames
from .own_keys import is_book, is_places
from .reader import Reader, ScanCursor
from .records import text_of

STEP = 1000  # keys a SCAN step visits: about 1 ms of the server's time
KEY_COST = 1e-6  # seconds of the server's time a key, where the server does not tell
CALIBRATED = 10  # steps after which it is asked what they took until then
NAMES_SHARE = 0.7  # of the time goes into names; the rest, where keys are left, into GEO sets alone
RARE = ("zset",)
LONGEST_SLEEP = 0.05


@dataclass(frozen=True)
class Limits:
    """What finding may cost: ``seconds`` in all, and ``share`` of the server's time meanwhile. ``names``
    that are enough (0: all)."""

    seconds: float = 4.0
    share: float = 0.016
    names: int = 0


QUICK = Limits()
THOROUGH = Limits(seconds=900.0)
BESIDE = Limits(seconds=1.0, share=0.05)  # of a set that the user named: where its details may be
BY_PATTERN = Limits(seconds=20.0, share=1.0, names=5000)  # the user named the keys and waits for them


class NameScan:
    """Reads names into ``names``. ``visited`` keys were looked at; ``complete``: all there are."""

    def __init__(self, reader: Reader, match: bytes, limits: Limits, is_wanted: Callable[[str], bool]):
        self.names = KeyNames(len(reader.server.settings.key_prefix.encode()))
        self.visited = 0
        self.complete = False
        self._reader, self._limits, self._is_wanted = reader, limits, is_wanted
        self._cursors: list[ScanCursor] = reader.cursors(match)
        self._skip = len(reader.server.settings.key_prefix.encode())
        self._cost = KEY_COST
        self._scans = _scan_seconds(reader)
        self._seen: set[int] = set()

    def run(self, total: int, watch: Watch) -> None:
        """Scan until all is read, the limits are reached, or it is cancelled.

        Args:
            total: keys of the database, as far as it is known.
            watch: asked between the steps, and told what is done.
        """
        started = time.monotonic()
        steps, nodes = 0, max(len(self._cursors), 1)
        while not watch.cancelled() and not self._is_enough():
            cursor = next((one for one in self._cursors if not one.done), None)
            if cursor is None:
                self.complete = True
                return
            self._cursors.append(self._cursors.pop(self._cursors.index(cursor)))  # each node in turn
            elapsed = time.monotonic() - started
            if elapsed > self._limits.seconds:
                break
            steps += 1
            if steps % CALIBRATED == 0:
                self._calibrate()
            budget = self._limits.seconds * self._limits.share
            used = self.visited * self._cost / nodes
            is_spent = total * self._cost / nodes > budget and used > budget * NAMES_SHARE
            self._step(cursor, self._rare(steps) if is_spent else "")
            if is_spent and used > budget:
                break
            watch.reach(max(min(self.visited / max(total, 1), 1.0), min(elapsed / self._limits.seconds, 1.0)))
            if total * self._cost / nodes > budget:
                self._wait(started + used / self._limits.share, watch)

    def _rare(self, steps: int) -> str:
        return RARE[steps % len(RARE)]

    def _is_enough(self) -> bool:
        return bool(self._limits.names) and self.names.total >= self._limits.names

    def _step(self, cursor: ScanCursor, kind: str) -> None:
        found = cursor.step(STEP, kind)
        self.visited += STEP
        wanted = []
        for name in found:
            mark = hash(name)
            if mark not in self._seen and self._is_wanted(text_of(name[self._skip :])):
                wanted.append(name)
            if len(self._seen) < 2_000_000:  # a SCAN may name a key twice; 100 MB of them are enough
                self._seen.add(mark)
        self.names.add(wanted)

    def _wait(self, until: float, watch: Watch) -> None:
        """Pause, so that the server can serve others."""
        while not watch.cancelled():
            left = until - time.monotonic()
            if left <= 0.0:
                return
            time.sleep(min(left, LONGEST_SLEEP))

    def _calibrate(self) -> None:
        """What a key takes on this server, as it counts itself."""
        now = _scan_seconds(self._reader)
        if self._scans is not None and now is not None and self.visited:
            self._cost = min(max((now - self._scans) / self.visited, 1e-7), 1e-5)


def scan_names(reader: Reader, match: bytes, limits: Limits, by_pattern: bool) -> NameScan:
    """A scan of the keys that match, without the plugin's own books; places only where the user asked
    ``by_pattern``."""
    return NameScan(
        reader, match, limits, lambda name: not is_book(name) and (by_pattern or not is_places(name))
    )


def _scan_seconds(reader: Reader) -> Optional[float]:
    """The time that all SCANs took this server until now, None where it does not tell (or on a cluster)."""
    if reader.server.is_cluster:
        return None
    try:
        said = reader.ask("INFO", "commandstats")
    except exceptions.ResponseError:
        return None
    found = re.search(rb"cmdstat_scan:calls=\d+,usec=(\d+)", said) if isinstance(said, bytes) else None
    return int(found.group(1)) / 1e6 if found else 0.0


def chosen_names(names: KeyNames, most: int) -> tuple[list[bytes], dict[bytes, float]]:
    """Some names of each shape, at most about ``most``, and how many names each of them stands for."""
    shapes = names.shapes()
    each = max(3, most // max(len(shapes), 1))
    chosen: list[bytes] = []
    weights: dict[bytes, float] = {}
    for shape in shapes[:most]:
        some: Sequence[bytes] = shape.names[:each]
        chosen += some
        weights.update(dict.fromkeys(some, shape.count / len(some)))
    return chosen, weights
