"""The queue as senders, watchers and administrators see it: batches in, progress and outcomes out.

Workers use ``consumer.py``; both keep the same books (``books.py``). Others may write to these keys too: what
cannot be read is left out and its key named (``damaged``), and all others go on.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Callable, Optional, TypeVar

from .. import keys
from ..json_types import JsonObject
from ..redis import production
from ..redis.redispy import exceptions
from ..redis.scanning import named
from ..redis.server import Server
from ..redis.types import RedisClient, RedisPipeline, Reply
from .books import Books, KeptBooks
from .model import TOO_FAR_MS, Code, Descriptor, Job, JobRow, own_fields, shared_fields
from .names import (
    BATCH_PARTS,
    BY_PRIORITY,
    GROUP,
    KEEP_SECONDS,
    STREAMS,
    Priority,
    books_prefix,
    check_queue_name,
)
from .records import (
    HEAD,
    LARGE,
    Batch,
    JobOutcome,
    SetAside,
    Task,
    batch_of,
    damaged_batch,
    event_of,
    head_of,
    health_of,
    outcome_of,
    set_aside_of,
    task_of,
)
from .transactions import TransactionBooks

CHUNK_JOBS = 1000
CHUNK_BYTES = 4_000_000
LARGEST_FIELD = 4_000_000  # bytes of a name, a description or a health line
MOST_WORKERS = 500
ALIVE_SECONDS = 12.0  # a worker is called alive when it was heard of so lately


_Result = TypeVar("_Result")


class JobQueue:
    """One queue of one server. ``client`` is set by workers, which have time limits of their own."""

    def __init__(
        self,
        server: Server,
        name: str = keys.JOB_LIST,
        client: Optional[RedisClient] = None,
        scripted: bool = True,
    ):
        self.server = server
        self.name = check_queue_name(name)
        self.p = server.key(books_prefix(name))
        self.list_key = server.key(name)
        self.scripted = scripted
        self._client = client

    @property
    def client(self) -> RedisClient:
        """The client that talks to the server."""
        return self._client if self._client is not None else self.server.bulk

    @property
    def books(self) -> KeptBooks:
        """The books, kept as this connection may."""
        return KeptBooks(self.server, self.client, self.p, self.scripted)

    def keep(self, change: Callable[[Books], _Result]) -> _Result:
        """Make a change in the books. Raises RedisError."""
        return self.books.keep(change)

    def now_ms(self) -> int:
        """The server's clock, in milliseconds since 1970."""
        return TransactionBooks(self.client, self.p).now_ms()

    # Sending

    def ensure(self) -> None:
        """Make the streams and their group where they do not exist; from the start, so that no earlier job is
        skipped."""
        for stream in STREAMS:
            try:
                self._ensure(stream)
            except exceptions.ResponseError as error:
                if "WRONGTYPE" not in str(error):
                    raise
                self.books.set_aside_damaged()
                self._ensure(stream)

    def _ensure(self, stream: str) -> None:
        try:
            self.client.xgroup_create(self.p + stream.encode(), GROUP, id="0", mkstream=True)
        except exceptions.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def create_batch(
        self,
        name: str,
        descriptor: Descriptor,
        details: Optional[JsonObject] = None,
        priority: Priority = Priority.NORMAL,
        keep_seconds: int = KEEP_SECONDS,
    ) -> str:
        """Open a batch and return its id. ``details`` (JSON values: fields, CRS, ...) is what a collector
        needs later.

        Its books are kept ``keep_seconds`` after its last job has ended.
        """
        production.check(self.server.settings)
        self.ensure()
        batch = time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(4)
        self.books.set_aside_damaged()
        now = self.now_ms()
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
            pipe.hset(self.batch_key(batch), mapping=head)
            pipe.zadd(self.p + b"lots", {batch: now})
            pipe.execute()
        return batch

    def share_geometry(self, batch: str, digest: bytes, wkb: bytes) -> None:
        """Keep a geometry that many jobs of the batch need (an overlay) once."""
        self.client.hset(self.batch_key(batch, ":geometries"), digest, wkb)

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

        ``cached`` are the indexes whose result is in the cache already: they are done at once. Within a chunk
        the largest go first, so that no worker is left with one at the end. Returns how many were sent.
        """
        ready = set(cached)
        rows = [_row(job, job.index in ready) for job in sorted(jobs, key=_size, reverse=True)]
        shared, stream = shared_fields(batch, descriptor.encode()), BY_PRIORITY[priority]
        return self.keep(lambda books: books.enqueue(batch, chunk, stream, shared, rows))

    def seal(self, batch: str, total: int) -> None:
        """Say that all ``total`` jobs of the batch have been sent."""
        self.keep(lambda books: books.seal(batch, total))

    # Watching

    def batches(self, limit: int = 100) -> list[Batch]:
        """The newest batches, newest first. Those whose books have expired are forgotten here."""
        try:
            raws = self.client.zrevrange(self.p + b"lots", 0, limit - 1)
        except exceptions.ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            return []
        ids = [id for id in map(_id, raws) if id]
        found = self.progress(ids)
        gone = [batch for batch in ids if batch not in found]
        if gone and not production.is_locked(self.server.settings):
            self.client.zrem(self.p + b"lots", *gone)
        return [found[batch] for batch in ids if batch in found]

    def progress(self, ids: Sequence[str]) -> dict[str, Batch]:
        """The batches with these ids; those that are gone are left out, and of those that are damaged only
        that is known."""
        found: dict[str, Batch] = {}
        sound = []
        for batch, damaged in zip(ids, self._damaged(ids)):
            if damaged:
                found[batch] = damaged_batch(batch, damaged)
            else:
                sound.append(batch)
        if sound:
            with self.client.pipeline(transaction=False) as pipe:
                for batch in sound:
                    pipe.hmget(self.batch_key(batch), HEAD)
                heads = pipe.execute(raise_on_error=False)
            for batch, values in zip(sound, heads):
                state = None if isinstance(values, Exception) else batch_of(batch, head_of(values))
                if state is not None:
                    found[batch] = state
        return found

    def _damaged(self, ids: Sequence[str]) -> list[str]:
        """Of each batch the key of a book of another type, or a field that is too large to be one of ours;
        else empty."""
        with self.client.pipeline(transaction=False) as pipe:
            for batch in ids:
                for part in BATCH_PARTS:
                    pipe.type(self.batch_key(batch, part))
                for name in LARGE:
                    pipe.hstrlen(self.batch_key(batch), name)
            replies = iter(pipe.execute(raise_on_error=False))
        found = []
        for batch in ids:
            named = ""
            for part, kind in BATCH_PARTS.items():
                reply = next(replies)
                if not named and isinstance(reply, bytes) and reply not in (b"none", kind.encode()):
                    named = self.batch_key(batch, part).decode("utf-8", "replace")
            for name in LARGE:
                size = next(replies)
                if not named and isinstance(size, int) and size > LARGEST_FIELD:
                    named = f"{self.batch_key(batch).decode('utf-8', 'replace')}, {name}: {size:,} B"
            found.append(named)
        return found

    def size(self, batch: str) -> int:
        """How many jobs of a batch are in its books, whatever its counts say."""
        return int(self.client.hlen(self.batch_key(batch, ":taches")))

    def events(
        self,
        batch: str,
        after: str = "0",
        count: int = 1000,
        block_ms: int = 0,
        client: Optional[RedisClient] = None,
    ) -> tuple[str, list[tuple[int, str]]]:
        """What ended in a batch since ``after``: (id to continue from, [(index, code), ...]). Blocks at most
        250 ms."""
        block = min(block_ms, 250) or None
        reply = (client or self.client).xread(
            {self.batch_key(batch, ":fini"): after}, count=count, block=block
        )
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
        raws = self.client.hmget(self.batch_key(batch, ":taches"), [str(i) for i in indexes])
        return {i: task_of(raw) for i, raw in zip(indexes, raws) if raw}

    def outcomes(self, batch: str, indexes: Sequence[int]) -> dict[int, JobOutcome]:
        """How these jobs ended; those that have not ended are left out."""
        if not indexes:
            return {}
        raws = self.client.hmget(self.batch_key(batch, ":issues"), [str(i) for i in indexes])
        return {i: outcome_of(i, raw) for i, raw in zip(indexes, raws) if raw}

    def depths(self) -> dict[str, int]:
        """How many jobs wait or run per stream, wait for another try, are set aside, and lie in the plain
        list; 0 for what is of another type."""
        with self.client.pipeline(transaction=False) as pipe:
            self.put_depths(pipe)
            counts = pipe.execute(raise_on_error=False)
        return self.read_depths(counts)

    def put_depths(self, pipe: RedisPipeline) -> None:
        """Ask for the depths that stand in the books."""
        for stream in STREAMS:
            pipe.xlen(self.p + stream.encode())
        pipe.zcard(self.p + b"echeances")
        pipe.xlen(self.p + b"ecartees")

    def read_depths(self, replies: Sequence[Reply]) -> dict[str, int]:
        """The depths of the replies to ``put_depths``, with that of the plain list, which may stand on
        another node."""
        counts = list(replies)
        try:
            counts.append(self.client.llen(self.list_key))
        except exceptions.ResponseError as error:
            counts.append(error)
        return {
            name: _whole(count) for name, count in zip((*STREAMS, "differees", "ecartees", "liste"), counts)
        }

    def damaged(self) -> list[str]:
        """The keys of books of the queue that are of another type, and of the plain list where it is none."""
        keys = [key.decode("utf-8", "replace") for key in self.books.damaged()]
        kind = self.client.type(self.list_key)
        return keys if kind in (b"none", b"list") else [*keys, self.list_key.decode("utf-8", "replace")]

    # Failed jobs, cancelling, forgetting

    def set_aside(self, batch: Optional[str] = None, limit: int = 1000) -> list[SetAside]:
        """The jobs set aside, newest first; of one batch, or of all."""
        try:
            rows = self.client.xrevrange(self.p + b"ecartees", count=limit)
        except exceptions.ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            return []
        jobs = [set_aside_of(id.decode(), fields) for id, fields in rows]
        return [job for job in jobs if batch is None or job.batch == batch]

    def requeue(self, ids: Sequence[str]) -> int:
        """Send set-aside jobs again, as if they were new. Returns how many there were."""
        return self.keep(lambda books: books.requeue(ids))

    def discard(self, ids: Sequence[str]) -> int:
        """Delete set-aside jobs for good."""
        return int(self.client.xdel(self.p + b"ecartees", *ids)) if ids else 0

    def cancel_batch(self, batch: str) -> None:
        """No job of the batch is begun any more, and those that run are stopped."""
        if self.client.type(self.batch_key(batch)) == b"hash":
            self.client.hset(self.batch_key(batch), "annule", 1)

    def cancel_jobs(self, batch: str, indexes: Sequence[int]) -> None:
        """The same for some jobs of a batch."""
        sound = self.client.type(self.batch_key(batch)) == b"hash" and not self._damaged([batch])[0]
        if indexes and sound:
            self.client.sadd(self.batch_key(batch, ":annulees"), *[str(i) for i in indexes])

    def forget(self, batch: str) -> None:
        """Cancel the rest of a batch and delete its books; the results in the cache stay."""
        self.cancel_batch(batch)
        with self.client.pipeline(transaction=True) as pipe:
            pipe.zrem(self.p + b"lots", batch)
            for part in BATCH_PARTS:
                pipe.expire(self.batch_key(batch, part), 86400)
            pipe.execute()

    # Workers

    def workers(self) -> list[JsonObject]:
        """The health lines of the workers that were heard of last, each with ``id``, ``seen`` (seconds ago by
        the server's clock) and ``alive``."""
        now = self.now_ms()
        try:
            seen = self.client.zrevrange(self.p + b"vus", 0, MOST_WORKERS - 1, withscores=True)
        except exceptions.ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            return []
        names = named(name for name, _score in seen)
        scores = dict(seen)
        lines = []
        for name, raw in zip(names, self._lines(names)):
            if raw is None:
                continue
            line = health_of(raw)
            ago = (now - scores[name]) / 1000.0  # infinite, where others wrote so
            alive = -TOO_FAR_MS / 1000.0 < ago < ALIVE_SECONDS and line["state"] != "ended"
            id = name.decode("utf-8", "replace")
            lines.append({**line, "id": id, "seen": min(max(ago, 0.0), 1e9), "alive": alive})
        return sorted(lines, key=lambda line: (not line["alive"], line["id"]))

    def _lines(self, names: Sequence[bytes]) -> list[Optional[bytes]]:
        """The health lines of these workers, None for one that has none, or a far too long one."""
        key = self.p + b"travailleurs"
        with self.client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hstrlen(key, name)
            sizes = pipe.execute(raise_on_error=False) if names else []
        fit = [name for name, size in zip(names, sizes) if 0 < _whole(size) <= LARGEST_FIELD]
        try:
            lines = dict(zip(fit, self.client.hmget(key, fit))) if fit else {}
        except exceptions.ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            lines = {}
        return [lines.get(name) for name in names]

    def alive(self) -> list[JsonObject]:
        """The health lines of those that live."""
        return [line for line in self.workers() if line["alive"]]

    def batch_key(self, batch: str, part: str = "") -> bytes:
        """The key of one of the books of a batch (``BATCH_PARTS``)."""
        return self.p + b"lot:" + batch.encode("utf-8", "replace") + part.encode()


def _row(job: Job, cached: bool) -> JobRow:
    meta = job.digest + json.dumps([job.attributes, job.extent], ensure_ascii=False, default=str).encode()
    index = b"%d" % job.index
    return JobRow(index, meta, Code.CACHED, {}) if cached else JobRow(index, meta, "", own_fields(job))


def _id(raw: bytes) -> str:
    """The id of a batch as it stands in the list of batches; empty for what cannot be one."""
    try:
        id = raw.decode("ascii")
    except UnicodeDecodeError:
        return ""
    return id if id.isprintable() and len(id) <= 200 else ""


def _whole(reply: Reply) -> int:
    """A count that the server gave, 0 where it gave an error."""
    return int(reply) if isinstance(reply, int) else 0


def _size(job: Job) -> int:
    return sum(len(wkb) for wkb in job.geometries if wkb)
