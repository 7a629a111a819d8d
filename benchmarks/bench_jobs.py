"""The queue: two workers against one, books per job, a long queue, and the way of a result to the desktop."""

from __future__ import annotations

import gc
import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

import numpy as np
import shapely

from redis_geo_plugin.core.cache.digests import key
from redis_geo_plugin.core.jobs.geometry_sources import from_geopackage
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.operations import Buffer
from redis_geo_plugin.core.redis.server import Server
from tests.support.jobs import NAMESPACE, WorkerProcess, send, wait_finished, wait_until
from tests.support.servers import RealServer

from . import harness

WORLD = "/usr/share/qgis/resources/data/world_map.gpkg"
DEGREES = Buffer(segments=8, crs="EPSG:4326")
TRIVIAL = 20_000
WAITING = 1_000_000
SENT = 40_000  # jobs enqueued, and
WORKED = 60_000  # jobs worked, each with and without the long queue
TURNS = 3


def benchmarks() -> Iterator[Callable[[], Any]]:
    yield two_workers_on_countries
    yield two_workers_on_polygons
    yield books_per_job
    for flavour in ("redis", "valkey"):
        yield partial(a_long_queue, flavour)
    yield stored_to_layer


def countries() -> np.ndarray:
    """The countries of QGIS's own world map: 240 features, 220,081 vertices."""
    with sqlite3.connect(f"file:{WORLD}?mode=ro", uri=True) as database:
        blobs = [row[0] for row in database.execute("SELECT geom FROM countries")]
    return shapely.from_wkb(np.array([from_geopackage(blob) for blob in blobs], dtype=object))


def polygons(count: int) -> np.ndarray:
    """Star-like areas of 200 vertices each, from a fixed seed."""
    dice = np.random.default_rng(7)
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    made = []
    for x, y in dice.uniform(0, 100_000, (count, 2)):
        radius = dice.uniform(20, 60, len(angles))
        made.append(
            shapely.Polygon(np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)]))
        )
    return np.array(made, dtype=object)


class Place:
    """A server with idle workers, ready to be timed."""

    def __init__(self, workers: int, flavour: str = "valkey"):
        self.server = RealServer(flavour)
        self.queue = JobQueue(Server(self.server.settings()))
        self.queue.ensure()
        self.workers = [WorkerProcess(self.server.url, take_over=30.0) for _ in range(workers)]
        if workers:
            warm = send(self.queue, shapely.points(np.arange(400.0), 0.0))
            wait_finished(self.queue, warm)
            wait_until(lambda: len(self.queue.alive()) == workers)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.close()
        self.queue.server.close()
        self.server.close()

    def time(self, geometries: Any, distance: float, operation: Any) -> float:
        """Seconds from the first job sent to the last one booked."""
        started = time.perf_counter()
        state = wait_finished(self.queue, send(self.queue, geometries, distance, operation), 600)
        assert state.computed == len(geometries), state
        return time.perf_counter() - started


def two_workers(
    given: str, turns: int, geometries: np.ndarray, distance: float, operation: Any
) -> harness.Row:
    """Both by turns, so that neither has the quieter moment; the medians are compared."""
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(turns):
        for workers, taken in times.items():
            with Place(workers) as place:
                taken.append(place.time(geometries, distance, operation))
    one, two = (statistics.median(times[workers]) for workers in (1, 2))
    return harness.compare("2 workers against 1", given, ours=two, other=one, at_least=1.7)


def two_workers_on_countries() -> harness.Row:
    return two_workers(f"240 countries, 1 degree, median of {TURNS}", TURNS, countries(), 1.0, DEGREES)


def two_workers_on_polygons() -> harness.Row:
    given = "20,000 generated polygons, 200 vertices"
    return two_workers(given, 1, polygons(20_000), 10.0, Buffer(segments=8, crs="EPSG:32618"))


def books_per_job() -> harness.Row:
    """Everything a trivial job costs, the computation included: sent, taken, looked up, computed, stored, booked."""
    dice = np.random.default_rng(3)
    with Place(1) as place:
        seconds = place.time(shapely.points(dice.uniform(0, 50, (TRIVIAL, 2))), 1.0, DEGREES)
    return harness.figure(
        "per trivial job", "20,000 points, 1 worker", 1000.0 * seconds / TRIVIAL, "ms", at_most=1.0
    )


def a_long_queue(flavour: str) -> list[harness.Row]:
    """The same enqueuing and the same work, with as many jobs as it takes and with a million more waiting.

    By turns, so that what else the machine does falls on both; the median of each.
    """
    dice = np.random.default_rng(5)
    points = shapely.points(dice.uniform(0, 50, (WAITING, 2)))
    enqueue: dict[bool, list[float]] = {False: [], True: []}
    work: dict[bool, list[float]] = {False: [], True: []}
    with Place(0, flavour) as short, Place(0, flavour) as long:
        send(long.queue, points, 2.0, DEGREES)
        places = ((short, False), (long, True))
        for turn in range(TURNS):
            for place, is_long in places:
                gc.collect()
                enqueue[is_long].append(_enqueue(place, points[:SENT], 3.0 + turn))
        send(short.queue, points[: TURNS * WORKED], 2.0, DEGREES)  # enough to work
        for _ in range(TURNS):
            for place, is_long in places:
                work[is_long].append(_work(place))
    given = f"1,000,000 jobs waiting against none, {flavour}"
    return [
        harness.compare(
            name,
            given,
            ours=statistics.median(times[True]),
            other=statistics.median(times[False]),
            at_least=0.9,
        )
        for name, times in (("enqueue", enqueue), ("work", work))
    ]


def _enqueue(place: Place, sample: np.ndarray, distance: float) -> float:
    started = time.perf_counter()
    send(place.queue, sample, distance, DEGREES)
    return time.perf_counter() - started


def _work(place: Place) -> float:
    """Seconds for WORKED jobs from the head of the queue, by one worker that has found its pace."""
    worker = WorkerProcess(place.server.url, take_over=30.0)
    try:
        _left(place, _depth(place) - WORKED // 6)
        start = _depth(place)
        started = time.perf_counter()
        end = _left(place, start - WORKED)
        return (time.perf_counter() - started) * WORKED / (start - end)
    finally:
        worker.close()


def _depth(place: Place) -> int:
    return int(place.queue.client.xlen(place.queue.p + b"flux"))


def _left(place: Place, count: int) -> int:
    return wait_until(lambda: (depth := _depth(place)) <= count and max(depth, 1), 300)


def stored_to_layer() -> harness.Row:
    """From the moment a result can be read in the cache to the moment it is a feature of the layer in a QGIS."""
    harness.qgis_application()
    from qgis.core import QgsProject, QgsWkbTypes

    from redis_geo_plugin.bridge.jobs.results import ResultLayout
    from redis_geo_plugin.gui.jobs import filler

    details = {"fields": [], "crs": "EPSG:4326", "wkb_type": int(QgsWkbTypes.Type.MultiPolygon)}
    layout = ResultLayout.of(details)
    lags = []
    with Place(1) as place:
        for turn in range(20):
            layer = layout.memory_layer(f"turn {turn}")
            QgsProject.instance().addMapLayer(layer)
            batch = _open_batch(place, details, turn)
            filler.mark(layer, batch[0], place.queue.name, "")
            filling = filler.Filler(layer, place.server.settings(), lambda *_: None)
            watch = Stored(place, batch[2])
            place.queue.enqueue(batch[0], batch[1], [batch[3]], 0)
            harness.spin_until(lambda layer=layer: layer.featureCount() == 1)
            lags.append(1000.0 * (time.perf_counter() - watch.when()))
            filling.stop()
    worst, middle = max(lags), statistics.median(lags)
    return harness.figure(
        "stored to layer", f"20 jobs, the slowest (median {middle:.0f} ms)", worst, "ms", at_most=300.0
    )


def _open_batch(place: Place, details: dict[str, Any], turn: int) -> tuple[str, Any, bytes, Any]:
    from redis_geo_plugin.core.cache.digests import item_digests
    from redis_geo_plugin.core.jobs.model import Descriptor, Job

    descriptor = Descriptor(DEGREES.name, DEGREES.version, DEGREES.to_job(), NAMESPACE, 3600)
    wkb = shapely.to_wkb(shapely.Point(turn, 7.5), byte_order=1)
    digest = item_digests(DEGREES, [[wkb]], [1.5])[0]
    name = place.queue.server.key(key(DEGREES, NAMESPACE, digest))
    batch = place.queue.create_batch("lag", descriptor, details)
    return batch, descriptor, name, Job(0, digest, (wkb,), 1.5, attributes=[])


class Stored:
    """Looks every half millisecond, in a thread, when a key comes to be."""

    def __init__(self, place: Place, name: bytes):
        self._client = place.server.client()
        self._name = name
        self._when = 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._client.exists(self._name):
            time.sleep(0.0005)
        self._when = time.perf_counter()

    def when(self) -> float:
        self._thread.join(10)
        self._client.close()
        return self._when
