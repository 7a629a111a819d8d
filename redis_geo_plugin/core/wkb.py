"""WKB to Shapely and back, for arrays, without one bad value spoiling the others.

Inside QGIS, Shapely's calls may end up in QGIS's own, older GEOS (the first library loaded wins). So the plugin keeps to what
GEOS 3.11 knows: two dimensions are asked for explicitly, and no function is used that came with GEOS 3.12 or later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np
import shapely
from shapely.errors import ShapelyError

# Shapely 2.1 can close open rings, as QGIS does; 2.0 can only pass over such a geometry.


def _most_lenient() -> str:
    """How this Shapely reads invalid rings: "fix" came with 2.1 (its version cannot be asked: Debian hides it)."""
    try:
        shapely.from_wkb(b"\x01\x01\x00\x00\x00" + bytes(16), on_invalid="fix")  # POINT (0 0)
    except ValueError:
        return "ignore"
    return "fix"


_LENIENT = _most_lenient()


def read(wkbs: Sequence[Optional[bytes]]) -> np.ndarray:
    """An array of geometries; None where there is no value or where it cannot be read.

    One and the same value gives one and the same geometry, so that a large one that many items share is read once.
    """
    once = {id(wkb): wkb for wkb in wkbs}
    if len(once) < len(wkbs):
        places = {identity: i for i, identity in enumerate(once)}
        return _read_all(list(once.values()))[[places[id(wkb)] for wkb in wkbs]]
    return _read_all(wkbs)


def _read_all(wkbs: Sequence[Optional[bytes]]) -> np.ndarray:
    values = np.empty(len(wkbs), dtype=object)
    values[:] = wkbs
    try:
        with np.errstate(invalid="ignore"):  # a NaN among the coordinates is no news here
            return np.asarray(shapely.from_wkb(values), dtype=object)
    except (ShapelyError, TypeError, ValueError, NotImplementedError):  # the last: curves
        return np.array([_read_one(wkb) for wkb in wkbs], dtype=object)


def write(geometries: np.ndarray) -> list[Optional[bytes]]:
    """Little-endian two-dimensional WKB of each geometry; None for None."""
    return list(shapely.to_wkb(geometries, byte_order=1, output_dimension=2))


def write_one(geometry: shapely.Geometry) -> bytes:
    """Little-endian two-dimensional WKB."""
    return shapely.to_wkb(geometry, byte_order=1, output_dimension=2)


def _read_one(wkb: Optional[bytes]) -> Optional[shapely.Geometry]:
    try:
        return shapely.from_wkb(wkb, on_invalid=_LENIENT)
    except (ShapelyError, TypeError, ValueError, NotImplementedError):  # the last: curves
        return None


def extents(wkbs: Sequence[Optional[bytes]]) -> list[Optional[list[float]]]:
    """xmin, ymin, xmax, ymax of each, to nine digits: to find a place on a map. None for what is empty or unreadable."""
    bounds = shapely.bounds(read(wkbs))
    return [[float(f"{value:.9g}") for value in row] if np.isfinite(row).all() else None for row in bounds]
