"""Teltonika: what its trackers write by MQTT, ``{"state": {"reported": {"ts", "latlng", "ang", "sp", …}}}``.

Source of truth: https://wiki.teltonika-gps.com/view/FMB120_AWS_IoT_Core_Configuration (latlng: latitude and
longitude in one text, ts in milliseconds, ang in degrees, sp in km/h).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has, inner


class Teltonika(Format):
    """GPS trackers."""

    NAME = "teltonika"
    PROGRAM = "Teltonika (MQTT)"
    READS = "state.reported: latlng, ts, ang, sp"
    UNITS = "sp: km/h"
    SOURCE = "https://wiki.teltonika-gps.com/view/FMB120_AWS_IoT_Core_Configuration"
    MAPPING = Mapping(
        id="imei",
        pair="latlng",
        pair_order="latlon",
        time="ts",
        time_unit="ms",
        heading="ang",
        speed="sp",
        speed_unit="km/h",
    )

    def _matches(self, record: Record) -> bool:
        return has(inner(record, "state", "reported"), "latlng", "ts", "sp")

    def _record(self, data: Record) -> Optional[Record]:
        reported = inner(data, "state", "reported")
        if not reported:
            return data if "latlng" in data else None
        return {**{name: value for name, value in data.items() if name != "state"}, **reported}
