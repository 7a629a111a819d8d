"""WKB to Shapely, for arrays, without one bad value spoiling the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np
import shapely
from shapely.errors import ShapelyError

# Shapely 2.1 can close open rings, as QGIS does; 2.0 can only pass over such a geometry.
_LENIENT = "fix" if tuple(int(n) for n in shapely.__version__.split(".")[:2]) >= (2, 1) else "ignore"


def read(wkbs: Sequence[Optional[bytes]]) -> np.ndarray:
    """An array of geometries; None where there is no value or where it cannot be read."""
    values = np.empty(len(wkbs), dtype=object)
    values[:] = wkbs
    try:
        return np.asarray(shapely.from_wkb(values), dtype=object)
    except (ShapelyError, TypeError, ValueError):
        return np.array([_read_one(wkb) for wkb in wkbs], dtype=object)


def _read_one(wkb: Optional[bytes]) -> Optional[shapely.Geometry]:
    try:
        return shapely.from_wkb(wkb, on_invalid=_LENIENT)
    except (ShapelyError, TypeError, ValueError):
        return None
