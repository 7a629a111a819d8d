"""gpsd: reports of time, position and velocity, ``{"class": "TPV", "lat", "lon", "time", "speed",
"track"}``.

Source of truth: https://gpsd.gitlab.io/gpsd/gpsd_json.html (speed in m/s, track in degrees; mode below 2 is
no fix).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has


class Gpsd(Format):
    """A GPS receiver."""

    NAME = "gpsd"
    PROGRAM = "gpsd"
    READS = "class TPV: lat, lon, time, track, speed"
    UNITS = "speed: m/s"
    SOURCE = "https://gpsd.gitlab.io/gpsd/gpsd_json.html"
    MAPPING = Mapping(
        id="device", lon="lon", lat="lat", time="time", heading="track", speed="speed", speed_unit="m/s"
    )

    def _matches(self, record: Record) -> bool:
        return record.get("class") in ("TPV", "SKY", "DEVICE", "VERSION") and (
            "mode" in record or "class" in record
        )

    def _record(self, data: Record) -> Optional[Record]:
        if data.get("class") != "TPV" or not has(data, "lat", "lon") or data.get("mode") in (0, 1):
            return None
        return data
