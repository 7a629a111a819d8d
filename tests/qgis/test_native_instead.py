"""Of a layer of which nothing is worth keeping the native algorithm is left to do it all; of any other it is not."""

from __future__ import annotations

import math
import time

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsLineString,
    QgsMultiPoint,
    QgsPoint,
    QgsPolygon,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsSettings,
)

from redis_geo_plugin.bridge.cache import handover
from redis_geo_plugin.bridge.operations import gathering
from redis_geo_plugin.bridge.settings import CACHE_ALL
from redis_geo_plugin.bridge.sources import FrozenSource
from redis_geo_plugin.core.cache.run import CachedRun
from redis_geo_plugin.core.watch import Cancelled, Watch
from redis_geo_plugin.processing import cache_algorithm
from redis_geo_plugin.processing import handover as native_runs
from redis_geo_plugin.processing.handover import NativeInstead
from tests.support.layers import layer_of

COUNT = 1200
SQUARE = "Polygon(({0} 0, {1} 0, {1} 1, {0} 1, {0} 0))"


def squares(*more, empty=True):
    """Small squares, one without a geometry and (unless that is invalid) an empty one among them."""
    wkts = [SQUARE.format(2 * n, 2 * n + 1) for n in range(COUNT)]
    return layer_of([*wkts, None, *(["Polygon EMPTY"] if empty else []), *more])


def many_vertices(count):
    steps = ", ".join(f"{n} {n % 2}" for n in range(count))
    return f"Polygon(({steps}, 0 -9, 0 0))"


@pytest.fixture
def run(algorithms, saved_connection, monkeypatch):
    """A function that runs the cached buffer, of which all up to 127 bytes is known to be cheap: (results, how often
    the result was that of the native algorithm)."""
    import processing

    asked = []

    class Counted(NativeInstead):
        def run(self):
            asked.append(1)
            super().run()

        def undo(self):
            asked.remove(1)
            super().undo()

    monkeypatch.setattr(cache_algorithm, "NativeInstead", Counted)
    monkeypatch.setattr(CachedRun, "probe", lambda *_given: 127)
    handover.forget()

    def run(layer, algorithm="redisgeo:cachedbuffer", **parameters):
        number = {"DISTANCE": 0.3} if "buffer" in algorithm else {}
        given = {"INPUT": layer, "OUTPUT": "memory:", **number, **parameters}
        results = processing.run(algorithm, given)
        return results, asked.count(1)

    yield run
    handover.forget()


def rows(results):
    return [(f.attributes(), f.geometry().asWkb().data()) for f in results["OUTPUT"].getFeatures()]


@pytest.mark.parametrize(
    ("name", "native"),
    [
        ("cachedbuffer", "native:buffer"),
        ("cachedsimplify", "native:simplifygeometries"),
        ("cachedconvexhull", "native:convexhull"),
    ],
)
def test_the_result_is_the_native_one_and_the_counts_are_true(run, name, native):
    layer = squares(empty=name != "cachedconvexhull")
    ours, asked = run(layer, f"redisgeo:{name}")
    theirs, _ = run(layer, native)
    assert asked == 1 and rows(ours) == rows(theirs)
    assert ours["OUTPUT"].fields() == theirs["OUTPUT"].fields()
    assert ours["OUTPUT"].wkbType() == theirs["OUTPUT"].wkbType()
    counts = [ours[name] for name in ("HITS", "MISSES", "COMPUTED", "STORED", "FAILED")]
    assert counts == [0, COUNT, COUNT, 0, 0] and ours["ELAPSED_SECONDS"] > 0 and ours["FAILURE"] == ""


ODD = {
    "Polygon": lambda x, y: QgsPolygon(line((0, 0), (x, y), (1, 1), (0, 0))),
    "LineString": lambda x, y: line((0, 0), (x, y), (1, 1)),
    "MultiPoint": lambda x, y: multipoint((0, 0), (x, y)),
}


def line(*places):
    return QgsLineString([QgsPoint(*place) for place in places])


def multipoint(*places):
    made = QgsMultiPoint()
    for place in places:
        made.addGeometry(QgsPoint(*place))
    return made


NAN, CHECKED = math.nan, ("convexhull", "dissolve")
NOT_FINITE = [
    *((name, "Polygon", place) for name in ("buffer", *CHECKED) for place in ((NAN, 0.0), (0.0, NAN))),
    *(("simplify", kind, (0.0, NAN)) for kind in ("Polygon", "LineString")),
    *(("dissolve", kind, (0.0, NAN)) for kind in ("LineString", "MultiPoint")),
    *(
        ("buffer", kind, place)
        for kind in ODD
        for place in ((math.inf, 0.0), (0.0, -math.inf))
        if kind != "MultiPoint"
    ),
]


@pytest.mark.parametrize(("name", "kind", "place"), NOT_FINITE)
def test_a_layer_with_a_coordinate_that_is_not_finite_is_not_left_to_native(
    run, monkeypatch, name, kind, place
):
    monkeypatch.setattr(CachedRun, "probe", lambda *_given: 511)
    sound = QgsGeometry(ODD[kind](0.5, 0.25)).asWkt()
    layer = layer_of([sound] * COUNT, kind)
    odd = QgsFeature(layer.fields())
    odd.setAttributes(["odd"])
    odd.setGeometry(QgsGeometry(ODD[kind](*place)))
    assert layer.dataProvider().addFeatures([odd])[0]
    if name in CHECKED:  # no layer with an infinite coordinate: the window fails at its extent
        QgsProject.instance().addMapLayer(layer)
    unchecked = QgsProcessingFeatureSourceDefinition(layer.id())
    unchecked.flags = unchecked.Flag.FlagOverrideDefaultGeometryCheck
    unchecked.geometryCheck = QgsFeatureRequest.InvalidGeometryCheck.GeometryNoCheck
    parameters = {"FIELD": ["name"]} if name == "dissolve" else {}
    results, asked = run(unchecked if name in CHECKED else layer, f"redisgeo:cached{name}", **parameters)
    shapes = {f.attribute("name"): f.geometry().isNull() for f in results["OUTPUT"].getFeatures()}
    assert asked == 0 and results["FAILED"] == 1
    assert shapes["odd"] and not any(null for name, null in shapes.items() if name != "odd")


def test_a_distance_that_is_not_finite_is_not_left_to_native(run):
    """QGIS dies in native:buffer of one."""
    results, asked = run(squares(empty=False), DISTANCE=math.nan)
    assert (asked, results["FAILED"]) == (0, COUNT)


def test_the_layer_is_looked_through_again_when_it_was_changed(run):
    layer = squares()
    assert [run(layer)[0]["MISSES"], run(layer)[0]["MISSES"]] == [COUNT, COUNT]
    layer.startEditing()
    layer.deleteFeature(1)
    assert run(layer)[0]["MISSES"] == COUNT - 1
    layer.rollBack()
    assert run(layer)[0]["MISSES"] == COUNT


def grouped(*sizes, none=0):
    """Squares in groups of so many, in turns; and some without a geometry, each a group of its own."""
    names, group = [], 0
    while len(names) < COUNT:
        names += [f"g{group}"] * sizes[group % len(sizes)]
        group += 1
    wkts = [SQUARE.format(n, n + 1) for n in range(len(names))]
    names += [f"none{n}" for n in range(none)]
    return layer_of([*wkts, *[None] * none], "Polygon", rows=[(name,) for name in names]), group


def as_set(results):
    return {(tuple(f.attributes()), normal(f.geometry())) for f in results["OUTPUT"].getFeatures()}


def normal(geometry):
    geometry.normalize()
    return geometry.asWkt(6)


@pytest.mark.parametrize(("sizes", "none"), [((1,), 0), ((1,), 3), ((2,), 0), ((1, 2, 3), 0)])
def test_small_groups_are_dissolved_by_native_and_counted(run, monkeypatch, sizes, none):
    monkeypatch.setattr(CachedRun, "probe", lambda *_given: 511)
    layer, groups = grouped(*sizes, none=none)
    ours, asked = run(layer, "redisgeo:cacheddissolve", FIELD=["name"])
    theirs, _ = run(layer, "native:dissolve", FIELD=["name"])
    assert asked == 1 and as_set(ours) == as_set(theirs)
    assert (ours["MISSES"], ours["COMPUTED"], ours["HITS"]) == (groups, groups, 0)


@pytest.mark.parametrize(
    ("sizes", "none", "more"),
    [((40,), 0, {}), ((1,) * 10 + (60,), 0, {}), ((2,), 3, {}), ((1,), 0, {"FIELD": []}),
     ((1,), 0, {"FIELD": ["absent"]}), ((1,), 0, {"OUTPUT": "file"})],
)  # fmt: skip
def test_groups_that_are_larger_or_not_known_are_dissolved_here(
    run, monkeypatch, tmp_path, sizes, none, more
):
    """So are those of which one may have no geometry at all, as it would be counted."""
    monkeypatch.setattr(CachedRun, "probe", lambda *_given: 511)
    layer, _ = grouped(*sizes, none=none)
    if "OUTPUT" in more:
        more = {"OUTPUT": str(tmp_path / "out.gpkg")}
    assert run(layer, "redisgeo:cacheddissolve", **{"FIELD": ["name"], **more})[1] == 0


@pytest.mark.parametrize(("vertices", "handed"), [(100, 1), (1000, 0)])
def test_a_few_larger_features_go_along_but_not_many_vertices(run, vertices, handed):
    assert run(squares(many_vertices(vertices)))[1] == handed


@pytest.mark.parametrize(
    ("name", "more"), [("cachedbuffer", {"DISTANCE": 0.3}), ("cacheddissolve", {"FIELD": ["name"]})]
)
def test_where_the_layer_is_another_than_it_began_nothing_of_native_is_left(
    algorithms, saved_connection, monkeypatch, name, more
):
    """Native has begun by then: its layer is gone, no layer is loaded twice, and the run was not cancelled."""
    monkeypatch.setattr(CachedRun, "probe", lambda *_given: 511)
    handover.forget()
    stopped, real = [], NativeInstead.undo
    monkeypatch.setattr(NativeInstead, "undo", lambda self: stopped.append(1) or real(self))
    project, context, feedback = QgsProject(), QgsProcessingContext(), QgsProcessingFeedback()
    layer, groups = grouped(*[1] * 600, 60)
    assert layer.dataProvider().addFeatures([feature_of(layer, many_vertices(2000))])[0]
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"redisgeo:{name}")
    output = QgsProcessingOutputLayerDefinition("memory:", project)
    results, ok = algorithm.run({"INPUT": layer, "OUTPUT": output, **more}, context, feedback)
    assert ok and stopped == [1] and not feedback.isCanceled()
    assert list(context.temporaryLayerStore().mapLayers()) == [results["OUTPUT"]]
    assert list(context.layersToLoadOnCompletion()) == [results["OUTPUT"]]
    wanted = groups + 1 if "FIELD" in more else layer.featureCount()
    assert context.getMapLayer(results["OUTPUT"]).featureCount() == wanted
    assert results["MISSES"] + results["HITS"] == wanted


class Failing:
    """A native run that fails, as one that is stopped may."""

    stopped = undone = False

    def run(self):
        raise QgsProcessingException("it failed")

    def stop(self):
        self.stopped = True

    def undo(self):
        self.undone = True


def test_an_error_of_native_counts_only_where_its_result_would():
    native = Failing()
    assert handover._left_to(native, lambda _watch: None, Watch()) is None
    assert native.stopped and native.undone
    with pytest.raises(QgsProcessingException, match="it failed"):
        handover._left_to(Failing(), lambda _watch: 7, Watch())


def endless(watch):
    """A look that goes on until its watch ends it."""
    for _ in range(1000):
        watch.check()
        time.sleep(0.01)
    raise AssertionError("nobody ended it")


class Ended(Failing):
    """A native run that ends as this error does."""

    def __init__(self, error):
        self._error = error

    def run(self):
        raise self._error


@pytest.mark.parametrize("error", [Cancelled(), KeyError("other")])
def test_the_look_ends_with_the_run_of_native(error):
    with pytest.raises(type(error)):
        handover._left_to(Ended(error), endless, Watch())


@pytest.mark.parametrize("likely", [True, False])
def test_a_cancelled_run_ends_the_look_whatever_native_says(likely):
    for error in (QgsProcessingException("stopped"), Cancelled()):
        with pytest.raises(Cancelled):
            handover._left_to(Ended(error), endless, Watch(lambda: True), likely)


def count_of_small(source, watch):
    return handover._count_of_small(source, 8, watch)


def sizes_of_groups(source, watch):
    return gathering.sizes(source, ["name"], watch)[1]


@pytest.mark.parametrize("look", [count_of_small, sizes_of_groups])
def test_a_look_through_the_layer_can_be_ended_every_thousand_features(look):
    """Though there is nothing to find in it; what was seen until then is not taken for an answer."""
    many = 3 * gathering.STEP
    rows = [(f"g{n}",) for n in range(many)]
    layer = layer_of([SQUARE.format(n, n + 1) for n in range(many)], "Polygon", rows=rows)
    source, asked = FrozenSource(layer, layer, None), []
    handover.forget()
    with pytest.raises(Cancelled):
        look(source, Watch(lambda: asked.append(1) or len(asked) == 2))
    assert len(asked) == 2
    assert look(source, Watch(lambda: bool(asked.append(1)))) == many
    assert len(asked) == 2 + 3
    handover.forget()


def feature_of(layer, wkt):
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(wkt))
    return feature


@pytest.mark.parametrize("parameters", [{"DISSOLVE": True}, {"GEODESIC": True}, {"OUTPUT": "file"}])
def test_what_native_cannot_do_or_not_check_is_done_here(run, tmp_path, parameters):
    if "OUTPUT" in parameters:
        parameters = {"OUTPUT": str(tmp_path / "out.gpkg")}
    results, asked = run(squares(), **parameters)
    assert asked == 0 and results["MISSES"] + results["HITS"] == COUNT


def test_selected_features_are_done_here(run):
    layer = squares()
    layer.selectByIds(list(range(1, COUNT)))
    chosen = QgsProcessingFeatureSourceDefinition(layer.source(), True)
    chosen.source = chosen.source.fromValue(layer.id())
    QgsProject.instance().addMapLayer(layer)
    try:
        results, asked = run(chosen)
        assert asked == 0 and results["OUTPUT"].featureCount() == COUNT - 1
    finally:
        QgsProject.instance().removeAllMapLayers()


def test_everything_is_kept_where_that_is_asked_for(run):
    QgsSettings().setValue(CACHE_ALL, True)
    results, asked = run(squares())
    assert asked == 0 and results["STORED"] == COUNT


def test_points_are_done_here_as_that_is_faster(run):
    assert run(layer_of([f"Point({n} 0)" for n in range(COUNT)], "Point"))[1] == 0


def test_cancelled_there_is_no_result(run, monkeypatch):
    feedback, real = QgsProcessingFeedback(), native_runs.run_native

    def cancelled(*given):
        feedback.cancel()
        return real(*given)

    monkeypatch.setattr(native_runs, "run_native", cancelled)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("redisgeo:cachedbuffer")
    given = {"INPUT": squares(), "DISTANCE": 1.0, "OUTPUT": "memory:"}
    results, _ok = algorithm.run(given, QgsProcessingContext(), feedback)
    assert not results


def test_a_method_of_qgis_s_own_is_not_probed(run):
    assert run(squares(), "redisgeo:cachedsimplify", METHOD=1)[1] == 0
