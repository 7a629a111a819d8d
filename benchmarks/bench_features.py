"""Features from Redis to a finished layer, against OGR reading the same from a file; and publishing them."""

from __future__ import annotations

import json
import math
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.harness import StallMeter, compare, figure, in_turn, qgis_application, seconds, spin_until

COUNT, CORNERS = 100_000, 40
AT_MOST = {"GeoJSON": 1.5, "WKB": 1.2}  # times OGR's reading
MOST_MEMORY = 1.3  # times the finished layer's
MOST_STALL = 50  # ms
CHANGES, ROUNDS = 100, 9  # features that change at once, and how often
LEAST_SPARED = 100  # times less than a full read
TOGETHER = 1000  # keys of one MSET


def benchmarks():
    yield features


def polygon(number: int) -> list[list[float]]:
    """A ring of 40 corners around a place of its own."""
    x, y = -170 + 340 * (number % 317) / 317, -80 + 160 * (number // 317) / 317
    ring = [
        [
            round(x + 0.2 * math.cos(2 * math.pi * n / CORNERS), 7),
            round(y + 0.2 * math.sin(2 * math.pi * n / CORNERS), 7),
        ]
        for n in range(CORNERS)
    ]
    return [*ring, ring[0]]


def features():
    """Rows: GeoJSON strings and WKB to a layer in memory; what the process takes; publishing."""
    from tests.support.servers import RealServer

    qgis_application()
    server = RealServer("valkey")
    try:
        with tempfile.TemporaryDirectory() as folder, server.client() as client:
            lines = []
            for start in range(0, COUNT, TOGETHER):
                texts, bytes_ = {}, {}
                for number in range(start, start + TOGETHER):
                    ring = polygon(number)
                    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
                               "properties": {"n": number, "name": f"zone {number}"}}  # fmt: skip
                    lines.append(json.dumps(feature))
                    texts[f"json:{number}"] = lines[-1]
                    flat = [value for place in ring for value in place]
                    bytes_[f"wkb:{number}"] = struct.pack(
                        f"<BIIII{len(flat)}d", 1, 0x20000003, 4326, 1, len(ring), *flat
                    )
                client.mset(texts)
                client.mset(bytes_)
            file = Path(folder) / "zones.geojson"
            file.write_text('{"type":"FeatureCollection","features":[' + ",\n".join(lines) + "]}")
            del lines
            yield from measured(server, file)
    finally:
        server.close()


def measured(server, file: Path):
    os.environ["REDIS_GEO_URL"] = server.url
    package = file.with_suffix(".gpkg")
    to_package(file, package)
    given = f"{COUNT:,} polygons of {CORNERS} corners"
    sources = {"GeoJSON": ("json:*", file, "a GeoJSON file"), "WKB": ("wkb:*", package, "a GeoPackage")}
    for name, (source, path, kind) in sources.items():
        ours, theirs = in_turn(
            3, lambda source=source: seconds(lambda: from_redis(server.url, source)),
            lambda path=path: seconds(lambda: from_file(path)),
        )  # fmt: skip
        yield compare(f"{name} to a layer, against OGR from {kind}", given, ours=ours, other=theirs,
                      at_least=1.0 / AT_MOST[name])  # fmt: skip
    finished = memory_of("from_file", str(package))
    for name, (source, _, _) in sources.items():
        peak = memory_of("from_redis", server.url, source)
        yield figure(f"memory of {name} to a layer, of the finished layer's", f"{given}, {finished:.0f} MB", peak / finished,
                     "times", at_most=MOST_MEMORY)  # fmt: skip
    yield figure("publishing as GeoJSON", given, seconds(lambda: publish(package)), "s")
    yield from live(server, given)


def live(server, given: str):
    """Rows: a live set that is filled, and follows 100 changes: the work of both threads, the window's stalls."""
    from qgis.core import QgsProject

    from redis_geo_plugin.bridge.features.live_sets import LiveSets
    from redis_geo_plugin.bridge.server import connections
    from redis_geo_plugin.bridge.server.connections import SavedConnection
    from redis_geo_plugin.core.features.set_spec import SetSpec

    connections.save(SavedConnection(replace(server.settings(), name="bench")))
    connections.set_active("bench")
    sets = LiveSets(lambda layer, _group: QgsProject.instance().addMapLayer(layer))

    def is_filled() -> bool:
        return "polygons" in one.layers and one.layers["polygons"].featureCount() == COUNT

    try:
        with StallMeter() as stalls:
            started = time.process_time()
            one = sets.add(SetSpec(name="zones", source="wkb:*", interval=0.25))
            spin_until(lambda: is_filled() and one.tick.rows >= 0 and not one.core.has_news)
            full = time.process_time() - started
        with server.client() as client, StallMeter() as later:
            works = [changed(client, one, number) for number in range(ROUNDS)]
        yield compare(f"work of a live set for {CHANGES} changes, against all", given, ours=statistics.median(works),
                      other=full, at_least=LEAST_SPARED)  # fmt: skip
        yield figure(
            "longest stall while a live set is filled", given, stalls.longest_ms, "ms", at_most=MOST_STALL
        )
        yield figure("longest stall while it follows", f"{CHANGES} changes at once", later.longest_ms, "ms",
                     at_most=MOST_STALL)  # fmt: skip
    finally:
        sets.close()
        QgsProject.instance().clear()


def changed(client, one, number: int) -> float:
    """The processor seconds from the change of features until the layer shows it."""
    ticks = {id(one.tick): one.tick}  # of which the first was before; one may be told more than once
    one.ticked.connect(lambda: ticks.setdefault(id(one.tick), one.tick))
    old = one.tick.rows

    def shown() -> int:
        return sum(tick.rows for tick in ticks.values()) - old

    before = {}
    for n in range(number * CHANGES, (number + 1) * CHANGES):
        ring = polygon(n + 7)
        flat = [value for place in ring for value in place]
        before[f"wkb:{n}"] = struct.pack(f"<BIIII{len(flat)}d", 1, 0x20000003, 4326, 1, len(ring), *flat)
    started = time.process_time()
    client.mset(before)
    spin_until(lambda: shown() >= CHANGES)
    assert shown() == CHANGES
    return time.process_time() - started


def memory_of(name: str, *given: str) -> float:
    """By how many MB a process of its own grows at most, while it makes a layer."""
    code = (
        "import sys; from qgis.core import QgsApplication; app = QgsApplication([], False); app.initQgis()\n"
        "from benchmarks import bench_features as b; from benchmarks.harness import MemoryMeter\n"
        "import numpy, shapely, redis_geo_plugin.core.features.reading, redis_geo_plugin.bridge.features.layers\n"
        "with MemoryMeter() as meter: layer = getattr(b, sys.argv[1])(*sys.argv[2:])\n"
        "print('MB', meter.added_mb, flush=True)\n"
        "import os; os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, name, *given], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split("MB")[-1])


def from_redis(url: str, source: str):
    """A finished layer, by the algorithm's own functions."""
    from qgis.core import QgsCoordinateTransformContext

    from redis_geo_plugin.bridge.features.layers import POLYGONS, FeatureTable
    from redis_geo_plugin.core.features.reading import ReadRequest, read_features
    from redis_geo_plugin.core.live import collector
    from redis_geo_plugin.core.redis.server import Server
    from redis_geo_plugin.core.redis.settings import from_url

    opened = Server(from_url(url))
    with collector.held():  # as the algorithm
        found = read_features(opened, ReadRequest(source))
        opened.close()
        table = FeatureTable(found)
        layer, add = memory_layer(table.fields)
        for kind, feature, _ in table.rows(found.features, QgsCoordinateTransformContext(), print):
            assert kind == POLYGONS
            add(feature)
    assert layer.featureCount() == COUNT
    return layer


def from_file(path):
    """The same layer, of a file that OGR reads."""
    from qgis.core import QgsVectorLayer

    source = QgsVectorLayer(str(path), "source", "ogr")
    layer, add = memory_layer(source.fields())
    for feature in source.getFeatures():
        add(feature)
    assert layer.featureCount() == COUNT
    return layer


def memory_layer(fields):
    from qgis.core import QgsFeatureSink, QgsVectorLayer

    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "features", "memory")
    layer.dataProvider().addAttributes(fields.toList())
    layer.updateFields()
    provider, fast = layer.dataProvider(), QgsFeatureSink.Flag.FastInsert
    return layer, lambda feature: provider.addFeature(feature, fast)


def to_package(file: Path, package: Path) -> None:
    from qgis.core import QgsCoordinateTransformContext, QgsVectorFileWriter, QgsVectorLayer

    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    layer = QgsVectorLayer(str(file), "source", "ogr")
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(package), QgsCoordinateTransformContext(), options)


def publish(package: Path) -> None:
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsVectorLayer

    from redis_geo_plugin.processing.publish_features import PublishFeatures

    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    layer = QgsVectorLayer(str(package), "source", "ogr")
    parameters = {"INPUT": layer, "KEY": "out:[% $id %]", "FORMAT": 0}
    results, good = PublishFeatures().create().run(parameters, context, QgsProcessingFeedback())
    assert good and results["COUNT"] == COUNT
