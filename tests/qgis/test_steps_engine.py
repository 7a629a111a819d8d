"""The engine of steps: by every way, with and without a server, it gives what the algorithm itself gives, and computes
only what changed."""

from __future__ import annotations

import math

import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsProperty,
)

from redis_geo_plugin.bridge.steps import engine, rows, ways
from redis_geo_plugin.bridge.steps.ways import ProvedWay, Way
from redis_geo_plugin.core.steps import costs
from tests.peers.battery import copy_of, native_run, outputs_of, same
from tests.support.layers import layer_of

HERE = (ways.running_version(),)
BLIND = ("fixgeometries", "simplifygeometries", "reprojectlayer", "offsetline", "centroids", "addxyfields")
SEEING = (
    "fieldcalculator",
    "deletecolumn",
    "retainfields",
    "geometrybyexpression",
    "refactorfields",
    "translategeometry",
)
NEARBY = (
    "intersection",
    "difference",
    "clip",
    "countpointsinpolygon",
    "extractbylocation",
    "joinattributesbylocation",
)
GROUPS = ("dissolve", "collect", "aggregate")
TABLE = {
    **{f"native:{name}": ProvedWay(Way.ROWS, HERE, True) for name in BLIND},
    **{f"native:{name}": ProvedWay(Way.ROWS, HERE) for name in (*SEEING, "buffer")},
    **{f"native:{name}": ProvedWay(Way.NEARBY, HERE) for name in NEARBY},
    **{f"native:{name}": ProvedWay(Way.GROUPS, HERE) for name in GROUPS},
    **{f"native:{name}": ProvedWay(Way.WHOLE, HERE) for name in ("orderbyexpression", "joinattributestable", "multiparttosingleparts")},
}  # fmt: skip


@pytest.fixture
def proved(monkeypatch, algorithms):
    """The ways of this file, and every cost worth it."""
    monkeypatch.setattr(ways, "table", lambda: TABLE)
    monkeypatch.setattr(engine, "table", lambda: TABLE)
    monkeypatch.setattr(costs, "rows_pay", lambda _costs: True)
    monkeypatch.setattr(costs, "whole_pays", lambda *_: True)


class Runner:
    """Runs algorithms natively and by the engine, on one server."""

    def __init__(self, settings):
        self.settings = settings
        self.context = QgsProcessingContext()

    def run(self, name, given, settings=None, parallel=True, feedback=None):
        self.context = QgsProcessingContext()
        self.context.setProject(QgsProject.instance())
        self.prepare(self.context)
        algorithm = QgsApplication.processingRegistry().algorithmById(f"native:{name}")
        options = engine.StepOptions(settings=settings, parallel=parallel)
        outcome = engine.run(
            algorithm,
            {"OUTPUT": "memory:", **given},
            self.context,
            feedback or QgsProcessingFeedback(),
            options,
        )
        return outputs_of(algorithm, outcome.outputs, self.context), outcome

    def cached(self, name, given, **more):
        return self.run(name, given, self.settings, **more)

    @staticmethod
    def prepare(context):
        """What a test changes of the context."""


@pytest.fixture
def runner(proved, one_server):
    made = Runner(one_server.settings())
    yield made
    made.context = QgsProcessingContext()  # its layers go before QGIS does


def native(name, given):
    found = native_run(
        QgsApplication.processingRegistry().algorithmById(f"native:{name}"), {"OUTPUT": "memory:", **given}
    )
    assert found is not None
    return found


def circles(count=30, size=0.8, crs="EPSG:3857", fields="name:string,kind:int,size:double"):
    """Round polygons in a row, each over the next."""
    shapes = [QgsGeometry.fromWkt(f"Point({i} {i % 3})").buffer(size, 12) for i in range(count)]
    return layer_of(shapes, crs=crs, rows=[(f"f{i}", i % 4, i / 3) for i in range(count)], fields=fields)


def points(count=80):
    return layer_of([f"Point({i / 3} {i % 4 - 0.5})" for i in range(count)], "Point")


def changed(layer, place, wkt=None, attribute=None):
    """The layer with another shape or attribute in one place."""
    found = list(layer.getFeatures())
    if wkt is not None:
        found[place].setGeometry(QgsGeometry.fromWkt(wkt))
    if attribute is not None:
        found[place].setAttribute(0, attribute)
    return copy_of(layer, found)


def cases():
    box = layer_of(["Polygon((3 -2, 20.5 -2, 20.5 1.5, 3 1.5, 3 -2))"])
    return {
        "fixgeometries": {"INPUT": circles()},
        "simplifygeometries": {"INPUT": circles(), "TOLERANCE": 0.1},
        "reprojectlayer": {"INPUT": circles(), "TARGET_CRS": "EPSG:4326"},
        "centroids": {"INPUT": circles()},
        "addxyfields": {"INPUT": points(), "CRS": "EPSG:4326"},
        "fieldcalculator": {"INPUT": circles(), "FIELD_NAME": "z", "FIELD_TYPE": 0, "FORMULA": '"size" * 2 + $area'},
        "deletecolumn": {"INPUT": circles(), "COLUMN": ["kind"]},
        "retainfields": {"INPUT": circles(), "FIELDS": ["size"]},
        "geometrybyexpression": {"INPUT": circles(), "EXPRESSION": 'buffer($geometry, "size")'},
        "translategeometry": {"INPUT": circles(), "DELTA_X": QgsProperty.fromExpression('"kind" * 2')},
        "buffer": {"INPUT": circles(), "DISTANCE": 0.5},
        "intersection": {"INPUT": circles(), "OVERLAY": circles(25, 0.6)},
        "difference": {"INPUT": circles(), "OVERLAY": circles(25, 0.4)},
        "clip": {"INPUT": circles(), "OVERLAY": box},
        "countpointsinpolygon": {"POLYGONS": circles(), "POINTS": points(), "FIELD": "n"},
        "extractbylocation": {"INPUT": circles(), "PREDICATE": [0], "INTERSECT": box},
        "joinattributesbylocation": {
            "INPUT": circles(), "JOIN": box, "PREDICATE": [0], "METHOD": 0, "NON_MATCHING": "memory:"
        },
        "dissolve": {"INPUT": circles(), "FIELD": ["kind"]},
        "collect": {"INPUT": circles(), "FIELD": ["kind"]},
        "aggregate": {
            "INPUT": circles(),
            "GROUP_BY": '"kind"',
            "AGGREGATES": [
                {"aggregate": "sum", "delimiter": ",", "input": '"size"', "length": 0, "name": "s", "precision": 0, "type": 6}
            ],
        },
        "orderbyexpression": {"INPUT": circles(), "EXPRESSION": '"name"'},
        "joinattributestable": {"INPUT": circles(), "FIELD": "name", "INPUT_2": circles(9), "FIELD_2": "name", "METHOD": 1},
    }  # fmt: skip


CASES = ("fixgeometries", "simplifygeometries", "reprojectlayer", "centroids", "addxyfields", "fieldcalculator", "deletecolumn",
         "retainfields", "geometrybyexpression", "translategeometry", "buffer", *NEARBY, *GROUPS, "orderbyexpression",
         "joinattributestable")  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_way_gives_what_the_algorithm_gives_and_finds_it_again(runner, name):
    given, wanted = cases()[name], None
    wanted = native(name, given)
    for parallel in (True, False):
        found, outcome = runner.run(name, given, parallel=parallel)
        assert same(wanted, found), "without a server"
        assert outcome.failure is None
    first, outcome = runner.cached(name, given)
    assert same(wanted, first)
    assert outcome.way is TABLE[f"native:{name}"].way and outcome.reason == ""
    assert outcome.hits == 0 and outcome.misses > 0
    second, again = runner.cached(name, given)
    assert same(wanted, second)
    assert (again.hits, again.misses) == (outcome.misses, 0)
    assert again.spared_seconds >= 0


IN_ORDER = ("fixgeometries", "simplifygeometries", "translategeometry", "buffer", "difference", "clip", "countpointsinpolygon",
            "orderbyexpression")  # fmt: skip


@pytest.mark.parametrize("name", IN_ORDER)
def test_features_come_in_the_order_of_the_algorithm(runner, name):
    given = cases()[name]
    wanted = native(name, given)
    assert [runner.cached(name, given)[0], runner.cached(name, given)[0], runner.run(name, given)[0]] == [
        wanted
    ] * 3


@pytest.mark.parametrize("method", [0, 1, 2])
@pytest.mark.parametrize("sinks", [("OUTPUT",), ("NON_MATCHING",), ("OUTPUT", "NON_MATCHING")])
@pytest.mark.parametrize("count", [9, 30, 60])
def test_a_join_by_location_with_each_of_its_outputs_and_its_count(runner, method, sinks, count):
    given = {"INPUT": circles(), "JOIN": circles(count, 0.6), "PREDICATE": [0], "METHOD": method}
    given.update({name: "memory:" if name in sinks else None for name in ("OUTPUT", "NON_MATCHING")})
    wanted = native("joinattributesbylocation", given)
    for _ in range(2):
        found, outcome = runner.cached("joinattributesbylocation", given)
        assert same(wanted, found)
    assert outcome.misses == 0
    if method != 1:  # the first that matches is the first of all
        assert outcome.way is Way.NEARBY


# --- what is computed anew ------------------------------------------------------------------------------------------------

AWAY = "Polygon((5000 0, 5001 0, 5001 1, 5000 0))"


@pytest.mark.parametrize(
    ("name", "change", "misses"),
    [
        ("simplifygeometries", {"wkt": AWAY}, 1),
        ("simplifygeometries", {"attribute": "new"}, 0),  # which it passes on
        ("fieldcalculator", {"attribute": "new"}, 1),
        ("buffer", {"wkt": AWAY}, 1),
        ("intersection", {"wkt": AWAY}, 1),
        ("dissolve", {"attribute": "new"}, 1),  # its group
    ],
)
def test_a_change_of_one_feature_is_computed_alone(runner, name, change, misses):
    given = cases()[name]
    runner.cached(name, given)
    given = {**given, "INPUT": changed(given["INPUT"], 7, **change)}
    found, outcome = runner.cached(name, given)
    assert outcome.misses == misses
    assert same(native(name, given), found)


def test_added_deleted_and_reordered_features(runner):
    given = cases()["simplifygeometries"]
    runner.cached("simplifygeometries", given)
    layer = given["INPUT"]
    some = list(layer.getFeatures())
    more = QgsFeature(layer.fields())
    more.setGeometry(QgsGeometry.fromWkt(AWAY))
    for features, misses in ((some[::-1], 0), (some[:5] + some[9:], 0), ([more, *some], 1)):
        changed_layer = {**given, "INPUT": copy_of(layer, features)}
        found, outcome = runner.cached("simplifygeometries", changed_layer)
        assert outcome.misses == misses
        assert found == native("simplifygeometries", changed_layer)


@pytest.mark.parametrize("name", ["intersection", "difference"])
def test_a_change_of_the_overlay_reaches_what_lies_near_it(runner, name):
    given = cases()[name]
    runner.cached(name, given)
    overlay = given["OVERLAY"]
    circle = QgsGeometry.fromWkt("Point(10.1 1)").buffer(0.3, 8).asWkt(17)
    given = {**given, "OVERLAY": changed(overlay, 10, wkt=circle)}
    found, outcome = runner.cached(name, given)
    assert 1 <= outcome.misses <= 5
    assert same(native(name, given), found)


def test_a_change_of_a_mask_reaches_everything_that_is_clipped(runner):
    given = cases()["clip"]
    runner.cached("clip", given)
    given = {**given, "OVERLAY": layer_of(["Polygon((3 -2, 9.5 -2, 9.5 1.5, 3 1.5, 3 -2))"])}
    found, outcome = runner.cached("clip", given)
    assert outcome.hits == 0 and found == native("clip", given)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("simplifygeometries", {"TOLERANCE": 0.2}),
        ("buffer", {"SEGMENTS": 6}),
        ("fieldcalculator", {"FORMULA": '"size"'}),
    ],
)
def test_another_parameter_is_another_result(runner, name, more):
    given = {**cases()[name]}
    runner.cached(name, given)
    found, outcome = runner.cached(name, {**given, **more})
    assert outcome.hits == 0 and same(native(name, {**given, **more}), found)


def test_a_parameter_that_says_the_same_is_the_same(runner):
    given = cases()["simplifygeometries"]
    runner.cached("simplifygeometries", given)
    for same_thing in (
        {"TOLERANCE": "0.1"},
        {"TOLERANCE": 0.1, "METHOD": 0},
        {"TOLERANCE": QgsProperty.fromValue(0.1)},
    ):
        outcome = runner.cached("simplifygeometries", {**given, **same_thing})[1]
        assert outcome.misses == 0 or isinstance(same_thing["TOLERANCE"], QgsProperty)


CONTEXTS = {
    "ellipsoid": lambda context: context.setEllipsoid("EPSG:7019"),
    "distance unit": lambda context: context.setDistanceUnit(type(context.distanceUnit())(2)),
    "area unit": lambda context: context.setAreaUnit(type(context.areaUnit())(2)),
    "invalid geometries": lambda context: context.setInvalidGeometryCheck(
        QgsFeatureRequest.InvalidGeometryCheck.GeometrySkipInvalid
    ),
}


@pytest.mark.parametrize("name", ["buffer", "simplifygeometries", "dissolve", "orderbyexpression"])
@pytest.mark.parametrize("what", CONTEXTS)
def test_the_setting_is_part_of_the_key(runner, name, what):
    given = cases()[name]
    runner.cached(name, given)
    runner.prepare = CONTEXTS[what]
    assert runner.cached(name, given)[1].hits == 0
    assert runner.cached(name, given)[1].misses == 0


@pytest.mark.parametrize("name", ["buffer", "simplifygeometries", "dissolve", "orderbyexpression"])
def test_the_crs_is_part_of_the_key_also_without_a_code(runner, name):
    given = cases()[name]
    runner.cached(name, given)
    own = QgsCoordinateReferenceSystem.fromProj("+proj=laea +lat_0=10 +lon_0=20 +datum=WGS84 +units=m")
    other = QgsCoordinateReferenceSystem.fromProj("+proj=laea +lat_0=11 +lon_0=20 +datum=WGS84 +units=m")
    for crs in (QgsCoordinateReferenceSystem("EPSG:2154"), own, other, QgsCoordinateReferenceSystem()):
        layer = copy_of(given["INPUT"], list(given["INPUT"].getFeatures()))
        layer.setCrs(crs)
        assert runner.cached(name, {**given, "INPUT": layer})[1].hits == 0, crs.authid()


def test_versions_are_part_of_the_key(runner, monkeypatch):
    from redis_geo_plugin.bridge.steps import conditions

    given = cases()["buffer"]
    runner.cached("buffer", given)
    real = conditions.versions()
    for i in range(len(real)):
        monkeypatch.setattr(conditions, "versions", lambda i=i: [*real[:i], "another", *real[i + 1 :]])
        assert runner.cached("buffer", given)[1].hits == 0
    monkeypatch.setattr(conditions, "versions", lambda: real)
    assert runner.cached("buffer", given)[1].misses == 0


def test_the_choice_of_a_transformation_is_part_of_the_key(runner):
    given = {"INPUT": circles(crs="EPSG:4326"), "TARGET_CRS": "EPSG:27700"}
    runner.cached("reprojectlayer", given)
    from qgis.core import QgsDatumTransform

    systems = (QgsCoordinateReferenceSystem("EPSG:4326"), QgsCoordinateReferenceSystem("EPSG:27700"))
    usable = [one.proj for one in QgsDatumTransform.operations(*systems) if one.isAvailable]

    def choose(context):
        chosen = context.transformContext()
        chosen.addCoordinateOperation(*systems, usable[-1], False)
        context.setTransformContext(chosen)

    runner.prepare = choose
    assert len(usable) > 1 and runner.cached("reprojectlayer", given)[1].hits == 0


# --- expressions ----------------------------------------------------------------------------------------------------------

VOLATILE = ["now()", "rand(1, 9)", "randf()", "uuid()", "$id", "eval('1')", "env('HOME')", "aggregate('x','sum',1)",
            'sum("size")', "layer_property('x','name')", "overlay_intersects('x')", "is_selected()", "@layer_name", "@row_number",
            "@id", "@nobody", "get_feature('x','y',1)", "raster_value('x',1,$geometry)", "file_exists('x')",
            "represent_value(\"kind\")", "var('a' || 'b')", "ramp_color('Spectral', 0.5)", "$currentfeature"]  # fmt: skip


@pytest.mark.parametrize("text", VOLATILE)
def test_an_expression_that_may_change_runs_natively_and_says_so(runner, text):
    from redis_geo_plugin.bridge.steps.expressions import dependencies
    from redis_geo_plugin.bridge.steps.uncached import Uncached

    with pytest.raises(Uncached) as refused:
        dependencies(f"to_string({text})", runner.context.expressionContext())
    assert str(refused.value)


def test_a_refused_expression_gives_the_algorithms_own_result(runner):
    given = {**cases()["fieldcalculator"], "FORMULA": "$id"}
    found, outcome = runner.cached("fieldcalculator", given)
    assert outcome.way is None and "$id" in outcome.reason and outcome.misses == 0
    assert found == native("fieldcalculator", given)


def test_a_python_function_is_refused_in_whatever_group(runner):
    from qgis.core import QgsExpression, qgsfunction

    from redis_geo_plugin.bridge.steps.expressions import dependencies
    from redis_geo_plugin.bridge.steps.uncached import Uncached

    @qgsfunction(args=0, group="Math")
    def redis_geo_dice(values, feature, parent):
        return 4

    try:
        with pytest.raises(Uncached):
            dependencies("redis_geo_dice()", runner.context.expressionContext())
    finally:
        QgsExpression.unregisterFunction("redis_geo_dice")


@pytest.mark.parametrize("text", ['"size" * 2', "length(\"name\")", "buffer($geometry, 1)", "if(\"kind\" > 1, 'a', 'b')",
                                  "array_length(array(1, 2))", "to_date('2020-01-02')", "@project_title", "pi()"])  # fmt: skip
def test_an_ordinary_expression_is_cached(runner, text):
    given = {**cases()["fieldcalculator"], "FIELD_TYPE": 2, "FORMULA": f"to_string({text})"}
    runner.prepare = _with_project
    runner.cached("fieldcalculator", given)
    outcome = runner.cached("fieldcalculator", given)[1]
    assert outcome.misses == 0 and outcome.hits == 30


def _with_project(context):
    scopes = context.expressionContext()
    scopes.appendScope(QgsExpressionContextUtils.globalScope())
    scopes.appendScope(QgsExpressionContextUtils.projectScope(QgsProject.instance()))
    context.setExpressionContext(scopes)


def test_the_value_of_a_variable_is_part_of_the_key(runner):
    given = {**cases()["fieldcalculator"], "FORMULA": '"size" * @factor'}
    runner.prepare = _with_project
    sums = []
    for factor in (2, 3, 2):
        QgsExpressionContextUtils.setProjectVariable(QgsProject.instance(), "factor", factor)
        found, outcome = runner.cached("fieldcalculator", given)
        sums.append((outcome.hits, repr(found)))
    assert [hits for hits, _ in sums] == [0, 0, 30]
    assert sums[0][1] == sums[2][1] != sums[1][1]


# --- inputs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["simplifygeometries", "buffer", "orderbyexpression"])
def test_selection_and_limit_of_the_input_are_kept(runner, name):
    given = cases()[name]
    layer = given["INPUT"]
    QgsProject.instance().addMapLayer(layer, False)
    layer.selectByIds([feature.id() for feature in layer.getFeatures()][3:9])
    runner.cached(name, given)
    for definition in (
        QgsProcessingFeatureSourceDefinition(layer.id(), True),
        QgsProcessingFeatureSourceDefinition(layer.id(), False, 5),
    ):
        wanted = native(name, {**given, "INPUT": definition})
        for _ in range(2):
            found, _outcome = runner.cached(name, {**given, "INPUT": definition})
            assert same(wanted, found)


def test_uncommitted_edits_and_a_roll_back_are_seen(runner):
    given = cases()["buffer"]
    layer = given["INPUT"]
    before = runner.cached("buffer", given)[0]
    layer.startEditing()
    first = next(layer.getFeatures())
    layer.changeGeometry(first.id(), QgsGeometry.fromWkt(AWAY))
    found, outcome = runner.cached("buffer", given)
    assert outcome.misses == 1 and same(native("buffer", given), found)
    layer.rollBack()
    found, outcome = runner.cached("buffer", given)
    assert outcome.misses == 0 and found == before


@pytest.mark.parametrize("name", ["buffer", "intersection", "collect", "orderbyexpression", "centroids"])
def test_empty_and_null_inputs(runner, name):
    fields = "name:string,kind:int,size:double"
    for layer in (
        layer_of([], rows=[], fields=fields),
        layer_of([None, "Polygon((0 0,1 0,1 1,0 0))", "Polygon EMPTY"], rows=[("a", 1, 1.0), (None, None, None), ("b", 1, 2.0)],
                 fields=fields),
    ):  # fmt: skip
        given = {**cases()[name], "INPUT": layer, "OUTPUT": "memory:"}
        wanted = native_run(QgsApplication.processingRegistry().algorithmById(f"native:{name}"), given)
        for settings in (None, runner.settings, runner.settings):
            if wanted is None:  # some versions of QGIS fail at empty geometries: so do we
                with pytest.raises(QgsProcessingException):
                    runner.run(name, given, settings)
            else:
                assert same(wanted, runner.run(name, given, settings)[0])


CHECKS = QgsFeatureRequest.InvalidGeometryCheck


@pytest.mark.parametrize(
    "check", [CHECKS.GeometryNoCheck, CHECKS.GeometrySkipInvalid, CHECKS.GeometryAbortOnInvalid]
)
@pytest.mark.parametrize(
    "name", ["fixgeometries", "simplifygeometries", "centroids", "buffer", "difference", "orderbyexpression"]
)
def test_invalid_geometries_are_taken_skipped_or_end_the_run_as_natively(runner, name, check):
    bow = layer_of(["Polygon((0 0,1 0,1 1,0 0))", "Polygon((0 0,1 1,1 0,0 1,0 0))"], rows=[("a", 1, 1.0)] * 2,
                   fields="name:string,kind:int,size:double")  # fmt: skip
    given = {**cases()[name], "INPUT": bow, "OUTPUT": "memory:"}
    runner.prepare = lambda context: context.setInvalidGeometryCheck(check)
    context = QgsProcessingContext()
    context.setInvalidGeometryCheck(check)
    algorithm = QgsApplication.processingRegistry().algorithmById(f"native:{name}")
    try:
        wanted = outputs_of(
            algorithm, algorithm.create().run(given, context, QgsProcessingFeedback(), {}, False)[0], context
        )
    except Exception as error:
        for _ in range(2):
            with pytest.raises(type(error), match="invalid geometry"):
                runner.cached(name, given)
        return
    for _ in range(2):
        assert same(wanted, runner.cached(name, given)[0])


def test_a_field_named_as_the_tag_runs_otherwise(runner):
    layer = layer_of(["Polygon((0 0,1 0,1 1,0 0))"], rows=[(5,)], fields="redis_geo_item:int")
    given = {"INPUT": layer, "DISTANCE": 1}
    found, outcome = runner.cached("buffer", given)
    assert same(native("buffer", given), found) and outcome.way is not Way.ROWS


def test_not_a_number_and_large_numbers_come_through(runner):
    layer = layer_of(["Polygon((0 0,1 0,1 1,0 0))"] * 3, rows=[(2**62, math.inf, "é\0x"), (-1, -0.0, ""), (None, None, None)],
                     fields="a:int8,b:double,c:string")  # fmt: skip
    for name, given in (("orderbyexpression", {"EXPRESSION": "1"}), ("buffer", {"DISTANCE": 1})):
        wanted = native(name, {"INPUT": layer, **given})
        runner.cached(name, {"INPUT": layer, **given})
        found, outcome = runner.cached(name, {"INPUT": layer, **given})
        assert outcome.misses == 0 and same(wanted, found)


@pytest.mark.parametrize(
    "name", ["simplifygeometries", "buffer", "intersection", "dissolve", "orderbyexpression"]
)
@pytest.mark.parametrize("fid", [False, True])
def test_an_output_in_a_file_is_the_algorithms_own(runner, tmp_path, name, fid):
    from qgis.core import QgsVectorLayer

    given = cases()[name]
    if fid:
        given["INPUT"] = _numbered()
        if name == "orderbyexpression":
            given["EXPRESSION"] = '"kind"'

    def rows_of(run, file):
        run({**given, "OUTPUT": str(tmp_path / file)})
        layer = QgsVectorLayer(str(tmp_path / file), "out", "ogr")
        assert layer.isValid()
        at = layer.fields().indexOf("fid")
        found = [
            (
                bytes(one.geometry().asWkb()),
                [repr(v) for i, v in enumerate(one.attributes()) if i != at or _keeps(name)],
            )
            for one in layer.getFeatures()
        ]
        return [field.name() for field in layer.fields()], sorted(found)

    algorithm = QgsApplication.processingRegistry().algorithmById(f"native:{name}")
    context = QgsProcessingContext()
    wanted = rows_of(
        lambda all_: algorithm.create().run(all_, context, QgsProcessingFeedback()), "native.gpkg"
    )
    assert wanted[1]
    for i in range(2):
        assert rows_of(lambda all_: runner.cached(name, all_), f"ours{i}.gpkg") == wanted


def _keeps(name):
    """Whether the ids of the input are those of the output's file."""
    return name in ("simplifygeometries", "buffer")


def _numbered():
    """Circles with ids of their own."""
    shapes = [feature.geometry() for feature in circles().getFeatures()]
    rows = [(7 * i + 5, i % 4, i / 3) for i in range(len(shapes))]
    return layer_of(shapes, rows=rows, fields="fid:int8,kind:int,size:double")


def test_two_who_run_a_step_at_once_compute_it_once(runner):
    import threading

    from tests.peers.battery import engine_run

    layers = [circles(150) for _ in range(2)]
    found = [None, None]

    def work(i):
        algorithm = QgsApplication.processingRegistry().algorithmById("native:buffer")
        given = {"INPUT": layers[i], "DISTANCE": 0.5, "SEGMENTS": 90, "OUTPUT": "memory:"}
        outputs, outcome = engine_run(algorithm, given, runner.settings)
        found[i] = outputs, outcome.misses, outcome.way

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert {one[2] for one in found} == {Way.ROWS}, found
    assert found[0][1] + found[1][1] == 150
    assert same(found[0][0], found[1][0])


# --- what goes wrong ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["simplifygeometries", "intersection", "dissolve", "orderbyexpression"])
@pytest.mark.parametrize("what", ["missing", "damaged", "foreign"])
def test_what_is_wrong_on_the_server_is_computed_anew(runner, one_server, name, what):
    given = cases()[name]
    wanted = native(name, given)
    runner.cached(name, given)
    with one_server.client() as client:
        keys = sorted(key for key in client.scan_iter("calculs:*") if b":statistiques" not in key)
        other = client.get(keys[-1])
        for key in keys[: len(keys) // 2 or 1]:
            raw = client.get(key)
            if what == "missing":
                client.delete(key)
            else:
                client.set(
                    key, raw[:-3] + b"???" if what == "damaged" else other[:4] + raw[4:36] + other[36:]
                )
    found, outcome = runner.cached(name, given)
    assert same(wanted, found) and outcome.misses > 0
    assert runner.cached(name, given)[1].misses == 0


@pytest.mark.parametrize("name", ["simplifygeometries", "intersection", "dissolve", "orderbyexpression"])
def test_a_server_that_dies_costs_the_cache_not_the_result(proved, make_server, name):
    real = make_server("valkey")
    runner = Runner(real.settings())
    given = cases()[name]
    wanted = native(name, given)
    runner.cached(name, given)
    real.kill()
    found, outcome = runner.cached(name, given)
    assert same(wanted, found) and outcome.hits == 0 and outcome.failure is not None


@pytest.mark.parametrize("name", ["simplifygeometries", "buffer"])
def test_cancelling_keeps_what_was_computed(runner, monkeypatch, name):
    given = {**cases()[name], "INPUT": circles(200)}
    feedback = QgsProcessingFeedback()
    monkeypatch.setattr(rows, "BATCH", 20)
    feedback.progressChanged.connect(lambda percent: percent > 20 and feedback.cancel())
    runner.cached(name, given, feedback=feedback)
    assert feedback.isCanceled()
    found, outcome = runner.cached(name, given)
    assert outcome.hits > 0 and same(native(name, given), found)


def test_what_is_not_proved_runs_natively_and_says_so(runner):
    given = {"INPUT": circles()}
    found, outcome = runner.cached("addautoincrementalfield", given)
    assert (outcome.way, outcome.hits, outcome.misses) == (None, 0, 0) and outcome.reason
    assert found == native("addautoincrementalfield", given)


def test_groups_that_are_quick_to_compute_are_not_looked_up(runner, monkeypatch):
    given = {**cases()["collect"], "INPUT": circles(1200)}
    monkeypatch.setattr(costs, "groups_pay", lambda each_us: each_us < 0)
    found, outcome = runner.cached("collect", given)
    assert outcome.way is None and outcome.reason and same(native("collect", given), found)


def test_a_step_that_was_quick_is_not_hashed_again(runner, monkeypatch):
    from redis_geo_plugin.bridge.steps import whole

    monkeypatch.setattr(whole, "_quick", {})
    monkeypatch.setattr(costs, "whole_pays", lambda *_: False)
    given = cases()["orderbyexpression"]
    assert runner.cached("orderbyexpression", given)[1].misses == 1
    found, outcome = runner.cached("orderbyexpression", given)
    assert outcome.way is None and outcome.reason and (outcome.hits, outcome.misses) == (0, 0)
    assert found == native("orderbyexpression", given)
    assert runner.cached("orderbyexpression", {**given, "INPUT": circles(31)})[1].misses == 1


def test_what_is_quick_to_compute_is_not_looked_up(runner, monkeypatch):
    monkeypatch.setattr(costs, "rows_pay", lambda _costs: False)
    given = {**cases()["centroids"], "INPUT": circles(200)}
    found, outcome = runner.cached("centroids", given)
    assert outcome.way is None and outcome.reason and (outcome.hits, outcome.misses) == (0, 0)
    assert found == native("centroids", given)


def test_a_way_holds_between_the_versions_that_prove_it():
    proof = ProvedWay(Way.ROWS, ((3, 22), (3, 40)))
    found = [proof.holds_on(v) for v in ((3, 20), (3, 22), (3, 34), (3, 40), (3, 44), (4, 0))]
    assert found == [False, True, True, True, False, False]
    assert not ProvedWay(Way.ROWS, ()).holds_on((3, 22))
