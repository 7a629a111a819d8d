"""Result layers survive: they are filled again from the cache when their project is opened."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsFeatureStore, QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QPushButton

from redis_geo_plugin.bridge.cache import run as cache_run
from redis_geo_plugin.bridge.cache.remembered import NOTHING, PROPERTY, UNSTORED, RememberedRun, ResultOrigins
from redis_geo_plugin.bridge.operations import OFFERED
from redis_geo_plugin.bridge.saving import write_layer
from redis_geo_plugin.bridge.sources import FrozenSource
from redis_geo_plugin.core.operations import Buffer
from redis_geo_plugin.core.watch import Watch
from redis_geo_plugin.gui.cache import result_saving
from redis_geo_plugin.gui.cache.result_layers import remembered_layers
from tests.support.layers import layer_of

STRIPES = [f"Polygon(({3 * i} 0,{3 * i + 2} 0,{3 * i + 1} 2,{3 * i} 1,{3 * i} 0))" for i in range(6)]


def layer_in_a_file(folder, name, wkts, **more):
    """A layer that a project finds again."""
    made = layer_of(wkts, wkts[0].partition("(")[0], "EPSG:3857", **more)
    path = str(folder / f"{name}.gpkg")
    write_layer(path, name, made.fields(), made.wkbType(), made.crs(), made.getFeatures(), first=True)
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert layer.isValid() and layer.featureCount() == len(wkts)
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def stripes(tmp_path):
    return layer_in_a_file(tmp_path, "stripes", STRIPES)


@pytest.fixture
def zones(tmp_path):
    return layer_in_a_file(
        tmp_path, "zones", ["Polygon((0 0,7 0,7 1,0 1,0 0))"], rows=[("z",)], fields="zone:string"
    )


@pytest.fixture
def form(plugin):
    dock = next(c for c in plugin.components if type(c).__name__ == "CacheComponent").dock
    dock.build()
    return dock.form


def rows(layer):
    """What a layer holds: attributes and shape, in order."""
    return sorted(
        ([str(v) for v in f.attributes()], f.geometry().asWkt(3) if f.hasGeometry() else "")
        for f in layer.getFeatures()
    )


def result():
    (layer,) = [layer for layer, _ in remembered_layers()]
    return layer


def reopen(tmp_path, before=lambda: None):
    path = str(tmp_path / "project.qgs")
    assert QgsProject.instance().write(path)
    QgsProject.instance().clear()
    before()
    assert QgsProject.instance().read(path)
    return result()


def run(form, wait_until, operation, layer, other=None, selected=()):
    form.operation.setCurrentIndex(list(OFFERED).index(operation))
    form.layer.setLayer(layer)
    layer.selectByIds(list(selected))
    if operation == "intersection":
        form.intersection.overlay.setLayer(other)
    elif operation == "nearest":
        form.page.other.setLayer(other)
    elif operation == "dissolve":
        form.page.column.setField("name")
    form.controls.run_button.click()
    wait_until(lambda: not form._runner.running)
    return result()


@pytest.mark.parametrize("operation", list(OFFERED))
def test_a_result_is_filled_again_as_it_was(
    form, stripes, zones, wait_until, tmp_path, iface, one_server, operation
):
    before = rows(run(form, wait_until, operation, stripes, zones))
    assert before
    with one_server.client() as client:
        asked = client.info("stats")["keyspace_hits"]
    again = reopen(tmp_path)
    wait_until(lambda: again.featureCount() == len(before))
    assert rows(again) == before
    with one_server.client() as client:
        assert client.info("stats")["keyspace_hits"] > asked
    assert not [text for text in iface.bar.take_messages() if "Not complete" in text]


def test_a_dissolved_buffer_is_filled_again(form, stripes, wait_until, tmp_path, iface):
    form.buffer.dissolve.setChecked(True)
    before = rows(run(form, wait_until, "buffer", stripes))
    again = reopen(tmp_path)
    wait_until(lambda: again.featureCount() == 1)
    assert rows(again) == before
    iface.bar.take_messages()


def test_what_the_source_has_become_since_does_not_change_the_result(
    form, stripes, wait_until, tmp_path, iface
):
    before = [wkt for _, wkt in rows(run(form, wait_until, "buffer", stripes))]
    fid = next(stripes.getFeatures()).id()
    path = stripes.source().split("|")[0]

    def edit():
        changed = QgsVectorLayer(f"{path}|layername=stripes", "stripes", "ogr")
        changed.dataProvider().deleteFeatures([fid])

    again = reopen(tmp_path, edit)
    wait_until(lambda: again.featureCount() == 6)
    assert [wkt for _, wkt in rows(again)] != [] and sorted(w for _, w in rows(again)) == sorted(before)
    assert any("Attributes are missing" in text for text in iface.bar.take_messages())


def button(context, text):
    widgets = context.ui.messages.widgets()
    return next(b for w in widgets for b in w.findChildren(QPushButton) if b.text() == text)


def test_what_is_gone_is_offered_to_be_computed_again(
    plugin, form, stripes, wait_until, tmp_path, iface, one_server
):
    before = rows(run(form, wait_until, "buffer", stripes))
    with one_server.client() as client:
        client.delete(*list(client.scan_iter("calculs:buffers:*"))[:2])
    again = reopen(tmp_path)
    wait_until(lambda: again.featureCount() == 4)
    wait_until(lambda: any("Not complete" in text for text in [m[1] for m in iface.bar.messages]))
    (said,) = [text for text in iface.bar.take_messages() if "Not complete" in text]
    assert "Buffer 1 km of stripes" in said and "2 of 6" in said
    button(plugin.context, "Compute again").click()
    wait_until(lambda: rows(again) == before)
    assert len(list(one_server.client().scan_iter("calculs:buffers:*"))) == 6


def test_what_was_quicker_to_compute_than_to_store_is_computed_without_a_question(
    form, wait_until, tmp_path, iface
):
    points = layer_in_a_file(tmp_path, "points", [f"Point({i} {i})" for i in range(1100)])
    before = rows(run(form, wait_until, "buffer", points))
    assert UNSTORED in RememberedRun.from_json(result().customProperty(PROPERTY)).rows.digests
    again = reopen(tmp_path)
    wait_until(lambda: again.featureCount() == 1100)
    assert rows(again) == before
    assert not [text for text in iface.bar.take_messages() if "Not complete" in text]


def test_only_what_was_selected_is_computed_again(
    plugin, form, stripes, zones, wait_until, tmp_path, iface, one_server
):
    ids = [f.id() for f in stripes.getFeatures()][:2]
    before = rows(run(form, wait_until, "intersection", stripes, zones, ids))
    assert len(before) == 2
    with one_server.client() as client:
        client.flushall()
    again = reopen(tmp_path)
    wait_until(lambda: any("Not complete" in text for text in [m[1] for m in iface.bar.messages]))
    source = QgsProject.instance().mapLayersByName("stripes")[0]
    button(plugin.context, "Compute again").click()
    assert source.selectedFeatureCount() == 0
    wait_until(lambda: rows(again) == before)
    iface.bar.take_messages()


def test_without_its_source_it_is_filled_but_cannot_be_computed_again(
    plugin, form, stripes, wait_until, tmp_path, iface, one_server
):
    run(form, wait_until, "buffer", stripes)
    with one_server.client() as client:
        client.delete(*list(client.scan_iter("calculs:buffers:*"))[:2])
    QgsProject.instance().removeMapLayer(stripes.id())
    again = reopen(tmp_path)
    wait_until(lambda: again.featureCount() == 4)
    button(plugin.context, "Compute again").click()
    wait_until(lambda: any("cannot be computed again" in m[1] for m in iface.bar.messages))
    iface.bar.take_messages()


def test_no_secret_stands_in_the_project(form, stripes, wait_until, one_server):
    layer = run(form, wait_until, "buffer", stripes)
    text = layer.customProperty(PROPERTY)
    assert json.loads(text)["connection"] == "test"
    assert str(one_server.port) not in text and "redis://" not in text


def test_a_result_made_permanent_is_a_plain_layer(form, stripes, wait_until, tmp_path, iface, plugin):
    assert not form.save_button.isVisibleTo(form)
    layer = run(form, wait_until, "buffer", stripes)
    before = [wkt for _, wkt in rows(layer)]
    assert form.save_button.isVisibleTo(form)
    path = tmp_path / "kept.gpkg"
    result_saving.save(plugin.context, layer, str(path))
    wait_until(lambda: layer.providerType() == "ogr")
    assert [wkt for _, wkt in rows(layer)] == before and remembered_layers() == []
    assert not layer.customProperty(PROPERTY) and not form.save_button.isVisibleTo(form)
    iface.bar.take_messages()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "nonsense", '{"version": 1, "rows": [1, 2]}', "null", "9" * 400]
)
def test_what_others_wrote_into_a_project_is_no_run(text):
    with pytest.raises(ValueError):
        RememberedRun.from_json(text)


@pytest.mark.parametrize("name", list(json.loads(RememberedRun("a", "b", "c").to_json())))
@pytest.mark.parametrize(
    "value", ["null", "true", "-1", "1e999", "NaN", '"\\ud800"', "[[[]]]", '{"a": 1}', "[1, 1e999, [1]]"]
)
def test_a_run_of_which_one_value_is_anothers_is_none_or_can_be_read(name, value):
    whole = RememberedRun("a", "buffer", "n", "c", {"DISTANCE": 2.5}, "s", "o", ["f"], ["g"]).to_json()
    values = {**json.loads(whole), name: "HERE"}
    try:
        read = RememberedRun.from_json(json.dumps(values).replace('"HERE"', value))
    except ValueError:
        return
    assert RememberedRun.from_json(read.to_json()).to_json() == read.to_json()


def test_a_run_is_read_as_it_was_written():
    made = ResultOrigins()
    made.add([b"a" * 32, None, None], [b"x", None, b"y"], [1, 2, 3], [4, 5, 6])
    run = RememberedRun("a", "buffer", "n", "c", {"DISTANCE": 2.5}, "s", "o", ["f"], ["g"], made)
    again = RememberedRun.from_json(run.to_json())
    assert {**again.__dict__, "rows": None} == {**run.__dict__, "rows": None}
    assert (again.rows.digests, again.rows.firsts, again.rows.seconds) == (
        [b"a" * 32, bytes(32), UNSTORED],
        [1, 2, 3],
        [4, 5, 6],
    )


@pytest.mark.parametrize(
    ("wkt", "distance", "separate", "kept"),
    [
        ("PolygonZ((0 0 1,2 0 2,2 2 3,0 0 1))", 0.0, False, [UNSTORED]),  # by QGIS itself, which keeps Z
        ("Polygon((0 0,2 0,2 2,0 0))", float("nan"), False, [NOTHING]),
        ("Polygon EMPTY", 1.0, False, [NOTHING]),
        ("MultiPolygon(((0 0,2 0,2 2,0 0)),((9 9,11 9,11 11,9 9)))", 0.1, True, []),  # a feature of each part
    ],
)
def test_what_is_remembered_of_a_buffer_is_what_the_cache_has_of_it(qgis_app, wkt, distance, separate, kept):
    layer = layer_of([wkt], wkt.split("(")[0].split()[0], "EPSG:3857")
    made, rows = QgsFeatureStore(layer.fields(), layer.crs()), ResultOrigins()
    request = cache_run.BufferRequest(Buffer(), distance, separate_disjoint=separate)
    told = cache_run.Feedback(Watch(), print)
    cache_run.buffer(FrozenSource(layer, layer, None), request, cache_run.Store(None, rows=rows), made, told)
    assert len(made) == (2 if separate else 1)
    assert rows.digests == kept
