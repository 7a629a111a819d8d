"""The algorithms that are compared, and the sets of parameters that each is run with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qgis.core import QgsProcessingFeatureSourceDefinition, QgsProperty

from tests.peers import compare
from tests.peers.compare import Difference
from tests.peers.layers import Layers
from tests.peers.outcome import Outcome

expression, of_field = QgsProperty.fromExpression, QgsProperty.fromField
Parameters = dict[str, Any]


@dataclass(frozen=True)
class Variant:
    """What stands beside the input layer: parameters, and other layers by their names (empty: the input itself)."""

    given: Parameters
    layers: dict[str, str] = field(default_factory=dict)
    selected: bool = False

    @property
    def keys(self) -> list[str]:
        """The keys of all parameters."""
        return [*self.given, *self.layers]

    def parameters(self, layers: Layers, name: str) -> Parameters:
        """The parameters beside the input layer of this name."""
        return {
            **self.given,
            **{key: self._other(layers.id(other or name)) for key, other in self.layers.items()},
        }

    def _other(self, id: str) -> Any:
        return QgsProcessingFeatureSourceDefinition(id, True) if self.selected else id


@dataclass(frozen=True)
class Twin:
    """A native algorithm, ours, and what both are run with; the first variant is the plain one.

    ``differences`` compares two outcomes.
    """

    name: str
    native: str
    ours: str
    variants: dict[str, Variant] = field(default_factory=dict)
    differences: Callable[[Outcome, Outcome], list[Difference]] = compare.compare


def _given(**parameters: Any) -> Variant:
    return Variant(parameters)


def _other(key: str, other: str, **parameters: Any) -> Variant:
    return Variant(parameters, {key: other})


BUFFER = {
    "distance": _given(DISTANCE=0.3),
    "nothing given": _given(),
    "one segment": _given(DISTANCE=0.3, SEGMENTS=1),
    "1500 segments": _given(DISTANCE=0.3, SEGMENTS=1500),
    "flat": _given(DISTANCE=0.3, END_CAP_STYLE=1),
    "square": _given(DISTANCE=0.3, END_CAP_STYLE=2),
    "mitre": _given(DISTANCE=0.3, JOIN_STYLE=1, MITER_LIMIT=3.5),
    "bevel": _given(DISTANCE=0.3, JOIN_STYLE=2),
    "dissolved": _given(DISTANCE=0.3, DISSOLVE=True),
    "dissolved, parts": _given(DISTANCE=0.3, DISSOLVE=True, SEPARATE_DISJOINT=True),
    "parts, not dissolved": _given(DISTANCE=0.3, SEPARATE_DISJOINT=True),
    "zero": _given(DISTANCE=0),
    "negative": _given(DISTANCE=-0.2),
    "negative, dissolved": _given(DISTANCE=-0.2, DISSOLVE=True),
    "all as text": _given(
        DISTANCE="0.3", SEGMENTS="7", END_CAP_STYLE="1", JOIN_STYLE="1", MITER_LIMIT="2.5", DISSOLVE="true"
    ),
    "by expression": _given(DISTANCE=expression("0.1 + ($id % 3) * 0.1")),
    "by expression, NULL": _given(DISTANCE=expression("if($id % 2, NULL, 0.2)")),
    "by expression, text": _given(DISTANCE=expression("if($id % 2, '0.2', 'wide')")),
    "by expression that is wrong": _given(DISTANCE=expression("nothing(")),
    "by field": _given(DISTANCE=of_field("floatval")),
    "by field that is not there": _given(DISTANCE=of_field("absent")),
    "by expression, dissolved": _given(DISTANCE=expression("0.1 + ($id % 3) * 0.1"), DISSOLVE=True),
    "fixed by expression": _given(DISTANCE=expression("0.1 * 3"), SEGMENTS=expression("2 + 2")),
}
INTERSECTION = {
    "polygons": _other("OVERLAY", "polys"),
    "itself": _other("OVERLAY", ""),
    "lines": _other("OVERLAY", "lines"),
    "points": _other("OVERLAY", "points"),
    "multipolygons": _other("OVERLAY", "multipolys"),
    "Z": _other("OVERLAY", "polygons Z"),
    "another CRS": _other("OVERLAY", "polys in 3857"),
    "invalid": _other("OVERLAY", "invalid"),
    "empty": _other("OVERLAY", "empty"),
    "collections": _other("OVERLAY", "collections"),
    "selected overlay": Variant({}, {"OVERLAY": "polys"}, selected=True),
    "some fields": _other("OVERLAY", "polys", INPUT_FIELDS=["name"], OVERLAY_FIELDS=["floatval", "name"]),
    "some fields as text": _other("OVERLAY", "polys", INPUT_FIELDS="name", OVERLAY_FIELDS="floatval;name"),
    "fields that are not there": _other("OVERLAY", "polys", OVERLAY_FIELDS=["absent", "name"]),
    "prefix": _other("OVERLAY", "polys", OVERLAY_FIELDS_PREFIX="o_"),
    "grid": _other("OVERLAY", "polys", GRID_SIZE=0.5),
}
DISSOLVE = {
    "all": _given(),
    "by field": _given(FIELD=["name"]),
    "by field as text": _given(FIELD="name"),
    "by two fields": _given(FIELD=["name", "intval"]),
    "by two fields as text": _given(FIELD="name;intval"),
    "by field of another case": _given(FIELD=["NAME"]),
    "by field that is not there": _given(FIELD=["absent"]),
    "by time": _given(FIELD=["moment"]),
    "parts": _given(SEPARATE_DISJOINT=True),
    "by field, parts": _given(FIELD=["name"], SEPARATE_DISJOINT=True),
}
SIMPLIFY = {
    "tolerance": _given(TOLERANCE=0.5),
    "nothing given": _given(),
    "zero": _given(TOLERANCE=0),
    "large": _given(TOLERANCE=100),
    "as text": _given(TOLERANCE="0.5", METHOD="0"),
    "by expression": _given(TOLERANCE=expression("0.2 + ($id % 3) * 0.3")),
    "by expression, NULL": _given(TOLERANCE=expression("if($id % 2, NULL, 0.2)")),
    "by field": _given(TOLERANCE=of_field("floatval")),
    "fixed by expression": _given(TOLERANCE=expression("0.5 * 2"), METHOD=0),
    "grid": _given(TOLERANCE=0.5, METHOD=1),
    "area": _given(TOLERANCE=0.5, METHOD=2),
}
HULL = {"plain": _given()}
NEAREST = {
    "points": _other("INPUT_2", "points"),
    "itself": _other("INPUT_2", ""),
    "polygons": _other("INPUT_2", "polys"),
    "lines": _other("INPUT_2", "lines"),
    "another CRS": _other("INPUT_2", "polys in 3857"),
    "empty": _other("INPUT_2", "empty"),
    "as text": _other("INPUT_2", "points", NEIGHBORS="1", DISCARD_NONMATCHING="false"),
    "three, within a distance": _other("INPUT_2", "polys", NEIGHBORS=3, MAX_DISTANCE=2.5),
    "some fields": _other("INPUT_2", "polys", FIELDS_TO_COPY=["name"], PREFIX="p_", DISCARD_NONMATCHING=True),
}

TWINS = {
    twin.name: twin
    for twin in (
        Twin("buffer", "native:buffer", "redisgeo:cachedbuffer", BUFFER, compare.compare_parts),
        Twin("intersection", "native:intersection", "redisgeo:cachedintersection", INTERSECTION),
        Twin("dissolve", "native:dissolve", "redisgeo:cacheddissolve", DISSOLVE, compare.compare_groups),
        Twin("simplify", "native:simplifygeometries", "redisgeo:cachedsimplify", SIMPLIFY),
        Twin("convexhull", "native:convexhull", "redisgeo:cachedconvexhull", HULL),
        Twin("nearest", "native:joinbynearest", "redisgeo:cachednearest", NEAREST, compare.compare_joined),
    )
}
