"""Positions as browsers and phones give them: ``{"coords": {"latitude", "longitude", "speed", "heading"},
"timestamp"}``.

Source of truth: https://www.w3.org/TR/geolocation/ (speed in m/s, heading in degrees, timestamp in
milliseconds); the plugins for Cordova, Capacitor and React Native, and Traccar's client, write the same.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has, inner


class Geolocation(Format):
    """Phones and browsers."""

    NAME = "geolocation"
    PROGRAM = "W3C Geolocation (phones, browsers)"
    READS = "coords.latitude, coords.longitude, timestamp, coords.heading, coords.speed; also inside location"
    UNITS = "speed: m/s"
    SOURCE = "https://www.w3.org/TR/geolocation/"
    MAPPING = Mapping(
        id="device_id",
        lon="coords.longitude",
        lat="coords.latitude",
        time="timestamp",
        heading="coords.heading",
        speed="coords.speed",
        speed_unit="m/s",
    )

    def _matches(self, record: Record) -> bool:
        coords = inner(record, "coords") or inner(record, "location", "coords")
        return has(coords, "latitude", "longitude", "accuracy")

    def _record(self, data: Record) -> Optional[Record]:
        location = inner(data, "location")
        if "coords" in data or not location:
            return data
        return {**location, **{name: value for name, value in data.items() if name != "location"}}
