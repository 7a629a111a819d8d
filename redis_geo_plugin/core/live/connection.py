"""Connections of live feeds: commands and their replies, and the pushes of RESP3.

redis-py connects, authenticates and speaks TLS; the replies are parsed by ``core/redis/protocol``.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from typing import Callable, Optional

from ..redis.borrowed import Taken
from ..redis.doors import TimedClient
from ..redis.expect import Expected, command_name
from ..redis.protocol import SIZES, pack
from ..redis.types import Reply, Word

__all__ = ["ANSWER_TIMEOUT", "Wire", "Word", "answers"]
_INVALIDATED = b">2\r\n$10\r\ninvalidate\r\n*1\r\n$"  # and then the key
ANSWER_TIMEOUT = 2.0  # seconds; whoever must end sooner calls ``close`` from another thread
FEW = 4096  # bytes, fewer than one piece of TLS holds
FLOOD = 0.25  # seconds that pushes are taken up for without a pause, before the caller gets its turn


class Wire:
    """A connection of a client (``Server.blocking``, or a node's of a cluster), taken from its pool.

    Not for two threads at once, but for ``close``. Every method raises redis-py's ConnectionError,
    TimeoutError or ResponseError, or UnexpectedReply. Pushes (RESP3) go to ``on_push``.
    """

    def __init__(self, client: TimedClient, on_push: Optional[Callable[[list[Reply]], None]] = None):
        self._taken = Taken(client, on_push)
        self._taken.receive_in_large_pieces()
        self._on_push = on_push
        self._owed = Expected()  # the replies to what was sent ahead
        self.closed = False

    def ask(self, *words: Word) -> Reply:
        """Send one command and return its reply. Raises ResponseError where the server refuses it."""
        reply = self.ask_many([words])[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    def ask_many(self, commands: Sequence[Sequence[Word]]) -> list[Reply]:
        """Send commands in one write. Returns their replies in order; the ResponseError of a refused command
        stands in its place."""
        return self._taken.ask(commands)

    def send(self, *words: Word) -> None:
        """Send one command; ``read`` returns its reply later."""
        self._taken.check(words)
        self._taken.send(pack([words]))
        self._owed.sent(command_name(words), len(words))

    def read(self) -> Reply:
        """Read the next reply; pushes before it go to ``on_push``."""
        return self._taken.read(self._owed)

    def wait(self, seconds: float) -> bool:
        """Hand over the pushes that arrive within ``seconds`` (0: those already there).

        True when one came.
        """
        came, got = False, FEW
        deadline = time.monotonic() + seconds
        while True:
            while self._taken.reader.waiting:
                keys = self._invalidated()
                if keys and self._on_push is not None:
                    self._on_push([b"invalidate", keys])
                    came = True
                elif self._read_one():
                    came = True
            left = deadline - time.monotonic()
            if left < -FLOOD or (came and got < FEW):
                return came  # hardly anything came: no more of it waits
            got = self._taken.receive_within(0.0 if came else max(left, 0.0))
            if not got:
                return came

    def fileno(self) -> int:
        """For ``select``."""
        return self._taken.fileno()

    def close(self) -> None:
        """End the connection; a read that waits in another thread ends at once."""
        self.closed = True
        self._taken.close()

    def _read_one(self) -> bool:
        """Read what comes next; whether it was a push, which has then been handed over."""
        with self._taken.door.call():
            return self._taken.reader.read_any()[0]

    def _invalidated(self) -> list[bytes]:
        """The keys of the invalidations at the front of the buffer, one key each, as the server sends them by
        the thousand: cut at what they have in common.

        Empty where something else comes first, or a key looks odd.
        """
        reader = self._taken.reader
        if not reader.starts_with(_INVALIDATED):
            return []
        buffer = reader.take_buffer()
        pieces = buffer[len(_INVALIDATED) :].split(_INVALIDATED)
        last = pieces.pop()  # may be cut off, or have something else behind it
        keys, end, sizes = [], 0, SIZES
        for piece in pieces:
            line = piece.find(b"\r\n")
            key = piece[line + 2 : -2]
            if line < 1 or len(key) != sizes[b"$" + piece[:line]] or piece[-2:] != b"\r\n":
                break  # a key that has the mark in it: the general way reads it
            keys.append(key)
            end += len(_INVALIDATED) + len(piece)
        else:
            line = last.find(b"\r\n")
            size = sizes[b"$" + last[:line]] if line > 0 else -1
            stop = line + 2 + size
            if size >= 0 and last[stop : stop + 2] == b"\r\n":
                keys.append(last[line + 2 : stop])
                end += len(_INVALIDATED) + stop + 2
        reader.put_back(buffer[end:])
        return keys


def answers(address: tuple[str, int]) -> bool:
    """Whether a server listens there; answers within a moment."""
    try:
        socket.create_connection(address, 0.2).close()
        return True
    except OSError:
        return False
