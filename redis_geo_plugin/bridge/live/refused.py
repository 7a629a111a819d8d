"""The refused records of a feed as a layer."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProject, QgsVectorLayer

from ..compat import DATETIME, STRING, field
from ..i18n import tr
from .ready import moment
from .style import apply_refused_style

REFUSED_PROPERTY = "redis_geo/refused_of"


def add_refused_layer(feed: Any) -> int:
    """Fill (or add) the layer of a LiveFeed's refused records that have a position; returns how many."""
    project = QgsProject.instance()
    layer = refused_layer(project, feed.spec.uid)
    if layer is None:
        layer = QgsVectorLayer("Point?crs=EPSG:4326", tr("{feed}: refused").format(feed=feed.spec.name), "memory")
        layer.dataProvider().addAttributes(
            [
                field("id", STRING),
                field("reason", STRING),
                field("key", STRING),
                field("received", DATETIME),
                field("raw", STRING),
            ]
        )
        layer.updateFields()
        layer.setCustomProperty(REFUSED_PROPERTY, feed.spec.uid)
        layer.setCustomProperty("skipMemoryLayersCheck", 1)
        apply_refused_style(layer)
        project.addMapLayer(layer)
    layer.dataProvider().truncate()
    features = [_feature(layer, r) for r in list(feed.core.positions.last_refused) if r.lon is not None]
    layer.dataProvider().addFeatures(features)
    layer.triggerRepaint()
    return len(features)


def refused_layer(project: QgsProject, uid: str) -> Any:
    """The layer of a feed's refused records, None where there is none."""
    return next((la for la in project.mapLayers().values() if la.customProperty(REFUSED_PROPERTY, "") == uid), None)


def _feature(layer: QgsVectorLayer, refusal: Any) -> QgsFeature:
    feature = QgsFeature(layer.fields())
    feature.setAttributes([refusal.id, refusal.reason.value, refusal.key, moment(refusal.receipt), refusal.raw])
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(refusal.lon, refusal.lat)))
    return feature
