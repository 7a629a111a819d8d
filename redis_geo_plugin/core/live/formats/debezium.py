"""Debezium: events of changed rows; the row after the change is the record.

Source of truth: https://debezium.io/documentation/reference/stable/connectors/postgresql.html (before,
after, source, op; with ``schema`` and ``payload`` around them where schemas are on;
io.debezium.data.geometry as WKB in base64; timestamps in micro- or milliseconds). What the columns mean is
recognised from their values. A deleted row reports no position.
"""

from __future__ import annotations

from typing import Optional

from ..json_text import parse_json
from .base import Format, Record, has, inner


class Debezium(Format):
    """Rows of a table, from the events of its changes."""

    NAME = "debezium"
    PROGRAM = "Debezium"
    READS = "the row after the change (after), its columns by their values; PostGIS points"
    UNITS = "as the columns say"
    SOURCE = "https://debezium.io/documentation/reference/stable/"
    MAPPING = None

    def _matches(self, record: Record) -> bool:
        return self._event(record) is not None

    def _record(self, data: Record) -> Optional[Record]:
        event = self._event(data)
        if event is None:
            return data
        after = event.get("after")
        return dict(after) if isinstance(after, dict) and event.get("op") != "d" else None

    def _event(self, record: Record) -> Optional[Record]:
        """Return the change event of a record. It may be in the payload, or as text in one of the fields."""
        for candidate in (record, inner(record, "payload")):
            if has(candidate, "before", "after", "op"):
                return candidate
        for value in list(record.values())[:8]:
            parsed = _parsed(value) if isinstance(value, str) and value[:1] == "{" else None
            if isinstance(parsed, dict):
                for candidate in (parsed, inner(parsed, "payload")):
                    if has(candidate, "before", "after", "op"):
                        return candidate
        return None


def _parsed(text: str) -> object:
    try:
        return parse_json(text.encode())
    except ValueError:
        return None
