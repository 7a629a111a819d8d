"""Odd but legal geometries at which GEOS itself ends the process, or never ends: computed, or refused in words."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from redis_geo_plugin.core.geometry import guarded
from redis_geo_plugin.core.operations import Buffer, Simplify

TRIANGLE = "POLYGON ((0 0, {0} 0, {0} {0}, 0 0))"
PARTS = [
    "((0 0, 4 0, 4 4, 0 0))",
    "EMPTY",
    "((9 9, 9 9, 9 9, 9 9))",
    "((0 0, 8 0, 8 8, 0 0), (6 2, 6 2, 6 2, 6 2))",
]
LINES = ["(0 0, 9 9)", "EMPTY", "(1 1, 1 1, 1 1)"]


def some(text):
    return np.array([shapely.from_wkt(text)], dtype=object)


@pytest.mark.parametrize("power", [1, 100, 139, 140, 150, 161, 162, 200, 300, 320])
@pytest.mark.parametrize("ends", [False, True])
def test_the_smallest_areas_are_simplified(power, ends):
    operation = Simplify(ring_ends=ends, geos="3.12" if ends else "3.11")
    [found] = operation.compute((some(TRIANGLE.format(f"1e-{power}")),), np.array([1.0]))
    assert shapely.get_dimensions(found) == 2 and shapely.area(found) < 1.0


@pytest.mark.parametrize("size", ["1e151", "1e300", "1.7e308"])
def test_coordinates_that_cannot_be_computed_with_are_refused(size):
    with pytest.raises(ValueError, match="a coordinate beyond"):
        Simplify().compute((some(TRIANGLE.format(size)),), np.array([1.0]))


def test_what_is_near_zero_is_zero_and_heights_stay():
    line = shapely.LineString([(0, 0, 1e-200), (5, 1e-200, 7), (9, 3, 8)])
    [found] = guarded.simplified(np.array([line], dtype=object), 0.0)
    assert shapely.get_coordinates(found, include_z=True).tolist() == [[0, 0, 1e-200], [5, 0, 7], [9, 3, 8]]


many = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4)
lines = st.lists(st.sampled_from(LINES), min_size=1, max_size=4)


@given(
    many,
    lines,
    st.sampled_from(
        ["{areas}", "{lines}", "GEOMETRYCOLLECTION ({areas}, {lines}, POINT EMPTY, POINT (3 3))"]
    ),
)
# as many parts with those of its parts, without the empty one, as there are with it
@example(PARTS[:1], LINES[:1] * 2, "GEOMETRYCOLLECTION ({areas}, {lines}, POINT EMPTY, POINT (3 3))")
def test_parts_that_are_empty_or_have_no_length_are_densified_and_buffered(areas, lines, form):
    text = form.format(
        areas=f"MULTIPOLYGON ({', '.join(areas)})", lines=f"MULTILINESTRING ({', '.join(lines)})"
    )
    geometry = shapely.from_wkt(text)
    whole = guarded.cleaned(geometry)
    left = [part for part in shapely.get_parts(shapely.get_parts(geometry)) if not part.is_empty]
    assert len(shapely.get_parts(shapely.get_parts(whole))) == len(left)
    assert shapely.length(whole) == pytest.approx(shapely.length(geometry))
    assert shapely.area(whole) == pytest.approx(shapely.area(geometry))
    assert shapely.is_empty(guarded.densified(geometry, 0.5)) == (not left)
    [grown] = Buffer(segments=4, crs="EPSG:4326", geodesic=True).compute(
        (np.array([geometry]),), np.array([1000.0])
    )
    assert shapely.is_empty(grown) == (not left)
    for part in left:
        assert grown.contains(shapely.multipoints(shapely.get_coordinates(part)))
