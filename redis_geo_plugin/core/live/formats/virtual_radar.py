"""Virtual Radar Server: aircraft of its AircraftList.json, ``{"acList": [{"Icao", "Lat", "Long", "Spd",
"Trak", "PosTime"}]}``.

Source of truth: https://www.virtualradarserver.co.uk/Documentation/Formats/AircraftList.aspx (Spd in knots,
over the ground unless SpdTyp is 2 or 3; Trak in degrees; PosTime in milliseconds since 1970 UTC).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Fleet, Format, Record, dicts, has, ident

THROUGH_AIR = (2, 3)  # SpdTyp: indicated and true airspeed


class VirtualRadar(Format):
    """Aircraft by receivers of ADS-B."""

    NAME = "virtual_radar"
    PROGRAM = "Virtual Radar Server"
    READS = "acList: Icao, Lat, Long, PosTime, Trak, Spd"
    UNITS = "Spd: knots"
    SOURCE = "https://www.virtualradarserver.co.uk/Documentation/Formats/AircraftList.aspx"
    MAPPING = Mapping(
        id="Icao",
        lon="Long",
        lat="Lat",
        time="PosTime",
        heading="Trak",
        speed="Spd",
        speed_unit="kn",
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "Icao", "Lat", "Long") and ("PosTime" in record or "Trak" in record)

    def _record(self, data: Record) -> Optional[Record]:
        if data.get("SpdTyp") in THROUGH_AIR:
            return {name: value for name, value in data.items() if name != "Spd"}
        return data

    def _fleet(self, value: object) -> Optional[Fleet]:
        if not isinstance(value, dict) or "acList" not in value:
            return None
        return [(ident(one.get("Icao")), one) for one in dicts(value["acList"]) if has(one, "Lat", "Long")]
