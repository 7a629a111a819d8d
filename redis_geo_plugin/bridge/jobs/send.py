"""Features as jobs: what the algorithm and the Jobs dock send, in batches, off the main thread.

The items are the cached algorithms' own, so that a worker's result lies under the key at which the desktop
looks for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsCoordinateTransform, QgsFields, QgsWkbTypes

from ...core import keys
from .. import operations
from ..cache import features, pairs, run, sharing
from ..cache.nearest import Join
from ..cache.pairs import IntersectionFields
from ..cache.run import BufferRequest, Feedback, Store
from ..compat import number
from ..operations import gathering
from ..sources import FrozenSource
from .values import pack_fields, pack_values

if TYPE_CHECKING:
    from ...core.cache.store import CacheStore
    from ...core.jobs.model import Job
    from ...core.jobs.queue import JobQueue
    from ...core.json_types import JsonObject, JsonValue
    from ...core.operations import Nearest, Operation

CHUNK_ITEMS = 1000
CHUNK_BYTES = 4_000_000
NO_RESULT = bytes(32)  # the digest of a feature without a geometry, which has nothing to compute


@dataclass
class Target:
    """Where jobs are sent: the queue, the priority (0 high, 1 normal, 2 low), and the name people read."""

    store: Store
    title: str
    queue: str = keys.JOB_LIST
    priority: int = 1


@dataclass
class Sent:
    """A batch as it was sent. ``cached`` jobs were done at once. ``geos`` is the version that computes it,
    where that is not the one of this process because no worker has that; else empty."""

    batch: str
    count: int
    cached: int
    geos: str = ""


@dataclass
class _Items:
    """A chunk of jobs to be: WKB columns, numbers, attributes; ``shared`` columns are kept once a batch."""

    columns: tuple[Sequence[Optional[bytes]], ...]
    numbers: Optional[Sequence[float]]
    attributes: list[list[JsonValue]]


def send_each(source: FrozenSource, request: BufferRequest, target: Target, feedback: Feedback) -> Sent:
    """One job per feature. Raises Cancelled, with the batch cancelled too."""

    def chunks() -> Iterator[_Items]:
        with_z = request.operation.keeps_z
        for batch, wkbs in features.chunked(source.features(), CHUNK_ITEMS, CHUNK_BYTES, with_z):
            numbers = run.distances(batch, request) if request.operation.number_name else None
            values = [pack_values(feature.attributes()) for feature in batch]
            yield _Items((wkbs,), numbers, values)

    wkb_type = operations.OFFERED[request.operation.name].result_type(source.wkb_type)
    details = _details(request.operation.name, source, wkb_type)
    return _send(request.operation, chunks(), details, source.count, target, feedback)


def send_groups(
    source: FrozenSource, fields: list[str], operation: Operation, target: Target, feedback: Feedback
) -> Sent:
    """One job per group of features with equal attributes. Raises Cancelled."""
    found = gathering.groups(source, fields)

    def chunks() -> Iterator[_Items]:
        for start in range(0, len(found.firsts), CHUNK_ITEMS):
            part = found.firsts[start : start + CHUNK_ITEMS]
            values = [pack_values(feature.attributes()) for feature in part]
            yield _Items((found.wkbs[start : start + CHUNK_ITEMS],), None, values)

    details = _details(operation.name, source, QgsWkbTypes.multiType(source.wkb_type))
    return _send(operation, chunks(), details, len(found.firsts), target, feedback)


def send_nearest(
    source: FrozenSource, join: Join, plain: Nearest, target: Target, feedback: Feedback
) -> Sent:
    """One job per feature; the other layer's collection (WKB) is kept once a batch. Raises Cancelled."""
    operation, other = join.operation(plain), join.other.wkb

    def chunks() -> Iterator[_Items]:
        for batch, wkbs in features.chunked(source.features(), CHUNK_ITEMS, CHUNK_BYTES):
            values = [pack_values(feature.attributes()) for feature in batch]
            yield _Items((wkbs, [other] * len(wkbs)), None, values)

    wkb_type = operations.OFFERED[operation.name].result_type(source.wkb_type)
    details = {**_details(operation.name, source, wkb_type), "same": join.same}
    return _send(operation, chunks(), details, source.count, target, feedback)


def send_pairs(
    source: FrozenSource,
    overlay: FrozenSource,
    chosen: IntersectionFields,
    transform: QgsCoordinateTransform,
    operation: Operation,
    target: Target,
    feedback: Feedback,
) -> Sent:
    """One job per pair whose rectangles overlap; each geometry of the overlay is kept once a batch. Raises
    Cancelled."""
    from ...core.geometry.pairs import PairIndex

    other_wkbs, other_values, _ = pairs.overlay_columns(overlay, chosen, transform, feedback.tell)
    index = PairIndex(other_wkbs)

    def chunks() -> Iterator[_Items]:
        for batch, wkbs in features.chunked(source.features(), CHUNK_ITEMS, CHUNK_BYTES, with_z=True):
            for found in index.pairs(wkbs, CHUNK_ITEMS):
                own = [[batch[i].attributes()[k] for k in chosen.source] for i, _ in found]
                values = [pack_values([*mine, *other_values[j]]) for mine, (_, j) in zip(own, found)]
                columns = ([wkbs[i] for i, _ in found], [other_wkbs[j] for _, j in found])
                yield _Items(columns, None, values)

    details = _details(operation.name, source, QgsWkbTypes.multiType(source.wkb_type), chosen.fields)
    details["drop_empty"] = True
    return _send(operation, chunks(), details, 0, target, feedback)


def _details(
    name: str, source: FrozenSource, wkb_type: QgsWkbTypes.Type, fields: Optional[QgsFields] = None
) -> JsonObject:
    """The details of a batch from which its results are made into a layer."""
    return {
        "fields": pack_fields(
            operations.OFFERED[name].result_fields(source.fields if fields is None else fields)
        ),
        "crs": run.crs_name(source.crs),
        "wkb_type": number(wkb_type),
        "source": source.name,
        "operation": name,
        **({"who": sharing.author()} if sharing.is_enabled() else {}),
    }


def _send(
    operation: Operation,
    chunks: Iterator[_Items],
    details: JsonObject,
    expected: int,
    target: Target,
    feedback: Feedback,
) -> Sent:
    from ...core.cache.link import Link
    from ...core.cache.statistics import record
    from ...core.cache.store import CacheStore, StrictLink
    from ...core.jobs.model import Descriptor
    from ...core.jobs.names import Priority
    from ...core.jobs.queue import JobQueue
    from ...core.redis.server import open_server

    server = open_server(target.store.settings)
    queue = JobQueue(server, target.queue)
    priority = Priority(target.priority)
    own, operation = operation, as_workers_compute(operation, queue.alive())
    descriptor = Descriptor(
        operation.name, operation.version, operation.to_job(), target.store.namespace, target.store.ttl
    )
    store = CacheStore(StrictLink(server), operation, target.store.namespace, target.store.ttl)
    batch = queue.create_batch(target.title, descriptor, details, priority)
    count = ready_count = 0
    shared: set[bytes] = set()
    try:
        for number, items in enumerate(chunks):
            feedback.watch.check()
            jobs, ready = _jobs(store, items, count, queue, batch, shared)
            queue.enqueue(batch, descriptor, jobs, number, priority, ready)
            count += len(jobs)
            ready_count += len(ready)
            feedback.watch.reach(count / max(expected, count, 1))
    except BaseException:
        queue.cancel_batch(batch)  # half a batch is of no use to anyone
        queue.seal(batch, count)
        raise
    queue.seal(batch, count)
    record(Link(server), operation.family, target.store.namespace, store.report)
    return Sent(batch, count, ready_count, operation.engine if operation != own else "")


def as_workers_compute(operation: Operation, workers: Sequence[JsonObject]) -> Operation:
    """The operation as it is to be sent to these living workers (health lines): where its results depend on
    the version of GEOS and none has ours, by the version that most of them have. Its results then stand under
    keys of their
    own."""
    versions = Counter(line["geos"] for line in workers if line["geos"])
    if not operation.engine or not versions or operation.engine in versions:
        return operation
    return operation.computed_by(versions.most_common(1)[0][0])


def _jobs(
    store: CacheStore, items: _Items, start: int, queue: JobQueue, batch: str, shared: set[bytes]
) -> tuple[list[Job], set[int]]:
    """The jobs of a chunk, and the indexes of those whose result is in the cache already."""
    from ...core.cache.digests import raw_digests
    from ...core.cache.items import Item
    from ...core.geometry import wkb
    from ...core.jobs.model import Job

    n = len(items.attributes)
    there = [i for i in range(n) if all(column[i] is not None for column in items.columns)]
    columns = [[column[i] or b"" for i in there] for column in items.columns]
    named = [
        Item(i, wkbs, None if items.numbers is None else items.numbers[i])
        for i, wkbs in zip(there, zip(*columns))
    ]
    store.look_up(named)
    digests = {item.place: item.digest for item in named}
    found = {item.place for item in named if item.result is not None}
    seconds = raw_digests(columns[1]) if len(columns) > 1 else []
    for i, digest, raw in zip(there, seconds, columns[1] if seconds else []):
        if digest not in shared and i not in found:
            queue.share_geometry(batch, digest, raw)
            shared.add(digest)
    second = dict(zip(there, seconds))
    extents = dict(zip(there, wkb.extents(columns[0])))
    jobs, ready = [], set()
    for i in range(n):
        if i not in digests:
            ready.add(start + i)
            jobs.append(Job(start + i, NO_RESULT, (), attributes=items.attributes[i]))
            continue
        if i in found:
            ready.add(start + i)
        first = items.columns[0][i]
        geometries = (first,) if len(columns) == 1 else (first, None)
        kept = () if len(columns) == 1 else (None, second[i])
        number = None if items.numbers is None else items.numbers[i]
        jobs.append(Job(start + i, digests[i], geometries, number, kept, items.attributes[i], extents[i]))
    return jobs, ready
