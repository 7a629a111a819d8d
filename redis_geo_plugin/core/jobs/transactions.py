"""The books kept without scripts, for users who may not run them: transactions, and what decides them looked
up just before.

What counts is watched from the look on (``redis/guarded``): a batch counts each job once, whoever else books
meanwhile, and a transaction whose reply was lost is found done. Between the look at who owns a job and the
transaction another worker could take it over; as claims are renewed long before they run out, that takes a
pause of the whole machine in between, and its worst is a job computed twice into the same key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Optional, TypeVar

from ..redis.guarded import Step, WatchKeys, guarded_by
from ..redis.redispy import exceptions
from ..redis.types import Reply, Word
from . import model
from .looks import BookLooks, Fields
from .model import Place, SettleRow
from .names import (
    AGAIN,
    BATCH_PARTS,
    BY_PRIORITY,
    DROPPED,
    GROUP,
    RETURNED,
    STREAMS,
    Priority,
    priority_of,
)

Commands = list[Sequence[Word]]
TRIES = 1000  # each that is lost is another worker's who booked: somebody always gets on
_Result = TypeVar("_Result")


class TransactionBooks(BookLooks):
    """``client``: a redis-py client or cluster client; ``p``: the start of the keys of the queue's books."""

    def enqueue(
        self,
        batch: str,
        chunk: int,
        stream: str,
        shared: Mapping[bytes, bytes],
        rows: Sequence[model.JobRow],
    ) -> int:
        """As ``Books.enqueue``."""
        if not self._is_sound(batch):
            raise exceptions.ResponseError(f"DAMAGED the books of batch {batch}")
        if self._kind(self.p + stream.encode()) not in ("none", "stream"):
            raise exceptions.ResponseError(f"WRONGTYPE {stream}")
        chunks = self._head(batch) + b":morceaux"

        def step(watch: WatchKeys) -> tuple[Commands, int]:
            watch([chunks])
            if self._client.sismember(chunks, chunk):
                return [], watch.before if watch.unanswered else 0
            return [("SADD", chunks, chunk), *self._sent(batch, stream, shared, rows)], len(rows)

        sent = self._guard(step)
        if sent:
            self._touch(batch)
        return sent

    def _sent(
        self, batch: str, stream: str, shared: Mapping[bytes, bytes], rows: Sequence[model.JobRow]
    ) -> Commands:
        key, found = self._head(batch), Commands()
        for row in rows:
            found.append(("HSET", key + b":taches", row.index, row.meta))
            if row.code:
                found += self._booked(batch, row.index.decode(), row.code, "")
            else:
                found.append(_added(self.p + stream.encode(), {**shared, **row.fields}))
        found.append(("HINCRBY", key, "envoyees", len(rows)))
        found.append(("HINCRBY", key, "octets", model.bytes_sent(shared, rows)))
        return found

    def seal(self, batch: str, total: int) -> None:
        """As ``Books.seal``."""
        if self._is_sound(batch):
            self._client.hset(self._head(batch), "total", total)
            self._touch(batch)
            self._seal(batch)

    def settle(self, worker: str, rows: Sequence[SettleRow]) -> list[int]:
        """As ``Books.settle``."""
        reply: list[int] = []
        batches: dict[str, bool] = {}  # whether its books are sound
        for row in rows:
            if row.batch not in batches:
                batches[row.batch] = self._is_sound(row.batch)
            step = partial(self._ended, worker, row, batches[row.batch])
            # a count of this worker that holds rubbish stays as it is
            reply.append(self._guard(step, int(row.code in model.WORKED)))
        for batch, sound in batches.items():
            if sound:
                self._seal(batch)
        return reply

    def _ended(self, worker: str, row: SettleRow, is_sound: bool, watch: WatchKeys) -> tuple[Commands, int]:
        """What books one job as ended; nothing where the worker does not own it."""
        self._watch(watch, row.batch)
        owner = self._owner(row.stream, row.id)
        if owner != worker.encode():
            return [], _done_before(watch, owner)
        found = Commands()
        if is_sound and self._is_unbooked(row.batch, row.number):
            found += self._booked(row.batch, row.number, row.code, row.detail, row.size)
        found += self._dropped(row.stream, row.id)
        if row.code in model.WORKED:
            found.append(("HINCRBY", self.p + b"faits", worker, 1))
        return found, 1

    def put_off(
        self, worker: str, verdict: str, row: SettleRow, pause_ms: int, changes: Mapping[bytes, bytes]
    ) -> int:
        """As ``Books.put_off``."""
        if self._owner(row.stream, row.id) != worker.encode():
            return 0
        for book, kind in ((b"echeances", "zset"), (b"ecartees", "stream")):
            if self._kind(self.p + book) not in ("none", kind):
                raise exceptions.ResponseError(f"WRONGTYPE {book.decode()}")
        due = self.now_ms() + pause_ms
        is_booked = verdict == "a" and self._is_sound(row.batch)

        def step(watch: WatchKeys) -> tuple[Commands, int]:
            if verdict == "a":
                watch([self.p + b"ecartees"])
                self._watch(watch, row.batch if is_booked else "")
            owner = self._owner(row.stream, row.id)
            if owner != worker.encode():
                return [], _done_before(watch, owner)
            fields = self._entry(row.stream, row.id)
            found = Commands()
            if fields is not None and verdict == "a":
                found = self._aside(row, {**fields, **changes}, is_booked)
            elif fields is not None:
                found = self._later(row, {**fields, **changes}, due, AGAIN if verdict == "r" else "")
            return [*found, *self._dropped(row.stream, row.id)], 1

        kept = self._guard(step)
        self._touch(row.batch)
        if is_booked:  # also where no reply came, and the job is found gone
            self._seal(row.batch)
        return kept

    def _later(self, row: SettleRow, fields: Fields, due: int, again: str) -> Commands:
        """What puts a job back when it is due."""
        name = f"{priority_of(row.stream)}{again}|{row.stream}|{row.id}".encode()
        key = self.p + b"differee:" + name
        put: Commands = [("DEL", key), ("HSET", key, *_flat(fields))]
        return [*put, ("ZADD", self.p + b"echeances", due, name)]

    def _aside(self, row: SettleRow, fields: Fields, is_booked: bool) -> Commands:
        """What sets a job aside, and counts it as failed."""
        first = {b"flux": priority_of(row.stream).encode()}
        found: Commands = [_added(self.p + b"ecartees", {**first, **fields})]
        if is_booked and self._is_unbooked(row.batch, row.number):
            found += self._booked(row.batch, row.number, row.code, row.detail, row.size)
        return found

    def promote(self, count: int) -> int:
        """As ``Books.promote``."""
        due, now = self.p + b"echeances", self.now_ms()
        names = self._client.zrangebyscore(due, "-inf", now, start=0, num=count)
        # put off while the server's clock was ahead: no pause is so long
        names += self._client.zrangebyscore(due, now + model.TOO_FAR_MS, "+inf", start=0, num=count)
        return sum(self._promote(name) for name in names)

    def _promote(self, name: bytes) -> int:
        due, key = self.p + b"echeances", self.p + b"differee:" + name
        stream = name.split(b"|")[0]
        known = stream.decode("utf-8", "replace") in STREAMS

        def step(watch: WatchKeys) -> tuple[Commands, Optional[Fields]]:
            watch([due])
            if self._client.zscore(due, name) is None:  # another worker was quicker, or this one
                return [], watch.before
            fields = self._client.hgetall(key) if known and self._kind(key) == "hash" else {}
            put = [_added(self.p + stream, fields), ("DEL", key)] if fields else []
            return [*put, ("ZREM", due, name)], fields

        fields = self._guard(step)
        if fields is None:
            return 0
        self._touch(_text(fields.get(b"lot")))
        return 1

    def requeue(self, ids: Sequence[str]) -> int:
        """As ``Books.requeue``."""
        return sum(self._requeue(id) for id in ids)

    def _requeue(self, id: str) -> int:
        def step(watch: WatchKeys) -> tuple[Commands, Optional[str]]:
            watch([self.p + b"ecartees"])
            fields = self._entry("ecartees", id)
            if fields is None:
                return [], watch.before
            batch = _text(fields.get(b"lot"))
            self._watch(watch, batch)
            return self._again(id, fields, batch), batch

        batch = self._guard(step)
        if batch is None:
            return 0
        self._touch(batch)
        return 1

    def _again(self, id: str, fields: Fields, batch: str) -> Commands:
        """What sends a job that was set aside again."""
        index, key = fields.get(b"n", b""), self._head(batch)
        stream = _text(fields.get(b"flux"))
        stream = stream if stream in STREAMS else BY_PRIORITY[Priority.NORMAL]
        dropped = {name.encode() for name in DROPPED}
        kept = {name: value for name, value in fields.items() if name not in dropped}
        found = Commands()
        if kept:
            found.append(_added(self.p + stream.encode(), kept))
        if self._is_sound(batch) and self._client.hexists(key + b":issues", index):
            found.append(("HDEL", key + b":issues", index))
            found.append(("HINCRBY", key, "f", -1))
            found.append(("HINCRBY", key, "octets_finis", -sum(map(len, kept.values()))))
            found.append(("HDEL", key, "fin"))
            found.append(_added(key + b":fini", {b"n": index, b"c": b"r"}))
            found += [("PERSIST", key + part.encode()) for part in BATCH_PARTS]
        return [*found, ("XDEL", self.p + b"ecartees", id)]

    def lose(self, batch: str, put: bytes, indexes: Sequence[int]) -> int:
        """As ``Books.lose``."""
        if not self._is_sound(batch):
            return 0

        def step(watch: WatchKeys) -> tuple[Commands, int]:
            self._watch(watch, batch)
            if (self._client.hget(self._head(batch), "dernier") or b"") != put:
                return [], -1
            fresh = [index for index in map(str, indexes) if self._is_unbooked(batch, index)]
            booked = [self._booked(batch, index, model.Code.LOST, "") for index in fresh]
            return [words for some in booked for words in some], len(fresh)

        lost = self._guard(step)
        if lost >= 0:
            self._seal(batch)
        return lost

    def renew(self, worker: str, places: Sequence[Place]) -> list[int]:
        """As ``Books.renew``."""
        reply = []
        for stream, id in places:
            ours = self._owner(stream, id) == worker.encode()
            if ours:
                self._client.xclaim(self.p + stream.encode(), GROUP, worker, 0, [id], justid=True)
            reply.append(int(ours))
        return reply

    def hand_back(self, worker: str, places: Sequence[Place]) -> int:
        """As ``Books.hand_back``."""
        given = 0
        for stream, id in places:
            if self._owner(stream, id) == worker.encode():
                key = self.p + stream.encode()
                self._client.xclaim(key, GROUP, RETURNED, 0, [id], idle=86400000, justid=True)
                given += 1
        return given

    def take_over(self, worker: str, idle_ms: int, count: int, returned: str) -> list[list[Reply]]:
        """As ``Books.take_over``."""
        reply: list[list[Reply]] = []
        owner = RETURNED if returned else None
        for stream in [returned] if returned else STREAMS:
            key = self.p + stream.encode()
            if len(reply) >= count or self._kind(key) != "stream":
                continue
            room = count - len(reply)
            rows = self._client.xpending_range(key, GROUP, "-", "+", room, owner, idle=idle_ms)
            for row in rows:
                reply += self._claimed(worker, idle_ms, stream, row)
        return reply

    def _claimed(self, worker: str, idle_ms: int, stream: str, row: Mapping[str, Any]) -> list[list[Reply]]:
        """A pending entry, claimed: none where another was quicker, or where the entry was trimmed away."""
        key, mark = self.p + stream.encode(), b" " + stream.encode() + b"|" + row["message_id"] + b" "
        claimed = self._client.xclaim(key, GROUP, worker, idle_ms, [row["message_id"]])
        if not claimed and self._entry(stream, row["message_id"].decode()) is None:
            self._client.xack(key, GROUP, row["message_id"])
        try:
            current = self._client.hget(self.p + b"en_cours", row["consumer"]) or b""
        except exceptions.ResponseError:  # of another type
            current = b""
        suspect = row["consumer"] != worker.encode() and mark in current
        return [
            [
                stream.encode(),
                id,
                int(suspect),
                row["times_delivered"] + 1,
                [word for pair in fields.items() for word in pair],
            ]
            for id, fields in claimed
            if fields is not None
        ]

    def beat(self, worker: str, line: str, current: str) -> int:
        """As ``Books.beat``."""
        now = self.now_ms()
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(self.p + b"travailleurs", worker, line)
            if current:
                pipe.hset(self.p + b"en_cours", worker, current)
            else:
                pipe.hdel(self.p + b"en_cours", worker)
            pipe.zadd(self.p + b"vus", {worker: now})
            pipe.execute()
        return now

    def bridge(self, list_key: bytes, name: str, side: bytes, count: int) -> int:
        """By a side list of the worker: LMOVE, then XADD and LREM in one transaction."""
        moved = 0
        while moved < count:
            item = self._client.lmove(list_key, side, "RIGHT", "LEFT")
            if item is None:
                break
            self.from_side_list(side, name, item)
            moved += 1
        return moved

    def from_side_list(self, side: bytes, name: str, item: bytes) -> int:
        """XADD and LREM in one transaction; 0 where another worker was quicker."""

        def step(watch: WatchKeys) -> tuple[Commands, int]:
            watch([side])
            if self._client.lindex(side, -1) != item and item not in self._client.lrange(side, 0, -1):
                return [], _done_before(watch)
            stream = self.p + BY_PRIORITY[Priority.NORMAL].encode()
            return [_added(stream, plain_fields(name, item)), ("LREM", side, -1, item)], 1

        return self._guard(step)

    def prune(self, seconds: float) -> int:
        """As ``Books.prune``."""
        struck = 0
        before = self.now_ms() - int(seconds * 1000)
        streams = [s.encode() for s in STREAMS if self._kind(self.p + s.encode()) == "stream"]
        for worker in self._client.zrangebyscore(self.p + b"vus", "-inf", before, start=0, num=100):
            if any(self._client.xpending_range(self.p + s, GROUP, "-", "+", 1, worker) for s in streams):
                continue
            for stream in streams:
                self._client.xgroup_delconsumer(self.p + stream, GROUP, worker)
            with self._client.pipeline(transaction=True) as pipe:
                pipe.hdel(self.p + b"travailleurs", worker)
                pipe.hdel(self.p + b"en_cours", worker)
                pipe.hdel(self.p + b"faits", worker)
                pipe.zrem(self.p + b"vus", worker)
                pipe.execute()
            struck += 1
        return struck

    def _booked(self, batch: str, index: str, code: str, detail: str, size: int = 0) -> Commands:
        """What counts a job as ended."""
        key = self._head(batch)
        found: Commands = [
            ("HSET", key + b":issues", index, code + detail),
            _added(key + b":fini", {b"n": index.encode(), b"c": code.encode()}),
            ("HINCRBY", key, code, 1),
        ]
        return [*found, ("HINCRBY", key, "octets_finis", size)] if size else found

    def _dropped(self, stream: str, id: str) -> Commands:
        """What removes a job from its stream."""
        key = self.p + stream.encode()
        return [("XACK", key, GROUP, id), ("XDEL", key, id)]

    def _watch(self, watch: WatchKeys, batch: str) -> None:
        """Watch which jobs of a batch are counted."""
        if batch:
            watch([self._head(batch) + b":issues"])

    def _guard(self, step: Step[_Result], uncounted: int = 0) -> _Result:
        """Do a step while nobody else changes what it watches; of its last replies so many may be errors."""
        return guarded_by(
            self._client, step, lambda replies: _settled(replies[: len(replies) - uncounted]), TRIES
        )


def _done_before(watch: WatchKeys, owner: Optional[bytes] = None) -> int:
    """What an attempt before has done whose reply was lost: all, where nobody owns the job any more."""
    return int(watch.before) if watch.unanswered and owner is None else 0


def plain_fields(name: str, item: bytes) -> Fields:
    """The stream entry of an item of the plain list of this name."""
    return {b"f": model.FORMAT, b"liste": name.encode(), b"brut": item}


def _added(key: bytes, fields: Mapping[bytes, bytes]) -> Sequence[Word]:
    return ("XADD", key, "*", *_flat(fields))


def _flat(fields: Mapping[bytes, bytes]) -> list[bytes]:
    return [word for pair in fields.items() for word in pair]


def _settled(replies: Sequence[Reply]) -> None:
    """Raise the first error but that of a count which holds rubbish."""
    for reply in replies:
        if isinstance(reply, Exception) and "not an integer" not in str(reply):
            raise reply


def _text(raw: Optional[bytes]) -> str:
    return (raw or b"").decode("utf-8", "replace")
