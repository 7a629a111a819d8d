"""Run by QGIS (--code): the figures of the searches from the Search dock, with a meter on the window's event loop."""

import qgis.utils
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)

from benchmarks import bench_search
from benchmarks.harness import spin_until
from benchmarks.window import metered, spin, tell

iface = qgis.utils.iface


def component():
    plugin = qgis.utils.plugins["redis_geo_plugin"]
    found = next(c for c in plugin.components if type(c).__name__ == "SearchComponent")
    found.dock.show()
    spin_until(lambda: found.dock.form is not None)
    spin(2.0)
    found.dock.form.sets.setEditText(bench_search.KEY.decode())
    return found


def search(found, kind, metres=0.0):
    """The dock's search of this kind, until its table is filled."""
    form = found.dock.form
    form.kind.setCurrentIndex(form.kind.findData(kind))
    form.unit.setCurrentIndex(form.unit.findText("m"))
    form.radius.setValue(metres)
    form.center.setText(", ".join(map(str, bench_search.CENTER)))
    before = found.results.answer if found.results else None

    def ended():
        assert found._task is not None or found.results.answer is not before, found.dock.status.text()
        return found._task is None

    made = metered(found.dock.search.click, ended)
    made["hits"] = found.dock.model.rowCount()
    return made


def keep(found):
    """ "As layer", until the layer is in the project."""
    before = set(QgsProject.instance().mapLayers())

    def ended():
        return bool(set(QgsProject.instance().mapLayers()) - before)

    return metered(found.dock.as_layer.click, ended)


def select(geometry_type, geometries):
    """A layer with these features, selected and active."""
    layer = QgsVectorLayer(f"{geometry_type}?crs=EPSG:4326", geometry_type, "memory")
    features = []
    for geometry in geometries:
        features.append(QgsFeature())
        features[-1].setGeometry(geometry)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    layer.selectAll()
    iface.setActiveLayer(layer)


def load():
    """``redisgeo:loadgeoset`` of 1,000,000 points, as the Processing toolbox runs it."""
    layer, done = bench_search.memory_layer(), []
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().algorithmById("redisgeo:loadgeoset")
    parameters = {"INPUT": layer, "KEY": "loaded", "MEMBER_FIELD": "name", "FIELDS": ["kind"]}
    tasks = []

    def start():
        tasks.append(QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback))
        tasks[0].executed.connect(lambda good, results: done.append(results if good else None))
        QgsApplication.taskManager().addTask(tasks[0])

    made = metered(start, lambda: done)
    assert done[0] and done[0]["ADDED"] == bench_search.COUNT, done
    return made


def measure():
    found = component()
    result = {"first": search(found, "radius", bench_search.RADIUS_1000)}
    result["radius"] = search(found, "radius", bench_search.RADIUS_1000)
    result["radius_layer"] = keep(found)
    lon, lat = bench_search.many_places()
    select("Point", [QgsGeometry.fromPointXY(QgsPointXY(x, y)) for x, y in zip(lon.tolist(), lat.tolist())])
    result["centers"] = search(found, "radius_features", bench_search.RADIUS_100)
    ring = QgsGeometry()
    ring.fromWkb(bench_search.star_wkb())
    select("Polygon", [ring])
    result["polygon"] = search(found, "polygons")
    result["hits_100k"] = search(found, "radius", bench_search.RADIUS_100K)
    result["hits_100k_layer"] = keep(found)
    QgsProject.instance().clear()
    result["load"] = load()
    return result


tell(measure)
