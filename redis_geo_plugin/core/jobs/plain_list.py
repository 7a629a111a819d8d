"""The plain list of other producers (``LPUSH taches_spatiales '{"type":"buffer","id":42,"distance":100}'``)
becomes entries of the stream, without a moment in which a job exists nowhere.

With scripts: one step. Without: LMOVE to a side list of this worker, then XADD and LREM in one transaction;
what a dead worker left in its side list is taken up by the others. On a cluster with a tenant's prefix the
list and the books may lie on different shards: there the item is copied first and then removed, and the copy
is withdrawn where an RPOP consumer beside us had it first.
"""

from __future__ import annotations

from ..redis.redispy import exceptions
from .names import BY_PRIORITY, Priority
from .queue import JobQueue
from .transactions import TransactionBooks, plain_fields

AT_ONCE = 500
MOST_SIDES = 1000


class ListBridge:
    """Moves the items of the list of one queue, for one worker."""

    def __init__(self, queue: JobQueue, worker: str):
        self.queue = queue
        self.side = queue.p + b"cote:" + worker.encode()
        self._same_shard = not (queue.server.is_cluster and queue.server.key(""))

    def move(self, count: int = AT_ONCE) -> int:
        """Move up to ``count`` items, the oldest first (as RPOP would take them). Returns how many."""
        if not self.length():
            return 0
        if not self._same_shard:
            return sum(self._copy_then_remove() for _ in range(count))
        name = self.queue.name
        return self.queue.keep(lambda books: books.bridge(self.queue.list_key, name, self.side, count))

    def leftovers(self, alive: set[str]) -> int:
        """Move the items that dead workers left in their side lists."""
        moved = 0
        start = len(self.queue.p + b"cote:")
        for side in self._side_lists():
            if side[start:].decode("utf-8", "replace") in alive and side != self.side:
                continue
            if self.queue.client.type(side) != b"list":
                continue
            for _ in range(self.queue.client.llen(side)):
                item = self.queue.client.lindex(side, -1)
                if item is None:
                    break
                books = TransactionBooks(self.queue.client, self.queue.p)
                moved += books.from_side_list(side, self.queue.name, item)
        return moved

    def _side_lists(self) -> list[bytes]:
        try:
            workers = self.queue.client.zrange(self.queue.p + b"vus", 0, MOST_SIDES)
        except exceptions.ResponseError:  # of another type
            workers = []
        return [self.side, *(self.queue.p + b"cote:" + worker for worker in workers)]

    def length(self) -> int:
        """How many items wait; 0 where the key is no list, which is not ours to change."""
        try:
            return int(self.queue.client.llen(self.queue.list_key))
        except exceptions.ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            return 0

    def _copy_then_remove(self) -> int:
        client = self.queue.client
        item = client.lindex(self.queue.list_key, -1)
        if item is None:
            return 0
        entry = client.xadd(self._stream, plain_fields(self.queue.name, item))
        if client.lrem(self.queue.list_key, -1, item):
            return 1
        client.xdel(self._stream, entry)
        return 0

    @property
    def _stream(self) -> bytes:
        return self.queue.p + BY_PRIORITY[Priority.NORMAL].encode()
