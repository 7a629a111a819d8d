"""A live set of features: a thread that reads it, and then only the keys that change.

The server tells which keys change (client tracking); where it does not, the whole set is read once an
interval and compared. The window takes what differs, and nothing here waits for it for long.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Callable, Optional

from ..live import collector
from ..live.feed_thread import FeedThread
from ..live.own_keys import is_book
from ..live.reading import FULL_EVERY, WINDOW_TIMEOUT, ReadingFigures
from ..live.records import text_of
from ..live.status import FeedState, Status
from ..live.tracking import LONGEST_WAIT, ChangeWatch
from ..redis.failures import Failure, FailureKind, StoreError, classify
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.settings import ConnectionSettings
from ..watch import Watch
from .reading import ReadRequest, Resolved, keys_of, read_keys, resolve
from .refusals import FeatureRefusal, WhyRefused
from .set_intake import Preparer, SetChanges, SetIntake
from .set_spec import SetSpec

KEYS_A_ROUND = 10_000


@dataclass(frozen=True)
class SetStatus(Status):
    """A live set at one moment: ``why_refused`` are the values that are not shown, by reason."""

    why_refused: dict[WhyRefused, int] = field(default_factory=dict)


class SetFeed(FeedThread):
    """Reads one set in a thread; ``notify()`` is called from it when ``take`` will find something new."""

    def __init__(
        self,
        spec: SetSpec,
        settings: Optional[ConnectionSettings],
        prepare: Preparer,
        notify: Optional[Callable[[], None]] = None,
    ):
        super().__init__(settings, notify)
        self.spec = spec
        self.intake = SetIntake(prepare)
        self.figures = ReadingFigures()
        self._asked: deque[bytes] = deque()  # keys that the window wants to be read again
        self._reading: Optional[SetReading] = None

    # --- called by the window -------------------------------------------------------------------------------

    def set_spec(self, spec: SetSpec) -> None:
        """Take over another name or interval."""
        self.spec = spec
        self._wake.set()

    def refresh(self, keys: Iterable[bytes]) -> None:
        """Read these keys again, and hand on their features whether they have changed or not."""
        self._asked.extend(keys)
        self._wake.set()

    def read_anew(self) -> None:
        """Read everything again, as if nothing was known."""
        self.intake.start_over()
        self._anew = True
        self._break_off()

    def take(self, most: int) -> SetChanges:
        """What changed since the last call, at most so many features."""
        self._told = False
        return self.intake.take(most)

    def listed_refusals(self) -> list[FeatureRefusal]:
        """The last values that are not shown, one by one."""
        return self.intake.refused.listed()

    @property
    def has_news(self) -> bool:
        """Whether ``take`` would return anything."""
        return self.intake.has_news

    def status(self) -> SetStatus:
        """Return the current status; its vehicles are the features."""
        figures = self.figures
        return SetStatus(
            state=self._state,
            since=self._since,
            failure=self._failure,
            tracking=figures.tracking,
            resting=False,
            note=figures.note,
            vehicles=self.intake.count,
            updates_per_second=self.intake.rate(),
            refused={},
            why_refused=self.intake.refused.reasons(),
            offset=None,
            correction=0.0,
            last_data=None,
            reads=figures.reads,
            full_reads=figures.full_reads,
        )

    # --- the thread -----------------------------------------------------------------------------------------

    @property
    def has_asked(self) -> bool:
        """Whether the window wants keys to be read again."""
        return bool(self._asked)

    def named(self) -> SetSpec:
        """What is read."""
        return self.spec

    def take_asked(self) -> set[bytes]:
        """The keys that the window wants to be read again; they count as changed."""
        asked: set[bytes] = set()
        while self._asked:
            asked.add(self._asked.popleft())
        self.intake.forget(asked)
        return asked

    def _being_read(self) -> Optional[SetReading]:
        return self._reading

    def _ended(self) -> None:
        collector.release(self.intake)

    def _session(self) -> None:
        if self._settings is None:
            raise StoreError(Failure(FailureKind.NO_CONNECTION))
        reading = self._reading = SetReading(Server(self._settings), self.spec.request, self)
        try:
            reading.open()
            if reading.read_everything():
                self._set_state(FeedState.PAUSED if self.paused else FeedState.LIVE)
                self.tell()
            reading.follow()
        finally:
            self._reading = None
            reading.close()


class SetReading:
    """One session. ``close`` may be called from another thread and ends a read that waits."""

    def __init__(self, server: Server, request: ReadRequest, feed: SetFeed):
        self._server, self._request, self._feed = server, request, feed
        self._intake, self._figures = feed.intake, feed.figures
        self._watch: Optional[ChangeWatch] = None
        self._resolved: Optional[Resolved] = None
        self._is_one = False
        self._full_at = time.monotonic()

    def open(self) -> None:
        """Ask how the set is read, and let the server tell what changes where it can."""
        first = self._server.key(self._request.source)
        self._resolved = resolve(self._server, self._request, [first])
        self._is_one = "*" not in self._request.source and self._resolved.declared is None
        self._figures.note = None
        try:
            self._watch = self._open_watch(self._resolved)
        except exceptions.ResponseError as error:
            self._figures.note = classify(error)
        self._figures.tracking = self._watch is not None

    def close(self) -> None:
        """Close the connections."""
        self._figures.tracking = False
        self._server.close()
        if self._watch is not None:
            self._watch.close()

    def read_everything(self) -> bool:
        """Read all keys of the set; whether it came to its end."""
        resolved, feed = self._resolved, self._feed
        assert resolved is not None
        watch = Watch(lambda: not feed.alive())
        collector.hold(self._intake)
        feed.take_asked()
        try:
            keys = keys_of(self._server, resolved, watch)
            found = read_keys(self._server, resolved, keys, watch, self._is_one, self._intake.schema)
            if not feed.alive():
                return False
            self._intake.replace(found, feed.tell)
        finally:
            collector.release(self._intake)
        self._figures.full_reads += 1
        self._full_at = time.monotonic()
        return True

    def follow(self) -> None:
        """Read what changes, at most once an interval, until the feed ends it."""
        feed, last = self._feed, time.monotonic()
        while feed.alive():
            changed = self._await(last + feed.spec.interval - time.monotonic())
            now = time.monotonic()
            if feed.paused or not feed.alive() or now - last < feed.spec.interval:
                continue
            if changed or self._full_due(now):
                last = now
                self._read_changes(now)
                feed.tell()

    def _open_watch(self, resolved: Resolved) -> Optional[ChangeWatch]:
        """What tells of changes; None where all keys of the server would be told of."""
        starts = [one.literal for one in resolved.patterns]
        return ChangeWatch(self._server, starts) if starts and all(starts) else None

    def _await(self, due: float) -> bool:
        """Wait for changes, at most ``due`` seconds; whether there is something to be read."""
        watch, feed = self._watch, self._feed
        if watch is None:
            feed.wait(min(max(due, 0.0), LONGEST_WAIT) if not feed.paused else LONGEST_WAIT)
            return due <= LONGEST_WAIT
        if feed.paused:
            feed.wait(LONGEST_WAIT)
        watch.wait(0.0 if feed.paused else LONGEST_WAIT if not watch.changes else max(due, 0.0))
        return watch.everything or bool(watch.changes) or feed.has_asked

    def _full_due(self, now: float) -> bool:
        """Whether all is to be read again by the clock: on a cluster a change may be lost with a node."""
        return self._server.is_cluster and now - self._full_at > FULL_EVERY

    def _read_changes(self, now: float) -> None:
        watch = self._watch
        self._figures.reads += 1
        if watch is None or watch.everything or self._full_due(now):
            if watch is not None:
                watch.everything = False
                watch.changes.forget()
                if self._server.is_cluster:
                    watch.follow_nodes()
            self.read_everything()
            return
        keys = self._feed.take_asked()
        keys.update(key for key in watch.changes.take(len(watch.changes)) if self._is_ours(key))
        self._read_some(sorted(keys))

    def _read_some(self, keys: list[bytes]) -> None:
        assert self._resolved is not None
        for start in range(0, len(keys), KEYS_A_ROUND):
            some = keys[start : start + KEYS_A_ROUND]
            watch = Watch(lambda: not self._feed.alive())
            found = read_keys(self._server, self._resolved, some, watch, self._is_one, self._intake.schema)
            if not self._feed.alive():
                return
            if not self._intake.change(found, some):
                self.read_everything()
                return
            self._feed.tell()
            self._intake.wait_until_taken(WINDOW_TIMEOUT)

    def _is_ours(self, key: bytes) -> bool:
        """Whether a key that changed is one of the set."""
        assert self._resolved is not None
        if self._intake.knows(key):
            return True
        if all(one.ident(key) is None for one in self._resolved.patterns):
            return False
        lead = len(self._server.settings.key_prefix.encode())
        named = self._resolved.request.source.rstrip("*")
        return is_book(named) or not is_book(text_of(key[lead:]))
