"""ROS: ``sensor_msgs/NavSatFix`` as JSON (rosbridge, MQTT bridges), of ROS 1 and ROS 2.

Source of truth: https://docs.ros.org/en/noetic/api/sensor_msgs/html/msg/NavSatFix.html (degrees on WGS 84;
status -1 is no fix; the header's stamp is the moment of the measurement) and NavSatStatus. ``frame_id``
names the receiver on its robot and tells no robots apart.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from ..values import number
from .base import Format, Record, has, inner, integer


class Ros(Format):
    """Robots."""

    NAME = "ros"
    PROGRAM = "ROS (NavSatFix as JSON)"
    READS = "latitude, longitude, header.stamp; without a fix (status.status -1) nothing"
    UNITS = "no speeds"
    SOURCE = "https://docs.ros.org/en/noetic/api/sensor_msgs/html/msg/NavSatFix.html"
    MAPPING = Mapping(id="device_id", lon="longitude", lat="latitude", time="time", time_unit="s")

    def _matches(self, record: Record) -> bool:
        message = inner(record, "msg") or record
        told = "status" in inner(message, "status")
        return has(message, "latitude", "longitude") and told and has(message, "header")

    def _record(self, data: Record) -> Optional[Record]:
        message = inner(data, "msg")
        flat = {**{name: value for name, value in data.items() if name != "msg"}, **message}
        fix = integer(inner(flat, "status").get("status"))
        if fix is not None and fix < 0:
            return None
        stamp = inner(flat, "header", "stamp")
        seconds = number(stamp.get("secs", stamp.get("sec")))
        parts = number(stamp.get("nsecs", stamp.get("nanosec"))) or 0.0
        if seconds and "time" not in flat:
            flat["time"] = seconds + parts / 1e9
        return flat
