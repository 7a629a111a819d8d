"""The base of all cached operations. A new one is one new file here and one line in the registry, and the
same in ``bridge/operations``, which says how it is offered. See docs/development.md."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Optional

from ..geometry.arrays import Array
from ..geometry.walk import ALL, Kinds, like
from ..json_types import JsonObject

if TYPE_CHECKING:
    import shapely

Geometries = Array  # of shapely geometries or None, dtype object
Numbers = Array  # float64, one per item
Columns = Sequence[Sequence[Optional[bytes]]]  # WKB, None for no geometry


@dataclass(frozen=True)
class Operation:
    """One operation with its parameters, as a value: two equal operations give the same keys.

    An *item* is what one result depends on beside the parameters: ``arity`` geometries and, where the
    operation has one, a number (a buffer's distance). ``version`` is raised whenever the same input would
    give another result.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    family: ClassVar[str] = ""  # the start of the keys of its results, as core/registry.py has it
    english_family: ClassVar[str] = ""  # the same in the English of the tutorial, where it has one
    aliases: ClassVar[tuple[str, ...]] = ()  # other names by which a job of the plain list may call it
    arity: ClassVar[int] = 1
    kinds: ClassVar[Kinds] = ALL  # kinds of geometry (of WKB) that a result may be, beside an empty one
    keeps_dimension: ClassVar[bool] = False  # whether a result has the dimension of the first geometry
    keeps_z: ClassVar[bool] = False  # whether Z of the geometries is part of the results, and so of the keys
    keeps_order: ClassVar[bool] = False  # whether a result depends on the order of a geometry's vertices
    hangs_at_nan: ClassVar[bool] = False  # whether GEOS does not return where a coordinate is not a number
    ends_at_huge: ClassVar[bool] = False  # whether GEOS ends the process where squares are no numbers
    number_name: ClassVar[str] = ""  # what the item's number is called in a job; empty where there is none

    def canonical(self) -> bytes:
        """The parameters as bytes: equal for equal results, different where results may differ."""
        raise NotImplementedError

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        """The results of n items: ``arity`` arrays of n geometries, n numbers or None; gives an array of n
        geometries.

        Runs in several threads at once; must not change its input. Raises shapely's GEOSException.
        """
        raise NotImplementedError

    def check_number(self, number: float) -> None:
        """Raise ValueError for a number with which no geometry can be computed."""

    def at_once(
        self,
        columns: Columns,  # noqa: ARG002 - for those that have such items
        numbers: Optional[Sequence[float]],  # noqa: ARG002
    ) -> Optional[list[Optional[bytes]]]:
        """The results (WKB to WKB) of those items that take less time to compute than a key takes to write,
        None for the others; None altogether for an operation that has no such items. ``columns``: ``arity``
        lists of n values."""
        return None

    @classmethod
    def result_kinds(cls, first: int = 0) -> Kinds:
        """The kinds that a result may be, for a first geometry of this kind (0 where it is not known)."""
        return like(first) if cls.keeps_dimension else cls.kinds

    def divisible(self, geometry: shapely.Geometry, number: float) -> bool:  # noqa: ARG002 - for those that are
        """Whether the result of this multi-part geometry is the union of the results of its parts."""
        return False

    @property
    def engine(self) -> str:
        """The version of GEOS (``3.11``) whose results these are, as the field ``geos`` has it; empty for an
        operation whose results were not found to depend on it."""
        return ""

    def computed_by(self, geos: str) -> Operation:
        """The same, as another version of GEOS computes it."""
        return replace(self, geos=geos) if self.engine else self  # type: ignore[call-arg]

    def fingerprint(self) -> bytes:
        """Name, version and parameters: what stands before the geometries in the hash."""
        head = self.name.encode()
        return struct.pack(">BH", len(head), self.version) + head + self.canonical()

    def to_job(self) -> JsonObject:
        """The parameters as JSON values, for a queue."""
        raise NotImplementedError

    @classmethod
    def from_job(cls, values: JsonObject) -> Operation:
        """The operation of a job's JSON values. Raises ValueError for what does not fit."""
        raise NotImplementedError


@dataclass(frozen=True)
class CrsOperation(Operation):
    """An operation in the plane of its geometries' CRS (an authority code or WKT), which is its only
    parameter."""

    crs: str = ""

    def canonical(self) -> bytes:
        """The parameters as bytes."""
        return text(self.crs)

    def to_job(self) -> JsonObject:
        """The parameters as JSON values."""
        return {"crs": self.crs}

    @classmethod
    def from_job(cls, values: JsonObject) -> CrsOperation:
        """The operation of JSON values."""
        return cls(crs=str(values.get("crs", "")))


def text(value: str) -> bytes:
    """A text with its length before it, so that two texts side by side cannot be read as others."""
    raw = value.encode()
    return struct.pack(">I", len(raw)) + raw


def grid_bytes(size: float) -> bytes:
    """The size of a grid that results are snapped to; nothing for none, whose keys stay as they were."""
    return struct.pack(">d", size) if size else b""
