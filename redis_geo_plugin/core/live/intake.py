"""The intake of a feed: decodes, judges and keeps records, and collects the changes that the window has not
drawn yet.

Written by the feed's thread, taken over by the window's.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, Callable, Optional, Union

from ..geometry.arrays import Array
from . import collector
from .decoding import each_row
from .fences import Event, Fences
from .fleet import Fixes
from .positions import Judged, Positions
from .records import Decoder, Fix, Row, Schema
from .safely import decode_safely, events_safely, fix_safely, judge_safely, recognise_safely
from .sources.base import Source
from .spec import FeedSpec
from .status import Difference
from .trails import Trails
from .waiting import Waiting

RATE_SECONDS = 5.0
GUESS_ROWS = 200
EVENTS_KEPT = 5_000
PIECE = 1000  # records judged in one go, some 4 ms
LONGEST_HOLD = 1.0  # seconds that reading waits for the window while it writes
FULL = 50_000  # vehicles that wait for the window: what is read beyond would only replace them


class PositionIntake:
    """The latest position of each vehicle, the trails, the types of the attributes, and the difference that
    waits.

    ``take_up``, ``take_out`` and ``drop`` belong to the feed's thread. ``prepare`` is called there with the
    fixes that the window will take over, and returns what it has made ready of each (``Fixes.ready``).
    """

    def __init__(self, spec: FeedSpec, prepare: Optional[Callable[[Fixes], list[Any]]] = None):
        self._prepare = prepare
        self.trails = Trails(spec.trail_minutes, spec.trail_points)
        self.schema = Schema({})
        self.positions = Positions(spec)
        self.aliases: dict[
            str, str
        ] = {}  # a source's name of a record -> the vehicle's id, where they differ
        self.last_data: Optional[float] = None
        self.last_data_monotonic = time.monotonic()
        self.fences: Optional[Fences] = None
        self.fence_stream = ""
        self.events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self.outbox: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self.handed = 0  # changes that were passed on to the window so far
        self._decoder: Optional[Decoder] = None
        self._rates: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()
        self._since = 0.0
        self._changed = Waiting()
        self._gone: dict[str, None] = {}
        self._first_read: Optional[float] = None  # when the reading of the first that is not due yet began
        self._due_since = 0.0  # and of the first that is due
        self._taken = threading.Event()
        self._window_rests = threading.Event()
        self._window_rests.set()

    # --- called by the window -------------------------------------------------------------------------------

    def take(self, most: Optional[int] = None) -> Difference:
        """Return what changed since the last call, ``most`` vehicles at a time.

        While ``due`` is not 0, the next call goes on with what had changed by the first of these calls.
        """
        with self._lock:
            if not self._changed.due:
                self._due_since, self._first_read = self._first_read or 0.0, None
            gone, self._gone = self._gone, {}
            slots, ready = self._changed.take(most)
            fixes = self.positions.latest.at(slots)
        fixes.ready = ready
        self._taken.set()
        return Difference(fixes, gone, dict(self.schema.kinds), self._due_since)

    def take_all(self) -> Difference:
        """All that is known now, and who has gone since the last call (a layer is filled again).

        It counts as read now: what waited did so by the user's wish (rewind), and tells nothing of how long
        it takes to show a change.
        """
        with self._lock:
            self._changed.clear()
            gone, self._gone = self._gone, {}
            fixes = self.positions.latest.everything()
        self._taken.set()
        gone = {ident: None for ident in gone if ident not in self.positions.latest}
        return Difference(fixes, gone, dict(self.schema.kinds), time.monotonic())

    def window_writes(self, writing: bool) -> None:
        """The window is writing many rows: two threads that take Python's lock from each other at every step
        need far longer than one after the other, so reading waits.
        """
        if writing:
            self._window_rests.clear()
        else:
            self._window_rests.set()

    @property
    def has_news(self) -> bool:
        """Whether something waits for the window."""
        return bool(self._changed or self._gone)

    @property
    def waiting(self) -> int:
        """How many vehicles wait for the window."""
        return len(self._changed) + len(self._gone)

    @property
    def due(self) -> int:
        """How many vehicles are left of those that the window has begun to take over."""
        return self._changed.due

    def rate(self) -> float:
        """Updates a second."""
        now = time.monotonic()
        with self._lock:
            return sum(count for at, count in self._rates if now - at <= RATE_SECONDS) / RATE_SECONDS

    # --- the feed's thread ----------------------------------------------------------------------------------

    def wait_until_taken(self, seconds: float) -> None:
        """Wait until the window has taken the changes, when there are many: reading more would only slow it
        down."""
        self._taken.clear()
        if len(self._changed) >= FULL:
            self._taken.wait(seconds)

    def take_up(
        self, rows: Sequence[Row], gone: list[str], source: Source, live: bool, since: float = 0.0
    ) -> None:
        """Decode, judge and keep records.

        Args:
            rows: the records that were read.
            gone: the names of records that are no longer there.
            source: where they were read.
            live: whether they were just written, as against what a first read found.
            since: when their reading began (monotonic seconds).
        """
        self._since = since
        for start in range(0, len(rows), PIECE):
            self._take_piece(rows[start : start + PIECE], source, live)
            self._window_rests.wait(LONGEST_HOLD)
        if len(self.positions.latest) > collector.LARGE:
            collector.hold(self)
        if gone:
            self.take_out([self.aliases.pop(name, name) for name in gone])

    def _take_piece(self, rows: Sequence[Row], source: Source, live: bool) -> None:
        now, fences = time.time(), self.fences  # the window may set others meanwhile
        decoder = self._decoder or self._make_decoder(rows, source)
        fixes = decode_safely(decoder, rows, now) or self._decode_each(decoder, rows, now, source)
        if fixes:
            self._learn_clock(fixes, live, now)
        for judged in judge_safely(self.positions, fixes, now, fences is not None):
            self._keep(judged, fences)
        self.last_data, self.last_data_monotonic = now, time.monotonic()

    def _learn_clock(self, fixes: Union[list[Fix], Fixes], live: bool, now: float) -> None:
        """Compare the producer's clock with ours; fixes that turn out to be from the future leave."""
        clock = self.positions.clock
        before = clock.ahead()
        clock.learn(fixes, live)
        if clock.ahead() < before:
            self.drop(self.positions.from_the_future(now))

    def _keep(self, judged: Judged, fences: Optional[Fences]) -> None:
        """Pass the parts of a judgement to trails, schema, fences and window."""
        for ident in judged.disowned:
            self.trails.drop_after(ident, judged.changed[ident].time)
        for fixes in judged.believed:
            self.trails.add_all(fixes)
        self.schema.observe_all(judged.seen)
        self.positions.refuse(judged.refusals)
        if fences is not None:
            self._judge_fences(fences, judged.moves)
        if judged.changed:
            self._hand_over(judged.changed, judged.slots)

    def _decode_each(
        self, decoder: Decoder, rows: Sequence[Row], now: float, source: Source
    ) -> Union[list[Fix], Fixes]:
        """Decode rows one by one; returns their fixes, in columns where no two are of one vehicle."""
        fixes: list[Fix] = []
        for row in each_row(rows, decoder.mapping):
            found = fix_safely(decoder, row, now)
            if isinstance(found, Fix):
                if found.id != row.id and source.ends:  # a stream's rows have an id each, and never go away
                    self.aliases[row.id] = found.id
                fixes.append(found)
            else:
                self.positions.refuse([found])
        together = Fixes.of(fixes)
        return together if len(together) == len(fixes) else fixes

    def _hand_over(self, fixes: Fixes, slots: Array) -> None:
        """Publish the latest fixes to the window in one step, so that it never sees half of two batches."""
        ready: Any = repeat(None) if self._prepare is None else self._prepare(fixes)
        now = time.monotonic()
        self.handed += len(fixes)
        with self._lock:
            rates = self._rates
            rates.append((now, len(fixes)))
            while now - rates[0][0] > RATE_SECONDS:
                rates.popleft()
            self._note_reading(self._since or now)
            slots = self.positions.latest.store(fixes, slots)
            self._changed.add(slots, ready)
            if self._gone:
                for ident in fixes.idents:
                    self._gone.pop(ident, None)

    def take_out(self, idents: Iterable[str]) -> None:
        """Mark vehicles as gone from the server; a feed that keeps vehicles as last seen goes on showing
        them."""
        if not self.positions.spec.keep_gone:
            self.drop(idents)

    def drop(self, idents: Iterable[str]) -> None:
        """Remove these vehicles."""
        with self._lock:
            self._note_reading(time.monotonic())
            for ident in idents:
                slot = self.positions.latest.slot(ident)
                if self.positions.forget(ident):
                    self.trails.forget(ident)
                    self._changed.drop(slot)
                    self._gone[ident] = None

    def _note_reading(self, since: float) -> None:
        """Something comes to wait for the window whose reading began then (monotonic)."""
        if self._first_read is None or not self.has_news:
            self._first_read = since

    def take_outbox(self) -> list[Event]:
        """Remove and return the events that wait to be written to their stream."""
        waiting, self.outbox = list(self.outbox), deque(maxlen=EVENTS_KEPT)
        return waiting

    def watch_fences(self, fences: Optional[Fences], stream: str) -> None:
        """Judge ways by these polygons from the next records on. Called by the window."""
        self.fence_stream = stream
        self.fences = fences

    def _judge_fences(self, fences: Fences, moves: list[tuple[Fix, Fix]]) -> None:
        events = events_safely(fences, moves)
        self.events.extend(events)
        if self.fence_stream:
            self.outbox.extend(events)

    def _make_decoder(self, rows: Sequence[Row], source: Source) -> Decoder:
        """By the feed's mapping, else by a guess, which is kept once it finds positions."""
        chosen = self.positions.spec.mapping
        if chosen.has_position:
            self._decoder = Decoder(chosen, source.texts)
            return self._decoder
        guessed = recognise_safely(rows[:GUESS_ROWS], source.id_in_record, self.positions.spec)
        decoder = Decoder(guessed, source.texts)
        if guessed.has_position:
            self._decoder = decoder
        return decoder
