"""What receivers and their gateways say of a fix, of its age, and of numbers that may be read in more than one way (see
layouts.py)."""

from __future__ import annotations

from functools import reduce
from operator import xor

from tests.support.layout import KNOT, place
from tests.support.layouts_of_conventions import _add, _here, _iso


def sentence(body: str) -> str:
    """A sentence of NMEA 0183 with its checksum."""
    return f"${body}*{reduce(xor, body.encode()):02X}"


def _rmc(i: int, now: float) -> str:
    from datetime import datetime, timezone

    moment = datetime.fromtimestamp(now, timezone.utc)
    lon, lat = place(i)
    minutes = [f"{int(angle):0{width}d}{angle % 1 * 60:09.6f}" for angle, width in ((lat, 2), (lon, 3))]
    return sentence(
        f"GPRMC,{moment:%H%M%S}.{moment.microsecond // 10_000:02d},A,{minutes[0]},N,{minutes[1]},E,10.0,90.0,{moment:%d%m%y},,"
    )


_add(
    "receivers_without_a_fix",
    "GPS receivers that write what they do not know",
    lambda i, now: _here(i, now, fix=0),
    shown=False,
)
_add(
    "positions_that_are_void", "RMC as JSON: status V", lambda i, now: _here(i, now, status="V"), shown=False
)
_add(
    "positions_that_are_valid",
    "the same with a fix",
    lambda i, now: _here(i, now, gps_fix=3, valid=True, hdop=0.9),
)
_add("zones_of_home_assistant", "https://www.home-assistant.io/integrations/zone/", lambda i, now: {
    "entity_id": f"zone.z{i}", "state": "0", "last_updated": _iso(now), "attributes": {
        "latitude": place(i)[1], "longitude": place(i)[0], "radius": 100}}, shown=False)  # fmt: skip
_add("robots_with_navsatfix", "https://docs.ros.org/en/noetic/api/sensor_msgs/html/msg/NavSatFix.html", lambda i, now: {
    "header": {"seq": i, "stamp": {"secs": int(now), "nsecs": int(now % 1 * 1e9)}, "frame_id": "gps"}, "status": {"status": 0, "service": 1},
    "latitude": place(i)[1], "longitude": place(i)[0], "altitude": 30.0, "position_covariance_type": 2})  # fmt: skip
_add("ages_of_positions", "the moment of the message, and how old its position is", lambda i, now: {
    "lat": place(i)[1], "lon": place(i)[0], "ts": now + 5 + i, "fix_age_ms": 1000 * (5 + i)})  # fmt: skip
_add(
    "longitude_first_in_a_list",
    "MongoDB's legacy pairs",
    lambda i, now: {"location": list(place(i)), "timestamp": now, "licensePlate": f"AB-{i}"},
)
_add(
    "lists_of_what_may_be_at_sea",
    "the same, of which nothing says that it drives on land",
    lambda i, now: {"location": list(place(i))[::-1], "timestamp": now},
    asked=("order",),
)
_add(
    "lines_of_nmea",
    "https://gpsd.gitlab.io/gpsd/NMEA.html",
    lambda i, now: {"nmea": _rmc(i, now)},
    speed=10 * KNOT,
    heading=90.0,
)
_add("units_of_wialon", "https://sdk.wialon.com/wiki/en/sidebar/remoteapi/apiref/format/unit", lambda i, now: {
    "nm": "Bus", "cls": 2, "id": i, "pos": {"t": now, "y": place(i)[1], "x": place(i)[0], "z": 40, "s": 36, "c": 90, "sc": 9}},
    speed=10.0, heading=90.0)  # fmt: skip
_add("trackers_of_teltonika", "https://wiki.teltonika-gps.com/view/FMB120_AWS_IoT_Core_Configuration", lambda i, now: {
    "state": {"reported": {"ts": now * 1000, "latlng": f"{place(i)[1]},{place(i)[0]}", "alt": 130, "ang": 90, "sat": 9, "sp": 36}}},
    speed=10.0, heading=90.0)  # fmt: skip
_add("telemetry_of_thingsboard", "https://thingsboard.io/docs/reference/mqtt-api/", lambda i, now: {
    "ts": int(now * 1000), "values": {"latitude": place(i)[1], "longitude": place(i)[0], "speed_kmh": 36, "bearing": 90}},
    speed=10.0, heading=90.0)  # fmt: skip
_add("speeds_as_objects", "values with their unit", lambda i, now: _here(i, now, speed={"value": 36, "unit": "km/h"}, heading="90°"),
     speed=10.0, heading=90.0)  # fmt: skip
