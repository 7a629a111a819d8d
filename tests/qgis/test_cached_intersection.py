"""redisgeo:cachedintersection gives what native:intersection gives, the second time from the cache."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeatureRequest,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
)

from tests.support.layers import assert_same, layer_of, world
from tests.support.told import Told

SQUARES = [f"Polygon(({i} 0,{i + 1.5} 0,{i + 1.5} 2,{i} 2,{i} 0))" for i in range(0, 10, 2)]
BANDS = [
    "Polygon((0 0.5,20 0.5,20 1,0 1,0 0.5))",
    "Polygon((0 1.5,3 1.5,3 5,0 5,0 1.5))",
    "Polygon((90 0,91 0,91 1,90 0))",
]
BOW_TIE = "Polygon((0 0, 10 10, 10 0, 0 10, 0 0))"


@pytest.fixture
def run(algorithms, saved_connection):
    import processing

    def run(algorithm, layer, overlay, feedback=None, **parameters):
        given = {"INPUT": layer, "OVERLAY": overlay, "OUTPUT": "memory:", **parameters}
        results = processing.run(algorithm, given, feedback=feedback)
        return results["OUTPUT"], results

    return run


@pytest.fixture
def compare(run):
    def compare(layer, overlay, **parameters):
        native, _ = run("native:intersection", layer, overlay, **parameters)
        first, counts = run("redisgeo:cachedintersection", layer, overlay, **parameters)
        assert_same(first, native, order=False)
        second, again = run("redisgeo:cachedintersection", layer, overlay, **parameters)
        assert_same(second, native, order=False)
        assert again["MISSES"] == 0 and again["HITS"] == counts["HITS"] + counts["MISSES"]
        return first, counts

    return compare


def squares(**more):
    return layer_of(SQUARES, rows=[(f"s{i}", i) for i in range(5)], fields="name:string,n:integer", **more)


def bands(**more):
    return layer_of(
        BANDS, rows=[(f"b{i}", i * 1.5) for i in range(3)], fields="name:string,width:double", **more
    )


def test_polygons_with_polygons(compare):
    found, counts = compare(squares(), bands())
    assert counts["MISSES"] == 7 and found.featureCount() == 7


def test_fields_and_prefix(compare):
    for parameters in (
        {"INPUT_FIELDS": ["n"]},
        {"OVERLAY_FIELDS": ["width"]},
        {"INPUT_FIELDS": ["name"], "OVERLAY_FIELDS": ["name"]},
        {"OVERLAY_FIELDS_PREFIX": "band_"},
        {"INPUT_FIELDS": ["n", "name"], "OVERLAY_FIELDS": ["width", "name"], "OVERLAY_FIELDS_PREFIX": "x"},
    ):
        compare(squares(), bands(), **parameters)


@pytest.mark.parametrize(
    "kind, wkts",
    [
        ("Point", ["Point(1 0.7)", "Point(1 0.5)", "Point(50 50)", "Point(2.2 1.8)"]),
        ("MultiPoint", ["MultiPoint((1 0.7), (1 0.8), (50 50))", "MultiPoint((60 60))"]),
        ("LineString", ["LineString(0 0, 10 3)", "LineString(0 0.5, 9 0.5)", "LineString(40 0, 41 0)"]),
        ("MultiLineString", ["MultiLineString((0 0, 10 3), (1 0.6, 1 0.9))"]),
        ("PolygonZ", ["PolygonZ((0 0 5, 4 0 5, 4 4 5, 0 0 5))"]),
        ("CurvePolygon", ["CurvePolygon(CircularString(0 0, 5 5, 10 0, 5 -5, 0 0))"]),
    ],
)
def test_points_and_lines_with_polygons(compare, kind, wkts):
    compare(layer_of(wkts, kind), bands())


def test_lines_with_lines(compare):
    compare(
        layer_of(["LineString(0 0, 10 0)"], "LineString"), layer_of(["LineString(5 0, 20 0)"], "LineString")
    )


def test_what_only_touches_gives_nothing(compare):
    touching = layer_of(["Polygon((1.5 0, 1.7 0, 1.7 2, 1.5 2, 1.5 0))", "Polygon((1.5 2, 3 2, 3 3, 1.5 2))"])
    found, counts = compare(squares(), touching)
    assert found.featureCount() == 0 and counts["MISSES"] > 0


def test_null_and_empty(compare):
    compare(layer_of([None, SQUARES[0]]), bands())
    compare(squares(), layer_of([BANDS[0], None]))
    compare(layer_of([]), bands())
    compare(squares(), layer_of([]))


def test_another_crs(compare):
    degrees = layer_of(["Polygon((2 48,3 48,3 49,2 49,2 48))"], crs="EPSG:4326")
    metres = layer_of(
        ["Polygon((220000 6200000, 300000 6200000, 300000 6270000, 220000 6270000, 220000 6200000))"]
    )
    compare(degrees, metres)
    compare(metres, degrees)


def test_layers_without_crs(compare):
    compare(squares(crs=""), bands(crs=""))


def test_real_states_with_countries(compare):
    states = world("states_provinces", 60, "\"adm0_a3\" in ('DEU','BEL','NLD','LUX')")
    countries = world("countries", 400, "\"ISO_A3\" in ('FRA','DEU','BEL','NLD')")
    found, _ = compare(states, countries)
    assert found.featureCount() > 20


def test_selected_features_only(run):
    layer, overlay = squares(), bands()
    QgsProject.instance().addMapLayers([layer, overlay])
    layer.selectByIds([2, 3])
    overlay.selectByIds([1])
    given = [QgsProcessingFeatureSourceDefinition(x.id(), True) for x in (layer, overlay)]
    native, _ = run("native:intersection", *given)
    ours, counts = run("redisgeo:cachedintersection", *given)
    assert_same(ours, native, order=False)
    assert ours.featureCount() == 2 and counts["MISSES"] == 2


def test_one_change_is_one_miss(run):
    run("redisgeo:cachedintersection", squares(), bands())
    layer = squares()
    from qgis.core import QgsGeometry

    layer.dataProvider().changeGeometryValues(
        {3: QgsGeometry.fromWkt("Polygon((4 0,5.5 0,5.5 1.9,4 1.9,4 0))")}
    )
    _, counts = run("redisgeo:cachedintersection", layer, bands())
    assert (counts["HITS"], counts["MISSES"]) == (6, 1)
    _, counts = run("redisgeo:cachedintersection", bands(), squares())  # cut the other way: another result
    assert counts["HITS"] == 0


def test_invalid_geometries_end_the_run_as_the_native_one_does(run):
    layer = layer_of([SQUARES[0], BOW_TIE])
    for algorithm in ("native:intersection", "redisgeo:cachedintersection"):
        with pytest.raises(QgsProcessingException, match="invalid geometry"):
            run(algorithm, layer, bands())
        with pytest.raises(QgsProcessingException, match="invalid geometry"):
            run(algorithm, squares(), layer)


def test_invalid_geometries_are_skipped_when_asked(run):
    layer = layer_of([SQUARES[0], BOW_TIE, SQUARES[1]])
    QgsProject.instance().addMapLayer(layer)
    override = QgsProcessingFeatureSourceDefinition.Flag.FlagOverrideDefaultGeometryCheck
    given = QgsProcessingFeatureSourceDefinition(
        layer.id(), False, -1, override, QgsFeatureRequest.InvalidGeometryCheck.GeometrySkipInvalid
    )
    feedback = Told()
    native, _ = run("native:intersection", given, bands())
    ours, _ = run("redisgeo:cachedintersection", given, bands(), feedback)
    assert_same(ours, native, order=False)
    assert ["has been skipped" in text for text in feedback.errors] == [True]


def test_the_parameters_are_those_of_native_intersection(algorithms):
    registry = QgsApplication.processingRegistry()
    native = {p.name(): p for p in registry.algorithmById("native:intersection").parameterDefinitions()}
    ours = {p.name(): p for p in registry.algorithmById("redisgeo:cachedintersection").parameterDefinitions()}
    for name in ("INPUT", "OVERLAY", "INPUT_FIELDS", "OVERLAY_FIELDS", "OVERLAY_FIELDS_PREFIX", "OUTPUT"):
        assert ours[name].type() == native[name].type(), name
    assert all(p.help() for p in ours.values() if not p.isDestination())
