"""Messages of trackers, boats, drones and their services (see layouts.py)."""

from __future__ import annotations

import json
import math
from typing import Any

from tests.support.layout import KNOT, Layout, hset_command, iso, place, register, set_command

VEHICLES = 8
MPH = 1609.344 / 3600.0


@register
def vessel_in_an_envelope(now: float) -> Layout:
    commands = [
        set_command(f"vf:{227000000 + i}", {"AIS": {
            "MMSI": 227000000 + i, "TIMESTAMP": iso(now), "LATITUDE": place(i)[1], "LONGITUDE": place(i)[0],
            "COURSE": 90.1, "SPEED": 5.0, "HEADING": 89, "NAVSTAT": 0}})
        for i in range(VEHICLES)
    ]  # fmt: skip
    return Layout(
        "vessel_in_an_envelope", "https://api.vesselfinder.com/docs/", commands, "vf:*", {"227000003": place(3)}, VEHICLES,
        speed=5 * KNOT, heading=89.0, time=now)  # fmt: skip


@register
def tram_in_an_envelope(now: float) -> Layout:
    commands = [
        set_command(f"hfp:22/{817 + i}", {"VP": {
            "desi": "550", "dir": "1", "oper": 22, "veh": 817 + i, "tst": iso(now), "tsi": int(now), "spd": 5.2,
            "hdg": 37 * i, "lat": place(i)[1], "long": place(i)[0], "odo": 3000, "oday": "2026-11-29", "start": "10:00"}})
        for i in range(VEHICLES)
    ]  # fmt: skip
    return Layout(
        "tram_in_an_envelope", "https://digitransit.fi/en/developers/apis/5-realtime-api/vehicle-positions/", commands,
        "hfp:22/*", {"820": place(3)}, VEHICLES, speed=5.2, heading=111.0, time=now)  # fmt: skip


@register
def rows_with_their_old_values(now: float) -> Layout:
    commands = [
        ("XADD", "maxwell", "*", "data", json.dumps({
            "database": "fleet", "table": "vehicles", "type": "update", "ts": int(now), "xid": 90 + n,
            "data": {"id": n % VEHICLES, "lat": place(n % VEHICLES)[1], "lon": place(n % VEHICLES)[0], "at": iso(now - 24 + n)},
            "old": {"lat": 1.0, "lon": 1.0}}))
        for n in range(3 * VEHICLES)
    ]  # fmt: skip
    return Layout(
        "rows_with_their_old_values",
        "https://maxwells-daemon.io/dataformat/",
        commands,
        "maxwell",
        {"3": place(3)},
        VEHICLES,
    )


@register
def truck_with_miles_an_hour(now: float) -> Layout:
    commands = [
        set_command(f"truck:{i}", {"id": f"28147{i}", "name": f"Truck {i}", "gps": {
            "time": iso(now), "latitude": place(i)[1], "longitude": place(i)[0], "headingDegrees": 120, "speedMilesPerHour": 48.3}})
        for i in range(VEHICLES)
    ]  # fmt: skip
    return Layout(
        "truck_with_miles_an_hour", "https://developers.samsara.com/reference/getvehiclestats", commands, "truck:*",
        {"3": place(3)}, VEHICLES, speed=48.3 * MPH, heading=120.0, time=now)  # fmt: skip


@register
def drone_with_scaled_integers(now: float) -> Layout:
    commands = [
        set_command(f"drone:{i}", {
            "mavpackettype": "GLOBAL_POSITION_INT", "time_boot_ms": 123456, "lat": round(place(i)[1] * 1e7),
            "lon": round(place(i)[0] * 1e7), "alt": 35000, "relative_alt": 1000, "vx": 300, "vy": 400, "vz": 0, "hdg": 30 * i})
        for i in range(VEHICLES)
    ]  # fmt: skip
    return Layout(
        "drone_with_scaled_integers", "https://mavlink.io/en/messages/common.html", commands, "drone:*", {"3": place(3)}, VEHICLES,
        speed=5.0, heading=0.9)  # fmt: skip


@register
def watch_with_semicircles(now: float) -> Layout:
    commands = [
        set_command(f"watch:{i}", {
            "timestamp": int(now) - 631065600, "position_lat": round(place(i)[1] * 2**31 / 180),
            "position_long": round(place(i)[0] * 2**31 / 180), "enhanced_speed": 3.2, "heart_rate": 130})
        for i in range(VEHICLES)
    ]  # fmt: skip
    return Layout(
        "watch_with_semicircles", "https://developer.garmin.com/fit/protocol/", commands, "watch:*", {"3": place(3)}, VEHICLES,
        speed=3.2, time=float(int(now)))  # fmt: skip


@register
def boat_with_radians(now: float) -> Layout:
    commands = [
        ("XADD", "signalk", "*", "data", json.dumps({"context": f"vessels.urn:mrn:imo:mmsi:23456789{i}", "updates": [{
            "timestamp": iso(now), "values": [
                {"path": "navigation.position", "value": {"longitude": place(i)[0], "latitude": place(i)[1]}},
                {"path": "navigation.speedOverGround", "value": 4.3},
                {"path": "navigation.courseOverGroundTrue", "value": math.pi / 2}]}]}))
        for i in range(VEHICLES)
    ]  # fmt: skip
    return Layout(
        "boat_with_radians", "https://signalk.org/specification/1.7.0/doc/", commands, "signalk",
        {"vessels.urn:mrn:imo:mmsi:234567893": place(3)}, VEHICLES, speed=4.3, heading=90.0, time=now)  # fmt: skip


@register
def letters_of_hemispheres(now: float) -> Layout:
    commands = [
        hset_command(f"gprs:{i}", lat=f"{22.9 + i / 100:.4f}", NS="S", lng=f"{43.2 + i / 100:.4f}", EW="W", ts=int(now), course=90)
        for i in range(VEHICLES)
    ]  # fmt: skip
    return Layout(
        "letters_of_hemispheres", "NMEA 0183 (RMC), as GPRS trackers send it", commands, "gprs:*", {"3": (-43.23, -22.93)}, VEHICLES,
        heading=90.0, time=float(int(now)))  # fmt: skip


@register
def robot_on_its_own_map(now: float) -> Layout:
    def odometry(i: int) -> dict[str, Any]:
        pose = {
            "position": {"x": 12.51 + i, "y": 40.12 + i, "z": 0.0},
            "orientation": {"x": 0, "y": 0, "z": 0, "w": 1},
        }
        return {
            "header": {"stamp": {"sec": int(now), "nanosec": 1}},
            "child_frame_id": "base",
            "pose": {"pose": pose},
        }

    commands = [set_command(f"robot:{i}", odometry(i)) for i in range(VEHICLES)]
    return Layout(
        "robot_on_its_own_map",
        "https://docs.ros.org/en/api/nav_msgs/html/msg/Odometry.html",
        commands,
        "robot:*",
        asked=("place",),
    )


@register
def where_only_hotspots_stand(now: float) -> Layout:
    hotspot = {"name": "loud-owl", "lat": 48.1, "long": 2.1, "rssi": -100, "reported_at": int(now * 1000)}
    commands = [
        set_command(f"helium:{i}", {"dev_eui": f"6081F9{i}", "fcnt": i, "reported_at": int(now * 1000), "hotspots": [hotspot]})
        for i in range(VEHICLES)
    ]  # fmt: skip
    return Layout("where_only_hotspots_stand", "https://docs.helium.com/", commands, "helium:*")


@register
def orders_with_two_places_as_text(now: float) -> Layout:
    commands = [
        hset_command(
            f"order:{i}",
            pickup=json.dumps({"lat": place(i)[1], "lng": place(i)[0]}),
            dropoff=json.dumps({"lat": 45.7, "lng": 4.8}),
        )
        for i in range(VEHICLES)
    ]
    return Layout("orders_with_two_places_as_text", "a shop's orders", commands, "order:*")
