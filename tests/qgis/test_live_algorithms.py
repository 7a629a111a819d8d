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
    monkeypatch.setattr(RedisGeoAlgorithm, "sink", lambda *_arguments, **_named: (Full(), "full"))
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
        redis.xadd(
            "flux:vehicules",
            {"id": "a", "latitude": 48 + i * 1e-3, "longitude": 2, "timestamp": NOW + 10 * i},
        )
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


# --- said by hand -----------------------------------------------------------------------------------------------------


def snapshot(**given):
    result = run("redisgeo:snapshotpositions", {"OUTPUT": QgsProcessing.TEMPORARY_OUTPUT, **given})
    return {f["id"]: f for f in result["OUTPUT"].getFeatures()}


def test_fields_that_nobody_would_recognise_are_named_by_hand(redis):
    for i in range(3):
        record = {"wer": f"K{i}", "oben": 48.0 + i, "rechts": 2.0, "wann": NOW + i, "tempo": 36, "kurs": 90}
        redis.set(f"etwas:{i}", json.dumps({"innen": record}))
    found = snapshot(
        SOURCE="etwas:*",
        ID_FIELD="innen.wer",
        X_FIELD="innen.rechts",
        Y_FIELD="innen.oben",
        TIME_FIELD="innen.wann",
        SPEED_FIELD="innen.tempo",
        SPEED_UNIT="km/h",
        HEADING_FIELD="innen.kurs",
    )
    assert sorted(found) == ["K0", "K1", "K2"]
    one = found["K1"]
    assert (one.geometry().asPoint().y(), one["speed_ms"], one["heading"]) == (
        49.0,
        pytest.approx(10.0),
        90.0,
    )
    assert one["time"].toMSecsSinceEpoch() == (NOW + 1) * 1000


@pytest.mark.parametrize(("order", "lon"), [("lonlat", 48.5), ("latlon", 2.5), (0, 48.5), (1, 2.5)])
def test_the_order_of_a_pair_is_said_by_hand(redis, order, lon):
    redis.hset("vehicle:1", mapping={"ort": "48.5,2.5", "zeit": NOW})
    found = snapshot(
        SOURCE="vehicle:*", KIND="hash_keys", GEOMETRY_FIELD="ort", TIME_FIELD="zeit", ORDER=order
    )
    assert found["1"].geometry().asPoint().x() == lon


def test_coordinates_of_another_crs_are_said_by_hand(redis):
    redis.hset("vehicle:1", mapping={"e": 652_709.4, "n": 6_860_939.9, "t": NOW})
    found = snapshot(SOURCE="vehicle:*", X_FIELD="e", Y_FIELD="n", CRS="EPSG:2154")
    assert found["1"].geometry().asPoint().x() == pytest.approx(2.355, abs=0.01)
    assert found["1"].geometry().asPoint().y() == pytest.approx(48.846, abs=0.01)


def test_half_a_position_is_refused_in_words(redis):
    redis.set("vehicule:1", position())
    with pytest.raises(QgsProcessingException, match="X_FIELD"):
        snapshot(SOURCE="vehicule:*", X_FIELD="longitude")


def test_a_history_is_said_by_hand(redis):
    for i in range(5):
        redis.xadd("wege", {"wer": "a", "oben": 48 + i / 1e3, "rechts": 2, "wann": NOW + i})
    given = {
        "SOURCE": "wege",
        "ID_FIELD": "wer",
        "X_FIELD": "rechts",
        "Y_FIELD": "oben",
        "TIME_FIELD": "wann",
    }
    result = run("redisgeo:positionhistory", {**given, "OUTPUT": QgsProcessing.TEMPORARY_OUTPUT})
    (line,) = result["OUTPUT"].getFeatures()
    assert (line["id"], line["vertices"]) == ("a", 5)


def test_a_pattern_that_cuts_an_id_shows_whole_ids(redis):
    for number in (70, 71, 80):
        redis.set(f"vehicle{number}", position(id=f"vehicle{number}"))
        redis.set(f"bus{number}", position())
    assert sorted(snapshot(SOURCE="vehicle7*")) == ["vehicle70", "vehicle71"]
    assert sorted(snapshot(SOURCE="bus7*")) == ["70", "71"]


def test_of_a_list_with_equal_times_the_newest_entry_wins(redis):
    redis.lpush(
        "positions.1", position(48.0, when=NOW), position(48.001, when=NOW), position(48.002, when=NOW)
    )
    (one,) = snapshot(SOURCE="positions.*").values()
    assert one.geometry().asPoint().y() == 48.002


@pytest.mark.parametrize(
    "kind",
    ["json_keys", "hash_keys", "hash_fields", "geoset", "stream", "list_keys", "fleet_string"],
)
def test_what_is_published_in_any_kind_is_read_again(redis, kind):
    key_each = kind in ("json_keys", "hash_keys", "list_keys")
    publish(points(), PREFIX="fahrt", KIND=kind)
    found = snapshot(SOURCE="fahrt:*" if key_each else "fahrt", KIND=kind)
    assert sorted(found) == ["v0", "v1"]
    assert found["v1"].geometry().asPoint().x() == pytest.approx(2.005, abs=1e-5)
    if kind != "geoset":
        assert found["v1"]["time"].toMSecsSinceEpoch() == (NOW + 50) * 1000


def test_a_table_whose_fields_hold_coordinates_is_published(redis):
    layer = QgsVectorLayer(
        "None?field=ref:string&field=x:double&field=y:double&field=v:double", "t", "memory"
    )
    for i in range(3):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([f"v{i}", 652_709.4, 6_860_939.9, 36.0])
        layer.dataProvider().addFeatures([feature])
    more = {"X_FIELD": "x", "Y_FIELD": "y", "CRS": "EPSG:2154", "SPEED_FIELD": "v", "SPEED_UNIT": "km/h"}
    assert publish(layer, TIME_FIELD=None, **more) == 3
    said = json.loads(redis.get("vehicule:v0"))
    assert (said["longitude"], said["speed"]) == (pytest.approx(2.355, abs=0.01), pytest.approx(10.0))
    assert not {"x", "y", "v"} & set(said)


# --- JSON that is JSON, and times that stay -----------------------------------------------------------------------------


def odd_points():
    layer = QgsVectorLayer(
        "Point?crs=EPSG:4326&field=ref:string&field=t:datetime&field=n:double&field=fid:int",
        "p",
        "memory",
    )
    moment = QDateTime.fromMSecsSinceEpoch(NOW * 1000, Qt.TimeSpec.UTC)
    rows = [
        ("good", 2.0, 48.0, float("inf")),
        ("north", 2.0, 95.0, 1.0),
        ("nowhere", 0.0, 0.0, 1.0),
        ("nan", 2.0, 48.0, float("nan")),
        (None, 2.0, 48.0, 1.0),
    ]
    for number, (ref, x, y, n) in enumerate(rows):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([ref, moment, n, number])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        layer.dataProvider().addFeatures([feature])
    return layer


def test_what_is_published_is_json_and_what_no_reader_believes_is_not_published(redis):
    assert publish(odd_points()) == 2
    assert sorted(redis.keys("vehicule:*")) == [b"vehicule:good", b"vehicule:nan"]
    for key in ("vehicule:good", "vehicule:nan"):

        def refuse(constant):
            raise ValueError(constant)

        said = json.loads(redis.get(key), parse_constant=refuse)
        assert said.get("n") is None
        assert "fid" not in said


def test_the_log_says_in_words_why_a_position_was_refused(redis):
    redis.set("vehicule:1", position())
    redis.set("vehicule:2", position(0.0, 0.0))
    feedback, said = QgsProcessingFeedback(), []
    feedback.pushInfo = said.append
    algorithm = QgsApplication.processingRegistry().algorithmById("redisgeo:snapshotpositions")
    _, ok = algorithm.run({"OUTPUT": "memory:"}, QgsProcessingContext(), feedback)
    assert ok
    text = "\n".join(said) + feedback.textLog()
    assert "position 0/0" in text and "null_island" not in text


@pytest.fixture
def new_york(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", ["out.gpkg", "out.geojson", "out.shp", "out.sqlite", "out.csv"])
def test_a_moment_is_the_same_after_snapshot_file_and_publishing_in_new_york(redis, new_york, tmp_path, name):
    redis.set("vehicule:1", position(48.85, 2.35, when=NOW + 0.5))
    path = str(tmp_path / name)
    run("redisgeo:snapshotpositions", {"OUTPUT": path})
    more = {"X_FIELD": "", "Y_FIELD": ""}
    layer = QgsVectorLayer(path, "saved", "ogr")
    if name.endswith("csv"):
        pytest.importorskip("qgis")
        layer = QgsVectorLayer("None", "none", "memory") if not layer.isValid() else layer
    assert layer.featureCount() == 1
    redis.delete("vehicule:1")
    if not layer.isSpatial():
        return
    count = run(
        "redisgeo:publishpositions", {"INPUT": layer, "ID_FIELD": "id", "TIME_FIELD": "time", **more}
    )["COUNT"]
    assert count == 1
    said = json.loads(redis.get("vehicule:1"))["timestamp"]
    assert said[:19] == stamp(NOW)[:19]


@pytest.mark.parametrize("name", ["out.gpkg", "out.shp", "out.geojson", "out.fgb", "out.sqlite", "out.csv"])
def test_no_name_of_a_producers_field_keeps_an_output_from_being_written(redis, tmp_path, name):
    odd = {"geom": "g", "GEOM": "G", "fid": "text", "ogc_fid": 7, "Fid": 2, "geometry": 1, "rowid": 3, "": 4}
    odd |= {"name": "a", "Name": "b", "NAME": "c", "id": "own", "a" * 80: 5, "wkb_geometry": 6, "é;,\"'": 8}
    for i in range(3):
        redis.set(f"vehicule:{i}", position(48.0 + i, **odd))
    path = str(tmp_path / name)
    result = run("redisgeo:snapshotpositions", {"OUTPUT": path})
    assert result["COUNT"] == 3
    layer = QgsVectorLayer(path, "saved", "ogr")
    assert layer.isValid() and layer.featureCount() == 3
    values = [set(map(str, feature.attributes())) for feature in layer.getFeatures()]
    assert all({"g", "G", "text", "a", "b", "c"} <= row for row in values)


def test_every_factor_of_integers_can_be_chosen_by_number_and_by_name(redis):
    """As the dialog asks for them, in one order: models keep the number."""
    from redis_geo_plugin.core.live.scales import FACTORS
    from redis_geo_plugin.processing.parameters.coordinates import SCALES

    assert SCALES == ("10000000", "1000000", "100000", "600000", "3600000", "semicircles")
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("redisgeo:snapshotpositions")
    assert len(algorithm.parameterDefinition("SCALE").options()) == len(FACTORS) == len(SCALES)
    for n, (factor, name) in enumerate(zip(FACTORS, SCALES)):
        redis.set("w:1", json.dumps({"lat": round(10.5 / factor), "lon": round(2.25 / factor)}))
        for chosen in (n, name):
            given = {
                "SOURCE": "w:*",
                "SCALE": chosen,
                "X_FIELD": "lon",
                "Y_FIELD": "lat",
                "OUTPUT": "memory:",
            }
            (one,) = run("redisgeo:snapshotpositions", given)["OUTPUT"].getFeatures()
            place = one.geometry().asPoint()
            assert (place.x(), place.y()) == (pytest.approx(2.25, abs=1e-4), pytest.approx(10.5, abs=1e-4)), (
                name
            )
