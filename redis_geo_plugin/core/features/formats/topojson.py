"""TopoJSON: features whose lines are shared arcs, often quantised.

https://github.com/topojson/topojson-specification
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...geometry import build
from ...geometry.build import FLAT, Mended
from ...geometry.walk import (
    COLLECTION,
    CUT_SHORT,
    DEEPEST,
    LINE,
    MULTILINE,
    MULTIPOINT,
    MULTIPOLYGON,
    POINT,
    POLYGON,
    TOO_DEEP,
    UNKNOWN_KIND,
    Unsound,
)
from ...json_types import JsonObject
from ..refusals import Refused, WhyRefused
from .base import FeatureFormat, FoundFeature, Value, own_id
from .geojson import GEOMETRIES, KINDS, crs_of

MOST_POSITIONS = 5_000_000  # of all features of a value: a few arcs may be asked for a million times
Positions = list[list[float]]


class TopoJson(FeatureFormat):
    """Objects of the type ``Topology``; each geometry of a collection is a feature."""

    NAME = "topojson"

    def tells(self, value: Value) -> bool:
        """Whether it is a topology."""
        return isinstance(value, dict) and value.get("type") == "Topology" and "objects" in value

    def read(self, value: Value, mended: Mended) -> Sequence[FoundFeature]:
        """The geometries of all objects, in WGS 84 as GeoJSON's are."""
        objects = value.get("objects") if isinstance(value, dict) else None
        if not isinstance(objects, dict):
            raise Unsound(UNKNOWN_KIND)
        topology, crs = _Topology(value, mended), crs_of(value)
        found = []
        for one in objects.values():
            geometries = [one]
            if isinstance(one, dict) and one.get("type") == GEOMETRIES:
                inner = one.get("geometries")
                geometries = inner if isinstance(inner, list) else []
            found += [_feature(topology, each, crs) for each in geometries]
        return found


def _feature(topology: _Topology, value: Value, crs: str) -> FoundFeature:
    if not isinstance(value, dict):
        return FoundFeature(None, problem=Refused(WhyRefused.UNREADABLE))
    ident, properties = own_id(value.get("id")), value.get("properties")
    try:
        wkb = topology.geometry(value)
    except Refused as refused:
        return FoundFeature(None, ident=ident, problem=refused)
    except Unsound as error:
        return FoundFeature(None, ident=ident, problem=Refused.of(error))
    return FoundFeature(wkb, crs, dict(properties) if isinstance(properties, dict) else {}, ident)


class _Topology:
    """The arcs of a value, and the geometries that are made of them."""

    def __init__(self, value: JsonObject, mended: Mended):
        self._mended = mended
        self._positions = 0
        arcs, transform = value.get("arcs"), value.get("transform")
        self._arcs: list[Value] = arcs if isinstance(arcs, list) else []
        self._known: dict[int, Positions] = {}
        self._scale, self._translate = [1.0, 1.0], [0.0, 0.0]
        self._is_quantised = isinstance(transform, dict)
        if isinstance(transform, dict):
            self._scale = _pair(transform.get("scale"))
            self._translate = _pair(transform.get("translate"))

    def geometry(self, value: JsonObject, depth: int = 0) -> Optional[bytes]:
        """WKB of one geometry; None for one of the type null. Raises Unsound and Refused."""
        name = value.get("type")
        if name is None:
            return None
        if name == GEOMETRIES:
            inner = value.get("geometries")
            if depth >= DEEPEST:
                raise Unsound(TOO_DEEP)
            parts = [self.geometry(one, depth + 1) for one in inner if isinstance(one, dict)] \
                if isinstance(inner, list) else []  # fmt: skip
            return build.several(COLLECTION, [part for part in parts if part is not None])
        kind = KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            raise Unsound(UNKNOWN_KIND)
        return build.geometry(kind, self._coordinates(kind, value), FLAT, self._mended)

    def _coordinates(self, kind: int, value: JsonObject) -> Value:
        arcs, coordinates = value.get("arcs"), value.get("coordinates")
        if kind in (POINT, MULTIPOINT):
            if not isinstance(coordinates, list):
                raise Unsound(CUT_SHORT)
            if kind == POINT:
                return self._place(coordinates)
            return [self._place(one) for one in coordinates]
        if not isinstance(arcs, list):
            raise Unsound(CUT_SHORT)
        if kind == LINE:
            return self._line(arcs)
        if kind in (MULTILINE, POLYGON):
            return [self._line(one) for one in arcs]
        assert kind == MULTIPOLYGON
        return [[self._line(one) for one in _list(rings)] for rings in arcs]

    def _line(self, arcs: Value) -> Positions:
        """Arcs one behind the other; where one begins is where the last one ends."""
        found: Positions = []
        for number in _list(arcs):
            if type(number) is not int:
                raise Unsound(CUT_SHORT)
            arc = self._arc(number if number >= 0 else ~number)
            arc = arc if number >= 0 else arc[::-1]
            self._positions += len(arc)
            if self._positions > MOST_POSITIONS:
                raise Refused(WhyRefused.TOO_LARGE)
            found += arc[1:] if found else arc
        return found

    def _arc(self, number: int) -> Positions:
        known = self._known.get(number)
        if known is None:
            if number >= len(self._arcs):
                raise Unsound(CUT_SHORT)
            known = self._known[number] = self._unpacked(_list(self._arcs[number]))
        return known

    def _unpacked(self, arc: list[Value]) -> Positions:
        found: Positions = []
        x = y = 0.0
        for position in arc:
            step_x, step_y = _pair(position)
            x, y = (x + step_x, y + step_y) if self._is_quantised else (step_x, step_y)
            found.append(self._scaled(x, y))
        return found

    def _place(self, position: Value) -> list[float]:
        return self._scaled(*_pair(position))

    def _scaled(self, x: float, y: float) -> list[float]:
        return [x * self._scale[0] + self._translate[0], y * self._scale[1] + self._translate[1]]


def _list(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise Unsound(CUT_SHORT)
    return value


def _pair(value: Value) -> list[float]:
    if not isinstance(value, list) or len(value) < 2 or any(type(n) not in (int, float) for n in value[:2]):
        raise Unsound(CUT_SHORT)
    try:
        return [float(value[0]), float(value[1])]
    except OverflowError as error:
        raise Unsound(CUT_SHORT) from error
