"""A new geometry in each format, and new attributes of the type of the old ones: what is written is read back."""

from __future__ import annotations

import base64
import json
import struct

import pytest

from redis_geo_plugin.core.features.changing import NO_LONGER, change_of
from redis_geo_plugin.core.features.formats.polyline import encoded
from redis_geo_plugin.core.features.reader import FeatureReader
from redis_geo_plugin.core.features.refusals import Refused, WhyRefused
from redis_geo_plugin.core.features.splicing import GONE, Leaf, add, rewritten
from redis_geo_plugin.core.features.values import decoded
from redis_geo_plugin.core.geometry import build, lists, normal
from redis_geo_plugin.core.geometry.build import FLAT, Mended
from redis_geo_plugin.core.geometry.normal import kind_and_dimensions
from tests.support.written_back import Shown, edit_of
from tests.unit.features.test_writing import SHAPES

LINE = [[2.0, 48.0], [2.5, 48.25], [3.0, 49.0]]
AREAS = {"type": "Polygon", "coordinates": [[[2, 48], [3, 48], [3, 49], [2, 48]]]}
POINT = build.geometry(1, [2.5, 48.5], FLAT, Mended())


def changed(raw: bytes, wkb=..., attributes=None, number=0, texts=False, **how) -> bytes:
    """The value with one of its features changed."""
    reader = FeatureReader(**how)
    feature, origin = reader.origins(b"k", "7", decoded(raw), texts)[number]
    edit = edit_of(feature, attributes=attributes) if wkb is ... else edit_of(feature, wkb, attributes)
    change = change_of(edit, feature, origin, decoded(raw), Shown())
    if change and not change[0][0]:
        return rewritten(raw, change[0][1])
    tree = {}
    for path, leaf in change:
        add(tree, path, leaf)
    return rewritten(raw, tree) if tree else raw


def read(raw: bytes, **how):
    reader = FeatureReader(**how)
    reader.add_raw(b"k", "7", raw)
    found = [*reader.take(), *reader.finish()]
    assert not reader.refusals.total
    return found


EWKB = struct.pack("<BIIdd", 1, 0x20000001, 2154, 1, 2)
ANY = {
    "wkt": (b"POINT (1 2)", {"crs": "EPSG:2154"}),
    "ewkt": (b"SRID=2154;POINT(1 2)", {}),
    "wkb": (POINT, {"crs": "EPSG:2154"}),
    "wkb, big-endian": (struct.pack(">BIdd", 0, 1, 1, 2), {"crs": "EPSG:2154"}),
    "ewkb": (EWKB, {}),
    "ewkb, big-endian": (struct.pack(">BIIdd", 0, 0x20000001, 2154, 1, 2), {}),
    "ewkb, hex": (EWKB.hex().encode(), {}),
    "ewkb, HEX": (EWKB.hex().upper().encode(), {}),
    "ewkb, \\x": (b"\\x" + EWKB.hex().encode(), {}),
    "ewkb, 0x": (b"0x" + EWKB.hex().upper().encode(), {}),
    "ewkb, base64": (base64.b64encode(EWKB), {}),
    "debezium": (json.dumps({"wkb": base64.b64encode(POINT).decode(), "srid": 2154}).encode(), {}),
}


@pytest.mark.parametrize("form", ANY)
@pytest.mark.parametrize("name", SHAPES)
def test_any_geometry_is_read_as_it_was_written(name, form):
    """To the last bit; one part of several comes as one."""
    raw, how = ANY[form]
    wkb = SHAPES[name]
    new = changed(raw, wkb, **how)
    (found,) = read(new, **how)
    kind, dimensions = kind_and_dimensions(wkb)
    is_one = kind in (4, 5, 6) and wkb[5:9] == b"\1\0\0\0"
    assert found.wkb == (wkb[9:] if is_one else wkb), dimensions
    assert found.crs == "EPSG:2154" and new[:2].isupper() == raw[:2].isupper()
    assert new[:1] == raw[:1] or form in ("wkt", "wkb, big-endian", "ewkb, big-endian", "ewkt")


def flat(name: str) -> bool:
    return kind_and_dimensions(SHAPES[name])[1].numbers == 2 and not name.startswith(("7", "coll", "empty"))


JSONS = {
    "geojson": b'{"type":"Feature","bbox":[0,0,1,1],"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"n":1}}',
    "geojson, none": b'{"type":"Feature","geometry":null,"properties":{"n":1}}',
    "geojson, bare": b'{"type":"Point","coordinates":[1,2]}',
    "geojson, of several": b'{"type":"FeatureCollection","bbox":[0,0,1,1],"features":[{"type":"Feature","id":1,"geometry":'
                           b'{"type":"Point","coordinates":[1,2]}, "properties":null}]}',
    "in a list": b'[ {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}, "properties":{"n":1} } ]',
    "a text in a list": json.dumps([json.dumps({"geom": {"type": "Point", "coordinates": [1, 2]}, "n": 1})]).encode(),
    "in a document": b'{"n":1,"where":{"geom":{"type":"Point","coordinates":[1,2]},"more":[1.0]}}',
    "a text in a document": json.dumps({"n": 1, "geom": '{"type":"Point","coordinates":[1,2]}'}).encode(),
    "wkt in a document": b'{"n":1,"geom":"POINT(1 2)","srid":4326}',
    "esri": b'{"geometry":{"x":1,"y":2,"spatialReference":{"wkid":4326}},"attributes":{"n":1}}',
    "esri, bare": b'{"x":1,"y":2,"spatialReference":{"wkid":4326}}',
    "esri, of several": b'{"spatialReference":{"wkid":4326},"hasZ":true,"features":[{"geometry":{"x":1,"y":2,"z":3},'
                        b'"attributes":{"n":1}}]}',
}  # fmt: skip


@pytest.mark.parametrize("form", JSONS)
@pytest.mark.parametrize("name", list(filter(flat, SHAPES)))
def test_a_geometry_within_json_is_read_as_it_was_written(name, form):
    import shapely

    raw, wkb = JSONS[form], SHAPES[name]
    (found,) = read(changed(raw, wkb))
    (before,) = read(raw)
    new, right = shapely.from_wkb(found.wkb), shapely.from_wkb(wkb)
    parts = [one for one in (new, right) for one in [shapely.get_parts(one)]]
    assert sum(map(shapely.length, parts[0])) == pytest.approx(sum(map(shapely.length, parts[1])))
    assert set(map(tuple, shapely.get_coordinates(new))) == set(map(tuple, shapely.get_coordinates(right)))
    assert (found.id, found.attributes, found.crs) == (before.id, before.attributes, "EPSG:4326")
    assert b"bbox" not in changed(raw, wkb)  # it would be another's


def test_a_box_stays_where_the_geometry_does():
    assert b"bbox" in changed(JSONS["geojson"], attributes={"n": 2})


def gone(raw: bytes, number: int) -> bytes:
    """The value without one of its features."""
    feature, origin = FeatureReader().origins(b"k", "7", decoded(raw))[number]
    ((path, leaf),) = change_of(edit_of(feature, is_deleted=True), feature, origin, decoded(raw), Shown())
    tree = {}
    assert leaf is GONE
    add(tree, path, leaf)
    return rewritten(raw, tree)


FEATURES = [{"type": "Feature", "id": n, "geometry": AREAS, "properties": {"n": n}} for n in range(3)]
COLLECTION = {"type": "FeatureCollection", "features": FEATURES}
LISTED = {  # where the features of a value stand, and the value
    "objects": ((), FEATURES),
    "texts": ((), [json.dumps(one) for one in FEATURES]),
    "texts among objects": ((), [FEATURES[0], json.dumps(FEATURES[1]), FEATURES[2]]),
    "texts of documents": ((), [json.dumps({"geom": AREAS, "n": n}) for n in range(3)]),
    "documents of texts": ((), [json.dumps({"geom": json.dumps(AREAS), "n": n}) for n in range(3)]),
    "a collection": (("features",), COLLECTION),
    "a collection in a document": (("zones", "features"), {"town": "Lyon", "zones": COLLECTION}),
}


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("form", LISTED)
def test_of_one_that_is_deleted_from_a_list_nothing_stays(form, number):
    path, value = LISTED[form]
    new, right = json.loads(gone(json.dumps(value).encode(), number)), json.loads(json.dumps(value))
    inner = right
    for step in path:
        inner = inner[step]
    del inner[number]
    assert new == right


@pytest.mark.parametrize("number", range(3))
def test_of_one_that_is_deleted_from_a_collection_in_a_text_nothing_stays(number):
    for raw, path in ((json.dumps([json.dumps(COLLECTION)]), (0,)),
                      (json.dumps({"n": 1, "zones": json.dumps(COLLECTION)}), ("zones",))):  # fmt: skip
        new = json.loads(gone(raw.encode(), number))
        inner = json.loads(new[path[0]])["features"]
        assert inner == [one for one in FEATURES if one["id"] != number]


NEAR = [[0.2, 1.0], [0.3, 1.1], [0.4, 1.2]]  # on the globe with five decimals as well as with six
FAR = [[2.35, 48.85], [2.36, 48.86], [2.4, 48.9]]
LINES = {
    "alone": lambda text: text,
    "in a document": lambda text: {"polyline": text, "n": 1},
    "deep in a document": lambda text: {"deep": {"polyline": text, "m": 2}, "n": 1},
    "beside one that tells": lambda text: [{"polyline": text}, {"polyline": encoded(FAR, 6)}],
    "behind one that tells": lambda text: [{"polyline": encoded(FAR, 6)}, {"polyline": text}],
}


@pytest.mark.parametrize("form", LINES)
def test_a_line_of_a_set_of_six_decimals_is_read_and_encoded_with_six(form):
    value = LINES[form](encoded(NEAR, 6))
    reader = FeatureReader()
    reader.has_six = not isinstance(value, list)  # else it says so itself
    found = reader.origins(b"k", "7", value)
    feature, origin = found[1 if form.startswith("behind") else 0]
    assert lists.unfolded(feature.wkb).content == NEAR
    edit = edit_of(feature, build.geometry(2, LINE, FLAT, Mended()))
    ((_, leaf),) = change_of(edit, feature, origin, value, Shown())
    assert leaf.value == encoded(LINE, 6)


def test_lines_of_five_decimals_stay_so_without_one_of_six():
    (found,) = FeatureReader().origins(b"k", "7", {"polyline": encoded(NEAR, 5)})
    assert lists.unfolded(found[0].wkb).content == NEAR
    assert found[1].format.decimals == 5


def test_each_value_is_judged_as_the_set_was_however_many_were_read_before():
    """Texts that may be lines count where most of a set are, which one value cannot tell."""
    reader = FeatureReader()
    assert [len(reader.origins(b"k", "7", encoded(FAR, 5))) for _ in range(5)] == [1] * 5


@pytest.mark.parametrize("decimals", [5, 6])
def test_a_line_is_encoded_again_with_its_decimals(decimals):
    raw = encoded([[2.35, 48.85], [2.36, 48.86], [2.4, 48.9]], decimals).encode()
    new = changed(raw, build.geometry(2, LINE, FLAT, Mended()), wanted=f"polyline{decimals}")
    assert new.decode() == encoded(LINE, decimals)
    (found,) = read(new, wanted=f"polyline{decimals}")
    assert lists.unfolded(found.wkb).content == LINE


def test_longitude_and_latitude_are_written_without_exponents():
    new = changed(b"2.5,48", build.geometry(1, [1e-7, 48.12345678901234], FLAT, Mended()), wanted="lonlat")
    assert new == b"0.0000001,48.12345678901234"
    (found,) = read(new, wanted="lonlat")
    assert lists.unfolded(found.wkb).content == [1e-7, 48.12345678901234]


TOPO = {"type": "Topology", "objects": {"a": {"type": "LineString", "arcs": [0]}}, "arcs": [[[1, 2], [3, 4]]]}
EVENT = {"op": "u", "before": None, "after": {"id": 1, "geom": "POINT(1 2)", "srid": 4326}}
PARTS = {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}, AREAS]}


@pytest.mark.parametrize("value, wkb, why", [
    (TOPO, POINT, WhyRefused.ONLY_READ),
    (EVENT, POINT, WhyRefused.ENTRY),
    (PARTS, POINT, WhyRefused.DERIVED),
    ({"type": "Point", "coordinates": [1, 2]}, None, WhyRefused.NOT_WRITTEN),
    ({"encoded_polyline": encoded(LINE)}, POINT, WhyRefused.NOT_WRITTEN),
    (AREAS, build.geometry(1, [200.0, 10.0], FLAT, Mended()), WhyRefused.OUT_OF_RANGE),
    (AREAS, b"\1\1\0\0", WhyRefused.CUT_SHORT),
    (AREAS, build.geometry(1, [1.0, 2.0, 3.0], build.Dimensions(m=True), Mended()), WhyRefused.NOT_WRITTEN),
])  # fmt: skip
def test_what_cannot_be_written_is_refused_with_its_reason(value, wkb, why):
    with pytest.raises(ValueError) as refused:
        changed(json.dumps(value).encode(), wkb)
    said = refused.value if isinstance(refused.value, Refused) else Refused.of(refused.value)
    assert said.reason is why


TWO = {"type": "Topology", "arcs": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
       "objects": {name: {"type": "LineString", "arcs": [n]} for n, name in enumerate("ab")}}  # fmt: skip


@pytest.mark.parametrize("value", [TWO, {"topo": TWO, "name": "x"}, [TWO], {"topo": json.dumps(TWO)}])
def test_one_of_several_that_stand_in_one_another_is_not_deleted_with_the_others(value):
    origins = FeatureReader().origins(b"k", "7", value)
    assert len(origins) == 2
    for feature, origin in origins:
        gone = edit_of(feature)._replace(is_deleted=True)
        with pytest.raises(Refused) as refused:
            change_of(gone, feature, origin, value, Shown())
        assert refused.value.reason is WhyRefused.ONLY_READ


def test_one_that_is_alone_goes_with_its_key_and_what_stands_beside_it_is_written():
    ((feature, origin),) = FeatureReader().origins(b"k", "7", TOPO)
    assert change_of(edit_of(feature)._replace(is_deleted=True), feature, origin, TOPO, Shown()) is NO_LONGER
    with pytest.raises(Refused) as refused:
        changed(json.dumps(TOPO).encode(), attributes={"n": 1})
    assert refused.value.reason is WhyRefused.ONLY_READ
    beside = {"topo": TOPO, "name": "x"}
    assert json.loads(changed(json.dumps(beside).encode(), attributes={"name": "y"})) == {
        **beside,
        "name": "y",
    }


@pytest.mark.parametrize("old, new, right", [
    (1, 2, 2), (1, 2.0, 2), (1, 2.5, 2.5), (1.0, 2.0, 2.0), (1, "2", 2), (1, "two", "two"), (True, False, False),
    (True, "false", False), ("x", "y", "y"), ([1], "[1, 2]", [1, 2]), ({"a": 1}, '{"a": 2}', {"a": 2}),
    (None, 5, 5), (None, "x", "x"), ("x", None, None), ("2024-01-02", "2024-01-03", "2024-01-03"),
])  # fmt: skip
def test_an_attribute_keeps_the_type_that_it_had(old, new, right):
    raw = json.dumps({"type": "Feature", "geometry": None, "properties": {"kept": 1, "n": old}}).encode()
    (found,) = read(changed(raw, attributes={"n": new}))
    assert found.attributes == {"kept": 1, "n": right} and type(found.attributes["n"]) is type(right)


@pytest.mark.parametrize("old, new, why", [
    ([1], "no list", WhyRefused.NOT_WRITTEN), ([1], '{"a": 1}', WhyRefused.NOT_WRITTEN),
])  # fmt: skip
def test_a_list_that_is_none_any_more_is_refused(old, new, why):
    raw = json.dumps({"type": "Feature", "geometry": None, "properties": {"n": old}}).encode()
    with pytest.raises(Refused) as refused:
        changed(raw, attributes={"n": new})
    assert refused.value.reason is why


def test_a_moment_of_esris_is_milliseconds_again():
    fields = [{"name": "seen", "type": "esriFieldTypeDate"}]
    raw = json.dumps({"fields": fields, "spatialReference": {"wkid": 4326}, "features": [
        {"geometry": {"x": 1, "y": 2}, "attributes": {"seen": 1700000000000}}]}).encode()  # fmt: skip
    new = json.loads(changed(raw, attributes={"seen": "2023-11-14T22:13:21.500Z"}))
    assert new["features"][0]["attributes"]["seen"] == 1700000001500


def test_what_several_features_have_together_is_not_changed_for_one():
    zones = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "id": n, "geometry": AREAS, "properties": {"n": n}} for n in range(2)]}  # fmt: skip
    raw = json.dumps({"town": "Lyon", "zones": zones}).encode()
    assert [one.attributes["n"] for one in read(changed(raw, attributes={"n": 9}, number=1))] == [0, 9]
    with pytest.raises(Refused) as refused:
        changed(raw, attributes={"town": "Paris"}, number=1)
    assert refused.value.reason is WhyRefused.SHARED


def test_the_crs_beside_a_geometry_is_no_attribute_to_be_changed():
    with pytest.raises(Refused) as refused:
        changed(JSONS["wkt in a document"], attributes={"srid": 2154})
    assert refused.value.reason is WhyRefused.DERIVED


def test_extended_wkb_of_parts_is_read_as_the_same():
    for wkb in SHAPES.values():
        made = normal.extended(wkb, struct.pack("<I", 2154))
        assert normal.normal(made, Mended()) == (wkb, 2154)


def test_a_leaf_above_holds():
    tree = {}
    add(tree, ("a",), Leaf(1))
    add(tree, ("a", "b"), Leaf(2))
    assert rewritten(b'{"a": 0}', tree) == b'{"a": 1}'
