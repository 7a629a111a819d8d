"""Projections and ellipsoids by pyproj, which is imported only here, and the folder of PROJ's data.

pyproj 3.7 keeps PROJ's context under the native thread but frees it with Python's state of that thread. In a
thread that Python did not make (QGIS's tasks run in such) the state ends with each task and the thread does
not, so that the next task there would crash in a freed context (https://github.com/pyproj4/pyproj/issues/1509
and 1622). So whatever has a context, importing pyproj included, is done in a thread that Python made: the
caller's own where it is one, else one of a few kept here. Only plain data and arrays go between the two. A
Geod has no context and may be used in any thread.
"""

from __future__ import annotations

import importlib
import math
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Optional, Protocol, TypeVar

import numpy as np

from .. import background
from .arrays import Array

THREADS = 4  # at most, that stand in for threads Python did not make
KEPT = 64  # objects of a kind that a thread keeps
WGS84 = "EPSG:4326"
RADIANS = math.pi / 180.0  # in a degree

Module = Any  # pyproj and its CRS: without types in many a QGIS
_Result = TypeVar("_Result")
_Numbers = TypeVar("_Numbers", float, Array)
_Values = TypeVar("_Values")  # a float, a list of floats or an array: out comes what went in
_local = threading.local()
_lock = threading.Lock()
_pool: Optional[ThreadPoolExecutor] = None
_pyproj: Module = None


class Geod(Protocol):
    """What is used of pyproj's Geod: metres on an ellipsoid, angles in degrees; floats or arrays."""

    a: float
    b: float

    def fwd(self, lons: _Values, lats: _Values, az: _Values, dist: _Values) -> tuple[_Values, ...]:
        """Longitudes, latitudes and back azimuths of the ends."""

    def inv(self, lons1: _Values, lats1: _Values, lons2: _Values, lats2: _Values) -> tuple[_Values, ...]:
        """Azimuths, back azimuths and lengths."""


class Transforms(Protocol):
    """What is used of pyproj's Transformer."""

    def transform(self, x: _Numbers, y: _Numbers, direction: str) -> tuple[_Numbers, _Numbers]:
        """FORWARD to degrees, INVERSE from them."""


class Projection:
    """Between x, y in a CRS and longitude, latitude in degrees, as arrays; for use in any thread.

    ``make`` builds pyproj's Transformer to degrees from ``arguments``, once in each thread that transforms.
    Raises what that raises. Coordinates that cannot be transformed come out as infinite.
    """

    def __init__(self, make: Callable[..., Transforms], *arguments: object):
        self._make, self._arguments = make, arguments
        on_python_thread(self._tool)

    def to_degrees(self, x: _Numbers, y: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Longitudes and latitudes in degrees of coordinates in the CRS."""
        return on_python_thread(self._transform, x, y, "FORWARD")

    def from_degrees(self, lon: _Numbers, lat: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Coordinates in the CRS of longitudes and latitudes in degrees."""
        return on_python_thread(self._transform, lon, lat, "INVERSE")

    def in_degrees(self, xy: Array) -> Array:
        """Coordinates of shape (n, 2), as shapely.transform has them, in degrees."""
        return np.column_stack(self.to_degrees(xy[:, 0], xy[:, 1]))

    def in_crs(self, degrees: Array) -> Array:
        """Longitudes and latitudes of shape (n, 2) in the CRS."""
        return np.column_stack(self.from_degrees(degrees[:, 0], degrees[:, 1]))

    def _transform(self, x: _Numbers, y: _Numbers, direction: str) -> tuple[_Numbers, _Numbers]:
        first, second = self._tool().transform(x, y, direction=direction)
        return first, second

    def _tool(self) -> Transforms:
        return _kept(self._make, self._arguments)


def on_python_thread(work: Callable[..., _Result], *arguments: object) -> _Result:
    """The work's result or exception, from a thread whose Python state lasts as long as itself."""
    if not isinstance(threading.current_thread(), threading._DummyThread):
        return work(*arguments)
    global _pool  # noqa: PLW0603 - one of the process
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(THREADS, thread_name_prefix="redis-geo-projections")
            background.at_close(_close)
        future = _pool.submit(work, *arguments)
    return future.result()


def _close() -> None:
    """End the threads. Work that was started still returns its result."""
    global _pool
    with _lock:
        closing, _pool = _pool, None
    if closing is not None:
        closing.shutdown(wait=False)


def pyproj() -> Module:
    """The module, imported where that is safe."""
    global _pyproj  # noqa: PLW0603 - one of the process
    if _pyproj is None:
        _pyproj = on_python_thread(_import)
    return _pyproj


def _import() -> Module:
    """In a virtual environment with system packages, Debian's pyproj looks for its data in the wrong
    place."""
    module, datadir = importlib.import_module("pyproj"), importlib.import_module("pyproj.datadir")
    try:
        datadir.get_data_dir()
    except datadir.DataDirError:
        for folder in (Path(sys.base_prefix, "share", "proj"), Path("/usr/share/proj")):
            if (folder / "proj.db").is_file():
                datadir.set_data_dir(str(folder))
                break
    return module


def _kept(make: Callable[..., _Result], arguments: tuple[object, ...]) -> _Result:
    """What ``make`` makes of the arguments, once in each thread."""
    kept = _local.__dict__.setdefault(make.__name__, {})
    found: Optional[_Result] = kept.get(arguments)
    if found is None:
        if len(kept) >= KEPT:
            kept.clear()
        found = kept[arguments] = make(*arguments)
    return found


def geod(definition: str = "") -> Geod:
    """pyproj's Geod of a CRS's ellipsoid; WGS 84 without a CRS, or for one that has none. Raises CRSError."""
    axes = _kept(_axes, (definition,)) if definition else None
    return geod_of(*axes) if axes else geod_of()


def geod_of(a: float = 6378137.0, b: float = 6356752.314245179) -> Geod:
    """The thread's pyproj.Geod of an ellipsoid by its half axes in metres; WGS 84 without any."""
    return _kept(_geod, (a, b))


def _geod(a: float, b: float) -> Geod:
    made: Geod = pyproj().Geod(a=a, b=b)
    return made


def _axes(definition: str) -> tuple[float, ...]:
    def read_axes() -> tuple[float, ...]:
        found = _crs(definition).get_geod()
        return (found.a, found.b) if found else ()

    return on_python_thread(read_axes)


def _crs(definition: str) -> Module:
    return _kept(pyproj().CRS.from_user_input, (definition,))


def is_registered(authority: str, code: str) -> bool:
    """Whether PROJ's own list of an authority, such as EPSG, has a CRS of this code. Asking for one that it
    has not takes a hundred times as long."""
    return code in on_python_thread(_codes, authority)


@lru_cache(8)
def _codes(authority: str) -> frozenset[str]:
    pyproj()  # which finds its data
    kinds = importlib.import_module("pyproj.enums").PJType
    return frozenset(importlib.import_module("pyproj.database").get_codes(authority, kinds.CRS, True))


def to_geographic(definition: str) -> Optional[Projection]:
    """Between a CRS (a code or WKT) and degrees on its own datum; None where it is geographic in degrees
    already.

    Axis order is always x, y. Raises pyproj.exceptions.CRSError, and ValueError for a CRS without an
    ellipsoid.
    """
    return None if on_python_thread(_is_in_degrees, definition) else Projection(_to_own_datum, definition)


def _is_in_degrees(definition: str) -> bool:
    axes = _crs(definition).axis_info
    return is_geographic(definition) and bool(axes) and abs(axes[0].unit_conversion_factor - RADIANS) < 1e-9


def is_geographic(definition: str) -> bool:
    """Whether a CRS has longitudes and latitudes. Raises CRSError."""
    return on_python_thread(lambda: bool(_crs(definition).is_geographic))


def _to_own_datum(definition: str) -> Transforms:
    geodetic = _crs(definition).geodetic_crs
    if geodetic is None or not geodetic.is_geographic:
        raise ValueError("this CRS has no ellipsoid, so no distance in metres can be measured in it")
    tool = pyproj().Transformer.from_crs(_crs(definition), geodetic, always_xy=True)
    unit = geodetic.axis_info[0].unit_conversion_factor / RADIANS
    return tool if abs(unit - 1.0) < 1e-9 else _InDegrees(tool, unit)


class _InDegrees:
    """A Transformer to a geographic CRS whose unit is ``unit`` degrees, such as the grad of French datums
    (0.9)."""

    def __init__(self, transformer: Transforms, unit: float):
        self._transformer, self._unit = transformer, unit

    def transform(self, x: _Numbers, y: _Numbers, direction: str) -> tuple[_Numbers, _Numbers]:
        """As pyproj's: FORWARD to degrees, INVERSE from them."""
        if direction == "INVERSE":
            x, y = np.divide(x, self._unit), np.divide(y, self._unit)
        first, second = self._transformer.transform(x, y, direction=direction)
        return (first, second) if direction == "INVERSE" else (first * self._unit, second * self._unit)


def to_wgs84(definition: str) -> Projection:
    """Between a CRS (a code or WKT) and degrees on WGS 84. Axis order is always x, y. Raises CRSError."""
    return Projection(_to_wgs84, definition)


def _to_wgs84(definition: str) -> Transforms:
    made: Transforms = pyproj().Transformer.from_crs(_crs(definition), WGS84, always_xy=True)
    return made


def azimuthal(a: float, b: float, lon: float, lat: float) -> Projection:
    """The azimuthal equidistant projection in metres around a point, on the ellipsoid with half axes a
    and b."""
    return Projection(_azimuthal, float(a), float(b), float(lon), float(lat))


def _azimuthal(a: float, b: float, lon: float, lat: float) -> Transforms:
    made: Transforms = pyproj().Transformer.from_pipeline(
        f"+proj=pipeline +step +inv +proj=aeqd +lon_0={lon!r} +lat_0={lat!r} +a={a!r} +b={b!r} "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    return made
