"""The algorithms of live positions, headless."""

from __future__ import annotations

import json
import time

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsFeatureSink,
    QgsGeometry,
    QgsPointXY,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, Qt

from redis_geo_plugin.processing.base import RedisGeoAlgorithm
from tests.support.positions import position, stamp

NOW = 1795348800


@pytest.fixture
def redis(one_server, saved_connection, algorithms):
    with one_server.client() as client:
        yield client


def run(name, given):
    import processing  # noqa: QGS111 - exists once QGIS runs

    return processing.run(name, given)


def test_a_snapshot_of_the_tutorials_keys(redis):
    redis.set("vehicule:1", position(48.85, 2.35, ligne="T3", n=5))
    redis.set("vehicule:2", position(48.85, 2.35, when=time.time() - 500))
    redis.set("vehicule:3", position(0, 0))
    result = run("redisgeo:snapshotpositions", {"OUTPUT": QgsProcessing.TEMPORARY_OUTPUT})
    assert (result["COUNT"], result["REFUSED"]) == (2, 1)
    one = next(f for f in result["OUTPUT"].getFeatures() if f["id"] == "1")
    assert (one["ligne"], one["n"], one["source"]) == ("T3", 5, "vehicule")
    assert one.geometry().asPoint() == QgsPointXY(2.35, 48.85)
    result = run("redisgeo:snapshotpositions", {"MAX_AGE": 100, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT})
    assert [f["id"] for f in result["OUTPUT"].getFeatures()] == ["1"]


@pytest.mark.parametrize("source", ["cars", "fleet", "s", "positions.*"])
def test_a_snapshot_of_sets_strings_streams_and_lists(redis, source):
    redis.geoadd("cars", (2.35, 48.85, "a"))
    redis.set("fleet", json.dumps([{"id": i, "lat": 48.85, "lon": 2.35} for i in "ab"]))
    redis.xadd("s", {"id": "a", "lat": 48.85, "lon": 2.35})
    redis.lpush("positions.1", json.dumps({"latitude": 48.85, "longitude": 2.35, "fixTime": stamp()}))
    result = run("redisgeo:snapshotpositions", {"SOURCE": source, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT})
    assert result["COUNT"] == (2 if source == "fleet" else 1)


@pytest.mark.parametrize("name", ["snapshotpositions", "positionhistory"])
def test_a_cancelled_run_returns_nothing_and_not_a_part(redis, name):
    redis.xadd("s", {"id": "a", "lat": 48.85, "lon": 2.35})
    algorithm = QgsApplication.processingRegistry().algorithmById(f"redisgeo:{name}")
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    results, ok = algorithm.run({"SOURCE": "s", "OUTPUT": "memory:"}, QgsProcessingContext(), feedback)
    assert ok and results == {}


class Full(QgsFeatureSink):
    """An output that takes nothing, as a file on a full disk."""

    def addFeature(self, _feature, _flags=None):
        return False

    def lastError(self):
        return "no space left"


@pytest.mark.parametrize("name", ["snapshotpositions", "positionhistory"])
def test_an_output_that_takes_nothing_fails_in_its_own_words(redis, monkeypatch, name):
    for moment in (100, 50):
        redis.xadd("s", {"id": "a", "lat": 48.85, "lon": 2.35, "t": int(time.time()) - moment})
    monkeypatch.setattr(RedisGeoAlgorithm, "sink", lambda *_arguments: (Full(), "full"))
    with pytest.raises(QgsProcessingException, match="no space left"):
        run(f"redisgeo:{name}", {"SOURCE": "s", "OUTPUT": "memory:"})


def test_where_there_are_no_positions_it_says_so(redis):
    with pytest.raises(QgsProcessingException, match="nothing:\\*"):
        run("redisgeo:snapshotpositions", {"SOURCE": "nothing:*", "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT})


def points(crs="EPSG:4326"):
    layer = QgsVectorLayer(f"Point?crs={crs}&field=ref:string&field=t:datetime&field=n:int", "p", "memory")
    for i in range(6):
        feature = QgsFeature(layer.fields())
        moment = QDateTime.fromMSecsSinceEpoch((NOW + 10 * i) * 1000, Qt.TimeSpec.UTC)
        feature.setAttributes([f"v{i % 2}", moment, i])
        x, y = (2.0 + i * 1e-3, 48.0) if crs == "EPSG:4326" else (222638.98, 6106854.83)
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        layer.dataProvider().addFeatures([feature])
    return layer


def publish(layer, **more):
    given = {"INPUT": layer, "ID_FIELD": "ref", "TIME_FIELD": "t", **more}
    return run("redisgeo:publishpositions", given)["COUNT"]


def test_publishing_writes_the_tutorials_schema_with_a_lifetime(redis):
    assert publish(points(), TTL=500) == 6
    said = json.loads(redis.get("vehicule:v1"))
    assert said == {"latitude": 48.0, "longitude": 2.005, "timestamp": stamp(NOW + 50), "n": 5}
    assert 400 < redis.ttl("vehicule:v1") <= 500
    assert publish(points(), PREFIX="other:", TTL=0) == 6
    assert redis.ttl("other:v0") == -1


def test_points_of_another_crs_are_transformed(redis):
    publish(points("EPSG:3857"))
    assert json.loads(redis.get("vehicule:v0"))["longitude"] == pytest.approx(2.0, abs=1e-6)


def test_a_replay_keeps_the_order_and_the_pace(redis):
    started = time.time()
    assert publish(points(), SPEED=100) == 6
    assert time.time() - started >= 0.5
    said = json.loads(redis.get("vehicule:v1"))
    assert said["timestamp"] >= stamp(started + 0.4)


def test_a_replay_without_times_says_what_is_missing(redis):
    with pytest.raises(QgsProcessingException):
        publish(points(), SPEED=1, TIME_FIELD="")


def test_the_history_of_a_stream_as_lines_with_time(redis):
    for i in range(5):
        redis.xadd("flux:vehicules", {"id": "a", "latitude": 48 + i * 1e-3, "longitude": 2, "timestamp": NOW + 10 * i})
    redis.xadd("flux:vehicules", {"id": "a", "latitude": 48.1, "longitude": 2, "timestamp": NOW + 1000})
    redis.xadd("flux:vehicules", {"id": "a", "latitude": 48.101, "longitude": 2, "timestamp": NOW + 1010})
    result = run("redisgeo:positionhistory", {"OUTPUT": QgsProcessing.TEMPORARY_OUTPUT})
    (line,) = result["OUTPUT"].getFeatures()
    geometry = line.geometry().constGet()
    assert [geometry.geometryN(i).numPoints() for i in range(geometry.numGeometries())] == [5, 2]
    assert geometry.geometryN(0).pointN(1).m() == NOW + 10
    assert line["vertices"] == 7
    end = QDateTime.fromMSecsSinceEpoch((NOW + 20) * 1000, Qt.TimeSpec.UTC)
    result = run("redisgeo:positionhistory", {"END": end, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT})
    assert next(result["OUTPUT"].getFeatures())["vertices"] == 3
