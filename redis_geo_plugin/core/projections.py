"""The one place where the package meets pyproj: projections, ellipsoids, and the folder where PROJ finds its data.

pyproj 3.7 keeps PROJ's context under the native thread but frees it with Python's state of that thread. In a thread that
Python did not make (QGIS's tasks run in such) the state ends with each task and the thread does not, so that the next task
there would crash in a freed context (https://github.com/pyproj4/pyproj/issues/1509 and 1622). So whatever has a context,
importing pyproj included, is done in a thread that Python made: the caller's own where it is one, else one of a few kept
here. Only plain data and arrays go between the two. A Geod has no context and may be used in any thread.
"""

from __future__ import annotations

import importlib
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Optional, TypeVar

import numpy as np

from . import background

THREADS = 4  # at most, that stand in for threads Python did not make
KEPT = 64  # objects of a kind that a thread keeps
WGS84 = "EPSG:4326"

_Result = TypeVar("_Result")
_local = threading.local()
_lock = threading.Lock()
_pool: Optional[ThreadPoolExecutor] = None
_pyproj: Any = None


class Projection:
    """Between x, y in a CRS and longitude, latitude in degrees, as arrays; for use in any thread.

    ``make`` builds pyproj's Transformer to degrees from ``arguments``, once in each thread that transforms. Raises what that
    raises. Coordinates that cannot be transformed come out as infinite.
    """

    def __init__(self, make: Callable[..., Any], *arguments: Any):
        self._make, self._arguments = make, arguments
        on_python_thread(self._tool)

    def to_degrees(self, x: Any, y: Any) -> tuple[Any, Any]:
        return on_python_thread(self._transform, x, y, "FORWARD")

    def from_degrees(self, lon: Any, lat: Any) -> tuple[Any, Any]:
        return on_python_thread(self._transform, lon, lat, "INVERSE")

    def in_degrees(self, xy: np.ndarray) -> np.ndarray:
        """Coordinates of shape (n, 2), as shapely.transform has them, in degrees."""
        return np.column_stack(self.to_degrees(xy[:, 0], xy[:, 1]))

    def in_crs(self, degrees: np.ndarray) -> np.ndarray:
        """Longitudes and latitudes of shape (n, 2) in the CRS."""
        return np.column_stack(self.from_degrees(degrees[:, 0], degrees[:, 1]))

    def _transform(self, x: Any, y: Any, direction: str) -> tuple[Any, Any]:
        first, second = self._tool().transform(x, y, direction=direction)
        return first, second

    def _tool(self) -> Any:
        return _kept(self._make, self._arguments)


def on_python_thread(work: Callable[..., _Result], *arguments: Any) -> _Result:
    """The work's result or exception, from a thread whose Python state lasts as long as itself."""
    if not isinstance(threading.current_thread(), threading._DummyThread):
        return work(*arguments)
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(THREADS, thread_name_prefix="redis-geo-projections")
            background.at_close(_close)
        future = _pool.submit(work, *arguments)
    return future.result()


def _close() -> None:
    """Let the threads end. Whoever waits for one still gets its result."""
    global _pool
    with _lock:
        closing, _pool = _pool, None
    if closing is not None:
        closing.shutdown(wait=False)


def pyproj() -> Any:
    """The module, imported where that is safe."""
    global _pyproj
    if _pyproj is None:
        _pyproj = on_python_thread(_import)
    return _pyproj


def _import() -> Any:
    """In a virtual environment with system packages, Debian's pyproj looks for its data in the wrong place."""
    module, datadir = importlib.import_module("pyproj"), importlib.import_module("pyproj.datadir")
    try:
        datadir.get_data_dir()
    except datadir.DataDirError:
        for folder in (Path(sys.base_prefix, "share", "proj"), Path("/usr/share/proj")):
            if (folder / "proj.db").is_file():
                datadir.set_data_dir(str(folder))
                break
    return module


def _kept(make: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What ``make`` makes of the arguments, once in each thread."""
    kept = _local.__dict__.setdefault(make.__name__, {})
    found = kept.get(arguments)
    if found is None:
        if len(kept) >= KEPT:
            kept.clear()
        found = kept[arguments] = make(*arguments)
    return found


def geod(definition: str = "") -> Any:
    """pyproj's Geod of a CRS's ellipsoid; WGS 84 without a CRS, or for one that has none. Raises CRSError."""
    axes = _kept(_axes, (definition,)) if definition else None
    return geod_of(*axes) if axes else geod_of()


def geod_of(a: float = 6378137.0, b: float = 6356752.314245179) -> Any:
    """The thread's pyproj.Geod of an ellipsoid by its half axes in metres; WGS 84 without any."""
    return _kept(_geod, (a, b))


def _geod(a: float, b: float) -> Any:
    return pyproj().Geod(a=a, b=b)


def _axes(definition: str) -> tuple[float, ...]:
    def read() -> tuple[float, ...]:
        found = _crs(definition).get_geod()
        return (found.a, found.b) if found else ()

    return on_python_thread(read)


def _crs(definition: str) -> Any:
    return _kept(pyproj().CRS.from_user_input, (definition,))


def to_geographic(definition: str) -> Optional[Projection]:
    """Between a CRS (a code or WKT) and degrees on its own datum; None where it is geographic in degrees already.

    Axis order is always x, y. Raises pyproj.exceptions.CRSError, and ValueError for a CRS without an ellipsoid.
    """
    return None if on_python_thread(_is_in_degrees, definition) else Projection(_to_own_datum, definition)


def _is_in_degrees(definition: str) -> bool:
    axes = _crs(definition).axis_info
    return is_geographic(definition) and bool(axes) and abs(axes[0].unit_conversion_factor - 0.0174533) < 1e-6


def is_geographic(definition: str) -> bool:
    """Whether a CRS has longitudes and latitudes. Raises CRSError."""
    return on_python_thread(lambda: bool(_crs(definition).is_geographic))


def _to_own_datum(definition: str) -> Any:
    geodetic = _crs(definition).geodetic_crs
    if geodetic is None:
        raise ValueError("this CRS has no ellipsoid, so no distance in metres can be measured in it")
    return pyproj().Transformer.from_crs(_crs(definition), geodetic, always_xy=True)


def to_wgs84(definition: str) -> Projection:
    """Between a CRS (a code or WKT) and degrees on WGS 84. Axis order is always x, y. Raises CRSError."""
    return Projection(_to_wgs84, definition)


def _to_wgs84(definition: str) -> Any:
    return pyproj().Transformer.from_crs(_crs(definition), WGS84, always_xy=True)


def azimuthal(a: float, b: float, lon: float, lat: float) -> Projection:
    """The azimuthal equidistant projection in metres around a point, on the ellipsoid with half axes a and b."""
    return Projection(_azimuthal, float(a), float(b), float(lon), float(lat))


def _azimuthal(a: float, b: float, lon: float, lat: float) -> Any:
    return pyproj().Transformer.from_pipeline(
        f"+proj=pipeline +step +inv +proj=aeqd +lon_0={lon!r} +lat_0={lat!r} +a={a!r} +b={b!r} "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
