"""Fixes as QGIS's values, made where they are read, so that the window only hands them to its layer."""

from __future__ import annotations

from struct import Struct
from typing import Any, Optional

import numpy as np
from qgis.core import QgsGeometry, QgsPointXY
from qgis.PyQt.QtCore import QDateTime, Qt

Ready = tuple[QgsGeometry, QDateTime]  # where a vehicle is (EPSG:4326) and when

_MULTIPOINT = Struct("<BII")  # the head of a multi-point as WKB: byte order, type 4, number of points
_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
_since_epoch = QDateTime.fromMSecsSinceEpoch(0, Qt.TimeSpec.UTC).addMSecs  # the cheapest way to make one


def moment(seconds: float) -> QDateTime:
    """Seconds since 1970 as QGIS's date and time in UTC."""
    return _since_epoch(int(seconds * 1000.0 + 0.5))


def place(fix: Any) -> QgsGeometry:
    """The point of a fix (EPSG:4326)."""
    return QgsGeometry.fromPointXY(QgsPointXY(fix.lon, fix.lat))


def make_ready(fixes: Any) -> list[Ready]:
    """Where and when each of the ``Fixes`` is. Any thread; all the points are made in one go."""
    points = np.empty(len(fixes), _POINT)
    points["order"], points["type"], points["x"], points["y"] = 1, 1, fixes.lon, fixes.lat
    together = QgsGeometry()
    together.fromWkb(_MULTIPOINT.pack(1, 4, len(fixes)) + points.tobytes())
    places = together.asGeometryCollection()
    if len(places) != len(fixes):
        pairs = zip(fixes.lon.tolist(), fixes.lat.tolist())
        places = [QgsGeometry.fromPointXY(QgsPointXY(lon, lat)) for lon, lat in pairs]
    moments = map(_since_epoch, (fixes.time * 1000.0 + 0.5).astype(np.int64).tolist())
    return list(zip(places, moments))


def ready_of(fixes: Any) -> list[Ready]:
    """What was made ready of the ``Fixes``, and else is now."""
    ready: Optional[list[Any]] = fixes.ready
    return make_ready(fixes) if ready is None or None in ready else ready
