"""Write positions as the tutorial does: ``vehicule:<id>`` = JSON ``latitude``, ``longitude``, ``timestamp``, then what else
there is, with a TTL; once, or replayed n times as fast as they were reported."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, Optional

from .. import keys, production
from ..server import Server

BATCH = 500
STREAM_LENGTH = 100_000
WAIT = 0.2  # seconds between looks at the cancel button


@dataclass(frozen=True)
class Report:
    """A position to publish: seconds since 1970 UTC, degrees (EPSG:4326), and attributes that JSON can hold."""

    time: float
    id: str
    lon: float
    lat: float
    attributes: dict[str, Any]


def position_json(report: Report, moment: float) -> str:
    """The tutorial's JSON. ``moment`` is the time of the report; written in UTC without a zone, as the tutorial does."""
    stamp = datetime.fromtimestamp(moment, timezone.utc).replace(tzinfo=None)
    record = {"latitude": report.lat, "longitude": report.lon, "timestamp": stamp.isoformat()}
    record.update({k: v for k, v in report.attributes.items() if k not in record})
    return json.dumps(record, ensure_ascii=False)


def publish(
    server: Server,
    reports: Iterable[Report],
    prefix: str = keys.POSITIONS,
    ttl: int = 3600,
    speed: float = 0.0,
    stream: str = "",
    alive: Callable[[], bool] = lambda: True,
    told: Optional[Callable[[int], None]] = None,
    begin: Optional[float] = None,
) -> int:
    """Write reports in the order given; returns how many were written.

    ``speed`` 0: at once, with the times that they have. Above: in the order of time, ``speed`` times as fast, with
    times as if the first were reported now (or at ``begin``). ``ttl`` in seconds, 0 keeps. ``stream`` (a key) gets the
    same, capped. ``alive`` is asked between batches; ``told`` gets the count. Raises redis-py's errors.
    """
    production.check(server.settings)
    prefix = prefix.rstrip(":")
    written = 0
    batch: list[tuple[Report, float]] = []
    first = started = 0.0
    for report in reports:
        moment = report.time
        if speed > 0.0:
            if not first:
                first, started = report.time, begin if begin is not None else time.time()
            moment = started + (report.time - first) / speed
            if moment > time.time():
                written += _write(server, batch, prefix, ttl, stream)
                batch = []
                if told is not None:
                    told(written)
                _wait_for(moment, alive)
        if not alive():
            break
        batch.append((report, moment))
        if len(batch) >= BATCH:
            written += _write(server, batch, prefix, ttl, stream)
            batch = []
            if told is not None:
                told(written)
    if alive():
        written += _write(server, batch, prefix, ttl, stream)
    return written


def _wait_for(moment: float, alive: Callable[[], bool]) -> None:
    while alive():
        left = moment - time.time()
        if left <= 0.0:
            return
        time.sleep(min(left, WAIT))


def _write(server: Server, batch: list[tuple[Report, float]], prefix: str, ttl: int, stream: str) -> int:
    if not batch:
        return 0
    pipeline = server.bulk.pipeline(transaction=False)
    for report, moment in batch:
        text = position_json(report, moment)
        pipeline.set(server.key(f"{prefix}:{report.id}"), text, ex=ttl or None)
        if stream:
            entry = {"id": report.id, **json.loads(text)}
            fields = {
                k: v if isinstance(v, (str, int, float)) and v is not True else json.dumps(v) for k, v in entry.items()
            }
            pipeline.xadd(server.key(stream), fields, maxlen=STREAM_LENGTH, approximate=True)
    pipeline.execute()
    return len(batch)
