"""flespi: messages of GPS trackers of all makes, ``{"ident", "timestamp", "position.latitude",
"position.speed", …}``.

Source of truth: the parameters on the page of any of its protocols (position.speed in km/h,
position.direction in degrees), https://flespi.com/kb/messages-basic-information-units (timestamp in seconds).
"""

from __future__ import annotations

from ..spec import Mapping
from .base import Format, Record, has


class Flespi(Format):
    """GPS trackers that report through a gateway."""

    NAME = "flespi"
    PROGRAM = "flespi"
    READS = "ident, position.latitude, position.longitude, timestamp, position.direction, position.speed"
    UNITS = "position.speed: km/h"
    SOURCE = "https://flespi.com/protocols/ituran"
    MAPPING = Mapping(
        id="ident",
        lon="position.longitude",
        lat="position.latitude",
        time="timestamp",
        time_unit="s",
        heading="position.direction",
        speed="position.speed",
        speed_unit="km/h",
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "ident", "position.latitude", "position.longitude")
