"""One run of an algorithm, as plain data that two runs are compared by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)


def on_start(id: str) -> None:
    """Told the id of each algorithm before it runs; a process puts a function of its own here."""


class Recorder(QgsProcessingFeedback):
    """Keeps the warnings and errors of a run. What is told for information is each algorithm's own."""

    def __init__(self):
        super().__init__(False)
        self.said: list[str] = []

    def pushWarning(self, warning):
        self.said.append(f"warning: {warning}")

    def reportError(self, error, fatalError=False):
        self.said.append(f"{'fatal' if fatalError else 'error'}: {error}")


_OF_COLLECTIONS = (QgsWkbTypes.Type.GeometryCollection, QgsWkbTypes.Type.Unknown)
_LAYER_ID = re.compile(r"\boutput_[0-9a-f]{8}_[0-9a-f_]{27}\b")  # of a memory layer, another in each run


@dataclass
class Outcome:
    """What a run gave.

    ``refused`` holds the words by which the parameters were refused or the run ended, ``fields`` a tuple of properties for
    each field, ``rows`` the features as (id, attributes, geometry).
    """

    refused: str = ""
    said: list[str] = field(default_factory=list)
    wkb_type: int = -1
    crs: str = ""
    fields: list[tuple] = field(default_factory=list)
    rows: list[tuple] = field(default_factory=list)
    hits: int = 0


def run(id: str, parameters: dict[str, Any], check: Any, folder: Path) -> Outcome:
    """Run an algorithm as the toolbox does; ``folder``, where it writes, is left out of its words."""
    context, feedback = QgsProcessingContext(), Recorder()
    context.setProject(QgsProject.instance())
    context.setInvalidGeometryCheck(check)
    context.setFeedback(feedback)
    on_start(id)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(id)
    accepted, why = algorithm.checkParameterValues(parameters, context)
    if not accepted:
        return Outcome(refused=_plain(why, folder))
    results, ok = algorithm.run(parameters, context, feedback)
    said = [_plain(text, folder) for text in feedback.said]
    if not ok:
        fatal = [text for text in said if text.startswith("fatal: ")]
        return Outcome(refused=fatal[-1] if fatal else "the run failed", said=said)
    layer = QgsProcessingUtils.mapLayerFromString(results["OUTPUT"], context)
    if layer is None:
        return Outcome(refused=f"no layer in {_plain(results['OUTPUT'], folder)}", said=said)
    found = read(layer)
    found.said, found.hits = said, int(results.get("HITS", 0))
    return found


def read(layer: QgsVectorLayer) -> Outcome:
    """A layer as plain data. Geometries stay QgsGeometry. An empty collection, which native algorithms write into files of
    another kind where nothing is left, is told as an empty shape of the layer's kind."""
    fields = [
        (f.name(), f.type(), f.subType(), f.typeName(), f.length(), f.precision(), f.alias(), f.comment())
        for f in layer.fields()
    ]
    crs = layer.crs()
    return Outcome(
        wkb_type=int(layer.wkbType()),
        crs=crs.authid() or crs.toWkt(),
        fields=fields,
        rows=[(one.id(), one.attributes(), _of_kind(one.geometry(), layer)) for one in layer.getFeatures()],
    )


def _of_kind(geometry: QgsGeometry, layer: QgsVectorLayer) -> QgsGeometry:
    kind = layer.wkbType()
    is_collection = QgsWkbTypes.flatType(geometry.wkbType()) == QgsWkbTypes.Type.GeometryCollection
    if not (is_collection and geometry.isEmpty()) or QgsWkbTypes.flatType(kind) in _OF_COLLECTIONS:
        return geometry
    return QgsGeometry.fromWkt(f"{QgsWkbTypes.displayString(kind)} EMPTY")


def _plain(text: Any, folder: Path) -> str:
    said = re.sub(re.escape(str(folder)) + r"(/(native|first|again|usual)\b)?", "", str(text))
    return _LAYER_ID.sub("output", said)
