"""Buffers of selected countries, twice: the second time they come from Redis."""

from __future__ import annotations

import re
import time

from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QLabel, QTreeWidget

ORDER = 10
KILOMETRES = 50.0
NAMESPACE = "demo"
# Of the layer Countries.
EUROPE = (
    '"iso_a2" in ('
    "'AL','AD','AT','BY','BE','BA','BG','HR','CZ','DK','EE','FI','FR','DE',"
    "'GR','HU','IS','IE','IT','LV','LI','LT','LU','MK','MT','MD','MC','ME',"
    "'NL','PL','PT','RO','SM','RS','SK','SI','ES','SE','CH','UA','GB')"
)


def play(stage) -> None:
    dock = stage.show_dock("redis_geo_cache_dock")
    dock.form.buffer.distance.setValue(KILOMETRES)
    dock.form.store.namespace.setText(NAMESPACE)
    countries = stage.layer("Countries")
    selected = stage.select(countries, EUROPE)
    if selected < 30:
        stage.fail(f"only {selected} countries were selected")
    stage.iface.mapCanvas().refresh()
    seconds = []
    for number in (1, 2):
        words, layer, taken = _buffer(stage)
        seconds.append(taken)
        stage.say(
            f"run {number}: buffers of {KILOMETRES:g} km around {selected} countries in {taken:.2f} s: {words}"
        )
        if layer.featureCount() != selected:
            stage.fail(f"{selected} countries gave {layer.featureCount()} buffers")
        stage.picture(f"1{number}-buffers-run-{number}")
        if number == 2:
            stage.picture("13-cache-panel", dock)
        if number == 1:
            QgsProject.instance().removeMapLayer(layer.id())
    hits = int(re.search(r"\d+", words)[0])  # the first number, in whatever language
    if hits != selected:
        stage.fail(f"the second run read {hits} of {selected} buffers from the cache")
    stage.say(f"the second run took 1/{seconds[0] / seconds[1]:.0f} of the time of the first")
    _say_contents(stage)
    QgsProject.instance().removeMapLayer(layer.id())
    countries.removeSelection()
    stage.iface.messageBar().clearWidgets()


def _buffer(stage):
    """Press the toolbar button and wait for the layer: (outcome in words, layer, seconds)."""
    before = stage.layer_ids()
    started = time.perf_counter()
    stage.action("redis_geo_buffer_selected").trigger()
    stage.wait_until(lambda: stage.new_layers(before) or stage.errors(), 120, "the layer of buffers")
    taken = time.perf_counter() - started
    if stage.errors():
        stage.fail("; ".join(stage.errors()))
    stage.wait_until(
        lambda: stage.find("redis_geo_cache_outcome", QLabel).isVisible(), 10, "the outcome in words"
    )
    return stage.find("redis_geo_cache_outcome", QLabel).text(), stage.new_layers(before)[0], taken


def _say_contents(stage) -> None:
    table = stage.find("redis_geo_cache_contents", QTreeWidget)
    stage.wait_until(lambda: table.topLevelItemCount(), 10, "the list of namespaces")
    for row in range(table.topLevelItemCount()):
        item = table.topLevelItem(row)
        cells = [item.text(column) for column in range(item.columnCount())]
        stage.say("in the cache: {1} of namespace {0}: {2} results, {3}, hit rate {4}".format(*cells))
