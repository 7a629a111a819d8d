"""Known formats: told from each other, unfolded, with their units; what reports no position of the vehicle is refused."""

from __future__ import annotations

import base64
import copy
import json
import math
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live import formats
from redis_geo_plugin.core.live.formats import gtfs_protobuf
from redis_geo_plugin.core.live.recognition import recognise, unfold
from redis_geo_plugin.core.live.records import Decoder, Fix, Refusal, RefusalReason, Row
from redis_geo_plugin.core.live.spec import Mapping
from tests.support import layouts
from tests.support.layouts_of_programs import gtfs_protobuf as feed_of

NOW = 1795348800.0
NOON = "2026-11-22T12:00:00Z"
KNOT = 1852.0 / 3600.0
SHIP = {
    "Latitude": 48.85,
    "Longitude": 2.35,
    "Sog": 10.0,
    "Cog": 90.0,
    "TrueHeading": 511,
    "UserID": 7,
    "Timestamp": 3,
}
ABOUT = {
    "MMSI": 7,
    "ShipName": "S",
    "latitude": 1.0,
    "longitude": 1.0,
    "time_utc": "2026-11-22 12:00:00 +0000 UTC",
}

# format -> (a record as the program writes it, what a fix of it is: id, speed, heading, time)
RECORDS = {
    "owntracks": (
        {"_type": "location", "lat": 48.85, "lon": 2.35, "tst": int(NOW), "vel": 36, "cog": 0, "tid": "ab"},
        ("ab", 10.0, 0.0, NOW),
    ),
    "traccar": (
        {"device": {"id": 3, "uniqueId": "8612", "name": "Bus"}, "position": {
            "deviceId": 3, "latitude": 48.85, "longitude": 2.35, "speed": 10.0, "course": 45.0, "fixTime": NOON, "valid": True}},
        ("8612", 10 * KNOT, 45.0, NOW),
    ),
    "readsb": (
        {"hex": "3c6401", "flight": "DLH1", "lat": 48.85, "lon": 2.35, "gs": 400.0, "track": 1.5, "seen": 1, "rssi": -3},
        ("3c6401", 400 * KNOT, 1.5, None),
    ),
    "opensky": (
        {"icao24": "3c6401", "longitude": 2.35, "latitude": 48.85, "velocity": 200.0, "true_track": 7.0,
         "time_position": None, "last_contact": int(NOW)},
        ("3c6401", 200.0, 7.0, NOW),
    ),
    "flightradar24": (
        {"id": "2f1a2b3c", "icao_24bit": "4CA2D1", "latitude": 48.85, "longitude": 2.35, "heading": 270, "altitude": 37000,
         "ground_speed": 400, "squawk": "1000", "aircraft_code": "A320", "registration": "EI-DEA", "time": int(NOW), "on_ground": 0},
        ("2f1a2b3c", 400 * KNOT, 270.0, NOW),
    ),
    "aprs_fi": (
        {"class": "i", "name": "LAZY GULL", "type": "a", "mmsi": "227000001", "time": str(int(NOW) - 500), "lasttime": str(int(NOW)),
         "lat": "48.85", "lng": "2.35", "course": 90, "speed": 36, "heading": 511},
        ("LAZY GULL", 10.0, 90.0, NOW),
    ),
    "aisstream": (
        {"MessageType": "PositionReport", "MetaData": ABOUT, "Message": {"PositionReport": SHIP}},
        ("7", 10 * KNOT, 90.0, NOW),
    ),
    "digitraffic_ships": (
        {"mmsi": 7, "type": "Feature", "geometry": {"type": "Point", "coordinates": [2.35, 48.85]}, "properties": {
            "sog": 10.0, "cog": 90.0, "navStat": 0, "heading": 511, "timestamp": 59, "timestampExternal": int(NOW * 1000)}},
        ("7", 10 * KNOT, 90.0, NOW),
    ),
    "digitraffic_trains": (
        {"trainNumber": 7, "departureDate": "2026-11-22", "timestamp": NOON, "speed": 36,
         "location": {"type": "Point", "coordinates": [2.35, 48.85]}},
        ("7", 10.0, None, NOW),
    ),
    "ais_catcher": (
        {"class": "AIS", "mmsi": 7, "scaled": False, "lon": 1410000, "lat": 29310000, "speed": 100, "course": 900,
         "heading": 511, "rxtime": "20261122120000"},
        ("7", 10 * KNOT, 90.0, NOW),
    ),
    "marine_traffic": (
        {"MMSI": "7", "LAT": "48.85", "LON": "2.35", "SPEED": "100", "HEADING": "511", "COURSE": "90", "STATUS": "0",
         "TIMESTAMP": "2026-11-22T12:00:00", "DSRC": "TER"},
        ("7", 10 * KNOT, 90.0, NOW),
    ),
    "gtfs_realtime": (
        {"id": "e1", "vehicle": {"trip": {"tripId": "t"}, "vehicle": {"id": "V1"}, "timestamp": str(int(NOW)),
                                 "position": {"latitude": 48.85, "longitude": 2.35, "speed": 8.0, "bearing": 0}}},
        ("V1", 8.0, 0.0, NOW),
    ),
    "siri": (
        {"RecordedAtTime": NOON, "MonitoredVehicleJourney": {
            "VehicleRef": {"value": "V1"}, "VehicleLocation": {"Longitude": 2.35, "Latitude": 48.85}, "Velocity": 8,
            "Bearing": 10.0, "LineRef": {"value": "46A"}}},
        ("V1", 8.0, 10.0, NOW),
    ),
    "gbfs": (
        {"bike_id": "b1", "lat": 48.85, "lon": 2.35, "is_disabled": False, "last_reported": int(NOW)},
        ("b1", None, None, NOW),
    ),
    "ngsi": (
        {"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", "speed": {"type": "Property", "value": 36, "unitCode": "KMH"},
         "bearing": {"type": "Property", "value": 5}, "location": {"type": "GeoProperty", "observedAt": NOON, "value": {
             "type": "Point", "coordinates": [2.35, 48.85]}}},
        ("urn:ngsi-ld:Vehicle:1", 10.0, 5.0, NOW),
    ),
    "home_assistant": (
        {"entity_id": "device_tracker.a", "state": "home", "last_updated": NOON, "attributes": {
            "latitude": 48.85, "longitude": 2.35, "speed": 3, "course": 7, "vertical_accuracy": 4}},
        ("device_tracker.a", 3.0, 7.0, NOW),
    ),
    "geolocation": (
        {"device_id": "p1", "location": {"timestamp": NOON, "coords": {
            "latitude": 48.85, "longitude": 2.35, "accuracy": 5, "speed": 3.0, "heading": -1}}},
        ("p1", 3.0, None, NOW),
    ),
    "gpsd": (
        {"class": "TPV", "device": "/dev/ttyS0", "mode": 3, "time": NOON, "lat": 48.85, "lon": 2.35, "speed": 3.0, "track": 9.0},
        ("/dev/ttyS0", 3.0, 9.0, NOW),
    ),
    "flespi": (
        {"ident": "8612", "timestamp": int(NOW), "position.latitude": 48.85, "position.longitude": 2.35, "position.speed": 36,
         "position.direction": 7},
        ("8612", 10.0, 7.0, NOW),
    ),
    "geofire": ({"id": "d1", "g": "u09tvw0f3x", "l": [48.85, 2.35], "ts": NOW}, ("d1", None, None, NOW)),
    "debezium": (
        {"schema": {}, "payload": {"before": None, "op": "u", "ts_ms": 1, "after": {
            "vehicle_id": "V1", "updated_at": int(NOW * 1e6),
            "geom": {"srid": 4326, "wkb": base64.b64encode(struct.pack("<BIdd", 1, 1, 2.35, 48.85)).decode()}}}},
        ("V1", None, None, NOW),
    ),
    "redis_om": (
        {"pk": "01HGW2N7EHJVJ4CJ999RRS2E97", "location": "2.35,48.85", "seen": NOW},
        ("01HGW2N7EHJVJ4CJ999RRS2E97", None, None, NOW),
    ),
    "signalk": (
        {"context": "vessels.urn:mrn:imo:mmsi:7", "updates": [{"timestamp": NOON, "values": [
            {"path": "navigation.position", "value": {"longitude": 2.35, "latitude": 48.85}},
            {"path": "navigation.speedOverGround", "value": 4.3},
            {"path": "navigation.courseOverGroundTrue", "value": math.pi / 2}]}]},
        ("vessels.urn:mrn:imo:mmsi:7", 4.3, 90.0, NOW),
    ),
    "virtual_radar": (
        {"Id": 3957761, "Icao": "3C6401", "Lat": 48.85, "Long": 2.35, "PosTime": int(NOW * 1000), "Spd": 400.0, "Trak": 1.5},
        ("3C6401", 400 * KNOT, 1.5, NOW),
    ),
    "mavlink": (
        {"header": {"system_id": 7}, "message": {"type": "GLOBAL_POSITION_INT", "time_boot_ms": 123456, "lat": 488500000,
            "lon": 23500000, "alt": 35000, "vx": 300, "vy": 400, "hdg": 30}},
        ("7", 5.0, 0.3, None),
    ),
    "garmin_fit": (
        {"device": "watch-7", "timestamp": int(NOW) - 631065600, "position_lat": round(48.85 * 2**31 / 180),
         "position_long": round(2.35 * 2**31 / 180), "enhanced_speed": 3.2},
        ("watch-7", 3.2, None, NOW),
    ),
    "nmea": (
        {"id": "b1", "lat": "4851.0000", "lat_dir": "N", "lon": "00221.0000", "lon_dir": "E", "ts": NOW, "true_course": 84.4},
        ("b1", None, 84.4, NOW),
    ),
}  # fmt: skip


def decode(record, mapping):
    return Decoder(mapping).fix(Row("", b"key", copy.deepcopy(record)), NOW + 5)


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


@pytest.mark.parametrize("name", RECORDS)
def test_unfolding_twice_is_unfolding_once_and_changes_nothing_given(name):
    record = copy.deepcopy(RECORDS[name][0])
    one = formats.get(name)
    flat = one.record(record)
    assert record == RECORDS[name][0]
    assert one.record(copy.deepcopy(flat)) == flat


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
        ("gpsd", {"class": "TPV", "mode": 1, "lat": 48.85, "lon": 2.35}),
        ("debezium", {"before": {"id": 1, "lat": 48.85, "lon": 2.35}, "after": None, "op": "d"}),
        ("home_assistant", {"entity_id": "person.a", "state": "home", "attributes": {}, "last_updated": NOON}),
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


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9), lambda inner: (
    st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["now", "aircraft", "entity", "header", "states", "data", "bikes", "last_updated", "Siri", "ServiceDelivery", "type",
         "features", "FeatureCollection", "position", "vehicle", "hex", "lat", "lon", "id", "MessageType", "Message", "MetaData"]
    ), inner, max_size=6)), max_leaves=15))  # fmt: skip
def test_no_value_makes_unfolding_raise(value):
    for ident, record in unfold(value):
        assert ident is None or isinstance(ident, str)
        assert isinstance(record, dict)


# --- letters of hemispheres ----------------------------------------------------------------------------------


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


# --- protobuf ---------------------------------------------------------------------------------------------------------


def test_protobuf_says_what_json_says():
    feed = gtfs_protobuf.read_feed(feed_of(4, NOW))
    assert feed["header"] == {"gtfs_realtime_version": "2.0", "timestamp": int(NOW)}
    entity = feed["entity"][3]
    assert entity["id"] == "e3"
    assert entity["vehicle"]["vehicle"] == {"id": "bus3"}
    assert entity["vehicle"]["position"] == {
        "latitude": 48.815,
        "longitude": 2.33,
        "bearing": 90.0,
        "speed": 8.3,
    }
    assert [ident for ident, _ in unfold(feed)] == ["bus0", "bus1", "bus2", "bus3"]
    assert json.dumps(feed)


def test_unknown_fields_are_stepped_over():
    good = feed_of(1, NOW)
    more = (
        bytes([0x9A, 0x06, 2]) + b"xy" + bytes([0xA0, 0x06, 0x85, 0x01]) + bytes([0xA9, 0x06]) + b"12345678"
    )
    assert gtfs_protobuf.read_feed(good + more) == gtfs_protobuf.read_feed(good)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"\x0a", b"\x0a\x05\x0a\x03", b'{"header": {}}', bytes(range(200))]
)
def test_other_bytes_are_no_feed(raw):
    with pytest.raises(ValueError, match="no GTFS"):
        gtfs_protobuf.read_feed(raw)


@pytest.mark.parametrize(
    "tail",
    [
        b"\x12\xff\xff\xff\xff\x0f",
        b"\x12\x05ab",
        b"\x13",
        b"\x00\x00",
        b"\x12" + b"\xff" * 11,
        b"\x15\x01",
        b"\x10\x01",
    ],
)
def test_damaged_bytes_are_refused(tail):
    with pytest.raises(ValueError):
        gtfs_protobuf.read_feed(feed_of(1, NOW) + tail)


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_any_change_to_a_feed_is_a_feed_or_a_value_error(data):
    raw = bytearray(feed_of(3, NOW))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    try:
        feed = gtfs_protobuf.read_feed(bytes(raw[:cut]))
    except ValueError:
        return
    for _ident, record in unfold(feed):
        decode(record, recognise([record], now=NOW).mapping)


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
