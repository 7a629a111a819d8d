"""The nine-step model after each kind of change: which features were computed again, and that it equals QGIS's own."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)

from redis_geo_plugin.core.steps import costs
from tests.support import step_models
from tests.support.step_models import output_key

STATES = 24
PATH = "/usr/share/qgis/resources/data/world_map.gpkg|layername="
ALL = {"fix", "flat", "simple", "wide", "fix lands", "flat lands", "cut", "count", "unite"}
OF_STATES = ALL - {"fix lands", "flat lands"}
BEHIND_WIDE = {"wide", "cut", "count", "unite"}


@pytest.fixture
def run(mirrors, saved_connection, monkeypatch):
    """``run()``: the model with the cache; steps -> how many features (or groups) were computed. Each equals native."""
    monkeypatch.setattr(costs, "rows_pay", lambda _costs: True)  # what pays depends on the machine
    monkeypatch.setattr(costs, "whole_pays", lambda *_numbers: True)
    step_models.save(step_models.nine_steps("nine", tolerance=2000.0))
    layers = world()
    outputs = [output_key("count", "counted"), output_key("unite", "united")]

    def compute(context=None, **changed):
        given = {**layers, "DISTANCE": 2000.0, **dict.fromkeys(outputs, "memory:"), **changed}
        native = once("model:nine", given, context)
        mine = once("redisgeocache:model_nine", {**given, "CONNECTION": "test"}, context)
        for output in outputs:
            assert mine[output] == native[output], output
        children = mine["CHILD_RESULTS"]
        return {name: found["MISSES"] for name, found in children.items() if found["MISSES"]}, mine

    compute.layers = layers
    return compute


def once(algorithm, given, make_context):
    context = (make_context or plain_context)()
    feedback = QgsProcessingFeedback(False)
    made = QgsApplication.processingRegistry().createAlgorithmById(algorithm)
    found, ok = made.run(given, context, feedback)
    assert ok, feedback.textLog()
    return {
        key: rows(context.getMapLayer(value)) if ":" in key or key in ("counted", "united") else value
        for key, value in found.items()
    }


def plain_context():
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    return context


def rows(layer):
    return sorted((repr(one.attributes()), bytes(one.geometry().asWkb())) for one in layer.getFeatures())


def world():
    """Some states, the countries around them, and points; in memory, to be changed."""
    wanted = QgsFeatureRequest().setFilterExpression("\"iso_a2\" in ('BE', 'LU', 'NL')").setLimit(STATES)
    lands = QgsFeatureRequest().setFilterExpression(
        "\"NAME\" in ('Belgium', 'Luxembourg', 'Netherlands', 'Japan')"
    )
    states = QgsVectorLayer(f"{PATH}states_provinces", "states", "ogr").materialize(wanted)
    countries = QgsVectorLayer(f"{PATH}countries", "lands", "ogr").materialize(lands)
    assert states.featureCount() >= 15 and countries.featureCount() == 4
    points = QgsVectorLayer("Point?crs=EPSG:4326&field=n:int", "points", "memory")
    made = []
    for n in range(60):
        feature = QgsFeature(points.fields())
        feature.setAttributes([n])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(3.0 + n % 10 * 0.4, 50.0 + n // 10 * 0.5)))
        made.append(feature)
    points.dataProvider().addFeatures(made)
    points.dataProvider().createSpatialIndex()
    return {"STATES": states, "COUNTRIES": countries, "POINTS": points}


def move(layer, feature, by=0.02):
    geometry = feature.geometry()
    geometry.translate(by, by)
    layer.dataProvider().changeGeometryValues({feature.id(): geometry})


def first(layer):
    return min(layer.getFeatures(), key=lambda one: one.id())


def test_again_everything_is_read(run):
    computed, found = run()
    assert set(computed) == ALL and found["STEPS_RUN"] == 9
    computed, found = run()
    assert computed == {} and found["STEPS_KEPT"] == 9 and found["STEPS_RUN"] == 0 and found["MISSES"] == 0
    assert found["SPARED_SECONDS"] > 0


def test_a_shape_that_changed(run):
    run()
    move(run.layers["STATES"], first(run.layers["STATES"]))
    computed, _ = run()
    assert {name: computed[name] for name in ("fix", "flat", "simple", "wide")} == dict.fromkeys(
        ("fix", "flat", "simple", "wide"), 1
    )
    assert set(computed) == OF_STATES and computed["cut"] == 1 and computed["unite"] == 1


def test_an_attribute_that_changed(run):
    """What passes attributes on and does not look at them computes nothing."""
    run()
    states = run.layers["STATES"]
    at = states.fields().indexOf("name")
    states.dataProvider().changeAttributeValues({first(states).id(): {at: "another"}})
    computed, _ = run()
    assert not set(computed) & {"fix lands", "flat lands"} and all(
        number <= 3 for number in computed.values()
    )


def test_a_feature_that_was_added_and_one_that_was_deleted(run):
    run()
    states = run.layers["STATES"]
    copy = QgsFeature(first(states))
    geometry = copy.geometry()
    geometry.translate(0.03, -0.03)
    copy.setGeometry(geometry)
    states.dataProvider().addFeatures([copy])
    computed, _ = run()
    assert computed["fix"] == computed["flat"] == computed["simple"] == computed["wide"] == 1
    states.dataProvider().deleteFeatures([first(states).id()])
    computed, _ = run()
    assert not set(computed) & {"fix", "flat", "simple", "wide", "cut", "fix lands", "flat lands"}


def test_another_order(run):
    run()
    states = run.layers["STATES"]
    features = list(states.getFeatures())[::-1]
    turned = states.materialize(QgsFeatureRequest())
    turned.dataProvider().truncate()
    turned.dataProvider().addFeatures(features)
    run.layers["STATES"] = turned
    computed, _ = run()
    assert not set(computed) - {"unite"}


def test_the_overlay_only(run):
    run()
    lands = run.layers["COUNTRIES"]
    japan = next(one for one in lands.getFeatures() if one["NAME"] == "Japan")
    move(lands, japan)
    computed, _ = run()
    assert computed == {"fix lands": 1, "flat lands": 1}, "no state is near it"
    belgium = next(one for one in lands.getFeatures() if one["NAME"] == "Belgium")
    move(lands, belgium)
    computed, _ = run()
    assert computed["fix lands"] == computed["flat lands"] == 1
    assert not set(computed) & {"fix", "flat", "simple", "wide"}
    assert 0 < computed["cut"] <= run.layers["STATES"].featureCount()


def test_a_parameter(run):
    run()
    computed, _ = run(DISTANCE=3000.0)
    assert set(computed) == BEHIND_WIDE and computed["wide"] == run.layers["STATES"].featureCount()
    computed, _ = run()
    assert computed == {}, "the results of before are still there"


def test_the_ellipsoid_is_part_of_every_key(run):
    def context():
        made = plain_context()
        made.setEllipsoid("EPSG:7019")
        return made

    run()
    computed, _ = run(context)
    assert set(computed) == ALL
    assert run(context)[0] == {}


def test_what_happens_to_invalid_geometries_is_part_of_every_key(run):
    def context():
        made = plain_context()
        made.setInvalidGeometryCheck(QgsFeatureRequest.InvalidGeometryCheck.GeometrySkipInvalid)
        return made

    run()
    computed, _ = run(context)
    assert set(computed) == ALL


def test_the_crs_of_a_layer(run):
    """What the next step gives is the same where both CRS agree to the last bit: nothing behind it is computed."""
    run()
    run.layers["STATES"].setCrs(QgsCoordinateReferenceSystem("EPSG:4258"))
    computed, _ = run()
    assert {"fix", "flat"} <= set(computed) <= OF_STATES


def test_edits_that_are_not_saved_count_and_go_with_a_rollback(run):
    run()
    states = run.layers["STATES"]
    states.startEditing()
    feature = first(states)
    geometry = feature.geometry()
    geometry.translate(0.02, 0.0)
    states.changeGeometry(feature.id(), geometry)
    computed, _ = run()
    assert computed["fix"] == 1
    states.rollBack()
    assert run()[0] == {}


def test_without_a_server_it_computes_all_and_says_nothing_was_stored(run, one_server):
    run()
    one_server.kill()
    try:
        _, found = run()
        assert found["HITS"] == 0 and found["STEPS_KEPT"] == 0 and found["STEPS_RUN"] == 9
    finally:
        one_server.restart()
    assert run()[1]["STEPS_RUN"] == 9 or run()[0] == {}


def test_a_server_that_dies_half_way_costs_the_cache_and_not_the_result(run, one_server, monkeypatch):
    from redis_geo_plugin.bridge.steps.records import RunRecord

    run()
    begun = []
    begin = RunRecord.begin

    def killing(record, path):
        begun.append(path)
        if len(begun) == 5:
            one_server.kill()
        begin(record, path)

    monkeypatch.setattr(RunRecord, "begin", killing)
    try:
        _, found = run()
        assert len(begun) == 9 and found["STEPS_KEPT"] == 4 and found["STEPS_RUN"] == 5
    finally:
        monkeypatch.undo()
        one_server.restart()


def test_the_run_stands_among_the_recent_results(run, one_server):
    from redis_geo_plugin.core.cache.recents import MODEL, recent
    from redis_geo_plugin.core.redis.server import open_server
    from redis_geo_plugin.gui.server.recents_view import what

    run()
    run()
    entries = [one for one in recent(open_server(one_server.settings())) if one.operation == MODEL]
    assert [(one.title, one.total, one.computed) for one in entries] == [("nine", 9, 0), ("nine", 9, 9)]
    assert what(entries[0]) == "Model nine: 9 of 9 steps from the cache"


def test_the_namespace_and_the_lifetime_are_those_of_the_model(run, one_server):
    run(NAMESPACE="own", TTL=60)
    with one_server.client() as client:
        found = list(client.scan_iter("calculs:*:own:*"))
        assert found and all(0 < client.ttl(key) <= 60 for key in found)
        assert not list(client.scan_iter("calculs:lignes:defaut:*"))
