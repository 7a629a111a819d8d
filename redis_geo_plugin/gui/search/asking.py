"""From the form, the map and the selection to a request; each refusal in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, NamedTuple, Optional

from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...bridge.cache import features
from ...bridge.compat import is_null
from ...bridge.crs import pyproj_text
from ...bridge.geo import measuring, reading
from ...bridge.geo.kinds.kind import OF_LAYERS, IndexAsk, Place, Request, Where
from ...bridge.i18n import tr
from ...bridge.plain import cell_text
from ...core.readable import bytes_of
from .form import SearchForm

if TYPE_CHECKING:
    from qgis.core import QgsCoordinateReferenceSystem, QgsMapLayer
    from qgis.gui import QgsMapCanvas

MOST_FEATURES = 10_000
MOST_NAME = 200  # characters of what a feature is called


class CannotAsk(Exception):
    """Something is missing; the text says what to do."""


def request_of(
    form: SearchForm, canvas: QgsMapCanvas, layer: Optional[QgsMapLayer], live: bool = False
) -> Request:
    """The search that the form describes. Main thread only. Raises CannotAsk."""
    key, kind = form.key(), form.search_kind()
    if not key:
        raise CannotAsk(tr("Choose an index first.") if kind.of_index else tr("Choose a GEO set first."))
    ellipsoid = None if kind.measured and form.on_sphere() else measuring.project_ellipsoid()
    metres = form.metres() if kind.takes_radius else 0.0
    if kind.needs_radius and metres <= 0:
        raise CannotAsk(tr("A corridor needs a radius greater than 0."))
    limit = form.limit.value() or kind.usual_limit
    places = _places(form, canvas, layer)
    selected = layer.id() if form.where() in OF_LAYERS and layer is not None else ""
    index = IndexAsk(form.indexes.filter.text(), form.indexes.place()) if kind.of_index else None
    return Request(kind, key, places, metres, limit, ellipsoid, title_of(form), live, selected, index)


def _places(form: SearchForm, canvas: QgsMapCanvas, layer: Optional[QgsMapLayer]) -> tuple[Place, ...]:
    """Where the search is, by what the form says where its places come from."""
    where = form.where()
    if where is Where.POINT:
        return (center_of(form),)
    if where is Where.FEATURES:
        return tuple(_centers(*_selection(layer)))
    if where is Where.EXTENT:
        return (extent_place(canvas),)
    if where is Where.DRAWN:
        if form.drawn is None:
            raise CannotAsk(
                tr("Draw the polygon on the map first: press the pencil, click the corners, right-click.")
            )
        return (form.drawn,)
    types = QgsWkbTypes.GeometryType
    wanted = types.LineGeometry if where is Where.LINES else types.PolygonGeometry
    return tuple(_shapes(*_selection(layer, wanted)))


def title_of(form: SearchForm) -> str:
    """The name of the layer that keeps the results."""
    kind, distance = form.search_kind(), f"{form.radius.text()} {form.unit.currentText()}"
    return kind.title(form.key(), distance, form.limit.value() or kind.usual_limit)


def center_of(form: SearchForm) -> Place:
    """The centre as typed: coordinates of the project's CRS, or the name of a member."""
    text = form.center.text().strip()
    if not text:
        raise CannotAsk(
            tr("Click on the map, or type a center: x, y in the project's CRS, or the name of a member.")
        )
    point = form.center_point()
    if point is None and form.search_kind().of_index:
        raise CannotAsk(tr("Click on the map, or type a center: x, y in the project's CRS."))
    if point is None:
        return Place(member=bytes_of(text), name=text)
    degrees = degrees_of(*point)
    if degrees is None:
        raise CannotAsk(tr("These coordinates lie outside of what the project's CRS can show."))
    return Place(lon_lat=degrees, name=text)


def degrees_of(x: float, y: float) -> Optional[tuple[float, float]]:
    """Longitude and latitude of a point in the project's CRS; None where there are none."""
    found = measuring.project_path().degrees(QgsPointXY(x, y))
    return found if found is not None and measuring.on_globe(found) else None


def extent_place(canvas: QgsMapCanvas) -> Place:
    """The map's extent as an area in the project's CRS (a turned map: its four corners)."""
    settings = canvas.mapSettings()
    corners = [QgsPointXY(corner) for corner in settings.visiblePolygon()]
    geometry = QgsGeometry.fromPolygonXY([[*corners, corners[0]]])
    return Place(wkb=bytes(geometry.asWkb()), crs=pyproj_text(settings.destinationCrs()))


def drawn_place(polygon: QgsGeometry, canvas: QgsMapCanvas) -> Place:
    """A polygon of the canvas's CRS as an area; one that crosses itself is taken apart."""
    shape = polygon if polygon.isGeosValid() else polygon.makeValid()
    return Place(wkb=bytes(shape.asWkb()), crs=pyproj_text(canvas.mapSettings().destinationCrs()))


class _Selected(NamedTuple):
    """A selected feature: its id, geometry, and what QGIS calls it."""

    identity: int
    geometry: QgsGeometry
    name: str


def _selection(
    layer: Optional[QgsMapLayer], required: Optional[QgsWkbTypes.GeometryType] = None
) -> tuple[list[_Selected], QgsCoordinateReferenceSystem]:
    """The active layer's selected features, of any type of geometry or of the required one, and its CRS."""
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
    name_of = _namer(layer)
    found = [(feature, feature.geometry()) for feature in layer.getSelectedFeatures()]
    return [_Selected(f.id(), g, name_of(f)) for f, g in found if not g.isEmpty()], layer.crs()


def _namer(layer: QgsVectorLayer) -> Callable[[QgsFeature], str]:
    """What QGIS calls a feature of the layer, in its form and its identify panel; empty where that fails."""
    expression = QgsExpression(layer.displayExpression())
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    if not expression.expression() or not expression.prepare(context):
        return lambda _feature: ""

    def name_of(feature: QgsFeature) -> str:
        context.setFeature(feature)
        value = expression.evaluate(context)
        return "" if expression.hasEvalError() or is_null(value) else cell_text(value, MOST_NAME)

    return name_of


def _centers(selected: list[_Selected], crs: QgsCoordinateReferenceSystem) -> list[Place]:
    places = []
    path = measuring.CrsPath(crs, QgsProject.instance().transformContext())
    for identity, geometry, name in selected:
        degrees = reading.center_of(geometry, path)
        if degrees is not None:
            places.append(Place(lon_lat=degrees, identity=identity, name=name))
    if not places:
        raise CannotAsk(tr("None of the selected features has a position."))
    return places


def _shapes(selected: list[_Selected], crs: QgsCoordinateReferenceSystem) -> list[Place]:
    text = pyproj_text(crs)
    return [
        Place(wkb=features.plain_wkb(shape) or b"", crs=text, identity=identity, name=name)
        for identity, shape, name in selected
    ]
