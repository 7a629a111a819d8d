"""Simplify, where the GEOS at hand is newer than that of the QGIS whose native algorithm it is to equal."""

from __future__ import annotations

import numpy as np
import shapely

from redis_geo_plugin.core.operations import Simplify


def simplified(geometry, tolerance=1.0):
    return Simplify(ring_ends=True).compute((np.array([geometry], dtype=object),), np.array([tolerance]))[0]


def ring(*places):
    return shapely.Polygon(places)


def test_a_shore_may_jump_over_an_island_in_its_bay():
    """GEOS 3.11 lets it, 3.12 and later do not."""
    shore = ring((0, 0), (10, 0), (10, 10), (6, 10), (6, 9.2), (4, 9.2), (4, 10), (0, 10))
    island = shapely.box(4.8, 9.4, 5.2, 9.8)
    got = simplified(shapely.MultiPolygon([shore, island]))
    assert shapely.get_coordinates(got.geoms[0]).tolist() == [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
    assert got.geoms[1].equals(island)


def test_a_shore_does_not_cross_its_island():
    shore = ring((0, 0), (10, 0), (10, 10), (6, 10), (6, 9.2), (4, 9.2), (4, 10), (0, 10))
    island = shapely.box(4.8, 9.4, 5.2, 10.4)
    got = simplified(shapely.MultiPolygon([shore, island]))
    assert not shapely.crosses(got.geoms[0].exterior, got.geoms[1].exterior)
    assert not got.geoms[0].intersects(got.geoms[1])


def test_rings_keep_their_first_vertex_and_small_ones_stay():
    rounded = shapely.Point(0, 0).buffer(5)
    got = simplified(rounded)
    assert shapely.get_coordinates(got)[0].tolist() == shapely.get_coordinates(rounded)[0].tolist()
    assert simplified(shapely.box(0, 0, 0.1, 0.1)).equals(shapely.box(0, 0, 0.1, 0.1))


def test_what_stands_in_for_an_older_geos_has_a_key_of_its_own():
    def key(**parameters):
        return Simplify(**parameters).fingerprint()

    assert len({key(geos="3.11"), key(geos="3.13"), key(geos="3.14"), key(geos="3.14", ring_ends=True)}) == 4
    assert key(geos="3.11") == key(geos="3.11", ring_ends=True), "an old GEOS keeps the ends unasked"
