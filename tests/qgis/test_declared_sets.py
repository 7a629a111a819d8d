"""Sets of features that indexes declare, on a real Redis Stack: proposed, added, read, and written back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import shapely
from qgis.core import QgsGeometry, QgsProcessingContext, QgsProcessingFeedback, edit

from redis_geo_plugin.bridge.features.origin import origin_of
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.core.features.set_spec import SetSpec
from redis_geo_plugin.processing.read_features import ReadFeatures
from tests.support.search_dock import part
from tests.support.zones import MOVED, rows, settled, zone

HERE = shapely.box(2, 48, 3, 49)


def create(client, words):
    client.execute_command(*words.split())


@pytest.fixture
def client(stack_server):
    with stack_server.client() as client:
        create(
            client,
            "FT.CREATE parcels ON JSON PREFIX 1 parcel: SCHEMA $.place.geom AS geom GEOSHAPE SPHERICAL",
        )
        create(client, "FT.CREATE depots ON HASH PREFIX 1 depot: SCHEMA shape GEOSHAPE SPHERICAL gate GEO")
        create(client, "FT.CREATE words ON HASH PREFIX 1 word: SCHEMA t TEXT")
        for number in range(3):
            document = {"place": {"geom": HERE.wkt}, "name": f"p{number}", "kept": [1.5]}
            client.execute_command("JSON.SET", f"parcel:{number}", "$", json.dumps(document))
        client.hset("depot:1", mapping={"shape": HERE.wkt, "gate": "2.5,48.5", "name": "d1"})
        client.hset("word:1", mapping={"t": "a"})
        yield client


@pytest.fixture
def live(plugin, client, stack_server):
    connections.save(SavedConnection(replace(stack_server.settings(), name="stack")))
    component = part(plugin, "LiveComponent")
    component.context.connections.activate("stack")
    return component


def proposals(dialog):
    return {
        (one.source, one.geometry_field): dialog.table.item(row, 3).text()
        for row, one in enumerate(dialog.found)
    }


def test_what_indexes_declare_is_proposed_and_nothing_of_it_guessed(live, wait_until):
    live.features.find()
    dialog = live.features.dialog
    wait_until(lambda: dialog._looking is None)
    declared = {source: text for source, text in proposals(dialog).items() if text}
    assert declared == {
        ("parcels", ""): "parcel:*, field geom at $.place.geom (GEOSHAPE)",
        ("depots", "shape"): "depot:*, field shape (GEOSHAPE)",
        ("depots", "gate"): "depot:*, field gate (GEO)",
    }
    by_source = {(one.source, one.geometry_field): one for one in dialog.found}
    assert by_source["depots", "gate"].kinds == {"points": 1} and by_source["parcels", ""].keys == 3
    dialog.table.selectRow(dialog.found.index(by_source["depots", "gate"]))
    wait_until(dialog.add_button.isEnabled)
    assert dialog.form.source_edit.text() == "depots" and dialog.form.geometry_edit.text() == "gate"
    assert "points: 1" in dialog.form.preview_label.text()
    dialog._add()
    (one,) = live.features.sets.sets.values()
    wait_until(lambda: set(one.layers) == {"points"})
    assert [row["name"] for row in one.layers["points"].getFeatures()] == ["d1"]


def test_an_index_is_added_from_the_browser_by_its_field(plugin, live, wait_until):
    from redis_geo_plugin.bridge.tasks import BackgroundTask
    from redis_geo_plugin.gui.browser.finding import features
    from redis_geo_plugin.gui.browser.items import ThingItem

    browser = part(plugin, "BrowserComponent")
    task = BackgroundTask("t", lambda _task: None, None, lambda _task: None)
    found = [one for one in features(browser.settings("stack"), "stack", task) if one["name"] == "depots"]
    root = browser.items.createDataItem("", None)
    items = [ThingItem(root, one) for one in found]
    assert sorted(item.name() for item in items) == ["depots (gate)", "depots (shape)"]
    assert len({item.path() for item in items}) == 2
    browser.drops.handleCustomUriDrop(next(i for i in items if "shape" in i.name()).mimeUris()[0])
    (one,) = live.features.sets.sets.values()
    wait_until(lambda: set(one.layers) == {"polygons"})
    assert one.spec.name == "depots shape"


def test_a_server_without_the_engine_says_so_in_a_word(plugin, one_server, wait_until):
    with one_server.client() as client:
        client.set("zone:1", json.dumps(zone(1)))
    live = part(plugin, "LiveComponent")
    live.features.find()
    dialog = live.features.dialog
    wait_until(lambda: dialog._looking is None)
    assert list(proposals(dialog)) == [("zone:*", "")]
    assert "no query engine" in dialog.found_label.text()
    dialog.reject()


def test_an_index_is_read_by_the_algorithm(live, stack_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", stack_server.url)
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    results, good = ReadFeatures().create().run(
        {"SOURCE": "parcels", "OUTPUT_POLYGONS": "memory:"}, context, feedback)  # fmt: skip
    assert good and results["COUNT"] == 3 and results["REFUSED"] == 0
    layer = context.getMapLayer(results["OUTPUT_POLYGONS"])
    assert {row["name"] for row in layer.getFeatures()} == {"p0", "p1", "p2"}
    _, good = ReadFeatures().create().run({"SOURCE": "depots"}, context, feedback)
    assert not good  # two places: the one has to be named
    results, good = ReadFeatures().create().run(
        {"SOURCE": "depots", "GEOMETRY_FIELD": "gate", "OUTPUT_POINTS": "memory:"}, context, feedback)  # fmt: skip
    assert good and results["COUNT"] == 1


@pytest.fixture
def edits(plugin):
    return next(one for one in plugin.components if type(one).__name__ == "FeatureEditsComponent")


def shown(live, edits, iface, wait_until, **spec):
    """The layer of polygons of a live set, whose edits are written."""
    one = live.features.add(SetSpec(interval=0.05, connection="stack", **spec))
    wait_until(lambda: "polygons" in one.layers and origin_of(one.layers["polygons"]) is not None)
    wait_until(lambda: len(rows(one.layers["polygons"])) > 0)
    iface.setActiveLayer(one.layers["polygons"])
    edits.toggle()
    return one.layers["polygons"]


def move(layer, ident):
    with edit(layer):
        layer.changeGeometry(rows(layer)[ident].id(), QgsGeometry.fromWkt(MOVED))


def found_at(client, index, field, wkt):
    area = shapely.from_wkt(wkt).buffer(-0.1).wkt
    words = (f"@{field}:[CONTAINS $area]", "PARAMS", 2, "area", area, "DIALECT", 3)
    return client.execute_command("FT.SEARCH", index, *words)[0]


def test_a_zone_moved_in_qgis_is_seen_by_another_clients_get(live, client, edits, iface, wait_until):
    client.set("zone:1", json.dumps(zone(1)))
    layer = shown(live, edits, iface, wait_until, name="zones", source="zone:*")
    move(layer, "z1")
    wait_until(lambda: json.loads(client.get("zone:1"))["geometry"] != zone(1)["geometry"])
    said = json.loads(client.get("zone:1"))
    assert shapely.equals(shapely.from_geojson(json.dumps(said["geometry"])), shapely.from_wkt(MOVED))
    assert said["hidden"] == {"kept": [1.5]} and said["properties"] == zone(1)["properties"]
    settled(edits, wait_until)
    iface.bar.take_messages()


def test_a_document_moved_in_qgis_is_found_there_by_its_index(live, client, edits, iface, wait_until):
    layer = shown(live, edits, iface, wait_until, name="parcels", source="parcels")
    assert (
        found_at(client, "parcels", "geom", HERE.wkt) == 3 and found_at(client, "parcels", "geom", MOVED) == 0
    )
    move(layer, "1")
    wait_until(lambda: found_at(client, "parcels", "geom", MOVED) == 1)
    assert found_at(client, "parcels", "geom", HERE.wkt) == 2
    said = json.loads(client.execute_command("JSON.GET", "parcel:1", "."))
    assert said["name"] == "p1" and said["kept"] == [1.5]
    settled(edits, wait_until)
    wait_until(lambda: rows(layer)["1"].geometry().equals(QgsGeometry.fromWkt(MOVED)))
    iface.bar.take_messages()


def test_a_hash_moved_in_qgis_is_found_there_by_its_index(live, client, edits, iface, wait_until):
    layer = shown(live, edits, iface, wait_until, name="depots", source="depots", geometry_field="shape")
    move(layer, "1")
    wait_until(lambda: found_at(client, "depots", "shape", MOVED) == 1)
    said = client.hgetall("depot:1")
    assert said[b"gate"] == b"2.5,48.5" and said[b"name"] == b"d1"
    settled(edits, wait_until)
    iface.bar.take_messages()
