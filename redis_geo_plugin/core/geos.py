"""Which GEOS computes in this process: its results differ from version to version (``docs/jobs.md`` has figures)."""

from __future__ import annotations

import ctypes
import re
import sys
from functools import lru_cache

# Patch releases that changed buffers or simplifications, by GEOS's release notes. 3.11.1 and 3.11.4 give the same.
_CHANGED_IN = {"3.12": (1, 2, 3), "3.13": (1,)}


@lru_cache
def full_version() -> str:
    """The version of the GEOS that Shapely's calls reach, such as ``3.11.1``.

    That is not always the one that Shapely was built with, which ``shapely.geos_version`` tells: on Linux, in a program that
    is linked with a GEOS of its own, as QGIS is, the calls reach that one.
    """
    if sys.platform.startswith("linux"):
        try:
            asked = ctypes.CDLL(None).GEOSversion
            asked.restype = ctypes.c_char_p
            return asked().decode().partition("-")[0]
        except (OSError, AttributeError):
            pass  # no GEOS in the program: Shapely's calls reach the library that it brings along
    import shapely

    return ".".join(map(str, shapely.geos_version))


def version() -> str:
    """What the results of some operations depend on: major and minor of it, such as ``3.11``, and of the patch release where
    that changed them too, such as ``3.13.1``."""
    return release(full_version())


def release(full: str) -> str:
    """``3.13`` of 3.13.0, ``3.13.1`` of that and of those after it."""
    major, minor, patch, *_ = [*re.findall(r"[0-9]+", full), "0", "0", "0"]
    name = f"{major}.{minor}"
    changed = max((one for one in _CHANGED_IN.get(name, ()) if one <= int(patch)), default=0)
    return f"{name}.{changed}" if changed else name
