"""Converting fixes to QGIS values: points in the reading thread, so that the window only passes them to its
layer."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Optional

import numpy as np
from qgis.core import QgsGeometry, QgsPointXY
from qgis.PyQt.QtCore import QDateTime

from ..moments import moments_of_ms

if TYPE_CHECKING:
    from ...core.live.fleet import Fixes
    from ...core.live.records import Fix

_MULTIPOINT = Struct("<BII")  # the head of a multi-point as WKB: byte order, type 4, number of points
_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])


def place(fix: Fix) -> QgsGeometry:
    """The point of a fix (EPSG:4326)."""
    return QgsGeometry.fromPointXY(QgsPointXY(fix.lon, fix.lat))


def make_ready(fixes: Fixes) -> list[QgsGeometry]:
    """Make the points of all ``Fixes`` at once (EPSG:4326). May be called from any thread."""
    points = np.empty(len(fixes), _POINT)
    points["order"], points["type"], points["x"], points["y"] = 1, 1, fixes.lon, fixes.lat
    together = QgsGeometry()
    together.fromWkb(_MULTIPOINT.pack(1, 4, len(fixes)) + points.tobytes())
    places = together.asGeometryCollection()
    if len(places) != len(fixes):
        pairs = zip(fixes.lon.tolist(), fixes.lat.tolist())
        places = [QgsGeometry.fromPointXY(QgsPointXY(lon, lat)) for lon, lat in pairs]
    return list(places)


def ready_of(fixes: Fixes) -> list[QgsGeometry]:
    """Return the values made by ``make_ready``; makes them where they are missing."""
    ready: Optional[list[QgsGeometry]] = fixes.ready
    return make_ready(fixes) if ready is None or None in ready else ready


def moments_of(fixes: Fixes) -> list[QDateTime]:
    """Return the times of the reports, to be made where they are written: made long before, each would have
    to be fetched from memory again, which takes longer than making it."""
    return moments_of_ms((fixes.time * 1000.0 + 0.5).astype(np.int64).tolist())
