"""The nearest members of a collection: which ones, how many of them, and where they stand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.operations import Nearest, nearest

PLACES = st.tuples(st.integers(0, 6), st.integers(0, 6))


def results(operation, geometries, members):
    others = np.empty(len(geometries), dtype=object)
    others[:] = [shapely.GeometryCollection(members)] * len(geometries)
    return operation.compute((np.array(geometries, dtype=object), others), None)


def places(line):
    return [int(part.coords[0][2]) for part in line.geoms]


def by_hand(point, members, count, most=None):
    distances = [
        (point.distance(one), i)
        for i, one in enumerate(members)
        if not one.is_empty and (most is None or point.distance(one) <= most)
    ]
    last = sorted(distances)[:count][-1][0] if distances else 0.0
    return sorted(i for distance, i in distances if distance <= last)


@pytest.mark.parametrize("at_once", [2000, 1])
@settings(max_examples=40, deadline=None)
@given(
    PLACES,
    st.lists(st.none() | PLACES, min_size=1, max_size=9),
    st.integers(1, 4),
    st.none() | st.integers(0, 4),
)
def test_the_nearest_and_all_that_are_as_near_as_the_last(at_once, place, others, count, most):
    point = shapely.Point(place)
    members = [shapely.GeometryCollection() if one is None else shapely.Point(one) for one in others]
    before, nearest._MOST_AT_ONCE = nearest._MOST_AT_ONCE, at_once
    try:
        found = results(Nearest(neighbors=count, max_distance=most), [point], members)[0]
    finally:
        nearest._MOST_AT_ONCE = before
    near = by_hand(point, members, count)
    assert sorted(places(found)) == [i for i in near if most is None or point.distance(members[i]) <= most]
    assert sorted(part.length for part in found.geoms) == [part.length for part in found.geoms]


def test_members_count_as_a_whole_and_a_line_leads_to_them():
    many = shapely.MultiPoint([(3, 4), (9, 9)])
    found = results(Nearest(neighbors=2), [shapely.Point(0, 0)], [many, shapely.Point(0, 7)])[0]
    assert places(found) == [0, 1] and [part.length for part in found.geoms] == [5.0, 7.0]


def test_an_empty_geometry_has_no_nearest():
    assert results(Nearest(), [shapely.Point()], [shapely.Point(1, 1)])[0].is_empty


def test_everything_it_depends_on_is_part_of_the_key():
    variants = [
        Nearest(),
        Nearest(neighbors=2),
        Nearest(max_distance=0.0),
        Nearest(crs="EPSG:4326"),
    ]
    assert len({one.fingerprint() for one in variants}) == len(variants)
    assert [Nearest.from_job(one.to_job()) for one in variants] == variants


@pytest.mark.parametrize(
    "wrong", [{"neighbors": 0}, {"neighbors": None}, {"max_distance": -1}, {"max_distance": "far"}]
)
def test_parameters_of_a_job_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError):
        Nearest.from_job(wrong)


def test_members_that_are_nearer_to_each_other_than_numbers_tell_apart_from_afar():
    """The widest distance between members is less than a step of a number at the distance of the point."""
    members = [shapely.Point(-1.2e-6, 0)] * 2100 + [shapely.Point(0, 0)]
    found = results(Nearest(neighbors=3), [shapely.Point(1e10, 0)], members)[0]
    assert places(found)[0] == 2100 and sorted(places(found)) == list(range(2101))
