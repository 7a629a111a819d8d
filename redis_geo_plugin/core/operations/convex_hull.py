"""The convex hull of each geometry, as native:convexhull."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

import numpy as np
import shapely

from .. import keys
from .base import CrsOperation, Geometries, Numbers


@dataclass(frozen=True)
class ConvexHull(CrsOperation):
    """The smallest convex area around each geometry, in the plane of its coordinates."""

    name: ClassVar[str] = "convexhull"
    family: ClassVar[str] = keys.FAMILIES[name]

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        return np.asarray(shapely.convex_hull(geometries[0]), dtype=object)
