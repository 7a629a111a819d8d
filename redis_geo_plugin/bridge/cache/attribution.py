"""Which features of the project a run's results were made of: told by the keys of the results, which are made
of the geometries and the parameters, and so by nothing less than equality."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsField, QgsProject, QgsVectorLayer, QgsVectorLayerFeatureSource

from . import features

if TYPE_CHECKING:
    from ...core.cache.recents import Recent
    from ...core.operations.base import Operation
    from ...core.watch import Watch

MOST_FEATURES = 200_000  # of a layer that is looked through
ITEMS, SIZE = 1000, 8 << 20  # of a chunk


@dataclass
class Attribution:
    """Of each result the attributes of its feature, None where none was found; and the fields of them."""

    fields: list[QgsField] = field(default_factory=list)
    rows: list[Optional[list[object]]] = field(default_factory=list)
    layer: str = ""  # the name of the layer that they came from

    @property
    def found(self) -> int:
        """How many results have attributes."""
        return sum(row is not None for row in self.rows)


class Candidate:
    """A layer that a run may have come from. Made on the main thread."""

    def __init__(self, layer: QgsVectorLayer):
        self.name = layer.name()
        self.fields = layer.fields().toList()
        self.source = QgsVectorLayerFeatureSource(layer)


def candidates(entry: Recent) -> list[Candidate]:
    """The layers of the project with the name of the run's input. Main thread."""
    layers = QgsProject.instance().mapLayersByName(entry.title) if entry.title else []
    return [
        Candidate(layer)
        for layer in layers
        if isinstance(layer, QgsVectorLayer) and layer.isValid() and layer.featureCount() <= MOST_FEATURES
    ]


def attribute(
    entry: Recent, digests: Sequence[bytes], layers: Sequence[Candidate], watch: Watch
) -> Attribution:
    """The attributes from the layer that explains most results, for a background thread. Of an operation on
    two layers, and of one whose number differs from feature to feature, none are found."""
    best = Attribution(rows=[None] * len(digests))
    operation, number = _made_by(entry)
    if operation is None:
        return best
    for layer in layers:
        rows = _rows(operation, number, digests, layer, watch)
        found = Attribution(layer.fields, rows, layer.name)
        if found.found > best.found:
            best = found
    return best


def _made_by(entry: Recent) -> tuple[Optional[Operation], Optional[float]]:
    """The operation of a run with its parameters, and the number of each of its items."""
    from ...core.operations import OPERATIONS

    kind = OPERATIONS.get(entry.operation)
    if kind is None or kind.arity != 1:
        return None, None
    number = entry.parameters.get(kind.number_name) if kind.number_name else None
    if kind.number_name and (isinstance(number, bool) or not isinstance(number, (int, float))):
        return None, None
    try:
        return kind.from_job(entry.parameters), None if number is None else float(number)
    except (ValueError, TypeError, KeyError):  # others may have written it
        return None, None


def _rows(
    operation: Operation,
    number: Optional[float],
    digests: Sequence[bytes],
    layer: Candidate,
    watch: Watch,
) -> list[Optional[list[object]]]:
    """Features with equal geometries are given out one after the other."""
    from ...core.cache.digests import item_digests

    wanted, found = set(digests), defaultdict[bytes, deque[list[object]]](deque)
    for batch, wkbs in features.chunked(layer.source.getFeatures(), ITEMS, SIZE, operation.keeps_z):
        watch.check()
        solid = [(feature, wkb) for feature, wkb in zip(batch, wkbs) if wkb is not None]
        numbers = None if number is None else [number] * len(solid)
        named = item_digests(operation, ([wkb for _, wkb in solid],), numbers)
        for (feature, _), digest in zip(solid, named):
            if digest in wanted:
                found[digest].append(feature.attributes())
    return [found[digest].popleft() if found.get(digest) else None for digest in digests]
