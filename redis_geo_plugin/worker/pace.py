"""The recent cost of jobs, so that a worker claims only as many as it will soon compute and leaves the rest
to others.

Jobs of one batch may differ ten-thousandfold (an island, a continent), and mostly as their geometries do: the
estimate goes by bytes. It is only ever an estimate; what proves too much is handed back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

OWN_BYTES = 64  # of every job: what it costs whatever its size
_RECENT = 0.3  # weight of what was seen last


class WorkerPace:
    """Seconds per byte of the jobs worked lately, and bytes per job of those taken lately."""

    def __init__(self) -> None:
        self._per_byte: Optional[float] = None
        self._bytes: Optional[float] = None

    @property
    def known(self) -> bool:
        """Whether any job was computed yet."""
        return self._per_byte is not None

    def took(self, sizes: Sequence[int]) -> None:
        """Note the sizes in bytes of jobs that were claimed together."""
        if sizes:
            mean = sum(sizes) / len(sizes) + OWN_BYTES
            self._bytes = mean if self._bytes is None else _RECENT * mean + (1.0 - _RECENT) * self._bytes

    def worked(self, sizes: Sequence[int], seconds: float) -> None:
        """Note the seconds that jobs of these sizes in bytes took together."""
        if not sizes:
            return
        rate = max(seconds, 1e-6) / (sum(sizes) + OWN_BYTES * len(sizes))
        weight = min(_RECENT + len(sizes) / 100.0, 0.9)
        self._per_byte = rate if self._per_byte is None else weight * rate + (1.0 - weight) * self._per_byte

    def seconds(self, size: int) -> float:
        """Estimate the seconds of a job of ``size`` bytes; 0 while nothing is known."""
        return (self._per_byte or 0.0) * (size + OWN_BYTES)

    def usual(self) -> float:
        """Estimate the seconds of a job like those claimed lately; 0 while nothing is known."""
        return (self._per_byte or 0.0) * (self._bytes or OWN_BYTES)
