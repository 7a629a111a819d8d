"""The harbour as a whole: hexagons that follow the vessels, with their counts in words."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDockWidget

from .live import _component, _look_at_the_harbour

ORDER = 21
SIZE = 0.02  # degrees
LEFT = 300  # pixels that the Layers panel is wide, so that the legend can be read


def play(stage) -> None:
    component = _component(stage)
    dock = stage.show_dock("redis_geo_live_dock")
    feed = next(iter(component.manager.feeds.values()))
    tab = dock.tab("density")
    dock.tabs.setCurrentWidget(tab)
    dock.refresh()
    tab.size_box.setValue(SIZE)
    if not tab.cells_button.isChecked():
        tab.cells_button.click()
    shown = component.densities.of(feed.spec.uid)
    stage.wait_until(
        lambda: shown.tallies is not None and shown.layer.featureCount() > 20, 30, "the cells of the harbour"
    )
    layers = stage.window.findChild(QDockWidget, "Layers")
    stage.window.resizeDocks([layers], [LEFT], Qt.Orientation.Horizontal)
    _look_at_the_harbour(stage)
    stage.wait(3.0)
    counted = sum(feature["count"] for feature in shown.layer.getFeatures())
    if abs(counted - feed.layer.featureCount()) > 20:
        stage.fail(f"the cells hold {counted} of {feed.layer.featureCount()} vessels")
    stage.say(
        f"{shown.layer.featureCount()} cells hold {counted} vessels, counted in {shown.seconds * 1000:.0f} ms, "
        f"written in {shown.written * 1000:.1f} ms of the window's time"
    )
    dock.refresh()
    stage.picture("2a-density")
    tab.cells_button.click()
    stage.wait_until(lambda: component.densities.of(feed.spec.uid) is None, 10, "the cells to go")
    dock.tabs.setCurrentIndex(0)
