"""Run by QGIS (--code): buffers the countries from the Cache dock twice, with a meter on the event loop."""

import qgis.utils
from qgis.core import QgsApplication, QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QDockWidget

from benchmarks.window import metered, spin, tell


def run_once(dock):
    layers = set(QgsProject.instance().mapLayers())

    def ended():
        return set(QgsProject.instance().mapLayers()) - layers and not dock._runner.running

    made = metered(dock.form.controls.run_button.click, ended)
    (added,) = set(QgsProject.instance().mapLayers()) - layers
    assert QgsProject.instance().mapLayer(added).featureCount() == 240
    QgsProject.instance().removeMapLayer(added)
    return made


def measure():
    iface = qgis.utils.iface
    dock = iface.mainWindow().findChild(QDockWidget, "redis_geo_cache_dock")
    path = f"{QgsApplication.pkgDataPath()}/resources/data/world_map.gpkg|layername=countries"
    layer = QgsVectorLayer(path, "countries", "ogr")
    QgsProject.instance().addMapLayer(layer)
    iface.mapCanvas().setExtent(layer.extent())
    iface.mapCanvas().setRenderFlag(False)  # drawing the map is QGIS's own work
    dock.show()
    spin(3.0)
    buffer = dock.form.buffer
    dock.form.layer.setLayer(layer)
    buffer.unit.setCurrentIndex(buffer.unit.findData("layer"))
    buffer.distance.setValue(1.0)
    buffer.segments.setValue(8)
    spin(0.5)
    return {"first": run_once(dock), "second": run_once(dock)}


tell(measure)
