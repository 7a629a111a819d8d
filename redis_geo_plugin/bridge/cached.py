"""Cached operations on features: what the algorithms, and through them the toolbar and the Cache dock, call.

Runs off the main thread. The results are the native algorithms' (``native:buffer``, ``native:intersection``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsGeometry,
    QgsMultiPolygon,
)

from ..core.failures import Failure, FailureKind
from ..core.keys import DEFAULT_TTL
from ..core.settings import ConnectionSettings
from . import features, operations, sharing
from .features import FrozenSource

if TYPE_CHECKING:
    from ..core.cache.engine import CachedRun, Chunk, Finished, Report
    from ..core.operations import Operation

DEFAULT_NAMESPACE = "defaut"
_NAMED = 5  # how many features a warning names


@dataclass
class Store:
    """Where results are kept: the server, the namespace and the TTL in seconds (0 keeps them)."""

    settings: Optional[ConnectionSettings]
    namespace: str = DEFAULT_NAMESPACE
    ttl: int = DEFAULT_TTL
    cache_all: bool = False


@dataclass
class Feedback:
    """How a run speaks to whoever started it."""

    cancelled: Callable[[], bool]
    progress: Callable[[float], Any]  # 0 to 100
    warning: Callable[[str], Any]


@dataclass
class BufferRequest:
    """A buffer of features. ``distance`` is a number, or a function of the feature (a data-defined distance)."""

    operation: Operation
    distance: float
    distance_of: Optional[Callable[[QgsFeature], float]] = None
    dissolve: bool = False
    separate_disjoint: bool = False


def buffer(
    source: FrozenSource, request: BufferRequest, store: Store, sink: QgsFeatureSink, feedback: Feedback
) -> Report:
    """Buffer every feature of the source into the sink; attributes are kept. Raises Cancelled."""
    from ..core.cache.engine import Chunk

    def chunks() -> Iterator[Chunk]:
        for batch, wkbs in features.chunked(source.features(), *_chunk_sizes()):
            yield Chunk((_without_empty(batch, wkbs),), distances(batch, request), batch)

    run = cached_run(request.operation, store, source.count, feedback, source.name)
    if request.dissolve:
        _dissolved(run, chunks(), source, request, sink, feedback)
    else:
        for finished in run.run(chunks()):
            _write_each(finished, sink, feedback)
    return run.report


def each(
    source: FrozenSource, request: BufferRequest, store: Store, sink: QgsFeatureSink, feedback: Feedback
) -> Report:
    """Any operation of one geometry on every feature, with the operation's own fields. Raises Cancelled."""
    from ..core.cache.engine import Chunk

    def chunks() -> Iterator[Chunk]:
        for batch, wkbs in features.chunked(source.features(), *_chunk_sizes()):
            yield Chunk((wkbs,), distances(batch, request) if request.operation.number_name else None, batch)

    return _run_each(request.operation, chunks(), source.count, store, sink, feedback, source.name)


def dissolve(
    source: FrozenSource,
    fields: list[str],
    operation: Operation,
    store: Store,
    sink: QgsFeatureSink,
    feedback: Feedback,
) -> Report:
    """One feature per group of equal attributes, with the attributes of its first feature. Raises Cancelled."""
    from ..core.cache.engine import Chunk

    found = operations.groups(source, fields)
    chunks = iter([Chunk((found.wkbs,), None, found.firsts)])
    return _run_each(operation, chunks, len(found.firsts), store, sink, feedback, source.name)


def nearest(
    source: FrozenSource, other: bytes, operation: Operation, store: Store, sink: QgsFeatureSink, feedback: Feedback
) -> Report:
    """From every feature the shortest line to the nearest of a collection (WKB), with its length. Raises Cancelled."""
    from ..core.cache.engine import Chunk

    def chunks() -> Iterator[Chunk]:
        for batch, wkbs in features.chunked(source.features(), *_chunk_sizes()):
            yield Chunk((wkbs, [other] * len(wkbs)), None, batch)

    return _run_each(operation, chunks(), source.count, store, sink, feedback, source.name)


def _run_each(
    operation: Operation,
    chunks: Iterator[Chunk],
    count: int,
    store: Store,
    sink: QgsFeatureSink,
    feedback: Feedback,
    title: str,
) -> Report:
    run = cached_run(operation, store, count, feedback, title)
    for finished in run.run(chunks):
        batch = finished.chunk.payload
        for feature, wkb in zip(batch, finished.results):
            features.set_geometry(feature, wkb)
            own = operations.own_values(operation.name, feature.geometry())
            if own:
                feature.setAttributes(feature.attributes() + own)
        _warn(finished, batch, feedback)
        features.write(sink, batch)
    return run.report


def _without_empty(batch: list[QgsFeature], wkbs: list[Optional[bytes]]) -> list[Optional[bytes]]:
    """Empty geometries have nothing to look up: None for each."""
    return [None if wkb is not None and f.geometry().isEmpty() else wkb for f, wkb in zip(batch, wkbs)]


def _write_each(finished: Finished, sink: QgsFeatureSink, feedback: Feedback) -> None:
    batch = finished.chunk.payload
    for feature, wkb in zip(batch, finished.results):
        if wkb is None and feature.geometry().isEmpty():
            feature.setGeometry(_buffer_of_nothing(feature.geometry()))
        else:
            features.set_geometry(feature, wkb)
    _warn(finished, batch, feedback)
    features.write(sink, batch)


def _buffer_of_nothing(empty: QgsGeometry) -> QgsGeometry:
    """What native:buffer gives for an empty or NULL geometry, which differs by its kind and by QGIS's version."""
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
) -> None:
    """One feature with the union of all buffers and the attributes of the first feature, as native:buffer does."""
    from ..core.cache.dissolve import dissolved

    attributes: Optional[list] = None
    wkbs: list[bytes] = []
    for finished in run.run(chunks):
        if attributes is None and finished.chunk.payload:
            attributes = finished.chunk.payload[0].attributes()
        wkbs.extend(wkb for wkb in finished.results if wkb is not None)
        _warn(finished, finished.chunk.payload, feedback)
    if attributes is None or not wkbs:
        return
    whole = QgsGeometry()
    whole.fromWkb(dissolved(run, wkbs))
    if whole.isEmpty():  # a collection, which no layer of polygons takes
        whole = QgsGeometry(QgsMultiPolygon())
    parts = whole.asGeometryCollection() if request.separate_disjoint and not whole.isEmpty() else [whole]
    out = []
    for part in parts:
        feature = QgsFeature(source.fields)
        feature.setAttributes(attributes)
        part.convertToMultiType()
        feature.setGeometry(part)
        out.append(feature)
    features.write(sink, out)


def intersection(
    source: FrozenSource,
    overlay: FrozenSource,
    chosen: IntersectionFields,
    transform: QgsCoordinateTransform,
    operation: Operation,
    store: Store,
    sink: QgsFeatureSink,
    feedback: Feedback,
) -> Report:
    """Intersect every feature with every feature of the overlay it meets. ``transform`` brings the overlay into the CRS
    of the source. Raises Cancelled."""
    from ..core.cache.engine import Chunk
    from ..core.pairs import PairIndex

    other_wkbs, other_values = overlay_columns(overlay, chosen, transform)
    index = PairIndex(other_wkbs)

    def chunks() -> Iterator[Chunk]:
        done = 0
        for batch, wkbs in features.chunked(source.features(), *_chunk_sizes()):
            for pairs in index.pairs(wkbs, _chunk_sizes()[0]):
                firsts = [wkbs[i] for i, _ in pairs]
                seconds = [other_wkbs[j] for _, j in pairs]
                yield Chunk((firsts, seconds), None, [(batch[i], other_values[j]) for i, j in pairs])
            done += len(batch)
            feedback.progress(100.0 * done / max(source.count, 1))

    quiet = Feedback(feedback.cancelled, lambda percent: None, feedback.warning)
    run = cached_run(operation, store, source.count, quiet, source.name)
    for finished in run.run(chunks()):
        features.write(sink, list(_intersected(finished, chosen)))
        _warn(finished, [feature for feature, _ in finished.chunk.payload], feedback)
    return run.report


def _intersected(finished: Finished, chosen: IntersectionFields) -> Iterator[QgsFeature]:
    for (feature, other_values), wkb in zip(finished.chunk.payload, finished.results):
        result = QgsFeature(chosen.fields)
        features.set_geometry(result, wkb)
        if not result.geometry().isEmpty():
            own = feature.attributes()
            result.setAttributes([own[i] for i in chosen.source] + other_values)
            yield result


@dataclass
class IntersectionFields:
    """The fields of an intersection: the output's, and the indices kept of each input."""

    fields: QgsFields
    source: Sequence[int]
    overlay: Sequence[int]


def overlay_columns(
    overlay: FrozenSource, chosen: IntersectionFields, transform: QgsCoordinateTransform
) -> tuple[list[Optional[bytes]], list[list[Any]]]:
    """The WKB (in the CRS that ``transform`` leads to) and the kept attributes of each feature of an overlay."""
    others = list(overlay.features_in(transform))
    values = [[other.attributes()[i] for i in chosen.overlay] for other in others]
    return [features.plain_wkb(other.geometry()) for other in others], values


def cached_run(operation: Operation, store: Store, count: int, feedback: Feedback, title: str = "") -> CachedRun:
    """A run against the store's server, telling its progress. ``title`` names the input in the list of recent results."""
    from ..core.cache.engine import CachedRun
    from ..core.server import open_server

    server = open_server(store.settings) if store.settings is not None else None
    return CachedRun(
        server,
        operation,
        store.namespace,
        store.ttl,
        cache_all=store.cache_all,
        cancelled=feedback.cancelled,
        advanced=_Progress(count, feedback.progress),
        failure=None if server else Failure(FailureKind.NO_CONNECTION),
        recent=sharing.recent_run(title),
        proof=sharing.proof(),
        expected=count,
    )


class _Progress:
    """Adds up shares that come from several threads; a lost update would only make the bar a little shorter."""

    def __init__(self, count: int, tell: Callable[[float], Any]):
        self._count, self._tell, self._done, self._told = max(count, 1), tell, 0.0, 0.0

    def __call__(self, items: float) -> None:
        self._done += items
        percent = min(100.0, 100.0 * self._done / self._count)
        if percent - self._told >= 0.5 or percent >= 100.0:
            self._told = percent
            self._tell(percent)


def crs_name(crs: QgsCoordinateReferenceSystem) -> str:
    """The CRS as it stands in a key: its authority code, else WKT, empty for none. The number of a user's own CRS is one of
    their profile, and says nothing to others."""
    if not crs.isValid():
        return ""
    code = crs.authid()
    if code and not code.startswith("USER:"):
        return code
    return crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED)


def distances(batch: list[QgsFeature], request: BufferRequest) -> list[float]:
    if request.distance_of is None:
        return [request.distance] * len(batch)
    return [request.distance_of(feature) for feature in batch]


def _chunk_sizes() -> tuple[int, int]:
    from ..core.cache.engine import CHUNK_BYTES, CHUNK_ITEMS

    return CHUNK_ITEMS, CHUNK_BYTES


def _warn(finished: Finished, batch: Sequence[QgsFeature], feedback: Feedback) -> None:
    for i, reason in list(finished.errors.items())[:_NAMED]:
        feedback.warning(f"{batch[i].id()}: {reason}")
