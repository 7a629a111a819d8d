"""Run by tests/qgis/test_adding_an_operation.py in a copy of the package to which docs/development.md has added "centroid"."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsApplication, QgsProject, QgsSettings, QgsWkbTypes
from qgis.PyQt.QtWidgets import QComboBox

from redis_geo_plugin.bridge.operations import OFFERED
from redis_geo_plugin.bridge.settings import CACHE_ALL
from redis_geo_plugin.core.admin import key_families
from redis_geo_plugin.core.operations import OPERATIONS
from redis_geo_plugin.core.registry import families
from tests.support.jobs import WorkerProcess, wait_until
from tests.support.layers import layer_of

SQUARES = [f"Polygon(({i} 0,{i + 2} 0,{i + 1} {i + 1},{i} 1,{i} 0))" for i in range(20)]


@pytest.fixture
def run(plugin, qgis_processing):
    import processing

    QgsSettings().setValue(CACHE_ALL, True)
    layer = layer_of(SQUARES)
    QgsProject.instance().addMapLayer(layer)
    return lambda id, **more: processing.run(id, {"INPUT": layer, "OUTPUT": "memory:", **more})


def shapes(layer):
    return [feature.geometry().asWkt(9) for feature in layer.getFeatures()]


def test_it_is_an_algorithm_with_the_native_results_and_its_own_keys(run, one_server):
    native = run("native:centroids")["OUTPUT"]
    first, again = run("redisgeo:cachedcentroid"), run("redisgeo:cachedcentroid")
    assert shapes(first["OUTPUT"]) == shapes(again["OUTPUT"]) == shapes(native)
    assert first["OUTPUT"].wkbType() == native.wkbType() == QgsWkbTypes.Type.Point
    assert (first["STORED"], again["HITS"]) == (20, 20)
    with one_server.client() as client:
        keys = list(client.scan_iter("calculs:centres:defaut:*"))
    assert len(keys) == 20 and all(key_families.is_changeable_key(key) for key in keys)
    found = QgsApplication.processingRegistry().algorithmById("redisgeo:cachedcentroid")
    assert set(QgsApplication.processingRegistry().algorithmById("native:centroids").tags()) <= set(
        found.tags()
    )


def test_both_docks_list_it(plugin):
    for dock, name in (("CacheComponent", "cache"), ("JobsComponent", "jobs")):
        dock = next(c for c in plugin.components if type(c).__name__ == dock).dock
        dock.build()
        box = dock.findChild(QComboBox, f"redis_geo_{name}_operation")
        row = box.findData("centroid")
        assert box.itemText(row) == "Centroid" and [box.itemData(i) for i in range(box.count())] == list(
            OFFERED
        )
        box.setCurrentIndex(row)


def test_workers_compute_it_for_batches_and_for_the_plain_list(run, one_server):
    native = run("native:centroids")["OUTPUT"]
    with one_server.client() as client:
        client.set("entites:1", "POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))")
        client.lpush("taches_spatiales", json.dumps({"type": "centre", "id": 1}))
    worker = WorkerProcess(one_server.url)
    try:
        sent = run("redisgeo:enqueuejobs", OPERATION="centroid")
        got = run("redisgeo:collectresults", BATCH=sent["BATCH"], TIMEOUT=60)
        with one_server.client() as client:
            lines = [json.loads(line) for line in client.hgetall("{taches_spatiales}:travailleurs").values()]
            wait_until(lambda: client.exists("taches_spatiales:resultats:centre:1"))
            plain = client.hget("taches_spatiales:resultats:centre:1", "geojson")
    finally:
        worker.close()
    assert got["FAILED"] == 0 and shapes(got["OUTPUT"]) == shapes(native)
    assert "centroid@1" in lines[0]["operations"]
    assert json.loads(plain) == {"type": "Point", "coordinates": [2.0, 2.0]}


def test_purging_and_counting_know_it(run, one_server):
    run("redisgeo:cachedcentroid")
    assert families()["centroid"] == "calculs:centres" == OPERATIONS["centroid"].family
    assert run("redisgeo:purgecache", OPERATION="centroid", NAMESPACE="defaut")["DELETED"] == 20
