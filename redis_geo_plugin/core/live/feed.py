"""A running feed: a thread that reads a source and keeps the changes that the window has not drawn yet.

The window calls ``take`` when ``notify`` told it that there is something; nothing here waits for the window,
and no call of the window waits for the server.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Callable, Optional

import numpy as np

from ..redis.failures import Failure, FailureKind, StoreError, classify
from ..redis.server import Server
from ..redis.settings import ConnectionSettings
from . import collector
from .fences import Event, Fences
from .fleet import Fixes
from .intake import PositionIntake
from .reading import PING_AFTER, Reading, ReadingFigures
from .sources import make_source
from .sources.base import Source
from .spec import FeedSpec
from .status import Difference, FeedState, Status

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
SHORTEST_PERIOD = 0.2  # of the interval: what changes more often is not read more often
SHORTEST_POLL = 0.5  # the same where every reading looks at keys that have not changed
STOP_TIMEOUT = 1.0


class Feed:
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
        self._settings = settings
        self._notify = notify
        self._told = False
        self._state, self._since = FeedState.STOPPED, time.time()
        self._failure: Optional[Failure] = None
        self._wake = threading.Event()
        self._stopping = False
        self._paused = False
        self._anew = False
        self._thread: Optional[threading.Thread] = None
        self._source: Optional[Source] = None  # knows over a lost connection what it has read
        self._reading: Optional[Reading] = None

    # --- called by the window -------------------------------------------------------------------------------

    def start(self) -> None:
        """Start or restart the thread. Connects nothing in the calling thread."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stopping = self._paused = False
        self._wake.clear()
        self._set_state(FeedState.STARTING)
        self._thread = threading.Thread(
            target=self._run, name=f"redis-geo-feed-{self.spec.name}", daemon=True
        )
        self._thread.start()

    def stop(self, wait: float = STOP_TIMEOUT) -> None:
        """Stop the thread; a read that waits for the server is cancelled."""
        self._stopping = True
        self._notify = None
        self.intake.window_writes(False)  # or the thread would wait for it
        self._break_off()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(wait)
        self._set_state(FeedState.STOPPED)

    def pause(self) -> None:
        """Pause reading. The keys that change meanwhile are remembered."""
        self._paused = True
        self._set_state(FeedState.PAUSED)

    def resume(self) -> None:
        """Resume after a pause."""
        self._paused = False
        self.intake.last_data_monotonic = time.monotonic()
        self._set_state(FeedState.LIVE)
        self._wake.set()

    def set_spec(self, spec: FeedSpec) -> None:
        """Take over what can change while the feed runs: everything but what ``FeedSpec.reads_otherwise``
        names.
        """
        before, self.spec, self.positions.spec = self.spec, spec, spec
        self.trails.keep(spec.trail_minutes, spec.trail_points)
        if before.keep_gone and not spec.keep_gone:
            self._anew = True  # a full read tells who was only kept as last seen
            self._break_off()
        self._wake.set()

    def reconnect(self, settings: Optional[ConnectionSettings]) -> None:
        """Use these settings from now on (another connection, a new password)."""
        if settings != self._settings:
            self._settings = settings
            self._source = None
            self._anew = True
            self._break_off()

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

    def fixes_at(self, moment: float) -> Fixes:
        """Where each vehicle was at a moment, as far as the trails know. Not for the main thread."""
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

    def alive(self) -> bool:
        """Tell whether the session goes on: it ends when the feed is stopped, or has to begin anew."""
        return not (self._stopping or self._anew)

    def wait(self, seconds: float) -> None:
        """Wait for a time, or until the pause ends or the settings change."""
        self._wake.wait(seconds)
        self._wake.clear()

    @property
    def paused(self) -> bool:
        """Whether the feed is paused."""
        return self._paused

    @property
    def period(self) -> float:
        """Seconds from one reading to the next, so that the map is at most one interval behind.

        What just misses a reading and then a drawing waits for the next of both. Where drawing leaves no
        time, what changes is read all along.
        """
        interval = self.spec.interval
        shortest = SHORTEST_PERIOD if self.figures.tracking else SHORTEST_POLL
        return max(interval - 2.0 * self.lead, interval * shortest)

    def _break_off(self) -> None:
        self._wake.set()
        reading = self._reading
        if reading is not None:
            reading.close()

    def _run(self) -> None:
        try:
            self._run_sessions()
        finally:
            collector.release(self.intake)  # here, as ``stop`` may not wait until the thread has ended

    def _run_sessions(self) -> None:
        """Run sessions one after the other, with a pause after each that failed."""
        pause = FIRST_PAUSE
        while not self._stopping:
            self._anew = False
            self._wake.clear()
            try:
                self._session()
                pause = FIRST_PAUSE
            except Exception as error:
                if self._stopping:
                    break
                if self._anew:
                    continue
                if self._state not in (FeedState.RECONNECTING, FeedState.FAILED):
                    pause = FIRST_PAUSE
                failure = classify(error)
                if failure.kind is FailureKind.OTHER:
                    logging.getLogger("redis_geo").warning(
                        "%s: %s", self.spec.name, failure.words, exc_info=True
                    )
                waits = failure.passing or failure.kind is FailureKind.OTHER
                self._set_state(FeedState.RECONNECTING if waits else FeedState.FAILED, failure)
                self.tell()
                self._wake.wait(pause)
                pause = min(pause * 2.0, LONGEST_PAUSE)

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

    def tell(self) -> None:
        """Call ``notify`` once for all that waits for the window."""
        if self._told:
            return
        self._told = self.intake.has_news  # before it is told: what is taken meanwhile may be told once more
        notify = self._notify
        if notify is not None:
            try:
                notify()
            except RuntimeError:  # the window's object was deleted in the meantime
                self._notify = None

    def _set_state(self, state: FeedState, failure: Optional[Failure] = None) -> None:
        if self._stopping and state is not FeedState.STOPPED:
            return
        if state is not self._state:
            self._state, self._since = state, time.time()
        self._failure = failure
