"""Wialon: units and messages of its API, ``{"nm", "id", "pos": {"t", "x", "y", "s", "c", "z", "sc"}}``.

Source of truth: https://sdk.wialon.com/wiki/en/sidebar/remoteapi/apiref/format/unit (pos: t in seconds, y
latitude, x longitude, s in km/h, c in degrees) and format/messages (t beside pos).
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Fleet, Format, Record, dicts, has, ident, inner


class Wialon(Format):
    """GPS trackers of all makes."""

    NAME = "wialon"
    PROGRAM = "Wialon"
    READS = "id, pos.y, pos.x, pos.t (of messages t), pos.c, pos.s; also items"
    UNITS = "pos.s: km/h"
    SOURCE = "https://sdk.wialon.com/wiki/en/sidebar/remoteapi/apiref/format/unit"
    MAPPING = Mapping(
        id="id",
        lon="pos.x",
        lat="pos.y",
        time="time",
        time_unit="s",
        heading="pos.c",
        speed="pos.s",
        speed_unit="km/h",
    )

    def _matches(self, record: Record) -> bool:
        pos = inner(record, "pos")
        return has(pos, "x", "y", "s", "c") and ("t" in pos or "t" in record)

    def _record(self, data: Record) -> Optional[Record]:
        if not has(inner(data, "pos"), "x", "y"):
            return None
        return data if "time" in data else {**data, "time": inner(data, "pos").get("t", data.get("t"))}

    def _fleet(self, value: object) -> Optional[Fleet]:
        if not isinstance(value, dict) or "items" not in value or "searchSpec" not in value:
            return None
        return [(ident(one.get("id")), one) for one in dicts(value["items"]) if inner(one, "pos")]
