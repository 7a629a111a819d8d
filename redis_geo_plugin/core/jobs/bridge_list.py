"""The plain list of other producers (``LPUSH taches_spatiales '{"type":"buffer","id":42,"distance":100}'``) becomes
entries of the stream, without a moment in which a job exists nowhere.

With scripts: one step. Without: LMOVE to a side list of this worker, then XADD and LREM in one transaction; what a dead
worker left in its side list is taken up by the others. On a cluster with a tenant's prefix the list and the books may
lie on different shards: there the item is copied first and then removed, and the copy is withdrawn where an RPOP consumer
beside us had it first.
"""

from __future__ import annotations

from typing import Any

from ..redispy import exceptions
from . import scripts
from .names import BY_PRIORITY, Priority
from .queue import JobQueue

BATCH = 500


class ListBridge:
    """Moves the items of the list of one queue, for one worker."""

    def __init__(self, queue: JobQueue, worker: str):
        self.queue = queue
        self.side = queue.p + b"cote:" + worker.encode()
        self._same_shard = not (queue.server.is_cluster and queue.server.key(""))

    def move(self, count: int = BATCH) -> int:
        """Move up to ``count`` items, the oldest first (as RPOP would take them). Returns how many."""
        if not self.queue.client.llen(self.queue.list_key):
            return 0
        if not self._same_shard:
            return sum(self._copy_then_remove() for _ in range(count))
        try:
            return int(self.queue.script(scripts.BRIDGE, [self.queue.name, count], [self.queue.list_key]))
        except scripts.ScriptsDenied:
            moved = 0
            while moved < count and self._by_side_list():
                moved += 1
            return moved

    def leftovers(self, alive: set[str]) -> int:
        """Take up what workers that are not alive any more left in their side lists."""
        moved = 0
        start = len(self.queue.p + b"cote:")
        for side in self._side_lists():
            if side[start:].decode() in alive and side != self.side:
                continue
            while True:
                item = self.queue.client.lindex(side, -1)
                if item is None:
                    break
                moved += self._to_stream(side, item)
        return moved

    def _side_lists(self) -> list[bytes]:
        workers = self.queue.client.zrange(self.queue.p + b"vus", 0, -1)
        return [self.side, *(self.queue.p + b"cote:" + worker for worker in workers)]

    def _by_side_list(self) -> bool:
        item = self.queue.client.lmove(self.queue.list_key, self.side, "RIGHT", "LEFT")
        if item is None:
            return False
        self._to_stream(self.side, item)
        return True

    def _to_stream(self, side: bytes, item: bytes) -> int:
        """XADD and LREM in one transaction that fails when another worker touched the side list."""
        with self.queue.client.pipeline(transaction=True) as pipe:
            pipe.watch(side)
            if pipe.lindex(side, -1) != item and item not in pipe.lrange(side, 0, -1):
                return 0
            pipe.multi()
            pipe.xadd(self._stream, self._fields(item))
            pipe.lrem(side, -1, item)
            try:
                pipe.execute()
            except exceptions.WatchError:
                return 0
        return 1

    def _copy_then_remove(self) -> int:
        client = self.queue.client
        item = client.lindex(self.queue.list_key, -1)
        if item is None:
            return 0
        entry = client.xadd(self._stream, self._fields(item))
        if client.lrem(self.queue.list_key, -1, item):
            return 1
        client.xdel(self._stream, entry)
        return 0

    @property
    def _stream(self) -> bytes:
        return self.queue.p + BY_PRIORITY[Priority.NORMAL].encode()

    def _fields(self, item: bytes) -> dict[Any, Any]:
        return {b"f": b"1", b"liste": self.queue.name.encode(), b"brut": item}
