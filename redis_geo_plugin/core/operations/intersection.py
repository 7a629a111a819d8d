"""The intersection of a feature with one feature of an overlay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

import numpy as np
import shapely

from .. import keys
from .base import CrsOperation, Geometries, Numbers


@dataclass(frozen=True)
class Intersection(CrsOperation):
    """What two geometries share, in the dimension of the first: an area and a line give a line, two areas that only
    touch give nothing. Both are in ``crs``, in its plane."""

    name: ClassVar[str] = "intersection"
    family: ClassVar[str] = keys.FAMILIES[name]
    arity: ClassVar[int] = 2

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        first, second = geometries
        shared = shapely.intersection(first, second)
        return same_dimension(np.asarray(shared, dtype=object), shapely.get_dimensions(first))


def same_dimension(results: Geometries, dimensions: np.ndarray) -> Geometries:
    """The parts of each result that have the wanted dimension (0 points, 1 lines, 2 areas); empty where none has."""
    wrong = shapely.get_dimensions(results) != dimensions
    mixed = shapely.get_type_id(results) == shapely.GeometryType.GEOMETRYCOLLECTION
    for i in np.flatnonzero((wrong | mixed) & ~shapely.is_empty(results)):
        parts = shapely.get_parts(results[i])
        kept = parts[shapely.get_dimensions(parts) == dimensions[i]]
        results[i] = shapely.union_all(kept) if len(kept) else shapely.GeometryCollection()
    return results
