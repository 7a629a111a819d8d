"""Cached runs over stars, begun, ended and checked."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache.run import Chunk
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations.buffer import Buffer
from redis_geo_plugin.core.redis.server import open_server
from tests.support.patience import PATIENCE
from tests.support.runs import cached_run

OPERATION = Buffer(segments=8, crs="EPSG:3857")
NAMESPACE = "faults"
FLAVOURS = pytest.mark.parametrize("flavour", ["redis", "valkey"])


def stars(count, corners=60):
    """WKB of that many polygons, all different."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    rings = []
    for i in range(count):
        radii = 5 + (np.arange(corners) % 2) * (3 + i / count)
        rings.append(np.column_stack((10 * i + radii * np.cos(angles), radii * np.sin(angles))))
    return wkb.write(shapely.polygons(np.array(rings)))


def expected(wkbs, distance=1.0, operation=OPERATION):
    return operation.planar(wkb.read(wkbs), np.full(len(wkbs), distance))


def start(settings, wkbs, distance=1.0, chunk=50, **options):
    """(run, iterator of its chunks)."""
    server = open_server(settings) if settings is not None else None
    run = cached_run(server, OPERATION, NAMESPACE, cache_all=True, **options)
    parts = [wkbs[i : i + chunk] for i in range(0, len(wkbs), chunk)]
    return run, run.run(Chunk((part,), [distance] * len(part)) for part in parts)


def finish(settings, wkbs, distance=1.0, **options):
    """Run to the end, check every shape, and return the report."""
    run, chunks = start(settings, wkbs, distance, **options)
    assert_right([r for finished in chunks for r in finished.results], wkbs, distance)
    return run.report


def assert_right(results, wkbs, distance=1.0):
    assert len(results) == len(wkbs)
    ours, right = wkb.read(results), expected(wkbs, distance)
    apart = shapely.area(shapely.symmetric_difference(ours, right)) / shapely.area(right)
    assert apart.max() < 1e-6


def wait_until(predicate):
    deadline = time.monotonic() + PATIENCE
    while not predicate():
        assert time.monotonic() < deadline
        time.sleep(0.01)
