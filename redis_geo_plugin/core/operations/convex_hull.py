"""The convex hull of each geometry, as native:convexhull."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Optional

import numpy as np
import shapely

from .. import keys
from .base import Geometries, Numbers, Operation, text


@dataclass(frozen=True)
class ConvexHull(Operation):
    """The smallest convex area around each geometry, in the plane of its coordinates."""

    name: ClassVar[str] = "convexhull"
    family: ClassVar[str] = keys.FAMILIES[name]

    crs: str = ""

    def canonical(self) -> bytes:
        return text(self.crs)

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        return np.asarray(shapely.convex_hull(geometries[0]), dtype=object)

    def to_job(self) -> dict[str, Any]:
        return {"crs": self.crs}

    @classmethod
    def from_job(cls, values: dict[str, Any]) -> ConvexHull:
        return cls(crs=str(values.get("crs", "")))
