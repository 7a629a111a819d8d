"""The books kept without scripts, for users who may not run them: transactions, and ownership looked up just
before.

Between the look and the transaction another worker could take a job over; as claims are renewed long before
they run out, that takes a pause of the whole machine in between, and its worst is a job computed twice into
the same key.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ..redis.redispy import exceptions
from ..redis.types import RedisClient, RedisPipeline, Reply
from . import model
from .model import Place, SettleRow
from .names import (
    AGAIN,
    BATCH_PARTS,
    BY_PRIORITY,
    DROPPED,
    GROUP,
    KEEP_SECONDS,
    LONGEST_KEPT,
    RETURNED,
    STREAMS,
    Priority,
    priority_of,
)

Fields = dict[bytes, bytes]


class TransactionBooks:
    """``client``: a redis-py client or cluster client; ``p``: the start of the keys of the queue's books."""

    def __init__(self, client: RedisClient, p: bytes):
        """As ``Books.__init__``."""
        self._client, self.p = client, p

    def enqueue(
        self,
        batch: str,
        chunk: int,
        stream: str,
        shared: Mapping[bytes, bytes],
        rows: Sequence[model.JobRow],
    ) -> int:
        """As ``Books.enqueue``."""
        key = self._head(batch)
        if not self._is_sound(batch):
            raise exceptions.ResponseError(f"DAMAGED the books of batch {batch}")
        if self._kind(self.p + stream.encode()) not in ("none", "stream"):
            raise exceptions.ResponseError(f"WRONGTYPE {stream}")
        if self._client.sismember(key + b":morceaux", chunk):
            return 0
        with self._client.pipeline(transaction=True) as pipe:
            pipe.sadd(key + b":morceaux", chunk)
            for row in rows:
                pipe.hset(key + b":taches", row.index, row.meta)
                if row.code:
                    self._book(pipe, batch, row.index.decode(), row.code, "")
                else:
                    pipe.xadd(self.p + stream.encode(), {**shared, **row.fields})
            pipe.hincrby(key, "envoyees", len(rows))
            pipe.hincrby(key, "octets", model.bytes_sent(shared, rows))
            pipe.execute()
        self._touch(batch)
        return len(rows)

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
        for stream, id, batch, index, code, detail, size in rows:
            if self._owner(stream, id) != worker.encode():
                reply.append(0)
                continue
            if batch not in batches:
                batches[batch] = self._is_sound(batch)
            fresh = batches[batch] and self._is_unbooked(batch, index)
            with self._client.pipeline(transaction=True) as pipe:
                if fresh:
                    self._book(pipe, batch, index, code, detail, size)
                self._drop(pipe, stream, id)
                counted = int(code in model.WORKED)
                if counted:
                    pipe.hincrby(self.p + b"faits", worker, 1)
                replies = pipe.execute(raise_on_error=False)
                _settled(replies[: len(replies) - counted])  # a count that holds rubbish stays as it is
            reply.append(1)
        for batch, sound in batches.items():
            if sound:
                self._seal(batch)
        return reply

    def put_off(
        self, worker: str, verdict: str, row: SettleRow, pause_ms: int, changes: Mapping[bytes, bytes]
    ) -> int:
        """As ``Books.put_off``."""
        stream, id, batch, index, code, detail, size = row
        if self._owner(stream, id) != worker.encode():
            return 0
        fields = self._entry(stream, id)
        fresh = verdict == "a" and self._is_sound(batch) and self._is_unbooked(batch, index)
        due = self.now_ms() + pause_ms
        back = priority_of(stream) + (AGAIN if verdict == "r" else "")
        name = f"{back}|{stream}|{id}".encode()
        for book, kind in ((b"echeances", "zset"), (b"ecartees", "stream")):
            if self._kind(self.p + book) not in ("none", kind):
                raise exceptions.ResponseError(f"WRONGTYPE {book.decode()}")
        with self._client.pipeline(transaction=True) as pipe:
            if fields is not None and verdict != "a":
                pipe.delete(self.p + b"differee:" + name)
                pipe.hset(self.p + b"differee:" + name, mapping={**fields, **changes})
                pipe.zadd(self.p + b"echeances", {name: due})
            elif fields is not None:
                pipe.xadd(self.p + b"ecartees", {b"flux": priority_of(stream).encode(), **fields, **changes})
                if fresh:
                    self._book(pipe, batch, index, code, detail, size)
            self._drop(pipe, stream, id)
            _settled(pipe.execute(raise_on_error=False))
        self._touch(batch)
        if fresh:
            self._seal(batch)
        return 1

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
        with self._client.pipeline(transaction=True) as pipe:
            pipe.watch(due)
            if pipe.zscore(due, name) is None:
                return 0
            fields = pipe.hgetall(key) if known and self._kind(key) == "hash" else {}
            pipe.multi()
            if fields:
                pipe.xadd(self.p + stream, fields)
                pipe.delete(key)
            pipe.zrem(due, name)
            try:
                pipe.execute()
            except exceptions.WatchError:
                return 0  # another worker was quicker
        self._touch(_text(fields.get(b"lot")))
        return 1

    def requeue(self, ids: Sequence[str]) -> int:
        """As ``Books.requeue``."""
        return sum(self._requeue(id) for id in ids)

    def _requeue(self, id: str) -> int:
        fields = self._entry("ecartees", id)
        if fields is None:
            return 0
        batch, index = _text(fields.get(b"lot")), fields.get(b"n", b"")
        stream = _text(fields.get(b"flux"))
        stream = stream if stream in STREAMS else BY_PRIORITY[Priority.NORMAL]
        key = self._head(batch)
        booked = self._is_sound(batch) and bool(self._client.hexists(key + b":issues", index))
        with self._client.pipeline(transaction=True) as pipe:
            dropped = {name.encode() for name in DROPPED}
            kept = {name: value for name, value in fields.items() if name not in dropped}
            if kept:
                pipe.xadd(self.p + stream.encode(), kept)
            if booked:
                pipe.hdel(key + b":issues", index)
                pipe.hincrby(key, "f", -1)
                pipe.hincrby(key, "octets_finis", -sum(map(len, kept.values())))
                pipe.hdel(key, "fin")
                pipe.xadd(key + b":fini", {"n": index, "c": "r"})
                for part in BATCH_PARTS:
                    pipe.persist(key + part.encode())
            pipe.xdel(self.p + b"ecartees", id)
            _settled(pipe.execute(raise_on_error=False))
        self._touch(batch)
        return 1

    def lose(self, batch: str, put: bytes, indexes: Sequence[int]) -> int:
        """As ``Books.lose``."""
        key = self._head(batch)
        if not self._is_sound(batch):
            return 0
        if (self._client.hget(key, "dernier") or b"") != put:
            return -1
        fresh = [index for index in indexes if self._is_unbooked(batch, str(index))]
        with self._client.pipeline(transaction=True) as pipe:
            for index in fresh:
                self._book(pipe, batch, str(index), model.Code.LOST, "")
            _settled(pipe.execute(raise_on_error=False))
        self._seal(batch)
        return len(fresh)

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
        """XADD and LREM in one transaction that fails when another worker touched the side list."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.watch(side)
            if pipe.lindex(side, -1) != item and item not in pipe.lrange(side, 0, -1):
                return 0
            pipe.multi()
            pipe.xadd(self.p + BY_PRIORITY[Priority.NORMAL].encode(), plain_fields(name, item))
            pipe.lrem(side, -1, item)
            try:
                pipe.execute()
            except exceptions.WatchError:
                return 0
        return 1

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

    def now_ms(self) -> int:
        """The server's clock. Without the right to TIME: this machine's."""
        try:
            answer = self._client.time()
            if isinstance(answer, dict):  # a cluster answers per node
                answer = next(iter(answer.values()))
            return int(answer[0]) * 1000 + int(answer[1]) // 1000
        except exceptions.ResponseError:
            return int(time.time() * 1000)

    def _head(self, batch: str) -> bytes:
        return self.p + b"lot:" + batch.encode("utf-8", "replace")

    def _kind(self, key: bytes) -> str:
        reply = self._client.type(key)
        return reply.decode() if isinstance(reply, bytes) else str(reply)

    def _is_sound(self, batch: str) -> bool:
        """Whether the batch has books, and all of the right type."""
        if not batch:
            return False
        key = self._head(batch)
        with self._client.pipeline(transaction=False) as pipe:
            for part in BATCH_PARTS:
                pipe.type(key + part.encode())
            kinds = [raw.decode() for raw in pipe.execute()]
        fits = all(found in ("none", kind) for found, kind in zip(kinds, BATCH_PARTS.values()))
        return fits and kinds[0] == "hash"

    def _owner(self, stream: str, id: str) -> Optional[bytes]:
        try:
            rows = self._client.xpending_range(self.p + stream.encode(), GROUP, id, id, 1)
        except exceptions.ResponseError as error:
            if "WRONGTYPE" in str(error) or "NOGROUP" in str(error):
                return None
            raise
        return bytes(rows[0]["consumer"]) if rows else None

    def _entry(self, stream: str, id: str) -> Optional[Fields]:
        rows = self._client.xrange(self.p + stream.encode(), id, id)
        return dict(rows[0][1]) if rows else None

    def _is_unbooked(self, batch: str, index: str) -> bool:
        return not self._client.hexists(self._head(batch) + b":issues", index)

    def _book(
        self, pipe: RedisPipeline, batch: str, index: str, code: str, detail: str, size: int = 0
    ) -> None:
        key = self._head(batch)
        pipe.hset(key + b":issues", index, code + detail)
        pipe.xadd(key + b":fini", {"n": index, "c": code})
        pipe.hincrby(key, code, 1)
        if size:
            pipe.hincrby(key, "octets_finis", size)

    def _drop(self, pipe: RedisPipeline, stream: str, id: str) -> None:
        key = self.p + stream.encode()
        pipe.xack(key, GROUP, id)
        pipe.xdel(key, id)

    def _touch(self, batch: str) -> None:
        """Note when a job of the batch was last put anywhere; see ``lua/common.lua``."""
        if batch and self._kind(self._head(batch)) == "hash":
            self._client.hset(self._head(batch), "dernier", self.now_ms())

    def _seal(self, batch: str) -> None:
        key = self._head(batch)
        total, keep = (model.count_of(raw) for raw in self._client.hmget(key, "total", "garde"))
        known = self._client.hexists(key, "total")
        if not known or int(self._client.hlen(key + b":issues")) < total:
            return
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(key, "fin", self.now_ms())
            for part in BATCH_PARTS:
                pipe.expire(key + part.encode(), keep if 1 <= keep <= LONGEST_KEPT else KEEP_SECONDS)
            pipe.execute()


def plain_fields(name: str, item: bytes) -> Fields:
    """The stream entry of an item of the plain list of this name."""
    return {b"f": model.FORMAT, b"liste": name.encode(), b"brut": item}


def _settled(replies: Sequence[Reply]) -> None:
    """Raise the first error but that of a count which holds rubbish."""
    for reply in replies:
        if isinstance(reply, Exception) and "not an integer" not in str(reply):
            raise reply


def _text(raw: Optional[bytes]) -> str:
    return (raw or b"").decode("utf-8", "replace")
