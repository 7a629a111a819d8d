"""The version of GEOS that computes in this process: results differ between versions (``docs/jobs.md`` has
figures)."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from functools import lru_cache

# Patch releases that changed buffers or simplifications, by GEOS's release notes. 3.11.1 and 3.11.4 give the
# same.
_CHANGED_IN = {"3.12": (1, 2, 3), "3.13": (1,)}

RING_ENDS_MOVE = (
    12  # minor version of GEOS 3 from which simplifying may drop the vertex at which a ring begins
)


@lru_cache
def full_version() -> str:
    """The version of the GEOS that Shapely's calls reach, such as ``3.11.1``.

    That is not always the one that Shapely was built with, which ``shapely.geos_version`` tells: on Linux, in
    a program that had loaded a GEOS for everyone before, as QGIS does, the calls reach that one. Where there
    are two, what it does tells.
    """
    import shapely

    own, loaded = ".".join(map(str, shapely.geos_version)), _loaded()
    if not loaded or release(loaded) == release(own):
        return own
    moves = _ring_ends_move()
    fitting = [one for one in (loaded, own) if (minor(one) >= RING_ENDS_MOVE) == moves]
    if len(fitting) == 1:
        return fitting[0]
    return own if _is_python() else loaded  # Python has loaded Shapely before QGIS; QGIS itself never has


def _loaded() -> str:
    """The version of the GEOS whose functions everything in this program finds; empty where there is none."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        asked = ctypes.CDLL(None).GEOSversion
    except (OSError, AttributeError):
        return ""
    asked.restype = ctypes.c_char_p
    return str(asked().decode()).partition("-")[0]


def _ring_ends_move() -> bool:
    import shapely

    ring = shapely.Polygon([(1, 0), (2, 0), (2, 2), (0, 2), (0, 0), (1, 0)])
    return int(shapely.get_num_coordinates(shapely.simplify(ring, 0.1))) == 5


def _is_python() -> bool:
    return os.path.basename(os.path.realpath("/proc/self/exe")).startswith("python")


def version() -> str:
    """What the results of some operations depend on: major and minor of it, such as ``3.11``, and of the
    patch release where that changed them too, such as ``3.13.1``."""
    return release(full_version())


def minor(version: str) -> int:
    """12 of ``3.12`` and of ``3.12.1``; 0 where it is none."""
    number = f"{version}..".split(".")[1]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


def release(full: str) -> str:
    """``3.13`` of 3.13.0, ``3.13.1`` of that and of those after it."""
    major, minor, patch, *_ = [*re.findall(r"[0-9]+", full), "0", "0", "0"]
    name = f"{major}.{minor}"
    changed = max((one for one in _CHANGED_IN.get(name, ()) if one <= int(patch)), default=0)
    return f"{name}.{changed}" if changed else name
