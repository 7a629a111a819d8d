"""Traccar: its position as JSON, alone or as ``{"device": {…}, "position": {…}}`` of its broadcast and
forwarding.

Source of truth: https://www.traccar.org/api-reference/ (Position: speed in knots, course in degrees,
fixTime in UTC) and https://www.traccar.org/forward/.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has, inner


class Traccar(Format):
    """Positions of GPS trackers."""

    NAME = "traccar"
    PROGRAM = "Traccar"
    READS = "latitude, longitude, fixTime, course, speed; also inside position"
    UNITS = "speed: knots"
    SOURCE = "https://www.traccar.org/api-reference/"
    MAPPING = Mapping(
        id="uniqueId",
        lon="longitude",
        lat="latitude",
        time="fixTime",
        heading="course",
        speed="speed",
        speed_unit="kn",
    )

    def _matches(self, record: Record) -> bool:
        position = inner(record, "position") or record
        marks = sum(
            name in position
            for name in ("deviceId", "uniqueId", "deviceTime", "serverTime", "protocol", "valid")
        )
        return has(position, "latitude", "longitude", "fixTime") and (marks > 0 or "course" in position)

    def _record(self, data: Record) -> Optional[Record]:
        position = inner(data, "position")
        device = inner(data, "device")
        flat = (
            {**{k: v for k, v in data.items() if k not in ("position", "device")}, **position}
            if position
            else data
        )
        if "uniqueId" in flat and not device:
            return flat
        flat = {**flat, "uniqueId": device.get("uniqueId", flat.get("deviceId"))}
        if device.get("name"):
            flat.setdefault("name", device["name"])
        return flat
