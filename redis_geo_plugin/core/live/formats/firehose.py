"""FlightAware Firehose: position messages, ``{"type": "position", "ident", "id", "clock", "lat", "lon", "gs",
"heading"}``, whose values are texts.

Source of truth: https://flightaware.com/commercial/firehose/documentation (clock: the moment of
the position in seconds since 1970; pitr: that of the message; gs in knots; heading in degrees; id: the
flight). Other messages than positions report none.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has


class Firehose(Format):
    """Aircraft of a paid service."""

    NAME = "firehose"
    PROGRAM = "FlightAware Firehose"
    READS = "type position: id, lat, lon, clock, heading, gs"
    UNITS = "gs: knots"
    SOURCE = "https://flightaware.com/commercial/firehose/documentation"
    MAPPING = Mapping(
        id="id",
        lon="lon",
        lat="lat",
        time="clock",
        time_unit="s",
        heading="heading",
        speed="gs",
        speed_unit="kn",
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "pitr", "type", "ident") and ("clock" in record or "facility_hash" in record)

    def _record(self, data: Record) -> Optional[Record]:
        return data if data.get("type") == "position" and has(data, "lat", "lon") else None
