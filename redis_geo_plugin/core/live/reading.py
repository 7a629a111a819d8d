"""Reading a source over one connection: a full read, then the changes, until the connection is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional, Protocol

from ..redis import production
from ..redis.failures import Failure, StoreError, classify
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..watch import Watch
from .fences import STREAM
from .intake import PositionIntake
from .reader import Reader
from .resting import Resting
from .sources.base import Batch, Source
from .spec import FeedSpec
from .tracking import LONGEST_WAIT, ChangeWatch

KEYS_A_ROUND = 10_000
PING_AFTER = 2.0  # seconds without a word to the server
WINDOW_TIMEOUT = 0.25  # seconds that a round of reading waits for a busy window
SILENT_EVERY = 5.0  # seconds between two looks for vehicles that have been silent for too long
LAYOUT_EVERY = 2.0  # seconds between two questions who serves which slots of a cluster
MOVING_EVERY = 5.0  # seconds between two full reads while the slots of a cluster move
LOOK_SHARE = 0.05  # of the time is for names of new vehicles, while all are read in turn ...
LONGEST_LOOK = 1.0  # ... and so many seconds at a time, as the map waits meanwhile
FULL_EVERY = 60.0  # seconds between two full reads of a cluster, where a change may be lost with a node


@dataclass
class ReadingFigures:
    """What the readings of a feed tell of themselves.

    ``tracking``: the server tells what changes. ``resting``: it would, but so much changes that everything is
    read in turn. ``note``: why it does not, or what is missing. ``reads`` and ``full_reads`` count since the
    feed was made.
    """

    tracking: bool = False
    resting: bool = False
    note: Optional[Failure] = None
    reads: int = 0
    full_reads: int = 0


class FeedControl(Protocol):
    """The interface of the feed that a reading serves."""

    spec: FeedSpec

    @property
    def paused(self) -> bool:
        """Whether the feed is paused."""

    @property
    def period(self) -> float:
        """Seconds from one reading to the next."""

    def alive(self) -> bool:
        """Whether the feed goes on."""

    def tell(self) -> None:
        """Notify the window of changes."""

    def wait(self, seconds: float) -> None:
        """Wait for a time, or until the feed is given other settings."""


class Reading:
    """One session of a feed's thread. ``close`` may be called from another thread and ends a read that waits.

    Raises redis-py's errors when the connection is lost.
    """

    def __init__(
        self,
        server: Server,
        source: Source,
        intake: PositionIntake,
        figures: ReadingFigures,
        feed: FeedControl,
    ):
        self._server, self._source, self._intake = server, source, intake
        self._figures, self._feed = figures, feed
        self._watch: Optional[ChangeWatch] = None
        self._resting = Resting()
        self.reader = Reader(server)
        self._swept = self._looked = self._full_at = self._turned = time.monotonic()
        self._full_due = False

    def open(self) -> None:
        """Prepare the source, and let the server tell what changes where it can."""
        self._source.open(self.reader)
        self._watch = self._open_watch()

    def close(self) -> None:
        """Close the connections of the reading; the source keeps what it knows."""
        self._figures.tracking = self._figures.resting = False
        self.reader.close()
        if self._watch is not None:
            self._watch.close()

    def read_everything(self) -> bool:
        """Read everything: vehicles that are not found are gone. Returns whether it came to its end."""
        source, intake, watch = self._source, self._intake, self._watch
        named: set[str] = set()
        for rows, _ in source.read_all(self.reader, Watch(lambda: not self._feed.alive())):
            intake.take_up(rows, [], source, live=False)
            if source.ends:
                named.update(intake.aliases.get(row.id, row.id) for row in rows)
            self._feed.tell()
            intake.wait_until_taken(WINDOW_TIMEOUT)
            if watch is not None:
                watch.wait(0.0)
        if not self._feed.alive():
            return False
        self._figures.full_reads += 1
        self._figures.note = self.reader.missing or self._figures.note
        if source.ends and not self.reader.away:
            intake.take_out([ident for ident in intake.positions.latest if ident not in named])
        intake.last_data_monotonic = self._full_at = time.monotonic()
        self._full_due = False
        return True

    def follow(self) -> None:
        """Read what changes, once a period, until the feed ends it."""
        last_read = last_ping = time.monotonic()
        while self._feed.alive():
            ready = self._await_changes(last_read + self._feed.period - time.monotonic())
            now = time.monotonic()
            self._forget_silent(now)
            self._follow_cluster(now)
            due = ready and not self._feed.paused and now - last_read >= self._feed.period
            if self._feed.alive() and due:
                last_read = last_ping = now
                self._read_changes()
                self._send_events()
            elif now - last_ping > PING_AFTER:
                last_ping = now
                self.reader.ping()

    def _open_watch(self) -> Optional[ChangeWatch]:
        """Return what tells of changes; None (and why, in the note) where the server does not."""
        self._figures.note = None
        prefixes = self._source.prefixes()
        if not prefixes:
            return None
        try:
            watch = ChangeWatch(self._server, prefixes)
        except exceptions.ResponseError as error:
            self._figures.note = classify(error)
            return None
        self._figures.tracking = True
        return watch

    def _await_changes(self, due: float) -> bool:
        """Wait for changes, at most ``due`` seconds."""
        watch = self._watch
        if self._feed.paused:
            self._feed.wait(LONGEST_WAIT)
            self._turned = time.monotonic()  # a pause is no time of which a share would be due
            if watch is not None:
                watch.wait(0.0)
            return False
        if watch is None or watch.resting:
            self._feed.wait(min(max(due, 0.0), LONGEST_WAIT))
        if watch is None:
            return True
        if watch.resting:
            watch.wait(0.0)  # that it lives, it has to prove all the same
        else:
            watch.wait(LONGEST_WAIT if not watch.changes else max(due, 0.0))
        if watch.everything:
            watch.everything = False
            watch.changes.forget()
            self._read_everything_again()
        return watch.resting or bool(watch.changes)

    def _read_everything_again(self) -> None:
        if self.read_everything():
            self._feed.tell()

    def _read_changes(self) -> None:
        self._figures.reads += 1
        watch = self._watch
        if watch is None:
            self._take_up(self._source.poll(self.reader))
        elif watch.resting:
            self._read_in_turn(watch)
        else:
            self._read_told(watch)

    def _take_up(self, batches: Iterator[Batch]) -> None:
        """Pass on what is read, until the feed ends it."""
        since = time.monotonic()
        for rows, gone in batches:
            self._intake.take_up(rows, gone, self._source, True, since)
            if not self._feed.alive():
                break
        self._feed.tell()

    def _read_told(self, watch: ChangeWatch) -> None:
        """Read what the server told of. Where that is a large part of all, it need not tell from now on."""
        left = told = len(watch.changes)  # those that come meanwhile wait for the next round
        while left > 0 and self._feed.alive():
            keys = watch.changes.take(min(left, KEYS_A_ROUND))
            left -= len(keys)
            self._read_keys(watch, keys)
        again, keys_known = len(watch.changes), self._source.told_keys
        if self._feed.alive() and self._resting.begins(told, again, keys_known, time.monotonic()):
            watch.rest()
            self._source.begin_to_look()
            self._turned = time.monotonic()
            self._show_way(resting=True)

    def _read_keys(self, watch: ChangeWatch, keys: Sequence[bytes]) -> None:
        self._intake.wait_until_taken(WINDOW_TIMEOUT)
        self._take_up(self._source.read(self.reader, keys))
        watch.wait(0.0)

    def _read_in_turn(self, watch: ChangeWatch) -> None:
        """Read all that is known, and look for what is new. Where little has changed for a while, the server
        tells again."""
        source, intake = self._source, self._intake
        began, before = time.monotonic(), intake.handed
        keys = source.in_turn()
        told = watch.changes.take(len(watch.changes))  # before the rest, new vehicles among them
        if told:
            keys = list(dict.fromkeys([*told, *keys]))
        for start in range(0, len(keys), KEYS_A_ROUND):
            if not self._feed.alive():
                return
            self._read_keys(watch, keys[start : start + KEYS_A_ROUND])
        share = LOOK_SHARE * (began - self._turned)
        self._take_up(source.look_for_new(self.reader, min(share, LONGEST_LOOK)))
        self._turned = began
        found, vehicles = intake.handed - before, min(len(keys), len(intake.positions.latest))
        if self._feed.alive() and self._resting.ends(found, vehicles, time.monotonic()):
            self._be_told_again(watch)

    def _be_told_again(self, watch: ChangeWatch) -> None:
        """Let the server tell what changes, and then read everything, so that nothing falls in between."""
        try:
            watch.wake()
        except exceptions.ResponseError as error:  # the right was withdrawn
            watch.close()
            self._watch = None
            self._figures.resting = False
            self._figures.note = classify(error)
            return
        self._show_way(resting=False)
        self._read_everything_again()

    def _show_way(self, resting: bool) -> None:
        self._figures.tracking, self._figures.resting = not resting, resting
        self._feed.tell()

    def _follow_cluster(self, now: float) -> None:
        """Follow the slots of a cluster to the nodes that serve them now, and read everything now and then.

        A vehicle whose slot has moved is written on another node, which may be new: it is watched too, and
        everything is read again, as what changed in between was told by nobody.
        """
        cluster, watch = self.reader.cluster, self._watch
        if cluster is None:
            return
        if now - self._looked >= LAYOUT_EVERY:
            self._looked = now
            if cluster.look_for_changes():
                self._full_due = True
                if watch is not None:
                    watch.follow_nodes()
        waited = now - self._full_at
        if self._feed.paused or not (waited > FULL_EVERY or (self._full_due and waited > MOVING_EVERY)):
            return
        self._read_everything_again()

    def _forget_silent(self, now: float) -> None:
        """Take out vehicles that have not reported for longer than the feed keeps them."""
        limit = self._feed.spec.forget_after
        if not limit or now - self._swept < SILENT_EVERY:
            return
        self._swept = now
        positions = self._intake.positions
        oldest = time.time() - limit - positions.correction
        self._intake.drop(positions.latest.older_than(oldest))
        self._feed.tell()

    def _send_events(self) -> None:
        """Write the events of geofences to their stream; what is not allowed or refused is said in the note.

        The key is always the plugin's own, whatever a project file names.
        """
        if not self._intake.outbox:
            return
        waiting = self._intake.take_outbox()
        try:
            production.check(self._server.settings)
        except StoreError as error:
            self._figures.note = error.failure
            return
        key = self._server.key(STREAM)
        for reply in self.reader.ask_many([event.command(key) for event in waiting]):
            if isinstance(reply, Exception):
                self._figures.note = classify(reply)
