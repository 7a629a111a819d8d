"""What stands in the books, looked up without scripts, and the marks of a batch that go with each change."""

from __future__ import annotations

import time
from typing import Optional

from ..redis.redispy import exceptions
from ..redis.types import RedisClient
from . import model
from .names import BATCH_PARTS, GROUP, KEEP_SECONDS, LONGEST_KEPT

Fields = dict[bytes, bytes]


class BookLooks:
    """``client``: a redis-py client or cluster client; ``p``: the start of the keys of the queue's books."""

    def __init__(self, client: RedisClient, p: bytes):
        """As ``Books.__init__``."""
        self._client, self.p = client, p

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
