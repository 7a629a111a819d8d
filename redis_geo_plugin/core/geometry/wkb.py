"""Converting arrays of WKB to Shapely geometries and back; one bad value does not fail the others.

Inside QGIS, Shapely's calls may end up in QGIS's own, older GEOS (the first library loaded wins). So the
plugin keeps to what GEOS 3.11 knows: the dimensions are asked for explicitly, and no function is used that
came with GEOS 3.12 or later. Z is kept where a geometry has it, as QGIS's own algorithms do; M never is.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from functools import partial
from typing import Any, Callable, Optional

import numpy as np
import shapely
from shapely.errors import ShapelyError

from .arrays import Array

_LARGE = 1 << 16  # bytes
_shared: dict[int, tuple[bytes, Callable[[], Optional[shapely.Geometry]]]] = {}
_shared_lock = threading.Lock()


def _no_geometry() -> Optional[shapely.Geometry]:
    return None


# Shapely 2.1 can close open rings, as QGIS does; 2.0 can only pass over such a geometry.
def _most_lenient() -> str:
    """How this Shapely reads invalid rings: "fix" came with 2.1 (its version cannot be asked: Debian hides
    it)."""
    try:
        shapely.from_wkb(b"\x01\x01\x00\x00\x00" + bytes(16), on_invalid="fix")  # POINT (0 0)
    except ValueError:
        return "ignore"
    return "fix"


_LENIENT = _most_lenient()


def read(wkbs: Sequence[Optional[bytes]]) -> Array:
    """An array of geometries; None where there is no value or where it cannot be read.

    One and the same value gives one and the same geometry, so that a large one that many items share is read
    once.
    """
    once = {id(wkb): wkb for wkb in wkbs}
    if len(once) == len(wkbs):
        return _read_all(wkbs)
    values = list(once.values())
    large = {i: wkb for i, wkb in enumerate(values) if wkb is not None and len(wkb) >= _LARGE}
    found = _read_all([None if i in large else wkb for i, wkb in enumerate(values)])
    for i, wkb in large.items():
        found[i] = _read_shared(wkb)
    places = {identity: i for i, identity in enumerate(once)}
    return found[[places[id(wkb)] for wkb in wkbs]]


def _read_shared(wkb: bytes) -> Optional[shapely.Geometry]:
    """Read a large value that many items share, once as long as its geometry is in use."""
    with _shared_lock:
        value, known = _shared.get(id(wkb), (None, _no_geometry))
        geometry = known() if value is wkb else None
        if geometry is None:
            geometry = _read_all([wkb])[0]
            if geometry is not None:
                _shared[id(wkb)] = wkb, weakref.ref(geometry, partial(_forget, id(wkb)))
    return geometry


def _forget(key: int, gone: weakref.ref[shapely.Geometry]) -> None:
    """Let go of a value whose geometry is no longer in use. Without the lock, which this thread may hold."""
    if _shared.get(key, (b"", None))[1] is gone:
        _shared.pop(key, None)


def forget_shared() -> None:
    """Let go of large values that many items shared."""
    with _shared_lock:
        _shared.clear()


def _read_all(wkbs: Sequence[Optional[bytes]]) -> Array:
    values = np.empty(len(wkbs), dtype=object)
    values[:] = wkbs
    try:
        with np.errstate(invalid="ignore"):  # a NaN among the coordinates is no news here
            return np.asarray(shapely.from_wkb(values), dtype=object)
    except (ShapelyError, TypeError, ValueError, NotImplementedError):  # the last: curves
        return np.array([_read_one(wkb) for wkb in wkbs], dtype=object)


def is_solid(wkb: bytes) -> bool:
    """Whether a value says that it has Z, as ISO WKB or as PostGIS's."""
    code = int.from_bytes(wkb[1:5], "little" if wkb[:1] == b"\x01" else "big")
    return bool(code & 0x80000000) or (code & 0xFFFF) // 1000 in (1, 3)


def write(geometries: Array) -> list[Optional[bytes]]:
    """Little-endian ISO WKB of each geometry, with Z where it has one; None for None."""
    solid = np.asarray(shapely.has_z(geometries))  # which an empty one never has, whatever GEOS would write
    if not solid.any():
        return list(_written(geometries, 2))
    return list(np.where(solid, _written(geometries, 3), _written(geometries, 2)))


def write_one(geometry: shapely.Geometry) -> bytes:
    """Little-endian ISO WKB, with Z where the geometry has one."""
    return bytes(_written(geometry, 3 if shapely.has_z(geometry) else 2))


def _written(geometries: Any, dimension: int) -> Any:
    return shapely.to_wkb(geometries, byte_order=1, output_dimension=dimension, flavor="iso")


def _read_one(wkb: Optional[bytes]) -> Optional[shapely.Geometry]:
    try:
        return shapely.from_wkb(wkb, on_invalid=_LENIENT)
    except (ShapelyError, TypeError, ValueError, NotImplementedError):  # the last: curves
        return None


def extents(wkbs: Sequence[Optional[bytes]]) -> list[Optional[list[float]]]:
    """xmin, ymin, xmax, ymax of each, to nine digits: to find a place on a map. None for what is empty or
    unreadable."""
    bounds = shapely.bounds(read(wkbs))
    return [[float(f"{value:.9g}") for value in row] if np.isfinite(row).all() else None for row in bounds]
