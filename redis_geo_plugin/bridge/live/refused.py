"""The refused records of a feed as a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProject, QgsVectorLayer

from ..compat import DATETIME, STRING, field
from ..i18n import tr
from ..moments import moment
from ..plain import plain_map_tip
from .style import apply_refused_style
from .words import reason_text

if TYPE_CHECKING:
    from ...core.live.records import Refusal
    from .live_feed import LiveFeed

REFUSED_PROPERTY = "redis_geo/refused_of"


def add_refused_layer(feed: LiveFeed) -> tuple[QgsVectorLayer, bool]:
    """Fill (or add) the layer of a LiveFeed's refused records that have a position; returns it, and whether
    it is new."""
    project = QgsProject.instance()
    layer = refused_layer(project, feed.spec.uid)
    is_new = layer is None
    if is_new:
        layer = QgsVectorLayer(
            "Point?crs=EPSG:4326", tr("{feed}: refused").format(feed=feed.spec.name), "memory"
        )
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
        plain_map_tip(layer)
        apply_refused_style(layer)
        project.addMapLayer(layer)
    layer.dataProvider().truncate()
    features = [_feature(layer, r) for r in list(feed.core.positions.last_refused) if r.lon is not None]
    layer.dataProvider().addFeatures(features)
    layer.triggerRepaint()
    return layer, is_new


def refused_layer(project: QgsProject, uid: str) -> Optional[QgsVectorLayer]:
    """The layer of a feed's refused records, None where there is none. One that the user made permanent is
    none: what it holds is the user's."""
    return next(
        (
            layer
            for layer in project.mapLayers().values()
            if layer.customProperty(REFUSED_PROPERTY, "") == uid and layer.providerType() == "memory"
        ),
        None,
    )


def _feature(layer: QgsVectorLayer, refusal: Refusal) -> QgsFeature:
    feature = QgsFeature(layer.fields())
    feature.setAttributes(
        [refusal.id, reason_text(refusal.reason), refusal.key, moment(refusal.receipt), refusal.raw]
    )
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(refusal.lon, refusal.lat)))
    return feature
