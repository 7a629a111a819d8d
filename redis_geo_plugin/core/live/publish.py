"""Write positions as the tutorial does: ``vehicule:<id>`` = JSON ``latitude``, ``longitude``, ``timestamp``,
then what else there is, with a TTL; once, or replayed n times as fast as they were reported.

Other programs may want other kinds of keys: a hash for each vehicle, a stream, a GEO set (see ``KINDS``).
"""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Optional

from .. import keys
from ..json_types import JsonObject
from ..redis import production
from ..redis.types import RedisPipeline
from ..watch import Watch
from .limits import is_moment, is_null_island, is_place
from .records import RefusalReason
from .sources import WRITTEN as KINDS

if TYPE_CHECKING:  # the toolbox asks for the names of kinds, and must not import redis-py for that
    from ..redis.server import Server

BATCH = 500
STREAM_LENGTH = 100_000
LIST_LENGTH = 1_000
WAIT = 0.2  # seconds between looks at the cancel button
LATEST_WRITTEN = datetime(9999, 12, 31, tzinfo=timezone.utc).timestamp()  # what ISO 8601 has four digits for
LARGEST_GEO_LATITUDE = 85.05112878  # of a GEO set: beyond, Redis refuses a member
KEY_EACH = frozenset({"json_keys", "hash_keys", "list_keys", "pubsub"})  # the id is the end of the key


@dataclass(frozen=True)
class PositionReport:
    """A position to publish: seconds since 1970 UTC, degrees (EPSG:4326), attributes that JSON can hold."""

    time: float
    id: str
    lon: float
    lat: float
    attributes: JsonObject


@dataclass
class Published:
    """How many positions were written, and how many were not, by reason: they would be refused by whoever
    reads them.
    """

    count: int = 0
    refused: Counter[RefusalReason] = field(default_factory=Counter)


def why_not(report: PositionReport, kind: str = "json_keys") -> Optional[RefusalReason]:
    """Return why a report is not published; None for one that is."""
    lon, lat = report.lon, report.lat
    if not report.id:
        return RefusalReason.UNREADABLE
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return RefusalReason.NO_POSITION
    if not is_place(lon, lat):
        return RefusalReason.OUT_OF_RANGE
    if kind == "geoset" and abs(lat) > LARGEST_GEO_LATITUDE:
        return RefusalReason.OUT_OF_RANGE
    if is_null_island(lon, lat):
        return RefusalReason.NULL_ISLAND
    if not (is_moment(report.time) and report.time <= LATEST_WRITTEN):
        return RefusalReason.BAD_TIME
    return None


def position_record(report: PositionReport, moment: float) -> JsonObject:
    """Return the tutorial's record.

    ``moment`` is the time of the report; in UTC without a zone, as the tutorial has it.
    """
    stamp = datetime.fromtimestamp(moment, timezone.utc).replace(tzinfo=None)
    record = {"latitude": report.lat, "longitude": report.lon, "timestamp": stamp.isoformat()}
    record.update({k: finite(v) for k, v in report.attributes.items() if k not in record})
    return record


def position_json(report: PositionReport, moment: float) -> str:
    """Return the tutorial's JSON, see ``position_record``.

    JSON knows neither NaN nor Infinity: they become null.
    """
    return _json(position_record(report, moment))


def is_published(value: bytes) -> bool:
    """Whether this is a record as ``publish`` writes it into a key of each vehicle, to the byte: first a
    place, and a time in UTC without a zone."""
    try:
        record = json.loads(value)
        latitude, longitude, stamp = record["latitude"], record["longitude"], record["timestamp"]
        moment = datetime.fromisoformat(stamp)
        time_of = moment.replace(tzinfo=timezone.utc).timestamp()
        if list(record)[:3] != ["latitude", "longitude", "timestamp"] or moment.isoformat() != stamp:
            return False
        if moment.tzinfo is not None or isinstance(latitude, bool) or isinstance(longitude, bool):
            return False
        report = PositionReport(time_of, "any", longitude, latitude, {})
        return why_not(report) is None and _json(record).encode() == value
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return False


def finite(value: object) -> object:
    """Return a value without the numbers that JSON cannot hold; they become None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, dict):
        return {str(name): finite(item) for name, item in value.items()}
    return value


def publish(
    server: Server,
    reports: Iterable[PositionReport],
    prefix: str = keys.POSITIONS,
    ttl: int = 3600,
    speed: float = 0.0,
    stream: str = "",
    watch: Optional[Watch] = None,
    expected: int = 0,
    begin: Optional[float] = None,
    kind: str = "json_keys",
) -> Published:
    """Write reports in the order given; those that a reader would refuse are left out and counted.

    Args:
        server: where to.
        reports: the positions.
        prefix: the keys are this, a colon, and the id; the key itself where one holds the whole fleet.
        ttl: seconds until a key expires, 0 keeps it.
        speed: 0 writes at once; above, a replay so many times as fast, begun now (or at ``begin``).
        stream: a key that gets the same as a stream, capped.
        watch: asked between batches, and told the progress where ``expected`` says how many there are.
        begin: the time of the first report of a replay, in seconds since 1970 UTC.
        kind: one of ``KINDS``.

    Raises redis-py's errors, and ValueError for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of keys {kind!r}")
    production.check(server.settings)
    watch = watch or Watch()
    run = _Run(server, _Target(kind, prefix.rstrip(":"), ttl, stream))
    pace = _Pace(speed, begin)
    for report in reports:
        reason = why_not(report, kind)
        if reason is not None:
            run.published.refused[reason] += 1
            continue
        moment = pace.moment_of(report)
        if speed > 0.0 and moment > time.time():
            run.write(watch, expected)
            _wait_for(moment, watch)
        if watch.cancelled():
            return run.published
        run.batch.append((report, moment))
        if len(run.batch) >= BATCH:
            run.write(watch, expected)
    if not watch.cancelled():
        run.write(watch, expected)
    return run.published


class _Pace:
    """The time at which each report of a replay is due; without a speed, the time at which it was made."""

    def __init__(self, speed: float, begin: Optional[float]):
        self._speed, self._begin = speed, begin
        self._first: Optional[float] = None

    def moment_of(self, report: PositionReport) -> float:
        """Return seconds since 1970 UTC."""
        if self._speed <= 0.0:
            return report.time
        if self._first is None:
            self._first = report.time
            self._begin = self._begin if self._begin is not None else time.time()
        return (self._begin or 0.0) + (report.time - self._first) / self._speed


@dataclass(frozen=True)
class _Target:
    """What kind of keys are written, and where."""

    kind: str
    prefix: str
    ttl: int
    stream: str


class _Run:
    """Writes batches of reports, and counts them."""

    def __init__(self, server: Server, target: _Target):
        self.published = Published()
        self.batch: list[tuple[PositionReport, float]] = []
        self._server, self._target = server, target
        self._fleet: dict[str, JsonObject] = {}  # of a string that holds all of it

    def write(self, watch: Watch, expected: int) -> None:
        """Write the batch in one go. Raises redis-py's errors."""
        batch, self.batch = self.batch, []
        if batch:
            pipeline = self._server.bulk.pipeline(transaction=False)
            for report, moment in batch:
                self._add(pipeline, report, position_record(report, moment))
            self._add_whole(pipeline)
            pipeline.execute()
            self.published.count += len(batch)
        if expected:
            watch.reach(self.published.count / expected)

    def _add(self, pipeline: RedisPipeline, report: PositionReport, record: JsonObject) -> None:
        """Add the commands of one report."""
        target, key = self._target, self._server.key
        kind = target.kind
        own = key(f"{target.prefix}:{report.id}") if kind in KEY_EACH else key(target.prefix)
        if kind == "json_keys":
            pipeline.set(own, _json(record), ex=target.ttl or None)
        elif kind == "hash_keys":
            pipeline.hset(own, mapping=_texts(record))
        elif kind == "hash_fields":
            pipeline.hset(own, report.id, _json(record))
        elif kind == "geoset":
            pipeline.geoadd(own, (report.lon, report.lat, report.id))
            pipeline.hset(key(target.prefix + keys.GEO_ATTRIBUTES_SUFFIX), report.id, _json(record))
        elif kind == "list_keys":
            pipeline.lpush(own, _json(record))
            pipeline.ltrim(own, 0, LIST_LENGTH - 1)
        elif kind == "pubsub":
            pipeline.publish(own, _json(record))
        elif kind == "fleet_string":
            self._fleet[report.id] = {"id": report.id, **record}
        else:
            self._add_entry(pipeline, own, report, record)
        if target.ttl and kind in ("hash_keys", "list_keys"):
            pipeline.expire(own, target.ttl)
        if target.stream:
            self._add_entry(pipeline, key(target.stream), report, record)

    def _add_whole(self, pipeline: RedisPipeline) -> None:
        """Add what concerns keys that hold the whole fleet."""
        target, key = self._target, self._server.key
        if target.kind == "fleet_string":
            pipeline.set(key(target.prefix), _json(list(self._fleet.values())), ex=target.ttl or None)
        elif target.ttl and target.kind in ("hash_fields", "geoset", "stream"):
            pipeline.expire(key(target.prefix), target.ttl)
            if target.kind == "geoset":
                pipeline.expire(key(target.prefix + keys.GEO_ATTRIBUTES_SUFFIX), target.ttl)

    @staticmethod
    def _add_entry(pipeline: RedisPipeline, key: bytes, report: PositionReport, record: JsonObject) -> None:
        fields = _texts({"id": report.id, **record})
        pipeline.xadd(key, fields, maxlen=STREAM_LENGTH, approximate=True)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _texts(record: JsonObject) -> JsonObject:
    """Return a record as the fields of a hash or stream: texts and numbers; what is none is left out."""
    return {
        name: value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else _json(value)
        for name, value in record.items()
        if value is not None
    }


def _wait_for(moment: float, watch: Watch) -> None:
    while not watch.cancelled():
        left = moment - time.time()
        if left <= 0.0:
            return
        time.sleep(min(left, WAIT))
