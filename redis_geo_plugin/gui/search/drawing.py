"""What a search draws over the map: the circle or area, its centre, and the hits, in the project's CRS."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsRubberBand, QgsVertexMarker
from qgis.PyQt.QtGui import QColor

from ...bridge.geo import measuring

RED = "#c6302b"
MOST_POINTS = 5000  # hits drawn; a layer shows more
MOST_FIGURES = 100  # circles or areas drawn: the window paints them itself, 500 circles in 100 ms


class Drawing:
    """The rubber bands of one search on one canvas."""

    def __init__(self, canvas: Any):
        self.canvas = canvas
        self.area = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self.area.setStrokeColor(QColor(RED))
        fill = QColor(RED)
        fill.setAlpha(28)
        self.area.setFillColor(fill)
        self.area.setWidth(2)
        self.points = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PointGeometry)
        self.points.setColor(QColor(RED))
        self.points.setSecondaryStrokeColor(QColor("white"))
        self.points.setIcon(QgsRubberBand.IconType.ICON_CIRCLE)
        self.points.setIconSize(9)
        self.points.setWidth(2)
        self.center = QgsVertexMarker(canvas)
        self.center.setIconType(QgsVertexMarker.IconType.ICON_CROSS)
        self.center.setColor(QColor("#222222"))
        self.center.setIconSize(12)
        self.center.setPenWidth(2)
        self.center.hide()

    def show_figures(self, figures: list[bytes]) -> None:
        """The first MOST_FIGURES figures, as WKB in degrees."""
        path = measuring.project_path()
        self.area.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        parts = [geometry for geometry in map(path.geometry, figures[:MOST_FIGURES]) if not geometry.isEmpty()]
        if parts:  # all at once: each alone makes the band measure itself anew
            self.area.setToGeometry(QgsGeometry.collectGeometry(parts), None)

    def show_center(self, lon: float, lat: float) -> None:
        place = measuring.project_path().point(lon, lat)
        if place is not None:
            self.center.setCenter(place)
            self.center.show()

    def show_hits(self, hits: Any) -> None:
        """The first MOST_POINTS hits as dots."""
        path = measuring.project_path()
        self.points.reset(QgsWkbTypes.GeometryType.PointGeometry)
        shown = [path.point(x, y) for x, y in zip(hits.lon[:MOST_POINTS].tolist(), hits.lat[:MOST_POINTS].tolist())]
        dots = [p for p in shown if p is not None]
        if dots:
            self.points.setToGeometry(QgsGeometry.fromMultiPointXY(dots), None)

    def flash(self, lon: float, lat: float) -> None:
        place = measuring.project_path().point(lon, lat)
        if place is not None:
            color, faded = QColor(RED), QColor(RED)
            faded.setAlpha(0)
            geometry = QgsGeometry.fromPointXY(QgsPointXY(place))
            self.canvas.flashGeometries([geometry], self.canvas.mapSettings().destinationCrs(), color, faded, 2, 350)

    def clear(self) -> None:
        self.area.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        self.points.reset(QgsWkbTypes.GeometryType.PointGeometry)
        self.center.hide()

    def remove(self) -> None:
        """Take everything off the canvas for good."""
        scene = self.canvas.scene()
        for item in (self.area, self.points, self.center):
            scene.removeItem(item)
