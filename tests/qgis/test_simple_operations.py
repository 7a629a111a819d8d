"""Simplify, convex hull, dissolve and nearest: equal to the native algorithms, cached, and the same by workers."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)

from redis_geo_plugin.bridge import compat
from tests.support.jobs import WorkerProcess
from tests.support.twins import index_takes_boxes_for_geometries

WORLD = "/usr/share/qgis/resources/data/world_map.gpkg|layername=countries"


@pytest.fixture
def run(plugin, qgis_processing):
    import processing

    def call(name, **parameters):
        return processing.run(
            name, parameters, context=QgsProcessingContext(), feedback=QgsProcessingFeedback()
        )

    return call


@pytest.fixture
def countries():
    """Every eighth country of QGIS's world map: many-sided, multi-part, with holes."""
    world = QgsVectorLayer(WORLD, "countries", "ogr")
    assert world.isValid()
    return taken(world, [f for i, f in enumerate(world.getFeatures()) if i % 8 == 0])


def taken(source, features):
    layer = QgsVectorLayer("MultiPolygon?crs=" + source.crs().authid(), "some", "memory")
    provider = layer.dataProvider()
    provider.addAttributes([compat.field("name", compat.STRING), compat.field("kind", compat.INTEGER)])
    layer.updateFields()
    made = []
    for i, feature in enumerate(features):
        own = QgsFeature(layer.fields())
        own.setGeometry(feature.geometry())
        own.setAttributes([f"n{i}", i % 3])
        made.append(own)
    provider.addFeatures(made)
    QgsProject.instance().addMapLayer(layer)
    return layer


def same(ours, native):
    # Sorted: native:dissolve gives its groups in an order of its own.
    ours, native = (sorted(layer.getFeatures(), key=lambda f: f["name"]) for layer in (ours, native))
    assert len(ours) == len(native) > 0
    for mine, theirs in zip(ours, native):
        for a, b in zip(mine.attributes(), theirs.attributes()):
            assert a == (pytest.approx(b, rel=1e-9) if isinstance(b, float) else b)
        difference = mine.geometry().symDifference(theirs.geometry()).area()
        assert difference <= 1e-6 * max(theirs.geometry().area(), 1e-6)


CASES = {
    "simplify": ("native:simplifygeometries", "redisgeo:cachedsimplify", {"TOLERANCE": 0.05}),
    "convexhull": ("native:convexhull", "redisgeo:cachedconvexhull", {}),
    "dissolve": ("native:dissolve", "redisgeo:cacheddissolve", {"FIELD": ["kind"]}),
}


@pytest.mark.parametrize("operation", CASES)
def test_equal_to_native_here_and_by_workers(run, countries, operation, one_server):
    native, ours, more = CASES[operation]
    wanted = run(native, INPUT=countries, OUTPUT="memory:", **more)["OUTPUT"]
    first = run(ours, INPUT=countries, OUTPUT="memory:", **more)
    same(first["OUTPUT"], wanted)
    again = run(ours, INPUT=countries, OUTPUT="memory:", **more)
    same(again["OUTPUT"], wanted)
    assert again["HITS"] == first["HITS"] + first["MISSES"] and again["COMPUTED"] == 0
    with one_server.client() as client:
        client.flushall()
    worker = WorkerProcess(one_server.url)
    try:
        sent = run("redisgeo:enqueuejobs", INPUT=countries, OPERATION=operation, **more)
        got = run("redisgeo:collectresults", BATCH=sent["BATCH"], TIMEOUT=60, OUTPUT="memory:")
    finally:
        worker.close()
    assert got["FAILED"] == 0
    same(got["OUTPUT"], wanted)
    assert [f.name() for f in got["OUTPUT"].fields()] == [f.name() for f in wanted.fields()]
    assert run(ours, INPUT=countries, OUTPUT="memory:", **more)["COMPUTED"] == 0


def points(places):
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=name:string", "places", "memory")
    made = []
    for i, (x, y) in enumerate(places):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(f"POINT({x} {y})"))
        feature.setAttributes([f"p{i}"])
        made.append(feature)
    layer.dataProvider().addFeatures(made)
    QgsProject.instance().addMapLayer(layer)
    return layer


def nearest_of_all(places, others):
    """Name of each place -> the least of its distances to all others, by QGIS's geometry alone."""
    shapes = [f.geometry() for f in others.getFeatures()]
    return {f["name"]: min(f.geometry().distance(shape) for shape in shapes) for f in places.getFeatures()}


def test_the_distance_to_the_nearest_is_the_native_one(run, countries, one_server):
    places = points([(x, y) for x in range(-170, 171, 20) for y in range(-80, 81, 20)])
    native = run(
        "native:joinbynearest", INPUT=places, INPUT_2=countries, FIELDS_TO_COPY=[], OUTPUT="memory:"
    )["OUTPUT"]
    wanted = nearest_of_all(places, countries)
    natives = {f["name"]: f["distance"] for f in native.getFeatures()}
    if not index_takes_boxes_for_geometries():
        assert wanted == pytest.approx(natives, abs=1e-9)
    ours = run("redisgeo:cachednearest", INPUT=places, INPUT_2=countries, OUTPUT="memory:")
    found = {f["name"]: f["distance"] for f in ours["OUTPUT"].getFeatures()}
    assert found == pytest.approx(wanted, abs=1e-9) and len(found) == places.featureCount()
    for feature in ours["OUTPUT"].getFeatures():
        assert feature.geometry().length() == pytest.approx(feature["distance"])
    again = run("redisgeo:cachednearest", INPUT=places, INPUT_2=countries, OUTPUT="memory:")
    assert again["COMPUTED"] == 0
    worker = WorkerProcess(one_server.url)
    try:
        with one_server.client() as client:
            client.flushall()
        sent = run("redisgeo:enqueuejobs", INPUT=places, OPERATION="nearest", OVERLAY=countries)
        got = run("redisgeo:collectresults", BATCH=sent["BATCH"], TIMEOUT=60, OUTPUT="memory:")
    finally:
        worker.close()
    assert {f["name"]: f["distance"] for f in got["OUTPUT"].getFeatures()} == pytest.approx(wanted, abs=1e-9)
