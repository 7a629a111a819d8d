"""A live layer of features that is edited: written as any other, live again behind it, and nothing of others is lost."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsGeometry, edit

from redis_geo_plugin.bridge.features.origin import origin_of
from redis_geo_plugin.core.features.formats.polyline import encoded
from redis_geo_plugin.core.features.set_spec import SetSpec
from tests.support import answers
from tests.support.zones import MOVED, rows, settled, told, zone


@pytest.fixture
def client(one_server):
    with one_server.client() as client:
        yield client


@pytest.fixture
def edits(plugin):
    return next(one for one in plugin.components if type(one).__name__ == "FeatureEditsComponent")


@pytest.fixture
def live_zones(client, edits, plugin, iface, wait_until):
    """The same three as a live set."""
    for number in range(3):
        client.set(f"zone:{number}", json.dumps(zone(number)), ex=1000)
    plugin.context.services.add_features(SetSpec(name="zones", source="zone:*", interval=0.05))
    sets = next(one for one in plugin.components if type(one).__name__ == "LiveComponent").features.sets
    (one,) = sets.sets.values()
    wait_until(lambda: "polygons" in one.layers and len(rows(one.layers["polygons"])) == 3)
    layer = one.layers["polygons"]
    wait_until(lambda: origin_of(layer) is not None)
    iface.setActiveLayer(layer)
    assert layer.readOnly()
    edits.toggle()
    assert not layer.readOnly()
    yield layer
    iface.bar.take_messages()


def test_a_live_zone_is_written_and_goes_on_to_live(live_zones, client, edits, wait_until):
    with edit(live_zones):
        live_zones.changeGeometry(rows(live_zones)["z1"].id(), QgsGeometry.fromWkt(MOVED))
    wait_until(lambda: json.loads(client.get("zone:1"))["geometry"] != zone(1)["geometry"])
    settled(edits, wait_until)
    client.set("zone:2", json.dumps(zone(2, properties={"name": "theirs", "n": 2})))
    wait_until(lambda: rows(live_zones)["z2"]["name"] == "theirs")
    assert rows(live_zones)["z1"].geometry().equals(QgsGeometry.fromWkt(MOVED)) and len(rows(live_zones)) == 3
    edits.toggle()
    assert live_zones.readOnly()


def test_a_live_layer_cannot_be_let_go_of_while_it_is_edited(live_zones, client, edits, iface, wait_until):
    """It would stay open for edits that nobody writes."""
    live_zones.startEditing()
    edits.toggle()
    assert "discard its edits first" in told(iface)
    live_zones.changeAttributeValue(rows(live_zones)["z1"].id(), live_zones.fields().lookupField("n"), 99)
    assert live_zones.commitChanges()
    wait_until(lambda: json.loads(client.get("zone:1"))["properties"]["n"] == 99)
    settled(edits, wait_until)
    edits.toggle()
    assert live_zones.readOnly() and not live_zones.startEditing()


@pytest.mark.parametrize("is_at_once", [True, False])
def test_a_live_layer_is_saved_twice_in_one_edit_though_its_format_rounds(
    client, edits, plugin, iface, wait_until, is_at_once
):
    client.set("line:1", json.dumps({"polyline": encoded([[2.35, 48.85], [2.36, 48.86]], 5), "n": 1}))
    plugin.context.services.add_features(SetSpec(name="lines", source="line:*", interval=0.05))
    sets = next(one for one in plugin.components if type(one).__name__ == "LiveComponent").features.sets
    (one,) = sets.sets.values()
    wait_until(lambda: "lines" in one.layers and origin_of(one.layers["lines"]) is not None)
    layer = one.layers["lines"]
    iface.setActiveLayer(layer)
    edits.toggle()
    layer.startEditing()
    fid = next(layer.getFeatures()).id()
    for n in (2, 3):
        shape = QgsGeometry.fromWkt(f"LINESTRING(2.3512345678 48.85, 2.36 48.8{n}12345678)")
        layer.changeGeometry(fid, shape)
        layer.changeAttributeValue(fid, layer.fields().lookupField("n"), n)
        assert layer.commitChanges(False)
        if not is_at_once:
            wait_until(lambda: json.loads(client.get("line:1"))["n"] == n)  # noqa: B023
            settled(edits, wait_until)
    wait_until(lambda: told(iface).count("changed in Redis: 1") == 2)
    settled(edits, wait_until)
    right = {"polyline": encoded([[2.35123, 48.85], [2.36, 48.83123]], 5), "n": 3}
    assert json.loads(client.get("line:1")) == right and "Not written" not in told(iface)
    assert layer.isEditable()
    layer.rollBack()
    assert next(layer.getFeatures()).geometry().asWkt(5) == "LineString (2.35123 48.85, 2.36 48.83123)"


def test_what_another_changed_before_the_first_of_two_saves_is_not_overwritten_by_the_second(
    live_zones, client, edits, iface, wait_until
):
    theirs = json.dumps(zone(1, properties={"name": "theirs", "n": 1}))
    live_zones.startEditing()
    client.set("zone:1", theirs)
    for n in (98, 99):
        live_zones.changeAttributeValue(rows(live_zones)["z1"].id(), live_zones.fields().lookupField("n"), n)
        assert live_zones.commitChanges(False)
    wait_until(lambda: told(iface).count("Not written") == 2)
    settled(edits, wait_until)
    assert client.get("zone:1").decode() == theirs
    live_zones.rollBack()
    wait_until(lambda: rows(live_zones)["z1"]["name"] == "theirs")


def test_deletes_from_a_live_layer_that_was_filled_anew_meanwhile_take_no_others(
    live_zones, client, edits, monkeypatch, wait_until
):
    """Another client widened a field while the layer was edited: all numbers of features are others then."""
    asked = answers.answer(monkeypatch, True)
    live_zones.startEditing()
    live_zones.deleteFeature(rows(live_zones)["z0"].id())
    client.set("zone:2", json.dumps(zone(2, properties={"name": "wide", "n": "text"})))
    live = edits._live(live_zones)
    wait_until(lambda: live.core.has_news)
    original, numbers = edits._add, []

    def later(one):  # the layer is filled anew before the write begins
        wait_until(lambda: rows(live_zones)["z2"]["name"] == "wide")
        numbers.extend(row.id() for row in rows(live_zones).values())
        original(one)

    monkeypatch.setattr(edits, "_add", later)
    assert live_zones.commitChanges()
    wait_until(lambda: numbers and not any(edits._waiting.values()))
    wait_until(lambda: set(rows(live_zones)) == {"z1", "z2"})
    assert asked and set(client.keys("zone:*")) == {b"zone:1", b"zone:2"}
    for number in (1, 2):
        client.set(f"zone:{number}", json.dumps(zone(number, properties={"name": "again", "n": "text"})))
    wait_until(lambda: [row["name"] for row in rows(live_zones).values()] == ["again"] * 2)
    assert live_zones.featureCount() == 2


def test_a_live_zone_changed_by_another_while_it_is_edited(
    live_zones, client, edits, iface, wait_until, spin
):
    live_zones.startEditing()
    live_zones.changeAttributeValue(rows(live_zones)["z1"].id(), live_zones.fields().lookupField("n"), 99)
    theirs = json.dumps(zone(1, properties={"name": "theirs", "n": 1, "seen": None}))
    client.set("zone:1", theirs)
    spin(0.3)
    assert live_zones.commitChanges()
    wait_until(lambda: "zone:1" in told(iface))
    settled(edits, wait_until)
    wait_until(lambda: (rows(live_zones)["z1"]["name"], rows(live_zones)["z1"]["n"]) == ("theirs", 1))
    assert client.get("zone:1").decode() == theirs


@pytest.mark.parametrize("answer", [True, False])
def test_deleted_live_zones_go_or_come_back(live_zones, client, edits, monkeypatch, wait_until, answer):
    asked = answers.answer(monkeypatch, answer)
    with edit(live_zones):
        live_zones.deleteFeature(rows(live_zones)["z1"].id())
    wait_until(lambda: asked and not any(edits._waiting.values()))
    assert bool(client.exists("zone:1")) is not answer
    wait_until(lambda: ("z1" in rows(live_zones)) is not answer)
    client.set("zone:1", json.dumps(zone(1, properties={"name": "again"})))
    wait_until(lambda: "z1" in rows(live_zones) and rows(live_zones)["z1"]["name"] == "again")
