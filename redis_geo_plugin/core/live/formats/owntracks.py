"""OwnTracks: ``{"_type": "location", "lat", "lon", "tst", "vel", "cog", "tid", …}``.

Source of truth: https://owntracks.org/booklet/tech/json/ (vel in "kmh", tst in seconds). Messages of other
types (waypoint, transition, lwt, …) do not report where the phone is.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has


class OwnTracks(Format):
    """Locations of phones."""

    NAME = "owntracks"
    PROGRAM = "OwnTracks"
    READS = "lat, lon, tst, cog, vel"
    UNITS = "vel: km/h"
    SOURCE = "https://owntracks.org/booklet/tech/json/"
    MAPPING = Mapping(
        id="topic",
        lon="lon",
        lat="lat",
        time="tst",
        time_unit="s",
        heading="cog",
        speed="vel",
        speed_unit="km/h",
    )
    TYPES = frozenset(
        {"location", "transition", "waypoint", "waypoints", "lwt", "steps", "beacon", "card", "cmd"}
    )

    def _matches(self, record: Record) -> bool:
        kind = record.get("_type")
        return (
            isinstance(kind, str) and kind in self.TYPES and (kind != "location" or has(record, "lat", "lon"))
        )

    def _record(self, data: Record) -> Optional[Record]:
        if data.get("_type") != "location":
            return None
        return data if "topic" in data or "tid" not in data else {**data, "topic": data["tid"]}
