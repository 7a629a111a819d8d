"""One place reads the inputs of algorithms: invalid features, a selection with a filter, and ids that come out twice."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingUtils,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from redis_geo_plugin.bridge.sources import FrozenSource
from redis_geo_plugin.processing.cached_buffer import CachedBuffer
from redis_geo_plugin.processing.cached_intersection import CachedIntersection
from redis_geo_plugin.processing.load_geo_set import LoadGeoSet
from tests.support.searches import AreaSearch, NearestMembers, RadiusSearch
from tests.support.told import Told

CHECK = QgsFeatureRequest.InvalidGeometryCheck
BOW_TIE = "POLYGON((-75 40, -73 41, -73 40, -75 41, -75 40))"
SQUARE = "POLYGON((-75 40, -73 40, -73 41, -75 41, -75 40))"
NO_LENGTH = "LINESTRING(-74 40, -74 40)"
LINE = "LINESTRING(-74 40, -74 41)"


@pytest.fixture
def places(one_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    with one_server.client() as client:
        client.geoadd("locations", (-73.9665, 40.7812, "Central Park", -73.9855, 40.7580, "Times Square"))


def layer_of(kind, *wkts):
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:4326&field=size:integer", "shapes", "memory")
    features = []
    for number, wkt in enumerate(wkts):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes([number])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer


def run(algorithm, check=None, output="memory:", **parameters):
    context, feedback = QgsProcessingContext(), Told()
    context.setProject(QgsProject.instance())
    if check is not None:
        context.setInvalidGeometryCheck(check)
    made = algorithm().create()
    parameters = {"KEY": "locations", "OUTPUT": output, **parameters}
    results, good = made.run(parameters, context, feedback, catchExceptions=False)
    assert good
    return results, context, feedback.warnings


def definition(layer, check=None, **options):
    made = QgsProcessingFeatureSourceDefinition(layer.id(), options.pop("selected", False))
    if check is not None:
        made.flags = QgsProcessingFeatureSourceDefinition.Flag.FlagOverrideDefaultGeometryCheck
        made.geometryCheck = check
    for name, value in options.items():
        setattr(made, name, value)
    QgsProject.instance().addMapLayer(layer, False)
    return made


SEARCHES = [
    (AreaSearch, "AREAS", "Polygon", BOW_TIE, SQUARE, {}),
    (RadiusSearch, "CENTERS", "Polygon", BOW_TIE, SQUARE, {"RADIUS": 100_000}),
    (RadiusSearch, "CENTERS", "LineString", NO_LENGTH, LINE, {"RADIUS": 100_000}),
    (NearestMembers, "CENTERS", "Polygon", BOW_TIE, SQUARE, {"NEIGHBORS": 2}),
    (NearestMembers, "CENTERS", "LineString", NO_LENGTH, LINE, {"NEIGHBORS": 2}),
]


@pytest.mark.parametrize("algorithm, name, kind, bad, good, others", SEARCHES)
def test_an_invalid_feature_is_treated_as_the_options_of_processing_say(
    places, algorithm, name, kind, bad, good, others
):
    layer = layer_of(kind, good, bad)
    with pytest.raises(QgsProcessingException, match="invalid geometry"):
        run(algorithm, CHECK.GeometryAbortOnInvalid, **{name: layer}, **others)
    results, _, warned = run(algorithm, CHECK.GeometrySkipInvalid, **{name: layer}, **others)
    assert results["COUNT"] == 2
    assert [w for w in warned if "invalid geometry" in w] == [
        "Feature 2 of “shapes” has an invalid geometry and was skipped."
    ]
    results, _, warned = run(algorithm, CHECK.GeometryNoCheck, **{name: layer}, **others)
    assert results["COUNT"] >= 2 and not any("invalid geometry" in w for w in warned)


@pytest.mark.parametrize("algorithm, name, kind, bad, good, others", SEARCHES)
def test_the_setting_on_the_parameter_comes_before_the_option(
    places, algorithm, name, kind, bad, good, others
):
    layer = layer_of(kind, good, bad)
    skip = definition(layer, CHECK.GeometrySkipInvalid)
    results, _, _ = run(algorithm, CHECK.GeometryAbortOnInvalid, **{name: skip}, **others)
    assert results["COUNT"] == 2
    with pytest.raises(QgsProcessingException, match="invalid geometry"):
        abort = definition(layer, CHECK.GeometryAbortOnInvalid)
        run(algorithm, CHECK.GeometryNoCheck, **{name: abort}, **others)


class Definition(QgsProcessingFeatureSourceDefinition):
    """What a parameter holds since QGIS 3.32: a filter beside the selection and the limit."""

    filterExpression = ""


@pytest.mark.parametrize(
    "selected, text, limit, wanted",
    [
        (True, '"size" >= 1', -1, {2, 3}),
        (True, '"size" >= 1', 1, {2}),
        (True, "", -1, {1, 2, 3}),
        (True, "", 2, {1, 2}),
        (True, '$area > 0 AND "size" = 2', -1, {3}),
        (True, "@layer_name = 'shapes' AND \"size\" > 0", -1, {2, 3}),
        (True, "no_such_field = 1", -1, set()),
        (False, '"size" <> 1', -1, {1, 3, 4}),
        (False, '"size" <> 1', 2, {1, 3}),
    ],
)
def test_a_selection_a_filter_and_a_limit_hold_together(qgis_app, selected, text, limit, wanted):
    layer = layer_of("Polygon", SQUARE, SQUARE, SQUARE, SQUARE)
    layer.selectByIds([1, 2, 3])
    chosen = Definition(layer.id(), selected)
    chosen.filterExpression, chosen.featureLimit = text, limit
    source = QgsProcessingUtils.variantToSource(layer, QgsProcessingContext())
    frozen = FrozenSource(source, layer, chosen)
    layer.removeSelection()  # what was selected when the algorithm began counts
    assert {f.id() for f in frozen.features()} == wanted
    assert {f.id() for f in frozen.features(frozen.request().setNoAttributes())} == wanted


def geopackage(layer, path):
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    error = QgsVectorFileWriter.writeAsVectorFormatV3(
        layer, str(path), QgsProject.instance().transformContext(), options
    )
    assert error[0] == QgsVectorFileWriter.WriterError.NoError, error
    return QgsVectorLayer(str(path), "in a GeoPackage", "ogr")


@pytest.mark.parametrize(
    "algorithm, name, others",
    [
        (AreaSearch, "AREAS", {}),
        (RadiusSearch, "CENTERS", {"RADIUS": 100_000}),
        (NearestMembers, "CENTERS", {"NEIGHBORS": 2}),
    ],
)
def test_members_that_come_more_than_once_go_into_a_geopackage(places, tmp_path, algorithm, name, others):
    """Their stored attributes hold the fid of the GeoPackage they were loaded from."""
    points = layer_of("Point", "POINT(-73.9 40.7)", "POINT(-73.8 40.6)")
    points = geopackage(points, tmp_path / "points.gpkg")
    run(LoadGeoSet, KEY="loaded", INPUT=points, MEMBER_FIELD="size", FIELDS=["fid", "size"])
    shapes = geopackage(layer_of("Polygon", SQUARE, SQUARE), tmp_path / "shapes.gpkg")
    output = str(tmp_path / "found.gpkg")
    results, _, _ = run(algorithm, output=output, KEY="loaded", **{name: shapes}, **others)
    assert results["COUNT"] == 4
    found = QgsVectorLayer(output, "found", "ogr")
    assert sorted(f["member"] for f in found.getFeatures()) == ["0", "0", "1", "1"]
    assert sorted(f["fid"] for f in found.getFeatures()) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "algorithm, more, count",
    [
        (CachedBuffer, {"DISTANCE": 0.1, "DISSOLVE": True, "SEPARATE_DISJOINT": True}, 2),
        (CachedIntersection, {"OVERLAY": True}, 4),
    ],
)
def test_a_feature_that_comes_out_more_than_once_goes_from_geopackage_to_geopackage(
    places, tmp_path, algorithm, more, count
):
    far = "POLYGON((10 40, 12 40, 12 41, 10 41, 10 40))"
    shapes = (SQUARE, far) if algorithm is CachedBuffer else (SQUARE, SQUARE)
    source = geopackage(layer_of("Polygon", *shapes), tmp_path / "source.gpkg")
    if "OVERLAY" in more:
        more = {"OVERLAY": geopackage(layer_of("Polygon", SQUARE, SQUARE), tmp_path / "overlay.gpkg")}
    output = str(tmp_path / "result.gpkg")
    run(algorithm, output=output, INPUT=source, **more)
    found = QgsVectorLayer(output, "result", "ogr")
    assert sorted(f["fid"] for f in found.getFeatures()) == list(range(1, count + 1))


def test_the_results_of_a_batch_go_into_a_geopackage(places, one_server, tmp_path):
    """An intersection's jobs, whose source features come out once a pair."""
    from redis_geo_plugin.processing.collect_results import CollectResults
    from redis_geo_plugin.processing.enqueue_jobs import EnqueueJobs
    from tests.support.jobs import WorkerProcess

    source = geopackage(layer_of("Polygon", SQUARE, SQUARE), tmp_path / "source.gpkg")
    overlay = geopackage(layer_of("Polygon", SQUARE, SQUARE), tmp_path / "overlay.gpkg")
    sent, _, _ = run(EnqueueJobs, INPUT=source, OVERLAY=overlay, OPERATION="intersection")
    assert sent["COUNT"] == 4
    working = WorkerProcess(one_server.url, "--processes", "1")
    try:
        output = str(tmp_path / "result.gpkg")
        results, _, _ = run(CollectResults, output=output, BATCH=sent["BATCH"], TIMEOUT=60)
    finally:
        working.close()
    assert (results["COUNT"], results["FAILED"]) == (4, 0)
    found = QgsVectorLayer(output, "result", "ogr")
    assert sorted(f["fid"] for f in found.getFeatures()) == [1, 2, 3, 4]
