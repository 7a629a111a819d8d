"""The queue as a worker sees it: claim, renew, finish, postpone and release jobs. Each change of the books
checks the owner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..redis.expect import wrong
from ..redis.redispy import exceptions
from ..redis.types import Reply
from .books import Books
from .model import (
    MAX_SUSPICIONS,
    MAX_TRIES,
    BadJob,
    Code,
    Delivery,
    Done,
    JobReason,
    SettleRow,
    pause_before,
)
from .names import AGAIN, GROUP, RETURNED, STREAMS
from .queue import JobQueue

_Result = TypeVar("_Result")
WORDS_KEPT = 500  # characters of an error's text


class Consumer:
    """The consumer of a queue for one worker. ``name`` is unique to this run of the worker."""

    def __init__(self, queue: JobQueue, name: str, max_tries: int = MAX_TRIES):
        self.queue = queue
        self.name = name
        self.max_tries = max_tries

    def fetch(self, count: int, block_ms: int = 0) -> list[Delivery]:
        """Up to ``count`` waiting jobs, by priority; in each those tried again first, and of these and of the
        others those handed back. With ``block_ms`` waits where there is none."""
        got: list[Delivery] = []
        returned, filled = self._look()
        for stream in STREAMS:
            if len(got) < count and stream in returned:
                got += self.take_over(0.0, count - len(got), stream)
            if len(got) < count and stream in filled:
                got += self._read([stream], count - len(got), 0)
        if not got and block_ms:
            got = self._read(list(STREAMS), 1, block_ms)
        return got

    def _look(self) -> tuple[set[str], set[str]]:
        """The streams of which jobs were handed back, and those to be read: of the jobs tried again only
        where there are."""

        def ask() -> list[Reply]:
            with self.queue.client.pipeline(transaction=False) as pipe:
                for stream in STREAMS:
                    pipe.xpending_range(self.queue.p + stream.encode(), GROUP, "-", "+", 1, RETURNED)
                    pipe.xlen(self.queue.p + stream.encode())
                return pipe.execute()

        answers = self._with_group(ask)
        returned = {stream for stream, rows in zip(STREAMS, answers[::2]) if rows}
        filled = {
            stream for stream, length in zip(STREAMS, answers[1::2]) if length or not stream.endswith(AGAIN)
        }
        return returned, filled

    def _read(self, streams: list[str], count: int, block_ms: int) -> list[Delivery]:
        named = {self.queue.p + stream.encode(): stream for stream in streams}
        wanted = dict.fromkeys(named, ">")
        reply = self._with_group(
            lambda: self.queue.client.xreadgroup(
                GROUP, self.name, wanted, count=count, block=block_ms or None
            )
        )
        found = []
        for key, entries in reply or ():
            if key not in named:
                raise wrong(key, "one of the streams", "XREADGROUP")
            found += [Delivery(named[key], id.decode(), fields) for id, fields in entries if fields]
        return found

    def take_over(self, idle_seconds: float, count: int, returned: str = "") -> list[Delivery]:
        """Jobs whose owner has not renewed its claim for so long; or those of one stream that were handed
        back."""
        idle = int(idle_seconds * 1000)
        rows = self._keep(lambda books: books.take_over(self.name, idle, count, returned))
        return [
            Delivery(
                stream.decode(),
                id.decode(),
                dict(zip(flat[::2], flat[1::2])),
                suspect=bool(suspect),
                deliveries=int(deliveries),
            )
            for stream, id, suspect, deliveries, flat in rows
        ]

    def renew(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Renew the claims on these jobs. Returns those that this worker no longer owns."""
        pairs = [(d.stream, d.id) for d in deliveries]
        if not pairs:
            return []
        reply = self._keep(lambda books: books.renew(self.name, pairs))
        return [d for d, ours in zip(deliveries, reply) if not ours]

    def finish(self, done: Sequence[Done]) -> list[Delivery]:
        """Book these jobs as ended and remove them from the queue. Returns those that another worker owns by
        now."""
        if not done:
            return []
        rows = [
            SettleRow(*_place(item.delivery), item.code, item.detail, item.delivery.size) for item in done
        ]
        reply = self._keep(lambda books: books.settle(self.name, rows))
        return [item.delivery for item, ours in zip(done, reply) if not ours]

    def failed(self, delivery: Delivery, reason: str, words: str) -> str:
        """Count a try that failed. Returns "later" (tried again after a growing pause), "aside" after the
        last try, or "lost" where another worker owns the job."""
        words, tries = _kept(words), delivery.tries + 1
        if tries >= self.max_tries:
            return self.set_aside(delivery, reason, words, tries)
        changes = {b"essais": b"%d" % tries, b"raison": reason.encode(), b"mots": words.encode()}
        return self._later(delivery, pause_before(tries), changes)

    def suspected(self, delivery: Delivery) -> str:
        """Count the death of a worker that was computing this job. It is tried again after a pause, more
        often than a job that failed, since the job is seldom the cause."""
        times = delivery.suspicions + 1
        if times >= MAX_SUSPICIONS:
            return self.set_aside(delivery, JobReason.WORKER_DIED, str(times), delivery.tries)
        return self._later(delivery, 0.0, {b"soupcons": b"%d" % times})

    def postpone(self, delivery: Delivery, seconds: float) -> str:
        """Put the job back at the end of the queue after a pause, so that jobs this worker can compute come
        first. Not counted as a try."""
        return self._later(delivery, seconds, {}, "p")

    def refuse(self, delivery: Delivery, error: BadJob) -> str:
        """Set a job aside at once, since no further try can succeed."""
        return self.set_aside(delivery, error.kind, str(error), delivery.tries + 1)

    def set_aside(self, delivery: Delivery, reason: str, words: str, tries: int) -> str:
        """Set a job aside with its reason: "aside", or "lost" if it is not ours."""
        words = _kept(words)
        changes = {
            b"essais": b"%d" % tries,
            b"raison": reason.encode(),
            b"mots": words.encode(),
            b"travailleur": self.name.encode(),
        }
        kept = self._put_off("a", delivery, 0, f"{reason}|{words}", changes)
        return "aside" if kept else "lost"

    def hand_back(self, deliveries: Sequence[Delivery]) -> int:
        """Release these jobs, so that other workers can claim them at once."""
        pairs = [(d.stream, d.id) for d in deliveries]
        if not pairs:
            return 0
        return self._keep(lambda books: books.hand_back(self.name, pairs))

    def promote(self, count: int = 200) -> int:
        """Put jobs whose pause is over back into their stream."""
        return self._keep(lambda books: books.promote(count))

    def beat(self, line: str, current: Sequence[Delivery]) -> int:
        """Write the health line and what is being computed; returns the server's time in ms."""
        names = " " + " ".join(d.name for d in current) + " " if current else ""
        return self._keep(lambda books: books.beat(self.name, line, names))

    def prune(self, seconds: float = 3600.0) -> int:
        """Remove workers that have been silent for so long and own no job."""
        return self._keep(lambda books: books.prune(seconds))

    def cancelled(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Find which of these jobs were cancelled, alone or with their batch."""
        batches: dict[str, list[Delivery]] = {}
        for delivery in deliveries:
            if delivery.batch:
                batches.setdefault(delivery.batch, []).append(delivery)
        if not batches:
            return []
        with self.queue.client.pipeline(transaction=False) as pipe:
            for batch, own in batches.items():
                pipe.hget(self.queue.batch_key(batch), "annule")
                pipe.smismember(self.queue.batch_key(batch, ":annulees"), [d.index for d in own])
            answers = iter(pipe.execute(raise_on_error=False))
        gone: list[Delivery] = []
        for own in batches.values():
            whole, single = next(answers), next(answers)
            _raise_unless_wrong_type(whole, single)
            if isinstance(whole, bytes) and whole:
                gone += own
            elif isinstance(single, list):
                gone += [d for d, flag in zip(own, single) if flag]
        return gone

    def drop_cancelled(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Book the cancelled jobs as ended and return the others."""
        gone = self.cancelled(deliveries)
        self.finish([Done(d, Code.CANCELLED) for d in gone])
        names = {d.name for d in gone}
        return [d for d in deliveries if d.name not in names]

    def _later(
        self, delivery: Delivery, seconds: float, changes: dict[bytes, bytes], verdict: str = "r"
    ) -> str:
        return "later" if self._put_off(verdict, delivery, int(seconds * 1000), "", changes) else "lost"

    def _put_off(
        self, verdict: str, delivery: Delivery, pause_ms: int, detail: str, changes: dict[bytes, bytes]
    ) -> bool:
        row = SettleRow(*_place(delivery), Code.FAILED, detail, delivery.size)
        return bool(self._keep(lambda books: books.put_off(self.name, verdict, row, pause_ms, changes)))

    def _keep(self, change: Callable[[Books], _Result]) -> _Result:
        return self._with_group(lambda: self.queue.keep(change))

    def _with_group(self, call: Callable[[], _Result]) -> _Result:
        """Make the call; where somebody deleted the consumer group, create it and call again."""
        try:
            return call()
        except exceptions.ResponseError as error:
            if "NOGROUP" not in str(error) and "WRONGTYPE" not in str(error):
                raise
            self.queue.books.set_aside_damaged()
            self.queue.ensure()
            return call()


def _raise_unless_wrong_type(*replies: Reply) -> None:
    """Raise an error among replies, but for that of a book of another type."""
    for reply in replies:
        if isinstance(reply, Exception) and "WRONGTYPE" not in str(reply):
            raise reply


def _kept(words: str) -> str:
    """Cut an error's text to the length that is stored, as valid UTF-8: it may quote half a character."""
    return words[:WORDS_KEPT].encode("utf-8", "replace").decode()


def _place(delivery: Delivery) -> tuple[str, str, str, str]:
    return delivery.stream, delivery.id, delivery.batch, delivery.index
