"""AISStream: ``{"MessageType", "MetaData": {"MMSI", "time_utc", …}, "Message": {<type>: {…}}}``.

Source of truth: https://aisstream.io/documentation and its OpenAPI description of the messages (Sog in knots,
Cog and TrueHeading in degrees; Timestamp is the second of the minute, MetaData.time_utc is the moment).
Messages without a position of their own (static data, …) repeat the last one in MetaData. They do not count
as reports.
"""

from __future__ import annotations

from typing import Optional

from ..spec import Mapping
from .base import Fleet, Format, Record, has, ident, inner


class AisStream(Format):
    """Ships from the messages of aisstream.io."""

    NAME = "aisstream"
    PROGRAM = "AISStream"
    READS = "MetaData.MMSI, MetaData.time_utc, Latitude, Longitude, TrueHeading (else Cog), Sog"
    UNITS = "Sog: knots"
    SOURCE = "https://aisstream.io/documentation"
    MAPPING = Mapping(
        id="MMSI",
        lon="Longitude",
        lat="Latitude",
        time="time_utc",
        heading="TrueHeading",
        course="Cog",
        speed="Sog",
        speed_unit="kn",
    )

    def _matches(self, record: Record) -> bool:
        return has(record, "MessageType", "Message") and bool(
            inner(record, "MetaData") or inner(record, "Metadata")
        )

    def _record(self, data: Record) -> Optional[Record]:
        if not self._matches(data):
            return data if has(data, "MMSI", "Latitude", "Longitude") else None
        messages = inner(data, "Message")
        message = inner(messages, str(data["MessageType"])) or next(
            (one for one in messages.values() if isinstance(one, dict)), {}
        )
        if not has(message, "Latitude", "Longitude"):
            return None
        about = inner(data, "MetaData") or inner(data, "Metadata")
        kept = {name: value for name, value in about.items() if name not in ("latitude", "longitude")}
        flat = {**message, **kept, "MessageType": data["MessageType"]}
        flat.setdefault("MMSI", message.get("UserID"))
        flat["second"] = flat.pop("Timestamp", None)
        return flat

    def _fleet(self, value: object) -> Optional[Fleet]:
        if isinstance(value, dict) and self._matches(value):
            about = inner(value, "MetaData") or inner(value, "Metadata")
            return [(ident(about.get("MMSI")), value)]
        return None
