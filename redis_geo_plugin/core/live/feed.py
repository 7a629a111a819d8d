"""A running feed: a thread that reads a source and keeps what the window has to take over.

The window calls ``take`` when ``notify`` told it that there is something; nothing here waits for the window, and no call of
the window waits for the server.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Any, Callable, Optional

from ..failures import Failure, FailureKind, StoreError, classify
from ..redispy import exceptions
from ..server import Server
from ..settings import ConnectionSettings
from . import collector
from .fences import Event, Fences
from .guess import mapping as guess_mapping
from .positions import Positions
from .reader import Reader
from .records import Decoder, Fix, Row, Schema
from .sources import make_source
from .sources.base import Source
from .spec import FeedSpec
from .status import Difference, State, Status
from .tracking import LONGEST_WAIT, ChangeWatch
from .trails import Trails

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
KEYS_A_ROUND = 10_000
STOP_TIMEOUT = 1.0
RATE_SECONDS = 5.0
GUESS_ROWS = 200
EVENTS_KEPT = 5_000


class Feed:
    """Reads one source in a thread. ``notify()`` is called from that thread when ``take`` will find something new.

    With ``watch_fences`` it judges the ways between fixes; events wait for ``take_events`` and, where wished, go to a
    stream that others can read.
    """

    def __init__(
        self,
        spec: FeedSpec,
        settings: Optional[ConnectionSettings],
        notify: Optional[Callable[[], None]] = None,
    ):
        self.spec = spec
        self.trails = Trails(spec.trail_minutes, spec.trail_points)
        self.positions = Positions(spec, self.trails.add_all)
        self.schema = Schema({})
        self._fences: Optional[Fences] = None
        self.fence_stream = ""
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._outbox: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._settings = settings
        self._notify = notify
        self._lock = threading.Lock()
        self._pending = Difference()
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
        self._closers: list[Any] = []
        self._decoder: Optional[Decoder] = None
        self._aliases: dict[str, str] = {}
        self._rates: deque[tuple[float, int]] = deque()
        self._last_data: Optional[float] = None
        self._last_data_monotonic = time.monotonic()
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
        self._break_off()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(wait)
        collector.release(self)
        self._set_state(State.STOPPED)

    def pause(self) -> None:
        """Take up nothing more; what the server tells meanwhile is remembered by key."""
        self._paused = True
        self._set_state(State.PAUSED)

    def resume(self) -> None:
        self._paused = False
        self._last_data_monotonic = time.monotonic()
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
            self._anew = True
            self._break_off()

    def take(self) -> Difference:
        """Everything that changed since the last call."""
        with self._lock:
            taken, self._pending = self._pending, Difference()
            taken.kinds = dict(self.schema.kinds)
            self._told = False
        return taken

    def take_all(self) -> Difference:
        """All that is known now, as a difference from nothing (a layer is filled again)."""
        with self._lock:
            self._pending = Difference()
            self._told = False
            return Difference(dict(self.positions.latest), {}, dict(self.schema.kinds))

    def watch_fences(self, fences: Optional[Fences], stream: str = "") -> None:
        """Judge ways by these polygons from now on; ``stream`` is the key the events are written to, empty for none."""
        self.fence_stream = stream
        self.positions.moves = [] if fences is not None else None
        self._fences = fences

    def take_events(self) -> list[Event]:
        """The events of fences since the last call."""
        events = []
        while self._events:
            events.append(self._events.popleft())
        return events

    @property
    def has_news(self) -> bool:
        """Whether ``take`` would give something."""
        return bool(self._pending)

    def fixes_at(self, moment: float) -> list[tuple[str, Fix]]:
        """Where each vehicle was at a moment, as far as the trails know."""
        found = []
        for ident, latest in list(self.positions.latest.items()):
            point = self.trails.at(ident, moment)
            if point is None:
                continue
            time_, lon, lat, speed, heading = (None if v != v else v for v in point)
            if time_ is not None and lon is not None and lat is not None:
                fix = Fix(ident, latest.key, lon, lat, time_, latest.receipt, speed, heading, latest.attributes)
                found.append((ident, fix))
        return found

    def status(self) -> Status:
        now = time.monotonic()
        with self._lock:
            rates = [(at, count) for at, count in self._rates if now - at <= RATE_SECONDS]
        state, since = self._state, self._since
        if state is State.LIVE and now - self._last_data_monotonic > self.spec.late_after:
            state, since = State.LATE, time.time() - (now - self._last_data_monotonic)
        return Status(
            state=state,
            since=since,
            failure=self._failure,
            tracking=self._tracking,
            note=self._note,
            vehicles=len(self.positions.latest),
            updates_per_second=sum(count for _, count in rates) / RATE_SECONDS,
            refused=dict(self.positions.refused),
            offset=self.positions.offset,
            correction=self.positions.correction,
            last_data=self._last_data,
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
        source = make_source(self.spec)
        try:
            reader = Reader(server)
            self._closers.append(reader)
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
            self._take_up(rows, [], source, live=False)
            if source.ends:
                named.update(self._aliases.get(row.id, row.id) for row in rows)
            self._tell()
            if watch is not None:
                watch.wait(0.0)
            time.sleep(0)
        if not self._alive():
            return
        self._full_reads += 1
        self._note = reader.missing or self._note
        if source.ends and not reader.away:
            self._take_out([ident for ident in self.positions.latest if ident not in named])
        self._last_data_monotonic = time.monotonic()
        self._set_state(State.PAUSED if self._paused else State.LIVE)
        self._tell()

    def _follow(self, source: Source, reader: Reader, watch: Optional[ChangeWatch]) -> None:
        """Read what changes, at most once an interval, until stopped or disconnected."""
        last_read = last_ping = time.monotonic()
        while self._alive():
            now = time.monotonic()
            due = last_read + self.spec.interval - now
            if watch is not None:
                watch.wait(LONGEST_WAIT if not watch.changed else max(due, 0.0))
                if watch.everything:
                    watch.everything = False
                    watch.changed.clear()
                    self._read_everything(source, reader, watch)
                ready = bool(watch.changed)
            else:
                self._wake.wait(min(max(due, 0.0), LONGEST_WAIT))
                self._wake.clear()
                ready = True
            now = time.monotonic()
            self._forget_silent(now)
            if self._alive() and ready and not self._paused and now - last_read >= self.spec.interval:
                last_read = last_ping = now
                self._read_changes(source, reader, watch)
                self._send_events(reader)
            elif now - last_ping > 2.0:
                last_ping = now
                reader.ping()

    def _read_changes(self, source: Source, reader: Reader, watch: Optional[ChangeWatch]) -> None:
        self._reads += 1
        if watch is None:
            for rows, gone in source.poll(reader):
                self._take_up(rows, gone, source, live=True)
                time.sleep(0)
                if not self._alive():
                    break
            self._tell()
            return
        left = len(watch.changed)  # those that come meanwhile wait for the next round
        while left > 0 and self._alive():
            keys = watch.take(min(left, KEYS_A_ROUND))
            left -= len(keys)
            for rows, gone in source.read(reader, keys):
                self._take_up(rows, gone, source, live=True)
            self._tell()
        watch.wait(0.0)

    def _take_up(self, rows: list[Row], gone: list[str], source: Source, live: bool) -> None:
        """Decode, judge and keep a batch."""
        now = time.time()
        decoder = self._decoder or self._make_decoder(rows, source)
        fixes: list[Fix] = []
        for row in rows:
            found = decoder.fix(row, now)
            if type(found) is Fix:
                if source.ends and found.id != row.id:  # a stream's rows have an id each, and never go away
                    self._aliases[row.id] = found.id
                fixes.append(found)
            else:
                self.positions.refuse(found)
        if fixes:
            self.positions.note_delays(fixes, live)
        changed = self.positions.accept(fixes, now)
        for fix in changed:
            self.schema.observe(fix.attributes)
        if len(self.positions.latest) > collector.LARGE:
            collector.hold(self)
        if self._fences is not None:
            self._judge_fences(self._fences)
        if rows:
            self._last_data, self._last_data_monotonic = now, time.monotonic()
        with self._lock:
            if changed:
                self._rates.append((time.monotonic(), len(changed)))
                while self._rates and self._rates[-1][0] - self._rates[0][0] > RATE_SECONDS:
                    self._rates.popleft()
            pending = self._pending
            pending.changed.update([(fix.id, fix) for fix in changed])
            if pending.gone:
                for fix in changed:
                    pending.gone.pop(fix.id, None)
        if gone:
            self._take_out([self._aliases.pop(name, name) for name in gone])

    def _judge_fences(self, fences: Fences) -> None:
        moves, self.positions.moves = self.positions.moves or [], []
        events = fences.events(moves)
        self._events.extend(events)
        if self.fence_stream:
            self._outbox.extend(events)

    def _send_events(self, reader: Reader) -> None:
        """Write events to their stream; what the server refuses is said in ``note``."""
        if not self._outbox or self._settings is None:
            return
        key = (self._settings.key_prefix + self.fence_stream).encode()
        waiting, self._outbox = self._outbox, deque(maxlen=EVENTS_KEPT)
        for reply in reader.ask_many([event.command(key) for event in waiting]):
            if isinstance(reply, Exception):
                self._note = classify(reply)

    def _make_decoder(self, rows: list[Row], source: Source) -> Decoder:
        """By the feed's mapping, else by a guess, which is kept once it finds positions."""
        chosen = self.spec.mapping
        if chosen.has_position:
            self._decoder = Decoder(chosen, source.texts)
            return self._decoder
        samples = [row.data for row in rows[:GUESS_ROWS] if row.data is not None]
        guessed = guess_mapping(samples, with_id=source.id_in_record)
        decoder = Decoder(guessed, source.texts)
        if guessed.has_position:
            self._decoder = decoder
        return decoder

    def _take_out(self, idents: Iterable[str]) -> None:
        """These are gone on the server; they stay where the feed keeps them as last seen."""
        if not self.spec.keep_gone:
            self._drop(idents)

    def _drop(self, idents: Iterable[str]) -> None:
        with self._lock:
            for ident in idents:
                if self.positions.forget(ident) is not None:
                    self.trails.forget(ident)
                    self._pending.changed.pop(ident, None)
                    self._pending.gone[ident] = None

    def _forget_silent(self, now: float) -> None:
        """Take out vehicles that have not reported for longer than the feed keeps them; looked at every 5 s."""
        limit = self.spec.forget_after
        if not limit or now - self._swept < 5.0:
            return
        self._swept = now
        oldest = time.time() - limit - self.positions.correction
        self._drop([i for i, fix in list(self.positions.latest.items()) if fix.time < oldest])
        self._tell()

    def _tell(self) -> None:
        """Call ``notify`` once for all that waits."""
        with self._lock:
            if self._told:
                return
            self._told = bool(self._pending)
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
