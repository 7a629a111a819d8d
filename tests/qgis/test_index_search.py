"""``redisgeo:indexsearch``, headless, on a real Redis Stack."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProject,
    QgsWkbTypes,
)

from redis_geo_plugin.processing.index_search import IndexSearch
from tests.qgis.test_geo_algorithms import add, column, points, run
from tests.support.told import Told

CENTER = "2.35,48.85 [EPSG:4326]"


@pytest.fixture
def headless(stack_server, monkeypatch):
    """The connection of the environment, and an index of cars and one of zones."""
    monkeypatch.setenv("REDIS_GEO_URL", stack_server.url)
    with stack_server.client() as client:
        client.execute_command(
            *[
                "FT.CREATE",
                "cars",
                "ON",
                "HASH",
                "PREFIX",
                "1",
                "car:",
                "SCHEMA",
                "at",
                "GEO",
                "state",
                "TAG",
                "seats",
                "NUMERIC",
            ]
        )
        client.execute_command(
            *[
                "FT.CREATE",
                "zones",
                "ON",
                "HASH",
                "PREFIX",
                "1",
                "zone:",
                "SCHEMA",
                "shape",
                "GEOSHAPE",
                "SPHERICAL",
            ]
        )
        for number in range(10):
            fields = {
                "at": f"{2.35 + number / 100},48.85",
                "state": "free" if number % 2 else "busy",
                "seats": number,
            }
            client.hset(f"car:{number}", mapping=fields)
        client.hset(
            "zone:square", "shape", "POLYGON((2.34 48.84, 2.36 48.84, 2.36 48.86, 2.34 48.86, 2.34 48.84))"
        )
        client.hset("zone:far", "shape", "POLYGON((8 48.84, 8.1 48.84, 8.1 48.86, 8 48.86, 8 48.84))")
    return stack_server


def test_free_vehicles_within_two_kilometres(headless):
    results, layer = run(IndexSearch, INDEX="cars", CENTER=CENTER, RADIUS=2.5, UNIT=1, FILTER="@state:{free}")
    assert results["COUNT"] == 2 and layer.wkbType() == QgsWkbTypes.Type.Point
    assert column(layer, "member") == ["car:1", "car:3"]
    assert column(layer, "state") == ["free", "free"] and column(layer, "seats") == [1, 3]
    assert column(layer, "rank") == [1, 2]
    assert column(layer, "distance_m") == pytest.approx([733.9, 2201.6], abs=1)


def test_fields_and_limit(headless):
    results, layer = run(
        IndexSearch, INDEX="cars", CENTER=CENTER, RADIUS=100, UNIT=1, FIELDS="seats", LIMIT=3
    )
    assert results["COUNT"] == 3 and "state" not in layer.fields().names()
    assert column(layer, "seats") == [0, 1, 2]


def test_around_each_of_a_layer_in_another_crs(headless):
    layer = points("EPSG:3857")
    add(layer, ((261600.8, 6249417.9), "a", 1), ((272733.0, 6249417.9), "b", 2))
    _, found = run(IndexSearch, INDEX="cars", CENTERS=layer, RADIUS=900)
    assert set(column(found, "center_id")) == {1, 2}


def test_in_an_area(headless):
    area = "CRS=EPSG:4326;Polygon((2.345 48.8, 2.375 48.8, 2.375 48.9, 2.345 48.9, 2.345 48.8))"
    _, layer = run(IndexSearch, INDEX="cars", AREA=area)
    assert sorted(column(layer, "member")) == ["car:0", "car:1", "car:2"]
    assert "distance_m" not in layer.fields().names()


def test_shapes_come_as_polygons(headless):
    results, layer = run(IndexSearch, INDEX="zones", CENTER=CENTER, RADIUS=5, UNIT=1)
    assert results["COUNT"] == 1 and layer.wkbType() == QgsWkbTypes.Type.MultiPolygon
    (feature,) = layer.getFeatures()
    assert feature["member"] == "zone:square" and feature["distance_m"] == 0
    assert feature.geometry().area() == pytest.approx(0.02 * 0.02)


def test_points_among_polygons_have_an_output_of_their_own_or_are_said(headless):
    with headless.client() as client:
        client.hset("zone:point", "shape", "POINT(2.35 48.851)")
    log = Told()
    results, _ = run(IndexSearch, log, INDEX="zones", CENTER=CENTER, RADIUS=5, UNIT=1)
    assert results["COUNT"] == 1 and any("left out" in line for line in log.lines)
    context = QgsProcessingContext()
    results, layer = run(
        IndexSearch, context=context, INDEX="zones", CENTER=CENTER, RADIUS=5, UNIT=1, OUTPUT_POINTS="memory:"
    )
    beside = context.takeResultLayer(results["OUTPUT_POINTS"])
    assert results["COUNT"] == 2 and column(beside, "member") == ["zone:point"]
    assert column(layer, "rank") + column(beside, "rank") == [1, 2]


def test_what_the_server_could_not_index_is_said(headless):
    with headless.client() as client:
        client.hset("zone:bow", "shape", "POLYGON((2 48, 3 49, 3 48, 2 49, 2 48))")
    log = Told()
    run(IndexSearch, log, INDEX="zones", CENTER=CENTER, RADIUS=5, UNIT=1)
    (line,) = [line for line in log.lines if "could not index" in line]
    assert "zone:bow" in line and ": 1." in line


def test_a_misspelt_field_is_said(headless):
    log = Told()
    results, _ = run(IndexSearch, log, INDEX="cars", CENTER=CENTER, RADIUS=5, UNIT=1, FILTER="@satte:{free}")
    assert results["COUNT"] == 0
    assert any("satte" in line and "state" in line for line in log.lines)


@pytest.mark.parametrize(
    "given, words",
    [
        ({"INDEX": "lorries", "CENTER": CENTER}, "no index of this name"),
        ({"INDEX": "", "CENTER": CENTER}, "Name the index"),
        ({"INDEX": "cars"}, "Give one of these"),
        ({"INDEX": "cars", "CENTER": CENTER, "FILTER": "@state:{free"}, "Syntax error"),
        ({"INDEX": "cars", "CENTER": CENTER, "GEOMETRY_FIELD": "place"}, "no place named place"),
    ],
)
def test_what_cannot_be_asked_is_said_in_words(headless, given, words):
    with pytest.raises(QgsProcessingException, match=words):
        run(IndexSearch, **given)


def test_a_server_without_the_engine(one_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    with pytest.raises(QgsProcessingException, match="no query engine"):
        run(IndexSearch, INDEX="cars", CENTER=CENTER)


def test_expressions_of_a_model_give_the_filter(headless, qgis_processing, algorithms):
    model = QgsProcessingModelAlgorithm("m", "m", "m")
    child = QgsProcessingModelChildAlgorithm("redisgeo:indexsearch")
    source = QgsProcessingModelChildParameterSource
    values = {"INDEX": "cars", "CENTER": CENTER, "RADIUS": 100, "UNIT": 1}
    for name, value in values.items():
        child.addParameterSources(name, [source.fromStaticValue(value)])
    child.addParameterSources("FILTER", [source.fromExpression("'@seats:[' || (3 + 4) || ' +inf]'")])
    output = QgsProcessingModelOutput("found")
    output.setChildOutputName("OUTPUT")
    child.setModelOutputs({"found": output})
    child.setChildId("search")
    model.addChildAlgorithm(child)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    model.initAlgorithm()
    results, good = model.run({"search:found": "memory:"}, context, Told(), catchExceptions=False)
    layer = context.takeResultLayer(results["CHILD_RESULTS"]["search"]["OUTPUT"])
    assert good and column(layer, "member") == ["car:7", "car:8", "car:9"]
