"""A batch sent to two workers: countries are buffered by other processes, and the layer fills as results arrive."""

from __future__ import annotations

import time

from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import Qt

from .. import places
from .cache import EUROPE

ORDER = 40
KILOMETRES = 80.0
NAMESPACE = "demo-jobs"


def play(stage) -> None:
    _empty_namespace()  # so that there is work to be seen each time
    dock = stage.show_dock("redis_geo_jobs_dock")
    stage.window.resizeDocks([dock], [520], Qt.Orientation.Horizontal)
    stage.wait_until(lambda: sum(line["alive"] for line in dock.snapshot.workers) >= 2, 60, "two workers")
    countries = stage.layer("Countries")
    selected = stage.select(countries, EUROPE)
    west, south, east, north = places.EXTENT
    stage.iface.mapCanvas().setExtent(QgsRectangle(west, south, east, north))
    stage.iface.mapCanvas().refresh()
    namespace = dock.send.store.namespace.text()
    dock.send.buffer.distance.setValue(KILOMETRES)
    dock.send.store.namespace.setText(NAMESPACE)
    dock.send.layer.setLayer(countries)
    dock.send.selected_only.setChecked(True)
    before, started = stage.layer_ids(), time.monotonic()
    dock.send.send()
    stage.wait_until(lambda: stage.new_layers(before) or stage.errors(), 30, "the layer of results")
    if stage.errors():
        stage.fail("; ".join(stage.errors()))
    (layer,) = stage.new_layers(before)
    stage.wait_until(lambda: layer.featureCount() > selected // 4, 120, "the first results")
    stage.picture("40-jobs-under-way")
    stage.wait_until(lambda: layer.featureCount() == selected, 240, "the last result")
    stage.wait_until(
        lambda: dock.snapshot.batches and dock.snapshot.batches[0].finished, 10, "the end of the batch"
    )
    taken = time.monotonic() - started
    stage.picture("41-jobs-done")
    busy = [line for line in dock.snapshot.workers if line["alive"] and line.get("done")]
    said = stage.wait_until(lambda: _said(stage, str(selected)), 10, "the word on its end")
    stage.say(f"of its end is said: {said}")
    stage.say(f"{selected} countries buffered by {len(busy)} workers in {taken:.1f} s")
    if stage.errors():
        stage.fail("; ".join(stage.errors()))
    QgsProject.instance().removeMapLayer(layer.id())
    countries.removeSelection()
    dock.send.store.namespace.setText(namespace)
    stage.iface.messageBar().clearWidgets()


def _said(stage, words: str) -> str:
    """The plugin's message that holds these words, "" where there is none."""
    items = stage.iface.messageBar().items()
    return next((i.text() for i in items if i.title() == "Redis Geo" and words in i.text()), "")


def _empty_namespace() -> None:
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("redisgeo:purgecache")
    algorithm.run({"NAMESPACE": NAMESPACE}, QgsProcessingContext(), QgsProcessingFeedback())
