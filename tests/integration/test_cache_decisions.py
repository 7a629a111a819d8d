"""What is asked for and what is computed on the spot: by itself for points, by measured cost for other small geometries."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache import namespaces
from redis_geo_plugin.core.cache.run import CHUNK_ITEMS, Chunk
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations.buffer import Buffer
from redis_geo_plugin.core.redis.server import open_server
from tests.support.runs import cached_run
from tests.support.slow_link import SlowLink

COUNT = 3000


class Slow(Buffer):
    """A buffer of which one takes two milliseconds."""

    def compute(self, geometries, numbers):
        time.sleep(0.002 * len(numbers))
        return super().compute(geometries, numbers)


def points(count=COUNT):
    return wkb.write(shapely.points(np.arange(float(count)), np.arange(float(count)) % 70))


def squares(count=COUNT):
    return wkb.write(shapely.box(np.arange(float(count)), 0.0, np.arange(float(count)) + 0.5, 0.5))


def finish(settings, wkbs, operation=None, distances=None, **options):
    """Run in chunks; every result is checked. Returns the report."""
    operation = operation or Buffer(segments=8)
    distances = distances or [1.0] * len(wkbs)
    run = cached_run(open_server(settings), operation, "decisions", expected=len(wkbs), **options)
    starts = range(0, len(wkbs), CHUNK_ITEMS)
    chunks = (Chunk((wkbs[i : i + CHUNK_ITEMS],), distances[i : i + CHUNK_ITEMS]) for i in starts)
    results = [result for finished in run.run(chunks) for result in finished.results]
    present = [i for i, value in enumerate(wkbs) if value is not None]
    assert [i for i, result in enumerate(results) if result is not None] == present
    right = Buffer(segments=8).planar(
        wkb.read([wkbs[i] for i in present]), np.array([distances[i] for i in present], dtype=float)
    )
    ours = wkb.read([results[i] for i in present])
    apart = shapely.area(shapely.symmetric_difference(ours, right))
    assert (apart <= 1e-6 * shapely.area(right)).all()  # both are empty for a negative distance
    assert run.report.failure is None and run.report.total == len(present)
    return run.report


def stored(server):
    return namespaces.count(open_server(server.settings()), "decisions").ours


def test_many_points_never_ask(server):
    for _ in range(2):
        report = finish(server.settings(), points())
        assert (report.direct, report.computed, report.hits) == (COUNT, COUNT, 0)
    assert stored(server) == 0


def test_few_points_are_cached(server):
    assert finish(server.settings(), points(500)).stored == 500
    assert finish(server.settings(), points(500)).hits == 500


def test_all_points_are_cached_when_that_is_asked_for(server):
    assert finish(server.settings(), points(), cache_all=True).stored == COUNT
    assert finish(server.settings(), points(), cache_all=True).hits == COUNT


def test_among_points_the_other_geometries_take_their_own_way(server):
    values = points()
    values[10] = None
    values[20] = wkb.write_one(shapely.MultiPoint([(20, 0), (22, 0)]))
    values[30] = wkb.write_one(shapely.Point(0, 0).buffer(1, quad_segs=500))
    distances = [1.0] * COUNT
    distances[40] = -1.0
    for turn in range(2):
        report = finish(server.settings(), values, distances=distances)
        assert report.direct == COUNT - 4
        assert report.hits == (3 if turn else 0)
    assert stored(server) == 3


def test_what_is_slow_to_compute_is_asked_for(one_server):
    report = finish(one_server.settings(), squares(1100), Slow(segments=8))
    assert (report.direct, report.stored) == (0, 1100)
    again = finish(one_server.settings(), squares(1100), Slow(segments=8))
    assert (again.direct, again.hits) == (0, 1100)


@pytest.mark.parametrize("filled", [False, True])
def test_what_is_slow_to_fetch_is_computed(make_server, filled):
    """Also where the sample is all hits, which say nothing of how fast this machine computes."""
    real = make_server()
    if filled:
        assert finish(real.settings(), squares(), cache_all=True).stored == COUNT
    link = SlowLink(("127.0.0.1", real.port))
    try:
        link.delay = 0.2
        far = replace(real.settings(), port=link.port)
        report = finish(far, squares())
    finally:
        link.close()
    assert report.direct >= COUNT - 3 * 256
    assert report.hits == (report.total - report.direct if filled else 0)
