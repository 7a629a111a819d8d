"""Replies checked for the type that was asked for.

``Expected`` stands on each connection: it knows which commands were sent, and holds each reply, before
anyone sees it, against what that command can answer. A proxy, a broken or hostile server, or a reply that
belongs to another question is then UnexpectedReply, where it would be a TypeError somewhere else, or a
wrong figure.

The functions ``integer``, ``list_of`` and so on are for values deeper inside a reply.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Optional

from .calls import UnexpectedReply
from .reply_checks import CHECKS, SCORED
from .types import Reply


def integer(reply: object) -> int:
    """A whole number. Raises UnexpectedReply for anything else, and a reply that is an error."""
    if type(reply) is int:
        return reply
    raise wrong(reply, "a whole number")


def number(reply: Reply) -> float:
    """A finite number, as a reply or as its digits. Raises as ``integer`` does."""
    if type(reply) in (int, float, bytes):
        try:
            value = float(reply)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
    raise wrong(reply, "a number")


def list_of(kind: type, reply: object, length: int = -1) -> list[Reply]:
    """A list of values of one type, of this length where it is given. Raises as ``integer`` does."""
    if type(reply) is list and length in (-1, len(reply)) and all(type(item) is kind for item in reply):
        return reply
    raise wrong(reply, f"a list of {kind.__name__}")


def wrong(reply: object, wanted: str, command: str = "") -> Exception:
    """The error to raise: the reply itself where it is one, else UnexpectedReply."""
    if isinstance(reply, Exception):
        return reply
    found = f"a list of {len(reply)}" if isinstance(reply, list) else type(reply).__name__
    return UnexpectedReply(f"{command + ': ' if command else ''}{found} where {wanted} was asked for")


_CONTAINERS = {name.partition(b"|")[0] for name in CHECKS if b"|" in name}
_COUNT = CHECKS[b"STRLEN"]
_plain: dict[object, bytes] = {}  # names of one word, as they are written, and in capitals
_SUBSCRIBING = {
    b"SUBSCRIBE",
    b"PSUBSCRIBE",
    b"SSUBSCRIBE",
    b"UNSUBSCRIBE",
    b"PUNSUBSCRIBE",
    b"MONITOR",
    b"HELLO",
}


class Expected:
    """The replies that a connection still owes. One thread at a time, like the connection."""

    def __init__(self) -> None:
        self._asked: deque[tuple[bytes, int]] = deque()
        self._queued: Optional[list[tuple[bytes, int]]] = None  # within MULTI: what EXEC will answer
        self._unknown = False  # after SUBSCRIBE and the like, replies come as they come

    def clear(self) -> None:
        """The connection was closed."""
        self._asked.clear()
        self._queued = None
        self._unknown = False

    def sent(self, name: bytes, words: int) -> None:
        """Note that a command with this name (see ``command_name``) and number of words was sent."""
        if name in _SUBSCRIBING:
            self._unknown = True
        if not self._unknown:
            self._asked.append((name, words))

    def sent_all(self, names: Sequence[bytes], commands: Sequence[Sequence[object]]) -> None:
        """``sent`` of many commands."""
        if _SUBSCRIBING.isdisjoint(names):
            if not self._unknown:
                self._asked.extend(zip(names, map(len, commands)))
            return
        for name, words in zip(names, commands):
            self.sent(name, len(words))

    def sent_alike(self, name: bytes, words: int, many: int) -> None:
        """``sent`` of many commands of one name and number of words, which ends with its reply."""
        if not self._unknown:
            self._asked.extend([(name, words)] * many)

    @property
    def all_answered(self) -> bool:
        """Whether nothing is owed, as far as is known."""
        return not self._asked

    @property
    def next_is(self) -> bytes:
        """The name of the command whose reply comes next, b"" where it is not known."""
        return self._asked[0][0] if self._asked else b""

    def counted(self, many: int) -> None:
        """So many counts have come, each the right reply to what ``is_count`` told."""
        if self._asked:
            if many == len(self._asked):
                self._asked.clear()
                return
            for _ in range(many):
                self._asked.popleft()

    def answered(self, reply: object) -> None:
        """A reply (an exception for the server's no) has come. Raises UnexpectedReply where it is none to
        what was asked."""
        if not self._asked:
            return
        name, words = self._asked.popleft()
        refused = isinstance(reply, Exception)
        if name == b"MULTI":
            self._queued = None if refused else []
        elif self._queued is None:
            if not refused:
                _hold(name, words, reply)
        elif name in (b"EXEC", b"DISCARD"):
            queued, self._queued = self._queued, None
            if name == b"EXEC" and not refused:
                _hold_all(queued, reply)
        elif reply == b"QUEUED":
            self._queued.append((name, words))
        elif not refused:
            raise wrong(reply, "QUEUED", name.decode("latin-1"))


def is_count(name: bytes) -> bool:
    """Whether the right reply to a command is a whole number from 0 on, outside of MULTI."""
    return CHECKS.get(name) is _COUNT


def command_name(words: Sequence[object]) -> bytes:
    """The name in capitals, with what CHECKS tells apart: ``XINFO|STREAM``, ``ZRANGE WITHSCORES``."""
    name = _plain.get(words[0])
    if name is None:
        name = _full_name(words)
    if name in SCORED and _upper(words[-1]) == b"WITHSCORES":
        return SCORED[name]
    return name


def _full_name(words: Sequence[object]) -> bytes:
    name = _upper(words[0])
    if b" " in name:
        return name.replace(b" ", b"|", 1)
    if name not in _CONTAINERS and len(name) < 20 and len(_plain) < 1000:
        _plain[words[0]] = name
    if name in _CONTAINERS and len(words) > 1:
        return name + b"|" + _upper(words[1])
    return name


def _upper(word: object) -> bytes:
    raw = word if isinstance(word, bytes) else str(word).encode("utf-8", "replace")
    return raw.upper()


def _hold(name: bytes, words: int, reply: object) -> None:
    check = CHECKS.get(name)
    if check is not None and not check(reply, words):
        raise wrong(reply, "another reply", name.decode("latin-1"))


def _hold_all(queued: list[tuple[bytes, int]], reply: object) -> None:
    if reply is None:  # a watched key has changed
        return
    if type(reply) is not list or len(reply) != len(queued):
        raise wrong(reply, f"a list of {len(queued)}", "EXEC")
    for (name, words), one in zip(queued, reply):
        if not isinstance(one, Exception):
            _hold(name, words, one)
