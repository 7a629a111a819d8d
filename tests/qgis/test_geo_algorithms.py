"""The algorithms on GEO sets: headless, on both servers, and what QGIS's own ruler says of their results."""

from __future__ import annotations

import gc
import json
from contextlib import contextmanager

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDistanceArea,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)

from redis_geo_plugin.bridge import compat
from redis_geo_plugin.bridge.geo import measuring
from redis_geo_plugin.processing.export_geo_set import ExportGeoSet
from redis_geo_plugin.processing.load_geo_set import LoadGeoSet
from tests.support.searches import AreaSearch, NearestMembers, RadiusSearch
from tests.support.told import Told

PLACES = {
    "Central Park": (-73.9665, 40.7812),
    "Times Square": (-73.9855, 40.7580),
    "Statue of Liberty": (-74.0445, 40.6892),
}
LIBERTY = "-74.0445,40.6892 [EPSG:4326]"


@pytest.fixture
def headless(server, monkeypatch):
    """The connection of the environment, as without a window, and the sample places on the server."""
    monkeypatch.setenv("REDIS_GEO_URL", server.url)
    with server.client() as client:
        for name, (lon, lat) in PLACES.items():
            client.geoadd("locations", (lon, lat, name))
    return server


def run(algorithm, feedback=None, context=None, **parameters):
    """The outputs and, where there is one, the output layer."""
    context = context or QgsProcessingContext()
    if context.project() is None:
        context.setProject(QgsProject.instance())
    parameters.setdefault("OUTPUT", "memory:")
    made = algorithm().create()
    results, good = made.run(parameters, context, feedback or QgsProcessingFeedback(), catchExceptions=False)
    assert good
    layer = context.takeResultLayer(results["OUTPUT"]) if "OUTPUT" in results else None
    return results, layer


def points(crs="EPSG:4326", fields="name:string,population:integer"):
    return QgsVectorLayer(
        f"Point?crs={crs}&" + "&".join(f"field={f}" for f in fields.split(",")), "points", "memory"
    )


def add(layer, *rows):
    """(geometry or (x, y) or None, attribute values...)"""
    features = []
    for place, *values in rows:
        feature = QgsFeature(layer.fields())
        if isinstance(place, tuple):
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(*place)))
        elif place is not None:
            feature.setGeometry(place)
        feature.setAttributes(list(values))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer


def column(layer, name):
    return [feature[name] for feature in layer.getFeatures()]


@pytest.mark.parametrize(
    "algorithm, name",
    [(AreaSearch, "AREAS"), (NearestMembers, "CENTERS"), (RadiusSearch, "CENTERS"), (LoadGeoSet, "INPUT")],
)
def test_a_layer_that_is_not_there_is_named(headless, algorithm, name):
    with pytest.raises(QgsProcessingException, match="no such layer"):
        run(algorithm, KEY="locations", MEMBER_FIELD="name", **{name: "no such layer"})


def test_radius_around_a_point(headless):
    results, layer = run(RadiusSearch, KEY="locations", CENTER=LIBERTY, RADIUS=10, UNIT=1)
    assert results["COUNT"] == 2
    assert column(layer, "member") == ["Statue of Liberty", "Times Square"]
    assert column(layer, "rank") == [1, 2] and column(layer, "center_id") == [0, 0]
    assert layer.crs().authid() == "EPSG:4326"
    ruler = QgsDistanceArea()
    ruler.setSourceCrs(QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance().transformContext())
    ruler.setEllipsoid("EPSG:7030")
    for feature in layer.getFeatures():
        measured = ruler.measureLine(QgsPointXY(-74.0445, 40.6892), feature.geometry().asPoint())
        assert abs(measured - feature["distance_m"]) < 1e-6


@pytest.mark.parametrize(
    "acronym", ["EPSG:7030", "EPSG:7019", "EPSG:7011", "EPSG:7004", "PARAMETER:6378137:6378137"]
)
def test_inside_is_what_the_projects_ruler_calls_inside(headless, acronym):
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    QgsProject.instance().setEllipsoid(acronym)
    ruler = QgsDistanceArea()
    ruler.setSourceCrs(QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance().transformContext())
    ruler.setEllipsoid(acronym)
    _, everything = run(ExportGeoSet, KEY="locations")
    square = next(f.geometry().asPoint() for f in everything.getFeatures() if f["member"] == "Times Square")
    edge = ruler.measureLine(QgsPointXY(-74.0445, 40.6892), square)
    _, beyond = run(RadiusSearch, KEY="locations", CENTER=LIBERTY, RADIUS=edge + 1e-5)
    _, within = run(RadiusSearch, KEY="locations", CENTER=LIBERTY, RADIUS=edge - 1e-5)
    assert "Times Square" in column(beyond, "member") and "Times Square" not in column(within, "member")


def test_metric_unit_and_limit(headless):
    results, _ = run(RadiusSearch, KEY="locations", CENTER=LIBERTY, RADIUS=6, UNIT=2)  # 9.656 km
    assert results["COUNT"] == 2
    results, _ = run(RadiusSearch, KEY="locations", CENTER=LIBERTY, RADIUS=30000, UNIT=3)  # 9.144 km
    assert results["COUNT"] == 2
    results, layer = run(RadiusSearch, KEY="locations", CENTER=LIBERTY, RADIUS=50, UNIT=1, LIMIT=1)
    assert column(layer, "member") == ["Statue of Liberty"]
    with headless.client() as client:
        theirs = client.geodist("locations", "Statue of Liberty", "Times Square")
        (lon, lat) = client.geopos("locations", "Statue of Liberty")[0]
    _, layer = run(
        RadiusSearch, KEY="locations", CENTER=f"{lon!r},{lat!r} [EPSG:4326]", RADIUS=10, UNIT=1, METRIC=1
    )
    assert abs(column(layer, "distance_m")[1] - theirs) < 1e-3


def test_centers_of_a_layer_in_another_crs(headless):
    layer = points("EPSG:3857")
    add(
        layer,
        ((-8242596.0, 4966606.0), "Liberty", 1),
        (None, "nowhere", 2),
        ((-8235000.0, 4980000.0), "Midtown", 3),
    )
    log = Told()
    results, found = run(RadiusSearch, log, KEY="locations", CENTERS=layer, RADIUS=5, UNIT=1)
    assert sorted(zip(column(found, "center_id"), column(found, "member"))) == [
        (1, "Statue of Liberty"),
        (3, "Central Park"),
        (3, "Times Square"),
    ]
    assert any("1" in line for line in log.lines) and results["COUNT"] == 3


def test_nearest(headless):
    layer = add(points(), ((-74.0445, 40.6892), "a", 1), ((20.0, 50.0), "b", 2))
    _, found = run(NearestMembers, KEY="locations", CENTERS=layer, NEIGHBORS=2)
    assert column(found, "member")[:2] == ["Statue of Liberty", "Times Square"] and column(found, "rank") == [
        1,
        2,
        1,
        2,
    ]


def test_areas_with_holes_and_parts(headless):
    layer = QgsVectorLayer("MultiPolygon?crs=EPSG:4326", "areas", "memory")
    wkt = (
        "MULTIPOLYGON(((-74.2 40.6,-73.9 40.6,-73.9 40.9,-74.2 40.9,-74.2 40.6),"
        "(-74 40.75,-73.98 40.75,-73.98 40.77,-74 40.77,-74 40.75)),((0 0,1 0,1 1,0 0)))"
    )
    add(
        layer,
        (QgsGeometry.fromWkt(wkt),),
        (None,),
        (QgsGeometry.fromWkt("MULTIPOLYGON(((2 2,3 2,3 3,2 2)))"),),
    )
    results, found = run(AreaSearch, KEY="locations", AREAS=layer)
    assert sorted(column(found, "member")) == ["Central Park", "Statue of Liberty"] and results["COUNT"] == 2
    assert set(column(found, "area_id")) == {1}
    assert "distance_m" not in found.fields().names()


def test_load_keeps_attributes_and_exact_coordinates(headless):
    layer = points("EPSG:2154", "name:string,population:integer,since:date,ratio:double,latitude:string")
    place = QgsPointXY(652469.02, 6862035.26)
    add(
        layer,
        ((place.x(), place.y()), "Paris", 2_100_000, "1790-01-01", 0.5, "text"),
        ((800000, 6500000), "x", None, None, None, None),
    )
    results, _ = run(
        LoadGeoSet,
        INPUT=layer,
        KEY="villes",
        MEMBER_FIELD="name",
        FIELDS=["population", "since", "ratio", "latitude"],
    )
    assert (results["ADDED"], results["REFUSED"], results["TOTAL"]) == (2, 0, 2)
    with headless.client() as client:
        stored = json.loads(client.hget("villes:attributs", "Paris"))
    assert (
        stored["population"] == 2_100_000
        and stored["since"] == "1790-01-01"
        and stored["latitude_2"] == "text"
    )
    results, out = run(ExportGeoSet, KEY="villes")
    feature = next(f for f in out.getFeatures() if f["member"] == "Paris")
    assert feature["population"] == 2_100_000 and feature["ratio"] == 0.5
    back = QgsGeometry(feature.geometry())
    from qgis.core import QgsCoordinateTransform

    back.transform(
        QgsCoordinateTransform(out.crs(), QgsCoordinateReferenceSystem("EPSG:2154"), QgsProject.instance())
    )
    assert back.asPoint().distance(place) < 1e-3
    assert compat.is_null(next(f for f in out.getFeatures() if f["member"] == "x")["population"])


@contextmanager
def collections():
    """A list that grows with each round of Python's garbage collector: a full one holds up the window for 100 ms in QGIS."""
    rounds = []

    def note(phase, info):
        if phase == "start":
            rounds.append(info["generation"])

    gc.collect()
    gc.callbacks.append(note)
    try:
        yield rounds
    finally:
        gc.callbacks.remove(note)


def test_loading_many_wakes_no_garbage_collector(one_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    layer = points()
    add(layer, *(((x / 3000, x / 3000), f"m{x}", x) for x in range(30_000)))
    with collections() as rounds:
        results, _ = run(LoadGeoSet, INPUT=layer, KEY="many", MEMBER_FIELD="name", FIELDS=["population"])
    assert results["ADDED"] == 30_000 and len(rounds) < 15  # a tuple a row made it 200


def test_points_that_the_crs_cannot_show_lose_only_themselves(qgis_app):
    path = measuring.CrsPath(
        QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance().transformContext()
    )
    lon, lat = np.array([0.0, 10.0, 20.0]), np.array([0.0, 90.0, 45.0])
    made = path.points(lon, lat)
    assert [geometry.isNull() for geometry in made] == [False, path.point(10.0, 90.0) is None, False]
    for index in (0, 2):
        assert made[index].asPoint().distance(path.point(lon[index], lat[index])) < 1e-6
    degrees = measuring.degrees_path().points(lon, lat)
    assert [(g.asPoint().x(), g.asPoint().y()) for g in degrees] == list(zip(lon, lat))


def test_load_by_an_expression_and_refusals(headless):
    layer = points()
    add(
        layer,
        ((1.0, 2.0), "a", 1),
        ((1.0, 89.0), "b", 2),
        (None, "c", 3),
        ((3.0, 4.0), None, 4),
        ((5.0, 6.0), "a", 1),
        ((180.0, 6.0), "d", 5),
    )
    log = Told()
    results, _ = run(
        LoadGeoSet, log, INPUT=layer, KEY="s", MEMBER_FIELD='"name" || \' #\' || "population"', MODE=2
    )
    assert (results["ADDED"], results["REFUSED"], results["TOTAL"]) == (2, 4, 2)
    assert sum("Feature" in line for line in log.lines) == 4
    with headless.client() as client:
        assert sorted(client.zrange("s", 0, -1)) == [b"a #1", b"d #5"]
    with pytest.raises(QgsProcessingException):
        run(LoadGeoSet, INPUT=layer, KEY="s", MEMBER_FIELD="no_such_field")


def test_only_new_and_moved(headless):
    layer = add(points(), ((1.0, 2.0), "Central Park", 1), ((1.0, 2.0), "new", 2))
    results, _ = run(LoadGeoSet, INPUT=layer, KEY="locations", MEMBER_FIELD="name", MODE=1)
    assert (results["ADDED"], results["CHANGED"], results["TOTAL"]) == (1, 0, 4)
    results, _ = run(LoadGeoSet, INPUT=layer, KEY="locations", MEMBER_FIELD="name", MODE=0)
    assert (results["ADDED"], results["CHANGED"], results["TOTAL"]) == (0, 1, 4)


def test_missing_sets_wrong_kinds_and_no_server(headless, monkeypatch):
    log = Told()
    results, layer = run(RadiusSearch, log, KEY="missing", CENTER=LIBERTY, RADIUS=10)
    assert results["COUNT"] == 0 and layer.featureCount() == 0 and log.lines
    assert run(ExportGeoSet, KEY="missing")[0]["COUNT"] == 0
    with headless.client() as client:
        client.set("text", "x")
        client.zadd("index_locations", {"Central Park": 1})
    for key in ("text", "index_locations", " "):
        with pytest.raises(QgsProcessingException):
            run(RadiusSearch, KEY=key, CENTER=LIBERTY, RADIUS=10)
    with pytest.raises(QgsProcessingException):
        run(RadiusSearch, KEY="locations", RADIUS=10)
    monkeypatch.setenv("REDIS_GEO_URL", "redis://127.0.0.1:1/0")
    with pytest.raises(QgsProcessingException):
        run(RadiusSearch, KEY="locations", CENTER=LIBERTY, RADIUS=10)


def test_members_of_any_bytes_reach_the_layer(headless):
    with headless.client() as client:
        client.execute_command("GEOADD", "odd", 1, 1, b"\xff\x00")
    _, layer = run(ExportGeoSet, KEY="odd")
    assert column(layer, "member") == ["\\xff\\x00"]


def test_off_the_main_thread_and_cancelled(headless, wait_until):
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    context.setProject(QgsProject.instance())
    done = []
    parameters = {"KEY": "locations", "CENTER": LIBERTY, "RADIUS": 100000.0, "OUTPUT": "memory:"}
    made = RadiusSearch().create()
    task = QgsProcessingAlgRunnerTask(made, parameters, context, feedback)
    task.executed.connect(lambda good, results: done.append((good, results)))
    from qgis.core import QgsApplication

    QgsApplication.taskManager().addTask(task)
    wait_until(lambda: done)
    assert done[0][0] and done[0][1]["COUNT"] == 3
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    results, good = RadiusSearch().create().run(parameters, context, feedback)
    assert (results, good) == ({}, True)


def test_every_parameter_has_help():
    for algorithm in (RadiusSearch, AreaSearch, NearestMembers, ExportGeoSet, LoadGeoSet):
        made = algorithm().create()
        assert made.shortHelpString() and made.tags()
        assert all(p.help() for p in made.parameterDefinitions()), made.name()


def test_tables_of_mixed_attributes(headless):
    with headless.client() as client:
        client.hset(
            "locations:attributs",
            "Central Park",
            json.dumps({"n": 1, "MEMBER": "x", "tags": [1, 2], "ok": True}),
        )
        client.hset("locations:attributs", "Times Square", json.dumps({"n": 2.5, "big": 2**70, "ok": None}))
    _, layer = run(RadiusSearch, KEY="locations", CENTER=LIBERTY, RADIUS=50, UNIT=1)
    by_name = {f["member"]: f for f in layer.getFeatures()}
    park = by_name["Central Park"]
    assert park["n"] == 1.0 and park["MEMBER_2"] == "x" and park["tags"] == "[1, 2]" and park["ok"] is True
    assert by_name["Times Square"]["n"] == 2.5 and compat.is_null(by_name["Statue of Liberty"]["n"])
