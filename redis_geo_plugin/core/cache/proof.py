"""The cache proves itself: one hit in n is computed anew in the background and compared with what was read.

A difference is told, the value replaced, and both are counted on the server, so that everyone sees them. What is computed
this way is bounded per run by number and by the time that it took when it was computed first.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

import numpy as np
import shapely
from shapely.errors import ShapelyError

from .. import wkb
from . import codec
from .statistics import ONE_IN, count_proofs

if TYPE_CHECKING:
    from ..operations.base import Operation
    from .link import Link

MOST = 20  # per run
LONGEST_US = 2_000_000.0  # computing time per run
TOLERANCE = 1e-9  # of the extent: what another version of GEOS may differ by


@dataclass(frozen=True)
class Sample:
    """A hit that is to be proved."""

    key: bytes
    digest: bytes
    geometries: tuple[bytes, ...]
    number: Optional[float]
    value: codec.Value


@dataclass(frozen=True)
class Outcome:
    """What the proof of a run found. ``keys`` are those of the values that differed."""

    proved: int = 0
    differed: int = 0
    keys: tuple[bytes, ...] = ()


class Proof:
    """Chooses hits while a run reads, and proves them afterwards. ``told`` gets the Outcome, from a thread."""

    def __init__(self, one_in: int = ONE_IN, told: Callable[[Outcome], Any] = lambda outcome: None):
        self._one_in = one_in
        self._told = told
        self._samples: list[Sample] = []
        self._cost_us = 0.0
        self._lock = threading.Lock()

    def wants(self) -> bool:
        """Whether the next hit is to be proved. Cheap: asked for every hit."""
        return self._one_in > 0 and random.random() * self._one_in < 1.0  # nosec B311 - a sample

    def offer(self, sample: Sample) -> None:
        """Take a hit, unless this run has proved enough."""
        with self._lock:
            if len(self._samples) < MOST and self._cost_us + sample.value.cost_us <= LONGEST_US:
                self._samples.append(sample)
                self._cost_us += sample.value.cost_us

    def start(self, link: Link, operation: Operation, namespace: str, ttl: int) -> Optional[threading.Thread]:
        """Prove what was chosen, in a thread of its own; None where there is nothing to prove."""
        if not self._samples or not link.up:
            return None
        thread = threading.Thread(
            target=self._prove, args=(link, operation, namespace, ttl), name="redis-geo-proof", daemon=True
        )
        thread.start()
        return thread

    def _prove(self, link: Link, operation: Operation, namespace: str, ttl: int) -> None:
        outcome = prove(self._samples, link, operation, ttl)
        count_proofs(link, operation.family, namespace, outcome.proved, outcome.differed)
        self._told(outcome)


def prove(samples: Sequence[Sample], link: Link, operation: Operation, ttl: int) -> Outcome:
    """Compute the samples anew, compare, and replace what differs."""
    proved, wrong = 0, []
    for sample in samples:
        fresh = _compute(operation, sample)
        if fresh is None:
            continue  # it cannot be computed here now, which proves nothing
        proved += 1
        if not same(wkb.read([sample.value.wkb])[0], wkb.read([fresh])[0]):
            wrong.append((sample.key, codec.encode(sample.digest, fresh, sample.value.cost_us), ttl))
    if wrong:
        link.write(wrong)
    return Outcome(proved, len(wrong), tuple(key for key, _, _ in wrong))


def same(cached: Any, fresh: Any) -> bool:
    """Whether two results are the same shape, but for the last digits in which versions of GEOS differ."""
    if cached is None or fresh is None or cached.geom_type != fresh.geom_type:
        return False
    if cached.is_empty or fresh.is_empty:
        return bool(cached.is_empty and fresh.is_empty)
    west, south, east, north = fresh.bounds
    tolerance = TOLERANCE * max(east - west, north - south, abs(west), abs(south), abs(east), abs(north))
    if shapely.equals_exact(shapely.normalize(cached), shapely.normalize(fresh), tolerance):
        return True
    try:
        return bool(shapely.hausdorff_distance(cached, fresh) <= 10 * tolerance)
    except ShapelyError:
        return False


def _compute(operation: Operation, sample: Sample) -> Optional[bytes]:
    columns = tuple(wkb.read([geometry]) for geometry in sample.geometries)
    number = None if sample.number is None else np.array([sample.number], dtype=float)
    try:
        return wkb.write(operation.compute(columns, number))[0]
    except (ShapelyError, ValueError, TypeError):
        return None
