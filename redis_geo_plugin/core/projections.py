"""pyproj objects, one of each per thread (they are not safe to share), and the folder where PROJ finds its data."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pyproj
from pyproj import datadir

_local = threading.local()


def _find_data() -> None:
    """In a virtual environment with system packages, Debian's pyproj looks for its data in the wrong place."""
    try:
        datadir.get_data_dir()
    except datadir.DataDirError:
        for folder in (Path(sys.base_prefix, "share", "proj"), Path("/usr/share/proj")):
            if (folder / "proj.db").is_file():
                datadir.set_data_dir(str(folder))
                return


_find_data()


def _cached(kind: str, name: Any, make: Any) -> Any:
    cache = _local.__dict__.setdefault(kind, {})
    if name not in cache:
        cache[name] = make()
    return cache[name]


def crs(definition: str) -> pyproj.CRS:
    """The CRS of an authority code or WKT. Raises pyproj.exceptions.CRSError."""
    return _cached("crs", definition, lambda: pyproj.CRS.from_user_input(definition))


def geod(definition: str = "") -> pyproj.Geod:
    """The ellipsoid of a CRS; WGS 84 without one, or for a CRS that has none."""

    def make() -> pyproj.Geod:
        found = crs(definition).get_geod() if definition else None
        return found or pyproj.Geod(ellps="WGS84")

    return _cached("geod", definition, make)


def to_geographic(definition: str) -> tuple[Any, Any]:
    """Transformers (there, back) between a CRS and longitude and latitude in degrees on its own datum; (None, None)
    where the CRS is geographic in degrees already. Axis order is always x, y."""

    def make() -> tuple[Any, Any]:
        system = crs(definition)
        if (
            system.is_geographic
            and system.axis_info
            and abs(system.axis_info[0].unit_conversion_factor - 0.0174533) < 1e-6
        ):
            return None, None
        geodetic = system.geodetic_crs
        if geodetic is None:
            raise ValueError("this CRS has no ellipsoid, so no distance in metres can be measured in it")
        there = pyproj.Transformer.from_crs(system, geodetic, always_xy=True)
        back = pyproj.Transformer.from_crs(geodetic, system, always_xy=True)
        return there, back

    return _cached("transformers", definition, make)
