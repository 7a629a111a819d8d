"""What an algorithm gives, in words that can be compared: of a drop-in and of the native algorithm whose place it takes."""

from __future__ import annotations

import re

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsSpatialIndex,
    QgsVectorLayer,
    QgsWkbTypes,
)

from redis_geo_plugin.bridge.compat import is_null
from tests.support.layers import layer_of

CHECKS = QgsFeatureRequest.InvalidGeometryCheck


class Words(QgsProcessingFeedback):
    """Keeps what is reported as an error, and whether it is said to end the run."""

    def __init__(self):
        super().__init__(False)
        self.errors = []

    def reportError(self, text, fatal=False):  # noqa: N802 - QGIS's name
        self.errors.append(("fatal: " if fatal else "") + re.sub(r"output_\w+", "output", text))


def layer(kind, wkts, rows=None, fields="name:string", crs="EPSG:3857"):
    """A memory layer of the project, of WKT texts (None for NULL) with their number as name, or ``rows``."""
    made = layer_of(wkts, kind, crs, rows, fields)
    QgsProject.instance().addMapLayer(made)
    return made


def index_takes_boxes_for_geometries():
    """So it is with libspatialindex 2.1, which Debian 13 builds QGIS 3.40 with, and native:joinbynearest errs with it
    (https://github.com/libspatialindex/libspatialindex/issues/276)."""
    index = QgsSpatialIndex(QgsSpatialIndex.Flag.FlagStoreFeatureGeometries)
    for number, wkt in enumerate(("LINESTRING(0 10, 10 0)", "POINT(2 2)")):
        feature = QgsFeature(number)
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        index.addFeature(feature)
    return index.nearestNeighbor(QgsPointXY(1, 1), 1) == [0]


def outcome(id, parameters, check=CHECKS.GeometryNoCheck):
    """The outputs of a run as plain values, or its exception; and the errors that it reported."""
    import processing

    words, context = Words(), QgsProcessingContext()
    context.setProject(QgsProject.instance())
    context.setInvalidGeometryCheck(check)
    try:
        results = processing.run(id, {"OUTPUT": "memory:", **parameters}, context=context, feedback=words)
    except QgsProcessingException as error:
        return {"exception": str(error), "errors": words.errors}
    layers = {key: value for key, value in results.items() if isinstance(value, QgsVectorLayer)}
    counts = {key: results[key] for key in ("JOINED_COUNT", "UNJOINABLE_COUNT") if key in results}
    return {**{key: described(value) for key, value in layers.items()}, **counts, "errors": words.errors}


def described(made):
    """Type, CRS, fields and features of a layer. The features are sorted, as native algorithms take groups and pairs
    from hash tables."""
    return {
        "type": QgsWkbTypes.displayString(made.wkbType()),
        "crs": made.crs().authid(),
        "fields": [(f.name(), f.typeName(), f.length(), f.precision()) for f in made.fields()],
        "features": sorted(
            (repr([plain(v) for v in f.attributes()]), shape(f.geometry())) for f in made.getFeatures()
        ),
    }


def plain(value):
    if is_null(value):
        return None
    return float(f"{value:.9g}") if isinstance(value, float) else value


def shape(geometry):
    """The geometry with its own type, to six digits, from a vertex of its own, its parts sorted (GEOS merges lines in an order
    that differs from run to run); NULL and empty ones by name."""
    if geometry.isNull():
        return "NULL"
    kind = QgsWkbTypes.displayString(geometry.wkbType())
    if geometry.isEmpty():
        return f"{kind} EMPTY"
    normal = QgsGeometry(geometry)
    normal.normalize()
    if not normal.isMultipart():
        return f"{kind} {normal.asWkt(6)}"
    return f"{kind} {sorted(part.asWkt(6) for part in normal.constParts())}"
