"""The cached algorithms in all the ways QGIS runs them: models, tasks, headless; with, without and by named connection."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from redis_geo_plugin.bridge.server import connections
from tests.support.layers import assert_same, layer_of, world
from tests.support.told import Told

ROOT = Path(__file__).resolve().parents[2]
SQUARES = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))" for i in range(12)]


@pytest.fixture
def buffer(algorithms):
    import processing

    def buffer(layer, feedback=None, **parameters):
        given = {"INPUT": layer, "DISTANCE": 1.0, "OUTPUT": "memory:", **parameters}
        return processing.run("redisgeo:cachedbuffer", given, feedback=feedback)

    return buffer


def find(name):
    return QgsApplication.processingRegistry().algorithmById(name)


# -- connections ------------------------------------------------------------------------------------------------------


def test_a_connection_by_its_name(buffer, make_server, saved_connection):
    from dataclasses import replace

    other = make_server("redis")
    connections.save(connections.SavedConnection(replace(other.settings(), name="the other")))
    assert buffer(layer_of(SQUARES), CONNECTION="the other")["STORED"] == 12
    with other.client() as client:
        assert len(list(client.scan_iter("calculs:buffers:defaut:*"))) == 12
    assert buffer(layer_of(SQUARES))["HITS"] == 0  # the active one has none
    assert buffer(layer_of(SQUARES), CONNECTION="the other")["HITS"] == 12


def test_an_unknown_connection_is_refused(buffer, saved_connection):
    feedback = Told()
    with pytest.raises(QgsProcessingException):
        buffer(layer_of(SQUARES), feedback, CONNECTION="nowhere")
    assert "There is no saved connection named nowhere." in feedback.errors


def test_without_a_connection_it_computes_and_says_so(buffer):
    feedback = Told()
    results = buffer(layer_of(SQUARES), feedback)
    assert results["OUTPUT"].featureCount() == 12
    assert (results["HITS"], results["MISSES"], results["STORED"]) == (0, 12, 0)
    assert any("No Redis connection is set up" in text for text in feedback.warnings)
    assert "No Redis connection" in results["FAILURE"]


def test_with_a_server_that_is_away_it_computes_and_says_so(buffer, make_server):
    server = make_server()
    connections.save(connections.SavedConnection(server.settings()))
    connections.set_active("test")
    server.kill()
    feedback = Told()
    results = buffer(layer_of(SQUARES), feedback)
    assert results["OUTPUT"].featureCount() == 12 and results["STORED"] == 0
    assert any("Nothing listens at this address" in text for text in feedback.warnings)


def test_an_address_of_the_environment(buffer, one_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    assert buffer(layer_of(SQUARES))["STORED"] == 12
    monkeypatch.setenv("REDIS_GEO_URL", "ftp://nowhere")
    feedback = Told()
    with pytest.raises(QgsProcessingException):
        buffer(layer_of(SQUARES), feedback)
    assert any("REDIS_GEO_URL is not a Redis address" in text for text in feedback.errors)


def test_the_prefix_of_a_connection_stands_before_every_key(buffer, one_server):
    connections.save(connections.SavedConnection(one_server.settings(key_prefix="tenant:")))
    connections.set_active("test")
    buffer(layer_of(SQUARES))
    with one_server.client() as client:
        assert all(key.startswith(b"tenant:calculs:") for key in client.scan_iter())
    assert buffer(layer_of(SQUARES))["HITS"] == 12


def test_without_shapely_it_says_what_to_install(buffer, saved_connection, monkeypatch):
    from redis_geo_plugin.core import optional

    monkeypatch.setattr(optional, "shapely_problem", lambda: "shapely 1.8.5")
    with pytest.raises(QgsProcessingException, match="Shapely 2"):
        buffer(layer_of(SQUARES))


# -- models, tasks, headless -----------------------------------------------------------------------------------------


def test_in_a_model_twice_with_one_algorithm(algorithms, saved_connection):
    model = QgsProcessingModelAlgorithm("twice", "tests")
    model.addModelParameter(QgsProcessingParameterFeatureSource("IN"), QgsProcessingModelParameter("IN"))
    model.addModelParameter(QgsProcessingParameterNumber("BY"), QgsProcessingModelParameter("BY"))
    inner = QgsProcessingModelChildAlgorithm("redisgeo:cachedbuffer")
    inner.setChildId("inner")
    source = QgsProcessingModelChildParameterSource
    inner.addParameterSources("INPUT", [source.fromModelParameter("IN")])
    inner.addParameterSources("DISTANCE", [source.fromModelParameter("BY")])
    model.addChildAlgorithm(inner)
    outer = QgsProcessingModelChildAlgorithm("redisgeo:cachedbuffer")
    outer.setChildId("outer")
    outer.addParameterSources("INPUT", [source.fromChildOutput("inner", "OUTPUT")])
    outer.addParameterSources("DISTANCE", [source.fromExpression("@BY * 2")])
    output = QgsProcessingModelOutput("RESULT", "RESULT")
    output.setChildId("outer")
    output.setChildOutputName("OUTPUT")
    outer.setModelOutputs({"RESULT": output})
    model.addChildAlgorithm(outer)
    model.initAlgorithm()
    destination = next(p for p in model.parameterDefinitions() if p.isDestination())
    assert isinstance(destination, QgsProcessingParameterFeatureSink)
    layer = layer_of(SQUARES)
    for hits in (0, 12):
        context, feedback = QgsProcessingContext(), Told()
        context.setProject(QgsProject.instance())
        given = {"IN": layer, "BY": 1.0, destination.name(): "memory:"}
        results, ok = model.run(given, context, feedback)
        assert ok, feedback.errors
        children = results["CHILD_RESULTS"]
        assert [children[name]["HITS"] for name in ("inner", "outer")] == [hits, hits]
        assert QgsVectorLayer.featureCount(context.takeResultLayer(results[destination.name()])) == 12


def test_one_instance_run_twice(algorithms, saved_connection):
    algorithm = find("redisgeo:cachedbuffer").create()
    for layer, expected in ((layer_of(SQUARES), 12), (layer_of(SQUARES[:5]), 5)):
        context, feedback = QgsProcessingContext(), Told()
        results, ok = algorithm.run({"INPUT": layer, "DISTANCE": 1.0, "OUTPUT": "memory:"}, context, feedback)
        assert ok and results["HITS"] + results["MISSES"] == expected


def start_task(wait_until, name, parameters, feedback=None):
    """Run in a thread of the task manager, as the window does: (task, context, list that gets (ok, results))."""
    context, feedback, ended = QgsProcessingContext(), feedback or Told(), []
    context.setProject(QgsProject.instance())
    task = QgsProcessingAlgRunnerTask(find(name), parameters, context, feedback)
    task.executed.connect(lambda ok, results: ended.append((ok, results)))
    QgsApplication.taskManager().addTask(task)
    return (task, context, feedback), ended


@pytest.mark.parametrize("by_definition", [False, True])
def test_the_layer_deleted_while_it_runs(algorithms, saved_connection, wait_until, spin, by_definition):
    layer = world("countries", 40, "num_points($geometry) < 2000")
    QgsProject.instance().addMapLayer(layer)
    given = QgsProcessingFeatureSourceDefinition(layer.id()) if by_definition else layer.id()
    started = threading.Event()
    feedback = Told()
    feedback.progressChanged.connect(lambda _percent: started.set())
    kept, ended = start_task(
        wait_until,
        "redisgeo:cachedbuffer",
        {"INPUT": given, "DISTANCE": 0.3, "OUTPUT": "memory:", "SEGMENTS": 3},
        feedback,
    )
    QgsProject.instance().removeMapLayer(layer.id())
    assert sip.isdeleted(layer)
    wait_until(lambda: ended, 60)
    ok, results = ended[0]
    assert ok, feedback.errors
    assert results["MISSES"] == 40 and kept[1].takeResultLayer(results["OUTPUT"]).featureCount() == 40


def test_both_layers_of_an_intersection_deleted_while_it_runs(algorithms, saved_connection, wait_until):
    layer, overlay = layer_of(SQUARES), layer_of(["Polygon((0 0.5,20 0.5,20 1,0 1,0 0.5))"])
    QgsProject.instance().addMapLayers([layer, overlay])
    kept, ended = start_task(
        wait_until,
        "redisgeo:cachedintersection",
        {
            "INPUT": layer.id(),
            "OVERLAY": QgsProcessingFeatureSourceDefinition(overlay.id()),
            "OUTPUT": "memory:",
        },
    )
    QgsProject.instance().removeAllMapLayers()
    wait_until(lambda: ended, 30)
    ok, results = ended[0]
    assert ok and kept[1].takeResultLayer(results["OUTPUT"]).featureCount() == 12


def test_cancelled_half_way_what_was_computed_is_kept(algorithms, saved_connection, one_server, wait_until):
    layer = world("countries", 240)
    parameters = {"INPUT": layer, "DISTANCE": 0.5, "SEGMENTS": 8, "OUTPUT": "memory:"}
    kept, ended = start_task(wait_until, "redisgeo:cachedbuffer", parameters)
    with one_server.client() as client:
        wait_until(lambda: any(True for _ in client.scan_iter("calculs:buffers:*")), 60)
        kept[0].cancel()
        wait_until(lambda: ended, 20)
        wait_until(lambda: not any(True for _ in client.scan_iter("calculs:verrous:*")), 20)
        stored = sum(1 for _ in client.scan_iter("calculs:buffers:*"))
    assert 0 < stored < 240
    small = layer_of(
        [f.geometry() for f in sorted(layer.getFeatures(), key=size)[:100]], "MultiPolygon", "EPSG:4326"
    )
    import processing

    again = processing.run("redisgeo:cachedbuffer", {**parameters, "INPUT": small})
    assert again["HITS"] + again["MISSES"] == 100


def size(feature):
    return feature.geometry().constGet().nCoordinates()


HEADLESS = """
import sys
sys.path[:0] = [{root!r}, *{path!r}]
from qgis.core import QgsApplication
app = QgsApplication([], False)
app.initQgis()
from processing.core.Processing import Processing
Processing.initialize()
from redis_geo_plugin import classFactory
plugin = classFactory(None)
plugin.initProcessing()
import processing
from tests.support.layers import layer_of
for _ in range(2):
    r = processing.run("redisgeo:cachedbuffer", {{"INPUT": layer_of(["Point(0 0)", "Point(1 1)"], "Point"),
                       "DISTANCE": 5, "OUTPUT": "memory:"}})
    print("HITS", r["HITS"], "MISSES", r["MISSES"], "FEATURES", r["OUTPUT"].featureCount(), flush=True)
assert "redis_geo_plugin.gui" not in sys.modules
"""


def headless_environment(one_server, tmp_path):
    return {
        **os.environ,
        "REDIS_GEO_URL": one_server.url,
        "QT_QPA_PLATFORM": "offscreen",
        "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path),
        "QGIS_PLUGINPATH": str(ROOT),
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }


def test_in_a_script_without_a_window(one_server, tmp_path):
    script = HEADLESS.format(root=str(ROOT), path=[p for p in sys.path if p])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=headless_environment(one_server, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("HITS")]
    assert lines == ["HITS 0 MISSES 2 FEATURES 2", "HITS 2 MISSES 0 FEATURES 2"], done.stdout


def test_through_qgis_process(one_server, tmp_path):
    import shutil

    program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    assert program, "no qgis_process: run make setup"
    source = tmp_path / "in.geojson"
    source.write_text('{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":1},'
                      '"geometry":{"type":"Point","coordinates":[2,48]}}]}')  # fmt: skip
    profile = tmp_path / "profile"
    profile.mkdir()
    environment = headless_environment(one_server, profile)
    subprocess.run(
        [program, "plugins", "enable", "redis_geo_plugin"], env=environment, capture_output=True, timeout=120
    )
    printed = []
    for number in (1, 2):
        done = subprocess.run(
            [program, "run", "redisgeo:cachedbuffer", "--", f"INPUT={source}", "DISTANCE=1000", "GEODESIC=true",
             f"OUTPUT={tmp_path / f'out{number}.gpkg'}"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
        )  # fmt: skip
        printed.append(done.stdout)
    assert "HITS:\t0" in printed[0] and "MISSES:\t1" in printed[0], printed[0]
    assert "HITS:\t1" in printed[1] and "MISSES:\t0" in printed[1], printed[1]
    first, second = (QgsVectorLayer(str(tmp_path / f"out{n}.gpkg")) for n in (1, 2))
    assert_same(first, second)


# -- purging ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def purge(algorithms):
    import processing

    def purge(feedback=None, **parameters):
        return processing.run("redisgeo:purgecache", parameters, feedback=feedback)["DELETED"]

    return purge


def others(client):
    """What is not the cache's, and must never be touched."""
    digest = "ab" * 32
    names = ["vehicule:1", "locations", "calculs:buffers", "calculs:buffers:defaut", "calculs:buffers:defaut:note",
             f"calculs:buffers:defaut:deep:{digest}", f"calculs:buffersx:defaut:{digest}", f"x:calculs:buffers:a:{digest}",
             f"calculs:autres:defaut:{digest}", f"calculs:buffers:defaut:{digest[:-1]}", f"calculs:buffers:defaut:{digest.upper()}"]  # fmt: skip
    client.mset(dict.fromkeys(names, "mine"))
    return set(map(str.encode, names))


def test_a_purge_deletes_its_own_and_nothing_else(buffer, purge, saved_connection, one_server):
    import processing

    buffer(layer_of(SQUARES), NAMESPACE="one")
    buffer(layer_of(SQUARES[:5]), NAMESPACE="two")
    overlay = layer_of(["Polygon((0 0.5,20 0.5,20 1,0 1,0 0.5))"])
    processing.run(
        "redisgeo:cachedintersection",
        {"INPUT": layer_of(SQUARES[:3]), "OVERLAY": overlay, "NAMESPACE": "one", "OUTPUT": "memory:"},
    )
    with one_server.client() as client:
        kept = others(client)
        assert purge(NAMESPACE="none") == 0
        assert purge(NAMESPACE="one", OPERATION="intersection") == 3
        assert purge(NAMESPACE="one") == 12
        assert purge(ALL=True) == 5
        books = (b"calculs:statistiques:", b"calculs:recents")
        left = {k for k in client.scan_iter() if not k.startswith(books)}
        assert left == kept


def test_a_purge_of_what_looks_like_a_pattern_is_refused(purge, saved_connection):
    for name in ("*", "o?e", "[o]ne", "one:two"):
        with pytest.raises(QgsProcessingException, match="namespace"):
            purge(NAMESPACE=name)
    with pytest.raises(QgsProcessingException, match="Unknown operation"):
        purge(ALL=True, OPERATION="explode")


def test_a_purge_without_a_connection_says_so(purge):
    feedback = Told()
    with pytest.raises(QgsProcessingException):
        purge(feedback, NAMESPACE="one")
    assert any("No Redis connection is set up" in text for text in feedback.errors)
