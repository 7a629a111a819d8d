"""``redisgeo:fleetdensity``: of the latest positions, of a moment, and of a span of a stream."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
)
from qgis.PyQt.QtCore import QDateTime, Qt

from redis_geo_plugin.bridge.compat import is_null
from tests.support.positions import position

NOW = 1795348800
SPEED = {"SPEED_FIELD": "speed", "SPEED_UNIT": "m/s"}


@pytest.fixture
def redis(one_server, saved_connection, algorithms):
    with one_server.client() as client:
        yield client


@pytest.fixture
def stream(redis):
    """``a`` stands for 100 s in the first square, then 50 s in the next, and is silent for 1,000 s; ``b`` passes by."""
    for ident, lon, after, speed in (
        ("a", 2.505, 0, 10),
        ("a", 2.505, 100, 20),
        ("a", 2.515, 150, 30),
        ("b", 2.506, 120, 40),
        ("b", 2.516, 140, 60),
        ("a", 2.515, 1150, 30),
    ):
        record = {"id": ident, "latitude": 48.505, "longitude": lon, "timestamp": NOW + after, "speed": speed}
        redis.xadd("flux:vehicules", record)
    return "flux:vehicules"


def run(**given):
    import processing  # noqa: QGS111 - exists once QGIS runs

    whole = {**SPEED, "SIZE": 0.01, "SHAPE": 1, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT, **given}
    return processing.run("redisgeo:fleetdensity", whole)


def rows(result):
    """Of each cell the count, the mean speed and the seconds."""
    return {
        one["cell"]: tuple(
            None if is_null(one[name]) else one[name] for name in ("count", "speed_ms", "dwell_s")
        )
        for one in result["OUTPUT"].getFeatures()
    }


def at(after):
    return QDateTime.fromMSecsSinceEpoch((NOW + after) * 1000, Qt.TimeSpec.UTC)


def test_the_latest_positions(redis):
    for i in range(7):
        redis.set(f"vehicule:{i}", position(48.505, 2.505 + i // 5 * 0.01, speed=4.0 if i else None))
    result = run()
    assert rows(result) == {"250:4850": (5, 4.0, None), "251:4850": (2, 4.0, None)}
    assert (result["COUNT"], result["VEHICLES"]) == (2, 7)
    assert result["OUTPUT"].crs().authid() == "EPSG:4326"
    (cell,) = (one for one in result["OUTPUT"].getFeatures() if one["cell"] == "250:4850")
    assert cell.geometry().boundingBox().toString(2) == "2.50,48.50 : 2.51,48.51"


def test_a_span_of_a_stream(stream):
    result = run(SOURCE=stream, START=at(0), END=at(2000))
    assert rows(result) == {
        "250:4850": (2, pytest.approx(70 / 3, abs=1e-3), 170.0),
        "251:4850": (2, 40.0, 0.0),
    }
    assert result["VEHICLES"] == 2
    assert rows(run(SOURCE=stream, START=at(0), GAP=5000))["251:4850"][2] == 1000.0, "the silence is no gap"
    assert set(rows(run(SOURCE=stream, END=at(110)))) == {"250:4850"}


def test_a_moment_of_a_stream(stream):
    assert rows(run(SOURCE=stream, START=at(125), END=at(125))) == {
        "250:4850": (2, pytest.approx(30.0), None)
    }
    assert {cell: row[0] for cell, row in rows(run(SOURCE=stream, START=at(145), END=at(145))).items()} == {
        "250:4850": 1,
        "251:4850": 1,
    }
    assert rows(run(SOURCE=stream, START=at(900), END=at(900))) == {}, "both had been silent for too long"
    assert rows(run(SOURCE=stream, START=at(-10), END=at(-10))) == {}


def test_the_cells_are_in_the_projects_crs(redis):
    redis.set("vehicule:1", position(48.85, 2.35))
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:2154"))
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    import processing  # noqa: QGS111 - exists once QGIS runs

    given = {"SIZE": 500.0, "SHAPE": 0, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT}
    layer = processing.run("redisgeo:fleetdensity", given, context=context)["OUTPUT"]
    assert layer.crs().authid() == "EPSG:2154"
    (cell,) = layer.getFeatures()
    assert cell.geometry().area() == pytest.approx(500.0**2 * 3**0.5 / 2)
    own = run(SIZE=0.01, GRID_CRS="EPSG:4326")["OUTPUT"]
    assert own.crs().authid() == "EPSG:4326" and own.featureCount() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SIZE": 1000.0}, "degrees"),
        ({"SIZE": 0.0}, "SIZE"),
        ({"SIZE": 1e-9, "GRID_CRS": "EPSG:3857"}, "too small"),
        ({"SOURCE": "nothing:*"}, "No positions"),
    ],
)
def test_what_is_no_density_is_refused_in_words(redis, given, words):
    redis.set("vehicule:1", position(48.85, 2.35))
    with pytest.raises(QgsProcessingException, match=words):
        run(**given)


def test_a_fleet_that_is_outside_is_told(redis):
    redis.set("vehicule:1", position(90.0, 2.35))
    redis.set("vehicule:2", position(48.0, 2.35))
    result = run(SIZE=1000.0, GRID_CRS="EPSG:3031")
    assert (result["COUNT"], result["VEHICLES"]) == (1, 2)
