"""``redisgeo:publishfeatures`` and ``redisgeo:readfeatures``: what goes in comes out, in words where it does not."""

from __future__ import annotations

import json
import random

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from redis_geo_plugin.bridge import compat
from redis_geo_plugin.core.geometry import build
from redis_geo_plugin.core.redis import production
from redis_geo_plugin.processing.publish_features import PublishFeatures
from redis_geo_plugin.processing.read_features import ReadFeatures
from tests.support.told import Told

GEOJSON, COLLECTION, HASH, DOCUMENT, WKB = range(5)
ADD, NEW, REPLACE = range(3)
FORMATS = {"geojson": GEOJSON, "collection": COLLECTION, "hash": HASH, "wkb": WKB}
OUTPUTS = ("OUTPUT_POINTS", "OUTPUT_LINES", "OUTPUT_POLYGONS")
FIELDS = {
    "number": (compat.LONG, [1, -(2**40), 0]),
    "real": (compat.DOUBLE, [0.1, -1e300, 2.0]),
    "words": (compat.STRING, ["é\"'\n,{}", "x", "POINT"]),
    "truth": (compat.BOOLEAN, [True, False, True]),
    "day": (compat.DATE, [QDate(2026, 11, 29), QDate(1900, 1, 1), QDate(2400, 2, 29)]),
    "moment": (compat.DATETIME, [QDateTime(QDate(2026, 11, 29), QTime(10, 11, 12, 345), Qt.TimeSpec.UTC),
                                 QDateTime(QDate(1999, 1, 1), QTime(0, 0), Qt.TimeSpec.UTC)]),
    "clock": (compat.TIME, [QTime(1, 2, 3), QTime(23, 59, 59, 123)]),
}  # fmt: skip
KINDS = ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"]


@pytest.fixture
def headless(one_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    return one_server


def run(algorithm, told=None, **parameters):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    results, good = (
        algorithm().create().run(parameters, context, told or QgsProcessingFeedback(), catchExceptions=False)
    )
    assert good
    return results, {name: context.takeResultLayer(results[name]) for name in OUTPUTS if name in results}


def publish(layer, told=None, **parameters):
    return run(PublishFeatures, told, INPUT=layer, **parameters)[0]


def read(source, told=None, outputs=OUTPUTS, **parameters):
    return run(ReadFeatures, told, SOURCE=source, **dict.fromkeys(outputs, "memory:"), **parameters)


def numbers(chosen, kind, suffix):
    """WKT of a random geometry."""
    count = 2 + suffix.count("Z") + suffix.count("M")

    def place():
        at = [chosen.uniform(-179, 179), chosen.uniform(-89, 89), chosen.gauss(0, 100), chosen.gauss(0, 1e6)]
        return " ".join(map(repr, at[:count]))

    def line(least=2):
        return "(" + ",".join(place() for _ in range(chosen.randrange(least, 5))) + ")"

    def rings():
        made = []
        for _ in range(chosen.randrange(1, 3)):
            places = [place() for _ in range(4)]
            made.append("(" + ",".join([*places, places[0]]) + ")")
        return "(" + ",".join(made) + ")"

    body = {"Point": lambda: f"({place()})", "LineString": line, "Polygon": rings,
            "MultiPoint": lambda: line(1), "MultiLineString": lambda: f"({line()},{line()})",
            "MultiPolygon": lambda: f"({rings()},{rings()})"}[kind]()  # fmt: skip
    return f"{kind.upper()} {suffix} {body}"


def empty_of(kind, suffix):
    geometry = QgsGeometry()
    geometry.fromWkb(build.empty(kind, build.Dimensions("Z" in suffix, "M" in suffix)))
    return geometry


def layer_of(kind, suffix, form, seed, crs="EPSG:4326"):
    chosen = random.Random(seed)
    layer = QgsVectorLayer(f"{kind}{suffix}?crs={crs}", "made", "memory")
    names = [] if form == WKB else list(FIELDS)
    layer.dataProvider().addAttributes([compat.field(name, FIELDS[name][0]) for name in names])
    layer.updateFields()
    features = []
    for number in range(12):
        feature = QgsFeature(layer.fields())
        values = [chosen.choice(FIELDS[name][1]) if number else FIELDS[name][1][0] for name in names]
        if number > 1:
            values = [compat.NULL if chosen.random() < 0.3 else value for value in values]
        feature.setAttributes(values)
        if number == 3:
            feature.setGeometry(empty_of(KINDS.index(kind) + 1, suffix))
        elif number != 4 or form == WKB:  # the fifth has none
            feature.setGeometry(QgsGeometry.fromWkt(numbers(chosen, kind, suffix)))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def content(feature, names):
    geometry = feature.geometry()
    empty = geometry.isNull() or geometry.isEmpty()
    shape = ("null" if geometry.isNull() else "empty") if empty else bytes(geometry.asWkb())
    return shape, [None if compat.is_null(feature[name]) else feature[name] for name in names]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("suffix", ["", "Z", "M", "ZM"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_published_is_read_the_same(headless, form, kind, suffix):
    number = FORMATS[form]
    layer = layer_of(kind, suffix, number, f"{form} {kind} {suffix}")
    key = "all" if number == COLLECTION else "made:[% $id %]"
    results = publish(layer, KEY=key, FORMAT=number)
    assert results == {"COUNT": 12, "REFUSED": 0}
    results, layers = read("all" if number == COLLECTION else "made:*")
    assert (results["COUNT"], results["REFUSED"]) == (12, 0)
    output = OUTPUTS[KINDS.index(kind) % 3]
    assert [name for name in OUTPUTS if layers[name].featureCount()] == [output]
    found = layers[output]
    assert QgsWkbTypes.displayString(found.wkbType()) == QgsWkbTypes.displayString(layer.wkbType())
    assert found.crs() == layer.crs()
    names = [field.name() for field in layer.fields()]
    assert [found.fields().field(name).type() for name in names] == [FIELDS[name][0] for name in names]
    before = {str(one.id()): content(one, names) for one in layer.getFeatures()}
    assert {one["redis_id"]: content(one, names) for one in found.getFeatures()} == before


def test_documents_are_read_the_same(stack_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", stack_server.url)
    for kind, suffix in (("MultiPolygon", "Z"), ("Point", ""), ("LineString", "M")):
        with stack_server.client() as client:
            client.flushall()
        layer = layer_of(kind, suffix, DOCUMENT, kind)
        assert publish(layer, KEY="made:[% $id %]", FORMAT=DOCUMENT) == {"COUNT": 12, "REFUSED": 0}
        _, layers = read("made:*")
        found = layers[OUTPUTS[KINDS.index(kind) % 3]]
        before = {str(one.id()): content(one, FIELDS) for one in layer.getFeatures()}
        assert {one["redis_id"]: content(one, FIELDS) for one in found.getFeatures()} == before


def test_a_projected_layer_comes_in_degrees_or_as_it_is(headless):
    layer = QgsVectorLayer("Point?crs=EPSG:2154", "made", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("POINT (652381.1 6862047.2)"))
    layer.dataProvider().addFeatures([feature])
    for form, code, tolerance in (
        (GEOJSON, "EPSG:4326", 1e-6),
        (HASH, "EPSG:4326", 1e-6),
        (WKB, "EPSG:2154", 1e-9),
    ):
        publish(layer, KEY=f"f{form}:[% $id %]", FORMAT=form)
        _, layers = read(f"f{form}:*")
        found = layers["OUTPUT_POINTS"]
        point = next(found.getFeatures()).geometry().asPoint()
        right = (652381.1, 6862047.2) if code == "EPSG:2154" else (2.35127, 48.85704)
        assert found.crs().authid() == code
        assert abs(point.x() - right[0]) < max(tolerance, 1e-3) and abs(point.y() - right[1]) < max(
            tolerance, 1e-3
        )


def test_points_lines_and_areas_of_one_key_go_to_their_outputs(headless):
    shapes = [{"type": "Point", "coordinates": [1, 2]}, {"type": "LineString", "coordinates": [[1, 2], [3, 4]]},
              {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
              {"type": "GeometryCollection", "geometries": [
                  {"type": "Point", "coordinates": [1, 2]},
                  {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}]}]  # fmt: skip
    features = [{"type": "Feature", "id": n, "geometry": shape, "properties": {"fid": n, "name": "é"}}
                for n, shape in enumerate(shapes)]  # fmt: skip
    with headless.client() as client:
        client.set("mixed", json.dumps({"type": "FeatureCollection", "features": features}))
    results, layers = read("mixed")
    assert results["COUNT"] == 5
    ids = {name: sorted(one["redis_id"] for one in layer.getFeatures()) for name, layer in layers.items()}
    assert ids == {"OUTPUT_POINTS": ["0", "2", "3"], "OUTPUT_LINES": ["1"], "OUTPUT_POLYGONS": ["3"]}
    assert layers["OUTPUT_POINTS"].wkbType() == QgsWkbTypes.Type.MultiPoint
    assert [one.name() for one in layers["OUTPUT_LINES"].fields()] == [
        "redis_key",
        "redis_id",
        "fid_2",
        "name",
    ]
    told = Told()
    results, layers = read("mixed", told, outputs=("OUTPUT_LINES",))
    assert results["COUNT"] == 1 and list(layers) == ["OUTPUT_LINES"]
    assert "Not written, as OUTPUT_POINTS was not asked for: 3" in told.lines


def test_refused_values_are_counted_and_listed(headless):
    with headless.client() as client:
        client.mset({"zone:1": "POLYGON((0 0,1 0,1 1,0 0))", "zone:2": "POLYGON((0 0,1 0", "zone:3": "no"})
        client.lpush("zone:4", '{"type":"Point","coordinates":[500,1]}')
    told = Told()
    results, _ = read("zone:*", told)
    assert (results["COUNT"], results["REFUSED"]) == (0, 4)
    assert "zone:1: neither the value nor the parameter names the CRS" in told.lines
    assert "zone:2: half written" in told.lines and "zone:3: in no known format of features" in told.lines
    assert any(line.startswith("zone:4 [0]: degrees beyond the globe") for line in told.lines)
    assert "Refused (half written): 1" in told.lines
    results, layers = read("zone:*", CRS="EPSG:3035")
    assert results["COUNT"] == 1 and layers["OUTPUT_POLYGONS"].crs().authid() == "EPSG:3035"


def test_values_in_several_crs_come_in_one(headless):
    with headless.client() as client:
        client.mset({"p:1": "SRID=4326;POINT(2.35127 48.85704)", "p:2": "SRID=4326;POINT(2 48)",
                     "p:3": "SRID=2154;POINT(652381.1 6862047.2)"})  # fmt: skip
    _, layers = read("p:*")
    points = {one["redis_id"]: one.geometry().asPoint() for one in layers["OUTPUT_POINTS"].getFeatures()}
    assert layers["OUTPUT_POINTS"].crs().authid() == "EPSG:4326"
    assert points["3"].distance(points["1"]) < 1e-3


def test_nothing_there_is_said(headless):
    told = Told()
    results, layers = read("nothing:*", told)
    assert results["COUNT"] == 0 and layers["OUTPUT_POINTS"].featureCount() == 0
    assert "No key holds anything: nothing:*" in told.lines


def made(count=3, name="x"):
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=code:string&field=name:string", "made", "memory")
    features = []
    for number in range(count):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([f"c{number}", name])
        feature.setGeometry(QgsGeometry.fromWkt(f"POINT ({number % 180} 48)"))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


WRONG = {
    "no key": ({"KEY": " "}, "Name the key"),
    "one key for all": ({"KEY": "zone"}, "Each feature needs a key of its own"),
    "a template for a collection": (
        {"KEY": "z:[% $id %]", "FORMAT": COLLECTION},
        "A collection stands in one key",
    ),
    "an index over strings": ({"KEY": "z:[% $id %]", "INDEX": "i"}, "indexes hashes and documents"),
    "an index over everything": (
        {"KEY": "[% $id %]", "INDEX": "i", "FORMAT": HASH},
        "must begin with a text",
    ),
    "a broken expression": ({"KEY": "z:[% ( %]"}, "cannot be read"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_published_is_said(headless, name):
    parameters, words = WRONG[name]
    with pytest.raises(QgsProcessingException, match=words):
        publish(made(), **parameters)
    with headless.client() as client:
        assert client.dbsize() == 0


def test_a_collection_in_another_crs_is_not_added_to(headless):
    crs = {"type": "name", "properties": {"name": "EPSG:2154"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": []}).encode()
    with headless.client() as client:
        client.set("zones", text)
        with pytest.raises(QgsProcessingException, match=r"another CRS \(EPSG:2154\)"):
            publish(made(), KEY="zones", FORMAT=COLLECTION)
        assert client.get("zones") == text


def test_keys_by_an_expression_that_gives_nothing_or_twice_the_same(headless):
    layer, told = made(), Told()
    layer.dataProvider().changeAttributeValues({1: {0: compat.NULL}})
    results = publish(layer, told, KEY='{a}:[% "code" %]:[% upper("name") %]', FIELDS=["name"])
    assert results == {"COUNT": 2, "REFUSED": 1}
    with headless.client() as client:
        assert set(client.scan_iter("{*")) == {b"{a}:c1:X", b"{a}:c2:X"}
        assert json.loads(client.get("{a}:c1:X"))["properties"] == {"name": "x"}
    results = publish(layer, told, KEY='z:[% "name" %]')
    assert results == {"COUNT": 1, "REFUSED": 2}
    assert "Refused (the same key or id as a feature before): 2" in told.lines


def test_degrees_beyond_the_globe_are_not_published(headless):
    layer = made(1)
    layer.dataProvider().changeGeometryValues({1: QgsGeometry.fromWkt("POINT (500 48)")})
    for form in (GEOJSON, HASH, WKB):
        told = Told()
        assert publish(layer, told, KEY='z:[% "code" %]', FORMAT=form) == {"COUNT": 0, "REFUSED": 1}
        assert any(line.startswith("Refused (degrees beyond the globe") for line in told.lines)


def test_replacing_says_first_how_many_go(headless):
    publish(made(5), KEY='z:[% "code" %]')
    told = Told()
    assert publish(made(2), told, KEY='z:[% "code" %]', MODE=REPLACE) == {"COUNT": 2, "REFUSED": 0}
    said = told.lines.index("No longer in the layer, and now deleted: 3")
    assert said < told.lines.index("Added: 0. Changed: 2. Left as they were: 0. Deleted: 3.")
    results, _ = read("z:*")
    assert results["COUNT"] == 2


def test_a_cancelled_replacement_leaves_the_old_set(headless):
    publish(made(1500), KEY='z:[% "code" %]')
    told = Told()
    told.progressChanged.connect(lambda share: told.cancel())
    results = publish(made(1200, "new"), told, KEY='z:[% "code" %]', MODE=REPLACE)
    assert results["COUNT"] == 0
    _, layers = read("z:*")
    assert {one["name"] for one in layers["OUTPUT_POINTS"].getFeatures()} == {"x"}
    assert layers["OUTPUT_POINTS"].featureCount() == 1500
    with headless.client() as client:
        assert client.dbsize() == 1501


def test_curves_are_written_as_lines_and_said(headless):
    layer, told = QgsVectorLayer("CurvePolygon?crs=EPSG:4326", "made", "memory"), Told()
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 1 -1, 0 0))"))
    layer.dataProvider().addFeatures([feature])
    publish(layer, told, KEY="z:[% $id %]")
    assert "Features whose curves were written as lines: 1" in told.lines
    _, layers = read("z:*")
    (found,) = layers["OUTPUT_POLYGONS"].getFeatures()
    assert abs(found.geometry().area() - 3.14159) < 0.01


def test_nothing_is_published_through_a_production_connection(headless, monkeypatch):
    monkeypatch.setattr(production, "is_locked", lambda _settings: True)
    with pytest.raises(QgsProcessingException, match="production"):
        publish(made(), KEY="z:[% $id %]")
    with headless.client() as client:
        assert client.dbsize() == 0


def test_numbers_that_are_none_are_null_in_fields_of_any_type(headless):
    good = {
        "day": "2026-11-29",
        "moment": "2026-11-29T10:00:00Z",
        "clock": "10:20:30",
        "n": 1,
        "x": 1.5,
        "b": True,
    }
    text = json.dumps({"type": "Feature", "geometry": None, "properties": good})
    with headless.client() as client:
        client.set("n:0", text)
        for number, word in enumerate((float("nan"), float("inf"), -float("inf")), 1):
            bad = {"type": "Feature", "geometry": None, "properties": dict.fromkeys(good, word)}
            client.set(f"n:{number}", json.dumps(bad))
    results, layers = read("n:*")
    assert (results["COUNT"], results["REFUSED"]) == (4, 0)
    (first, *others) = sorted(layers["OUTPUT_POINTS"].getFeatures(), key=lambda one: one["redis_id"])
    assert not any(compat.is_null(first[name]) for name in good)
    assert all(compat.is_null(one[name]) for one in others for name in good)


def one_feature(kind, wkt, crs="EPSG:4326"):
    layer = QgsVectorLayer(f"{kind}?crs={crs}", "made", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt(wkt))
    assert layer.dataProvider().addFeatures([feature])[0] and layer.featureCount() == 1
    return layer


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "kind, wkt, straight",
    [
        ("CompoundCurve", "COMPOUNDCURVE((0 0,1 1))", {"LINES": "LineString (0 0, 1 1)"}),
        ("CompoundCurveZ", "COMPOUNDCURVEZ((0 0 5,1 1 6))", {"LINES": "LineStringZ (0 0 5, 1 1 6)"}),
        ("CurvePolygon", "CURVEPOLYGON((0 0,1 0,1 1,0 0))", {"POLYGONS": "Polygon ((0 0, 1 0, 1 1, 0 0))"}),
        ("MultiCurve", "MULTICURVE((0 0,1 1))", {"LINES": "MultiLineString ((0 0, 1 1))"}),
        ("MultiSurface", "MULTISURFACE(((0 0,1 0,1 1,0 0)))", {"POLYGONS": "MultiPolygon (((0 0, 1 0, 1 1, 0 0)))"}),
        (
            "GeometryCollection",
            "GEOMETRYCOLLECTION(COMPOUNDCURVE((0 0,1 1)),GEOMETRYCOLLECTION(CURVEPOLYGON((0 0,1 0,1 1,0 0))))",
            {"LINES": "MultiLineString ((0 0, 1 1))", "POLYGONS": "MultiPolygon (((0 0, 1 0, 1 1, 0 0)))"},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalpha() else "",
)  # fmt: skip
def test_straight_lines_in_layers_of_curves_are_published(headless, form, kind, wkt, straight):
    told, key = Told(), "all" if form == "collection" else "c:[% $id %]"
    results = publish(one_feature(kind, wkt), told, KEY=key, FORMAT=FORMATS[form])
    assert results == {"COUNT": 1, "REFUSED": 0}
    assert not any("curves" in line for line in told.lines)  # nothing was changed
    _, layers = read(key.replace("[% $id %]", "*"))
    found = {name[7:]: [one.geometry() for one in layer.getFeatures()] for name, layer in layers.items()}
    for name, shapes in found.items():
        right = [QgsGeometry.fromWkt(straight[name])] if name in straight else []
        assert [bytes(one.asWkb()) for one in shapes] == [bytes(one.asWkb()) for one in right]


def test_arcs_are_published_as_lines_and_counted(headless):
    told = Told()
    layer = one_feature("CompoundCurve", "COMPOUNDCURVE(CIRCULARSTRING(0 0,1 1,2 0),(2 0,3 0))")
    assert publish(layer, told, KEY="c:[% $id %]", FORMAT=HASH) == {"COUNT": 1, "REFUSED": 0}
    assert any("curves were written as lines: 1" in line for line in told.lines)


def test_a_collection_gives_all_of_its_parts(headless):
    pair = "MULTIPOINT Z((1 2 3),(4 5 6))"
    lines = "MULTILINESTRING Z((0 0 1,1 1 2),(2 2 3,3 3 4))"
    areas = "MULTIPOLYGON Z(((0 0 1,1 0 1,1 1 1,0 0 1)),((5 5 1,6 5 1,6 6 1,5 5 1)))"
    values = {
        "c:1": f"SRID=4326;GEOMETRYCOLLECTION Z({pair},POINT Z(7 8 9),GEOMETRYCOLLECTION Z({lines},{areas}))",
        "c:2": "SRID=4326;GEOMETRYCOLLECTION EMPTY",
        "c:3": "SRID=4326;GEOMETRYCOLLECTION(GEOMETRYCOLLECTION EMPTY)",
        "c:4": "SRID=2154;GEOMETRYCOLLECTION(POINT(652381.1 6862047.2))",
        "c:5": "SRID=2154;GEOMETRYCOLLECTION EMPTY",
        "c:6": "SRID=4326;POINT(1 1)",
    }
    with headless.client() as client:
        client.mset(values)
    results, layers = read("c:*")
    assert results["REFUSED"] == 0 and results["COUNT"] == 8
    found = {(name[7:], one["redis_id"]): one.geometry() for name, layer in layers.items()
             for one in layer.getFeatures()}  # fmt: skip
    counts = {
        name: -1 if shape.isNull() else len(shape.asGeometryCollection()) for name, shape in found.items()
    }
    assert counts == {("POINTS", "1"): 3, ("LINES", "1"): 2, ("POLYGONS", "1"): 2, ("POINTS", "2"): -1,
                      ("POINTS", "3"): -1, ("POINTS", "4"): 1, ("POINTS", "5"): -1, ("POINTS", "6"): 1}  # fmt: skip
    places = [(one.x(), one.y(), one.z()) for one in found["POINTS", "1"].vertices()]
    assert places == [(1, 2, 3), (4, 5, 6), (7, 8, 9)]
