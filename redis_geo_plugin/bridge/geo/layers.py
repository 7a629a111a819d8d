"""Layers from hits, built in a background thread and handed over whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Callable, Optional

from qgis.core import QgsFeature, QgsFields, QgsGeometry, QgsPointXY, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication

from .. import compat

MEMBER, DISTANCE, BEARING, RANK = "member", "distance_m", "bearing", "rank"
CENTER_ID, AREA_ID = "center_id", "area_id"
LENGTH = 5000  # features added in one go
COORDINATES = ("longitude", "latitude")


class HitTable:
    """Fields and rows of hits: member, distance, bearing, rank, the id of the centre or area, the stored attributes.

    ``ids`` are the ids of the centres or areas, in their order. ``origin`` names their field; empty: none is made.
    """

    def __init__(self, hits: Any, origin: str = CENTER_ID, ids: Optional[Sequence[int]] = None, measured: bool = True):
        self.hits, self.ids, self.measured = hits, ids, measured
        self.origin = origin
        self.attributes = attribute_kinds(hits.attributes)
        self.fields = QgsFields()
        self.fields.append(compat.field(MEMBER, compat.STRING))
        if measured:
            self.fields.append(compat.field(DISTANCE, compat.DOUBLE))
            self.fields.append(compat.field(BEARING, compat.DOUBLE))
        self.fields.append(compat.field(RANK, compat.INTEGER))
        if origin:
            self.fields.append(compat.field(origin, compat.LONG))
        taken = {self.fields.at(i).name().lower() for i in range(self.fields.count())}
        for name, kind in self.attributes:
            self.fields.append(compat.field(_free(name, taken), kind))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """(longitude, latitude, attribute values) of each hit."""
        hits = self.hits
        columns: list[Sequence[Any]] = [hits.names()]
        if self.measured:
            columns += [hits.distance.tolist(), hits.bearing.tolist()]
        columns.append(hits.rank.tolist())
        if self.origin:
            origin = hits.origin.tolist()
            columns.append([self.ids[i] for i in origin] if self.ids is not None else origin)
        for name, kind in self.attributes:
            convert = _CONVERT.get(kind, _as_text)
            columns.append([convert(a.get(name)) if a else None for a in hits.attributes])
        return zip(hits.lon.tolist(), hits.lat.tolist(), zip(*columns))

    def features(self, point: Optional[Callable[[float, float], Optional[QgsPointXY]]] = None) -> Iterator[QgsFeature]:
        """The hits as features in degrees, or in the CRS that ``point`` leads to."""
        make_geometry, make_point = QgsGeometry.fromPointXY, point or QgsPointXY
        template = QgsFeature(self.fields)
        for lon, lat, values in self.rows():
            feature = QgsFeature(template)
            place = make_point(lon, lat)
            if place is not None:
                feature.setGeometry(make_geometry(place))
            feature.setAttributes(list(values))
            yield feature


def attribute_kinds(attributes: Sequence[Optional[dict]]) -> list[tuple[str, Any]]:
    """The names found in any of the attributes in the order first seen, with the kind of field that holds them all.

    The exact coordinates are left out: they are the geometry.
    """
    seen: dict[str, set[type]] = {}
    for found in attributes:
        if found:
            for name, value in found.items():
                if value is not None:
                    seen.setdefault(name, set()).add(type(value))
                else:
                    seen.setdefault(name, set())
    return [(name, _kind(types)) for name, types in seen.items() if name not in COORDINATES]


def _kind(types: set[type]) -> Any:
    if types and types <= {bool}:
        return compat.BOOLEAN
    if types and types <= {int}:
        return compat.LONG
    if types and types <= {int, float}:
        return compat.DOUBLE
    return compat.STRING


def _as_text(value: Any) -> Optional[str]:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _as_integer(value: Any) -> Any:
    return value if value is None or -(2**63) <= value < 2**63 else None


_CONVERT: dict[Any, Callable[[Any], Any]] = {
    compat.LONG: _as_integer,
    compat.DOUBLE: lambda value: None if value is None else float(value),
    compat.BOOLEAN: lambda value: value,
}


def _free(name: str, taken: set[str]) -> str:
    """A field name that no other field has, upper and lower case taken as one (QGIS's own look-up does)."""
    result, number = name or "_", 2
    while result.lower() in taken:
        result, number = f"{name}_{number}", number + 1
    taken.add(result.lower())
    return result


def memory_layer(
    name: str, wkb_type: str, authid: str, fields: QgsFields, features: Iterator[QgsFeature], watch: Any = None
) -> QgsVectorLayer:
    """A memory layer with these features, made in whatever thread this runs in and given to the main thread."""
    layer = QgsVectorLayer(f"{wkb_type}?crs={authid}", name, "memory")
    provider = layer.dataProvider()
    provider.addAttributes([fields.at(i) for i in range(fields.count())])
    layer.updateFields()
    block: list[QgsFeature] = []
    for feature in features:
        block.append(feature)
        if len(block) >= LENGTH:
            provider.addFeatures(block)
            block = []
            if watch is not None:
                watch.check()
    if block:
        provider.addFeatures(block)
    layer.updateExtents()
    layer.moveToThread(QCoreApplication.instance().thread())
    return layer
