"""What belongs to the key of a step: parameters, setting, CRS, versions, transformations, expressions and variables."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsExpressionContextUtils,
    QgsFeatureRequest,
    QgsProject,
    QgsProperty,
)

from tests.peers.battery import copy_of, same
from tests.support.steps_runner import cases, circles, native


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
