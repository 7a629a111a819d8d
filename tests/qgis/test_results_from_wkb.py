"""Results as QGIS takes them from GEOS, though they come as WKB."""

from __future__ import annotations

import pytest
import shapely
from qgis.core import QgsFeature

from redis_geo_plugin.bridge.cache import features

OUTER = [(0, 0, 8), (9, 0, 6), (9, 9, 6), (0, 9, 5), (0, 0, 6)]  # its ends differ in Z only
HOLE = [(1, 1, 1), (2, 1, 1), (2, 2, 1), (1, 1, 3)]
CLOSED = [(3, 3, 1), (4, 3, 1), (4, 4, 1), (3, 3, 1)]


def rings(polygon):
    found = [polygon.exteriorRing(), *(polygon.interiorRing(i) for i in range(polygon.numInteriorRings()))]
    return [[(p.x(), p.y(), p.z()) for p in ring.points()] for ring in found]


def closed(ring):
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize(
    "shape",
    [(OUTER,), (OUTER, CLOSED, HOLE), (CLOSED, HOLE), (CLOSED,)],
    ids=["outer", "both", "hole", "none"],
)
def test_rings_whose_ends_differ_in_z_only_are_closed(shape, multi):
    polygon = shapely.Polygon(shape[0], shape[1:])
    feature, other = QgsFeature(), shapely.Polygon(CLOSED)
    given = shapely.MultiPolygon([other, polygon]) if multi else polygon
    features.set_geometry(feature, shapely.to_wkb(given), multi)
    got = feature.geometry().constGet()
    first = [rings(got.geometryN(i)) for i in range(got.partCount())] if multi else [rings(got)]
    wanted = [[list(map(tuple, closed(ring))) for ring in shape]]
    assert first == ([[CLOSED], *wanted] if multi else wanted)


@pytest.mark.parametrize(
    "wkt", ["POLYGON Z EMPTY", "MULTIPOLYGON Z EMPTY", "POLYGON EMPTY", "POINT Z (1 2 3)"]
)
def test_what_has_no_rings_stays_as_it_is(wkt):
    geometry = features.from_wkb(shapely.to_wkb(shapely.from_wkt(wkt)))
    assert geometry.isEmpty() == shapely.from_wkt(wkt).is_empty
