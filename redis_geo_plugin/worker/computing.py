"""The work of a computing process on a chunk of jobs: look up, claim, compute, store, report.

The order is that of every cached run (``core/cache/steps.py``). What a worker adds: small groups that are
announced before they are begun, slices of time after which the rest goes back to the parent, and patience
with a server that is away or full.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Optional, TypeVar

import numpy as np
import shapely

from ..core.cache import recents, statistics
from ..core.cache.claims import Claims
from ..core.cache.compute import NO_GEOMETRY, compute, set_threads
from ..core.cache.link import Link
from ..core.cache.proof import Proof, ProofOutcome
from ..core.cache.statistics import ONE_IN
from ..core.cache.steps import take_or_await
from ..core.cache.store import CacheStore
from ..core.geometry import wkb
from ..core.jobs.geometry_sources import open_source
from ..core.jobs.model import Code, JobReason
from ..core.jobs.queue import JobQueue
from ..core.json_types import JsonObject
from ..core.redis.failures import FailureKind, classify
from ..core.redis.redispy import exceptions
from ..core.redis.server import Server
from ..core.redis.settings import ConnectionSettings
from . import frames
from .answers import Answers, Parent, words_of
from .frames import Head
from .items import ItemReader, JobItem, by_kind
from .origins import Origins

GROUP_ITEMS = 50  # small jobs are computed together, up to so many ...
GROUP_BYTES = 64_000  # ... and so many bytes of WKB
SLICE_SECONDS = 1.0  # after this much work the rest of a chunk goes back to the parent, for whoever is free
STORE_SECONDS = 0.2
STORE_BYTES = 4_000_000
LONGEST_PAUSE = 2.0
PROOFS, PROOFS_US = 5, 200_000.0  # hits of a chunk that are proved at most, and microseconds of computing
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

Copies = list[JobItem]
_Result = TypeVar("_Result")


class Computing:
    """Computes chunks of jobs."""

    def __init__(self, setup: Head, settings: ConnectionSettings, parent: Parent):
        set_threads(1)
        self.server = Server(settings)
        self._answers = Answers(parent)
        self.say = self._answers.say
        queues = {name: JobQueue(self.server, name) for name in setup["queues"]}
        source = open_source(
            self.server,
            setup["template"],
            setup.get("file", ""),
            setup.get("layer", ""),
            setup.get("field", ""),
        )
        self._reader = ItemReader(queues, source)
        self._results_as_geojson = bool(setup.get("geojson", True))
        self._prove_one_in = int(setup.get("prove_one_in", ONE_IN))
        self._origins = Origins(self.server, queues, setup.get("worker", ""))
        self._until = 0.0
        self._busy_since = time.monotonic()
        for extra in setup.get("modules", ()):  # further operations (tests, sites)
            __import__(extra)

    def chunk(self, jobs: Sequence[frames.Numbered]) -> None:
        """Compute these jobs. Each is reported as done, bad, failed or left over.

        An exception that nobody foresaw ends no process: the jobs it left without an answer are worked one by
        one, and the one that raises it again has failed by it.
        """
        self._answers.expect(number for number, _alone, _again, _fields in jobs)
        try:
            self._work(jobs)
        except Exception as error:
            left = [job for job in jobs if job[0] in self._answers.missing]
            if len(left) == 1:
                self._raised(left[0][0], error)
            for number, _alone, _again, fields in left if len(left) > 1 else ():
                try:
                    self._work([(number, True, True, fields)])
                except Exception as own:
                    self._raised(number, own)
        for number in sorted(self._answers.missing):
            self._raised(number, RuntimeError("the job was passed over"))

    def _raised(self, number: int, error: Exception) -> None:
        """Report a job as failed by an exception."""
        if number in self._answers.missing:
            reason = JobReason.OVER_MEMORY if isinstance(error, MemoryError) else JobReason.ERROR
            self.say({"t": "failed", "jobs": [[number, reason, words_of(error)]]})

    def _work(self, jobs: Sequence[frames.Numbered]) -> None:
        self._until = time.monotonic() + SLICE_SECONDS
        self._busy_since = time.monotonic()
        items, bad = self._patiently(lambda: self._reader.read(jobs))
        if bad:
            self.say({"t": "bad", "jobs": [[number, error.kind, str(error)] for number, error in bad]})
        for group in by_kind(items):
            self._kind(group)

    def _kind(self, items: list[JobItem]) -> None:
        """Jobs of one operation, namespace and time to live."""
        first = items[0]
        link = Link(self.server)
        proof = Proof(self._prove_one_in, self._tell_differences, PROOFS, PROOFS_US)
        store = CacheStore(link, first.operation, first.namespace, first.ttl, proof=proof)
        batch = _Results(self, store)
        missing = store.look_up(items)
        batch.cached([item for item in items if item.result is not None])
        if missing:
            claims = Claims(link, store)
            batch.claims = claims
            try:
                self._obtain(claims, missing, batch)
            finally:
                claims.close()
        statistics.record(link, first.operation.family, first.namespace, store.report)
        proof.run(link, store)

    def _obtain(self, claims: Claims, missing: dict[bytes, Copies], batch: _Results) -> None:
        """Obtain results that the cache lacks: compute them, or wait for others. Jobs for which there is no
        time are handed back."""
        again = {d for d, copies in missing.items() if any(item.again for item in copies)}

        def await_others() -> None:
            self.say({"t": "wait", "why": "claim"})
            self._until = time.monotonic() + SLICE_SECONDS  # time that was spent waiting is not worked

        left = take_or_await(
            claims,
            missing,
            lambda work: self._compute(work, batch),
            batch.taken,
            await_others,
            again,
        )
        if left:
            self.say({"t": "rest", "jobs": [item.place for copies in left for item in copies]})

    def _compute(self, work: list[Copies], batch: _Results) -> list[Copies]:
        """Compute the first of each group of equal items, in small groups. Returns the items that were not
        begun when the time slice was over."""
        groups = list(_groups(work))
        for at, group in enumerate(groups):
            if at and time.monotonic() > self._until:
                batch.store()
                return [copies for rest in groups[at:] for copies in rest]
            self.say({"t": "start", "jobs": [item.place for copies in group for item in copies]})
            self._group(group, batch)
            if batch.due():
                batch.store()
        batch.store()
        return []

    def _group(self, group: list[Copies], batch: _Results) -> None:
        first = [copies[0] for copies in group]
        operation = first[0].operation
        columns = tuple(wkb.read([item.wkbs[i] for item in first]) for i in range(operation.arity))
        readable = np.logical_and.reduce([~shapely.is_missing(column) for column in columns])
        good = np.flatnonzero(readable).tolist()
        wrong = [item for k in np.flatnonzero(~readable).tolist() for item in group[k]]
        if wrong:
            self._refused(wrong, NO_GEOMETRY)
        if not good:
            return
        numbers = np.array([first[k].number for k in good], dtype=float) if operation.number_name else None
        try:
            results = list(compute(operation, tuple(column[good] for column in columns), numbers))
        except MemoryError:
            self._failed([group[k] for k in good], JobReason.OVER_MEMORY, "")
            return
        for result in results:
            copies = group[good[result.index]]
            if result.geometry is None and result.refused:
                self._refused(copies, result.error)
            elif result.geometry is None:
                self._failed([copies], JobReason.ERROR, result.error or "no result")
            else:
                batch.computed(copies, wkb.write_one(result.geometry), result.cost_us)

    def _refused(self, items: Copies, words: str) -> None:
        """Report jobs whose geometry cannot be computed: they are tried by nobody else."""
        self.say({"t": "bad", "jobs": [[item.place, JobReason.BAD_GEOMETRY, words] for item in items]})

    def _failed(self, work: list[Copies], reason: str, words: str) -> None:
        failed = [[item.place, reason, words] for copies in work for item in copies]
        self.say({"t": "failed", "jobs": failed})

    def _tell_differences(self, outcome: ProofOutcome) -> None:
        """Cached results that were computed anew and differ are the organisation's matter: the parent's log
        says so."""
        if outcome.differed:
            names = [key.decode("utf-8", "replace") for key in outcome.keys]
            self.say({"t": "differ", "proved": outcome.proved, "keys": names})

    def write(self, store: CacheStore, pending: list[tuple[JobItem, str]]) -> None:
        """Write results, waiting as long as it takes where the server is away or full, then report them as
        done."""
        self._patiently(lambda: self._write(store, pending))
        now = time.monotonic()
        busy, self._busy_since = now - self._busy_since, now
        done = [
            [item.place, code, int(item.cost_us) if code == Code.COMPUTED else 0] for item, code in pending
        ]
        self.say({"t": "done", "jobs": done, "busy": busy})

    def _write(self, store: CacheStore, pending: list[tuple[JobItem, str]]) -> None:
        """Write one pipeline. Raises the first error of any reply, so that nothing that was refused counts as
        stored."""
        computed = [item for item, code in pending if code == Code.COMPUTED]
        wanted = [item for item, _code in pending if item.result_key]
        if not computed and not wanted:
            return
        new = self._origins.new(computed)
        with self.server.bulk.pipeline(transaction=False) as pipe:
            for run, text in new.items():
                recents.describe(pipe, self.server, run, text)
            for item in computed:
                run = self._origins.run_of(item)
                name, value, ttl = store.entry(item.digest, item.result or b"", item.cost_us, run)
                pipe.set(name, value, ex=ttl or None)
            for item in wanted:
                name = self.server.key(item.result_key)
                pipe.hset(name, mapping=self._result(store, item))
                if item.ttl:
                    pipe.expire(name, item.ttl)
            for reply in pipe.execute(raise_on_error=False):
                if isinstance(reply, Exception):
                    raise reply
        self._origins.written(new)

    def _result(self, store: CacheStore, item: JobItem) -> JsonObject:
        """The result of a plain job as its producer reads it: state, geometry, and the key in the cache."""
        raw = item.result or b""
        values: JsonObject = {
            "etat": "fait",
            "cle": store.key(item.digest),
            "wkb": raw,
            "quand": f"{time.time():.3f}",
        }
        if self._results_as_geojson:
            values["geojson"] = _geojson(shapely.from_wkb(raw))
        return values

    def _patiently(self, call: Callable[[], _Result]) -> _Result:
        """Make the call, and repeat it with growing pauses while the server is away or full. The parent is
        told and may end this process."""
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


def _geojson(geometry: shapely.Geometry) -> str:
    """A result as GeoJSON. Empty points, which GEOS refuses to write, are left out (RFC 7946, 3.1)."""
    try:
        return str(shapely.to_geojson(geometry))
    except (shapely.errors.ShapelyError, ValueError):
        parts = [part for part in shapely.get_parts(geometry) if not part.is_empty]
        if parts:
            return str(shapely.to_geojson(type(geometry)(parts)))
        member = "geometries" if geometry.geom_type == "GeometryCollection" else "coordinates"
        return json.dumps({"type": geometry.geom_type, member: []})


class _Results:
    """Results of one kind on their way to the server and to the parent; counted for everyone's statistics."""

    def __init__(self, computing: Computing, store: CacheStore):
        self.claims: Optional[Claims] = None
        self._computing = computing
        self._store = store
        self._pending: list[tuple[JobItem, str]] = []
        self._bytes = 0
        self._stored_at = time.monotonic()

    def cached(self, items: list[JobItem]) -> None:
        """Report results that the cache held."""
        self._pending += [(item, Code.CACHED) for item in items]
        self.store()

    def taken(self, others: list[Copies]) -> None:
        """Report results that another process has computed meanwhile."""
        items = [item for copies in others for item in copies]
        self._store.report.add(misses=len(items), waited=len(others))
        self.cached(items)

    def computed(self, copies: Copies, raw: bytes, cost_us: float) -> None:
        """Add a result that was computed here for equal items."""
        for item in copies:
            item.result, item.cost_us = raw, cost_us
            self._pending.append((item, Code.COMPUTED if item is copies[0] else Code.CACHED))
        self._bytes += len(raw)
        self._store.report.add(misses=len(copies), computed=1)

    def due(self) -> bool:
        """Whether the results are to be stored now."""
        return time.monotonic() - self._stored_at > STORE_SECONDS or self._bytes > STORE_BYTES

    def store(self) -> None:
        """Store the results, report them as done, and release their claims."""
        pending, self._pending, self._bytes = self._pending, [], 0
        if pending:
            self._computing.write(self._store, pending)
            if self.claims is not None:
                self.claims.release([item.digest for item, code in pending if code == Code.COMPUTED])
        self._stored_at = time.monotonic()


def _groups(work: Sequence[Copies]) -> Iterator[list[Copies]]:
    group: list[Copies] = []
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
