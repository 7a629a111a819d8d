"""Run in a real QGIS: every kind of search of the dock, with QGIS's own GEOS and PROJ in the same process.

Writes what the table showed for each kind, as JSON, to the file named by RESULT.
"""

import os
import sys

sys.path.insert(0, os.environ["CHECKOUT"])

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
)
from qgis.utils import iface

from tests.support.in_qgis import component_of, start_plugin, tell_what
from tests.support.waiting import wait_until

WGS84 = QgsCoordinateReferenceSystem("EPSG:4326")
SHAPES = {
    "radius_features": ("Point", "POINT(2.35 48.85)", "EPSG:2154"),
    "polygons": ("Polygon", "POLYGON((2 48.5,3 48.5,3 49.2,2 49.2,2 48.5),(2.4 48.6,2.6 48.6,2.6 49,2.4 49,2.4 48.6))", "EPSG:2154"),
    "corridor": ("LineString", "LINESTRING(2 48.5,2.5 48.8,3 48.7)", "EPSG:3857"),
    "nearest_features": ("Point", "POINT(179.99 0)", "EPSG:4326"),
    "extent": ("Polygon", "POLYGON((2 48.5,3 48.5,3 49.2,2 49.2,2 48.5))", "EPSG:4326"),
}  # fmt: skip


def layer_of(kind):
    geometry_type, wkt, crs = SHAPES[kind]
    layer = QgsVectorLayer(f"{geometry_type}?crs={crs}", kind, "memory")
    geometry = QgsGeometry.fromWkt(wkt)
    geometry.transform(QgsCoordinateTransform(WGS84, layer.crs(), QgsProject.instance()))
    feature = QgsFeature()
    feature.setGeometry(geometry)
    layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    layer.selectAll()
    iface.setActiveLayer(layer)
    return layer


def search(component, kind):
    layer = layer_of(kind)
    if kind == "extent":
        canvas = iface.mapCanvas()
        path = QgsCoordinateTransform(
            layer.crs(), canvas.mapSettings().destinationCrs(), QgsProject.instance()
        )
        canvas.setExtent(path.transformBoundingBox(layer.extent()))
    form = component.dock.form
    form.sets.setEditText("points")
    form.kind.setCurrentIndex(form.kind.findData(kind))
    form.radius.setValue(5)
    form.limit.setValue(7 if kind == "nearest_features" else 0)
    before = component.results.answer
    component.search()
    wait_until(lambda: component._task is None)
    assert component.results.answer is not before, component.dock.status.text()
    return sorted(component.results.answer.names)


def run():
    plugin = start_plugin()
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    component = component_of(plugin, "SearchComponent")
    component.dock.show()
    wait_until(lambda: component.dock.form is not None)
    found = {kind: search(component, kind) for kind in SHAPES}
    component.dock.as_layer.click()
    wait_until(lambda: QgsProject.instance().mapLayersByName(component.results.answer.request.title))
    plugin.unload()
    return found


tell_what(run)
