"""A live set that is on the map is given other settings, and says which of its values it does not show."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProject

from redis_geo_plugin.core.features.set_spec import SetSpec
from redis_geo_plugin.gui.live.set_form import SetForm
from tests.support.zones import rows, zone

BOX = "POLYGON((2 48,3 48,3 49,2 49,2 48))"


@pytest.fixture
def client(one_server):
    with one_server.client() as client:
        yield client


@pytest.fixture
def dock(live):
    live.dock.setUserVisible(True)
    if not live.dock._built:
        live.dock._build()
    return live.dock


@pytest.fixture
def zones(live, dock, client, wait_until):
    for number in range(3):
        client.set(f"zone:{number}", json.dumps(zone(number)))
    one = live.features.add(SetSpec(name="zones", source="zone:*", interval=0.05))
    wait_until(lambda: "polygons" in one.layers and len(rows(one.layers["polygons"])) == 3)
    dock.choose(one.spec.uid)
    dock.refresh()
    return one


def opened(live):
    live.dock.settings_button.click()
    return live.features.dialog


def test_another_name_and_interval_are_taken_over_and_nothing_is_read_again(live, zones, wait_until):
    layer = zones.layers["polygons"]
    core = zones.core
    dialog = opened(live)
    assert dialog.form.name_edit.text() == "zones" and dialog.form.source_edit.isReadOnly()
    dialog.form.name_edit.setText("quarters")
    dialog.form.interval_box.setValue(7.5)
    dialog.ok_button.click()
    assert live.features.dialog is None
    assert zones.core is core and core.status().full_reads == 1
    assert (zones.spec.name, zones.spec.interval, zones.spec.source) == ("quarters", 7.5, "zone:*")
    assert layer.name() == "quarters: polygons"
    assert [one.name() for one in QgsProject.instance().layerTreeRoot().findGroups()] == ["quarters"]
    assert json.loads(layer.customProperty("redis_geo/feature_set"))["name"] == "quarters"


def test_what_is_not_touched_stays_also_an_interval_that_the_box_cannot_show(live, zones):
    dialog = opened(live)
    dialog.ok_button.click()
    assert zones.spec.interval == 0.05 and zones.spec.name == "zones"


def test_a_layer_that_the_user_has_renamed_keeps_its_name(live, zones):
    zones.layers["polygons"].setName("mine")
    live.features.change(zones.spec.changed(name="quarters"))
    assert zones.layers["polygons"].name() == "mine" and zones.spec.name == "quarters"


def test_another_field_of_the_id_is_read_anew_in_the_same_layer(live, zones, client, wait_until):
    layer = zones.layers["polygons"]
    layer.setOpacity(0.5)
    dialog = opened(live)
    dialog.form.id_edit.setText("name")
    wait_until(lambda: "polygons: 3" in dialog.form.preview_label.text())
    dialog.ok_button.click()
    wait_until(lambda: set(rows(layer)) == {"zone 0", "zone 1", "zone 2"})
    assert zones.layers["polygons"] is layer and layer.opacity() == 0.5
    client.set("zone:1", json.dumps(zone(1, properties={"name": "other"})))
    wait_until(lambda: set(rows(layer)) == {"zone 0", "other", "zone 2"})


def test_a_crs_that_is_said_later_shows_what_was_refused(live, dock, client, wait_until):
    client.set("area:1", BOX)
    client.set("area:2", json.dumps(zone(2)))
    one = live.features.add(SetSpec(name="areas", source="area:*", interval=0.05))
    wait_until(lambda: "polygons" in one.layers and len(rows(one.layers["polygons"])) == 1)
    assert {reason.value: n for reason, n in one.status().why_refused.items()} == {"no_crs": 1}
    dock.choose(one.spec.uid)
    dock.refresh()
    dialog = opened(live)
    dialog.form.crs_box.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    dialog.ok_button.click()
    wait_until(lambda: len(rows(one.layers["polygons"])) == 2)
    assert not one.status().why_refused and one.spec.crs == "EPSG:4326"


def test_a_crs_and_a_format_that_this_qgis_does_not_know_stay_where_only_the_name_changes(live, zones):
    before = zones.spec.changed(crs="EPSG:987654", format="of_a_later_version")
    form = SetForm(None, None)
    form.show_spec(before)
    form.name_edit.setText("quarters")
    assert form.spec() == before.changed(name="quarters")
    form.crs_box.setCrs(QgsCoordinateReferenceSystem("EPSG:2154"))
    assert form.spec().crs == "EPSG:2154"
    form.crs_box.setCrs(QgsCoordinateReferenceSystem())
    form.format_box.setCurrentIndex(0)
    assert (form.spec().crs, form.spec().format) == ("", "")
    form.stop()


def test_one_that_is_paused_or_stopped_stays_so(live, zones, client, wait_until):
    zones.pause()
    live.features.change(zones.spec.changed(id_field="name"))
    assert zones.is_paused
    live.start(zones.spec.uid)
    wait_until(lambda: "zone 1" in rows(zones.layers["polygons"]))
    zones.stop()
    live.features.change(zones.spec.changed(id_field=""))
    assert not zones.running
    live.start(zones.spec.uid)
    wait_until(lambda: "z1" in rows(zones.layers["polygons"]))


def test_a_name_that_another_set_has_gets_a_number(live, zones, client, wait_until):
    other = live.features.add(SetSpec(name="others", source="zone:*", interval=0.05))
    live.features.change(other.spec.changed(name="zones"))
    assert other.spec.name == "zones (2)"


def cells(model, column):
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def test_refused_values_are_listed_by_key_and_reason_as_long_as_they_are_bad(
    live, dock, zones, client, wait_until
):
    client.set("zone:bad", "no geometry at all")
    client.set("zone:open", json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}))
    wait_until(lambda: sum(zones.status().why_refused.values()) == 2)
    dock.refresh()
    tab = dock.tab("refused")
    assert dock.tabs.currentWidget() is tab
    assert not dock.tabs.isTabEnabled(dock.tabs.indexOf(dock.tab("vehicles")))
    assert sorted(cells(tab.model, 3)) == ["zone:bad", "zone:open"]
    assert "in no known format of features" in cells(tab.model, 1)
    assert "no geometry at all" in cells(tab.model, 4)
    assert tab.table.isColumnHidden(0) and tab.layer_button.isHidden()
    assert tab.reason_box.count() == 3
    tab.reason_box.setCurrentIndex(tab.reason_box.findData("unreadable"))
    assert cells(tab.model, 3) == ["zone:bad"]
    client.set("zone:bad", json.dumps(zone(9)))
    wait_until(lambda: sum(zones.status().why_refused.values()) == 1)
    dock.refresh()
    assert cells(tab.model, 3) == ["zone:open"] and tab.reason_box.currentData() == ""
    client.delete("zone:open")
    wait_until(lambda: not zones.status().why_refused)
    dock.refresh()
    assert tab.model.rowCount() == 0


def test_the_tab_in_front_comes_back_with_a_feed(live, dock, zones, feed):
    dock.choose(feed.spec.uid)
    dock.refresh()
    dock.tabs.setCurrentWidget(dock.tab("trail"))
    dock.choose(zones.spec.uid)
    dock.refresh()
    assert dock.tabs.currentWidget() is dock.tab("refused")
    dock.choose(feed.spec.uid)
    dock.refresh()
    assert dock.tabs.currentWidget() is dock.tab("trail")
    assert all(dock.tabs.isTabEnabled(number) for number in range(dock.tabs.count()))
