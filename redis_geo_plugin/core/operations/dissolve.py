"""The union of the geometries of one group, as native:dissolve does for features that share attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

import numpy as np
import shapely

from .. import keys
from .base import CrsOperation, Geometries, Numbers


@dataclass(frozen=True)
class Dissolve(CrsOperation):
    """An item is a collection that holds the geometries of its group; their order does not matter to the key."""

    name: ClassVar[str] = "dissolve"
    family: ClassVar[str] = keys.FAMILIES[name]

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        results = np.empty(len(geometries[0]), dtype=object)
        for i, group in enumerate(geometries[0]):
            results[i] = None if group is None else shapely.union_all(shapely.get_parts(group))
        return results
