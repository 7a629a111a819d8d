"""What a computing process does with a chunk of jobs: look up, claim, compute, store, tell."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Optional

import numpy as np
import shapely

from ..core import wkb
from ..core.cache import codec, recents
from ..core.cache.claims import Claims
from ..core.cache.compute import compute, set_threads
from ..core.cache.digests import key
from ..core.cache.link import Link
from ..core.failures import FailureKind, classify
from ..core.jobs.geometry_sources import open_source
from ..core.jobs.model import Code, Reason
from ..core.jobs.queue import JobQueue
from ..core.operations import Operation
from ..core.redispy import exceptions
from ..core.server import Server
from ..core.settings import ConnectionSettings
from . import frames
from .items import Item, ItemReader
from .origins import Origins

GROUP_ITEMS = 50  # small jobs are computed together, up to so many ...
GROUP_BYTES = 64_000  # ... and so many bytes of WKB
SLICE_SECONDS = 1.0  # after this much work the rest of a chunk goes back to the parent, for whoever is free
STORE_SECONDS = 0.2
STORE_BYTES = 4_000_000
LONGEST_PAUSE = 2.0
_JITTER = 0.05
# What waiting mends: the job is kept and its result stored later.
_WAIT_FOR = frozenset(
    {
        FailureKind.OUT_OF_MEMORY,
        FailureKind.DISK,
        FailureKind.READ_ONLY,
        FailureKind.LOST,
        FailureKind.REFUSED,
        FailureKind.TOO_SLOW,
        FailureKind.LOADING,
        FailureKind.CLUSTER_DOWN,
        FailureKind.TOO_MANY_CLIENTS,
        FailureKind.UNKNOWN_HOST,
    }
)


class Computing:
    """Works chunks. ``say`` sends a message to the parent."""

    def __init__(self, setup: dict[str, Any], settings: ConnectionSettings, talk: Any):
        set_threads(1)
        self.server = Server(settings)
        self.say = talk.say
        queues = {name: JobQueue(self.server, name) for name in setup["queues"]}
        source = open_source(
            self.server, setup["template"], setup.get("file", ""), setup.get("layer", ""), setup.get("field", "")
        )
        self._reader = ItemReader(queues, source)
        self._results_as_geojson = bool(setup.get("geojson", True))
        self._origins = Origins(self.server, queues, setup.get("worker", ""))
        self._until = 0.0
        self._pending: list[tuple[Item, bytes, float, str]] = []
        self._pending_bytes = 0
        self._stored_at = time.monotonic()
        self._busy_since = time.monotonic()
        for extra in setup.get("modules", ()):  # further operations (tests, sites)
            __import__(extra)

    def chunk(self, jobs: Sequence[frames.Numbered]) -> None:
        """Work these jobs; every one is told as done, bad, failed or left over."""
        self._until = time.monotonic() + SLICE_SECONDS
        self._busy_since = time.monotonic()
        items, bad = self._patiently(lambda: self._reader.read(jobs))
        if bad:
            self.say({"t": "bad", "jobs": [[number, error.kind, str(error)] for number, error in bad]})
        for group in _by_kind(items):
            self._kind(group)

    def _kind(self, items: list[Item]) -> None:
        """Jobs of one operation and namespace."""
        operation, namespace = items[0].operation, items[0].namespace
        link = Link(self.server)
        missing = self._look_up(link, items)
        if not missing:
            return
        claims = Claims(link, operation, namespace)
        try:
            # What fell before is computed without a claim: the one of its dead process has not expired yet.
            again = [digest for digest, copies in missing.items() if any(item.again for item in copies)]
            ours, theirs = claims.take([digest for digest in missing if digest not in set(again)])
            ours = again + ours
            left = self._compute([missing[digest] for digest in ours], claims)
            left += [missing[digest] for digest in theirs] if left else []
            if left:
                claims.release([copies[0].digest for copies in left])
                self.say({"t": "rest", "jobs": [item.number for copies in left for item in copies]})
            elif theirs:
                self._await(claims, theirs, missing)
        finally:
            claims.close()

    def _look_up(self, link: Link, items: list[Item]) -> dict[bytes, list[Item]]:
        """Tell what is cached; returns the others by digest (equal jobs are computed once)."""
        values = link.read([self._key(item) for item in items])
        missing: dict[bytes, list[Item]] = {}
        for item, raw in zip(items, values):
            value = codec.decode(item.digest, raw)
            if value is None:
                missing.setdefault(item.digest, []).append(item)
            elif item.result_key:
                self._keep(item, value.wkb, value.cost_us, Code.CACHED)
            else:
                self._pending.append((item, b"", 0.0, Code.CACHED))
        self._store()
        return missing

    def _await(self, claims: Claims, digests: list[bytes], missing: dict[bytes, list[Item]]) -> None:
        """Jobs that another process computes right now: take its result over, or compute at the deadline."""
        self.say({"t": "wait", "why": "claim"})
        for digest, value in claims.wait(digests, lambda: None):
            copies = missing[digest]
            if value is None:
                self._until = time.monotonic() + SLICE_SECONDS
                self._compute([copies], claims)
            else:
                for item in copies:
                    self._keep(item, value, 0.0, Code.CACHED)
                self._store()

    def _compute(self, work: list[list[Item]], claims: Claims) -> list[list[Item]]:
        """Compute each first copy, in small groups; returns what was not begun when the slice was over."""
        groups = list(_groups(work))
        for at, group in enumerate(groups):
            if at and time.monotonic() > self._until:
                self._store(claims)
                return [copies for rest in groups[at:] for copies in rest]
            self.say({"t": "start", "jobs": [item.number for copies in group for item in copies]})
            self._group(group)
            if time.monotonic() - self._stored_at > STORE_SECONDS or self._pending_bytes > STORE_BYTES:
                self._store(claims)
        self._store(claims)
        return []

    def _group(self, group: list[list[Item]]) -> None:
        first = [copies[0] for copies in group]
        operation = first[0].operation
        columns = tuple(wkb.read([item.wkbs[i] for item in first]) for i in range(operation.arity))
        unreadable = [any(column[k] is None for column in columns) for k in range(len(first))]
        good = [k for k, wrong in enumerate(unreadable) if not wrong]
        for k, wrong in enumerate(unreadable):
            if wrong:
                words = "not a geometry"
                self.say({"t": "bad", "jobs": [[item.number, Reason.BAD_GEOMETRY, words] for item in group[k]]})
        if not good:
            return
        numbers = None
        if operation.number_name:
            numbers = np.array([first[k].value for k in good], dtype=float)
        try:
            results = list(compute(operation, tuple(column[good] for column in columns), numbers))
        except MemoryError:
            failed = [item.number for k in good for item in group[k]]
            self.say({"t": "failed", "jobs": [[n, Reason.OVER_MEMORY, ""] for n in failed]})
            return
        for result in results:
            copies = group[good[result.index]]
            if result.geometry is None:
                words = result.error or "no result"
                self.say({"t": "failed", "jobs": [[item.number, Reason.ERROR, words] for item in copies]})
                continue
            raw = shapely.to_wkb(result.geometry, byte_order=1, output_dimension=2)
            for item in copies:
                self._keep(item, raw, result.cost_us, Code.COMPUTED if item is copies[0] else Code.CACHED)

    def _keep(self, item: Item, raw: bytes, cost_us: float, code: str) -> None:
        self._pending.append((item, raw, cost_us, code))
        self._pending_bytes += len(raw)

    def _store(self, claims: Optional[Claims] = None) -> None:
        """Write what was computed, wait as long as it takes where the server is away or full, then tell it as done."""
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        if pending:
            self._patiently(lambda: self._write(pending))
            now = time.monotonic()
            busy, self._busy_since = now - self._busy_since, now
            done = [[item.number, code, int(cost)] for item, _raw, cost, code in pending]
            self.say({"t": "done", "jobs": done, "busy": busy})
            if claims is not None:
                claims.release([item.digest for item, _raw, _cost, code in pending if code == Code.COMPUTED])
        self._stored_at = time.monotonic()

    def _write(self, pending: list[tuple[Item, bytes, float, str]]) -> None:
        """One pipeline. Raises the first error of any reply, so that nothing counts as stored that is not."""
        if not any(raw for _item, raw, _cost, _code in pending):
            return
        new = self._origins.new(item for item, _raw, _cost, code in pending if code == Code.COMPUTED)
        with self.server.bulk.pipeline(transaction=False) as pipe:
            for run, text in new.items():
                recents.describe(pipe, self.server, run, text)
            for item, raw, cost, code in pending:
                ttl = int(item.ttl * (1.0 - _JITTER * random.random()))  # nosec B311 - spreads expiry, no secret
                if code == Code.COMPUTED:
                    pipe.set(
                        self._key(item),
                        codec.encode(item.digest, raw, cost, self._origins.run_of(item)),
                        ex=max(ttl, 1) if item.ttl else None,
                    )
                if raw and item.result_key:
                    name = self.server.key(item.result_key)
                    pipe.hset(name, mapping=self._result(item, raw))
                    if item.ttl:
                        pipe.expire(name, item.ttl)
            for reply in pipe.execute(raise_on_error=False):
                if isinstance(reply, Exception):
                    raise reply
        self._origins.written(new)

    def _result(self, item: Item, raw: bytes) -> dict[str, Any]:
        """What a producer of a plain job reads: state, geometry, and the key in the cache."""
        values: dict[str, Any] = {"etat": "fait", "cle": self._key(item), "wkb": raw, "quand": f"{time.time():.3f}"}
        if self._results_as_geojson:
            values["geojson"] = shapely.to_geojson(shapely.from_wkb(raw))
        return values

    def _key(self, item: Item) -> bytes:
        return self.server.key(key(item.operation, item.namespace, item.digest))

    def _patiently(self, call: Callable[[], Any]) -> Any:
        """The call, again with growing pauses while the server is away or full; the parent is told, and may end us."""
        pause = 0.05
        while True:
            try:
                answer = call()
                if pause > 0.05:
                    self.say({"t": "go_on"})
                return answer
            except (exceptions.RedisError, OSError) as error:
                failure = classify(error)
                if failure.kind not in _WAIT_FOR:
                    raise
                self.say({"t": "wait", "why": failure.kind.value})
                time.sleep(pause)
                pause = min(pause * 2.0, LONGEST_PAUSE)


def _by_kind(items: Sequence[Item]) -> Iterator[list[Item]]:
    kinds: dict[tuple[Operation, str], list[Item]] = {}
    for item in items:
        kinds.setdefault((item.operation, item.namespace), []).append(item)
    yield from kinds.values()


def _groups(work: Sequence[list[Item]]) -> Iterator[list[list[Item]]]:
    group: list[list[Item]] = []
    size = 0
    for copies in work:
        alone = any(item.alone for item in copies)
        if group and (alone or size + copies[0].size > GROUP_BYTES or len(group) >= GROUP_ITEMS):
            yield group
            group, size = [], 0
        group.append(copies)
        size += copies[0].size
        if alone:
            yield group
            group, size = [], 0
    if group:
        yield group
