"""aprs.fi: stations and ships of its ``loc`` query, ``{"entries": [{"name", "lat", "lng", "lasttime",
"course", "speed"}]}``.

Source of truth: https://aprs.fi/page/api (``time``: when the target first reported this position,
``lasttime``: when it last did; speed in kilometres per hour, of ships too).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Fleet, Format, Record, dicts, has, ident


class AprsFi(Format):
    """Stations of radio amateurs, and ships, as aprs.fi has heard them."""

    NAME = "aprs_fi"
    PROGRAM = "aprs.fi"
    READS = "entries: name, lat, lng, lasttime, course, speed"
    UNITS = "speed: km/h"
    SOURCE = "https://aprs.fi/page/api"
    MAPPING = Mapping(
        id="name",
        lon="lng",
        lat="lat",
        time="lasttime",
        time_unit="s",
        course="course",
        speed="speed",
        speed_unit="km/h",
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "name", "lat", "lng", "time", "lasttime", "type")

    def _fleet(self, value: object) -> Optional[Fleet]:
        entries = dicts(value.get("entries")) if isinstance(value, dict) else []
        if not entries or not self.fits(entries):
            return None
        return [(ident(one.get("name")), one) for one in entries]
