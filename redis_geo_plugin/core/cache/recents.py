"""Who computed what, when: a list of recent runs on the server that everyone sees, and the provenance of a cached result.

``calculs:recents`` is a sorted set of run ids by time; ``calculs:recents:<run>`` a hash: ``run``, the description as JSON,
and ``items``, the SHA-256 of the results in their order, 32 bytes each. A cached value carries the id of its run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional

from .. import keys
from ..server import Server
from . import codec

if TYPE_CHECKING:
    from ..operations.base import Operation
    from .engine import Report
    from .link import Link

LIST = "calculs:recents"
KEEP = 30 * 24 * 3600  # seconds
MOST = 200  # runs in the list
MOST_ITEMS = 20_000  # a run of more can be seen, but not taken as a layer
_LONGEST_TEXT = 200


@dataclass(frozen=True)
class Recent:
    """One run. ``when`` in seconds since 1970; ``parameters`` as the operation writes them into a job; ``total`` results of
    which ``computed`` were new; ``takeable`` when all can still be asked for."""

    run: bytes
    who: str = ""
    when: float = 0.0
    operation: str = ""
    namespace: str = ""
    title: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    total: int = 0
    computed: int = 0
    geos: str = ""
    takeable: bool = False


class RecentRun:
    """Gathers the results of a run and enters it into the list when it ended well and did compute something."""

    def __init__(self, who: str, title: str = ""):
        self._who = who[:_LONGEST_TEXT]
        self._title = title[:_LONGEST_TEXT]
        self._digests: list[Optional[bytes]] = []

    def add(self, digests: Sequence[Optional[bytes]]) -> None:
        """The SHA-256 of the next results; None for what has none in the cache."""
        if len(self._digests) <= MOST_ITEMS:
            self._digests.extend(digests)

    def enter(self, link: Link, run: bytes, operation: Operation, namespace: str, report: Report) -> None:
        """Write it. A run of which nothing was stored left nothing for others."""
        if link.server is None or not report.stored or not link.up:
            return
        where, listed = _key(link.server, run), link.server.key(LIST)
        present = [digest for digest in self._digests if digest is not None]
        takeable = 0 < len(present) <= MOST_ITEMS and len(present) + report.direct >= report.total > report.direct
        text = json.dumps(
            {
                "who": self._who,
                "when": time.time(),
                "operation": operation.name,
                "namespace": namespace,
                "title": self._title,
                "parameters": operation.to_job(),
                "total": report.total,
                "computed": report.computed,
                "geos": _geos(),
                "takeable": takeable,
            }
        )

        def describe(pipeline: Any) -> None:
            pipeline.hset(where, mapping={"run": text, "items": b"".join(present) if takeable else b""})
            pipeline.expire(where, KEEP)

        def enlist(pipeline: Any) -> None:
            pipeline.zadd(listed, {run.hex(): time.time()})
            pipeline.zremrangebyrank(listed, 0, -MOST - 1)
            pipeline.expire(listed, KEEP)

        link.pipeline(where, describe)
        link.pipeline(listed, enlist)


def recent(server: Server, most: int = 50) -> list[Recent]:
    """The newest runs, the newest first. What cannot be read is left out."""
    members = server.bulk.zrevrange(server.key(LIST), 0, most - 1)
    runs = [run for run in map(_run_id, members) if run is not None]
    with server.bulk.pipeline(transaction=False) as pipeline:
        for run in runs:
            pipeline.hget(_key(server, run), "run")
        texts = pipeline.execute(raise_on_error=False)
    found = (parse(run, text) for run, text in zip(runs, texts))
    return [entry for entry in found if entry is not None]


def provenance(server: Server, key: bytes, digest: bytes) -> tuple[Optional[codec.Value], Optional[Recent]]:
    """The cached value of a key (as it stands on the server) and the run that wrote it; None for what is not known."""
    value = codec.decode(digest, server.bulk.get(key))
    if value is None or value.run == codec.NO_RUN:
        return value, None
    return value, parse(value.run, server.bulk.hget(_key(server, value.run), "run"))


def results(server: Server, entry: Recent) -> list[Optional[bytes]]:
    """The results (WKB) of a run in their order, None for those that have left the cache since."""
    raw = server.bulk.hget(_key(server, entry.run), "items") or b""
    family = keys.FAMILIES.get(entry.operation)
    if family is None or len(raw) % 32:
        return []
    digests = [raw[i : i + 32] for i in range(0, len(raw), 32)]
    found: list[Optional[bytes]] = []
    for start in range(0, len(digests), 1000):
        batch = digests[start : start + 1000]
        values = server.mget([server.key(f"{family}:{entry.namespace}:{digest.hex()}") for digest in batch])
        decoded = (codec.decode(digest, value) for digest, value in zip(batch, values))
        found.extend(value.wkb if value is not None else None for value in decoded)
    return found


def parse(run: bytes, text: Any) -> Optional[Recent]:
    """The description of a run, None for what is none: others may write there too."""
    try:
        values = json.loads(text)
        entry = Recent(
            run,
            str(values["who"])[:_LONGEST_TEXT],
            float(values["when"]),
            str(values["operation"])[:_LONGEST_TEXT],
            str(values["namespace"])[:_LONGEST_TEXT],
            str(values.get("title", ""))[:_LONGEST_TEXT],
            dict(values.get("parameters") or {}),
            max(0, int(values["total"])),
            max(0, int(values["computed"])),
            str(values.get("geos", ""))[:_LONGEST_TEXT],
            values.get("takeable") is True,
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    return entry if 0.0 <= entry.when < 4e9 else None


def _run_id(member: Any) -> Optional[bytes]:
    try:
        run = bytes.fromhex(member.decode("ascii"))
    except (ValueError, AttributeError):
        return None
    return run if len(run) == 8 else None


def _key(server: Server, run: bytes) -> bytes:
    return server.key(f"{LIST}:{run.hex()}")


def _geos() -> str:
    import shapely

    return f"GEOS {shapely.geos_version_string}, Shapely {shapely.__version__}"
