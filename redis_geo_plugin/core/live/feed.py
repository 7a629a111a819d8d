"""A running feed: a thread that reads a source and keeps what the window has to take over.

The window calls ``take`` when ``notify`` told it that there is something; nothing here waits for the window, and no call of
the window waits for the server.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Callable, Optional

from ..failures import Failure, FailureKind, StoreError, classify
from ..redispy import exceptions
from ..server import Server
from ..settings import ConnectionSettings
from . import collector
from .fences import Event, Fences
from .fleet import Fixes
from .intake import Intake
from .reader import Reader
from .records import Fix
from .sources import make_source
from .sources.base import Source
from .spec import FeedSpec
from .status import Difference, State, Status
from .tracking import LONGEST_WAIT, ChangeWatch

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
KEYS_A_ROUND = 10_000
SHORTEST_PERIOD = 0.2  # of the interval: what changes more often is not read more often
SHORTEST_POLL = 0.5  # the same where every reading looks at keys that have not changed
STOP_TIMEOUT = 1.0
PING_AFTER = 2.0  # seconds without a word to the server
WINDOW_TIMEOUT = 0.25  # seconds that a round of reading waits for a busy window


class Feed:
    """Reads one source in a thread. ``notify()`` is called from that thread when ``take`` will find something new,
    ``prepare(fixes)`` before that (see ``Intake``).

    With ``watch_fences`` it judges the ways between fixes; events wait for ``take_events`` and, where wished, go to a
    stream that others can read.
    """

    def __init__(
        self,
        spec: FeedSpec,
        settings: Optional[ConnectionSettings],
        notify: Optional[Callable[[], None]] = None,
        prepare: Optional[Callable[[Fixes], list[Any]]] = None,
    ):
        self.spec = spec
        self.intake = Intake(spec, prepare)
        self.positions, self.trails, self.schema = self.intake.positions, self.intake.trails, self.intake.schema
        self.lead = 0.0  # seconds from the reading of a change until the map shows it, as the window measured them
        self._settings = settings
        self._notify = notify
        self._told = False
        self._state, self._since = State.STOPPED, time.time()
        self._failure: Optional[Failure] = None
        self._note: Optional[Failure] = None
        self._tracking = False
        self._wake = threading.Event()
        self._stopping = False
        self._paused = False
        self._anew = False
        self._thread: Optional[threading.Thread] = None
        self._source: Optional[Source] = None  # knows over a lost connection what it has read
        self._closers: list[Any] = []
        self._reads = self._full_reads = 0
        self._swept = time.monotonic()

    # --- called by the window -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin (again). Nothing is connected in the calling thread."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stopping = self._paused = False
        self._wake.clear()
        self._set_state(State.STARTING)
        self._thread = threading.Thread(target=self._run, name=f"redis-geo-feed-{self.spec.name}", daemon=True)
        self._thread.start()

    def stop(self, wait: float = STOP_TIMEOUT) -> None:
        """End the thread; a read that waits for the server is broken off."""
        self._stopping = True
        self._notify = None
        self.intake.window_writes(False)  # or the thread would wait for it
        self._break_off()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(wait)
        self._set_state(State.STOPPED)

    def pause(self) -> None:
        """Take up nothing more; what the server tells meanwhile is remembered by key."""
        self._paused = True
        self._set_state(State.PAUSED)

    def resume(self) -> None:
        self._paused = False
        self.intake.last_data_monotonic = time.monotonic()
        self._set_state(State.LIVE)
        self._wake.set()

    def set_spec(self, spec: FeedSpec) -> None:
        """Take over what can change while the feed runs: everything but what ``FeedSpec.reads_otherwise`` names."""
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

    def take(self) -> Difference:
        """Everything that changed since the last call."""
        self._told = False
        return self.intake.take()

    def take_all(self) -> Difference:
        """All that is known now, and who has gone since the last call (a layer is filled again)."""
        self._told = False
        return self.intake.take_all()

    def watch_fences(self, fences: Optional[Fences], stream: str = "") -> None:
        """Judge ways by these polygons from now on; ``stream`` is the key the events are written to, empty for none."""
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
        """Whether ``take`` would give something."""
        return self.intake.has_news

    @property
    def waiting(self) -> int:
        """How many vehicles ``take`` would give."""
        return self.intake.waiting

    def fixes_at(self, moment: float) -> Fixes:
        """Where each vehicle was at a moment, as far as the trails know."""
        found = []
        for latest in self.positions.latest.everything().each():
            point = self.trails.at(latest.id, moment)
            if point is None:
                continue
            time_, lon, lat, speed, heading = (None if v != v else v for v in point)
            if time_ is not None and lon is not None and lat is not None:
                fix = Fix(latest.id, latest.key, lon, lat, time_, latest.receipt, speed, heading, latest.attributes)
                found.append(fix)
        return Fixes.of(found)

    def status(self) -> Status:
        now = time.monotonic()
        state, since = self._state, self._since
        if state is State.LIVE and now - self.intake.last_data_monotonic > self.spec.late_after:
            state, since = State.LATE, time.time() - (now - self.intake.last_data_monotonic)
        return Status(
            state=state,
            since=since,
            failure=self._failure,
            tracking=self._tracking,
            note=self._note,
            vehicles=len(self.positions.latest),
            updates_per_second=self.intake.rate(),
            refused=dict(self.positions.refused),
            offset=self.positions.offset,
            correction=self.positions.correction,
            last_data=self.intake.last_data,
            reads=self._reads,
            full_reads=self._full_reads,
        )

    # --- the thread ---------------------------------------------------------------------------------------------------

    def _alive(self) -> bool:
        return not (self._stopping or self._anew)

    def _break_off(self) -> None:
        self._wake.set()
        for closer in list(self._closers):
            closer.close()

    def _run(self) -> None:
        try:
            self._run_sessions()
        finally:
            collector.release(self.intake)  # here, as ``stop`` may not wait until the thread has ended

    def _run_sessions(self) -> None:
        """One session after the other, with a pause after each that failed."""
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
                if self._state not in (State.RECONNECTING, State.FAILED):
                    pause = FIRST_PAUSE
                failure = classify(error)
                if failure.kind is FailureKind.OTHER:
                    logging.getLogger("redis_geo").warning("%s: %s", self.spec.name, failure.words, exc_info=True)
                waits = failure.passing or failure.kind is FailureKind.OTHER
                self._set_state(State.RECONNECTING if waits else State.FAILED, failure)
                self._tell()
                self._wake.wait(pause)
                pause = min(pause * 2.0, LONGEST_PAUSE)

    def _session(self) -> None:
        """From connecting to the loss of the connection (raises) or the end (returns)."""
        if self._settings is None:
            raise StoreError(Failure(FailureKind.NO_CONNECTION))
        server = Server(self._settings)
        source = self._source = self._source or make_source(self.spec)
        source.spec = self.spec
        try:
            reader = Reader(server)
            self._closers.append(reader)
            self._rest(reader)
            source.open(reader)
            watch = self._open_watch(server, source)
            if watch is not None:
                self._closers.append(watch)
            self._read_everything(source, reader, watch)
            self._follow(source, reader, watch)
        finally:
            self._tracking = False
            closers, self._closers = self._closers, []
            for closer in closers:
                closer.close()
            source.close()
            server.close()

    def _rest(self, reader: Reader) -> None:
        """Connected again while paused: nothing is taken up before the pause ends."""
        if self._paused:
            self._set_state(State.PAUSED)
            self._tell()
        while self._paused and self._alive():
            self._wake.wait(PING_AFTER)
            self._wake.clear()
            reader.ping()

    def _open_watch(self, server: Server, source: Source) -> Optional[ChangeWatch]:
        """The server's word on what changes; None (and why, in ``note``) where it is not to be had."""
        self._note = None
        prefixes = source.prefixes()
        if not prefixes:
            return None
        try:
            watch = ChangeWatch(server, prefixes)
        except exceptions.ResponseError as error:
            self._note = classify(error)
            return None
        self._tracking = True
        return watch

    def _read_everything(self, source: Source, reader: Reader, watch: Optional[ChangeWatch]) -> None:
        """The full read: vehicles that it does not find are gone."""
        named: set[str] = set()
        for rows, _ in source.read_all(reader, self._alive):
            self.intake.take_up(rows, [], source, live=False)
            if source.ends:
                named.update(self.intake.aliases.get(row.id, row.id) for row in rows)
            self._tell()
            self.intake.wait_until_taken(WINDOW_TIMEOUT)
            if watch is not None:
                watch.wait(0.0)
        if not self._alive():
            return
        self._full_reads += 1
        self._note = reader.missing or self._note
        if source.ends and not reader.away:
            self.intake.take_out([ident for ident in self.positions.latest if ident not in named])
        self.intake.last_data_monotonic = time.monotonic()
        self._set_state(State.PAUSED if self._paused else State.LIVE)
        self._tell()

    @property
    def _period(self) -> float:
        """Seconds from one reading to the next, so that the map is at most one interval behind: what just misses a reading
        and then a drawing waits for the next of both. Where drawing leaves no time, what changes is read all along."""
        interval = self.spec.interval
        shortest = SHORTEST_PERIOD if self._tracking else SHORTEST_POLL
        return max(interval - 2.0 * self.lead, interval * shortest)

    def _follow(self, source: Source, reader: Reader, watch: Optional[ChangeWatch]) -> None:
        """Read what changes, once a period, until stopped or disconnected."""
        last_read = last_ping = time.monotonic()
        while self._alive():
            now = time.monotonic()
            due = last_read + self._period - now
            if self._paused:
                self._wake.wait(LONGEST_WAIT)
                self._wake.clear()
                if watch is not None:
                    watch.wait(0.0)
                ready = False
            elif watch is not None:
                watch.wait(LONGEST_WAIT if not watch.changes else max(due, 0.0))
                if watch.everything:
                    watch.everything = False
                    watch.changes.forget()
                    self._read_everything(source, reader, watch)
                ready = bool(watch.changes)
            else:
                self._wake.wait(min(max(due, 0.0), LONGEST_WAIT))
                self._wake.clear()
                ready = True
            now = time.monotonic()
            self._forget_silent(now)
            if self._alive() and ready and not self._paused and now - last_read >= self._period:
                last_read = last_ping = now
                self._read_changes(source, reader, watch)
                self._send_events(reader)
            elif now - last_ping > PING_AFTER:
                last_ping = now
                reader.ping()

    def _read_changes(self, source: Source, reader: Reader, watch: Optional[ChangeWatch]) -> None:
        self._reads += 1
        since = time.monotonic()
        if watch is None:
            for rows, gone in source.poll(reader):
                self.intake.take_up(rows, gone, source, True, since)
                if not self._alive():
                    break
            self._tell()
            return
        left = len(watch.changes)  # those that come meanwhile wait for the next round
        while left > 0 and self._alive():
            self.intake.wait_until_taken(WINDOW_TIMEOUT)
            keys = watch.changes.take(min(left, KEYS_A_ROUND))
            left -= len(keys)
            since = time.monotonic()
            for rows, gone in source.read(reader, keys):
                self.intake.take_up(rows, gone, source, True, since)
            self._tell()
            watch.wait(0.0)

    def _send_events(self, reader: Reader) -> None:
        """Write events to their stream; what the server refuses is said in ``note``."""
        if not self.intake.outbox or self._settings is None:
            return
        key = (self._settings.key_prefix + self.intake.fence_stream).encode()
        waiting = self.intake.take_outbox()
        for reply in reader.ask_many([event.command(key) for event in waiting]):
            if isinstance(reply, Exception):
                self._note = classify(reply)

    def _forget_silent(self, now: float) -> None:
        """Take out vehicles that have not reported for longer than the feed keeps them; looked at every 5 s."""
        limit = self.spec.forget_after
        if not limit or now - self._swept < 5.0:
            return
        self._swept = now
        oldest = time.time() - limit - self.positions.correction
        self.intake.drop(self.positions.latest.older_than(oldest))
        self._tell()

    def _tell(self) -> None:
        """Call ``notify`` once for all that waits."""
        if self._told:
            return
        self._told = self.intake.has_news  # before it is told: what is taken meanwhile may be told once more
        notify = self._notify
        if notify is not None:
            try:
                notify()
            except RuntimeError:  # the window's object was deleted in the meantime
                self._notify = None

    def _set_state(self, state: State, failure: Optional[Failure] = None) -> None:
        if self._stopping and state is not State.STOPPED:
            return
        if state is not self._state:
            self._state, self._since = state, time.time()
        self._failure = failure
