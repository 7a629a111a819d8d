"""Fixes as QGIS's values, made where they are read, so that the window only hands them to its layer."""

from __future__ import annotations

from struct import Struct
from typing import Any

from qgis.core import QgsGeometry, QgsPointXY
from qgis.PyQt.QtCore import QDateTime, Qt

_MULTIPOINT = Struct("<BII")  # the head of a multi-point as WKB: byte order, type 4, number of points
_POINT = Struct("<BIdd")  # byte order, type 1, x, y
_since_epoch = QDateTime.fromMSecsSinceEpoch(0, Qt.TimeSpec.UTC).addMSecs  # the cheapest way to make one


def moment(seconds: float) -> QDateTime:
    """Seconds since 1970 as QGIS's date and time in UTC."""
    return _since_epoch(int(seconds * 1000.0 + 0.5))


def place(fix: Any) -> QgsGeometry:
    """The point of a fix (EPSG:4326)."""
    return QgsGeometry.fromPointXY(QgsPointXY(fix.lon, fix.lat))


def make_ready(fixes: list[Any]) -> None:
    """Give each fix its ``ready``: (point, moment). Any thread; all the points are made in one go."""
    point, together = _POINT.pack, QgsGeometry()
    together.fromWkb(_MULTIPOINT.pack(1, 4, len(fixes)) + b"".join([point(1, 1, fix.lon, fix.lat) for fix in fixes]))
    places = together.asGeometryCollection()
    if len(places) != len(fixes):
        return  # each is made when it is written
    make = _since_epoch
    for fix, place_ in zip(fixes, places):
        fix.ready = (place_, make(int(fix.time * 1000.0 + 0.5)))
