"""The text of a record that holds a line of a protocol, as a value of its own or in a field."""

from __future__ import annotations

import re
from typing import Optional

from .base import Record

FIELDS = frozenset(
    ["body", "data", "line", "message", "msg", "packet", "payload", "raw", "sbs", "text", "value", "aprs"]
)
LONGEST = 400  # characters


def line_of(record: Record, pattern: re.Pattern[str]) -> Optional[re.Match[str]]:
    """Return the match of the first field with such a line; None if there is none."""
    for name, value in record.items():
        if isinstance(value, str) and isinstance(name, str) and name.lower() in FIELDS:
            found = pattern.fullmatch(value.strip()) if len(value) <= LONGEST else None
            if found is not None:
                return found
    return None
