"""readsb, tar1090, dump1090 and ADSBExchange: ``aircraft.json`` and its records; older ones with ``speed``.

Source of truth: https://github.com/wiedehopf/readsb/blob/dev/README-json.md (gs in knots, track in degrees,
seen_pos seconds before ``now``), and dump1090's README (speed in knots). ADSBExchange's version 2 has
``ac`` and now in milliseconds.
"""

from __future__ import annotations

from typing import Optional

from ..limits import is_moment
from ..spec import Mapping
from ..values import Times, number
from .base import Fleet, Format, Record, dicts, ident


class Readsb(Format):
    """Aircraft that ADS-B receivers hear."""

    NAME = "readsb"
    PROGRAM = "readsb, tar1090, dump1090, ADSBExchange"
    READS = "aircraft.json and its records: hex, lat, lon, seen_pos before now, track, gs (older: speed)"
    UNITS = "gs, speed: knots"
    SOURCE = "https://github.com/wiedehopf/readsb/blob/dev/README-json.md"
    MAPPING = Mapping(
        id="hex", lon="lon", lat="lat", time="time", heading="track", speed="gs", speed_unit="kn"
    )
    MARKS = frozenset(
        {
            "flight",
            "squawk",
            "seen",
            "seen_pos",
            "messages",
            "rssi",
            "alt_baro",
            "gs",
            "altitude",
            "vert_rate",
            "validposition",
        }
    )

    def _matches(self, record: Record) -> bool:
        return isinstance(record.get("hex"), str) and len(self.MARKS & record.keys()) >= 2

    def _record(self, data: Record) -> Optional[Record]:
        if data.get("validposition") == 0 or not isinstance(data.get("hex"), str):
            return None
        if "gs" not in data and "speed" in data:
            return {**{k: v for k, v in data.items() if k != "speed"}, "gs": data["speed"]}
        return data

    def _fleet(self, value: object) -> Optional[Fleet]:
        if isinstance(value, list):
            records, now = dicts(value), None
        elif isinstance(value, dict) and isinstance(value.get("aircraft", value.get("ac")), list):
            records, now = dicts(value.get("aircraft", value.get("ac"))), Times().read(value.get("now"))
        else:
            return None
        if not records or not self.fits(
            [one for one in records if isinstance(one.get("hex"), str)] or records
        ):
            return None
        return [(ident(one.get("hex")), self._timed(one, now)) for one in records]

    @staticmethod
    def _timed(record: Record, now: Optional[float]) -> Record:
        """Return a record with the moment of its position, which the file gives in seconds before its own
        moment."""
        age = number(record.get("seen_pos", record.get("seen")))
        if now is None or age is None or "time" in record or not is_moment(now - age):
            return record
        return {**record, "time": round(now - age, 1)}
