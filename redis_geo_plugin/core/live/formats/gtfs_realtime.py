"""GTFS Realtime vehicle positions, as JSON with the names of protobuf or of its JSON mapping, and as
protobuf itself.

Source of truth: https://gtfs.org/documentation/realtime/reference/ and gtfs-realtime.proto (speed in m/s,
bearing in degrees, timestamp in seconds). A vehicle is known by vehicle.vehicle.id; the entity's id only
names the entry of the feed.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Fleet, Format, Record, dicts, has, ident, inner

CAMEL = {
    "tripId": "trip_id",
    "routeId": "route_id",
    "directionId": "direction_id",
    "startTime": "start_time",
    "startDate": "start_date",
    "licensePlate": "license_plate",
    "stopId": "stop_id",
    "currentStopSequence": "current_stop_sequence",
    "currentStatus": "current_status",
    "congestionLevel": "congestion_level",
    "occupancyStatus": "occupancy_status",
}


class GtfsRealtime(Format):
    """Vehicles of public transport."""

    NAME = "gtfs_realtime"
    PROGRAM = "GTFS Realtime (JSON, protobuf)"
    READS = "entity.vehicle: vehicle.id, position, timestamp"
    UNITS = "speed: m/s"
    SOURCE = "https://gtfs.org/documentation/realtime/reference/"
    MAPPING = Mapping(
        id="vehicle_id",
        lon="longitude",
        lat="latitude",
        time="timestamp",
        time_unit="s",
        heading="bearing",
        speed="speed",
        speed_unit="m/s",
    )

    def _matches(self, record: Record) -> bool:
        reported = inner(record, "vehicle") if inner(record, "vehicle", "position") else record
        position = inner(reported, "position")
        known = bool(inner(reported, "vehicle") or inner(reported, "trip"))
        return has(position, "latitude", "longitude") and known

    def _record(self, data: Record) -> Optional[Record]:
        if "vehicle_id" in data and has(data, "latitude", "longitude"):
            return data
        if data.get("is_deleted") is True or data.get("isDeleted") is True:
            return None
        reported = inner(data, "vehicle") if inner(data, "vehicle", "position") else data
        position, vehicle, trip = (
            inner(reported, "position"),
            inner(reported, "vehicle"),
            inner(reported, "trip"),
        )
        if not has(position, "latitude", "longitude"):
            return None
        flat = {
            CAMEL.get(k, k): v for k, v in reported.items() if k not in ("position", "vehicle", "trip", "id")
        }
        flat.update({CAMEL.get(name, name): value for name, value in trip.items()})
        flat.update(position)
        names = {CAMEL.get(name, name): value for name, value in vehicle.items()}
        flat.update({name: names[name] for name in ("label", "license_plate") if name in names})
        known = (names.get("id"), names.get("label"), names.get("license_plate"), data.get("id"))
        flat["vehicle_id"] = next((name for name in map(ident, known) if name), None)
        return flat

    def _fleet(self, value: object) -> Optional[Fleet]:
        if not isinstance(value, dict) or not isinstance(value.get("entity"), list) or "header" not in value:
            return None
        flat = [(self._record(one), one) for one in dicts(value["entity"])]
        return [(ident(one["vehicle_id"]), entity) for one, entity in flat if one is not None]
