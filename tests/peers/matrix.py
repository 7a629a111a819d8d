"""The matrix of our own: each algorithm on each layer, in each format, by each definition of its input, with each set of
parameters; and beside live native."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsFeatureRequest,
    QgsProcessingFeatureSourceDefinition,
    QgsSettings,
)

from redis_geo_plugin.bridge.settings import CACHE_ALL
from tests.peers import layers as test_layers
from tests.peers import outcome
from tests.peers.compare import Difference
from tests.peers.layers import Layers
from tests.peers.outcome import Outcome
from tests.peers.twins import Twin, Variant

CHECKS = QgsFeatureRequest.InvalidGeometryCheck
NONE, SKIP, ABORT = CHECKS.GeometryNoCheck, CHECKS.GeometrySkipInvalid, CHECKS.GeometryAbortOnInvalid
FORMATS = {
    "memory": "memory:",
    "GPKG": "out.gpkg",
    "SHP": "out.shp",
    "GeoJSON": "out.geojson",
}
MORE_FORMATS = {"CSV": "out.csv", "FlatGeobuf": "out.fgb", "KML": "out.kml", "GML": "out.gml"}
# The layers that are written in these too: of each kind of fields and of geometries.
IN_MORE_FORMATS = (
    "all types",
    "odd fields",
    "no geometry",
    "curve polygons",
    "points ZM",
    "multilines",
    "no CRS",
    "mixed",
)
NEVER_RETURNS = {("simplify", "not finite")}  # of native: GEOS goes round in circles
AS_GEOPACKAGE = ("points", "multipolys", "polys", "groups", "own distance")
ODD, EVEN = "$id % 2 = 1", "$id % 2 = 0"

Definition = Callable[[Layers, str], Any]


def _definition(selected: bool = False, limit: int = -1, filter: str = "", check: Any = None) -> Definition:
    def made(layers: Layers, name: str) -> QgsProcessingFeatureSourceDefinition:
        definition = QgsProcessingFeatureSourceDefinition(layers.id(name), selected, limit)
        if filter:
            definition.filterExpression = filter
        if check is not None:
            definition.flags = definition.Flag.FlagOverrideDefaultGeometryCheck
            definition.geometryCheck = check
        return definition

    return made


def _plain(layers: Layers, name: str) -> str:
    return layers.id(name)


# How the input is given, and what the options of Processing say of invalid geometries.
DEFINITIONS: dict[str, tuple[Definition, Any]] = {
    "checked": (_plain, ABORT),
    "skipping": (_plain, SKIP),
    "layer object": (lambda layers, name: layers.layer(name), NONE),
    "path": (lambda layers, name: layers.layer(name).source(), NONE),
    "selected": (_definition(selected=True), NONE),
    "limit": (_definition(limit=2), NONE),
    "selected, limit": (_definition(selected=True, limit=1), NONE),
    "own: no check": (_definition(check=NONE), ABORT),
    "own: skip": (_definition(check=SKIP), ABORT),
    "own: stop": (_definition(check=ABORT), NONE),
    "selected, own: skip": (_definition(selected=True, check=SKIP), ABORT),
    "not there": (lambda _layers, _name: "no_such_layer", NONE),
}
if Qgis.QGIS_VERSION_INT >= 33200:
    DEFINITIONS |= {
        "filter": (_definition(filter=ODD), NONE),
        "filter, limit": (_definition(filter=ODD, limit=1), NONE),
        "selected, filter": (_definition(selected=True, filter=EVEN), NONE),
        "selected, other filter": (_definition(selected=True, filter=ODD), NONE),
        "selected, filter, limit": (_definition(selected=True, filter=ODD, limit=1), NONE),
        "filter that is wrong": (_definition(filter="absent = 1"), NONE),
        "filter, own: skip": (_definition(filter=ODD, check=SKIP), ABORT),
    }


@dataclass(frozen=True)
class Case:
    """One comparison. ``of`` names the dimension that it varies."""

    twin: Twin
    layer: str
    of: str
    choice: str
    variant: str
    format: str = "memory"

    @property
    def name(self) -> str:
        """Layer, then what is varied, as the table and the list of deliberate differences have it."""
        return f"{self.layer} / {self.of} / {self.choice}"

    def run(self, layers: Layers, folder: Path, number: int) -> tuple[list[Difference], int]:
        """The differences of our runs from native's, and how many results the second had from the cache."""
        given, check = DEFINITIONS[self.choice] if self.of == "input" else (_plain, NONE)
        parameters = {
            **self.twin.variants[self.variant].parameters(layers, self.layer),
            "INPUT": given(layers, self.layer),
        }
        native = outcome.run(self.twin.native, self._with_output(parameters, folder, "native"), check, folder)
        own = {**parameters, "NAMESPACE": f"peers{number}"}
        first = outcome.run(self.twin.ours, self._with_output(own, folder, "first"), check, folder)
        again = outcome.run(self.twin.ours, self._with_output(own, folder, "again"), check, folder)
        usual = self._as_usual(own, check, folder)
        found = self.twin.differences(native, first)
        for words, later in (("again", again), ("as usual", usual)):
            found += [
                Difference(f"{words}: {one.aspect}", one.native, one.ours)
                for one in self.twin.differences(native, later)
                if one not in found
            ]
        return found, again.hits

    def _as_usual(self, parameters: dict[str, Any], check: Any, folder: Path) -> Outcome:
        """A run in which what is quick to compute is neither kept nor asked for, as it is by default."""
        QgsSettings().setValue(CACHE_ALL, False)
        try:
            return outcome.run(self.twin.ours, self._with_output(parameters, folder, "usual"), check, folder)
        finally:
            QgsSettings().setValue(CACHE_ALL, True)

    def _with_output(self, parameters: dict[str, Any], folder: Path, who: str) -> dict[str, Any]:
        there = folder / who
        there.mkdir(exist_ok=True)
        target = (FORMATS | MORE_FORMATS)[self.format]
        return {**parameters, "OUTPUT": target if target == "memory:" else str(there / target)}


def _native_has(twin: Twin, variant: Variant) -> bool:
    """Whether this QGIS's native algorithm has all parameters of a variant: it ignores those it has not."""
    native = QgsApplication.processingRegistry().algorithmById(twin.native)
    return all(native.parameterDefinition(name) is not None for name in variant.keys)


def cases(twin: Twin) -> Iterator[Case]:
    """All cases of an algorithm, always in the same order."""
    plain, *others = [name for name, variant in twin.variants.items() if _native_has(twin, variant)]
    for layer in test_layers.NAMES:
        if (twin.name, layer) in NEVER_RETURNS:
            continue
        for format in [*FORMATS, *(MORE_FORMATS if layer in IN_MORE_FORMATS else ())]:
            yield Case(twin, layer, "format", format, plain, format)
        for choice in DEFINITIONS:
            yield Case(twin, layer, "input", choice, plain)
        for variant in others:
            yield Case(twin, layer, "parameters", variant, variant)
    for layer in AS_GEOPACKAGE:
        for variant in (plain, *others):
            yield Case(twin, f"{layer} as gpkg", "to GPKG", variant, variant, "GPKG")
