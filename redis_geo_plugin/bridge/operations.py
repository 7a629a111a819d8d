"""The cached operations as the window and the algorithms offer them: names, icons, what they need, their own columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from qgis.core import Qgis, QgsFeature, QgsFields, QgsGeometry, QgsWkbTypes

from . import compat, features
from .features import FrozenSource
from .i18n import tr

BUFFER, INTERSECTION, SIMPLIFY = "buffer", "intersection", "simplify"
CONVEX_HULL, DISSOLVE, NEAREST = "convexhull", "dissolve", "nearest"
ALL = (BUFFER, INTERSECTION, SIMPLIFY, CONVEX_HULL, DISSOLVE, NEAREST)
WITH_OVERLAY = (INTERSECTION, NEAREST)


def label(name: str) -> str:
    """The operation for people; the name itself where it is not one of ours."""
    return {
        BUFFER: tr("Buffer"),
        INTERSECTION: tr("Intersection"),
        SIMPLIFY: tr("Simplify"),
        CONVEX_HULL: tr("Convex hull"),
        DISSOLVE: tr("Dissolve by attribute"),
        NEAREST: tr("Distance to the nearest"),
    }.get(name, name)


def make(name: str, crs: str) -> Any:
    """The operation of the registry whose results are those of this QGIS's native algorithm (all but the buffer, which
    has parameters of its own)."""
    from ..core.operations import OPERATIONS

    if name == SIMPLIFY:
        return OPERATIONS[name](crs=crs, ring_ends=Qgis.geosVersionInt() < 31200)
    return OPERATIONS[name](crs=crs)


def icon_name(name: str) -> str:
    return "buffer_selected" if name == BUFFER else "cache"


def result_type(name: str, source: Any) -> Any:
    """The geometry type of the results, for sources of this type."""
    if name in (BUFFER, CONVEX_HULL):
        return QgsWkbTypes.Type.MultiPolygon
    if name == NEAREST:
        return QgsWkbTypes.Type.MultiLineString
    return features.multi_type(source)


def result_fields(name: str, fields: QgsFields) -> QgsFields:
    """The source's fields and the operation's own: area and perimeter of a hull, the distance to the nearest."""
    result = QgsFields(fields)
    for own in _OWN.get(name, ()):
        result.append(compat.field(own, compat.DOUBLE))
    return result


def own_values(name: str, geometry: QgsGeometry) -> list[Any]:
    """The values of the operation's own fields, measured in the plane as the native algorithms do."""
    if name == CONVEX_HULL:
        return [geometry.area(), geometry.length()]
    if name == NEAREST:
        return [geometry.length() if not geometry.isNull() else compat.NULL]
    return []


_OWN = {CONVEX_HULL: ("area", "perimeter"), NEAREST: ("distance",)}


@dataclass
class Groups:
    """The groups of a dissolve, in the order of their first feature: collections as WKB, and that feature."""

    wkbs: list[Optional[bytes]]
    firsts: list[QgsFeature]


def groups(source: FrozenSource, fields: list[str]) -> Groups:
    """The features that share the values of these fields; without fields, one group with all. As native:dissolve, a
    feature without a geometry counts for its group's attributes only."""
    import shapely

    from ..core import wkb

    indexes = [source.fields.lookupField(name) for name in fields]
    members: dict[tuple, list[bytes]] = {}
    firsts: dict[tuple, QgsFeature] = {}
    for feature in source.features():
        values = feature.attributes()
        key = tuple(_comparable(values[i]) for i in indexes)
        firsts.setdefault(key, feature)
        value = features.plain_wkb(feature.geometry())
        members.setdefault(key, [])
        if value is not None:
            members[key].append(value)
    wkbs = [
        wkb.write_one(shapely.GeometryCollection(_parts(wkb.read(values)))) if values else None
        for values in members.values()
    ]
    return Groups(wkbs, list(firsts.values()))


def _parts(geometries: Any) -> list:
    import shapely

    return list(shapely.get_parts([one for one in geometries if one is not None]))


def _comparable(value: Any) -> Any:
    return None if compat.is_null(value) else value if isinstance(value, (str, int, float, bool)) else str(value)


def collection(source: FrozenSource, transform: Any) -> bytes:
    """All features of a layer as one collection (WKB), in the CRS that ``transform`` leads to."""
    import shapely

    from ..core import wkb

    wkbs = [features.plain_wkb(feature.geometry()) for feature in source.features_in(transform)]
    return wkb.write_one(shapely.GeometryCollection(_parts(wkb.read(wkbs))))
