"""The books of a queue as one interface: what is changed in them together, in one step.

There are two implementations, and both stay. ``ScriptedBooks`` runs Lua on the server, one round trip a step.
Users whom the server does not let run scripts are promised that workers and senders work all the same
(docs/jobs.md): for them ``TransactionBooks`` takes MULTI/EXEC and looks ownership up just before. Which of
them a connection has is found out once, at the first script that the server denies; ``KeptBooks`` remembers
it.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import Callable, Protocol, TypeVar

from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.types import RedisClient, Reply
from .model import JobRow, Place, SettleRow
from .names import QUEUE_BOOKS
from .scripted import ScriptedBooks, ScriptsDenied
from .transactions import TransactionBooks

_Result = TypeVar("_Result")


class Books(Protocol):
    """The changes that senders, workers and watchers make in the books. Each change of a job checks that the
    worker owns it."""

    def enqueue(
        self, batch: str, chunk: int, stream: str, shared: Mapping[bytes, bytes], rows: Sequence[JobRow]
    ) -> int:
        """Add a chunk of a batch to a stream. Returns how many jobs were sent: 0 where this chunk was sent
        before."""

    def seal(self, batch: str, total: int) -> None:
        """Note that the batch has ``total`` jobs, all of which were sent."""

    def settle(self, worker: str, rows: Sequence[SettleRow]) -> list[int]:
        """Book these jobs as ended and remove them from their streams. Returns 1 for each, 0 for one that the
        worker no longer owns."""

    def put_off(
        self, worker: str, verdict: str, row: SettleRow, pause_ms: int, changes: Mapping[bytes, bytes]
    ) -> int:
        """Remove a job from its stream, to be tried again ("r"), postponed ("p") or set aside ("a"). Returns
        0 where the worker does not own it."""

    def promote(self, count: int) -> int:
        """Put jobs whose pause is over back into their streams."""

    def requeue(self, ids: Sequence[str]) -> int:
        """Send jobs that were set aside again, as if they were new."""

    def lose(self, batch: str, put: bytes, indexes: Sequence[int]) -> int:
        """Book jobs that no stream holds any more as lost. Returns -1 where a job of the batch was added
        somewhere after ``put``."""

    def renew(self, worker: str, places: Sequence[Place]) -> list[int]:
        """Renew the worker's claims. Returns 1 for each job that it still owns."""

    def hand_back(self, worker: str, places: Sequence[Place]) -> int:
        """Release these jobs, so that other workers can claim them at once."""

    def take_over(self, worker: str, idle_ms: int, count: int, returned: str) -> list[list[Reply]]:
        """Claim jobs whose owner is silent, or (with a stream) that were handed back. Returns stream, id,
        suspect, deliveries and a flat list of fields of each."""

    def beat(self, worker: str, line: str, current: str) -> int:
        """Store the worker's health line and what it computes. Returns the server's time in ms."""

    def bridge(self, list_key: bytes, name: str, side: bytes, count: int) -> int:
        """Move items of the plain list into the stream. Returns how many."""

    def prune(self, seconds: float) -> int:
        """Remove workers that were silent for so long and own no job."""


_without_scripts: weakref.WeakSet[Server] = weakref.WeakSet()


class KeptBooks:
    """The books of one queue, kept by scripts or by transactions.

    ``scripted``: False takes transactions from the beginning.
    """

    def __init__(self, server: Server, client: RedisClient, p: bytes, scripted: bool = True):
        self._server, self._client, self.p = server, client, p
        self._scripted = scripted

    @property
    def books(self) -> Books:
        """The implementation that this connection may use, as far as is known."""
        if self._scripted and self._server not in _without_scripts:
            return ScriptedBooks(self._client, self.p)
        return TransactionBooks(self._client, self.p)

    def keep(self, change: Callable[[Books], _Result]) -> _Result:
        """Make a change. Where a book that all share is of another type, it is set aside first, and the
        change made again.

        Raises RedisError.
        """
        try:
            return self._change(change)
        except exceptions.ResponseError as error:
            if "WRONGTYPE" not in str(error) or not self.set_aside_damaged():
                raise
            return self._change(change)

    def _change(self, change: Callable[[Books], _Result]) -> _Result:
        try:
            return change(self.books)
        except ScriptsDenied:
            _without_scripts.add(self._server)
            return change(self.books)

    def damaged(self) -> list[bytes]:
        """The keys of the queue's books that hold a value of the wrong type."""
        with self._client.pipeline(transaction=False) as pipe:
            for name in QUEUE_BOOKS:
                pipe.type(self.p + name.encode())
            found = pipe.execute(raise_on_error=False)
        return [
            self.p + name.encode()
            for (name, kind), reply in zip(QUEUE_BOOKS.items(), found)
            if isinstance(reply, bytes) and reply not in (b"none", kind.encode())
        ]

    def set_aside_damaged(self) -> list[bytes]:
        """Rename those books, so that new ones take their place; returns the names they had."""
        keys = self.damaged()
        now = TransactionBooks(self._client, self.p).now_ms() if keys else 0
        for key in keys:
            aside = b"%sabimes:%s:%d" % (self.p, key[len(self.p) :], now)
            self._client.renamenx(key, aside)
        return keys
