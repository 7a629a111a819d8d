"""Run in a real QGIS: an analyst's way through the live positions, from the first look at a server to the deleted layer.

Writes what was seen at each step, as JSON, to the file named by RESULT; pictures of the window to the folder PICTURES.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, os.environ["CHECKOUT"])

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QApplication, QDockWidget
from qgis.utils import iface

from tests.support.in_qgis import component_of, start_plugin, tell_what
from tests.support.waiting import spin, wait_until

HARBOUR = QgsRectangle(-74.14, 40.56, -73.92, 40.74)
PICTURES = os.environ.get("PICTURES", "")
FOLDER = Path(os.environ["FOLDER"])


def picture(name, widget=None):
    if PICTURES:
        spin(0.4)
        wait_until(lambda: not iface.mapCanvas().isDrawing())
        spin(0.2)
        (widget or iface.mainWindow()).grab().save(str(Path(PICTURES) / f"{name}.png"))


def find(component):
    """Find positions: what is proposed, corrected and added."""
    component.dock.find_button.click()
    dialog = wait_until(lambda: component.dialogs.current)
    wait_until(lambda: dialog.proposals)
    names = [p.spec.pattern for p in dialog.proposals]
    dialog.table.selectRow(names.index("vehicule:*"))
    dialog.form.mapping.name_edit.setText("New York")
    picture("find", dialog)
    dialog.form.tabs.setCurrentIndex(1)
    dialog.form.rules.late_box.setValue(120)
    picture("rules", dialog)
    dialog.table.selectRow(names.index("objs"))
    picture("find-geoset", dialog)
    dialog.table.selectRow(names.index("vehicule:*"))  # what was corrected is still there
    dialog.add_button.click()
    feed = wait_until(lambda: next(iter(component.manager.feeds.values()), None))
    wait_until(lambda: feed.layer.featureCount() > 250)
    return feed, names


def watch(feed):
    """Vessels move; a selection and the attribute table stay."""
    layer = feed.layer
    iface.setActiveLayer(layer)
    iface.mapCanvas().setExtent(HARBOUR)
    iface.mapCanvas().refresh()
    layer.selectByExpression("\"type\" = 'towing'")
    selected = set(layer.selectedFeatureIds())
    before = {i: (f.lon, f.lat) for i, f in feed.writer.shown.items()}
    wait_until(lambda: sum((f.lon, f.lat) != before.get(i) for i, f in feed.writer.shown.items()) > 20)
    iface.showAttributeTable(layer)
    table = wait_until(
        lambda: next((w for w in QApplication.allWidgets() if w.objectName() == "mTableView"), None)
    )
    dialog = table.window()
    if PICTURES:
        dialog.resize(1000, 420)
    rows = table.model().rowCount()
    picture("table", dialog)
    newest = layer.maximumValue(layer.fields().lookupField("time"))
    wait_until(lambda: layer.maximumValue(layer.fields().lookupField("time")) > newest)
    found = {"selected": len(selected), "kept": selected == set(layer.selectedFeatureIds()), "rows": rows}
    dialog.close()
    layer.removeSelection()
    return found


def look_around(component, feed):
    """The dock's tabs: the list, following, trails, rewind, geofences, refused, the settings."""
    dock = component.dock
    component.trails(feed)
    wait_until(lambda: feed.trail.layer.featureCount() > 50)
    dock.tabs.setCurrentWidget(dock.tab("vehicles"))
    dock.tab("vehicles").extent_box.click()
    wait_until(lambda: 0 < feed.layer.featureCount() < 290)
    in_view = feed.layer.featureCount()
    spin(1.5)
    picture("in-view")
    dock.tab("vehicles").extent_box.click()
    wait_until(lambda: feed.layer.featureCount() > 280)
    spin(1.5)
    picture("window")
    dock.tabs.setCurrentWidget(dock.tab("trail"))
    dock.refresh()
    dock.tab("trail").slider.setValue(420)
    wait_until(lambda: feed.moment is not None)
    spin(0.5)
    picture("rewind")
    dock.tab("trail").live_button.click()
    wait_until(lambda: feed.moment is None)
    fences(dock, feed)
    dock.settings_button.click()
    dialog = wait_until(lambda: component.dialogs.current)
    wait_until(lambda: dialog.form.preview.rowCount() == 5)
    picture("settings", dialog)
    dialog.form.rules.interval_box.setValue(0.5)
    dialog.ok_button.click()
    wait_until(lambda: component.dialogs.current is None)
    dock.tabs.setCurrentWidget(dock.tab("refused"))
    dock.refresh()
    spin(1.2)
    picture("refused", dock)
    return {"in_view": in_view, "interval": feed.core.spec.interval}


def fences(dock, feed):
    zones = QgsVectorLayer("Polygon?crs=EPSG:4326&field=name:string", "Zones", "memory")
    feature = QgsFeature(zones.fields())
    feature.setAttributes(["Upper Bay"])
    feature.setGeometry(
        QgsGeometry.fromWkt(
            "POLYGON((-74.07 40.63, -74.035 40.63, -74.02 40.70, -74.06 40.70, -74.07 40.63))"
        )
    )
    zones.dataProvider().addFeatures([feature])
    zones.setOpacity(0.5)
    QgsProject.instance().addMapLayer(zones, False)
    QgsProject.instance().layerTreeRoot().addLayer(zones)
    dock.tabs.setCurrentWidget(dock.tab("fences"))
    dock.refresh()
    dock.tab("fences").layer_box.setLayer(zones)
    dock.tab("fences").name_box.setField("name")
    dock.tab("fences").watch_button.click()
    wait_until(lambda: feed.core.fences is not None)
    wait_until(lambda: dock.tab("fences").table.rowCount() >= (8 if PICTURES else 1), 120)
    picture("fences", dock)


def save_and_reopen(component, feed):
    """The GeoPackage, the project, and what comes back."""
    saved, project = FOLDER / "saved.gpkg", QgsProject.instance()
    component.copies.save(feed, str(saved))
    wait_until(lambda: project.mapLayersByName("positions"))
    count = project.mapLayersByName("positions")[0].featureCount()
    path = str(FOLDER / "live.qgz")
    assert project.write(path)
    iface.newProject(False)
    wait_until(lambda: not component.manager.feeds)
    assert iface.addProject(path)
    again = wait_until(lambda: next(iter(component.manager.feeds.values()), None))
    wait_until(lambda: again.layer.featureCount() > 280)
    wait_until(lambda: again.status().state.value == "live")
    picture("reopened")
    return again, {
        "saved": count,
        "name": again.spec.name,
        "late_after": again.spec.late_after,
        "fenced": again.spec.fencing.watched,
    }


def delete(component, feed):
    import threading

    QgsProject.instance().removeMapLayer(feed.layer_id)
    wait_until(lambda: not component.manager.feeds)
    wait_until(lambda: not [t for t in threading.enumerate() if t.name.startswith("redis-geo-feed")])
    picture("empty")


def arrange():
    window = iface.mainWindow()
    window.setGeometry(0, 0, 1333, 800) if PICTURES else None
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() in ("Browser", "ProcessingToolbox", "LayerStyling"):
            dock.hide()
    QgsSettings().setValue("qgis/askToSaveProjectChanges", False)
    QgsSettings().setValue("app/askToSaveMemoryLayers", False)


def run():
    plugin = start_plugin()
    arrange()
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    component = component_of(plugin, "LiveComponent")
    component.dock.setUserVisible(True)
    iface.mainWindow().resizeDocks([component.dock], [515], Qt.Orientation.Horizontal)
    wait_until(lambda: component.dock.widget() is not None)
    wait_until(lambda: component.context.connections.settings() is not None)
    found = {}
    feed, found["proposals"] = find(component)
    found.update(watch(feed))
    found.update(look_around(component, feed))
    feed, kept = save_and_reopen(component, feed)
    found.update(kept)
    delete(component, feed)
    plugin.unload()
    return found


tell_what(run)
