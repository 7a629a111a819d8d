"""A running feed: a thread that reads a source and keeps the changes that the window has not drawn yet.

The window calls ``take`` when ``notify`` told it that there is something; nothing here waits for the window,
and no call of the window waits for the server.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Callable, Optional

import numpy as np

from ..redis.failures import Failure, FailureKind, StoreError
from ..redis.server import Server
from ..redis.settings import ConnectionSettings
from . import collector
from .feed_thread import STOP_TIMEOUT, FeedThread
from .fences import Event, Fences
from .fleet import Fixes
from .intake import PositionIntake
from .reading import PING_AFTER, Reading, ReadingFigures
from .sources import make_source
from .sources.base import Source
from .spec import FeedSpec
from .status import Difference, FeedState, Status

if TYPE_CHECKING:
    from .replay import Replay

SHORTEST_PERIOD = 0.2  # of the interval: what changes more often is not read more often
SHORTEST_POLL = 0.5  # the same where every reading looks at keys that have not changed


class Feed(FeedThread):
    """Reads one source in a thread.

    ``notify()`` is called from that thread when ``take`` will find something new, ``prepare(fixes)`` before
    that (see ``PositionIntake``).

    With ``watch_fences`` it judges the ways between fixes; events wait for ``take_events`` and, where wished,
    go to a stream that others can read.
    """

    def __init__(
        self,
        spec: FeedSpec,
        settings: Optional[ConnectionSettings],
        notify: Optional[Callable[[], None]] = None,
        prepare: Optional[Callable[[Fixes], list[Any]]] = None,
    ):
        super().__init__(settings, notify)
        self.spec = spec
        self.intake = PositionIntake(spec, prepare)
        self.positions, self.trails, self.schema = (
            self.intake.positions,
            self.intake.trails,
            self.intake.schema,
        )
        self.lead = (
            0.0  # seconds from the reading of a change until the map shows it, as the window measured them
        )
        self.figures = ReadingFigures()
        self.replay: Optional[Replay] = None  # what the whole stream knows of the past, set by the window
        self._source: Optional[Source] = None  # knows over a lost connection what it has read
        self._reading: Optional[Reading] = None

    # --- called by the window -------------------------------------------------------------------------------

    def stop(self, wait: float = STOP_TIMEOUT) -> None:
        """Stop the thread; a read that waits for the server is cancelled."""
        self._stopping = True
        self.intake.window_writes(False)  # or the thread would wait for it
        super().stop(wait)

    def resume(self) -> None:
        """Resume after a pause."""
        self.intake.last_data_monotonic = time.monotonic()
        super().resume()

    def set_spec(self, spec: FeedSpec) -> None:
        """Take over what can change while the feed runs: everything but what ``FeedSpec.reads_otherwise``
        names.
        """
        before, self.spec, self.positions.spec = self.spec, spec, spec
        self.positions.latest.gap = spec.trail_gap
        self.trails.keep(spec.trail_minutes, spec.trail_points)
        if before.keep_gone and not spec.keep_gone:
            self._anew = True  # a full read tells who was only kept as last seen
            self._break_off()
        self._wake.set()

    def reconnect(self, settings: Optional[ConnectionSettings]) -> None:
        """Use these settings from now on (another connection, a new password)."""
        if settings != self._settings:
            self._source = self.replay = None
        super().reconnect(settings)

    def set_replay(self, found: Replay, settings: ConnectionSettings) -> bool:
        """Take over what was looked through with these settings. Returns False, and does not, where the feed
        has other ones by now: its stream is another."""
        if settings != self._settings:
            return False
        self.replay = found
        return True

    def take(self, most: Optional[int] = None) -> Difference:
        """Return what changed since the last call, at most so many vehicles at a time: while ``due`` is not
        0, the next call goes on with it."""
        self._told = False
        return self.intake.take(most)

    def take_all(self) -> Difference:
        """All that is known now, and who has gone since the last call (a layer is filled again)."""
        self._told = False
        return self.intake.take_all()

    def watch_fences(self, fences: Optional[Fences], stream: str = "") -> None:
        """Judge ways by these polygons from now on; ``stream`` is the key the events are written to, empty
        for none.
        """
        self.intake.watch_fences(fences, stream)

    @property
    def fences(self) -> Optional[Fences]:
        """The polygons by which ways are judged."""
        return self.intake.fences

    @property
    def fence_stream(self) -> str:
        """The key of the stream that events are written to, empty for none."""
        return self.intake.fence_stream

    @fence_stream.setter
    def fence_stream(self, key: str) -> None:
        self.intake.fence_stream = key

    def take_events(self) -> list[Event]:
        """The events of fences since the last call."""
        events, waiting = [], self.intake.events
        while waiting:
            events.append(waiting.popleft())
        return events

    @property
    def has_news(self) -> bool:
        """Whether ``take`` would return anything."""
        return self.intake.has_news

    @property
    def waiting(self) -> int:
        """How many vehicles ``take`` would return."""
        return self.intake.waiting

    @property
    def due(self) -> int:
        """How many vehicles are left of what ``take`` has begun to return."""
        return self.intake.due

    def fixes_at(self, moment: float, reader: str = "map") -> Fixes:
        """Where each vehicle was at a moment, as far as the replay or else the trails know; ``reader`` as in
        ``Replay.at``. Not for the main thread."""
        replay = self.replay
        if replay is not None and replay.covers(moment):
            try:
                return replay.at(moment, reader)
            except Exception:  # the server is away: what is not known is not shown
                logging.getLogger("redis_geo").warning("%s: no replay", self.spec.name, exc_info=True)
        return self._by_trails(moment)

    def known_since(self) -> Optional[float]:
        """From when on it is known where vehicles were (seconds since 1970 UTC); None for nothing."""
        span, replay = self.trails.span(), self.replay
        known = [one[0] for one in (span, replay.span if replay is not None else None) if one is not None]
        return min(known, default=None)

    def _by_trails(self, moment: float) -> Fixes:
        latest = self.positions.latest.everything()
        points = self.trails.all_at(latest.idents, moment)
        known = ~np.isnan(points[:, :3]).any(axis=1)
        fixes, points = latest.pick(known), points[known]
        time_, lon, lat, speed, heading = points.T
        numbers = [lon, lat, time_, fixes.receipt, speed, heading]
        derived = np.zeros(len(fixes), np.uint8)
        return Fixes(fixes.idents, fixes.origins, numbers, derived, fixes.attributes, None, fixes.slots)

    def status(self) -> Status:
        """Return the current status of the feed."""
        now = time.monotonic()
        state, since = self._state, self._since
        if state is FeedState.LIVE and now - self.intake.last_data_monotonic > self.spec.late_after:
            state, since = FeedState.LATE, time.time() - (now - self.intake.last_data_monotonic)
        return Status(
            state=state,
            since=since,
            failure=self._failure,
            tracking=self.figures.tracking,
            resting=self.figures.resting,
            note=self.figures.note,
            vehicles=len(self.positions.latest),
            updates_per_second=self.intake.rate(),
            refused=dict(self.positions.refused),
            offset=self.positions.offset,
            correction=self.positions.correction,
            last_data=self.intake.last_data,
            reads=self.figures.reads,
            full_reads=self.figures.full_reads,
        )

    # --- the thread -----------------------------------------------------------------------------------------

    def named(self) -> FeedSpec:
        """What is read."""
        return self.spec

    @property
    def period(self) -> float:
        """Seconds from one reading to the next, so that the map is at most one interval behind.

        What just misses a reading and then a drawing waits for the next of both. Where drawing leaves no
        time, what changes is read all along.
        """
        interval = self.spec.interval
        shortest = SHORTEST_PERIOD if self.figures.tracking else SHORTEST_POLL
        return max(interval - 2.0 * self.lead, interval * shortest)

    def _being_read(self) -> Optional[Reading]:
        return self._reading

    def _ended(self) -> None:
        collector.release(self.intake)  # here, as ``stop`` may not wait until the thread has ended

    def _session(self) -> None:
        """Run one session: connect, and read until the connection is lost (raises) or the feed ends
        (returns)."""
        if self._settings is None:
            raise StoreError(Failure(FailureKind.NO_CONNECTION))
        server = Server(self._settings)
        source = self._source = self._source or make_source(self.spec)
        source.spec = self.spec
        reading: Optional[Reading] = None
        try:
            reading = self._reading = Reading(server, source, self.intake, self.figures, self)
            self._rest(reading)
            reading.open()
            if reading.read_everything():
                self._set_state(FeedState.PAUSED if self._paused else FeedState.LIVE)
                self.tell()
            reading.follow()
        finally:
            self._reading = None
            if reading is not None:
                reading.close()
            source.close()
            server.close()

    def _rest(self, reading: Reading) -> None:
        """Wait for the end of a pause after a reconnection."""
        if self._paused:
            self._set_state(FeedState.PAUSED)
            self.tell()
        while self._paused and self.alive():
            self.wait(PING_AFTER)
            reading.reader.ping()
