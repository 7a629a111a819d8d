"""Each drop-in beside the live native algorithm: type, fields, features, geometries with Z, and errors, the first time
and from the cache."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from qgis.core import (
    NULL,
    QgsApplication,
    QgsGeometry,
    QgsProcessingContext,
    QgsProject,
    QgsProperty,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from tests.support.twin_layers import BOW_TIE, CHECK, LAYERS, NUMBERS, lines, made
from tests.support.twins import CHECKS, layer, outcome

SQUARE = "Polygon((0 0,4 0,4 4,0 4,0 0))"
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


@pytest.mark.parametrize("kind", ["string", "integer", "double", "date", "time", "datetime"])
def test_dissolved_by_nulls_of_several_kinds(equal, kind):
    """A provider keeps the kind of a NULL, and native takes only some of them for equal."""
    rows = [(NULL,), (QDate(),), (None,), (QDateTime(),), (QTime(),), (QDate(),)]
    squares = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 0))" for i in range(len(rows))]
    equal("dissolve", {"INPUT": layer("Polygon", squares, rows, f"t:{kind}"), "FIELD": ["t"]})


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


@st.composite
def boxes(draw):
    found = draw(
        st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=5)
    )
    return [f"Polygon(({x} {y},{x + w} {y},{x + w} {y + h},{x} {y + h},{x} {y}))" for x, y, w, h in found]


FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@example(["LineStringZ(0 4 0,3 4 0,2 0 0,0 1 0,6 8 0,8 5 0,0 1 0)"], ["Polygon((0 0,1 0,1 1,0 1,0 0))"], 0)
@example(
    ["LineStringZ(0 4 0,5 2 0)", "LineStringZ(6 0 0,3 3 0)", "LineStringZ(3 2 0,6 8 8)"],
    ["Polygon((0 0,1 0,1 1,0 1,0 0))"],
    0,
)
@example(["LineStringZ(0 0 0,1 2 0,2 4 0,0 0 0,0 5 0,1 1 0)"], ["Polygon((0 0,1 0,1 1,0 1,0 0))"], 0)
@given(lines(), boxes(), st.sampled_from([0, 0.4, 1.7]))
def test_any_lines_and_boxes(equal, some, others, tolerance):
    source, overlay = layer("LineStringZ", some), layer("Polygon", others)
    equal("intersection", {"INPUT": source, "OVERLAY": overlay})
    equal("intersection", {"INPUT": overlay, "OVERLAY": overlay})
    equal("simplify", {"INPUT": source, "TOLERANCE": tolerance})
    equal_hulls(equal, source)
    if unions_agree(some):
        equal("dissolve", {"INPUT": source})
    QgsProject.instance().clear()


def unions_agree(wkts):
    """Whether the GEOS of QGIS and that of Shapely split these lines into the same pieces, of the same Z: where some overlap and
    others cross them at places that are no exact numbers, patch releases differ (docs/cache.md)."""
    geometries = [QgsGeometry.fromWkt(one) for one in wkts]
    native = shapely.from_wkb(QgsGeometry.unaryUnion(geometries).asWkb().data())
    own = shapely.union_all(shapely.from_wkb([one.asWkb().data() for one in geometries]))
    native, own = (
        sorted(shapely.to_wkt(shapely.normalize(shapely.get_parts(one)), rounding_precision=6))
        for one in (native, own)
    )
    return native == own
