"""GBFS: free bikes (vehicle_status, free_bike_status) and stations of shared mobility.

Source of truth: https://github.com/MobilityData/gbfs (lat, lon; last_reported in seconds, since version 3
as RFC 3339; the file's last_updated). Version 3 says vehicle_id, the versions before bike_id.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Fleet, Format, Record, dicts, has, ident, inner

LISTS = (("vehicles", "vehicle_id"), ("bikes", "bike_id"), ("stations", "station_id"))


class Gbfs(Format):
    """Bikes, scooters and stations."""

    NAME = "gbfs"
    PROGRAM = "GBFS"
    READS = (
        "data.vehicles, data.bikes, data.stations: vehicle_id (bike_id, station_id), lat, lon, last_reported"
    )
    UNITS = "no speeds"
    SOURCE = "https://github.com/MobilityData/gbfs"
    MAPPING = Mapping(id="vehicle_id", lon="lon", lat="lat", time="last_reported")

    def _matches(self, record: Record) -> bool:
        named = any(name in record for _, name in LISTS)
        return named and has(record, "lat", "lon") and ("is_disabled" in record or "last_reported" in record)

    def _record(self, data: Record) -> Optional[Record]:
        if "vehicle_id" in data:
            return data
        name = next((name for _, name in LISTS if name in data), None)
        return None if name is None else {**data, "vehicle_id": data[name]}

    def _fleet(self, value: object) -> Optional[Fleet]:
        data = inner(value, "data")
        if not data or not isinstance(value, dict) or "last_updated" not in value:
            return None
        for name, own in LISTS:
            if name in data:
                records = [one for one in dicts(data[name]) if has(one, "lat", "lon")]
                return [(ident(one.get(own)), {**one, "vehicle_id": one.get(own)}) for one in records]
        return None
