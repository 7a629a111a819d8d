"""Between the map's own coordinates and the longitude and latitude of positions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
)

if TYPE_CHECKING:
    from qgis.gui import QgsMapCanvas

    from ...core.live.records import Fix
    from ...core.live.view import Extent

NEAR_SCALE = 25_000.0  # of the map after zooming to a single vehicle
MARGIN_AROUND = 0.05  # of the longer side
STEPS = 20  # of the grid, each way
MARGIN = 0.005  # of the width: an edge of the map may be bent between two points of the grid
LEAST_GAP = 60.0  # degrees of longitude that a map leaves out, or it counts as all around


def point_on(canvas: QgsMapCanvas, fix: Fix) -> Optional[QgsPointXY]:
    """Where a fix is in the canvas's CRS, None where it cannot be shown there."""
    try:
        return _transform(_degrees(), _crs(canvas)).transform(QgsPointXY(fix.lon, fix.lat))
    except QgsCsException:
        return None


def zoom_to_places(canvas: QgsMapCanvas, places: Sequence[tuple[float, float]]) -> None:
    """Show all of these (longitude, latitude); what the map's CRS cannot show is left out."""
    path, shown = _transform(_degrees(), _crs(canvas)), QgsRectangle()
    shown.setMinimal()
    for longitude, latitude in places:
        try:
            point = path.transform(QgsPointXY(longitude, latitude))
        except QgsCsException:
            continue
        if math.isfinite(point.x()) and math.isfinite(point.y()):
            shown.combineExtentWith(point.x(), point.y())
    if shown.isNull():
        return
    if shown.width() == 0.0 and shown.height() == 0.0:
        canvas.setCenter(shown.center())
        canvas.zoomScale(min(canvas.scale(), NEAR_SCALE))
    else:
        shown.grow(MARGIN_AROUND * max(shown.width(), shown.height()))  # the map shows no empty rectangle
        canvas.setExtent(shown)
    canvas.refresh()


def extent_of(canvas: QgsMapCanvas) -> Optional[Extent]:
    """(west, south, east, north) around what the canvas shows, in degrees; west > east over the 180 degree
    meridian.

    Never less than the canvas shows. None where none of it is on the globe.

    From a grid of points: the box of QGIS's ``transformBoundingBox`` loses the meridian, or most of a map of
    the world.
    """
    path, box = _transform(_crs(canvas), _degrees()), canvas.extent()
    longitudes, latitudes = [], []
    for column in range(STEPS + 1):
        for row in range(STEPS + 1):
            x, y = box.xMinimum() + box.width() * column / STEPS, box.yMinimum() + box.height() * row / STEPS
            try:
                point = path.transform(QgsPointXY(x, y))
            except QgsCsException:
                continue
            if math.isfinite(point.x()) and math.isfinite(point.y()):
                longitudes.append(point.x())
                latitudes.append(point.y())
    if not longitudes:
        return None
    west, east = _arc(longitudes)
    around = east - west == 360.0  # there may be a pole between two points of the grid
    margin = (max(latitudes) - min(latitudes)) * (1.0 / STEPS if around else MARGIN)
    return (west, max(min(latitudes) - margin, -90.0), east, min(max(latitudes) + margin, 90.0))


def _arc(longitudes: list[float]) -> tuple[float, float]:
    """The shortest arc with all of these and a margin, as (west, east); all around where it leaves little
    out.
    """
    turned = sorted({(longitude + 180.0) % 360.0 - 180.0 for longitude in longitudes})
    gaps = [(after - before, position) for position, (before, after) in enumerate(zip(turned, turned[1:]))]
    gaps.append((turned[0] + 360.0 - turned[-1], len(turned) - 1))
    gap, position = max(gaps)
    if gap < LEAST_GAP:
        return -180.0, 180.0
    margin = (360.0 - gap) * MARGIN
    west, east = turned[(position + 1) % len(turned)] - margin, turned[position] + margin
    return (west + 360.0 if west < -180.0 else west), (east - 360.0 if east > 180.0 else east)


def _transform(
    source: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem
) -> QgsCoordinateTransform:
    return QgsCoordinateTransform(source, target, QgsProject.instance())


def _crs(canvas: QgsMapCanvas) -> QgsCoordinateReferenceSystem:
    return canvas.mapSettings().destinationCrs()


def _degrees() -> QgsCoordinateReferenceSystem:
    return QgsCoordinateReferenceSystem("EPSG:4326")
