"""What used to be read wrong: each with its right value, from the server to the fix."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone

import pytest

from redis_geo_plugin.core.live.snapshot import history, snapshot, spec_of

KNOT = 1852.0 / 3600.0


def shown(server, pattern):
    """The fixes of a snapshot by id; None where no feed is found."""
    spec = spec_of(server.settings(), pattern)
    return None if spec is None else {fix.id: fix for fix in snapshot(server.settings(), spec).fixes}


def keep(server, values):
    with server.client() as client:
        for key, value in values.items():
            client.set(key, value if isinstance(value, str) else json.dumps(value))


def test_aircraft_keep_their_names_when_the_first_lands(one_server):
    planes = [
        {
            "hex": f"3c640{n}",
            "flight": f"DLH{n}",
            "lat": 48.0 + n,
            "lon": 2.0,
            "gs": 400.0,
            "seen": 1,
            "seen_pos": 1,
        }
        for n in range(3)
    ]
    keep(one_server, {"adsb": {"now": time.time(), "messages": 3, "aircraft": planes}})
    assert set(shown(one_server, "adsb")) == {"3c6400", "3c6401", "3c6402"}
    keep(one_server, {"adsb": {"now": time.time(), "messages": 3, "aircraft": planes[1:]}})
    left = shown(one_server, "adsb")
    assert {ident: fix.lat for ident, fix in left.items()} == {"3c6401": 49.0, "3c6402": 50.0}
    assert left["3c6401"].speed == pytest.approx(400 * KNOT)


def test_a_list_whose_records_say_not_whose_they_are_is_no_fleet(one_server):
    keep(one_server, {"places": [{"lat": 48.0 + n, "lon": 2.0, "ts": time.time()} for n in range(4)]})
    assert not shown(one_server, "places")


def test_rows_of_a_table_are_their_vehicles(one_server):
    with one_server.client() as client:
        for n in range(200):
            client.xadd(
                "cdc", {"id": n, "vehicle_id": n % 5, "lat": 48.8 + n * 1e-5, "lon": 2.3, "ts": time.time()}
            )
    assert set(shown(one_server, "cdc")) == {"0", "1", "2", "3", "4"}


def test_five_ships_are_no_ship_called_metadata(one_server):
    for mmsi in range(5):
        said = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f +0000 UTC")
        about = {"MMSI": mmsi, "latitude": 48.0 + mmsi, "longitude": 2.0, "time_utc": said}
        report = {
            "Latitude": 48.0 + mmsi,
            "Longitude": 2.0,
            "Sog": 5.0,
            "Cog": 90.0,
            "TrueHeading": 511,
            "Timestamp": 17,
        }
        value = {"MessageType": "PositionReport", "MetaData": about, "Message": {"PositionReport": report}}
        keep(one_server, {f"ais:{mmsi}": value})
    found = shown(one_server, "ais:*")
    assert set(found) == {"0", "1", "2", "3", "4"}
    assert found["3"].heading == 90.0
    assert found["3"].time == pytest.approx(time.time(), abs=30)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Sat, 28 Nov 2026 14:00:00 CEST", 1795867200.0),
        ("2026-11-28 02:00 PM", 1795874400.0),
        ("2026-11-28 14:00:00.5 +0000 UTC", 1795874400.5),
        ("Sat, 28 Nov 2026 14:00:00 XYZ", None),
        ("2026-11-28", None),
    ],
)
def test_times_are_read_where_they_are_known(one_server, monkeypatch, written, moment):
    monkeypatch.setattr(time, "time", lambda: 1795880000.0)
    keep(one_server, {f"truck:{n}": {"lat": 48.0 + n, "lon": 2.0, "timestamp": written} for n in range(3)})
    for fix in (shown(one_server, "truck:*") or {}).values():
        if moment is None:
            assert fix.derived == "time"
        else:
            assert (fix.time, fix.derived) == (moment, None)
    if moment is not None:
        assert len(shown(one_server, "truck:*")) == 3


def test_a_day_and_a_time_in_two_fields_are_one_moment(one_server):
    now = datetime.now(timezone.utc).replace(microsecond=0)
    with one_server.client() as client:
        for n in range(3):
            client.hset(
                f"nmea:{n}",
                mapping={
                    "lat": 48.0 + n,
                    "lon": 2.0,
                    "date": now.strftime("%d%m%y"),
                    "time": now.strftime("%H%M%S.00"),
                },
            )
    assert {fix.time for fix in shown(one_server, "nmea:*").values()} == {now.timestamp()}


def test_a_pattern_that_cuts_through_a_name_takes_the_records_own(one_server):
    keep(
        one_server,
        {
            f"vehicle{n}": {"id": str(n), "lat": 48.0 + n / 100, "lon": 2.0, "ts": time.time()}
            for n in range(65, 80)
        },
    )
    assert set(shown(one_server, "vehicle7*")) == {str(n) for n in range(70, 80)}


def test_longitude_comes_first_in_wkt_and_a_text_of_two_numbers_is_asked(one_server):
    keep(one_server, {f"wkt:{n}": {"name": "a", "location": f"POINT(2.3{n} 48.85)"} for n in range(3)})
    assert {(fix.lon, fix.lat) for fix in shown(one_server, "wkt:*").values()} == {
        (float(f"2.3{n}"), 48.85) for n in range(3)
    }
    keep(one_server, {f"text:{n}": {"name": "a", "location": f"2.3{n},48.85"} for n in range(3)})
    assert spec_of(one_server.settings(), "text:*").mapping.asks == ("order",)
    assert not shown(one_server, "text:*")


def test_units_of_speed_one_level_down(one_server):
    with one_server.client() as client:
        for n in range(3):
            position = {"deviceId": n, "latitude": 48.0 + n, "longitude": 2.0, "speed": 10.0, "course": 0, "valid": True,
                        "fixTime": datetime.now(timezone.utc).isoformat()}  # fmt: skip
            client.rpush(f"traccar:{n}", json.dumps({"device": {"uniqueId": f"86{n}"}, "position": position}))
    assert all(fix.speed == pytest.approx(10 * KNOT) for fix in shown(one_server, "traccar:*").values())


def test_the_history_of_a_stream_of_one_vehicle_is_one_way(one_server):
    now = int(time.time())
    with one_server.client() as client:
        for n in range(50):
            client.xadd("gps", {"lat": 48.8 + n * 1e-4, "lon": 2.3, "ts": now - 500 + n * 10})
    spec = spec_of(one_server.settings(), "gps")
    assert len(snapshot(one_server.settings(), spec).fixes) == 1
    ways = history(one_server.settings(), spec)
    assert [len(ways.way(ident)) for ident in ways.ids()] == [50]
