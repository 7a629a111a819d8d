"""The features of a layer as rows to be published, each with the key that its template gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Optional, Union

from qgis.core import (
    QgsAbstractGeometry,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsWkbTypes,
)

from ...core.readable import bytes_of
from .. import compat
from ..geo.reading import member_of
from ..json_values import to_json
from ..sources import FrozenSource

if TYPE_CHECKING:
    from ...core.features.refusals import WhyRefused
    from ...core.features.writing import PublishRow

BLOCK = 500  # rows handed over in one go
_EXPRESSION = re.compile(r"\[%(.*?)%\]", re.DOTALL)
_INTEGERS = frozenset(compat.kind(n) for n in (2, 3, 4, 5))  # Int, UInt, LongLong, ULongLong
_REALS = frozenset((compat.DOUBLE, compat.kind(38)))  # Float


class KeyTemplate:
    """The template of keys: text with expressions in ``[% %]``, as in layouts and map tips of QGIS.

    Raises ValueError, with QGIS's own words, for an expression that cannot be read.
    """

    def __init__(self, template: str, context: QgsExpressionContext):
        self.context = context
        self.parts: list[Union[str, QgsExpression]] = []
        at = 0
        for found in _EXPRESSION.finditer(template):
            self.parts.append(template[at : found.start()])
            expression = QgsExpression(found[1].strip())
            if expression.hasParserError():
                raise ValueError(expression.parserErrorString())
            expression.prepare(context)
            self.parts.append(expression)
            at = found.end()
        self.parts.append(template[at:])

    @property
    def prefix(self) -> str:
        """The text that all keys begin with."""
        return str(self.parts[0])

    def of(self, feature: QgsFeature) -> Optional[bytes]:
        """The key of a feature; None where one of the expressions gives nothing."""
        self.context.setFeature(feature)
        words: list[bytes] = []
        for part in self.parts:
            if isinstance(part, str):
                words.append(bytes_of(part))
                continue
            value = part.evaluate(self.context)
            word = None if part.hasEvalError() else member_of(value)
            if word is None:
                return None
            words.append(word)
        return b"".join(words)


def kinds_of(fields: QgsFields, names: Sequence[str]) -> list[tuple[str, str]]:
    """Each attribute with its type as an index of the query engine has it: int, real, bool or text."""
    found = []
    for name in names:
        kind = fields.field(name).type()
        word = "int" if kind in _INTEGERS else "real" if kind in _REALS else "text"
        found.append((name, "bool" if kind == compat.BOOLEAN else word))
    return found


class LayerRows:
    """The features of a layer, in the CRS in which they are published.

    Args:
        source: the layer.
        key: the template of keys; None where all features go into one key.
        names: the attributes that are written.
        crs: of the published geometries.
        context: of the run.
        id_field: the attribute that identifies within one key; empty: the number of the feature.
    """

    def __init__(
        self,
        source: FrozenSource,
        key: Optional[KeyTemplate],
        names: Sequence[str],
        crs: QgsCoordinateReferenceSystem,
        context: QgsCoordinateTransformContext,
        id_field: str = "",
    ):
        self.source, self.key, self.names = source, key, list(names)
        self.curves = 0  # features whose arcs became lines
        self._columns = [(name, source.fields.lookupField(name)) for name in names]
        self._id = source.fields.lookupField(id_field) if id_field else -1
        self._transform: Optional[QgsCoordinateTransform] = None
        if crs != source.crs and source.crs.isValid():
            self._transform = QgsCoordinateTransform(source.crs, crs, context)

    def blocks(self, prefix: bytes) -> Iterator[list[PublishRow]]:
        """The rows, some at a time; ``prefix`` (the tenant's) stands before each key."""
        block: list[PublishRow] = []
        for feature in self.source.features(self.source.request()):
            block.append(self._row(feature, prefix))
            if len(block) >= BLOCK:
                yield block
                block = []
        if block:
            yield block

    def _row(self, feature: QgsFeature, prefix: bytes) -> PublishRow:
        from ...core.features.writing import PublishRow

        values = feature.attributes()
        attributes = {name: to_json(values[place]) for name, place in self._columns}
        ident = str(feature.id()) if self._id < 0 else (member_of(values[self._id]) or b"").decode()
        key = self.key.of(feature) if self.key is not None else b""
        wkb, problem = self._wkb(feature.geometry())
        return PublishRow(None if key is None else prefix + key, ident, wkb, attributes, problem)

    def _wkb(self, geometry: QgsGeometry) -> tuple[Optional[bytes], Optional[WhyRefused]]:
        """The geometry as WKB, in the CRS that is published; None for NULL."""
        from ...core.features.refusals import WhyRefused

        if geometry.isNull():
            return None, None
        self.curves += geometry.constGet().hasCurvedSegments()
        geometry = straight(geometry)
        if self._transform is not None:
            try:
                done = geometry.transform(self._transform) == QgsGeometry.OperationResult.Success
            except QgsCsException:
                done = False
            if not done:
                return None, WhyRefused.OUT_OF_RANGE
        return geometry.asWkb().data(), None


def straight(geometry: QgsGeometry) -> QgsGeometry:
    """A copy of a geometry, with lines for its arcs."""
    shape = geometry.constGet()
    return QgsGeometry(shape.segmentize()) if _is_curved(shape) else QgsGeometry(geometry)


def _is_curved(shape: QgsAbstractGeometry) -> bool:
    """Whether a geometry is written as a curve: layers of curves hold straight lines as curves too, and a
    collection may hold either."""
    if shape.hasCurvedSegments() or QgsWkbTypes.isCurvedType(shape.wkbType()):
        return True
    if QgsWkbTypes.flatType(shape.wkbType()) != QgsWkbTypes.Type.GeometryCollection:
        return False
    return any(_is_curved(shape.geometryN(number)) for number in range(shape.numGeometries()))
