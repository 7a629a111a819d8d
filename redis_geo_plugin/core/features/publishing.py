"""Publishing features: a key for each, or all of them in one (``collection_publishing``).

A set is known by the template of its keys. The keys that were published under it stand in a book of its own,
a plain set; replacing deletes what the book lists and the layer no longer holds, where it is still of the
type that was written, and nothing else. Keys of others are never deleted, whatever they are called, and a key
that holds another type of value is left as it is: keys are watched from the look at them to the change.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Optional

from .. import keys
from ..geometry.walk import Unsound
from ..redis import production, sized
from ..redis.failures import Failure, FailureKind, StoreError
from ..redis.guarded import KeysBusy, WatchKeys, guarded
from ..redis.redispy import exceptions, key_slot
from ..redis.scanning import Cursor
from ..redis.server import Server
from ..redis.types import Reply, Word
from ..watch import Watch
from .collection_publishing import CollectionPublisher
from .publish_requests import NotFeatures, PublishMode, PublishReport, PublishRequest
from .refusals import Refused, WhyRefused
from .writing import WRITERS, PublishFormat, PublishRow, WrittenValue

__all__ = [
    "CollectionPublisher",
    "FeaturePublisher",
    "NotFeatures",
    "PublishMode",
    "PublishReport",
    "PublishRequest",
    "book_of",
    "publisher",
]

# The command and the type of key of each format that has a key a feature.
COMMANDS = {
    PublishFormat.GEOJSON: ("SET", "string"),
    PublishFormat.HASH: ("HSET", "hash"),
    PublishFormat.DOCUMENT: ("JSON.SET", "ReJSON-RL"),
    PublishFormat.WKB: ("SET", "string"),
}
BLOCK = 500  # features of one round trip
STAGED_TTL = 3600  # seconds after which the leavings of an interrupted replacement go by themselves
RENEWED = STAGED_TTL / 4  # seconds after which that is put off
# Keys that are watched at most: Redis 7.0 takes 2 s for as many, and four times that for twice as many.
WATCHED = 10_000
_STARTS = {PublishFormat.GEOJSON: (b"{",), PublishFormat.WKB: (b"\0", b"\1")}  # of what was published
_NONE = b"none"


def book_of(server: Server, template: str) -> bytes:
    """The key of the book of a set."""
    return server.key(f"{keys.PUBLISHED}:{template}")


class _Staged(NamedTuple):
    """A feature in the making: where it stands, the key that it is for, its id."""

    staged: bytes
    key: bytes
    id: str


@dataclass
class _Outcome:
    """What comes of some features; told in the report once it is done."""

    added: int = 0
    changed: int = 0
    kept: int = 0
    refused: list[tuple[bytes, str]] = field(default_factory=list)
    done: list[bytes] = field(default_factory=list)
    deleted: int = 0

    def takes(self, key: bytes, ident: str, fate: Optional[WhyRefused], mode: PublishMode) -> bool:
        """Count a feature; whether it is to be written, by what stands under its key."""
        if fate is WhyRefused.ANOTHER_TYPE:
            self.refused.append((key, ident))
            return False
        if fate is WhyRefused.EXISTS and mode is PublishMode.NEW:
            self.kept += 1
            return False
        self.added += fate is None
        self.changed += fate is WhyRefused.EXISTS
        self.done.append(key)
        return True

    def tell(self, report: PublishReport) -> None:
        """Add this to the report."""
        report.added += self.added
        report.changed += self.changed
        report.kept += self.kept
        report.deleted += self.deleted
        for key, ident in self.refused:
            report.refusals.add(key, WhyRefused.ANOTHER_TYPE, ident)


_Commands = list[Sequence[Word]]
_Good = tuple[bytes, PublishRow, WrittenValue]


class FeaturePublisher:
    """Writes blocks of rows (``add``), tells what will be deleted (``plan``), then ``finish``; ``abandon``
    after an error, or to stop. For one thread."""

    def __init__(self, server: Server, request: PublishRequest, watch: Optional[Watch] = None):
        production.check(server.settings)
        self.server, self.request, self.watch = server, request, watch or Watch()
        self.report = PublishReport()
        self._ask = sized.asker(server)
        self._book = book_of(server, request.template)
        self._had_book = bool(server.bulk.exists(self._book))
        self._seen: set[bytes] = set()
        self._unwritten: set[bytes] = set()  # keys of refused features, which are in the layer all the same
        self._staged: list[_Staged] = []
        self._renewed = time.monotonic()
        self._token = secrets.token_hex(8)
        self._planned: frozenset[bytes] = frozenset()  # the book as it was seen
        self._gone: Optional[list[bytes]] = None
        self._swapped: Optional[_Outcome] = None  # of a replacement that was sent
        self._command, self._type = COMMANDS[request.format]
        self._is_staged = request.mode is PublishMode.REPLACE and not server.is_cluster

    def add(self, rows: Sequence[PublishRow]) -> None:
        """Check and write a block; a replacement becomes visible with ``finish``."""
        for start in range(0, len(rows), BLOCK):
            self.watch.check()
            good = self._encoded(rows[start : start + BLOCK])
            if self._is_staged:
                self._stage(good)
            else:
                self._write(good)

    def plan(self) -> int:
        """How many keys of the set ``finish`` will delete: those of the book that are not in the layer any
        more, and still are of the type that was written."""
        if self.request.mode is not PublishMode.REPLACE:
            return 0
        if self._gone is None:
            listed, here = self._listed(), self._seen | self._unwritten
            self._planned = frozenset(listed)
            self._gone = self._ours([key for key in listed if key not in here])
        return len(self._gone)

    def finish(self) -> PublishReport:
        """Put a replacement in the place of what was there, in one step except on a cluster."""
        if self.request.mode is PublishMode.REPLACE:
            self.plan()
            if self._is_staged:
                guarded(self.server, self._swap).tell(self.report)
                self._staged = []
            else:
                self._delete_on_a_cluster(self._gone or [])
        return self.report

    def abandon(self) -> None:
        """Take away what stands beside; what was already added in place stays added. Raises nothing."""
        with suppress(exceptions.RedisError, StoreError, OSError):
            self.server.unlink([one.staged for one in self._staged])

    # -- a block -------------------------------------------------------------------------------------------

    def _write(self, good: list[_Good]) -> None:
        """Write features in place; on a cluster those of one slot at a time."""
        done: list[bytes] = []
        for some in self._by_slot(good):
            done += self._write_together(some)
        if done:
            if self.server.is_cluster:
                self.server.bulk.execute_command("SADD", self._book, *done)
            self._age_book()

    def _write_together(self, some: list[_Good]) -> list[bytes]:
        """Write features in one transaction; in smaller ones where others change the same keys. Returns the
        keys that were written."""
        try:
            outcome = guarded(self.server, partial(self._in_place, some))
        except KeysBusy:
            half = len(some) // 2
            if not half:
                raise
            return self._write_together(some[:half]) + self._write_together(some[half:])
        outcome.tell(self.report)
        return outcome.done

    def _by_slot(self, good: list[_Good]) -> Iterable[list[_Good]]:
        if not self.server.is_cluster:
            return [good] if good else []
        slots: dict[int, list[_Good]] = {}
        for one in good:
            slots.setdefault(key_slot(one[0]), []).append(one)
        return slots.values()

    def _in_place(self, good: list[_Good], watch: WatchKeys) -> tuple[_Commands, _Outcome]:
        """What writes features under their keys, while nothing else is written there."""
        found = [key for key, _, _ in good]
        watch(found)
        commands, outcome = _Commands(), _Outcome()
        for (key, row, written), fate in zip(good, self._fates(found)):
            if outcome.takes(key, row.id, fate, self.request.mode):
                commands += self._commands(key, written, fate is WhyRefused.EXISTS)
        if outcome.done and not self.server.is_cluster:
            commands.append(("SADD", self._book, *outcome.done))
        return commands, outcome

    def _stage(self, good: list[_Good]) -> None:
        """Write features beside, of which ``finish`` decides."""
        commands = _Commands()
        for key, row, written in good:
            staged = self._book + f":{self._token}:{len(self._staged)}".encode()
            self._staged.append(_Staged(staged, key, row.id))
            commands += self._commands(staged, written, False)
        for reply in self._ask(commands) if commands else ():
            _good(reply)
        if time.monotonic() - self._renewed > RENEWED:
            self._renew()

    def _renew(self) -> None:
        """Put off the end of what is in the making. Raises StoreError where some of it is no longer there."""
        there = sized.ask_all(self._ask, [("EXPIRE", one.staged, STAGED_TTL) for one in self._staged])
        if not all(_good(reply) for reply in there):
            raise StoreError(Failure(FailureKind.OTHER, "what was to replace the set is no longer there"))
        self._renewed = time.monotonic()

    def _encoded(self, rows: Sequence[PublishRow]) -> list[_Good]:
        """The rows that can be written, each with what is written; the others are refused."""
        found = []
        for row in rows:
            key = row.key
            if row.problem is not None or key is None:
                self._refuse(key, row.problem or WhyRefused.NO_KEY, row.id)
            elif key in self._seen:
                self.report.refusals.add(key, WhyRefused.DUPLICATE, row.id)
            else:
                try:
                    found.append((key, row, WRITERS[self.request.format](row, self.request.srid)))
                    self._seen.add(key)
                except (Refused, Unsound) as error:
                    said = error if isinstance(error, Refused) else Refused.of(error)
                    self._refuse(key, said.reason, row.id)
        return found

    def _refuse(self, key: Optional[bytes], reason: WhyRefused, ident: str) -> None:
        self.report.refusals.add(key or b"", reason, ident)
        if key is not None:
            self._unwritten.add(key)

    def _commands(self, key: bytes, written: WrittenValue, exists: bool) -> _Commands:
        """What writes one feature, with its lifetime."""
        words, without = written
        seconds = STAGED_TTL if self._is_staged else self.request.ttl
        if self._command == "SET":
            more: tuple[Word, ...] = ("EX", seconds) if seconds else ()
            return [("SET", key, *words, *more)]
        commands: _Commands = [(self._command, key, *words)]
        if without and exists:
            commands.append(("HDEL", key, *without))
        if seconds:
            commands.append(("EXPIRE", key, seconds))
        elif exists:
            commands.append(("PERSIST", key))
        return commands

    def _fates(self, found: list[bytes]) -> list[Optional[WhyRefused]]:
        """What stands under each key: None for nothing, EXISTS for what may be written over."""
        kinds = self._types(found)
        return [
            None if kind == _NONE else WhyRefused.EXISTS if mine else WhyRefused.ANOTHER_TYPE
            for kind, mine in zip(kinds, self._are_ours(found, kinds))
        ]

    def _types(self, found: list[bytes]) -> list[bytes]:
        return [_good(kind) for kind in sized.ask_all(self._ask, [("TYPE", key) for key in found])]

    def _are_ours(self, found: list[bytes], kinds: list[bytes]) -> list[bool]:
        """Whether each key holds the type of value that is published, beginning as it does."""
        right = [kind == self._type.encode() for kind in kinds]
        starts = _STARTS.get(self.request.format)
        if starts is None or not any(right):
            return right
        heads = sized.ask_all(self._ask, [("GETRANGE", key, 0, 0) for key in found])
        return [is_right and head in starts for is_right, head in zip(right, heads)]

    # -- replacing -----------------------------------------------------------------------------------------

    def _listed(self) -> list[bytes]:
        """The keys in the book, each once."""
        cursor, found = Cursor(0, 1000), set[bytes]()
        while not cursor.done:
            self.watch.check()
            following, members = self.server.bulk.execute_command(
                "SSCAN", self._book, cursor.value, "COUNT", 1000
            )
            cursor.move(following)
            found.update(members)
        return sorted(found)

    def _ours(self, found: list[bytes]) -> list[bytes]:
        """Those of these keys that hold what is published."""
        return [key for key, mine in zip(found, self._are_ours(found, self._types(found))) if mine]

    def _swap(self, watch: WatchKeys) -> tuple[_Commands, _Outcome]:
        """Everything in one transaction: readers see the old set or the new one. What others have written
        since ``plan`` stays, and stays in the book."""
        self.watch.check()
        watch([self._book])
        listed = self._listed()
        if self._swapped is not None and self._is_swapped(listed):
            return [], self._swapped  # it was done, and the answer got lost
        old, targets = self._gone or [], [one.key for one in self._staged]
        watch([*old, *targets][:WATCHED])
        self._renew()
        gone, outcome = self._ours(old), _Outcome()
        commands, ttl = _Commands(), self.request.ttl
        for one, fate in zip(self._staged, self._fates(targets)):
            if not outcome.takes(one.key, one.id, fate, self.request.mode):
                commands.append(("UNLINK", one.staged))
                continue
            commands.append(("RENAME", one.staged, one.key))
            commands.append(("EXPIRE", one.key, ttl) if ttl else ("PERSIST", one.key))
        commands += [("UNLINK", *gone[start : start + 1000]) for start in range(0, len(gone), 1000)]
        commands += self._new_book(outcome.done, listed)
        outcome.deleted = len(gone)
        self._swapped = outcome
        return commands, outcome

    def _is_swapped(self, listed: list[bytes]) -> bool:
        """Whether a replacement that was sent has been done after all."""
        left = sized.ask_all(self._ask, [("EXISTS", one.staged) for one in self._staged])
        done = self._swapped.done if self._swapped is not None else []
        return bool(done) and not any(_good(reply) for reply in left) and set(done) <= set(listed)

    def _new_book(self, written: list[bytes], listed: list[bytes]) -> _Commands:
        """What makes the book: what was written, and what it listed that stays: of refused features, and
        of others who have published under the same template since."""
        stays = self._unwritten.union(key for key in listed if key not in self._planned)
        kept = [key for key in listed if key in stays and key not in self._seen]
        book, ttl = [*written, *kept], self.request.ttl
        left = self.server.bulk.pttl(self._book) if kept and ttl else 0
        commands: _Commands = [("UNLINK", self._book)]
        commands += [("SADD", self._book, *book[start : start + 1000]) for start in range(0, len(book), 1000)]
        if ttl and book and left != -1:
            commands.append(("EXPIRE", self._book, max(ttl, math.ceil(left / 1000))))
        return commands

    def _delete_on_a_cluster(self, gone: list[bytes]) -> None:
        """Key by key, and then from the book; what another client publishes meanwhile stays in it."""
        for key in gone:
            self.watch.check()
            self.report.deleted += guarded(self.server, partial(self._deletion, key))
        for start in range(0, len(gone), 1000):
            self.server.bulk.execute_command("SREM", self._book, *gone[start : start + 1000])
        if again := self._ours(gone):
            self.server.bulk.execute_command("SADD", self._book, *again)

    def _deletion(self, key: bytes, watch: WatchKeys) -> tuple[_Commands, int]:
        watch([key])
        ours = self._ours([key])
        return [("UNLINK", *ours)] if ours else [], len(ours)

    def _age_book(self) -> None:
        """The book lives as long as the longest-lived of its keys."""
        bulk, ttl = self.server.bulk, self.request.ttl
        if not ttl:
            bulk.persist(self._book)
        elif not self._had_book or 0 <= bulk.pttl(self._book) < ttl * 1000:
            bulk.expire(self._book, ttl)


def publisher(
    server: Server, request: PublishRequest, watch: Optional[Watch] = None
) -> FeaturePublisher | CollectionPublisher:
    """What writes features as a request has it."""
    if request.format is PublishFormat.COLLECTION:
        return CollectionPublisher(server, request, watch)
    return FeaturePublisher(server, request, watch)


def _good(reply: Reply) -> Reply:
    if isinstance(reply, Exception):
        raise reply
    return reply
