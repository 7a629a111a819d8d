"""redisgeo:cachedbuffer gives what native:buffer gives, the second time from the cache."""

from __future__ import annotations

import math

import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsLineString,
    QgsPoint,
    QgsPolygon,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsProperty,
    QgsVectorLayer,
    QgsWkbTypes,
)

from redis_geo_plugin.bridge.cache import features
from redis_geo_plugin.bridge.cache.run import crs_name
from tests.support.layers import TOLERANCE, assert_same, difference, layer_of, world

POINTS = ["Point(0 0)", "Point(10 0)", "Point(10 1)"]
LINES = ["LineString(0 0, 10 0, 10 10, 4 3)", "LineString(0 0, 0 5)", "LineString(0 0, 8 0, 0 1)"]
POLYGONS = [
    "Polygon((0 0, 10 0, 10 10, 5 2, 0 10, 0 0))",
    "Polygon((20 0, 40 0, 40 20, 20 20, 20 0), (25 5, 35 5, 35 15, 25 15, 25 5))",
    "Polygon((50 0, 50.5 0, 50.5 0.5, 50 0.5, 50 0))",
]
BOW_TIE = "Polygon((0 0, 10 10, 10 0, 0 10, 0 0))"
OVERLAPPING = "MultiPolygon(((0 0, 10 0, 10 10, 0 10, 0 0)), ((5 5, 15 5, 15 15, 5 15, 5 5)))"


@pytest.fixture
def run(algorithms, saved_connection):
    """A function that runs an algorithm with an output layer: (layer, results)."""
    import processing

    def run(algorithm, layer, **parameters):
        given = {"INPUT": layer, "DISTANCE": 1.0, "OUTPUT": "memory:", **parameters}
        results = processing.run(algorithm, given)
        return results["OUTPUT"], results

    return run


@pytest.fixture
def compare(run):
    """Run ours twice and the native one, and compare: the second time everything is read."""

    def compare(layer, **parameters):
        native, _ = run("native:buffer", layer, **parameters)
        first, counts = run("redisgeo:cachedbuffer", layer, **parameters)
        assert_same(first, native)
        second, again = run("redisgeo:cachedbuffer", layer, **parameters)
        assert_same(second, native)
        assert as_wkb(first) == as_wkb(second)
        there = sum(1 for f in layer.getFeatures() if not f.geometry().isEmpty())
        assert counts["HITS"] + counts["MISSES"] == there
        assert (again["HITS"], again["MISSES"]) == (there - counts["FAILED"], counts["FAILED"])
        return first, counts

    return compare


def as_wkb(layer):
    return [f.geometry().asWkb().data() for f in layer.getFeatures()]


@pytest.mark.parametrize("cap", [0, 1, 2])
@pytest.mark.parametrize("join, mitre", [(0, 2), (1, 1), (1, 2), (1, 10), (2, 2)])
@pytest.mark.parametrize("kind, wkts", [("Point", POINTS), ("LineString", LINES), ("Polygon", POLYGONS)])
def test_every_style(compare, kind, wkts, cap, join, mitre):
    compare(layer_of(wkts, kind), END_CAP_STYLE=cap, JOIN_STYLE=join, MITER_LIMIT=mitre, SEGMENTS=5)


@pytest.mark.parametrize("distance", [0, -1, -4.9, -1000, 1e-9, 1e7])
@pytest.mark.parametrize("kind, wkts", [("Point", POINTS), ("LineString", LINES), ("Polygon", POLYGONS)])
def test_every_distance(compare, kind, wkts, distance):
    compare(layer_of(wkts, kind), DISTANCE=distance)


@pytest.mark.parametrize("segments", [1, 2, 8, 100])
def test_segments(compare, segments):
    compare(layer_of(POLYGONS), SEGMENTS=segments)


def test_data_defined_distances(compare):
    rows = [("a", 1.0), ("b", -2.0), ("c", None), ("d", 0.0), ("e", 3.5)]
    layer = layer_of([POLYGONS[0]] * 5, rows=rows, fields="name:string,d:double")
    for expression in ('"d"', '"d" * 2', "if(\"name\" = 'b', NULL, 2)", "NULL", '"absent"', "'text'"):
        compare(layer, DISTANCE=QgsProperty.fromExpression(expression))
    compare(layer, DISTANCE=QgsProperty.fromField("d"))


@pytest.mark.parametrize("separate", [False, True])
def test_dissolve(run, separate):
    known = QgsApplication.processingRegistry().algorithmById("native:buffer").parameterDefinitions()
    more = {"SEPARATE_DISJOINT": separate} if any(p.name() == "SEPARATE_DISJOINT" for p in known) else {}
    for layer in (layer_of(POLYGONS), layer_of([None, *POINTS], "Point"), layer_of([None])):
        native, _ = run("native:buffer", layer, DISSOLVE=True, **more)
        for _ in range(2):
            ours, counts = run("redisgeo:cachedbuffer", layer, DISSOLVE=True, **more)
            assert_same(ours, native)
        assert counts["MISSES"] == 0


def test_dissolving_what_vanishes_gives_an_empty_shape(run):
    """native:buffer fails here on some versions: "Could not write feature"."""
    for separate in (False, True):
        ours, _ = run(
            "redisgeo:cachedbuffer",
            layer_of(POLYGONS),
            DISTANCE=-100.0,
            DISSOLVE=True,
            SEPARATE_DISJOINT=separate,
        )
        found = list(ours.getFeatures())
        assert len(found) == 1 and found[0]["name"] == "f0" and found[0].geometry().isEmpty()


def test_dissolved_parts_kept_apart(run):
    """What native:buffer calls SEPARATE_DISJOINT since QGIS 3.28 works on older versions too."""
    layer = layer_of(POINTS, "Point")
    ours, _ = run("redisgeo:cachedbuffer", layer, DISSOLVE=True, SEPARATE_DISJOINT=True)
    assert ours.featureCount() == 2
    assert [f["name"] for f in ours.getFeatures()] == ["f0", "f0"]


def test_an_empty_layer(run):
    for dissolve in (False, True):
        native, _ = run("native:buffer", layer_of([]), DISSOLVE=dissolve)
        ours, counts = run("redisgeo:cachedbuffer", layer_of([]), DISSOLVE=dissolve)
        assert_same(ours, native)
        assert (counts["HITS"], counts["MISSES"]) == (0, 0)


@pytest.mark.parametrize(
    "kind, wkts",
    [
        ("MultiPoint", ["MultiPoint((0 0), (1 1), (30 30))"]),
        ("MultiLineString", ["MultiLineString((0 0, 5 5), (3 0, 3 9), (30 0, 40 0))"]),
        (
            "MultiPolygon",
            ["MultiPolygon(((0 0, 4 0, 4 4, 0 0)), ((5 0, 9 0, 9 4, 5 0)), ((40 0, 44 0, 44 4, 40 0)))"],
        ),
        ("PolygonZ", ["PolygonZ((0 0 1, 4 0 2, 4 4 3, 0 0 1))"]),
        ("LineStringM", ["LineStringM(0 0 1, 4 0 2, 4 4 3)"]),
        ("PointZM", ["PointZM(1 2 3 4)"]),
        ("CurvePolygon", ["CurvePolygon(CircularString(0 0, 5 5, 10 0, 5 -5, 0 0))"]),
        ("CompoundCurve", ["CompoundCurve(CircularString(0 0, 1 1, 2 0), (2 0, 9 0))"]),
        ("MultiSurface", ["MultiSurface(CurvePolygon(CircularString(0 0, 5 5, 10 0, 5 -5, 0 0)))"]),
        ("MultiCurveZ", ["MultiCurveZ((0 0 1, 4 0 2), CircularStringZ(0 0 1, 1 1 2, 2 0 1))"]),
        (
            "GeometryCollection",
            ["GeometryCollection(Point(0 0), LineString(5 5, 9 9), Polygon((20 0, 24 0, 24 4, 20 0)))"],
        ),
    ],
)
def test_kinds_of_geometry(compare, kind, wkts):
    compare(layer_of(wkts, kind))
    compare(layer_of(wkts, kind), DISTANCE=-0.5)


@pytest.mark.parametrize("kind", ["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection"])
def test_null_and_empty(compare, kind):
    full = {"Point": POINTS[0], "LineString": LINES[0], "Polygon": POLYGONS[0], "MultiPolygon": OVERLAPPING}
    wkts = [None, f"{kind} EMPTY", full.get(kind, "GeometryCollection(Point(0 0))"), None]
    compare(layer_of(wkts, kind))


@pytest.mark.parametrize("distance", [2.0, 0.0, -1.0])
@pytest.mark.parametrize(
    "wkt", [BOW_TIE, OVERLAPPING, "Polygon((0 0, 10 0, 10 10, 0 10, 0 0), (20 0, 21 0, 21 1, 20 0))"]
)
def test_invalid_polygons(compare, wkt, distance):
    compare(
        layer_of([wkt, POLYGONS[0]], "MultiPolygon" if wkt.startswith("Multi") else "Polygon"),
        DISTANCE=distance,
    )


@pytest.mark.parametrize("distance", [2.0, 0.0, -1.0])
def test_heavy_invalid_multipolygons_are_not_taken_apart(compare, distance):
    """More vertices than are computed in one piece, in parts that overlap."""
    discs = [QgsGeometry.fromPointXY(p.asPoint()).buffer(10, 1000) for p in map(QgsGeometry.fromWkt, POINTS)]
    overlapping = QgsGeometry.collectGeometry(discs)
    assert overlapping.constGet().nCoordinates() > 10_000
    compare(layer_of([overlapping], "MultiPolygon"), DISTANCE=distance)


def test_an_open_ring_is_closed(compare):
    ring = QgsLineString([QgsPoint(0, 0), QgsPoint(10, 0), QgsPoint(10, 10), QgsPoint(0, 10)])
    polygon = QgsPolygon()
    polygon.setExteriorRing(ring)
    compare(layer_of([QgsGeometry(polygon), POLYGONS[0]]))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_coordinates_that_are_not_finite(run, bad):
    """Never a wrong shape: no geometry, the others as ever, and the feature counted."""
    line = QgsGeometry(QgsLineString([QgsPoint(0, 0), QgsPoint(bad, 5), QgsPoint(9, 9)]))
    layer = layer_of([LINES[0], line, LINES[1]], "LineString")
    native, _ = run("native:buffer", layer_of([LINES[0], LINES[1]], "LineString"))
    for _ in range(2):
        ours, counts = run("redisgeo:cachedbuffer", layer)
        found = list(ours.getFeatures())
        assert [f["name"] for f in found] == ["f0", "f1", "f2"]
        assert not found[1].hasGeometry()
        expected = [f.geometry() for f in native.getFeatures()]
        assert difference(found[0].geometry(), expected[0]) < TOLERANCE
        assert difference(found[2].geometry(), expected[1]) < TOLERANCE
        assert counts["FAILED"] == 1
    assert (counts["HITS"], counts["MISSES"]) == (2, 1)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_points_that_are_not_finite(run, bad):
    """NaN makes an empty point, whose buffer is empty as native's is; an infinite one has no buffer."""
    layer = layer_of([POINTS[0], QgsGeometry(QgsPoint(bad, 1)), QgsGeometry(QgsPoint(1, bad))], "Point")
    ours, counts = run("redisgeo:cachedbuffer", layer)
    assert [f.geometry().isEmpty() for f in ours.getFeatures()] == [False, True, True]
    assert counts["STORED"] == 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_distances_that_are_not_finite(run, bad):
    """With NaN native:buffer never comes back."""
    rows = [("a", 1.0), ("b", bad)]
    layer = layer_of([POLYGONS[0]] * 2, rows=rows, fields="name:string,d:double")
    ours, counts = run("redisgeo:cachedbuffer", layer, DISTANCE=QgsProperty.fromField("d"))
    assert [f.hasGeometry() for f in ours.getFeatures()] == [True, False]
    assert counts["FAILED"] == 1


def test_real_states(compare):
    layer = world("states_provinces", 150)
    first, counts = compare(layer, DISTANCE=0.1, SEGMENTS=8)
    assert counts["MISSES"] == 150 and first.featureCount() == 150
    compare(layer, DISTANCE=-0.05)


def test_a_heavy_multipolygon_part_by_part(compare):
    compare(world("countries", 1, "\"NAME\" = 'Norway'"), DISTANCE=0.2)


def test_one_change_is_one_miss(run):
    squares = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))" for i in range(20)]
    run("redisgeo:cachedbuffer", layer_of(squares), DISTANCE=10.0)
    changed = [*squares[:7], "Polygon((7 0,8 0,8 1.000000001,7 1,7 0))", *squares[8:]]
    _, counts = run("redisgeo:cachedbuffer", layer_of(changed), DISTANCE=10.0)
    assert (counts["HITS"], counts["MISSES"]) == (19, 1)
    ten, counts = run("redisgeo:cachedbuffer", layer_of(squares), DISTANCE=10.0)
    assert (counts["HITS"], counts["MISSES"]) == (20, 0)
    twenty, counts = run("redisgeo:cachedbuffer", layer_of(squares), DISTANCE=20.0)
    assert (counts["HITS"], counts["MISSES"]) == (0, 20)
    for a, b in zip(ten.getFeatures(), twenty.getFeatures()):
        assert b.geometry().area() > 3 * a.geometry().area()


def test_everything_that_the_result_depends_on_is_in_the_key(run):
    layer = layer_of([LINES[0]], "LineString", crs="EPSG:32631")
    variants = [
        {},
        {"DISTANCE": 1.5},
        {"SEGMENTS": 6},
        {"END_CAP_STYLE": 1},
        {"JOIN_STYLE": 1},
        {"JOIN_STYLE": 1, "MITER_LIMIT": 3},
        {"JOIN_STYLE": 2},
        {"GEODESIC": True},
        {"NAMESPACE": "other"},
    ]
    for variant in variants:
        _, counts = run("redisgeo:cachedbuffer", layer, **variant)
        assert (counts["HITS"], counts["MISSES"]) == (0, 1), variant
    other_crs = layer_of([LINES[0]], "LineString", crs="EPSG:32632")
    _, counts = run("redisgeo:cachedbuffer", other_crs)
    assert counts["HITS"] == 0
    _, counts = run("redisgeo:cachedbuffer", layer_of([LINES[0]], "LineString", crs=""))
    assert counts["HITS"] == 0
    _, counts = run("redisgeo:cachedbuffer", layer, MITER_LIMIT=7)  # changes nothing but mitred joins
    assert counts["HITS"] == 1


def test_the_same_shape_written_otherwise_is_found(run):
    run("redisgeo:cachedbuffer", layer_of(["Polygon((0 0, 4 0, 4 4, 0 4, 0 0))"]))
    for other in ("Polygon((4 4, 0 4, 0 0, 4 0, 4 4))", "Polygon((0 0, 0 4, 4 4, 4 0, 0 0))",
                  "Polygon((-0.0 -0.0, 4 -0.0, 4 4, -0.0 4, -0.0 -0.0))"):  # fmt: skip
        _, counts = run("redisgeo:cachedbuffer", layer_of([other]))
        assert counts["HITS"] == 1, other
    _, counts = run(
        "redisgeo:cachedbuffer", layer_of(["PolygonZ((0 0 7, 4 0 7, 4 4 7, 0 4 7, 0 0 7))"], "PolygonZ")
    )
    assert counts["HITS"] == 1


def test_equal_features_are_computed_once(run):
    ours, counts = run("redisgeo:cachedbuffer", layer_of([POLYGONS[0]] * 10))
    assert ours.featureCount() == 10
    assert (counts["MISSES"], counts["COMPUTED"], counts["STORED"]) == (10, 1, 1)


def test_a_layer_without_crs(compare, run):
    layer = layer_of(POLYGONS, crs="")
    compare(layer)
    with pytest.raises(QgsProcessingException, match="CRS"):
        run("redisgeo:cachedbuffer", layer, GEODESIC=True)


def test_selected_features_only(run):
    layer = layer_of(POLYGONS)
    QgsProject.instance().addMapLayer(layer)
    layer.selectByIds([f.id() for f in layer.getFeatures()][1:])
    definition = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    native, _ = run("native:buffer", definition)
    ours, counts = run("redisgeo:cachedbuffer", definition)
    assert_same(ours, native)
    assert counts["MISSES"] == 2


def test_a_limit_of_features(run):
    layer = layer_of(POLYGONS)
    QgsProject.instance().addMapLayer(layer)
    definition = QgsProcessingFeatureSourceDefinition(layer.id(), featureLimit=2)
    native, _ = run("native:buffer", definition)
    ours, _ = run("redisgeo:cachedbuffer", definition)
    assert_same(ours, native)


def test_edits_that_are_not_yet_saved_count(run):
    layer = layer_of(POLYGONS)
    layer.startEditing()
    layer.changeGeometry(1, QgsGeometry.fromWkt("Polygon((0 0, 1 0, 1 1, 0 0))"))
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(POLYGONS[1]))
    layer.addFeature(feature)
    native, _ = run("native:buffer", layer)
    ours, _ = run("redisgeo:cachedbuffer", layer)
    assert_same(ours, native)
    layer.rollBack()


def test_a_crs_of_the_user_s_own_goes_by_what_it_is_and_not_by_its_number(run):
    """Its number means another CRS, or none, in another profile and to the workers."""
    assert QgsApplication.createDatabase()  # where QGIS keeps a user's CRSs; it makes one when it starts
    own = QgsCoordinateReferenceSystem.fromProj(
        "+proj=laea +lat_0=45 +lon_0=3 +datum=WGS84 +units=m +type=crs"
    )
    assert own.saveAsUserCrs("ours") >= 0
    numbered = QgsCoordinateReferenceSystem(own.authid())
    assert numbered.isValid() and numbered.authid().startswith("USER:")
    layer = layer_of(["Point(1000 2000)"], "Point", numbered.authid())
    ours, results = run("redisgeo:cachedbuffer", layer, DISTANCE=1000, GEODESIC=True, SEGMENTS=8)
    assert results["FAILED"] == 0
    [feature] = ours.getFeatures()
    assert feature.geometry().area() == pytest.approx(1e6 * 8 * 4 / 2 * math.sin(math.pi / 16), rel=1e-3)
    assert QgsCoordinateReferenceSystem(crs_name(numbered)).toProj() == numbered.toProj()


def test_a_distance_on_the_ellipsoid(run):
    """1,000 m around Paris: every corner is 1,000 m away, however few degrees that is."""
    from pyproj import Geod

    layer = layer_of(["Point(2.35 48.85)"], "Point", crs="EPSG:4326")
    ours, _ = run("redisgeo:cachedbuffer", layer, DISTANCE=1000, GEODESIC=True, SEGMENTS=8)
    corners = list(next(ours.getFeatures()).geometry().vertices())
    assert len(corners) == 33
    for corner in corners:
        assert abs(Geod(ellps="WGS84").inv(2.35, 48.85, corner.x(), corner.y())[2] - 1000) < 1e-3


def test_outputs_to_a_file(algorithms, saved_connection, tmp_path):
    import processing
    from qgis.core import QgsVectorLayer

    path = tmp_path / "out.gpkg"
    results = processing.run(
        "redisgeo:cachedbuffer", {"INPUT": layer_of(POLYGONS), "DISTANCE": 1, "OUTPUT": str(path)}
    )
    layer = QgsVectorLayer(results["OUTPUT"])
    assert layer.featureCount() == 3 and layer.wkbType() == QgsWkbTypes.Type.MultiPolygon


def test_the_parameters_are_those_of_native_buffer(algorithms):
    registry = QgsApplication.processingRegistry()
    native = {p.name(): p for p in registry.algorithmById("native:buffer").parameterDefinitions()}
    ours = {p.name(): p for p in registry.algorithmById("redisgeo:cachedbuffer").parameterDefinitions()}
    for name, parameter in native.items():
        assert ours[name].type() == parameter.type(), name
        assert ours[name].defaultValue() == parameter.defaultValue(), name
    for name in set(ours) - set(native):
        assert ours[name].checkValueIsAcceptable(ours[name].defaultValue()) or name == "CONNECTION", name
    assert all(p.help() for p in ours.values() if not p.isDestination())


def test_a_bad_namespace_is_refused(run):
    for name in ("a:b", "a*", "x" * 65, "é"):
        with pytest.raises(QgsProcessingException, match="namespace"):
            run("redisgeo:cachedbuffer", layer_of(POLYGONS), NAMESPACE=name)


def test_a_sink_that_refuses_is_told(algorithms, saved_connection):
    import processing

    with pytest.raises(QgsProcessingException):
        processing.run(
            "redisgeo:cachedbuffer",
            {"INPUT": layer_of(POLYGONS), "DISTANCE": 1, "OUTPUT": "/absent/folder/out.gpkg"},
        )


def test_a_layer_that_refuses_is_told_too(qgis_app):
    layer = QgsVectorLayer("MultiPolygon?crs=EPSG:4326", "areas", "memory")
    line, area = QgsFeature(), QgsFeature()
    line.setGeometry(QgsGeometry.fromWkt(LINES[0]))
    area.setGeometry(QgsGeometry.fromWkt(OVERLAPPING))
    features.write(layer.dataProvider(), [area])
    with pytest.raises(QgsProcessingException, match="LineString"):
        features.write(layer.dataProvider(), [line])
    assert layer.featureCount() == 1


@pytest.mark.parametrize("dissolve", [False, True])
def test_many_points_are_those_of_native_buffer_though_none_is_asked_for(run, one_server, dissolve):
    points = [f"Point({i % 100} {i // 100})" for i in range(3000)]
    points[7:9] = [None, "Point EMPTY"]
    layer = layer_of(points, "Point")
    native, _ = run("native:buffer", layer, DISSOLVE=dissolve)
    for _ in range(2):
        ours, counts = run("redisgeo:cachedbuffer", layer, DISSOLVE=dissolve)
        assert_same(ours, native)
        assert (counts["HITS"], counts["COMPUTED"]) == (0, 2998)


def test_cancel_before_anything(algorithms, saved_connection):
    algorithm = QgsApplication.processingRegistry().algorithmById("redisgeo:cachedbuffer")
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    feedback.cancel()
    layer = layer_of(POLYGONS)
    results, ok = algorithm.run({"INPUT": layer, "DISTANCE": 1, "OUTPUT": "memory:"}, context, feedback)
    assert ok and results == {}
