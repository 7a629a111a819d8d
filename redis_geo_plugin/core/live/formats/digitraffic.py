"""Digitraffic (Fintraffic): ships and trains of Finland.

Source of truth: https://meri.digitraffic.fi/swagger/ (sog in knots, cog and heading in degrees;
``timestamp`` is the second of the AIS message, ``timestampExternal`` the moment in milliseconds; on MQTT
``time`` in seconds) and https://rata.digitraffic.fi/swagger/ (train locations: speed in km/h).
"""

from __future__ import annotations

from typing import Optional

from ..places import read_pair
from ..spec import Mapping
from .base import Format, Record, has, inner


class DigitrafficShips(Format):
    """Ships that AIS reports."""

    NAME = "digitraffic_ships"
    PROGRAM = "Digitraffic (ships)"
    READS = "mmsi, geometry (on MQTT lat, lon), timestampExternal (time), heading (else cog), sog"
    UNITS = "sog: knots"
    SOURCE = "https://meri.digitraffic.fi/swagger/"
    MAPPING = Mapping(
        id="mmsi",
        lon="lon",
        lat="lat",
        time="time",
        heading="heading",
        course="cog",
        speed="sog",
        speed_unit="kn",
    )

    def _matches(self, record: Record) -> bool:
        said = inner(record, "properties") or record
        return has(said, "sog", "cog", "navStat") and (
            "timestampExternal" in said or has(said, "lon", "lat", "time")
        )

    def _record(self, data: Record) -> Optional[Record]:
        said = inner(data, "properties")
        flat = (
            {**{k: v for k, v in data.items() if k not in ("properties", "geometry", "type")}, **said}
            if said
            else data
        )
        pair = read_pair(data.get("geometry"))
        if pair is not None:
            flat = {**flat, "lon": pair.first, "lat": pair.second}
        if "timestampExternal" in flat and "time" not in flat:
            flat = {**flat, "time": flat["timestampExternal"], "second": flat.get("timestamp")}
            flat.pop("timestamp", None)
        return flat


class DigitrafficTrains(Format):
    """Trains, located by the GPS of their drivers' devices."""

    NAME = "digitraffic_trains"
    PROGRAM = "Digitraffic (trains)"
    READS = "trainNumber, location, timestamp, speed"
    UNITS = "speed: km/h"
    SOURCE = "https://rata.digitraffic.fi/swagger/"
    MAPPING = Mapping(id="trainNumber", pair="location", time="timestamp", speed="speed", speed_unit="km/h")

    def _matches(self, record: Record) -> bool:
        return has(record, "trainNumber", "departureDate", "timestamp", "location")
