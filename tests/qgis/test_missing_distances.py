"""A distance by expression that gives no number: as native:buffer in the algorithms, the distance beside it in the panels."""

from __future__ import annotations

import pytest
from qgis.core import QgsProject, QgsProperty

from redis_geo_plugin.gui.cache.settings import BufferChoices
from tests.support.jobs import WorkerProcess
from tests.support.layers import layer_of
from tests.support.told import Told

POINTS = [f"Point({i} 0)" for i in range(4)]
ROWS = [["one", 2.0], ["none", None], ["three", 3.0], ["none too", None]]


@pytest.fixture
def places():
    layer = layer_of(POINTS, kind="Point", crs="EPSG:4326", rows=ROWS, fields="name:string,d:double")
    QgsProject.instance().addMapLayer(layer)
    return layer


def radii(layer):
    """Half the width of each result."""
    return [round(feature.geometry().boundingBox().width() / 2, 3) for feature in layer.getFeatures()]


def test_the_algorithm_does_as_native_does_and_says_so(algorithms, saved_connection, places):
    import processing

    words = Told()
    given = {"INPUT": places, "DISTANCE": QgsProperty.fromField("d"), "OUTPUT": "memory:"}
    native = processing.run("native:buffer", dict(given))["OUTPUT"]
    ours = processing.run("redisgeo:cachedbuffer", dict(given), feedback=words)["OUTPUT"]
    assert radii(ours) == radii(native) == [2.0, 10.0, 3.0, 10.0]
    assert any("NULL or no number: 2" in text for text in words.warnings)


@pytest.mark.parametrize("expression", ['"d"', 'if("d" > 0, "d", \'wide\')', "to_int('x' || \"d\")", "NULL"])
def test_the_panel_takes_the_distance_beside_the_expression_in_its_unit(
    algorithms, saved_connection, places, expression
):
    """On a layer in degrees 10 of the default of the parameter would be 10 degrees."""
    import processing

    choices = BufferChoices(distance=0.5, unit="layer", expression=expression)
    given = {"INPUT": places, "OUTPUT": "memory:", **choices.parameters(places)}
    layer = processing.run("redisgeo:cachedbuffer", given)["OUTPUT"]
    numbers = [2.0, 0.5, 3.0, 0.5] if expression.startswith(('"d"', "if")) else [0.5] * 4
    assert radii(layer) == numbers


def test_jobs_of_the_panel_have_the_same_distance(plugin, qgis_processing, places, one_server):
    import processing

    choices = BufferChoices(distance=0.5, unit="km", expression='"d"')
    assert "DISSOLVE" not in choices.for_jobs(places)
    sent = processing.run(
        "redisgeo:enqueuejobs", {"INPUT": places, "OPERATION": "buffer", **choices.for_jobs(places)}
    )
    worker = WorkerProcess(one_server.url)
    try:
        got = processing.run(
            "redisgeo:collectresults", {"BATCH": sent["BATCH"], "TIMEOUT": 60, "OUTPUT": "memory:"}
        )
    finally:
        worker.close()
    metres = [radius * 111_320 for radius in radii(got["OUTPUT"])]
    assert metres == pytest.approx([2000, 500, 3000, 500], rel=0.15)


@pytest.mark.parametrize(("operation", "key"), [("buffer", "DISTANCE"), ("simplify", "TOLERANCE")])
def test_who_sends_jobs_is_told_of_how_many_features_the_default_was_taken(
    algorithms, saved_connection, places, operation, key
):
    import processing

    words = Told()
    given = {"INPUT": places, "OPERATION": operation, key: QgsProperty.fromField("d")}
    processing.run("redisgeo:enqueuejobs", given, feedback=words)
    assert [text for text in words.warnings if f"{key} is NULL or no number: 2" in text]
