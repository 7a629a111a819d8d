"""Cached operations on features: what the algorithms, and through them the toolbar and the Cache dock, call.

Runs off the main thread. The results are the native algorithms' (``native:buffer``, ``native:intersection``).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsGeometry,
    QgsMultiPolygon,
)

from ...core.keys import DEFAULT_NAMESPACE, DEFAULT_TTL
from ...core.redis.failures import Failure, FailureKind
from ...core.redis.settings import ConnectionSettings
from ...core.watch import Watch
from .. import operations
from ..crs import key_text as crs_name  # noqa: F401 - others take it from here
from ..operations import gathering
from ..operations.dissolve import united
from ..sources import FrozenSource
from . import features, handover, sharing

if TYPE_CHECKING:
    from ...core.cache.report import RunReport
    from ...core.cache.run import CachedRun, Chunk, Finished
    from ...core.operations import Operation
    from .remembered import ResultOrigins


@dataclass
class Store:
    """Where results are kept: the server, the namespace and the TTL in seconds (0 keeps them)."""

    settings: Optional[ConnectionSettings]
    namespace: str = DEFAULT_NAMESPACE
    ttl: int = DEFAULT_TTL
    cache_all: bool = False
    rows: Optional[ResultOrigins] = None  # takes what each result was made of, where that is to be remembered

    def note(self, finished: Finished, made: Sequence[QgsFeature]) -> None:
        """Remember the results of a chunk by the features that were made of them, one of each. A shape that
        QGIS itself computed has no key."""
        if self.rows is None:
            return
        results = [
            b"" if wkb is None and not feature.geometry().isEmpty() else wkb
            for feature, wkb in zip(made, finished.results)
        ]
        digests = [digest if wkb else None for digest, wkb in zip(finished.digests, results)]
        self.rows.add(digests, results, [feature.id() for feature in made])


@dataclass
class Feedback:
    """The interface by which a run reports to its caller. ``warning``, ``error`` and ``info`` are given words
    for the log of Processing, ``error`` also whether the error ends the run."""

    watch: Watch
    warning: Callable[[str], object]
    error: Optional[Callable[[str, bool], object]] = None
    info: Optional[Callable[[str], object]] = None

    def tell(self, words: str) -> None:
        """Report what the user should know, for the log."""
        if self.info is not None:
            self.info(words)

    def report(self, words: str, fatal: bool = False) -> None:
        """Report an error of a native algorithm; ``fatal`` where the error ends the run."""
        if self.error is not None:
            self.error(words, fatal)
        else:
            self.warning(words)


@dataclass
class BufferRequest:
    """An operation on each feature. ``distance`` is its number, or a function of the feature (a data-defined
    distance)."""

    operation: Operation
    distance: float
    distance_of: Optional[Callable[[QgsFeature], float]] = None
    dissolve: bool = False
    separate_disjoint: bool = False

    @property
    def number(self) -> Optional[float]:
        """The number of every item; None where the operation has none."""
        return self.distance if self.operation.number_name else None


def buffer(
    source: FrozenSource, request: BufferRequest, store: Store, sink: QgsFeatureSink, feedback: Feedback
) -> RunReport:
    """Buffer every feature of the source into the sink; attributes are kept. Raises Cancelled."""
    from ...core.cache.run import Chunk

    def chunks() -> Iterator[Chunk]:
        for batch, wkbs in features.chunked(source.features(), *chunk_sizes()):
            asked = _without_empty(batch, wkbs)
            numbers = distances(batch, request)
            if 0 in numbers and not request.dissolve:  # those of no width keep their Z: QGIS sees to that
                asked = [None if _keeps_z(f, n) else wkb for f, n, wkb in zip(batch, numbers, asked)]
            yield Chunk((asked,), numbers, batch)

    run = cached_run(request.operation, store, source.count, feedback, source.name)
    if request.dissolve:
        _dissolved(run, chunks(), source, request, sink, feedback, store)
    else:
        for finished in run.run(chunks()):
            _write_each(finished, request, sink, feedback, store)
    return run.report


def instead(
    source: FrozenSource,
    request: BufferRequest,
    store: Store,
    feedback: Feedback,
    native: handover.Instead,
    groups: Optional[list[str]] = None,
) -> Optional[RunReport]:
    """Have the native algorithm do it all where nothing of the layer is worth keeping; see
    ``handover.instead``. ``groups`` are the fields by which features are grouped into items."""
    run = cached_run(request.operation, store, source.count, feedback, source.name)
    if groups is not None:
        return handover.instead_of_groups(run, source, groups, native, feedback.watch)
    return handover.instead(run, source, request.number, native, feedback.watch)


def each(
    source: FrozenSource, request: BufferRequest, store: Store, sink: QgsFeatureSink, feedback: Feedback
) -> RunReport:
    """Any operation of one geometry on every feature, with the operation's own fields. Raises Cancelled."""
    from ...core.cache.run import Chunk

    operation = request.operation

    def chunks() -> Iterator[Chunk]:
        for batch, wkbs in features.chunked(source.features(), *chunk_sizes(), with_z=operation.keeps_z):
            yield Chunk(
                (_without_empty(batch, wkbs),),
                distances(batch, request) if operation.number_name else None,
                batch,
            )

    run = cached_run(operation, store, source.count, feedback, source.name)
    offered = operations.OFFERED[operation.name]
    taken = frozenset(one.name() for one in source.fields)
    for finished in run.run(chunks()):
        batch = finished.chunk.payload
        _settle(finished, offered, taken, feedback)
        store.note(finished, batch)
        warn(finished, batch, feedback)
        features.write_fitting(sink, batch, offered.fits)
    return run.report


def _settle(
    finished: Finished, offered: operations.Offered, taken: Collection[str], feedback: Feedback
) -> None:
    """Give the features of a chunk their results. Of an empty geometry, and where our own engine fails, QGIS
    itself is asked: its GEOS and its words are those of the native algorithm."""
    from ...core.cache.compute import NOT_FINITE

    numbers = finished.chunk.numbers
    for i, (feature, wkb) in enumerate(zip(finished.chunk.payload, finished.results)):
        before = feature.geometry()
        features.set_geometry(feature, wkb, offered.multi)
        after = feature.geometry()
        if offered.by_qgis is not None and not before.isNull():
            if wkb is None and finished.errors.get(i) != NOT_FINITE:
                finished.errors.pop(i, None)
                after = offered.by_qgis(before, numbers[i] if numbers is not None else 0.0)
            after, words = offered.settle(before, after)
            feature.setGeometry(after)
            if after.isNull():  # whatever the cache has: this feature has no shape
                finished.results[i] = None
            if words is not None:
                feedback.report(words)
        if offered.own_fields:
            feature.setAttributes(feature.attributes() + offered.own_values(after, taken))


def by_qgis(
    source: FrozenSource,
    request: BufferRequest,
    compute: Callable[[QgsGeometry, float], QgsGeometry],
    sink: QgsFeatureSink,
    feedback: Feedback,
) -> RunReport:
    """An operation on every feature that takes QGIS less time than asking for a result. Raises Cancelled."""
    from ...core.cache.report import RunReport

    report, done, started = RunReport(), 0, time.perf_counter()
    for batch, _wkbs in features.chunked(source.features(), *chunk_sizes()):
        feedback.watch.check()
        with_geometry = [feature for feature in batch if feature.hasGeometry()]
        for feature, number in zip(with_geometry, distances(with_geometry, request)):
            feature.setGeometry(compute(feature.geometry(), number))
        count = len(with_geometry)
        report.add(direct=count, misses=count, computed=count)
        features.write_fitting(sink, batch, operations.OFFERED[request.operation.name].fits)
        done += len(batch)
        feedback.watch.reach(done / max(source.count, done))
    report.elapsed_s = time.perf_counter() - started
    return report


def dissolve(
    source: FrozenSource,
    fields: list[str],
    operation: Operation,
    store: Store,
    sink: QgsFeatureSink,
    feedback: Feedback,
    separate_disjoint: bool = False,
) -> RunReport:
    """One feature per group of equal attributes, with the attributes of its first feature; with
    ``separate_disjoint`` one for each part. Raises Cancelled."""
    from ...core.cache.compute import NOT_FINITE
    from ...core.cache.run import Chunk

    found = gathering.groups(source, fields)
    run = cached_run(operation, store, len(found.firsts), feedback, source.name)
    for finished in run.run(iter([Chunk((found.wkbs,), None, found.firsts)])):
        made: list[QgsFeature] = []
        for i, (feature, wkb) in enumerate(zip(found.firsts, finished.results)):
            union = QgsGeometry()
            if wkb is not None:
                union = features.from_wkb(wkb)
            elif finished.errors.get(i, NOT_FINITE) != NOT_FINITE:
                del finished.errors[i]
                union = united(found.wkbs[i] or b"", feedback.report)
            if fields and not union.isNull() and not union.isMultipart():
                union.convertToMultiType()  # native:dissolve does so for groups only
            feature.setGeometry(union)
            made += _parts_of(feature) if separate_disjoint else [feature]
        if not separate_disjoint:
            store.note(finished, found.firsts)
        warn(finished, found.firsts, feedback)
        features.write_each(sink, made)
    return run.report


def _parts_of(feature: QgsFeature, multi: bool = True) -> list[QgsFeature]:
    """A feature for each part of this one's geometry; native:buffer leaves them single."""
    if not feature.hasGeometry():
        return [feature]
    made = []
    for part in feature.geometry().asGeometryCollection():
        if multi:
            part.convertToMultiType()
        one = QgsFeature(feature)
        one.setGeometry(part)
        made.append(one)
    return made


def _without_empty(batch: list[QgsFeature], wkbs: list[Optional[bytes]]) -> list[Optional[bytes]]:
    """Replace empty geometries by None, since they have no result to look up."""
    return [None if wkb is None or features.is_empty(f, wkb) else wkb for f, wkb in zip(batch, wkbs)]


def _write_each(
    finished: Finished, request: BufferRequest, sink: QgsFeatureSink, feedback: Feedback, store: Store
) -> None:
    batch = made = finished.chunk.payload
    for feature, wkb, number in zip(batch, finished.results, finished.chunk.numbers or ()):
        if wkb is None and feature.geometry().isEmpty():
            feature.setGeometry(_buffer_of_nothing(feature.geometry()))
        elif wkb is None and _keeps_z(feature, number):
            flat = feature.geometry().buffer(0.0, request.operation.segments)  # type: ignore[attr-defined]
            flat.convertToMultiType()
            feature.setGeometry(flat)
        else:
            features.set_geometry(feature, wkb)
    if request.separate_disjoint:
        made = [part for feature in batch for part in _parts_of(feature, multi=False)]
    else:
        store.note(finished, made)
    warn(finished, batch, feedback)
    features.write(sink, made)


def _keeps_z(feature: QgsFeature, distance: float) -> bool:
    """Whether a buffer keeps the Z values: one of no width, whose vertices are those of the geometry."""
    if distance != 0:
        return False
    geometry = feature.geometry()
    return not geometry.isEmpty() and bool(geometry.constGet().is3D())


def _buffer_of_nothing(empty: QgsGeometry) -> QgsGeometry:
    """Return what native:buffer gives for an empty or NULL geometry; it differs by geometry type and QGIS
    version."""
    if empty.isNull():
        return empty
    result = empty.buffer(1.0, 1)
    result.convertToMultiType()
    return result


def _dissolved(
    run: CachedRun,
    chunks: Iterator[Chunk],
    source: FrozenSource,
    request: BufferRequest,
    sink: QgsFeatureSink,
    feedback: Feedback,
    store: Store,
) -> None:
    """One feature with the union of all buffers and the attributes of the first feature, as native:buffer
    does."""
    from ...core.cache.merged_buffer import dissolved, union_digest

    attributes: Optional[list[object]] = None
    first = 0
    wkbs: list[bytes] = []
    for finished in run.run(chunks):
        if attributes is None and finished.chunk.payload:
            attributes = finished.chunk.payload[0].attributes()
            first = finished.chunk.payload[0].id()
        wkbs.extend(wkb for wkb in finished.results if wkb is not None)
        warn(finished, finished.chunk.payload, feedback)
    if attributes is None or not wkbs:
        return
    whole = QgsGeometry()
    whole.fromWkb(dissolved(run, wkbs))
    if store.rows is not None and not request.separate_disjoint:
        store.rows.add([union_digest(wkbs)], [b""], [first])
    if whole.isEmpty():  # a collection, which no layer of polygons takes
        whole = QgsGeometry(QgsMultiPolygon())
    parts = whole.asGeometryCollection() if request.separate_disjoint and not whole.isEmpty() else [whole]
    out = []
    for part in parts:
        feature = QgsFeature(source.fields)
        feature.setAttributes(attributes)
        if not request.separate_disjoint:
            part.convertToMultiType()
        feature.setGeometry(part)
        out.append(feature)
    features.write(sink, out)


def cached_run(
    operation: Operation, store: Store, count: int, feedback: Feedback, title: str = ""
) -> CachedRun:
    """A run against the store's server, telling its progress. ``title`` names the input in the list of recent
    results."""
    from ...core.cache.link import Link
    from ...core.cache.run import CachedRun, RunOptions
    from ...core.cache.store import CacheStore
    from ...core.redis.server import open_server

    server = open_server(store.settings) if store.settings is not None else None
    link = Link(server, None if server else Failure(FailureKind.NO_CONNECTION))
    options = RunOptions(store.cache_all, count, sharing.recent_run(title), sharing.proof())
    return CachedRun(CacheStore(link, operation, store.namespace, store.ttl), options, feedback.watch)


def distances(batch: list[QgsFeature], request: BufferRequest) -> list[float]:
    """The distance of each feature."""
    if request.distance_of is None:
        return [request.distance] * len(batch)
    return [request.distance_of(feature) for feature in batch]


def chunk_sizes() -> tuple[int, int]:
    """How many features, and how many bytes of their geometries, a chunk holds at most."""
    from ...core.cache.run import CHUNK_BYTES, CHUNK_ITEMS

    return CHUNK_ITEMS, CHUNK_BYTES


def warn(finished: Finished, batch: Sequence[QgsFeature], feedback: Feedback) -> None:
    """Name the first features of a chunk that have no result, and why."""
    for i, reason in list(finished.errors.items())[: features.NAMED]:
        feedback.warning(f"{batch[i].id()}: {reason}")
