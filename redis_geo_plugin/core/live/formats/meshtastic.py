"""Meshtastic: packets of a mesh as JSON on MQTT, ``{"from", "to", "type": "position", "payload":
{"latitude_i", "longitude_i", "time", …}}``.

Source of truth: https://meshtastic.org/docs/software/integrations/mqtt/ (degrees times 10^7; time of the
position in payload.time, of the packet in timestamp). Firmware and documentation do not agree on the units of
ground_speed and ground_track: the first is asked, the second not taken.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Format, Record, has, inner


class Meshtastic(Format):
    """Nodes of a radio mesh."""

    NAME = "meshtastic"
    PROGRAM = "Meshtastic (JSON)"
    READS = "from; in payload: latitude_i, longitude_i, time"
    UNITS = "latitude_i, longitude_i: 1e-7 degrees"
    SOURCE = "https://meshtastic.org/docs/software/integrations/mqtt/"
    MAPPING = Mapping(
        id="from", lon="payload.longitude_i", lat="payload.latitude_i", time="payload.time", scale=1e-7
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "from", "to", "sender", "type", "channel") and isinstance(record["type"], str)

    def _record(self, data: Record) -> Optional[Record]:
        return data if has(inner(data, "payload"), "latitude_i", "longitude_i") else None
