"""Reading jobs: from their fields to operation, geometries, number, digest, and the key of the result."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Optional, Union

from ..core.cache.items import Item, name_items
from ..core.geometry import walk
from ..core.jobs import plain
from ..core.jobs.geometry_sources import GeometrySource, decode_geometry
from ..core.jobs.model import BadJob, Descriptor, JobReason
from ..core.jobs.names import result_key
from ..core.jobs.queue import JobQueue
from ..core.keys import DEFAULT_TTL
from ..core.operations import OPERATIONS, Operation
from .frames import Numbered

REMEMBERED_BYTES = 64_000_000
WRONG_KEY = "the key is not that of the geometry and the parameters"


class JobItem(Item):
    """One job, ready: ``place`` is its number. ``result_key`` only for plain jobs, ``batch`` only for others.

    ``alone``: computed by itself; ``again``: without a claim, as that of a dead process may still stand.
    """

    __slots__ = ("again", "alone", "batch", "namespace", "operation", "queue", "result_key", "ttl")

    def __init__(
        self,
        job: Numbered,
        operation: Operation,
        namespace: str,
        ttl: int,
        wkbs: tuple[bytes, ...],
        number: Optional[float],
    ):
        super().__init__(job[0], wkbs, number)
        _number, self.alone, self.again, fields = job
        self.operation = operation
        self.namespace = namespace
        self.ttl = ttl
        self.queue = _text(fields, b"liste") or _text(fields, b"_file")
        self.batch = _text(fields, b"lot")
        self.result_key = ""


class ItemReader:
    """Reads the jobs of one chunk. Bad ones are reported as (number, BadJob), the others returned as
    items."""

    def __init__(self, queues: dict[str, JobQueue], source: GeometrySource):
        self._queues = queues
        self._source = source
        self._operations: dict[bytes, tuple[Operation, Descriptor]] = {}
        self._shared: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._shared_bytes = 0

    def read(self, jobs: Sequence[Numbered]) -> tuple[list[JobItem], list[tuple[int, BadJob]]]:
        """May raise RedisError while looking up geometries."""
        items: list[JobItem] = []
        bad: list[tuple[int, BadJob]] = []
        plains: list[tuple[Numbered, plain.PlainJob]] = []
        told: dict[int, bytes] = {}  # job -> the key it brings
        for job in jobs:
            number, _alone, _again, fields = job
            try:
                if b"brut" in fields:
                    plains.append((job, plain.parse_job(fields[b"brut"])))
                else:
                    items.append(self._sent(job))
                    told[number] = fields.get(b"cle", b"")
            except BadJob as error:
                bad.append((number, error))
        if plains:
            self._plain(plains, items, bad)
        for group in by_kind(items):
            name_items(group[0].operation, group)
        strange = {item.place for item in items if told.get(item.place, item.digest) != item.digest}
        bad += ((number, BadJob(JobReason.BAD_PARAMETER, WRONG_KEY)) for number in sorted(strange))
        return [item for item in items if item.place not in strange], bad

    def _sent(self, job: Numbered) -> JobItem:
        fields = job[3]
        operation, descriptor = self._operation(fields.get(b"d", b""))
        try:
            number = float(fields[b"num"]) if b"num" in fields else None
            if number is not None:
                operation.check_number(number)
        except ValueError as error:
            raise BadJob(JobReason.BAD_PARAMETER, str(error)) from error
        if operation.number_name and number is None:
            raise BadJob(JobReason.BAD_PARAMETER, f"no {operation.number_name}")
        wkbs = []
        for i in range(operation.arity):
            wkb = fields.get(b"g%d" % i)
            if wkb is None:
                wkb = self._shared_geometry(fields, fields.get(b"r%d" % i))
            else:
                _check(wkb)
            wkbs.append(wkb)
        return JobItem(job, operation, descriptor.namespace, descriptor.ttl, tuple(wkbs), number)

    def _operation(self, raw: bytes) -> tuple[Operation, Descriptor]:
        known = self._operations.get(raw)
        if known is None:
            descriptor = Descriptor.decode(raw)
            kind = OPERATIONS.get(descriptor.operation)
            if kind is None:
                raise BadJob(JobReason.UNKNOWN_TYPE, descriptor.operation)
            if kind.version != descriptor.version:
                raise BadJob(JobReason.UNKNOWN_VERSION, f"{descriptor.operation} {descriptor.version}")
            try:
                operation = kind.from_job(descriptor.parameters)
            except (ValueError, TypeError, OverflowError) as error:
                raise BadJob(JobReason.BAD_PARAMETER, str(error)) from error
            if len(self._operations) > 1000:
                self._operations.clear()
            known = self._operations[raw] = (operation, descriptor)
        return known

    def _shared_geometry(self, fields: dict[bytes, bytes], digest: Optional[bytes]) -> bytes:
        """A geometry that the batch keeps once; remembered here up to a number of bytes."""
        if digest is None:
            raise BadJob(JobReason.NO_GEOMETRY, "the job has none")
        batch = _text(fields, b"lot")
        wkb = self._shared.get((batch, digest))
        if wkb is None:
            queue = self._queues[fields[b"_file"].decode()]
            wkb = queue.client.hget(queue.batch_key(batch, ":geometries"), digest)
            if wkb is None:
                raise BadJob(JobReason.NO_GEOMETRY, "the batch no longer holds its overlay")
            _check(wkb)
            self._shared[(batch, digest)] = wkb
            self._shared_bytes += len(wkb)
            while self._shared_bytes > REMEMBERED_BYTES and len(self._shared) > 1:
                self._shared_bytes -= len(self._shared.popitem(last=False)[1])
        return wkb

    def _plain(
        self,
        jobs: list[tuple[Numbered, plain.PlainJob]],
        items: list[JobItem],
        bad: list[tuple[int, BadJob]],
    ) -> None:
        ids = [id for _, job in jobs for id in job.ids]
        raws = iter(zip(ids, self._source.find(ids)))
        for numbered, job in jobs:
            found = [next(raws) for _ in job.ids]
            try:
                wkbs = tuple(self._decoded(id, raw) for id, raw in found)
            except BadJob as error:
                bad.append((numbered[0], error))
                continue
            ttl = DEFAULT_TTL if job.ttl is None else job.ttl
            item = JobItem(numbered, job.operation, job.namespace, ttl, wkbs, job.number)
            item.batch = ""
            item.result_key = result_key(item.queue, job.values)
            items.append(item)

    def _decoded(self, id: Union[str, int], raw: Optional[bytes]) -> bytes:
        if raw is None:
            raise BadJob(JobReason.NO_GEOMETRY, self._source.where(id))
        return decode_geometry(raw)


def by_kind(items: Sequence[JobItem]) -> Iterator[list[JobItem]]:
    """The items of each operation, namespace and time to live."""
    kinds: dict[tuple[Operation, str, int], list[JobItem]] = {}
    for item in items:
        kinds.setdefault((item.operation, item.namespace, item.ttl), []).append(item)
    yield from kinds.values()


def _check(wkb: bytes) -> None:
    """Raise BadJob for bytes that no library is to parse."""
    try:
        walk.check(wkb)
    except walk.Unsound as error:
        raise BadJob(JobReason.BAD_GEOMETRY, str(error)) from error


def _text(fields: dict[bytes, bytes], name: bytes) -> str:
    return fields.get(name, b"").decode("utf-8", "replace")
