"""The cached join by nearest feature: what native:joinbynearest gives, with the lines to the nearest as
geometries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsFeature, QgsFeatureSink, QgsFields, QgsGeometry, QgsProcessingUtils

from .. import compat
from ..compat import NULL
from ..i18n import native_tr
from ..operations.gathering import OtherLayer
from ..operations.nearest import lines_of
from ..sources import FrozenSource
from . import features
from .run import Feedback, Store, cached_run, chunk_sizes, warn

if TYPE_CHECKING:
    from ...core.cache.report import RunReport
    from ...core.cache.run import Chunk
    from ...core.operations.nearest import Nearest

_RESULTS = ("n", "distance", "feature_x", "feature_y", "nearest_x", "nearest_y")


def joined_fields(source: QgsFields, copied: QgsFields, prefix: str = "") -> QgsFields:
    """The fields of a join: the input's, those copied of the other layer, and what is measured. Names that
    are taken get a number, as in native:joinbynearest."""
    prefixed = QgsFields()
    for one in copied:
        one.setName(prefix + one.name())
        prefixed.append(one)
    measured = QgsFields()
    for name in _RESULTS:
        measured.append(compat.field(name, compat.INTEGER if name == "n" else compat.DOUBLE))
    return QgsProcessingUtils.combineFields(QgsProcessingUtils.combineFields(source, prefixed), measured)


@dataclass
class Join:
    """What is joined, and how.

    Args:
        other: the other layer.
        same: whether it is the input itself, in which no feature is joined to itself.
        neighbors: how many of the nearest.
        max_distance: how far they may be, in units of the input's CRS; None for any distance.
        discard: whether features without a match are left out.
        copied: how many attributes of the other layer are copied.
    """

    other: OtherLayer
    same: bool = False
    neighbors: int = 1
    max_distance: Optional[float] = None
    discard: bool = False
    copied: int = 0

    def operation(self, plain: Nearest) -> Nearest:
        """The operation that finds them. Of the input itself one more is asked for: the feature itself."""
        return replace(plain, neighbors=self.neighbors + int(self.same), max_distance=self.max_distance)


@dataclass
class Sinks:
    """Where features go: those that were joined (None for nowhere), and those that were not."""

    joined: Optional[QgsFeatureSink]
    unjoined: Optional[QgsFeatureSink] = None


@dataclass
class JoinCounts:
    """How many features of the input were joined, and how many were not."""

    joined: int = 0
    unjoined: int = 0


@dataclass
class _Rows:
    """Features of one chunk on their way to the sinks."""

    joined: list[QgsFeature] = field(default_factory=list)
    unjoined: list[QgsFeature] = field(default_factory=list)


def nearest(
    source: FrozenSource, join: Join, plain: Nearest, store: Store, sinks: Sinks, feedback: Feedback
) -> tuple[RunReport, JoinCounts]:
    """Join to every feature its nearest of the other layer. Raises Cancelled."""
    from ...core.cache.run import Chunk

    def chunks() -> Iterator[Chunk]:
        for batch, wkbs in features.chunked(source.features(), *chunk_sizes()):
            yield Chunk((wkbs, [join.other.wkb] * len(wkbs)), None, batch)

    counts = JoinCounts()
    run = cached_run(join.operation(plain), store, source.count, feedback, source.name)
    for finished in run.run(chunks()):
        rows = _Rows()
        for feature, wkb in zip(finished.chunk.payload, finished.results):
            _join(feature, wkb, join, rows, counts, feedback)
        warn(finished, finished.chunk.payload, feedback)
        if sinks.joined is not None:
            features.write(sinks.joined, rows.joined)
        if sinks.unjoined is not None:
            features.write(sinks.unjoined, rows.unjoined)
    return run.report, counts


def _join(
    feature: QgsFeature,
    wkb: Optional[bytes],
    join: Join,
    rows: _Rows,
    counts: JoinCounts,
    feedback: Feedback,
) -> None:
    own, other = feature.attributes(), join.other
    found = [
        (place, line) for place, line in lines_of(wkb) if not (join.same and other.ids[place] == feature.id())
    ]
    if len(found) > join.neighbors:
        words = native_tr(
            "Multiple matching features found at same distance from search feature, found %1 features "
            "instead of %2"
        )
        feedback.tell(words.replace("%1", str(len(found))).replace("%2", str(join.neighbors)))
    for n, (place, line) in enumerate(found, 1):
        rows.joined.append(_row(line, [*own, *other.values[place], n, *measured(line)]))
    if found:
        counts.joined += 1
        return
    counts.unjoined += 1
    rows.unjoined.append(feature)
    if not join.discard:
        rows.joined.append(_row(QgsGeometry(), [*own, *[NULL] * (join.copied + len(_RESULTS))]))


def _row(geometry: QgsGeometry, attributes: list[object]) -> QgsFeature:
    row = QgsFeature()
    row.setGeometry(geometry)
    row.setAttributes(attributes)
    return row


def measured(line: QgsGeometry) -> Sequence[float]:
    """Length of a line, and its ends."""
    ends = line.constGet().geometryN(0)
    first, last = ends.startPoint(), ends.endPoint()
    return ends.length(), first.x(), first.y(), last.x(), last.y()
