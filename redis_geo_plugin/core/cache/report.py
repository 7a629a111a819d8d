"""The counts of a cached run, as they are shown to the user."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Optional

from ..redis.failures import Failure


@dataclass
class RunReport:
    """The counts of a run. ``hits`` were read from the cache, ``misses`` were not; together they are all
    items with a geometry.

    ``computed`` counts computations (equal items are computed once), ``waited`` results that another run was
    computing, ``direct`` items that were quicker to compute than to ask for, ``stored`` written values.
    ``spared_s`` is the computing time of the hits as measured when they were computed. ``damaged`` counts
    values that did not check out.
    """

    hits: int = 0
    misses: int = 0
    computed: int = 0
    waited: int = 0
    direct: int = 0
    stored: int = 0
    damaged: int = 0
    failed: int = 0
    spared_s: float = 0.0
    elapsed_s: float = 0.0
    failure: Optional[Failure] = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def total(self) -> int:
        """Items with a geometry."""
        return self.hits + self.misses

    def add(self, spared_s: float = 0.0, **counts: int) -> None:
        """Add to these counts, from any thread."""
        with self._lock:
            self.spared_s += spared_s
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)
