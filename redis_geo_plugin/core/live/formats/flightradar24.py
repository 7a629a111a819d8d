"""Flightradar24: flights of its feed, flight -> array, or under the names that FlightRadarAPI gives them.

The service does not document its feed; source of truth is what its clients read, such as
https://github.com/JeanExtreme002/FlightRadarAPI (heading in degrees, speed in knots, time in seconds since
1970).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Fleet, Format, Record, has, ident

NAMES = (
    *("icao_24bit", "latitude", "longitude", "heading", "altitude", "ground_speed", "squawk", "radar"),
    *("aircraft_code", "registration", "time", "origin_airport_iata", "destination_airport_iata", "number"),
    *("on_ground", "vertical_speed", "callsign"),
)
FEWEST = 14  # parts of a flight; of the newest feed there are 19


class Flightradar24(Format):
    """Flights as arrays."""

    NAME = "flightradar24"
    PROGRAM = "Flightradar24 (its feed, FlightRadarAPI)"
    READS = "flight → array, or id, latitude, longitude, time, heading, ground_speed"
    UNITS = "ground_speed: knots"
    SOURCE = "https://github.com/JeanExtreme002/FlightRadarAPI"
    MAPPING = Mapping(
        id="id",
        lon="longitude",
        lat="latitude",
        time="time",
        time_unit="s",
        heading="heading",
        speed="ground_speed",
        speed_unit="kn",
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "icao_24bit", "latitude", "longitude", "ground_speed", "time")

    def _fleet(self, value: object) -> Optional[Fleet]:
        if not isinstance(value, dict):
            return None
        flights = {name: one for name, one in value.items() if isinstance(one, list)}
        if not flights or not all(map(_is_flight, flights.values())):
            return None
        return [(ident(name), {"id": name, **dict(zip(NAMES, one))}) for name, one in flights.items()]


def _is_flight(parts: list[object]) -> bool:
    """Return whether an array is a flight: by its kinds of values, as it has no names."""
    if len(parts) < FEWEST:
        return False
    texts, numbers = (parts[0], *parts[8:10]), (*parts[1:6], parts[10])
    return all(isinstance(one, str) for one in texts) and all(
        isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers
    )
