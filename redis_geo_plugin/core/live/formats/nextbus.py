"""NextBus and Umo IQ: ``vehicleLocations`` as JSON, ``{"vehicle": [{"id", "lat", "lon", "secsSinceReport",
"speedKmHr", "heading"}], "lastTime": {"time": …}}``.

Source of truth: https://retro.umoiq.com/xmlFeedDocs/NextBusXMLFeed.pdf (secsSinceReport: seconds ago;
speedKmHr in km/h; heading in degrees, negative: not known; lastTime in milliseconds). A position is as
much older than the answer as secsSinceReport says.
"""

from __future__ import annotations

from typing import Optional

from ..limits import is_moment
from ..spec import Mapping
from ..values import Times, number
from .base import Fleet, Format, Record, dicts, has, ident, inner


class NextBus(Format):
    """Vehicles of public transport in North America."""

    NAME = "nextbus"
    PROGRAM = "NextBus, Umo IQ (JSON)"
    READS = "vehicle: id, lat, lon, heading, speedKmHr; lastTime less secsSinceReport"
    UNITS = "speedKmHr: km/h"
    SOURCE = "https://retro.umoiq.com/xmlFeedDocs/NextBusXMLFeed.pdf"
    MAPPING = Mapping(
        id="id",
        lon="lon",
        lat="lat",
        time="time",
        heading="heading",
        speed="speedKmHr",
        speed_unit="km/h",
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "lat", "lon", "secsSinceReport") and (
            "speedKmHr" in record or "routeTag" in record
        )

    def _record(self, data: Record) -> Optional[Record]:
        course = number(data.get("heading"))
        return {**data, "heading": None} if course is not None and course < 0.0 else data

    def _fleet(self, value: object) -> Optional[Fleet]:
        vehicles = value.get("vehicle") if isinstance(value, dict) else None
        records = dicts(vehicles if isinstance(vehicles, list) else [vehicles])
        if not records or not self.fits(records):
            return None
        now = Times("ms").read(inner(value, "lastTime").get("time"))
        return [(ident(one.get("id")), _timed(one, now)) for one in records]


def _timed(record: Record, now: Optional[float]) -> Record:
    """Return a record with the moment of its position."""
    age = number(record.get("secsSinceReport"))
    if now is None or age is None or not is_moment(now - age):
        return record
    return {**record, "time": now - age}
