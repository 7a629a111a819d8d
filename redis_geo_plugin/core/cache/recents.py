"""Recent runs, in a list on the server that everyone sees, and the provenance of each cached result: who
computed it, when and how.

``calculs:recents`` is a sorted set of run ids by time; ``calculs:recents:<run>`` a hash: ``run``, the
description as JSON, ``items``, the SHA-256 of the results in their order, 32 bytes each, and ``sample``, some
of them, by which is told whether the results are still there. A cached value carries the id of its run.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, Optional, TypeVar

from ..geometry import geos
from ..json_types import JsonObject
from ..live.json_text import parse_json
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.sized import asker, read_fields
from ..redis.types import RedisPipeline, Reply
from . import codec

if TYPE_CHECKING:
    from ..operations.base import Operation
    from .link import Link
    from .report import RunReport

LIST = "calculs:recents"
MODEL = "model"  # the operation of a run that was one of a model; its results are steps
KEEP = 30 * 24 * 3600  # seconds
MOST = 200  # runs in the list
MOST_ITEMS = 20_000  # a run of more can be seen, but not taken as a layer
MOST_SAMPLED = 64  # results of a run that are looked up to tell whether any is left
MOST_TOLD = 2**53  # of results of a run, in a description that others may have written
LONGEST_DESCRIPTION = 1_000_000  # bytes
_LONGEST_TEXT = 200
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Recent:
    """One run. ``when`` in seconds since 1970; ``parameters`` as the operation writes them into a job;
    ``total`` results of which ``computed`` were new; ``takeable`` when all can still be asked for."""

    run: bytes
    who: str = ""
    when: float = 0.0
    operation: str = ""
    namespace: str = ""
    title: str = ""
    parameters: JsonObject = field(default_factory=dict)
    total: int = 0
    computed: int = 0
    geos: str = ""
    takeable: bool = False
    worker: str = ""  # that computed it, for a batch of jobs; ``who`` then is who sent it


class RecentRun:
    """Gathers the digests of a run's results and writes the description of the run. A run that was completed
    also enters the list that everyone sees; of another only the provenance is kept."""

    def __init__(self, who: str, title: str = ""):
        self._who = who
        self._title = title
        self._digests: list[Optional[bytes]] = []
        self._numbers: Optional[tuple[float, float]] = None

    def add(self, digests: Sequence[Optional[bytes]], numbers: Optional[Sequence[float]] = None) -> None:
        """The SHA-256 of the next results, None for what has none in the cache; and their numbers
        (distances)."""
        if len(self._digests) <= MOST_ITEMS:
            self._digests.extend(digests)
        if numbers is not None and len(numbers):
            low, high = self._numbers or (numbers[0], numbers[0])
            self._numbers = min(low, *numbers), max(high, *numbers)

    def enter(
        self,
        link: Link,
        run: bytes,
        operation: Operation,
        namespace: str,
        report: RunReport,
        complete: bool = True,
    ) -> None:
        """Write the description, unless nothing of the run was stored."""
        if link.server is None or not report.stored or not link.up:
            return
        server, listed = link.server, link.server.key(LIST)
        present = [digest for digest in self._digests if digest is not None]
        takeable = (
            0 < len(present) <= MOST_ITEMS and len(present) + report.direct >= report.total > report.direct
        )
        text = description(
            operation,
            namespace,
            self._numbers,
            who=self._who,
            title=self._title,
            total=report.total,
            computed=report.computed,
            takeable=takeable and complete,
        )

        items = b"".join(present) if takeable and complete else b""
        sample = b"".join(evenly(present, MOST_SAMPLED))
        link.pipeline(
            run_key(server, run), lambda pipeline: describe(pipeline, server, run, text, items, sample)
        )
        if complete:
            link.pipeline(listed, lambda pipeline: _enlist(pipeline, listed, run))


def description(
    operation: Operation,
    namespace: str,
    numbers: Optional[tuple[float, float]],
    *,
    who: str,
    title: str,
    **more: object,
) -> str:
    """A run as the JSON that ``parse`` reads, with the time and the GEOS of now. ``numbers`` are the least
    and the greatest of its items (distances of a buffer); ``more`` are further members of ``Recent``."""
    parameters = dict(operation.to_job())
    if numbers is not None and operation.number_name:
        low, high = numbers
        parameters[operation.number_name] = low if low == high else f"{low:g} – {high:g}"
    values = {
        "who": who[:_LONGEST_TEXT],
        "when": time.time(),
        "operation": operation.name,
        "namespace": namespace,
        "title": title[:_LONGEST_TEXT],
        "parameters": parameters,
        "geos": _geos(),
        "total": 0,
        "computed": 0,
        **more,
    }
    return json.dumps(values)


def describe(
    pipeline: RedisPipeline, server: Server, run: bytes, text: str, items: bytes = b"", sample: bytes = b""
) -> None:
    """Add to the pipeline what keeps a run's description for as long as it is kept."""
    where = run_key(server, run)
    pipeline.hset(where, mapping={"run": text, "items": items, "sample": sample})
    pipeline.expire(where, KEEP)


def enter_model(
    link: Link, who: str, title: str, namespace: str, total: int, computed: int, program: str
) -> None:
    """Enter the run of a model into the list that everyone sees. Never raises; see ``Link``.

    Args:
        link: To the server with the cache.
        who: The name under which it is listed.
        title: The model's name.
        namespace: Of the cache.
        total: How many steps have run.
        computed: In how many of them something was computed.
        program: The version of what computed it, for people.
    """
    if link.server is None or not link.up:
        return
    server, run = link.server, secrets.token_bytes(8)
    listed = server.key(LIST)
    values = {"who": who[:_LONGEST_TEXT], "when": time.time(), "operation": MODEL, "namespace": namespace}
    values |= {"title": title[:_LONGEST_TEXT], "total": total, "computed": computed, "geos": program}
    text = json.dumps(values)
    link.pipeline(run_key(server, run), lambda pipeline: describe(pipeline, server, run, text))
    link.pipeline(listed, lambda pipeline: _enlist(pipeline, listed, run))


def _enlist(pipeline: RedisPipeline, listed: bytes, run: bytes) -> None:
    pipeline.zadd(listed, {run.hex(): time.time()})
    pipeline.zremrangebyrank(listed, 0, -MOST - 1)
    pipeline.expire(listed, KEEP)


def recent(server: Server, most: int = 50) -> list[Recent]:
    """The newest runs, the newest first. What cannot be read is left out."""
    members = server.bulk.zrevrange(server.key(LIST), 0, most - 1)
    found = runs(server, (run for run in map(_run_id, members) if run is not None))
    return [entry for entry in found.values() if entry is not None]


def forget_runs(server: Server, which: Callable[[Recent], bool]) -> int:
    """Take runs whose results were deleted out of the list that everyone sees; returns how many: none where
    this user may not. Raises redis-py's errors."""
    try:
        return _forget_runs(server, which)
    except exceptions.ResponseError:
        return 0


def _forget_runs(server: Server, which: Callable[[Recent], bool]) -> int:
    listed = server.key(LIST)
    members = server.bulk.zrevrange(listed, 0, MOST - 1)
    ids = {run: member for member in members if (run := _run_id(member)) is not None}
    gone = [run for run, entry in runs(server, ids).items() if entry is not None and which(entry)]
    if gone:
        with server.bulk.pipeline(transaction=False) as pipeline:
            pipeline.zrem(listed, *[ids[run] for run in gone])
            for run in gone:
                pipeline.unlink(run_key(server, run))
            pipeline.execute()
    return len(gone)


def provenance(server: Server, key: bytes, digest: bytes) -> tuple[Optional[codec.Value], Optional[Recent]]:
    """The cached value of a key (as it stands on the server) and the run that wrote it; None for what is not
    known."""
    value = codec.Codec(server.settings.cache_secret.encode()).decode(digest, server.bulk.get(key))
    if value is None or value.run == codec.NO_RUN:
        return value, None
    return value, runs(server, [value.run])[value.run]


def runs(server: Server, ids: Iterable[bytes]) -> dict[bytes, Optional[Recent]]:
    """Read the descriptions of these runs, in their order; None for one that is unknown."""
    wanted = [run for run in dict.fromkeys(ids) if run != codec.NO_RUN]
    fields = [(run_key(server, run), b"run") for run in wanted]
    texts = read_fields(asker(server), fields, LONGEST_DESCRIPTION)
    return {run: parse(run, text) for run, text in zip(wanted, texts)}


def items(server: Server, entry: Recent) -> list[bytes]:
    """The SHA-256 of the results of a run, in their order; none where it was too large. Raises redis-py's
    errors."""
    (raw,) = read_fields(asker(server), [(run_key(server, entry.run), b"items")], 32 * MOST_ITEMS)
    raw = raw or b""
    return [] if len(raw) % 32 else [raw[i : i + 32] for i in range(0, len(raw), 32)]


def results(
    server: Server, entry: Recent, digests: Optional[Sequence[bytes]] = None
) -> list[Optional[bytes]]:
    """The results (WKB) of a run in their order, None for those that have left the cache since. ``digests``
    are its ``items``, where they are read already. Raises redis-py's errors."""
    from ..operations import OPERATIONS
    from .store import CacheStore, StrictLink

    operation = OPERATIONS.get(entry.operation)
    if operation is None:
        return []
    store = CacheStore(StrictLink(server), operation, entry.namespace)
    found = store.read(items(server, entry) if digests is None else list(digests))
    return [value.wkb if value is not None else None for value in found]


def parse(run: bytes, text: Reply) -> Optional[Recent]:
    """The description of a run, None for what is none: others may write there too."""
    try:
        values = parse_json(text)
        entry = Recent(
            run,
            str(values["who"])[:_LONGEST_TEXT],
            float(values["when"]),
            str(values["operation"])[:_LONGEST_TEXT],
            str(values["namespace"])[:_LONGEST_TEXT],
            str(values.get("title", ""))[:_LONGEST_TEXT],
            dict(values.get("parameters") or {}),
            max(0, min(int(values["total"]), MOST_TOLD)),
            max(0, min(int(values["computed"]), MOST_TOLD)),
            str(values.get("geos", ""))[:_LONGEST_TEXT],
            values.get("takeable") is True,
            str(values.get("worker", ""))[:_LONGEST_TEXT],
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    return entry if 0.0 <= entry.when < 4e9 else None


def _run_id(member: Reply) -> Optional[bytes]:
    try:
        run = bytes.fromhex(member.decode("ascii"))
    except (ValueError, AttributeError):
        return None
    return run if len(run) == 8 else None


def evenly(things: Sequence[_Item], most: int) -> list[_Item]:
    """At most so many of these, from all over."""
    step = max(1, -(-len(things) // most))
    return list(things[::step])


def run_key(server: Server, run: bytes) -> bytes:
    """The key of what is kept of a run, as it stands on the server."""
    return server.key(f"{LIST}:{run.hex()}")


def _geos() -> str:
    import shapely

    return f"GEOS {geos.full_version()}, Shapely {shapely.__version__}"
