"""An operation that raises what no library of shapes does, for points whose x is a multiple of three."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from redis_geo_plugin.core.operations import OPERATIONS
from redis_geo_plugin.core.operations.base import CrsOperation


@dataclass(frozen=True)
class Raising(CrsOperation):
    name: ClassVar[str] = "raising"
    family: ClassVar[str] = "calculs:essais"

    def compute(self, geometries, numbers):
        if any(int(x) % 3 == 0 for x in shapely.get_x(geometries[0])):
            raise KeyError("odd")
        return np.asarray(geometries[0], dtype=object)


OPERATIONS[Raising.name] = Raising
