"""Live positions: a fleet moving each second in a layer on a canvas, the window's stalls measured by a heartbeat.

Server, producer and QGIS share the machine. REDIS_GEO_BENCH_SECONDS shortens the runs (default 60).
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

from benchmarks.harness import compare, figure, qgis_application, spin_until
from benchmarks.live_rig import Rig

SECONDS = float(os.environ.get("REDIS_GEO_BENCH_SECONDS", "60"))


def benchmarks():
    yield ten_thousand
    yield hundred_thousand
    yield cost_follows_changes
    yield delay_of_a_change
    yield the_usual_way
    yield soak


def _run(vehicles: int, changes: int, seconds: float, interval: float = 1.0, unrelated: int = 0) -> dict[str, Any]:
    rig = Rig(vehicles, changes, seconds + 30.0, interval, unrelated)
    try:
        return rig.run(seconds)
    finally:
        rig.close()


def ten_thousand():
    """Rows: 10,000 vehicles, all moving each second."""
    runs = [_run(10_000, 10_000, SECONDS / 3) for _ in range(3)]
    given = f"10,000 vehicles, all each second, 3 x {SECONDS / 3:g} s"
    stall = statistics.median(run["stall_ms"] for run in runs)
    age = statistics.median(run["age_s"] for run in runs)
    return [
        figure("longest stall of the window, median", given, stall, "ms", at_most=50),
        figure("oldest position when drawn (interval 1 s)", given, age, "s", at_most=2.0),
    ]


def hundred_thousand():
    """Rows: 100,000 vehicles, all moving each second; memory after the first minute."""
    seconds = SECONDS * 1.5
    run = _run(100_000, 100_000, seconds)
    given = f"100,000 vehicles, all each second, {seconds:g} s"
    memory = run["memory_mb"]
    settled = memory[len(memory) * 2 // 3]
    return [
        figure("longest stall of the window", given, run["stall_ms"], "ms", at_most=100),
        figure("oldest position when drawn", given, run["age_s"], "s", at_most=3.0),
        figure("memory growth in the last third", given, max(memory[-1] - settled, 0.0), "MB", at_most=10),
    ]


def cost_follows_changes():
    """Rows: main-thread time of a tick with 100 changes against all; the same beside a million unrelated keys."""
    everything = _run(100_000, 100_000, SECONDS / 4)
    per_second = sum(everything["tick_ms"]) / sum(everything["rows"]) * 100_000
    few = _run(100_000, 100, SECONDS / 4)
    few_ms = statistics.median(few["tick_ms"])
    crowded = _run(100_000, 100, SECONDS / 4, unrelated=1_000_000)
    rates = [sum(run["reads_cpu_s"]) / max(len(run["reads_cpu_s"]), 1) for run in (few, crowded)]
    given = "100 of 100,000 vehicles each second"
    return [
        compare(
            "work of a tick, 100 changes against all", given, ours=few_ms, other=per_second, at_least=50, unit="ms"
        ),
        figure(
            "cost of a refresh beside 1,000,000 unrelated keys",
            given,
            (rates[1] / rates[0] - 1.0) * 100.0 if rates[0] else 0.0,
            "% more",
            at_most=10,
        ),
    ]


def delay_of_a_change():
    """Row: from the producer's writing to the layer, tracking on."""
    run = _run(10_000, 100, SECONDS / 4, interval=0.25)
    delay = statistics.median(run["delays"]) * 1000.0
    return figure("change to layer, median (interval 250 ms)", "100 of 10,000 a second", delay, "ms", at_most=300)


def the_usual_way():
    """Row: main-thread time of a tick, beside truncating and adding to a layer with a spatial index."""
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

    from redis_geo_plugin.bridge.live.layer import FIXED, LayerWriter, moment, new_layer
    from redis_geo_plugin.core.live.records import Fix

    qgis_application()
    usual = QgsVectorLayer("Point?crs=EPSG:4326&index=yes", "usual", "memory")
    layer = new_layer("ours")
    usual.dataProvider().addAttributes([f for f in layer.fields() if f.name() in dict(FIXED)])
    usual.updateFields()
    writer = LayerWriter(layer, "bench")
    now = time.time()

    def fleet(turn: int) -> dict[str, Fix]:
        return {
            str(i): Fix(str(i), b"", i * 0.01, turn * 0.01, now + turn, now, float(turn), float((i + turn) % 360))
            for i in range(10_000)
        }

    def ours(fixes: dict[str, Fix]) -> float:
        started = time.thread_time()
        writer.offer(fixes, {}, {})
        while writer.write(1.0):
            pass
        return time.thread_time() - started

    def theirs(fixes: dict[str, Fix]) -> float:
        started = time.thread_time()
        features = []
        for fix in fixes.values():
            feature = QgsFeature(usual.fields())
            feature.setAttributes([fix.id, moment(fix.time), fix.speed, fix.heading, "bench", None])
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(fix.lon, fix.lat)))
            features.append(feature)
        usual.dataProvider().truncate()
        usual.dataProvider().addFeatures(features)
        return time.thread_time() - started

    turns = [fleet(turn) for turn in range(6)]
    ours(turns[0])
    theirs(turns[0])
    pairs = [(ours(fixes), theirs(fixes)) for fixes in turns[1:]]
    return compare(
        "main-thread time of a tick, beside truncate and add with an index",
        "10,000 vehicles, all moved",
        ours=statistics.median(p[0] for p in pairs),
        other=statistics.median(p[1] for p in pairs),
        at_least=5,
    )


def soak():
    """Rows: 1,000 changes a second for a while; what has grown since the first third."""
    import threading

    rig = Rig(5_000, 1_000, SECONDS + 30.0)
    try:
        threads = threading.active_count()
        with rig.server.client() as client:
            connections = len(client.client_list())
        run = rig.run(SECONDS)
        with rig.server.client() as client:
            more_connections = len(client.client_list()) - connections
        more_threads = threading.active_count() - threads
        more_features = int(rig.feed.layer.featureCount()) - 5_000
        spin_until(lambda: not rig.canvas.isDrawing())
    finally:
        rig.close()
    memory = run["memory_mb"]
    given = f"1,000 changes a second, {SECONDS:g} s"
    return [
        figure(
            "soak: memory growth in the last two thirds", given, memory[-1] - memory[len(memory) // 3], "MB", at_most=10
        ),
        figure("soak: threads more", given, more_threads, "", at_most=0),
        figure("soak: connections more", given, more_connections, "", at_most=0),
        figure("soak: features more", given, more_features, "", at_most=0),
    ]
