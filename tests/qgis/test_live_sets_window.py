"""Live sets in the window: found with a preview, added, paused, removed, dragged from the Browser."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProject

from redis_geo_plugin.core.features.set_spec import SetSpec
from tests.support.answers import answer
from tests.support.search_dock import part

POINT = json.dumps({"type": "Feature", "geometry": {"type": "Point", "coordinates": [2.0, 48.0]},
                    "properties": {"n": 1}})  # fmt: skip
LINE = json.dumps({"type": "LineString", "coordinates": [[2, 48], [3, 49]]})
BOX = "POLYGON((2 48,3 48,3 49,2 49,2 48))"


@pytest.fixture
def client(one_server):
    with one_server.client() as client:
        for number in range(3):
            client.set(f"zone:{number}", POINT)
            client.set(f"area:{number}", BOX)
        client.set("zone:3", LINE)
        yield client


@pytest.fixture
def sets(live, client):
    return live.features.sets


@pytest.fixture
def shown(live, sets, wait_until):
    live.dock.setUserVisible(True)
    if not live.dock._built:
        live.dock._build()
    one = live.features.add(SetSpec(name="zones", source="zone:*", interval=0.05))
    wait_until(lambda: one.layers.get("points") is not None and one.layers["points"].featureCount() == 3)
    live.dock.choose(one.spec.uid)
    live.dock.refresh()
    return one


def opened(live, wait_until):
    live.features.find()
    dialog = live.features.dialog
    wait_until(lambda: dialog._looking is None)
    return dialog


def test_sets_are_found_previewed_and_added(live, sets, wait_until):
    dialog = opened(live, wait_until)
    assert {one.source: (one.keys, one.needs_crs) for one in dialog.found} == {
        "zone:*": (4, False), "area:*": (3, True)}  # fmt: skip
    dialog.table.selectRow([one.source for one in dialog.found].index("zone:*"))
    wait_until(dialog.add_button.isEnabled)
    assert (
        "points: 3, lines: 1" in dialog.form.preview_label.text() and "n" in dialog.form.preview_label.text()
    )
    dialog._add()
    (one,) = sets.sets.values()
    wait_until(lambda: set(one.layers) == {"points", "lines"})
    assert one.spec.name == "zone" and one.spec.connection == "test"
    assert live.features.dialog is None


def test_a_set_that_is_added_is_chosen_in_the_panel(live, sets, shown, iface):
    iface.mainWindow().show()
    other = live.features.add(SetSpec(name="areas", source="area:*", crs="EPSG:4326"))
    assert live.dock.chosen() == other.spec.uid != shown.spec.uid


def test_nothing_is_added_before_the_crs_is_said(live, sets, client, wait_until):
    dialog = opened(live, wait_until)
    dialog.table.selectRow([one.source for one in dialog.found].index("area:*"))
    wait_until(lambda: "CRS" in dialog.form.preview_label.text())
    assert not dialog.add_button.isEnabled()
    dialog.form.crs_box.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    wait_until(dialog.add_button.isEnabled)
    assert "polygons: 3" in dialog.form.preview_label.text()
    dialog.reject()
    assert not sets.sets


def test_the_dock_shows_a_set_and_its_buttons_work_on_it(live, sets, shown, client, wait_until, monkeypatch):
    dock = live.dock
    cells = [dock.model.data(dock.model.index(0, column)) for column in range(6)]
    assert cells[0] == "zones" and cells[1] == "live" and cells[2] == "4" and cells[5] == "0"
    assert "only that is read" in dock.details.text()
    assert dock.settings_button.isEnabled() and dock.pause_button.isEnabled()
    dock.pause_button.click()
    assert shown.status().state.value == "paused"
    client.set("zone:9", POINT)
    dock.refresh()
    dock.start_button.click()
    wait_until(lambda: shown.layers["points"].featureCount() == 4)
    dock.interval_box.setValue(3.0)
    assert shown.spec.interval == 3.0
    dock.refresh()
    dock.stop_button.click()
    assert not shown.running and shown.layers["points"].featureCount() == 4
    asked = answer(monkeypatch, True)
    dock.remove_button.click()
    assert len(asked) == 1 and "zones" in asked[0].text
    assert not sets.sets and not QgsProject.instance().mapLayers()


def test_the_dock_says_that_a_set_is_edited(live, shown):
    layer = shown.layers["points"]
    layer.setReadOnly(False)
    layer.startEditing()
    live.dock.refresh()
    assert "edited" in live.dock.model.data(live.dock.model.index(0, 1))
    layer.rollBack()
    live.dock.refresh()
    assert live.dock.model.data(live.dock.model.index(0, 1)) == "live"


def test_a_set_is_dragged_from_the_browser(plugin, live, sets, wait_until):
    from redis_geo_plugin.bridge.tasks import BackgroundTask
    from redis_geo_plugin.gui.browser.finding import features
    from redis_geo_plugin.gui.browser.items import ThingItem

    browser = part(plugin, "BrowserComponent")
    task = BackgroundTask("t", lambda _task: None, None, lambda _task: None)
    found = {one["name"]: one for one in features(browser.settings("test"), "test", task)}
    assert found["zone:*"]["about"] == ["zone:*", "points: 3, lines: 1"]
    item = ThingItem(browser.items.createDataItem("", None), found["zone:*"])
    browser.drops.handleCustomUriDrop(item.mimeUris()[0])
    (one,) = sets.sets.values()
    wait_until(lambda: set(one.layers) == {"points", "lines"})
    browser.add_to_map(found["area:*"])
    assert live.features.dialog.form.source_edit.text() == "area:*" and len(sets.sets) == 1
    live.features.dialog.reject()


def test_nothing_goes_on_after_the_plugin_is_unloaded(plugin, live, shown, iface):
    core = shown.core
    layer = shown.layers["points"]
    plugin.unload()
    assert core.status().state.value == "stopped"
    assert layer.customProperty("redis_geo/feature_set") and layer.featureCount() == 3
