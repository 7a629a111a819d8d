"""AIS-catcher: one AIS message as JSON, ``{"class": "AIS", "mmsi", "lon", "lat", "speed", "course",
"heading", "rxtime"}``.

Source of truth: https://github.com/jvde-github/AIS-catcher (README, "JSON output") after gpsd's AIS in JSON
(https://gpsd.gitlab.io/gpsd/AIVDM.html): scaled speed in knots, rxtime as year to second in UTC, ``second``
of the message.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has


class AisCatcher(Format):
    """Ships from an AIS receiver."""

    NAME = "ais_catcher"
    PROGRAM = "AIS-catcher, gpsd (AIS)"
    READS = "mmsi, lon, lat, rxtime, heading (else course), speed"
    UNITS = "speed: knots (unscaled: tenths of them)"
    SOURCE = "https://github.com/jvde-github/AIS-catcher"
    MAPPING = Mapping(
        id="mmsi",
        lon="lon",
        lat="lat",
        time="rxtime",
        heading="heading",
        course="course",
        speed="speed",
        speed_unit="kn",
    )
    TENTHS = 10.0
    MINUTES = 600_000.0  # unscaled coordinates are ten-thousandths of a minute

    def _matches(self, record: Record) -> bool:
        return record.get("class") == "AIS" and "mmsi" in record

    def _record(self, data: Record) -> Optional[Record]:
        if not has(data, "lon", "lat"):
            return None
        if data.get("scaled") is not False:
            return data
        flat = {**data, "scaled": True}
        for name, unit in (
            ("lon", self.MINUTES),
            ("lat", self.MINUTES),
            ("course", self.TENTHS),
            ("speed", self.TENTHS),
        ):
            if isinstance(flat.get(name), int):
                flat[name] = flat[name] / unit
        return flat
