"""Attribute values as JSON: one function, whoever asks; and moments that are the same wherever the computer stands."""

from __future__ import annotations

import json
import math
import time

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer
from qgis.PyQt.QtCore import QByteArray, QDate, QDateTime, Qt, QTime, QVariant

from redis_geo_plugin.bridge.compat import NULL, is_null
from redis_geo_plugin.bridge.json_values import tagged, to_json, untagged
from redis_geo_plugin.bridge.moments import in_utc, iso_text, moment, seconds_of

NOW = 1795348800
UTC = Qt.TimeSpec.UTC
VALUES = [
    (None, None),
    (NULL, None),
    (QVariant(), None),
    (True, True),
    (7, 7),
    (2**60, 2**60),
    (1.5, 1.5),
    (math.nan, None),
    (-math.inf, None),
    ("Zoë", "Zoë"),
    ("a\ud800", r"a\ud800"),
    (QDate(2026, 11, 28), "2026-11-28"),
    (QDate(), None),
    (QTime(14, 5, 9), "14:05:09"),
    (QTime(14, 5, 9, 250), "14:05:09.250"),
    (moment(NOW), "2026-11-22T12:00:00Z"),
    (moment(NOW + 0.25), "2026-11-22T12:00:00.250Z"),
    (QDateTime(QDate(2026, 11, 22), QTime(12, 0)), "2026-11-22T12:00:00Z"),  # no zone: UTC
    (QDateTime(QDate(2026, 11, 22), QTime(12, 0), Qt.TimeSpec.OffsetFromUTC, 3600), "2026-11-22T11:00:00Z"),
    (QDateTime(), None),
    (QByteArray(b"\x00\xff"), "AP8="),
    (b"\x00\xff", "AP8="),
    (["a", "b"], ["a", "b"]),
    ([1.5, math.nan, NULL, [QDate(2026, 1, 2)]], [1.5, None, None, ["2026-01-02"]]),
    ({"a": NULL, "b": [QTime(1, 2, 3)]}, {"a": None, "b": ["01:02:03"]}),
]


@pytest.mark.parametrize(("value", "expected"), VALUES)
def test_a_value_is_json(value, expected):
    found = to_json(value)
    assert found == expected and type(found) is type(expected)
    json.dumps(found, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(("value", "_expected"), VALUES)
def test_what_is_tagged_comes_back_as_it_was(value, _expected):
    packed = json.loads(json.dumps(tagged(value), allow_nan=False))
    back = untagged(packed)
    if to_json(value) is None or isinstance(value, (str, bytes, list, dict)):
        assert to_json(back) == to_json(value)
    else:
        assert back == value and type(back) is type(value)


def test_a_map_that_looks_like_a_tag_stays_a_map():
    for odd in ({"redis_geo": "QDate", "v": "2026-01-01"}, {"redis_geo": 5}, {"redis_geo": "dict", "v": {}}):
        assert untagged(json.loads(json.dumps(tagged(odd)))) == odd
    assert untagged({"redis_geo": "unknown", "v": 1}) == {
        "redis_geo": "unknown",
        "v": 1,
    }  # of another program


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kathmandu"])
def zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_a_moment_is_the_same_wherever_the_computer_stands(zone):
    assert seconds_of(moment(NOW + 0.5)) == NOW + 0.5
    without_zone = QDateTime(QDate(2026, 11, 22), QTime(12, 0))
    assert seconds_of(without_zone) == NOW
    assert in_utc(without_zone) == moment(NOW)
    assert iso_text(without_zone) == "2026-11-22T12:00:00Z"
    assert seconds_of(QDate(2026, 11, 22)) == NOW - 12 * 3600
    assert seconds_of(QDateTime()) is None


def test_all_who_write_attributes_agree(one_server, saved_connection, algorithms):
    """Published, loaded into a GEO set, or sent along with a job: an attribute is the same JSON."""
    import processing  # noqa: QGS111 - exists once QGIS runs

    kinds = "field=name:string&field=t:datetime&field=d:date&field=n:double&field=list:string[]&field=i:int"
    layer = QgsVectorLayer(f"Point?crs=EPSG:4326&{kinds}", "p", "memory")
    feature = QgsFeature(layer.fields())
    values = ["Zoë", QDateTime(QDate(2026, 11, 22), QTime(12, 0)), QDate(2026, 1, 2), 1.5, ["a", "b"], 7]
    feature.setAttributes(values)
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(2.0, 48.0)))
    assert layer.dataProvider().addFeatures([feature])[0]
    names = layer.fields().names()
    expected = dict(zip(names, map(to_json, next(layer.getFeatures()).attributes())))
    assert expected["t"] == "2026-11-22T12:00:00Z" and not any(map(is_null, expected.values()))
    processing.run("redisgeo:publishpositions", {"INPUT": layer, "ID_FIELD": "name", "PREFIX": "p"})
    loaded = {"INPUT": layer, "KEY": "places", "MEMBER_FIELD": "name", "FIELDS": names}
    processing.run("redisgeo:loadgeoset", loaded)
    with one_server.client() as client:
        published = json.loads(client.get("p:Zoë"))
        beside = json.loads(client.hget("places:attributs", "Zoë"))
    assert {name: published[name] for name in names if name != "name"} == {
        name: value for name, value in expected.items() if name != "name"
    }
    assert {name: beside[name] for name in names} == expected
    sent = [tagged(value) for value in next(layer.getFeatures()).attributes()]
    assert [to_json(untagged(value)) for value in sent] == list(expected.values())
