"""Each drop-in beside the live native algorithm: type, fields, features, geometries with Z, and errors, the first time
and from the cache."""

from __future__ import annotations

import ast
import math

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from qgis.core import (
    NULL,
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsPoint,
    QgsProcessingContext,
    QgsProject,
    QgsProperty,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from tests.support.twins import CHECKS, index_takes_boxes_for_geometries, layer, outcome

SQUARE = "Polygon((0 0,4 0,4 4,0 4,0 0))"
BOW_TIE = "Polygon((0 0,10 10,10 0,0 10,0 0))"
LAYERS = {
    "polygons": ("Polygon", ["Polygon((0 0,4 0,4 4,0 4,0 0))", "Polygon((4 0,8 0,8 4,4 4,4 0))",
                             "Polygon((20 0,24 0,24 4,22 1,20 4,20 0),(20.5 0.5,21 0.5,21 1,20.5 0.5))"]),
    "multi-polygons": ("MultiPolygon", ["MultiPolygon(((0 0,4 0,4 4,0 4,0 0)),((10 0,14 0,14 4,10 4,10 0)))",
                                        "MultiPolygon(((3 0,8 0,8 4,3 4,3 0)))"]),
    "NULL": ("Polygon", ["Polygon((0 0,4 0,4 4,0 4,0 0))", None]),
    "no features": ("Polygon", []),
    "Z": ("PolygonZ", ["PolygonZ((0 0 1,4 0 2,4 4 3,0 4 4,0 0 1))", "PolygonZ((2 2 5,6 2 6,6 6 7,2 6 8,2 2 5))"]),
    "ZM": ("PolygonZM", ["PolygonZM((0 0 1 5,4 0 2 6,4 4 3 7,0 4 4 8,0 0 1 5))"]),
    "M": ("LineStringM", ["LineStringM(0 0 1,1 0.1 2,2 0 3)", "LineStringM(2 0 5,8 3 6,9 4 6)"]),
    "lines": ("LineString", ["LineString(0 0,1 0.1,2 0,3 0.2,4 0)", "LineString(4 0,8 3,9 9)", "LineString(20 20,20 21,21 21,20 20)"]),
    "multi-lines": ("MultiLineString", ["MultiLineString((0 0,1 0.1,2 0),(2 0,4 0))", "MultiLineString((4 0,8 3))"]),
    "lines with Z": ("LineStringZ", ["LineStringZ(0 0 1,1 0.1 2,2 0 3,3 0.2 4,4 0 5)", "LineStringZ(4 0 5,8 3 6,9 4 6)"]),
    "straight lines": ("LineString", ["LineString(0 0,4 4,8 8)", "LineString(1 1,5 5)"]),
    "points": ("Point", ["Point(1 1)", "Point(2 2)", "Point(21 0.2)", None]),
    "multi-points": ("MultiPoint", ["MultiPoint((1 1),(3 1),(2 3))", "MultiPoint((5 5))"]),
    "points with Z": ("PointZ", ["PointZ(1 1 1)", "PointZ(2 2 2)"]),
    "curves": ("CurvePolygon", ["CurvePolygon(CircularString(0 0,2 2,4 0,2 -2,0 0))"]),
    "collections": ("GeometryCollection", ["GeometryCollection(Polygon((0 0,4 0,4 4,0 4,0 0)),Point(10 10))",
                                           "GeometryCollection(LineString(1 1,9 9),Polygon((2 2,6 2,6 6,2 6,2 2)))"]),
    "bow tie": ("Polygon", ["Polygon((0 0,4 0,4 4,0 4,0 0))", BOW_TIE, "Polygon((20 0,24 0,24 4,20 0))"]),
}  # fmt: skip
CHECK = {
    "stop": CHECKS.GeometryAbortOnInvalid,
    "skip": CHECKS.GeometrySkipInvalid,
    "keep": CHECKS.GeometryNoCheck,
}
TWINS = {
    "convexhull": "convexhull",
    "simplify": "simplifygeometries",
    "dissolve": "dissolve",
    "intersection": "intersection",
}


@pytest.fixture
def equal(algorithms, saved_connection):
    """Compare a drop-in with its native twin, twice: computed, and with what the cache holds."""

    def equal(name, parameters, check=CHECKS.GeometryNoCheck):
        wanted = outcome(f"native:{TWINS[name]}", parameters, check)
        for _time in ("computed", "cached"):
            assert outcome(f"redisgeo:cached{name}", parameters, check) == wanted
        return wanted

    return equal


def made(name):
    return layer(*LAYERS[name])


def equal_hulls(equal, source):
    """As ``equal``. QGIS 3.44 ends the run at a hull that is no area; the cached one names it and goes on (docs/cache.md)."""
    parameters = {"INPUT": source}
    if "exception" not in outcome("native:convexhull", parameters, CHECKS.GeometryNoCheck):
        return equal("convexhull", parameters)
    for _time in ("computed", "cached"):
        found = outcome("redisgeo:cachedconvexhull", parameters, CHECKS.GeometryNoCheck)
        assert "exception" not in found and found["errors"]
        assert len(found["OUTPUT"]["features"]) + len(found["errors"]) == source.featureCount()
    return found


@pytest.mark.parametrize("name", LAYERS)
def test_convex_hulls(equal, name):
    equal_hulls(equal, made(name))


def test_a_hull_that_is_no_area_ends_no_run(equal):
    wanted = equal_hulls(equal, layer("LineString", ["LineString(0 0,4 4)", "LineString(0 0,1 0,1 1)"]))
    assert len(wanted["OUTPUT"]["features"]) == 1 and len(wanted["errors"]) == 1


@pytest.mark.parametrize("method", [0, 1, 2])
@pytest.mark.parametrize("name", LAYERS)
def test_simplified(equal, name, method):
    equal("simplify", {"INPUT": made(name), "TOLERANCE": 0.5, "METHOD": method})


@pytest.mark.parametrize("method", [0, 2])
@pytest.mark.parametrize("expression", ["t", '"t" * 2', "'x'", "nothing", "if(t > 1, '2.5', t)"])
def test_simplified_by_a_data_defined_tolerance(equal, expression, method):
    kind, wkts = LAYERS["lines"]
    rows = [("a", 0.0), ("b", NULL), ("c", 5.0)]
    source = layer(kind, wkts, rows, "name:string,t:double")
    equal(
        "simplify", {"INPUT": source, "TOLERANCE": QgsProperty.fromExpression(expression), "METHOD": method}
    )


def test_a_tolerance_out_of_bounds_is_refused(equal):
    assert "TOLERANCE" in equal("simplify", {"INPUT": made("lines"), "TOLERANCE": 1e8})["exception"]
    negative = QgsProperty.fromExpression("-1")
    wanted = equal("simplify", {"INPUT": made("lines"), "TOLERANCE": negative})
    assert {geometry for _, geometry in wanted["OUTPUT"]["features"]} == {"NULL"}


@pytest.mark.parametrize("fields", [[], ["name"]])
@pytest.mark.parametrize("name", [name for name in LAYERS if name != "no features"])
def test_dissolved(equal, name, fields):
    equal("dissolve", {"INPUT": made(name), "FIELD": fields})
    if (
        QgsApplication.processingRegistry()
        .algorithmById("native:dissolve")
        .parameterDefinition("SEPARATE_DISJOINT")
    ):
        equal("dissolve", {"INPUT": made(name), "FIELD": fields, "SEPARATE_DISJOINT": True})


@pytest.mark.parametrize("name", ["dissolve", "simplify", "convexhull", "intersection"])
def test_what_qgis_itself_computes_has_not_failed(algorithms, saved_connection, name):
    """As collections, of which versions of GEOS make different things, or empty geometries."""
    import processing

    wkts = [*LAYERS["collections"][1], "GeometryCollection(Polygon EMPTY)"]
    given = {"INPUT": layer("GeometryCollection", wkts), "OVERLAY": made("polygons"), "OUTPUT": "memory:"}
    if name != "intersection":
        del given["OVERLAY"]
    context = QgsProcessingContext()
    context.setInvalidGeometryCheck(
        CHECKS.GeometryNoCheck
    )  # of these collections GEOS 3.14 calls one invalid
    for _time in ("computed", "cached"):
        assert processing.run(f"redisgeo:cached{name}", given, context=context)["FAILED"] == 0


@pytest.mark.parametrize(
    "fields", ["name", "n;name", ["n"], ["nothing"], ["nothing", "name"], ["NAME"], None, ""]
)
def test_dissolved_by_fields_that_are_there_or_not(equal, fields):
    kind, wkts = LAYERS["lines"]
    rows = [("a", 1), ("a", 1), ("b", NULL)]
    equal("dissolve", {"INPUT": layer(kind, wkts, rows, "name:string,n:integer"), "FIELD": fields})


def test_groups_in_a_geopackage_have_the_ids_that_native_gives_them(algorithms, saved_connection, tmp_path):
    import processing

    squares = layer("Polygon", [SQUARE] * 5, [("a",), ("a",), ("b",), ("c",), ("b",)])
    given = {"INPUT": squares, "OUTPUT": str(tmp_path / "in.gpkg")}
    source = processing.run("native:savefeatures", given)["OUTPUT"]
    ids = []
    for name in ("native:dissolve", "redisgeo:cacheddissolve"):
        path = str(tmp_path / f"{name[:6]}.gpkg")
        processing.run(name, {"INPUT": source, "FIELD": ["name"], "OUTPUT": path})
        found = QgsVectorLayer(path, "out", "ogr").getFeatures()
        ids.append(sorted((f.id(), f["fid"]) for f in found))
    assert ids[0] == ids[1] and len(ids[0]) == 3


def test_dissolved_by_the_same_instant_in_two_zones(equal):
    noon = QDateTime(QDate(2020, 1, 1), QTime(12, 0), Qt.TimeSpec.UTC)
    rows = [(noon,), (noon.toOffsetFromUtc(3600),), (noon.addMSecs(1),), (NULL,)]
    squares = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 0))" for i in range(4)]
    wanted = equal("dissolve", {"INPUT": layer("Polygon", squares, rows, "t:datetime"), "FIELD": ["t"]})
    assert len(wanted["OUTPUT"]["features"]) == 3


@pytest.mark.parametrize("check", CHECK)
@pytest.mark.parametrize("name", TWINS)
def test_an_invalid_geometry_is_treated_as_the_native_one_treats_it(equal, name, check):
    others = {"OVERLAY": made("polygons")} if name == "intersection" else {}
    equal(name, {"INPUT": made("bow tie"), **others}, CHECK[check])
    if others:
        equal(name, {"INPUT": made("polygons"), "OVERLAY": made("bow tie")}, CHECK[check])


@pytest.mark.parametrize("others", [[], ["Polygon((0 0,4 0,4 4,0 4,0 0))"]])
def test_a_union_that_fails_is_told_as_the_native_one_tells_it(equal, others):
    """Of two geometries, and of more, which are united one after the other."""
    wanted = equal("dissolve", {"INPUT": layer("Polygon", ["Polygon((1 1,8 1,8 3,1 1))", BOW_TIE, *others])})
    assert "OUTPUT" in wanted or wanted["errors"]


@pytest.mark.parametrize("check", CHECK)
def test_what_cannot_be_reprojected_is_told(equal, check):
    poles = layer("Point", ["Point(1 1)", "Point(0 90)", "Point(0 1e9)"], crs="EPSG:4326")
    squares = layer("Polygon", ["Polygon((0 0,400000 0,400000 400000,0 0))"])
    wanted = equal("intersection", {"INPUT": squares, "OVERLAY": poles}, CHECK[check])
    assert sum("transform error" in words for words in wanted["errors"]) >= 1


@pytest.mark.parametrize(
    "overlay", ["multi-polygons", "lines", "points", "Z", "ZM", "curves", "collections", "NULL"]
)
@pytest.mark.parametrize("name", [name for name in LAYERS if name != "bow tie"])
def test_intersections(equal, name, overlay):
    equal("intersection", {"INPUT": made(name), "OVERLAY": made(overlay)})


@pytest.mark.parametrize(
    "chosen",
    [{"INPUT_FIELDS": ["n"]}, {"OVERLAY_FIELDS": ["w", "name"]}, {"INPUT_FIELDS": ["nothing"]},
     {"OVERLAY_FIELDS": "w;name"}, {"OVERLAY_FIELDS_PREFIX": "p_"},
     {"INPUT_FIELDS": ["name"], "OVERLAY_FIELDS": ["name"]}, {"GRID_SIZE": None}],
    ids=str,
)  # fmt: skip
def test_fields_of_an_intersection_keep_length_and_precision(equal, chosen):
    kind, wkts = LAYERS["polygons"]
    first = layer(
        kind, wkts, [("a", 1, 2.5), ("b", 2, NULL), ("c", NULL, 3)], "name:string(7),n:integer,v:double(10,3)"
    )
    second = layer(kind, wkts, [("x", 1), ("y", 2), ("z", 3)], "name:string(9),w:integer")
    equal("intersection", {"INPUT": first, "OVERLAY": second, **chosen})


def test_an_intersection_snapped_to_a_grid(equal):
    if (
        not QgsApplication.processingRegistry()
        .algorithmById("native:intersection")
        .parameterDefinition("GRID_SIZE")
    ):
        return  # refused by its name: see test_drop_ins
    for size in (0.5, 3.0):
        equal("intersection", {"INPUT": made("lines"), "OVERLAY": made("polygons"), "GRID_SIZE": size})


@pytest.mark.parametrize("check", CHECK)
def test_validity_is_that_of_the_layer_before_it_is_reprojected(equal, check):
    """The world map lies far beyond what UTM can hold."""
    from tests.support.layers import world

    countries = world("countries", 300)
    QgsProject.instance().addMapLayer(countries)
    box = "Polygon((100000 4500000,900000 4500000,900000 6000000,100000 6000000,100000 4500000))"
    utm = layer("Polygon", [box], crs="EPSG:32631")
    wanted = equal(
        "intersection", {"INPUT": utm, "OVERLAY": countries, "OVERLAY_FIELDS": ["NAME"]}, CHECK[check]
    )
    assert len(wanted["OUTPUT"]["features"]) > 5
    import processing

    given = {"INPUT": utm, "OVERLAY": countries, "OUTPUT": "memory:"}
    assert (
        processing.run("redisgeo:cachedintersection", given)["FAILED"] == 0
    )  # what has no place there met nobody


# -- nearest -----------------------------------------------------------------------------------------------------------

TOWNS = ["Point(0 0)", "Point(3 4)", "Point(3 -4)", "Point(10 0)"]


@pytest.fixture
def equal_join(algorithms, saved_connection):
    """The same of the join by nearest, whose geometries are lines: counts, fields and attributes. The order of what is
    equally near is that of QGIS's index: ``n`` is left out."""

    def rows(found):
        names = [name for name, *_ in found["OUTPUT"]["fields"]]
        place = names.index(next(name for name in names if name in ("n", "n_2")))
        values = (ast.literal_eval(text) for text, _ in found["OUTPUT"]["features"])
        found["OUTPUT"]["features"] = sorted(
            repr([v for i, v in enumerate(row) if i != place]) for row in values
        )
        found["OUTPUT"]["type"] = ""
        return found

    def equal_join(check=CHECKS.GeometryNoCheck, by_hand=None, **parameters):
        wanted = outcome("native:joinbynearest", parameters, check)
        wanted = wanted if "exception" in wanted else rows(wanted)
        if by_hand is not None and index_takes_boxes_for_geometries():
            return by_hand(**parameters)  # native errs
        for _time in ("computed", "cached"):
            found = outcome("redisgeo:cachednearest", parameters, check)
            assert (found if "exception" in found else rows(found)) == wanted
        return wanted

    return equal_join


def towns(wkts=tuple(TOWNS), rows=None, fields="name:string", kind="Point"):
    return layer(kind, wkts, rows, fields)


def nearest_by_hand(INPUT, INPUT_2, NEIGHBORS=1, MAX_DISTANCE=math.inf, **more):
    """Who is nearest to whom, and how far, by the distances of all pairs, beside what the drop-in gives."""
    others, wanted = [f for f in INPUT_2.getFeatures() if f.hasGeometry()], []
    for one in (f for f in INPUT.getFeatures() if f.hasGeometry()):
        to = [f for f in others if INPUT is not INPUT_2 or f.id() != one.id()]
        far = sorted((one.geometry().distance(f.geometry()), f["name"]) for f in to)
        most = min(MAX_DISTANCE, far[min(NEIGHBORS, len(far)) - 1][0])
        wanted += [(one["name"], name, round(d, 6)) for d, name in far if d <= most]
    given = {"INPUT": INPUT, "INPUT_2": INPUT_2, "NEIGHBORS": NEIGHBORS, **more}
    if math.inf > MAX_DISTANCE:
        given["MAX_DISTANCE"] = MAX_DISTANCE
    for _time in ("computed", "cached"):
        found = outcome("redisgeo:cachednearest", given)
        names = [name for name, *_ in found["OUTPUT"]["fields"]]
        rows = [dict(zip(names, ast.literal_eval(text))) for text, _ in found["OUTPUT"]["features"]]
        joined = [row for row in rows if row["distance"] is not None]
        assert sorted((r["name"], r["name_2"], round(r["distance"], 6)) for r in joined) == sorted(wanted)
        assert found["JOINED_COUNT"] == len({name for name, *_ in wanted})
        assert found["JOINED_COUNT"] + found["UNJOINABLE_COUNT"] == INPUT.featureCount()
        left_out = INPUT.featureCount() - found["JOINED_COUNT"]
        assert len(rows) - len(joined) == (0 if more.get("DISCARD_NONMATCHING") else left_out)
        if "NON_MATCHING" in more:
            assert len(found["NON_MATCHING"]["features"]) == left_out


@pytest.mark.parametrize("more", [{}, {"NEIGHBORS": 2}, {"MAX_DISTANCE": 4.5}, {"MAX_DISTANCE": 0},
                                  {"DISCARD_NONMATCHING": True, "MAX_DISTANCE": 1}])  # fmt: skip
def test_nearest_by_the_distances_of_all_pairs(algorithms, saved_connection, more):
    areas = layer("Polygon", ["Polygon((0 10,10 0,10 1,0 10))", "Polygon((2 2,3 2,3 3,2 2))", BOW_TIE])
    for other in (areas, towns(), towns(["LineString(0 10,10 0)", "LineString(2 2,2 3)"], kind="LineString")):
        nearest_by_hand(towns([*TOWNS, None]), other, **more)
        nearest_by_hand(other, areas, **more)


@pytest.mark.parametrize(
    "more",
    [{}, {"NEIGHBORS": 2}, {"NEIGHBORS": 9}, {"MAX_DISTANCE": 4.5}, {"MAX_DISTANCE": 0}, {"PREFIX": "p_"},
     {"DISCARD_NONMATCHING": True, "MAX_DISTANCE": 1}, {"FIELDS_TO_COPY": ["w"]}, {"FIELDS_TO_COPY": ["nothing"]},
     {"NON_MATCHING": "memory:", "MAX_DISTANCE": 1}, {"NEIGHBORS": 2, "MAX_DISTANCE": 5.5}],
    ids=str,
)  # fmt: skip
def test_joined_by_nearest(equal_join, more):
    others = towns(
        ["Point(1 1)", "Point(3 0)", None, "Point(3 9)"],
        [(f"o{i}", i) for i in range(4)],
        "name:string,w:integer",
    )
    places = towns([*TOWNS, None])
    by_hand = nearest_by_hand if "MAX_DISTANCE" in more else None
    equal_join(by_hand=by_hand, INPUT=places, INPUT_2=others, **more)
    more.pop("FIELDS_TO_COPY", None)
    equal_join(by_hand=by_hand, INPUT=places, INPUT_2=places, **more)


def test_a_layer_joined_to_itself_leaves_each_feature_itself_out(equal_join):
    places = towns()
    wanted = equal_join(INPUT=places, INPUT_2=places)
    assert all("0.0, 0.0, 0.0, 0.0, 0.0]" not in row for row in wanted["OUTPUT"]["features"])
    found = outcome("redisgeo:cachednearest", {"INPUT": places.id(), "INPUT_2": places})
    assert len(found["OUTPUT"]["features"]) == len(wanted["OUTPUT"]["features"])


def test_an_own_field_distance_keeps_its_values_and_the_result_gets_another_name(equal_join):
    fields = "distance:double,n:integer"
    places, others = (
        towns(TOWNS[:2], [(7.0, 1), (8.0, 2)], fields),
        towns(TOWNS[2:], [(1.0, 3), (2.0, 4)], fields),
    )
    wanted = equal_join(INPUT=places, INPUT_2=others)
    names = [name for name, *_ in wanted["OUTPUT"]["fields"]]
    assert names[0] == "distance" and "distance_2" in names and "distance_3" in names


@pytest.mark.parametrize("check", CHECK)
def test_an_invalid_geometry_is_joined_or_not_as_the_native_one_does(equal_join, check):
    if check != "stop" and index_takes_boxes_for_geometries():
        return  # and native:joinbynearest errs with it
    equal_join(CHECK[check], INPUT=made("bow tie"), INPUT_2=towns())
    equal_join(CHECK[check], INPUT=towns(), INPUT_2=made("bow tie"))


def test_the_lines_lead_to_the_nearest(algorithms, saved_connection):
    found = outcome(
        "redisgeo:cachednearest",
        {"INPUT": towns(["Point(0 0)"]), "INPUT_2": towns(["Point(3 4)", "Point(9 9)"])},
    )
    assert found["OUTPUT"]["type"] == "MultiLineString"
    assert [geometry for _, geometry in found["OUTPUT"]["features"]] == [
        "MultiLineString ['LineString (0 0, 3 4)']"
    ]


def test_a_neighbour_without_a_finite_place_is_nobodys_and_spoils_no_others(algorithms, saved_connection):
    others = towns(["Point(9 9)", "Point(3 4)"])
    lost = QgsFeature(others.fields())
    lost.setGeometry(QgsGeometry(QgsPoint(math.inf, 1)))
    others.dataProvider().addFeatures([lost])
    found = outcome("redisgeo:cachednearest", {"INPUT": towns(["Point(0 0)"]), "INPUT_2": others})
    assert [geometry for _, geometry in found["OUTPUT"]["features"]] == [
        "MultiLineString ['LineString (0 0, 3 4)']"
    ]


# -- any geometries ----------------------------------------------------------------------------------------------------

NUMBERS = st.integers(0, 8)
VERTICES = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=7)


@st.composite
def lines(draw):
    """Lines with Z, each between at least two places."""
    found = []
    for vertices in draw(st.lists(VERTICES, min_size=1, max_size=4)):
        if len({(x, y) for x, y, _z in vertices}) > 1:
            found.append("LineStringZ(" + ",".join(f"{x} {y} {z}" for x, y, z in vertices) + ")")
    return found or ["LineStringZ(0 0 1,1 1 2)"]


@st.composite
def boxes(draw):
    found = draw(
        st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=5)
    )
    return [f"Polygon(({x} {y},{x + w} {y},{x + w} {y + h},{x} {y + h},{x} {y}))" for x, y, w, h in found]


FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@example(["LineStringZ(0 4 0,3 4 0,2 0 0,0 1 0,6 8 0,8 5 0,0 1 0)"], ["Polygon((0 0,1 0,1 1,0 1,0 0))"], 0)
@given(lines(), boxes(), st.sampled_from([0, 0.4, 1.7]))
def test_any_lines_and_boxes(equal, some, others, tolerance):
    source, overlay = layer("LineStringZ", some), layer("Polygon", others)
    equal("intersection", {"INPUT": source, "OVERLAY": overlay})
    equal("intersection", {"INPUT": overlay, "OVERLAY": overlay})
    equal("simplify", {"INPUT": source, "TOLERANCE": tolerance})
    equal_hulls(equal, source)
    equal("dissolve", {"INPUT": source})
    QgsProject.instance().clear()
