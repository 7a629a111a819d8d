"""SIRI vehicle monitoring as JSON: a whole delivery, or one VehicleActivity.

Source of truth: CEN/TS 15531-3, SIRI 2.1 (https://github.com/SIRI-CEN/SIRI): RecordedAtTime,
VehicleLocation in WGS 84, Bearing in degrees, Velocity in metres a second. Values may be wrapped as
``{"value": …}``.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Fleet, Format, Record, dicts, has, ident, inner


class Siri(Format):
    """Vehicles of public transport."""

    NAME = "siri"
    PROGRAM = "SIRI VM (JSON)"
    READS = "VehicleActivity: VehicleRef, VehicleLocation, RecordedAtTime, Bearing, Velocity"
    UNITS = "Velocity: m/s"
    SOURCE = "https://github.com/SIRI-CEN/SIRI"
    MAPPING = Mapping(
        id="VehicleRef",
        lon="Longitude",
        lat="Latitude",
        time="RecordedAtTime",
        heading="Bearing",
        speed="Velocity",
        speed_unit="m/s",
    )

    def _matches(self, record: Record) -> bool:
        return has(inner(record, "MonitoredVehicleJourney", "VehicleLocation"), "Longitude", "Latitude")

    def _record(self, data: Record) -> Optional[Record]:
        if has(data, "VehicleRef", "Longitude", "Latitude"):
            return data
        if not self._matches(data):
            return None
        journey = inner(data, "MonitoredVehicleJourney")
        flat = {name: _plain(value) for name, value in journey.items() if name != "VehicleLocation"}
        flat.update({name: _plain(value) for name, value in inner(journey, "VehicleLocation").items()})
        flat["RecordedAtTime"] = data.get("RecordedAtTime")
        flat["VehicleRef"] = ident(flat.get("VehicleRef"))
        return flat

    def _fleet(self, value: object) -> Optional[Fleet]:
        delivered = inner(value, "Siri", "ServiceDelivery") or inner(value, "ServiceDelivery")
        if "VehicleMonitoringDelivery" not in delivered:
            return None
        deliveries = delivered["VehicleMonitoringDelivery"]
        found: Fleet = []
        for one in dicts(deliveries if isinstance(deliveries, list) else [deliveries]):
            activities = one.get("VehicleActivity")
            for activity in dicts(activities if isinstance(activities, list) else [activities]):
                flat = self._record(activity)
                if flat is not None:
                    found.append((flat["VehicleRef"], activity))
        return found


def _plain(value: object) -> object:
    """Return a value that may be wrapped, or the first of a list of such values."""
    if isinstance(value, list) and value:
        value = value[0]
    return value["value"] if isinstance(value, dict) and "value" in value else value
