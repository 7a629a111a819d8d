"""The union of a run's results: the same by however many threads, whether its members meet or not."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache import compute
from redis_geo_plugin.core.cache.merged_buffer import dissolved, union_digest
from redis_geo_plugin.core.cache.run import CachedRun
from redis_geo_plugin.core.cache.store import CacheStore
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations import Buffer
from tests.support.memory_link import MemoryLink


@pytest.fixture(params=[1, 2, 3, 5, 8])
def _threads(request):
    before = compute.threads()
    compute.set_threads(request.param)
    yield
    compute.set_threads(before)


def circles(count, widest):
    x, y = np.random.default_rng(count).uniform(0, widest, (2, count))
    return wkb.write(shapely.buffer(shapely.points(x, y), 1.0, quad_segs=4))


@pytest.mark.parametrize(("count", "widest"), [(1, 1), (3, 1), (100, 5), (400, 40), (400, 1e6)])
@pytest.mark.usefixtures("_threads")
def test_it_is_the_union_of_all_and_is_kept(count, widest):
    link, results = MemoryLink(), circles(count, widest)
    run = CachedRun(CacheStore(link, Buffer(), "team", 600))
    right = shapely.union_all(wkb.read(results))
    for found in (dissolved(run, results), dissolved(run, results[::-1])):
        whole = wkb.read([found])[0]
        assert shapely.is_valid(whole) and shapely.get_num_geometries(whole) == shapely.get_num_geometries(
            right
        )
        assert shapely.area(shapely.symmetric_difference(whole, right)) < 1e-9 * shapely.area(right)
    assert run.report.stored == 1 and union_digest(results) == union_digest(results[::-1])


@pytest.mark.usefixtures("_threads")
def test_members_of_which_nothing_is_left_count_for_nothing():
    empty = wkb.write(np.array([shapely.Polygon()] * 100, dtype=object))
    for others, area in (([], 0.0), ([shapely.box(0, 0, 1, 1)], 1.0)):
        run = CachedRun(CacheStore(MemoryLink(), Buffer(), "team", 600))
        whole = wkb.read([dissolved(run, [*empty, *wkb.write(np.array(others, dtype=object))])])[0]
        assert shapely.area(whole) == area and shapely.is_empty(whole) == (not others)
