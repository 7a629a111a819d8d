"""Geotab: DeviceStatusInfo and LogRecord of its API.

Source of truth: https://developers.geotab.com/myGeotab/apiReference/objects/DeviceStatusInfo and LogRecord
(speed in km/h, bearing in degrees, -1 where it is not known; dateTime in UTC). The vehicle is device.id; a
LogRecord's id names the record.
"""

from __future__ import annotations

from ..spec import Mapping
from .base import Format, Record, has, inner


class Geotab(Format):
    """Vehicles with a Geotab device."""

    NAME = "geotab"
    PROGRAM = "Geotab"
    READS = "device.id, latitude, longitude, dateTime, bearing, speed"
    UNITS = "speed: km/h"
    SOURCE = "https://developers.geotab.com/myGeotab/apiReference/objects/DeviceStatusInfo"
    MAPPING = Mapping(
        id="device.id",
        lon="longitude",
        lat="latitude",
        time="dateTime",
        heading="bearing",
        speed="speed",
        speed_unit="km/h",
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "latitude", "longitude", "dateTime", "speed") and "id" in inner(record, "device")
