"""Reading many strings one batch after the other, with the server kept at work meanwhile.

    walk = StringWalk(server, keys, limits)
    walk.run(lambda keys, values: ...)      # batch by batch, in the order of the keys
    walk.missing, walk.skipped              # of another type or gone; too large

What a batch costs is mostly a wait: for its sizes, then for its values. So the values of a batch and the
sizes of the next are asked before those that came last are handed over. No more than two batches are in
memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Callable, NamedTuple, Optional

from . import sized
from .borrowed import Taken, can_borrow, run
from .expect import Expected
from .protocol import pack_each, pack_keys
from .server import Server
from .sized import Oversize, SizeLimits
from .types import Reply

Take = Callable[[list[bytes], list[Optional[bytes]]], None]

BATCHES = 16  # of one call, whose time is limited


class _Round(NamedTuple):
    """What is asked in one go: the values of ``reading``, and the sizes of ``sizing``."""

    reading: list[bytes]
    sizing: Sequence[bytes]


class StringWalk:
    """One walk through the strings under some keys. Raises redis-py's errors, and what ``take`` raises."""

    def __init__(self, server: Server, keys: Sequence[bytes], limits: SizeLimits = sized.DEFAULT):
        self.missing: list[bytes] = []
        self.skipped: list[Oversize] = []
        self.limits = limits
        self._server, self._keys = server, keys
        self._at = 0  # keys whose sizes were asked
        self._pieces: deque[list[bytes]] = deque()  # that may be read

    def run(self, take: Take) -> None:
        """Hand each batch of keys and their values over: None where a key went meanwhile."""
        client = self._server.bulk
        # the first sizes are asked by themselves: what a server closes the connection at is found out there
        self.learn(sized.fitting(sized.asker(self._server), self._next_keys(), "string", self.limits))
        if not can_borrow(client) or self._server.lines.closings.among([b"STRLEN", b"MGET"]):
            self._run_alone(take)
            return
        now = self.next_round()
        while now is not None:
            now = run(client, partial(_Stretch(self, now, take).run))

    def _run_alone(self, take: Take) -> None:
        """One question after the other: of a cluster each goes to the nodes of its keys."""
        ask = sized.asker(self._server)
        while self._pieces or self._at < len(self._keys):
            if self._pieces:
                piece = self._pieces.popleft()
                take(piece, self._server.mget(piece))
            else:
                self.learn(sized.fitting(ask, self._next_keys(), "string", self.limits))

    def _next_keys(self) -> Sequence[bytes]:
        some = self._keys[self._at : self._at + sized.TOGETHER]
        self._at += len(some)
        return some

    def learn(self, fit: sized.Fitting) -> None:
        """Take in which of some keys may be read."""
        self.missing += fit.missing
        self.skipped += fit.skipped
        self._pieces.extend(sized.pieces(fit.keys, fit.sizes, self.limits))

    def next_round(self) -> Optional[_Round]:
        """What is asked next; None at the end."""
        reading = self._pieces.popleft() if self._pieces else []
        sizing = self._next_keys() if not self._pieces else ()
        return _Round(reading, sizing) if reading or sizing else None


class _Stretch:
    """Some batches over one connection. What was asked and not answered is asked again on a new one."""

    def __init__(self, walk: StringWalk, now: _Round, take: Take):
        self._walk, self._take = walk, take
        self._now: Optional[_Round] = now
        self._left = BATCHES
        self._ready: Optional[tuple[list[bytes], list[Optional[bytes]]]] = None  # to be handed over

    def run(self, connection: Taken) -> Optional[_Round]:
        """Go on until the walk or this part of it ends; return what is to be asked next."""
        connection.check(("MGET",))
        connection.check(("STRLEN",))
        while self._now is not None and self._left:
            expected = self._send(connection, self._now)
            self._hand_over()
            self._read(connection, self._now, expected)
            self._now = self._walk.next_round()
            self._left -= 1
        self._hand_over()
        return self._now

    def _hand_over(self) -> None:
        ready, self._ready = self._ready, None
        if ready is not None:
            self._take(*ready)

    @staticmethod
    def _send(connection: Taken, now: _Round) -> Expected:
        expected, packed = Expected(), b""
        if now.reading:
            expected.sent(b"MGET", len(now.reading) + 1)
            packed = pack_keys(b"MGET", now.reading)
        if now.sizing:
            expected.sent_alike(b"STRLEN", 2, len(now.sizing))
            packed += pack_each(b"STRLEN", now.sizing)
        connection.send(packed)
        return expected

    def _read(self, connection: Taken, now: _Round, expected: Expected) -> None:
        """Read all of a round, then keep it: half of it is asked again where the connection is lost."""
        values: Reply = []
        if now.reading:
            values = connection.read(expected)
            if isinstance(values, Exception):
                raise values
        counts = connection.read_counts(len(now.sizing), expected)
        self._walk.learn(sized.fitting_strings(now.sizing, counts, self._walk.limits))
        if now.reading:
            self._ready = now.reading, values
