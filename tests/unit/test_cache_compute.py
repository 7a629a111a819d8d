"""Computing on all cores: part by part equals whole, one bad item spoils no other, cancelling ends it; what is cheap."""

from __future__ import annotations

import struct
import threading

import numpy as np
import pytest
import shapely
from shapely.errors import GEOSException

from redis_geo_plugin.core import background, wkb
from redis_geo_plugin.core.cache import compute, costs
from redis_geo_plugin.core.cancelling import Cancelled
from redis_geo_plugin.core.operations import Buffer, Intersection
from tests.support.world import country


@pytest.fixture(autouse=True)
def _no_threads_left():
    yield
    background.close()


def array(*geometries):
    values = np.empty(len(geometries), dtype=object)
    values[:] = geometries
    return values


def results_of(operation, columns, numbers=None, **more):
    found = list(compute.compute(operation, columns, numbers, **more))
    assert sorted(r.index for r in found) == list(range(len(columns[0])))
    return sorted(found, key=lambda r: r.index)


def apart(one, other):
    return shapely.area(shapely.symmetric_difference(one, other)) / shapely.area(other)


@pytest.mark.parametrize("name, distance", [("Norway", 0.3), ("Chile", 0.05), ("Indonesia", -0.02), ("Greece", 1.0)])
def test_part_by_part_equals_whole(name, distance):
    whole = wkb.read([country(name)])
    assert shapely.get_num_coordinates(whole)[0] > compute.UNIT_VERTICES or name == "Greece"
    (result,) = results_of(Buffer(segments=8), (whole,), np.array([distance]))
    assert apart(result.geometry, shapely.buffer(whole[0], distance, quad_segs=8)) < 1e-9
    assert result.cost_us > 0


def test_overlapping_parts_are_not_taken_apart_for_a_negative_distance():
    parts = [shapely.buffer(shapely.Point(x, 0), 10, quad_segs=2000) for x in (0, 10)]
    overlapping = shapely.MultiPolygon(parts)
    assert not Buffer().divisible(overlapping, -1.0) and Buffer().divisible(overlapping, 1.0)
    (result,) = results_of(Buffer(), (array(overlapping),), np.array([-1.0]))
    assert shapely.equals(result.geometry, shapely.buffer(overlapping, -1.0, quad_segs=5))


def test_order_and_values_of_many():
    points = shapely.points(np.arange(3000.0), 0.0)
    found = results_of(Buffer(), (points,), np.linspace(1, 2, 3000))
    right = shapely.buffer(points, np.linspace(1, 2, 3000), quad_segs=5)
    assert shapely.equals_exact(np.array([r.geometry for r in found]), right).all()


def test_every_core_computes_at_the_same_time_and_not_in_the_thread_that_asks():
    """The parts of one heavy shape, and the items of many: each unit waits until all the threads are at one."""
    cores, seen = 3, set()
    meeting = threading.Barrier(cores, timeout=20)

    class Meeting(Buffer):
        def compute(self, geometries, numbers):
            meeting.wait()
            seen.add(threading.current_thread())
            return super().compute(geometries, numbers)

    discs = shapely.buffer(shapely.points(np.arange(cores) * 10.0, 0.0), 1.0, quad_segs=compute.UNIT_VERTICES // 5)
    whole = array(shapely.MultiPolygon(list(discs)))
    points = shapely.points(np.arange(float(cores * compute.UNIT_ITEMS)), 0.0)
    usual = compute.threads()
    compute.set_threads(cores)
    try:
        assert results_of(Meeting(), (whole,), np.array([0.5]))[0].geometry is not None
        assert len(seen) == cores and threading.current_thread() not in seen
        assert all(found.geometry is not None for found in results_of(Meeting(), (points,), np.ones(len(points))))
    finally:
        compute.set_threads(usual)


class Picky(Buffer):
    """Fails like GEOS does for what lies left of zero."""

    def compute(self, geometries, numbers):
        if (shapely.get_x(shapely.centroid(geometries)) < 0).any():
            raise GEOSException("IllegalArgumentException: left of zero")
        return super().compute(geometries, numbers)


def test_one_bad_item_spoils_no_other():
    points = shapely.points(np.where(np.arange(1200) % 400 == 7, -1.0, 1.0), np.arange(1200.0))
    found = results_of(Picky(), (points,), np.ones(1200))
    bad = [r.index for r in found if r.geometry is None]
    assert bad == [7, 407, 807]
    assert all("left of zero" in found[i].error for i in bad)


def test_a_bad_part_makes_the_whole_bad():
    discs = [shapely.buffer(shapely.Point(x, 0), 1, quad_segs=2000) for x in (-5, 5)]
    (found,) = results_of(Picky(), (array(shapely.MultiPolygon(discs)),), np.ones(1))
    assert found.geometry is None and "left of zero" in found.error


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_never_reaches_geos(bad):
    lines = array(
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.from_wkb(struct.pack("<BII4d", 1, 2, 2, 0, 0, bad, 1)),
        shapely.Point(0, 0),
    )
    found = results_of(Buffer(), (lines,), np.array([1.0, 1.0, bad]))
    assert [r.geometry is None for r in found] == [False, True, True]
    assert {found[1].error, found[2].error} == {compute.NOT_FINITE}
    pair = results_of(Intersection(), (lines[:2], array(lines[1], lines[0])))
    assert [r.geometry for r in pair] == [None, None]


def test_nothing_and_empty():
    assert results_of(Buffer(), (array(),), np.array([])) == []
    found = results_of(Buffer(), (array(shapely.Polygon(), None),), np.ones(2))
    assert found[0].geometry.is_empty and found[1].geometry is None


def test_the_shares_add_up_to_one():
    shares = []
    geometries = array(*wkb.read([country("Norway"), country("France")]), shapely.Point(0, 0))
    results_of(Buffer(), (geometries,), np.full(3, 0.05), advanced=shares.append)
    assert len(shares) > 3 and sum(shares) == pytest.approx(1.0)


def test_cancelled_before_the_end_it_gives_what_is_ready():
    circles = shapely.buffer(shapely.points(np.arange(400.0) * 10, 0.0), 1, quad_segs=400)
    seen = []
    with pytest.raises(Cancelled):
        for result in compute.compute(Buffer(), (circles,), np.ones(400), lambda: len(seen) > 5):
            seen.append(result.index)
    assert 5 < len(seen) < 400


def test_cancelled_half_way_items_in_parts_are_done_too():
    """Their parts are not all computed before the first is joined: half the work gives about half the items."""
    discs = shapely.buffer(shapely.points(np.arange(4.0) * 10, 0.0), 1, quad_segs=compute.UNIT_VERTICES // 5)
    items = array(*(shapely.MultiPolygon(list(discs)) for _ in range(12)))
    shares, seen = [], []
    with pytest.raises(Cancelled):
        for result in compute.compute(
            Buffer(), (items,), np.full(12, 0.5), lambda: sum(shares) >= 0.5, advanced=shares.append
        ):
            seen.append(result)
    assert len(seen) >= 4 and all(result.geometry is not None for result in seen)


def test_the_dimension_of_an_intersection_is_that_of_the_first():
    square = shapely.box(0, 0, 2, 2)
    corner, line, point = shapely.box(2, 2, 3, 3), shapely.LineString([(-1, 1), (5, 1)]), shapely.Point(1, 1)
    pairs = [(square, corner), (square, shapely.box(1, 1, 3, 3)), (line, square), (point, square), (square, line)]
    found = results_of(Intersection(), (array(*(a for a, _ in pairs)), array(*(b for _, b in pairs))))
    shapes = [r.geometry for r in found]
    assert shapes[0].is_empty and shapes[4].is_empty
    assert shapes[1].area == 1 and shapes[2].length == 2 and shapes[3].equals(point)
    c = shapely.Polygon([(0, 0), (5, 0), (5, 5), (3, 5), (3, 2), (2, 2), (2, 3), (0, 3)])
    (mixed,) = results_of(Intersection(), (array(c), array(shapely.box(2, 3, 4, 6))))
    assert shapely.get_dimensions(shapely.get_parts(mixed.geometry)).tolist() == [2]


# -- what is worth asking for ------------------------------------------------------------------------------------------


def book_of(size=100, *, threads=2, fetch_us=30.0, wall_us=0.0, inside_us=0.0, items=costs.TRIAL):
    """A CostBook that has seen both ways of ``items`` items, with these microseconds for each."""
    book = costs.CostBook(threads)
    book.fetched(costs.SAMPLE, costs.SAMPLE * fetch_us / 1e6)
    book.computed(size, items, items * wall_us / 1e6, items * inside_us / 1e6)
    return book


def test_large_items_are_always_asked_for():
    book = costs.CostBook(2)
    assert book.plan([costs.LARGE] * 5000) == ([], list(range(5000)))
    assert not book.cheap(costs.LARGE)


def test_of_many_small_ones_a_sample_is_tried_first():
    book = costs.CostBook(2)
    sample, rest = book.plan([100] * 3000 + [costs.LARGE] * 10)
    assert len(sample) == costs.SAMPLE and sorted([*sample, *rest]) == list(range(3010))
    assert max(sample) < 3000 and not book.cheap(100)  # nothing is known yet
    assert book.plan([100] * (costs.TRIAL - 1))[0] == []  # nothing follows from so few


@pytest.mark.parametrize("wall_us, cheap", [(10, True), (29, True), (31, False), (300, False)])
def test_cheap_is_what_takes_less_time_than_fetching(wall_us, cheap):
    book = book_of(wall_us=wall_us, fetch_us=30)
    assert book.cheap(100) is cheap
    assert book.plan([100] * 3000) == ([], list(range(3000)))  # decided
    assert not book.cheap(1000)  # a larger size, of which nothing is known


def test_only_the_time_within_the_operation_is_shared_by_the_cores():
    """40 us of which 30 are GEOS's: 25 us on two cores, 13.75 on eight. All of it Python's: 40 on however many."""
    assert not book_of(threads=1, wall_us=40, inside_us=30, fetch_us=30).cheap(100)
    assert book_of(threads=2, wall_us=40, inside_us=30, fetch_us=30).cheap(100)
    assert not book_of(threads=8, wall_us=40, inside_us=0, fetch_us=30).cheap(100)
    assert not book_of(threads=8, wall_us=40, inside_us=30, fetch_us=13).cheap(100)
    assert book_of(threads=8, wall_us=40, inside_us=30, fetch_us=14).cheap(100)


def test_what_is_larger_than_a_dear_size_is_not_even_tried():
    book = costs.CostBook(2)
    book.fetched(100, 100 * 30e-6)
    sizes = [1000] * 20 + [100] * 20 + [300] * 20 + [60] * (costs.TRIAL - 1)
    tried = []
    for positions in book.to_try(sizes):
        size = sizes[positions[0]]
        tried.append(size)
        book.computed(size, len(positions), len(positions) * size * 0.2e-6, 0.0)  # 20 us, then 60 us
    assert tried == [100, 300]
    assert book.cheap(100) and not book.cheap(300) and not book.cheap(1000)


def test_a_trial_measures_the_whole_way_on_one_core():
    discs = wkb.write(shapely.buffer(shapely.points(np.arange(100.0) * 9, 0.0), 1, quad_segs=400))
    wall, inside = costs.trial(Buffer(segments=8), [discs], [1.0] * 100)
    assert 0 < inside <= wall
