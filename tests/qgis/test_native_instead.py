"""Of a layer of which nothing is worth keeping the native algorithm is left to do it all; of any other it is not."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsSettings,
)

from redis_geo_plugin.bridge.cache import handover
from redis_geo_plugin.bridge.settings import CACHE_ALL
from redis_geo_plugin.core.cache.run import CachedRun
from redis_geo_plugin.processing import cache_algorithm
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
    the native algorithm ran)."""
    import processing

    asked = []
    real = cache_algorithm.run_native
    monkeypatch.setattr(cache_algorithm, "run_native", lambda *given: asked.append(1) or real(*given))
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
    from qgis.core import QgsProject

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
    from qgis.core import QgsApplication

    feedback, real = QgsProcessingFeedback(), cache_algorithm.run_native

    def cancelled(*given):
        feedback.cancel()
        return real(*given)

    monkeypatch.setattr(cache_algorithm, "run_native", cancelled)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("redisgeo:cachedbuffer")
    given = {"INPUT": squares(), "DISTANCE": 1.0, "OUTPUT": "memory:"}
    results, _ok = algorithm.run(given, QgsProcessingContext(), feedback)
    assert not results


def test_a_method_of_qgis_s_own_is_not_probed(run):
    assert run(squares(), "redisgeo:cachedsimplify", METHOD=1)[1] == 0
