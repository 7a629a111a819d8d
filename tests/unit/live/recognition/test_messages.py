"""Messages of real programs, each as its documentation has it: what is shown is right, and what is not sure is asked."""

from __future__ import annotations

import json
import math
from datetime import datetime, timezone

import pytest

from redis_geo_plugin.core.live.decoding import decode_value, fields_record, value_row
from redis_geo_plugin.core.live.recognition import recognise, unfold
from redis_geo_plugin.core.live.records import Decoder, Fix, Row

NOW = 1795348800  # 2026-11-22T12:00:00Z
KNOT, KMH = 1852 / 3600, 1 / 3.6
VEHICLES = 8
ELSEWHERE = {"lat": 45.123, "lon": 5.712}


def lon(i):
    return round(2.30 + i * 0.0137113, 6)


def lat(i):
    return round(48.80 + i * 0.0071317, 6)


def turned(i):
    return (37 * i + 11) % 360


def at(seconds=0):
    return datetime.fromtimestamp(NOW + seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def here(i, **more):
    return {"lat": lat(i), "lon": lon(i), **more}


# program -> (record of the i-th vehicle, what is right: asked roles, time against NOW or None where it is that of reading,
# speed in m/s, heading)
SHOWN = {
    "Samsara": (lambda i: {"id": f"2814{i}", "location": {"latitude": lat(i), "longitude": lon(i), "heading": turned(i), "speed": 48.3, "time": at()}},
                ("speed_unit",), 0, None, turned),
    "MiX Telematics": (lambda i: {"AssetId": i, "Timestamp": at(), "Latitude": lat(i), "Longitude": lon(i), "Heading": turned(i),
                                  "SpeedKilometresPerHour": 36.0, "Hdop": 1}, (), 0, 10.0, turned),
    "Navixy": (lambda i: {"state": {"source_id": i, "gps": {"updated": "2026-11-22 12:00:00", "heading": turned(i), "location": {
        "lat": lat(i), "lng": lon(i)}}, "gsm": {"updated": "2026-11-22 11:50:44"}, "last_update": "2026-11-22 12:00:44"}}, (), 0, None, turned),
    "Blues Notehub": (lambda i: {"device": f"dev:{i}", "when": NOW, "best_location_when": NOW, "best_lat": lat(i), "best_lon": lon(i),
                                 "tower_lat": lat(i) + 0.1, "tower_lon": lon(i), "tower_when": NOW - 900}, (), 0, None, None),
    "ISO 15143-3": (lambda i: {"EquipmentHeader": {"EquipmentID": f"e{i}"}, "Location": {"datetime": at(), "Latitude": lat(i), "Longitude": lon(i)},
                               "CumulativeOperatingHours": {"datetime": at(-600), "Hour": 500.1}}, (), 0, None, None),
    "CalAmp": (lambda i: {"eventReport": {"latitude": lat(i), "longitude": lon(i), "timeOfFix": NOW, "updateTime": NOW + 9, "heading": turned(i)}},
               (), 0, None, turned),
    "ThingPark (location)": (lambda i: {"DevEUI_location": {"DevEUI": f"0{i}", "DevLocTime": at(), "DevLAT": f"{lat(i)}", "DevLON": f"{lon(i)}"}},
                             (), 0, None, None),
    "Spire Maritime": (lambda i: {"staticData": {"mmsi": 227000000 + i, "timestamp": at(-3000)}, "lastPositionUpdate": {
        "course": 90.5, "heading": 91, "latitude": lat(i), "longitude": lon(i), "speed": 10.0, "timestamp": at()}}, (), 0, 10 * KNOT, lambda i: 91),
    "AISHub": (lambda i: {"MMSI": 227000000 + i, "TIME": "2026-11-22 12:00:00 GMT", "LONGITUDE": lon(i), "LATITUDE": lat(i), "COG": 90.5,
                          "SOG": 10.0, "HEADING": 511}, (), 0, 10 * KNOT, lambda i: 90.5),
    "IVEF": (lambda i: {"TrackData": {"Id": i, "COG": 90.5, "SOG": 5.14, "UpdateTime": at(), "Pos": {"Lat": lat(i), "Long": lon(i)}}},
             ("speed_unit",), 0, None, lambda i: 90.5),
    "Signal K by paths": (lambda i: {"navigation.position.latitude": lat(i), "navigation.position.longitude": lon(i), "navigation.speedOverGround": 4.3,
                                     "navigation.headingTrue": math.pi / 2, "navigation.datetime": at()}, (), 0, 4.3, lambda i: 90.0),
    "FlightAware Firehose": (lambda i: {"pitr": str(NOW + 1), "type": "position", "ident": f"AAL{i}", "clock": str(NOW), "id": f"AAL{i}-1", "gs": "420",
                                        "heading": str(turned(i)), "lat": str(lat(i)), "lon": str(lon(i)), "alt": "35000"}, (), 0, 420 * KNOT, turned),
    "MSFS": (lambda i: {"PLANE_LATITUDE": lat(i), "PLANE_LONGITUDE": lon(i), "PLANE_HEADING_DEGREES_TRUE": math.radians(turned(i))}, (), None, None, None),
    "Open Drone ID": (lambda i: {"Location": {"Direction": 361, "Latitude": lat(i), "Longitude": lon(i), "TimeStamp": 1800.5},
                                 "System": {"OperatorLatitude": lat(i) + 0.1, "OperatorLongitude": lon(i)}}, (), None, None, None),
    "BusTime": (lambda i: {"vid": f"1{i}", "tmstmp": "20261122 06:00:30", "lat": str(lat(i)), "lon": str(lon(i)), "hdg": str(turned(i)), "rt": "22",
                           "spd": 12}, (), None, 12 * 1609.344 / 3600, turned),
    "ATAK": (lambda i: {"uid": f"A-{i}", "sendTime": NOW * 1000, "staleTime": (NOW + 300) * 1000, **here(i), "detail": {"track": {"course": turned(i)}}},
             (), 0, None, turned),
    "Find My": (lambda i: {"location": {"latitude": lat(i), "longitude": lon(i), "timeStamp": NOW * 1000}, "crowdSourcedLocation": {
        "latitude": lat(i) + 1, "longitude": lon(i), "timeStamp": (NOW - 4000) * 1000}}, (), 0, None, None),
    "Tractive": (lambda i: {"_id": f"x{i}", "time": NOW, "latlong": [lat(i), lon(i)], "course": turned(i)}, (), 0, None, turned),
    "SAE J2735": (lambda i: {"coreData": {"id": f"AB{i}", "lat": lat(i), "long": lon(i), "heading": 7200 + i, "angle": 127}}, (), None, None, None),
    "Tesla": (lambda i: {"drive_state": {"latitude": lat(i), "longitude": lon(i), "active_route_latitude": 45.1, "active_route_longitude": 5.7,
                                         "heading": turned(i), "timestamp": NOW * 1000}}, (), 0, None, turned),
    "Elasticsearch": (lambda i: {"_index": "v", "_id": f"v{i}", "_source": {"location": {"lat": lat(i), "lon": lon(i)}, "@timestamp": at(), "speed_kmh": 36}},
                      (), 0, 10.0, None),
    "DynamoDB": (lambda i: {"id": {"S": f"v{i}"}, "pos": {"M": {"lat": {"N": str(lat(i))}, "lon": {"N": str(lon(i))}}}, "ts": {"N": str(NOW)}},
                 (), 0, None, None),
    "DynamoDB stream": (lambda i: {"eventName": "MODIFY", "dynamodb": {
        "ApproximateCreationDateTime": NOW + 9, "NewImage": {"lat": {"N": str(lat(i))}, "lon": {"N": str(lon(i))}, "ts": {"N": str(NOW)}},
        "OldImage": {"lat": {"N": "45.1"}, "lon": {"N": "5.7"}}}}, (), 0, None, None),
    "MongoDB": (lambda i: {"_id": {"$oid": f"5f{i}"}, "loc": {"type": "Point", "coordinates": [{"$numberDouble": str(lon(i))}, {"$numberDouble": str(lat(i))}]},
                           "at": {"$date": {"$numberLong": str(NOW * 1000)}}}, (), 0, None, None),
    "Firestore": (lambda i: {"name": f"projects/v{i}", "fields": {"pos": {"geoPointValue": {"latitude": lat(i), "longitude": lon(i)}},
                                                               "at": {"timestampValue": at()}}, "updateTime": at(9)}, (), 0, None, None),
    "Avro": (lambda i: {"lat": {"double": lat(i)}, "lon": {"double": lon(i)}, "speed_kmh": {"double": 36.0}, "ts": {"long": NOW * 1000}}, (), 0, 10.0, None),
    "values with units": (lambda i: {"latitude": {"value": lat(i), "unit": "deg"}, "longitude": {"value": lon(i), "unit": "deg"}, "time": {"value": NOW}},
                          (), 0, None, None),
    "ST_AsGeoJSON": (lambda i: {"geom": json.dumps({"type": "Point", "coordinates": [lon(i), lat(i)]}), "updated_at": "2026-11-22 12:00:00+00"},
                     (), 0, None, None),
    "Esri JSON": (lambda i: {"attributes": {"VEH": f"v{i}", "REPORT_TIME": NOW * 1000}, "geometry": {
        "x": lon(i), "y": lat(i), "spatialReference": {"wkid": 4326}}}, (), 0, None, None),
    "AWS IoT shadow": (lambda i: {"state": {"desired": dict(ELSEWHERE), "reported": here(i)}, "timestamp": NOW}, (), 0, None, None),
    "Telegraf": (lambda i: {"fields": here(i, speed_kmh=36.0), "name": "gps", "tags": {"vehicle": f"v{i}"}, "timestamp": NOW}, (), 0, 10.0, None),
    "BMW CarData": (lambda i: {"currentLocation.latitude": {"timestamp": at(), "value": str(lat(i))},
                               "currentLocation.longitude": {"timestamp": at(), "value": str(lon(i))}}, (), 0, None, None),
}  # fmt: skip


def judged(records, as_texts=False):
    """(recognition, the fix or refusal of each record), a key per vehicle."""
    if as_texts:
        rows = [
            Row(str(n), b"k", fields_record([str(x).encode() for pair in one.items() for x in pair]))
            for n, one in enumerate(records)
        ]
    else:
        rows = [value_row(str(n), b"k", json.dumps(one).encode()) for n, one in enumerate(records)]
    found = recognise([row.data for row in rows], [row.id for row in rows], now=NOW + 5.0)
    decoder = Decoder(found.mapping, as_texts)
    return found, [decoder.fix(row, NOW + 5.0) for row in rows]


@pytest.mark.parametrize("program", SHOWN)
def test_a_message_is_shown_right(program):
    record, asked, time, speed, heading = SHOWN[program]
    found, fixes = judged([record(i) for i in range(VEHICLES)])
    assert found.unsure == asked
    for i, fix in enumerate(fixes):
        assert isinstance(fix, Fix)
        assert (fix.lon, fix.lat) == pytest.approx((lon(i), lat(i)), abs=1e-6)
        assert (fix.time, fix.derived) == ((NOW + 5.0, "time") if time is None else (NOW + time, None))
        assert fix.speed == (None if speed is None else pytest.approx(speed))
        assert fix.heading == (None if heading is None else pytest.approx(heading(i)))


# what is asked about before anything is shown: (record, roles)
ASKED = {
    "ThingPark, the base station": (lambda i: {"DevEUI_uplink": {"Time": at(), "LrrLAT": f"{lat(i)}", "LrrLON": f"{lon(i)}"}}, ("place",)),
    "a prefix that is not known": (lambda i: {"site_lat": lat(i), "site_lon": lon(i), "ts": NOW}, ("place",)),
    "a container that is not known": (lambda i: {"id": i, "branch": here(i), "ts": NOW}, ("place",)),
    "an unknown container beside a known one": (lambda i: {"depotish": here(i), "gps": dict(ELSEWHERE), "ts": NOW}, ("place",)),
    "order and courier, one deeper": (lambda i: {"order": here(i), "courier": {"position": dict(ELSEWHERE)}, "ts": NOW}, ("place",)),
    "an order with the customer's place, and its courier": (lambda i: {"order_id": i, **here(i), "courier": dict(ELSEWHERE), "ts": NOW}, ("place",)),
    "the same without objects": (lambda i: {**here(i), "courier_lat": 45.1, "courier_lon": 5.7, "ts": NOW}, ("place",)),
    "TTN 2, where the device was registered": (lambda i: {"payload_fields": here(i), "metadata": {"time": at(), **ELSEWHERE}}, ("place",)),
    "OneBusAway": (lambda i: {"location": here(i), "tripStatus": {"vehicle": {"lat": lat(i) + 1, "lon": lon(i)}}, "time": NOW}, ("place",)),
    "Tookan's jobs": (lambda i: {"job_latitude": lat(i), "job_longitude": lon(i), "ts": NOW}, ("place",)),
    "internet addresses": (lambda i: {"query": f"1.2.3.{i}", "isp": "x", "country": "France", "city": "Paris", **here(i)}, ("place",)),
    "sessions of a site": (lambda i: {"ip": "1.2.3.4", "geo": here(i, city="Paris"), "last_seen": NOW}, ("place",)),
    "clients of a log": (lambda i: {"@timestamp": at(), "client": {"geo": {"location": here(i)}}, "url": {}}, ("place",)),
    "latencies by name": (lambda i: {"service": f"s{i}", "lat_ms": 12.5 + i, "lon_ms": 80.25, "ts": NOW}, ("place",)),
    "latencies of a service": (lambda i: {"service": f"s{i}", "lat": 12.5 + i, "long": 80.2, "rps": 300, "ts": NOW}, ("place",)),
    "counts": (lambda i: {"host": f"s{i}", "lat": 12 + i, "long": 34, "ts": NOW}, ("place",)),
    "height, latitude, longitude": (lambda i: {"position": [35.2 + i, lat(i), lon(i)], "ts": NOW, "truck": i}, ("place",)),
    "the same, near the sea": (lambda i: {"position": [2.0 + i / 10, lat(i), lon(i)], "ts": NOW, "truck": i}, ("place",)),
    "height with many decimals": (lambda i: {"position": [35.2345678 + 7 * i, lat(i), lon(i)], "ts": NOW, "truck": i}, ("place",)),
    "Leaflet's order": (lambda i: {"position": [lat(i), lon(i)], "ts": NOW, "truck": i}, ("order",)),
    "Leaflet's order, of a drifter": (lambda i: {"id": i, "position": [34.5123 + i / 100, 18.5123], "ts": NOW}, ("order",)),
    "AWS Location": (lambda i: {"DeviceId": f"v{i}", "SampleTime": at(), "Position": [lon(i), lat(i)]}, ("order",)),
    "Baidu": (lambda i: {"entity_name": f"c{i}", "coord_type_input": "gcj02", "latitude": 39.9, "longitude": 116.3, "loc_time": NOW}, ("crs",)),
    "Baidu by number": (lambda i: {"entity_name": f"c{i}", "coord_type": 3, "latitude": 39.9, "longitude": 116.3, "loc_time": NOW}, ("crs",)),
    "milliseconds of arc": (lambda i: {"lat": round(lat(i) * 3.6e6), "lon": round(lon(i) * 3.6e6), "ts": NOW}, ("scale",)),
    "JT/T 808": (lambda i: {"phone": f"0{i}", "latitude": round(lat(i) * 1e6) + 1, "longitude": round(lon(i) * 1e6) + 1, "time": "261122200000"}, ("scale",)),
    "PX4": (lambda i: {"timestamp": 1_500_000_000 + i, "timestamp_sample": 1_499_999_900 + i, **here(i)}, ("time",)),
}  # fmt: skip


@pytest.mark.parametrize("what", ASKED)
def test_what_is_not_sure_is_asked(what):
    record, asked = ASKED[what]
    found, fixes = judged([record(i) for i in range(VEHICLES)])
    assert found.unsure == asked
    assert not any(isinstance(fix, Fix) for fix in fixes)


HIDDEN = {
    "Samsara's geofences": lambda i: {"data": {"address": {"geofence": {"circle": {"latitude": lat(i), "longitude": lon(i)}}}, "vehicle": {"id": i}}},
    "inReach without a fix": lambda i: {"point": {"latitude": lat(i), "longitude": lon(i), "gpsFix": 0}, "timeStamp": NOW * 1000},
    "dilution 99": lambda i: here(i, hdop=99, ts=NOW),
    "dilution 99.0": lambda i: here(i, hdop="99.0", ts=NOW),
    "lost": lambda i: here(i, gps_status="lost", ts=NOW),
    "searching": lambda i: here(i, gps={"fix": "searching"}, ts=NOW),
    "no signal": lambda i: here(i, gps_state="no_signal", ts=NOW),
    "check-ins": lambda i: {"createdAt": NOW, "venue": {"location": here(i)}},
    "VDA 5050": lambda i: {"timestamp": at(), "agvPosition": {"x": 12.512 + i, "y": 40.125, "theta": 1.5}},
    "Firehose, other messages": lambda i: {"pitr": str(NOW), "type": "flifo", "ident": f"A{i}", "clock": "1", "lat": str(lat(i)), "lon": str(lon(i))},
    "a deleted row of DynamoDB": lambda i: {"eventName": "REMOVE", "dynamodb": {"OldImage": {"lat": {"N": "45.1"}, "lon": {"N": "5.7"}}}},
}  # fmt: skip


@pytest.mark.parametrize("what", HIDDEN)
def test_what_is_no_position_is_not_shown(what):
    _, fixes = judged([HIDDEN[what](i) for i in range(VEHICLES)])
    assert not any(isinstance(fix, Fix) for fix in fixes)


@pytest.mark.parametrize("hundredths", [[95, 99, 120], [70, 130, 99]])
def test_dilutions_in_hundredths_deny_nothing(hundredths):
    _, fixes = judged([here(i, hdop=hundredths[i % 3], ts=NOW) for i in range(6)])
    assert all(isinstance(fix, Fix) for fix in fixes)


# --- angles by other units, of many vehicles at one moment ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("circle", "kept"),
    [(256, False), (36, False), (180, False), (400, False), (64, False), (360, True), (330, True)],
)
@pytest.mark.parametrize("name", ["heading", "course", "direction", "bearing"])
def test_headings_that_leave_out_a_part_of_the_circle_are_of_another_unit(circle, kept, name):
    records = [here(i % VEHICLES, ts=NOW, **{name: (i * 53 + 7) % circle}) for i in range(40)]
    found, fixes = judged(records)
    assert (found.mapping.heading == name) == kept
    assert all((fix.heading is None) != kept for fix in fixes)


@pytest.mark.parametrize("ways", [(80, 100), (0, 180), (0, 90, 180), (40, 50, 230)])
def test_the_headings_of_roads_are_degrees(ways):
    records = [here(i % VEHICLES, ts=NOW, heading=(ways[i % len(ways)] + i % 7) % 360) for i in range(40)]
    assert judged(records)[0].mapping.heading == "heading"


@pytest.mark.parametrize("count", [1, 3, 8])
def test_few_headings_in_radians_are_told_by_their_digits(count):
    records = [here(i, ts=NOW, heading=math.radians(40 + 30 * i)) for i in range(count)]
    assert judged(records)[0].mapping.heading == ""


@pytest.mark.parametrize(
    ("named", "unit"), [("speed_kmh", "km/h"), ("speed_knots", "kn"), ("speed_ms", "m/s")]
)
@pytest.mark.parametrize("true", ["km/h", "kn", "m/s"])
def test_a_unit_that_the_ways_deny_is_asked(named, unit, true):
    factor = {"km/h": KMH, "kn": KNOT, "m/s": 1.0}[true]
    records = [
        {"vehicle_id": f"v{v}", "lat": 48.85 + v / 10 + r * math.degrees(100 / 6_371_008.8), "lon": 2.35, "ts": NOW - 100 + 10 * r, named: 10 / factor}
        for r in range(8) for v in range(2)
    ]  # fmt: skip
    found = recognise(records, with_id=True, now=NOW)
    assert found.unsure == (() if true == unit else ("speed_unit",))


# --- China: a note, and no silent shift ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "more", "noted"),
    [
        ((116.39, 39.91), {}, True), ((121.47, 31.23), {}, True), ((113.26, 23.13), {}, True), ((104.06, 30.67), {}, True),
        ((116.39, 39.91), {"datum": "WGS-84"}, False), ((2.35, 48.85), {}, False), ((139.69, 35.69), {}, False), ((77.21, 28.61), {}, False),
        ((126.98, 37.57), {}, False), ((105.84, 21.03), {}, False), ((121.56, 25.03), {}, False), ((-99.13, 19.43), {}, False),
    ],
)  # fmt: skip
def test_a_fleet_in_china_has_a_note_of_moved_coordinates(place, more, noted):
    records = [{"lng": place[0] + n / 1000, "lat": place[1], "ts": NOW, **more} for n in range(4)]
    found, fixes = judged(records)
    assert ("in_china" in dict(found.reasons)) == noted
    assert (fixes[0].lon, fixes[0].lat) == place


# --- whole fleets in one value -------------------------------------------------------------------------------------------

FLEETS = {
    "AISHub": (lambda: [[{"ERROR": False}], [SHOWN["AISHub"][0](i) for i in range(VEHICLES)]], [str(227000000 + i) for i in range(VEHICLES)]),
    "BusTime": (lambda: {"bustime-response": {"vehicle": [SHOWN["BusTime"][0](i) for i in range(VEHICLES)]}}, [f"1{i}" for i in range(VEHICLES)]),
    "Elasticsearch": (lambda: {"took": 3, "hits": {"hits": [SHOWN["Elasticsearch"][0](i) for i in range(VEHICLES)]}}, [f"v{i}" for i in range(VEHICLES)]),
    "a list of one answer": (lambda: {"RESULT": [{"ships": [{"mmsi": i, **here(i)} for i in range(VEHICLES)]}]}, [str(i) for i in range(VEHICLES)]),
}  # fmt: skip


@pytest.mark.parametrize("program", FLEETS)
def test_an_answer_with_a_fleet_is_taken_apart(program):
    value, idents = FLEETS[program]
    found = unfold(decode_value(json.dumps(value()).encode()))
    assert [who for who, _ in found] == idents
