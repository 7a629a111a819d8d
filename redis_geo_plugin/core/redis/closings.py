"""Servers that close the connection at a command which they do not know, instead of answering: some proxies.

A connection that is lost at such a command, twice within one call and on a new connection each time, is
taken for the server's no. From then on the command is not sent there any more, and has the answer of a
server that does not know it; so whoever does without it where it is refused does so here too. After
``TRUSTED`` seconds it is tried again: a server that was just falling over may have been taken for such a
proxy.

The connections ask here (``connections``, ``borrowed``), so that clients, pipelines, clusters and the
greeting of a new connection need not; ``doors`` makes the same call once more. Of commands that were sent
together nobody can tell at which one the connection was closed: the next time each new one is sent by itself
(``Trial.steps``).

Only commands that the plugin can do without are looked at, none of which changes a value by itself.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Hashable, Iterable, Sequence
from typing import Callable, Optional, TypeVar

from .failures import FailureKind, classify
from .redispy import exceptions

DISPENSABLE = frozenset(
    b"""
    HELLO CLIENT INFO CONFIG|GET DBSIZE COMMAND MEMORY|USAGE MEMORY OBJECT PUBSUB|CHANNELS PUBSUB SCAN ACL
    MODULE FT._LIST FT.INFO EVAL EVALSHA SCRIPT LATENCY|LATEST SLOWLOG|GET COMMANDSTATS
    TYPE TTL PTTL EXISTS GETRANGE STRLEN HLEN ZCARD SCARD LLEN XLEN TIME
    """.split()
)
TWICE = 2
TRUSTED = 600.0  # seconds for which a command is not sent
Answer = TypeVar("Answer")


class ClosedAt(exceptions.ConnectionError):
    """The connection was lost where the answer to a command was owed that can be done without: once more."""


class Trial:
    """What one call has lost so far."""

    __slots__ = ("doubted", "times")

    def __init__(self) -> None:
        self.doubted = False  # a connection was lost at one of several commands
        self.times: dict[bytes, int] = {}

    def steps(self, names: Sequence[bytes]) -> list[int]:
        """How many of these commands are sent before the next are: all, or in doubt each new one alone."""
        if not self.doubted:
            return [len(names)]
        known: set[bytes] = set()
        steps, together = [], 0
        for name in names:
            if name in known or name not in DISPENSABLE:
                together += 1
                continue
            known.add(name)
            steps += [together, 1] if together else [1]
            together = 0
        return [*steps, together] if together else steps


class Closings:
    """What the servers of one connection's settings close the connection at. For several threads."""

    def __init__(self) -> None:
        self._until: dict[bytes, float] = {}  # monotonic

    def among(self, names: Iterable[bytes]) -> dict[bytes, Exception]:
        """Those of these commands that are not to be sent, each with the answer that it has instead.

        Args:
            names: as ``expect.command_name`` gives them.
        """
        if not self._until:
            return {}
        now = time.monotonic()
        return {name: _no(name) for name in names if self._until.get(name, 0.0) > now}

    def lost(self, trial: Trial, names: Sequence[bytes], error: BaseException) -> Optional[ClosedAt]:
        """Return what to raise instead of ``error`` where the call is to be made again on a new connection.

        Args:
            trial: that of the call.
            names: the commands that were sent together when the connection was lost.
            error: what was raised.
        """
        if isinstance(error, exceptions.TimeoutError) or not DISPENSABLE.intersection(names):
            return None
        if classify(error).kind is not FailureKind.LOST or b"MULTI" in names:
            return None
        if len(names) > 1:
            if trial.doubted:
                return None
            trial.doubted = True
        else:
            name = names[0]
            trial.times[name] = trial.times.get(name, 0) + 1
            if trial.times[name] > TWICE:
                return None
            if trial.times[name] == TWICE:
                self._until[name] = time.monotonic() + TRUSTED
        return ClosedAt(str(error))


def _no(name: bytes) -> Exception:
    words = name.decode("latin-1").replace("|", " ")
    error: Exception = exceptions.ResponseError(
        f"unknown command '{words}': the server closes the connection at it"
    )
    return error


def persist(attempt: Callable[[], Answer]) -> Answer:
    """Make the same attempt again while the connection is lost at commands that can be done without: at most
    ``TWICE`` for each. All of it within one call."""
    while True:
        try:
            return attempt()
        except ClosedAt:
            continue


_known: weakref.WeakValueDictionary[Hashable, Closings] = weakref.WeakValueDictionary()
_lock = threading.Lock()


def of(settings: Hashable) -> Closings:
    """What is known of the server at these settings, shared by all who reach it in the same way."""
    with _lock:
        found = _known.get(settings)
        if found is None:
            found = _known[settings] = Closings()
        return found
