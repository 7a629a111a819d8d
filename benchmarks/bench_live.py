"""Live positions: a fleet moving each second in a layer on a canvas, the window's stalls measured by a heartbeat.

Server, producer and QGIS share the machine. REDIS_GEO_BENCH_SECONDS shortens the runs (default 60).
"""

from __future__ import annotations

import gc
import os
import statistics
import time

from benchmarks.harness import compare, figure, qgis_application
from benchmarks.live_rig import Rig, Seen, growth

SECONDS = float(os.environ.get("REDIS_GEO_BENCH_SECONDS", "60"))
RUNS = 3
PAIRS = 5


def benchmarks():
    yield ten_thousand
    yield hundred_thousand
    yield mapped_fleet
    yield cost_follows_changes
    yield delay_of_a_change
    yield the_usual_way


def _run(
    vehicles: int,
    changes: int,
    seconds: float,
    interval: float = 1.0,
    delays: bool = False,
    mapped: bool = False,
) -> Seen:
    rig = Rig(vehicles, changes, seconds + 60.0, interval, mapped)
    try:
        if delays:
            rig.watch_delays()
        return rig.run(seconds)
    finally:
        rig.close()


def ten_thousand():
    """Rows: 10,000 vehicles, all moving each second: the longest stall of each run, and how far the map was behind."""
    runs = [_run(10_000, 10_000, SECONDS) for _ in range(RUNS)]
    given = f"10,000 vehicles, all each second, {RUNS} x {SECONDS:g} s"
    stall = statistics.median(run.stall_ms for run in runs)
    behind = statistics.median(run.behind for run in runs)
    return [
        figure("longest stall of the window, median", given, stall, "ms", at_most=50),
        figure("display behind at most (interval 1 s)", given, behind, "s", at_most=1.0),
    ]


def hundred_thousand():
    """Rows: 100,000 vehicles, all moving each second; memory after the first minute."""
    seconds = SECONDS * 1.5
    run = _run(100_000, 100_000, seconds)
    given = f"100,000 vehicles, all each second, {seconds:g} s"
    return [
        figure("longest stall of the window", given, run.stall_ms, "ms", at_most=100),
        figure("every change shown within", given, run.behind, "s", at_most=3.0),
        figure("memory growth after two thirds", given, growth(run.memory_mb, 2 / 3), "MB", at_most=10),
    ]


def mapped_fleet():
    """Rows: 250,000 vehicles, all moving each second, read by a process of their own into a mapped layer."""
    run = _run(250_000, 250_000, SECONDS, mapped=True)
    given = f"250,000 vehicles, all each second, read by a process of its own, {SECONDS:g} s"
    return [
        figure("longest stall of the window, mapped", given, run.stall_ms, "ms", at_most=30),
        figure("every change shown within, mapped", given, run.behind, "s", at_most=3.5),
        figure(
            "memory growth after two thirds, mapped", given, growth(run.memory_mb, 2 / 3), "MB", at_most=10
        ),
    ]


def cost_follows_changes():
    """Rows: work of a tick with 100 changes against all (the window's and the feed's); the same beside a million
    unrelated keys."""
    everything = work_ms(_run(100_000, 100_000, SECONDS / 4), 100_000)
    pairs = _beside_unrelated(1_000_000)
    given = "100 of 100,000 vehicles each second"
    return [
        compare(
            "work of a tick, 100 changes against all",
            given,
            ours=statistics.median(alone for alone, _ in pairs),
            other=everything,
            at_least=50,
            unit="ms",
        ),
        figure(
            "cost of a refresh beside 1,000,000 unrelated keys",
            f"{given}; {len(pairs)} times without and with them, one after the other; median",
            (statistics.median(crowded / alone for alone, crowded in pairs) - 1.0) * 100.0,
            "% more",
            at_most=10,
        ),
    ]


def _beside_unrelated(count: int) -> list[tuple[float, float]]:
    """Milliseconds of a tick without and with so many other keys, in turn, of one running feed."""
    seconds = SECONDS / 6
    rig = Rig(100_000, 100, PAIRS * 2 * (seconds + 30.0))
    pairs = []
    try:
        for _ in range(PAIRS):
            alone = work_ms(rig.run(seconds), 100)
            rig.fill(count)
            crowded = work_ms(rig.run(seconds), 100)
            rig.empty(count)
            pairs.append((alone, crowded))
    finally:
        rig.close()
    return pairs


def work_ms(seen: Seen, changes: int) -> float:
    """Processor milliseconds that so many changes cost: reading them in the feed's thread, writing them in the
    window's."""
    return (seen.reads_cpu + seen.writes_cpu) / seen.rows * changes * 1000.0


def delay_of_a_change():
    """Row: from the producer's writing to the layer, tracking on."""
    run = _run(10_000, 100, SECONDS / 4, interval=0.25, delays=True)
    given = f"{len(run.delays)} changes, 100 of 10,000 vehicles a second"
    return figure("change to layer, median (interval 250 ms)", given, run.delay * 1000.0, "ms", at_most=300)


def the_usual_way():
    """Row: main-thread time of a tick, beside truncating and adding to a layer with a spatial index. Ours gets its fixes
    as the feed's thread hands them over; the usual way begins with the same numbers. Python's collector is set for ours as
    a running feed of that size sets it, and for the usual way as Python sets it, with nothing left of the rows before."""
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

    from redis_geo_plugin.bridge.live.fields import FIXED
    from redis_geo_plugin.bridge.live.layer import new_layer
    from redis_geo_plugin.bridge.live.layer_writer import LayerWriter
    from redis_geo_plugin.bridge.live.row_values import make_ready
    from redis_geo_plugin.bridge.moments import moment
    from redis_geo_plugin.core.live import collector
    from redis_geo_plugin.core.live.fleet import Fixes
    from redis_geo_plugin.core.live.records import Fix

    qgis_application()
    gc.collect()
    usual = QgsVectorLayer("Point?crs=EPSG:4326&index=yes", "usual", "memory")
    layer = new_layer("ours")
    usual.dataProvider().addAttributes([f for f in layer.fields() if f.name() in dict(FIXED)])
    usual.updateFields()
    writer = LayerWriter(layer, "bench")
    now = time.time()

    def fleet(turn: int) -> list[Fix]:
        return [
            Fix(
                str(i),
                b"",
                i * 0.01,
                turn * 0.01,
                now + turn + i * 1e-4,
                now,
                float(turn),
                float((i + turn) % 360),
            )
            for i in range(10_000)
        ]

    def ours(given: list[Fix]) -> float:
        fixes = Fixes.of(given)
        fixes.ready = make_ready(fixes)
        collector.hold(writer)
        started = time.thread_time()
        writer.offer(fixes, [], {})
        while writer.write(1.0):
            pass
        taken = time.thread_time() - started
        collector.release(writer)
        return taken

    def theirs(fixes: list[Fix]) -> float:
        started = time.thread_time()
        features = []
        for fix in fixes:
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
