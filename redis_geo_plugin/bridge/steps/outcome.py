"""What a step is asked to do with the cache, and what came of it. Imports nothing of the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from ...core.keys import DEFAULT_NAMESPACE, DEFAULT_TTL
from ...core.redis.failures import Failure
from ...core.redis.settings import ConnectionSettings
from .ways import Way


@dataclass(frozen=True)
class StepOptions:
    """Where results are kept, and for how many seconds (0 keeps them). Without ``settings`` nothing is looked
    up or stored; ``parallel`` computes on all cores all the same."""

    namespace: str = DEFAULT_NAMESPACE
    ttl: int = DEFAULT_TTL
    settings: Optional[ConnectionSettings] = None
    parallel: bool = True


@dataclass
class StepOutcome:
    """What a step gave.

    ``outputs`` are the algorithm's own, under its own names. ``hits`` and ``misses`` count features (rows,
    nearby), groups, or the step as a whole; both are 0 where nothing was looked up. ``reason`` says in words
    why there is no ``way``, or why one that was begun was left. ``spared_seconds`` is what computing the hits
    had taken. ``failure`` is the first one of the server.
    """

    outputs: dict[str, object] = field(default_factory=dict)
    way: Optional[Way] = None
    reason: str = ""
    hits: int = 0
    misses: int = 0
    seconds: float = 0.0
    spared_seconds: float = 0.0
    failure: Optional[Failure] = None
