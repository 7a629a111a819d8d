"""MAVLink: positions of drones and robots, ``{"mavpackettype": "GLOBAL_POSITION_INT", "lat": 488500000,
"lon": 23500000, "hdg": 9000, "vx": 100, "vy": 0}``, also as mavlink2rest and mavlogdump wrap them.

Source of truth: https://mavlink.io/en/messages/common.html (GLOBAL_POSITION_INT and GPS_RAW_INT: lat and lon
in 1e-7 degrees; hdg and cog in hundredths of a degree, 65535: unknown; vx, vy and vel in cm/s; time_boot_ms
counts from the start of the vehicle and is no time of day).
"""

from __future__ import annotations

import math
from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has, inner, integer

MESSAGES = frozenset({"GLOBAL_POSITION_INT", "GPS_RAW_INT", "GPS2_RAW"})
UNKNOWN = 65535
TEN_MILLION, HUNDRED = 1e7, 100.0


class Mavlink(Format):
    """Drones, rovers and boats."""

    NAME = "mavlink"
    PROGRAM = "MAVLink (pymavlink, mavlink2rest)"
    READS = "GLOBAL_POSITION_INT, GPS_RAW_INT: system_id, lat, lon, hdg (cog), vx and vy (vel)"
    UNITS = "vx, vy, vel: cm/s; lat, lon: 1e-7 degrees; hdg, cog: 0.01 degrees"
    SOURCE = "https://mavlink.io/en/messages/common.html"
    MAPPING = Mapping(
        id="system_id",
        lon="lon",
        lat="lat",
        heading="heading",
        speed="speed",
        speed_unit="m/s",
    )

    def _matches(self, record: Record) -> bool:
        return _message(record) is not None

    def _record(self, data: Record) -> Optional[Record]:
        message = _message(data)
        if message is None:
            return data
        around = {
            name: value for name, value in data.items() if name not in ("message", "data", "header", "meta")
        }
        flat = {**around, **inner(data, "header"), **inner(data, "meta"), **message, "mavlink": _kind(data)}
        for name in ("lat", "lon"):
            flat[name] = message[name] / TEN_MILLION
        for name in ("mavpackettype", "hdg", "cog", "type"):
            flat.pop(name, None)
        flat["heading"] = _known(message.get("hdg", message.get("cog")))
        flat["speed"] = _speed(message)
        return flat


def _kind(record: Record) -> str:
    kinds = [
        record.get("mavpackettype"),
        inner(record, "message").get("type"),
        inner(record, "meta").get("type"),
    ]
    return next((kind for kind in kinds if isinstance(kind, str)), "")


def _message(record: Record) -> Optional[Record]:
    """The message of a record with its integers, None where it is none."""
    kind = _kind(record)
    if kind not in MESSAGES:
        return None
    for one in (record, inner(record, "message"), inner(record, "data")):
        if has(one, "lat", "lon") and None not in (integer(one["lat"]), integer(one["lon"])):
            return {name: value if integer(value) is None else integer(value) for name, value in one.items()}
    return None


def _known(value: object) -> Optional[float]:
    """Hundredths as what they are, None for the mark of an unknown value."""
    return None if type(value) is not int or value == UNKNOWN else value / HUNDRED


def _speed(message: Record) -> Optional[float]:
    """Over the ground, in m/s."""
    east, north = message.get("vy"), message.get("vx")
    if type(east) is int and type(north) is int:
        return math.hypot(east, north) / HUNDRED
    return _known(message.get("vel"))
