"""Rows and centres from layers, read feature by feature in degrees. Runs in whatever thread the source is used in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateTransformContext,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingFeatureSource,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime, QVariant

from .. import compat
from .measuring import CrsPath, lon_lat_crs, on_globe

BLOCK = 1000  # rows: as many as one command takes, so that the server is at work while the next are read
NOT_A_NUMBER, INFINITE = float("nan"), float("inf")


def request_of(names: Sequence[str], fields: Any, context: QgsCoordinateTransformContext) -> QgsFeatureRequest:
    """Features in degrees with only these attributes. A feature that cannot be put into degrees loses its geometry."""
    request = QgsFeatureRequest()
    request.setSubsetOfAttributes(list(names), fields)
    request.setDestinationCrs(lon_lat_crs(), context)
    return request


class MemberOf:
    """The member's name of a feature: a field's value, or that of an expression."""

    def __init__(self, text: str, fields: Any, context: QgsExpressionContext):
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

    def of(self, feature: QgsFeature, values: Sequence[Any]) -> Optional[bytes]:
        """The member as bytes; None for NULL, an empty text or an expression that fails."""
        if self.expression is None:
            return member_of(values[self.index])
        self.context.setFeature(feature)
        value = self.expression.evaluate(self.context)
        return None if self.expression.hasEvalError() else member_of(value)


def member_of(value: Any) -> Optional[bytes]:
    """An attribute's value as a member: whole numbers without a point, dates in ISO; None for NULL and for nothing."""
    if type(value) is str:
        return value.encode("utf-8", "surrogatepass") or None
    if compat.is_null(value):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(plain(value)).encode("utf-8") or None


def plain(value: Any) -> Any:
    """An attribute's value as JSON has it: NULL as null, dates and times in ISO."""
    kind = type(value)
    if kind is str or kind is int or kind is float or value is None:
        return value
    if isinstance(value, QVariant):
        return None if value.isNull() else plain(value.value())
    if isinstance(value, (QDateTime, QDate, QTime)):
        return value.toString(Qt.DateFormat.ISODate) if not isinstance(value, QTime) else value.toString("HH:mm:ss")
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return value if isinstance(value, bool) else str(value)


def rows_of(
    source: QgsProcessingFeatureSource,
    member: MemberOf,
    kept: Sequence[str],
    context: QgsCoordinateTransformContext,
) -> Iterator[Any]:
    """The source's features as blocks of core rows, in the order of the source."""
    fields = source.fields()
    request = request_of([*member.names, *kept], fields, context)
    features = source.getFeatures(request, QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks)
    indexes = [fields.lookupField(name) for name in kept]
    while (rows := _rows(islice(features, BLOCK), member, kept, indexes)).ids:
        yield rows


def _rows(features: Iterator[QgsFeature], member: MemberOf, kept: Sequence[str], indexes: Sequence[int]) -> Any:
    """Features as core rows. Column by column, so that no object is kept that the garbage collector has to follow: its
    full round would hold up the window."""
    import numpy as np

    from ...core.geo import fill

    ids: list[int] = []
    members: list[Optional[bytes]] = []
    xs: list[float] = []
    ys: list[float] = []
    columns: list[list[Any]] = [[] for _ in indexes]
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
    texts = fill.fragments(fill.json_names(kept), [[plain(v) for v in column] for column in columns], len(ids))
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


def centers_of(
    source: QgsProcessingFeatureSource, context: QgsCoordinateTransformContext
) -> tuple[list[int], list[float], list[float], int]:
    """Ids, longitudes and latitudes of a layer's points (of other shapes: their centroids), and how many have none."""
    ids: list[int] = []
    lons: list[float] = []
    lats: list[float] = []
    without = 0
    path = CrsPath(source.sourceCrs(), context)
    for feature in source.getFeatures(QgsFeatureRequest().setNoAttributes()):
        place = center_of(feature.geometry(), path)
        if place is None:
            without += 1
            continue
        ids.append(feature.id())
        lons.append(place[0])
        lats.append(place[1])
    return ids, lons, lats, without


def center_of(geometry: QgsGeometry, path: CrsPath) -> Optional[tuple[float, float]]:
    """Longitude and latitude of a geometry in the CRS of ``path``: of its centroid, for all but a single point. None where it
    has no position on the globe."""
    if geometry.isNull() or geometry.isEmpty():
        return None
    point = geometry.centroid().asPoint() if geometry.type() or geometry.isMultipart() else geometry.asPoint()
    place = path.degrees(point)
    return place if place is not None and on_globe(place) else None
