"""The cached intersection of two layers, pair by pair, as native:intersection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsGeometry,
    QgsProcessingException,
    QgsWkbTypes,
)

from ...core.watch import Watch
from .. import compat
from ..i18n import native_tr
from ..sources import FrozenSource
from . import features
from .run import Feedback, Store, cached_run, chunk_sizes, warn

if TYPE_CHECKING:
    from ...core.cache.report import RunReport
    from ...core.cache.run import Chunk, Finished
    from ...core.operations.intersection import Intersection

Wkb = Optional[bytes]


@dataclass
class IntersectionFields:
    """The fields of an intersection: the output's, and the indices kept of each input."""

    fields: QgsFields
    source: Sequence[int]
    overlay: Sequence[int]


@dataclass
class _Pair:
    """Two features that may meet: one of the input, and WKB and kept attributes of one of the overlay."""

    feature: QgsFeature
    first: Wkb
    second: Wkb
    values: list[object]
    other: int  # the id of the overlay's feature

    @property
    def is_qgis_own(self) -> bool:
        """Whether QGIS itself has to intersect them: versions of GEOS differ in what they make of
        collections."""
        return _is_collection(self.first) or _is_collection(self.second)


def intersection(
    source: FrozenSource,
    overlay: FrozenSource,
    chosen: IntersectionFields,
    transform: QgsCoordinateTransform,
    operation: Intersection,
    store: Store,
    sink: QgsFeatureSink,
    feedback: Feedback,
) -> RunReport:
    """Intersect every feature with every feature of the overlay it meets. ``transform`` brings the overlay
    into the CRS of the source.

    Raises:
        Cancelled: the user has stopped the run.
        QgsProcessingException: a pair cannot be intersected, in the native algorithm's words.
    """
    from ...core.cache.run import Chunk
    from ...core.geometry.pairs import PairIndex

    other_wkbs, other_values, ids = overlay_columns(overlay, chosen, transform, feedback.tell)
    index = PairIndex(other_wkbs)

    def chunks() -> Iterator[Chunk]:
        done = 0
        for batch, wkbs in features.chunked(source.features(), *chunk_sizes(), with_z=True):
            for found in index.pairs(wkbs, chunk_sizes()[0]):
                pairs = [_Pair(batch[i], wkbs[i], other_wkbs[j], other_values[j], ids[j]) for i, j in found]
                firsts = [None if pair.is_qgis_own else pair.first for pair in pairs]
                yield Chunk((firsts, [pair.second for pair in pairs]), None, pairs)
            done += len(batch)
            feedback.watch.reach(done / max(source.count, 1))

    # pairs cannot be counted beforehand
    quiet = replace(feedback, watch=Watch(feedback.watch.cancelled))
    run = cached_run(operation, store, source.count, quiet, source.name)
    kind = QgsWkbTypes.geometryType(QgsWkbTypes.multiType(source.wkb_type))
    for finished in run.run(chunks()):
        features.write(sink, list(_intersected(finished, chosen, kind, operation.grid, store)))
        warn(finished, [pair.feature for pair in finished.chunk.payload], feedback)
    return run.report


def overlay_columns(
    overlay: FrozenSource,
    chosen: IntersectionFields,
    transform: QgsCoordinateTransform,
    inform: Callable[[str], object],
) -> tuple[list[Wkb], list[list[object]], list[int]]:
    """The WKB (in the CRS that ``transform`` leads to), the kept attributes and the id of each feature of an
    overlay. ``inform`` is given words on those that have no place there."""
    others = list(overlay.features_in(transform))
    ids, values = [other.id() for other in others], []
    for other in others:
        attributes = other.attributes()
        values.append([attributes[i] for i in chosen.overlay])
    wkbs = [features.plain_wkb(other.geometry(), with_z=True) for other in others]
    return features.finite(wkbs, ids, inform), values, ids


def _intersected(
    finished: Finished,
    chosen: IntersectionFields,
    kind: QgsWkbTypes.GeometryType,
    grid: float,
    store: Store,
) -> Iterator[QgsFeature]:
    from ...core.cache.compute import NOT_FINITE

    for i, (pair, wkb) in enumerate(zip(finished.chunk.payload, finished.results)):
        result = QgsFeature(chosen.fields)
        if wkb is None and finished.errors.get(i) != NOT_FINITE:
            finished.errors.pop(i, None)
            result.setGeometry(_by_qgis(pair, kind, grid))
        elif _is_collection(wkb):
            continue  # an empty one: of the right dimension they share nothing
        else:
            features.set_geometry(result, wkb)
        if not result.geometry().isEmpty():
            own = pair.feature.attributes()
            result.setAttributes([own[k] for k in chosen.source] + pair.values)
            if store.rows is not None:  # what QGIS itself made of a pair has no key
                digest = finished.digests[i] if wkb is not None else None
                store.rows.add([digest], [b""], [pair.feature.id()], [pair.other])
            yield result


def _by_qgis(pair: _Pair, kind: QgsWkbTypes.GeometryType, grid: float) -> QgsGeometry:
    """What two geometries share, by the steps of native:intersection; NULL where that is nothing of the right
    kind. Raises QgsProcessingException with its words where GEOS fails."""
    first, second = QgsGeometry(), QgsGeometry()
    first.fromWkb(pair.first or b"")
    second.fromWkb(pair.second or b"")
    engine = QgsGeometry.createGeometryEngine(first.constGet())
    engine.prepareGeometry()
    if not engine.intersects(second.constGet()):
        return QgsGeometry()
    shared = first.intersection(second, *_parameters(grid))
    if shared.isNull():
        words = native_tr("GEOS geoprocessing error: intersection failed.")
        raise QgsProcessingException(f"{words}\n\n{shared.lastError()}")
    if QgsWkbTypes.flatType(shared.wkbType()) == QgsWkbTypes.Type.GeometryCollection:
        shared.convertGeometryCollectionToSubclass(kind)
    if shared.isEmpty() or QgsWkbTypes.geometryType(shared.wkbType()) != kind:
        return QgsGeometry()
    shared.convertToMultiType()
    return shared


def _parameters(grid: float) -> tuple[Any, ...]:
    """A grid as QgsGeometry takes it, since QGIS 3.28."""
    if not grid:
        return ()
    parameters = compat.GeometryParameters()
    parameters.setGridSize(grid)
    return (parameters,)


def _is_collection(wkb: Wkb) -> bool:
    return wkb is not None and int.from_bytes(wkb[1:5], "little") % 1000 == 7
