"""Values and keys of the cache: what is stored reads back, anything else is a miss; equal shapes have equal keys."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.cache import codec, digests
from redis_geo_plugin.core.geometry import walk, wkb
from redis_geo_plugin.core.operations import OPERATIONS, Buffer, Intersection
from redis_geo_plugin.core.operations.buffer import CapStyle, JoinStyle

DIGEST = bytes(range(32))
SQUARE = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"


SHAPES = st.sampled_from(["POINT (1 2)", "LINESTRING (0 0, 1 1)", SQUARE, f"MULTI{SQUARE[:8]}({SQUARE[8:]})",
                          "POLYGON EMPTY", "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))"]).map(
    lambda text: shapely.to_wkb(shapely.from_wkt(text)))  # fmt: skip
CODECS = [codec.PLAIN, codec.Codec(b"a secret"), codec.Codec(b"another secret")]


@pytest.mark.parametrize("own", CODECS)
@given(SHAPES, st.floats(0, 1e12), st.binary(min_size=8, max_size=8))
def test_what_is_stored_reads_back(own, value, cost, run):
    found = own.decode(DIGEST, own.encode(DIGEST, value, cost, run))
    assert found == codec.Value(value, min(int(cost), 2**32 - 1), run)


@pytest.mark.parametrize("own", CODECS)
@given(value=st.binary(max_size=300))
def test_what_is_no_geometry_is_a_miss_behind_a_right_header(own, value):
    found = own.decode(DIGEST, own.encode(DIGEST, value))
    assert found is None or shapely.from_wkb(found.wkb) is not None


def test_a_sealed_value_is_read_with_its_secret_or_without_any():
    plain, mine, others = CODECS
    raw = mine.encode(DIGEST, shapely.to_wkb(shapely.Point(1, 2)), 7.0)
    assert mine.decode(DIGEST, raw) == plain.decode(DIGEST, raw) is not None
    assert others.decode(DIGEST, raw) is None


def test_with_a_secret_what_is_not_sealed_is_a_miss():
    plain, mine, _ = CODECS
    shape = shapely.to_wkb(shapely.Point(1, 2))
    forged = plain.encode(DIGEST, shape)
    assert mine.decode(DIGEST, forged) is None
    sealed = bytearray(mine.encode(DIGEST, shape))
    for place in range(codec.HEADER_SIZE, codec.SEALED_HEADER_SIZE):
        sealed[place] ^= 1
        assert mine.decode(DIGEST, bytes(sealed)) is None
        sealed[place] ^= 1
    assert mine.decode(DIGEST, bytes(sealed)) is not None


def test_a_seal_belongs_to_its_value_and_its_key():
    """Cut from one value and put before another, whose checksum is right."""
    _, mine, _ = CODECS
    one, two = (mine.encode(DIGEST, shapely.to_wkb(shapely.Point(n, n))) for n in (1, 2))
    start, end = codec.HEADER_SIZE, codec.SEALED_HEADER_SIZE
    assert mine.decode(DIGEST, two[:start] + one[start:end] + two[end:]) is None
    other = bytes(reversed(DIGEST))
    forged = codec.PLAIN.encode(other, one[end:])
    forged = codec.MAGIC + bytes((codec.SEALED_FORMAT, 0)) + forged[4:start] + one[start:end] + one[end:]
    assert mine.decode(other, forged) is None


HOSTILE = {
    "200,000 collections in each other": struct.pack("<BII", 1, 7, 1) * 200_000
    + struct.pack("<BII", 1, 7, 0),
    "a billion points in nine bytes": struct.pack("<BII", 1, 2, 10**9),
    "words": b"not a shape",
    "nothing": b"",
    "nowhere": struct.pack("<BIII8d", 1, 3, 1, 4, *[float("nan")] * 8),
    "bytes behind the end": shapely.to_wkb(shapely.box(0, 0, 1, 1)) + b"\0",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_behind_a_right_header_are_a_miss(name):
    raw = codec.encode(DIGEST, HOSTILE[name])
    good = codec.encode(DIGEST, shapely.to_wkb(shapely.box(0, 0, 1, 1)))
    assert codec.decode(DIGEST, raw) is None
    found = codec.PLAIN.decode_all([DIGEST] * 3, [good, raw, good])
    assert [value is None for value in found] == [False, True, False]


@pytest.mark.parametrize(
    ("operation", "first", "right", "wrong"),
    [
        (Buffer, "POINT (0 0)", [SQUARE, "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY"], ["POINT (0 0)"]),
        (OPERATIONS["nearest"], SQUARE, ["LINESTRING (0 0, 1 1)"], ["POINT (0 0)", SQUARE]),
        (
            OPERATIONS["convexhull"],
            SQUARE,
            [SQUARE, "LINESTRING (0 0, 1 1)"],
            [f"MULTI{SQUARE[:8]}({SQUARE[8:]})"],
        ),
        (Intersection, SQUARE, [SQUARE, "LINESTRING EMPTY"], ["LINESTRING (0 0, 1 1)"]),
        (Intersection, "POINT (0 0)", ["POINT (0 0)", "POINT EMPTY"], [SQUARE]),
        (OPERATIONS["simplify"], "LINESTRING (0 0, 1 1)", ["LINESTRING (0 0, 1 1)"], ["POINT (0 0)", SQUARE]),
    ],
)
def test_another_kind_of_geometry_than_the_operation_gives_is_a_miss(operation, first, right, wrong):
    kinds = operation.result_kinds(walk.kind_of(shapely.to_wkb(shapely.from_wkt(first))))
    for text in right + wrong:
        raw = codec.encode(DIGEST, shapely.to_wkb(shapely.from_wkt(text)))
        assert (codec.decode(DIGEST, raw, kinds) is not None) is (text in right)


@given(st.binary(max_size=200))
def test_foreign_bytes_are_a_miss(raw):
    assert codec.decode(DIGEST, raw) is None


@pytest.mark.parametrize("own", CODECS[:2])
@given(value=SHAPES, data=st.data())
def test_a_value_that_was_changed_in_any_way_is_a_miss(own, value, data):
    raw = own.encode(DIGEST, value, 12.0)
    assert own.decode(DIGEST, raw[: data.draw(st.integers(0, len(raw) - 1))]) is None
    place, other = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(1, 255))
    assert own.decode(DIGEST, raw[:place] + bytes([raw[place] ^ other]) + raw[place + 1 :]) is None
    assert own.decode(bytes(32), raw) is None
    assert own.decode(DIGEST, None) is None


def digest(operation, *texts, number=1.0):
    columns = [[shapely.to_wkb(shapely.from_wkt(t))] for t in texts]
    numbers = None if operation.name == "intersection" else [number]
    return digests.item_digests(operation, columns, numbers)[0]


def test_the_start_vertex_the_direction_and_negative_zeros_make_no_difference():
    same = [SQUARE, "POLYGON ((4 4, 0 4, 0 0, 4 0, 4 4))", "POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0))",
            "POLYGON ((-0.0 0, 4 -0.0, 4 4, 0 4, -0.0 0))"]  # fmt: skip
    assert len({digest(Buffer(), text) for text in same}) == 1
    assert digest(Buffer(), "POINT (0 0)") == digest(Buffer(), "POINT (-0.0 0)")
    assert digest(Buffer(), "MULTIPOINT (1 1, 2 2)") == digest(Buffer(), "MULTIPOINT (2 2, 1 1)")
    assert digest(Buffer(), SQUARE, number=0.0) == digest(Buffer(), SQUARE, number=-0.0)


@pytest.mark.parametrize("other", ["POINT (0 0)", "POINT (-0.0 0)", "POINT Z (-0.0 0 -0.0)", SQUARE])
@pytest.mark.parametrize(
    "text", ["POINT Z (1 1 -0.0)", "POINT Z (-0.0 1 -0.0)", "LINESTRING Z (0 0 -0.0, 1 1 0)"]
)
def test_a_key_does_not_depend_on_the_geometries_beside_it(text, other):
    alone, beside = (shapely.to_wkb(shapely.from_wkt(one)) for one in (text, other))
    assert digests.normalised([alone]) == [digests.normalised([beside, alone])[1]]


def test_what_differs_has_another_key():
    found = [digest(Buffer(), SQUARE), digest(Buffer(), SQUARE, number=2.0), digest(Buffer(), SQUARE, number=-1.0),
             digest(Buffer(), "POLYGON ((0 0, 4 0, 4 4.0000000001, 0 4, 0 0))"), digest(Buffer(), f"MULTI{SQUARE[:8]}({SQUARE[8:]})"),
             digest(Buffer(segments=6), SQUARE), digest(Buffer(cap=CapStyle.FLAT), SQUARE), digest(Buffer(join=JoinStyle.BEVEL), SQUARE),
             digest(Buffer(join=JoinStyle.MITRE), SQUARE), digest(Buffer(join=JoinStyle.MITRE, mitre_limit=3), SQUARE),
             digest(Buffer(crs="EPSG:4326"), SQUARE), digest(Buffer(crs="EPSG:4326", geodesic=True), SQUARE),
             digest(Intersection(), SQUARE, "POINT (1 1)"), digest(Intersection(), "POINT (1 1)", SQUARE),
             digest(Intersection(crs="EPSG:4326"), SQUARE, "POINT (1 1)")]  # fmt: skip
    assert len(set(found)) == len(found)


def test_another_version_of_an_operation_has_another_key():
    class Newer(Buffer):
        version = Buffer.version + 1

    assert digest(Newer(), SQUARE) != digest(Buffer(), SQUARE)


def test_the_mitre_limit_counts_only_for_mitred_joins():
    assert digest(Buffer(mitre_limit=3), SQUARE) == digest(Buffer(mitre_limit=4), SQUARE)


def test_keys_stand_under_the_family_and_namespace():
    found = digests.key(Buffer(), "team", DIGEST)
    assert found == f"calculs:buffers:team:{DIGEST.hex()}"
    assert digests.key(Intersection(), "team", DIGEST).startswith("calculs:intersections:team:")


coordinates = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


@given(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=6, unique=True), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_any_ring_has_one_key_however_it_is_written(points, data):
    assume(shapely.is_valid(shapely.Polygon(points)))
    turned = data.draw(st.integers(0, len(points) - 1))
    other = points[turned:] + points[:turned]
    if data.draw(st.booleans()):
        other = other[::-1]
    first, second = (shapely.to_wkb(shapely.Polygon(ring)) for ring in (points, other))
    one, two = digests.geometry_digests([first, second])
    assert one == two


def test_the_memory_of_hashes_is_bounded(monkeypatch):
    monkeypatch.setattr(digests, "REMEMBERED", 50)
    values = wkb.write(shapely.points(np.arange(200.0), np.arange(200.0)))
    first = digests.geometry_digests(values)
    assert len(digests._memory) <= 50
    assert digests.geometry_digests(values) == first


def test_unreadable_wkb_has_a_key_and_spoils_no_other():
    good = shapely.to_wkb(shapely.from_wkt(SQUARE))
    found = digests.geometry_digests([b"not WKB at all", good, good[:30]])
    assert len(set(found)) == 3 and found[1] == digests.geometry_digests([good])[0]


@pytest.mark.parametrize(
    "values", [{"segments": 0}, {"segments": 65536}, {"cap": "none"}, {"join": 7}, {"mitre_limit": "x"}]
)
def test_a_job_with_wrong_parameters_is_refused(values):
    with pytest.raises(ValueError):
        Buffer.from_job(values)


@settings(deadline=None)
@given(st.builds(Buffer, segments=st.integers(1, 65535), cap=st.sampled_from(CapStyle), join=st.sampled_from(JoinStyle),
                 mitre_limit=st.floats(1, 50), geodesic=st.booleans(), crs=st.sampled_from(["", "EPSG:4326"])))  # fmt: skip
def test_a_buffer_travels_in_a_job(buffer):
    assert Buffer.from_job(buffer.to_job()) == buffer
    assert Intersection.from_job(Intersection(crs=buffer.crs).to_job()) == Intersection(crs=buffer.crs)


def test_any_number_of_segments_has_a_name_of_its_own():
    counts = [5, 1000, 1001, 65534, 65535, 65536, 70000, 2**31 - 1]
    names = {Buffer(segments=count, geos="3.11.1").canonical() for count in counts}
    assert len(names) == len(counts)
    short = Buffer(segments=1000, geos="3.11.1").canonical()
    assert short.startswith((1000).to_bytes(2, "big"))  # as it has been since the first version
