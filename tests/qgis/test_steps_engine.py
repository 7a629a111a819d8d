"""The engine of steps: by every way, with and without a server, it gives what the algorithm itself gives, and computes
only what changed."""

from __future__ import annotations

import math

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
)

from redis_geo_plugin.bridge.steps.ways import Way
from tests.peers.battery import copy_of, native_run, outputs_of, same
from tests.support.layers import layer_of
from tests.support.steps_runner import GROUPS, NEARBY, TABLE, cases, circles, native


def changed(layer, place, wkt=None, attribute=None):
    """The layer with another shape or attribute in one place."""
    found = list(layer.getFeatures())
    if wkt is not None:
        found[place].setGeometry(QgsGeometry.fromWkt(wkt))
    if attribute is not None:
        found[place].setAttribute(0, attribute)
    return copy_of(layer, found)


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
