"""Proof of cached results: one hit in n is computed again in the background and compared with what was read.

A difference is reported, the value is replaced, and both are counted on the server for everyone to see. The
number of proofs per run is limited, and so is their computing time as measured when the results were first
computed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional, Protocol, Union

import numpy as np
import shapely
from shapely.errors import ShapelyError

from ..geometry import wkb
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
    """A hit chosen to be computed again."""

    key: bytes
    digest: bytes
    geometries: tuple[bytes, ...]
    number: Optional[float]
    value: codec.Value


@dataclass(frozen=True)
class ProofOutcome:
    """What the proof of a run found. ``keys`` are those of the values that differed."""

    proved: int = 0
    differed: int = 0
    keys: tuple[bytes, ...] = ()


class ProvedResults(Protocol):
    """Where proved results stand: a ``CacheStore``."""

    @property
    def operation(self) -> Union[Operation, type[Operation]]:
        """The operation that computes anew."""

    @property
    def namespace(self) -> str:
        """The part of the cache."""

    def entry(self, digest: bytes, wkb: bytes, cost_us: float) -> tuple[bytes, bytes, int]:
        """What to SET for a result."""


class Proof:
    """Chooses hits while a run reads, and proves them afterwards. ``told`` gets the outcome, from a thread.

    ``most`` hits are proved, of no more than ``longest_us`` microseconds of computing time together.
    """

    def __init__(
        self,
        one_in: int = ONE_IN,
        told: Callable[[ProofOutcome], object] = lambda _outcome: None,
        most: int = MOST,
        longest_us: float = LONGEST_US,
    ):
        self._one_in = one_in
        self._told = told
        self._most, self._longest_us = most, longest_us
        self._samples: list[Sample] = []
        self._cost_us = 0.0
        self._lock = threading.Lock()

    def wants(self) -> bool:
        """Whether the next hit is to be proved. Cheap: asked for every hit."""
        return self._one_in > 0 and random.random() * self._one_in < 1.0  # nosec B311 - a sample

    def offer(self, sample: Sample) -> None:
        """Take a hit, unless this run has proved enough."""
        with self._lock:
            if len(self._samples) < self._most and self._cost_us + sample.value.cost_us <= self._longest_us:
                self._samples.append(sample)
                self._cost_us += sample.value.cost_us

    def start(self, link: Link, store: ProvedResults) -> Optional[threading.Thread]:
        """Prove what was chosen, in a thread of its own; None where there is nothing to prove."""
        if not self._samples or not link.up:
            return None
        thread = threading.Thread(target=self.run, args=(link, store), name="redis-geo-proof", daemon=True)
        thread.start()
        return thread

    def run(self, link: Link, store: ProvedResults) -> None:
        """Prove what was chosen, here and now."""
        with self._lock:
            samples, self._samples, self._cost_us = self._samples, [], 0.0
        if samples and link.up:
            outcome = prove(samples, link, store)
            count_proofs(link, store.operation.family, store.namespace, outcome.proved, outcome.differed)
            self._told(outcome)


def prove(samples: Sequence[Sample], link: Link, store: ProvedResults) -> ProofOutcome:
    """Compute the samples anew, compare, and replace what differs."""
    proved, wrong = 0, []
    for sample in samples:
        fresh = _compute(store.operation, sample)  # type: ignore[arg-type]
        if fresh is None:
            continue  # it cannot be computed here now, which proves nothing
        proved += 1
        if not same(wkb.read([sample.value.wkb])[0], wkb.read([fresh])[0]):
            wrong.append(store.entry(sample.digest, fresh, sample.value.cost_us))
    if wrong:
        link.write(wrong)
    return ProofOutcome(proved, len(wrong), tuple(key for key, _, _ in wrong))


def same(cached: shapely.Geometry, fresh: shapely.Geometry) -> bool:
    """Whether two results are the same shape, apart from the last digits, which differ by version of GEOS."""
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
