"""Vehicles beside the map: selected together, the menu of their layer, made permanent, driven by time."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateTransformContext,
    QgsDataProvider,
    QgsDateTimeRange,
    QgsProject,
    QgsTemporalNavigationObject,
    QgsVectorFileWriter,
)
from qgis.PyQt.QtCore import QDateTime, QItemSelectionModel, Qt
from qgis.PyQt.QtWidgets import QDockWidget, QLabel

from .. import places
from .live import _component

ORDER = 22
LEFT = 280  # pixels that the Layers panel is wide


def play(stage) -> None:
    component = _component(stage)
    stage.show_dock("redis_geo_live_dock")
    feed = next(iter(component.manager.feeds.values()))
    _select(stage, component, feed)
    _show_layer_menu(stage, feed.layer)
    _make_permanent(stage, feed)
    _drive(stage, component, feed)


def _select(stage, component, feed) -> None:
    """Two rows of the list are two features of the layer, and a feature is a row."""
    tab = component.dock.tab("vehicles")
    component.dock.tabs.setCurrentWidget(tab)
    stage.wait_until(lambda: tab.model.rowCount() > 10, 20, "the list of vehicles")
    rows = tab.table.selectionModel()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (0, 1):
        rows.select(tab.model.index(row, 0), flags)
    stage.wait_until(lambda: feed.layer.selectedFeatureCount() == 2, 10, "the vehicles on the map")
    stage.picture("26-vehicles", component.dock)
    feed.layer.selectByIds([next(iter(feed.layer.allFeatureIds()))])
    stage.wait_until(lambda: len(tab.selection.ids) == 1, 10, "the row of the vehicle")
    feed.layer.removeSelection()


def _show_layer_menu(stage, layer) -> None:
    """The menu that QGIS shows for the layer, with what the feed adds to it."""
    stage.iface.setActiveLayer(layer)
    menu = stage.iface.layerTreeView().menuProvider().createContextMenu()
    own = next(
        (action.menu() for action in menu.actions() if action.menu() and "Redis Geo" in action.text()), None
    )
    if own is None:
        stage.fail("the menu of the layer has nothing of Redis Geo")
    own.popup(stage.iface.layerTreeView().mapToGlobal(stage.iface.layerTreeView().rect().center()))
    stage.wait(0.3)
    stage.say("the menu of the layer: " + ", ".join(action.text() for action in own.actions()))
    stage.picture("27-layer-menu", own)
    own.close()
    menu.deleteLater()


def _make_permanent(stage, feed) -> None:
    """What *Make Permanent…* does: the layer gets a file as its source, and the feed goes on in a new one."""
    path, copy = str(places.DEMO / "harbour.gpkg"), feed.layer
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.layerName = "harbour"
    QgsVectorFileWriter.writeAsVectorFormatV3(copy, path, QgsCoordinateTransformContext(), options)
    copy.setDataSource(f"{path}|layername=harbour", copy.name(), "ogr", QgsDataProvider.ProviderOptions())
    stage.wait_until(
        lambda: feed.layer is not None and feed.layer is not copy and feed.layer.featureCount() > 100,
        20,
        "the feed's new layer",
    )
    stage.picture("28-made-permanent")
    QgsProject.instance().removeMapLayer(copy.id())
    stage.iface.messageBar().clearWidgets()


def _drive(stage, component, feed) -> None:
    """The Temporal Controller rewinds the feed; without a time it is live again."""
    tab = component.dock.tab("trail")
    component.dock.tabs.setCurrentWidget(tab)
    component.dock.refresh()
    canvas = stage.iface.mapCanvas()
    all_times = canvas.temporalRange()
    tab.controller_button.click()
    span = feed.core.trails.span()
    moment = QDateTime.fromMSecsSinceEpoch(round((span[0] + span[1]) * 500.0), Qt.TimeSpec.UTC)
    canvas.setTemporalRange(QgsDateTimeRange(moment.addSecs(-1), moment))
    stage.wait_until(lambda: feed.moment is not None, 10, "the feed to show the past")
    said = component.banner.findChild(QLabel)
    stage.say(f"driven by the Temporal Controller: {said.text() if said is not None else ''}")
    stage.picture("29-temporal-controller")
    canvas.temporalController().setNavigationMode(QgsTemporalNavigationObject.NavigationMode.NavigationOff)
    canvas.setTemporalRange(all_times)
    stage.wait_until(lambda: feed.moment is None, 10, "the feed to be live again")
    controller = stage.window.findChild(QDockWidget, "Temporal Controller")
    if controller is not None:
        controller.close()
    layers = stage.window.findChild(QDockWidget, "Layers")
    stage.window.resizeDocks([layers], [LEFT], Qt.Orientation.Horizontal)  # it was made narrow
    component.dock.tabs.setCurrentIndex(0)
