"""Known formats: told from each other, unfolded, with their units; what reports no position of the vehicle is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from redis_geo_plugin.core.live import formats
from redis_geo_plugin.core.live.recognition import recognise, unfold
from redis_geo_plugin.core.live.records import Decoder, Fix, Refusal, RefusalReason, Row
from redis_geo_plugin.core.live.spec import Mapping
from tests.support import layouts
from tests.support.known_records import ABOUT, KNOT, NOON, NOW, RECORDS, decode, sentence


def test_each_format_has_a_record_here_and_a_row_for_the_table():
    assert set(RECORDS) == {one.NAME for one in formats.FORMATS}
    for one in formats.FORMATS:
        assert one.PROGRAM and one.READS and one.UNITS and one.SOURCE.startswith("https://"), one.NAME


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_read_with_its_units(name):
    record, (ident, speed, heading, time) = RECORDS[name]
    found = recognise([record] * 3, with_id=True, now=NOW)
    assert (found.format, found.unsure) == (name, ())
    fix = decode(record, found.mapping)
    assert isinstance(fix, Fix)
    assert (fix.id, fix.heading) == (ident, heading)
    assert (fix.lon, fix.lat) == pytest.approx((2.35, 48.85))
    assert fix.speed == (None if speed is None else pytest.approx(speed))
    assert fix.time == (NOW + 5 if time is None else pytest.approx(time))
    assert (fix.derived is None) == (time is not None)


@pytest.mark.parametrize("name", RECORDS)
def test_a_format_is_told_from_all_others(name):
    assert [one.NAME for one in formats.FORMATS if one.matches(RECORDS[name][0])] == [name]


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("owntracks", {"_type": "waypoint", "lat": 48.85, "lon": 2.35, "tst": 1, "desc": "home"}),
        ("owntracks", {"_type": "transition", "lat": 48.85, "lon": 2.35, "tst": 1, "event": "enter"}),
        ("owntracks", {"_type": "lwt", "tst": 1}),
        ("aisstream", {"MessageType": "ShipStaticData", "MetaData": ABOUT, "Message": {"ShipStaticData": {"Name": "S"}}}),
        ("gtfs_realtime", {"id": "e1", "isDeleted": True, "vehicle": RECORDS["gtfs_realtime"][0]["vehicle"]}),
        ("gtfs_realtime", {"id": "e1", "tripUpdate": {}}),
        ("readsb", {"hex": "3c6401", "lat": 0.0, "lon": 0.0, "validposition": 0}),
        ("ais_catcher", {"class": "AIS", "mmsi": 7, "type": 5, "shipname": "S"}),
        ("meshtastic", {"from": 1, "to": 2, "sender": "!7e", "type": "telemetry", "channel": 0, "payload": {"battery_level": 9}}),
        ("gpsd", {"class": "TPV", "mode": 1, "lat": 48.85, "lon": 2.35}),
        ("debezium", {"before": {"id": 1, "lat": 48.85, "lon": 2.35}, "after": None, "op": "d"}),
        ("home_assistant", {"entity_id": "person.a", "state": "home", "attributes": {}, "last_updated": NOON}),
        ("home_assistant", {"entity_id": "zone.home", "state": "2", "last_updated": NOON,
            "attributes": {"latitude": 48.85, "longitude": 2.35, "radius": 100}}),
        ("nmea_sentences", {"nmea": sentence("GPRMC,120000.00,V,4851.00000,N,00221.00000,E,10.0,90.0,221126,,")}),
        ("nmea_sentences", {"nmea": sentence("GPGGA,120000.00,4851.00000,N,00221.00000,E,0,00,99.99,,,,,,")}),
        ("nmea_sentences", {"nmea": "$GPRMC,120000.00,A,4851.00000,N,00221.00000,E,10.0,90.0,221126,,*00"}),
        ("change_rows", {"database": "f", "table": "v", "type": "DELETE", "ts": 1, "data": [{"id": "1", "lat": "48.85", "lon": "2.35"}]}),
        ("change_rows", {"change": [{"kind": "delete", "schema": "public", "table": "v", "oldkeys": {}}]}),
        ("firehose", {"pitr": "1", "type": "flifo", "ident": "AAL1", "clock": "1", "lat": "48.85", "lon": "2.35"}),
        ("typed_values", {"eventName": "REMOVE", "dynamodb": {"OldImage": {"lat": {"N": "48.85"}, "lon": {"N": "2.35"}}}}),
        ("sbs", {"line": "MSG,4,1,1,4CA2D1,1,2026/11/22,12:00:00,2026/11/22,12:00:00,,,400,90,,,0,,,,,"}),
        ("ros", {"header": {"stamp": {"sec": 1}}, "status": {"status": -1}, "latitude": 48.85, "longitude": 2.35}),
        ("siri", {"RecordedAtTime": NOON, "MonitoredVehicleJourney": {"VehicleRef": "V1"}}),
        ("signalk", {"context": "vessels.self", "updates": [{"values": [{"path": "environment.depth", "value": 3}]}]}),
        ("garmin_fit", {"timestamp": NOON, "position_lat": None, "position_long": None, "heart_rate": 130}),
        ("ngsi", {"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", "location": {"type": "GeoProperty", "value": {
            "type": "Polygon", "coordinates": []}}}),
    ],
)  # fmt: skip
def test_what_tells_of_no_position_of_the_vehicle_is_refused(name, record):
    mapping = formats.get(name).MAPPING or Mapping(lon="lon", lat="lat")
    mapping = Mapping(**{**vars(mapping), "format": name})
    found = decode(record, mapping)
    assert isinstance(found, Refusal)
    assert found.reason in (RefusalReason.NO_POSITION, RefusalReason.NO_IDENTITY)


def test_a_format_of_a_newer_version_is_read_as_it_stands():
    fix = decode(
        {"lon": 2.0, "lat": 48.0, "id": "a"}, Mapping(id="id", lon="lon", lat="lat", format="of the future")
    )
    assert isinstance(fix, Fix)


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_aircraft_file_is_known_by_hex_whoever_lands(wrapped):
    planes = [{**RECORDS["readsb"][0], "hex": f"3c640{n}", "seen_pos": n} for n in range(3)]
    value = {"now": NOW * 1000 if wrapped else NOW, ("ac" if wrapped else "aircraft"): planes}
    assert [ident for ident, _ in unfold(value)] == ["3c6400", "3c6401", "3c6402"]
    del planes[0]
    assert [(ident, one["time"]) for ident, one in unfold(value)] == [
        ("3c6401", NOW - 1),
        ("3c6402", NOW - 2),
    ]


def test_a_message_of_three_objects_is_one_record():
    assert [ident for ident, _ in unfold(RECORDS["aisstream"][0])] == ["7"]
    assert len(unfold({"pickup": {"lat": 1.0, "lng": 2.0}, "dropoff": {"lat": 3.0, "lng": 4.0}})) == 1
    assert len(unfold({"position": RECORDS["traccar"][0]["position"], "device": {"id": 3}})) == 1


@pytest.mark.parametrize(
    ("value", "idents"),
    [
        ({"a": {"lat": 1.0, "lon": 2.0}, "b": {"lat": 1.0, "lon": 2.0}}, ["a", "b"]),
        ([{"id": "a", "lat": 1.0, "lon": 2.0}, {"id": "b", "lat": 1.0, "lon": 2.0}], ["a", "b"]),
        ({"data": {"vehicles": [{"vehicle_id": 1, "lat": 1.0, "lon": 2.0}, {"vehicle_id": 2, "lat": 1.0, "lon": 2.0}]}}, ["1", "2"]),
        ([{"lat": 1.0, "lon": 2.0}, {"lat": 1.0, "lon": 3.0}], [None, None]),
        ([{"id": "a", "lat": 1.0, "lon": 2.0}, {"id": "a", "lat": 1.0, "lon": 3.0}], [None, None]),
        ([{"vehicle": {"id": n}, "position": {"lat": 1.0, "lon": 2.0}} for n in range(3)], ["0", "1", "2"]),
        ({"id": 7, "lat": 1.0, "lon": 2.0}, ["7"]),
        ({"count": 3, "pages": [1, 2]}, []),
        ({"v1": [48.8, 2.3], "v2": [48.9, 2.4]}, ["v1", "v2"]),
        ({"mon": [1, 2], "tue": [3, 4]}, []),
        ({"v1": "48.8,2.3", "v2": "48.9,2.4"}, ["v1", "v2"]),
        ({"from": [48.8, 2.3], "to": [48.9, 2.4]}, [None]),
        ({"ts": 5, "vehicles": {"a": {"lat": 1.0, "lon": 2.0}, "b": {"lat": 1.0, "lon": 2.0}}}, ["a", "b"]),
        ("text", []), (None, []), (7, []), ([], []), ({}, []),
    ],
)  # fmt: skip
def test_values_of_a_whole_fleet(value, idents):
    assert [ident for ident, _ in unfold(value)] == idents


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"lat": 33.85, "latDir": "S", "lon": 151.2, "lonDir": "E"}, (151.2, -33.85)),
        ({"latitude": 22.9, "NS": "S", "longitude": 43.2, "EW": "W"}, (-43.2, -22.9)),
        ({"latitude": "22,9", "latitude_hemisphere": "s", "longitude": "43,2", "longitude_hemisphere": "w"}, (-43.2, -22.9)),
        ({"GPSLatitude": 22.9, "GPSLatitudeRef": "S", "GPSLongitude": 43.2, "GPSLongitudeRef": "W"}, (-43.2, -22.9)),
        ({"lat": -22.9, "lat_dir": "S", "lon": -43.2, "lon_dir": "W"}, (-43.2, -22.9)),
        ({"lat": "0030.6000", "lat_dir": "S", "lon": "00115.0000", "lon_dir": "E"}, (1.25, -0.51)),
        ({"lat": 4851.0, "lat_dir": "N", "lon": 221.0, "lon_dir": "W"}, (-2.35, 48.85)),
    ],
)  # fmt: skip
def test_a_hemisphere_in_a_field_of_its_own_gives_the_sign(record, place):
    records = [{**record, "ts": NOW}] * 3
    mapping = recognise(records, now=NOW).mapping
    assert (mapping.format, mapping.unsure) == ("nmea", "")
    fix = decode({**record, "id": "a", "ts": NOW}, Mapping(**{**vars(mapping), "id": "id"}))
    assert (fix.lon, fix.lat) == pytest.approx(place)


@pytest.mark.parametrize(
    "record",
    [
        {"lat": 48.85, "lon": 2.35, "side": "N", "lon_dir": "E"},
        {"lat": 48.85, "lon": 2.35, "lat_dir": "north", "lon_dir": "E"},
        {"lat": 48.85, "lon": 2.35, "lat_dir": "N"},
    ],
)
def test_other_letters_are_no_hemispheres(record):
    assert not formats.get("nmea").matches(record)


@pytest.mark.parametrize(
    ("name", "more", "speed", "heading"),
    [
        ("mavlink", {"mavpackettype": "GPS_RAW_INT", "lat": 488500000, "lon": 23500000, "vel": 500, "cog": 65535}, 5.0, None),
        ("mavlink", {"meta": {"type": "GLOBAL_POSITION_INT", "timestamp": NOW}, "data": {
            "lat": 488500000, "lon": 23500000, "vx": 0, "vy": 500, "hdg": 9000}}, 5.0, 90.0),
        ("signalk", {"mmsi": "7", "navigation": {
            "position": {"value": {"longitude": 2.35, "latitude": 48.85}, "timestamp": NOON},
            "speedOverGround": {"value": 5.0}, "headingTrue": {"value": math.pi}}}, 5.0, 180.0),
        ("signalk", {"latitude": 48.85, "longitude": 2.35, "headingTrue": 0.0, "speedOverGround": 5.0, "timestamp": NOON}, 5.0, 0.0),
        ("virtual_radar", {"Icao": "3C6401", "Lat": 48.85, "Long": 2.35, "Trak": 9.0, "Spd": 99.0, "SpdTyp": 3}, None, 9.0),
    ],
)  # fmt: skip
def test_the_forms_of_a_format(name, more, speed, heading):
    mapping = recognise([{**more, "n": n} for n in range(3)], now=NOW).mapping
    assert (mapping.format, mapping.unsure) == (name, "")
    fix = decode(more, Mapping(**{**vars(mapping), "id": ""}))
    assert (fix.lon, fix.lat, fix.speed, fix.heading) == pytest.approx((2.35, 48.85, speed, heading))


@pytest.mark.parametrize("name", ["mavlink", "garmin_fit"])
def test_integers_of_hashes_and_streams_are_texts(name):
    record, (_, speed, heading, _) = RECORDS[name]
    flat = {**record, **record.get("header", {}), **record.get("message", {})}
    flat["mavpackettype"] = flat.pop("type", "")
    texts = {key: str(value) for key, value in flat.items() if not isinstance(value, dict)}
    mapping = recognise([texts] * 3, now=NOW).mapping
    assert mapping.format == name
    fix = Decoder(mapping, texts=True).fix(Row("a", b"k", texts), NOW + 5)
    assert (fix.lon, fix.lat, fix.speed, fix.heading) == pytest.approx((2.35, 48.85, speed, heading))


def test_the_aircraft_of_virtual_radar_are_known_by_their_address():
    planes = [{"Id": n, "Icao": f"3C640{n}", "Lat": 48.85, "Long": 2.35, "PosTime": 1} for n in range(2)]
    assert [who for who, _ in unfold({"acList": [*planes, {"Icao": "3C640F"}]})] == ["3C6400", "3C6401"]


def test_an_envelope_around_a_record_that_says_who_it_is_is_no_fleet_of_one():
    assert [who for who, _ in unfold({"AIS": {"MMSI": 7, "LATITUDE": 1.0, "LONGITUDE": 2.0}})] != ["AIS"]
    assert [who for who, _ in unfold({"bus1": {"lat": 1.0, "lon": 2.0}})] == ["bus1"]


def test_the_layouts_of_programs_are_told_by_their_formats():
    told = {}
    for layout in layouts.all_of(NOW):
        for value in layout.values.values():
            if isinstance(value, str) and value[:1] == "{":
                found = formats.find([json.loads(value)])
                if found is not None:
                    told[layout.name] = found.NAME
    assert told["owntracks"] == "owntracks"
    assert told["home_assistant"] == "home_assistant"
    assert not {"vessel_per_key", "feature_per_key", "json_with_wkt_point"} & set(told)


DOCS = Path(__file__).resolve().parents[4] / "docs"


@pytest.mark.parametrize("one", formats.FORMATS, ids=lambda one: one.NAME)
def test_the_documentation_has_a_row_for_each_program(one):
    row = f"| {one.PROGRAM} | {one.READS} | {one.UNITS} | <{one.SOURCE}> |"
    assert row in (DOCS / "live.md").read_text(encoding="utf-8").splitlines()
    french = (DOCS / "fr" / "live.md").read_text(encoding="utf-8").splitlines()
    assert [
        line
        for line in french
        if line.startswith(f"| {one.PROGRAM} |") and line.endswith(f"<{one.SOURCE}> |")
    ]


def test_the_vehicles_of_nextbus_are_as_old_as_they_say():
    vehicles = [{"id": f"v{n}", "routeTag": "N", "lat": "48.85", "lon": "2.35", "secsSinceReport": str(7 * n),
                 "heading": "-4", "speedKmHr": "36"} for n in range(3)]  # fmt: skip
    found = unfold({"vehicle": vehicles, "lastTime": {"time": str(int(NOW * 1000))}, "copyright": "x"})
    assert [(who, one["time"]) for who, one in found] == [("v0", NOW), ("v1", NOW - 7), ("v2", NOW - 14)]
    fix = decode(found[2][1], recognise([one for _, one in found], now=NOW).mapping)
    assert (fix.time, fix.heading, fix.speed, fix.derived) == (NOW - 14, None, 10.0, None)


def test_measurements_of_a_sensor_are_one_record():
    pack = [{"bn": "urn:dev:mac:7:", "bt": NOW - 5, "n": "lat", "u": "lat", "v": 48.85}, {"n": "lon", "u": "lon", "v": 2.35},
            {"n": "t", "u": "Cel", "v": 20.0, "t": 1}]  # fmt: skip
    assert unfold(pack) == [
        ("urn:dev:mac:7", {"id": "urn:dev:mac:7", "senml": True, "lat": 48.85, "lon": 2.35, "ts": NOW - 5})
    ]


def test_telemetry_of_a_gateway_and_of_the_api():
    reports = [{"ts": 1000 * n, "values": {"latitude": 48.0 + n, "longitude": 2.35}} for n in (1, 3, 2)]
    assert unfold({"d1": reports, "d2": reports[:1]}) == [("d1", reports[1]), ("d2", reports[0])]
    api = {
        name: [{"ts": 1000, "value": text}] for name, text in (("latitude", "48.85"), ("longitude", "2.35"))
    }
    assert formats.get("thingsboard").record(api) == {"latitude": "48.85", "longitude": "2.35", "ts": 1000}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"data": [{"id": n, "attributes": {"latitude": 48.85 + n, "longitude": 2.35}} for n in range(3)], "meta": {}}, "attributes.latitude"),
        ({"vehicles": [{"vehicle": {"id": n, "current_location": {"lat": 48.85 + n, "lon": 2.35}}} for n in range(3)]},
         "vehicle.current_location.lat"),
        ({"vehicles": [{"name": f"v{n}", "lastLocation": {"location": {"latitude": 48.85 + n, "longitude": 2.35}}} for n in range(3)]},
         "lastLocation.location.latitude"),
    ],
)  # fmt: skip
def test_the_records_of_a_list_may_stand_in_envelopes(value, path):
    found = unfold(value)
    assert len({who for who, _ in found}) == 3 and None not in dict(found)
    assert recognise([one for _, one in found], now=NOW).mapping.lat == path


def test_a_report_that_is_a_list_is_one_record_and_a_fleet_is_none():
    from redis_geo_plugin.core.live.decoding import record_of

    pack = [
        {"bn": "urn:dev:mac:7:", "bt": NOW, "n": "a", "u": "lat", "v": 48.85},
        {"n": "b", "u": "lon", "v": 2.35},
    ]
    assert record_of(pack)["lat"] == 48.85
    assert record_of([{"ts": 1000, "values": {"latitude": 48.85, "longitude": 2.35}}])["ts"] == 1000
    assert record_of([{"id": "a", "lat": 48.85, "lon": 2.35}]) is None
    assert record_of([2.35, 48.85]) == {"coordinates": [2.35, 48.85]}


@pytest.mark.parametrize(
    ("packet", "place", "speed", "heading"),
    [
        ("VK2AB>APRS:!3352.20S/15112.60W>000/036", (-151.21, -33.87), 36 * KNOT, None),
        ("VK2AB>APRS:=3352.20S/15112.60E_090/005g007t077", (151.21, -33.87), None, None),
        ("VK2AB>APRS:/221200z3352.20S/15112.60E#text", (151.21, -33.87), None, None),
    ],
)
def test_packets_of_radio_amateurs(packet, place, speed, heading):
    fix = decode({"value": packet}, Mapping(**{**vars(formats.get("aprs").MAPPING), "format": "aprs"}))
    assert (fix.lon, fix.lat) == pytest.approx(place)
    assert (fix.speed, fix.heading, fix.derived) == (speed, heading, "time")
