"""The queue as those who send, watch and tidy see it: batches in, progress and outcomes out.

Workers use ``consumer.py``; both keep the same books, by scripts where the user may run them (``scripts.py``), else by
transactions (``unscripted.py``).
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Any, Optional

from .. import keys, production
from ..server import Server
from . import scripts
from .books import (
    Batch,
    Outcome,
    SetAside,
    Task,
    batch_of,
    event_of,
    health_of,
    outcome_of,
    set_aside_of,
    task_of,
)
from .model import Code, Descriptor, Job, Row, bytes_sent, own_fields, pack_rows, shared_fields
from .names import BY_PRIORITY, GROUP, LOT_PARTS, STREAMS, Priority, books, check_queue_name
from .unscripted import KEEP_SECONDS, Unscripted

CHUNK_JOBS = 1000
CHUNK_BYTES = 4_000_000
ALIVE_SECONDS = 12.0  # a worker is called alive when it was heard of so lately


class JobQueue:
    """One queue of one server. ``client`` is set by workers, which have time limits of their own."""

    def __init__(self, server: Server, name: str = keys.JOB_LIST, client: Any = None, scripted: bool = True):
        self.server = server
        self.name = check_queue_name(name)
        self.p = server.key(books(name))
        self.list_key = server.key(name)
        self.scripted = scripted
        self._client = client

    @property
    def client(self) -> Any:
        return self._client if self._client is not None else self.server.bulk

    @property
    def plain(self) -> Unscripted:
        return Unscripted(self.client, self.p)

    def script(self, script: str, arguments: Sequence[Any], more_keys: Sequence[bytes] = ()) -> Any:
        """Run a script on the books. Raises ScriptsDenied, once; after that ``scripted`` is off."""
        if not self.scripted:
            raise scripts.ScriptsDenied
        try:
            return scripts.run(self.client, script, [self.p + b"flux", *more_keys], [self.p, *arguments])
        except scripts.ScriptsDenied:
            self.scripted = False
            raise

    # Sending

    def ensure(self) -> None:
        """Make the streams and their group where they do not exist; from the start, so that no earlier job is skipped."""
        from ..redispy import exceptions

        for stream in STREAMS:
            try:
                self.client.xgroup_create(self.p + stream.encode(), GROUP, id="0", mkstream=True)
            except exceptions.ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    def create_batch(
        self,
        name: str,
        descriptor: Descriptor,
        details: Optional[dict[str, Any]] = None,
        priority: Priority = Priority.NORMAL,
        keep_seconds: int = KEEP_SECONDS,
    ) -> str:
        """Open a batch and return its id. ``details`` (JSON values: fields, CRS, ...) is what a collector needs later.

        Its books are kept ``keep_seconds`` after its last job has ended.
        """
        production.check(self.server.settings)
        self.ensure()
        batch = time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(4)
        now = self.plain.now_ms()
        head = {
            "nom": name,
            "cree": now,
            "d": descriptor.encode(),
            "details": json.dumps(details or {}, ensure_ascii=False),
            "priorite": int(priority),
            "garde": keep_seconds,
            "envoyees": 0,
        }
        with self.client.pipeline(transaction=True) as pipe:
            pipe.hset(self.lot_key(batch), mapping=head)
            pipe.zadd(self.p + b"lots", {batch: now})
            pipe.execute()
        return batch

    def share_geometry(self, batch: str, digest: bytes, wkb: bytes) -> None:
        """Keep a geometry that many jobs of the batch need (an overlay) once."""
        self.client.hset(self.lot_key(batch, ":geometries"), digest, wkb)

    def enqueue(
        self,
        batch: str,
        descriptor: Descriptor,
        jobs: Sequence[Job],
        chunk: int,
        priority: Priority = Priority.NORMAL,
        cached: Iterable[int] = (),
    ) -> int:
        """Send one chunk of a batch in one step; the same ``chunk`` number sent twice counts once.

        ``cached`` are the indexes whose result is in the cache already: they are done at once. Within a chunk the
        largest go first, so that no worker is left with one at the end. Returns how many were sent.
        """
        ready = set(cached)
        rows = [_row(job, job.index in ready) for job in sorted(jobs, key=_size, reverse=True)]
        shared, stream = shared_fields(batch, descriptor.encode()), BY_PRIORITY[priority]
        words = [word for pair in shared.items() for word in pair]
        try:
            return int(
                self.script(scripts.ENQUEUE, [batch, chunk, stream, bytes_sent(shared, rows), pack_rows(rows), *words])
            )
        except scripts.ScriptsDenied:
            return self.plain.enqueue(batch, str(chunk), stream, shared, rows)

    def seal(self, batch: str, total: int) -> None:
        """Say that all ``total`` jobs of the batch have been sent."""
        try:
            self.script(scripts.SEAL, [batch, total])
        except scripts.ScriptsDenied:
            self.plain.seal(batch, total)

    # Watching

    def batches(self, limit: int = 100) -> list[Batch]:
        """The newest batches, newest first. Those whose books have expired are forgotten here."""
        ids = [raw.decode() for raw in self.client.zrevrange(self.p + b"lots", 0, limit - 1)]
        found = self.progress(ids)
        gone = [batch for batch in ids if batch not in found]
        if gone and not production.is_locked(self.server.settings):
            self.client.zrem(self.p + b"lots", *gone)
        return [found[batch] for batch in ids if batch in found]

    def progress(self, ids: Sequence[str]) -> dict[str, Batch]:
        """The batches with these ids; those that are gone are left out."""
        if not ids:
            return {}
        with self.client.pipeline(transaction=False) as pipe:
            for batch in ids:
                pipe.hgetall(self.lot_key(batch))
            heads = pipe.execute()
        found = {batch: batch_of(batch, head) for batch, head in zip(ids, heads)}
        return {batch: state for batch, state in found.items() if state is not None}

    def events(self, batch: str, after: str = "0", count: int = 1000, block_ms: int = 0, client: Any = None):
        """What ended in a batch since ``after``: (id to continue from, [(index, code), ...]). Blocks at most 250 ms."""
        block = min(block_ms, 250) or None
        reply = (client or self.client).xread({self.lot_key(batch, ":fini"): after}, count=count, block=block)
        news = []
        for _key, entries in reply or ():
            for id, fields in entries:
                after = id.decode()
                event = event_of(fields)
                if event is not None:
                    news.append(event)
        return after, news

    def tasks(self, batch: str, indexes: Sequence[int]) -> dict[int, Task]:
        """What is kept of each of these jobs."""
        if not indexes:
            return {}
        raws = self.client.hmget(self.lot_key(batch, ":taches"), [str(i) for i in indexes])
        return {i: task_of(raw) for i, raw in zip(indexes, raws) if raw}

    def outcomes(self, batch: str, indexes: Sequence[int]) -> dict[int, Outcome]:
        """How these jobs ended; those that have not ended are left out."""
        if not indexes:
            return {}
        raws = self.client.hmget(self.lot_key(batch, ":issues"), [str(i) for i in indexes])
        return {i: outcome_of(i, raw) for i, raw in zip(indexes, raws) if raw}

    def depths(self) -> dict[str, int]:
        """How many jobs wait or run per stream, wait for another try, are set aside, and lie in the plain list."""
        with self.client.pipeline(transaction=False) as pipe:
            for stream in STREAMS:
                pipe.xlen(self.p + stream.encode())
            pipe.zcard(self.p + b"echeances")
            pipe.xlen(self.p + b"ecartees")
            counts = pipe.execute()
        names = (*STREAMS, "differees", "ecartees")
        return {**dict(zip(names, map(int, counts))), "liste": int(self.client.llen(self.list_key))}

    # Failed jobs, cancelling, forgetting

    def set_aside(self, batch: Optional[str] = None, limit: int = 1000) -> list[SetAside]:
        """The jobs set aside, newest first; of one batch, or of all."""
        rows = self.client.xrevrange(self.p + b"ecartees", count=limit)
        jobs = [set_aside_of(id.decode(), fields) for id, fields in rows]
        return [job for job in jobs if batch is None or job.lot == batch]

    def requeue(self, ids: Sequence[str]) -> int:
        """Send set-aside jobs again, as if they were new. Returns how many there were."""
        try:
            return int(self.script(scripts.REQUEUE, list(ids)))
        except scripts.ScriptsDenied:
            return self.plain.requeue(ids)

    def discard(self, ids: Sequence[str]) -> int:
        """Delete set-aside jobs for good."""
        return int(self.client.xdel(self.p + b"ecartees", *ids)) if ids else 0

    def cancel_batch(self, batch: str) -> None:
        """No job of the batch is begun any more, and those that run are stopped."""
        if self.client.exists(self.lot_key(batch)):
            self.client.hset(self.lot_key(batch), "annule", 1)

    def cancel_jobs(self, batch: str, indexes: Sequence[int]) -> None:
        """The same for some jobs of a batch."""
        if indexes and self.client.exists(self.lot_key(batch)):
            self.client.sadd(self.lot_key(batch, ":annulees"), *[str(i) for i in indexes])

    def forget(self, batch: str) -> None:
        """Cancel what is left of a batch and let its books go; the results in the cache stay."""
        self.cancel_batch(batch)
        with self.client.pipeline(transaction=True) as pipe:
            pipe.zrem(self.p + b"lots", batch)
            for part in LOT_PARTS:
                pipe.expire(self.lot_key(batch, part), 86400)
            pipe.execute()

    # Workers

    def workers(self) -> list[dict[str, Any]]:
        """The health lines, each with ``id``, ``seen`` (seconds ago by the server's clock) and ``alive``."""
        now = self.plain.now_ms()
        seen = dict(self.client.zrange(self.p + b"vus", 0, -1, withscores=True))
        lines = []
        for name, raw in self.client.hgetall(self.p + b"travailleurs").items():
            line = health_of(raw)
            ago = max((now - seen.get(name, 0)) / 1000.0, 0.0)
            alive = ago < ALIVE_SECONDS and line["state"] != "ended"
            lines.append({**line, "id": name.decode("utf-8", "replace"), "seen": ago, "alive": alive})
        return sorted(lines, key=lambda line: (not line["alive"], line["id"]))

    def alive(self) -> list[dict[str, Any]]:
        return [line for line in self.workers() if line["alive"]]

    def lot_key(self, batch: str, part: str = "") -> bytes:
        return self.p + b"lot:" + batch.encode() + part.encode()


def _row(job: Job, cached: bool) -> Row:
    meta = job.digest + json.dumps([job.attributes, job.extent], ensure_ascii=False, default=str).encode()
    index = b"%d" % job.index
    return Row(index, meta, Code.CACHED, {}) if cached else Row(index, meta, "", own_fields(job))


def _size(job: Job) -> int:
    return sum(len(wkb) for wkb in job.geometries if wkb)
