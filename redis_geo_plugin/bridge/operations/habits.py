"""What native algorithms do in the running QGIS where versions differ: found by letting one do it, once."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsVectorLayer,
)

_known: dict[str, Optional[list[str]]] = {}


def renames_own_fields() -> bool:
    """Whether native:convexhull gives its fields other names where the layer has fields of these names; it
    leaves them out otherwise."""
    return "area_2" in (_fields_of_hull("Polygon((0 0,1 0,1 1,0 0))") or ())


def ends_at_refusal() -> bool:
    """Whether a native algorithm that works feature by feature ends where its output refuses a feature, as
    an output of areas refuses a hull that is a line."""
    return _fields_of_hull("LineString(0 0,1 1)") is None


def _fields_of_hull(wkt: str) -> Optional[list[str]]:
    """The fields of native:convexhull of a layer that has a field ``area``; None where the run ends."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("native:convexhull")
    if algorithm is None:  # while Processing is not there yet
        return []
    if wkt not in _known:
        layer = QgsVectorLayer(f"{wkt.partition('(')[0]}?field=area:double", "probe", "memory")
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        layer.dataProvider().addFeatures([feature])
        context = QgsProcessingContext()
        context.temporaryLayerStore().addMapLayer(layer)
        given = {"INPUT": layer.id(), "OUTPUT": "memory:"}
        results, ok = algorithm.run(given, context, QgsProcessingFeedback(False), {}, False)
        made = QgsProcessingUtils.mapLayerFromString(results["OUTPUT"], context) if ok else None
        _known[wkt] = made.fields().names() if made is not None else None
    return _known[wkt]
