"""BusTime of Clever Devices: vehicles of getvehicles, ``{"vid", "tmstmp", "lat", "lon", "hdg", "rt"}``.

Source of truth: the guide of its API (https://www.transitchicago.com/developers/bustracker/: hdg in degrees
from north, spd in miles an hour). tmstmp is in the local time of the operator, which a record does not name:
the moment of reading is taken.
"""

from __future__ import annotations

from ..spec import Mapping
from .base import Format, Record, has


class BusTime(Format):
    """Buses of operators in America."""

    NAME = "bustime"
    PROGRAM = "BusTime (Clever Devices)"
    READS = "vid, lat, lon, hdg, spd; no time (tmstmp is a local one)"
    UNITS = "spd: miles an hour"
    SOURCE = "https://www.transitchicago.com/developers/bustracker/"
    HAS_NO_TIME = True
    MAPPING = Mapping(id="vid", lon="lon", lat="lat", heading="hdg", speed="spd", speed_unit="mph")

    def _matches(self, record: Record) -> bool:
        return has(record, "vid", "tmstmp", "lat", "lon", "hdg")
