"""The intersection of a feature with one feature of an overlay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Optional

import numpy as np
import shapely

from ..geometry.arrays import Array
from .base import CrsOperation, Geometries, Numbers, grid_bytes


@dataclass(frozen=True)
class Intersection(CrsOperation):
    """What two geometries share, in the dimension of the first: an area and a line give a line, two areas
    that only touch give nothing. Both are in ``crs``, in its plane.

    ``grid`` is the size of the grid that the result is snapped to, in units of the coordinates; 0 for none.
    """

    name: ClassVar[str] = "intersection"
    version: ClassVar[int] = 2  # 2: Z; parts of a mixed result are collected, not united; order of vertices
    keeps_dimension: ClassVar[bool] = True
    keeps_z: ClassVar[bool] = True
    keeps_order: ClassVar[bool] = True
    arity: ClassVar[int] = 2

    grid: float = 0.0

    def canonical(self) -> bytes:
        """The parameters as bytes."""
        return super().canonical() + grid_bytes(self.grid)

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:  # noqa: ARG002
        """The intersections of n pairs."""
        first, second = geometries
        shared = shapely.intersection(first, second, grid_size=self.grid or None)
        return same_dimension(np.asarray(shared, dtype=object), shapely.get_dimensions(first))

    def to_job(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        return {**super().to_job(), **({"grid": self.grid} if self.grid else {})}

    @classmethod
    def from_job(cls, values: dict[str, Any]) -> Intersection:
        """The operation of JSON values. Raises ValueError for a grid that is no size."""
        try:
            grid = float(values.get("grid", 0.0))
        except TypeError as error:
            raise ValueError(f"not a size of a grid: {error}") from error
        if not (np.isfinite(grid) and grid >= 0):
            raise ValueError("the size of a grid must not be negative")
        return cls(crs=str(values.get("crs", "")), grid=grid)


_COLLECTED = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)


def same_dimension(results: Geometries, dimensions: Array) -> Geometries:
    """The parts of each result that have the wanted dimension (0 points, 1 lines, 2 areas); empty where none
    has."""
    wrong = shapely.get_dimensions(results) != dimensions
    mixed = shapely.get_type_id(results) == shapely.GeometryType.GEOMETRYCOLLECTION
    for i in np.flatnonzero((wrong | mixed) & ~shapely.is_empty(results)):
        parts = shapely.get_parts(shapely.get_parts(results[i]))  # of a multi-part geometry within, too
        kept = parts[shapely.get_dimensions(parts) == dimensions[i]]
        results[i] = _COLLECTED[dimensions[i]](kept) if len(kept) else shapely.GeometryCollection()
    return results
