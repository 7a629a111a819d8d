"""Geometry bytes of others: what GEOS writes is sound, and nothing that is let through can end a parser."""

from __future__ import annotations

import os
import struct

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.errors import ShapelyError

from redis_geo_plugin.core.geometry import walk

EXAMPLES = 100_000 if os.environ.get("REDIS_GEO_FULL") else 300
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

TEXTS = [
    "POINT (1 2)", "POINT EMPTY", "LINESTRING (0 0, 1 1, 2 0)", "LINESTRING EMPTY",
    "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))", "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
    "POLYGON EMPTY", "MULTIPOINT (1 1, 2 2, 3 3)", "MULTIPOINT EMPTY", "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
    "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((9 9, 8 9, 8 8, 9 9)))", "MULTIPOLYGON EMPTY",
    "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1), GEOMETRYCOLLECTION (POINT (3 4)))",
    "GEOMETRYCOLLECTION EMPTY", "POINT Z (1 2 3)", "LINESTRING Z (0 0 1, 1 1 2)", "MULTIPOINT Z (1 1 1, 2 2 2)",
    "POLYGON Z ((0 0 1, 4 0 2, 4 4 3, 0 4 4, 0 0 9))",
]  # fmt: skip
KIND_OF_TYPE = {0: 1, 1: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7}


def forms(text):
    """A geometry in each form that Shapely writes: both byte orders, ISO and EWKB, with an SRID."""
    geometry = shapely.from_wkt(text)
    for order in (0, 1):
        for flavor in ("iso", "extended"):
            yield shapely.to_wkb(geometry, byte_order=order, flavor=flavor)
        yield shapely.to_wkb(shapely.set_srid(geometry, 4326), byte_order=order, include_srid=True)


def line(count, body=b""):
    return struct.pack("<BII", 1, 2, count) + body


def nested(depth, heart=b"\x01\x07\x00\x00\x00\x00\x00\x00\x00"):
    return struct.pack("<BII", 1, 7, 1) * depth + heart


@pytest.mark.parametrize("text", TEXTS)
def test_what_geos_writes_is_sound_in_every_form(text):
    for raw in forms(text):
        assert walk.problem(raw, closed=True) == ""
        assert walk.are_sound([raw]) == [True]
        assert walk.kind_of(raw) == KIND_OF_TYPE[int(shapely.get_type_id(shapely.from_wkt(text)))]


@pytest.mark.parametrize("text", TEXTS)
def test_bytes_that_are_missing_or_too_many_are_noticed(text):
    for raw in forms(text):
        assert walk.problem(raw + b"\x00") == walk.TOO_LONG
        for end in range(len(raw)):
            assert walk.problem(raw[:end]) in (walk.CUT_SHORT, walk.TOO_MANY)
            assert walk.are_sound([raw[:end]]) == [False]


HOSTILE = {
    "200,000 collections in each other": (nested(200_000), walk.TOO_DEEP),
    "one collection more than may be": (nested(walk.DEEPEST + 1), walk.TOO_DEEP),
    "a line of a billion points in nine bytes": (line(10**9), walk.TOO_MANY),
    "a line of the most points": (line(0xFFFFFFFF, bytes(160)), walk.TOO_MANY),
    "a polygon of a billion rings": (struct.pack("<BII", 1, 3, 10**9), walk.TOO_MANY),
    "a ring of a billion points": (struct.pack("<BIII", 1, 3, 1, 10**9), walk.TOO_MANY),
    "a billion points": (struct.pack("<BII", 1, 4, 10**9), walk.TOO_MANY),
    "a collection of a billion": (struct.pack("<BII", 1, 7, 10**9), walk.TOO_MANY),
    "a multi-polygon that holds a point": (struct.pack("<BIIBIdd", 1, 6, 1, 1, 1, 0, 0), walk.WRONG_PART),
    "a multi-point of points with Z": (struct.pack("<BIIBIddd", 1, 4, 1, 1, 1001, 0, 0, 0), walk.WRONG_PART),
    "no byte order": (b"\x02" + line(0)[1:], walk.NO_ORDER),
    "a curve": (struct.pack("<BII", 1, 8, 0), walk.UNKNOWN_KIND),
    "kind 0": (struct.pack("<BII", 1, 0, 0), walk.UNKNOWN_KIND),
    "thousands that ISO does not know": (struct.pack("<BII", 1, 4002, 0), walk.UNKNOWN_KIND),
    "a flag nobody knows": (struct.pack("<BII", 1, 0x10000002, 0), walk.UNKNOWN_KIND),
    "words": (b"not a shape", walk.NO_ORDER),
    "nothing": (b"", walk.CUT_SHORT),
    "an infinite point": (struct.pack("<BIdd", 1, 1, float("inf"), 0.0), walk.NOT_FINITE),
    "half a point": (struct.pack("<BIdd", 1, 1, float("nan"), 0.0), walk.NOT_FINITE),
    "a line to nowhere": (line(2, struct.pack("<4d", 0, 0, float("nan"), 0)), walk.NOT_FINITE),
    "half a point among points": (
        struct.pack("<BIIBIdd", 1, 4, 1, 1, 1, float("nan"), 0.0), walk.NOT_FINITE),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_named(name):
    raw, words = HOSTILE[name]
    assert walk.problem(raw) == words
    assert walk.are_sound([raw, None, raw]) == [False, False, False]
    with pytest.raises(walk.Unsound, match=words):
        walk.check(raw)


@pytest.mark.parametrize(
    "ring",
    [[(0, 0)], [(0, 0), (1, 0), (0, 0)], [(0, 0), (1, 0), (1, 1), (0, 1)]],
    ids=["one", "three", "open"],
)
def test_rings_that_geos_would_not_write_pass_from_others_only(ring):
    raw = struct.pack("<BIII", 1, 3, 1, len(ring)) + np.array(ring, "<f8").tobytes()
    assert walk.problem(raw) == ""
    assert walk.problem(raw, closed=True) == walk.BAD_RING
    assert walk.are_sound([raw, shapely.to_wkb(shapely.box(0, 0, 1, 1))]) == [False, True]


@pytest.mark.parametrize("whole", ["MULTIPOLYGON (%s)", "GEOMETRYCOLLECTION (MULTIPOLYGON (%s))"])
@pytest.mark.parametrize("parts", ["EMPTY", "((0 0, 1 0, 1 1, 0 0)), EMPTY", "EMPTY, ((0 0, 1 0, 1 1, 0 0))"])
def test_a_polygon_without_a_ring_among_others_is_none_of_ours(whole, parts):
    """QGIS 3.22 ends where it copies such a feature to the clipboard."""
    for raw in forms(whole % parts):
        assert walk.problem(raw) == "" and walk.problem(raw, closed=True) == walk.EMPTY_PART
        assert walk.are_sound([raw], walk.AREAS | {walk.COLLECTION}) == [False]


def test_a_ring_without_a_point_is_none_of_ours():
    raw = struct.pack("<BIII", 1, 3, 1, 0)
    assert walk.problem(raw) == "" and walk.problem(raw, closed=True) == walk.BAD_RING


def test_a_line_of_one_point_is_none():
    assert walk.problem(line(1, bytes(16)), closed=True) == walk.BAD_RING
    assert walk.problem(line(0), closed=True) == ""


@pytest.mark.parametrize("kinds", [walk.POINTS, walk.LINES, walk.AREAS])
def test_the_kind_must_fit_but_an_empty_result_always_does(kinds):
    for text in TEXTS:
        raw = shapely.to_wkb(shapely.from_wkt(text))
        right = walk.kind_of(raw) in kinds or text.endswith("EMPTY")
        assert walk.are_sound([raw], kinds) == [right] == walk.are_sound([raw], [kinds])


def test_one_unsound_value_spoils_no_other():
    good = [shapely.to_wkb(shapely.from_wkt(text)) for text in TEXTS]
    nowhere = struct.pack("<BIII", 1, 3, 1, 4) + np.full(8, np.nan).tobytes()
    mixed = [value for one in good for value in (one, nowhere)]
    assert walk.are_sound(mixed) == [True, False] * len(good)


def test_coordinates_need_be_finite_only_where_they_lie():
    for values in [(0, 0, float("nan")), (0, 0, float("inf"))]:
        assert walk.problem(struct.pack("<BIddd", 1, 1001, *values)) == ""
    raw = struct.pack("<BII", 1, 1002, 2) + struct.pack("<6d", 0, 0, float("nan"), 1, 1, float("nan"))
    assert walk.problem(raw) == ""


geometries = st.sampled_from(TEXTS).flatmap(lambda text: st.sampled_from(list(forms(text))))


@given(
    geometries, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4), st.integers(0, 400)
)
@many
@pytest.mark.timeout(7200)  # a busy machine
def test_whatever_is_let_through_can_be_parsed_without_harm(raw, changes, end):
    """Damaged geometries: what is called sound is read by GEOS, or refused by it in words."""
    damaged = bytearray(raw)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    value = bytes(damaged[: max(end, 1)]) if end < len(damaged) / 4 else bytes(damaged)
    if walk.problem(value) == "":
        try:
            read = shapely.from_wkb(value)
        except ShapelyError:
            assert walk.problem(value, closed=True) != ""
        else:
            again = shapely.to_wkb(read, output_dimension=2)
            assert walk.problem(again) == ""


@given(st.binary(max_size=120))
@many
@pytest.mark.timeout(7200)  # a busy machine
def test_rubbish_is_sound_only_where_geos_reads_it(raw):
    if walk.are_sound([raw]) == [True]:
        assert shapely.from_wkb(raw) is not None
    assert walk.kind_of(raw) in range(8)


@given(st.lists(geometries, max_size=8))
def test_together_is_as_one_by_one(values):
    assert walk.are_sound(values) == [walk.are_sound([value])[0] for value in values]


def test_text_is_refused_for_its_depth_alone():
    walk.check_text("GEOMETRYCOLLECTION(" * 5 + "POINT(1 2)" + ")" * 5)
    walk.check_text(b"")
    walk.check_text("MULTIPOLYGON (((0 0, 1 1, 1 0, 0 0)))")
    for text in (
        "GEOMETRYCOLLECTION(" * 200_000,
        "(" * 30,
        "GEOMETRYCOLLECTION(" * 40 + "POINT(1 2)" + ")" * 40,
    ):
        with pytest.raises(walk.Unsound, match=walk.TOO_DEEP):
            walk.check_text(text)


def test_geojson_is_refused_for_its_depth_alone():
    point = {"type": "Point", "coordinates": [1, 2]}
    walk.check_json({"type": "Feature", "geometry": point, "properties": {"deep": [[[[[[[[1]]]]]]]]}})
    walk.check_json({"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]})
    walk.check_json("words")
    deep = point
    for _ in range(walk.DEEPEST + 3):
        deep = {"type": "GeometryCollection", "geometries": [deep]}
    for value in (deep, {"type": "Polygon", "coordinates": [[[[[1, 2]]]]]}):
        with pytest.raises(walk.Unsound, match=walk.TOO_DEEP):
            walk.check_json(value)


def nested(levels, inner):
    for _ in range(levels):
        inner = struct.pack("<BII", 1, 7, 1) + inner
    return inner


@pytest.mark.parametrize("levels", range(5))
def test_what_is_nested_deeper_than_qgis_goes_is_no_result(levels):
    """A line in collections, and a multi-polygon, which has two levels more of its own."""
    line, areas = (shapely.to_wkb(shapely.from_wkt(text)) for text in (
        "LINESTRING (0 0, 1 1)", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"))  # fmt: skip
    assert walk.are_sound([nested(levels, line), nested(levels, areas)]) == [levels <= 3, levels <= 2]
    assert walk.problem(nested(levels, line)) == walk.problem(nested(levels, areas)) == ""


@pytest.mark.parametrize("kind", [2, 3, 4, 5, 6, 7])
def test_a_result_has_no_empty_part(kind):
    empty = struct.pack("<BII", 1, kind, 0)
    assert walk.are_sound([empty, nested(1, empty)]) == [True, False]
