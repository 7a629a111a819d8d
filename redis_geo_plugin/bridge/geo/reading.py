"""Rows and centres from layers, read feature by feature in degrees. Runs in whatever thread the source is
used in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsCoordinateTransformContext,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsFields,
    QgsGeometry,
)

from ...core.readable import bytes_of
from .. import compat
from ..cache.features import plain_wkb
from ..crs import pyproj_text
from ..json_values import to_json
from ..sources import FrozenSource
from .kinds.kind import Place
from .measuring import CrsPath, lon_lat_crs, on_globe

if TYPE_CHECKING:
    from ...core.geo.fill import Rows

BLOCK = 1000  # rows: as many as one command takes, so that the server is at work while the next are read
NOT_A_NUMBER, INFINITE = float("nan"), float("inf")


class MemberOf:
    """The member's name of a feature: a field's value, or that of an expression."""

    def __init__(self, text: str, fields: QgsFields, context: QgsExpressionContext):
        self.index = fields.lookupField(text) if text in fields.names() else -1
        self.expression: Optional[QgsExpression] = None
        self.context = context
        self.names: list[str] = [text]
        if self.index < 0:
            self.expression = QgsExpression(text)
            if self.expression.isField():
                name = next(iter(self.expression.referencedColumns()))
                self.index, self.names = fields.lookupField(name), [name]
                self.expression = None
        if self.expression is not None:
            if self.expression.hasParserError():
                raise ValueError(self.expression.parserErrorString())
            self.names = list(self.expression.referencedColumns())
            if QgsFeatureRequest.ALL_ATTRIBUTES in self.names:
                self.names = list(fields.names())
            self.expression.prepare(context)
        elif self.index < 0:
            raise ValueError(text)

    def of(self, feature: QgsFeature, values: Sequence[object]) -> Optional[bytes]:
        """The member as bytes; None for NULL, an empty text or an expression that fails."""
        if self.expression is None:
            return member_of(values[self.index])
        self.context.setFeature(feature)
        value = self.expression.evaluate(self.context)
        return None if self.expression.hasEvalError() else member_of(value)


def member_of(value: object) -> Optional[bytes]:
    """An attribute's value as a member: whole numbers without a point, dates in ISO; None for NULL and for
    nothing."""
    if type(value) is str:
        return bytes_of(value) or None
    if compat.is_null(value):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    found = to_json(value)
    return None if found is None else str(found).encode("utf-8") or None


def rows_of(
    source: FrozenSource,
    member: MemberOf,
    kept: Sequence[str],
    context: QgsCoordinateTransformContext,
) -> Iterator[Rows]:
    """The source's features in degrees as blocks of core rows, in the order of the source.

    A feature that cannot be put into degrees loses its geometry, and so is refused with its reason.
    """
    fields = source.fields
    request = source.request().setSubsetOfAttributes([*member.names, *kept], fields)
    features = source.features(request.setDestinationCrs(lon_lat_crs(), context))
    indexes = [fields.lookupField(name) for name in kept]
    while (rows := _rows(islice(features, BLOCK), member, kept, indexes)).ids:
        yield rows


def _rows(
    features: Iterator[QgsFeature], member: MemberOf, kept: Sequence[str], indexes: Sequence[int]
) -> Rows:
    """Features as core rows. Column by column, so that no object is kept that the garbage collector has to
    follow: its full round would hold up the window."""
    import numpy as np

    from ...core.geo import fill

    ids: list[int] = []
    members: list[Optional[bytes]] = []
    xs: list[float] = []
    ys: list[float] = []
    columns: list[list[object]] = [[] for _ in indexes]
    slots, of = list(zip(columns, indexes)), member.of
    for feature in features:
        values = feature.attributes()
        try:
            point = feature.geometry().asPoint()
            x, y = point.x(), point.y()
        except (TypeError, ValueError):  # no geometry, or a multi-point
            x, y = position_of(feature)
        ids.append(feature.id())
        members.append(of(feature, values))
        xs.append(x)
        ys.append(y)
        for column, index in slots:
            column.append(values[index])
    texts = fill.fragments(
        fill.json_names(kept), [[to_json(v) for v in column] for column in columns], len(ids)
    )
    return fill.Rows(ids, members, np.array(xs), np.array(ys), texts)


def position_of(feature: QgsFeature) -> tuple[float, float]:
    """Longitude and latitude; NaN without a geometry, infinite for several points."""
    geometry = feature.geometry()
    if geometry.isNull():
        return NOT_A_NUMBER, NOT_A_NUMBER
    if geometry.isMultipart():
        parts = geometry.asMultiPoint()
        if len(parts) > 1:
            return INFINITE, INFINITE
        if not parts:
            return NOT_A_NUMBER, NOT_A_NUMBER
        return parts[0].x(), parts[0].y()
    if geometry.isEmpty():
        return NOT_A_NUMBER, NOT_A_NUMBER
    point = geometry.asPoint()
    return point.x(), point.y()


def centers_of(source: FrozenSource, context: QgsCoordinateTransformContext) -> tuple[list[Place], int]:
    """A layer's points (of other shapes: their centroids) as places, and how many features have none."""
    places: list[Place] = []
    without = 0
    path = CrsPath(source.crs, context)
    for feature in source.features(source.request().setNoAttributes()):
        degrees = center_of(feature.geometry(), path)
        if degrees is None:
            without += 1
        else:
            places.append(Place(lon_lat=degrees, identity=feature.id()))
    return places, without


def shapes_of(source: FrozenSource, _context: QgsCoordinateTransformContext) -> tuple[list[Place], int]:
    """A layer's lines or polygons as places, in the layer's own CRS, and how many features have no
    geometry."""
    places: list[Place] = []
    crs, without = pyproj_text(source.crs), 0
    for feature in source.features(source.request().setNoAttributes()):
        geometry = feature.geometry()
        if geometry.isNull() or geometry.isEmpty():
            without += 1
        else:
            places.append(Place(plain_wkb(geometry) or b"", crs, identity=feature.id()))
    return places, without


def center_of(geometry: QgsGeometry, path: CrsPath) -> Optional[tuple[float, float]]:
    """Longitude and latitude of a geometry in the CRS of ``path``: of its centroid, for all but a single
    point. None where it has no position on the globe."""
    if geometry.isNull() or geometry.isEmpty():
        return None
    point = geometry.centroid().asPoint() if geometry.type() or geometry.isMultipart() else geometry.asPoint()
    place = path.degrees(point)
    return place if place is not None and on_globe(place) else None
