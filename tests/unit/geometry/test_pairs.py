"""Pairs of geometries whose rectangles overlap."""

from __future__ import annotations

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.geometry.pairs import PairIndex

boxes = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 5), st.integers(0, 5)).map(
    lambda b: shapely.box(b[0], b[1], b[0] + b[2] + 1, b[1] + b[3] + 1)
)


@given(st.lists(st.none() | boxes, max_size=15), st.lists(st.none() | boxes, max_size=15), st.integers(1, 7))
@settings(max_examples=80)
def test_all_pairs_that_meet_in_order(first, second, most):
    values = [[None if g is None else shapely.to_wkb(g) for g in side] for side in (first, second)]
    lists = list(PairIndex(values[1]).pairs(values[0], most))
    assert all(0 < len(part) <= most for part in lists)
    found = [pair for part in lists for pair in part]
    right = [
        (i, j)
        for i, a in enumerate(first)
        for j, b in enumerate(second)
        if a is not None and b is not None and shapely.intersects(a, b)
    ]
    assert found == right


def test_empty_sides():
    square = wkb.write(shapely.from_wkt(["POLYGON ((0 0, 1 0, 1 1, 0 0))"]))
    assert list(PairIndex([]).pairs(square, 10)) == []
    assert list(PairIndex(square).pairs([], 10)) == []
    assert list(PairIndex([None]).pairs([None], 10)) == []
