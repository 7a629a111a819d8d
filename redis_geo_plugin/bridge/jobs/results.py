"""The results of a batch as features: read in the background, from the cache that desktop and workers
share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsFields, QgsVectorLayer, QgsWkbTypes

from .. import operations
from ..cache import features
from ..crs import from_text
from .send import NO_RESULT
from .values import unpack_fields, unpack_values

if TYPE_CHECKING:
    from ...core.jobs.queue import JobQueue
    from ...core.jobs.records import Batch
    from ...core.json_types import JsonObject, JsonValue


class CollectedResult(NamedTuple):
    """One job's result: WKB, None for a feature without a geometry; ``missing`` where the cache no longer has
    it."""

    index: int  # type: ignore[assignment]
    wkb: Optional[bytes]
    attributes: JsonValue
    missing: bool


class ResultReader:
    """Reads results of one batch. For threads: plain values only. Raises RedisError."""

    def __init__(self, queue: JobQueue, batch: Batch):
        from ...core.cache.store import CacheStore, StrictLink
        from ...core.operations import OPERATIONS

        self.queue = queue
        self.batch = batch
        descriptor = batch.descriptor  # None where others wrote something else there
        kind = OPERATIONS.get(descriptor.operation) if descriptor is not None else None
        self._store = (
            CacheStore(StrictLink(queue.server), kind, descriptor.namespace) if kind is not None else None
        )

    def read(self, indexes: Sequence[int]) -> list[CollectedResult]:
        """The results of these jobs, which have ended well; jobs that are not in the books are left out."""
        tasks = self.queue.tasks(self.batch.id, indexes)
        wanted = [i for i in indexes if i in tasks and len(tasks[i].digest) == len(NO_RESULT)]
        digests = [tasks[i][0] for i in wanted]
        values = self._store.read(digests) if self._store is not None else [None] * len(wanted)
        results = []
        for i, value in zip(wanted, values):
            digest, attributes, _extent = tasks[i]
            if digest == NO_RESULT:
                results.append(CollectedResult(i, None, attributes, False))
                continue
            results.append(CollectedResult(i, value.wkb if value else None, attributes, value is None))
        return results


@dataclass
class ResultLayout:
    """The geometry type, CRS and fields of the layer of a batch."""

    fields: QgsFields
    crs: QgsCoordinateReferenceSystem
    wkb_type: QgsWkbTypes.Type
    drop_empty: bool
    operation: str
    same: bool = False  # whether the other layer is the input itself

    @classmethod
    def of(cls, details: JsonObject) -> ResultLayout:
        """The layout that a batch's details describe; others may have written them."""
        crs = from_text(str(details.get("crs") or ""))  # an authority code or WKT
        return cls(
            unpack_fields(details.get("fields", [])),
            crs,
            _wkb_type(details.get("wkb_type")),
            bool(details.get("drop_empty")),
            str(details.get("operation", "")),
            bool(details.get("same")),
        )

    def features(self, results: Sequence[CollectedResult]) -> list[QgsFeature]:
        """Features of these results; those that are missing are left out, and empty ones as the native
        algorithm does."""
        made = []
        offered = operations.find(self.operation)
        for result in results:
            if result.missing:
                continue
            for feature in self._with_geometry(result, offered):
                if self.drop_empty and feature.geometry().isEmpty():
                    continue
                values = unpack_values(result.attributes or [])
                if offered is not None:
                    values += offered.own_values(feature.geometry(), self._taken(offered, len(values)))
                count = self.fields.count()
                feature.setAttributes((values + [None] * (count - len(values)))[:count])
                made.append(feature)
        return made

    def _with_geometry(
        self, result: CollectedResult, offered: Optional[operations.Offered]
    ) -> list[QgsFeature]:
        """The features of one job: one, or as many as there are nearest ones."""
        feature = QgsFeature(self.fields)
        if offered is None or offered.split is None:
            features.set_geometry(feature, result.wkb, offered is None or offered.multi)
            if offered is not None and not offered.fits(feature.geometry()):
                feature.clearGeometry()
            return [feature]
        found = []
        for place, geometry in offered.split(result.wkb):
            if not (self.same and place == result.index):  # which is the feature itself
                found.append(QgsFeature(self.fields))
                found[-1].setGeometry(geometry)
        return found or [feature]

    def _taken(self, offered: operations.Offered, count: int) -> set[str]:
        """The names of the layer's own fields, which are the first ``count``."""
        return (
            set()
            if offered.renames()
            else {self.fields.at(i).name() for i in range(min(count, len(self.fields)))}
        )

    def memory_layer(self, title: str) -> QgsVectorLayer:
        """An empty layer for the results. Main thread only."""
        known = QgsWkbTypes.geometryType(self.wkb_type) != QgsWkbTypes.GeometryType.UnknownGeometry
        kind = QgsWkbTypes.displayString(self.wkb_type) if known else "None"
        layer = QgsVectorLayer(kind, title, "memory")
        layer.setCrs(self.crs)
        layer.dataProvider().addAttributes(self.fields.toList())
        layer.updateFields()
        return layer


def _wkb_type(code: Any) -> QgsWkbTypes.Type:
    """The geometry type of this number, Unknown for what is none."""
    try:
        return QgsWkbTypes.Type(code)
    except (TypeError, ValueError):
        return QgsWkbTypes.Type.Unknown
