"""Gathering features into the items of an operation: groups of features, or a whole layer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Callable, Optional

from qgis.core import QgsCoordinateTransform, QgsFeature, QgsFeatureRequest
from qgis.PyQt.QtCore import QByteArray, QDate, QDateTime, QTime, QVariant

from ...core.watch import Watch
from .. import compat
from ..cache import features
from ..sources import FrozenSource

STEP = 1000  # features between two looks whether a run is cancelled
_PLAIN = frozenset((str, int, float))
_NUMBERS = frozenset((None, "int", "uint", "qlonglong", "qulonglong", "double", "float", "bool"))


@dataclass
class Groups:
    """The groups of a dissolve, in the order of their first feature: collections as WKB, and that feature."""

    wkbs: list[Optional[bytes]]
    firsts: list[QgsFeature]


def groups(source: FrozenSource, fields: list[str]) -> Groups:
    """The features that share the values of these fields; without fields, one group with all. As
    native:dissolve, a feature without a geometry counts for its group's attributes only, and a field that the
    layer does not have counts for nothing."""
    indexes = _indexes(source, fields)
    members: dict[tuple[object, ...], list[Optional[bytes]]] = {}
    firsts: dict[tuple[object, ...], QgsFeature] = {}
    for feature in source.features():
        values = feature.attributes() if indexes else ()
        key = tuple(_comparable(values[i]) for i in indexes)
        firsts.setdefault(key, feature)
        geometry = feature.geometry()
        wkb = None if geometry.isEmpty() else features.plain_wkb(geometry, with_z=True)
        members.setdefault(key, []).extend([] if wkb is None else [wkb])
    return Groups(collected(list(members.values())), list(firsts.values()))


def sizes(source: FrozenSource, fields: list[str], watch: Watch) -> Counter[int]:
    """How many groups there are of each number of features. No geometry is read. Raises Cancelled."""
    members: Counter[object] = Counter()
    every = _keys(source, fields)
    while some := list(islice(every, STEP)):
        watch.check()
        members.update(some)
    return Counter(members.values())


def largest(source: FrozenSource, fields: list[str], most: int) -> int:
    """How many of the first ``most`` features are of one group."""
    return max(Counter(islice(_keys(source, fields), most)).values(), default=1)


def _keys(source: FrozenSource, fields: list[str]) -> Iterator[object]:
    """What is equal for features of one group."""
    indexes = _indexes(source, fields)
    request = source.request().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    request.setSubsetOfAttributes(indexes)
    if len(indexes) == 1:
        (index,) = indexes
        for feature in source.features(request):
            value = feature.attribute(index)
            yield value if type(value) in _PLAIN else _comparable(value)
    else:
        for feature in source.features(request):
            yield tuple(_comparable(feature.attribute(i)) for i in indexes)


def _indexes(source: FrozenSource, fields: list[str]) -> list[int]:
    found = (source.fields.lookupField(name) for name in fields)
    return [index for index in found if index >= 0]


def _comparable(value: object) -> object:
    """A value that is equal to another's exactly where native:dissolve takes their attributes for equal: the
    same instant in two time zones is, a NULL that was written as a text and one that was written as a number
    are not."""
    if isinstance(value, (str, int, float, bool)):
        return value
    if compat.is_null(value):
        kind = value.typeName() if isinstance(value, QVariant) else None
        return None if kind in _NUMBERS else (QVariant, kind)
    if isinstance(value, QDateTime):
        return value.toMSecsSinceEpoch() if value.isValid() else QDateTime
    if isinstance(value, QDate):
        return value.toJulianDay() if value.isValid() else QDate
    if isinstance(value, QTime):
        return value.msecsSinceStartOfDay() if value.isValid() else QTime
    if isinstance(value, QByteArray):
        return value.data()
    return tuple(map(_comparable, value)) if isinstance(value, (list, tuple)) else str(value)


@dataclass
class OtherLayer:
    """A layer whose nearest features are sought: all its geometries as one collection (WKB, two-dimensional),
    in which a feature has the place that it has in ``ids`` and ``values``."""

    wkb: bytes
    ids: list[int]
    values: list[list[object]]


def other_layer(
    source: FrozenSource,
    transform: QgsCoordinateTransform,
    inform: Callable[[str], object],
    chosen: Sequence[int] = (),
) -> OtherLayer:
    """All features of a layer, in the CRS that ``transform`` leads to, with the attributes at these indexes.
    ``inform`` is given words on those that have no place there."""
    wkbs: list[Optional[bytes]] = []
    ids, values = [], []
    for feature in source.features_in(transform):
        wkbs.append(features.plain_wkb(feature.geometry()))
        ids.append(feature.id())
        attributes = feature.attributes() if chosen else ()
        values.append([attributes[i] for i in chosen])
    return OtherLayer(_collected(features.finite(wkbs, ids, inform)), ids, values)


def collected(groups: Sequence[Sequence[Optional[bytes]]]) -> list[Optional[bytes]]:
    """The geometries of each group as one collection, in their order; None for a group that has none."""
    import numpy as np
    import shapely

    from ...core.geometry import wkb

    found = np.full(len(groups), None, dtype=object)
    numbers = np.repeat(np.arange(len(groups)), list(map(len, groups)))
    if len(numbers):
        members = wkb.read([value for group in groups for value in group])
        members[shapely.is_missing(members)] = shapely.GeometryCollection()
        shapely.geometrycollections(members, indices=numbers, out=found)
    return wkb.write(found)


def _collected(wkbs: Iterable[Optional[bytes]]) -> bytes:
    """The geometries as one collection, in their order; an empty one stands in for what is none."""
    import shapely

    from ...core.geometry import wkb

    geometries = wkb.read(list(wkbs))
    geometries[shapely.is_missing(geometries)] = shapely.GeometryCollection()
    return wkb.write_one(shapely.GeometryCollection(list(geometries)))


def limit(value: Optional[float]) -> Optional[float]:
    """MAX_DISTANCE as native:joinbynearest takes it: without one any distance is right, and 0 asks for what
    touches."""
    return None if value is None or math.isnan(value) else max(0.0, value)
