"""Whether a file that GDAL wrote holds what was written: most of its drivers say nothing of a full disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Optional

# Formats that are read as they were written, and how such a file ends, where a cut one could pass for whole.
_ENDS = {
    ".geojson": b"}",
    ".json": b"}",
    ".csv": b"\n",
    ".kml": b"</kml>",
    ".gml": b"FeatureCollection>",
    ".fgb": b"",
    ".sqlite": b"",
    ".shp": b"",
    ".tab": b"",
    ".mif": b"",
    ".xlsx": b"",
    ".ods": b"",
}
_TAIL = 200  # bytes


def lacking(path: str, count: int) -> Optional[int]:
    """How many of ``count`` features can be read back, where those are not all, or the file is cut.

    None for a file that is whole, and for one of a format that is not read back.
    """
    end = _ENDS.get(Path(path).suffix.lower())
    if end is None or not count or not Path(path).is_file():
        return None
    found = _count(path)
    if found >= count and _ends_with(path, end):
        return None
    return min(found, count - 1)


def _ends_with(path: str, end: bytes) -> bool:
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - _TAIL))
        tail = file.read()
    return tail.endswith(end) if end == b"\n" else tail.rstrip().endswith(end)


def _count(path: str) -> int:
    """The features that can be read, in all layers."""
    from osgeo import gdal

    source = gdal.OpenEx(path, gdal.OF_VECTOR, open_options=_options(path))
    if source is None:
        return 0
    layers = (source.GetLayer(number) for number in range(source.GetLayerCount()))
    return sum(_readable(layer) for layer in layers)


def _readable(layer: Iterable[Any]) -> int:
    found = 0
    try:
        for _feature in layer:
            found += 1
    except RuntimeError:  # where GDAL's exceptions are switched on
        pass
    return found


def _options(path: str) -> list[str]:
    return ["WRITE_GFS=NO"] if path.lower().endswith(".gml") else []
