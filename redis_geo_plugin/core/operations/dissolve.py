"""The union of the geometries of one group, as native:dissolve does for features that share attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Optional

import numpy as np
import shapely

from .. import keys
from .base import Geometries, Numbers, Operation, text


@dataclass(frozen=True)
class Dissolve(Operation):
    """An item is a collection that holds the geometries of its group; their order does not matter to the key."""

    name: ClassVar[str] = "dissolve"
    family: ClassVar[str] = keys.FAMILIES[name]

    crs: str = ""

    def canonical(self) -> bytes:
        return text(self.crs)

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        results = np.empty(len(geometries[0]), dtype=object)
        for i, group in enumerate(geometries[0]):
            results[i] = None if group is None else shapely.union_all(shapely.get_parts(group))
        return results

    def to_job(self) -> dict[str, Any]:
        return {"crs": self.crs}

    @classmethod
    def from_job(cls, values: dict[str, Any]) -> Dissolve:
        return cls(crs=str(values.get("crs", "")))
