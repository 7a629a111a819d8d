"""The project's ellipsoid and CRS, as the searches of core want them. Main thread only, except
``CrsPath``."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsEllipsoidUtils,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
)

if TYPE_CHECKING:
    from ...core.geo.measure import Ellipsoid
    from ...core.geometry.arrays import Array


def lon_lat_crs() -> QgsCoordinateReferenceSystem:
    """WGS 84 in degrees: what GEO sets hold."""
    return QgsCoordinateReferenceSystem("EPSG:4326")


def in_degrees(crs: QgsCoordinateReferenceSystem) -> bool:
    """Whether coordinates are degrees: also without any CRS, which is taken for WGS 84."""
    return bool(crs.isGeographic() or not crs.isValid())


def on_globe(degrees: tuple[float, float]) -> bool:
    """Whether a longitude (any turn) and a latitude mean a place."""
    return abs(degrees[1]) <= 90.0 and abs(degrees[0]) <= 1e6


def project_ellipsoid(project: Optional[QgsProject] = None) -> Ellipsoid:
    """The ellipsoid of the project's ruler; WGS 84 where the project measures on none."""
    return ellipsoid_of((project or QgsProject.instance()).ellipsoid())


def ellipsoid_of(acronym: str) -> Ellipsoid:
    """A core ellipsoid from QGIS's acronym (``EPSG:7030``, ``PARAMETER:a:b``); WGS 84 for ``NONE`` and
    unknown ones."""
    from ...core.geo.measure import WGS84, Ellipsoid

    parameters = QgsEllipsoidUtils.ellipsoidParameters(acronym or "NONE")
    if not parameters.valid or parameters.semiMajor <= 0 or parameters.semiMinor <= 0:
        return WGS84
    # Not the axes of QGIS's flattening but its own, so that its ruler and this agree to the last digit.
    return Ellipsoid(parameters.semiMajor, parameters.semiMinor, _name(acronym))


def _name(acronym: str) -> str:
    for definition in QgsEllipsoidUtils.definitions():
        if definition.acronym == acronym:
            return str(definition.description).split(" (")[0]
    return acronym


class CrsPath:
    """Degrees (WGS 84) to a CRS and back; made on the main thread or in Processing, used in any one
    thread."""

    def __init__(self, crs: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext):
        self.crs = crs
        self._there = QgsCoordinateTransform(lon_lat_crs(), crs, context)
        self._back = QgsCoordinateTransform(crs, lon_lat_crs(), context)
        self._same = crs == lon_lat_crs() or not crs.isValid()

    def point(self, lon: float, lat: float) -> Optional[QgsPointXY]:
        """A point of the CRS, None where the CRS has none for it (a pole in Mercator)."""
        if self._same:
            return QgsPointXY(lon, lat)
        try:
            return self._there.transform(lon, lat)
        except QgsCsException:
            return None

    def points(self, lon: Array, lat: Array) -> list[QgsGeometry]:
        """Points of the CRS for arrays of degrees, made in one go; a null geometry where the CRS has none."""
        together = QgsGeometry()
        together.fromWkb(_multipoint(lon, lat))
        if not self._same:
            try:
                together.transform(self._there)
            except QgsCsException:
                return [self._geometry(x, y) for x, y in zip(lon.tolist(), lat.tolist())]
        return list(together.asGeometryCollection())

    def _geometry(self, lon: float, lat: float) -> QgsGeometry:
        place = self.point(lon, lat)
        return QgsGeometry() if place is None else QgsGeometry.fromPointXY(place)

    def degrees(self, point: QgsPointXY) -> Optional[tuple[float, float]]:
        """Longitude and latitude of a point of the CRS, None where there are none."""
        if self._same:
            return point.x(), point.y()
        try:
            back = self._back.transform(point)
        except QgsCsException:
            return None
        return back.x(), back.y()

    def geometry(self, wkb: bytes) -> QgsGeometry:
        """A geometry in degrees (WKB) put into the CRS; parts that the CRS cannot show are left out."""
        geometry = QgsGeometry()
        geometry.fromWkb(wkb)
        if self._same:
            return geometry
        parts = []
        for part in geometry.asGeometryCollection() or [geometry]:
            moved = QgsGeometry(part)
            try:
                moved.transform(self._there)
            except QgsCsException:
                continue
            parts.append(moved)
        if len(parts) == 1:
            return parts[0]
        return QgsGeometry.collectGeometry(parts) if parts else QgsGeometry()


def degrees_path() -> CrsPath:
    """From degrees to degrees."""
    return CrsPath(lon_lat_crs(), QgsCoordinateTransformContext())


def _multipoint(lon: Array, lat: Array) -> bytes:
    """WKB of a multi-point."""
    import numpy as np

    points = np.empty(len(lon), [("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
    points["order"], points["type"], points["x"], points["y"] = 1, 1, lon, lat
    return struct.pack("<BII", 1, 4, len(points)) + points.tobytes()


def project_path(project: Optional[QgsProject] = None) -> CrsPath:
    """From degrees to the project's CRS."""
    project = project or QgsProject.instance()
    return CrsPath(project.crs(), project.transformContext())
