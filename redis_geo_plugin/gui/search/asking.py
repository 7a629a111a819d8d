"""From the form, the map and the selection to a request; each refusal in words."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...bridge import features
from ...bridge.geo import measuring, reading
from ...bridge.geo.requests import Kind, Place, Request
from ...bridge.i18n import tr
from . import form as f

MOST_FEATURES = 10_000


class CannotAsk(Exception):
    """Something is missing; the text says what to do."""


def request_of(form: f.SearchForm, canvas: Any, layer: Optional[Any], live: bool = False) -> Request:
    """The search that the form describes. Main thread only. Raises CannotAsk."""
    key, kind = form.key(), form.search_kind()
    if not key:
        raise CannotAsk(tr("Choose a GEO set first."))
    ellipsoid = None if form.on_sphere() else measuring.project_ellipsoid()
    limit = form.limit.value()
    places: tuple[Place, ...]
    if kind in f.AROUND_POINT:
        places = (center_of(form, key),)
    elif kind in (f.RADIUS_FEATURES, f.NEAREST_FEATURES):
        places = tuple(_centers(_selection(layer)))
    elif kind == f.EXTENT:
        ellipsoid = measuring.project_ellipsoid()
        places = (extent_place(canvas),)
    else:
        ellipsoid = measuring.project_ellipsoid()
        lines = kind == f.CORRIDOR
        wanted = QgsWkbTypes.GeometryType.LineGeometry if lines else QgsWkbTypes.GeometryType.PolygonGeometry
        places = tuple(_shapes(_selection(layer, wanted)))
    if kind in (f.NEAREST, f.NEAREST_FEATURES) and limit == 0:
        limit = 10
    metres = form.metres() if kind in f.WITH_RADIUS else 0.0
    if kind == f.CORRIDOR and metres <= 0:
        raise CannotAsk(tr("A corridor needs a radius greater than 0."))
    return Request(_kind(kind), key, places, metres, limit, ellipsoid, title_of(form), live)


def _kind(kind: str) -> Kind:
    return {
        f.RADIUS: Kind.RADIUS,
        f.RADIUS_FEATURES: Kind.RADIUS,
        f.NEAREST: Kind.NEAREST,
        f.NEAREST_FEATURES: Kind.NEAREST,
        f.CORRIDOR: Kind.CORRIDOR,
    }.get(kind, Kind.AREA)


def title_of(form: f.SearchForm) -> str:
    """The name of the layer that keeps the results."""
    key, kind = form.key(), form.search_kind()
    if kind in f.WITH_RADIUS:
        distance = f"{form.radius.text()} {form.unit.currentText()}"
        template = tr("{set} along lines, {distance}") if kind == f.CORRIDOR else tr("{set} within {distance}")
        return template.format(set=key, distance=distance)
    if kind in (f.NEAREST, f.NEAREST_FEATURES):
        return tr("{set}, nearest {count}").format(set=key, count=form.limit.value() or 10)
    return tr("{set} in an area").format(set=key)


def center_of(form: f.SearchForm, key: str) -> Place:
    """The centre as typed: coordinates of the project's CRS, or the name of a member."""
    text = form.center.text().strip()
    if not text:
        raise CannotAsk(tr("Click on the map, or type a center: x, y in the project's CRS, or the name of a member."))
    point = form.center_point()
    if point is None:
        from ...core.geo.hits import member_bytes

        return Place(member=member_bytes(text))
    degrees = degrees_of(*point)
    if degrees is None:
        raise CannotAsk(tr("These coordinates lie outside of what the project's CRS can show."))
    return Place(lon_lat=degrees)


def degrees_of(x: float, y: float) -> Optional[tuple[float, float]]:
    """Longitude and latitude of a point in the project's CRS; None where there are none."""
    found = measuring.project_path().degrees(QgsPointXY(x, y))
    return found if found is not None and measuring.on_globe(found) else None


def extent_place(canvas: Any) -> Place:
    """The map's extent as an area in the project's CRS (a turned map: its four corners)."""
    settings = canvas.mapSettings()
    corners = [QgsPointXY(corner) for corner in settings.visiblePolygon()]
    geometry = QgsGeometry.fromPolygonXY([[*corners, corners[0]]])
    return Place(wkb=bytes(geometry.asWkb()), crs=measuring.crs_text(settings.destinationCrs()))


def _selection(layer: Optional[Any], required: Optional[Any] = None) -> list[tuple[int, QgsGeometry, Any]]:
    """(id, geometry, CRS) of the active layer's selected features, of any type of geometry or of the required one."""
    if not isinstance(layer, QgsVectorLayer):
        raise CannotAsk(tr("Make a vector layer active and select features in it."))
    if required is not None and layer.geometryType() != required:
        words = {
            QgsWkbTypes.GeometryType.PolygonGeometry: tr("The active layer holds no polygons."),
            QgsWkbTypes.GeometryType.LineGeometry: tr("The active layer holds no lines."),
        }
        raise CannotAsk(words[required])
    if not layer.selectedFeatureCount():
        raise CannotAsk(tr("Select features in the layer {name} first.").format(name=layer.name()))
    if layer.selectedFeatureCount() > MOST_FEATURES:
        raise CannotAsk(
            tr("That is more than {count} features: use the algorithm of the Processing toolbox.").format(
                count=MOST_FEATURES
            )
        )
    return [(x.id(), x.geometry(), layer.crs()) for x in layer.getSelectedFeatures() if not x.geometry().isEmpty()]


def _centers(selected: list[tuple[int, QgsGeometry, Any]]) -> list[Place]:
    places = []
    context = QgsProject.instance().transformContext()
    path = None
    for identity, geometry, crs in selected:
        path = path or measuring.CrsPath(crs, context)
        degrees = reading.center_of(geometry, path)
        if degrees is not None:
            places.append(Place(lon_lat=degrees, identity=identity))
    if not places:
        raise CannotAsk(tr("None of the selected features has a position."))
    return places


def _shapes(selected: list[tuple[int, QgsGeometry, Any]]) -> list[Place]:
    return [Place(wkb=features.plain_wkb(g) or b"", crs=measuring.crs_text(crs), identity=i) for i, g, crs in selected]
