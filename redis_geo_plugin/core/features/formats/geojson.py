"""GeoJSON: a geometry, a Feature or a FeatureCollection (RFC 7946), with the ``crs`` member of 2008 and the
``measures`` and ``coordRefSys`` members of JSON-FG (OGC 21-045)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...geometry import build, lists
from ...geometry.build import FLAT, Dimensions, Mended
from ...geometry.walk import (
    COLLECTION,
    DEEPEST,
    LINE,
    MULTILINE,
    MULTIPOINT,
    MULTIPOLYGON,
    POINT,
    POLYGON,
    TOO_DEEP,
    Unsound,
    check_json,
)
from ...json_types import JsonObject
from .. import crs_names
from ..refusals import Refused, WhyRefused
from .base import FeatureFormat, FoundFeature, NewShape, Path, Value, own_id

KINDS = {
    "Point": POINT,
    "LineString": LINE,
    "Polygon": POLYGON,
    "MultiPoint": MULTIPOINT,
    "MultiLineString": MULTILINE,
    "MultiPolygon": MULTIPOLYGON,
}
GEOMETRIES = "GeometryCollection"
FEATURE, FEATURES = "Feature", "FeatureCollection"
_MEMBER = {FEATURE: "geometry", FEATURES: "features", GEOMETRIES: "geometries"}
_MEMBERS = {**_MEMBER, **dict.fromkeys(KINDS, "coordinates")}
_OF_A_FEATURE = frozenset(
    ("type", "id", "geometry", "properties", "bbox", "crs", "measures", "coordRefSys", "place", "time",
     "featureType", "conformsTo", "links")
)  # fmt: skip
MEASURES = {"enabled": True}


class GeoJson(FeatureFormat):
    """Objects whose ``type`` is one of GeoJSON's nine."""

    NAME = "geojson"

    def tells(self, value: Value) -> bool:
        """Whether it is an object of one of these types, with the member that the type asks for."""
        if not isinstance(value, dict):
            return False
        kind = value.get("type")
        return isinstance(kind, str) and _MEMBERS.get(kind, "\0") in value

    def read(self, value: Value, mended: Mended) -> Sequence[FoundFeature]:
        """The features of an object; a bare geometry is one without attributes."""
        kind = value.get("type") if isinstance(value, dict) else None
        if kind == FEATURES:
            return _collection(value, mended)
        if kind == FEATURE:
            return [_feature(value, crs_of(value), _has_measures(value), mended)]
        return [FoundFeature(geometry(value, _has_measures(value), mended), crs_of(value))]

    def geometry_at(self, feature: Value) -> Path:
        """A member of a feature; what is a geometry alone is it."""
        return ("geometry",) if feature.get("type") == FEATURE else ()

    def attribute_at(self, feature: Value, name: str) -> Optional[Path]:
        """A property; a member of the feature itself where it is one."""
        if feature.get("type") != FEATURE:
            return None
        properties = feature.get("properties")
        has_own = isinstance(properties, dict) and name in properties
        is_beside = not has_own and name in feature and name not in _OF_A_FEATURE
        return (name,) if is_beside else ("properties", name)

    def stale_at(self, at: Path) -> Sequence[Path]:
        """The boxes, which may be left out (RFC 7946, 5)."""
        return [("bbox",), (*at, "bbox")] if at else [("bbox",)]

    def writes(self, new: NewShape) -> Value:
        """A geometry with the other members of the old one; its positions have an M where they had one."""
        if new.wkb is None:
            if new.feature.get("type") != FEATURE:
                raise Refused(WhyRefused.NOT_WRITTEN)
            return None
        shape = lists.known(lists.unfolded(new.wkb), whole=True)
        is_measured = _has_measures(new.feature) or _has_measures(new.old)
        if shape.dimensions.numbers > 2 and shape.dimensions.m != is_measured:
            raise Refused(WhyRefused.NOT_WRITTEN)
        mine = ("type", "coordinates", "geometries", "bbox")
        rest = new.old.items() if isinstance(new.old, dict) else ()
        return {**lists.geojson(shape), **{name: one for name, one in rest if name not in mine}}


def _collection(value: JsonObject, mended: Mended) -> list[FoundFeature]:
    features = value.get("features")
    if not isinstance(features, list):
        raise Refused(WhyRefused.BAD_GEOMETRY)
    crs, measures = crs_of(value), _has_measures(value)
    found = []
    for number, one in enumerate(features):
        try:
            if not isinstance(one, dict) or one.get("type") != FEATURE:
                raise Refused(WhyRefused.UNREADABLE)
            own = crs_of(one, crs)
            found.append(_feature(one, own, measures or _has_measures(one), mended))
            found[-1].at = "features", number
        except Refused as refused:
            found.append(FoundFeature(None, problem=refused))
        except Unsound as error:
            found.append(FoundFeature(None, ident=own_id(one.get("id")), problem=Refused.of(error)))
    return found


def _feature(value: JsonObject, crs: str, measures: bool, mended: Mended) -> FoundFeature:
    shape = value.get("geometry")
    wkb = None if shape is None else geometry(shape, measures or _has_measures(shape), mended)
    properties = value.get("properties")
    attributes = dict(properties) if isinstance(properties, dict) else {}
    for name, other in value.items():  # foreign members, as drivers of GDAL read them too
        if name not in _OF_A_FEATURE and name not in attributes:
            attributes[name] = other
    return FoundFeature(wkb, crs, attributes, own_id(value.get("id")))


def geometry(value: Value, measures: bool, mended: Mended) -> bytes:
    """WKB of a GeoJSON geometry.

    Args:
        value: the object, as ``json.loads`` gives it.
        measures: whether the last number of a position is M (JSON-FG).
        mended: counts rings that had to be closed.

    Raises:
        Unsound: it is none.
    """
    if isinstance(value, dict) and value.get("type") == GEOMETRIES:
        check_json(value)
        dimensions = _dimensions(_most_numbers(value), measures)
        return _geometries(value, dimensions, mended, 0)
    kind, coordinates = _simple(value)
    return build.geometry(kind, coordinates, _dimensions(build.numbers_of(coordinates), measures), mended)


def _simple(value: Value) -> tuple[int, Value]:
    name = value.get("type") if isinstance(value, dict) else None
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Unsound("another kind of geometry")
    return kind, value.get("coordinates")


def _geometries(value: JsonObject, dimensions: Dimensions, mended: Mended, depth: int) -> bytes:
    if depth >= DEEPEST:
        raise Unsound(TOO_DEEP)
    inner = value.get("geometries")
    parts = []
    for one in inner if isinstance(inner, list) else ():
        if isinstance(one, dict) and one.get("type") == GEOMETRIES:
            parts.append(_geometries(one, dimensions, mended, depth + 1))
        else:
            kind, coordinates = _simple(one)
            parts.append(build.geometry(kind, coordinates, dimensions, mended))
    return build.several(COLLECTION, parts, dimensions)


def _most_numbers(value: JsonObject) -> int:
    """Numbers of the longest position in a collection that was checked for its depth."""
    inner = value.get("geometries")
    most = 0
    for one in inner if isinstance(inner, list) else ():
        if isinstance(one, dict):
            most = max(most, build.numbers_of(one.get("coordinates")), _most_numbers(one))
    return most


def _dimensions(numbers: int, measures: bool) -> Dimensions:
    if numbers <= 2:
        return FLAT
    if numbers == 3:
        return Dimensions(not measures, measures)
    return Dimensions(True, True)


def _has_measures(value: Value) -> bool:
    said = value.get("measures") if isinstance(value, dict) else None
    return isinstance(said, dict) and said.get("enabled") is True


def crs_of(value: JsonObject, default: str = crs_names.DEGREES) -> str:
    """The CRS that an object names: by the ``crs`` member of GeoJSON 2008 or ``coordRefSys`` of JSON-FG.

    A ``crs`` that is null says that there is none (GeoJSON 2008, 3): then it is unknown, empty here.
    """
    if "crs" in value:
        said = value["crs"]
        if said is None:
            return ""
        properties = said.get("properties") if isinstance(said, dict) else None
        name: Optional[Value] = properties.get("name") if isinstance(properties, dict) else said
        return crs_names.of_name(name)
    if "coordRefSys" in value:
        return crs_names.of_name(value["coordRefSys"])
    return default
