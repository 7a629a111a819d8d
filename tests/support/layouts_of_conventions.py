"""Angles, moments, datums and units in conventions that a record names or that its values show (see layouts.py): read as
they are meant, or not shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from tests.support.layout import MADE, NONE, Layout, place, set_command

VEHICLES = 8
GPS, LEAP = 315_964_800.0, 18.0  # seconds from 1970 to 1980-01-06, and by how much GPS is ahead of UTC
Record = Callable[[int, float], Any]


def _add(name: str, origin: str, record: Record, **right: Any) -> None:
    """Register a layout of a string per vehicle. ``record`` makes the value of the i-th at a moment; ``right`` are fields of
    ``Layout``, of which ``shown`` says whether there are vehicles, and ``at`` where the fourth is."""

    def make(now: float) -> Layout:
        fields = dict(right)
        shown, at = fields.pop("shown", True), fields.pop("at", place(3))
        commands = [set_command(f"{name}:{i}", record(i, now)) for i in range(VEHICLES)]
        where = {"3": at} if shown else {}
        return Layout(
            name,
            origin,
            commands,
            f"{name}:*",
            where,
            VEHICLES if shown else 0,
            time=now if shown else None,
            **fields,
        )

    MADE[name] = make


def _here(i: int, now: float, **more: Any) -> dict[str, Any]:
    return {"lat": place(i)[1], "lon": place(i)[0], "ts": now, **more}


def _minutes(angle: float, mark: str) -> str:
    return f"{int(angle)}{mark} {angle % 1 * 60:.6f}'"


def _seconds(angle: float) -> str:
    return f"{int(angle)}°{int(angle % 1 * 60)}'{angle * 60 % 1 * 60:.5f}\""


# --- coordinates ----------------------------------------------------------------------------------------------------------

_add("degrees_minutes_seconds", "ISO 6709 annex D", lambda i, now: {
    "latitude": _seconds(place(i)[1]) + "N", "longitude": _seconds(place(i)[0]) + "E", "timestamp": now})  # fmt: skip
_add("minutes_and_letters_in_front", "charts and GPS receivers", lambda i, now: {
    "lat": "S " + _minutes(place(i)[1], "°"), "lon": "W" + _minutes(place(i)[0], "°"), "ts": now},
    at=(-place(3)[0], -place(3)[1]))  # fmt: skip
_add("degrees_with_a_letter", "weather stations and notices", lambda i, now: {
    "lat": f"{place(i)[1]}N", "lon": f"{place(i)[0]} W", "ts": now}, at=(-place(3)[0], place(3)[1]))  # fmt: skip
_add("degrees_with_their_sign", "exports for people", lambda i, now: {
    "lat": f"{place(i)[1]}°", "lon": f"{place(i)[0]} °", "ts": now})  # fmt: skip
_add("two_angles_in_one_text", "charts", lambda i, now: {
    "position": f"{_minutes(place(i)[0], '°')}W {_minutes(place(i)[1], '°')}N", "ts": now}, at=(-place(3)[0], place(3)[1]))  # fmt: skip
_add("iso_6709", "ISO 6709 annex H; QuickTime's location.ISO6709", lambda i, now: {
    "location": f"+{place(i)[1]:08.5f}-{place(i)[0]:09.5f}+035.0CRSWGS_84/", "timestamp": now},
    at=(-place(3)[0], place(3)[1]))  # fmt: skip
_add("semicircles_by_name", "Garmin's unit under other names", lambda i, now: {
    "lat_semicircles": round(place(i)[1] * 2**31 / 180), "lon_semicircles": round(place(i)[0] * 2**31 / 180), "ts": now})  # fmt: skip
_add("radians_by_name", "robots", lambda i, now: {
    "lat_rad": math.radians(place(i)[1]), "lon_rad": math.radians(place(i)[0]), "ts": now}, shown=False)  # fmt: skip
_add("radians_without_a_name", "robots", lambda i, now: {
    "lat": math.radians(place(i)[1]), "lon": math.radians(place(i)[0]), "ts": now}, shown=False, asked=("place",))  # fmt: skip
_add("degrees_beside_minutes", "instruments with a field for each", lambda i, now: {
    "latDegrees": 48, "latMinutes": 48.0 + i, "lonDegrees": 2, "lonMinutes": 18.5, "ts": now}, shown=False)  # fmt: skip
_add("degrees_beside_minutes_and_seconds", "instruments with a field for each", lambda i, now: {
    "lat_d": 48, "lat_m": 48, "lat_s": 1.5 * i, "lon_d": 2, "lon_m": 18, "lon_s": 30.5, "ts": now}, shown=False)  # fmt: skip
_add("another_datum_by_its_name", "receivers that are set to a datum of maps", lambda i, now: _here(i, now, datum="NAD27"),
     shown=False, asked=("crs",))  # fmt: skip
_add("the_datum_that_is_meant", "receivers that say so", lambda i, now: _here(i, now, datum="WGS-84"))
_add("coordinates_that_were_moved", "GCJ-02 and BD-09, as maps in China have them", lambda i, now: _here(i, now, coordType="gcj02"),
     shown=False, asked=("crs",))  # fmt: skip
_add("coordinates_that_were_moved_by_name", "the same in the names", lambda i, now: {
    "lat_bd09": place(i)[1], "lng_bd09": place(i)[0], "ts": now}, shown=False, asked=("crs",))  # fmt: skip
_add("moved_beside_the_true_ones", "both", lambda i, now: {
    "lat_gcj02": place(i)[1] + 0.01, "lng_gcj02": place(i)[0], "lat_wgs84": place(i)[1], "lng_wgs84": place(i)[0], "ts": now})  # fmt: skip
_add("address_of_a_customer", "a shop's customers", lambda i, now: {
    "id": i, "name": "L.", "address": {"city": "Paris", "geo": {"lat": str(place(i)[1]), "lng": str(place(i)[0])}}},
    shown=False, asked=("place",))  # fmt: skip
_add("session_by_its_internet_address", "web sessions", lambda i, now: {
    "session": f"s{i}", "geoip": {"lat": place(i)[1], "lon": place(i)[0]}, "last_seen": now}, shown=False, asked=("place",))  # fmt: skip

# --- moments: where the beginning of the count is not known, the moment of reading, marked as derived -----------------------

_add("ticks", ".NET DateTime.Ticks: 100 ns since the year 1", lambda i, now: {
    "lat": place(i)[1], "lon": place(i)[0], "timestamp": int((now + 62_135_596_800) * 1e7)})  # fmt: skip
_add("seconds_of_gps", "GPS time since 1980-01-06", lambda i, now: {
    "lat": place(i)[1], "lon": place(i)[0], "gps_time": now - GPS + LEAP})  # fmt: skip
_add("seconds_of_apple", "NSDate's reference date, 2001-01-01", lambda i, now: {
    "lat": place(i)[1], "lon": place(i)[0], "timestamp": now - 978_307_200})  # fmt: skip
_add("week_and_time_of_week", "GPS receivers", lambda i, now: {
    "lat": place(i)[1], "lon": place(i)[0], "gps_week": int((now - GPS + LEAP) // 604_800),
    "tow": (now - GPS + LEAP) % 604_800})  # fmt: skip
_add("days_of_a_spreadsheet", "Excel: days since 1899-12-30", lambda i, now: {
    "lat": place(i)[1], "lon": place(i)[0], "time": now / 86_400 + 25_569})  # fmt: skip
_add("moment_of_an_observation", "OGC SensorThings: phenomenonTime, not resultTime", lambda i, now: {
    "@iot.id": 100 + i, "resultTime": _iso(now + 40), "phenomenonTime": _iso(now),
    "result": {"type": "Point", "coordinates": list(place(i))}})  # fmt: skip
_add("row_in_an_envelope", "AWS DMS: the metadata's timestamp is that of the transfer", lambda i, now: {
    "data": {"id": i, "lat": place(i)[1], "lon": place(i)[0], "recorded_at": _iso(now)},
    "metadata": {"timestamp": _iso(now + 40), "operation": "update"}})  # fmt: skip


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).isoformat()


# --- speeds and headings ----------------------------------------------------------------------------------------------------

_add("tenths_of_knots_and_degrees", "ITU-R M.1371: the integers of a message of AIS", lambda i, now: {
    "mmsi": 227000000, **_here(i, now), "sog": 100, "cog": 900 + i, "true_heading": 91}, speed=NONE, heading=91.0)  # fmt: skip
_add("radians_of_a_heading", "robots", lambda i, now: _here(i, now, heading_rad=1.5), heading=NONE)
_add("heading_by_compass", "magnetic, which is not from the map's north", lambda i, now: _here(i, now, magnetic_heading=90),
     heading=NONE)  # fmt: skip
_add("bearing_of_the_next_stop", "buses", lambda i, now: _here(i, now, bearing_to_stop=90, next_stop={"bearing": 80}),
     heading=NONE)  # fmt: skip
_add("yaw_of_a_robot", "ROS: radians from the east", lambda i, now: _here(i, now, yaw=1.5), heading=NONE)
_add(
    "speed_with_its_unit_in_words",
    "exports for people",
    lambda i, now: _here(i, now, speed="45 km/h"),
    speed=12.5,
)
