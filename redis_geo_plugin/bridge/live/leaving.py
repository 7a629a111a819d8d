"""What follows when the layer of a feed is made permanent: the copy, and a layer where the feed goes on."""

from __future__ import annotations

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QDateTime, QLocale

from ..i18n import tr
from .layer import new_layer


def copied_name(name: str) -> str:
    """The name of a layer that shows where the vehicles were when it was made permanent."""
    now = QLocale().toString(QDateTime.currentDateTime(), QLocale.FormatType.ShortFormat)
    return tr("{layer} ({time})").format(layer=name, time=now)


def following_layer(earlier: QgsVectorLayer, name: str) -> QgsVectorLayer:
    """A new layer for a feed that looks as its earlier one."""
    layer = new_layer(name)
    if earlier.renderer() is not None:
        layer.setRenderer(earlier.renderer().clone())
    if earlier.labeling() is not None:
        layer.setLabeling(earlier.labeling().clone())
    layer.setLabelsEnabled(earlier.labelsEnabled())
    layer.setOpacity(earlier.opacity())
    layer.setDisplayExpression(earlier.displayExpression())
    layer.setMapTipTemplate(earlier.mapTipTemplate())
    return layer
