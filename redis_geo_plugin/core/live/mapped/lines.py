"""What the window and the reading process tell each other: objects of JSON, one a line."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from collections.abc import Iterable
from typing import Any, Optional

from ...json_types import JsonObject
from ...redis.failures import Failure, FailureKind
from ...redis.settings import ConnectionSettings, Deployment
from ..records import Refusal, RefusalReason
from ..status import FeedState, Status

LONGEST = 1 << 26  # bytes of a line


class WindowTalk:
    """The reading process's pipes to its parent. Nothing else in it may use its standard input and output."""

    def __init__(self) -> None:
        self._heard = os.fdopen(os.dup(0), "rb")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        self._lock = threading.Lock()

    def say(self, words: JsonObject) -> None:
        """Tell the parent something; where it has gone, what hears it ends this process."""
        data = packed(words)
        with self._lock:
            while data:
                data = data[self._out.write(data) :]

    def hear(self) -> Optional[JsonObject]:
        """The next thing that the parent says; None at the end."""
        return unpacked(self._heard.readline(LONGEST))


def packed(words: JsonObject) -> bytes:
    """An object as a line."""
    return json.dumps(words, separators=(",", ":")).encode() + b"\n"


def unpacked(line: bytes) -> Optional[JsonObject]:
    """The object of a line; None where there is none, as at the end."""
    if not line.endswith(b"\n"):
        return None
    found = json.loads(line)
    return found if isinstance(found, dict) else None


def connection_words(settings: Optional[ConnectionSettings]) -> Optional[JsonObject]:
    """A connection with its secret, for a pipe that nobody else reads."""
    if settings is None:
        return None
    return {**dataclasses.asdict(settings), "deployment": settings.deployment.value}


def connection_of(words: Optional[JsonObject]) -> Optional[ConnectionSettings]:
    """The connection that ``connection_words`` told."""
    if words is None:
        return None
    values = dict(words)
    values["deployment"] = Deployment(values["deployment"])
    values["nodes"] = tuple((host, port) for host, port in values["nodes"])
    return ConnectionSettings(**values)


def status_words(status: Status, refusals: Iterable[Refusal], kinds: dict[str, str]) -> JsonObject:
    """The status of the feed that reads, its newest refusals, and the types of the attributes."""
    return {
        "state": status.state.value,
        "since": status.since,
        "failure": _failure_words(status.failure),
        "note": _failure_words(status.note),
        "figures": {name: getattr(status, name) for name in _FIGURES},
        "refused": {reason.value: count for reason, count in status.refused.items()},
        "refusals": [[one.reason.value, *(getattr(one, name) for name in _REFUSAL)] for one in refusals],
        "kinds": kinds,
    }


_FIGURES = (
    "tracking",
    "resting",
    "vehicles",
    "updates_per_second",
    "offset",
    "correction",
    "last_data",
    "reads",
    "full_reads",
)
_REFUSAL = ("id", "key", "raw", "receipt", "lon", "lat")


def status_of(words: JsonObject) -> Status:
    """The status that ``status_words`` told."""
    return Status(
        state=FeedState(words["state"]),
        since=words["since"],
        failure=_failure_of(words["failure"]),
        note=_failure_of(words["note"]),
        refused={RefusalReason(reason): count for reason, count in words["refused"].items()},
        **words["figures"],
    )


def refusals_of(words: JsonObject) -> list[Refusal]:
    """The refusals that ``status_words`` told."""
    return [Refusal(RefusalReason(reason), *values) for reason, *values in words["refusals"]]


def _failure_words(failure: Optional[Failure]) -> Any:
    return None if failure is None else [failure.kind.value, failure.words]


def _failure_of(words: Any) -> Optional[Failure]:
    return None if words is None else Failure(FailureKind(words[0]), words[1])
