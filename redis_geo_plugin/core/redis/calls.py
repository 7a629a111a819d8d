"""Calls: one deadline for the whole of each, and the way to end them from another thread.

A call is what a caller waits for: one command, one pipeline, all that is read on a borrowed connection. It
includes connecting, logging in, asking a sentinel or a cluster for an address, and trying again. Its deadline
stands in ``LIMITS``:

    kind            silence   whole call   more time for data          at most
    interactive     0.9 s     0.9 s        none                        0.9 s
    cache           6 s       6 s          1 s per 16 kB sent or read   60 s
    bulk            10 s      20 s         1 s per 16 kB sent or read  120 s
    blocking(b)     b + 2 s   b + 2 s      1 s per 16 kB sent or read  b + 60 s

Silence is the time without a single byte after which an attempt ends (and may be made again while the call
lasts). What a large value needs on a slow line is given to it; a server that drips a byte now and then gains
nothing by that.

A call ends at once, whatever the server does, when its Server is closed (``Lines`` knows the calls and
sockets of one) or when the work that it belongs to is cancelled (``core/scope``): it raises CallCancelled,
and so does every later call of that work.
"""

from __future__ import annotations

import threading
import time
import weakref
from dataclasses import dataclass
from types import TracebackType
from typing import Optional, Protocol

from ..scope import current_scope
from .closings import Closings, Trial
from .failures import Failure, FailureKind, StoreError
from .redispy import exceptions

SLICE = 0.25  # seconds after which a wait looks whether it was cancelled, where a socket cannot be woken


@dataclass(frozen=True)
class CallLimits:
    """Seconds without a byte (``silence``) and for a whole call (``call``); ``rate`` bytes buy a second more,
    up to ``longest``."""

    silence: float
    call: float
    rate: float = 0.0
    longest: float = 0.0

    def with_pause(self, seconds: float) -> CallLimits:
        """Return the limits for a command that itself waits for ``seconds``."""
        return CallLimits(self.silence + seconds, self.call + seconds, self.rate, self.longest + seconds)


LIMITS = {
    "interactive": CallLimits(0.9, 0.9),
    "cache": CallLimits(6.0, 6.0, 16_000.0, 60.0),
    "bulk": CallLimits(10.0, 20.0, 16_000.0, 120.0),
    "blocking": CallLimits(2.0, 2.0, 16_000.0, 60.0),
}


class CallCancelled(StoreError, exceptions.ConnectionError):
    """A call was ended by another thread of this program. Both a StoreError and one of redis-py's errors."""

    def __init__(self, words: str = ""):
        StoreError.__init__(self, Failure(FailureKind.CANCELLED, words))


class UnexpectedReply(StoreError, exceptions.InvalidResponse):
    """A reply of another kind than the one asked for. Both a StoreError and one of redis-py's errors."""

    def __init__(self, words: str):
        StoreError.__init__(self, Failure(FailureKind.UNEXPECTED_REPLY, words))


class DeadlinePassed(exceptions.RedisError):
    """Within a call: its time is over. None of the errors that redis-py retries; leaves as TimeoutError."""


class Aborted(exceptions.RedisError):
    """Within a call: it was cancelled. Leaves the call as CallCancelled."""


class Wakeable(Protocol):
    """Something that waits and can be woken from another thread."""

    def wake(self) -> None:
        """End the wait."""


class Lines:
    """What the clients of one Server have open and running, and ``closings``: what it closes connections
    at."""

    def __init__(self, closings: Optional[Closings] = None) -> None:
        self.closings = closings or Closings()
        self._calls: set[Call] = set()
        self._sockets: weakref.WeakSet[Wakeable] = weakref.WeakSet()

    def opened(self, sock: Wakeable) -> None:
        """Register a socket before it is connected."""
        self._sockets.add(sock)

    def closed(self, sock: Wakeable) -> None:
        """Remove a closed socket."""
        self._sockets.discard(sock)

    def began(self, call: Call) -> None:
        """Register a call."""
        self._calls.add(call)

    def ended(self, call: Call) -> None:
        """Remove a call that has ended."""
        self._calls.discard(call)

    def abort(self) -> None:
        """End every running call and shut every socket down, without waiting for anything."""
        for call in self._calls.copy():
            call.cancel()
        for sock in list(self._sockets):
            sock.wake()
        self._sockets.clear()

    @property
    def open_sockets(self) -> int:
        """How many sockets are connected or being connected."""
        return len(self._sockets)


class Call:
    """One call of the thread that makes it: a context manager. Within another call of the same thread it has
    that one's limits.

    Leaving it, what happened inside becomes an error that callers know: TimeoutError, CallCancelled,
    UnexpectedReply.
    """

    __slots__ = (
        "_callers",
        "_inner",
        "_lines",
        "_waiting",
        "cancelled",
        "limits",
        "scope",
        "started",
        "trial",
        "until",
    )

    def __init__(self, limits: CallLimits, lines: Optional[Lines] = None, callers_code: bool = False):
        self._callers = callers_code  # whose own mistakes are no unexpected replies
        self.limits = limits
        self.started = time.monotonic()
        self.until = self.started + limits.call
        self.cancelled = False
        self.scope = current_scope()
        self._lines = lines
        self._waiting: Optional[Wakeable] = None
        self._inner = False
        self.trial = Trial()

    def __enter__(self) -> Call:
        outer = current()
        if outer is not None:
            self._inner = True
            return outer
        if self._lines is not None:
            self._lines.began(self)
        _local.call = self
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if self._inner:
            return
        _local.call = None
        if self._lines is not None:
            self._lines.ended(self)
        if error is not None:
            raised = outside(error, self._callers)
            if raised is not error:
                raise raised from error

    def cancel(self) -> None:
        """End it, from another thread."""
        self.cancelled = True
        waiting = self._waiting
        if waiting is not None:
            waiting.wake()

    def waits_on(self, sock: Optional[Wakeable]) -> None:
        """What ``cancel`` has to wake."""
        self._waiting = sock

    def moved(self, size: int) -> None:
        """Count bytes sent or received, which may extend the deadline."""
        limits = self.limits
        if limits.rate:
            self.until = min(self.until + size / limits.rate, self.started + limits.longest)

    def left(self) -> float:
        """Seconds that are left. Raises DeadlinePassed when there are none, Aborted once it was cancelled."""
        self.check()
        left = self.until - time.monotonic()
        if left <= 0.0:
            raise DeadlinePassed(f"no answer within {time.monotonic() - self.started:.1f} s")
        return left

    def check(self) -> None:
        """Raises Aborted for a call that was cancelled."""
        if self.cancelled or (self.scope is not None and self.scope.cancelled):
            raise Aborted("cancelled")


_local = threading.local()
# What redis-py's own code raises on a reply that it did not expect.
_SURPRISED = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    AssertionError,
)


def current() -> Optional[Call]:
    """The call that this thread makes now."""
    return getattr(_local, "call", None)


def outside(error: BaseException, callers_code: bool = False) -> BaseException:
    """An error inside a call as its callers know it; mistakes in their own code stay what they are."""
    if isinstance(error, DeadlinePassed):
        late: BaseException = exceptions.TimeoutError(str(error))
        return late
    if isinstance(error, Aborted):
        return CallCancelled(str(error))
    if isinstance(error, _SURPRISED) and not callers_code:
        return UnexpectedReply(f"{type(error).__name__}: {str(error)[:200]}")
    return error
