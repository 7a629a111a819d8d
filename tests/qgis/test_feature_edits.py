"""A layer of features in the window: what is saved is written into Redis, what another client has changed is told by its
key and shown, deletes are asked for, and nothing of it waits on the main thread."""

from __future__ import annotations

import json

import pytest
import shapely
from qgis.core import (
    Qgis,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    edit,
)

from redis_geo_plugin.bridge.features.origin import PROPERTY, origin_of
from redis_geo_plugin.core.features import writing_back
from redis_geo_plugin.core.features.formats.polyline import encoded
from redis_geo_plugin.core.redis import production
from redis_geo_plugin.core.watch import Cancelled
from redis_geo_plugin.processing.read_features import ReadFeatures
from tests.support import answers
from tests.support.zones import MOVED, rows, settled, told, zone

OUTPUTS = {"points": "OUTPUT_POINTS", "lines": "OUTPUT_LINES", "polygons": "OUTPUT_POLYGONS"}


@pytest.fixture
def client(one_server):
    with one_server.client() as client:
        yield client


def loaded(source: str, kind: str = "polygons", **parameters):
    """The layer of a kind as QGIS loads it behind a run of *Read features*."""
    project, context = QgsProject.instance(), QgsProcessingContext()
    context.setProject(project)
    sink = QgsProcessingOutputLayerDefinition("memory:", project)
    results, good = ReadFeatures().create().run(
        {"SOURCE": source, OUTPUTS[kind]: sink, **parameters}, context, QgsProcessingFeedback())  # fmt: skip
    assert good
    identifier = results[OUTPUTS[kind]]
    details = context.layerToLoadOnCompletionDetails(identifier)
    layer = context.takeResultLayer(identifier)
    project.addMapLayer(layer)
    details.postProcessor().postProcessLayer(layer, context, QgsProcessingFeedback())
    return layer


@pytest.fixture
def edits(plugin):
    return next(one for one in plugin.components if type(one).__name__ == "FeatureEditsComponent")


@pytest.fixture
def zones(client, edits, iface):
    """Three zones on the map whose edits are written."""
    for number in range(3):
        client.set(f"zone:{number}", json.dumps(zone(number)), ex=1000)
    layer = loaded("zone:*")
    iface.setActiveLayer(layer)
    action = next(
        one for one, _menu, _type in iface.layer_actions if one.objectName() == "redis_geo_layer_write"
    )
    action.trigger()
    yield layer
    iface.bar.take_messages()


def test_a_moved_and_renamed_zone_is_written_and_all_else_of_it_stays(zones, client, edits, wait_until):
    with edit(zones):
        fid = rows(zones)["z1"].id()
        zones.changeGeometry(fid, QgsGeometry.fromWkt(MOVED))
        zones.changeAttributeValue(fid, zones.fields().lookupField("name"), "nouveau é")
    wait_until(lambda: json.loads(client.get("zone:1"))["properties"]["name"] == "nouveau é")
    settled(edits, wait_until)
    found = json.loads(client.get("zone:1"))
    assert shapely.equals(shapely.from_geojson(json.dumps(found["geometry"])), shapely.from_wkt(MOVED))
    right = zone(1)
    right["properties"]["name"], right["geometry"] = "nouveau é", found["geometry"]
    assert found == right and 900 < client.ttl("zone:1") <= 1000
    assert json.loads(client.get("zone:0")) == zone(0)
    assert rows(zones)["z1"]["name"] == "nouveau é"


def test_a_zone_that_another_has_changed_is_told_by_its_key_and_shown(
    zones, client, edits, iface, wait_until
):
    theirs = zone(1)
    theirs["properties"]["name"] = "theirs"
    client.set("zone:1", json.dumps(theirs))
    client.delete("zone:2")
    with edit(zones):
        for name in ("z0", "z1", "z2"):
            zones.changeAttributeValue(rows(zones)[name].id(), zones.fields().lookupField("n"), 99)
    wait_until(lambda: "zone:1" in told(iface))
    settled(edits, wait_until)
    assert json.loads(client.get("zone:1")) == theirs and not client.exists("zone:2")
    assert json.loads(client.get("zone:0"))["properties"]["n"] == 99
    shown = rows(zones)
    assert (shown["z0"]["n"], shown["z1"]["n"], shown["z1"]["name"]) == (
        99,
        1,
        "theirs",
    ) and "z2" not in shown
    assert "zone:2" in told(iface)


@pytest.mark.parametrize("answer", [True, False])
def test_deletes_are_asked_for_with_their_count(zones, client, edits, monkeypatch, wait_until, answer):
    asked = answers.answer(monkeypatch, answer)
    with edit(zones):
        zones.deleteFeatures([rows(zones)[name].id() for name in ("z0", "z2")])
    wait_until(lambda: asked and not any(edits._waiting.values()))
    assert len(asked) == 1 and "2" in asked[0].text
    expected = {b"zone:1"} if answer else {b"zone:0", b"zone:1", b"zone:2"}
    assert set(client.keys("zone:*")) == expected
    wait_until(lambda: {f"zone:{name[1]}".encode() for name in rows(zones)} == expected)


def test_undone_and_thrown_away_edits_write_nothing(zones, client, edits, wait_until):
    before = {key: client.get(key) for key in client.keys("zone:*")}
    zones.startEditing()
    zones.changeGeometry(rows(zones)["z1"].id(), QgsGeometry.fromWkt(MOVED))
    zones.undoStack().undo()
    assert zones.commitChanges(False)
    zones.changeGeometry(rows(zones)["z1"].id(), QgsGeometry.fromWkt(MOVED))
    zones.rollBack()
    settled(edits, wait_until)
    assert {key: client.get(key) for key in client.keys("zone:*")} == before


def test_saving_again_and_again_while_it_is_written(zones, client, edits, wait_until):
    zones.startEditing()
    for n in range(10, 15):
        zones.changeAttributeValue(rows(zones)["z1"].id(), zones.fields().lookupField("n"), n)
        assert zones.commitChanges(False)
    wait_until(lambda: json.loads(client.get("zone:1"))["properties"]["n"] == 14)
    settled(edits, wait_until)
    zones.rollBack()
    assert rows(zones)["z1"]["n"] == 14


def test_moments_and_null_are_written_as_they_were(zones, client, edits, wait_until):
    from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

    moment = QDateTime(QDate(2027, 1, 2), QTime(3, 4, 5), Qt.TimeSpec.UTC)
    with edit(zones):
        fid, fields = rows(zones)["z1"].id(), zones.fields()
        zones.changeAttributeValue(fid, fields.lookupField("seen"), moment)
        zones.changeAttributeValue(fid, fields.lookupField("name"), None)
    wait_until(lambda: json.loads(client.get("zone:1"))["properties"]["name"] is None)
    settled(edits, wait_until)
    found = json.loads(client.get("zone:1"))["properties"]
    assert found["seen"].startswith("2027-01-02T03:04:05") and found["seen"].endswith("Z") and found["n"] == 1


def test_new_features_and_changed_keys_are_said_not_to_be_written(zones, client, edits, iface, wait_until):
    before = {key: client.get(key) for key in client.keys("zone:*")}
    with edit(zones):
        new = QgsFeature(zones.fields())
        new.setGeometry(QgsGeometry.fromWkt(MOVED))
        zones.addFeature(new)
        zones.changeAttributeValue(rows(zones)["z1"].id(), 0, "zone:9")
    wait_until(lambda: "zone:1" in told(iface))
    settled(edits, wait_until)
    assert {key: client.get(key) for key in client.keys("zone:*")} == before
    assert rows(zones)["z1"]["redis_key"] == "zone:1"


def test_a_production_connection_is_not_written_through(zones, client, edits, iface, wait_until, monkeypatch):
    before = client.get("zone:1")
    monkeypatch.setattr(production, "is_locked", lambda _settings: True)
    with edit(zones):
        zones.changeAttributeValue(rows(zones)["z1"].id(), zones.fields().lookupField("n"), 99)
    settled(edits, wait_until)
    wait_until(lambda: iface.bar.take_messages(Qgis.MessageLevel.Critical))
    assert client.get("zone:1") == before
    edits.toggle()  # off
    shown = len(edits._layers)
    edits.toggle()
    assert not shown and not edits._layers


def test_what_was_not_written_can_be_written_again(zones, client, edits, iface, wait_until, monkeypatch):
    from qgis.PyQt.QtWidgets import QPushButton

    monkeypatch.setattr(production, "is_locked", lambda _settings: True)
    with edit(zones):
        zones.changeAttributeValue(rows(zones)["z1"].id(), zones.fields().lookupField("n"), 99)
    settled(edits, wait_until)
    wait_until(lambda: any(item.findChildren(QPushButton) for item in iface.messageBar().items()))
    assert rows(zones)["z1"]["n"] == 99  # nothing that was drawn is lost
    monkeypatch.undo()
    buttons = [one for item in iface.messageBar().items() for one in item.findChildren(QPushButton)]
    buttons[-1].click()
    wait_until(lambda: json.loads(client.get("zone:1"))["properties"]["n"] == 99)
    settled(edits, wait_until)


def test_a_write_that_is_cancelled_in_its_middle_goes_on_there(
    zones, client, edits, iface, wait_until, monkeypatch
):
    from qgis.PyQt.QtWidgets import QPushButton

    once, steps = writing_back.guarded, []

    def ending(server, step):
        steps.append(step)
        if len(steps) == 3:
            raise Cancelled
        return once(server, step)

    monkeypatch.setattr(writing_back, "TOGETHER", 1)
    monkeypatch.setattr(writing_back, "guarded", ending)
    with edit(zones):
        for row in rows(zones).values():
            zones.changeAttributeValue(row.id(), zones.fields().lookupField("n"), 99)
    wait_until(lambda: any(item.findChildren(QPushButton) for item in iface.messageBar().items()))
    settled(edits, wait_until)
    written = [key for key in client.keys("zone:*") if json.loads(client.get(key))["properties"]["n"] == 99]
    buttons = [one for item in iface.messageBar().items() for one in item.findChildren(QPushButton)]
    buttons[-1].click()
    wait_until(lambda: "changed in Redis: 3" in told(iface))
    settled(edits, wait_until)
    assert len(written) == 2 and "Not written" not in told(iface)
    assert [json.loads(client.get(f"zone:{n}"))["properties"]["n"] for n in range(3)] == [99] * 3
    assert [row["n"] for row in rows(zones).values()] == [99] * 3


def test_in_another_crs_and_among_several_the_form_stays(client, edits, iface, wait_until):
    client.set("zone:a", "SRID=2154;POINT(652000 6862000)")
    client.set("zone:b", "SRID=2154;POINT(653000 6862000)")
    client.set("zone:c", "SRID=4326;MULTIPOINT((2.35 48.85))")
    layer = loaded("zone:*", "points")
    iface.setActiveLayer(layer)
    edits.toggle()
    assert layer.crs().authid() == "EPSG:2154"
    with edit(layer):
        for name in ("a", "c"):
            layer.changeGeometry(rows(layer)[name].id(), QgsGeometry.fromWkt("MULTIPOINT((652100 6862100))"))
    wait_until(lambda: client.get("zone:a") == b"SRID=2154;POINT(652100 6862100)")
    settled(edits, wait_until)
    text = client.get("zone:c").decode()
    assert text.startswith("SRID=4326;MULTIPOINT(")
    place = shapely.from_wkt(text.partition(";")[2]).geoms[0]
    assert abs(place.x - 2.347) < 0.01 and abs(place.y - 48.857) < 0.01


def test_a_line_of_a_set_of_six_decimals_is_where_it_was_put_also_the_second_time(
    client, edits, iface, wait_until
):
    """The layer keeps what all of its set have told of each."""
    near = [[0.2, 1.0], [0.3, 1.1], [0.4, 1.2]]
    for name, line in (("near", near), ("far", [[2.35, 48.85], [2.36, 48.86], [2.4, 48.9]])):
        client.set(f"line:{name}", json.dumps({"polyline": encoded(line, 6)}))
    layer = loaded("line:*", "lines")
    iface.setActiveLayer(layer)
    edits.toggle()
    for moved in ([[0.25, 1.0], *near], near):
        with edit(layer):
            shape = QgsGeometry.fromWkt(shapely.LineString(moved).wkt)
            layer.changeGeometry(rows(layer)["near"].id(), shape)
        wait_until(lambda: json.loads(client.get("line:near"))["polyline"] == encoded(moved, 6))  # noqa: B023
        settled(edits, wait_until)
        place = shapely.from_wkb(rows(layer)["near"].geometry().asWkb().data())
        assert shapely.get_coordinates(place).tolist() == moved


def test_other_layers_and_marks_of_others_are_no_layers_of_features(edits, iface, zones):
    edits.toggle()
    for text in ("", "{", "[]", '{"request": {"source": 7}}', '{"request": 7}', "[" * 10_000, None, 7):
        zones.setCustomProperty(PROPERTY, text)
        assert origin_of(zones) is None
        edits.toggle()
        assert not edits._layers
    assert origin_of(None) is None


def test_a_value_behind_a_column_deleted_in_the_same_save_goes_into_no_other(
    zones, client, edits, iface, wait_until
):
    """QGIS numbers changed values by the fields that are left."""
    before = {key: client.get(key) for key in client.keys("zone:*")}
    with edit(zones):
        zones.deleteAttribute(zones.fields().lookupField("name"))
        zones.changeAttributeValue(rows(zones)["z1"].id(), zones.fields().lookupField("n"), 99)
    wait_until(lambda: "no longer those that were read" in told(iface))
    settled(edits, wait_until)
    assert {key: client.get(key) for key in client.keys("zone:*")} == before
    assert rows(zones)["z1"]["n"] == 99


def renamed(layer, name):
    with edit(layer):
        layer.changeAttributeValue(rows(layer)["z1"].id(), layer.fields().lookupField("name"), name)


def test_what_was_saved_right_before_the_project_is_closed_is_written_and_said(
    zones, client, edits, iface, wait_until
):
    name = zones.name()
    renamed(zones, "last")
    QgsProject.instance().clear()
    wait_until(lambda: json.loads(client.get("zone:1"))["properties"]["name"] == "last")
    settled(edits, wait_until)
    assert f"{name}: changed in Redis: 1" in told(iface)


def test_what_is_refused_after_the_layer_was_closed_is_said(zones, client, edits, iface, wait_until):
    theirs = json.dumps(zone(1, properties={"name": "theirs"}))
    client.set("zone:1", theirs)
    renamed(zones, "mine")
    QgsProject.instance().clear()
    wait_until(lambda: "zone:1" in told(iface))
    assert client.get("zone:1").decode() == theirs


def test_saved_edits_that_wait_when_the_plugin_is_unloaded_are_said(zones, edits, plugin, iface):
    renamed(zones, "last")
    plugin.unload()
    (said,) = iface.bar.take_messages(Qgis.MessageLevel.Warning)
    assert zones.name() in said and "may not be in Redis: 1" in said
    assert any(said in item.text() for item in iface.messageBar().items())


def buttons(iface):
    from qgis.PyQt.QtWidgets import QPushButton

    return [one for item in iface.messageBar().items() for one in item.findChildren(QPushButton)]


def test_all_that_failed_is_tried_again_also_without_its_layer(zones, client, edits, iface, wait_until):
    from redis_geo_plugin.bridge.server import connections

    saved = connections.load("test")
    connections.remove("test")
    renamed(zones, "later")
    wait_until(lambda: buttons(iface))
    with edit(zones):
        zones.changeAttributeValue(rows(zones)["z2"].id(), zones.fields().lookupField("n"), 99)
    wait_until(lambda: len(edits._left[zones.id()]) == 2)
    QgsProject.instance().removeMapLayer(zones.id())
    connections.save(saved)
    (button,) = buttons(iface)
    button.click()
    wait_until(lambda: json.loads(client.get("zone:1"))["properties"]["name"] == "later")
    wait_until(lambda: json.loads(client.get("zone:2"))["properties"]["n"] == 99)
    settled(edits, wait_until)
    assert not edits._left


def test_a_layer_that_is_removed_is_forgotten_with_its_edits(edits, zones, client, wait_until):
    QgsProject.instance().removeMapLayer(zones.id())
    assert not edits._layers
