"""From the fields of a job to what is to be computed: operation, geometries, number, digest, where the result goes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ..core.cache.digests import item_digests
from ..core.cache.engine import DEFAULT_TTL
from ..core.jobs import plain
from ..core.jobs.geometry_sources import decode_geometry
from ..core.jobs.model import BadJob, Descriptor, Reason
from ..core.jobs.names import result_key
from ..core.jobs.queue import JobQueue
from ..core.operations import OPERATIONS, Operation
from .frames import Numbered

REMEMBERED_BYTES = 64_000_000


@dataclass
class Item:
    """One job, ready: ``wkbs`` one WKB per geometry of the operation. ``result_key`` only for plain jobs."""

    number: int
    alone: bool
    again: bool
    operation: Operation
    namespace: str
    ttl: int
    wkbs: tuple[bytes, ...]
    value: Optional[float]
    digest: bytes
    result_key: str = ""
    queue: str = ""
    lot: str = ""  # the batch; empty for plain jobs

    @property
    def size(self) -> int:
        return sum(map(len, self.wkbs))


class ItemReader:
    """Reads the jobs of one chunk. Bad ones are reported as (number, BadJob), the others returned as items."""

    def __init__(self, queues: dict[str, JobQueue], source: Any):
        self._queues = queues
        self._source = source
        self._operations: dict[bytes, tuple[Operation, Descriptor]] = {}
        self._shared: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._shared_bytes = 0

    def read(self, jobs: Sequence[Numbered]) -> tuple[list[Item], list[tuple[int, BadJob]]]:
        """May raise RedisError while looking up geometries."""
        items: list[Item] = []
        bad: list[tuple[int, BadJob]] = []
        plains: list[tuple[Numbered, plain.PlainJob]] = []
        for job in jobs:
            number, _alone, _again, fields = job
            try:
                if b"brut" in fields:
                    plains.append((job, plain.read(fields[b"brut"])))
                else:
                    items.append(self._sent(job))
            except BadJob as error:
                bad.append((number, error))
        if plains:
            self._plain(plains, items, bad)
        return items, bad

    def _sent(self, job: Numbered) -> Item:
        number, alone, again, fields = job
        operation, descriptor = self._operation(fields.get(b"d", b""))
        wkbs = []
        for i in range(operation.arity):
            wkb = fields.get(b"g%d" % i)
            if wkb is None:
                wkb = self._shared_geometry(fields, fields.get(b"r%d" % i))
            wkbs.append(wkb)
        digest = fields.get(b"cle", b"")
        if len(digest) != 32:
            raise BadJob(Reason.BAD_PARAMETER, "no key for the result")
        try:
            value = float(fields[b"num"]) if b"num" in fields else None
        except ValueError as error:
            raise BadJob(Reason.BAD_PARAMETER, str(error)) from error
        return Item(
            number,
            alone,
            again,
            operation,
            descriptor.namespace,
            descriptor.ttl,
            tuple(wkbs),
            value,
            digest,
            queue=_text(fields, b"_file"),
            lot=_text(fields, b"lot"),
        )

    def _operation(self, raw: bytes) -> tuple[Operation, Descriptor]:
        known = self._operations.get(raw)
        if known is None:
            descriptor = Descriptor.decode(raw)
            kind = OPERATIONS.get(descriptor.operation)
            if kind is None:
                raise BadJob(Reason.UNKNOWN_TYPE, descriptor.operation)
            if kind.version != descriptor.version:
                raise BadJob(Reason.UNKNOWN_VERSION, f"{descriptor.operation} {descriptor.version}")
            try:
                operation = kind.from_job(descriptor.parameters)
            except (ValueError, TypeError, OverflowError) as error:
                raise BadJob(Reason.BAD_PARAMETER, str(error)) from error
            if len(self._operations) > 1000:
                self._operations.clear()
            known = self._operations[raw] = (operation, descriptor)
        return known

    def _shared_geometry(self, fields: dict[bytes, bytes], digest: Optional[bytes]) -> bytes:
        """A geometry that the batch keeps once; remembered here up to a number of bytes."""
        if digest is None:
            raise BadJob(Reason.NO_GEOMETRY, "the job has none")
        lot = _text(fields, b"lot")
        wkb = self._shared.get((lot, digest))
        if wkb is None:
            queue = self._queues[fields[b"_file"].decode()]
            wkb = queue.client.hget(queue.lot_key(lot, ":geometries"), digest)
            if wkb is None:
                raise BadJob(Reason.NO_GEOMETRY, "the batch no longer holds its overlay")
            self._shared[(lot, digest)] = wkb
            self._shared_bytes += len(wkb)
            while self._shared_bytes > REMEMBERED_BYTES and len(self._shared) > 1:
                self._shared_bytes -= len(self._shared.popitem(last=False)[1])
        return wkb

    def _plain(
        self,
        jobs: list[tuple[Numbered, plain.PlainJob]],
        items: list[Item],
        bad: list[tuple[int, BadJob]],
    ) -> None:
        ids = [id for _, job in jobs for id in job.ids]
        raws = iter(zip(ids, self._source.find(ids)))
        for (number, alone, again, fields), job in jobs:
            found = [next(raws) for _ in job.ids]
            try:
                wkbs = tuple(self._decoded(id, raw) for id, raw in found)
            except BadJob as error:
                bad.append((number, error))
                continue
            digest = item_digests(job.operation, [[wkb] for wkb in wkbs], None if job.number is None else [job.number])[
                0
            ]
            ttl = DEFAULT_TTL if job.ttl is None else job.ttl
            queue = _text(fields, b"liste") or _text(fields, b"_file")
            key = result_key(queue, job.values)
            items.append(
                Item(number, alone, again, job.operation, job.namespace, ttl, wkbs, job.number, digest, key, queue)
            )

    def _decoded(self, id: Any, raw: Optional[bytes]) -> bytes:
        if raw is None:
            raise BadJob(Reason.NO_GEOMETRY, self._source.where(id))
        return decode_geometry(raw)


def _text(fields: dict[bytes, bytes], name: bytes) -> str:
    return fields.get(name, b"").decode("utf-8", "replace")
