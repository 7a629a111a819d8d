"""Where a value stands in a record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.live.paths import DEEPEST, LONGEST_PACKED, MOST_FIELDS, lookup, packed, paths

RECORD = {
    "lat": 48.85,
    "pos": {"lon": 2.35, "a.b": {"c": 1}, "coordinates": [2.35, 48.85, {"m": 3}]},
    "pos.lon": "its own name",
    "value": "48.85,2.35,1795348800",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("lat", 48.85),
        ("pos.lon", "its own name"),
        ("pos.a.b", {"c": 1}),
        ("pos.coordinates.1", 48.85),
        ("pos.coordinates.2.m", 3),
        ("pos.coordinates.9", None),
        ("pos.coordinates.-1", None),
        ("pos.coordinates.1e1", None),
        ("value.2", "1795348800"),
        ("value.3", None),
        ("lat.0", None),
        ("missing.lat", None),
        ("", None),
    ],
)
def test_values_of_paths(path, value):
    assert lookup(RECORD, path) == value


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("48.85,2.35", ["48.85", "2.35"]),
        ("[48.85, 2.35]", ["48.85", "2.35"]),
        ("(48.85 2.35 12)", ["48.85", "2.35", "12"]),
        ("48,85;2,35", ["48,85", "2,35"]),
        ("48,85 2,35", ["48,85", "2,35"]),
        ("48.85\t2.35|7", ["48.85", "2.35", "7"]),
        ("48,85", []),  # one number, or two
        ("48,85,2,35", []),  # two numbers, or four
        ("", []),
        ("[]", []),
        ("1 " * LONGEST_PACKED, []),
    ],
)
def test_packed_texts_are_cut_only_where_the_cuts_are_certain(text, parts):
    assert packed(text) == parts


@given(
    st.lists(st.floats(-180, 180).map(lambda v: f"{v:.5f}"), min_size=2, max_size=5),
    st.sampled_from([";", "|", " , "]),
)
def test_numbers_with_a_point_are_read_back(numbers, between):
    assert packed(between.join(numbers)) == numbers


def test_fields_near_the_top_come_first_and_depth_and_width_have_an_end():
    deep = {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}
    assert [path for path, _, _ in paths(deep)] == ["a", "a.b", "a.b.c", "a.b.c.d"][:DEEPEST]
    wide = {f"Name{i}": i for i in range(10 * MOST_FIELDS)}
    assert sum(1 for _ in paths(wide)) == MOST_FIELDS
    assert next(iter(paths(wide))) == ("Name0", "name0", 0)
    assert [path for path, _, _ in paths({"x": {"y": 1}, "z": 2, 5: 3})] == ["x", "z", "x.y"]


@given(
    st.recursive(
        st.integers(), lambda inner: st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    )
)
def test_every_path_that_is_listed_is_found(value):
    record = {"top": value}
    assert all(lookup(record, path) == found for path, _, found in paths(record))
