"""What a search draws over the map: the circle or area, its centre, and the hits, in the project's CRS."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from qgis.core import QgsGeometry, QgsPointXY, QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapCanvasItem, QgsRubberBand, QgsVertexMarker
from qgis.PyQt.QtCore import QRectF, Qt, QVariantAnimation
from qgis.PyQt.QtGui import QColor, QPen, QPolygonF

from ...bridge.geo import measuring
from ...bridge.geo.layers import is_area

if TYPE_CHECKING:
    from qgis.gui import QgsMapCanvas
    from qgis.PyQt.QtGui import QPainter

    from ...core.geo.hits import Hits

RED = "#c6302b"
MOST_POINTS = 2000  # hits drawn, in 15 ms at every move of the map; a layer shows more
MOST_FIGURES = 100  # circles or areas drawn: the window paints them itself, 500 circles in 100 ms


class Dots(QgsMapCanvasItem):
    """Points of the canvas's CRS as red dots. A rubber band is painted icon by icon, 5,000 in 90 ms at every
    move of the map; these are painted in one go, in less than half of that."""

    def __init__(self, canvas: QgsMapCanvas, width: int = 6, rim: str = "white"):
        super().__init__(canvas)
        self._canvas = canvas
        self._width, self._rim = width, QColor(rim)  # pixels; the rim comes on top of them
        self.color = QColor(RED)
        self._points: list[QgsPointXY] = []
        self._places = QPolygonF()

    def put(self, points: list[QgsPointXY]) -> None:
        """Show these points instead of the ones before."""
        self._points = points
        self.updatePosition()

    def count(self) -> int:
        """The number of points shown."""
        return len(self._points)

    def updatePosition(self) -> None:  # noqa: N802 - QGIS's name
        """Called by the canvas when it shows something else."""
        self._places = QPolygonF([self.toCanvasCoordinates(point) for point in self._points])
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return QRectF(self._canvas.rect())

    def paint(self, painter: QPainter, *_: object) -> None:
        for color, width in ((self._rim, self._width + 3), (self.color, self._width)):
            pen = QPen(color, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints(self._places)


class Flash(QgsRubberBand):
    """A disk that shows twice, wider than a hit's dot; only the newest place flashes. QGIS's own flash of a
    point has the size and colour of a dot and is not seen on it; a flashed area would grow over the map when
    it is zoomed to the place."""

    WIDTH = 30  # pixels
    LASTS = 700  # ms

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas, QgsWkbTypes.GeometryType.PointGeometry)
        self.setIcon(QgsRubberBand.IconType.ICON_CIRCLE)
        self.setIconSize(self.WIDTH)
        self.setWidth(3)
        self._pulse = QVariantAnimation()
        self._pulse.setDuration(self.LASTS)
        for time, strength in ((0.0, 0.0), (0.25, 1.0), (0.5, 0.0), (0.75, 1.0), (1.0, 0.0)):
            self._pulse.setKeyValueAt(time, strength)
        self._pulse.valueChanged.connect(self._show)
        self._pulse.finished.connect(self.end)

    def at(self, place: QgsPointXY) -> None:
        """Flash at a point of the canvas's CRS."""
        self.end()
        self.addPoint(place)
        self._pulse.start()

    def end(self) -> None:
        self._pulse.stop()
        self.reset(QgsWkbTypes.GeometryType.PointGeometry)

    def _show(self, strength: float) -> None:
        for put, alpha in ((self.setFillColor, 110), (self.setStrokeColor, 230)):
            color = QColor(RED)
            color.setAlpha(round(alpha * strength))
            put(color)
        self.update()


class Drawing:
    """The rubber bands of one search on one canvas."""

    def __init__(self, canvas: QgsMapCanvas):
        self.canvas = canvas
        self.area = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self.area.setStrokeColor(QColor(RED))
        fill = QColor(RED)
        fill.setAlpha(28)
        self.area.setFillColor(fill)
        self.area.setWidth(2)
        self.shapes = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self.shapes.setStrokeColor(QColor("#7a1512"))
        self.shapes.setFillColor(fill)
        self.points = Dots(canvas)
        self.chosen = Dots(canvas, 8, RED)  # on top of the others
        self._places: list[tuple[int, QgsPointXY]] = []  # the hits that are drawn
        self.flashing = Flash(canvas)
        self.center = QgsVertexMarker(canvas)
        self.center.setIconType(QgsVertexMarker.IconType.ICON_CROSS)
        self.center.setColor(QColor("#222222"))
        self.center.setIconSize(12)
        self.center.setPenWidth(2)
        self.center.hide()

    def show_figures(self, figures: list[bytes]) -> None:
        """The first MOST_FIGURES figures, as WKB in degrees."""
        _put(self.area, figures[:MOST_FIGURES])

    def show_center(self, lon: float, lat: float) -> None:
        """Show the centre of the search, given in degrees."""
        place = measuring.project_path().point(lon, lat)
        if place is not None:
            self.center.setCenter(place)
            self.center.show()

    def show_hits(self, hits: Hits) -> None:
        """The first MOST_POINTS hits as dots, and the areas among the first MOST_FIGURES."""
        path = measuring.project_path()
        _put(self.shapes, [shape for shape in hits.shapes[:MOST_FIGURES] if is_area(shape)])
        pairs = zip(hits.lon[:MOST_POINTS].tolist(), hits.lat[:MOST_POINTS].tolist())
        shown = [(hit, path.point(*degrees)) for hit, degrees in enumerate(pairs)]
        self._places = [(hit, place) for hit, place in shown if place is not None]
        self.points.put([place for _, place in self._places])

    def show_chosen(self, hits: Container[int]) -> None:
        """Mark these among the hits that are drawn, in the colour of QGIS's selection."""
        self.chosen.color = QColor(self.canvas.selectionColor())
        self.chosen.color.setAlpha(255)
        self.chosen.put([place for hit, place in self._places if hit in hits])

    def hits_in(self, area: QgsRectangle) -> list[int]:
        """The hits drawn within a rectangle of the canvas's CRS."""
        return [hit for hit, place in self._places if area.contains(place)]

    def nearest_hit(self, place: QgsPointXY, reach: float) -> list[int]:
        """The hit drawn nearest to a point, if it is not farther than ``reach``, in units of the map."""
        near = min(((at.distance(place), hit) for hit, at in self._places), default=(reach + 1.0, -1))
        return [near[1]] if near[0] <= reach else []

    def flash(self, lon: float, lat: float) -> None:
        """Flash at a place, given in degrees."""
        place = measuring.project_path().point(lon, lat)
        if place is not None:
            self.flashing.at(place)

    def clear(self) -> None:
        self.shapes.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        self.area.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        self._places = []
        self.points.put([])
        self.chosen.put([])
        self.center.hide()
        self.flashing.end()

    def remove(self) -> None:
        """Take everything off the canvas for good."""
        self.flashing.end()
        scene = self.canvas.scene()
        for item in (self.area, self.shapes, self.points, self.chosen, self.center, self.flashing):
            scene.removeItem(item)


def _put(band: QgsRubberBand, shapes: list[bytes]) -> None:
    """Show these areas (WKB in degrees) instead of the ones before, all at once: each alone makes the band
    measure itself anew."""
    path = measuring.project_path()
    band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
    parts = [geometry for geometry in map(path.geometry, shapes) if not geometry.isEmpty()]
    if parts:
        band.setToGeometry(QgsGeometry.collectGeometry(parts), None)
