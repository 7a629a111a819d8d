"""redisgeo:enqueuejobs and redisgeo:collectresults with real workers, against the native algorithms."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime

from redis_geo_plugin.bridge import compat
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import open_server
from tests.support.jobs import WorkerProcess, wait_until


@pytest.fixture
def worker(one_server):
    running = WorkerProcess(one_server.url)
    yield running
    running.close()


@pytest.fixture
def run(plugin, qgis_processing):
    import processing

    def call(name, **parameters):
        return processing.run(
            f"redisgeo:{name}", parameters, context=QgsProcessingContext(), feedback=QgsProcessingFeedback()
        )

    return call


def layer(wkts, kind="Polygon", crs="EPSG:32618"):
    made = QgsVectorLayer(f"{kind}?crs={crs}", "plots", "memory")
    provider = made.dataProvider()
    fields = [
        ("name", compat.STRING),
        ("size", compat.DOUBLE),
        ("seen", compat.DATE),
        ("at", compat.DATETIME),
    ]
    provider.addAttributes([compat.field(name, kind) for name, kind in fields])
    made.updateFields()
    features = []
    for i, wkt in enumerate(wkts):
        feature = QgsFeature(made.fields())
        if wkt is not None:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        at = QDateTime.fromString("2026-11-22T10:20:30.123", "yyyy-MM-ddTHH:mm:ss.zzz")
        feature.setAttributes([f"é {i}" if i else None, i * 1.5, QDate(2026, 1, 1 + i), at])
        features.append(feature)
    provider.addFeatures(features)
    QgsProject.instance().addMapLayer(made)
    return made


SQUARES = [f"POLYGON(({x} 0, {x + 8} 0, {x + 8} 8, {x} 8, {x} 0))" for x in range(0, 60, 10)]


def same(ours, native):
    ours, native = list(ours.getFeatures()), list(native.getFeatures())
    assert len(ours) == len(native)
    for mine, theirs in zip(ours, native):
        assert mine.attributes() == theirs.attributes()
        assert mine.hasGeometry() == theirs.hasGeometry()
        if mine.hasGeometry():
            difference = mine.geometry().symDifference(theirs.geometry()).area()
            assert difference <= 1e-6 * max(theirs.geometry().area(), 1.0)


def test_a_buffer_by_workers_is_the_native_one(run, worker):
    import processing

    source = layer([*SQUARES, None])
    sent = run("enqueuejobs", INPUT=source, OPERATION="buffer", DISTANCE=3.0, SEGMENTS=6, JOIN_STYLE=1)
    assert sent["COUNT"] == 7
    got = run("collectresults", BATCH=sent["BATCH"], TIMEOUT=30, OUTPUT="memory:")
    assert (got["COUNT"], got["FAILED"]) == (7, 0)
    native = processing.run(
        "native:buffer",
        {"INPUT": source, "DISTANCE": 3.0, "SEGMENTS": 6, "JOIN_STYLE": 1, "OUTPUT": "memory:"},
    )
    same(got["OUTPUT"], native["OUTPUT"])
    assert got["OUTPUT"].crs() == source.crs()
    assert [f.name() for f in got["OUTPUT"].fields()] == ["name", "size", "seen", "at"]
    # The desktop finds them in its own cache, and a second batch needs no worker.
    again = run("cachedbuffer", INPUT=source, DISTANCE=3.0, SEGMENTS=6, JOIN_STYLE=1, OUTPUT="memory:")
    assert (again["HITS"], again["MISSES"]) == (6, 0)
    worker.kill()
    sent = run("enqueuejobs", INPUT=source, OPERATION="buffer", DISTANCE=3.0, SEGMENTS=6, JOIN_STYLE=1)
    got = run("collectresults", BATCH=sent["BATCH"], TIMEOUT=0, OUTPUT="memory:")
    assert got["COUNT"] == 7


def test_workers_with_another_geos_are_told_of_and_their_results_kept_apart(run, one_server):
    given = {"INPUT": layer(SQUARES), "DISTANCE": 3.0}
    others = WorkerProcess(one_server.url, "--operations", "tests.support.another_geos")
    try:
        queue = JobQueue(open_server(one_server.settings()))
        wait_until(queue.alive)
        algorithm = QgsApplication.processingRegistry().algorithmById("redisgeo:enqueuejobs")
        feedback = QgsProcessingFeedback()
        sent, ok = algorithm.run({**given, "OPERATION": 0}, QgsProcessingContext(), feedback)
        assert ok and "The workers have GEOS 3.1," in feedback.textLog()
        got = run("collectresults", BATCH=sent["BATCH"], TIMEOUT=30, OUTPUT="memory:")
    finally:
        others.close()
    assert (got["COUNT"], got["FAILED"]) == (6, 0)
    here = run("cachedbuffer", **given, OUTPUT="memory:")
    assert (here["HITS"], here["MISSES"]) == (0, 6), "what another GEOS computed is not taken for our own"


def test_collecting_that_is_cancelled_returns_nothing(run):
    sent = run("enqueuejobs", INPUT=layer(SQUARES), OPERATION="buffer", DISTANCE=3.0)
    algorithm = QgsApplication.processingRegistry().algorithmById("redisgeo:collectresults")
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    given = {"BATCH": sent["BATCH"], "TIMEOUT": 30, "OUTPUT": "memory:"}
    results, ok = algorithm.run(given, QgsProcessingContext(), feedback)
    assert ok and results == {}


def test_an_intersection_by_workers_is_the_native_one(run, worker):
    import processing

    source, overlay = layer(SQUARES), layer(["POLYGON((5 -5, 35 -5, 35 5, 5 5, 5 -5))", SQUARES[1]])
    sent = run("enqueuejobs", INPUT=source, OPERATION="intersection", OVERLAY=overlay)
    got = run("collectresults", BATCH=sent["BATCH"], TIMEOUT=30, OUTPUT="memory:")
    assert got["FAILED"] == 0
    native = processing.run("native:intersection", {"INPUT": source, "OVERLAY": overlay, "OUTPUT": "memory:"})

    def rows(result):
        return sorted((f.attributes()[0] or "", round(f.geometry().area(), 6)) for f in result.getFeatures())

    assert rows(got["OUTPUT"]) == rows(native["OUTPUT"])
    assert [f.name() for f in got["OUTPUT"].fields()] == [f.name() for f in native["OUTPUT"].fields()]


def test_overlays_that_differ_in_the_order_of_their_vertices_are_sent_as_they_are(run, worker):
    """The cache, which the algorithm computes with, knows them apart; so does a batch."""
    source = layer(["Polygon((0 0,4 0,4 4,0 4,0 0))"])
    overlay = layer(["Polygon((1 1,9 1,9 3,1 3,1 1))", "Polygon((9 3,1 3,1 1,9 1,9 3))"])
    sent = run("enqueuejobs", INPUT=source, OPERATION="intersection", OVERLAY=overlay)
    run("collectresults", BATCH=sent["BATCH"], TIMEOUT=60, OUTPUT="memory:")
    again = run("cachedintersection", INPUT=source, OVERLAY=overlay, OUTPUT="memory:", NAMESPACE="other")
    cached = run("cachedintersection", INPUT=source, OVERLAY=overlay, OUTPUT="memory:")
    assert cached["HITS"] == 2 and again["HITS"] == 0
    assert [f.geometry().asWkt() for f in cached["OUTPUT"].getFeatures()] == [
        f.geometry().asWkt() for f in again["OUTPUT"].getFeatures()
    ]


def test_what_cannot_be_sent_or_collected_is_said(run):
    source = layer(SQUARES)
    with pytest.raises(QgsProcessingException, match="overlay"):
        run("enqueuejobs", INPUT=source, OPERATION="intersection")
    with pytest.raises(QgsProcessingException, match="queue"):
        run("enqueuejobs", INPUT=source, OPERATION="buffer", QUEUE="a{b")
    with pytest.raises(QgsProcessingException, match="no batch"):
        run("collectresults", BATCH="nonsense", OUTPUT="memory:")
    sent = run("enqueuejobs", INPUT=source, OPERATION="buffer", DISTANCE=99.0)
    got = run("collectresults", BATCH=sent["BATCH"], TIMEOUT=0, OUTPUT="memory:")
    assert (got["COUNT"], got["FAILED"]) == (0, 0)


@pytest.fixture
def enqueue_form(plugin, qgis_processing, monkeypatch):
    """The dialog of redisgeo:enqueuejobs, singly or in batch."""
    from processing.gui import ParametersPanel
    from processing.gui.AlgorithmDialog import AlgorithmDialog
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

    monkeypatch.setattr(ParametersPanel, "iface", None)  # there is no window
    made = []

    def make(batch):
        algorithm = QgsApplication.processingRegistry().algorithmById("redisgeo:enqueuejobs").create()
        made.append(BatchAlgorithmDialog(algorithm) if batch else AlgorithmDialog(algorithm))
        return made[-1]

    yield make
    for dialog in made:
        dialog.deleteLater()


LABELS = [
    "Buffer",
    "Intersection",
    "Simplify",
    "Convex hull",
    "Dissolve by attribute",
    "Distance to the nearest",
]


def texts(box):
    return [box.itemText(row) for row in range(box.count())]


@pytest.mark.parametrize("batch", [False, True], ids=["one", "batch"])
def test_the_form_shows_operations_in_words_and_gives_the_names_of_the_api(enqueue_form, batch):
    dialog = enqueue_form(batch)
    if batch:
        (wrapper,) = [
            w for w in dialog.mainWidget().wrappers[0] if w and w.parameterDefinition().name() == "OPERATION"
        ]
    else:
        wrapper = dialog.mainWidget().wrappers["OPERATION"]
    box = wrapper.wrappedWidget()
    assert texts(box) == LABELS and wrapper.parameterValue() == "buffer"
    box.setCurrentText("Convex hull")
    assert wrapper.parameterValue() == "convexhull"
    wrapper.setParameterValue("nearest", QgsProcessingContext())
    assert box.currentText() == "Distance to the nearest" and wrapper.parameterValue() == "nearest"


def test_the_model_designer_shows_operations_in_words_too(plugin, qgis_iface, qgis_processing):
    from processing.modeler.ModelerParametersDialog import ModelerParametersDialog
    from qgis.core import QgsProcessingModelAlgorithm
    from qgis.PyQt.QtWidgets import QComboBox

    algorithm = QgsApplication.processingRegistry().algorithmById("redisgeo:enqueuejobs").create()
    dialog = ModelerParametersDialog(algorithm, QgsProcessingModelAlgorithm())
    try:
        (wrapper,) = [w for name, w in dialog.widget.widget.wrappers.items() if name == "OPERATION"]
        (box,) = [box for box in wrapper.findChildren(QComboBox) if box.findData("simplify") >= 0]
        assert texts(box) == LABELS
        box.setCurrentText("Dissolve by attribute")
        assert wrapper.value().staticValue() == "dissolve"
    finally:
        dialog.deleteLater()
