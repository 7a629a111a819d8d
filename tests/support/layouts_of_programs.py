"""Messages of programs with a documented format, kept in Redis as they came (see layouts.py)."""

from __future__ import annotations

import base64
import json
import struct
from datetime import datetime, timezone
from typing import Any

from tests.support.layout import (
    KNOT,
    Layout,
    iso,
    place,
    point,
    register,
    set_command,
)


@register
def owntracks(now: float) -> Layout:
    commands = [
        set_command(f"owntracks:user:phone{i}", {
            "_type": "location", "tid": f"p{i}", "lat": place(i)[1], "lon": place(i)[0], "tst": int(now), "acc": 12,
            "batt": 80, "cog": 270, "vel": 72, "alt": 35, "t": "u"})
        for i in range(6)
    ]  # fmt: skip
    return Layout("owntracks", "https://owntracks.org/booklet/tech/json/: vel in km/h", commands, "owntracks:user:*", {"phone3": place(3)}, 6, speed=20.0, heading=270.0, time=int(now))  # fmt: skip


def _traccar(i: int, now: float, **more: Any) -> dict[str, Any]:
    return {
        "id": 9 + i, "attributes": {"batteryLevel": 90, "distance": 12.3}, "deviceId": i, "protocol": "osmand",
        "serverTime": iso(now), "deviceTime": iso(now), "fixTime": iso(now), "outdated": False, "valid": True,
        "latitude": place(i)[1], "longitude": place(i)[0], "altitude": 0.0, "speed": 10.0, "course": 0.0,
        "address": None, "accuracy": 0.0, "network": None, "geofenceIds": None, **more,
    }  # fmt: skip


@register
def traccar_lists(now: float) -> Layout:
    commands = [("LPUSH", f"positions.86{i:04d}", json.dumps(_traccar(i, now))) for i in range(6)]
    return Layout("traccar_lists", "https://www.traccar.org/api-reference/: speed in knots", commands, "positions.*", {"860003": place(3)}, 6, speed=10 * KNOT, heading=0.0, time=now)  # fmt: skip


@register
def traccar_broadcast(now: float) -> Layout:
    commands = [
        ("XADD", "traccar", "*", "message", json.dumps({"position": _traccar(i, now, id=700 + i, course=45)}))
        for i in range(10)
    ]
    return Layout("traccar_broadcast", "Traccar's broadcast messages, in a stream", commands, "traccar", {"3": place(3)}, 10, speed=10 * KNOT, heading=45.0, time=now)  # fmt: skip


def _gtfs_entity(i: int, now: float) -> dict[str, Any]:
    position = {"latitude": place(i)[1], "longitude": place(i)[0], "bearing": 90.0, "speed": 8.3}
    vehicle = {"id": f"bus{i}", "label": f"{i}"}
    trip = {"trip_id": f"t{i}", "route_id": "46A"}
    inner = {"trip": trip, "position": position, "timestamp": str(int(now)), "vehicle": vehicle}
    return {"id": f"e{i}", "vehicle": inner}


@register
def gtfs_realtime_json(now: float) -> Layout:
    header = {"gtfs_realtime_version": "2.0", "timestamp": str(int(now))}
    commands = [
        set_command(
            "gtfsrt:vehicles", {"header": header, "entity": [_gtfs_entity(i, now) for i in range(30)]}
        )
    ]
    return Layout("gtfs_realtime_json", "gtfs-realtime.proto, protobuf's MessageToDict", commands, "gtfsrt:vehicles", {"bus3": place(3)}, 30, speed=8.3, heading=90.0, time=int(now))  # fmt: skip


@register
def gtfs_realtime_camel(now: float) -> Layout:
    def camel(value: Any) -> Any:
        if isinstance(value, dict):
            names = (part.split("_") for part in value)
            return {
                first + "".join(more.title() for more in rest): camel(inner)
                for (first, *rest), inner in zip(names, value.values())
            }
        return value

    header = {"gtfsRealtimeVersion": "2.0", "timestamp": str(int(now))}
    entities = [camel(_gtfs_entity(i, now)) for i in range(30)]
    commands = [set_command("gtfsrt:camel", {"header": header, "entity": entities})]
    return Layout("gtfs_realtime_camel", "gtfs-realtime.proto, protobuf's JSON names", commands, "gtfsrt:camel", {"bus3": place(3)}, 30, speed=8.3, heading=90.0, time=int(now))  # fmt: skip


def varint(number: int) -> bytes:
    """A number as protobuf writes it."""
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def delimited(number: int, content: bytes) -> bytes:
    """A protobuf field of bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def gtfs_protobuf(count: int, now: float) -> bytes:
    """A FeedMessage with the positions of ``count`` vehicles, coordinates as 32-bit floats."""

    def entity(i: int) -> bytes:
        lon, lat = place(i)
        position = struct.pack("<Bf", 0x0D, lat) + struct.pack("<Bf", 0x15, lon)
        position += struct.pack("<Bf", 0x1D, 90.0) + struct.pack("<Bf", 0x2D, 8.3)
        vehicle = delimited(2, position) + varint(5 << 3) + varint(int(now))
        vehicle += delimited(8, delimited(1, f"bus{i}".encode()))
        return delimited(2, delimited(1, f"e{i}".encode()) + delimited(4, vehicle))

    header = delimited(1, delimited(1, b"2.0") + varint(3 << 3) + varint(int(now)))
    return header + b"".join(map(entity, range(count)))


@register
def gtfs_realtime_protobuf(now: float) -> Layout:
    commands = [set_command("gtfs-rt:vehiclepositions.pb", gtfs_protobuf(30, now))]
    return Layout("gtfs_realtime_protobuf", "gtfs-realtime.proto", commands, "gtfs-rt:vehiclepositions.pb", {"bus3": place(3)}, 30, speed=8.3, heading=90.0, time=int(now))  # fmt: skip


def _aircraft(i: int, **more: Any) -> dict[str, Any]:
    return {
        "hex": f"3c64{i:02x}", "type": "adsb_icao", "flight": f"DLH{i}  ", "alt_baro": 35000, "gs": 420.1,
        "track": 93.2, "lat": place(i)[1], "lon": place(i)[0], "nic": 8, "seen_pos": 0.5, "seen": 0.1, "rssi": -20.1,
        **more,
    }  # fmt: skip


@register
def readsb_aircraft(now: float) -> Layout:
    commands = [
        set_command(
            "adsb:aircraft", {"now": now, "messages": 123456, "aircraft": [_aircraft(i) for i in range(30)]}
        )
    ]
    return Layout("readsb_aircraft", "https://github.com/wiedehopf/readsb README-json.md: gs in knots, seen_pos before now", commands, "adsb:aircraft", {"3c6403": place(3)}, 30, speed=420.1 * KNOT, heading=93.2, time=now - 0.5)  # fmt: skip


@register
def dump1090_older(now: float) -> Layout:
    commands = [
        set_command(f"plane:{i}", {
            "hex": f"3c64{i:02x}", "squawk": "1000", "flight": f"DLH{i}  ", "lat": place(i)[1], "lon": place(i)[0],
            "validposition": 1, "altitude": 35000, "vert_rate": 0, "track": 93, "validtrack": 1, "speed": 420,
            "messages": 12, "seen": 1})
        for i in range(10)
    ]  # fmt: skip
    return Layout("dump1090_older", "dump1090's data.json: speed in knots", commands, "plane:*", {"3": place(3)}, 10, speed=420 * KNOT, heading=93.0)  # fmt: skip


@register
def opensky_states(now: float) -> Layout:
    states = [
        [f"3c64{i:02x}", f"DLH{i}   ", "Germany", int(now), int(now), *place(i), 10000, False, 220.1, 93.2, 0, None,
         10100, "1000", False, 0]
        for i in range(30)
    ]  # fmt: skip
    commands = [set_command("opensky:states", {"time": int(now), "states": states})]
    return Layout("opensky_states", "https://openskynetwork.github.io/opensky-api/rest.html: velocity in m/s", commands, "opensky:states", {"3c6403": place(3)}, 30, speed=220.1, heading=93.2, time=int(now))  # fmt: skip


@register
def flightradar24_feed(now: float) -> Layout:
    flights: dict[str, Any] = {"full_count": 9000, "version": 4}
    for i in range(6):
        lon, lat = place(i)
        flights[f"2f1a2b{i}"] = [
            f"4CA2D{i}", lat, lon, 270, 37000, 450, "1000", "F-LFPG1", "A320", f"EI-DE{i}", int(now), "CDG", "JFK", "AF1",
            0, 0, "AFR1", 0, "AFR"]  # fmt: skip
    origin = "https://github.com/JeanExtreme002/FlightRadarAPI"
    return Layout(
        "flightradar24_feed", origin, [set_command("fr24", flights)], "fr24", {"2f1a2b3": place(3)}, 6, speed=450 * KNOT,
        heading=270.0, time=float(int(now)))  # fmt: skip


@register
def aprs_fi_entries(now: float) -> Layout:
    entries = [
        {"class": "a", "name": f"F4ABC-{i}", "type": "l", "time": str(int(now) - 500), "lasttime": str(int(now)),
         "lat": str(place(i)[1]), "lng": str(place(i)[0]), "course": 90, "speed": 36, "symbol": "/>"}
        for i in range(6)
    ]  # fmt: skip
    value = {"command": "get", "result": "ok", "what": "loc", "found": 6, "entries": entries}
    return Layout(
        "aprs_fi_entries", "https://aprs.fi/page/api", [set_command("aprs", value)], "aprs", {"F4ABC-3": place(3)}, 6,
        speed=10.0, heading=90.0, time=float(int(now)))  # fmt: skip


@register
def aircraft_array(now: float) -> Layout:
    commands = [
        set_command("kaos:aircraft:global", [
            {"icao24": f"3c64{i:02x}", "callsign": f"DLH{i}", "latitude": place(i)[1], "longitude": place(i)[0],
             "altitude": 10000, "velocity": 220.1, "heading": 93, "verticalRate": 0, "onGround": False,
             "lastContact": int(now), "originCountry": "Germany"} for i in range(30)])
    ]  # fmt: skip
    return Layout("aircraft_array", "OpenSky's states under names", commands, "kaos:aircraft:global", {"3c6403": place(3)}, 30, speed=220.1, heading=93.0, time=int(now))  # fmt: skip


@register
def vessel_per_key(now: float) -> Layout:
    commands = [
        set_command(f"vessel:22700{i:04d}", {
            "mmsi": 227000000 + i, "lat": place(i)[1], "lon": place(i)[0], "cog": 90, "sog": 12.0, "heading": 511,
            "timestamp": iso(now), "tile": "12/2074/1409"})
        for i in range(20)
    ]  # fmt: skip
    return Layout("vessel_per_key", "AIS (ITU-R M.1371): sog in knots, heading 511 is none", commands, "vessel:*", {"227000003": place(3)}, 20, speed=12 * KNOT, heading=90.0, time=now)  # fmt: skip


@register
def aisstream(now: float) -> Layout:
    said = datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f") + "000 +0000 UTC"
    commands = [
        set_command(f"ais:{227000000 + i}", {
            "MessageType": "PositionReport",
            "MetaData": {"MMSI": 227000000 + i, "MMSI_String": str(227000000 + i), "ShipName": f"S{i}",
                         "latitude": place(i)[1], "longitude": place(i)[0], "time_utc": said},
            "Message": {"PositionReport": {
                "Cog": 308.2, "Latitude": place(i)[1], "Longitude": place(i)[0], "MessageID": 1,
                "NavigationalStatus": 15, "Sog": 5.0, "Timestamp": 31, "TrueHeading": 235, "UserID": 227000000 + i,
                "Valid": True}}})
        for i in range(20)
    ]  # fmt: skip
    return Layout("aisstream", "https://aisstream.io/documentation: Sog in knots, Timestamp is a second", commands, "ais:*", {"227000003": place(3)}, 20, speed=5 * KNOT, heading=235.0, time=now)  # fmt: skip


@register
def digitraffic_ships(now: float) -> Layout:
    commands = [
        set_command(f"marine:{230000000 + i}", {
            "mmsi": 230000000 + i, "type": "Feature", "geometry": point(i),
            "properties": {"mmsi": 230000000 + i, "sog": 0.1, "cog": 346.5, "navStat": 1, "rot": 4, "posAcc": True,
                           "raim": False, "heading": 79, "timestamp": 59, "timestampExternal": int(now * 1000)}})
        for i in range(20)
    ]  # fmt: skip
    return Layout("digitraffic_ships", "https://meri.digitraffic.fi/swagger/: timestamp is a second, timestampExternal the moment", commands, "marine:*", {"230000003": place(3)}, 20, speed=0.1 * KNOT, heading=79.0, time=int(now * 1000) / 1000)  # fmt: skip


@register
def ais_catcher(now: float) -> Layout:
    received = datetime.fromtimestamp(int(now), timezone.utc).strftime("%Y%m%d%H%M%S")
    commands = [
        set_command(f"aiscatcher:{230000000 + i}", {
            "class": "AIS", "device": "AIS-catcher", "rxtime": received, "scaled": True, "channel": "B", "type": 1,
            "mmsi": 230000000 + i, "status": 0, "turn": 0, "speed": 10.0, "accuracy": True, "lon": place(i)[0],
            "lat": place(i)[1], "course": 90.1, "heading": 89, "second": 22})
        for i in range(20)
    ]  # fmt: skip
    return Layout("ais_catcher", "https://github.com/jvde-github/AIS-catcher: speed in knots, rxtime in UTC", commands, "aiscatcher:*", {"230000003": place(3)}, 20, speed=10 * KNOT, heading=89.0, time=int(now))  # fmt: skip


@register
def debezium_compact(now: float) -> Layout:
    commands = []
    for i in range(20):
        after = {
            "id": i,
            "plate": f"AB{i}",
            "lat": place(i)[1],
            "lon": place(i)[0],
            "updated_at": int(now * 1e6),
        }
        source = {"version": "3.0", "connector": "postgresql", "name": "dbserver1", "ts_ms": int(now * 1000), "db": "fleet", "table": "vehicles"}  # fmt: skip
        said = {"before": None, "after": after, "source": source, "op": "u", "ts_ms": int(now * 1000)}
        commands.append(("XADD", "dbserver1.public.vehicles", "*", json.dumps({"id": i}), json.dumps(said)))
    return Layout("debezium_compact", "https://debezium.io Debezium Server's Redis sink: compact messages", commands, "dbserver1.public.vehicles", {"3": place(3)}, 20, time=int(now * 1e6) / 1e6)  # fmt: skip


@register
def debezium_postgis(now: float) -> Layout:
    commands = []
    for i in range(20):
        point = base64.b64encode(struct.pack("<BIdd", 1, 1, *place(i))).decode()
        after = {"id": i, "geom": {"wkb": point, "srid": 4326}}
        said = {"before": None, "after": after, "op": "c", "ts_ms": int(now * 1000)}
        commands.append(("XADD", "dbserver1.public.places", "*", "key", json.dumps({"id": i}), "value", json.dumps(said)))  # fmt: skip
    return Layout("debezium_postgis", "https://debezium.io: io.debezium.data.geometry.Geometry, WKB in base64", commands, "dbserver1.public.places", {"3": place(3)}, 20)  # fmt: skip


@register
def rows_of_change_capture(now: float) -> Layout:
    commands = [
        ("XADD", "cdc:positions", "*", "id", 1000 + n, "vehicle_id", f"V{n % 5}",
         "lat", round(place(n % 5)[1] + n // 5 * 1e-4, 6), "lon", place(n % 5)[0], "ts", int(now) - 400 + n // 5 * 10)
        for n in range(200)
    ]  # fmt: skip
    right = {"V3": (place(3)[0], round(place(3)[1] + 39e-4, 6))}
    return Layout("rows_of_change_capture", "rows of a table of positions: the row's id never repeats", commands, "cdc:positions", right, 5, time=int(now) - 10)  # fmt: skip


@register
def ngsi_ld(now: float) -> Layout:
    commands = [
        set_command(f"urn:ngsi-ld:Vehicle:{i}", {
            "id": f"urn:ngsi-ld:Vehicle:{i}", "type": "Vehicle",
            "location": {"type": "GeoProperty", "value": point(i), "observedAt": iso(now)},
            "speed": {"type": "Property", "value": 50, "unitCode": "KMH"},
            "heading": {"type": "Property", "value": 90}})
        for i in range(10)
    ]  # fmt: skip
    return Layout("ngsi_ld", "ETSI GS CIM 009: observedAt of the location, unitCode of UN/CEFACT", commands, "urn:ngsi-ld:Vehicle:*", {"3": place(3)}, 10, speed=50 / 3.6, heading=90.0, time=now)  # fmt: skip


@register
def home_assistant(now: float) -> Layout:
    commands = [
        set_command(f"ha:device_tracker.phone{i}", {
            "entity_id": f"device_tracker.phone{i}", "state": "not_home",
            "attributes": {"source_type": "gps", "latitude": place(i)[1], "longitude": place(i)[0], "gps_accuracy": 12,
                           "battery_level": 80, "friendly_name": f"Phone {i}"},
            "last_changed": iso(now - 900), "last_updated": iso(now), "context": {"id": "01", "user_id": None}})
        for i in range(6)
    ]  # fmt: skip
    return Layout("home_assistant", "https://www.home-assistant.io/docs/configuration/state_object/", commands, "ha:device_tracker.*", {"phone3": place(3)}, 6, time=now)  # fmt: skip


@register
def siri_vehicle_monitoring(now: float) -> Layout:
    activities = [
        {"RecordedAtTime": iso(now), "MonitoredVehicleJourney": {
            "LineRef": "46A", "VehicleLocation": {"Longitude": place(i)[0], "Latitude": place(i)[1]}, "Bearing": 90.0,
            "VehicleRef": f"bus{i}"}}
        for i in range(10)
    ]  # fmt: skip
    delivery = [{"ResponseTimestamp": iso(now), "VehicleActivity": activities}]
    commands = [
        set_command("siri:vm", {"Siri": {"ServiceDelivery": {"VehicleMonitoringDelivery": delivery}}})
    ]
    return Layout("siri_vehicle_monitoring", "CEN/TS 15531-3, as JSON", commands, "siri:vm", {"bus3": place(3)}, 10, heading=90.0, time=now)  # fmt: skip


@register
def gbfs_free_bikes(now: float) -> Layout:
    bikes = [
        {"bike_id": f"b{i}", "lat": place(i)[1], "lon": place(i)[0], "is_reserved": False, "is_disabled": False,
         "last_reported": int(now)}
        for i in range(30)
    ]  # fmt: skip
    commands = [set_command("gbfs:free_bike_status", {"last_updated": int(now), "ttl": 0, "version": "2.3", "data": {"bikes": bikes}})]  # fmt: skip
    return Layout("gbfs_free_bikes", "https://github.com/MobilityData/gbfs v2.3", commands, "gbfs:free_bike_status", {"b3": place(3)}, 30, time=int(now))  # fmt: skip


@register
def redis_om(now: float) -> Layout:
    commands = [
        ("JSON.SET", f":app.models.Truck:01HGW2N7EHJVJ4CJ999RRS2E{i:02d}", "$", json.dumps(
            {"pk": f"01HGW2N7EHJVJ4CJ999RRS2E{i:02d}", "name": f"truck {i}", "location": "{},{}".format(*place(i)),
             "seen": now}))
        for i in range(10)
    ]  # fmt: skip
    right = {"01HGW2N7EHJVJ4CJ999RRS2E03": place(3)}
    return Layout("redis_om", "https://github.com/redis/redis-om-python: Coordinates are 'longitude,latitude'", commands, ":app.models.Truck:*", right, 10, time=now, needs="json")  # fmt: skip
