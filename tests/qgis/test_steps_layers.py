"""Layers as pieces: every type of field and every kind of geometry reads back as it was."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsField, QgsFields, QgsGeometry, QgsWkbTypes
from qgis.PyQt.QtCore import QByteArray, QDate, QDateTime, Qt, QTime, QTimeZone, QVariant

from redis_geo_plugin.bridge.compat import is_null, kind, number
from redis_geo_plugin.bridge.steps import layers, values
from redis_geo_plugin.core.steps import columns
from redis_geo_plugin.core.steps.columns import Damaged

DAY, TIME = QDate(2024, 2, 29), QTime(23, 59, 58, 987)
MOMENTS = [
    QDateTime(DAY, TIME, Qt.TimeSpec.UTC),
    QDateTime(DAY, TIME, Qt.TimeSpec.LocalTime),
    QDateTime(DAY, TIME, Qt.TimeSpec.OffsetFromUTC, 5400),
    QDateTime(DAY, TIME, QTimeZone(b"Europe/Paris")),
]
# number of the type, what it may hold
TYPES = {
    "bool": (1, [True, False]),
    "int": (2, [0, -1, 2**31 - 1]),
    "unsigned": (3, [0, 2**32 - 1]),
    "int64": (4, [2**63 - 1, -(2**63)]),
    "unsigned int64": (5, [2**64 - 1]),
    "double": (6, [0.1 + 0.2, -0.0, 5e-324, float("inf"), 1e300, 3.0]),
    "string": (10, ["", "é\0\ud800", '{"\\u0000t":["date",1]}', "NULL"]),
    "date": (14, [DAY, QDate(-4000, 1, 1)]),
    "time": (15, [TIME, QTime(0, 0)]),
    "datetime": (16, MOMENTS),
    "binary": (12, [QByteArray(b"\0\xff binary"), QByteArray(b"")]),
    "string list": (11, [["a", "", "é"], []]),
    "list": (9, [[1, 2.5, "x", None, [DAY]], []]),
    "map": (8, [{"a": 1, "b": {"\0t": ["date", 1]}, "c": [TIME]}, {}]),
}


def field_of(name, type_number):
    return QgsField(name, kind(type_number))


def through(rows, fields, wkts=None):
    """These rows as pieces and back."""
    made = []
    for i, row in enumerate(rows):
        feature = QgsFeature(fields)
        feature.setAttributes(row)
        if wkts and wkts[i] is not None:
            feature.setGeometry(QgsGeometry.fromWkt(wkts[i]) if isinstance(wkts[i], str) else wkts[i])
        made.append(feature)
    head = layers.LayerHead(fields, QgsWkbTypes.Type.Polygon, QgsCoordinateReferenceSystem("EPSG:4326"))
    bodies = list(layers.pieces(made, head.exotic))
    return made, [one for body in bodies for one in layers.features_of(columns.unpack(body), fields)]


def told(value):
    """A value with its type, down to the last bit."""
    if is_null(value):
        return None
    if isinstance(value, QDateTime):
        return (
            "moment",
            value.toMSecsSinceEpoch(),
            number(value.timeSpec()),
            value.offsetFromUtc(),
            bytes(value.timeZone().id()),
        )
    if isinstance(value, (list, tuple)):
        return [told(one) for one in value]
    if isinstance(value, dict):
        return {name: told(one) for name, one in value.items()}
    return type(value).__name__, repr(value)


@pytest.mark.parametrize("name", TYPES)
def test_every_type_of_field_reads_back(name):
    type_number, held = TYPES[name]
    fields = QgsFields()
    fields.append(field_of("before", 2))
    fields.append(field_of("it", type_number))
    before, after = through([[1, value] for value in held] + [[None, None]], fields)
    assert len(after) == len(held) + 1
    for a, b in zip(before, after):
        assert told(a.attributes()) == told(b.attributes())
    assert told(after[-1].attributes()) == [None, None]


def test_what_cannot_be_kept_is_said():
    with pytest.raises(values.Unwritable):
        values.tagged(object())
    with pytest.raises(values.Unwritable):
        values.tagged([QVariant(QgsGeometry.fromWkt("Point(1 2)")), 1])


@pytest.mark.parametrize(
    "wrong", [{}, {"a": 1}, {columns.TAG: 1}, {columns.TAG: ["date"]}, {columns.TAG: ["date", "x"]}, {columns.TAG: ["eval", 1]},
              {columns.TAG: ["date-time", [1]]}, {columns.TAG: ["bytes", "zz"]}, {columns.TAG: ["map", [[1]]]},
              {columns.TAG: ["date", 10**30]}]
)  # fmt: skip
def test_what_we_did_not_write_is_damage(wrong):
    body = columns.pack([None], [[wrong]])
    fields = QgsFields()
    fields.append(field_of("it", 10))
    found = columns.unpack(body)._replace(tagged=True)
    with pytest.raises(Damaged):
        layers.features_of(found, fields)


def test_more_attributes_than_fields_are_damage():
    with pytest.raises(Damaged):
        layers.features_of(columns.unpack(columns.pack([None], [[1, 2]])), QgsFields())


SHAPES = ["Point (1 2)", "PointZ (1 2 3)", "PointM (1 2 3)", "PointZM (1 2 3 4)", "Point EMPTY", "MultiPoint ((1 2),(3 4))",
          "LineStringZ (1 2 3, 4 5 6)", "Polygon ((0 0, 4 0, 4 4, 0 0),(1 0.5, 2 0.5, 2 1, 1 0.5))", "Polygon EMPTY",
          "CircularString (0 0, 1 1, 2 0)", "CompoundCurveZ (CircularStringZ (0 0 1, 1 1 1, 2 0 1),(2 0 1, 3 0 1))",
          "CurvePolygon (CircularString (0 0, 2 2, 4 0, 2 -2, 0 0))", "MultiSurface (CurvePolygon (CircularString (0 0, 2 2, 4 0, 2 -2, 0 0)))",
          "MultiCurve (CircularString (0 0, 1 1, 2 0),(0 0, 1 1))", "GeometryCollection (Point (1 2),LineString (0 0, 1 1))", None]  # fmt: skip


def test_every_kind_of_geometry_reads_back_bit_for_bit():
    fields = QgsFields()
    before, after = through([[] for _ in SHAPES], fields, SHAPES)
    for wkt, a, b in zip(SHAPES, before, after):
        assert a.geometry().isNull() == b.geometry().isNull() == (wkt is None)
        assert a.geometry().asWkb() == b.geometry().asWkb(), wkt


def test_a_piece_has_at_most_5000_features():
    fields = QgsFields()
    fields.append(field_of("n", 2))
    rows = [[n] for n in range(columns.FEATURES * 2 + 1)]
    made = []
    for row in rows:
        feature = QgsFeature(fields)
        feature.setAttributes(row)
        made.append(feature)
    bodies = list(layers.pieces(made, []))
    assert [len(columns.unpack(body).rows) for body in bodies] == [5000, 5000, 1]
    assert [row for body in bodies for row in columns.unpack(body).rows] == rows
    assert list(layers.pieces([], [])) == []


@pytest.mark.parametrize("crs", ["EPSG:2154", "", "+proj=laea +lat_0=10 +lon_0=20 +datum=WGS84 +units=m"])
def test_what_a_layer_is_reads_back(crs):
    fields = QgsFields()
    for name, (type_number, _) in TYPES.items():
        fields.append(QgsField(name, kind(type_number), "of its own", 12, 3, "a comment"))
    system = QgsCoordinateReferenceSystem.fromProj(crs) if "+" in crs else QgsCoordinateReferenceSystem(crs)
    head = layers.LayerHead(fields, QgsWkbTypes.Type.MultiPolygonZM, system)
    again = layers.LayerHead.from_json(json.loads(json.dumps(head.as_json())))
    assert again.same_as(head) and again.fields == fields and again.crs == system


@pytest.mark.parametrize("wrong", [None, [], [1, 2, 3], [[["a"]], 3, ""], {"a": 1}, "abc"])
def test_a_head_that_is_none_is_damage(wrong):
    with pytest.raises(Damaged):
        layers.LayerHead.from_json(wrong)
