"""Esri JSON: a geometry (``x``/``y``, ``points``, ``paths``, ``rings``), a feature (``geometry`` and
``attributes``) or a set of features.

https://developers.arcgis.com/documentation/common-data-types/geometry-objects.htm
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Optional

import numpy as np

from ...geometry import build, lists
from ...geometry.arrays import Array
from ...geometry.build import Dimensions, Mended
from ...geometry.normal import CURVE
from ...geometry.walk import (
    BAD_RING,
    LINE,
    MULTILINE,
    MULTIPOINT,
    MULTIPOLYGON,
    POINT,
    POLYGON,
    UNKNOWN_KIND,
    Unsound,
)
from ...json_types import JsonObject
from .. import crs_names
from ..refusals import Refused, WhyRefused
from .base import FeatureFormat, FoundFeature, NewShape, Path, Value, own_id

_PARTS = ("rings", "paths", "points")
_CURVES = ("curveRings", "curvePaths")
_REFERENCE = "spatialReference"
_MOST_RINGS = 20_000  # of one polygon: each hole is looked for in each of the others
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class EsriJson(FeatureFormat):
    """Objects with the members of ArcGIS's geometries."""

    NAME = "esrijson"

    def tells(self, value: Value) -> bool:
        """Whether it is a geometry, a feature or a set of them. A bare ``x`` and ``y`` has to name its
        reference."""
        if not isinstance(value, dict) or "type" in value:
            return False
        if isinstance(value.get("features"), list):
            return "geometryType" in value or _REFERENCE in value or _any_feature(value["features"])
        if _is_feature(value):
            return True
        if any(isinstance(value.get(name), list) for name in (*_PARTS, *_CURVES)):
            return _REFERENCE in value or _is_nested(value)
        return "x" in value and "y" in value and _REFERENCE in value

    def read(self, value: Value, mended: Mended) -> Sequence[FoundFeature]:
        """The features; of a set the reference is that of the set where a geometry has none."""
        if not isinstance(value, dict):
            raise Unsound(UNKNOWN_KIND)
        crs = crs_names.of_esri(value.get(_REFERENCE))
        features = value.get("features")
        if not isinstance(features, list):
            if "attributes" in value or isinstance(value.get("geometry"), dict):
                return [_feature(value, crs, {}, value, mended)]
            return [FoundFeature(_geometry(value, value, mended), crs)]
        found, types = [], _types(value)
        for number, one in enumerate(features):
            try:
                if not isinstance(one, dict):
                    raise Refused(WhyRefused.UNREADABLE)
                found.append(_feature(one, crs, types, value, mended))
                found[-1].at = "features", number
            except Refused as refused:
                found.append(FoundFeature(None, problem=refused))
            except Unsound as error:
                found.append(FoundFeature(None, problem=Refused.of(error)))
        return found

    def geometry_at(self, feature: Value) -> Path:
        """A member of a feature; what is a geometry alone is it."""
        return ("geometry",) if _has_geometry(feature) else ()

    def attribute_at(self, feature: Value, name: str) -> Optional[Path]:
        """A member beside the geometry."""
        return ("attributes", name) if _has_geometry(feature) else None

    def writes(self, new: NewShape) -> Value:
        """A geometry with the reference of the old one; outer rings turn clockwise."""
        if new.wkb is None:
            if not _has_geometry(new.feature):
                raise Refused(WhyRefused.NOT_WRITTEN)
            return None
        mine = ("x", "y", "z", "m", "hasZ", "hasM", *_PARTS)
        rest = new.old.items() if isinstance(new.old, dict) else ()
        kept = {name: one for name, one in rest if name not in mine}
        return {**_written(lists.known(lists.unfolded(new.wkb), whole=True)), **kept}


def _written(shape: lists.Unfolded) -> JsonObject:
    """The members of a geometry, which say themselves what its positions have."""
    kind, (z, m), content = shape.kind, shape.dimensions, shape.content
    if kind == POINT:
        if not content:
            return {"x": None, "y": None}
        return dict(zip(["x", "y", *["z"] * z, *["m"] * m], content))
    has: JsonObject = {"hasZ": z, "hasM": m}
    if kind == MULTIPOINT:
        return {**has, "points": content}
    if kind in (LINE, MULTILINE):
        return {**has, "paths": [content] if kind == LINE else content}
    if kind not in (POLYGON, MULTIPOLYGON):
        raise Refused(WhyRefused.NOT_WRITTEN)
    rings = []
    for polygon in [content] if kind == POLYGON else content:
        for number, ring in enumerate(polygon):
            is_clockwise = _area(np.array([position[:2] for position in ring])) <= 0.0
            rings.append(ring if is_clockwise == (number == 0) else ring[::-1])
    return {**has, "rings": rings}


def _has_geometry(feature: Value) -> bool:
    """Whether it is a feature, and not a geometry alone."""
    return "attributes" in feature or "geometry" in feature


def _is_feature(value: Value) -> bool:
    inner = value.get("geometry") if isinstance(value, dict) else None
    if not isinstance(inner, dict) or "type" in inner:
        return False
    has_parts = any(isinstance(inner.get(name), list) for name in (*_PARTS, *_CURVES))
    return has_parts or ("x" in inner and "y" in inner and isinstance(value.get("attributes"), dict))


def _any_feature(features: list[Value]) -> bool:
    return any(_is_feature(one) for one in features[:10])


def _is_nested(value: JsonObject) -> bool:
    """Whether ``rings``, ``paths`` or ``points`` hold numbers as deep as they must."""
    for name, depth in (("rings", 3), ("paths", 3), ("points", 2)):
        one: Value = value.get(name)
        level = 0
        while isinstance(one, list) and one and level < 4:
            one, level = one[0], level + 1
        if level == depth and type(one) in (int, float):
            return True
    return any(isinstance(value.get(name), list) for name in _CURVES)


def _feature(
    value: JsonObject, crs: str, types: dict[str, str], of_all: JsonObject, mended: Mended
) -> FoundFeature:
    shape, said = value.get("geometry"), value.get("attributes")
    attributes = dict(said) if isinstance(said, dict) else {}
    for name, kind in types.items():
        if kind == "esriFieldTypeDate" and type(attributes.get(name)) in (int, float):
            attributes[name] = _moment(attributes[name])
    wkb = None if shape is None else _geometry(shape, of_all, mended)
    own = crs_names.of_esri(shape.get(_REFERENCE)) if isinstance(shape, dict) else ""
    names = [name for name, kind in types.items() if kind == "esriFieldTypeOID"] or ["OBJECTID"]
    return FoundFeature(wkb, own or crs, attributes, own_id(attributes.get(names[0])))


def _types(value: JsonObject) -> dict[str, str]:
    """Field -> type, as a set of features names them."""
    fields = value.get("fields")
    found = {}
    for one in fields if isinstance(fields, list) else ():
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            found[one["name"]] = str(one.get("type"))
    return found


def _moment(milliseconds: float) -> Value:
    try:
        return (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError):
        return milliseconds


def _geometry(value: Value, of_all: JsonObject, mended: Mended) -> Optional[bytes]:
    """WKB of a geometry; None for an empty one whose kind is not said."""
    if not isinstance(value, dict):
        raise Unsound(UNKNOWN_KIND)
    if any(value.get(name) for name in _CURVES):
        raise Unsound(CURVE)
    z = value.get("hasZ", of_all.get("hasZ")) is True or "z" in value
    m = value.get("hasM", of_all.get("hasM")) is True or "m" in value
    dimensions = Dimensions(z, m)
    if "rings" in value:
        return _polygon(value["rings"], dimensions, mended)
    if "paths" in value:
        paths = value["paths"]
        one = isinstance(paths, list) and len(paths) == 1
        return build.geometry(LINE if one else MULTILINE, paths[0] if one else paths, dimensions, mended)
    if "points" in value:
        return build.geometry(MULTIPOINT, value["points"], dimensions, mended)
    if "x" in value and "y" in value:
        numbers = [value["x"], value["y"], *([value.get("z")] if z else []), *([value.get("m")] if m else [])]
        if numbers[0] in (None, "NaN"):
            return build.empty(POINT, dimensions)
        numbers[2:] = [build.NAN if one in (None, "NaN") else one for one in numbers[2:]]
        return build.geometry(POINT, numbers, dimensions, mended)
    if not value.keys() - {_REFERENCE}:
        return None
    raise Unsound(UNKNOWN_KIND)


def _polygon(rings: Value, dimensions: Dimensions, mended: Mended) -> bytes:
    """Rings in any order as a polygon or several: those that turn clockwise are outer ones, the others are
    holes of the smallest outer one that they lie in."""
    if not isinstance(rings, list) or len(rings) > _MOST_RINGS:
        raise Unsound(BAD_RING)
    if len(rings) < 2:
        return build.geometry(POLYGON, rings, dimensions, mended)
    outer: list[tuple[float, Array, list[Value]]] = []
    holes: list[tuple[float, Array, list[Value]]] = []
    for ring in rings:
        build.geometry(POLYGON, [ring], dimensions, Mended())  # raises for what is none
        plane = np.array([position[:2] for position in ring], float)
        area = _area(plane)
        (outer if area <= 0.0 else holes).append((abs(area), plane, [ring]))
    if not outer:  # all of them turn the other way, as other programs have it
        outer, holes = holes, []
    outer.sort(key=lambda one: one[0])
    for area, plane, ring in holes:
        owner = next((one for one in outer if one[0] >= area and _is_inside(plane[0], one[1])), None)
        if owner is None:
            outer.append((area, plane, ring))  # a hole in nothing is an outer ring
        else:
            owner[2].extend(ring)
    parts = [part for _, _, part in outer]
    if len(parts) == 1:
        return build.geometry(POLYGON, parts[0], dimensions, mended)
    return build.geometry(MULTIPOLYGON, parts, dimensions, mended)


def _area(ring: Array) -> float:
    """The area of a ring in the plane, negative where it turns clockwise (the shoelace formula)."""
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _is_inside(point: Array, ring: Array) -> bool:
    """Whether a point lies in a ring, by the number of its edges to the right."""
    x1, y1 = ring[:, 0], ring[:, 1]
    x2, y2 = np.roll(x1, -1), np.roll(y1, -1)
    crosses = (y1 > point[1]) != (y2 > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x1 + (point[1] - y1) / (y2 - y1) * (x2 - x1)
    return bool(np.count_nonzero(crosses & (point[0] < at)) % 2)
