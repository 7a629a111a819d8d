"""Changing keys only as long as nobody else does: WATCH, look, MULTI, and again when another client was
quicker, the slot of the keys was on its way to another node, or no reply came."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Callable, TypeVar

from .failures import Failure, FailureKind, StoreError
from .redispy import exceptions
from .server import Server
from .types import RedisClient, RedisPipeline, Reply, Word

TRIES = 8  # of which each lost one means that another client changed the same keys within milliseconds
AT_ONCE = 100  # keys of one WATCH: a server may compare each with all that are watched already
MOVING = 60.0  # seconds in which a slot is moved from node to node
_MOVES = 0.05  # seconds between two attempts meanwhile


class KeysBusy(StoreError):
    """Other clients changed the keys each time; nothing was done."""

    def __init__(self) -> None:
        super().__init__(Failure(FailureKind.OTHER, "other clients change these keys all the time"))


_Result = TypeVar("_Result")


class WatchKeys:
    """Watches keys in one attempt. ``unanswered``: an attempt before, whose result was ``before``, had no
    reply: it may have been done or not."""

    def __init__(self, pipe: RedisPipeline, unanswered: bool = False, before: Any = None):
        self._pipe, self.unanswered, self.before = pipe, unanswered, before

    def __call__(self, names: Sequence[bytes]) -> None:
        """Watch these keys, too."""
        for start in range(0, len(names), AT_ONCE):
            # not watch(), which redis-py's cluster sends past the door
            self._pipe.execute_command("WATCH", *names[start : start + AT_ONCE])


_LOST = (exceptions.ConnectionError, exceptions.TimeoutError, OSError)


def _is_moving(error: exceptions.RedisError) -> bool:
    """Whether keys are on their way to another node; redis-py's ClusterError says that it asked in vain."""
    return isinstance(error, (exceptions.TryAgainError, exceptions.AskError)) or (
        type(error) is exceptions.ClusterError
    )


def _raise_first(replies: Sequence[Reply]) -> None:
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply


Step = Callable[["WatchKeys"], tuple[Sequence[Sequence[Word]], _Result]]


def guarded(server: Server, step: Step[_Result]) -> _Result:
    """``guarded_by`` the client for the background."""
    return guarded_by(server.bulk, step)


def guarded_by(
    client: RedisClient,
    step: Step[_Result],
    check: Callable[[Sequence[Reply]], None] = _raise_first,
    tries: int = TRIES,
) -> _Result:
    """Do in one transaction what was decided by what stands under keys.

    Args:
        client: of the server; on a cluster all keys of a step are of one slot.
        step: is given what watches keys. It watches, looks (over any connection), and returns the commands
            and its result; called again when a watched key was changed before they were done, or when no
            reply came: then it finds done what was done.
        check: raises what the replies to the commands call for; usually the first error.
        tries: after which it is given up.

    Returns:
        The result of the step whose commands were done.

    Raises:
        KeysBusy: others changed the keys each time.
    """
    unanswered, before, left, moving = False, None, tries, time.monotonic() + MOVING
    while left:
        with client.pipeline(transaction=True) as pipe:
            is_sent = False
            try:
                commands, result = step(WatchKeys(pipe, unanswered, before))
                if commands:
                    pipe.multi()
                    for words in commands:
                        pipe.execute_command(*words)
                    is_sent = True
                    check(pipe.execute(raise_on_error=False))
                return result
            except exceptions.WatchError as error:
                if is_sent:
                    unanswered = isinstance(error.__cause__ or error.__context__, _LOST)
                    before = result if unanswered else None
                left -= 1
                if unanswered and not left:
                    raise (error.__cause__ or error.__context__ or error) from error
            except exceptions.RedisError as error:  # nothing was done: a node looks at the keys first
                if not _is_moving(error) or time.monotonic() > moving:
                    raise
                time.sleep(_MOVES)
    raise KeysBusy
