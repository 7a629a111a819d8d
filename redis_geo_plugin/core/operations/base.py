"""What a cached operation is. A new one is one new file here and one line in the registry."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Optional

import numpy as np

Geometries = np.ndarray  # of shapely geometries or None, dtype object
Numbers = np.ndarray  # float64, one per item
Columns = Sequence[Sequence[Optional[bytes]]]  # WKB, None for no geometry


@dataclass(frozen=True)
class Operation:
    """One operation with its parameters, as a value: two equal operations give the same keys.

    An *item* is what one result depends on beside the parameters: ``arity`` geometries and, where the operation
    has one, a number (a buffer's distance). ``version`` is raised whenever the same input would give another result.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    family: ClassVar[str]  # the start of its keys
    arity: ClassVar[int] = 1
    number_name: ClassVar[str] = ""  # what the item's number is called in a job; empty where there is none

    def canonical(self) -> bytes:
        """The parameters as bytes: equal for equal results, different where results may differ."""
        raise NotImplementedError

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        """The results of n items: ``arity`` arrays of n geometries, n numbers or None; gives an array of n geometries.

        Runs in several threads at once; must not change its input. Raises shapely's GEOSException.
        """
        raise NotImplementedError

    def at_once(self, columns: Columns, numbers: Optional[Sequence[float]]) -> Optional[list[Optional[bytes]]]:
        """The results (WKB to WKB) of those items that take less time to compute than a key takes to write, None for the
        others; None altogether for an operation that has no such items. ``columns``: ``arity`` lists of n values."""
        return None

    def divisible(self, geometry: Any, number: float) -> bool:
        """Whether the result of this multi-part geometry is the union of the results of its parts."""
        return False

    @property
    def engine(self) -> str:
        """The version of GEOS (``3.11``) whose results these are, as the field ``geos`` has it; empty for an operation whose
        results were not found to depend on it."""
        return ""

    def computed_by(self, geos: str) -> Operation:
        """The same, as another version of GEOS computes it."""
        return replace(self, geos=geos) if self.engine else self  # type: ignore[call-arg]

    def fingerprint(self) -> bytes:
        """Name, version and parameters: what stands before the geometries in the hash."""
        head = self.name.encode()
        return struct.pack(">BH", len(head), self.version) + head + self.canonical()

    def to_job(self) -> dict[str, Any]:
        """The parameters as JSON values, for a queue."""
        raise NotImplementedError

    @classmethod
    def from_job(cls, values: dict[str, Any]) -> Operation:
        """The operation of a job's JSON values. Raises ValueError for what does not fit."""
        raise NotImplementedError


@dataclass(frozen=True)
class CrsOperation(Operation):
    """An operation in the plane of its geometries' CRS (an authority code or WKT), which is its only parameter."""

    crs: str = ""

    def canonical(self) -> bytes:
        return text(self.crs)

    def to_job(self) -> dict[str, Any]:
        return {"crs": self.crs}

    @classmethod
    def from_job(cls, values: dict[str, Any]) -> CrsOperation:
        return cls(crs=str(values.get("crs", "")))


def text(value: str) -> bytes:
    """A text with its length before it, so that two texts side by side cannot be read as others."""
    raw = value.encode()
    return struct.pack(">I", len(raw)) + raw
