"""The convex hull of each geometry, as native:convexhull."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

import numpy as np
import shapely

from ..geometry.walk import LINE, POINT, POLYGON, Kinds
from .base import CrsOperation, Geometries, Numbers


@dataclass(frozen=True)
class ConvexHull(CrsOperation):
    """The smallest convex area around each geometry, in the plane of its coordinates."""

    name: ClassVar[str] = "convexhull"
    aliases: ClassVar[tuple[str, ...]] = ("enveloppe_convexe",)
    kinds: ClassVar[Kinds] = frozenset((POINT, LINE, POLYGON))
    keeps_z: ClassVar[bool] = True

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:  # noqa: ARG002
        """The hulls of n geometries."""
        return np.asarray(shapely.convex_hull(geometries[0]), dtype=object)
