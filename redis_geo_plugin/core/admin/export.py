"""The contents of a namespace, to be written to a file before it is purged: shapes of cached results, points
of positions."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Optional

from ..cache import codec, recents
from ..cache.recents import Recent
from ..json_types import JsonObject
from ..redis.server import Server
from ..watch import Watch
from . import key_families
from .maintenance import Maintenance

_BATCH = 500
_SHA256 = re.compile(rb":([0-9a-f]{64})$")


@dataclass(frozen=True)
class Entry:
    """One key. ``ttl`` in seconds or None; ``wkb`` of a cached result, or ``point`` (longitude, latitude in
    degrees, WGS 84) of a position, whose value is ``text``. What cannot be read has neither. ``origin`` is
    the run that computed a result, where it is known: its CRS stands among the parameters."""

    name: bytes
    ttl: Optional[float]
    wkb: Optional[bytes] = None
    run: bytes = codec.NO_RUN
    origin: Optional[Recent] = None
    point: Optional[tuple[float, float]] = None
    text: str = ""


def is_exportable(prefix: bytes) -> bool:
    """Whether ``entries`` knows how to read the keys under this prefix (without the tenant's)."""
    return key_families.changeable(prefix)


def entries(server: Server, prefix: bytes, watch: Watch) -> Iterator[Entry]:
    """Every key under a prefix of a changeable family. Raises ValueError for another, Cancelled."""
    names = Maintenance(server).names(prefix, watch)
    origins: dict[bytes, Optional[Recent]] = {}
    cached = codec.Codec(server.settings.cache_secret.encode())
    while batch := list(itertools.islice(names, _BATCH)):
        values = server.mget(batch)
        with server.bulk.pipeline(transaction=False) as pipeline:
            for name in batch:
                pipeline.pttl(name)
            lifetimes = pipeline.execute(raise_on_error=False)
        found = [
            _entry(cached, name, value, ttl / 1000.0 if isinstance(ttl, int) and ttl >= 0 else None)
            for name, value, ttl in zip(batch, values, lifetimes)
            if value is not None
        ]
        origins.update(recents.runs(server, {entry.run for entry in found} - set(origins)))
        for entry in found:
            yield replace(entry, origin=origins.get(entry.run))


def _entry(values: codec.Codec, name: bytes, value: bytes, ttl: Optional[float]) -> Entry:
    digest = _SHA256.search(name)
    if digest:
        cached = values.decode(bytes.fromhex(digest.group(1).decode()), value)
        return Entry(name, ttl) if cached is None else Entry(name, ttl, cached.wkb, cached.run)
    return Entry(name, ttl, point=_point(value), text=value.decode("utf-8", "replace"))


def _point(value: bytes) -> Optional[tuple[float, float]]:
    try:
        position: JsonObject = json.loads(value)
        longitude, latitude = float(position["longitude"]), float(position["latitude"])
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None
    return (longitude, latitude) if math.isfinite(longitude) and abs(latitude) <= 90.0 else None
