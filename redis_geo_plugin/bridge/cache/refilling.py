"""Fills a result layer from the cache, as its run is remembered: read and built in a background thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsFields,
    QgsProject,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)

from ...core.redis.settings import ConnectionSettings
from .. import operations
from ..compat import NULL
from . import features
from .remembered import MOST, NOTHING, UNSTORED, RememberedRun


@dataclass
class Refilled:
    """The features of a layer, and the number of results that the cache does not hold: they have expired, or
    were quicker to compute than to store."""

    features: list[QgsFeature] = field(default_factory=list)
    missing: int = 0
    unstored: int = 0
    total: int = 0
    bare: int = 0  # features whose attributes are gone with the layer that they were made of


class Refilling:
    """One layer to be filled. Made on the main thread; ``read`` is for a background thread."""

    def __init__(self, layer: QgsVectorLayer, run: RememberedRun):
        self._fields = layer.fields()
        self._run = run
        self._source = _Attributes(run.source, run.fields)
        self._other = _Attributes(run.other, run.other_fields)

    def read_results(self, settings: Optional[ConnectionSettings]) -> Refilled:
        """Read the results. Raises redis-py's errors."""
        run, rows = self._run, self._run.rows
        found = dict(zip(rows.digests, self._results(settings))) if rows.digests else {}
        firsts, seconds = self._source.read_attributes(rows.firsts), self._other.read_attributes(rows.seconds)
        offered = operations.find(run.operation)
        refilled = Refilled(total=len(rows))
        if not rows.digests:  # what QGIS itself computed, or what is read faster by running it once more
            refilled.unstored = run.count if run.count <= MOST else 0
        for place, digest in enumerate(rows.digests):
            wkb = found.get(digest)
            if wkb is None and digest != NOTHING:
                refilled.unstored += digest == UNSTORED
                refilled.missing += digest != UNSTORED
                continue
            feature = QgsFeature(self._fields)
            features.set_geometry(feature, wkb, offered is None or offered.multi)
            own = offered.own_values(feature.geometry(), run.fields) if offered is not None else []
            refilled.bare += firsts[place] is None and bool(run.fields)
            first = firsts[place] or [NULL] * len(run.fields)
            second = (seconds[place] or [NULL] * len(run.other_fields)) if seconds else []
            feature.setAttributes(_fit([*first, *second, *own], self._fields))
            refilled.features.append(feature)
        return refilled

    def _results(self, settings: Optional[ConnectionSettings]) -> list[Optional[bytes]]:
        from ...core.cache.store import CacheStore, StrictLink
        from ...core.operations import OPERATIONS
        from ...core.redis.server import open_server

        kind = OPERATIONS.get(self._run.operation)
        digests = self._run.rows.digests
        if kind is None or settings is None:
            return [None] * len(digests)
        store = CacheStore(StrictLink(open_server(settings)), kind, self._run.namespace)
        wanted = [digest for digest in digests if digest not in (NOTHING, UNSTORED)]
        values = dict(zip(wanted, store.read(wanted)))
        return [value.wkb if (value := values.get(digest)) is not None else None for digest in digests]


class _Attributes:
    """The attributes of features of a layer, by their id; None where the layer or the feature is gone."""

    def __init__(self, layer_id: str, names: list[str]):
        layer = QgsProject.instance().mapLayer(layer_id) if layer_id else None
        self._source: Any = None
        self._columns: list[int] = []
        if isinstance(layer, QgsVectorLayer) and layer.isValid():
            self._source = QgsVectorLayerFeatureSource(layer)
            self._columns = [layer.fields().lookupField(name) for name in names]

    def read_attributes(self, ids: list[int]) -> list[Optional[list[object]]]:
        """The attributes of these features, in this order."""
        if self._source is None or not ids:
            return [None] * len(ids)
        request = QgsFeatureRequest().setFilterFids(sorted(set(ids)))
        request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        found: dict[int, list[object]] = {}
        for feature in self._source.getFeatures(request):
            values = feature.attributes()
            found[feature.id()] = [values[column] if column >= 0 else NULL for column in self._columns]
        return [found.get(identity) for identity in ids]


def _fit(values: list[object], fields: QgsFields) -> list[object]:
    """As many values as there are fields."""
    count = fields.count()
    return [*values[:count], *[NULL] * (count - len(values))]
