"""The cache against native:buffer, as whole ``processing.run`` calls with an output layer, on QGIS's own world map.

"Second run" is the same request again in the same process; "as on another desktop" forgets first what this process
remembers of the geometries it has hashed. Of many points none is asked for: their circles are computed at once
(``core/geometry/circles.py``). "In a task" is the way of the dock and of dialogs.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time

from benchmarks.harness import MemoryMeter, compare, figure, in_turn, qgis_application, seconds
from benchmarks.window import run_in_window

_server = None
POINTS = 50_000
TURNS = 12
MILLION = 1_000_000


def benchmarks():
    """The figures of the cache; the server is one of the benchmark's own."""
    _start_server()
    try:
        yield countries
        yield states
        yield points
        yield points_in_a_task
        yield squares
        yield short_lines
        yield united_squares
        yield dissolved_squares
        yield simplified_lines
        yield million_squares
        yield reading
        yield million
        yield window
    finally:
        _server.close()


def _start_server():
    global _server
    from tests.support.servers import RealServer

    qgis_application()
    _server = RealServer("valkey")
    os.environ["REDIS_GEO_URL"] = _server.url


def _empty():
    with _server.client() as client:
        client.flushall()
    _forget()


def _forget():
    """What this process remembers of geometries that it has hashed, and of what is worth keeping."""
    from redis_geo_plugin.bridge.cache import handover
    from redis_geo_plugin.core.cache import costs, digests

    digests._memory.clear()
    costs.forget()
    handover.forget()


def _buffer(algorithm, layer, distance, segments=8, output="memory:"):
    import processing

    given = {"INPUT": layer, "DISTANCE": distance, "SEGMENTS": segments, "OUTPUT": output}
    return processing.run(algorithm, given)


def _world(name):
    from qgis.core import QgsApplication, QgsFeatureRequest, QgsVectorLayer

    path = f"{QgsApplication.pkgDataPath()}/resources/data/world_map.gpkg|layername={name}"
    return QgsVectorLayer(path, name, "ogr").materialize(QgsFeatureRequest())


def _against_native(layer, distance, given, repeat, first_at_least, second_at_least, another=None):
    """Rows of a first run (server and memory empty) and second runs against native:buffer."""
    native = seconds(lambda: _buffer("native:buffer", layer, distance), repeat)
    first = seconds(lambda: _buffer("redisgeo:cachedbuffer", layer, distance), repeat, before=_empty)
    second = seconds(lambda: _hits(layer, distance), 5)
    elsewhere = seconds(lambda: _hits(layer, distance), 3, before=_forget)
    return [
        compare("first run against native:buffer", given, ours=first, other=native, at_least=first_at_least),
        compare(
            "second run against native:buffer", given, ours=second, other=native, at_least=second_at_least
        ),
        compare(
            "as on another desktop, from the cache",
            given,
            ours=elsewhere,
            other=native,
            at_least=another or 1.0,
        ),
    ]


def _hits(layer, distance):
    """A run that is read from the cache; small geometries may be found quicker to compute than to fetch."""
    results = _buffer("redisgeo:cachedbuffer", layer, distance)
    assert results["HITS"] and not results["FAILED"] and not results["FAILURE"], results


def countries():
    return _against_native(_world("countries"), 1.0, "240 countries, 1 degree, 8 segments", 1, 3.5, 300)


def states():
    return _against_native(_world("states_provinces"), 0.1, "4,556 states, 0.1 degree, 8 segments", 3, 1.3, 8)


def _points(count):
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

    chance = random.Random(1)
    layer = QgsVectorLayer("Point?crs=EPSG:3857&field=n:integer", "points", "memory")
    for start in range(0, count, 100_000):
        features = []
        for n in range(start, min(start + 100_000, count)):
            feature = QgsFeature(layer.fields())
            feature.setAttributes([n])
            feature.setGeometry(
                QgsGeometry.fromPointXY(QgsPointXY(chance.uniform(-2e7, 2e7), chance.uniform(-2e7, 2e7)))
            )
            features.append(feature)
        layer.dataProvider().addFeatures(features)
    return layer


def points():
    layer = _points(POINTS)
    native, first, second = in_turn(
        TURNS,
        lambda: seconds(lambda: _buffer("native:buffer", layer, 10.0)),
        lambda: seconds(lambda: _buffer("redisgeo:cachedbuffer", layer, 10.0), before=_empty),
        lambda: seconds(lambda: _buffer("redisgeo:cachedbuffer", layer, 10.0)),
    )
    given = f"{POINTS:,} points, 8 segments, median of {TURNS}"
    return [
        compare("first run against native:buffer", given, ours=first, other=native, at_least=1 / 1.3),
        compare("second run against native:buffer", given, ours=second, other=native, at_least=1.0),
    ]


def points_in_a_task():
    """From a background task, as in the dock and in dialogs, both of them."""
    layer = _points(POINTS)
    native, ours = in_turn(
        TURNS, lambda: _in_a_task("native:buffer", layer), lambda: _in_a_task("redisgeo:cachedbuffer", layer)
    )
    given = f"{POINTS:,} points, 8 segments, median of {TURNS}"
    return compare("points, in a background task", given, ours=ours, other=native, at_least=1.0)


def _in_a_task(algorithm, layer):
    """Seconds; the main thread waits within Qt, as QGIS's does, and not in Python, which would hinder the task's Python."""
    from qgis.core import (
        QgsApplication,
        QgsProcessingAlgRunnerTask,
        QgsProcessingContext,
        QgsProcessingFeedback,
    )
    from qgis.PyQt.QtCore import QEventLoop

    context, feedback, loop, ended = QgsProcessingContext(), QgsProcessingFeedback(False), QEventLoop(), []
    found = QgsApplication.processingRegistry().algorithmById(algorithm)
    given = {"INPUT": layer, "DISTANCE": 10.0, "SEGMENTS": 8, "OUTPUT": "memory:"}
    started = time.perf_counter()
    task = QgsProcessingAlgRunnerTask(found, given, context, feedback)
    task.executed.connect(lambda ok, results: (ended.append(ok), loop.quit()))
    QgsApplication.taskManager().addTask(task)
    loop.exec()
    assert ended == [True]
    return time.perf_counter() - started


def _shapes(kind, wkbs):
    """A layer of these shapes; ``wkbs`` are lists, so that a million need not stand side by side."""
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

    layer = QgsVectorLayer(f"{kind}?crs=EPSG:3857&field=n:integer", kind, "memory")
    number = 0
    for values in wkbs:
        features = []
        for value in values:
            feature, geometry = QgsFeature(layer.fields()), QgsGeometry()
            geometry.fromWkb(value)
            feature.setGeometry(geometry)
            feature.setAttributes([number])
            features.append(feature)
            number += 1
        layer.dataProvider().addFeatures(features)
    return layer


def _squares(count):
    """Squares of 20 m, as houses are."""
    import numpy as np
    import shapely

    chance = np.random.default_rng(1)
    for start in range(0, count, POINTS):
        x, y = chance.uniform(-2e7, 2e7, (2, min(POINTS, count - start)))
        yield shapely.to_wkb(shapely.box(x, y, x + 20.0, y + 20.0))


def _short_lines(count):
    """Lines of three vertices and some 60 m, as streets between two crossings are."""
    import numpy as np
    import shapely

    chance = np.random.default_rng(1)
    corners = chance.uniform(-2e7, 2e7, (count, 1, 2)) + np.array([[0.0, 0.0], [30.0, 9.0], [60.0, 0.0]])
    yield shapely.to_wkb(shapely.linestrings(corners))


def squares():
    return _against_native_in_turn(_shapes("Polygon", _squares(POINTS)), f"{POINTS:,} squares, 8 segments")


def short_lines():
    return _against_native_in_turn(
        _shapes("LineString", _short_lines(POINTS)), f"{POINTS:,} short lines, 8 segments"
    )


def united_squares():
    """In one feature, whose shape is kept."""
    layer, given = _shapes("Polygon", _squares(POINTS)), f"{POINTS:,} squares, 8 segments, dissolved"
    return _against_native_in_turn(layer, given, turns=3, DISTANCE=10.0, SEGMENTS=8, DISSOLVE=True)


def dissolved_squares():
    """Each a group of its own."""
    layer, given = _shapes("Polygon", _squares(POINTS)), f"{POINTS:,} squares by a unique field"
    return _against_native_in_turn(layer, given, algorithms=("dissolve", "dissolve"), FIELD=["n"])


def simplified_lines():
    layer, given = _shapes("LineString", _short_lines(POINTS)), f"{POINTS:,} short lines"
    algorithms = ("simplifygeometries", "simplify")
    return _against_native_in_turn(layer, given, algorithms=algorithms, TOLERANCE=5.0)


def _against_native_in_turn(layer, what, turns=0, algorithms=("buffer", "buffer"), **parameters):
    """What is small: never slower than native beyond what is felt, whether it stands in the cache or not."""
    import processing

    native_name, own_name = f"native:{algorithms[0]}", f"redisgeo:cached{algorithms[1]}"
    parameters = parameters or {"DISTANCE": 10.0, "SEGMENTS": 8}
    turns = turns or TURNS

    def run(name):
        return processing.run(name, {"INPUT": layer, "OUTPUT": "memory:", **parameters})

    native, first, again = in_turn(
        turns,
        lambda: seconds(lambda: run(native_name)),
        lambda: seconds(lambda: run(own_name), before=_empty),
        lambda: seconds(lambda: run(own_name)),
    )
    given = f"{what}, to memory, median of {turns}"
    return [
        compare(f"first run against {native_name}", given, ours=first, other=native, at_least=1 / 1.3),
        compare(f"again, against {native_name}", given, ours=again, other=native, at_least=1 / 1.1),
    ]


def million_squares():
    """To memory, both; by how much the process's memory exceeds what it was at native's peak, results included."""
    layer = _shapes("Polygon", _squares(MILLION))
    rows = _against_native_in_turn(layer, f"{MILLION:,} squares, 8 segments", turns=3)
    peaks = []
    for algorithm in ("native:buffer", "redisgeo:cachedbuffer"):
        with MemoryMeter() as meter:
            _buffer(algorithm, layer, 10.0)
        peaks.append(meter.peak / 1e6)
    given = f"{MILLION:,} squares, 8 segments, to memory"
    return [
        *rows,
        figure("memory above native:buffer's own peak", given, peaks[1] - peaks[0], "MB", at_most=300.0),
    ]


def reading():
    """50,000 values by name: MGET by the thousand and the check of every value, as a run does it, against one GET each."""
    import numpy as np
    import shapely

    from redis_geo_plugin.core.cache import codec
    from redis_geo_plugin.core.cache.digests import item_digests, key
    from redis_geo_plugin.core.cache.link import Link
    from redis_geo_plugin.core.cache.run import CHUNK_ITEMS
    from redis_geo_plugin.core.geometry import wkb
    from redis_geo_plugin.core.operations import Buffer
    from redis_geo_plugin.core.redis.server import open_server

    _empty()
    server, operation = open_server(_server.settings()), Buffer(segments=8)
    shapes = shapely.points(np.arange(float(POINTS)), 0.0)
    digests = item_digests(operation, [wkb.write(shapes)], [1.0] * POINTS)
    names = [server.key(key(operation, "bench", digest)) for digest in digests]
    values = wkb.write(operation.planar(shapes, np.ones(POINTS)))
    link = Link(server)
    entries = [(n, codec.encode(d, v), 3600) for n, d, v in zip(names, digests, values)]
    for start in range(0, POINTS, 5000):
        link.write(entries[start : start + 5000])

    def ours():
        raws = link.read(names)
        for start in range(0, POINTS, CHUNK_ITEMS):
            these = slice(start, start + CHUNK_ITEMS)
            assert all(codec.PLAIN.decode_all(digests[these], raws[these], operation.result_kinds()))

    def one_by_one():
        with _server.client() as client:
            assert all(client.get(name) for name in names)

    mine, theirs = in_turn(3, lambda: seconds(ours), lambda: seconds(one_by_one))
    return compare(
        "reading values against one GET each", f"{POINTS:,} values", ours=mine, other=theirs, at_least=10
    )


def million():
    """Every buffer stored on the server and written to a file, whatever it costs."""
    from qgis.core import QgsSettings

    layer = _points(MILLION)
    _empty()
    _buffer("redisgeo:cachedbuffer", _points(10), 10.0)  # what is imported once does not count
    QgsSettings().setValue("redis_geo/cache/cache_all", True)
    folder = tempfile.mkdtemp(prefix="redis-geo-bench-")
    try:
        with MemoryMeter() as meter:
            started = time.perf_counter()
            results = _buffer("redisgeo:cachedbuffer", layer, 10.0, 5, f"{folder}/out.gpkg")
            taken = time.perf_counter() - started
        assert results["STORED"] >= MILLION - 10, results
    finally:
        QgsSettings().remove("redis_geo/cache/cache_all")
        shutil.rmtree(folder, ignore_errors=True)
        _empty()
    given = f"{MILLION:,} points, all stored, output to a file"
    return [
        figure("memory added to the process", given, meter.added_mb, "MB", at_most=500.0),
        figure("time", given, taken, "s"),
    ]


def window():
    """240 countries from the Cache dock in a real QGIS window: the longest stall of its event loop."""
    _empty()
    found = run_in_window("dock_in_qgis.py", _server.url)
    given = "240 countries, 1 degree, 8 segments, dock"
    return [
        figure("window: longest stall, first run", given, found["first"]["stall_ms"], "ms", at_most=100.0),
        figure("window: longest stall, second run", given, found["second"]["stall_ms"], "ms", at_most=100.0),
        figure("window: first run", given, found["first"]["seconds"], "s"),
        figure("window: second run", given, found["second"]["seconds"], "s"),
    ]
