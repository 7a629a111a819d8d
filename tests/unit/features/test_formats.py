"""Each format of features: told by its bytes, read right, and bad values refused for what they are."""

from __future__ import annotations

import base64
import gzip
import json
import random
import struct
import sys
import zlib

import pytest
import shapely

from redis_geo_plugin.core.features import formats
from redis_geo_plugin.core.features.formats.polyline import encoded
from redis_geo_plugin.core.features.reader import FeatureReader, SetFeature
from redis_geo_plugin.core.features.refusals import WhyRefused
from redis_geo_plugin.core.geometry import normal
from tests.support import added

RING = [[2.0, 48.0], [3.0, 48.0], [3.0, 49.0], [2.0, 48.0]]
POLYGON = "POLYGON ((2 48, 3 48, 3 49, 2 48))"
LINE = "_p~iF~ps|U_ulLnnqC_mqNvxq`@"  # the example of its documentation
ON_THE_LINE = "LINESTRING (-120.2 38.5, -120.95 40.7, -126.453 43.252)"
WGS, LAMBERT = "EPSG:4326", "EPSG:2154"


def raw(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def read(*values: object, **how):
    reader = FeatureReader(**how)
    for number, value in enumerate(values):
        reader.add_raw(b"key:%d" % number, str(number), raw(value))
    return reader.take() + reader.finish(), reader


def only(value: object, **how):
    (feature,), reader = read(value, **how)
    assert reader.refusals.total == 0
    return feature


def reason(value: object, **how) -> WhyRefused:
    features, reader = read(value, **how)
    assert features == [] and reader.refusals.total == 1
    assert reader.refusals.listed[0].key == b"key:0"
    return reader.refusals.listed[0].reason


def wkb(text: str, srid: int = 0, **how) -> bytes:
    geometry = shapely.from_wkt(text)
    return shapely.to_wkb(
        shapely.set_srid(geometry, srid) if srid else geometry,
        include_srid=bool(srid),
        output_dimension=3,
        **how,
    )


DEBEZIUM = {"wkb": base64.b64encode(struct.pack("<BIdd", 1, 1, 2.3, 48.8)).decode(), "srid": 4326}
TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.1, 0.1], "translate": [2, 48]},
    "objects": {"zones": {"type": "GeometryCollection", "geometries": [
        {"type": "Polygon", "arcs": [[0, 1]], "id": "a", "properties": {"n": 1}},
        {"type": "LineString", "arcs": [~1]},
        {"type": "Point", "coordinates": [10, 10]},
    ]}},
    "arcs": [[[0, 0], [10, 0], [0, 10]], [[10, 10], [-10, 0], [0, -10]]],
}  # fmt: skip
ESRI = {"rings": [[[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]], [[2, 2], [4, 2], [4, 4], [2, 4], [2, 2]],
                  [[20, 0], [20, 5], [25, 5], [20, 0]]], "spatialReference": {"wkid": 4326}}  # fmt: skip
RIGHT = {
    "geojson": ({"type": "Polygon", "coordinates": [RING]}, POLYGON, WGS),
    "feature": ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [2, 48, 7]}, "properties": {}},
                "POINT Z (2 48 7)", WGS),
    "old crs": ({"type": "Point", "coordinates": [652381.1, 6862047.2],
                 "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}},
                "POINT (652381.1 6862047.2)", LAMBERT),
    "json-fg": ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [652381.1, 6862047.2]},
                 "properties": {}, "coordRefSys": "http://www.opengis.net/def/crs/EPSG/0/2154"},
                "POINT (652381.1 6862047.2)", LAMBERT),
    "collection in json": ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [2, 48]}]},
                           "GEOMETRYCOLLECTION (POINT (2 48))", WGS),
    "wkt": (POLYGON.encode(), POLYGON, "EPSG:3035"),
    "ewkt": (b"SRID=2154;POINT(1 2)", "POINT (1 2)", LAMBERT),
    "wkt in json": ({"name": "a", "geom": POLYGON, "srid": 2154}, POLYGON, LAMBERT),
    "multipoint": (b"MULTIPOINT(1 2,3 4)", "MULTIPOINT ((1 2), (3 4))", "EPSG:3035"),
    "wkb": (wkb(POLYGON), POLYGON, "EPSG:3035"),
    "wkb, big-endian": (wkb("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", byte_order=0),
                        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", "EPSG:3035"),
    "ewkb": (wkb("LINESTRING Z (1 2 3, 4 5 6)", 2154), "LINESTRING Z (1 2 3, 4 5 6)", LAMBERT),
    "ewkb of one ring": (wkb(POLYGON, 2154), POLYGON, LAMBERT),
    "hex": (wkb(POLYGON, 4326).hex().upper().encode(), POLYGON, WGS),
    "base64": (base64.b64encode(wkb(POLYGON, 4326)), POLYGON, WGS),
    "debezium": ({"before": None, "after": {"id": 3, "geom": DEBEZIUM}, "op": "c"}, "POINT (2.3 48.8)", WGS),
    "polyline": ({"polyline": LINE, "distance": 1.5}, ON_THE_LINE, WGS),
    "polyline alone": (LINE.encode(), ON_THE_LINE, WGS),
    "esri": (ESRI, "MULTIPOLYGON (((0 0, 0 9, 9 9, 9 0, 0 0), (2 2, 4 2, 4 4, 2 4, 2 2)), ((20 0, 20 5, 25 5, 20 0)))",
             WGS),
    "esri feature": ({"geometry": {"x": 1, "y": 2}, "attributes": {"OBJECTID": 7},
                      "spatialReference": {"wkid": 102100, "latestWkid": 3857}}, "POINT (1 2)", "EPSG:3857"),
    "ngsi": ({"id": "urn:x", "type": "Zone", "location": {"type": "GeoProperty", "value":
              {"type": "Polygon", "coordinates": [RING]}}}, POLYGON, WGS),
}  # fmt: skip


def same_shape(feature, text: str) -> bool:
    """Equal, whatever the order of parts."""
    found, right = shapely.from_wkb(feature.wkb), shapely.from_wkt(text)
    return found.geom_type == right.geom_type and found.has_z == right.has_z and shapely.normalize(found).equals_exact(
        shapely.normalize(right), 1e-9)  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("packed", [bytes, gzip.compress, zlib.compress], ids=["plain", "gzip", "zlib"])
def test_each_format_is_told_and_read(name, packed):
    value, text, crs = RIGHT[name]
    feature = only(packed(raw(value)), crs="EPSG:3035")
    assert same_shape(feature, text) and feature.crs == crs


def test_topojson_gives_each_geometry_as_a_feature():
    features, _ = read(TOPOLOGY)
    assert [feature.id for feature in features] == ["a", "0:1", "0:2"]
    assert same_shape(features[0], "POLYGON ((2 48, 3 48, 3 49, 2 49, 2 48))")
    assert same_shape(features[1], "LINESTRING (2 48, 2 49, 3 49)")
    assert same_shape(features[2], "POINT (3 49)") and features[0].attributes == {"n": 1}


@pytest.mark.parametrize("text, code, numbers", [
    ("POINT Z (1 2 3)", 1001, (1, 2, 3)), ("POINT(1 2 3)", 1001, (1, 2, 3)), ("POINTM(1 2 3)", 2001, (1, 2, 3)),
    ("POINT ZM (1 2 3 4)", 3001, (1, 2, 3, 4)),
])  # fmt: skip
def test_z_and_m_stay(text, code, numbers):
    expected = struct.pack(f"<BI{len(numbers)}d", 1, code, *numbers)
    assert only(text.encode(), crs=WGS).wkb == expected
    flags = {1001: 0x80000001, 2001: 0x40000001, 3001: 0xC0000001}[code]
    ewkb = struct.pack(f">BI{len(numbers)}d", 0, flags, *numbers)
    assert only(ewkb, crs=WGS).wkb == expected


def test_the_last_number_is_m_where_the_feature_says_so():
    value = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2, 3]}, "properties": None}
    assert only({**value, "measures": {"enabled": True}}).wkb[1:5] == (2001).to_bytes(4, "little")
    assert only(value).wkb[1:5] == (1001).to_bytes(4, "little")


BAD = {
    "no CRS": (POLYGON.encode(), WhyRefused.NO_CRS),
    "a CRS that says there is none": ({"type": "Point", "coordinates": [1, 2], "crs": None}, WhyRefused.NO_CRS),
    "a CRS of nobody": (b"SRID=999;POINT(1 2)", WhyRefused.UNKNOWN_CRS),
    "beyond the globe": ({"type": "Point", "coordinates": [652381, 6862047]}, WhyRefused.OUT_OF_RANGE),
    "latitude first": ({"type": "Point", "coordinates": [2, 148]}, WhyRefused.OUT_OF_RANGE),
    "NaN": (b'{"type": "LineString", "coordinates": [[NaN, 1], [2, 3]]}', WhyRefused.NOT_FINITE),
    "NaN twice": (b'{"type": "Point", "coordinates": [NaN, NaN]}', WhyRefused.NOT_FINITE),
    "infinity": (b'{"type": "Point", "coordinates": [Infinity, 1]}', WhyRefused.NOT_FINITE),
    "a number too large": (b'{"type": "Point", "coordinates": [1' + b"0" * 400 + b", 1]}", WhyRefused.NOT_FINITE),
    "infinity in WKT": (b"SRID=4326;POINT(inf 1)", WhyRefused.NOT_FINITE),
    "infinity in WKB": (struct.pack("<BIdd", 1, 1, float("inf"), 1.0), WhyRefused.NOT_FINITE),
    "half a text": (b"SRID=4326;POLYGON((0 0,1 0", WhyRefused.CUT_SHORT),
    "half of WKB": (wkb(POLYGON, 4326)[:-5], WhyRefused.CUT_SHORT),
    "half of hex": (wkb(POLYGON, 4326).hex().encode()[:-9], WhyRefused.CUT_SHORT),
    "a count of a billion": (b"\x01\x02\x00\x00\x00\x00\xca\x9a\x3b", WhyRefused.CUT_SHORT),
    "a line of one place": ({"type": "LineString", "coordinates": [[1, 2]]}, WhyRefused.CUT_SHORT),
    "a ring of two places": ({"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [1, 2]]]}, WhyRefused.BAD_RING),
    "texts for numbers": ({"type": "Point", "coordinates": ["2", "48"]}, WhyRefused.BAD_GEOMETRY),
    "truth for numbers": ({"type": "Point", "coordinates": [True, 1]}, WhyRefused.BAD_GEOMETRY),
    "half a place": ({"type": "Point", "coordinates": [2]}, WhyRefused.CUT_SHORT),
    "half of JSON": (b'{"type": "Point", "coordinates": [2', WhyRefused.UNREADABLE),
    "half of gzip": (gzip.compress(POLYGON.encode() * 9)[:-20], WhyRefused.DAMAGED),
    "collections in collections": (b"SRID=4326;" + b"GEOMETRYCOLLECTION(" * 40 + b"POINT(1 2)" + b")" * 40,
                                   WhyRefused.TOO_DEEP),
    "a curve": (b"CIRCULARSTRING(0 0,1 1,2 0)", WhyRefused.CURVE),
    "a curve in WKB": (struct.pack("<BII4d", 1, 8, 2, 0, 0, 1, 1), WhyRefused.CURVE),
    "a curve of Esri": ({"curveRings": [[[1, 2], {"c": [[3, 3], [1, 4]]}]], "spatialReference": {"wkid": 4326}},
                        WhyRefused.CURVE),
    "a polygon of nothing in several": (b"SRID=4326;MULTIPOLYGON(((0 0,1 0,1 1,0 0)),EMPTY)", WhyRefused.EMPTY_PART),
    "a record without a geometry": ({"lat": 48.8, "lon": 2.3}, WhyRefused.NO_GEOMETRY),
    "two geometries": ({"a": POLYGON, "b": POLYGON}, WhyRefused.SEVERAL),
    "a word": (b"hello world", WhyRefused.UNREADABLE),
    "nothing": (b"", WhyRefused.UNREADABLE),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_is_refused_for_what_it_is(name):
    value, expected = BAD[name]
    assert reason(value) is expected


@pytest.mark.parametrize("name", BAD)
def test_a_bad_feature_of_a_collection_costs_only_itself(name):
    value, _ = BAD[name]
    if not (isinstance(value, dict) and "coordinates" in value and "crs" not in value):
        value = {"type": "Point", "coordinates": [500, 500]}
    bad = {"type": "Feature", "id": "bad", "geometry": value, "properties": {}}
    good = {
        "type": "Feature",
        "id": 7,
        "geometry": {"type": "Point", "coordinates": [2, 48]},
        "properties": {"n": 1},
    }
    features, reader = read({"type": "FeatureCollection", "features": [bad, good, 3]})
    assert [feature.id for feature in features] == ["7"] and features[0].attributes == {"n": 1}
    assert reader.refusals.total == 2 and {one.part for one in reader.refusals.listed} == {"bad", "2"}


def test_open_rings_are_closed_and_counted():
    open_ring = {"type": "Polygon", "coordinates": [RING[:-1]]}
    bare = b"\x01\x03\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00\x00" + struct.pack("<6d", 2, 48, 3, 48, 3, 49)
    text = b"SRID=4326;POLYGON((2 48,3 48,3 49))"
    features, reader = read(open_ring, bare, text, crs=WGS)
    assert [shapely.from_wkb(one.wkb).wkt for one in features] == [POLYGON] * 3
    assert reader.mended.rings == 3


def test_a_null_geometry_is_a_feature():
    assert only({"type": "Feature", "geometry": None, "properties": {"n": 1}}).wkb is None
    assert only({"geom": None, "n": 1}).wkb is None


def test_the_member_is_named_where_there_are_two():
    feature = only({"a": POLYGON, "b": {"c": "POINT(1 2)"}, "srid": 4326}, geometry_field="b.c")
    assert same_shape(feature, "POINT (1 2)") and feature.attributes == {"a": POLYGON, "srid": 4326}
    assert reason({"a": POLYGON}, geometry_field="x") is WhyRefused.NO_GEOMETRY
    assert reason({"a": "no"}, geometry_field="a") is WhyRefused.UNREADABLE


def test_lines_of_six_decimals_are_told_by_the_set():
    paris, gulf = [(2.35, 48.85), (2.36, 48.86)], [(2.5, 3.5), (2.6, 3.6)]
    values = [{"polyline": encoded(line, 6)} for line in (gulf, paris)]
    features, _ = read(*values)
    assert [shapely.get_coordinates(shapely.from_wkb(one.wkb)).tolist() for one in features] == [
        [list(p) for p in line] for line in (gulf, paris)
    ]
    assert same_shape(only({"polyline": encoded(gulf, 5)}), "LINESTRING (2.5 3.5, 2.6 3.6)")


def test_texts_that_look_like_lines_count_only_where_most_are():
    (feature,), reader = read(LINE.encode())
    assert same_shape(feature, ON_THE_LINE)
    features, reader = read(LINE.encode(), b"hello", b"world", b"again")
    assert features == [] and reader.refusals.reasons == {WhyRefused.UNREADABLE: 4}


def test_a_format_that_was_chosen_is_the_only_one():
    assert same_shape(only(LINE.encode(), wanted="polyline5"), ON_THE_LINE)
    assert reason(POLYGON.encode(), wanted="geojson") is WhyRefused.BAD_GEOMETRY


def test_two_numbers_are_a_place_only_where_that_is_said():
    assert (
        reason(b"2.35,48.85") is WhyRefused.UNREADABLE
        and reason({"at": "2.35,48.85"}) is WhyRefused.NO_GEOMETRY
    )
    assert same_shape(only(b"2.35,48.85", wanted="lonlat"), "POINT (2.35 48.85)")
    feature = only({"at": " 2 , -48.5", "n": 1}, wanted="lonlat", geometry_field="at")
    assert same_shape(feature, "POINT (2 -48.5)") and feature.attributes == {"n": 1}
    for bad in ("2.35", "a,b", "1,2,3", "1e3,2"):
        assert reason({"at": bad}, wanted="lonlat", geometry_field="at") is WhyRefused.CUT_SHORT
    assert reason(b"48.85,148", wanted="lonlat") is WhyRefused.OUT_OF_RANGE


def test_twenty_thousand_pieces_of_rubbish_cost_no_feature():
    import random

    chosen = random.Random(7)
    seeds = [raw(value) for value, _, _ in RIGHT.values()] + [raw(value) for value, _ in BAD.values()]
    reader = FeatureReader(crs=WGS)
    good = 0
    for number in range(20_000):
        kind = number % 4
        if kind == 0:
            value = bytes(chosen.randrange(256) for _ in range(chosen.randrange(60)))
        elif kind == 1:
            seed = bytearray(chosen.choice(seeds))
            for _ in range(3):
                if seed:
                    seed[chosen.randrange(len(seed))] = chosen.randrange(256)
            value = bytes(seed)
        elif kind == 2:
            seed = chosen.choice(seeds)
            value = seed[: chosen.randrange(len(seed) + 1)]
        else:
            value = "".join(chosen.choice('{}[]"":,.-eE0123456789truefalsenull ') for _ in range(40)).encode()
        reader.add_raw(b"rubbish", str(number), value)
        if number % 200 == 0:
            reader.add_raw(b"good", f"good{number}", POLYGON.encode())
            good += 1
    features = reader.take() + reader.finish()
    assert sum(one.key == b"good" for one in features) == good == 100
    assert reader.refusals.total + len(features) >= 20_100
    for one in features:
        assert one.wkb is None or shapely.from_wkb(one.wkb, on_invalid="ignore") is not None
    assert len(reader.refusals.listed) == 1000


def ring_bytes(ring, srid: int) -> bytes:
    """WKB of one closed ring, whatever its numbers are."""
    flat = [one for place in [*ring, ring[0]] for one in place]
    head = struct.pack("<BIII", 1, 0x20000003, srid, 1) if srid else struct.pack("<BII", 1, 3, 1)
    return head + struct.pack(f"<I{len(flat)}d", len(ring) + 1, *flat)


def test_what_is_let_go_of_stays_in_the_attributes():
    """Once read, a long collection is taken apart."""
    tags = {"features": [1, {"type": "FeatureCollection", "features": [2]}], "arcs": [[3]]}
    point = {"type": "Point", "coordinates": [1, 2]}
    feature = {
        "type": "Feature",
        "geometry": point,
        "properties": {"tags": tags, "list": [1, [2]]},
        "features": [4],
    }
    expected = {"tags": tags, "list": [1, [2]], "features": [4]}
    topology = {"type": "Topology", "arcs": [[[0, 0], [1, 1]]],
                "objects": {"a": {"type": "LineString", "arcs": [0], "properties": {"arcs": [5]}}}}  # fmt: skip
    for value, attributes in (
        (feature, expected),
        ({"type": "FeatureCollection", "features": [feature, feature]}, expected),
        ([feature], expected),
        (topology, {"arcs": [5]}),
        (
            {"geom": "POINT (1 2)", "type": "FeatureCollection", "tags": [1]},
            {"type": "FeatureCollection", "tags": [1]},
        ),
        ({"geom": "POINT (1 2)", "features": [6]}, {"features": [6]}),
    ):
        reader = FeatureReader(crs=WGS)
        reader.add_raw(b"k", "1", json.dumps(value).encode())
        for one in reader.take():
            assert one.attributes == attributes
        assert not reader.refusals.total


def test_json_that_was_written_as_json_again_is_read():
    feature = {
        "type": "Feature",
        "id": 7,
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "properties": {"a": 1},
    }
    record = {"geom": "POINT (1 2)", "srid": 4326, "a": 1}
    for one in (feature, {"type": "FeatureCollection", "features": [feature]}, record):
        reader = FeatureReader()
        reader.add_raw(b"k", "1", json.dumps(json.dumps(one)).encode())
        (found,) = reader.take()
        assert shapely.from_wkb(found.wkb).wkt == "POINT (1 2)" and found.attributes["a"] == 1
    reader.add_raw(b"k", "1", json.dumps(json.dumps(json.dumps(feature))).encode())  # three times is refused
    assert not reader.take() and reader.refusals.total == 1


@pytest.mark.parametrize("srid", [0, 4326, 2154])
@pytest.mark.parametrize("lengths", [(4,), (4, 5, 9)], ids=["of one length", "of several"])
def test_many_alike_are_judged_as_each_alone(lengths, srid):
    """Whatever one of them is: on the edge of the globe, beyond it, or no number, in x or in y, at any corner."""
    chosen = random.Random(srid)
    odd = [180.0, -180.0, 90.0, -90.0, 90.5, 180.5, -181.0, float("nan"), float("inf"), -0.0]
    for _ in range(200):
        values = []
        for _ in range(chosen.randrange(2, 9)):
            ring = [
                [chosen.uniform(-179, 179), chosen.uniform(-89, 89)] for _ in range(chosen.choice(lengths))
            ]
            if chosen.random() < 0.3:
                chosen.choice(ring)[chosen.randrange(2)] = chosen.choice(odd)
            values.append(ring_bytes(ring, srid))
        together, each = FeatureReader(crs=WGS), FeatureReader(crs=WGS)
        idents = [str(number) for number in range(len(values))]
        assert together.add_alike([b"k"] * len(values), idents, values)
        for ident, value in zip(idents, values):
            each.add_raw(b"k", ident, value)
        assert [(f.id, f.wkb, f.crs) for f in together.take()] == [(f.id, f.wkb, f.crs) for f in each.take()]
        assert together.refusals.reasons == each.refusals.reasons


def test_no_bytes_reach_a_parser_unwalked():
    """A million points that nine bytes ask for cost nothing."""
    for kind in range(1, 8):
        bomb = b"\x01" + kind.to_bytes(4, "little") + b"\xff\xff\xff\x7f"
        assert reason(bomb + bytes(20), crs=WGS) in (WhyRefused.CUT_SHORT, WhyRefused.BAD_GEOMETRY)


def test_topojson_of_endless_arcs_is_refused():
    arcs = [[[n / 1000, n / 1000] for n in range(1000)]]
    value = {"type": "Topology", "objects": {"a": {"type": "LineString", "arcs": [0] * 10_000}}, "arcs": arcs}
    assert reason(value) is WhyRefused.TOO_LARGE


def test_extents_of_many_at_once_are_those_of_each():
    texts = [POLYGON, "POINT (1 2)", "LINESTRING (5 6, 7 1)", "MULTIPOLYGON Z (((0 0 1, 1 0 1, 1 1 1, 0 0 1)))",
             "MULTIPOINT ((1 2), (0 9))"]  # fmt: skip
    found = normal.extents([only(t.encode(), crs=WGS).wkb for t in texts])
    assert found.tolist() == [list(shapely.from_wkt(text).bounds) for text in texts]


@pytest.mark.parametrize(
    ("text", "is_within"),
    [
        ("POINT (180 90)", True),
        ("LINESTRING (0 0, -180 -90)", True),
        (POLYGON, True),
        ("POINT (180.1 0)", False),
        ("POLYGON ((0 0, 1 0, 1 -91, 0 0))", False),
        ("LINESTRING EMPTY", False),  # these are left to the extents of each
        ("POINT EMPTY", False),
        ("POINT Z (1 2 3)", False),
        ("MULTIPOINT ((1 2))", False),
    ],
)
def test_one_that_is_not_within_is_not_lost_among_those_that_are(text, is_within):
    good = shapely.to_wkb(shapely.from_wkt(POLYGON), byte_order=1)
    raw = shapely.to_wkb(shapely.from_wkt(text), byte_order=1, flavor="iso")
    assert normal.are_within([good, raw, good], (-180, -90), (180, 90)) is is_within


def test_a_coordinate_that_is_no_number_is_not_within():
    good = shapely.to_wkb(shapely.from_wkt("LINESTRING (1 2, 3 4)"), byte_order=1)
    for place in (9, 17, 25, 33):
        bad = good[:place] + struct.pack("<d", float("nan")) + good[place + 8 :]
        assert not normal.are_within([good, bad], (-180, -90), (180, 90))


def test_features_of_a_set_share_the_names_of_their_attributes_but_no_dict():
    one, other = (SetFeature(b"k", "1", None, WGS, {"a": n, "b": [n]}, False) for n in (1, 2))
    one.attributes["a"] = 9
    assert one.attributes == {"a": 1, "b": [1]} and other.attributes == {"a": 2, "b": [2]}
    assert list(SetFeature(b"k", "1", None, WGS, {"b": 1, "a": 2}, False).attributes) == ["b", "a"]


def test_a_format_added_as_the_page_says_is_told(tmp_path, monkeypatch):
    folder, registry = (
        "redis_geo_plugin/core/features/formats",
        "redis_geo_plugin/core/features/format_list.py",
    )
    line = added.same_in_all_languages(folder, "REGISTERED", registry)
    file, _ = added.steps(added.PAGES[0], folder, "REGISTERED", registry)
    module = added.load(file, tmp_path, monkeypatch)
    assert line == f'("{module.__name__.rpartition(".")[2]}", "Box", (), "BOX"),'
    assert sys.modules[module.__name__] is module
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, module.Box()))
    assert same_shape(only(b"BOX(2 48,3 49)", crs=WGS), "POLYGON ((2 48, 3 48, 3 49, 2 49, 2 48))")
    assert reason(b"BOX(2 48,3", crs=WGS) is WhyRefused.BAD_GEOMETRY
