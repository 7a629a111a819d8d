"""Redis OM (Python, Node, .NET): documents whose points are texts, longitude first.

Source of truth: https://github.com/redis/redis-om-python (``pk``, a ULID; ``Coordinates`` are written as
"longitude,latitude", as the query engine's GEO fields want them). The other fields are recognised from
their values.
"""

from __future__ import annotations

import re

from .base import Format, Record

_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


class RedisOm(Format):
    """Documents that an object mapper stores."""

    NAME = "redis_om"
    PROGRAM = "Redis OM"
    READS = "pk; a text of two numbers is longitude, latitude"
    UNITS = "as the fields say"
    SOURCE = "https://github.com/redis/redis-om-python"
    MAPPING = None
    PAIR_ORDER = "lonlat"

    def _matches(self, record: Record) -> bool:
        key = record.get("pk")
        return isinstance(key, str) and _ULID.fullmatch(key) is not None
