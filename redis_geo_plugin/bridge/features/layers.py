"""A set of features as rows of layers: one for points, one for lines, one for polygons."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from datetime import date, time
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

from qgis.core import (
    QgsAbstractGeometry,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsGeometryCollection,
    QgsMultiLineString,
    QgsMultiPoint,
    QgsMultiPolygon,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QTime

from ...core.readable import texts
from .. import compat, crs
from ..moments import moment

if TYPE_CHECKING:
    from ...core.features.attributes import SetField
    from ...core.features.reader import SetFeature
    from ...core.features.reading import FeatureSet

POINTS, LINES, POLYGONS = "points", "lines", "polygons"
KINDS = (POINTS, LINES, POLYGONS)
_OF = {1: POINTS, 2: LINES, 3: POLYGONS, 4: POINTS, 5: LINES, 6: POLYGONS}
_TOGETHER = 500  # rows made in one go
_SIMPLE = 3  # types of a greater number have parts
_SINGLE = {
    POINTS: QgsWkbTypes.Type.Point,
    LINES: QgsWkbTypes.Type.LineString,
    POLYGONS: QgsWkbTypes.Type.Polygon,
}
_SEVERAL = {POINTS: QgsMultiPoint, LINES: QgsMultiLineString, POLYGONS: QgsMultiPolygon}
_FIELDS = {
    "int": compat.LONG,
    "real": compat.DOUBLE,
    "bool": compat.BOOLEAN,
    "date": compat.DATE,
    "datetime": compat.DATETIME,
    "time": compat.TIME,
    "text": compat.STRING,
    "": compat.STRING,
}


class LayerRow(NamedTuple):
    """A feature for the layer of its kind, to be used before the next is asked for: one object serves all.
    ``of`` is what it was made of."""

    kind: str
    feature: QgsFeature
    of: SetFeature


class FeatureTable:
    """The fields, the kinds and the rows of a set that was read.

    ``crs`` is that of most features; the others are put into it. A feature without a geometry goes to the
    layer with the most features, as does a collection of nothing; any other collection gives its points,
    lines and polygons to theirs.
    """

    def __init__(self, found: FeatureSet):
        self._lay_out(found.schema.fields(), found.crs)
        self.counts = dict.fromkeys(KINDS, 0)
        self.without = 0
        self._seen: dict[str, set[int]] = {kind: set() for kind in KINDS}
        self._learn_all(found.features)
        self.main = max(KINDS, key=lambda kind: self.counts[kind])

    def extend(self, found: FeatureSet) -> None:
        """Take in the kinds and the fields of more features of the same set."""
        self._lay_out(found.schema.fields(), self.crs_text)
        self._learn_all(found.features)

    def _lay_out(self, columns: list[SetField], crs_text: str) -> None:
        from ...core.features.attributes import IDENT, KEY

        self.columns, self.crs_text = columns, crs_text
        self.fields = QgsFields()
        self.fields.append(compat.field(KEY, compat.STRING))
        self.fields.append(compat.field(IDENT, compat.STRING))
        for one in columns:
            self.fields.append(compat.field(one.field, _FIELDS[one.kind]))
        self.crs = crs.from_text(crs_text) if crs_text else QgsCoordinateReferenceSystem()
        self.transforms: dict[str, QgsCoordinateTransform] = {}
        self._convert = [_CONVERT.get(one.kind, _as_it_is) for one in columns]

    def _learn_all(self, features: Sequence[SetFeature]) -> None:
        """Count the features of each kind, by the five bytes that begin a geometry, of which few differ."""
        wkbs = [feature.wkb for feature in features if feature.wkb is not None]
        self.without += len(features) - len(wkbs)
        heads = [wkb[:5] for wkb in wkbs]
        for head, count in Counter(heads).items():
            code = _code(head)
            if code % 1000 in _OF:
                kind = _OF[code % 1000]
                self._seen[kind].add(code)
                self.counts[kind] += count
                continue
            for wkb in [wkb for wkb, its in zip(wkbs, heads) if its == head]:
                self._learn_collection(wkb, code)

    def _learn_collection(self, wkb: bytes, code: int) -> None:
        kinds = _kinds_in(_geometry(wkb))
        for kind in kinds:
            self._seen[kind].add(4 + 1000 * (code // 1000))  # its parts of one kind become a multi-part
            self.counts[kind] += 1
        self.without += not kinds

    def wkb_type(self, kind: str) -> QgsWkbTypes.Type:
        """The type of the layer of a kind: single where all are, with Z or M where one has it."""
        found, codes = _SINGLE[kind], self._seen[kind]
        if any(code % 1000 > 3 for code in codes):
            found = QgsWkbTypes.multiType(found)
        if any(code // 1000 in (1, 3) for code in codes):
            found = QgsWkbTypes.addZ(found)
        if any(code // 1000 in (2, 3) for code in codes):
            found = QgsWkbTypes.addM(found)
        return found

    def rows(
        self,
        features: list[SetFeature],
        context: QgsCoordinateTransformContext,
        lost: Callable[[SetFeature], object],
    ) -> Iterator[LayerRow]:
        """Each feature for its layer. The list is emptied, so that values and layers are not both in memory;
        ``lost`` is told each feature that cannot be put into the CRS of the others."""
        waiting = deque(features)
        features.clear()
        types = {kind: self.wkb_type(kind) for kind in KINDS}
        numbers = [(kind, compat.number(types[kind])) for kind in KINDS]
        # how the geometries of the layer itself begin
        usual = {_head(code): kind for kind, code in numbers if _OF.get(code % 1000) == kind}
        crs_text, has_more = self.crs_text, bool(self.columns)
        feature, geometry = QgsFeature(self.fields), QgsGeometry()
        set_attributes, set_geometry, from_wkb = feature.setAttributes, feature.setGeometry, geometry.fromWkb
        while waiting:
            some = [waiting.popleft() for _ in range(min(len(waiting), _TOGETHER))]
            for name, one in zip(texts([one.key for one in some]), some):
                set_attributes([name, one.id, *self._values(one)] if has_more else [name, one.id])
                wkb = one.wkb
                kind = usual.get(wkb[:5]) if wkb is not None and one.crs == crs_text else None
                if kind is None:
                    yield from self._other_rows(feature, one, types, context, lost)
                    continue
                from_wkb(wkb)  # what the layer has taken of the last row stays as it is
                set_geometry(geometry)
                yield LayerRow(kind, feature, one)

    def _values(self, one: SetFeature) -> list[object]:
        """The attributes of a feature as the fields hold them."""
        from ...core.features.attributes import values_of

        null = compat.NULL
        own = values_of(self.columns, one.attributes)
        return [null if v is None else as_value(v) for as_value, v in zip(self._convert, own)]

    def _other_rows(
        self,
        feature: QgsFeature,
        one: SetFeature,
        types: dict[str, QgsWkbTypes.Type],
        context: QgsCoordinateTransformContext,
        lost: Callable[[SetFeature], object],
    ) -> Iterator[LayerRow]:
        """The rows of a feature whose geometry is not at once one of its layer, or that has none."""
        geometry = QgsGeometry()
        if one.wkb is not None:
            geometry.fromWkb(one.wkb)
        code = _code(one.wkb) % 1000
        if code not in _OF and not _kinds_in(geometry):
            feature.clearGeometry()
            yield LayerRow(self.main, feature, one)
            return
        if one.crs != self.crs_text and not self._moved(geometry, one.crs, context):
            lost(one)
            return
        for kind, part in [(_OF[code], geometry)] if code in _OF else _parts(geometry):
            if part.wkbType() != types[kind]:
                _adapt(part, types[kind])
            feature.setGeometry(part)
            yield LayerRow(kind, feature, one)

    def _moved(self, geometry: QgsGeometry, crs_text: str, context: QgsCoordinateTransformContext) -> bool:
        """Put a geometry into the CRS of the set; whether that was possible."""
        transform = self.transforms.get(crs_text)
        if transform is None:
            transform = QgsCoordinateTransform(crs.from_text(crs_text), self.crs, context)
            self.transforms[crs_text] = transform
        try:
            return (
                transform.isValid() and geometry.transform(transform) == QgsGeometry.OperationResult.Success
            )
        except QgsCsException:
            return False


class LayerTable(FeatureTable):
    """The table of a layer that is there already, with features of one ``kind``."""

    def __init__(self, columns: list[SetField], crs_text: str, kind: str, wkb_type: QgsWkbTypes.Type):
        self._lay_out(columns, crs_text)
        self.main = kind
        self._type = wkb_type

    def wkb_type(self, kind: str) -> QgsWkbTypes.Type:
        """The type of the layer, and of others with as many dimensions."""
        return self._type if kind == self.main else _SINGLE[kind]


def _geometry(wkb: bytes) -> QgsGeometry:
    geometry = QgsGeometry()
    geometry.fromWkb(wkb)
    return geometry


def _code(wkb: Optional[bytes]) -> int:
    """The type of a geometry in the one form, as ISO numbers it; 0 for none."""
    return int.from_bytes(wkb[1:5], "little") if wkb is not None else 0


def _head(code: int) -> bytes:
    """How a geometry of this type begins in the one form."""
    return b"\1" + code.to_bytes(4, "little")


def _parts(collection: QgsGeometry) -> list[tuple[str, QgsGeometry]]:
    """The parts of each kind in a collection as one geometry."""
    found: dict[str, QgsGeometryCollection] = {}
    for kind, part in _singles(collection.constGet()):
        found.setdefault(kind, _SEVERAL[kind]()).addGeometry(part.clone())
    return [(kind, QgsGeometry(found[kind])) for kind in KINDS if kind in found]


def _kinds_in(collection: QgsGeometry) -> list[str]:
    """The kinds of geometries in a collection; none in an empty one, or in NULL."""
    if collection.isNull():
        return []
    kinds = {kind for kind, _ in _singles(collection.constGet())}
    return [kind for kind in KINDS if kind in kinds]


def _singles(shape: QgsAbstractGeometry) -> Iterator[tuple[str, QgsAbstractGeometry]]:
    """The points, lines and polygons with their kinds, out of multi-parts and of inner collections."""
    code = compat.number(QgsWkbTypes.flatType(shape.wkbType()))
    if code <= _SIMPLE:
        yield _OF[code], shape
        return
    for number in range(shape.numGeometries()):
        yield from _singles(shape.geometryN(number))


def _adapt(geometry: QgsGeometry, wanted: QgsWkbTypes.Type) -> None:
    """Give a geometry the Z, M and multi-part form of its layer; what it has not is no number."""
    shape = geometry.get()
    if QgsWkbTypes.hasZ(wanted) and not shape.is3D():
        shape.addZValue(float("nan"))
    if QgsWkbTypes.hasM(wanted) and not shape.isMeasure():
        shape.addMValue(float("nan"))
    if QgsWkbTypes.isMultiType(wanted) and not geometry.isMultipart():
        geometry.convertToMultiType()


def _day(value: date) -> QDate:
    return QDate(value.year, value.month, value.day)


def _clock(value: time) -> QTime:
    return QTime(value.hour, value.minute, value.second, value.microsecond // 1000)


def _as_it_is(value: object) -> object:
    return value


# Values of core as attributes hold them, by the type of their field.
_CONVERT: dict[str, Callable[[Any], object]] = {"date": _day, "time": _clock, "datetime": moment}
