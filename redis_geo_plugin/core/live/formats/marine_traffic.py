"""MarineTraffic: vessel positions of its API, ``{"MMSI", "LAT", "LON", "SPEED", "COURSE", "HEADING",
"TIMESTAMP", …}``.

Source of truth: https://servicedocs.marinetraffic.com/ (SPEED "in knots x10", COURSE and HEADING in
degrees, TIMESTAMP in UTC).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from ..values import number
from .base import Format, Record, has


class MarineTraffic(Format):
    """Ships by AIS."""

    NAME = "marine_traffic"
    PROGRAM = "MarineTraffic"
    READS = "MMSI, LAT, LON, TIMESTAMP, HEADING (else COURSE), SPEED"
    UNITS = "SPEED: tenths of a knot"
    SOURCE = "https://servicedocs.marinetraffic.com/"
    MAPPING = Mapping(
        id="MMSI",
        lon="LON",
        lat="LAT",
        time="TIMESTAMP",
        heading="HEADING",
        course="COURSE",
        speed="speed_kn",
        speed_unit="kn",
    )
    MARKS = frozenset({"SHIP_ID", "DSRC", "STATUS", "UTC_SECONDS"})

    def _matches(self, record: Record) -> bool:
        return has(record, "MMSI", "LAT", "LON", "SPEED") and bool(self.MARKS & record.keys())

    def _record(self, data: Record) -> Optional[Record]:
        if "speed_kn" in data:
            return data
        said = number(data.get("SPEED"))
        kept = {name: value for name, value in data.items() if name != "SPEED"}
        return kept if said is None else {**kept, "speed_kn": said / 10.0}
