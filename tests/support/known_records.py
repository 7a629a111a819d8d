"""A record of each known format of positions, as its program writes it, and what is right of it."""

from __future__ import annotations

import base64
import copy
import functools
import math
import operator
import struct

from redis_geo_plugin.core.live.records import Decoder, Row

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


def sentence(body):
    """A sentence of NMEA with its checksum."""
    return f"${body}*{functools.reduce(operator.xor, body.encode()):02X}"


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
    "meshtastic": (
        {"from": 2130636291, "to": 4294967295, "sender": "!7efeee00", "type": "position", "channel": 0, "id": 4526,
         "timestamp": int(NOW) + 3, "payload": {"latitude_i": 488500000, "longitude_i": 23500000, "time": int(NOW), "sats_in_view": 7}},
        ("2130636291", None, None, NOW),
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
    "ros": (
        {"device_id": "r1", "header": {"stamp": {"secs": int(NOW), "nsecs": 0}, "frame_id": "gps"}, "status": {"status": 0, "service": 1},
         "latitude": 48.85, "longitude": 2.35, "altitude": 30.0, "position_covariance": [0.0] * 9},
        ("r1", None, None, NOW),
    ),
    "nextbus": (
        {"id": "5741", "routeTag": "N", "lat": "48.85", "lon": "2.35", "secsSinceReport": "4", "heading": "90", "speedKmHr": "36",
         "time": NOW},
        ("5741", 10.0, 90.0, NOW),
    ),
    "change_rows": (
        {"action": "U", "schema": "public", "table": "vehicles", "columns": [
            {"name": "vehicle_id", "type": "text", "value": "V1"}, {"name": "lat", "type": "float8", "value": 48.85},
            {"name": "lon", "type": "float8", "value": 2.35}, {"name": "updated_at", "type": "timestamp", "value": NOON}]},
        ("V1", None, None, NOW),
    ),
    "geotab": (
        {"id": "b17", "device": {"id": "b1"}, "latitude": 48.85, "longitude": 2.35, "dateTime": NOON, "bearing": 90, "speed": 36.0},
        ("b1", 10.0, 90.0, NOW),
    ),
    "hsl": (
        {"VP": {"desi": "9", "dir": "1", "oper": 40, "veh": 7, "tst": NOON, "tsi": int(NOW), "spd": 8.0, "hdg": 90, "lat": 48.85,
                "long": 2.35, "dl": 3, "route": "1009"}},
        ("40/7", 8.0, 90.0, NOW),
    ),
    "nmea_sentences": (
        {"device": "r1", "nmea": sentence("GPRMC,120000.00,A,4851.00000,N,00221.00000,E,10.0,90.0,221126,,")},
        ("r1", 10 * KNOT, 90.0, NOW),
    ),
    "sbs": (
        {"line": "MSG,2,1,1,4CA2D1,1,2026/11/22,12:00:00.000,2026/11/22,12:00:00.1,DLH1,0,400,90,48.85,2.35,,,0,0,0,-1"},
        ("4CA2D1", 400 * KNOT, 90.0, None),
    ),
    "aprs": (
        {"raw": "F4ABC-9>APRS,TCPIP*,qAC,T2FR:@120000h4851.00N/00221.00E>090/010/A=000123"},
        ("F4ABC-9", 10 * KNOT, 90.0, None),
    ),
    "senml": ({"id": "urn:dev:mac:7", "senml": True, "lat": 48.85, "lon": 2.35, "ts": NOW}, ("urn:dev:mac:7", None, None, NOW)),
    "teltonika": (
        {"imei": "8612", "state": {"reported": {"ts": int(NOW * 1000), "latlng": "48.85,2.35", "alt": 130, "ang": 90, "sp": 36}}},
        ("8612", 10.0, 90.0, NOW),
    ),
    "thingsboard": (
        {"device_id": "d1", "ts": int(NOW * 1000), "values": {"latitude": 48.85, "longitude": 2.35, "speed_kmh": 36, "bearing": 90}},
        ("d1", 10.0, 90.0, NOW),
    ),
    "wialon": (
        {"nm": "Bus", "cls": 2, "id": 7, "pos": {"t": int(NOW), "y": 48.85, "x": 2.35, "z": 40, "s": 36, "c": 90, "sc": 9}},
        ("7", 10.0, 90.0, NOW),
    ),
    "bustime": (
        {"vid": "8283", "tmstmp": "20261122 06:00", "lat": "48.85", "lon": "2.35", "hdg": "90", "pid": 1, "rt": "56", "des": "Blue Line"},
        ("8283", None, 90.0, None),
    ),
    "firehose": (
        {"pitr": str(int(NOW) + 1), "type": "position", "ident": "AAL1", "clock": str(int(NOW)), "id": "AAL1-17953", "gs": "400",
         "heading": "90", "lat": "48.85", "lon": "2.35", "updateType": "A"},
        ("AAL1-17953", 400 * KNOT, 90.0, NOW),
    ),
    "elasticsearch": (
        {"_index": "fleet", "_id": "v7", "_source": {"location": {"lat": 48.85, "lon": 2.35}, "@timestamp": NOON, "speed_kmh": 36}},
        ("v7", 10.0, None, NOW),
    ),
    "typed_values": (
        {"id": {"S": "v7"}, "lat": {"N": "48.85"}, "lon": {"N": "2.35"}, "ts": {"N": str(int(NOW))}, "speed_kmh": {"N": "36"}},
        ("v7", 10.0, None, NOW),
    ),
    "nmea": (
        {"id": "b1", "lat": "4851.0000", "lat_dir": "N", "lon": "00221.0000", "lon_dir": "E", "ts": NOW, "true_course": 84.4},
        ("b1", None, 84.4, NOW),
    ),
}  # fmt: skip


def decode(record, mapping):
    return Decoder(mapping).fix(Row("", b"key", copy.deepcopy(record)), NOW + 5)
