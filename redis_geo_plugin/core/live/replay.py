"""The day again: where a fleet was at any moment that its stream has kept, without holding the stream.

The stream is looked through once. Of each block of entries only its ids and the times of its reports are
kept. A moment is then put together from the blocks whose reports meet the span before it, by the same
judgement as when they came: what would have been refused moves no vehicle. Going on from one moment to a
later one reads only what lies between.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..geometry.arrays import Array
from ..redis.scanning import Entries
from ..redis.settings import ConnectionSettings
from ..redis.types import Reply
from ..watch import Watch
from .decoding import each_row
from .fleet import Fixes
from .positions import Positions
from .reader import Reader, reading
from .records import Decoder, Fix, Row
from .safely import fix_safely, judge_safely, recognise_safely
from .sources.stream import STEP, after, entry_row
from .spec import FeedSpec

SILENT_AFTER = 600.0  # seconds without a report after which nothing is known of where a vehicle is
MOST_WAITING = 100_000  # fixes of blocks that were read and whose moment is still to come
GUESS_ROWS = 200
PLAUSIBLE = 315_532_800.0  # 1980: an earlier time is none, as that of an id that somebody counted up from 1
LATE = 86_400.0  # seconds: a report that is older than those around it does not stretch the span


class NoReplay(ValueError):
    """The stream holds no position whose time is known."""


@dataclass(frozen=True)
class Blocks:
    """The blocks of a stream, in its order: ids of the first and last entry of each, and the earliest and
    latest time of their reports (seconds since 1970 UTC, float64). ``begin`` is the time of the first report
    of all that counts, ``reports`` how many there are."""

    first: list[bytes]
    last: list[bytes]
    earliest: Array
    latest: Array
    begin: float
    reports: int


class Replay:
    """The moments of one stream. Safe to be asked from any thread; one of the same reader may have to wait
    for another.

    ``span`` is from its first report to its last (seconds since 1970 UTC), ``reports`` how many there are.
    """

    def __init__(self, settings: ConnectionSettings, spec: FeedSpec, decoder: Decoder, blocks: Blocks):
        self.span = blocks.begin, float(blocks.latest.max())
        self.reports = blocks.reports
        self._given = settings, spec, decoder, blocks, self.span[1]
        self._cursors: dict[str, _Cursor] = {}
        self._lock = threading.Lock()

    def covers(self, moment: float) -> bool:
        """Whether a moment (seconds since 1970 UTC) lies in its span."""
        return self.span[0] <= moment <= self.span[1]

    def at(self, moment: float, reader: str = "map") -> Fixes:
        """Return the last report of each vehicle at a moment (seconds since 1970 UTC), none that was older
        than ``SILENT_AFTER``. Reads Redis; each ``reader`` goes on from the moment it asked for last.
        Raises redis-py's errors and StoreError."""
        with self._lock:
            if reader not in self._cursors:
                self._cursors[reader] = _Cursor(*self._given)
            cursor = self._cursors[reader]
        return cursor.at(moment)


class _Cursor:
    """The moment at which one reader of a replay is; ``newest`` is the time of the last report of all."""

    def __init__(
        self, settings: ConnectionSettings, spec: FeedSpec, decoder: Decoder, blocks: Blocks, newest: float
    ):
        self._settings, self._spec, self._decoder, self._blocks = settings, spec, decoder, blocks
        self._newest = newest
        self._lock = threading.Lock()
        self._begin_anew()

    def at(self, moment: float) -> Fixes:
        """As ``Replay.at``."""
        with self._lock:
            try:
                self._go_to(moment)
            except BaseException:
                self._begin_anew()
                raise
            latest = self._positions.latest.everything()
            return latest.pick(latest.time >= moment - SILENT_AFTER)

    def _begin_anew(self) -> None:
        self._positions = Positions(self._spec)
        self._applied = np.zeros(len(self._blocks.first), bool)
        self._waiting: list[Fix] = []
        self._moment = -float("inf")

    def _go_to(self, moment: float) -> None:
        since = moment - SILENT_AFTER
        if moment < self._moment or since > self._moment or len(self._waiting) > MOST_WAITING:
            self._begin_anew()
        self._moment = moment
        due = [fix for fix in self._waiting if fix.time <= moment]
        self._waiting = [fix for fix in self._waiting if fix.time > moment]
        self._judge(due)
        wanted = ~self._applied & (self._blocks.earliest <= moment) & (self._blocks.latest >= since)
        places = np.flatnonzero(wanted).tolist()
        if not places:
            return
        with reading(self._settings) as reader:
            key = reader.server.key(self._spec.pattern)
            for place in places:
                block = self._read(reader, key, place)
                self._judge([fix for fix in block if since <= fix.time <= moment])
                self._waiting += [fix for fix in block if fix.time > moment]
                self._applied[place] = True
        for ident in self._positions.latest.older_than(since):
            self._positions.forget(ident)

    def _read(self, reader: Reader, key: bytes, place: int) -> list[Fix]:
        """Return the fixes of a block; those that the server has cut off meanwhile are not among them."""
        first, last = self._blocks.first[place], self._blocks.last[place]
        entries = reader.ask("XRANGE", key, first, last, "COUNT", STEP) or []
        rows = [entry_row(key, entry) for entry in entries]
        return _fixes(self._decoder, rows, self._newest)

    def _judge(self, fixes: list[Fix]) -> None:
        if fixes:
            for judged in judge_safely(self._positions, fixes, time.time()):
                self._positions.keep(judged)


def look_through(settings: ConnectionSettings, spec: FeedSpec, watch: Watch) -> Replay:
    """Look through the stream of a feed once and return its replay.

    Raises NoReplay where it holds no position with a time, Cancelled once ``watch`` says so, and redis-py's
    errors.
    """
    found: list[tuple[bytes, bytes, float, float, float]] = []
    decoder, reports = Decoder(spec.mapping, True) if spec.mapping.has_position else None, 0
    with reading(settings) as reader:
        key = reader.server.key(spec.pattern)
        for entries in _blocks(reader, key, watch):
            rows = [entry_row(key, entry) for entry in entries]
            if decoder is None:
                guessed = recognise_safely(rows[:GUESS_ROWS], True, spec)
                decoder = Decoder(guessed, True) if guessed.has_position else None
            fixes = _fixes(decoder, rows, time.time() + spec.max_future) if decoder is not None else []
            if fixes:
                times = [fix.time for fix in fixes]
                found.append((entries[0][0], entries[-1][0], min(times), max(times), _begin_of(times)))
                reports += len(fixes)
    if decoder is None or not found:
        raise NoReplay(spec.pattern)
    first, last, earliest, latest, begins = zip(*found)
    blocks = Blocks(list(first), list(last), np.array(earliest), np.array(latest), min(begins), reports)
    return Replay(settings, spec, decoder, blocks)


def _blocks(reader: Reader, key: bytes, watch: Watch) -> Iterator[list[list[Reply]]]:
    """Blocks of entries, the oldest first, of what stands there now."""
    total = int(reader.ask("XLEN", key))
    walk, seen, first = Entries(2 * total + STEP), 0, b"-"
    while seen < total:
        watch.check()
        entries = reader.ask("XRANGE", key, first, "+", "COUNT", STEP) or []
        if not entries:
            return
        walk.count(len(entries))
        walk.reach(entries[-1][0])
        yield entries
        seen += len(entries)
        watch.reach(seen / total)
        first = after(entries[-1][0])


def _fixes(decoder: Decoder, rows: list[Row], newest: float) -> list[Fix]:
    """The fixes of rows whose time can be true: between 1980 and ``newest`` (seconds since 1970 UTC)."""
    now, found = time.time(), []
    for row in each_row(rows, decoder.mapping):
        fix = fix_safely(decoder, row, now)
        if isinstance(fix, Fix) and PLAUSIBLE <= fix.time <= newest:
            found.append(fix)
    return found


def _begin_of(times: list[float]) -> float:
    """The earliest of a block's times that is not far from the others: the clock of one vehicle that is years
    behind does not stretch the span."""
    return min(moment for moment in times if moment >= statistics.median(times) - LATE)
