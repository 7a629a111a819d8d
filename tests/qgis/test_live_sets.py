"""Live sets as layers: one a kind of geometry, only differences written, nothing of the user's lost."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsExpression, QgsExpressionContext, QgsExpressionContextUtils, QgsProject, QgsWkbTypes

from redis_geo_plugin.bridge.features.live_sets import LiveSets
from redis_geo_plugin.bridge.features.origin import origin_of
from redis_geo_plugin.bridge.features.set_layer import SET_PROPERTY
from redis_geo_plugin.core.features.formats.polyline import encoded
from redis_geo_plugin.core.features.set_spec import SetSpec

BOX = "POLYGON((2 48,3 48,3 49,2 49,2 48))"


def place(layer, group):
    QgsProject.instance().addMapLayer(layer, False)
    QgsProject.instance().layerTreeRoot().insertGroup(0, group).insertLayer(0, layer)


@pytest.fixture
def client(saved_connection, one_server):
    with one_server.client() as client:
        yield client


@pytest.fixture
def sets(client):
    made = LiveSets(place)
    yield made
    made.close()


def feature(geometry, **attributes):
    return json.dumps({"type": "Feature", "geometry": geometry, "properties": attributes})


def point(x):
    return {"type": "Point", "coordinates": [x, 48.0]}


LINE = {"type": "LineString", "coordinates": [[2, 48], [3, 49]]}


def spec(**how):
    return SetSpec(**{"name": "zones", "source": "zone:*", "crs": "EPSG:4326", "interval": 0.05, **how})


def keys(one, kind):
    layer = one.layers.get(kind)
    return {f["redis_id"] for f in layer.getFeatures()} if layer is not None else set()


def row(one, kind, ident):
    return next(f for f in one.layers[kind].getFeatures() if f["redis_id"] == ident)


def test_lines_are_read_anew_and_marked_so_once_one_of_six_decimals_comes(sets, client, wait_until):
    """One alone does not say how many it has; edits are written by what all of the set have told."""
    near = [[0.2, 1.0], [0.3, 1.1]]
    client.set("zone:near", json.dumps({"polyline": encoded(near, 6)}))
    one = sets.add(spec())
    wait_until(lambda: "lines" in one.layers and origin_of(one.layers["lines"]) is not None)
    assert not origin_of(one.layers["lines"]).has_six
    client.set("zone:far", json.dumps({"polyline": encoded([[2.35, 48.85], [2.4, 48.9]], 6)}))
    wait_until(lambda: keys(one, "lines") == {"near", "far"} and origin_of(one.layers["lines"]).has_six)
    place = row(one, "lines", "near").geometry().asPolyline()
    assert [[point.x(), point.y()] for point in place] == near


def test_a_layer_for_each_kind_in_one_group_and_kinds_that_come_later(sets, client, wait_until):
    client.set("zone:p", feature(point(2), n=1))
    client.set("zone:a", BOX)
    one = sets.add(spec())
    wait_until(lambda: keys(one, "points") == {"p"} and keys(one, "polygons") == {"a"})
    client.set("zone:l", feature(LINE))
    wait_until(lambda: keys(one, "lines") == {"l"})
    group = QgsProject.instance().layerTreeRoot().children()[0]
    names = [node.layer().name() for node in group.children()]
    assert group.name() == "zones"
    assert names == ["zones: points", "zones: lines", "zones: polygons"]
    assert one.layers["polygons"].crs().authid() == "EPSG:4326"
    assert all(layer.readOnly() for layer in one.layers.values())


def test_only_differences_are_written_and_what_is_selected_stays(sets, client, wait_until):
    for number in range(3):
        client.set(f"zone:{number}", feature(point(number), n=number))
    one = sets.add(spec())
    wait_until(lambda: len(keys(one, "points")) == 3)
    layer, kept = one.layers["points"], row(one, "points", "1").id()
    layer.select(kept)
    client.set("zone:1", feature(point(9), n=7))
    client.delete("zone:0")
    wait_until(lambda: keys(one, "points") == {"1", "2"} and row(one, "points", "1")["n"] == 7)
    moved = row(one, "points", "1")
    assert moved.id() == kept and layer.selectedFeatureIds() == [kept]
    assert moved.geometry().asPoint().x() == 9
    assert row(one, "points", "2")["n"] == 2


def test_a_column_that_came_with_another_kind_is_one_of_every_layer(sets, client, wait_until):
    """Or edits of it would not be written."""
    client.set("zone:1", feature(point(1), n=1))
    one = sets.add(spec())
    wait_until(lambda: keys(one, "points") == {"1"})
    client.set("zone:2", feature(LINE, n=2, late="b"))
    wait_until(lambda: keys(one, "lines") == {"2"})
    for layer in one.layers.values():
        assert [column.name for column in origin_of(layer).columns] == ["n", "late"]
        assert layer.fields().lookupField("late") >= 0


def test_a_feature_that_becomes_another_kind_moves_to_that_layer(sets, client, wait_until):
    client.set("zone:1", feature(point(1)))
    client.set("zone:2", feature(point(2)))
    one = sets.add(spec())
    wait_until(lambda: len(keys(one, "points")) == 2)
    client.set("zone:1", feature(LINE))
    wait_until(lambda: keys(one, "points") == {"2"} and keys(one, "lines") == {"1"})


def test_attributes_come_and_widen_and_shapes_get_parts_and_heights(sets, client, wait_until):
    client.set("zone:1", feature(point(1), n=1))
    one = sets.add(spec())
    wait_until(lambda: keys(one, "points") == {"1"})
    layer = one.layers["points"]
    layer.setOpacity(0.5)
    client.set("zone:2", feature(point(2), n=2, name="b"))
    wait_until(lambda: keys(one, "points") == {"1", "2"} and row(one, "points", "2")["name"] == "b")
    client.set("zone:2", feature(point(2), n=2.5))
    wait_until(lambda: row(one, "points", "2")["n"] == 2.5)
    assert row(one, "points", "1")["n"] == 1.0
    client.set("zone:3", feature({"type": "MultiPoint", "coordinates": [[1, 2, 3], [4, 5, 6]]}))
    wait_until(lambda: keys(one, "points") == {"1", "2", "3"})
    assert one.layers["points"] is layer and layer.opacity() == 0.5
    assert layer.wkbType() == QgsWkbTypes.Type.MultiPointZ
    assert row(one, "points", "3").geometry().constGet().geometryN(1).z() == 6


def test_a_layer_that_is_edited_is_left_alone_until_the_end(sets, client, wait_until, spin):
    client.set("zone:1", feature(point(1), n=1))
    one = sets.add(spec())
    wait_until(lambda: keys(one, "points") == {"1"})
    layer = one.layers["points"]
    layer.setReadOnly(False)
    assert layer.startEditing() and one.is_edited
    client.set("zone:1", feature(point(1), n=5))
    wait_until(lambda: one.core.has_news)
    spin(0.3)
    assert row(one, "points", "1")["n"] == 1
    layer.rollBack()
    wait_until(lambda: row(one, "points", "1")["n"] == 5)
    layer.startEditing()
    layer.changeAttributeValue(row(one, "points", "1").id(), layer.fields().lookupField("n"), 8)
    layer.commitChanges()
    assert row(one, "points", "1")["n"] == 8
    one.refresh([b"zone:1"])
    wait_until(lambda: row(one, "points", "1")["n"] == 5)


def test_a_project_that_is_opened_again_is_filled_again(sets, client, wait_until, tmp_path):
    client.set("zone:1", feature(point(1), n=1))
    client.set("zone:a", BOX)
    first = sets.add(spec())
    wait_until(lambda: keys(first, "points") and keys(first, "polygons"))
    first.layers["polygons"].setOpacity(0.5)
    project, path = QgsProject.instance(), str(tmp_path / "p.qgs")
    assert project.write(path)
    assert "secret" not in (tmp_path / "p.qgs").read_text()
    project.clear()
    assert not sets.sets
    client.set("zone:2", feature(point(2), n=1))
    assert project.read(path)
    wait_until(lambda: sets.sets)
    (again,) = sets.sets.values()
    wait_until(lambda: keys(again, "points") == {"1", "2"} and keys(again, "polygons") == {"a"})
    assert again.spec == first.spec and again.layers["polygons"].opacity() == 0.5
    client.delete("zone:1")
    wait_until(lambda: keys(again, "points") == {"2"})


def test_one_that_was_stopped_stays_so_in_the_project(sets, client, wait_until, tmp_path):
    client.set("zone:1", feature(point(1)))
    first = sets.add(spec())
    wait_until(lambda: keys(first, "points"))
    first.stop()
    project, path = QgsProject.instance(), str(tmp_path / "p.qgs")
    project.write(path)
    project.clear()
    project.read(path)
    wait_until(lambda: sets.sets)
    (again,) = sets.sets.values()
    assert not again.running
    sets.start(again.spec.uid)
    wait_until(lambda: keys(again, "points") == {"1"})


def test_removed_layers_stay_away_and_with_the_last_the_set_ends(sets, client, wait_until):
    client.set("zone:1", feature(point(1)))
    client.set("zone:a", BOX)
    one = sets.add(spec())
    wait_until(lambda: keys(one, "points") and keys(one, "polygons"))
    QgsProject.instance().removeMapLayer(one.layers["points"].id())
    client.set("zone:2", feature(point(2)))
    client.set("zone:b", BOX)
    wait_until(lambda: keys(one, "polygons") == {"a", "b"})
    assert "points" not in one.layers
    sets.remove(one.spec.uid)
    assert not sets.sets and not QgsProject.instance().mapLayers()
    assert not QgsProject.instance().layerTreeRoot().children()


def test_a_layer_that_is_made_permanent_is_the_users_and_the_set_goes_on(sets, client, wait_until, tmp_path):
    from qgis.core import QgsVectorFileWriter

    client.set("zone:1", feature(point(1)))
    one = sets.add(spec())
    wait_until(lambda: keys(one, "points"))
    layer, path = one.layers["points"], str(tmp_path / "kept.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, QgsProject.instance().transformContext(), options)
    layer.setDataSource(path, "kept", "ogr")
    client.set("zone:2", feature(point(2)))
    wait_until(lambda: keys(one, "points") == {"1", "2"})
    assert one.layers["points"] is not layer
    assert not layer.customProperty(SET_PROPERTY) and not layer.readOnly()
    assert layer.featureCount() == 1


def test_a_damaged_description_in_a_project_is_said_and_the_others_go_on(sets, client, wait_until):
    from qgis.core import QgsVectorLayer

    said = []
    sets.unreadable.connect(said.append)
    client.set("zone:1", feature(point(1)))
    bad = QgsVectorLayer("Point", "bad", "memory")
    bad.setCustomProperty(SET_PROPERTY, '{"source": 5}')
    good = QgsVectorLayer("Point?crs=EPSG:4326", "good", "memory")
    good.setCustomProperty(SET_PROPERTY, spec().to_json())
    good.setCustomProperty("redis_geo/feature_kind", "points")
    QgsProject.instance().addMapLayers([bad, good])
    wait_until(lambda: sets.sets)
    (one,) = sets.sets.values()
    wait_until(lambda: keys(one, "points") == {"1"})
    assert said == ["bad"] and one.layers["points"] is good


def test_a_set_whose_server_is_away_from_the_start_waits_for_it(sets, one_server, client, wait_until):
    """The thread tells of each failure, and there is nothing to be written yet."""
    client.set("zone:p", feature(point(2), n=1))
    one_server.stop()
    try:
        one = sets.add(spec())
        for _ in range(3):
            one._heard.emit()
            wait_until(lambda: not one._timer.isActive())
        one.core.reconnect(None)
        wait_until(lambda: one.status().failure is not None and not one._timer.isActive())
        assert one.layers == {}
    finally:
        one_server.resume()
    one.core.reconnect(one_server.settings())
    wait_until(lambda: keys(one, "points") == {"p"})


def test_a_set_that_has_no_layer_yet_ends_with_its_project(sets, client, wait_until, spin):
    listed = []
    sets.listed.connect(lambda: listed.append(len(sets.sets)))
    one = sets.add(spec())
    core = one.core
    wait_until(lambda: core.status().full_reads == 1)
    assert not one.layers
    QgsProject.instance().clear()
    assert not sets.sets and one.core is None and listed[-1] == 0
    client.set("zone:1", BOX)
    spin(0.5)
    root = QgsProject.instance().layerTreeRoot()
    assert not QgsProject.instance().mapLayers() and not root.findGroups()


def test_a_map_tip_shows_what_others_wrote_as_text(sets, client, wait_until):
    client.set("zone:1", feature(point(2), name='<img src="http://a.example/x.png"> & co'))
    one = sets.add(spec())
    wait_until(lambda: keys(one, "points") == {"1"})
    layer = one.layers["points"]
    layer.setDisplayExpression('"name"')
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    context.setFeature(row(one, "points", "1"))
    shown = QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)
    assert shown == '&lt;img src="http://a.example/x.png"> &amp; co'
