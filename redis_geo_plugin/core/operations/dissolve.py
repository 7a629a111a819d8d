"""The union of the geometries of one group, as native:dissolve does for features that share attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

import numpy as np
import shapely

from .base import CrsOperation, Geometries, Numbers


@dataclass(frozen=True)
class Dissolve(CrsOperation):
    """An item is a collection that holds the geometries of its group; their order does not matter to the
    key, unless they have Z. Lines are merged where two of them meet, and no third."""

    name: ClassVar[str] = "dissolve"
    version: ClassVar[int] = 3  # 2: Z; lines are merged; 3: with Z the order is part of the key
    keeps_z: ClassVar[bool] = True

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:  # noqa: ARG002
        """The unions of the members of n collections."""
        groups = geometries[0]
        results = np.full(len(groups), None, dtype=object)
        counts = np.where(shapely.is_missing(groups), -1, shapely.get_num_geometries(groups))
        for count in np.unique(counts[counts >= 0]):
            chosen = np.flatnonzero(counts == count)
            members = shapely.get_parts(groups[chosen]).reshape(len(chosen), count)
            results[chosen] = shapely.union_all(members, axis=1)
        lines = shapely.get_type_id(results) == shapely.GeometryType.MULTILINESTRING
        results[lines] = shapely.line_merge(results[lines])
        return results
