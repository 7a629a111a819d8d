"""OpenSky Network: state vectors, as the arrays of its API or under the names that its clients give them.

Source of truth: https://openskynetwork.github.io/opensky-api/rest.html (velocity in m/s, true_track in
degrees, times in seconds).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Fleet, Format, Record, ident

NAMES = (
    *("icao24", "callsign", "origin_country", "time_position", "last_contact", "longitude", "latitude"),
    *("baro_altitude", "on_ground", "velocity", "true_track", "vertical_rate", "sensors", "geo_altitude"),
    *("squawk", "spi", "position_source", "category"),
)
OTHER_NAMES = {
    "timePosition": "time_position",
    "last_position": "time_position",
    "lastContact": "last_contact",
    "trueTrack": "true_track",
    "heading": "true_track",
    "lon": "longitude",
    "lng": "longitude",
    "lat": "latitude",
}


class OpenSky(Format):
    """Aircraft as state vectors."""

    NAME = "opensky"
    PROGRAM = "OpenSky Network"
    READS = (
        "states (arrays), icao24, longitude, latitude, time_position or last_contact, true_track, velocity"
    )
    UNITS = "velocity: m/s"
    SOURCE = "https://openskynetwork.github.io/opensky-api/rest.html"
    MAPPING = Mapping(
        id="icao24",
        lon="longitude",
        lat="latitude",
        time="time_position",
        heading="true_track",
        speed="velocity",
        speed_unit="m/s",
    )
    MARKS = frozenset(
        {"last_contact", "lastContact", "origin_country", "originCountry", "time_position", "true_track"}
    )

    def _matches(self, record: Record) -> bool:
        return (
            isinstance(record.get("icao24"), str)
            and "velocity" in record
            and bool(self.MARKS & record.keys())
        )

    def _record(self, data: Record) -> Optional[Record]:
        flat = {OTHER_NAMES.get(name, name): value for name, value in data.items()}
        if flat.get("time_position") is None and flat.get("last_contact") is not None:
            flat["time_position"] = flat["last_contact"]
        return flat

    def _fleet(self, value: object) -> Optional[Fleet]:
        states = value.get("states") if isinstance(value, dict) else None
        if not isinstance(states, list) or not states or not all(isinstance(one, list) for one in states):
            return None
        records = [dict(zip(NAMES, one)) for one in states if len(one) >= 12]
        return [(ident(one["icao24"]), one) for one in records]
