"""The same books without scripts, for users who may not run them: transactions, and ownership looked up just before.

Between the look and the transaction another worker could take a job over; as claims are renewed long before they run
out, that takes a pause of the whole machine in between, and its worst is a job computed twice into the same key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Optional

from ..redispy import exceptions
from . import model
from .names import AGAIN, GROUP, LOT_PARTS, RETURNED, STREAMS, priority_of

KEEP_SECONDS = 604800
_DROPPED = (b"flux", b"raison", b"mots", b"essais", b"soupcons", b"travailleur", b"quand")

Row = tuple[str, str, str, str, str, str, int]  # stream, id, lot, index, code, detail, bytes
Pair = tuple[str, str]  # stream, id


class Unscripted:
    """One queue's books. ``p`` is the start of their keys, ``client`` a redis-py client or cluster client."""

    def __init__(self, client: Any, p: bytes):
        self.client = client
        self.p = p

    def enqueue(self, lot: str, chunk: str, stream: str, shared: dict[bytes, bytes], rows: Sequence[model.Row]) -> int:
        k = self._lot(lot)
        if self.client.sismember(k + b":morceaux", chunk):
            return 0
        with self.client.pipeline(transaction=True) as pipe:
            pipe.sadd(k + b":morceaux", chunk)
            for row in rows:
                pipe.hset(k + b":taches", row.index, row.meta)
                if row.code:
                    self._book(pipe, lot, row.index.decode(), row.code, "")
                else:
                    pipe.xadd(self.p + stream.encode(), {**shared, **row.fields})
            pipe.hincrby(k, "envoyees", len(rows))
            pipe.hincrby(k, "octets", model.bytes_sent(shared, rows))
            pipe.execute()
        return len(rows)

    def seal(self, lot: str, total: int) -> None:
        self.client.hset(self._lot(lot), "total", total)
        self._seal(lot)

    def settle(self, me: str, rows: Sequence[Row]) -> list[int]:
        reply, lots = [], set()
        for stream, id, lot, index, code, detail, size in rows:
            if self._owner(stream, id) != me:
                reply.append(0)
                continue
            fresh = self._unbooked(lot, index)
            with self.client.pipeline(transaction=True) as pipe:
                if fresh:
                    self._book(pipe, lot, index, code, detail, size)
                self._drop(pipe, stream, id)
                pipe.execute()
            lots.add(lot)
            reply.append(1)
        for lot in lots - {""}:
            self._seal(lot)
        return reply

    def put_off(self, me: str, verdict: str, row: Row, pause_ms: int, changes: dict[bytes, bytes]) -> int:
        stream, id, lot, index, code, detail, size = row
        if self._owner(stream, id) != me:
            return 0
        fields = self._entry(stream, id)
        fresh = verdict == "a" and self._unbooked(lot, index)
        due = self.now_ms() + pause_ms
        back = priority_of(stream) + (AGAIN if verdict == "r" else "")
        name = f"{back}|{stream}|{id}".encode()
        with self.client.pipeline(transaction=True) as pipe:
            if fields is not None and verdict != "a":
                pipe.hset(self.p + b"differee:" + name, mapping={**fields, **changes})
                pipe.zadd(self.p + b"echeances", {name: due})
            elif fields is not None:
                pipe.xadd(self.p + b"ecartees", {b"flux": priority_of(stream).encode(), **fields, **changes})
                if fresh:
                    self._book(pipe, lot, index, code, detail, size)
            self._drop(pipe, stream, id)
            pipe.execute()
        if fresh:
            self._seal(lot)
        return 1

    def promote(self, count: int) -> int:
        due, now = self.p + b"echeances", self.now_ms()
        names = self.client.zrangebyscore(due, "-inf", now, start=0, num=count)
        # put off while the server's clock was ahead: no pause is so long
        names += self.client.zrangebyscore(due, now + model.TOO_FAR_MS, "+inf", start=0, num=count)
        return sum(self._promote(name) for name in names)

    def _promote(self, name: bytes) -> int:
        due = self.p + b"echeances"
        with self.client.pipeline(transaction=True) as pipe:
            pipe.watch(due)
            if pipe.zscore(due, name) is None:
                return 0
            fields = pipe.hgetall(self.p + b"differee:" + name)
            pipe.multi()
            if fields:
                pipe.xadd(self.p + name.split(b"|")[0], fields)
            pipe.delete(self.p + b"differee:" + name)
            pipe.zrem(due, name)
            try:
                pipe.execute()
            except exceptions.WatchError:
                return 0  # another worker was quicker
        return 1

    def requeue(self, ids: Iterable[str]) -> int:
        return sum(self._requeue(id) for id in ids)

    def _requeue(self, id: str) -> int:
        fields = self._entry("ecartees", id)
        if fields is None:
            return 0
        lot, index = fields.get(b"lot", b"").decode(), fields.get(b"n", b"").decode()
        k = self._lot(lot)
        booked = bool(lot) and bool(self.client.hexists(k + b":issues", index))
        with self.client.pipeline(transaction=True) as pipe:
            kept = {name: value for name, value in fields.items() if name not in _DROPPED}
            pipe.xadd(self.p + fields[b"flux"], kept)
            if booked:
                pipe.hdel(k + b":issues", index)
                pipe.hincrby(k, "f", -1)
                pipe.hincrby(k, "octets_finis", -sum(map(len, kept.values())))
                pipe.hdel(k, "fin")
                pipe.xadd(k + b":fini", {"n": index, "c": "r"})
                for part in LOT_PARTS:
                    pipe.persist(k + part.encode())
            pipe.xdel(self.p + b"ecartees", id)
            pipe.execute()
        return 1

    def renew(self, me: str, pairs: Sequence[Pair]) -> list[int]:
        reply = []
        for stream, id in pairs:
            ours = self._owner(stream, id) == me
            if ours:
                self.client.xclaim(self.p + stream.encode(), GROUP, me, 0, [id], justid=True)
            reply.append(int(ours))
        return reply

    def hand_back(self, me: str, pairs: Sequence[Pair]) -> int:
        given = 0
        for stream, id in pairs:
            if self._owner(stream, id) == me:
                self.client.xclaim(self.p + stream.encode(), GROUP, RETURNED, 0, [id], idle=86400000, justid=True)
                given += 1
        return given

    def take_over(self, me: str, idle_ms: int, count: int, returned: str = "") -> list[list[Any]]:
        """Rows of stream, id, suspect, deliveries, fields (a flat list). ``returned``: a stream, of whose jobs only those
        that were handed back."""
        reply: list[list[Any]] = []
        owner = RETURNED if returned else None
        for stream in [returned] if returned else STREAMS:
            if len(reply) >= count:
                break
            key = self.p + stream.encode()
            rows = self.client.xpending_range(key, GROUP, "-", "+", count - len(reply), owner, idle=idle_ms)
            for row in rows:
                claimed = self.client.xclaim(key, GROUP, me, idle_ms, [row["message_id"]])
                for id, fields in claimed:
                    current = self.client.hget(self.p + b"en_cours", row["consumer"]) or b""
                    mark = b" " + stream.encode() + b"|" + id + b" "
                    suspect = row["consumer"].decode() != me and mark in current
                    flat = [word for pair in fields.items() for word in pair]
                    reply.append([stream.encode(), id, int(suspect), row["times_delivered"] + 1, flat])
        return reply

    def beat(self, me: str, line: str, current: str) -> int:
        now = self.now_ms()
        with self.client.pipeline(transaction=True) as pipe:
            pipe.hset(self.p + b"travailleurs", me, line)
            if current:
                pipe.hset(self.p + b"en_cours", me, current)
            else:
                pipe.hdel(self.p + b"en_cours", me)
            pipe.zadd(self.p + b"vus", {me: now})
            pipe.execute()
        return now

    def prune(self, seconds: float) -> int:
        struck = 0
        before = self.now_ms() - int(seconds * 1000)
        for worker in self.client.zrangebyscore(self.p + b"vus", "-inf", before, start=0, num=100):
            held = [self.client.xpending_range(self.p + s.encode(), GROUP, "-", "+", 1, worker) for s in STREAMS]
            if any(held):
                continue
            for stream in STREAMS:
                self.client.xgroup_delconsumer(self.p + stream.encode(), GROUP, worker)
            with self.client.pipeline(transaction=True) as pipe:
                pipe.hdel(self.p + b"travailleurs", worker)
                pipe.hdel(self.p + b"en_cours", worker)
                pipe.zrem(self.p + b"vus", worker)
                pipe.execute()
            struck += 1
        return struck

    def now_ms(self) -> int:
        """The server's clock. Without the right to TIME: this machine's."""
        import time

        try:
            answer = self.client.time()
            if isinstance(answer, dict):  # a cluster answers per node
                answer = next(iter(answer.values()))
            return int(answer[0]) * 1000 + int(answer[1]) // 1000
        except exceptions.ResponseError:
            return int(time.time() * 1000)

    def _lot(self, lot: str) -> bytes:
        return self.p + b"lot:" + lot.encode()

    def _owner(self, stream: str, id: str) -> Optional[str]:
        rows = self.client.xpending_range(self.p + stream.encode(), GROUP, id, id, 1)
        return rows[0]["consumer"].decode() if rows else None

    def _entry(self, stream: str, id: str) -> Optional[dict[bytes, bytes]]:
        rows = self.client.xrange(self.p + stream.encode(), id, id)
        return dict(rows[0][1]) if rows else None

    def _unbooked(self, lot: str, index: str) -> bool:
        if not lot or not self.client.exists(self._lot(lot)):
            return False
        return not self.client.hexists(self._lot(lot) + b":issues", index)

    def _book(self, pipe: Any, lot: str, index: str, code: str, detail: str, size: int = 0) -> None:
        k = self._lot(lot)
        pipe.hset(k + b":issues", index, code + detail)
        pipe.xadd(k + b":fini", {"n": index, "c": code})
        pipe.hincrby(k, code, 1)
        if size:
            pipe.hincrby(k, "octets_finis", size)

    def _drop(self, pipe: Any, stream: str, id: str) -> None:
        key = self.p + stream.encode()
        pipe.xack(key, GROUP, id)
        pipe.xdel(key, id)

    def _seal(self, lot: str) -> None:
        k = self._lot(lot)
        total, keep = self.client.hmget(k, "total", "garde")
        if total is None or int(self.client.hlen(k + b":issues")) < int(total):
            return
        with self.client.pipeline(transaction=True) as pipe:
            pipe.hset(k, "fin", self.now_ms())
            for part in LOT_PARTS:
                pipe.expire(k + part.encode(), int(keep or KEEP_SECONDS))
            pipe.execute()
