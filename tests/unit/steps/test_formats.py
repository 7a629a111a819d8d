"""The formats of steps: what is stored reads back bit for bit, anything else is a miss and reaches no parser."""

from __future__ import annotations

import math
import struct

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.steps import columns, frames, shapes
from redis_geo_plugin.core.steps.costs import rows_pay, whole_pays

DIGEST = bytes(range(32))
PLAIN, MINE, OTHERS = frames.Frames(), frames.Frames(b"a secret"), frames.Frames(b"another")
POINT = struct.pack("<BIdd", 1, 1, 1.5, -2.5)
WKBS = st.sampled_from(
    [None, POINT, struct.pack("<BIdd", 1, 1, math.nan, math.nan)]
    + [
        shapely.to_wkb(shapely.from_wkt(text))
        for text in ("LINESTRING (0 0, 1 1)", "POLYGON ((0 0, 4 0, 4 4, 0 0))", "POLYGON EMPTY")
    ]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(),
    st.lists(st.text(), max_size=3),
)


@pytest.mark.parametrize("own", [PLAIN, MINE])
@given(body=st.binary(), cost=st.floats(0, 1e12))
def test_a_value_reads_back(own, body, cost):
    assert own.decode(DIGEST, own.encode(DIGEST, body, cost)) == (body, min(int(cost), 2**32 - 1))


@pytest.mark.parametrize("own", [PLAIN, MINE])
def test_every_bit_of_a_value_counts(own):
    raw = own.encode(DIGEST, b"some bytes", 7)
    for place in range(len(raw)):
        for bit in range(8):
            bad = bytearray(raw)
            bad[place] ^= 1 << bit
            assert own.decode(DIGEST, bytes(bad)) is None, (place, bit)
    assert [own.decode(DIGEST, raw[:n]) for n in range(len(raw))] == [None] * len(raw)
    assert own.decode(DIGEST, raw + b"x") is None


def test_a_value_of_another_key_or_secret_is_a_miss():
    raw = MINE.encode(DIGEST, b"x")
    assert PLAIN.decode(DIGEST, raw) is not None
    assert OTHERS.decode(DIGEST, raw) is None and MINE.decode(DIGEST, PLAIN.encode(DIGEST, b"x")) is None
    assert MINE.decode(bytes(32), raw) is None and PLAIN.decode(DIGEST, None) is None


def test_a_value_of_another_format_is_a_miss(monkeypatch):
    raw = PLAIN.encode(DIGEST, b"x")
    monkeypatch.setattr(frames, "_PLAIN", frames.MAGIC + bytes((frames.FORMAT + 1, 0)))
    assert frames.Frames().decode(DIGEST, raw) is None


@given(st.lists(st.tuples(WKBS, st.lists(VALUES, max_size=4)), max_size=20), VALUES)
def test_features_read_back(features, head):
    wkbs, rows = [wkb for wkb, _ in features], [row for _, row in features]
    found = columns.unpack(columns.pack(wkbs, rows, head))
    assert (found.wkbs, found.rows, found.head) == (wkbs, rows, head)
    assert repr(found.rows) == repr(rows)  # -0.0 is not 0.0, and True is not 1


@pytest.mark.parametrize("value", [math.inf, -math.inf, -0.0, 5e-324, 0.1 + 0.2, 2**63, "\ud800", "\0", "é"])
def test_rare_values_read_back(value):
    assert repr(columns.unpack(columns.pack([None], [[value]])).rows) == repr([[value]])


def test_not_a_number_reads_back():
    (row,) = columns.unpack(columns.pack([None], [[math.nan]])).rows
    assert math.isnan(row[0])


@given(st.binary(max_size=200))
def test_rubbish_is_no_columns(raw):
    with pytest.raises(columns.Damaged):
        columns.unpack(b"\xff" + raw)


@given(st.data())
def test_columns_that_were_cut_or_changed_never_raise_anything_else(data):
    raw = bytearray(columns.pack([POINT, None], [["a", 1], [None, 2.5]], [1, 2]))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = columns.unpack(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
    except columns.Damaged:
        return
    assert len(found.rows) == len(found.wkbs)
    assert shapes.all_sound(found.wkbs)


def test_deep_json_is_damage():
    text = b"[null,[[" + b"[" * 200_000 + b"]" * 200_000 + b"]]]"
    body = struct.pack("<III", 1, len(text), columns.NO_GEOMETRY) + text
    with pytest.raises(columns.Damaged):
        columns.unpack(body)


CURVES = {
    "circular string with Z": struct.pack("<BII", 1, 1008, 3) + struct.pack("<9d", *range(9)),
    "compound curve": struct.pack("<BIIBII", 1, 9, 1, 1, 8, 3) + struct.pack("<6d", *range(6)),
    "curve polygon": struct.pack("<BIIBII", 1, 10, 1, 1, 8, 3) + struct.pack("<6d", *range(6)),
    "multi-surface": struct.pack("<BIIBIII", 1, 12, 1, 1, 3, 1, 4)
    + struct.pack("<8d", 0, 0, 1, 0, 1, 1, 0, 0),
    "point with an unset Z": struct.pack("<BIddd", 1, 1001, 1, 2, math.nan),
    "2.5D point": struct.pack("<BIddd", 1, 0x80000001, 1, 2, 3),
    "triangle": struct.pack("<BIII", 1, 17, 1, 4) + struct.pack("<8d", 0, 0, 1, 0, 1, 1, 0, 0),
    "big-endian point": struct.pack(">BIdd", 0, 1, 1, 2),
}


@pytest.mark.parametrize("name", CURVES)
def test_what_qgis_writes_is_sound_and_any_part_of_it_is_not(name):
    raw = CURVES[name]
    assert shapes.is_sound(raw)
    assert not shapes.is_sound(raw + b"\0") and not any(shapes.is_sound(raw[:n]) for n in range(len(raw)))


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("<BII", 1, 7, 1) * 100_000,
        struct.pack("<BII", 1, 3, 10**9),
        struct.pack("<BII", 1, 8, 2**32 - 1),
        struct.pack("<BII", 1, 9, 10**9),
        struct.pack("<BIIBII", 1, 9, 1, 1, 3, 0),
        struct.pack("<BIdd", 1, 13, 1, 2),
        struct.pack("<BIII", 1, 3, 1, 4) + struct.pack("<8d", *range(8)),
        struct.pack("<BIdd", 1, 9001, 1, 2),
        struct.pack("<BIdd", 1, 1, math.nan, 2),
        struct.pack("<BIdd", 1, 1, math.inf, math.inf),
        struct.pack("<BIdd", 1, 1, 1e200, 2),
        struct.pack("<BII", 1, 2, 2) + struct.pack("<4d", 0, math.nan, 1, 1),
        struct.pack(">BII", 0, 1002, 2) + struct.pack(">6d", 0, 0, 0, 1, -math.inf, 0),
        struct.pack("<BIIBII", 1, 6, 1, 1, 3, 0),
        struct.pack("<BIIBII", 1, 7, 1, 1, 5, 0),
        struct.pack("<BIII", 1, 17, 2, 0) + struct.pack("<I", 0),
        b"",
        b"words",
    ],
)
def test_hostile_geometries_are_not_sound(raw):
    assert not shapes.all_sound([raw])


def test_what_pays():
    assert rows_pay([]) and rows_pay([10.0, 100.0]) and not rows_pay([10.0, 20.0, 49.0])
    assert whole_pays(21.0, 1, 1) and not whole_pays(20.0, 1, 1) and not whole_pays(0.0, 0, 0)
