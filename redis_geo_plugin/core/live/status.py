"""The status of a feed, and the differences that it hands to the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Optional

from ..redis.failures import Failure
from .fleet import Fixes
from .records import RefusalReason


class FeedState(str, Enum):
    """The states of a feed, as its lamp shows them."""

    STOPPED = "stopped"
    STARTING = "starting"  # the first full read
    LIVE = "live"
    LATE = "late"  # connected, but nothing new for longer than the feed allows
    PAUSED = "paused"
    RECONNECTING = "reconnecting"
    FAILED = "failed"  # waiting alone will not mend it: wrong password, no rights


@dataclass(frozen=True)
class Status:
    """A feed at one moment.

    ``since`` (seconds since 1970) is when the state began, ``offset`` how many seconds the producer's clock
    is behind ours (None: not known yet), ``correction`` what is taken off ages. ``resting``: the server would
    tell what changes, but so much does that everything is read in turn.
    """

    state: FeedState
    since: float
    failure: Optional[Failure]
    tracking: bool
    resting: bool
    note: Optional[Failure]
    vehicles: int
    updates_per_second: float
    refused: dict[RefusalReason, int]
    offset: Optional[float]
    correction: float
    last_data: Optional[float]
    reads: int
    full_reads: int


@dataclass
class Difference:
    """What changed since the last ``take``: the latest fix of each changed id, and the ids that are gone.

    ``kinds`` are the types of the attributes (``int``, ``real``, ``text``, ``bool``; "" when not known yet).
    ``since`` is when the reading of the first of them began (monotonic).
    """

    changed: Fixes = field(default_factory=lambda: Fixes.of([]))
    gone: dict[str, None] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    since: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)
