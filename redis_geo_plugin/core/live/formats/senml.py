"""SenML: measurements of a sensor with a base name and a base time, ``[{"bn", "bt", "n": "lat", "u":
"lat", "v"}, …]``.

Source of truth: RFC 8428 (https://www.rfc-editor.org/rfc/rfc8428): base fields count for the records from
there on; bt + t below 2^28 is relative to now, and is not read as a time; u is lat or lon in degrees, m/s
a speed.
"""

from __future__ import annotations

from typing import Optional

from ..values import number
from .base import Fleet, Format, Record, dicts

RELATIVE = 2**28
NAMES = {"lat": "lat", "lon": "lon", "m/s": "speed_mps"}  # by the unit


class SenMl(Format):
    """Sensors."""

    NAME = "senml"
    PROGRAM = "SenML (RFC 8428)"
    READS = "records whose u is lat or lon, with bn, bt and t; m/s"
    UNITS = "m/s"
    SOURCE = "https://www.rfc-editor.org/rfc/rfc8428"
    MAPPING = None
    REPORTS_IN_LISTS = True

    def _matches(self, record: Record) -> bool:
        return "senml" in record and "lat" in record

    def _fleet(self, value: object) -> Optional[Fleet]:
        records = dicts(value)
        if not isinstance(value, list) or not records or len(records) < len(value):
            return None
        if not {"lat", "lon"} <= {_unit(one, one) for one in records if "v" in one}:
            return None
        found: dict[str, Record] = {}
        base: Record = {}
        for one in records:
            base.update({name: one[name] for name in ("bn", "bt", "bu") if name in one})
            self._add(found, base, one)
        return [(who or None, one) for who, one in found.items() if "lat" in one and "lon" in one]

    @staticmethod
    def _add(found: dict[str, Record], base: Record, one: Record) -> None:
        unit, amount = _unit(one, base), number(one.get("v"))
        if unit not in NAMES or amount is None:
            return
        who = str(base.get("bn") or "").rstrip(":/-")
        moment = (number(base.get("bt")) or 0.0) + (number(one.get("t")) or 0.0)
        report = found.setdefault(who, {"id": who, "senml": True} if who else {"senml": True})
        report[NAMES[unit]] = amount
        if moment >= RELATIVE:
            report["ts"] = moment


def _unit(one: Record, base: Record) -> str:
    """Return the unit of a measurement, or that of the records from there on; empty where it is no text."""
    unit = one.get("u", base.get("bu"))
    return unit if isinstance(unit, str) else ""
