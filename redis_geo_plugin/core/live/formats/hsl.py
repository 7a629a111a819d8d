"""High-frequency positioning of Helsinki's public transport: ``{"VP": {"oper", "veh", "tst", "lat", "long",
"spd", "hdg", …}}``.

Source of truth: https://digitransit.fi/en/developers/apis/5-realtime-api/vehicle-positions/high-frequency-positioning/
(spd in m/s, hdg in degrees, tst in UTC; veh is unique only together with oper).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has, ident


class Hsl(Format):
    """Vehicles of Helsinki Region Transport."""

    NAME = "hsl"
    PROGRAM = "HSL (high-frequency positioning)"
    READS = "VP and other events: oper and veh, lat, long, tst, hdg, spd"
    UNITS = "spd: m/s"
    SOURCE = "https://digitransit.fi/en/developers/apis/5-realtime-api/vehicle-positions/high-frequency-positioning/"
    MAPPING = Mapping(
        id="vehicle",
        lon="long",
        lat="lat",
        time="tst",
        heading="hdg",
        speed="spd",
        speed_unit="m/s",
    )
    MARKS = ("oper", "veh", "tst", "lat", "long")

    def _matches(self, record: Record) -> bool:
        return has(_event(record), *self.MARKS)

    def _record(self, data: Record) -> Optional[Record]:
        if "vehicle" in data:
            return data
        event = _event(data)
        who = ident(event.get("oper")), ident(event.get("veh"))
        if None in who or event.get("lat") is None:
            return None
        return {**event, "vehicle": "/".join(map(str, who))}


def _event(record: Record) -> Record:
    """Return what stands below the name of the event, or the record itself."""
    only = list(record.values()) if len(record) == 1 else []
    return only[0] if only and isinstance(only[0], dict) else record
