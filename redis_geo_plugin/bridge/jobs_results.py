"""The results of a batch as features: read in the background, from the cache that desktop and workers share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsFields, QgsVectorLayer, QgsWkbTypes

from . import features, operations
from .compat import number
from .jobs_send import NO_RESULT
from .jobs_values import unpack_fields, unpack_values


class Result(NamedTuple):
    """One job's result: WKB, None for a feature without a geometry; ``missing`` where the cache has it no more."""

    index: int
    wkb: Optional[bytes]
    attributes: list[Any]
    missing: bool


class ResultReader:
    """Reads results of one batch. For threads: plain values only. Raises RedisError."""

    def __init__(self, queue: Any, batch: Any):
        from ..core.operations import OPERATIONS

        self.queue = queue
        self.batch = batch
        kind = OPERATIONS.get(batch.descriptor.operation)
        self._family = kind.family if kind else ""

    def read(self, indexes: Sequence[int]) -> list[Result]:
        """The results of these jobs, which have ended well; jobs that are not in the books are left out."""
        from ..core.cache import codec

        tasks = self.queue.tasks(self.batch.id, indexes)
        wanted = [i for i in indexes if i in tasks]
        server = self.queue.server
        space = self.batch.descriptor.namespace
        names = [server.key(f"{self._family}:{space}:{tasks[i][0].hex()}") for i in wanted]
        values = server.mget(names)
        results = []
        for i, raw in zip(wanted, values):
            digest, attributes, _extent = tasks[i]
            if digest == NO_RESULT:
                results.append(Result(i, None, attributes, False))
                continue
            value = codec.decode(digest, raw)
            results.append(Result(i, value.wkb if value else None, attributes, value is None))
        return results


@dataclass
class ResultLayout:
    """What the layer of a batch looks like."""

    fields: QgsFields
    crs: QgsCoordinateReferenceSystem
    wkb_type: Any
    drop_empty: bool
    operation: str

    @classmethod
    def of(cls, details: dict[str, Any]) -> ResultLayout:
        crs = QgsCoordinateReferenceSystem(details.get("crs") or "")  # an authority code or WKT
        return cls(
            unpack_fields(details.get("fields", [])),
            crs,
            QgsWkbTypes.Type(details.get("wkb_type", number(QgsWkbTypes.Type.Unknown))),
            bool(details.get("drop_empty")),
            str(details.get("operation", "")),
        )

    def features(self, results: Sequence[Result]) -> list[QgsFeature]:
        """Features of these results; those that are missing are left out, and empty ones as the native algorithm does."""
        made = []
        for result in results:
            if result.missing:
                continue
            feature = QgsFeature(self.fields)
            features.set_geometry(feature, result.wkb)
            if self.drop_empty and feature.geometry().isEmpty():
                continue
            values = unpack_values(result.attributes or [])
            values += operations.own_values(self.operation, feature.geometry())
            feature.setAttributes(values + [None] * (self.fields.count() - len(values)))
            made.append(feature)
        return made

    def memory_layer(self, title: str) -> QgsVectorLayer:
        """An empty layer for the results. Main thread only."""
        layer = QgsVectorLayer(QgsWkbTypes.displayString(self.wkb_type), title, "memory")
        layer.setCrs(self.crs)
        layer.dataProvider().addAttributes(list(self.fields))
        layer.updateFields()
        return layer
