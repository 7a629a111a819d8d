"""Run by QGIS (--code): runs the nine-step model from the Cache panel twice, with a meter on the event loop."""

import qgis.utils
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtWidgets import QDockWidget

from benchmarks.bench_models import world_layers
from benchmarks.window import metered, spin, tell
from tests.support import step_models


def run_once(panel, layers):
    earlier = set(QgsProject.instance().mapLayers())
    runner = panel._runner
    parameters = {
        **{name: layer.id() for name, layer in layers.items()},
        "DISTANCE": 2000.0,
        step_models.output_key("count", "counted"): "memory:",
        step_models.output_key("unite", "united"): "memory:",
    }
    made = metered(lambda: runner.start(panel.models.currentData(), parameters), lambda: not runner.running)
    assert runner.record.totals().run + runner.record.totals().kept == 9, panel.controls.outcome.text()
    QgsProject.instance().removeMapLayers(list(set(QgsProject.instance().mapLayers()) - earlier))
    return made


def measure():
    iface = qgis.utils.iface
    iface.mapCanvas().setRenderFlag(False)  # drawing the map is QGIS's own work
    layers = world_layers()
    QgsProject.instance().addMapLayers(list(layers.values()))
    step_models.save(step_models.nine_steps("nine"))
    dock = iface.mainWindow().findChild(QDockWidget, "redis_geo_cache_dock")
    dock.show()
    dock.raise_()
    dock.tabs.setCurrentIndex(1)
    spin(3.0)
    assert QgsApplication.processingRegistry().algorithmById("redisgeocache:model_nine") is not None
    return {"first": run_once(dock.models, layers), "second": run_once(dock.models, layers)}


tell(measure)
