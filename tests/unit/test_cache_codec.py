"""Values and keys of the cache: what is stored reads back, anything else is a miss; equal shapes have equal keys."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core import keys, wkb
from redis_geo_plugin.core.cache import codec, digests
from redis_geo_plugin.core.operations import OPERATIONS, Buffer, Intersection
from redis_geo_plugin.core.operations.buffer import CapStyle, JoinStyle

DIGEST = bytes(range(32))
SQUARE = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"


@given(st.binary(max_size=300), st.floats(0, 1e12), st.binary(min_size=8, max_size=8))
def test_what_is_stored_reads_back(value, cost, run):
    found = codec.decode(DIGEST, codec.encode(DIGEST, value, cost, run))
    assert found == codec.Value(value, min(int(cost), 2**32 - 1), run)


@given(st.binary(max_size=200))
def test_foreign_bytes_are_a_miss(raw):
    assert codec.decode(DIGEST, raw) is None


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_value_that_was_changed_in_any_way_is_a_miss(value, data):
    raw = codec.encode(DIGEST, value, 12.0)
    assert codec.decode(DIGEST, raw[: data.draw(st.integers(0, len(raw) - 1))]) is None
    place, other = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(1, 255))
    assert codec.decode(DIGEST, raw[:place] + bytes([raw[place] ^ other]) + raw[place + 1 :]) is None
    assert codec.decode(bytes(32), raw) is None
    assert codec.decode(DIGEST, None) is None


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
    assert {cls.family for cls in OPERATIONS.values()} == set(keys.FAMILIES.values())


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
    "values", [{"segments": 0}, {"segments": 1001}, {"cap": "none"}, {"join": 7}, {"mitre_limit": "x"}]
)
def test_a_job_with_wrong_parameters_is_refused(values):
    with pytest.raises(ValueError):
        Buffer.from_job(values)


@given(st.builds(Buffer, segments=st.integers(1, 1000), cap=st.sampled_from(CapStyle), join=st.sampled_from(JoinStyle),
                 mitre_limit=st.floats(1, 50), geodesic=st.booleans(), crs=st.sampled_from(["", "EPSG:4326"])))  # fmt: skip
def test_a_buffer_travels_in_a_job(buffer):
    assert Buffer.from_job(buffer.to_job()) == buffer
    assert Intersection.from_job(Intersection(crs=buffer.crs).to_job()) == Intersection(crs=buffer.crs)
