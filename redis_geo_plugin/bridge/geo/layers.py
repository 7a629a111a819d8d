"""Layers from hits, built in a background thread and handed over whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsVectorDataProvider,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

from .. import compat
from ..cache import features
from ..plain import plain_map_tip
from .measuring import CrsPath, degrees_path

if TYPE_CHECKING:
    from ...core.geo.hits import Hits
    from ...core.json_types import JsonObject
    from ...core.watch import Watch
    from .kinds.kind import Request

MEMBER, DISTANCE, BEARING, RANK = "member", "distance_m", "bearing", "rank"
CENTER_ID, AREA_ID = "center_id", "area_id"
BLOCK = 200  # hits written in one go: fewer objects than make Python's garbage collector start
COORDINATES = ("longitude", "latitude")
MOST_FIELDS = 500  # fields made of stored attributes; SQLite takes 2,000 columns, a person reads a dozen
OTHERS = "other_attributes"  # the field of the rest, as JSON


class HitTable:
    """Fields and rows of hits: member, distance, bearing, rank, the id of the centre or area, the stored
    attributes.

    ``ids`` are the ids of the centres or areas, in their order. ``origin`` names their field; empty: none is
    made.
    """

    def __init__(
        self, hits: Hits, origin: str = CENTER_ID, ids: Optional[Sequence[int]] = None, measured: bool = True
    ):
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

    def write(
        self, sink: QgsFeatureSink, path: Optional[CrsPath] = None, watch: Optional[Watch] = None
    ) -> int:
        """Give the sink (a layer's provider is one) each hit as a feature, in degrees or in the CRS of
        ``path``; how many.

        Raises Cancelled, and QgsProcessingException with the sink's own words where it refuses one.
        """
        return _write(sink, self.fields, self.hits, self._columns(), path, watch)

    def _columns(self) -> list[Sequence[object]]:
        hits = self.hits
        columns: list[Sequence[object]] = [hits.names()]
        if self.measured:
            columns += [hits.distance.tolist(), hits.bearing.tolist()]
        columns.append(hits.rank.tolist())
        if self.origin:
            origin = hits.origin.tolist()
            columns.append([self.ids[i] for i in origin] if self.ids is not None else origin)
        return columns + _attribute_columns(self.attributes, hits)


class Answered(Protocol):
    """What is asked of the answer to a search."""

    @property
    def request(self) -> Request: ...
    @property
    def hits(self) -> Hits: ...
    @property
    def measured(self) -> bool: ...


def table_of(answer: Answered, hits: Optional[Hits] = None) -> HitTable:
    """The rows of a search's answer (or of some of its hits): with distances where its kind measures any, by
    centre or by area."""
    request = answer.request
    origin = CENTER_ID if request.kind.measured else AREA_ID
    return HitTable(
        answer.hits if hits is None else hits,
        origin,
        [place.identity for place in request.places],
        answer.measured,
    )


def is_area(shape: bytes) -> bool:
    """Whether a hit's shape (WKB, empty for a position) is a polygon."""
    from ...core.geometry import walk

    return walk.kind_of(shape) in (walk.POLYGON, walk.MULTIPOLYGON)


def by_kind(hits: Hits) -> tuple[Hits, Hits]:
    """The hits that are positions, and those that are areas, both in their order."""
    import numpy as np

    areas = np.array([is_area(shape) for shape in hits.shapes], bool)
    if not areas.any():
        return hits, hits.take(np.zeros(0, np.int64))
    points = hits.take(~areas)
    points.shapes = []
    return points, hits.take(areas)


class MemberTable:
    """Fields and features of whole members: the member and its attributes, nothing measured."""

    def __init__(self, attributes: list[tuple[str, Any]]):
        self.attributes = attributes
        self.fields = QgsFields()
        self.fields.append(compat.field(MEMBER, compat.STRING))
        taken = {MEMBER}
        for name, kind in attributes:
            self.fields.append(compat.field(_free(name, taken), kind))

    def write(
        self,
        blocks: Iterable[Hits],
        sink: QgsFeatureSink,
        path: Optional[CrsPath] = None,
        watch: Optional[Watch] = None,
    ) -> int:
        """Give the sink each member of these blocks of hits as a feature: see ``HitTable.write``."""
        count = 0
        for hits in blocks:
            columns = [hits.names(), *_attribute_columns(self.attributes, hits)]
            count += _write(sink, self.fields, hits, columns, path, watch)
        return count


def _write(
    sink: QgsFeatureSink,
    fields: QgsFields,
    hits: Hits,
    columns: list[Sequence[object]],
    path: Optional[CrsPath],
    watch: Optional[Watch],
) -> int:
    """The same QgsFeatures serve every block: layers and sinks copy what they are given. New ones for each
    hit would take longer, and wake Python's garbage collector, whose full round holds up the window."""
    path = path or degrees_path()
    pool = [QgsFeature(fields) for _ in range(min(BLOCK, len(hits)))]
    for start in range(0, len(hits), BLOCK):
        if watch is not None:
            watch.check()
        part = slice(start, start + BLOCK)
        geometries = path.points(hits.lon[part], hits.lat[part])
        for at, shape in enumerate(hits.shapes[part]):
            if shape:
                geometries[at] = path.geometry(shape)
                if is_area(shape):
                    geometries[at].convertToMultiType()
        for feature, geometry, *values in zip(pool, geometries, *[c[part] for c in columns]):
            feature.setGeometry(geometry)
            feature.setAttributes(values)
        features.write(sink, pool[: len(geometries)])
    return len(hits)


def _attribute_columns(attributes: list[tuple[str, Any]], hits: Hits) -> list[Sequence[object]]:
    """The stored attributes as columns of values that their fields take."""
    found = hits.attributes or [None] * len(hits)
    columns: list[Sequence[object]] = []
    overflows = len(attributes) > MOST_FIELDS
    for name, kind in attributes[:MOST_FIELDS]:
        convert = _CONVERT.get(kind, _as_text)
        columns.append([convert(a.get(name)) if a else None for a in found])
    if overflows:
        own = {name for name, _ in attributes[:MOST_FIELDS]}.union(COORDINATES)
        columns.append([_rest(a, own) for a in found])
    return columns


def _rest(attributes: Optional[JsonObject], own: set[str]) -> Optional[str]:
    """The attributes that have no field of their own, as JSON; None where there are none."""
    rest = {name: value for name, value in (attributes or {}).items() if name not in own}
    return json.dumps(rest, ensure_ascii=False) if rest else None


class Kinds:
    """Collects from blocks of attributes their names, in the order first seen, and the type of field for
    each.

    The exact coordinates are left out: they are the geometry. Of more than MOST_FIELDS names, the last stand
    together in one field, OTHERS, as JSON: each member may bring names of its own, and no layer is used with
    20,000 columns.
    """

    def __init__(self) -> None:
        self._seen: dict[str, set[type]] = {}

    @property
    def count(self) -> int:
        """How many names there are."""
        return sum(name not in COORDINATES for name in self._seen)

    def learn(self, attributes: Iterable[Optional[JsonObject]]) -> None:
        """Note what kinds of values these attributes hold."""
        seen = self._seen
        for found in attributes:
            if found:
                for name, value in found.items():
                    types = seen.get(name)
                    if types is None:
                        types = seen[name] = set()
                    if value is not None:
                        types.add(type(value))

    def found(self) -> list[tuple[str, Any]]:
        """(name, kind of field)"""
        names = [(name, _kind(types)) for name, types in self._seen.items() if name not in COORDINATES]
        return names if len(names) <= MOST_FIELDS else [*names[:MOST_FIELDS], (OTHERS, compat.STRING)]


def attribute_kinds(attributes: Iterable[Optional[JsonObject]]) -> list[tuple[str, Any]]:
    """Names and kinds of the fields for these attributes: see ``Kinds``."""
    kinds = Kinds()
    kinds.learn(attributes)
    return kinds.found()


def _kind(types: set[type]) -> Any:
    if types and types <= {bool}:
        return compat.BOOLEAN
    if types and types <= {int}:
        return compat.LONG
    if types and types <= {int, float}:
        return compat.DOUBLE
    return compat.STRING


def _as_text(value: object) -> Optional[str]:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _as_integer(value: object) -> Optional[int]:
    return value if type(value) is int and -(2**63) <= value < 2**63 else None


def _as_double(value: Any) -> Optional[float]:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError, OverflowError):
        return None


_CONVERT: dict[Any, Callable[[Any], object]] = {
    compat.LONG: _as_integer,
    compat.DOUBLE: _as_double,
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
    name: str,
    wkb_type: str,
    crs: QgsCoordinateReferenceSystem,
    fields: QgsFields,
    fill: Callable[[QgsVectorDataProvider], object],
) -> QgsVectorLayer:
    """A memory layer, filled by ``fill(provider)``; made in whatever thread this runs in and given to the
    main thread.

    Without a valid CRS it is taken to hold degrees, as ``CrsPath`` makes them.
    """
    layer = QgsVectorLayer(f"{wkb_type}?crs={crs.authid() or 'EPSG:4326'}", name, "memory")
    if crs.isValid() and not crs.authid():
        layer.setCrs(crs)
    provider = layer.dataProvider()
    provider.addAttributes([fields.at(i) for i in range(fields.count())])
    layer.updateFields()
    plain_map_tip(layer)
    fill(provider)
    layer.updateExtents()
    layer.moveToThread(QCoreApplication.instance().thread())
    return layer
