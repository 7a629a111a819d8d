"""Long rings stretch by stretch: the buffer is that of the whole ring, wherever it begins and whichever way it runs."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.errors import GEOSException

from redis_geo_plugin.core.cache import proof
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations import Buffer, stretches
from redis_geo_plugin.core.operations.buffer import JoinStyle
from tests.support.world import country

ALIKE = 1e-10  # relative symmetric difference: GEOS 3.11 gives 1e-16 or so, 3.13 rounds more


def largest_part(name):
    parts = shapely.get_parts(wkb.read([country(name)])[0])
    return parts[np.argmax(shapely.get_num_coordinates(parts))]


def of_ring(xy):
    return shapely.Polygon(np.vstack((xy, xy[:1])))


def begun_at(polygon, vertex):
    return of_ring(np.roll(shapely.get_coordinates(shapely.get_exterior_ring(polygon))[:-1], -vertex, axis=0))


def wavy(vertices, radius=10.0, depth=0.5, waves=20, detail=0.0):
    """A round polygon with bays, and a spike at every other vertex where there is ``detail``."""
    angles = np.linspace(0.0, 2 * np.pi, vertices, endpoint=False)
    away = radius + depth * np.sin(waves * angles) + detail * (np.arange(vertices) % 2)
    return of_ring(np.column_stack((away * np.cos(angles), away * np.sin(angles))))


def difference(one, other):
    return shapely.area(shapely.symmetric_difference(one, other)) / shapely.area(other)


def assert_as_whole(polygon, distance, segments=8):
    found = stretches.buffer(polygon, distance, segments)
    whole = shapely.buffer(polygon, distance, quad_segs=segments)
    assert found is not None and proof.same(found, whole)
    assert difference(found, whole) < ALIKE
    assert shapely.get_num_interior_rings(found) == shapely.get_num_interior_rings(whole)


@pytest.mark.parametrize("segments", [4, 5, 8, 16])
@pytest.mark.parametrize("name, distance", [("Norway", 1.0), ("Sweden", 2.0), ("Chile", 1.0), ("China", 1.0)])
def test_stretch_by_stretch_equals_the_whole_ring(name, distance, segments):
    assert_as_whole(largest_part(name), distance, segments)


def test_a_ring_that_runs_the_other_way():
    norway = largest_part("Norway")
    assert shapely.is_ccw(shapely.get_exterior_ring(norway)) != shapely.is_ccw(
        shapely.reverse(norway).exterior
    )
    assert_as_whole(shapely.reverse(norway), 1.0)


def test_wherever_the_ring_begins():
    """Where GEOS would leave out one of the first vertices of a line, but not of a ring, and where it would not."""
    polygon = largest_part("Sweden")
    ways = set()
    for vertex in range(24, 44, 2):
        begun = begun_at(polygon, vertex)
        assert_as_whole(begun, 3.0)
        cut = stretches._stretches(shapely.get_coordinates(begun.exterior), 3.0)
        ways.add(sum(0 in stretch for stretch in cut))
    assert ways == {1, 2}


def test_the_stretches_have_every_corner_within_one_of_them():
    ring = shapely.get_coordinates(largest_part("Norway").exterior)
    last = len(ring) - 1
    within = np.concatenate([stretch[1:-1] % last for stretch in stretches._stretches(ring, 1.0)])
    kept, _ = stretches._simplified(ring, 0.01)
    assert set((kept % last).tolist()) <= set(within.tolist())


def test_a_lake_within_the_buffer_stays_and_what_the_bands_enclose_of_the_land_goes():
    outside = shapely.buffer(shapely.Point(0, 0), 10.0, quad_segs=200)
    gap = shapely.box(-0.2, 0.0, 0.2, 20.0)
    land = shapely.difference(
        outside, shapely.union(shapely.buffer(shapely.Point(0, 0), 6.0, quad_segs=200), gap)
    )
    assert land.geom_type == "Polygon" and not land.interiors  # a ring with a narrow mouth
    (found,) = Buffer(segments=8).planar(
        np.array([land]), np.array([1.0])
    )  # GEOS 3.13 loses a band: as a whole there
    assert len(found.interiors) == 1
    assert difference(found, shapely.buffer(land, 1.0, quad_segs=8)) < ALIKE


def test_holes_that_the_buffer_fills():
    land = wavy(1500)
    lakes = [shapely.Point(x, 0).buffer(0.5).exterior for x in (-3, 3)]
    assert_as_whole(shapely.Polygon(land.exterior, lakes), 1.0)


def test_a_vertex_that_stands_twice():
    xy = shapely.get_coordinates(largest_part("Sweden").exterior)[:-1]
    assert_as_whole(of_ring(np.repeat(xy, 1 + (np.arange(len(xy)) % 7 == 0), axis=0)), 1.0)


@pytest.mark.parametrize(
    "polygon, distance, segments",
    [
        (wavy(1500), -1.0, 8),
        (wavy(1500), 0.0, 8),
        (wavy(1500), 0.01, 8),  # hardly an arc meets another
        (wavy(900), 1.0, 8),
        (wavy(1500), 1.0, 3),
        (shapely.Polygon(wavy(1500).exterior, [shapely.Point(0, 0).buffer(3).exterior]), 1.0, 8),
        (shapely.LineString(shapely.get_coordinates(wavy(1500))), 1.0, 8),
        (shapely.Polygon([*wavy(1500).exterior.coords[:-1], (-30, 40), (5, -40)]), 1.0, 8),  # crosses itself
    ],
    ids=["negative", "zero", "sparse", "short", "coarse", "lake", "line", "invalid"],
)
def test_what_is_left_to_geos_as_a_whole(polygon, distance, segments):
    geometries, distances = np.array([polygon]), np.array([distance])
    assert not stretches.long_ones(geometries, distances, segments).any()
    (found,) = Buffer(segments=segments).planar(geometries, distances)
    assert shapely.equals_exact(found, shapely.buffer(polygon, distance, quad_segs=segments))


def test_a_ring_without_a_place_to_cut_is_buffered_as_a_whole():
    """No two neighbours stand out."""
    saw = wavy(1500, depth=0.0, detail=0.1)
    assert stretches.long_ones(np.array([saw]), np.ones(1), 8).all() and stretches.buffer(saw, 1.0, 8) is None
    (found,) = Buffer(segments=8).planar(np.array([saw]), np.ones(1))
    assert shapely.equals_exact(found, shapely.buffer(saw, 1.0, quad_segs=8))


def test_where_geos_fails_with_the_stretches_it_is_asked_for_the_whole(monkeypatch):
    def fail(*_):
        raise GEOSException("TopologyException: side location conflict")

    monkeypatch.setattr(stretches, "_filled", fail)
    norway = largest_part("Norway")
    (found,) = Buffer(segments=8).planar(np.array([norway]), np.ones(1))
    assert shapely.equals_exact(found, shapely.buffer(norway, 1.0, quad_segs=8))


def test_among_others_and_among_parts():
    """Each result stands where it belongs; islands beside a long coast are part of the result."""
    islands = [shapely.Point(30, 0).buffer(2), shapely.Point(0, 13).buffer(1)]
    geometries = np.array(
        [shapely.Point(0, 0), shapely.MultiPolygon([wavy(1500), *islands]), None, wavy(1200), *islands]
    )
    distances = np.array([1.0, 1.0, 1.0, 2.0, 1.0, -0.5])
    long = stretches.long_ones(geometries, distances, 8)
    assert long.tolist() == [False, True, False, True, False, False]
    found = Buffer(segments=8).planar(geometries, distances)
    whole = shapely.buffer(geometries, distances, quad_segs=8)
    assert found[2] is None
    for one, other in zip(found[[0, 1, 3, 4, 5]], whole[[0, 1, 3, 4, 5]]):
        assert proof.same(one, other) and difference(one, other) < ALIKE


def test_only_round_joins_are_cut(monkeypatch):
    monkeypatch.setattr(stretches, "buffer", lambda *_: pytest.fail("cut"))
    land = np.array([wavy(1500)])
    (found,) = Buffer(segments=8, join=JoinStyle.BEVEL).planar(land, np.ones(1))
    assert shapely.equals_exact(found, shapely.buffer(land[0], 1.0, quad_segs=8, join_style="bevel"))


@pytest.mark.parametrize("keep", [0.0, 0.3], ids=["whole band", "part of a band"])
def test_where_geos_loses_a_band_it_is_asked_for_the_whole(monkeypatch, keep):
    """As 3.13 does, without a word."""
    usual = shapely.buffer

    def buffer(geometries, *given, single_sided=False, **more):
        found = usual(geometries, *given, single_sided=single_sided, **more)
        if single_sided:
            west, south, east, north = found[3].bounds
            found[3] = shapely.intersection(
                found[3], shapely.box(west, south, west + keep * (east - west), north)
            )
        return found

    land = wavy(1500)
    whole = usual(land, 1.0, quad_segs=8)
    assert stretches.buffer(land, 1.0, 8) is not None
    monkeypatch.setattr(shapely, "buffer", buffer)
    assert stretches.buffer(land, 1.0, 8) is None
    (found,) = Buffer(segments=8).planar(np.array([land]), np.ones(1))
    assert shapely.equals_exact(found, whole)
