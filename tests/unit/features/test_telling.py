"""Where the geometry of a document is: the one there is, the one with the usual name, else nobody guesses."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
import shapely

from redis_geo_plugin.core.features import formats, telling
from redis_geo_plugin.core.features.refusals import Refused, WhyRefused
from redis_geo_plugin.core.features.telling import Gone

POINT = {"type": "Point", "coordinates": [2.0, 48.0]}
WKT = "LINESTRING (2 48, 3 49)"


def place(record, wanted=None):
    found = telling.place_in(record, wanted)
    return found.path, found.format and found.format.NAME


def why(record):
    with pytest.raises(Refused) as refused:
        telling.place_in(record, None)
    return refused.value.reason


@pytest.mark.parametrize(
    ("record", "path", "name"),
    [
        ({"id": 1, "geometry": POINT}, ("geometry",), "geojson"),
        ({"id": 1, "anything": WKT}, ("anything",), "wkt"),
        ({"zone": {"shape": WKT, "note": "x"}}, ("zone", "shape"), "wkt"),
        ({"a": json.dumps(POINT)}, ("a",), "geojson"),
        ({"g": shapely.to_wkb(shapely.Point(2, 48), hex=True)}, ("g",), "wkb"),
        ({"overview_polyline": "_p~iF~ps|U_ulLnnqC"}, ("overview_polyline",), "polyline5"),
        ({"polyline6": "_p~iF~ps|U_ulLnnqC"}, ("polyline6",), "polyline6"),
    ],
)
def test_the_one_geometry_of_a_document_is_found(record, path, name):
    assert place(record) == (path, name)


def test_of_several_the_usual_name_counts_and_the_same_rank_is_no_answer():
    assert place({"boundary": WKT, "geom": POINT})[0] == ("geom",)
    assert place({"start_line": WKT, "route": WKT})[0] == ("route",)
    assert why({"one": WKT, "other": WKT}) is WhyRefused.SEVERAL
    assert why({"a": {"geom": WKT}, "b": {"geom": WKT}}) is WhyRefused.SEVERAL


def test_what_tells_of_something_else_is_passed_over():
    assert place({"before": {"geom": WKT}, "bbox": POINT, "area": WKT})[0] == ("area",)
    assert why({"before": {"geom": WKT}}) is WhyRefused.NO_GEOMETRY
    assert why({"name": "a", "count": 3, "short": "POINT"}) is WhyRefused.NO_GEOMETRY


def test_a_feature_may_say_that_it_has_no_geometry():
    for nothing in (None, ""):
        assert place({"name": "a", "Geometry": nothing}) == (("Geometry",), None)


def test_a_member_that_the_user_named():
    record = {"a": {"b": WKT}, "c.d": POINT, "none": None, "n": 3}
    assert telling.named_place(record, "a.b", None).path == ("a", "b")
    assert telling.named_place(record, "$.a.b", None).path == ("a", "b")
    assert telling.named_place(record, "c.d", None).path == ("c.d",)
    assert telling.named_place(record, "none", None).format is None
    for path, reason in (("missing", WhyRefused.NO_GEOMETRY), ("n", WhyRefused.UNREADABLE)):
        with pytest.raises(Refused) as refused:
            telling.named_place(record, path, None)
        assert refused.value.reason is reason


def test_in_the_next_document_it_is_looked_for_where_it_was():
    wkt = formats.get("wkt")
    assert telling.place_again({"a": {"b": WKT}}, ("a", "b"), wkt).value == WKT
    for other in ({"a": {"b": 3}}, {"a": 3}, {}, {"a": {"b": json.dumps(POINT)}}):
        assert telling.place_again(other, ("a", "b"), wkt) is None


def test_compressed_and_quoted_documents_are_opened():
    packed = zlib.compress(json.dumps(POINT).encode())
    assert place({"geometry": packed}) == (("geometry",), "geojson")
    assert why({"data": base64.b85encode(packed)}) is WhyRefused.NO_GEOMETRY


def test_the_attributes_are_what_is_beside():
    record = {"id": 7, "zone": {"shape": WKT, "note": "x"}}
    assert telling.attributes_beside(record, ("zone", "shape")) == {"id": 7, "zone": {"note": "x"}}
    assert telling.attributes_beside({"id": 7, "zone": {"shape": WKT}}, ("zone", "shape")) == {"id": 7}
    assert telling.attributes_beside({"id": 7, "geom": WKT}, ("geom",)) == {"id": 7}


@pytest.mark.parametrize(
    ("record", "crs"),
    [
        ({"srid": 2154}, "EPSG:2154"),
        ({"EPSG": "27700"}, "EPSG:27700"),
        ({"crs": "urn:ogc:def:crs:OGC:1.3:CRS84"}, "EPSG:4326"),
        ({"crs": "mine", "srid": 25832}, "EPSG:25832"),
        ({"srid": -4}, ""),
        ({"srid": True}, ""),
        ({"name": "EPSG:2154"}, ""),
    ],
)
def test_the_crs_beside_a_geometry(record, crs):
    assert telling.crs_beside(record) == crs


def test_of_a_change_the_row_after_it_counts():
    row = {"id": 1, "geom": WKT}
    assert telling.changed_row({"op": "u", "before": None, "after": row}) == row
    assert telling.changed_row({"schema": {}, "payload": {"op": "c", "after": row}}) == row
    assert telling.changed_row({"before": {}, "after": json.dumps(row)}) == row
    assert telling.changed_row({"after": row}) == {"after": row}, "a document of its own"
    with pytest.raises(Gone) as gone:
        telling.changed_row({"op": "d", "before": row, "after": None})
    assert gone.value.before == row
