"""Layers as pieces and back: what a layer is (fields, kind of geometry, CRS) and its features in columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsMemoryProviderUtils,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...core.json_types import JsonValue
from ...core.steps import columns
from ...core.steps.columns import Columns, Damaged
from .. import crs as crs_texts
from ..compat import kind, number
from .values import tag, tagged, untagged

# bool, int, uint, long, unsigned long, double, text: JSON has words for them
_PLAIN = frozenset((1, 2, 3, 4, 5, 6, 10))


@dataclass(frozen=True)
class LayerHead:
    """What a layer is, without its features."""

    fields: QgsFields
    wkb_type: QgsWkbTypes.Type
    crs: QgsCoordinateReferenceSystem

    def as_json(self) -> list[JsonValue]:
        """Fields, kind and CRS, for a key or a stored step."""
        fields: list[JsonValue] = [
            [
                f.name(),
                number(f.type()),
                f.typeName(),
                f.length(),
                f.precision(),
                f.comment(),
                number(f.subType()),
            ]
            for f in self.fields.toList()
        ]
        return [fields, number(self.wkb_type), crs_texts.key_text(self.crs)]

    @classmethod
    def from_json(cls, value: Any) -> LayerHead:
        """The same again. Raises Damaged for anything else."""
        try:
            rows, wkb_type, crs = value
            fields = QgsFields()
            for name, a, type_name, length, precision, comment, b in rows:
                fields.append(QgsField(name, kind(a), type_name, length, precision, comment, kind(b)))
            if type(wkb_type) is not int or not QgsWkbTypes.displayString(QgsWkbTypes.Type(wkb_type)):
                raise Damaged("no kind of geometry")
            return cls(fields, QgsWkbTypes.Type(wkb_type), crs_texts.from_text(crs))
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            raise Damaged("no layer") from error

    def layer(self, name: str = "step") -> QgsVectorLayer:
        """An empty layer in memory, of the thread that calls."""
        return QgsMemoryProviderUtils.createMemoryLayer(name, self.fields, self.wkb_type, self.crs)

    @property
    def exotic(self) -> list[int]:
        """The fields whose values may be maps or lists of what JSON has no word for."""
        return [i for i, f in enumerate(self.fields.toList()) if number(f.type()) not in _PLAIN]

    def same_as(self, other: LayerHead) -> bool:
        """Whether features of the one fit the other."""
        return self.as_json() == other.as_json()


def head_of(source: Any) -> LayerHead:
    """Of a layer, a source of Processing or a frozen one."""
    if isinstance(source, QgsVectorLayer):
        return LayerHead(source.fields(), source.wkbType(), source.crs())
    return LayerHead(source.fields, source.wkb_type, source.crs)


def wkb_of(feature: QgsFeature) -> Optional[bytes]:
    """The WKB of a feature as it is, None for none."""
    geometry = feature.geometry()
    return None if geometry.isNull() else geometry.asWkb().data()


def attributes_of(feature: QgsFeature, exotic: Sequence[int]) -> list[object]:
    """The attributes, ready for ``columns.pack`` with ``tag``. Raises Unwritable."""
    attributes = feature.attributes()
    for i in exotic:
        if i < len(attributes):
            attributes[i] = tagged(attributes[i])
    return attributes


def pieces(features: Iterable[QgsFeature], exotic: Sequence[int]) -> Iterator[bytes]:
    """The columns of at most 5,000 features each. Raises Unwritable."""
    wkbs: list[Optional[bytes]] = []
    rows: list[list[object]] = []
    for feature in features:
        wkbs.append(wkb_of(feature))
        rows.append(attributes_of(feature, exotic))
        if len(rows) == columns.FEATURES:
            yield columns.pack(wkbs, rows, None, tag)
            wkbs, rows = [], []
    if rows:
        yield columns.pack(wkbs, rows, None, tag)


def feature_bytes(feature: QgsFeature, exotic: Sequence[int]) -> bytes:
    """Geometry and attributes of a feature, for its key. Raises Unwritable."""
    text = json.dumps(attributes_of(feature, exotic), separators=(",", ":"), default=tag, ensure_ascii=True)
    return (wkb_of(feature) or b"-") + b"\0" + text.encode()


def features_of(found: Columns, head: LayerHead, before: Sequence[object] = ()) -> list[QgsFeature]:
    """The features of columns for a layer; ``before`` stands before the attributes of each. Raises Damaged
    where a value is none, where there are more attributes than fields, or where a geometry is not of the
    layer's kind."""
    first, fields, wanted = list(before), head.fields, QgsWkbTypes.geometryType(head.wkb_type)
    is_any = wanted in _ANY_KIND
    try:
        rows = [untagged(row) for row in found.rows] if found.tagged else found.rows
    except (ValueError, RecursionError) as error:
        raise Damaged(str(error)) from error
    features = []
    for wkb, row in zip(found.wkbs, rows):
        attributes = first + ([NULL if value is None else value for value in row] if None in row else row)
        if len(attributes) > len(fields):
            raise Damaged("more attributes than fields")
        feature = QgsFeature(fields)
        feature.setAttributes(attributes)
        if wkb is not None:
            geometry = QgsGeometry()
            geometry.fromWkb(wkb)
            if geometry.isNull() or not (is_any or geometry.type() == wanted):
                raise Damaged("another kind of geometry than the layer's")
            feature.setGeometry(geometry)
        features.append(feature)
    return features


# Layers that may hold any: of collections or of no kind, and tables, which do without.
_ANY_KIND = (QgsWkbTypes.GeometryType.UnknownGeometry, QgsWkbTypes.GeometryType.NullGeometry)
