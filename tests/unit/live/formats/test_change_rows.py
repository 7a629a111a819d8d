"""Rows of change capture: the row after a change is the record; deleted rows and several in one value."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live.recognition import recognise
from redis_geo_plugin.core.live.records import Decoder, Fix, RefusalReason, Row
from redis_geo_plugin.core.live.spec import Mapping
from tests.support.known_records import NOW, decode


@pytest.mark.parametrize(
    "event",
    [
        {"change": [{"kind": "update", "schema": "public", "table": "v", "columnnames": ["id", "lat", "lon", "ts"],
                     "columntypes": ["int4", "float8", "float8", "int8"], "columnvalues": [7, 48.85, 2.35, NOW]}]},
        {"data": [{"id": "7", "lat": "48.85", "lon": "2.35", "ts": str(NOW)}], "old": [{"lat": "47.0"}], "database": "f", "table": "v",
         "es": 1, "ts": 2, "type": "UPDATE", "isDdl": False, "pkNames": ["id"]},
        {"database": "f", "table": "v", "type": "update", "ts": 1, "xid": 9, "old": {"lat": 47.0},
         "data": {"id": 7, "lat": 48.85, "lon": 2.35, "ts": NOW}},
    ],
)  # fmt: skip
def test_the_row_after_a_change_is_the_record(event):
    found = recognise([event] * 3, is_history=False, with_id=True, now=NOW)
    assert found.format == "change_rows"
    fix = decode(event, Mapping(**{**vars(found.mapping), "id": "id", "unsure": ""}))
    assert (fix.id, fix.lon, fix.lat, fix.time) == ("7", 2.35, 48.85, NOW)


def change_of(rows, way):
    """One event of several changed rows; None is a deleted one."""
    if way == "canal":
        return {
            "data": rows,
            "old": None,
            "database": "f",
            "table": "v",
            "es": 1,
            "ts": 2,
            "type": "INSERT",
            "isDdl": False,
        }
    about = {"schema": "public", "table": "v"}
    deleted = {"kind": "delete", **about, "oldkeys": {}}
    written = [
        row and {"kind": "insert", **about, "columnnames": [*row], "columnvalues": [*row.values()]}
        for row in rows
    ]
    return {"change": [one or deleted for one in written]}


def vehicle_row(n):
    return {"id": f"v{n}", "lat": 48.85 + n / 100, "lon": 2.35, "ts": NOW}


TRIP = {"trip_id": 5, "status": "begun"}
CHANGES = [
    ([vehicle_row(n) for n in range(50)], [f"v{n}" for n in range(50)]),
    ([vehicle_row(0), vehicle_row(1)], ["v0", "v1"]),
    ([TRIP, vehicle_row(0), TRIP], ["v0"]),
    ([vehicle_row(0), TRIP], ["v0"]),
    ([vehicle_row(0)], ["v0"]),
    ([TRIP, TRIP], []),
]


@pytest.mark.parametrize("way", ["wal2json", "canal"])
@pytest.mark.parametrize(("rows", "idents"), CHANGES)
def test_all_rows_of_a_change_are_records_where_a_source_takes_several(rows, idents, way):
    from redis_geo_plugin.core.live.decoding import each_row

    entry = Row("", b"changes", change_of(rows, way))
    entry.time = NOW
    sample = [change_of([vehicle_row(n) for n in range(3)], way)] * 2
    mapping = recognise(sample, with_id=True, now=NOW).mapping
    assert (mapping.format, mapping.id, mapping.lat, mapping.unsure) == ("change_rows", "id", "lat", "")
    parts = list(each_row([entry], mapping))
    assert all(one.time == NOW for one in parts)
    found = [Decoder(mapping).fix(one, NOW) for one in parts]
    assert [one.id for one in found if isinstance(one, Fix)] == idents
    assert idents or [one.reason for one in found] == [RefusalReason.NO_IDENTITY] * 2


@pytest.mark.parametrize("way", ["wal2json", "canal"])
@pytest.mark.parametrize(("rows", "idents"), CHANGES)
def test_of_a_key_with_several_changed_rows_only_one_that_alone_has_a_place_is_its_report(rows, idents, way):
    from redis_geo_plugin.core.live.decoding import each_row

    mapping = Mapping(lon="lon", lat="lat", time="ts", format="change_rows")
    (entry,) = each_row([Row("k", b"k", change_of(rows, way))], mapping)
    found = Decoder(mapping).fix(entry, NOW)
    assert isinstance(found, Fix) == (len(idents) == 1)
    assert isinstance(found, Fix) or found.reason is RefusalReason.NO_POSITION


def test_rows_that_were_deleted_are_refused_together_and_passed_over_beside_others():
    from redis_geo_plugin.core.live.decoding import each_row

    mapping = Mapping(lon="lon", lat="lat", id="id", format="change_rows")
    (one,) = each_row([Row("", b"s", change_of([None, None], "wal2json"))], mapping)
    assert Decoder(mapping).fix(one, NOW).reason is RefusalReason.NO_POSITION
    mixed = list(each_row([Row("", b"s", change_of([None, vehicle_row(1), None], "wal2json"))], mapping))
    assert [Decoder(mapping).fix(row, NOW).id for row in mixed] == ["v1"]
