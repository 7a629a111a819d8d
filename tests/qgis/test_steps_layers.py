"""Layers as pieces: every type of field and every kind of geometry reads back as it was."""

from __future__ import annotations

import json
import struct
from contextlib import suppress

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
    "unsigned int64": (5, [2**63 - 1, 2**64 - 1]),
    "double": (6, [0.1 + 0.2, -0.0, 5e-324, float("inf"), 1e300, 3.0]),
    "string": (10, ["", "é\0", "é\ud800", '{"\\u0000t":["date",1]}', "NULL"]),
    "date": (14, [DAY, QDate(-4000, 1, 1)]),
    "time": (15, [TIME, QTime(0, 0)]),
    "datetime": (16, MOMENTS),
    "binary": (12, [QByteArray(b"\0\xff binary"), QByteArray(b"")]),
    "string list": (11, [["a", "", "é"], []]),
    "list": (9, [[1, 2.5, "x", None, [DAY]], []]),
    "map": (8, [{"a": 1, "b": {"\0t": ["date", 1]}, "c": [TIME]}, {}]),
}


def taken_by_qgis(values):
    """Those that a feature takes at all: newer versions refuse half a character and whole numbers over 2^63."""
    taken = []
    for value in values:
        feature = QgsFeature(1)
        feature.initAttributes(1)
        with suppress(SystemError, OverflowError, UnicodeEncodeError):
            feature.setAttributes([value])
            taken.append(value)
    return taken


def field_of(name, type_number):
    return QgsField(name, kind(type_number))


def head_of(fields, wkb_type=QgsWkbTypes.Type.Unknown):
    return layers.LayerHead(fields, wkb_type, QgsCoordinateReferenceSystem("EPSG:4326"))


def through(rows, fields, wkts=None):
    """These rows as pieces and back."""
    made = []
    for i, row in enumerate(rows):
        feature = QgsFeature(fields)
        feature.setAttributes(row)
        if wkts and wkts[i] is not None:
            feature.setGeometry(QgsGeometry.fromWkt(wkts[i]) if isinstance(wkts[i], str) else wkts[i])
        made.append(feature)
    head = head_of(fields)
    bodies = list(layers.pieces(made, head.exotic))
    return made, [one for body in bodies for one in layers.features_of(columns.unpack(body), head)]


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
    taken = taken_by_qgis(held)
    before, after = through([[1, value] for value in taken] + [[None, None]], fields)
    assert taken and len(after) == len(taken) + 1
    for a, b in zip(before, after):
        assert told(a.attributes()) == told(b.attributes())
    assert told(after[-1].attributes()) == [None, None]


def test_what_cannot_be_kept_is_said():
    with pytest.raises(values.Unwritable):
        values.tagged(object())
    with pytest.raises(values.Unwritable):
        values.tagged([QVariant(QgsGeometry.fromWkt("Point(1 2)")), 1])


LARGE = 10**400  # for which QGIS has no number


@pytest.mark.parametrize(
    "wrong", [LARGE, 2**64, -(2**63) - 1, [1, [LARGE]], {columns.TAG: ["map", [["a", LARGE]]]}, {columns.TAG: ["map", [[1, 2]]]},
              {columns.TAG: ["date-time", [1, 2, 7, 0, ""]]}, {columns.TAG: ["date-time", [1, 2, 3, 0, 7]]},
              {columns.TAG: ["date-time", [1, 2, 3, 10**20, None]]}, {columns.TAG: ["time", "x"]}, {columns.TAG: [["date"], 1]},
              {columns.TAG: ["bytes", 7]}, {columns.TAG: ["map", 7]}, {}, {"a": 1}, {columns.TAG: 1}, {columns.TAG: ["date"]}, {columns.TAG: ["date", "x"]}, {columns.TAG: ["eval", 1]},
              {columns.TAG: ["date-time", [1]]}, {columns.TAG: ["bytes", "zz"]}, {columns.TAG: ["map", [[1]]]},
              {columns.TAG: ["date", 10**30]}]
)  # fmt: skip
def test_what_we_did_not_write_is_damage(wrong):
    body = columns.pack([None], [[wrong]])
    fields = QgsFields()
    fields.append(field_of("it", 10))
    with pytest.raises(Damaged):
        layers.features_of(columns.unpack(body), head_of(fields))


def test_more_attributes_than_fields_are_damage():
    with pytest.raises(Damaged):
        layers.features_of(columns.unpack(columns.pack([None], [[1, 2]])), head_of(QgsFields()))


@pytest.mark.parametrize(
    ("wkt", "kind", "fits"),
    [
        ("Point (1 2)", "Polygon", False),
        ("Point (1 2)", "Point", True),
        ("MultiPolygon (((0 0, 4 0, 4 4, 0 0)))", "Polygon", True),
        ("CurvePolygon (CircularString (0 0, 2 2, 4 0, 2 -2, 0 0))", "MultiPolygonZ", True),
        ("GeometryCollection (Point (1 2))", "Polygon", False),
        ("GeometryCollection (Point (1 2))", "GeometryCollection", True),
        ("LineString (0 0, 1 1)", "Unknown", True),
        ("LineString (0 0, 1 1)", "NoGeometry", True),
        (None, "Polygon", True),
    ],
)
def test_a_geometry_is_of_the_layers_kind(wkt, kind, fits):
    wkb = None if wkt is None else QgsGeometry.fromWkt(wkt).asWkb().data()
    found, head = (
        columns.unpack(columns.pack([wkb], [[]])),
        head_of(QgsFields(), getattr(QgsWkbTypes.Type, kind)),
    )
    if fits:
        assert len(layers.features_of(found, head)) == 1
        return
    with pytest.raises(Damaged):
        layers.features_of(found, head)


@pytest.mark.parametrize("code", [15, 16, 1015, 3016])
def test_kinds_that_this_qgis_may_not_know_are_a_geometry_or_damage(code):
    """A polyhedral surface or a network of triangles: older versions read nothing of it."""
    found = columns.unpack(columns.pack([struct.pack("<BII", 1, code, 0)], [[]]))
    try:
        (one,) = layers.features_of(found, head_of(QgsFields()))
    except Damaged:
        return
    assert not one.geometry().isNull()


def test_a_piece_holds_no_more_features_than_any_has():
    body = columns.pack([None] * 5001, [[]] * 5001)
    assert len(columns.unpack(body).rows) == 5001
    with pytest.raises(Damaged):
        columns.unpack(body, columns.FEATURES)


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


FIELD = ["n", 2, "", 0, 0, "", 0]


@pytest.mark.parametrize("wrong", [None, [], [1, 2, 3], [[["a"]], 3, ""], {"a": 1}, "abc", [[FIELD], 10**20, ""], [[FIELD], 12345, ""],
                                   [[FIELD], 3, 7], [[[*FIELD[:3], 10**20, *FIELD[4:]]], 3, ""], [[[7, *FIELD[1:]]], 3, ""],
                                   [[["n", "x", *FIELD[2:]]], 3, ""], [[FIELD], None, ""], [[FIELD], True, ""]])  # fmt: skip
def test_a_head_that_is_none_is_damage(wrong):
    with pytest.raises(Damaged):
        layers.LayerHead.from_json(wrong)
