"""The queue as a worker sees it: take, keep, finish, put off, hand back. Every change of the books checks the owner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..redispy import exceptions
from . import scripts
from .model import MAX_SUSPICIONS, MAX_TRIES, TOO_FAR_MS, BadJob, Code, Delivery, Done, Reason, pause_before
from .names import AGAIN, GROUP, RETURNED, STREAMS
from .queue import JobQueue

WORDS_KEPT = 500  # characters of an error's text


class Consumer:
    """One worker's hold on a queue. ``name`` is unique to this run of the worker."""

    def __init__(self, queue: JobQueue, name: str, max_tries: int = MAX_TRIES):
        self.queue = queue
        self.name = name
        self.max_tries = max_tries

    def fetch(self, count: int, block_ms: int = 0) -> list[Delivery]:
        """Up to ``count`` waiting jobs, by priority; in each those tried again first, and of these and of the others those
        handed back. With ``block_ms`` waits where there is none."""
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
        """The streams of which jobs were handed back, and those to be read: of the jobs tried again only where there are."""

        def ask() -> Any:
            with self.queue.client.pipeline(transaction=False) as pipe:
                for stream in STREAMS:
                    pipe.xpending_range(self.queue.p + stream.encode(), GROUP, "-", "+", 1, RETURNED)
                    pipe.xlen(self.queue.p + stream.encode())
                return pipe.execute()

        answers = self._with_group(ask)
        returned = {stream for stream, rows in zip(STREAMS, answers[::2]) if rows}
        filled = {stream for stream, length in zip(STREAMS, answers[1::2]) if length or not stream.endswith(AGAIN)}
        return returned, filled

    def _read(self, streams: list[str], count: int, block_ms: int) -> list[Delivery]:
        wanted = {self.queue.p + stream.encode(): ">" for stream in streams}
        reply = self._with_group(
            lambda: self.queue.client.xreadgroup(GROUP, self.name, wanted, count=count, block=block_ms or None)
        )
        start = len(self.queue.p)
        found = []
        for key, entries in reply or ():
            stream = key[start:].decode()
            found += [Delivery(stream, id.decode(), fields) for id, fields in entries if fields is not None]
        return found

    def take_over(self, idle_seconds: float, count: int, returned: str = "") -> list[Delivery]:
        """Jobs whose owner has not renewed its claim for so long; or those of one stream that were handed back."""
        idle = int(idle_seconds * 1000)
        rows = self._either(
            lambda: self.queue.script(scripts.TAKE_OVER, [self.name, idle, count, returned]),
            lambda: self.queue.plain.take_over(self.name, idle, count, returned),
        )
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
        """Say that these are still being worked; returns those that are no longer ours."""
        pairs = [(d.stream, d.id) for d in deliveries]
        if not pairs:
            return []
        flat = [word for pair in pairs for word in pair]
        reply = self._either(
            lambda: self.queue.script(scripts.RENEW, [self.name, *flat]),
            lambda: self.queue.plain.renew(self.name, pairs),
        )
        return [d for d, ours in zip(deliveries, reply) if not ours]

    def finish(self, done: Sequence[Done]) -> list[Delivery]:
        """Book and take out of the queue. Returns those that were no longer ours: another has them."""
        if not done:
            return []
        rows = [(*_place(item.delivery), item.code, item.detail, item.delivery.size) for item in done]
        flat = [word for row in rows for word in row]
        reply = self._either(
            lambda: self.queue.script(scripts.SETTLE, [self.name, *flat]),
            lambda: self.queue.plain.settle(self.name, rows),
        )
        return [item.delivery for item, ours in zip(done, reply) if not ours]

    def failed(self, delivery: Delivery, reason: str, words: str) -> str:
        """Count a try that failed: "later" with a growing pause, or "aside" after the last, "lost" if not ours."""
        words, tries = _kept(words), delivery.tries + 1
        if tries >= self.max_tries:
            return self.set_aside(delivery, reason, words, tries)
        changes = {b"essais": b"%d" % tries, b"raison": reason.encode(), b"mots": words.encode()}
        return self._later(delivery, pause_before(tries), changes)

    def suspected(self, delivery: Delivery) -> str:
        """A worker died while computing this: try again after a pause, with patience; it was mostly not the job."""
        times = delivery.suspicions + 1
        if times >= MAX_SUSPICIONS:
            return self.set_aside(delivery, Reason.WORKER_DIED, str(times), delivery.tries)
        return self._later(delivery, 0.0, {b"soupcons": b"%d" % times})

    def postpone(self, delivery: Delivery, seconds: float) -> str:
        """Back to the queue after a pause, to its end: those we can work come first. Counts as no try."""
        return self._later(delivery, seconds, {}, "p")

    def refuse(self, delivery: Delivery, error: BadJob) -> str:
        """Set aside at once what no further try can mend."""
        return self.set_aside(delivery, error.kind, str(error), delivery.tries + 1)

    def set_aside(self, delivery: Delivery, reason: str, words: str, tries: int) -> str:
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
        """Let others have these at once."""
        pairs = [(d.stream, d.id) for d in deliveries]
        if not pairs:
            return 0
        flat = [word for pair in pairs for word in pair]
        return int(
            self._either(
                lambda: self.queue.script(scripts.HAND_BACK, [self.name, *flat]),
                lambda: self.queue.plain.hand_back(self.name, pairs),
            )
        )

    def promote(self, count: int = 200) -> int:
        """Put jobs whose pause is over back into their stream."""
        return int(
            self._either(
                lambda: self.queue.script(scripts.PROMOTE, [count, TOO_FAR_MS]), lambda: self.queue.plain.promote(count)
            )
        )

    def beat(self, line: str, current: Sequence[Delivery]) -> int:
        """Write the health line and what is being computed; returns the server's time in ms."""
        names = " " + " ".join(d.name for d in current) + " " if current else ""
        return int(
            self._either(
                lambda: self.queue.script(scripts.BEAT, [self.name, line, names]),
                lambda: self.queue.plain.beat(self.name, line, names),
            )
        )

    def prune(self, seconds: float = 3600.0) -> int:
        """Strike off workers that have been silent for so long and hold nothing."""
        return int(
            self._either(
                lambda: self.queue.script(scripts.PRUNE, [int(seconds)]),
                lambda: self.queue.plain.prune(seconds),
            )
        )

    def cancelled(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Those of these whose batch, or which themselves, were cancelled."""
        lots = sorted({d.lot for d in deliveries} - {""})
        if not lots:
            return []
        with self.queue.client.pipeline(transaction=False) as pipe:
            for lot in lots:
                pipe.hget(self.queue.lot_key(lot), "annule")
                pipe.smembers(self.queue.lot_key(lot, ":annulees"))
            answers = pipe.execute()
        whole = {lot for lot, flag in zip(lots, answers[::2]) if flag}
        single = {lot: {raw.decode() for raw in members} for lot, members in zip(lots, answers[1::2])}
        return [d for d in deliveries if d.lot in whole or d.index in single.get(d.lot, ())]

    def drop_cancelled(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Finish those that were cancelled and return the others."""
        gone = self.cancelled(deliveries)
        self.finish([Done(d, Code.CANCELLED) for d in gone])
        names = {d.name for d in gone}
        return [d for d in deliveries if d.name not in names]

    def _later(self, delivery: Delivery, seconds: float, changes: dict[bytes, bytes], verdict: str = "r") -> str:
        return "later" if self._put_off(verdict, delivery, int(seconds * 1000), "", changes) else "lost"

    def _put_off(
        self, verdict: str, delivery: Delivery, pause_ms: int, detail: str, changes: dict[bytes, bytes]
    ) -> bool:
        stream, id, lot, index = _place(delivery)
        words = [word for pair in changes.items() for word in pair]
        arguments = [self.name, verdict, stream, id, lot, index, pause_ms, detail, *words]
        row = (stream, id, lot, index, Code.FAILED, detail, delivery.size)
        return bool(
            self._either(
                lambda: self.queue.script(scripts.PUT_OFF, arguments),
                lambda: self.queue.plain.put_off(self.name, verdict, row, pause_ms, changes),
            )
        )

    def _either(self, scripted: Callable[[], Any], plain: Callable[[], Any]) -> Any:
        def call() -> Any:
            try:
                return scripted()
            except scripts.ScriptsDenied:
                return plain()

        return self._with_group(call)

    def _with_group(self, call: Callable[[], Any]) -> Any:
        """The call, again after the group was made where somebody deleted it."""
        try:
            return call()
        except exceptions.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self.queue.ensure()
            return call()


def _kept(words: str) -> str:
    """So much of an error's text, fit to be sent: it may quote half a character."""
    return words[:WORDS_KEPT].encode("utf-8", "replace").decode()


def _place(delivery: Delivery) -> tuple[str, str, str, str]:
    return delivery.stream, delivery.id, delivery.lot, delivery.index
