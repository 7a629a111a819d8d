"""Computing on all cores: part by part equals whole, one bad item spoils no other, cancelling ends it; what is cheap."""

from __future__ import annotations

import struct
import threading

import numpy as np
import pytest
import shapely
from shapely.errors import GEOSException

from redis_geo_plugin.core import background
from redis_geo_plugin.core.cache import compute
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations import Buffer, Intersection
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.patience import PATIENCE
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


@pytest.mark.parametrize(
    "name, distance", [("Norway", 0.3), ("Chile", 0.05), ("Indonesia", -0.02), ("Greece", 1.0)]
)
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
    meeting = threading.Barrier(cores, timeout=PATIENCE)

    class Meeting(Buffer):
        def compute(self, geometries, numbers):
            meeting.wait()
            seen.add(threading.current_thread())
            return super().compute(geometries, numbers)

    discs = shapely.buffer(
        shapely.points(np.arange(cores) * 10.0, 0.0), 1.0, quad_segs=compute.UNIT_VERTICES // 5
    )
    whole = array(shapely.MultiPolygon(list(discs)))
    points = shapely.points(np.arange(float(cores * compute.UNIT_ITEMS)), 0.0)
    usual = compute.threads()
    compute.set_threads(cores)
    try:
        assert results_of(Meeting(), (whole,), np.array([0.5]))[0].geometry is not None
        assert len(seen) == cores and threading.current_thread() not in seen
        assert all(
            found.geometry is not None for found in results_of(Meeting(), (points,), np.ones(len(points)))
        )
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


HUGE = [1e151, 1e154, 1e200, 1e300, 1.7e308]
SHAPES = (
    lambda far: shapely.MultiPoint([(0, 0), (1, 1), (far, 5)]),
    lambda far: shapely.LineString([(0, 0), (far, 1), (-far, 5)]),
    lambda far: shapely.box(-far, -far, far, far),
    lambda far: shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(far, 0, far * 1.01, 1)]),
)


@pytest.mark.parametrize("style", [{}, {"cap": "square", "join": "mitre"}, {"join": "bevel", "segments": 1}])
def test_no_buffer_of_what_is_too_large_reaches_geos(style):
    """GEOS 3.11 ends the process where a square is no number."""
    geometries = array(*(shape(far) for shape in SHAPES for far in HUGE), *(shape(1.0) for shape in SHAPES))
    for distance in (0.0, 1.0, -1.0, *HUGE, -1e200):
        made = Buffer.from_job(style)
        found = results_of(made, (geometries,), np.full(len(geometries), distance))
        assert {one.error for one in found[: -len(SHAPES)]} == {compute.NOT_FINITE}
        assert all(one.refused for one in found[: -len(SHAPES)])
        ordinary = {one.error for one in found[-len(SHAPES) :]}
        assert ordinary == ({compute.NOT_FINITE} if abs(distance) > 1e150 else {""})


def test_nothing_and_empty():
    assert results_of(Buffer(), (array(),), np.array([])) == []
    found = results_of(Buffer(), (array(shapely.Polygon(), None),), np.ones(2))
    assert found[0].geometry.is_empty and found[1].geometry is None


def test_the_shares_add_up_to_one():
    told = []
    geometries = array(*wkb.read([country("Norway"), country("France")]), shapely.Point(0, 0))
    results_of(Buffer(), (geometries,), np.full(3, 0.05), watch=Watch(told=told.append))
    assert len(told) >= 3 and told[-1] == pytest.approx(1.0)


def test_cancelled_before_the_end_it_gives_what_is_ready():
    circles = shapely.buffer(shapely.points(np.arange(400.0) * 10, 0.0), 1, quad_segs=400)
    seen = []
    with pytest.raises(Cancelled):
        for result in compute.compute(Buffer(), (circles,), np.ones(400), Watch(lambda: len(seen) > 5)):
            seen.append(result.index)
    assert 5 < len(seen) < 400


def test_cancelled_half_way_items_in_parts_are_done_too():
    """Their parts are not all computed before the first is joined: half the work gives about half the items."""
    discs = shapely.buffer(shapely.points(np.arange(4.0) * 10, 0.0), 1, quad_segs=compute.UNIT_VERTICES // 5)
    items = array(*(shapely.MultiPolygon(list(discs)) for _ in range(12)))
    told, seen = [0.0], []
    with pytest.raises(Cancelled):
        for result in compute.compute(
            Buffer(), (items,), np.full(12, 0.5), Watch(lambda: told[-1] >= 0.5, told.append)
        ):
            seen.append(result)
    assert len(seen) >= 4 and all(result.geometry is not None for result in seen)


def test_the_dimension_of_an_intersection_is_that_of_the_first():
    square = shapely.box(0, 0, 2, 2)
    corner, line, point = shapely.box(2, 2, 3, 3), shapely.LineString([(-1, 1), (5, 1)]), shapely.Point(1, 1)
    pairs = [
        (square, corner),
        (square, shapely.box(1, 1, 3, 3)),
        (line, square),
        (point, square),
        (square, line),
    ]
    found = results_of(Intersection(), (array(*(a for a, _ in pairs)), array(*(b for _, b in pairs))))
    shapes = [r.geometry for r in found]
    assert shapes[0].is_empty and shapes[4].is_empty
    assert shapes[1].area == 1 and shapes[2].length == 2 and shapes[3].equals(point)
    c = shapely.Polygon([(0, 0), (5, 0), (5, 5), (3, 5), (3, 2), (2, 2), (2, 3), (0, 3)])
    (mixed,) = results_of(Intersection(), (array(c), array(shapely.box(2, 3, 4, 6))))
    assert shapely.get_dimensions(shapely.get_parts(mixed.geometry)).tolist() == [2]


def test_one_large_geometry_that_many_items_share_is_looked_at_once(monkeypatch):
    """The lines of a whole layer beside each of many squares: its vertices make no item large, and are checked once."""
    looked, real = [], shapely.get_coordinates
    monkeypatch.setattr(
        shapely, "get_coordinates", lambda value, **more: looked.append(value) or real(value, **more)
    )
    zigzag = shapely.LineString([(n, n % 2) for n in range(2 * compute.UNIT_VERTICES)])
    squares = shapely.box(np.arange(50.0), 0.0, np.arange(50.0) + 0.5, 1.0)
    results = results_of(Intersection(), (squares, array(*[zigzag] * 50)))
    assert len(results) == 50 and not any(result.error for result in results)
    assert sum(value is zigzag for value in looked) == 1


def test_a_shared_geometry_that_is_not_finite_spoils_all_that_share_it():
    wrong = shapely.from_wkb(struct.pack("<BIIdddd", 1, 2, 2, 0.0, 0.0, float("nan"), 1.0))
    squares = shapely.box(np.arange(3.0), 0.0, np.arange(3.0) + 0.5, 1.0)
    results = results_of(Intersection(), (squares, array(wrong, squares[0], wrong)))
    assert [bool(result.error) for result in results] == [True, False, True]
