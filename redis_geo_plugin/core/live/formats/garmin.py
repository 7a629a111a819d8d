"""Garmin FIT: records of watches and bike computers, ``{"timestamp", "position_lat": 582811293,
"position_long": 28036000, "enhanced_speed": 3.2}``.

Source of truth: https://developer.garmin.com/fit/protocol/ (positions in semicircles, 2^31 of them to 180
degrees; speed in m/s; date_time in seconds since 31 December 1989 UTC, which libraries turn into a moment).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has, integer

POSITION = ("position_lat", "position_long")
DEGREES = 180.0 / 2**31  # of a semicircle
EPOCH = 631_065_600  # 1989-12-31 in seconds since 1970
BEFORE = 1_500_000_000  # seconds since 1970: a live report is not of 2017 or earlier


class Garmin(Format):
    """Watches and bike computers."""

    NAME = "garmin_fit"
    PROGRAM = "Garmin FIT (records as JSON)"
    READS = "position_lat, position_long, timestamp, enhanced_speed (speed)"
    UNITS = "speed: m/s; positions: semicircles"
    SOURCE = "https://developer.garmin.com/fit/protocol/"
    MAPPING = Mapping(
        lon="position_long",
        lat="position_lat",
        time="timestamp",
        speed="speed",
        speed_unit="m/s",
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "position_lat", "position_long", "timestamp") and all(
            record[name] is None or integer(record[name]) is not None for name in POSITION
        )

    def _record(self, data: Record) -> Optional[Record]:
        if not self._matches(data):
            return data
        flat = dict(data)
        for name in POSITION:
            semicircles = integer(data[name])
            if semicircles is None:
                return None
            flat[name] = semicircles * DEGREES
        moment = integer(data["timestamp"])
        if moment is not None and moment < BEFORE:
            flat["timestamp"] = moment + EPOCH
        if "enhanced_speed" in flat:
            flat["speed"] = flat.pop("enhanced_speed")
        return flat
